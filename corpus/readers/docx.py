"""What of a Word document is the statement: its paragraphs, lists and tables as they print, with changes accepted."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from lxml import etree

from corpus.errors import Unreadable
from corpus.readers.docx_unseen import Unseen
from corpus.readers.draft import Draft
from corpus.readers.hidden import without_smuggled
from corpus.readers.masthead import Masthead, introduced, read_masthead
from corpus.readers.metadata import kind_of, speaker_in_title

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_PRINTED = frozenset([_FALLBACK, *(_W + name for name in ("del", "moveFrom", "pPr"))])
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_CURE = "Save it again as .docx and ingest that."
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_HEAD = 8


@contextmanager
def broken_is_refused() -> Iterator[None]:
    """Raises `Unreadable` where python-docx stumbles over what no Word document may say: it reads as it is asked."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unreadable("This Word document is broken.", _CURE) from None


@broken_is_refused()
def read(data: bytes) -> Draft:
    """The statement in a Word document; title, date and speaker only where its first paragraphs state them.

    Headers, footers, comments, deletions and hidden text are left out; footnotes come last.

    Raises `Unreadable` when it is empty, broken, locked or no Word document.
    """
    document = _open(data)
    page = _Page(_Numbering.of(document), Unseen.of(document))
    page.read(document.element.body)
    blocks = [*page.blocks, *_notes(document, page)]
    title = _title(blocks, document.core_properties.title)
    masthead = _masthead(blocks, title)
    body = [block for at, block in enumerate(blocks) if at not in masthead.lines]
    text = _joined(body)
    if not text:
        raise Unreadable("This Word document holds no text.", "Give the file with the statement itself.")
    opening = introduced(body[0].text)
    return Draft(
        text=text,
        title=masthead.title,
        issuer=masthead.issuer,
        speaker=masthead.speaker or (speaker_in_title(masthead.title) if masthead.title else None),
        published=masthead.published or opening.published,
        kind=masthead.kind or opening.kind or (kind_of(masthead.title) if masthead.title else None),
    )


def _open(data: bytes) -> Any:
    if not data:
        raise Unreadable("This Word document is empty.", "Download or save it again.")
    if data.startswith(_OLD_OFFICE):
        raise Unreadable("This is an old .doc file, or one locked with a password.", _CURE)
    try:
        document = docx.Document(BytesIO(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, etree.XMLSyntaxError):
        raise Unreadable("This Word document is broken.", _CURE) from None
    except (KeyError, ValueError, OpcError, NotImplementedError, RuntimeError):  # RuntimeError: an encrypted archive
        raise Unreadable("This is not a Word document.", _CURE) from None
    if document.element.find(_W + "body") is None or document.element.tag != _W + "document":
        raise Unreadable("This is not a Word document.", _CURE)
    return document


@dataclass(slots=True, eq=False)
class _Block:
    """A paragraph, list item or table row as it prints."""

    text: str
    style: str
    kind: str
    """"item" of a list, "row" of a table, which stand each on a line of their own; else "paragraph"."""


@dataclass(frozen=True, slots=True)
class _Numbering:
    """The list numbers that Word works out as it prints."""

    levels: dict[tuple[str, str], tuple[str, str, int]]
    """Format, pattern and first number by list and level."""
    styles: dict[str, tuple[str, str]]
    """The list and level that a paragraph style puts its paragraphs into."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, document: Any) -> "_Numbering":
        """Those that a document defines; a document may define none."""
        parts = [rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")]
        levels: dict[tuple[str, str], tuple[str, str, int]] = {}
        for part in parts:
            abstract = {each.get(_W + "abstractNumId"): each for each in part.element.iter(_W + "abstractNum")}
            for number in part.element.iter(_W + "num"):
                meant = abstract.get(_value(number, "abstractNumId"))
                for level in meant.iter(_W + "lvl") if meant is not None else ():
                    key = number.get(_W + "numId"), level.get(_W + "ilvl")
                    start = _value(level, "start")
                    levels[key] = (
                        _value(level, "numFmt"),
                        _value(level, "lvlText"),
                        int(start) if start.isdigit() else 1,
                    )
        styles = {
            style.style_id: (_value(found, "numId"), _value(found, "ilvl") or "0")
            for style in document.styles
            if (found := style.element.find(f"{_W}pPr/{_W}numPr")) is not None
        }
        return cls(levels, styles)

    def label(self, paragraph: Any) -> str | None:
        """What prints before a list item: "- " for any bullet, its number, or nothing where that is not known."""
        place = self._place(paragraph)
        if place is None or place not in self.levels:
            return None if place is None or place[0] == "0" else ""
        kind, pattern, start = self.levels[place]
        if kind in {"bullet", "none"}:
            return "- " if kind == "bullet" else ""
        self.counts[place] += 1
        for deeper in [other for other in self.counts if other[0] == place[0] and other[1] > place[1]]:
            del self.counts[deeper]
        number = _spelled(start - 1 + self.counts[place], kind)
        if number is None or pattern.count("%") != 1:
            return ""
        return re.sub(r"%\d", number, pattern) + " "

    def _place(self, paragraph: Any) -> tuple[str, str] | None:
        properties = paragraph.find(f"{_W}pPr/{_W}numPr")
        if properties is not None:
            return _value(properties, "numId"), _value(properties, "ilvl") or "0"
        return self.styles.get(_style(paragraph))


def _spelled(number: int, kind: str) -> str | None:
    match kind:
        case "decimal":
            return str(number)
        case "lowerLetter" | "upperLetter" if number <= 26:
            return chr(number + (96 if kind == "lowerLetter" else 64))
        case "lowerRoman" | "upperRoman" if number < 40:
            tens, units = divmod(number, 10)
            roman = "x" * tens + ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"][units]
            return roman if kind == "lowerRoman" else roman.upper()
    return None


@dataclass(slots=True)
class _Page:
    """The blocks of a document in the order in which they print, and the notes they refer to."""

    numbering: _Numbering
    unseen: Unseen
    blocks: list[_Block] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Kind and id of each footnote or endnote, in the order of their marks."""

    def read(self, container: Any) -> None:
        """Take in what a body, a cell or a text box holds."""
        for element in container:
            if element.tag == _W + "p":
                self._paragraph(element)
            elif element.tag == _W + "tbl":
                self.blocks += [_Block(row, "", "row") for row in self._rows(element) if row.strip()]
            elif element.tag in {_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml"}:
                self.read(element)

    def _paragraph(self, paragraph: Any) -> None:
        label = self.numbering.label(paragraph)
        text = self.text(paragraph).strip()
        if text:
            self.blocks.append(
                _Block((label or "") + text, _style(paragraph), "paragraph" if label is None else "item")
            )
        for box in paragraph.iter(_W + "txbxContent"):
            if not any(True for _ in box.iterancestors(_FALLBACK)):
                self.read(box)

    def _rows(self, table: Any) -> Iterator[str]:
        for row in table.iter(_W + "tr"):
            if next(row.iterancestors(_W + "tbl")) is table:
                cells = (cell for cell in row.iter(_W + "tc") if next(cell.iterancestors(_W + "tr")) is row)
                yield "\t".join(self._cell(cell) for cell in cells)

    def _cell(self, cell: Any) -> str:
        paragraphs = (self.text(paragraph) for paragraph in cell.iter(_W + "p"))
        return " ".join(" ".join(text.split()) for text in paragraphs if text.strip())

    def text(self, element: Any) -> str:
        """What prints of an element: insertions and links too, deletions and hidden text not."""
        return without_smuggled("".join(self._pieces(element)))

    def _pieces(self, element: Any) -> Iterator[str]:
        for child in element:
            if child.tag in _NOT_PRINTED or child.tag == _W + "txbxContent":
                continue
            if child.tag == _W + "r" and (gap := self.unseen.gap(child)) is not None:
                yield gap
                continue
            if child.tag == _W + "t":
                yield child.text or ""
            elif child.tag in _PRINTED:
                yield _PRINTED[child.tag]
            elif child.tag in {_W + "footnoteReference", _W + "endnoteReference"}:
                self.notes.append((child.tag.removesuffix("Reference"), child.get(_W + "id")))
                yield str(len(self.notes)).translate(_SUPERSCRIPT)
            else:
                yield from self._pieces(child)


_PRINTED = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "\u2011"}


def part_of(part: Any) -> Any:
    """A part of a document that python-docx leaves unread, as an lxml tree. Raises `Unreadable`."""
    try:
        return etree.fromstring(part.blob)
    except etree.XMLSyntaxError:
        raise Unreadable("This Word document is broken.", _CURE) from None


def _notes(document: Any, body: _Page) -> Iterator[_Block]:
    """The footnotes and endnotes that a body refers to, numbered as their marks are."""
    notes: dict[tuple[str, str], Any] = {}
    for rel in document.part.rels.values():
        if rel.reltype.endswith(("/footnotes", "/endnotes")):
            for note in part_of(rel.target_part):
                notes[note.tag, note.get(_W + "id")] = note
    for number, key in enumerate(body.notes, start=1):
        page = _Page(_Numbering({}, {}), body.unseen)
        page.read(notes.get(key, ()))
        if page.blocks:
            mark = str(number).translate(_SUPERSCRIPT)
            yield _Block(f"{mark} {_joined(page.blocks)}", "", "paragraph")


def _style(paragraph: Any) -> str:
    properties = paragraph.find(_W + "pPr")
    return _value(properties, "pStyle") if properties is not None else ""


def _value(element: Any, name: str) -> str:
    found = element.find(_W + name)
    return found.get(_W + "val", "") if found is not None else ""


def _masthead(blocks: list[_Block], title: _Block | None) -> Masthead:
    """The masthead, its lines counted in blocks; of the title alone where no more shows."""
    lines = [line for block in blocks for line in (" ".join(block.text.split()), "")]
    at = blocks.index(title) if title else None
    found = read_masthead(lines, None if at is None else 2 * at)
    if found is not None:
        return replace(found, lines=frozenset(place // 2 for place in found.lines))
    alone = frozenset() if at is None else frozenset({at})
    return Masthead(alone, None if at is None else lines[2 * at], None, None, None, None)


def _title(blocks: list[_Block], stored: str | None) -> _Block | None:
    """The paragraph that is the title: so styled, or stored as such, or one that says what statement this is."""
    head = blocks[:_HEAD]
    for block in head:
        if block.style == "Title" or (stored and block.text.split() == stored.split()):
            return block
    if head and head[0].style == "Heading1":
        return head[0]
    short = [
        block for block in head[:3] if len(block.text) <= 200 and "\n" not in block.text and block.kind == "paragraph"
    ]
    return next(
        (block for block in short if kind_of(block.text) and not block.text.rstrip().endswith((".", ":"))), None
    )


def _joined(blocks: list[_Block]) -> str:
    text = ""
    for before, block in zip([None, *blocks], blocks, strict=False):
        if before is not None:
            text += "\n" if before.kind == block.kind != "paragraph" else "\n\n"
        text += block.text
    return text
