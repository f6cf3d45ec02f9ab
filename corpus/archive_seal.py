"""Whether archive.db is, byte for byte, the file that its last writer left."""

import json
import os
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import OnRecordError
from corpus.file_digest import digest_of
from corpus.records import DamagedArchive

SEAL = "archive.seal"
"""The file beside the archive that says what it was when it was last written."""
_SETTLED = 0.05
"""Seconds: a file written twice within one tick of a file system's clock keeps its times, so that is waited for."""


class AlteredArchive(DamagedArchive):
    """The archive's file is not the one that this program wrote last."""

    def __init__(self, path: Path) -> None:
        OnRecordError.__init__(
            self,
            f"{path.name} is not the file that was written last: it was damaged, or something else wrote to it.",
            f"Nothing is quoted from it. `onrecord verify` says what is altered; restore {path.name} and {SEAL} from "
            f"a backup, together. If the change was meant and verify finds no other, delete {SEAL}.",
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """What the file was: its digest, and what changes when anybody writes to it."""

    digest: str
    inode: int
    size: int
    written_ns: int
    changed_ns: int
    is_settled: bool
    """Whether the file can be known by its times: not where the file system keeps whole seconds."""

    @classmethod
    def of(cls, path: Path) -> "Seal":
        """The seal of the file as it is now; all of it is read."""
        status = path.stat()
        time.sleep(max(0.0, min(_SETTLED, status.st_mtime + _SETTLED - time.time())))
        settled = status.st_mtime_ns % 1_000_000_000 != 0
        return cls(digest_of(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, settled)

    def names(self, path: Path) -> bool:
        """Whether the file's times say that it is the one, untouched since."""
        status = path.stat()
        return self.is_settled and (self.inode, self.size, self.written_ns, self.changed_ns) == (
            *(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns),
        )

    def keep(self, path: Path) -> None:
        """Write it beside the file, where that is possible: whole, or what was there stays."""
        scratch = path.with_name(f"{SEAL}.{secrets.token_hex(4)}")
        told = {name: getattr(self, name) for name in self.__slots__}
        with suppress(OSError):
            scratch.write_text(json.dumps(told), encoding="utf-8")
            scratch.replace(path.with_name(SEAL))
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def kept_seal(path: Path) -> Seal | None:
    """The seal beside the archive; `None` where there is none: it is being written, or its writer was killed.

    Raises `AlteredArchive` for one that cannot be read.
    """
    try:
        return Seal(**json.loads(path.with_name(SEAL).read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, RecursionError):
        raise AlteredArchive(path) from None


def check_seal(path: Path, *, believing: bool = True) -> None:
    """See that the archive, if there is one, is the file that was sealed; an untouched one is not read again.

    With `believing` false it is read in any case. Raises `AlteredArchive`. What is not sealed is not checked here.
    """
    kept = kept_seal(path)
    if kept is None or not path.exists() or (believing and kept.names(path)):
        return
    found = Seal.of(path)
    if kept_seal(path) != kept:  # somebody began to write meanwhile
        return
    if found.digest != kept.digest:
        raise AlteredArchive(path)
    found.keep(path)


def break_seal(path: Path) -> None:
    """Say that the archive is about to be written; on the disk before anything of that is."""
    seal = path.with_name(SEAL)
    if seal.exists():
        seal.unlink(missing_ok=True)
        _sync(path.parent)


def seal(path: Path) -> None:
    """Seal the archive as it is now. The caller keeps writers out, and all that was written is in the file."""
    Seal.of(path).keep(path)


def _sync(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened, and names are on the disk with their files
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
