"""A file is replaced whole, or what was there stays."""

import errno
import os
import stat
from pathlib import Path

import pytest

from corpus.durable import replacing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights and folders are those of POSIX")


def test_a_file_takes_the_place_of_the_one_before_when_the_block_is_through(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"before")

    with replacing(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"

    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failing", ["the block", "the disk", "the folder"])
def test_what_was_there_stays_and_the_error_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / ("absent/a.json" if failing == "the folder" else "a.json")
    if failing != "the folder":
        path.write_bytes(b"before")
    if failing == "the disk":
        monkeypatch.setattr(os, "fsync", full)

    def replace() -> None:
        with replacing(path) as file:
            file.write(b"after")
            if failing == "the block":
                full(0)

    with pytest.raises(OSError, match=r"No space left on device|No such file") as raised:
        replace()
    assert raised.value.filename == str(path)
    assert [one.read_bytes() for one in tmp_path.rglob("*")] == ([] if failing == "the folder" else [b"before"])


@pytest.mark.parametrize(("mode", "mask", "rights"), [(0o666, 0o022, 0o644), (0o666, 0o077, 0o600), (0o600, 0, 0o600)])
def test_its_rights_are_those_asked_for_less_those_masked(tmp_path: Path, mode: int, mask: int, rights: int) -> None:
    masked = os.umask(mask)
    try:
        with replacing(tmp_path / "a.json", mode):
            pass
    finally:
        os.umask(masked)

    assert (tmp_path / "a.json").stat().st_mode & 0o777 == rights


def test_the_file_is_on_the_disk_before_it_has_its_name_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced, fsync = tmp_path / "a.json", [], os.fsync

    def watched(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    with replacing(path) as file:
        file.write(b"after")

    assert synced == [(False, False), (True, True)]


def test_a_folder_that_cannot_be_put_on_the_disk_fails_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    with replacing(tmp_path / "a.json") as file:
        file.write(b"after")

    assert (tmp_path / "a.json").read_bytes() == b"after"
