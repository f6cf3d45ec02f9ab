"""One writer at a time: a lock that dies with its process, and a note that says who holds it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.archive_file import UnusableFolder
from corpus.errors import OnRecordError


class AnotherWriter(OnRecordError):
    """Somebody else is changing this collection right now."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"This collection is being changed by {holder}.", "Wait until it is done and try again.")


@contextmanager
def writing(data: Path, task: str) -> Iterator[None]:
    """Hold the collection's writer's lock for the block; its folder is made when absent.

    Raises `AnotherWriter` at once when the lock is held, `UnusableFolder` when the folder cannot be used.
    """
    note = data / "writer.json"
    lock = FileLock(data / "writer.lock", timeout=0)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise AnotherWriter(_holder(note)) from None
    except OSError as error:
        raise UnusableFolder(data, error.strerror or str(error)) from None
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        note.write_text(json.dumps({"pid": os.getpid(), "task": task, "since": since}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    try:
        written = json.loads(note.read_text(encoding="utf-8"))
        return f"`onrecord {written['task']}` (process {written['pid']}, since {written['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
