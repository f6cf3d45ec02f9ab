"""Reading what others made: in a process of its own, with limits, so that the worst file costs only itself.

A child process parses; it may have 500 MB of memory, a few seconds of computing (more for a large document), no file
to write and no process to start, and is told nothing of this process's environment. What breaks a limit is refused and
the next file is given to a new child. On Windows, which has no such limits, the time alone is limited, by this side.
"""

import atexit
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Condition, Lock, Thread
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import Found, frames
from corpus.readers.frames import MEMORY, MOST_SECONDS, OUT_OF_MEMORY, STEP

if TYPE_CHECKING:  # this side needs no reader
    from corpus.readers.manuscript import Manuscript
    from corpus.readers.pdf import Pages

PATIENCE = 5.0
"""How many times as long as a child may compute it may take, on a machine that is busy with other things."""
_START = 120.0
"""Seconds in which a child has to be ready."""
_AT_ONCE = 4
_WITH_THE_QUESTION = 1 << 20
"""Bytes of a file that are sent along; of a larger one the child asks for what it needs."""
_GROWN = 200_000_000
"""Bytes of address space from which a child is not used again: the next file is to have room."""
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH")
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from corpus.readers.reading_child import main; main()"
_GIVE_OTHER = "Save or export it anew, or give its text."


class NoReader(OnRecordError):
    """The process that reads could not be started."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The process that reads files could not be started: {reason}.", "Free memory and try again.")


def read(file: bytes | BinaryIO, name: str) -> Iterator[Found | OnRecordError]:
    """What `corpus.readers.read` gives, each statement with its turns, read in a child process; a file can be seeked.

    Raises `Unreadable`, also for what crashes the reader or needs more time or memory than it is given, and
    `NoReader`.
    """
    source = io.BytesIO(file) if isinstance(file, bytes) else file
    with _child() as child:
        for answer, raw in child.answers({"task": "read", "name": _tellable(name)}, source):
            at = 0
            for item in answer["items"]:
                if "error" in item:
                    yield frames.error_from(item["error"])
                    continue
                length = item["bytes"]
                original = _all_of(source) if length is None else raw[at : at + length]
                at += length or 0
                yield frames.found_from(item, original)


def read_manuscript(original: bytes, name: str) -> "Manuscript":
    """What `corpus.readers.manuscript.read_manuscript` gives, read in a child process. Raises as `read` does."""
    with _child() as child:
        ((answer, _),) = child.answers({"task": "draft", "name": _tellable(name)}, io.BytesIO(original))
        return frames.manuscript_from(answer["draft"])


def pages_of(data: bytes, text: str) -> "Pages | None":
    """What `corpus.readers.pdf.pages_of` gives, found in a child process. Raises as `read` does."""
    from corpus.readers.pdf import Pages

    written = text.encode()
    with _child() as child:
        ((answer, _),) = child.answers({"task": "pages", "text_bytes": len(written)}, io.BytesIO(written + data))
        given = answer["pages"]
        return None if given is None else Pages(*(tuple(int(one) for one in numbers) for numbers in given))


def _tellable(name: str) -> str:
    return name.encode(errors="replace").decode()


def _all_of(source: BinaryIO) -> bytes:
    source.seek(0)
    return source.read()


def _piece(source: BinaryIO, at: int, most: int) -> bytes:
    try:
        source.seek(max(0, at))
        return source.read(max(0, min(most, _WITH_THE_QUESTION)))
    except OSError as error:
        raise Unreadable(f"This file cannot be read on: {error.strerror}.", "Copy it anew and try again.") from None


class _Child:
    """One child process, and the pipes to it."""

    def __init__(self) -> None:
        paths = [os.path.abspath(path) for path in sys.path if path]
        root = str(Path(__file__).parent.parent.parent)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-c", _BOOT, json.dumps([root, *paths])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(sys.executable).anchor,
                env={"MALLOC_ARENA_MAX": "1", **{name: os.environ[name] for name in _KEPT if name in os.environ}},
            )
        except OSError as error:
            raise NoReader(error.strerror or str(error)) from None
        self._to = cast("BinaryIO", self._process.stdin)
        self._from = cast("BinaryIO", self._process.stdout)
        self._alarm = _Alarm(self._process)
        self._is_ready = False
        self.rests = True
        """Whether it waits for a question, and is fit for one."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def answers(self, question: dict[str, Any], source: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Its answers to a question about a file; pieces of that are served to it meanwhile.

        Raises the error that it answers, `Unreadable` when it breaks or breaks a limit, `NoReader` when it never began.
        """
        self.rests = False
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        if not self._is_ready:
            self._answer(_START)
            self._is_ready = True
        seconds, is_last = float(STEP), False
        self._tell({**question, "size": size}, source.read() if size <= _WITH_THE_QUESTION else b"")
        while not is_last:
            answer, raw = self._answer(PATIENCE * seconds)
            if "want" in answer:
                self._tell({}, _piece(source, *map(int, answer["want"])))
            elif "seconds" in answer:
                seconds = min(float(answer["seconds"]), MOST_SECONDS)
            else:
                is_last = bool(answer.get("last"))
                self.rests = is_last and int(answer["grown"]) < _GROWN
                if "error" in answer:
                    raise frames.error_from(answer["error"])
                yield answer, raw

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self._alarm.end()
        self._process.kill()
        with suppress(BrokenPipeError):
            self._to.close()
        self._from.close()
        self._process.wait()

    def _tell(self, message: dict[str, Any], raw: bytes) -> None:
        with self._alarm.after(PATIENCE * STEP):
            frames.put(self._to, message, raw)

    def _answer(self, seconds: float) -> tuple[dict[str, Any], bytes]:
        with self._alarm.after(seconds):
            return frames.take(self._from)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what is to be said of a file when the child breaks over it."""
        try:
            yield
        except (EOFError, BrokenPipeError):
            raise self._reason() from None
        except (frames.Garbled, KeyError, TypeError, ValueError, OverflowError):
            self.rests = False
            raise Unreadable("The reader of this file answered with nonsense.", _GIVE_OTHER) from None

    def _reason(self) -> OnRecordError:
        status = self._process.wait()
        if self._alarm.rang or status == -getattr(signal, "SIGXCPU", 0):
            return Unreadable("This file takes too long to read.", f"{_GIVE_OTHER} A smaller part may be read.")
        if not self._is_ready:
            return NoReader(f"it ended with status {status}")
        if status == OUT_OF_MEMORY:
            return Unreadable(
                f"This file needs more than {MEMORY // 1_000_000} MB of memory to be read.",
                "Split it into smaller files.",
            )
        return Unreadable(f"This file breaks its reader (status {status}).", _GIVE_OTHER)


class _Alarm:
    """Kills a process that does not answer in time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._changed = Condition()
        self._seconds: float | None = None
        self._is_over = False
        self.rang = False
        """Whether it has killed."""
        Thread(target=self._watch, name="reading alarm", daemon=True).start()

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Kill unless the block ends before."""
        self._set(seconds)
        try:
            yield
        finally:
            self._set(None)

    def end(self) -> None:
        """Never ring again."""
        self._is_over = True
        self._set(None)

    def _set(self, seconds: float | None) -> None:
        with self._changed:
            self._seconds = seconds
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_over:
                if not self._changed.wait(self._seconds) and self._seconds is not None:
                    self.rang = True
                    self._process.kill()
                    return


_slots = BoundedSemaphore(_AT_ONCE)
_resting: list[_Child] = []
_lock = Lock()


@contextmanager
def _child() -> Iterator[_Child]:
    """A child that waits for a question; one that is fit for another is kept for it."""
    with _slots:
        with _lock:
            resting = _resting.pop() if _resting else None
        if resting and not resting.lives:
            resting.stop()
            resting = None
        child = resting or _Child()
        try:
            with child.explained():
                yield child
        finally:
            with _lock:
                is_kept = child.rests and not _resting
                if is_kept:
                    _resting.append(child)
            if not is_kept:
                child.stop()


@atexit.register
def stop() -> None:
    """End the child that waits for a question, if there is one; the next question starts another."""
    with _lock:
        children = [*_resting]
        _resting.clear()
    for child in children:
        child.stop()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_resting.clear)
