"""Files that are whole and on the disk before they have their name: who is killed on the way leaves what was there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file, which is at `path` once the block is through; `mode` is its rights, less those that the user masks.

    Raises `OSError` with that path: what was there then still is. That the new name is on the disk too when this ends
    is not promised by every file system.
    """
    beside = path.with_name(f".{path.name}.{token_hex(4)}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(beside, flags, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    with suppress(OSError):  # of a folder that may be written to and not read, too
        sync(path.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk. Raises `OSError`."""
    if os.name != "posix" and path.is_dir():
        return  # elsewhere a folder cannot be opened, and names are on the disk with their files
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
