"""The process that parses what others made: it holds itself to its limits first, then answers until nobody asks."""

import io
import os
import signal
import sys
from typing import Any, BinaryIO, cast

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import Found, frames, packing_of, read_from
from corpus.readers.frames import MEMORY, MOST_SECONDS, OUT_OF_MEMORY, STEP
from corpus.readers.manuscript import read_manuscript
from corpus.turns import find_turns

A_MEGABYTE = {"pdf": 30.0, "docx": 20.0, "html": 4.0, "markdown": 4.0, "text": 4.0}
"""Seconds that a megabyte of a document adds: far more than honest ones take."""
MOST_TEXT = 10_000_000
"""Characters of one statement, at most: what the parent is to cut into passages."""
_BATCH = 64
_BATCH_BYTES = 512 << 10
_OPEN_FILES = 16
_PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    """Answer one question after another; ends when the pipe does, and at the first answer that is not ours to give."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no frame
    _import_readers()
    _confine()
    frames.put(answers, {"ready": True})
    asking = _Asking(sys.stdin.buffer, answers)
    try:
        while True:
            asking.answer_one()
    except (EOFError, BrokenPipeError):
        os._exit(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _import_readers() -> None:
    """Load what any document may need, while files can be opened."""
    import charset_normalizer.md

    from corpus.readers import docx, html, jsonl, markdown, pdf, text

    _ = charset_normalizer.md, docx, html, jsonl, markdown, pdf, text


def _confine() -> None:
    """Take from this process, for good, what reading a document does not need; on Windows there is nothing to take."""
    try:
        import resource
    except ImportError:
        return
    # A limit that this system does not know leaves the others in force.
    for name, most in (
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", _OPEN_FILES),
        ("RLIMIT_NPROC", 0),
    ):
        if (limit := getattr(resource, name, None)) is not None:
            _, hard = resource.getrlimit(limit)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (least, least))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _allow(seconds: float) -> None:
    """Let the system end this process when it has computed for so much longer."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


class _Asking:
    """The parent, and the file that it asks about."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions = questions
        self._answers = answers

    def answer_one(self) -> None:
        """Take a question and answer it. Raises `EOFError` when there is none, `MemoryError` when it is too big."""
        asked, raw = frames.take(self._questions)
        _allow(STEP)
        small = len(raw) == asked["size"]
        served = None if small else io.BufferedReader(_Served(self, asked["size"]), 1 << 20)
        file = io.BytesIO(raw) if served is None else cast("BinaryIO", served)
        del raw
        try:
            match asked["task"]:
                case "read":
                    self._read(file, asked["name"])
                case "draft":
                    given = file.read()
                    self._slow_down(_kind(asked["name"]), len(given))
                    self._last(draft=frames.manuscript_as_json(read_manuscript(given, asked["name"])))
                case _:
                    self._pages(file, asked["text_bytes"])
        except RecursionError:
            self._last(error=["Unreadable", "This is nested too deeply to be read.", "Save it as plain text."])
        except OnRecordError as error:
            self._last(error=frames.error_as_json(error))

    def want(self, at: int, most: int) -> bytes:
        """A piece of the file."""
        frames.put(self._answers, {"want": [at, most]})
        _, raw = frames.take(self._questions)
        _allow(STEP)
        return raw

    def _slow_down(self, form: str, size: int) -> None:
        """Take, and tell the parent to give, the time for a document of this size."""
        seconds = min(MOST_SECONDS, STEP + A_MEGABYTE.get(form, 0.0) * size / 1e6)
        frames.put(self._answers, {"seconds": seconds})
        _allow(seconds)

    def _read(self, file: BinaryIO, name: str) -> None:
        batch: list[dict[str, Any]] = []
        originals: list[bytes] = []
        is_packed = packing_of(file) is not None
        for one in read_from(file, name, self._slow_down):
            item, original = _told(one, is_packed=is_packed)
            batch.append(item)
            originals.append(original)
            if len(batch) >= _BATCH or sum(map(len, originals)) >= _BATCH_BYTES:
                frames.put(self._answers, {"items": batch}, *originals)
                batch, originals = [], []
                _allow(STEP)
        self._last(*originals, items=batch)

    def _pages(self, file: BinaryIO, text_bytes: int) -> None:
        from corpus.readers.pdf import pages_of

        text, data = file.read(text_bytes).decode(), file.read()
        self._slow_down("pdf", len(data))
        pages = pages_of(data, text)
        self._last(pages=pages and [pages.starts, pages.numbers])

    def _last(self, *raw: bytes, **message: Any) -> None:
        frames.put(self._answers, {**message, "last": True, "grown": _grown()}, *raw)


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


def _grown() -> int:
    """Bytes of address space that this process has now; 0 where that cannot be told."""
    try:
        with open("/proc/self/statm", encoding="ascii") as told:  # noqa: PTH123
            return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _kind(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in A_MEGABYTE else "html"


if __name__ == "__main__":
    main()
