"""The process that parses what others made: it holds itself to its limits first, then answers until nobody asks.

On Linux it has all limits of `_confine`. macOS knows no limit on address space, and no Landlock: memory is not limited
there, and a process that was taken over could take away or empty the user's files, though it could read none. Windows
limits nothing; there the parent's clock is all there is.
"""

import codecs
import ctypes
import io
import os
import pkgutil
import platform
import signal
import struct
import sys
import time
from contextlib import suppress
from typing import Any, BinaryIO, cast

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import Found, frames, packing_of, read_from
from corpus.readers.frames import MEMORY, MOST_TEXT, OUT_OF_MEMORY
from corpus.readers.manuscript import read_manuscript
from corpus.turns import find_turns

_BATCH = 64
_BATCH_BYTES = 512 << 10
_PR_SET_NO_NEW_PRIVS = 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
# What each version of Landlock can forbid, of https://docs.kernel.org/userspace-api/landlock.html: files, TCP, signals.
_FORBIDDEN = {1: (0x1FFF,), 2: (0x3FFF,), 3: (0x7FFF,), 4: (0x7FFF, 3), 5: (0xFFFF, 3), 6: (0xFFFF, 3, 3)}


def main() -> None:
    """Answer one question after another; ends when the pipe does, and at the first answer that is not ours to give."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no frame
    _import_readers()
    asking = _Asking(sys.stdin.buffer, answers, _own_size())
    _confine()
    frames.put(answers, {"ready": True})
    try:
        while True:
            asking.answer_one()
    except (EOFError, BrokenPipeError):
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _import_readers() -> None:
    """Load what any document may need, while files can be opened: every encoding that a page may name, too.

    The first three, and what reads dates, the standard library loads where it first needs them.
    """
    import encodings
    import gc
    import heapq
    import tracemalloc

    import charset_normalizer.md

    from corpus.readers import docx, html, jsonl, markdown, pdf, text

    _ = gc, heapq, tracemalloc, time.strptime("1", "%d")
    _ = charset_normalizer.md, docx, html, jsonl, markdown, pdf, text
    for one in pkgutil.iter_modules(encodings.__path__):
        with suppress(LookupError, ImportError):
            codecs.lookup(one.name)


def _confine() -> None:
    """Take from this process, for good, what reading a document does not need; on Windows there is nothing to take.

    What it prints from here on is lost.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        import resource
    except ImportError:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _shut_out()
    free = os.dup(0)
    os.close(free)
    for name, most in (
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_DATA", MEMORY),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_NOFILE", free),  # which is the first that is not open: no file and no socket can be opened
    ):
        # A limit that this system does not know, or does not set, leaves the others in force.
        with suppress(AttributeError, ValueError, OSError):
            limit = getattr(resource, name)
            _, hard = resource.getrlimit(limit)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (least, least))


def _shut_out() -> None:
    """Have the kernel refuse this process every file, also to take one away, and TCP; where it has Landlock for that.

    It binds root as well, whom `RLIMIT_NPROC` does not.
    """
    if platform.machine() not in {"x86_64", "aarch64"}:  # whose numbers of system calls we know
        return
    call = ctypes.CDLL(None).syscall
    version = min(call(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION), max(_FORBIDDEN))
    if version < 1:
        return
    forbidden = _FORBIDDEN[version]
    rules = struct.pack(f"={len(forbidden)}Q", *forbidden)
    made = call(_LANDLOCK_CREATE, rules, ctypes.c_size_t(len(rules)), 0)
    if made >= 0:
        call(_LANDLOCK_RESTRICT, made, 0)
        os.close(made)


def _allow(seconds: float) -> None:
    """Let the system end this process when it has computed for so much longer."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _own_size() -> int | None:
    """Where the size of this process can be read, held open; `None` where that cannot be told."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None


class _Asking:
    """The parent, and the file that it asks about."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO, own_size: int | None) -> None:
        self._questions = questions
        self._answers = answers
        self._own_size = own_size

    def answer_one(self) -> None:
        """Take a question and answer it. Raises `EOFError` when there is none, `MemoryError` when it is too big."""
        asked, raw, _ = frames.take(self._questions)
        _allow(asked["seconds"])
        file: BinaryIO = io.BytesIO(raw)
        if len(raw) != asked["size"]:
            file = cast("BinaryIO", io.BufferedReader(_Served(self, asked["size"]), 1 << 20))
        try:
            match asked["task"]:
                case "read":
                    self._read(file, asked["name"])
                case "draft":
                    self._last(draft=frames.manuscript_as_json(read_manuscript(file.read(), asked["name"])))
                case _:
                    self._pages(file, asked["text_bytes"])
        except RecursionError:
            self._last(error=["Unreadable", "This is nested too deeply to be read.", "Save it as plain text."])
        except OnRecordError as error:
            self._last(error=frames.error_as_json(error))

    def want(self, at: int, most: int) -> bytes:
        """A piece of the file."""
        frames.put(self._answers, {"want": [at, most]})
        _, raw, _ = frames.take(self._questions)
        return raw

    def _read(self, file: BinaryIO, name: str) -> None:
        batch: list[dict[str, Any]] = []
        originals: list[bytes] = []
        is_packed = packing_of(file) is not None
        for one in read_from(file, name):
            item, original = _told(one, is_packed=is_packed)
            batch.append(item)
            originals.append(original)
            if len(batch) >= _BATCH or sum(map(len, originals)) >= _BATCH_BYTES:
                frames.put(self._answers, {"items": batch}, *originals)
                batch, originals = [], []
        self._last(*originals, items=batch)

    def _pages(self, file: BinaryIO, text_bytes: int) -> None:
        from corpus.readers.pdf import pages_of

        text, data = file.read(text_bytes).decode(), file.read()
        self._last(pages=frames.pages_as_json(pages_of(data, text)))

    def _last(self, *raw: bytes, **message: Any) -> None:
        frames.put(self._answers, {**message, "last": True, "grown": self._grown()}, *raw)

    def _grown(self) -> int:
        """Bytes of address space that this process has now; 0 where that cannot be told."""
        if self._own_size is None:
            return 0
        return int(os.pread(self._own_size, 100, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE")


class _Served(io.RawIOBase):
    """The file that the parent has open, piece by piece."""

    def __init__(self, asking: _Asking, size: int) -> None:
        self._asking = asking
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        most = min(len(buffer), self._size - self._at)
        piece = self._asking.want(self._at, most) if most > 0 else b""
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _told(one: Found | OnRecordError, *, is_packed: bool) -> tuple[dict[str, Any], bytes]:
    if isinstance(one, OnRecordError):
        return {"error": frames.error_as_json(one)}, b""
    draft = one.draft
    if len(draft.text) > MOST_TEXT:
        raise Unreadable(f"This is a text of more than {MOST_TEXT:,} characters.", "Split it into several statements.")
    turns = find_turns(draft.text, title=draft.title, speaker=draft.speaker)
    is_whole = not is_packed and one.media_type != "application/json"
    found = Found(one.id, one.original, one.media_type, draft, turns)
    return frames.found_as_json(found, whole=is_whole), b"" if is_whole else one.original
