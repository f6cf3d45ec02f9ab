"""A quotation's own words: what it quotes, and where it says itself that it leaves out or puts in."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from corpus.alignment import Folded

_ELLIPSIS = r"…+|\.{3,}|\.(?:[ \u00a0\u202f]\.){2,}"
_SEPARATOR = regex.compile(
    rf"(?P<omitted>\[\s*(?:{_ELLIPSIS})\s*\]|\(\s*(?:{_ELLIPSIS})\s*\)|{_ELLIPSIS})"
    r"|(?P<inserted>(?<![\p{L}\p{M}'’])[\p{L}\p{M}'’]*+\[(?P<own>[^\[\]]{1,200})\](?!\()[\p{L}\p{M}'’]*+)"
)
_CAPITAL = regex.compile(r"(?<![\p{L}\p{N}])\[(\p{L})\](?=\p{L})")
_COMMENT = regex.compile(
    r"\[\s*(?:sic|\d{1,3}|[a-z]|(?:foot|end)?notes?\s+\d{1,3}"
    r"|(?:emphasis|italics)\s+(?:added|mine|in\s+(?:the\s+)?original)|my\s+emphasis)\s*[.!]?\s*\]",
    regex.IGNORECASE,
)
MOST_PIECES = 40
"""Pieces that a quotation may be in; one more is told, what follows it is not divided."""
_WORDED = regex.compile(r"[\p{L}\p{N}]")
_INVISIBLE = "\u200b"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotation marks, ready to be looked for. Places in `text` are places in the draft, less `base`."""

    text: str
    """From the first character to the last; what interrupts the quotation is blank."""
    base: int
    literal: Folded
    """All of it, as if it marked no omission."""
    pieces: tuple[Folded, ...]
    """The stretches between its marks of omission and insertion; one when it has none."""
    inserted: tuple[bool, ...]
    """Before each piece, whether all that stands there is an insertion in square brackets, which omits little."""
    own: tuple[str, ...]
    """Before each piece, and at last behind all of them, the draft's own words in square brackets; often none."""
    runs: tuple[str, ...]
    """What stands between each pair of quotation marks, as it was typed."""

    @classmethod
    def of(cls, draft: str, stretches: Sequence[tuple[int, int]]) -> "Quoted":
        """The quotation that stands in these stretches of a draft.

        >>> quoted = Quoted.of("“[W]e will … win [the war],” she said, “and soon.”", [(1, 27), (40, 49)])
        >>> [" ".join(piece.words) for piece in quoted.pieces]
        ['we will', 'win', 'and soon']
        """
        base, end = stretches[0][0], stretches[-1][1]
        inside = "".join(_blank(draft[left:start]) + draft[start:stop] for left, (start, stop) in _after(stretches))
        seams = [start - base for start, _ in stretches[1:]]
        plain = _CAPITAL.sub(lambda found: f"{_INVISIBLE}{found[1]}{_INVISIBLE}", inside)
        plain = _COMMENT.sub(lambda found: _blank(found[0]), plain)
        pieces, inserted, own = _pieces(plain, seams)
        runs = tuple(draft[start:stop].strip() for start, stop in stretches)
        literal = Folded(plain, seams)
        if len(pieces) == 1 and len(pieces[0]) == len(literal):
            literal = pieces[0]  # nothing is left out but at either end
        return cls(draft[base:end], base, literal, pieces, inserted, own, runs)

    @property
    def marks_omission(self) -> bool:
        """Whether it says itself that it is not all of what was said."""
        return len(self.pieces) != 1 or len(self.pieces[0]) < len(self.literal)

    def stands_as(self, source: str) -> bool:
        """Whether the source's words are these, character for character; the commas that lead to "she said" aside."""
        return source in {
            " ".join(self.runs),
            " ".join([*(run.removesuffix(",") for run in self.runs[:-1]), self.runs[-1]]),
        }


def _after(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, tuple[int, int]]]:
    """Each stretch with the place where the one before ends."""
    ends = [stretches[0][0], *(stop for _, stop in stretches)]
    return list(zip(ends, stretches, strict=False))


def _pieces(text: str, seams: Sequence[int]) -> tuple[tuple[Folded, ...], tuple[bool, ...], tuple[str, ...]]:
    """The stretches with words in them between the marks, whether only insertions stand before each, and which."""
    pieces: list[Folded] = []
    inserted: list[bool] = []
    own = [""]
    only_insertions, start = True, 0
    for mark in [*_SEPARATOR.finditer(text), None]:
        stop = mark.start() if mark else len(text)
        if _WORDED.search(text, start, stop):
            inside = [seam for seam in seams if start < seam < stop]
            pieces.append(Folded(_blank(text[:start]) + text[start:stop], inside))
            inserted.append(only_insertions)
            own.append("")
            only_insertions = True
        if len(pieces) > MOST_PIECES:
            break
        if mark:
            only_insertions = only_insertions and mark["omitted"] is None
            if mark["inserted"]:
                own[-1] = f"{own[-1]} {mark['inserted']}".strip()
            start = mark.end()
    return tuple(pieces), tuple(inserted), tuple(own)


def _blank(text: str) -> str:
    return " " * len(text)
