"""Deep links: addresses at which a browser opens the publisher's own page with the quoted words marked.

They follow the proposal "URL Fragment Text Directives" (wicg.github.io/scroll-to-text-fragment), which Chromium and
its kin, Safari and Firefox know: `#:~:text=[prefix-,]start[,end][,-suffix]`, once for each stretch to be marked. A link
is given only when it can mark nothing but the quote.

Browsers differ in what they take for the same letters and for the end of a word. So a directive is put together from
the very characters of the page, cut where every browser sees the end of a word; and what else it might be found at is
looked for more broadly than any browser does: without regard to case, accents, marks, white space, the ends of words
and the bounds of blocks. Where that finds one place, each browser finds that place or none.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from corpus.errors import Unreadable
from corpus.readers.shown import STOP, shown

LONGEST = 300
"""Characters that a directive spells out of the quote; of a longer one it names beginning and end."""
_LENGTHS = (24, 48, 96, 192)
"""Characters of a beginning, an end or a context, at least, in the order they are tried."""
_MOST_PLACES = 500
"""Words that stand on the page more often are not told apart."""
_WIDENINGS = ((0, 0), *(pair for size in (20, 80, 320) for pair in ((size, 0), (0, size), (size, size))))
"""Characters of context, before and after, by which places are told apart."""
_MOST_STRETCHES = 12
"""Directives in one address."""
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_FOLDED = str.maketrans("‘’‚‛“”„‟׳״−ŁłØøĐđĦħıæÆœŒ", "''''\"\"\"\"'\"-llooddhhiaaoo")
_NOT_COMPARED = {**dict.fromkeys(map(ord, (*_UNSEEN, STOP))), ord("−"): "-"}
_LEFT_OUT = frozenset({"Mn", "Me", "Cf", "Cc", "Cs"})
_MIDDLES = frozenset("'’‘.:·,;․‧﹒＇．_")
"""What joins two letters or two digits to one word: can’t, 2.5, 1,000."""


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """A page's text with what is needed to search it; made once for a page, it serves for all links to it."""

    text: str
    """The lines of the page; in each, what nothing reaches across is `STOP`."""
    key: str
    """The same without white space, case, accents and marks that no browser compares by."""
    places: npt.NDArray[np.int32]
    """For each character of `key`, where in `text` it is from."""

    @classmethod
    def of(cls, text: str) -> "PageText":
        r"""The text, made ready to be searched.

        >>> PageText.of("Café “Zinc”\nis up.").key
        'cafe"zinc"isup.'
        """
        folded = _folds(text)
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        widths = np.ones(int(codes.max(initial=0)) + 1, np.uint8)
        for code, key in folded.items():
            widths[code] = len(key)
        places = np.repeat(np.arange(len(text), dtype=np.int32), widths[codes])
        return cls(text, text.translate(folded), places)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in `key` the characters `start` to `end` of `text` are."""
        first, last = np.searchsorted(self.places, (start, end))
        return int(first), int(last)

    def is_once(self, start: int, end: int) -> bool:
        """Whether the characters `start` to `end` of `text` stand nowhere else on the page."""
        first, last = self.span(start, end)
        key = self.key[first:last]
        return bool(key) and self.key.find(key) == first and self.key.find(key, first + 1) < 0

    def found(self, key: str) -> list[int]:
        """Where in `key` such a stretch of it stands, also where it overlaps; at most one more than is told apart."""
        found: list[int] = []
        at = self.key.find(key) if key else -1
        while at >= 0 and len(found) <= _MOST_PLACES:
            found.append(at)
            at = self.key.find(key, at + 1)
        return found


@dataclass(frozen=True, slots=True)
class _Term:
    """One part of a directive: the characters `start` to `end` of the page; empty where there is none."""

    start: int
    end: int
    crosses: bool = False
    """Whether it stands in another line than what it is the context of."""

    def __bool__(self) -> bool:
        return self.start < self.end


def page_of(original: bytes, media_type: str) -> PageText | None:
    """The text of a page as received; `None` where a browser shows none that can be linked into, as of a PDF."""
    try:
        text = shown(original, media_type)
    except Unreadable:
        return None
    return None if text is None else PageText.of(text)


def page_of_text(text: str) -> PageText:
    """The page as it probably is where only a statement's text was received: a line for each of its own."""
    return PageText.of("\n".join(" ".join(line.split()) for line in text.splitlines()))


def deep_link(url: str | None, page: PageText, text: str, start: int, end: int) -> str | None:
    """The address at which a browser marks the words `text[start:end]` of a statement read from `page`.

    `text` is the statement's canonical text, `start` and `end` are code points in it. Where the page has something else
    between two paragraphs, each has a directive of its own. `None` where the page has no address on the web, does not
    show these words, or shows them so that they cannot be told from others.

    >>> text = "Zinc is up. Tin is down. Zinc is up."
    >>> deep_link("https://a.example/1", page_of_text(text), text, 25, 36)
    'https://a.example/1#:~:text=Zinc%20is%20up.%20Tin%20is%20down.-,Zinc%20is%20up.'
    """
    if url is None or not url.lower().startswith(("http://", "https://")):
        return None
    directives = [_directive(page, *_characters(page, *stretch)) for stretch in _stretches(page, text, start, end)]
    if not directives or not all(directives):
        return None
    address, _, fragment = url.partition("#")
    return f"{address}#{fragment.partition(':~:')[0]}:~:{'&'.join(f'text={directive}' for directive in directives)}"


def _stretches(page: PageText, text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where in `page.key` the passage stands: in one stretch, or in some, as where a link "Back to top" stands between.

    None at all where a part of it has no place that is beyond doubt.
    """
    if whole := _place(page, text, start, end):
        return [whole]
    stretches: list[tuple[int, int]] = []
    for line in _lines(text, start, end):
        place = _place(page, text, *line)
        if place is None or (stretches and place[0] < stretches[-1][1]):
            return []
        if stretches and place[0] == stretches[-1][1]:
            place = (stretches.pop()[0], place[1])
        stretches.append(place)
    return stretches if len(stretches) <= _MOST_STRETCHES else []


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in text[start:end].split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _place(page: PageText, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where in the page's key the words `text[start:end]` stand, if they stand there in one stretch."""
    words = _keyed(text[start:end])
    found = page.found(words)
    at = found[0] if len(found) == 1 else _told_apart(page, text, start, end, found)
    if at is None:
        return None
    first, last = _characters(page, at, at + len(words))
    return (at, at + len(words)) if _bare(page.text[first:last]) == _bare(text[start:end]) else None


def _told_apart(page: PageText, text: str, start: int, end: int, found: list[int]) -> int | None:
    """Which of the places `found` is that of the words `start` to `end` of the statement.

    The statement is what the reader took from the page, in its order. So where some words stand as often in the one
    as in the other, the first is the first and the last the last; where they do not, words around them are added.
    """
    if not 0 < len(found) <= _MOST_PLACES:
        return None
    said = _searchable(text)
    first, last = said.span(start, end)
    for before, after in _WIDENINGS:
        begin = max(0, first - before)
        wide = said.key[begin : last + after]
        here, there = said.found(wide), page.found(wide)
        if len(here) == len(there) and begin in here:
            return there[here.index(begin)] + first - begin
    return None


def _characters(page: PageText, first: int, last: int) -> tuple[int, int]:
    """The characters of the page that `key[first:last]` is made from, with the accents set on the last one."""
    end = int(page.places[last - 1]) + 1
    while end < len(page.text) and unicodedata.category(page.text[end]) in {"Mn", "Me"}:
        end += 1
    return int(page.places[first]), end


def _directive(page: PageText, start: int, end: int) -> str | None:
    """What comes after `text=`."""
    text = page.text
    if end - start <= LONGEST and _line_end(text, start) >= end:
        for prefix, suffix in _contexts(text, start, end):
            if page.is_once(prefix.start if prefix else start, suffix.end if suffix else end):
                return _spelled(text, prefix, _Term(start, end), None, suffix)
        return None
    beginning = _beginning(page, start, end)
    if beginning is None:
        return None
    prefix, first = beginning
    ending = _ending(page, first.end, end)
    if ending is None:
        return None
    last, suffix = ending
    return _spelled(text, prefix, first, last, suffix)


def _beginning(page: PageText, start: int, end: int) -> tuple[_Term, _Term] | None:
    """Prefix and first words of a passage, which stand together nowhere else."""
    text = page.text
    most = min(_line_end(text, start), end, start + LONGEST)
    if most == end:  # the passage is one line: leave half for its last words
        most = start + (end - start) // 2
    terms = list(dict.fromkeys(_forward(text, start, length, most) for length in _LENGTHS))
    for prefix in (_Term(start, start), *_prefixes(text, start)):
        for term in terms:
            if (prefix or _is_bound(text, start)) and term and page.is_once(prefix.start, term.end):
                return prefix, term
    return None


def _ending(page: PageText, after: int, end: int) -> tuple[_Term, _Term] | None:
    """Last words of a passage and suffix, which stand together nowhere between `after` and there."""
    text = page.text
    least = max(_line_start(text, end), after, end - LONGEST)
    terms = list(dict.fromkeys(_backward(text, end, length, least) for length in _LENGTHS))
    searched = page.span(after, after)[0]
    for suffix in (_Term(end, end), *_suffixes(text, end)):
        for term in terms:
            if not (term and (suffix or _is_bound(text, end))):
                continue
            first, last = page.span(term.start, suffix.end)
            if page.key.find(page.key[first:last], searched) == first:
                return term, suffix
    return None


def _contexts(text: str, start: int, end: int) -> Iterator[tuple[_Term, _Term]]:
    """Prefixes and suffixes to try: none, short ones, those in the same line, then longer ones and others."""
    none = _Term(0, 0)
    must_precede, must_follow = not _is_bound(text, start), not _is_bound(text, end)
    pairs = [
        (prefix, suffix)
        for prefix in (none, *_prefixes(text, start))
        for suffix in (none, *_suffixes(text, end))
        if (prefix or not must_precede) and (suffix or not must_follow)
    ]
    yield from sorted(pairs, key=_cost)


def _cost(pair: tuple[_Term, _Term]) -> tuple[int, int]:
    return sum(term.crosses for term in pair), sum(term.end - term.start for term in pair)


def _prefixes(text: str, start: int) -> list[_Term]:
    """Words that stand just before `start`, in its own line or, where it begins one, at the end of the line above."""
    before = text[max(0, start - LONGEST) : start]
    end = start - len(before) + len(before.rstrip())
    line = _line_start(text, end)
    if text[end - 1 : end] in _UNSEEN:  # a browser that skips it does not see that the quote follows
        return []
    crosses = "\n" in text[end:start]
    found = (_backward(text, end, length, max(line, end - LONGEST)) for length in _LENGTHS)
    return [_Term(term.start, term.end, crosses) for term in dict.fromkeys(found) if term]


def _suffixes(text: str, end: int) -> list[_Term]:
    """Words that stand just after `end`, in its own line or, where it ends one, at the beginning of the line below."""
    after = text[end : end + LONGEST]
    start = end + len(after) - len(after.lstrip())
    line = _line_end(text, start)
    if text[start : start + 1] in _UNSEEN:
        return []
    crosses = "\n" in text[end:start]
    found = (_forward(text, start, length, min(line, start + LONGEST)) for length in _LENGTHS)
    return [_Term(term.start, term.end, crosses) for term in dict.fromkeys(found) if term]


def _forward(text: str, start: int, length: int, most: int) -> _Term:
    """The whole words from `start` on: `length` characters of them or more if they can be, none beyond `most`."""
    for end in (*range(start + length, most + 1), *range(min(start + length, most + 1) - 1, start, -1)):
        if not text[end - 1].isspace() and (_is_gap(text, end) if end < most else _is_bound(text, end)):
            return _Term(start, end)
    return _Term(start, start)


def _backward(text: str, end: int, length: int, least: int) -> _Term:
    """The whole words up to `end`: `length` characters of them or more if they can be, none before `least`."""
    for start in (*range(end - length, least - 1, -1), *range(max(end - length, least - 1) + 1, end)):
        if not text[start].isspace() and (_is_gap(text, start) if start > least else _is_bound(text, start)):
            return _Term(start, end)
    return _Term(end, end)


def _is_gap(text: str, at: int) -> bool:
    """Whether words may be parted there: at white space, or in scripts without it beside a mark."""
    before, after = text[at - 1], text[at]
    return before.isspace() or after.isspace() or (max(before, after) >= "\u2e80" and _is_bound(text, at))


def _is_bound(text: str, at: int) -> bool:
    """Whether every browser sees the end or the beginning of a word there.

    Narrower than Unicode's word boundaries (UAX 29), which browsers amend by dictionaries of Chinese or Thai.
    """
    if not 0 < at < len(text) or text[at - 1].isspace() or text[at].isspace() or STOP in text[at - 1 : at + 1]:
        return True
    before, after = text[at - 1], text[at]
    if _is_part(after) or min(before, after) >= "\U0001f000":
        return False
    if _is_of_word(before) and _is_of_word(after):
        return False
    if after in _MIDDLES and _is_of_word(before):
        return not _is_of_word(text[at + 1 : at + 2])
    if before in _MIDDLES and _is_of_word(after):
        first = text[max(0, at - 2) : at - 1]
        return not _is_of_word(first) or (before == "." and first.isdigit() != after.isdigit())
    return True


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_part(character)


def _is_part(character: str) -> bool:
    """Whether it is an accent or the like, which is part of the character before it."""
    return character != "" and unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind(STOP, 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    line = text.find("\n", at)
    line = len(text) if line < 0 else line
    stop = text.find(STOP, at, line)
    return line if stop < 0 else stop


def _spelled(text: str, prefix: _Term, first: _Term, last: _Term | None, suffix: _Term) -> str:
    parts = [
        f"{_encoded(text, prefix)}-" if prefix else "",
        _encoded(text, first),
        _encoded(text, last) if last else "",
        f"-{_encoded(text, suffix)}" if suffix else "",
    ]
    return ",".join(part for part in parts if part)


def _encoded(text: str, term: _Term) -> str:
    words = text[term.start : term.end].replace("\u00ad", "").replace("\u00a0", " ")
    return quote(words, safe="", errors="replace").replace("-", "%2D")


@lru_cache(maxsize=16)
def _searchable(text: str) -> PageText:
    """The statement's text; several of its passages are often asked for one after the other."""
    return PageText.of(text)


def _keyed(text: str) -> str:
    return text.translate(_folds(text))


def _folds(text: str) -> dict[int, str]:
    return {ord(character): _fold(character) for character in set(text)}


def _bare(text: str) -> str:
    """What must be the same in a quote and on the page: all but white space and superscripts."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_NOT_COMPARED).split())


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """What a character is compared by: nothing for those that a comparison may leave out."""
    folded = unicodedata.normalize("NFKD", character.translate(_FOLDED).casefold()).translate(_FOLDED)
    return "".join(
        one for one in folded if not one.isspace() and one != STOP and unicodedata.category(one) not in _LEFT_OUT
    )
