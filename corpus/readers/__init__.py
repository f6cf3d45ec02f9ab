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
from typing import Any, BinaryIO, cast

from corpus.errors import OnRecordError, Unreadable
from corpus.readers.draft import Draft, Found
from corpus.readers.hidden import without_smuggled
from corpus.statement import Role, Statement
from corpus.turns import find_turns

__all__ = [
    "ENDINGS",
    "MOST_DOCUMENT",
    "MOST_FILE",
    "READABLE_SUFFIXES",
    "Draft",
    "Found",
    "packing_of",
    "read",
    "read_from",
    "statement_from",
]

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

MOST_DOCUMENT = 128 << 20
"""Bytes of a document, at most; more may be in a JSONL file, which is read line by line."""
MOST_FILE = 2 << 30
"""Bytes of any file, at most."""
_MOST_OF = {"text": 16 << 20, "markdown": 16 << 20, "html": 32 << 20}
_MOST_UNPACKED = 2 << 30
_MOST_RATIO = 200
_RATIO_FROM = 16 << 20
"""Bytes that anything may unpack to, however small it was packed."""
_MOST_MEMBERS = 5_000
_MOST_ZIPPED = 256 << 20
_HEAD = 1 << 20
_PIECE = 1 << 20
_UNPACK = "Unpack it by hand, and look at what comes out."
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

    It is read in this process, whatever it does there: `corpus.readers.confined` reads what somebody else made.
    What no reader of the file sees is in none of them, whatever the format.

    >>> [found.draft.text for found in read(b"Zinc is up.", "zinc.txt")]
    ['Zinc is up.']

    Raises `Unreadable` when the file as a whole cannot be read.
    """
    return read_from(io.BytesIO(data), name)


def read_from(file: BinaryIO, name: str) -> Iterator[Found | OnRecordError]:
    """`read` for a file that can be read more than once: JSONL is read line by line and never held whole.

    Raises `Unreadable` when the file as a whole cannot be read; what is packed is unpacked to its end before that.
    """
    if _is_blank(file):
        raise Unreadable(f"{PurePath(name).name} is empty.", "Give the file with the text in it.")
    packing = packing_of(file)
    if packing:
        _check_packed(file, packing)
        file = _opened(file, packing)
        name = name[: -len(packing)] if name.lower().endswith(packing) else name
    if _is_jsonl(_beginning(file, _HEAD), name):
        return map(_as_seen, _read_json(file))
    data = _whole(file)
    form = _format(data, name)
    if form == "jsonl":
        return map(_as_seen, _read_json(io.BytesIO(data)))
    if len(data) > _MOST_OF.get(form, MOST_DOCUMENT):
        raise Unreadable(f"This {form} file has more than {_MOST_OF[form]:,} bytes.", "Split it into smaller files.")
    return iter([_as_seen(Found(None, data, _MEDIA_TYPES[form], _read_document(data, form)))])


def statement_from(found: Found, statement_id: str, issuer: str | None = None) -> Statement:
    """The statement that `found` holds, its turns marked; `issuer` is used where the document names none.

    Raises `InvalidStatement` when no citation could be made from it.
    """
    draft = found.draft
    turns = find_turns(draft.text, title=draft.title, speaker=draft.speaker) if found.turns is None else found.turns
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


def _beginning(file: BinaryIO, most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _is_blank(file: BinaryIO) -> bool:
    file.seek(0)
    return not any(piece.strip() for piece in iter(lambda: file.read(_PIECE), b""))


def packing_of(file: BinaryIO) -> str | None:
    """How the file is packed, as the end of a name: `.gz` or `.xz`; `None` when it is not."""
    return _packing(_beginning(file, 8))


def _packing(data: bytes) -> str | None:
    return next((suffix for magic, suffix in _PACKED.items() if data.startswith(magic)), None)


def _check_packed(file: BinaryIO, packing: str) -> None:
    """Unpack a file to its end, keeping nothing: a bomb or a damaged file is refused before a line of it is read."""
    length, first, blank = 0, b"", True
    file.seek(0)
    try:
        with _opened(file, packing) as packed:
            while piece := packed.read(_PIECE):
                length += len(piece)
                if length > _MOST_UNPACKED:
                    raise Unreadable(
                        f"This unpacks to more than {_MOST_UNPACKED:,} bytes.", "Split it into smaller files."
                    )
                if length > _RATIO_FROM and length > _MOST_RATIO * file.tell():
                    raise Unreadable(f"This {packing} file unpacks to over {_MOST_RATIO} times its size.", _UNPACK)
                first, blank = first or piece, blank and not piece.strip()
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        raise Unreadable(f"This {packing} file is damaged or cut short.", "Fetch or pack it again.") from None
    if blank:
        raise Unreadable(f"There is nothing in this {packing} file.", "Give the file with the text in it.")
    if _packing(first):
        raise Unreadable("This was compressed twice.", "Unpack it once and ingest what comes out.")


def _opened(file: BinaryIO, packing: str) -> BinaryIO:
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file) if packing == ".gz" else lzma.LZMAFile(file))


def _whole(file: BinaryIO) -> bytes:
    """All that is in a file, held once. Raises `Unreadable` when that is more than a document may be."""
    file.seek(0)
    whole = io.BytesIO()
    while piece := file.read(_PIECE):
        whole.write(piece)
        if whole.tell() > MOST_DOCUMENT:
            raise Unreadable(
                f"This has more than {MOST_DOCUMENT:,} bytes, and only JSONL may.",
                "Split it, or give its statements as JSONL.",
            )
    return whole.getvalue()


def _is_jsonl(head: bytes, name: str) -> bool:
    """Whether a file that begins so is JSONL, as far as that shows without the rest of it."""
    claimed = _FORMATS.get(PurePath(name).suffix.lower())
    if head.startswith((b"%PDF-", b"PK\x03\x04", _OLD_OFFICE)) or claimed in {"docx", "pdf"}:
        return False
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return claimed == "jsonl" or (_JSON.match(head) is not None and _is_json(head.partition(b"\n")[0]))


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
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise Unreadable("This DOCX or ZIP file is damaged or cut short.", "Fetch or save it again.") from None
    if any(member.filename == "word/document.xml" for member in members):
        # What a member says that it unpacks to is the most that is ever unpacked of it.
        unpacked = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or unpacked > min(_MOST_ZIPPED, max(_RATIO_FROM, _MOST_RATIO * len(data))):
            raise Unreadable(
                f"This DOCX holds {len(members):,} files of {unpacked:,} bytes, which no document needs.",
                "Save its text as a new document and give that.",
            )
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


def _read_json(file: BinaryIO) -> Iterator[Found | OnRecordError]:
    from corpus.readers.jsonl import read_lines_of

    return read_lines_of(file)


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
