"""Tells what somebody gave to be verified: a citation capsule, a search receipt, or a draft with quotations in it."""

import sys
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from corpus.errors import OnRecordError
from corpus.readers.confined import read_manuscript
from corpus.readers.manuscript import Manuscript
from service.capsules import is_capsule
from service.receipts import is_receipt

STANDARD_INPUT = "-"


class Kind(Enum):
    """What it is."""

    CAPSULE = auto()
    RECEIPT = auto()
    DRAFT = auto()


class NothingToVerify(OnRecordError):
    """A path that leads to no file."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            f"{path} cannot be read: {reason}.", "Name a draft, a citation capsule or a search receipt, or - for stdin."
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What was given, and what it is."""

    name: str
    data: bytes
    kind: Kind

    def manuscript(self) -> Manuscript:
        """A draft's text, its block quotations and its links. Raises `Unreadable`."""
        return read_manuscript(self.data, self.name)


def read(path: str) -> Given:
    """What is in the file at `path`, or on standard input for "-". Raises `NothingToVerify`."""
    if path == STANDARD_INPUT:
        return given("standard-input.txt", sys.stdin.buffer.read())
    try:
        return given(Path(path).name, Path(path).read_bytes())
    except OSError as error:
        raise NothingToVerify(path, error.strerror or str(error)) from None
    except ValueError:  # a NUL in the path
        raise NothingToVerify(path, "that is no path") from None


def given(name: str, data: bytes) -> Given:
    """What these bytes are."""
    kind = Kind.CAPSULE if is_capsule(data) else Kind.RECEIPT if is_receipt(data) else Kind.DRAFT
    return Given(name, data, kind)
