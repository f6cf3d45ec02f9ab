"""Whether archive.db is, byte for byte, the file that its last writer left."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from corpus.durable import replacing, sync
from corpus.errors import OnRecordError
from corpus.file_digest import digest_of
from corpus.records import RESTORE, SEAL, DamagedArchive

_TICK = 0.05
"""Seconds: a file written twice within one tick of a file system's clock keeps its times, so that is waited for."""
_SECOND_NS = 1_000_000_000


class AlteredArchive(DamagedArchive):
    """The archive's file is not the one that this program wrote last."""

    def __init__(self, path: Path) -> None:
        OnRecordError.__init__(
            self,
            f"{path.name} is not the file that was written last: it was damaged, or something else wrote to it.",
            f"Nothing is quoted from it; `onrecord verify` says what is altered. {RESTORE} "
            f"If the change was meant and verify finds no other, delete {SEAL}.",
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """What the file was: its digest, and what changes when anybody writes to it."""

    digest: str
    inode: int
    size: int
    written_ns: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> "Seal":
        """The seal of the file as it is now; all of it is read, in another process: see `corpus.file_digest`."""
        status = path.stat()
        time.sleep(max(0.0, min(_TICK, status.st_mtime + _TICK - time.time())))
        return cls(digest_of(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def is_settled(self) -> bool:
        """Whether the file can be known by its times: not while a clock of whole seconds may stand still."""
        return self.written_ns % _SECOND_NS != 0 or time.time_ns() > self.written_ns + 2 * _SECOND_NS

    def names(self, path: Path) -> bool:
        """Whether the file's times say that it is the one, untouched since."""
        status = path.stat()
        now = status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        return self.is_settled and (self.inode, self.size, self.written_ns, self.changed_ns) == now

    def keep(self, path: Path) -> None:
        """Write it beside the file, where that is possible: whole, and on the disk, or what was there stays."""
        seal = path.with_name(SEAL)
        for leftover in path.parent.glob(f".{SEAL}.*"):
            leftover.unlink(missing_ok=True)
        with suppress(OSError), replacing(seal) as file:
            file.write(self._written().encode())

    def _written(self) -> str:
        told = json.dumps({name: getattr(self, name) for name in self.__slots__})
        return f"{told}\n{sha256(told.encode()).hexdigest()}\n"


def kept_seal(path: Path) -> Seal | None:
    """The seal beside the archive.

    `None` where there is none, as the archive is being written or its writer was killed, and where what is there is no
    seal of this release or was not written to its end.
    """
    try:
        told, check, rest = path.with_name(SEAL).read_text(encoding="utf-8").split("\n")
        if rest or sha256(told.encode()).hexdigest() != check:
            return None
        return Seal(**json.loads(told))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def check_seal(path: Path, *, believing: bool = True) -> bool:
    """See that the archive, if there is one, is the file that was sealed; an untouched one is not read again.

    With `believing` false it is read in any case. The answer is whether it was read and found right, so that whoever
    keeps writers out may seal it anew. Raises `AlteredArchive`. What is not sealed is not checked here.
    """
    kept = kept_seal(path)
    if kept is None or not path.exists() or (believing and kept.names(path)):
        return False
    found = Seal.of(path)
    if kept_seal(path) != kept:  # somebody began to write meanwhile
        return False
    if found.digest != kept.digest:
        raise AlteredArchive(path)
    return True


def break_seal(path: Path) -> None:
    """Say that the archive is about to be written; on the disk before anything of that is."""
    seal = path.with_name(SEAL)
    if seal.exists():
        seal.unlink(missing_ok=True)
        sync(path.parent)


def seal(path: Path) -> None:
    """Seal the archive as it is now. The caller keeps writers out, and all that was written is in the file."""
    Seal.of(path).keep(path)
