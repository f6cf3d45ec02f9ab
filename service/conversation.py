"""What a follow-up question means on its own: which words it takes from the questions before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_LEANS_BY_OPENING = re.compile(
    r"(and|but|so|then|also|why|how so|how come|what about|how about|what else|anything else|when was that|who else)\b",
    re.IGNORECASE,
)
_LEANS_BY_PRONOUN = re.compile(
    r"\b(he|she|they|it|him|her|them|his|their|its|this|that|these|those|there|the (first|second|third|last|latter|"
    r"former|same|other)( one)?)\b",
    re.IGNORECASE,
)
_FEW_WORDS = 12
"""A question longer than this names its own subject, whatever pronouns are in it."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said in a conversation, by the person who asks or by us."""

    speaker: Literal["user", "agent"]
    text: str


def standalone(question: str, history: Sequence[Utterance]) -> str:
    """The question as it can be asked without its history.

    A short question that opens like a continuation or points with a pronoun takes the question before it along,
    which in its turn may lean on the one before that.

    >>> standalone("And when does it open?", [Utterance("user", "Who builds the Kelm bridge?")])
    'Who builds the Kelm bridge? And when does it open?'
    >>> standalone("What is the fishing quota?", [Utterance("user", "Who builds the Kelm bridge?")])
    'What is the fishing quota?'
    """
    asked = [question.strip()]
    for said in reversed(history):
        if said.speaker == "user" and said.text.strip():
            if not _leans(asked[-1]):
                break
            asked.append(said.text.strip())
    return " ".join(reversed(asked))


def _leans(question: str) -> bool:
    words = question.split()
    if len(words) > _FEW_WORDS:
        return False
    return len(words) <= 3 or bool(_LEANS_BY_OPENING.match(question.strip()) or _LEANS_BY_PRONOUN.search(question))
