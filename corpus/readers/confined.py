"""Reading what others made: in a process of its own, with limits, so that the worst file costs only itself.

A child process parses; it may have 500 MB of memory and a few seconds of computing (more for a large document), can
open no file and no connection, and is told nothing of this process's environment. `reading_child` says which systems
lack which of these limits. How long it is waited for, and how much it is given and believed, this side decides, of the
length and the beginning of the file, and holds it to that itself. What breaks a limit is refused and the next file is
given to a new child.

Four files are read at a time. Whoever reads a fifth waits, and then gets `AllReading`: so do four threads that each ask
for pages while they are within `read`, which holds its child until it is read to its end or closed.
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
from dataclasses import dataclass
from pathlib import Path, PurePath
from threading import BoundedSemaphore, Condition, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import MOST_DOCUMENT, Found, frames, packing_of
from corpus.readers.frames import MEMORY, MOST_SAID, OUT_OF_MEMORY
from corpus.readers.pages import Pages

if TYPE_CHECKING:  # this side needs no reader
    from corpus.readers.manuscript import Manuscript

LEAST = 3.0
"""Seconds of computing that the smallest file may take."""
A_MEGABYTE = {b"%PDF-": 40.0, b"PK\3\4": 14.0, b"": 16.0}
"""Seconds of computing for a megabyte of what begins so: eight times what the slowest honest documents took."""
MOST_SECONDS = 180.0
"""Seconds of computing for one document, at most."""
A_MEGABYTE_OF_TEXT = 4.0
"""The same for plain text, and for JSONL, which may be of any size."""
_TEXTS = {".jsonl", ".ndjson", ".json", ".txt", ".text", ".md", ".markdown"}
_BEFORE_A_TAG = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_UNPACKED = 20
"""How many times its size an honest packed file unpacks to, at most."""
PATIENCE = 3.0
"""How many times as long as a child may compute it may take, on a machine that is busy with other things."""
_FOR_WHO_WAITS = 2.0
"""The same where the seconds are given, as somebody waits for the answer."""
_QUIET = 30.0
"""Seconds that it may say nothing over a file of lines."""
WAIT = 10.0
"""Seconds that a file waits for others to be read, at most."""
_START = 120.0
"""Seconds in which a child has to be ready."""
_AT_ONCE = 4
_WITH_THE_QUESTION = 1 << 20
"""Bytes of a file that are sent along; of a larger one the child asks for what it needs."""
_SERVED, _ANSWERED = 5, 16
"""How many times a file may be asked for, and how many times its size may be answered, unpacked."""
_MOST_RATIO = 256
"""How many times its size an answer about a file may have, and above that:"""
_ANYWAY = 16 << 20
_MOST_WORDS = 64 << 10
_GROWN = 200_000_000
"""Bytes of address space from which a child is not used again: the next file is to have room."""
_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH")
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from corpus.readers.reading_child import main; main()"
_GIVE_OTHER = "Save or export it anew, or give its text."


class NoReader(OnRecordError):
    """The process that reads could not be started."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The process that reads files could not be started: {reason}.", "Free memory and try again.")


class AllReading(OnRecordError):
    """As many files as are read at a time are being read, and none of them was done soon."""

    def __init__(self) -> None:
        super().__init__("Too many files are being read at this moment.", "Try again in a few seconds.")


def read(file: bytes | BinaryIO, name: str) -> Iterator[Found | OnRecordError]:
    """What `corpus.readers.read` gives, each statement with its turns, read in a child process; a file can be seeked.

    Raises `Unreadable`, also for what crashes the reader or needs more time or memory than it is given, `NoReader`, and
    `AllReading`.
    """
    source = io.BytesIO(file) if isinstance(file, bytes) else file
    with _child() as child:
        whole: bytes | None = None
        for answer, raw in child.answers({"task": "read", "name": _tellable(name)}, source, _allowed(source, name)):
            at = 0
            for item in map(frames.fields_of, frames.list_of(answer.get("items"))):
                if "error" in item:
                    yield frames.error_from(item["error"])
                    continue
                if item.get("bytes") is None:
                    if whole is not None:
                        raise frames.Garbled("the whole file, twice")
                    original = whole = _all_of(source)
                else:
                    start, at = at, at + frames.count_from(item["bytes"])
                    original = raw[start:at]
                if at > len(raw):
                    raise frames.Garbled("an original that did not come")
                yield frames.found_from(item, original)


def read_manuscript(original: bytes, name: str, seconds: float | None = None) -> "Manuscript":
    """What `corpus.readers.manuscript.read_manuscript` gives, read in a child process. Raises as `read` does.

    It may compute for `seconds`, and take twice as long; or what a file of its size may when nothing is said.
    """
    source = io.BytesIO(original)
    with _child() as child:
        allowed = _allowed(source, name, seconds)
        ((answer, _),) = child.answers({"task": "draft", "name": _tellable(name)}, source, allowed)
        return frames.manuscript_from(answer.get("draft"))


def pages_of(data: bytes, text: str) -> Pages | None:
    """What `corpus.readers.pdf.pages_of` gives, found in a child process. Raises as `read` does."""
    written = text.encode()
    allowed = _allowed(io.BytesIO(data), "")
    allowed.served += 2 * len(written)
    with _child() as child:
        question = {"task": "pages", "text_bytes": len(written)}
        ((answer, _),) = child.answers(question, io.BytesIO(written + data), allowed)
        return frames.pages_from(answer.get("pages"), text)


@dataclass(slots=True)
class _Allowed:
    """What one question may cost, whatever the child says; what is left of it while it is answered."""

    computing: float
    """Seconds."""
    waiting: float
    """Seconds by the clock in which the child was waited for."""
    quiet: float
    """Seconds by the clock between two answers."""
    served: int
    """Bytes of the file, which may be asked for again."""
    answered: int
    """Bytes of all answers."""
    at_once: int
    """Bytes of one."""

    @contextmanager
    def waited(self) -> Iterator[float]:
        """Count the block, which may take so many seconds."""
        began = monotonic()
        try:
            yield max(0.0, min(self.waiting, self.quiet))
        finally:
            self.waiting -= monotonic() - began


def _allowed(source: BinaryIO, name: str, seconds: float | None = None) -> _Allowed:
    """What a question about a file may cost."""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    head = source.read(100)
    is_packed = packing_of(source) is not None
    unpacked = max(_ANYWAY, size * _MOST_RATIO) if is_packed else size
    texts = A_MEGABYTE_OF_TEXT * size / 1e6 * (_UNPACKED if is_packed else 1)
    magic = next(filter(head.startswith, A_MEGABYTE))
    rate, is_other = A_MEGABYTE[magic], not magic
    is_text = is_other and PurePath(name).suffix.lower() in _TEXTS and not head.lstrip(_BEFORE_A_TAG).startswith(b"<")
    document = 0.0 if is_text else min(MOST_SECONDS, rate * size / 1e6)
    usual = max(LEAST, document, texts if is_other else 0.0)
    return _Allowed(
        usual if seconds is None else seconds,
        PATIENCE * usual if seconds is None else _FOR_WHO_WAITS * seconds,
        max(_QUIET, PATIENCE * document),
        _SERVED * size + (64 << 20),
        _ANSWERED * unpacked + (64 << 20),
        min(MOST_SAID, _ANYWAY + _MOST_RATIO * size),
    )


def _tellable(name: str) -> str:
    return name.encode(errors="replace").decode()


def _all_of(source: BinaryIO) -> bytes:
    source.seek(0)
    whole = source.read(MOST_DOCUMENT + 1)
    if len(whole) > MOST_DOCUMENT:
        raise frames.Garbled("a document larger than any")
    return whole


def _piece(source: BinaryIO, at: int, most: int) -> bytes:
    try:
        source.seek(at)
        return source.read(min(most, _WITH_THE_QUESTION))
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
                stderr=subprocess.PIPE,
                cwd=Path(sys.executable).anchor,
                env={"MALLOC_ARENA_MAX": "1", **{name: os.environ[name] for name in _KEPT if name in os.environ}},
            )
        except OSError as error:
            raise NoReader(error.strerror or str(error)) from None
        self._to = cast("BinaryIO", self._process.stdin)
        self._from = cast("BinaryIO", self._process.stdout)
        self._says = cast("BinaryIO", self._process.stderr)
        """What goes wrong at its start; later it says nothing."""
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

    def answers(
        self, question: dict[str, Any], source: BinaryIO, allowed: _Allowed
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Its answers to a question about a file; pieces of that are served to it meanwhile.

        Raises the error that it answers, `Unreadable` when it breaks or breaks a limit, `NoReader` when it never began.
        """
        self.rests = False
        if not self._is_ready:
            with self._alarm.after(_START):
                frames.take(self._from)
            self._is_ready = True
        size, is_last = source.seek(0, io.SEEK_END), False
        source.seek(0)
        asked = {**question, "size": size, "seconds": allowed.computing}
        self._tell(asked, source.read() if size <= _WITH_THE_QUESTION else b"", allowed)
        while not is_last:
            answer, raw = self._answer(allowed)
            if "want" in answer:
                at, most = map(frames.count_from, frames.list_of(answer["want"], 2))
                piece = _piece(source, min(at, size), most)
                allowed.served -= len(piece) + 1
                self._tell({}, piece, allowed)
            else:
                is_last = answer.get("last") is True
                self.rests = is_last and frames.count_from(answer.get("grown")) < _GROWN
                if "error" in answer:
                    raise frames.error_from(answer["error"])
                yield answer, raw
            if min(allowed.served, allowed.answered) < 0:
                raise frames.Garbled("far more than the file holds")

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self._alarm.end()
        self._process.kill()
        with suppress(BrokenPipeError):
            self._to.close()
        self._from.close()
        self._says.close()
        self._process.wait()

    def _tell(self, message: dict[str, Any], raw: bytes, allowed: _Allowed) -> None:
        with allowed.waited() as seconds, self._alarm.after(seconds):
            frames.put(self._to, message, raw)

    def _answer(self, allowed: _Allowed) -> tuple[dict[str, Any], bytes]:
        with allowed.waited() as seconds, self._alarm.after(seconds):
            answer, raw, length = frames.take(self._from, allowed.at_once)
        allowed.answered -= length
        return answer, raw

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what is to be said of a file when the child breaks over it."""
        try:
            yield
        except (EOFError, BrokenPipeError):
            raise self._reason() from None
        except frames.Garbled:
            self.rests = False
            raise Unreadable("The reader of this file answered with nonsense.", _GIVE_OTHER) from None

    def _reason(self) -> OnRecordError:
        status = self._process.wait()
        if self._alarm.rang or status == -getattr(signal, "SIGXCPU", 0):
            return Unreadable("This file takes too long to read.", f"{_GIVE_OTHER} A smaller part may be read.")
        if not self._is_ready:
            return NoReader(f"it ended with status {status}{self._last_words()}")
        if status == OUT_OF_MEMORY:
            return Unreadable(
                f"This file needs more than {MEMORY // 1_000_000} MB of memory to be read.",
                "Split it into smaller files.",
            )
        return Unreadable(f"This file breaks its reader (status {status}).", _GIVE_OTHER)

    def _last_words(self) -> str:
        """The last line of what it said, which is over."""
        lines = self._says.read(_MOST_WORDS).decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f" ({said[-200:].rstrip('.')})" if said else ""


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
    """A child that waits for a question; one that is fit for another is kept for it. Raises `AllReading`."""
    if not _slots.acquire(timeout=WAIT):
        raise AllReading
    try:
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
    finally:
        _slots.release()


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
