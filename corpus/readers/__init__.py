"""From the bytes of a file to the statements in it: which reader reads what."""

import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from corpus.errors import OnRecordError, Unreadable
from corpus.readers.draft import Draft, Found
from corpus.readers.hidden import without_smuggled
from corpus.statement import Role, Statement
from corpus.turns import find_turns

__all__ = ["ENDINGS", "READABLE_SUFFIXES", "Draft", "Found", "read", "statement_from"]

_FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
_PACKED = {b"\x1f\x8b": ".gz", b"\xfd7zXZ\0": ".xz"}
READABLE_SUFFIXES = frozenset(_FORMATS) | {
    suffix + packed for suffix, name in _FORMATS.items() if name == "jsonl" for packed in _PACKED.values()
}
"""How the names of files end that a walk through a folder should open, in lower case."""

_MOST_UNPACKED = 2 << 30
_USUAL = {form: suffix for suffix, form in reversed(_FORMATS.items())}
"""Of each format, the first suffix above."""
_MEDIA_TYPES = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_JSON_LINE = "application/json"
ENDINGS: Mapping[str, str] = MappingProxyType(
    {**{media: _USUAL[form] for form, media in _MEDIA_TYPES.items()}, _JSON_LINE: ".json"}
)
"""How a file's name ends by which an original of a media type is read again."""
_WE_READ = "Give a text, Markdown, HTML, PDF, DOCX or JSONL file."
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = re.compile(rb'(?:\[\s*)?\{\s*"')
_HTML = re.compile(rb"(?i)\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.DOTALL)


def read(data: bytes, name: str) -> Iterator[Found | OnRecordError]:
    """The statements in the file called `name` that holds `data`; a bad line of a JSONL file is given as an error.

    What no reader of the file sees is in none of them, whatever the format.

    >>> [found.draft.text for found in read(b"Zinc is up.", "zinc.txt")]
    ['Zinc is up.']

    Raises `Unreadable` when the file as a whole cannot be read.
    """
    if not data.strip():
        raise Unreadable(f"{PurePath(name).name} is empty.", "Give the file with the text in it.")
    packing = _packing(data)
    if packing:
        data = _unpacked(data, packing)
        name = name[: -len(packing)] if name.lower().endswith(packing) else name
    form = _format(data, name)
    if form == "jsonl":
        return map(_as_seen, _read_json(data))
    return iter([_as_seen(Found(None, data, _MEDIA_TYPES[form], _read_document(data, form)))])


def statement_from(found: Found, statement_id: str, issuer: str | None = None) -> Statement:
    """The statement that `found` holds, its turns marked; `issuer` is used where the document names none.

    Raises `InvalidStatement` when no citation could be made from it.
    """
    draft = found.draft
    turns = find_turns(draft.text, title=draft.title, speaker=draft.speaker)
    speakers = {turn.speaker for turn in turns if turn.role not in {Role.QUESTION, Role.INTRODUCTION}}
    return Statement(
        id=statement_id,
        title=draft.title,
        issuer=draft.issuer or issuer,
        speaker=draft.speaker or (speakers.pop() if len(speakers) == 1 else None),
        published=draft.published,
        kind=draft.kind,
        language=draft.language,
        url=draft.url,
        text=draft.text,
        turns=turns,
    )


def _as_seen(found: Found | OnRecordError) -> Found | OnRecordError:
    """The same without the characters that carry text unseen."""
    if not isinstance(found, Found):
        return found
    said = {one.name: getattr(found.draft, one.name) for one in fields(found.draft)}
    seen: dict[str, Any] = {name: value and (without_smuggled(value) or None) for name, value in said.items()}
    if seen == said:
        return found
    if not (seen["text"] or "").strip():
        return Unreadable("This holds nothing that a reader of it would see.", "Give the text itself.")
    return replace(found, draft=replace(found.draft, **seen))


def _packing(data: bytes) -> str | None:
    return next((suffix for magic, suffix in _PACKED.items() if data.startswith(magic)), None)


def _unpacked(data: bytes, packing: str) -> bytes:
    unpacked = io.BytesIO()
    try:
        with _opened(data, packing) as packed:
            while piece := packed.read(1 << 20):
                if unpacked.tell() + len(piece) > _MOST_UNPACKED:
                    raise Unreadable(
                        f"This unpacks to more than {_MOST_UNPACKED:,} bytes.", "Split it into smaller files."
                    )
                unpacked.write(piece)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        raise Unreadable(f"This {packing} file is damaged or cut short.", "Fetch or pack it again.") from None
    inner = unpacked.getvalue()
    if not inner.strip():
        raise Unreadable(f"There is nothing in this {packing} file.", "Give the file with the text in it.")
    if _packing(inner):
        raise Unreadable("This was compressed twice.", "Unpack it once and ingest what comes out.")
    return inner


def _opened(data: bytes, packing: str) -> gzip.GzipFile | lzma.LZMAFile:
    packed = io.BytesIO(data)
    return gzip.GzipFile(fileobj=packed) if packing == ".gz" else lzma.LZMAFile(packed)


def _format(data: bytes, name: str) -> str:
    """The reader for these bytes: by what they are where that is plain, else by the end of the name."""
    suffix = PurePath(name).suffix.lower()
    claimed = _FORMATS.get(suffix)
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _format_of_zip(data)
    if data.startswith(_OLD_OFFICE):
        raise Unreadable("This is an old or a locked Office document.", "Save it as .docx without a password.")
    if claimed == "docx":
        raise Unreadable("This is not a DOCX, whatever its name says.", "Save it again as .docx.")
    if claimed in {"pdf", "jsonl"}:
        return claimed
    if _HTML.match(data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")):
        return "html"
    if _begins_as_json(data):
        return "jsonl"
    if claimed is None:
        shown = f"Files that end in {suffix}" if suffix else "Files without an ending to their name"
        raise Unreadable(f"{shown} cannot be read.", _WE_READ)
    return claimed


def _format_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unreadable("This DOCX or ZIP file is damaged or cut short.", "Fetch or save it again.") from None
    if "word/document.xml" in names:
        return "docx"
    raise Unreadable("This is a ZIP archive or an Office file other than DOCX.", f"Unpack or convert it. {_WE_READ}")


def _begins_as_json(data: bytes) -> bool:
    """Whether its first line is an object, or the whole of it is an object or a list of objects."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not _JSON.match(data):
        return False
    return _is_json(data.partition(b"\n")[0]) or _is_json(data)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _read_json(data: bytes) -> Iterator[Found | OnRecordError]:
    from corpus.readers.jsonl import read_lines

    return read_lines(data)


def _read_document(data: bytes, form: str) -> Draft:
    match form:
        case "markdown":
            from corpus.readers import markdown

            return markdown.read(data)
        case "html":
            from corpus.readers import html

            return html.read(data)
        case "pdf":
            from corpus.readers import pdf

            return pdf.read(data)
        case "docx":
            from corpus.readers import docx

            return docx.read(data)
        case _:
            from corpus.readers import text

            return text.read(data)
