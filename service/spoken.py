"""Where quoted words may come from: turns of archived statements, found by the index and read from the archive."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from threading import Lock

from cachetools import LRUCache, cached

from corpus.agreements import Said
from corpus.alignment import PLACES, Alignment, Folded, align, matched_at
from corpus.archive import Archive
from corpus.filters import Filters
from corpus.quotations import quotations
from corpus.records import Archived
from corpus.statement import Passage, Role, Statement
from service.generations import Generation

LOOKED_AT = 64
"""Passages that hold quoted words in a row which are looked at, at most."""
_NEAREST = 8
"""Passages with most of the quoted words which are compared with them."""
_WIDER = 3
"""So many times the quoted words' length is looked at on either side of a passage, and `_WIDTH` characters more."""
_WIDTH = 400
_FEW = 12
"""Words; so few stand together, in any order, in many places."""
_NEAREST_OF_FEW = 24
"""Passages that are compared with so few words."""
_COMPARED = 3
"""Those of them whose whole turns are compared too: a quotation may run over several passages."""
_MARK = re.compile(r"[\"'“”„‟‘’‚‛«»‹›「」『』＂]")
_PARSED = 64
"""Turns kept in memory with where quotation marks stand in them."""
_FOLDED = 24_000_000
"""Bytes of the turns that are kept in memory as they are compared, nearly: see `_bytes_of`."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of one version of a statement, or a stretch of it, ready to be compared."""

    archived: Archived
    turn: int
    offset: int
    """Where it begins in the statement's text."""
    folded: Folded

    @property
    def statement(self) -> Statement:
        """The statement that it is of."""
        return self.archived.statement

    @property
    def said(self) -> Said:
        """What the source says of it, for comparison with what a draft claims."""
        statement, turn = self.statement, self.statement.turns[self.turn]
        return Said(
            speaker=turn.speaker,
            role=turn.role,
            statement_speaker=statement.speaker,
            others=tuple(dict.fromkeys(other.speaker for other in statement.turns if other.speaker)),
            issuer=statement.issuer,
            title=statement.title,
            published=statement.published,
            statement_id=statement.id,
            url=statement.url,
        )


@dataclass(frozen=True, slots=True)
class Match:
    """Where quoted words stand or nearly stand."""

    spoken: Spoken
    quoted: Folded
    found: Alignment

    @property
    def passage(self) -> Passage:
        """The place in the statement's text."""
        offset = self.spoken.offset
        return Passage(offset + self.found.start, offset + self.found.end, self.spoken.turn)

    @property
    def is_quoted(self) -> bool:
        """Whether the words stand in quotation marks in the source too: then they may be another's."""
        text, place = self.spoken.statement.text, self.passage
        turn = self.spoken.statement.turns[self.spoken.turn]
        left = max(text.rfind("\n\n", turn.start, place.start), turn.start)
        right = text.find("\n\n", place.start, turn.end)
        if _MARK.search(text, left, turn.end if right < 0 else right) is None:
            return False  # every paragraph of a quotation has a mark in it: most turns need not be read for them
        start, end = place.start - turn.start, place.end - turn.start
        return any(first <= start and end <= last for first, last in _quoted_in(text[turn.start : turn.end]))

    @property
    def source(self) -> str:
        """The source's words."""
        return self.spoken.statement.slice(self.passage.start, self.passage.end)


class Sources:
    """What a collection holds of quoted words: the index names candidates, the archive's texts decide.

    So the index can hide a source, but never make one.
    """

    def __init__(self, archive: Archive, generation: Generation) -> None:
        self._archive = archive
        self._generation = generation

    def has_document(self, named: str) -> bool:
        """Whether the document that a draft names, by id or address, is one of the collection's."""
        return self._archive.has_document(named)

    def holds(self, statement_id: str) -> bool:
        """Whether there is a statement of that id."""
        return self._archive.origin_of(statement_id) is not None

    def names(self, speaker: str) -> bool:
        """Whether any speaker of the collection has that name, or part of it."""
        return bool(self._generation.columns.scope(Filters(speaker=speaker)).speakers)

    def in_a_row(self, quoted: Folded, filters: Filters | None = None) -> list[Match]:
        """The places where all the words stand in a row, in the order of ingestion; inside `filters` when given.

        Those that run over the end of a passage are for `nearest` and `across` to find.
        """
        scope = self._generation.columns.scope(filters) if filters else None
        keys = self._generation.words.holding(quoted.query, LOOKED_AT, scope)
        return each_once(matches(quoted, self._around(keys, len(quoted.query))))

    def across(self, quoted: Folded) -> list[Match]:
        """The places where all the words stand in a row, over the end of a passage."""
        return list(matches(quoted, self.with_most(quoted)))

    def with_all(self, words: Folded, others: Folded) -> list[Spoken]:
        """The turns in which `words` stand in a row, then those with most of the `others`."""
        holding = self._generation.words.holding(words.query, LOOKED_AT)
        return list(self._spoken(dict.fromkeys([*holding, *self._generation.words.like(others.query, _NEAREST)])))

    def with_most(self, quoted: Folded, first: int = 0) -> list[Spoken]:
        """The turns in which the longest run of words stands that the index knows of, from word `first` on."""
        index = self._generation.words

        def opening(count: int) -> str:
            return quoted.text[quoted.starts[first] : quoted.ends[first + count - 1]]

        low, high = 0, len(quoted) - first
        while low < high:
            middle = (low + high + 1) // 2
            # the most common words stand anywhere
            if not index.words(opening(middle)) or index.holding(opening(middle), 1):
                low = middle
            else:
                high = middle - 1
        return list(self._spoken(index.holding(opening(low), LOOKED_AT))) if low else []

    def nearest(self, quoted: Folded) -> list[Match]:
        """The places with most of the words, however they differ."""
        count = _NEAREST if len(quoted) > _FEW else _NEAREST_OF_FEW
        keys = self._generation.words.like(quoted.query, count)
        alike = {
            key: found.matched - len(found.changes) / 2
            for key, spoken in zip(keys, self._around(keys, 0), strict=False)
            if (found := align(quoted, spoken.folded))
        }
        best = sorted(alike, key=lambda key: (-alike[key], key))[:_COMPARED]
        wide = self._around(best, _WIDER * len(quoted.query) + _WIDTH)
        return each_once(Match(one, quoted, found) for one in wide if (found := align(quoted, one.folded)))

    def earlier(self, archived: Archived) -> Iterator[Spoken]:
        """Every turn of the versions before this one, the latest version first."""
        for number in range(archived.version - 1, 0, -1):
            before = self._archive.get(archived.statement.id, number)
            yield from (self._turn(before, turn) for turn in range(len(before.statement.turns)))

    def _spoken(self, keys: Iterable[int]) -> Iterator[Spoken]:
        """The turns that these passages stand in, each once, in the order of the keys.

        The question that an answer replies to is given too: an answer is found by its words as well.
        """
        keys = list(keys)
        held = self._archive.passages(keys)
        seen = set()
        for archived, passage in (held[key] for key in keys if key in held):
            turns, turn = archived.statement.turns, passage.turn
            is_answer = turn > 0 and (turns[turn - 1].role, turns[turn].role) == (Role.QUESTION, Role.ANSWER)
            for one in (turn - 1, turn) if is_answer else (turn,):
                if (archived.statement.id, one) not in seen:
                    seen.add((archived.statement.id, one))
                    yield self._turn(archived, one)

    def _around(self, keys: Sequence[int], reach: int) -> Iterator[Spoken]:
        """These passages, each with so many characters of its turn before and after it, in the order of the keys."""
        held = self._archive.passages(keys)
        for archived, passage in (held[key] for key in keys if key in held):
            turn = archived.statement.turns[passage.turn]
            start, end = max(turn.start, passage.start - reach), min(turn.end, passage.end + reach)
            yield Spoken(archived, passage.turn, start, _folded(archived.statement.slice(start, end)))

    def _turn(self, archived: Archived, turn: int) -> Spoken:
        place = archived.statement.turns[turn]
        return Spoken(archived, turn, place.start, _folded(archived.statement.slice(place.start, place.end)))


def each_once(found: Iterable[Match]) -> list[Match]:
    """The same, each place once: passages that stand side by side lead to the same ones."""
    return list({(match.spoken.statement.id, match.passage): match for match in reversed(list(found))}.values())[::-1]


def matches(quoted: Folded, turns: Iterable[Spoken]) -> Iterator[Match]:
    """Every place in the turns where all the words stand in a row."""
    for spoken in turns:
        for first in islice(spoken.folded.find(quoted.words), PLACES):
            yield Match(spoken, quoted, matched_at(quoted, spoken.folded, first))


@lru_cache(_PARSED)
def _quoted_in(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((one.start, one.end) for quotation in quotations(text) for one in quotation.stretches)


def _bytes_of(folded: Folded) -> int:
    """What one takes, as measured with speeches; one of rare words alone takes three times as much."""
    return 2000 + 4 * len(folded.text) + 24 * len(folded)


@cached(LRUCache(_FOLDED, getsizeof=_bytes_of), lock=Lock())
def _folded(text: str) -> Folded:
    return Folded(text)
