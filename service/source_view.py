"""How a statement is laid out: every character of it in order, divided by turn and by the passage that is marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.statement import Passage, Statement, Turn
from service.answer import Span

_WORDS_WITHIN_SPACE = re.compile(r"\s*(\S.*\S|\S)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that is marked as a whole or not at all."""

    text: str
    marked: bool
    opens: bool
    """Whether the marked passage begins to be visible here."""


@dataclass(frozen=True, slots=True)
class Block:
    """One turn, or what stands between two turns; `blank` when that is only space."""

    turn: Turn | None
    pieces: tuple[Piece, ...]
    blank: bool


def blocks(statement: Statement, marked: Span | None) -> Iterator[Block]:
    """The statement from its first character to its last, with the pieces inside `marked` told from the others."""
    opened = False
    for start, end, turn in _stretches(statement):
        blank = not statement.text[start:end].strip()
        pieces = []
        for left, right, inside in _cut(start, end, marked):
            opens = inside and not opened and not blank
            opened = opened or opens
            pieces.append(Piece(statement.text[left:right], inside, opens))
        yield Block(turn, tuple(pieces), blank)


def passage_at(statement: Statement, place: Span) -> Passage | None:
    """The passage at `place` when it stands within one turn; else `None`: nobody alone said those words."""
    for position, turn in enumerate(statement.turns):
        if turn.start <= place.start and place.end <= turn.end:
            return Passage(place.start, place.end, position)
    return None


def _stretches(statement: Statement) -> Iterator[tuple[int, int, Turn | None]]:
    position = 0
    for turn in statement.turns:
        yield from _between(statement.text, position, turn.start)
        yield turn.start, turn.end, turn
        position = turn.end
    yield from _between(statement.text, position, len(statement.text))


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, int, None]]:
    """The words between two turns, and apart from them the space around them."""
    words = _WORDS_WITHIN_SPACE.fullmatch(text, start, end)
    bounds = (start, *words.span(1), end) if words else (start, end)
    for left, right in pairwise(bounds):
        if left < right:
            yield left, right, None


def _cut(start: int, end: int, marked: Span | None) -> Iterator[tuple[int, int, bool]]:
    first = min(max(marked.start, start), end) if marked else end
    last = min(max(marked.end, start), end) if marked else end
    for left, right, inside in ((start, first, False), (first, last, True), (last, end, False)):
        if left < right:
            yield left, right, inside
