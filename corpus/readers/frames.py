"""How two processes speak over a pipe: lengths, a message in JSON, and bytes as they are. Nothing is unpickled."""

import json
import struct
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus.errors import InvalidStatement, NoStatements, OnRecordError, Unreadable
from corpus.quotations import Stretch
from corpus.readers.draft import Draft, Found
from corpus.statement import Role, Turn

if TYPE_CHECKING:  # the side that asks needs no reader
    from corpus.readers.manuscript import Manuscript

MEMORY = 500_000_000
"""Bytes of address space that a child may have, and so of memory."""
OUT_OF_MEMORY = 77
"""The exit status that says that this was not enough."""
STEP = 2
"""Seconds of computing between two answers, before what the size of a document adds."""
MOST_SECONDS = 300
"""Seconds of computing for one document, at most."""
MOST = 256 << 20
"""Bytes of a message, and of the bytes that come with it, at most."""
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


def take(pipe: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """The next frame. Raises `EOFError` at the end, `Garbled` when what comes is no frame."""
    said, raw = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size))
    if max(said, raw) > MOST:
        raise Garbled(f"a frame of {max(said, raw):,} bytes")
    try:
        message = json.loads(_exactly(pipe, said))
    except (ValueError, RecursionError):
        raise Garbled("a frame that is not JSON") from None
    if not isinstance(message, dict):
        raise Garbled("a frame that is no object")
    return message, _exactly(pipe, raw)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    given = pipe.read(length)
    if len(given) < length:
        raise EOFError
    return given


def error_as_json(error: OnRecordError) -> list[str]:
    """The name of the error's class, its cause and its cure."""
    known = next(name for name, known in _ERRORS.items() if type(error) is known or name == "Unreadable")
    return [known, error.cause, error.cure]


def error_from(given: Any) -> OnRecordError:
    """The error that `error_as_json` wrote."""
    name, cause, cure = map(_words, given)
    return _ERRORS[name](cause, cure)


def found_as_json(found: Found, *, whole: bool) -> dict[str, Any]:
    """All of a found statement but its original, which goes with the frame, unless it is the `whole` file."""
    draft = {name: said for name in _DRAFT if (said := getattr(found.draft, name)) is not None}
    turns = [[turn.start, turn.end, turn.speaker, turn.role] for turn in found.turns or ()]
    length = None if whole else len(found.original)
    return {"id": found.id, "bytes": length, "media": found.media_type, "draft": draft, "turns": turns}


def found_from(given: Any, original: bytes) -> Found:
    """The statement that `found_as_json` wrote."""
    draft = given["draft"]
    if not draft.keys() <= _DRAFT:
        raise ValueError(draft.keys())
    said = {name: _words(value) for name, value in draft.items()}
    turns = tuple(
        Turn(int(start), int(end), _words_or_none(speaker), Role(role)) for start, end, speaker, role in given["turns"]
    )
    return Found(_words_or_none(given["id"]), original, _words(given["media"]), Draft(**said), turns)


def manuscript_as_json(manuscript: "Manuscript") -> dict[str, Any]:
    """A draft's text, its block quotations and its links."""
    blocks = [[block.start, block.end] for block in manuscript.blocks]
    return {"text": manuscript.text, "blocks": blocks, "links": manuscript.links}


def manuscript_from(given: Any) -> "Manuscript":
    """The draft that `manuscript_as_json` wrote."""
    from corpus.readers.manuscript import Manuscript

    return Manuscript(
        _words(given["text"]),
        tuple(Stretch(int(start), int(end)) for start, end in given["blocks"]),
        tuple((int(start), _words(address)) for start, address in given["links"]),
    )


def _words(given: Any) -> str:
    if not isinstance(given, str):
        raise TypeError(given)
    return given


def _words_or_none(given: Any) -> str | None:
    return None if given is None else _words(given)
