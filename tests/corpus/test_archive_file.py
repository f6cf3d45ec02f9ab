"""The file that an archive is: opened for what is allowed, never made by mistake, and what is packed comes out."""

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from corpus.archive import Archive
from corpus.archive_file import UnusableFolder, connect, packed, prepare, unpacked
from tests.builders import a_source, a_statement, whole_turns


def test_an_archive_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connect(tmp_path / "archive.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("locked", ["archive.db", "."])
def test_an_archive_that_may_not_be_written_or_has_no_folder_for_its_log_is_opened_for_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: str
) -> None:
    path = tmp_path / "archive.db"
    prepare(path)
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place) != tmp_path / locked)
    with closing(connect(path)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("PRAGMA user_version = 9")


def test_an_archive_that_may_be_written_is(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "archive.db"
    prepare(path)
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
        assert connection.execute("PRAGMA user_version").fetchone()["user_version"] == 9
        settings = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "secure_delete")]
    assert settings == [1, 1]


@pytest.mark.parametrize("content", ["Née 🌍", b"\x00\xff" * 1000, "", b""])
def test_what_is_packed_comes_out_as_it_went_in(content: str | bytes) -> None:
    assert unpacked(packed(content)) == (content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("kept", [b"", b"tin", packed("Zinc is up.")[:-3]])
def test_what_was_never_packed_is_an_error_that_the_archive_knows(kept: bytes) -> None:
    with pytest.raises(ValueError, match=r"Error -\d"):
        unpacked(kept)


def test_every_original_is_known_by_its_sha256_in_order(tmp_path: Path) -> None:
    originals = [f"the tide of day {number}".encode() for number in range(20)]
    with closing(Archive(tmp_path / "archive.db")) as archive:
        for number, original in enumerate(originals):
            statement = a_statement(id=f"tide-{number}")
            archive.put(statement, whole_turns(statement), a_source(original, origin=f"/tides/{number}"))
        found = list(archive.original_digests())
    assert found == sorted(sha256(original).hexdigest() for original in originals)
    assert {digest[0].isdigit() for digest in found} == {True, False}


def test_it_is_said_why_a_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("zinc", encoding="utf-8")
    with pytest.raises(UnusableFolder) as refused:
        prepare(tmp_path / "file" / "archive.db")
    assert refused.value.cause == f"{tmp_path / 'file'} cannot be used: File exists."
    (tmp_path / "archive.db").mkdir()
    with pytest.raises(UnusableFolder) as refused:
        prepare(tmp_path / "archive.db")
    assert refused.value.cause == f"{tmp_path} cannot be used: unable to open database file."
