"""Which lines of a JSONL file are statements, and what is wrong with each of the others."""

import codecs
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from corpus.errors import InvalidStatement, NoStatements, OnRecordError, Unreadable
from corpus.readers.draft import Draft, Found
from corpus.readers.metadata import find_date
from corpus.statement import Statement

_CURE = "Correct the line and ingest the file again."
_LONGEST = 16 << 20
"""Bytes of a line, at most."""
_MOST_BAD = 10_000
_HEAD = 4096
_PIECE = 1 << 20
_ISO_DAY = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ].*)?", re.DOTALL)
_FIELDS = {
    "id": ("id", "_id"),
    "title": ("title",),
    "published": ("published", "date"),
    "speaker": ("speaker",),
    "issuer": ("issuer",),
    "url": ("url",),
    "kind": ("kind",),
    "language": ("language",),
}


def read_lines(data: bytes) -> Iterator[Found | OnRecordError]:
    """Each line's statement in turn, or, as a value, what is wrong with the line; blank lines count but give nothing.

    The text is the line's `"text"`, untouched; its original is the line. An empty field, or a date that states no
    year, is unknown.

    >>> [found.draft.text for found in read_lines(b'{"id": 7, "text": "Zinc is up."}')]
    ['Zinc is up.']

    Raises `NoStatements` when not one line has a `"text"`, `Unreadable` when the file as a whole is not JSONL.
    """
    return read_lines_of(io.BytesIO(data))


def read_lines_of(file: BinaryIO) -> Iterator[Found | OnRecordError]:
    """`read_lines` of a file that can be read twice, of which no more is held than a line."""
    head = _from_start(file).read(_HEAD)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("This JSONL is in UTF-16 or UTF-32; JSON is written in UTF-8.", "Save it again as UTF-8.")
    if head[:100].lstrip().startswith(b"["):
        raise Unreadable("This is a JSON array; statements come one a line.", "Convert it with `jq -c '.[]'`.")
    if (one := _one_object(file)) is not None:
        return _statements([(1, one)])
    count = 0
    for _number, line in _lines(_from_start(file)):
        count += 1
        if line is not None and b'"text"' in line and _has_text(line):
            return _statements(_lines(_from_start(file)))
    none = "its only line has no" if count == 1 else f"none of its {count:,} lines has a"
    raise NoStatements(
        f'There is no statement in this JSONL file: {none} "text" field.',
        'Give each statement as one line such as {"id": "a1", "text": "…"}.',
    )


def _from_start(file: BinaryIO) -> BinaryIO:
    """The file at its first line, behind a byte order mark."""
    file.seek(0)
    if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        file.seek(0)
    return file


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, each with its number; `None` for one that is longer than a line may be."""
    number = 0
    while line := file.readline(_LONGEST + 2):
        number += 1
        ended = line.endswith(b"\n")
        bare = line.removesuffix(b"\n").removesuffix(b"\r") if ended else line.removesuffix(b"\r")
        if not ended and len(line) > _LONGEST:
            while (rest := file.readline(_PIECE)) and not rest.endswith(b"\n"):
                pass
        if len(bare) > _LONGEST:
            yield number, None
        elif bare.strip():
            yield number, bare


def _one_object(file: BinaryIO) -> bytes | None:
    """The whole of a file that is a single statement, spread over lines as people write JSON."""
    data = _from_start(file).read(_LONGEST + 1)
    first = data.lstrip()[:1000].partition(b"\n")[0].rstrip()
    if len(data) > _LONGEST or not first.startswith(b"{") or first.endswith(b"}"):
        return None
    line, _, rest = data.lstrip().partition(b"\n")
    # Where the first line is JSON and more follows, the whole is not, and is not parsed to see it.
    return None if (rest.strip() and _is_json(line)) or not _has_text(data) else data


def _is_json(line: bytes) -> bool:
    try:
        _record(line)
    except Unreadable:
        return False
    return True


def _has_text(line: bytes) -> bool:
    try:
        return "text" in _record(line)
    except Unreadable:
        return False


def _statements(lines: Iterable[tuple[int, bytes | None]]) -> Iterator[Found | OnRecordError]:
    bad = 0
    for number, line in lines:
        try:
            yield _found(line)
            continue
        except InvalidStatement as error:
            yield InvalidStatement(f"Line {number:,}: {error.cause}", error.cure)
        except Unreadable as error:
            yield Unreadable(f"Line {number:,}: {error.cause}", error.cure)
        bad += 1
        if bad == _MOST_BAD:
            raise Unreadable(f"After line {number:,}, the {bad:,}th bad one, no more was read of this file.", _CURE)


def _found(line: bytes | None) -> Found:
    if line is None:
        raise Unreadable(f"it has more than {_LONGEST:,} bytes.", "Split the statement in it.")
    record = _record(line)
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Unreadable('its "text" is missing, empty or not a string.', _CURE)
    fields = {name: _field(record, keys) for name, keys in _FIELDS.items()}
    statement_id = fields.pop("id")
    fields["published"] = _day(fields["published"])
    draft = Draft(text=text, **fields)
    _check(statement_id, draft)
    return Found(statement_id, line, "application/json", draft)


def _record(line: bytes) -> dict[str, object]:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8.", "Save the file again as UTF-8.") from None
    except RecursionError:
        raise Unreadable("its JSON is nested too deeply.", _CURE) from None
    except ValueError as error:  # also a number of more digits than Python reads
        raise Unreadable(f"it is not JSON ({error}).", _CURE) from None
    if not isinstance(record, dict):
        raise Unreadable('it is JSON but not an object such as {"text": "…"}.', _CURE)
    return record


def _field(record: dict[str, object], keys: tuple[str, ...]) -> str | None:
    """The first of `keys` that says something."""
    for key in keys:
        value = record.get(key)
        if key in {"id", "_id"} and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise Unreadable(f'its "{key}" is not a string.', _CURE)
        if value and value.strip():
            return value.strip()
    return None


def _day(stated: str | None) -> str | None:
    if stated is None:
        return None
    iso = _ISO_DAY.fullmatch(stated)
    return iso[1] if iso else find_date(stated)


def _check(statement_id: str | None, draft: Draft) -> None:
    """Raise what `Statement` would: only here is the line's number known."""
    said = (draft.title, draft.speaker, draft.issuer, draft.url, draft.kind, draft.language)
    Statement(statement_id or "(no id)", *said[:1], None, None, draft.published, None, None, None, draft.text, ())
    for value in said:
        if value and ("\0" in value or any("\ud800" <= character <= "\udfff" for character in value)):
            raise InvalidStatement(f"{value[:40]!r} has a NUL character or half a surrogate pair in it.", _CURE)
