"""Decides whether quoted words are a source's words: the same, the same but for typography, or how they differ."""

import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from math import log2
from typing import Literal

import regex
from rapidfuzz.distance import LCSseq

from corpus.invisible import INVISIBLE

RULES = (
    "quote marks and apostrophes of all kinds, single and double, are the same",
    "dashes and hyphens of all kinds and lengths are the same",
    "white space of any kind and amount is the same, line breaks too; none is needed beside punctuation",
    "an ellipsis is the same in one character and in three full stops, in brackets or not",
    "the first letter may be a capital or not, also as [W]e or [w]e",
    "a full stop, a comma or an ellipsis may be added or left out at the end, an ellipsis at the beginning too",
    "a full stop or a comma may stand before or after a closing quote mark",
    "ligatures, composed and decomposed accents are the same",
    "soft hyphens, zero-width and direction characters, and asterisks and underscores of emphasis do not count",
)
"""What is folded before words are compared, a rule each: all else is wording."""

About = Literal["negation", "number", "name", "capitals", "punctuation", "wording"]
"""What a difference is about; the first three may turn the meaning round."""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_APOSTROPHES = "'’ʼ＇‘‛`´"
_LETTER = rf"[[\p{{L}}\p{{N}}\p{{M}}{INVISIBLE}]--[[{_UNSPACED}]--[\u17b4\u17b5]]]"
_DIGITS = rf"\p{{Nd}}[\p{{Nd}}{INVISIBLE}]*+"
_WORD = regex.compile(
    rf"[{INVISIBLE}]*+{_DIGITS}(?:[.,][{INVISIBLE}]*+{_DIGITS})+"
    rf"|[{_UNSPACED}]\p{{M}}*|{_LETTER}++(?:[{_APOSTROPHES}]{_LETTER}++)*",
    regex.V1,
)
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_ODD = regex.compile(f"[{INVISIBLE}{''.join(_LIGATURES)}]")
_INVISIBLE = regex.compile(f"[{INVISIBLE}]+")
_ALIKE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))
_LETTERS = str.maketrans({**_LIGATURES, **dict.fromkeys(_APOSTROPHES, "'")})
_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›「」『』〝〞＂＇״׳"
_DASHES = "-‐‑‒–—―−⸺⸻֊־᠆〜〰︱︲﹘﹣－"
_EMPHASIS = "*_"
_MARKS = str.maketrans({**dict.fromkeys(_EMPHASIS), **dict.fromkeys(_QUOTES, "'"), **dict.fromkeys(_DASHES, "-")})
_SPACE = regex.compile(r"\s+")
_ELLIPSIS = regex.compile(r"\.{3,}|…+")
_BRACKETED = regex.compile(r"[\[(]…[\])]")
_RUNS = regex.compile(r"-{2,}")
_OUTSIDE = regex.compile(r"'([.,])")
_SENTENCE_END = regex.compile(r"[.!?…。！？]")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TONES = ("?", "!", "？", "！")
_NEGATIONS = _listed(
    "not no never none nobody nothing neither nor nowhere without cannot non aint dont wont hardly false untrue "
    "nicht kein keine keinen pas jamais aucun nunca nadie niet geen ikke inte mai nessuno não"
)
_DENYING = _listed("non anti counter de dis ex in pre quasi un")
"""What makes another word of the one that it is joined to by a hyphen."""
_HYPHENS = frozenset("-‐‑")
_ONE_HYPHEN = str.maketrans("‐‑", "--")
_AT_SEAMS = str.maketrans("", "", ",.;:'…")
_NUMBERS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion "
    "hundreds thousands millions billions first third fourth fifth half quarter double twice dozen percent "
    "january february april june july august september october november december"
)
PLACES = 20
"""Places where the same words stand in one text that are compared, at most."""
_REACH = 8
"""Words of the source looked at beyond those that the quoted words would take, on either side."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which quoted words differ from the source's. Places are code points into either text."""

    kind: Literal["replaced", "added", "left out"]
    quoted: str
    source: str
    quoted_start: int
    quoted_end: int
    source_start: int
    source_end: int
    about: About


@dataclass(frozen=True, slots=True)
class Alignment:
    """The place in a source that quoted words are nearest to, and how they differ from what stands there."""

    start: int
    end: int
    share: float
    """Of the quoted words, those that stand there in the same order: 0 to 1."""
    matched: int
    """How many words that is."""
    changes: tuple[Difference, ...]
    """In the order of the quoted words; none when they are the same but for typography."""
    runs: tuple[tuple[int, int, int], ...]
    """What stands there: the number of the first quoted word, of the first word of the source, and how many words."""

    def unmatched(self, count: int) -> list[tuple[int, int]]:
        """From where to where words, of `count` quoted ones, do not stand there, by their numbers."""
        starts = [0, *(one + length for one, _, length in self.runs)]
        stops = [*(one for one, _, _ in self.runs), count]
        return [(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]


class Folded:
    """A text as a sequence of words to be compared, each with its place; made once for many comparisons."""

    def __init__(self, text: str, seams: Collection[int] = ()) -> None:
        """`seams` are places in the text where it goes on after an interruption: marks before them do not count."""
        self.text = text
        spans = [token.span() for token in _WORD.finditer(text)]
        folded = text.casefold().translate(_ALIKE)
        if len(folded) == len(text) and not _ODD.search(text) and unicodedata.is_normalized("NFC", folded):
            words = [folded[start:end] for start, end in spans]
        else:
            words = [_folded_word(text[start:end]) for start, end in spans]
            spans = [span for span, word in zip(spans, words, strict=True) if word]
        self.words = [sys.intern(word) for word in words if word]  # most stand in many a text
        """In lower case, NFC, without what does not count."""
        self.starts = array("i", [start for start, _ in spans])
        self.ends = array("i", [end for _, end in spans])
        self.seams = frozenset(bisect_left(self.starts, place) for place in seams)
        """The words, by number, with which it goes on."""

    @cached_property
    def _run(self) -> str:
        return f" {' '.join(self.words)} "

    @cached_property
    def _offsets(self) -> "array[int]":
        offsets, offset = array("i"), 0
        for word in self.words:
            offsets.append(offset)
            offset += len(word) + 1
        return offsets

    def __len__(self) -> int:
        return len(self.words)

    def find(self, words: Sequence[str], first: int = 0, last: int | None = None) -> Iterator[int]:
        """Where these words stand in a row, by the number of the first, from word `first` to before word `last`."""
        if not words or first >= len(self):
            return
        wanted, limit = f" {' '.join(words)} ", (len(self) if last is None else last) - len(words)
        at = self._run.find(wanted, self._offsets[first])
        while at >= 0:
            number = bisect_left(self._offsets, at)
            if number > limit:
                return
            yield number
            at = self._run.find(wanted, at + 1)

    def find_last(self, words: Sequence[str], last: int) -> int | None:
        """Where these words stand in a row for the last time before word `last`, by the number of the first."""
        if not words or last <= 0:
            return None
        bound = self._offsets[last] if last < len(self) else len(self._run) - 1
        at = self._run.rfind(f" {' '.join(words)} ", 0, bound + 1)
        return bisect_left(self._offsets, at) if at >= 0 else None

    @property
    def query(self) -> str:
        """The words as they are typed, without what stands around them: what an index is asked for."""
        return self.text[self.starts[0] : self.ends[-1]] if self.words else ""

    def longest(self, words: Sequence[str]) -> int:
        """How many of the words, from the first on, stand here in a row."""
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            if next(self.find(words[:middle]), None) is None:
                high = middle - 1
            else:
                low = middle
        return low

    def before(self, word: int) -> str:
        """The marks between the word before and this one."""
        end = self.starts[word] if word < len(self) else len(self.text)
        return self.text[self.ends[word - 1] if word else 0 : end]


def numbers(folded: Folded) -> frozenset[str]:
    """The numbers among the words."""
    return frozenset(filter(_is_number, folded.words))


def denies(folded: Folded) -> bool:
    """Whether there is a negation among the words."""
    return not _NEGATIONS.isdisjoint(folded.words) or _denies(folded, 0, len(folded))


def align(quoted: "str | Folded", source: "str | Folded") -> Alignment | None:
    """The place in `source` that the quoted words are nearest to; `None` when hardly one of them stands there.

    >>> found = align("Trade will never fall", "He paused. Trade will fall by half.")
    >>> found.changes[0].kind, found.changes[0].quoted, found.changes[0].about
    ('added', 'never', 'negation')
    """
    quoted = quoted if isinstance(quoted, Folded) else Folded(quoted)
    source = source if isinstance(source, Folded) else Folded(source)
    if not len(quoted) or not len(source):
        return None
    exact = list(islice(source.find(quoted.words), PLACES))
    if exact:
        return min((matched_at(quoted, source, first) for first in exact), key=lambda found: len(found.changes))
    pairs = _pairs(quoted, source)
    return _aligned(quoted, source, pairs) if pairs else None


def matched_at(quoted: Folded, source: Folded, first: int) -> Alignment:
    """The alignment of all the quoted words with the same words of the source from word `first` on."""
    return matched_runs(quoted, source, [(0, first, len(quoted))])


def matched_runs(quoted: Folded, source: Folded, runs: Sequence[tuple[int, int, int]]) -> Alignment:
    """The alignment of runs of words that are known to be the same: first of the quoted, of the source, how many."""
    return _aligned(quoted, source, [(one + step, other + step) for one, other, count in runs for step in range(count)])


Pairs = list[tuple[int, int]]
"""Words of the quoted text and of the source that are the same, by number, both ascending."""


def _pairs(quoted: Folded, source: Folded) -> Pairs:
    """The words that both have in the same order, around the best place."""
    region = _region(quoted, source)
    if region is None:
        return []
    first, last = region
    blocks = LCSseq.editops(quoted.words, source.words[first:last])
    deleted = {one.src_pos for one in blocks if one.tag == "delete"}
    inserted = {one.dest_pos for one in blocks if one.tag == "insert"}
    kept = (at for at in range(last - first) if at not in inserted)
    pairs = [
        (one, first + other)
        for one, other in zip((at for at in range(len(quoted)) if at not in deleted), kept, strict=True)
    ]
    return _trimmed(_compact(pairs, quoted, source)) if pairs else []


def _region(quoted: Folded, source: Folded) -> tuple[int, int] | None:
    """The words of the source among which most of the quoted ones stand, rare ones counting most."""
    places: dict[str, list[int]] = {word: [] for word in quoted.words}
    for number, word in enumerate(source.words):
        if word in places:
            places[word].append(number)
    hits = sorted((at, 1 / len(stand), word) for word, stand in places.items() for at in stand)
    if not hits:
        return None
    width = len(quoted) + len(quoted) // 2 + _REACH
    best, best_at, weight, behind = 0.0, 0, 0.0, 0
    seen: dict[str, int] = {}
    for at, rarity, word in hits:
        seen[word] = seen.get(word, 0) + 1
        weight += rarity if seen[word] == 1 else 0
        while at - hits[behind][0] >= width:
            _, leaving, left = hits[behind]
            seen[left] -= 1
            weight -= leaving if not seen[left] else 0
            behind += 1
        if weight > best + 1e-9:
            best, best_at = weight, hits[behind][0]
    # a long dropped stretch may lie within: room for as much again on either side
    return max(0, best_at - width), min(len(source), best_at + 2 * width)


def _compact(pairs: Pairs, quoted: Folded, source: Folded) -> Pairs:
    """The same pairs, drawn as near as they can be to the longest run among them."""
    runs = _runs(pairs)
    longest = max(runs, key=len)
    anchor = pairs.index(longest[0])
    tied = dict(pairs[anchor : anchor + len(longest)])
    bound = longest[0][1]
    for one, other in reversed(pairs[:anchor]):
        nearest = next(at for at in range(bound - 1, other - 1, -1) if source.words[at] == quoted.words[one])
        tied[one] = bound = nearest
    bound = longest[-1][1]
    for one, other in pairs[anchor + len(longest) :]:
        nearest = next(at for at in range(bound + 1, other + 1) if source.words[at] == quoted.words[one])
        tied[one] = bound = nearest
    return sorted(tied.items())


def _trimmed(pairs: Pairs) -> Pairs:
    """Without the scattered words at either end that stand too far from the rest to belong to it."""
    runs = _runs(pairs)
    longest = max(range(len(runs)), key=lambda at: len(runs[at]))
    last = longest + _worth_keeping(runs[longest:])
    first = longest - _worth_keeping(runs[longest::-1])
    return [pair for run in runs[first : last + 1] for pair in run]


def _worth_keeping(runs: Sequence[Pairs]) -> int:
    """How many runs after the first, going away from it, add more words than they are far."""
    worth, best, kept = 0.0, 0.0, 0
    for number, (near, far) in enumerate(pairwise(runs), 1):
        left, right = (near, far) if near[0] < far[0] else (far, near)
        gap = max(right[0][0] - left[-1][0], right[0][1] - left[-1][1]) - 1
        worth += len(far) - log2(1 + gap)
        if worth >= best:
            best, kept = worth, number
    return kept


def _runs(pairs: Pairs) -> list[Pairs]:
    runs = [[pairs[0]]]
    for before, pair in pairwise(pairs):
        if (pair[0] - before[0], pair[1] - before[1]) == (1, 1):
            runs[-1].append(pair)
        else:
            runs.append([pair])
    return runs


def _aligned(quoted: Folded, source: Folded, pairs: Pairs) -> Alignment:
    """The alignment that the pairs make."""
    before_all, after_all = _bounds(quoted, source, pairs)
    changes: list[Difference] = []
    for (one, other), (next_one, next_other) in pairwise([before_all, *pairs, after_all]):
        if (next_one - one, next_other - other) != (1, 1):
            changes.append(_changed_words(quoted, source, (one + 1, next_one), (other + 1, next_other)))
        elif 0 < next_one < len(quoted):
            changes += _changed_marks(quoted, source, next_one, next_other)
        if next_one < len(quoted):
            changes += _changed_capitals(quoted, source, next_one, next_other)
    first, last = before_all[1] + 1, after_all[1]
    start, end = source.starts[first], source.ends[last - 1]
    if pairs[0] == (0, first):
        start, opening = _with_opening(quoted, source, first)
        changes[:0] = opening
    if pairs[-1] == (len(quoted) - 1, last - 1):
        end, closing = _with_closing(quoted, source, last)
        changes += closing
    runs = tuple((run[0][0], run[0][1], len(run)) for run in _runs(pairs))
    return Alignment(start, end, len(pairs) / len(quoted), len(pairs), tuple(changes), runs)


def _bounds(quoted: Folded, source: Folded, pairs: Pairs) -> tuple[tuple[int, int], tuple[int, int]]:
    """Just before the first and just after the last word of either text that is compared.

    Quoted words at an end that stand nowhere take the place of as many of the source's in the same sentence.
    """
    one, other = pairs[0]
    while one > 0 and other > 0 and _SENTENCE_END.search(source.before(other)) is None:
        one, other = one - 1, other - 1
    start = (-1, other - 1)
    one, other = pairs[-1]
    while one < len(quoted) - 1 and other < len(source) - 1 and _SENTENCE_END.search(source.before(other + 1)) is None:
        one, other = one + 1, other + 1
    return start, (len(quoted), other + 1)


def _changed_words(quoted: Folded, source: Folded, ours: tuple[int, int], theirs: tuple[int, int]) -> Difference:
    quoted_start, quoted_end = _extent(quoted, *ours)
    source_start, source_end = _extent(source, *theirs)
    kind: Literal["replaced", "added", "left out"] = "replaced"
    if ours[0] == ours[1]:
        kind = "left out"
    elif theirs[0] == theirs[1]:
        kind = "added"
    return Difference(
        kind,
        quoted.text[quoted_start:quoted_end],
        source.text[source_start:source_end],
        quoted_start,
        quoted_end,
        source_start,
        source_end,
        _about(quoted, source, ours, theirs),
    )


def _extent(folded: Folded, first: int, last: int) -> tuple[int, int]:
    if first == last:
        place = folded.ends[first - 1] if first else (folded.starts[0] if len(folded) else 0)
        return place, place
    return folded.starts[first], folded.ends[last - 1]


def _changed_marks(quoted: Folded, source: Folded, one: int, other: int) -> Iterator[Difference]:
    """The punctuation before a word, where it differs from the source's."""
    ours, theirs = quoted.before(one), source.before(other)
    seam = one in quoted.seams
    if _marks_at(ours, seam=seam) != _marks_at(theirs, seam=seam):
        about: About = "punctuation"
        numeric = quoted.words[one][:1].isdigit() or quoted.words[one - 1][-1:].isdigit()
        if numeric and any(unicodedata.category(mark)[0] in "SPZ" for mark in (ours + theirs).strip()):
            about = "number" if _bears_on_a_number(quoted, one, ours, theirs) else "punctuation"
        yield Difference(
            "replaced",
            ours,
            theirs,
            quoted.ends[one - 1],
            quoted.starts[one],
            source.ends[other - 1],
            source.starts[other],
            about,
        )


def _marks_at(marks: str, *, seam: bool) -> str:
    """Marks as they are compared; where a quotation goes on after an interruption, without those that part words."""
    folded = _folded_marks(marks)
    return folded.translate(_AT_SEAMS) if seam else folded


def _bears_on_a_number(quoted: Folded, word: int, ours: str, theirs: str) -> bool:
    """Whether the marks are part of a number: a decimal point, a currency, a percentage, a minus."""
    inside = quoted.words[word - 1][-1:].isdigit() and quoted.words[word][:1].isdigit()
    symbols = {mark for mark in ours + theirs if unicodedata.category(mark) == "Sc" or mark in "%‰-−+/"}
    return inside or bool(symbols)


def _changed_capitals(quoted: Folded, source: Folded, one: int, other: int) -> Iterator[Difference]:
    ours = quoted.text[quoted.starts[one] : quoted.ends[one]]
    theirs = source.text[source.starts[other] : source.ends[other]]
    left, right = _plain(ours), _plain(theirs)
    if one == 0:
        left, right = _lower_first(left), _lower_first(right)
    if left != right:
        yield Difference(
            "replaced",
            ours,
            theirs,
            quoted.starts[one],
            quoted.ends[one],
            source.starts[other],
            source.ends[other],
            "capitals",
        )


_FAR = 40
"""Marks at either end of quoted words that are looked at, at most."""


def _with_opening(quoted: Folded, source: Folded, first: int) -> tuple[int, list[Difference]]:
    """Where the source's words begin, with the marks before the first that are quoted too; and those that differ."""
    ours, theirs = quoted.before(0)[-_FAR:], source.before(first)[-_FAR:]
    start, place = source.starts[first], quoted.starts[0]
    wanted = _folded_marks(ours)
    for marks in (wanted, wanted.lstrip("…'")):
        taken = next((at for at in range(1, len(theirs) + 1) if marks and _folded_marks(theirs[-at:]) == marks), 0)
        if taken:
            return start - taken, []
    bare = not wanted.strip("…'") or (wanted.strip("…'") == "-" and ours[-1:].isspace())
    if bare and (cut := _cut_before(source, first)):
        return start, [Difference("left out", "", cut, place, place, start - len(cut), start, _about_cut(cut))]
    if bare:
        return start, []
    shown, about = theirs.strip()[-1:], _about_marks(ours + theirs)
    start -= len(theirs) - len(theirs.rstrip())
    return source.starts[first], [
        Difference("replaced", ours.strip(), shown, place - len(ours.lstrip()), place, start - len(shown), start, about)
    ]


def _with_closing(quoted: Folded, source: Folded, last: int) -> tuple[int, list[Difference]]:
    """Where the source's words end, with the marks after the last that are quoted too; and the mark that differs."""
    ours, theirs = quoted.before(len(quoted))[:_FAR], source.before(last)[:_FAR]
    end, place = source.ends[last - 1], quoted.ends[-1]
    wanted, held = _folded_marks(ours), _folded_marks(theirs).lstrip("'")
    for marks in (wanted, wanted.rstrip(".,…'")):
        taken = next((at for at in range(1, len(theirs) + 1) if marks and _folded_marks(theirs[:at]) == marks), 0)
        if taken:
            return end + taken, []
    if not wanted.strip(".,…'") and (cut := _cut_after(source, last)):
        return end, [Difference("left out", "", cut, place, place, end, end + len(cut), _about_cut(cut))]
    if not wanted.strip(".,…'") and not (wanted.strip("…'") and held[:1] in _TONES):
        return end, []
    shown, about = theirs.strip()[:1], _about_marks(ours + theirs)
    at = end + len(theirs) - len(theirs.lstrip())
    return end, [
        Difference("replaced", ours.strip(), shown, place, place + len(ours.rstrip()), at, at + len(shown), about)
    ]


def _cut_before(source: Folded, first: int) -> str:
    """What is joined to the source's word from before and is not quoted: "non-", "$", "−", "1 " of 1 500."""
    start, marks = source.starts[first], source.before(first)
    numeric = source.words[first][:1].isdigit()
    before = source.text[source.starts[first - 1] : start] if first else marks
    if first and numeric and _is_grouped(source, first, marks):
        return before
    joined = marks[-1:]
    if not joined or joined.isspace():
        return ""
    if unicodedata.category(joined) == "Sc" or (numeric and joined in "−+±/"):
        return before if joined == "/" else joined
    if joined in _HYPHENS or (numeric and joined in _DASHES):
        alone = first and marks == joined
        return before if alone else joined if numeric else ""
    return ""


def _cut_after(source: Folded, last: int) -> str:
    """What is joined to the source's word from behind and is not quoted: "%", "-proof", " 500" of 1 500."""
    end, marks = source.ends[last - 1], source.before(last)
    numeric = source.words[last - 1][-1:].isdigit()
    after = source.text[end : source.ends[last]] if last < len(source) else marks
    goes_on = last < len(source) and numeric and source.words[last][:1].isdigit()
    if goes_on and (_is_grouped(source, last, marks) or marks in {"/", "-", "–", "−"}):
        return after
    if numeric and marks[:1] in {"%", "‰", "°", "€", "£", "$"}:
        return marks[:1]
    return after if last < len(source) and marks in _HYPHENS else ""


def _is_grouped(source: Folded, at: int, marks: str) -> bool:
    """Whether a number goes on after a space, as in 1 500."""
    one, other = source.words[at - 1], source.words[at]
    return (
        len(marks) == 1
        and marks.isspace()
        and marks != "\n"
        and (one.isdigit() and len(one) <= 3 and other[:3].isdigit() and len(other) == 3)
    )


def _about_cut(cut: str) -> About:
    """What it is about when quoted words leave out what is joined to them."""
    if any(mark.isdigit() or mark == "/" for mark in cut) or not any(mark.isalpha() for mark in cut):
        return "number"
    return "negation" if not _DENYING.isdisjoint(cut.casefold().translate(_ONE_HYPHEN).split("-")) else "wording"


def _about_marks(marks: str) -> About:
    """What marks at either end of the quoted words are about: a currency or a percentage makes another number."""
    return "number" if any(unicodedata.category(mark) == "Sc" or mark in "%‰" for mark in marks) else "punctuation"


def _about(quoted: Folded, source: Folded, ours: tuple[int, int], theirs: tuple[int, int]) -> About:
    left, right = set(quoted.words[slice(*ours)]), set(source.words[slice(*theirs)])
    changed = left ^ right
    denied = _denies(quoted, *ours) != _denies(source, *theirs)
    if denied or changed & _NEGATIONS:
        return "negation"
    if any(_is_number(word) for word in changed):
        return "number"
    if _has_name(quoted, *ours) or _has_name(source, *theirs):
        return "name"
    return "wording"


def _denies(folded: Folded, first: int, last: int) -> bool:
    """Whether one of the words is a contraction with "not", as "don’t" is."""
    return any(word.endswith("n't") for word in folded.words[first:last])


def _is_number(word: str) -> bool:
    return word in _NUMBERS or any(character.isdigit() for character in word)


def _has_name(folded: Folded, first: int, last: int) -> bool:
    """Whether one of the words has a capital though no sentence begins with it."""
    for at in range(first, last):
        word = folded.text[folded.starts[at] : folded.ends[at]]
        begins = at == 0 or _SENTENCE_END.search(folded.before(at)) is not None
        if word[:1].isupper() and not begins and word != "I" and word[:2] not in {"I'", "I’"}:
            return True
    return False


def _folded_word(word: str) -> str:
    return unicodedata.normalize("NFC", _plain(word)).casefold()


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", word).translate(_LETTERS))


def _lower_first(word: str) -> str:
    return word[:1].lower() + word[1:]


def _folded_marks(marks: str) -> str:
    """Punctuation as it is compared.

    >>> _folded_marks(' — “'), _folded_marks("--'"), _folded_marks(" . . . "), _folded_marks("”, ")
    ("-'", "-'", '…', ",'")
    """
    marks = _SPACE.sub("", _INVISIBLE.sub("", marks).translate(_MARKS))
    marks = _RUNS.sub("-", _BRACKETED.sub("…", _ELLIPSIS.sub("…", marks))).replace("''", "'")
    return _OUTSIDE.sub(r"\1'", marks)
