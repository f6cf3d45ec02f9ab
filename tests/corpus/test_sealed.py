"""Folders of files known by their SHA-256."""

import json
import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from corpus import sealed
from corpus.sealed import digests, first_altered

LONG_AGO = 1_600_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, one of them deeper."""
    (tmp_path / "deep").mkdir()
    for name, content in {"a.txt": b"zinc", "deep/b.bin": b"tin", "z.json": b"{}"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read to be hashed."""
    names: list[str] = []
    plainly = sealed._sha256_of

    def heard(path: Path) -> str:
        names.append(path.name)
        return plainly(path)

    monkeypatch.setattr(sealed, "_sha256_of", heard)
    return names


def let_time_pass(monkeypatch: pytest.MonkeyPatch, seconds: float = 60) -> None:
    later = time.time_ns() + int(seconds * 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: later)


def test_every_file_is_known_by_its_path_and_hash_but_not_locks_nor_those_left_out(folder: Path) -> None:
    (folder / "writer.lock").touch()
    (folder / "deep" / ".tantivy-meta.lock").touch()
    (folder / ".checked").write_text("{}")
    assert digests(folder, {"z.json"}) == {
        "a.txt": sha256(b"zinc").hexdigest(),
        "deep/b.bin": sha256(b"tin").hexdigest(),
    }


def test_a_folder_as_it_was_has_nothing_altered(folder: Path) -> None:
    files = digests(folder)
    assert first_altered(folder, files) is None
    (folder / "writer.lock").touch()
    assert first_altered(folder, files) is None


def test_a_missing_an_extra_and_a_different_file_are_each_named(folder: Path) -> None:
    files = digests(folder)
    (folder / "deep" / "c").touch()
    assert first_altered(folder, files) == "deep/c"
    assert first_altered(folder, files, {"deep/c"}) is None
    (folder / "deep" / "b.bin").write_bytes(b"lead")
    assert first_altered(folder, files) == "deep/b.bin"
    (folder / "a.txt").unlink()
    assert first_altered(folder, files) == "a.txt"


def test_files_nobody_touched_are_hashed_once(folder: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    hashed.clear()
    assert (first_altered(folder, files), first_altered(folder, files)) == (None, None)
    assert hashed == ["a.txt", "b.bin", "z.json"]


def test_only_a_file_that_was_touched_is_hashed_again_and_found_if_altered(
    folder: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    first_altered(folder, files)
    hashed.clear()
    os.utime(folder / "z.json", (LONG_AGO, LONG_AGO))
    (folder / "deep" / "b.bin").write_bytes(b"tin")
    assert first_altered(folder, files) is None
    assert hashed == ["b.bin", "z.json"]
    (folder / "a.txt").write_bytes(b"zunc")
    assert first_altered(folder, files) == "a.txt"


def test_a_link_to_a_file_leaves_it_trusted(
    folder: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    first_altered(folder, files)
    hashed.clear()
    os.link(folder / "a.txt", tmp_path_factory.mktemp("beside") / "a.txt")
    assert first_altered(folder, files) is None
    assert hashed == []


def test_a_file_just_written_is_not_trusted_by_its_times(folder: Path, hashed: list[str]) -> None:
    files = digests(folder)
    first_altered(folder, files)
    hashed.clear()
    first_altered(folder, files)
    assert hashed == ["a.txt", "b.bin", "z.json"]


def test_another_hash_than_the_one_that_was_checked_is_not_met(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    first_altered(folder, files)
    assert first_altered(folder, files | {"a.txt": sha256(b"zonc").hexdigest()}) == "a.txt"


def test_nothing_is_remembered_of_a_folder_in_which_something_is_altered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    (folder / "z.json").write_bytes(b"[]")
    assert first_altered(folder, files) == "z.json"
    assert not (folder / ".checked").exists()


@pytest.mark.parametrize("kept", ["", "no json", "[]", "null", '{"a.txt": 3}', '{"a.txt": [1]}', '{"a.txt": "zinc"}'])
def test_what_was_remembered_may_be_lost(folder: Path, monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    files = digests(folder)
    let_time_pass(monkeypatch)
    (folder / ".checked").write_text(kept)
    assert first_altered(folder, files) is None
    assert sorted(json.loads((folder / ".checked").read_text())) == sorted(files)
    assert [path.name for path in folder.glob(".checked*")] == [".checked"]


def test_a_folder_that_cannot_be_written_to_is_hashed_each_time(
    folder: Path, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    files = digests(folder)
    let_time_pass(monkeypatch)
    hashed.clear()
    monkeypatch.setattr(Path, "replace", refused)
    assert (first_altered(folder, files), first_altered(folder, files)) == (None, None)
    assert hashed == ["a.txt", "b.bin", "z.json"] * 2
    assert not list(folder.glob(".checked*"))
