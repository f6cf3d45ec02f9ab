"""One writer at a time, and a lock that dies with the process that held it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.locking import AnotherWriter, writing

HOLD = """
import sys
from pathlib import Path
from service.locking import writing
with writing(Path(sys.argv[1]), "ingest"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(data: Path) -> "Iterator[subprocess.Popen[str]]":
    """A real process that holds the lock until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def test_a_second_writer_is_refused_at_once_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    with another_process(tmp_path) as holder:
        said = (
            rf"being changed by `onrecord ingest` \(process {holder.pid}, since 20.*\+00:00\)\. Wait until it is done"
        )
        with pytest.raises(AnotherWriter, match=said), writing(tmp_path, "remove"):
            pytest.fail("two writers at once")


def test_a_dead_holders_lock_is_free(tmp_path: Path) -> None:
    with another_process(tmp_path) as holder:
        holder.kill()
        holder.wait()
        assert (tmp_path / "writer.json").exists()
        with writing(tmp_path, "remove"):
            assert json.loads((tmp_path / "writer.json").read_text())["pid"] == os.getpid()


def test_one_process_cannot_write_twice_at_once_either(tmp_path: Path) -> None:
    with (
        writing(tmp_path, "serve"),
        pytest.raises(AnotherWriter, match="`onrecord serve`"),
        writing(tmp_path, "ask"),
    ):
        pytest.fail("two writers at once")


@pytest.mark.parametrize("note", [None, "", "[]", '{"pid": 1}'])
def test_a_holder_who_left_no_sound_note_is_another_process(tmp_path: Path, note: str | None) -> None:
    with writing(tmp_path, "ingest"):
        (tmp_path / "writer.json").unlink()
        if note is not None:
            (tmp_path / "writer.json").write_text(note)
        with pytest.raises(AnotherWriter, match="being changed by another process"), writing(tmp_path, "ask"):
            pytest.fail("two writers at once")


def test_the_lock_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), writing(tmp_path, "ingest"):
        raise KeyboardInterrupt
    assert not (tmp_path / "writer.json").exists()
    with writing(tmp_path, "ingest"):
        assert json.loads((tmp_path / "writer.json").read_text())["task"] == "ingest"
