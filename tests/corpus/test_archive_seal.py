"""Whether archive.db is the file that its last writer left."""

import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from corpus import archive_seal
from corpus.archive import Archive, DamagedFile
from corpus.archive_seal import AlteredArchive, Seal, check_seal, kept_seal
from corpus.file_digest import digest_here, digest_of
from corpus.records import SEAL, DamagedArchive
from tests.builders import a_source, a_statement, whole_turns


def put(archive: Archive, text: str = "Zinc is up.", named: str = "zinc") -> None:
    statement = a_statement(text, id=named)
    archive.put(statement, whole_turns(statement), a_source(text.encode()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sealed archive of one statement that nobody has open."""
    path = tmp_path / "archive.db"
    with closing(Archive(path)) as archive, archive.writing():
        put(archive)
    return path


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_path: Path) -> str:
        raise AssertionError("the file was read")

    monkeypatch.setattr(archive_seal, "digest_of", read)


def test_what_was_written_is_sealed_and_opened_again_without_reading_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_reading(monkeypatch)
    with closing(Archive(path)) as archive:
        assert archive.is_sealed
        assert archive.get("zinc").statement.text == "Zinc is up."


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_bit_that_was_flipped_is_noticed_wherever_it_is(path: Path, place: int) -> None:
    flip(path, place % path.stat().st_size)
    with pytest.raises(AlteredArchive, match=r"archive\.db is not the file that was written last.*from one backup"):
        Archive(path)


def test_an_altered_archive_can_be_opened_to_be_examined(path: Path) -> None:
    flip(path, path.stat().st_size - 1)
    with closing(Archive(path, unchecked=True)) as archive:
        assert len(list(archive.version_keys())) == 1


def test_a_copy_of_the_archive_with_its_seal_is_read_and_then_sealed_where_it_stands(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy" / "archive.db"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    (copy.parent / SEAL).write_bytes((path.parent / SEAL).read_bytes())
    with closing(Archive(copy)) as archive:
        assert not archive.is_sealed
        with archive.writing():
            pass
    forbid_reading(monkeypatch)
    with closing(Archive(copy)) as archive:
        assert archive.is_sealed


def test_a_reader_never_writes_a_seal(path: Path) -> None:
    os.utime(path)
    seal = path.with_name(SEAL)
    before = seal.stat()
    with closing(Archive(path)) as archive:
        archive.see_unaltered()
    assert seal.stat() == before


@pytest.mark.parametrize("damage", [b"", b"{", b"{}\n0\n", None])
def test_a_seal_that_was_altered_vouches_for_nothing_and_bars_nobody(path: Path, damage: bytes | None) -> None:
    seal = path.with_name(SEAL)
    written = seal.read_bytes()
    seal.write_bytes(written.replace(b"inode", b"inodf") if damage is None else damage)
    assert kept_seal(path) is None
    with closing(Archive(path)) as archive:
        assert not archive.is_sealed
        with archive.writing():
            pass
        assert archive.is_sealed


def test_a_seal_of_another_file_is_an_alteration_however_the_times_are(path: Path) -> None:
    kept = kept_seal(path)
    assert kept is not None
    replace(kept, digest="0" * 64, inode=0).keep(path)
    with pytest.raises(AlteredArchive):
        Archive(path)


def test_what_a_writer_was_killed_over_leaves_no_litter(path: Path) -> None:
    path.with_name(f".{SEAL}.4711.new").write_text("half")
    kept = kept_seal(path)
    assert kept is not None
    kept.keep(path)
    assert [one.name for one in path.parent.glob(f"*{SEAL}*")] == [SEAL]


def test_where_times_are_whole_seconds_the_file_is_known_by_them_once_two_are_over(path: Path) -> None:
    now = int(time.time())
    os.utime(path, (now, now))
    assert not Seal.of(path).names(path)
    os.utime(path, (now - 10, now - 10))
    assert Seal.of(path).names(path)


def test_while_it_is_written_there_is_no_seal_and_a_killed_writer_leaves_none(path: Path) -> None:
    with closing(Archive(path)) as archive:
        put(archive, "Tin is down.", "tin")
        assert kept_seal(path) is None
    with closing(Archive(path)) as again:
        assert not again.is_sealed
        with again.writing():
            assert not again.is_sealed
        assert again.is_sealed
    check_seal(path, believing=False)


def test_what_a_killed_writer_left_is_not_sealed_when_sqlite_finds_it_damaged(path: Path) -> None:
    path.with_name(SEAL).unlink()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    with closing(Archive(path)) as archive, pytest.raises(DamagedFile, match="cannot be read"), archive.writing():
        pass
    assert kept_seal(path) is None


def test_writing_that_fails_is_sealed_as_what_it_left(path: Path) -> None:
    with closing(Archive(path)) as archive, suppress(KeyboardInterrupt), archive.writing():
        put(archive, "Tin is down.", "tin")
        raise KeyboardInterrupt
    with closing(Archive(path)) as again:
        assert again.is_sealed
        assert again.get("tin").statement.text == "Tin is down."


def test_while_a_reader_keeps_a_part_in_the_log_nothing_is_sealed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.archive_file.TIMEOUT", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader, closing(Archive(path)) as archive:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM versions").fetchone()
        with archive.writing():
            put(archive, "Tin is down.", "tin")
        assert not archive.is_sealed
        reader.execute("COMMIT")
        with archive.writing():
            pass
        assert archive.is_sealed


def test_an_archive_that_is_altered_while_it_is_open_is_noticed_and_read_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Archive(path)) as archive:
        archive.see_unaltered()
        flip(path, 5000)
        for _ in range(2):
            with pytest.raises(AlteredArchive):
                archive.see_unaltered()
            forbid_reading(monkeypatch)


def test_many_threads_that_look_at_once_read_the_file_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    plainly = digest_of

    def counted(one: Path) -> str:
        read.append(one)
        return plainly(one)

    monkeypatch.setattr(archive_seal, "digest_of", counted)
    with closing(Archive(path)) as archive:
        os.utime(path)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: archive.see_unaltered(), range(8)))
    assert len(read) == 1


def test_what_another_archive_of_this_process_writes_and_seals_is_no_alteration(path: Path) -> None:
    with closing(Archive(path)) as archive, closing(Archive(path)) as other:
        archive.see_unaltered()
        with other.writing():
            put(other, "Tin is down.", "tin")
            other.flush()  # until then the file itself is as it was
            archive.see_unaltered()
        archive.see_unaltered()
        assert archive.is_sealed
        assert archive.get("tin").statement.text == "Tin is down."


def test_a_process_that_has_the_archive_open_keeps_its_locks_when_it_is_sealed(path: Path) -> None:
    other = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM versions').fetchone()"
    with closing(Archive(path)) as archive:
        with archive.writing():
            put(archive, "Tin is down.", "tin")
        subprocess.run([sys.executable, "-c", other, str(path)], check=True)
        put(archive, "Lead is dear.", "lead")
        with closing(sqlite3.connect(path)) as third:
            assert third.execute("SELECT count(*) FROM versions").fetchone() == (3,)
        held = [entry.readlink().as_posix() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
        assert [name for name in held if name.startswith(str(path)) and name.endswith("(deleted)")] == []


def test_the_digest_of_a_file_is_that_of_its_blocks_in_order(tmp_path: Path) -> None:
    file = tmp_path / "archive.db"
    told = set()
    for content in (b"", b"abcd", b"abcdefgh", b"efghabcd", b"abcdefghi"):
        file.write_bytes(content)
        told.add(digest_here(str(file), block=4))
        assert digest_of(file) == digest_here(str(file))
    blocks = [sha256(block).digest() for block in (b"abcd", b"efgh", b"i")]
    assert digest_here(str(file), block=4) == sha256(b"".join(blocks)).hexdigest()
    assert len(told) == 5


def test_a_file_that_cannot_be_read_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="FileNotFoundError"):
        digest_of(tmp_path / "none")


def test_a_place_of_a_passage_that_was_altered_is_never_quoted(path: Path) -> None:
    with closing(Archive(path)) as archive:
        archive._connection.execute('UPDATE passages SET "end" = 99')
        with pytest.raises(DamagedArchive, match="zinc"):
            archive.passages([1])
