"""What a reader of a web page sees, block by block, word for word: nothing hidden, no menus, no words joined."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from corpus.errors import Unreadable
from corpus.readers.encoding import decode
from corpus.readers.furniture import furniture
from corpus.readers.hidden import without_smuggled
from corpus.readers.styles import Sight, unseen

_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""What lxml gives as a page's text and takes from nobody: none of it is seen, and page feeds part words."""
# Pages of the windows-1252 years write &#146; for ’, and browsers still show it as such.
_AS_BROWSERS_SHOW = {
    code: shown for code in range(0x80, 0xA0) if (shown := bytes([code]).decode("cp1252", errors="ignore"))
} | {0xAD: None}
_SUPERSCRIPT = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")
_SPACES = re.compile(r"[ \t\r\n\f]+")


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER_SEEN = _named(
    "script style noscript template iframe object embed svg canvas audio video map select option textarea input "
    "button datalist dialog math"
)
_CHROME_TAGS = _named("nav footer figcaption menu")
_HEADINGS = _named("h1 h2 h3 h4 h5 h6 summary")
_BLOCK_TAGS = _named(
    "address article blockquote body caption center dd details dir div dl dt fieldset figure form h1 h2 h3 h4 h5 h6 "
    "header hgroup hr legend li main ol p pre section summary table tbody td tfoot th thead tr ul"
)
_CHROME_ROLES = _named("navigation banner contentinfo search menu menubar dialog toolbar")
# These say what a part is whatever it holds; the other names are topics too: "social", "navigation", "comments".
_SURE_PARTS = _named("cookie cookies gdpr addthis sharethis")
_SURE_NAMES = _named("nav navbar breadcrumb breadcrumbs footer sidebar skiplinks toolbar pagination globalskip")
_CHROME_NAMES = _named(
    "nav navbar navigation menu breadcrumb breadcrumbs crumb crumbs share sharing social footer sidebar skip skiplink "
    "skiplinks cookie cookies consent gdpr related pager pagination toolbar promo newsletter subscribe comments popup "
    "popover modal login search masthead copyright addthis sharethis globalskip noprint dropdown"
)
_UNSEEN_NAMES = _named("sr-only visually-hidden visuallyhidden screen-reader-text element-invisible screenreader")
_PICTURED_NAMES = re.compile(r"material-(?:icons|symbols)\b|\b(?:glyphicon|ligature-icons)\b", re.IGNORECASE)
"""Classes of fonts that draw a picture in the place of a word such as "arrow_back"."""
_TAKEN_OUT = "unseen"
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BACK_TO_TEXT = re.compile(
    r"\s*[\[(]?\s*(?:(?:return|back|go\s+back)(?:\s+to\s+(?:the\s+)?(?:text|article|top))?|↩\ufe0e?|↑|\^)\s*[\])]?\s*",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.!?。！？…][\"'”’)\]»]*$")
_LONG = 80


@dataclass(slots=True)
class Block:
    """One paragraph, heading, list item or table row as the page shows it; a line break in it is a newline."""

    element: Any
    text: str
    linked: int
    """How many of its characters are links."""
    kind: str
    """"item" of a list, "row" of a table, which stand each on a line of their own; else "paragraph"."""

    @property
    def is_links(self) -> bool:
        """Whether it is little else than links, as menus are."""
        return self.linked >= 0.7 * len(self.text)

    def is_prose(self) -> bool:
        """Whether it is long enough, and not links, so that it can only be somebody's sentences."""
        ideographs = sum(character >= "\u2e80" for character in self.text)
        return len(self.text) + 2 * ideographs >= _LONG and self.linked < 0.5 * len(self.text)


def parse(data: bytes) -> Any:
    """The page as an lxml tree, in the encoding that it declares or shows.

    Raises `Unreadable` when there is no page in it.
    """
    match = _DECLARED.search(data[:4096])
    text = _XML_DECLARATION.sub("", decode(data, match[1].decode("ascii") if match else None))
    if not text.strip():
        raise Unreadable("This web page is empty.", "Save the page with its text in it and ingest that.")
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        page = html.document_fromstring(text, parser=parser)
    except etree.ParserError as error:
        raise Unreadable(f"This is not a web page: {error}.", "Give the page as a browser saves it.") from None
    # Beyond its limits the parser stops and gives what it has: a statement cut short without a word about it.
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise Unreadable(
            "This web page is nested too deeply to be read to its end.", "Save it as text and ingest that."
        )
    if page.find("body") is None:
        raise Unreadable("This web page has no body.", "Save the page with its text in it and ingest that.")
    if "&#" in text or _NOT_IN_XML.search(text):
        _remove_controls(page)
    return page


def _remove_controls(page: Any) -> None:
    for element in page.iter():
        element.text = _without_controls(element.text)
        element.tail = _without_controls(element.tail)


def _without_controls(words: str | None) -> str | None:
    return words and _NOT_IN_XML.sub(lambda run: " " if any(map(str.isspace, run[0])) else "", words)


def remove_unseen(page: Any) -> None:
    """Take out of the page what certainly no reader sees: scripts, hidden elements, text for screen readers alone."""
    body = page.find("body")
    found = unseen(page)
    dark = _dark(body, found)
    for element in list(body.iter(etree.Element)):
        if element is body:
            continue
        never = element.tag in _NEVER_SEEN and not _is_question(element)
        if never or element in dark or _is_unseen(element):
            gap = element.tag in _BLOCK_TAGS or (not never and found.get(element, Sight.SEEN).leaves_gap)
            element.tail = " " * gap + (element.tail or "")
            element.tag = _TAKEN_OUT
    for element, sight in found.items():
        if element not in dark and element.tag not in {"html", "head", _TAKEN_OUT}:
            _blank(element, sight)
    etree.strip_elements(body, _TAKEN_OUT, with_tail=False)


def _dark(body: Any, found: dict[Any, Sight]) -> set[Any]:
    """The elements in which nothing at all is seen."""
    lit: set[Any] = set()
    for element in reversed(list(body.iter(etree.Element))):
        if element not in found or element in lit:
            lit.add(element.getparent())
    return {element for element in found if element not in lit}


def _blank(element: Any, sight: Sight) -> None:
    """Take out an element's own words, and leave the elements inside it."""
    gap = " " if sight.leaves_gap else ""
    if element.text:
        element.text = gap
    for child in element:
        if child.tail:
            child.tail = gap


def remove_chrome(page: Any) -> None:
    """Take out the menus, side bars, share buttons and footers, by the names that their makers gave them."""
    body = page.find("body")
    prose, speaking = _prose_under(body)
    for element in list(body.iter(etree.Element)):
        # Some makers call the very container of the text "menu-content" or "print-footer".
        small = prose.get(element, 0) <= 0.3 * prose.get(body, 0) and element.find(".//h1") is None
        if small and _is_chrome(element, speaks=element in speaking):
            _remove(element)
    for link in body.iterfind(".//a[@href]"):
        if "#" in link.get("href") and _BACK_TO_TEXT.fullmatch(" ".join(link.itertext())):
            _remove(link)


def blocks(element: Any) -> list[Block]:
    """The blocks under an element in the order of the page.

    >>> page = parse(b"<p>One <b>t</b>wo<p>three<ul><li>four<li>five</ul>")
    >>> [(block.text, block.kind) for block in blocks(page.find("body"))]
    [('One two', 'paragraph'), ('three', 'paragraph'), ('four', 'item'), ('five', 'item')]
    """
    return list(_Walk(element).blocks())


def joined(found: list[Block]) -> str:
    """The text of blocks: a blank line between paragraphs, a line for each list item or table row."""
    text = ""
    for before, block in zip([None, *found], found, strict=False):
        if before is not None:
            text += "\n" if before.kind == block.kind != "paragraph" else "\n\n"
        text += block.text
    return text


def within(element: Any, tag: str) -> bool:
    """Whether an element is a `tag` or inside one."""
    return element.tag == tag or next(element.iterancestors(tag), None) is not None


@dataclass
class _Walk:
    """One pass over an element, gathering text until a block begins or ends."""

    root: Any
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    links: int = 0
    raised: int = 0
    preserved: int = 0
    tables: list[Any] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        inside = self.root
        for event, element in etree.iterwalk(self.root, events=("start", "end")):
            if event == "start":
                yield from self._boundary(element, inside)
                inside = element
                self._open(element)
                self._add(element.text)
            else:
                yield from self._boundary(element, element)
                self._close(element)
                if element is not self.root:
                    inside = element.getparent()
                    self._add(element.tail)

    def _boundary(self, element: Any, inside: Any) -> Iterator[Block]:
        """The block that ends where `element` begins or ends, if one does."""
        if self.tables and element is not self.tables[-1] and element.tag not in {"tr", "caption"}:
            if element.tag in {"td", "th"} and element is not inside and element.getprevious() is not None:
                self.pieces.append("\t")
            elif element.tag in _BLOCK_TAGS and element.tag not in {"td", "th"}:
                self.pieces.append(" ")
            return
        if element.tag not in _BLOCK_TAGS and not self._is_second_break(element, inside):
            return
        if text := _tidy("".join(self.pieces), keep_tabs=bool(self.tables)):
            kind = "row" if self.tables else "item" if within(inside, "li") else "paragraph"
            yield Block(inside, text, min(self.linked, len(text)), kind)
        self.pieces, self.linked = [], 0

    def _is_second_break(self, element: Any, inside: Any) -> bool:
        """Whether a line break leaves a line blank, as makers of old pages did between paragraphs."""
        if element.tag != "br" or element is inside:
            return False
        shown = (piece for piece in map(_without_spaces_behind, reversed(self.pieces)) if piece)
        return next(shown, "").endswith("\n")

    def _open(self, element: Any) -> None:
        self.links += element.tag == "a" and element.get("href") is not None
        self.raised += element.tag == "sup"
        self.preserved += element.tag == "pre"
        if element.tag == "table" and _is_data(element):
            self.tables.append(element)
        if element.tag == "br":
            self.pieces.append(" " if self.tables else "\n")

    def _close(self, element: Any) -> None:
        self.links -= element.tag == "a" and element.get("href") is not None
        self.raised -= element.tag == "sup"
        self.preserved -= element.tag == "pre"
        if self.tables and element is self.tables[-1]:
            self.tables.pop()

    def _add(self, text: str | None) -> None:
        if not text:
            return
        text = text.translate(_AS_BROWSERS_SHOW)
        text = text.replace("\r\n", "\n") if self.preserved else _SPACES.sub(" ", text)
        if self.raised and text.strip().isascii() and not re.search(r"[A-Za-z]", text):
            text = text.translate(_SUPERSCRIPT)
        self.pieces.append(text)
        self.linked += len(text.strip()) if self.links else 0


def _without_spaces_behind(piece: str) -> str:
    return piece.rstrip(" \xa0")


def _tidy(text: str, *, keep_tabs: bool) -> str:
    if keep_tabs:
        text = re.sub(r" *\t *", "\t", text)
    text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"\n[\s\xa0]+\n", "\n\n", text))
    return without_smuggled(text).strip()


def _is_data(table: Any) -> bool:
    """Whether a table holds figures, rather than being what the layout of the page hangs on."""
    if table.find(".//table") is not None:
        return False
    rows = table.findall(".//tr")
    cells = [cell for row in rows for cell in row if cell.tag in {"td", "th"}]
    if len(rows) < 2 or len(cells) < 2 * len(rows) - 2:
        return False
    return all(len(" ".join(cell.itertext()).split()) <= 30 for cell in cells)


def _is_unseen(element: Any) -> bool:
    names = element.get("class", "")
    return not _UNSEEN_NAMES.isdisjoint(names.lower().split()) or _PICTURED_NAMES.search(names) is not None


def _is_question(element: Any) -> bool:
    """Whether it is the button that a heading is made of, as over an answer that opens."""
    if element.tag != "button":
        return False
    heading = next((above for above in element.iterancestors() if above.tag in _HEADINGS | {"dt"}), None)
    return heading is not None and "".join(heading.itertext()).strip() == "".join(element.itertext()).strip()


def _is_chrome(element: Any, *, speaks: bool) -> bool:
    """Whether it is a part of the site; an element that `speaks` holds sentences, and needs more than a likely name."""
    if element.tag in _HEADINGS | {"body", "html"}:
        return False
    if element.tag in _CHROME_TAGS:
        return not (element.tag == "footer" and within(element, "blockquote"))
    role = element.get("role", "").lower()
    if element.tag == "aside" or role == "complementary":
        return not speaks and _is_only_links(element)
    names = element.get("class", "")
    parts = {part.lower() for part in _NAME_PARTS.findall(names)}
    sure = not (_SURE_PARTS.isdisjoint(parts) and _SURE_NAMES.isdisjoint(names.lower().split()))
    if sure or role in _CHROME_ROLES:
        return True
    if speaks or _CHROME_NAMES.isdisjoint({*parts, element.get("id", "").strip().lower()}):
        return False
    headed = any(next(element.iter(tag), None) is not None for tag in _HEADINGS)
    return not headed or _is_only_links(element)


def _is_only_links(element: Any) -> bool:
    """Whether all it shows is links, with or without headings over them."""
    links = headings = 0
    for block in _Walk(element).blocks():
        if _is_under_heading(block):
            headings += 1
        elif block.is_links or furniture(block.text):
            links += 1
        else:
            return False
    return links > 0 or headings == 0


def _is_under_heading(block: Block) -> bool:
    return any(within(block.element, tag) for tag in _HEADINGS)


def _prose_under(body: Any) -> tuple[dict[Any, int], set[Any]]:
    """How many characters of long sentences each element holds, and which hold a sentence of any length."""
    prose: dict[Any, int] = {}
    speaking: set[Any] = set()
    for block in blocks(body):
        spoken = block.is_prose() or _is_sentence(block)
        for element in (block.element, *block.element.iterancestors()) if spoken else ():
            speaking.add(element)
            if block.is_prose():
                prose[element] = prose.get(element, 0) + len(block.text)
    return prose, speaking


def _is_sentence(block: Block) -> bool:
    ended = not block.is_links and _ENDED.search(block.text) is not None
    return ended and not all(furniture(line) for line in block.text.split("\n"))


def _remove(element: Any) -> None:
    """Take an element out; the text that follows it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    tail = (" " if element.tag in _BLOCK_TAGS else "") + (element.tail or "")
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(element)
