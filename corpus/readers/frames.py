"""How two processes speak over a pipe: lengths, a message in JSON, and bytes as they are. Nothing is unpickled."""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus.errors import InvalidStatement, NoStatements, OnRecordError, Unreadable
from corpus.readers import ENDINGS
from corpus.readers.draft import Draft, Found
from corpus.readers.pages import Pages
from corpus.statement import Role, Turn

if TYPE_CHECKING:  # the side that asks needs no reader
    from corpus.readers.manuscript import Manuscript

MEMORY = 500_000_000
"""Bytes of address space that a child may have, and so of memory."""
OUT_OF_MEMORY = 77
"""The exit status that says that this was not enough."""
MOST_TEXT = 10_000_000
"""Characters of one statement, at most: what the parent is to cut into passages."""
MOST_SAID = 48 << 20
"""Bytes of a message, at most."""
MOST_RAW = 128 << 20
"""Bytes that come with a message, at most: a document."""
_MOST_WORDS = 10_000
"""Characters of an error's sentence, at most."""
_LENGTHS = struct.Struct(">II")
_ERRORS = {error.__name__: error for error in (InvalidStatement, NoStatements, Unreadable)}
_DRAFT = frozenset(field.name for field in fields(Draft))


class Garbled(Exception):
    """What came over the pipe is none of our frames."""


def put(pipe: BinaryIO, message: Mapping[str, Any], *raw: bytes) -> None:
    """Write one frame. Raises `BrokenPipeError` when nobody reads it, `UnicodeEncodeError` on half a surrogate pair."""
    said = json.dumps(message, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode()
    pipe.write(_LENGTHS.pack(len(said), sum(map(len, raw))))
    pipe.write(said)
    for piece in raw:
        pipe.write(piece)
    pipe.flush()


def take(pipe: BinaryIO, most: int = MOST_SAID) -> tuple[dict[str, Any], bytes, int]:
    """The next frame, whose message has `most` bytes at most: that, the bytes with it, and how many bytes it all is.

    Raises `EOFError` at the end, `Garbled` when what comes is no frame.
    """
    said, raw = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size))
    if said > most or raw > MOST_RAW:
        raise Garbled(f"a frame of {said:,} and {raw:,} bytes")
    try:
        message = json.loads(_exactly(pipe, said).decode())
    except (ValueError, RecursionError):
        raise Garbled("a frame that is not JSON") from None
    return fields_of(message), _exactly(pipe, raw), said + raw


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    given = pipe.read(length)
    if len(given) < length:
        raise EOFError
    return given


def error_as_json(error: OnRecordError) -> list[str]:
    """The name of the error's class, its cause and its cure."""
    known = type(error) if type(error) in _ERRORS.values() else Unreadable
    return [known.__name__, error.cause, error.cure]


def error_from(given: object) -> OnRecordError:
    """The error that `error_as_json` wrote. Raises `Garbled` when it wrote no such thing, as all below do."""
    name, cause, cure = map(_words, list_of(given, 3))
    if name not in _ERRORS or max(len(cause), len(cure)) > _MOST_WORDS:
        raise Garbled("an error that is none of ours")
    return _ERRORS[name](cause, cure)


def found_as_json(found: Found, *, whole: bool) -> dict[str, Any]:
    """All of a found statement but its original, which goes with the frame, unless it is the `whole` file."""
    draft = {name: said for name in _DRAFT if (said := getattr(found.draft, name)) is not None}
    turns = [[turn.start, turn.end, turn.speaker, turn.role] for turn in found.turns or ()]
    length = None if whole else len(found.original)
    return {"id": found.id, "bytes": length, "media": found.media_type, "draft": draft, "turns": turns}


def found_from(given: object, original: bytes) -> Found:
    """The statement that `found_as_json` wrote."""
    item = fields_of(given)
    said = {name: _words(value) for name, value in fields_of(item.get("draft")).items()}
    media = _words(item.get("media"))
    if not {"text"} <= said.keys() <= _DRAFT or len(said["text"]) > MOST_TEXT or media not in ENDINGS:
        raise Garbled("a statement that is none")
    turns = tuple(map(_turn, list_of(item.get("turns"))))
    _in_order(((turn.start, turn.end) for turn in turns), said["text"])
    return Found(_words_or_none(item.get("id")), original, media, Draft(**said), turns)


def _turn(given: object) -> Turn:
    start, end, speaker, role = list_of(given, 4)
    try:
        return Turn(count_from(start), count_from(end), _words_or_none(speaker), Role(_words(role)))
    except ValueError:
        raise Garbled("a turn in no role of ours") from None


def manuscript_as_json(manuscript: "Manuscript") -> dict[str, Any]:
    """A draft's text, its block quotations and its links."""
    blocks = [[block.start, block.end] for block in manuscript.blocks]
    return {"text": manuscript.text, "blocks": blocks, "links": manuscript.links}


def manuscript_from(given: object) -> "Manuscript":
    """The draft that `manuscript_as_json` wrote."""
    from corpus.quotations import Stretch
    from corpus.readers.manuscript import Manuscript

    item = fields_of(given)
    text = _words(item.get("text"))
    blocks = [tuple(map(count_from, list_of(block, 2))) for block in list_of(item.get("blocks"))]
    links = [list_of(link, 2) for link in list_of(item.get("links"))]
    return Manuscript(
        text,
        tuple(Stretch(_within(start, text), _within(end, text)) for start, end in blocks),
        tuple((_within(count_from(start), text), _words(address)) for start, address in links),
    )


def pages_as_json(pages: Pages | None) -> list[tuple[int, ...]] | None:
    """Where pages begin, and their numbers."""
    return [pages.starts, pages.numbers] if pages else None


def pages_from(given: object, text: str) -> Pages | None:
    """The pages of a text that `pages_as_json` wrote."""
    if given is None:
        return None
    starts, numbers = (tuple(map(count_from, list_of(one))) for one in list_of(given, 2))
    if not starts or len(starts) != len(numbers) or list(starts) != sorted(starts):
        raise Garbled("pages in no order")
    return Pages(tuple(_within(start, text) for start in starts), numbers)


def fields_of(given: object) -> dict[str, Any]:
    """An object of JSON."""
    if not isinstance(given, dict):
        raise Garbled("something else than an object")
    return given


def list_of(given: object, length: int | None = None) -> list[Any]:
    """A list, of so many things where that is said."""
    if not isinstance(given, list) or length not in {None, len(given)}:
        raise Garbled("something else than such a list")
    return given


def count_from(given: object) -> int:
    """A whole number, 0 or more."""
    if type(given) is not int or given < 0:
        raise Garbled("something else than a count")
    return given


def _words(given: object) -> str:
    if not isinstance(given, str):
        raise Garbled("something else than words")
    try:
        given.encode()
    except UnicodeEncodeError:
        raise Garbled("half a surrogate pair") from None
    return given


def _words_or_none(given: object) -> str | None:
    return None if given is None else _words(given)


def _within(place: int, text: str) -> int:
    if place > len(text):
        raise Garbled("a place outside the text")
    return place


def _in_order(stretches: Iterable[tuple[int, int]], text: str) -> None:
    position = 0
    for start, end in stretches:
        if not position <= start < end <= len(text):
            raise Garbled("turns in no order")
        position = end
