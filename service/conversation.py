"""What a follow-up question means on its own: whether it leans on what was said before, and which words it takes along.

English is assumed: in other languages the function words are not known, and few questions are seen to lean.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Literal

_WORD = re.compile(r"[^\W_]+(?:['’\-.&][^\W_]+)*")
_OPENING = re.compile(
    r"(and|but|so|then|also|or|why|how so|how come|what about|how about|what else|anything else|who else|any|more|"
    r"i mean|i meant)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(he|she|they|it|him|her|them|his|their|its|this|that|these|those|there|the (first|second|third|last|latter|"
    r"former|same|other)( ones?)?)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(what|who|whose|where|when|how|which|is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b",
    re.IGNORECASE,
)
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
    a about above across after again against ago all almost already also although always am among an and another any
    anybody anyone anything are around as ask asked asking at away back be became because become been before being
    below best better between both but by call called came can cannot come comes coming could couple course did do
    does doing don done down during each either else enough even ever every everybody everyone everything exactly
    example far few first follow former for forward from get gets getting give given gives go goes going gone good got
    great had happen happened happens has have having he hear heard hello her here hers herself hi him himself his how
    however i if in include including indeed instead into is it its itself just keep kind kinds know known last latter
    least less let like little ll long look looked looking lot lots made make makes making many may maybe me mean
    means meant mention mentioned might mine more most much must my myself need needs never new next no nobody none
    nor not nothing now obviously of off often oh ok okay old on once one ones only or other others our ours out over
    own part people per perhaps please point possible possibly put question questions quite rather re read really
    right said same saw say saying says second see seem seems seen several shall she should show since so some
    somebody someone something sometimes soon sorry sort specific specifically start still such sure take taken takes
    talk talked talking tell than thank thanks that the their theirs them themselves then there these they thing
    things think third this those though thought through time times to today together told too took toward towards
    try trying two type types under understand until up upon us use used uses using usually various ve very via want
    wanted wants was way ways we well went were what whatever when where whether which while who whole whom whose why
    will with within without won wonder word words work would yeah year years yes yesterday yet you your yours
    yourself ain aren couldn didn doesn hasn haven isn shouldn wasn weren wouldn
    """,
    )
)
_LONGEST_WORD = 40
"""Characters; what is longer is no word that anyone would read or search for."""

_AHEAD = 3
"""Content words before a pronoun from which on it is taken to point at one of them and not at the history."""

_UTTERANCES = 10
_CHARACTERS = 1000
"""Of an utterance, from its beginning: what it is about is said early."""

_FEWEST, _MOST = 3, 8
"""Words carried: few for a short question, which more of them would drown."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said in a conversation, by the person who asks or by us."""

    speaker: Literal["user", "agent"]
    text: str


def standalone(question: str, history: Sequence[Utterance]) -> str:
    """The question as it can be asked without its history: with what it is about in brackets, where it leans on that.

    It leans when it opens like a continuation, when it points with a pronoun at nothing it has named itself, or when
    it names next to nothing. What it takes along are words of the history, eight at most, none of them its own.

    >>> standalone("And when does it open?", [Utterance("user", "Who builds the Kelm bridge?")])
    'And when does it open? (builds, Kelm bridge)'
    >>> standalone("What is the fishing quota?", [Utterance("user", "Who builds the Kelm bridge?")])
    'What is the fishing quota?'
    """
    question = question.strip()
    if not question or not history or not _leans(question):
        return question
    about = _about(question, history[-_UTTERANCES:])
    return f"{question} ({about})" if about else question


def _leans(question: str) -> bool:
    if _OPENING.match(question):
        return True
    starts = [word.start for word in _content(question)]
    pointing = _POINTING.search(question)
    if pointing and sum(start < pointing.start() for start in starts) < _AHEAD:
        return True
    return len(starts) <= (1 if _ASKING.match(question) else 2)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with a meaning of its own, where it stands in what was said; `plain` is it in lower case."""

    text: str
    plain: str
    start: int


def _about(question: str, history: Sequence[Utterance]) -> str:
    """The words of the history that weigh most, as they were said, the nearest utterance's first."""
    own = {word.plain for word in _content(question)}
    weights: defaultdict[str, float] = defaultdict(float)
    places: dict[str, tuple[int, _Word]] = {}
    turns: Counter[str] = Counter()
    for age, said in enumerate(reversed(history)):
        # A question says what it is about; the answer to it says much besides, and sooner goes out of mind.
        weight = 0.5 ** turns["user"] if said.speaker == "user" else 0.5 * 0.3 ** turns["agent"]
        turns[said.speaker] += 1
        times: Counter[str] = Counter()
        for word in _content(said.text[:_CHARACTERS]):
            if word.plain not in own:
                times[word.plain] += 1
                places.setdefault(word.plain, (age, word))
        for plain, count in times.items():
            weights[plain] += weight * (1 + log(count))
    room = min(max(len(question.split()) // 3, _FEWEST), _MOST)
    heaviest = sorted(places, key=lambda plain: -weights[plain])[:room]  # equal ones stay in the order of their places
    return _listed([place for plain, place in places.items() if plain in heaviest])


def _listed(places: Sequence[tuple[int, _Word]]) -> str:
    """Words one after the other, a comma between those that did not stand side by side."""
    if not places:
        return ""
    listed = places[0][1].text
    for (age, word), (next_age, following) in pairwise(places):
        beside = age == next_age and following.start == word.start + len(word.text) + 1
        listed += (" " if beside else ", ") + following.text
    return listed


def _content(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        word = found.group()
        plain = re.split(r"['’]", word.lower())[0]  # the bridge's, the bridge
        if 1 < len(word) <= _LONGEST_WORD and plain not in _FUNCTION_WORDS:
            yield _Word(word, plain, found.start())
