"""How the printed lines of a PDF become paragraphs again, and which of them are the page's and not the statement's."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, groupby, pairwise, takewhile
from statistics import median, median_high, median_low

import pypdfium2
from pypdfium2 import raw

from corpus.errors import Unreadable
from corpus.readers import pdf_unseen
from corpus.readers.draft import Draft
from corpus.readers.hidden import without_smuggled
from corpus.readers.masthead import is_institution
from corpus.readers.metadata import find_date, kind_of, speaker_in_title
from corpus.readers.pages import Pages

_PASSWORD = 4
# pdfium writes this for every hyphen that ends a line, that of "long-term" too: which were printed for the line's
# sake alone cannot be told, so each is kept.
_LINE_END_HYPHEN = "\x02"
_SUPERSCRIPT = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:Q|A|[^\W\d_a-z][^\W\d_a-z.’'\s-]*(?:[ -][^\W\d_a-z.][^\W\d_a-z’']*\.?){0,5}(?:\s*\([^)]{1,40}\))?)[.:]\s+\S"
    r"|Q\s+\S|[A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*){0,4}:\s+\S"
)
_ITEM = re.compile(r"(?:[•‣▪●○◦–—*-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+\S")
_NOTE = re.compile(r"\s*[\d*†‡⁰¹²³⁴-⁹]")
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"'”’)\]»⁰¹²³⁴-⁹]*$")
_BETWEEN = "\n\n"
_INDENT = 8.0
_COLUMN = 120.0
_EDGE = 3


def read(data: bytes) -> Draft:
    """The statement in a PDF: its paragraphs, with title and date from the first lines of its first page.

    Running headers, footers and page numbers are left out, and so is what is not seen on the page; footnotes come
    after the text they interrupt.

    Raises `Unreadable` when it is broken, locked, or has pictures of text only.
    """
    return _read(data)[0]


def pages_of(data: bytes, text: str) -> Pages | None:
    """The pages of the PDF whose statement has that text; `None` when it is read to another text today.

    Raises `Unreadable` as `read` does.
    """
    draft, paragraphs = _read(data)
    if draft.text != text:
        return None
    starts: list[int] = []
    begin = 0
    for lines in paragraphs:
        lengths = [len(printed) for printed in accumulate((line.text for line in lines), _run_on)]
        starts += (begin + length - len(line.text) for length, line in zip(lengths, lines, strict=True))
        begin += lengths[-1] + len(_BETWEEN)
    return Pages(tuple(starts), tuple(line.page for lines in paragraphs for line in lines))


def _read(data: bytes) -> "tuple[Draft, list[list[_Line]]]":
    """The statement and the lines of each of its paragraphs."""
    pages = [lines for lines in _without_margins(_pages(data)) if lines]
    if not pages:
        raise Unreadable("This PDF holds no text, only pictures of it.", "Run text recognition (OCR) on it first.")
    pages, notes = _without_notes(pages)
    title, issuer, published, pages = _heading(pages)
    paragraphs = [*_paragraphs(pages), *_paragraphs(notes)]
    text = _BETWEEN.join(reduce(_run_on, (line.text for line in paragraph)) for paragraph in paragraphs)
    if not text:
        raise Unreadable("This PDF holds no text but its title.", "Give the file with the statement itself.")
    draft = Draft(
        text=text,
        title=title,
        issuer=issuer,
        speaker=speaker_in_title(title) if title else None,
        published=published,
        kind=kind_of(title) if title else None,
    )
    return draft, paragraphs


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    left: float
    right: float
    bottom: float
    size: float
    """Height of its type in points; 0 for a space that pdfium put in."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line, in points from the lower left corner of its page; `size` is the height of its type."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    page: int
    """1 for the first."""


def _pages(data: bytes) -> list[list[_Line]]:
    try:
        with pypdfium2.PdfDocument(data) as document:
            return [_lines(document[number], number + 1) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Unreadable("This PDF is locked with a password.", "Save a copy without the password.") from None
        raise Unreadable("This PDF is broken and cannot be read.", "Download or export it again.") from None


def _lines(page: pypdfium2.PdfPage, number: int) -> list[_Line]:
    """The lines of a page in the order of its text."""
    runs: list[list[_Letter]] = [[]]
    for letter in _letters(page):
        if letter.text not in "\r\n":
            runs[-1].append(letter)
        if letter.text in {"\n", _LINE_END_HYPHEN}:
            runs.append([])
    lines: list[list[_Letter]] = []
    for run in runs:
        if not any(letter.size for letter in run):
            continue
        if lines and _is_same_line(lines[-1], run):
            lines[-1] += run
        else:
            lines.append(run)
    return [_line(letters, number) for letters in lines]


def _letters(page: pypdfium2.PdfPage) -> Iterator[_Letter]:
    """The letters of a page that are seen."""
    text_page = page.get_textpage()
    letters, is_generated, code_at = text_page.raw, raw.FPDFText_IsGenerated, raw.FPDFText_GetUnicode
    is_seen = pdf_unseen.sight(page, text_page)
    for at in range(text_page.count_chars()):
        text = _character(code_at(letters, at))
        if text.isspace() or is_generated(letters, at) == 1:
            yield _Letter(text, 0.0, 0.0, 0.0, 0.0)
        elif text:
            left, bottom, right, top = text_page.get_charbox(at, loose=True)
            if is_seen(at, left, bottom, right, top):
                yield _Letter(text, left, right, bottom, top - bottom)
            elif text == _LINE_END_HYPHEN:
                yield _Letter("\n", 0.0, 0.0, 0.0, 0.0)


def _character(code: int) -> str:
    """The character of a code; nothing for those that pdfium could not name."""
    if code in {0, 0xFFFE, 0xFFFF} or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return ""
    return chr(code)


def _is_same_line(line: list[_Letter], run: list[_Letter]) -> bool:
    """Whether a run goes on in the line before it, as text does after a raised footnote mark."""
    printed, more = [x for x in line if x.size], [x for x in run if x.size]
    if not printed or printed[-1].text == _LINE_END_HYPHEN:
        return False
    last, first = printed[-1], more[0]
    overlap = min(last.bottom + last.size, first.bottom + first.size) - max(last.bottom, first.bottom)
    near = -0.2 * first.size <= first.left - last.right <= 1.5 * first.size
    return near and overlap >= 0.5 * min(last.size, first.size)


def _line(letters: list[_Letter], page: int) -> _Line:
    printed = [letter for letter in letters if letter.size]
    # The usual one of a line: pdfium takes the boxes of a few letters from fonts with impossible ones.
    size = median_high(letter.size for letter in printed)
    bottom = median_low(letter.bottom for letter in printed)
    text = "".join(
        letter.text.translate(_SUPERSCRIPT) if _is_raised(letter, bottom, size) else letter.text for letter in letters
    )
    text = text.replace(_LINE_END_HYPHEN, "-")
    left, right = min(letter.left for letter in printed), max(letter.right for letter in printed)
    return _Line(re.sub(r"[ \t]{2,}", " ", without_smuggled(text)).strip(), left, right, bottom, size, page)


def _is_raised(letter: _Letter, bottom: float, size: float) -> bool:
    return 0 < letter.size < 0.85 * size and letter.bottom > bottom + 0.15 * size


def _without_margins(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without what stands at their edges on many of them at one height: headers, footers, page numbers."""
    places = Counter(
        place for number, lines in enumerate(pages) for line in _outer(lines) for place in _places(line, number)
    )
    running = {place for place, count in places.items() if count >= max(2, 0.4 * len(pages))}
    return [_without_number(_without_edges(lines, number, running), number + 1) for number, lines in enumerate(pages)]


def _without_edges(lines: list[_Line], number: int, running: set[tuple[str, int]]) -> list[_Line]:
    by_height = sorted(lines, key=lambda line: line.bottom)

    def runs(line: _Line) -> bool:
        return not running.isdisjoint(_places(line, number))

    edges = [*takewhile(runs, by_height[:_EDGE]), *takewhile(runs, reversed(by_height[-_EDGE:]))]
    return [line for line in lines if line not in edges]


def _outer(lines: list[_Line]) -> set[_Line]:
    by_height = sorted(lines, key=lambda line: line.bottom)
    return {*by_height[:_EDGE], *by_height[-_EDGE:]}


def _places(line: _Line, number: int) -> set[tuple[str, int]]:
    """What a line says and how high it stands; also with each number in it less the page's, unless it is a sentence."""
    height = round(line.bottom / 6)
    places = {(line.text, height)}
    if len(line.text.split()) < 6 or not _SENTENCE_END.search(line.text):
        for found in re.finditer(r"\d{1,4}", line.text):
            rest = line.text[: found.start()], line.text[found.end() :]
            places.add((f"{rest[0]}\0{int(found[0]) - number}\0{rest[1]}", height))
    return places


def _without_number(lines: list[_Line], number: int) -> list[_Line]:
    """A page without its number, where that stands nowhere twice at the same height."""
    by_height = sorted(lines, key=lambda line: line.bottom)
    for line in by_height[:1] + by_height[-1:]:
        if len(lines) > 1 and _PAGE_NUMBER.fullmatch(line.text) and re.search(rf"(?<!\d){number}(?!\d)", line.text):
            return [other for other in lines if other is not line]
    return lines


def _without_notes(pages: list[list[_Line]]) -> tuple[list[list[_Line]], list[list[_Line]]]:
    """The pages without the footnotes in small type at their feet, and these."""
    body = _usual_size(pages)
    bodies, notes = [], []
    for lines in pages:
        foot = len(lines)
        while foot and lines[foot - 1].size <= 0.92 * body:
            foot -= 1
        while foot < len(lines) and not _NOTE.match(lines[foot].text):
            foot += 1
        if 0 < foot < len(lines):
            notes.append(lines[foot:])
        bodies.append(lines[:foot] if foot else lines)
    return bodies, notes


def _usual_size(pages: Iterable[list[_Line]]) -> float:
    return median(line.size for lines in pages for line in lines for _ in line.text)


def _heading(pages: list[list[_Line]]) -> tuple[str | None, str | None, str | None, list[list[_Line]]]:
    """The title, issuer and date in the lines that head the first page, and the pages without them."""
    first = pages[0]
    body = _usual_size(pages)
    end = next((at for at, line in enumerate(first) if _begins_text(first, at, body)), len(first))
    head = first[:end]
    if len(pages) == 1 and end == len(first):
        return None, None, None, pages
    dates = [line for line in head if find_date(line.text)]
    stated = {find_date(line.text) for line in dates}
    issuer, title = _issuer_and_title([line for line in head if line not in dates], body)
    printed = " ".join(line.text for line in title) or None
    used = [*issuer, *title, *(line for line in dates if len(line.text) <= 60)]
    rest = [line for line in first if not any(line is one for one in used)]
    named = ", ".join(line.text for line in issuer) or None
    return printed, named, stated.pop() if len(stated) == 1 else None, [rest, *pages[1:]]


def _begins_text(lines: list[_Line], at: int, body: float) -> bool:
    """Whether a line of the first page is of the text: a speaker's, or one of several in a paragraph."""
    line = lines[at]
    if line.size > 1.1 * body:
        return False
    if _LABEL.match(line.text) and not find_date(line.text):
        return True
    wide = max(other.right for other in lines) - min(other.left for other in lines)
    centred = line.left - min(other.left for other in lines) > 0.12 * wide
    full = line.right - line.left > 0.75 * wide
    return not centred and (full or (_SENTENCE_END.search(line.text) is not None and len(line.text.split()) > 3))


def _issuer_and_title(head: list[_Line], body: float) -> tuple[list[_Line], list[_Line]]:
    """The lines that name the issuer over the title, and those of the title."""
    names = list(takewhile(lambda line: is_institution(line.text), head))
    title = _title(head[len(names) :], body)
    printed = " ".join(line.text for line in title)
    # "Bank of Wool" over "Raises Its Rates" may be one title in two lines; over "Remarks by …", or larger type, not.
    apart = bool(names and title) and (
        kind_of(printed) is not None or abs(title[0].size - names[-1].size) > 0.1 * names[-1].size
    )
    return (names, title) if apart else ([], _title(head, body))


def _title(head: list[_Line], body: float) -> list[_Line]:
    """The lines of the title: those in the largest type, or those that say what statement this is."""
    if not head:
        return []
    largest = max(line.size for line in head)
    if largest > 1.1 * body:
        return next(list(lines) for big, lines in groupby(head, lambda x: x.size > 0.95 * largest) if big)
    telling = [line for line in head if speaker_in_title(line.text) or kind_of(line.text)]
    return telling[:1] or head[:1]


def _paragraphs(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The lines of each paragraph, also of those that run on over the page."""
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    layout = _Layout.of(pages)
    paragraphs = [[lines[0]]]
    for line in lines[1:]:
        if layout.begins(line, paragraphs[-1]):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def _run_on(text: str, line: str) -> str:
    if text.endswith("\u00ad"):
        return text[:-1] + line
    return text + line if re.search(r"[^\W\d_]-$", text) and line[:1].isalnum() else f"{text} {line}"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns of a document begin and end, how far its lines stand apart, whether paragraphs are indented."""

    columns: tuple[float, ...]
    right: float
    leading: float
    indents: bool

    @classmethod
    def of(cls, pages: list[list[_Line]]) -> "_Layout":
        lines = [line for page in pages for line in page]
        lefts = Counter(round(line.left) for line in lines)
        columns: list[float] = []
        for left in sorted(left for left, count in lefts.items() if count >= 0.12 * len(lines)) or [min(lefts)]:
            if not columns or left - columns[-1] > _COLUMN:
                columns.append(left)
        gaps = [a.bottom - b.bottom for page in pages for a, b in pairwise(page) if a.bottom > b.bottom + 1]
        indented = sum(
            _INDENT < line.left - max(c for c in (0.0, *columns) if c <= line.left + 2) < 60 for line in lines
        )
        return cls(
            columns=tuple(columns),
            right=sorted(line.right for line in lines)[int(0.9 * (len(lines) - 1))],
            leading=median(gaps) if gaps else 0.0,
            indents=indented >= 0.05 * len(lines),
        )

    def begins(self, line: _Line, paragraph: list[_Line]) -> bool:
        """Whether a line begins a paragraph after the one so far."""
        before = paragraph[-1]
        if _LABEL.match(line.text) and (self._indent(line) > _INDENT or self._ended(before)):
            return True
        if _ITEM.match(line.text) and (self._ended(before) or line.left != before.left):
            return True
        if abs(line.size - before.size) > 0.1 * before.size:
            return True
        gap = before.bottom - line.bottom
        if gap <= 0 or gap > 4 * self.leading:  # the next column, or the next page
            return self._indent(line) > _INDENT or (
                self._ended(before) and not (self.indents and self._is_full(before))
            )
        if gap > 1.4 * self.leading:
            return True
        return self._steps(line, paragraph) or (self._ended(before) and not self._is_full(before))

    def _steps(self, line: _Line, paragraph: list[_Line]) -> bool:
        """Whether a line steps in, as a new paragraph does, or out of a quotation that is set in throughout."""
        step = line.left - paragraph[-1].left
        if _ITEM.match(paragraph[-1].text) or abs(step) <= _INDENT:
            return step < -_INDENT
        return step > 0 or (len(paragraph) > 1 and self._indent(paragraph[-1]) > _INDENT)

    def _indent(self, line: _Line) -> float:
        return line.left - max((column for column in self.columns if column <= line.left + 2), default=line.left)

    def _is_full(self, line: _Line) -> bool:
        return line.right > self.right - 0.15 * (self.right - self.columns[0])

    def _ended(self, line: _Line) -> bool:
        return _SENTENCE_END.search(line.text) is not None
