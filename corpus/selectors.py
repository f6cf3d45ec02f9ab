"""Where quoted words stand: what tells them from the same words elsewhere, and how they are found again later.

Places are Unicode code points, end exclusive. The terms are those of the text selectors in the W3C Web Annotation Data
Model: `exact` is quoted, `prefix` and `suffix` stand just before and after it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz.distance import LCSseq

CONTEXT = 32
"""Characters of prefix and of suffix, where the text has as many."""
WIDEST = 1024
"""Characters of prefix and of suffix, at most."""

_PIECES = (
    re.compile(r"[^\n]+\n*|\n+"),
    re.compile(r"(?:[^.!?。！？]+[.!?。！？]*|[.!?。！？]+)\s*"),
    re.compile(r"\w+\W*|\W+"),
)
"""Paragraphs, sentences, words: texts are compared by the coarse first, by the finer where those differ."""
_MOST_PAIRS = 400_000_000
"""Pieces of one text times those of the other that are compared at once, at most: a bit of memory each."""


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """The prefix and suffix of `text[start:end]`: 32 characters each, more where the same words stand elsewhere so.

    They are doubled up to 1,024 until prefix, words and suffix together stand only once in the text; where that is
    not enough, position alone tells the places apart (`stands_once`).

    >>> context("Zinc is up. Tin is up.", 15, 21)
    ('Zinc is up. Tin', '.')
    """
    wide = CONTEXT
    while True:
        left, right = max(0, start - wide), min(len(text), end + wide)
        if wide >= WIDEST or (left == 0 and right == len(text)) or _is_only(text, text[left:right]):
            return text[left:start], text[end:right]
        wide *= 2


def stands_once(text: str, exact: str, prefix: str, suffix: str) -> bool:
    """Whether the words stand in the text in these surroundings, and only once: no position is needed to find them.

    >>> stands_once("aaa", "a", "a", ""), stands_once("aaa", "a", "aa", "")
    (False, True)
    """
    needle = prefix + exact + suffix
    return needle in text and _is_only(text, needle)


def utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place in UTF-16 code units, in which JavaScript and others count.

    >>> utf16("🌍 Zinc", 2, 6)
    (3, 7)
    """
    if text.isascii():
        return start, end
    first = utf16_length(text[:start])
    return first, first + utf16_length(text[start:end])


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text has.

    >>> utf16_length("🌍")
    2
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def occurrences(text: str, exact: str) -> Iterator[int]:
    """Where the words begin in the text, in order, overlapping ones too; nowhere when there are none to look for.

    >>> list(occurrences("aaa", "aa"))
    [0, 1]
    """
    at = text.find(exact) if exact else -1
    while at >= 0:
        yield at
        at = text.find(exact, at + 1)


def locate(text: str, exact: str, prefix: str, suffix: str, start: int) -> int | None:
    """Where the quoted words stand in a text that may have changed since; `None` when they stand nowhere.

    At `start` where they stand there in the same surroundings; else where what stands around them agrees with prefix
    and suffix over most characters, and of several such places at the one nearest to `start`.

    >>> locate("Tin, he said, is up. Zinc is up.", "is up", "Zinc ", ".", 5)
    26
    """
    if exact and start >= len(prefix) and text.startswith(prefix + exact + suffix, start - len(prefix)):
        return start
    return nearest(text, occurrences(text, exact), (prefix, exact, suffix), start)


def nearest(text: str, places: Iterable[int], quote: tuple[str, str, str], start: int) -> int | None:
    """Of the places at which a quote (prefix, exact, suffix) stands, the one that `locate` takes; `None` of none."""
    prefix, exact, suffix = quote

    def strangeness(at: int) -> tuple[int, int]:
        before = text[max(0, at - len(prefix)) : at]
        after = text[at + len(exact) : at + len(exact) + len(suffix)]
        return -_common(before[::-1], prefix[::-1]) - _common(after, suffix), abs(at - start)

    return min(places, key=strangeness, default=None)


def agreement(text: str, at: int, quote: tuple[str, str, str]) -> float:
    """How much of what should stand around the words (prefix, exact, suffix) does so where they stand at `at`.

    The mean of the shares of prefix and suffix that agree, each read from the words outwards; an empty one says that
    the text begins or ends there.

    >>> agreement("Said: Yes. Tin", 6, ("Lead: ", "Yes.", " Tin"))
    0.75
    """
    prefix, exact, suffix = quote
    end = at + len(exact)
    before, after = text[max(0, at - len(prefix)) : at], text[end : end + len(suffix)]
    left = _common(before[::-1], prefix[::-1]) / len(prefix) if prefix else float(at == 0)
    right = _common(after, suffix) / len(suffix) if suffix else float(end == len(text))
    return (left + right) / 2


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the words of a place in an old text went in the new one."""

    at: int | None
    """Where those very words stand now; `None` when they were changed or taken out."""
    like: int | None
    """Then: where the new text has the same words at a place where the old one had them too."""
    instead: tuple[int, int]
    """What stands in the place of the words, or, with those before and after them kept, an empty place between."""
    new: tuple[tuple[int, int], ...]
    """Where the new text has what the old one had not."""
    carried: bool
    """Whether the words stand now where the comparison of both texts carries their place to, and not merely alike."""


def follow(old: str, new: str, quote: tuple[str, str, str], start: int) -> Followed:
    """Where the words (prefix, exact, suffix) that stand at `start` of the old text went.

    Both texts are compared as a whole, so that of a sentence that stands in several places each is followed to its
    own. Words moved out of the order of the text are found where they did not stand before, as `locate` finds them.

    >>> old, new = "Tin: We shall see. Zinc: We shall see.", "Tin: Yes. Zinc: We shall see. Lead: Yes."
    >>> follow(old, new, ("Zinc: ", "We shall see.", ""), 25).at
    16
    >>> follow(old, new, ("Tin: ", "We shall see.", " "), 5)
    Followed(at=None, like=16, instead=(5, 9), new=((5, 8), (29, 40)), carried=False)
    """
    exact = quote[1]
    end = start + len(exact)
    stretches = kept(old, new)
    places = list(occurrences(new, exact))
    others = {carried(stretches, one, one + len(exact)) for one in occurrences(old, exact) if one != start}
    wide = old[max(0, start - WIDEST) : start], exact, old[end : end + WIDEST]
    own = carried(stretches, start, end)
    near = start if own is None else own
    at = nearest(new, (place for place in places if place not in others), wide, near)
    like = nearest(new, places, quote, start) if at is None else None
    instead, put_in = between(stretches, start, end, len(new)), tuple(added(stretches, len(new)))
    return Followed(at, like, instead, put_in, carried=own is not None and at == own)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stretch of characters that two versions of a text have in common: where it begins in each, and its length."""

    old: int
    new: int
    length: int


def kept(old: str, new: str) -> list[Kept]:
    """What a changed text keeps of the text before, in order: the most paragraphs, sentences and words in a row.

    Texts too large to be compared word by word in little memory are followed by paragraphs and sentences alone.

    >>> kept("Zinc is up.", "Zinc, too, is up.")
    [Kept(old=0, new=0, length=4), Kept(old=4, new=10, length=7)]
    """
    merged: list[Kept] = []
    for one in _shared(old, new, 0):
        last = merged[-1] if merged else None
        if last and (last.old + last.length, last.new + last.length) == (one.old, one.new):
            merged[-1] = Kept(last.old, last.new, last.length + one.length)
        elif one.length:
            merged.append(one)
    return merged


def carried(stretches: Sequence[Kept], start: int, end: int) -> int | None:
    """Where the place `start` to `end` of the old text begins in the new one; `None` unless it was kept whole."""
    at = bisect_right(stretches, start, key=lambda one: one.old) - 1
    if at < 0 or end > stretches[at].old + stretches[at].length:
        return None
    return stretches[at].new + start - stretches[at].old


def added(stretches: Sequence[Kept], length: int) -> Iterator[tuple[int, int]]:
    """Where a changed text, of that length, has what the text before had not: start and end of each stretch."""
    begin = 0
    for one in (*stretches, Kept(0, length, 0)):
        if begin < one.new:
            yield begin, one.new
        begin = one.new + one.length


def between(stretches: Sequence[Kept], start: int, end: int, length: int) -> tuple[int, int]:
    """What stands in the new text, `length` characters long, where `start` to `end` stood in the old one.

    From the end of what was kept before `start` to the beginning of what was kept after `end`, partly kept words of
    the place included.
    """
    left, right = 0, length
    for one in stretches:
        if one.old <= start:
            left = one.new + min(one.length, start - one.old)
        if one.old + one.length >= end:
            right = one.new + max(0, end - one.old)
            break
    return left, right


def _is_only(text: str, needle: str) -> bool:
    """Whether a text that holds these characters holds them only once."""
    return text.find(needle, text.find(needle) + 1) < 0


def _common(one: str, other: str) -> int:
    """How many characters two strings begin with in common."""
    least, most = 0, min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    while most - least > 1:
        middle = (least + most) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle
    return least


def _shared(old: str, new: str, level: int) -> Iterator[Kept]:
    """What two texts have in common, by the pieces of this level and below; at last, how they begin and end."""
    if level < len(_PIECES):
        before, after = (_PIECES[level].findall(text) for text in (old, new))
        if len(before) * len(after) <= _MOST_PAIRS:
            yield from _shared_pieces((old, before), (new, after), level)
            return
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    yield Kept(0, 0, head)
    yield Kept(len(old) - tail, len(new) - tail, tail)


def _shared_pieces(old: tuple[str, list[str]], new: tuple[str, list[str]], level: int) -> Iterator[Kept]:
    old_starts, new_starts = (list(accumulate(map(len, pieces), initial=0)) for _, pieces in (old, new))
    words = [[piece.rstrip() for piece in pieces] for _, pieces in (old, new)]  # the last of a text has no space after
    left = first = 0
    for block in LCSseq.editops(*words).as_matching_blocks():
        right, last = old_starts[block.a], new_starts[block.b]
        if left < right and first < last:
            yield from _moved(_shared(old[0][left:right], new[0][first:last], level + 1), left, first)
        for one, other in zip(range(block.a, block.a + block.size), range(block.b, block.b + block.size), strict=True):
            yield Kept(old_starts[one], new_starts[other], _common(old[1][one], new[1][other]))
        left, first = old_starts[block.a + block.size], new_starts[block.b + block.size]


def _moved(stretches: Iterable[Kept], old: int, new: int) -> Iterator[Kept]:
    return (Kept(one.old + old, one.new + new, one.length) for one in stretches)
