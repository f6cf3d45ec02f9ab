"""Which made-up statements fill a collection where the real text ends."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import numpy as np

from benchmarks.texts import Read
from corpus.records import Source
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Role, Statement, Turn

_FIRST_DAY, _DAYS = date(1946, 1, 1), 80 * 365
_WORDS = 100
"""In a made-up passage, about as many as in a real one."""
_ALL_OF, _ONE_IN = 2_000, 20
_INITIALS, _VOWELS = "BDFGKLMNRSTV", "aeiou"
_ENDINGS = ("ndrik", "lmar", "rvane", "ssted", "ttola", "mbri", "llent", "rgosz", "nquet", "xford")


class MadeUp:
    """Statements put together from the sentences of real ones, none of them like another.

    A passage has the sentences of two real ones, shuffled, up to about 100 words, and a number. Dates are spread over
    1946–2026; half the passages or so are a minister's or a ministry's, each name and district has about one in 600.
    """

    def __init__(self, kind: str = "made-up", seed: int = 7, parts: tuple[int, int] = (4, 10)) -> None:
        self._kind = kind
        self._parts = parts
        self._seen = 0
        self._random = np.random.default_rng(seed)
        self._pool: list[list[str]] = []

    def learn(self, statement: Statement, passages: tuple[Passage, ...]) -> None:
        """Take the sentences of a real statement's passages: of all at first, then of one in twenty."""
        for passage in passages:
            self._seen += 1
            if self._seen > _ALL_OF and self._seen % _ONE_IN:
                continue
            spans = sentence_spans(statement.text, passage.start, passage.end, statement.language)
            self._pool.append([statement.text[start:end].strip() for start, end in spans])

    def statements(self) -> Iterator[Read]:
        """Any number of them."""
        return map(self._statement, count(1))

    def _statement(self, number: int) -> Read:
        parts = [self._passage(number, part) for part in range(self._random.integers(*self._parts, endpoint=True))]
        ends = [0]
        for part in parts:
            ends.append(ends[-1] + len(part) + 2)
        spans = [(start, start + len(part)) for start, part in zip(ends, parts, strict=False)]
        minister, ministry = self._names()
        published = (_FIRST_DAY + timedelta(days=int(self._random.integers(_DAYS)))).isoformat()
        statement = Statement(
            id=f"{self._kind}/{number}",
            title=f"Made-up statement {number}",
            issuer=ministry,
            speaker=minister,
            published=published,
            kind="statement",
            language="en",
            url=None,
            text="\n\n".join(parts),
            turns=tuple(Turn(*span, *_voice(number, place, minister)) for place, span in enumerate(spans)),
        )
        passages = tuple(Passage(start, end, place) for place, (start, end) in enumerate(spans))
        return Read(statement, _source(statement), is_real=False, passages=passages)

    def _passage(self, number: int, part: int) -> str:
        first, second = self._random.integers(len(self._pool), size=2)
        sentences = self._pool[first] + self._pool[second]
        taken, words = [f"Item {number % 9973}, part {part + 1}."], 4
        for place in self._random.permutation(len(sentences)):
            if words >= _WORDS:
                break
            taken.append(sentences[place])
            words += sentences[place].count(" ") + 1
        return " ".join(taken)

    def _names(self) -> tuple[str, str]:
        office, body = ("Minister", "Ministry") if self._random.random() < 0.75 else ("Envoy", "Bureau")
        return (
            f"{office} {_name(int(self._random.integers(600)))}",
            f"{body} of District {_name(int(self._random.integers(600)))}",
        )


def _name(place: int) -> str:
    """One of 600.

    >>> _name(0), _name(599)
    ('Bandrik', 'Vuxford')
    """
    place, ending = divmod(place, len(_ENDINGS))
    initial, vowel = divmod(place, len(_VOWELS))
    return _INITIALS[initial] + _VOWELS[vowel] + _ENDINGS[ending]


def _voice(number: int, place: int, minister: str) -> tuple[str | None, Role]:
    """Who says a passage: one statement in 600 is a letter; in the others a question comes before four answers."""
    if number % 600 == 0:
        return minister, Role.LETTER
    return (None, Role.QUESTION) if place % 5 == 0 else (minister, Role.ANSWER)


def _source(statement: Statement) -> Source:
    return Source("made-up.jsonl", as_line(statement), "application/json", "benchmark")


def as_line(statement: Statement) -> bytes:
    """The statement as a line of JSONL, as it would be ingested."""
    fields: dict[str, Any] = {
        "id": statement.id,
        "title": statement.title,
        "date": statement.published,
        "speaker": statement.speaker,
        "issuer": statement.issuer,
        "text": statement.text,
    }
    return json.dumps(fields, ensure_ascii=False).encode()
