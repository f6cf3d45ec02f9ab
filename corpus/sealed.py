"""A folder whose files are known by their SHA-256: files that nobody touched are not read again to know it."""

import hashlib
import json
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

STAMPS = ".checked"
"""The file in which a folder keeps which of its files were found right."""
"""The name of the file in which a folder keeps what was found."""
_SETTLED_NS = 2_000_000_000
"""A file written twice within one tick of a file system's clock keeps its times: only older ones are stamped."""


class _Stamp(NamedTuple):
    """A SHA-256 and what is no longer the same when the file that had it is written to, but is when it is linked."""

    sha256: str
    inode: int
    size: int
    written_ns: int

    def is_settled(self, now_ns: int) -> bool:
        return self.written_ns < now_ns - _SETTLED_NS


def digests(folder: Path, besides: Collection[str] = ()) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by its path from there; lock files and those named `besides` left out."""
    return {name: _sha256_of(folder / name) for name in _names(folder, besides)}


def first_altered(folder: Path, files: Mapping[str, str], besides: Collection[str] = ()) -> str | None:
    """The first file, by name, that is missing, extra, or not of the SHA-256 in `files`; `None` when all is well.

    A file that was found right and not touched since is taken as right: a disk that alters bytes by itself goes
    unnoticed between two touches. What was found is kept in the folder, where it may be written to.
    """
    now = time.time_ns()
    known, settled = _known(folder), {}
    present = set(_names(folder, besides))
    for name in sorted(files.keys() | present):
        if name not in files or name not in present:
            return name
        try:
            stamp = _stamp(folder / name, files[name])
            if known.get(name) != stamp and _sha256_of(folder / name) != files[name]:
                return name
        except FileNotFoundError:  # gone since it was listed
            return name
        if stamp.is_settled(now):
            settled[name] = stamp
    if settled != known:
        _keep(folder, settled)
    return None


def _names(folder: Path, besides: Collection[str]) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not (name in besides or name.endswith(".lock") or name.startswith(STAMPS)) and path.is_file():
            yield name


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path, sha256: str) -> _Stamp:
    status = path.stat()
    return _Stamp(sha256, status.st_ino, status.st_size, status.st_mtime_ns)


def _known(folder: Path) -> dict[str, _Stamp]:
    """What was found before; nothing when that cannot be told."""
    try:
        kept = json.loads((folder / STAMPS).read_text(encoding="utf-8"))
        return {name: _Stamp(*values) for name, values in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _keep(folder: Path, stamps: Mapping[str, _Stamp]) -> None:
    scratch = folder / f"{STAMPS}.{secrets.token_hex(4)}"
    with suppress(OSError):
        scratch.write_text(json.dumps(stamps), encoding="utf-8")
        scratch.replace(folder / STAMPS)
    with suppress(OSError):
        scratch.unlink(missing_ok=True)
