"""Whatever a child answers, that somebody may have taken over, it costs one refusal and a bounded time."""

import ctypes
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import Found, confined, reading_child
from corpus.readers.confined import AllReading, NoReader
from tests.hostile.kinds import BY_CONTENT

ROOT = Path(__file__).parent.parent.parent
FOUND: dict[str, Any] = {"id": None, "bytes": None, "media": "text/plain", "draft": {"text": "Zinc."}, "turns": []}
GIVEN = {"last": True, "grown": 0}
NONSENSE: dict[str, dict[str, Any]] = {
    "no items": GIVEN,
    "items that are none": {**GIVEN, "items": 5},
    "an item that is words": {**GIVEN, "items": ["error"]},
    "a draft that is a list": {**GIVEN, "items": [{**FOUND, "draft": []}]},
    "a draft with more in it": {**GIVEN, "items": [{**FOUND, "draft": {"text": "Zinc.", "sender": "x"}}]},
    "a draft without a text": {**GIVEN, "items": [{**FOUND, "draft": {"title": "Zinc"}}]},
    "a text that is a number": {**GIVEN, "items": [{**FOUND, "draft": {"text": 5}}]},
    "half a surrogate pair": {**GIVEN, "items": [{**FOUND, "draft": {"text": "\ud800 is up."}}]},
    "half a pair in an error": {**GIVEN, "error": ["Unreadable", "\udfff", "b"]},
    "a media type of its own": {**GIVEN, "items": [{**FOUND, "media": "text/x-script"}]},
    "a turn out of the text": {**GIVEN, "items": [{**FOUND, "turns": [[0, 9, None, "remarks"]]}]},
    "a turn in no role": {**GIVEN, "items": [{**FOUND, "turns": [[0, 4, None, "lies"]]}]},
    "a turn that is true": {**GIVEN, "items": [{**FOUND, "turns": [[False, True, None, "remarks"]]}]},
    "an original that did not come": {**GIVEN, "items": [{**FOUND, "bytes": 7}]},
    "the file twice": {**GIVEN, "items": [FOUND, FOUND]},
    "an error of no class": {**GIVEN, "error": ["NoReader", "a", "b"]},
    "an error that is nothing": {**GIVEN, "error": None},
    "an endless error": {**GIVEN, "error": ["Unreadable", "a" * 20_000, "b"]},
    "a size that is none": {"last": True, "grown": [], "items": []},
    "a want below 0": {"want": [-5, 10]},
    "a want of three": {"want": [0, 1, 2]},
}


@pytest.fixture(autouse=True)
def _new_child() -> Iterator[None]:
    confined.stop()
    yield
    confined.stop()


def _answering(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have children run `program` after they said that they are ready, in which `put` and `ask` are ours."""
    boot = f"""
import json, sys, time
sys.path[:] = json.loads(sys.argv[1])
from functools import partial
from corpus.readers import frames
put = partial(frames.put, sys.stdout.buffer)
ask = lambda: frames.take(sys.stdin.buffer)
put({{"ready": True}})
ask()
{program}
"""
    monkeypatch.setattr(confined, "_BOOT", boot)


def _refusal() -> str:
    with pytest.raises(Unreadable) as refused:
        list(confined.read(b"Zinc is up.", "a.txt"))
    return refused.value.cause


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_of_the_wrong_shape_refuses_the_file(answer: dict[str, Any]) -> None:
    said = json.loads(json.dumps(answer))
    with pytest.raises(Unreadable, match="answered with nonsense"):
        list(_read_with(said))


def _read_with(answer: dict[str, Any]) -> Iterator[Found | OnRecordError]:
    """What is read of a file when the child gives this answer."""
    child = confined._Child()
    child._is_ready = True
    child._tell = lambda *_: None  # type: ignore[method-assign]
    child._answer = lambda _: (answer, b"abc")  # type: ignore[method-assign, assignment]
    confined._resting.append(child)
    yield from confined.read(b"Zinc is up.", "a.txt")


def test_a_whole_answer_of_the_right_shape_is_believed() -> None:
    (found,) = _read_with({**GIVEN, "items": [FOUND]})
    assert isinstance(found, Found)
    assert (found.draft.text, found.original) == ("Zinc.", b"Zinc is up.")


def test_a_child_that_asks_for_ever_is_ended_by_what_it_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    _answering('while True: put({"want": [0, 1 << 20]}); ask()', monkeypatch)
    with pytest.raises(Unreadable, match="answered with nonsense"):
        list(confined.read(io.BytesIO(b"a" * (2 << 20)), "a.txt"))


def test_a_child_that_answers_for_ever_is_ended_by_what_it_may_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    _answering('while True: put({"items": []}, bytes(1 << 20))', monkeypatch)
    assert "answered with nonsense" in _refusal()


@pytest.mark.parametrize("says", ['put({"items": []})', 'put({"want": [0, 1]}); ask()', "pass"])
def test_a_child_that_takes_its_time_is_ended_by_one_clock(says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "LEAST", 0.5)
    _answering(f"while True: {says}; time.sleep(0.1)", monkeypatch)
    began = monotonic()
    assert _refusal() == "This file takes too long to read."
    assert monotonic() - began < 0.5 * confined.PATIENCE + 10  # of starting a process


def test_a_frame_larger_than_its_file_allows_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    _answering(
        'sys.stdout.buffer.write((17 << 20).to_bytes(4, "big") + bytes(4)); sys.stdout.flush(); ask()', monkeypatch
    )
    assert "answered with nonsense" in _refusal()


def test_a_reader_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        confined, "_BOOT", "import sys; print('x' * 9999, file=sys.stderr); raise SystemExit('no lxml here')"
    )
    with pytest.raises(NoReader, match=r"it ended with status 1 \(no lxml here\)\. Free memory"):
        list(confined.read(b"Zinc is up.", "a.txt"))


def test_a_fifth_file_at_a_time_waits_and_then_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "WAIT", 0.2)
    for _ in range(4):
        confined._slots.acquire()
    try:
        with pytest.raises(AllReading):
            list(confined.read(b"Zinc is up.", "a.txt"))
    finally:
        confined._slots.release(4)
    assert len(list(confined.read(b"Zinc is up.", "a.txt"))) == 1


def test_every_slot_is_free_again_after_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "WAIT", 0.2)
    monkeypatch.setattr(confined, "_BOOT", "raise SystemExit(1)")
    for _ in range(5):
        with pytest.raises(NoReader):
            list(confined.read(b"Zinc is up.", "a.txt"))


def test_what_a_question_may_cost_goes_by_the_file_alone() -> None:
    def computing(head: bytes, megabytes: float, name: str) -> float:
        return confined._allowed(_Sized(head, int(megabytes * 1e6)), name).computing

    assert computing(b"%PDF-1.7", 0.01, "a.pdf") == confined.LEAST == 3.0
    assert computing(b"%PDF-1.7", 1, "a.pdf") == computing(b"%PDF-1.7", 1, "a.jsonl") == 40.0
    assert computing(b"%PDF-1.7", 100, "a.pdf") == 180.0
    assert computing(b"PK\3\4....", 1, "a.docx") == 14.0
    assert computing(b"<html>..", 1, "a.html") == 16.0
    assert computing(b'{"text":', 1, "a.jsonl") == 4.0
    assert computing(b'{"text":', 1000, "a.txt") == 4000.0
    assert computing(b"\xff\xfe<\0", 1, "a.txt") == 16.0
    assert computing(b"\xfd7zXZ\0..", 1, "a.jsonl.xz") == 80.0


class _Sized(io.BytesIO):
    """A file of a size, of which there is only the beginning."""

    def __init__(self, head: bytes, size: int) -> None:
        super().__init__(head)
        self._size = size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._size if whence == io.SEEK_END else super().seek(offset, whence)


_TRIES = """
import os, socket, sys
from corpus.readers import reading_child
kept = os.dup(1)
reading_child._import_readers()
reading_child._confine()
def tried(what, *given):
    try:
        what(*given)
    except OSError as error:
        os.write(kept, b"refused\\n")
    else:
        os.write(kept, b"done\\n")
tried(os.open, sys.argv[1], os.O_RDONLY)
tried(os.open, sys.argv[1] + ".new", os.O_CREAT | os.O_WRONLY)
tried(socket.socket)
if sys.argv[2] == "landlocked":
    tried(os.truncate, sys.argv[1], 0)
    tried(os.unlink, sys.argv[1])
    tried(os.mkdir, sys.argv[1] + ".folder")
"""


@pytest.mark.skipif(os.name != "posix", reason="limits on files are POSIX's")
def test_a_child_can_open_make_empty_and_take_away_no_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("Zinc is up.")
    known = "landlocked" if _has_landlock() else "not"
    run = [sys.executable, "-c", _TRIES, str(path), known]
    said = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)})
    assert said.stdout.split() == ["refused"] * (6 if known == "landlocked" else 3), said.stderr
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("Zinc is up.", [path])


def _has_landlock() -> bool:
    """Whether the kernel can also forbid to empty a file."""
    if sys.platform != "linux" or os.uname().machine not in {"x86_64", "aarch64"}:
        return False
    version: int = ctypes.CDLL(None).syscall(reading_child._LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    return version >= 3


_LOADS = """
import sys
from corpus.readers import reading_child, read
from corpus.readers.manuscript import read_manuscript
from corpus.turns import find_turns
from corpus.errors import OnRecordError
from pathlib import Path
reading_child._import_readers()
before = set(sys.modules)
for path in map(Path, sys.argv[1:]):
    try:
        for one in read(path.read_bytes(), path.name):
            if not isinstance(one, OnRecordError):
                find_turns(one.draft.text, title=one.draft.title, speaker=one.draft.speaker)
        read_manuscript(path.read_bytes(), path.name)
    except (OnRecordError, RecursionError):
        pass
print(*sorted(set(sys.modules) - before))
"""
_QUICK = "dct.pdf font.pdf noise.pdf jbig2.pdf encrypted.pdf no-xref.pdf utf-16.html utf-7.html mixed.html entity.xhtml"


def test_nothing_is_left_to_load_once_no_file_can_be_opened(tmp_path: Path) -> None:
    samples = [str(path) for path in (ROOT / "samples" / "statements").iterdir()]
    for name in (*_QUICK.split(), "wrong-crc.docx", "external.docx", "random.txt", "invalid.txt", "numbers.jsonl"):
        (tmp_path / name).write_bytes(BY_CONTENT[name]())
        samples.append(str(tmp_path / name))
    run = [sys.executable, "-c", _LOADS, *samples]
    said = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    assert said.stdout.split() == []


def test_limits_that_a_system_does_not_set_leave_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import os, resource
real = resource.setrlimit
def setrlimit(limit, to):
    if limit in {resource.RLIMIT_AS, resource.RLIMIT_CPU}:
        raise ValueError("current limit exceeds maximum limit")
    real(limit, to)
resource.setrlimit = setrlimit
from corpus.readers.reading_child import main
main()
"""
    monkeypatch.setattr(confined, "_BOOT", f"import json, sys; sys.path[:] = json.loads(sys.argv[1])\n{program}")
    (found,) = confined.read(b"Zinc is up.", "a.txt")
    assert isinstance(found, Found)


def test_four_threads_that_ask_within_a_reading_are_told_so_instead_of_waiting_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confined, "WAIT", 0.5)
    held = [confined.read(b'{"text": "Zinc."}\n{"text": "Tin."}\n', "a.jsonl") for _ in range(4)]
    for one in held:
        next(one)
    told: list[type[Exception]] = []

    def ask() -> None:
        try:
            confined.pages_of(b"%PDF-1.7", "Zinc.")
        except OnRecordError as error:
            told.append(type(error))

    threads = [Thread(target=ask) for _ in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for one in held:
        list(one)
    assert told == [AllReading] * 4
