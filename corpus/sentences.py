"""Where paragraphs, sentences and clauses end in a text, as spans into it: the only places where a quote may be cut."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

import regex
import sentencex

Span = tuple[int, int]
"""Start and end in code points, end exclusive; both on characters that are not white space."""

LIST_ITEM = re.compile(
    r"[ \t\xa0]*(?:[-–•◦▪‣·*][ \t\xa0]|(?:\d{1,3}[.)]|\((?:[A-Za-z]|\d{1,3}|[ivx]{1,5})\)|[a-z]\))\s)"
)
"""The start of a line that is an item of a list: "- ", "• ", "1. ", "(a) "."""

_SPACE = re.compile(r"\s+")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028]")
_LINE_ENDS = re.compile("[\n\r\x85\u2028]\\s+|\u2029")
_MARK = r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]"
_MARKED = regex.compile(_MARK)
# A space with an accent on it is a character of its own, but no passage begins with a space.
_CHARACTER = regex.compile(rf"\X(?:[\s\x1c-\x1f]+{_MARK}+)*")
_OPENS = "“”„«»‹›‘‚\"'「『*"
_CLOSES = "”“’»«›‹\"'」』*)]"
_CONTINUES = ",;:.!?)]，、；：。！？）"
_OPENING = re.compile(
    r"(?:^|(?<=[\s(\[—–-]))(?:[“„«‹‘‚「『]|[\"'”»›*]+(?=[\w(\[]))|[“„«‹‘‚「『](?=\w)",
)
_ALIKE = {code: " " for code in range(0x3001) if chr(code).isspace()} | str.maketrans(dict.fromkeys('"“«»‹›」』*', "”"))
_NUMBER_ALONE = re.compile(
    r"(?:(?:section|sec\.?|article|art\.?|chapter|part|annex|rule)\s+)?\(?(?:\d{1,4}[a-z]?|[a-z]|[ivxl]+)[.)]",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(
    r"(?:.*\W)?(?:(?:amb|atty|mgr|ms|pub)\.\n.|(?:approx|paras?|stat|vols?)\.\n\d"
    r"|[ap]\.m\.\n(?:[CEMP][DS]?T\b|GMT|Eastern))",
    re.DOTALL | re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.!?…;:,][\"”’»)\]]*(?=\s)|[。！？；：，、]|—+|\s[–-](?=\s)")
_WIDEST_COLUMN = 200
_LONGEST_NUMBER = 200
_WINDOW = 2_000
_WIDEST_WINDOW = 16_000


def sentence_spans(text: str, start: int = 0, end: int | None = None, language: str | None = None) -> list[Span]:
    """The sentences between `start` and `end`, in order; all that lies between them is white space.

    A sentence never crosses a blank line, nor the start of a list item or of a line that was broken on purpose.
    `language` is a BCP 47 tag when the source gives one; the scripts' own full stops count in any language.

    >>> text = "Mr. Orr met the U.S. envoy at 5 p.m. on Monday. “Is it true?” he asked."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Mr. Orr met the U.S. envoy at 5 p.m. on Monday.', '“Is it true?” he asked.']
    """
    code = re.split("[-_]", language or "en")[0].lower()
    return [
        sentence
        for paragraph in paragraph_spans(text, start, len(text) if end is None else end)
        for lines in _line_groups(text, *paragraph)
        for sentence in _sentences(text, *lines, code)
    ]


def paragraph_spans(text: str, start: int, end: int) -> list[Span]:
    """The stretches between blank lines."""
    spaces = (space.span() for space in _LINE_ENDS.finditer(text, start, end))
    return _between(text, start, end, (space for space in spaces if is_paragraph_break(text, *space)))


def is_paragraph_break(text: str, start: int, end: int) -> bool:
    """Whether the white space between `start` and `end` has a blank line in it."""
    space = text[start:end]
    return (len(space) > 1 and len(_LINE_END.findall(space)) > 1) or "\u2029" in space


def clause_spans(text: str, start: int, end: int) -> list[Span]:
    """The clauses of a sentence, each with the mark that ends it: for a sentence that is too long to stay whole.

    >>> text = "We came, we saw; at 10,000 metres we left."
    >>> [text[start:end] for start, end in clause_spans(text, 0, len(text))]
    ['We came,', 'we saw;', 'at 10,000 metres we left.']
    """
    ends = (mark.end() for mark in _CLAUSE_END.finditer(text, start, end))
    return _between(text, start, end, ((stop, stop) for stop in ends))


def word_spans(text: str, start: int, end: int) -> list[Span]:
    """What stands between white space; a space that carries a combining mark is not white space."""
    return _between(text, start, end, (space.span() for space in _SPACE.finditer(text, start, end)))


def grapheme_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The characters as a reader sees them: a letter with its accents, a family of emoji."""
    window = _WINDOW
    while start < end:
        stop = min(start + window, end)
        # In windows, as the time that `regex` takes for a line of flags grows with the square of its length.
        stops = [start + cluster.end() for cluster in _CHARACTER.finditer(text[start:stop])]
        whole = stops if stop == end else stops[:-1]
        yield from pairwise([start, *whole])
        start, window = (whole[-1], _WINDOW) if whole else (start, window * 2)


def _between(text: str, start: int, end: int, breaks: Iterator[Span]) -> list[Span]:
    """What is left of a stretch between the breaks in it, white space stripped."""
    spans: list[Span] = []
    for stop, resume in [*breaks, (end, end)]:
        span = _stripped(text, start, stop)
        start = resume
        if spans and _MARKED.match(text, span[0], stop):
            spans[-1] = (spans[-1][0], span[1])
        elif span[0] < span[1]:
            spans.append(span)
    return spans


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _line_groups(text: str, start: int, end: int) -> list[Span]:
    """A paragraph cut where a line is an item of a list, or where the line before it was broken on purpose."""
    ends = [match.span() for match in _LINE_END.finditer(text, start, end)]
    if not ends:
        return [(start, end)]
    lines = list(zip([start, *(resume for _, resume in ends)], [*(stop for stop, _ in ends), end], strict=True))
    width = max(stop - begin for begin, stop in lines)
    breaks = (
        (before[1], line[0])
        for before, line in pairwise(lines)
        if LIST_ITEM.match(text, *line) or _stops_short(text, before, line, width)
    )
    return _between(text, start, end, breaks)


def _stops_short(text: str, before: Span, line: Span, width: int) -> bool:
    """Whether the next word would easily have fitted: then the line was not broken for want of room."""
    first_word = text[slice(*line)].strip().partition(" ")[0]
    room = width * 3 // 4 - (before[1] - before[0])
    return not first_word[:1].islower() and (width > _WIDEST_COLUMN or len(first_word) < room)


def _sentences(text: str, start: int, end: int, code: str) -> list[Span]:
    spans: list[Span] = []
    # A stop that was moved behind closing marks may lie behind the next one: hence the greatest so far.
    stops = accumulate(_sentence_ends(text, start, end, code), max)
    for span in _between(text, start, end, ((stop, stop) for stop in stops)):
        if spans and _belongs_together(text, spans[-1], span):
            spans[-1] = (spans[-1][0], span[1])
        else:
            spans.append(span)
    return spans


def _sentence_ends(text: str, start: int, end: int, code: str) -> Iterator[int]:
    """Where sentencex ends sentences, asked in windows: its time for a long line without spaces is quadratic.

    A sentence that does not end within `_WIDEST_WINDOW` is not asked about again from its beginning.
    """
    window = _WINDOW
    while start < end:
        stop = min(start + window, end)
        ends = [start + boundary["end_index"] for boundary in _boundaries(code, _shadow(text[start:stop]))]
        # The last sentence of a window may go on behind it, so it is looked at again with what follows.
        whole = ends if stop == end else ends[:-1]
        yield from (_between_marks(text, start, stop, end) for stop in whole)
        if not whole and window >= _WIDEST_WINDOW:
            whole = [stop]
        start, window = (whole[-1], _WINDOW) if whole else (start, window * 2)


def _shadow(text: str) -> str:
    """As many characters, with those alike that sentencex 1.0 trips over.

    It panics at a no-break space before a full stop, and takes whatever stands between quotation marks for one
    sentence, however long.
    """
    return _OPENING.sub(_blank, text).translate(_ALIKE)


def _blank(mark: re.Match[str]) -> str:
    return " " * len(mark[0])


def _boundaries(code: str, text: str) -> list[dict[str, int]]:
    boundaries: list[dict[str, int]] = sentencex.get_sentence_boundaries(code, text)
    return boundaries


def _between_marks(text: str, start: int, stop: int, end: int) -> int:
    """`stop`, moved behind the marks that close a sentence there, or before those that open the next."""
    mark = stop
    while mark > start + 1 and (text[mark - 1] in _OPENS or text[mark - 1].isspace()):
        mark -= 1
    opening = _OPENING.search(text, mark, min(stop + 1, end))
    if opening and opening.start() < stop:
        return opening.start()
    while stop < end and text[stop] in _CLOSES and not text[stop - 1].isspace():
        stop += 1
    return stop


def _belongs_together(text: str, before: Span, after: Span) -> bool:
    """Whether what sentencex took for two sentences is one."""
    # Of the first no more than its end is copied: it may be what a million others were put together to.
    ending, following = text[max(before[0], before[1] - 12) : before[1]], text[after[0] : after[0] + 40]
    opening = following.lstrip(_OPENS + " \xa0")[:1]
    return (
        opening.islower()
        or following[0] in _CONTINUES
        or (before[1] == after[0] and following[0].isalpha() and ending[-1] in _CLOSES)
        or _is_number_alone(text, *before)
        or _ABBREVIATED.match(f"{ending}\n{following[:8]}") is not None
        or not any(character.isalnum() for character in text[slice(*after)])
    )


def _is_number_alone(text: str, start: int, end: int) -> bool:
    is_short = end - start <= _LONGEST_NUMBER
    return is_short and _NUMBER_ALONE.fullmatch(text[start:end].lstrip(_OPENS)) is not None
