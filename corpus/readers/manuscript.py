"""What somebody's draft says and where its block quotations stand, whatever kind of file it came in."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import PurePath
from typing import Any, Protocol

from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.errors import Unreadable
from corpus.quotations import Stretch
from corpus.readers import READABLE_SUFFIXES, _format
from corpus.readers.docx_unseen import OFF, Unseen
from corpus.readers.encoding import decode
from corpus.readers.html_blocks import _BLOCK_TAGS, _SUPERSCRIPT, Block, blocks, parse, remove_unseen

LEFT_OUT = "\u200b"
"""Stands, one for one, where a draft's text would have a character that no reader of it sees, so that offsets stay."""

_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A draft as its readers see it; what is struck through in it is no part of it.

    Offsets are code points into `text`. For plain text and Markdown they are those of the file once it is decoded (a
    byte order mark is not counted, a line may end in CR LF); for other files they are those of the text read.
    """

    text: str
    blocks: tuple[Stretch, ...]
    """What is set apart as a quotation, in the order in which it begins; one may stand in another."""
    links: tuple[tuple[int, str], ...] = ()
    """Where the words of each link begin, and its address, of Markdown and web pages."""


def read_manuscript(original: bytes, name: str) -> Manuscript:
    r"""The draft in the file called `name`; of a name that tells nothing, such as "-", it is told by what it holds.

    >>> read_manuscript(b"She said:\n> We **will**.\n", "draft.md")
    Manuscript(text='She said:\n  We \u200b\u200bwill\u200b\u200b.\n', blocks=(Stretch(start=12, end=24),), links=())

    Raises `Unreadable` when the file is empty, broken, locked, or no text.
    """
    if not original.strip():
        raise Unreadable("This draft is empty.", "Give the file with the draft in it.")
    known = PurePath(name).suffix.lower() in READABLE_SUFFIXES
    match _format(original, name if known else "draft.txt"):
        case "markdown":
            return _of_markdown(decode(original))
        case "html":
            return _of_page(original)
        case "docx":
            return _of_word_document(original)
        case "pdf":
            from corpus.readers import pdf

            return Manuscript(pdf.read(original).text, ())
        case "jsonl":
            raise Unreadable("This holds records, not a draft.", "Give the draft as text, Markdown, HTML, PDF or DOCX.")
        case _:
            return _of_text(decode(original))


# -- plain text

_MAIL_MARK = re.compile(r"[ \t]{0,3}(?P<marks>>(?:[ \t]?>)*)(?=[ \t]|$)")


def _of_text(source: str) -> Manuscript:
    """The text as it is, but for the marks of lines quoted as in mail; lines of one depth are one block quotation."""
    shown = list(source)
    runs: list[tuple[int, int, int]] = []
    for start, end in _lines(source):
        mark = _MAIL_MARK.match(source[start:end])
        if mark is None:
            continue
        shown[start : start + mark.end()] = [LEFT_OUT if one == ">" else one for one in mark[0]]
        depth = mark["marks"].count(">")
        if runs and runs[-1][2] == depth and not source[runs[-1][1] : start].strip("\r\n"):
            runs[-1] = runs[-1][0], end, depth
        else:
            runs.append((start + mark.end(), end, depth))
    text = "".join(shown)
    return Manuscript(text, tuple(_stretches(text, ((start, end) for start, end, _depth in runs))))


def _lines(source: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line, its line end left out."""
    start = 0
    for ending in _LINE_END.finditer(source):
        yield start, ending.start()
        start = ending.end()
    yield start, len(source)


def _stretches(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Stretch]:
    """The spans without what no one sees at their ends; none for one in which there is nothing to see."""
    for first, last in spans:
        start, end = first, last
        while start < end and (text[start].isspace() or text[start] == LEFT_OUT):
            start += 1
        while start < end and (text[end - 1].isspace() or text[end - 1] == LEFT_OUT):
            end -= 1
        if start < end:
            yield Stretch(start, end)


def _is_gap(before: str, struck: str, after: str) -> bool:
    """Whether the words on both sides of struck ones would join without a space that was struck with them."""
    return before.isalnum() and after.isalnum() and any(one.isspace() for one in struck)


def _raised(words: str) -> str:
    """What is set as superscript, if it is figures: 10 to the sixth must not read as 106."""
    figures = words.replace(LEFT_OUT, "")
    return words.translate(_SUPERSCRIPT) if figures.isascii() and not re.search(r"[A-Za-z]", figures) else words


# -- Markdown

_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n?|\n)(?=[\w-]+[ \t]*:).*?(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL
)
_LINK_END = re.compile(
    r"""\] (?:
      \( \s* (?: <[^<>\n]*> | (?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))* )
         (?: \s+ (?: "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \((?:\\.|[^)\\])*\) ) )? \s* \)
      | \[ (?:\\.|[^\]\\])* \]
    )?""",
    re.VERBOSE,
)
_MARKUP = re.compile(
    r"""(?P<unseen> <!--.*?(?:-->|\Z) | <(?P<name>script|style)\b.*?(?:</(?P=name)>|\Z) )
      | (?P<tag> </?[A-Za-z][^<>]*> | <[!?][^<>]*> )
      | (?P<entity> &(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31}); )""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_TAG_NAME = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_WITHIN_WORDS = re.compile(
    r"(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|s|small|span|strike|strong|sub|sup|u)", re.IGNORECASE
)
_STRIKING = ("del", "s", "strike")
_NOTE_MARK = re.compile(r"\[\^[^\]\s]{1,64}\]:?")
_ADDRESS = re.compile(r"https?://[^\s<>\"“”„«»\u200b]*[^\s<>\"“”„«»\u200b.,;:!?…)\]'’*_]")
_QUOTE_MARKS = frozenset("\"'“”„‘’‚«»‹›「」『』＂")


def _of_markdown(source: str) -> Manuscript:
    """The words of a Markdown file, each where it stands in the file, with nothing but blanks where it has marks.

    A fenced block of code is not shown; an indented one is, since what a draft indents is seldom code.
    """
    front = _FRONT_MATTER.match(source)
    body = source if front is None else _blanked(front[0]) + source[front.end() :]
    starts = [start for start, _end in _lines(body)] + [len(body)]
    page = _Page(body, [" " if not one.isspace() else one for one in body])
    spans: list[tuple[int, int]] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join").parse(body):
        if token.map is None:
            continue
        start, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        match token.type:
            case "blockquote_open":
                spans.append((start, end))
            case "inline":
                page.inline(token, start, end)
            case "code_block" | "html_block":
                page.html(start, end)
    page.settle()
    text = page.text()
    blocks = _stretches(text, sorted({*spans, *page.quoted}, key=lambda span: (span[0], -span[1])))
    links = dict(_addresses(text)) | dict(page.links)
    return Manuscript(text, tuple(blocks), tuple(sorted(links.items())))


def _blanked(source: str) -> str:
    return re.sub(r"[^\r\n]", " ", source)


def _addresses(text: str) -> Iterator[tuple[int, str]]:
    """The addresses that stand in a text as such."""
    for match in _ADDRESS.finditer(text):
        yield match.start(), match[0]


@dataclass(slots=True)
class _Page:
    """A Markdown file of which more and more is shown."""

    source: str
    shown: list[str]
    at: int = 0
    """How far it has been looked at."""
    links: list[tuple[int, str]] = field(default_factory=list)
    quoted: list[tuple[int, int]] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    """Where the HTML block quotations begin that have not ended."""
    until: int = 0
    """Where the block ends that is looked at."""
    altering: list[tuple[str, int, int]] = field(default_factory=list)
    """What strikes words or raises them and has not ended: its name, where it begins, and where its block ends."""
    altered: list[tuple[str, int, int]] = field(default_factory=list)
    """What has ended of it: its name, where it begins and where it ends."""

    def text(self) -> str:
        """What is shown, as long as the source."""
        return "".join(self.shown)

    def inline(self, token: Token, start: int, end: int) -> None:
        """Show the words of a paragraph, a heading or the cell of a table."""
        begins = self.source.find(token.content.partition("\n")[0], max(self.at, start), end)
        self.at = max(self.at, start, begins)
        self.until = end
        for child in token.children or ():
            before = self.at
            place = self._find(child, end)
            if place is not None:
                self._leave_out(before, place[0])
                self.at = place[1]
        for mark in _NOTE_MARK.finditer(self.source, start, end):
            self._leave_out(*mark.span())

    def _find(self, child: Token, end: int) -> tuple[int, int] | None:
        """Where a part of a paragraph stands in the source; it is shown if it is words."""
        match child.type:
            case "text":
                place = self._words(child.content, end)
            case "text_special":
                place = self._replaced(child.markup, child.content, end)
            case "code_inline":
                place = self._code(child.markup, end)
            case "softbreak" | "hardbreak":
                ending = _LINE_END.search(self.source, self.at, end)
                place = ending.span() if ending else None
            case "html_inline":
                place = self._tag(child.content, end)
            case "image":
                place = self._image(child.content, end)
            case "link_open":
                place = self._link(child)
            case "link_close" if child.markup != "autolink":
                place = self._link_end(end)
            case "link_close":
                self._quiet(self.links[-1][0], self.at)
                place = self._mark(">")
            case "s_open" | "s_close":
                place = self._mark(child.markup)
                if place is not None:
                    self._alter(child.markup, *place, ends=child.type == "s_close")
            case _:
                place = self._mark(child.markup)
        return place

    def _words(self, words: str, end: int) -> tuple[int, int] | None:
        place = self.source.find(words, self.at, end)
        if place < 0 or not words:
            return None
        self.shown[place : place + len(words)] = words
        return place, place + len(words)

    def _replaced(self, markup: str, character: str, end: int) -> tuple[int, int] | None:
        """An escape or an entity: what it stands for, and nothing in the rest of its places."""
        place = self.source.find(markup, self.at, end)
        if place < 0:
            return None
        escaped = markup == "\\" + character
        self._leave_out(place, place + escaped)
        self._put(place + escaped, place + len(markup), character)
        return place, place + len(markup)

    def _put(self, start: int, end: int, words: str) -> None:
        words = words[: end - start]
        self.shown[start:end] = words + LEFT_OUT * (end - start - len(words))

    def _code(self, fence: str, end: int) -> tuple[int, int] | None:
        """The words of a code span; marks in it quote nothing."""
        code = re.compile(rf"(?<!`){fence}(?!`)(.*?)(?<!`){fence}(?!`)", re.DOTALL).search(self.source, self.at, end)
        if code is None:
            return None
        self.shown[code.start(1) : code.end(1)] = code[1]
        self._quiet(*code.span(1))
        self._leave_out(code.start(), code.start(1))
        self._leave_out(code.end(1), code.end())
        return code.span()

    def _tag(self, tag: str, end: int) -> tuple[int, int] | None:
        place = self.source.find(tag, self.at, end)
        if place < 0:
            return None
        self._hide_tag(place, place + len(tag))
        return place, place + len(tag)

    def _image(self, alternative: str, end: int) -> tuple[int, int] | None:
        place = self.source.find("![" + alternative, self.at, end)
        tail = _LINK_END.match(self.source, place + 2 + len(alternative), end) if place >= 0 else None
        if tail is None:
            return None
        self._leave_out(place, tail.end())
        return place, tail.end()

    def _link(self, link: Token) -> tuple[int, int] | None:
        mark = "<" if link.markup == "autolink" else "["
        place = self._mark(mark)
        if place is not None and not self.source.startswith("[^", place[0]):
            self.links.append((place[1], str(link.attrs.get("href", ""))))
        return place

    def _link_end(self, end: int) -> tuple[int, int] | None:
        tail = _LINK_END.match(self.source, self.at, end)
        if tail is None:
            return None
        self._leave_out(*tail.span())
        return tail.span()

    def _mark(self, markup: str) -> tuple[int, int] | None:
        if not markup or not self.source.startswith(markup, self.at):
            return None
        self._leave_out(self.at, self.at + len(markup))
        return self.at, self.at + len(markup)

    def _quiet(self, start: int, end: int) -> None:
        """Leave out the quotation marks of code and of addresses: they quote nothing."""
        for at in range(start, end):
            if self.source[at] in _QUOTE_MARKS:
                self.shown[at] = LEFT_OUT

    def _leave_out(self, start: int, end: int) -> None:
        for at in range(start, end):
            if self.source[at] not in "\r\n":
                self.shown[at] = LEFT_OUT

    def html(self, start: int, end: int) -> None:
        """Show the words between the tags of a block of HTML, or of one that is indented as code is."""
        self.shown[start:end] = self.source[start:end]
        self.until = end
        for found in _MARKUP.finditer(self.source, start, end):
            if found["unseen"]:
                self.shown[found.start() : found.end()] = _blanked(found[0])
            elif found["tag"]:
                self._hide_tag(*found.span())
            else:
                self._put(*found.span(), unescape(found[0]))
        self.at = end

    def _hide_tag(self, start: int, end: int) -> None:
        tag = _TAG_NAME.match(self.source, start, end)
        name = tag["name"].lower() if tag else ""
        if tag is None or _WITHIN_WORDS.fullmatch(name):
            self._leave_out(start, end)
        elif name == "q":
            self._put(start, end, "”" if tag["close"] else "“")
        else:
            self.shown[start:end] = _blanked(self.source[start:end])
        if tag and (name in _STRIKING or name == "sup"):
            self._alter(name, start, end, ends=bool(tag["close"]))
        if name == "a" and tag and not tag["close"] and (link := _HREF.search(self.source, start, end)):
            self.links.append((end, unescape(next(filter(None, link.groups()), ""))))
        if name == "blockquote" and tag:
            if not tag["close"]:
                self.opened.append(end)
            elif self.opened:
                self.quoted.append((self.opened.pop(), start))

    def _alter(self, name: str, start: int, end: int, *, ends: bool) -> None:
        """Take note of a mark or a tag that begins or ends what is struck through or raised."""
        if not ends:
            self.altering.append((name, start, self.until))
            return
        for number in range(len(self.altering) - 1, -1, -1):
            if self.altering[number][0] == name:
                _name, begun, _until = self.altering.pop(number)
                self.altered.append((name, begun, end))
                return

    def settle(self) -> None:
        """Raise what is superscript and leave out what is struck; what never ends does so with its block."""
        struck: list[tuple[int, int]] = []
        for name, start, end in sorted([*self.altered, *self.altering], key=lambda one: one[1:]):
            if name == "sup":
                self.shown[start:end] = _raised("".join(self.shown[start:end]))
            elif struck and start <= struck[-1][1]:
                struck[-1] = struck[-1][0], max(end, struck[-1][1])
            else:
                struck.append((start, end))
        for start, end in struck:
            self._strike(start, end)
        self.links = [link for link in self.links if not any(start <= link[0] < end for start, end in struck)]

    def _strike(self, start: int, end: int) -> None:
        before, after = start - 1, end
        while before >= 0 and self.shown[before] == LEFT_OUT:
            before -= 1
        while after < len(self.shown) and self.shown[after] == LEFT_OUT:
            after += 1
        gone = "".join(self.shown[start:end])
        self._leave_out(start, end)
        if _is_gap("".join(self.shown[max(before, 0) : before + 1]), gone, "".join(self.shown[after : after + 1])):
            gap = next(at for at, one in enumerate(gone, start) if one.isspace())
            self.shown[gap] = self.source[gap] if self.source[gap] in "\r\n" else " "


# -- web pages and Word documents


class _Laid(Protocol):
    """A paragraph, list item or table row as a reader of one of these formats gives it."""

    text: str
    kind: str


def _laid_out(found: Sequence[_Laid]) -> tuple[str, list[tuple[int, int]]]:
    """The text of blocks, a blank line between paragraphs, and where each stands in it."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for number, block in enumerate(found):
        if number:
            pieces.append("\n" if found[number - 1].kind == block.kind != "paragraph" else "\n\n")
            at += len(pieces[-1])
        pieces.append(block.text)
        spans.append((at, at + len(block.text)))
        at += len(block.text)
    return "".join(pieces), spans


_HERE = "\ufdd0"
"""No character by the Unicode Standard: marks where a link begins until its offset is known."""
_NAME = "\ufdd1"
"""Likewise, where the name of who is quoted begins at the end of a block quotation."""


def _of_page(original: bytes) -> Manuscript:
    """What a web page shows; <q> has its marks, and the name under a <blockquote> is no part of it."""
    page = parse(original)
    remove_unseen(page)
    body = page.find("body")
    _remove_struck(body)
    _clear(body)
    _add_marks(body)
    _mark_names(body)
    addresses = _mark_links(body)
    found = blocks(body)
    marked, spans = _laid_out(found)
    if not marked.strip(_HERE + _NAME):
        raise Unreadable("This web page shows no text.", "Save the page with its text in it.")
    quoted = _quoted_elements(found, spans)
    text, place = _without_places(marked)
    stretches = _stretches(text, ((place[start], place[end]) for start, end in quoted))
    offsets = [place[at] for at, one in enumerate(marked) if one == _HERE]
    return Manuscript(text, tuple(stretches), tuple(zip(offsets, addresses, strict=False)))


_STRUCK_STYLE = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_WORDS_BEFORE = etree.XPath("string(preceding::text()[1])")
_WORDS_AFTER = etree.XPath("string(following::text()[1])")


def _remove_struck(body: Any) -> None:
    """Take out of a page what is struck through in it."""
    for element in list(body.iter(etree.Element)):
        if element is body or (element.tag not in _STRIKING and not _STRUCK_STYLE.search(element.get("style", ""))):
            continue
        before, after = str(_WORDS_BEFORE(element)), str(_WORDS_AFTER(element))
        parted = any(one.tag in _BLOCK_TAGS for one in element.iter(etree.Element))
        struck = "".join(element.itertext()) + " " * parted
        gap = " " if _is_gap(before[-1:], struck, after[:1]) else ""
        kept = gap + (element.tail or "")
        previous, parent = element.getprevious(), element.getparent()
        if previous is None:
            parent.text = (parent.text or "") + kept
        else:
            previous.tail = (previous.tail or "") + kept
        parent.remove(element)


def _clear(body: Any) -> None:
    """Take out of a page the two characters that are to mark places in it."""
    for element in body.iter():
        element.text = re.sub(f"[{_HERE}{_NAME}]", "", element.text or "") or None
        element.tail = re.sub(f"[{_HERE}{_NAME}]", "", element.tail or "") or None


def _put_first(element: Any, character: str) -> None:
    words = element.text or ""
    spaces = len(words) - len(words.lstrip())
    element.text = words[:spaces] + character + words[spaces:]


def _mark_names(body: Any) -> None:
    """Mark where a block quotation ends in the name of who is quoted."""
    for tag in ("footer", "cite", "figcaption"):
        for element in body.iter(tag):
            if any(True for _ in element.iterancestors("blockquote")) and _is_last(element):
                _put_first(element, _NAME)


def _is_last(element: Any) -> bool:
    """Whether its block quotation shows nothing more after an element."""
    while element.tag != "blockquote":
        if (element.tail or "").strip() or any("".join(one.itertext()).strip() for one in element.itersiblings()):
            return False
        element = element.getparent()
    return True


def _add_marks(body: Any) -> None:
    """Put in the marks that browsers show around <q>."""
    for quote in body.iter("q"):
        depth = sum(1 for _ in quote.iterancestors("q"))
        opening, closing = ("“”", "‘’")[depth % 2]
        quote.text = opening + (quote.text or "")
        if len(quote):
            quote[-1].tail = (quote[-1].tail or "") + closing
        else:
            quote.text += closing


def _mark_links(body: Any) -> list[str]:
    """The addresses of the links that show words, where each begins being marked."""
    addresses = []
    for link in body.iter("a"):
        if link.get("href") and "".join(link.itertext()).strip():
            _put_first(link, _HERE)
            addresses.append(link.get("href").strip())
    return addresses


def _without_places(marked: str) -> tuple[str, list[int]]:
    """A text without the marks of places, and where in it each offset of the text with them is."""
    places = []
    at = 0
    for one in marked:
        places.append(at)
        at += one not in {_HERE, _NAME}
    return "".join(one for one in marked if one not in {_HERE, _NAME}), [*places, at]


def _quoted_elements(found: list[Block], spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where the block quotations of a page begin and end; the name under one is no part of it."""
    quoted: dict[Any, tuple[int, int]] = {}
    named: set[Any] = set()
    for block, (start, end) in zip(found, spans, strict=True):
        name = block.text.find(_NAME)
        for element in (block.element, *block.element.iterancestors()):
            if element.tag == "blockquote" and element not in named:
                quoted[element] = quoted.get(element, (start, end))[0], end if name < 0 else start + name
                if name >= 0:
                    named.add(element)
    return sorted(quoted.values(), key=lambda span: (span[0], -span[1]))


_QUOTE_STYLES = frozenset({"quote", "intense quote", "block text", "block quote", "quotation", "block quotation"})


def _of_word_document(original: bytes) -> Manuscript:
    """What a Word document prints; paragraphs in a style for quotations that follow each other are one of them."""
    from corpus.readers import docx

    with docx.broken_is_refused():
        return _of_opened(original)


def _of_opened(original: bytes) -> Manuscript:
    from corpus.readers import docx

    document = docx._open(original)
    _settle_runs(document.element.body)
    for rel in document.part.rels.values():
        if rel.reltype.endswith(("/footnotes", "/endnotes")):
            notes = docx.part_of(rel.target_part)
            _settle_runs(notes)
            rel.target_part._blob = etree.tostring(notes)
    page = docx._Page(docx._Numbering.of(document), Unseen.of(document))
    page.read(document.element.body)
    found = [*page.blocks, *docx._notes(document, page)]
    text, spans = _laid_out(found)
    if not text.strip():
        raise Unreadable("This Word document holds no text.", "Give the file with the draft in it.")
    quoting = {style.style_id for style in document.styles if (style.name or "").lower() in _QUOTE_STYLES}
    quoted: list[tuple[int, int]] = []
    for number, (block, (start, end)) in enumerate(zip(found, spans, strict=True)):
        if block.style not in quoting:
            continue
        if quoted and number and quoted[-1][1] == spans[number - 1][1]:
            quoted[-1] = quoted[-1][0], end
        else:
            quoted.append((start, end))
    return Manuscript(text, tuple(_stretches(text, quoted)))


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RUN_BEFORE = etree.XPath("string(preceding::w:t[1])", namespaces={"w": _W[1:-1]})
_RUN_AFTER = etree.XPath("string(following::w:t[1])", namespaces={"w": _W[1:-1]})


def _settle_runs(part: Any) -> None:
    """Take the words out of the runs of a Word document that are struck through, and raise its superscripts."""
    for run in part.iter(_W + "r"):
        words = list(run.iter(_W + "t"))
        raised = run.find(f"{_W}rPr/{_W}vertAlign")
        if _is_on(run, "strike") or _is_on(run, "dstrike"):
            struck = "".join(piece.text or "" for piece in words)
            gap = _is_gap(str(_RUN_BEFORE(run))[-1:], struck, str(_RUN_AFTER(run))[:1])
            for child in list(run):
                if child.tag != _W + "rPr":
                    run.remove(child)
            if gap:
                etree.SubElement(run, _W + "t").text = " "
        elif raised is not None and raised.get(_W + "val") == "superscript":
            for piece in words:
                piece.text = _raised(piece.text or "")


def _is_on(run: Any, name: str) -> bool:
    """Whether a run has a property that is on or off, such as "strike"."""
    found = run.find(f"{_W}rPr/{_W}{name}")
    return found is not None and found.get(_W + "val", "1") not in OFF
