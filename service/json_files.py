"""Reads JSON files that somebody hands in: strictly, and with a reason for a person where that cannot be done."""

import json
from typing import Any

from pydantic import ValidationError


class NotReadable(ValueError):
    """What is wrong with a file, as a clause that goes on after a colon."""


def object_in(data: bytes, largest: int) -> dict[str, Any] | None:
    """The JSON object in a file of at most `largest` bytes, whatever it says; `None` when there is none in it.

    >>> object_in(b'{"type": "Annotation"}', 100), object_in(b'["Annotation"]', 100), object_in(b"{", 100)
    ({'type': 'Annotation'}, None, None)
    """
    if len(data) > largest or not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return None
    try:
        given = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def strictly_read(data: bytes, largest: int) -> Any:
    """The JSON in a file: UTF-8, no name twice in an object, no NaN, no half of a surrogate pair.

    Raises `NotReadable`.
    """
    if len(data) > largest:
        raise NotReadable(f"it has {len(data):,} bytes, and none has more than {largest:,}")
    try:
        given = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_twins, parse_constant=_no_constant)
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise NotReadable("it is not UTF-8") from None
    except UnicodeEncodeError:
        raise NotReadable("it has half a surrogate pair in it") from None
    except RecursionError:
        raise NotReadable("its JSON is nested too deeply") from None
    except ValueError as error:
        raise NotReadable(f"it is not JSON ({error})") from None
    return given


def reason(error: ValidationError) -> str:
    """The first thing that is wrong with what a file says, and where it says it."""
    first = error.errors(include_url=False)[0]
    place = " → ".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON, but one that says something twice: which of them counts would depend on the reader."""
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError("it names the same thing twice in one object")
    return given


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")
