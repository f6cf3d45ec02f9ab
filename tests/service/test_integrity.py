"""Whatever is damaged is named, with all else that is: nothing is taken as right because it was right before."""

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from corpus.archive import Archive
from corpus.archive_file import packed
from corpus.records import RESTORE
from corpus.statement import Passage, Role, Statement, Turn
from service.generations import Manifest, naming
from service.integrity import IntegrityReport, Kind, Problem, check_archive
from tests.builders import a_source, a_statement, whole_turns
from tests.service import small_collection

ZINC = "Zinc is up. Tin is down."
REFRAIN = "We shall see. " * 200
SAMPLES = Path(__file__).parents[2] / "samples" / "statements"


class SmallCollection(small_collection.SmallCollection):
    """One whose statements are made up: no reader gives them, and none is asked to read them again."""

    def archive_only(self, statement: Statement, passages: Sequence[Passage] | None = None) -> None:
        cut = whole_turns(statement) if passages is None else passages
        self.archive.put(statement, cut, a_source(statement.text.encode(), reading="made up"))


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    """Two statements, one of them in two versions, indexed."""
    made = SmallCollection(tmp_path / "data")
    made.put(a_statement("Zinc was up.", id="zinc"), a_statement("Lead is dear.", id="lead"))
    made.put(a_statement(ZINC, id="zinc"), passages=[Passage(0, 11, 0), Passage(12, 24, 0)])
    return made


def checked(small: SmallCollection) -> IntegrityReport:
    return check_archive(small.archive, small.index)


def kinds(report: IntegrityReport) -> dict[Kind, int]:
    return dict(report.by_kind)


def altered(small: SmallCollection, *statements: str, **given: object) -> None:
    """Change the archive behind its back; its position and its index stay as they are."""
    with closing(sqlite3.connect(small.data / "archive.db")) as db, db:
        db.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            db.execute(statement, given)


def flipped(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at if at >= 0 else len(data) // 2] ^= 1
    path.write_bytes(data)


def test_what_is_as_it_was_written_is_sound(small: SmallCollection) -> None:
    told: list[tuple[int, int]] = []
    report = check_archive(small.archive, small.index, lambda done, total: told.append((done, total)))
    assert (report.is_sound, report.count, report.problems, report.by_kind) == (True, 0, (), ())
    assert (report.statements, report.versions, report.originals) == (2, 3, 3)
    assert (report.passages, report.vectors, report.generation) == (3, 3, 2)
    assert report.files == len(index_files(small)) > 4
    assert told[0] == (0, 2)
    assert told[-1] == (2, 2)


def test_an_altered_original_is_named_by_its_hash(small: SmallCollection) -> None:
    digest = small.archive.get("lead").original_sha256
    altered(small, "UPDATE originals SET bytes = :bytes WHERE sha256 = :it", bytes=packed(b"Lead is deal."), it=digest)
    assert checked(small).problems == (
        Problem(
            Kind.ORIGINAL,
            f"original {digest}",
            "its bytes do not have the SHA-256 by which it is known",
            f"{RESTORE} Or remove the statements made from it and ingest them again.",
        ),
    )


@pytest.mark.parametrize("kept", [packed("Zinc is up. Tin is dowm."), b"not packed", zlib.compress(b"\xff")])
def test_an_altered_text_is_named(small: SmallCollection, kept: bytes) -> None:
    altered(small, "UPDATE versions SET text = :kept WHERE statement_id = 'zinc' AND number = 2", kept=kept)
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where) == (Kind.TEXT, "statement 'zinc', version 2")
    assert problem.what == "its text is not the one whose SHA-256 is kept with it"


def test_an_earlier_version_is_checked_too(small: SmallCollection) -> None:
    altered(small, "UPDATE versions SET title = 'On tin' WHERE statement_id = 'zinc' AND number = 1")
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where) == (Kind.RECORD, "statement 'zinc', version 1")


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        ("UPDATE versions SET speaker = 'Bo Lund'", Kind.RECORD, "has another SHA-256"),
        ("UPDATE versions SET published = 'May'", Kind.TURNS, "'May' is not a date"),
        ("UPDATE versions SET first_day = '2023-01-01'", Kind.DATE, "not those of its date"),
        ("UPDATE turns SET speaker = 'Bo Lund'", Kind.RECORD, "has another SHA-256"),
        ("UPDATE turns SET role = 'shout'", Kind.RECORD, "makes no statement ('shout')"),
        ('UPDATE turns SET "end" = 99', Kind.TURNS, "has a turn at 0–99 out of place"),
        ("UPDATE turns SET start = 'x'", Kind.RECORD, "makes no statement"),
        ("UPDATE turns SET position = 1", Kind.TURNS, "not numbered one after the other"),
    ],
)
def test_what_is_kept_of_a_statement_and_its_turns_is_held_against_its_hash(
    small: SmallCollection, change: str, kind: Kind, what: str
) -> None:
    key = "(SELECT version FROM statements WHERE id = 'lead')"
    altered(small, f"{change} WHERE {'key' if 'versions' in change else 'version'} = {key}")
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where) == (kind, "statement 'lead', version 1")
    assert what in problem.what
    assert not problem.what.endswith(".")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ('"end" = 99', "12–99 does not lie within turn 0"),
        ("start = 24", "24–24 does not lie within turn 0"),
        ("start = -3", "-3–24 does not lie within turn 0"),
        ("turn = 1", "12–24 does not lie within turn 1"),
    ],
)
def test_a_passage_that_is_not_within_its_turn_is_named(small: SmallCollection, change: str, what: str) -> None:
    altered(small, f"UPDATE passages SET {change} WHERE start = 12")
    (problem,) = checked(small).problems
    assert (problem.kind, problem.what) == (Kind.PASSAGE, what)
    assert problem.where.endswith(" of statement 'zinc', version 2")


def test_a_passage_of_no_version_and_one_of_an_earlier_version_are_named(small: SmallCollection) -> None:
    earlier = "(SELECT key FROM versions WHERE statement_id = 'zinc' AND number = 1)"
    altered(
        small,
        "UPDATE passages SET version = 99 WHERE start = 12",
        f'UPDATE passages SET version = {earlier}, "end" = 4 WHERE start = 0 AND "end" = 11',
    )
    report = checked(small)
    assert kinds(report) == {Kind.FILE: 1, Kind.PASSAGE: 2}
    assert [problem.what for problem in report.problems] == [
        f"row {small.archive.embedded()[2]} of passages refers to a row of versions that is not there",
        "an earlier version has passages still",
        "the statement that it is of is not held",
    ]


def test_passages_that_only_their_position_tells_apart_are_counted(tmp_path: Path) -> None:
    middle = len("We shall see. ") * 100
    text = f"{REFRAIN}Zinc is up."
    places = [Passage(0, 13, 0), Passage(middle, middle + 13, 0), Passage(len(REFRAIN), len(text), 0)]
    small = SmallCollection(tmp_path / "data")
    small.put(a_statement(text), passages=places)
    report = checked(small)
    assert (report.is_sound, report.passages, report.found_by_position) == (True, 3, 2)


@pytest.mark.parametrize("number", range(3))
def test_a_vector_with_one_bit_flipped_is_not_the_one_that_was_indexed(small: SmallCollection, number: int) -> None:
    key, vector = list(small.archive.vectors())[number]
    numbers = np.frombuffer(vector, dtype="<f2")
    bits = bytearray(vector)
    bits[2 * int(np.abs(numbers).argmax())] ^= 1  # the last bit of the mantissa of the greatest number
    altered(small, "UPDATE vectors SET vector = :vector WHERE passage = :key", vector=bytes(bits), key=key)
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where) == (Kind.VECTOR, f"vector {key}")
    assert problem.what == "it is not the vector that was indexed"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE vectors SET vector = x'0000' WHERE passage = :key", "it has not 64 numbers"),
        ("UPDATE vectors SET vector = x'' WHERE passage = :key", "it has not 64 numbers"),
        ("UPDATE vectors SET vector = zeroblob(128) WHERE passage = :key", "it is not the vector that was indexed"),
    ],
)
def test_a_vector_of_another_size_is_named(small: SmallCollection, change: str, what: str) -> None:
    key = small.archive.embedded()[0]
    altered(small, change, key=key)
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where, problem.what) == (Kind.VECTOR, f"vector {key}", what)


def test_a_vector_without_a_passage_is_named(small: SmallCollection) -> None:
    altered(small, "INSERT INTO vectors VALUES (77, zeroblob(128))")
    report = checked(small)
    assert Problem(Kind.VECTOR, "vector 77", "there is no passage that it is of", report.problems[1].cure) in (
        report.problems
    )
    assert kinds(report) == {Kind.FILE: 1, Kind.VECTOR: 1, Kind.INDEX: 2}


def index_files(small: SmallCollection) -> list[Path]:
    names = {".checked", "manifest.json"}
    found = (path for path in (small.index / "2").rglob("*") if path.is_file() and path.suffix != ".lock")
    return sorted(path for path in found if path.name not in names)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (flipped, "the file is not the one that was written: its SHA-256 is another"),
        (truncated, "the file is not the one that was written: its SHA-256 is another"),
        (Path.unlink, "the file is missing"),
    ],
)
def test_damage_to_any_file_of_the_index_is_named(
    small: SmallCollection, damage: Callable[[Path], None], what: str
) -> None:
    for path in index_files(small):
        written = path.read_bytes()
        damage(path)
        (problem,) = checked(small).problems
        name = path.relative_to(small.index / "2").as_posix()
        assert (problem.kind, problem.where) == (Kind.INDEX_FILE, f"{name} of index generation 2")
        assert (problem.what, problem.cure) == (
            what,
            "Run `onrecord reindex`; it builds the index anew from the archive.",
        )
        path.write_bytes(written)
    assert checked(small).is_sound


def test_damage_is_found_in_a_file_that_a_stamp_says_is_right(small: SmallCollection) -> None:
    path = small.index / "2" / "vectors.faiss"
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 10**10))
    small.opened().in_use()  # writes down that it was found right
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(100)
        byte = file.read(1)
        file.seek(100)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    small.opened().in_use()  # believes it
    assert [problem.where for problem in checked(small).problems] == ["vectors.faiss of index generation 2"]


def test_a_file_too_many_is_named(small: SmallCollection) -> None:
    (small.index / "2" / "words" / "another.idx").write_bytes(b"")
    (problem,) = checked(small).problems
    assert problem.where == "words/another.idx of index generation 2"
    assert problem.what == "the file is none of those that were written"


def test_without_an_index_in_use_that_is_the_problem(small: SmallCollection) -> None:
    (small.index / "CURRENT").write_text(naming(41))
    (problem,) = checked(small).problems
    assert (problem.kind, problem.where) == (Kind.INDEX, "index 41")
    assert problem.what == "Index generation 41 is damaged: its manifest cannot be read"
    (small.index / "CURRENT").unlink()
    (problem,) = checked(small).problems
    assert (problem.where, problem.what) == ("index", "There is no index yet")


def test_an_index_built_before_the_last_change_is_named_once(small: SmallCollection) -> None:
    small.archive_only(a_statement("Copper is dear.", id="copper"))
    (problem,) = checked(small).problems
    assert problem.what == "it was built before the archive was changed last"


def test_an_index_of_other_passages_at_the_same_position_is_named(small: SmallCollection) -> None:
    altered(small, "DELETE FROM vectors WHERE passage = (SELECT min(passage) FROM vectors)")
    assert [problem.what for problem in checked(small).problems] == [
        "it does not count the passages that the archive has",
        "the passages in it are not those that have a vector in the archive",
    ]


def test_pages_that_cannot_be_read_are_a_problem_and_the_rest_is_checked(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    small.put(*(a_statement(f"Report {number} on zinc. " * 40, id=f"zinc-{number}") for number in range(40)))
    small.archive.flush()
    small.archive.close()
    path = small.data / "archive.db"
    with closing(sqlite3.connect(path)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'turns'").fetchone()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = b"\xa5" * size
    path.write_bytes(data)
    (small.index / "CURRENT").unlink()
    report = check_archive(Archive(path), small.index)
    assert not report.is_sound
    assert report.count > 40
    assert len(report.problems) <= 100
    assert kinds(report)[Kind.FILE] >= 40
    assert (report.originals, kinds(report)[Kind.INDEX]) == (40, 1)
    assert "A part of archive.db cannot be read: database disk image is malformed" in {
        problem.what for problem in report.problems
    }


@pytest.mark.parametrize("change", ["value = 'x' WHERE name = 'dimension'", "name = 'place' WHERE name = 'position'"])
def test_facts_that_cannot_be_read_are_a_problem(small: SmallCollection, change: str) -> None:
    altered(small, f"UPDATE facts SET {change}")
    problem = checked(small).problems[0]
    assert (problem.kind, problem.where) == (Kind.FILE, "the facts in archive.db")
    assert problem.what == "what the archive says of itself cannot be read"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"passages": 4}, "it does not count the passages that the archive has"),
        ({"fingerprint": "ab" * 32}, "the archive was encoded or cut otherwise than it says"),
        ({"dimension": 65}, "the archive was encoded or cut otherwise than it says"),
    ],
)
def test_a_manifest_that_was_changed_is_named(small: SmallCollection, change: dict[str, object], what: str) -> None:
    folder = small.index / "2"
    replace(Manifest.read(folder), **change).write(folder)  # type: ignore[arg-type]
    problem = checked(small).problems[0]
    assert (problem.kind, problem.where, problem.what) == (Kind.INDEX, "index generation 2", what)


def test_a_hundred_problems_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    turns = tuple(Turn(start, start + 4, None, Role.REMARKS) for start in range(0, 600, 5))
    small.put(a_statement("Zinc " * 120, turns=turns))
    altered(small, 'UPDATE passages SET "end" = "end" + 1')
    report = checked(small)
    assert (len(report.problems), report.count, kinds(report)) == (100, 120, {Kind.PASSAGE: 120})


def test_an_archive_into_which_nothing_was_ever_put_has_no_index_and_nothing_else_wrong(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "archive.db")) as archive:
        report = check_archive(archive, tmp_path / "index")
    assert [problem.what for problem in report.problems] == ["There is no index yet"]
    assert (report.statements, report.generation) == (0, None)


# Read again

LINE = {"id": "kelm/levy", "title": "On the levy", "speaker": "Ada Brand", "text": "We will not raise it.\n\nNot now."}


@pytest.fixture
def read_in(tmp_path: Path) -> SmallCollection:
    """A statement as it was read in a line of JSON, in two versions."""
    small = SmallCollection(tmp_path / "data")
    source = tmp_path / "levy.jsonl"
    for text in ("We may raise it.", LINE["text"]):
        source.write_text(json.dumps({**LINE, "text": text}), encoding="utf-8")
        small.ingest(source, issuer="Ministry of Harbours")
    return small


def forged(small: SmallCollection, number: int = 2, **given: object) -> None:
    """Alter a version, and every SHA-256 that is kept with it: what somebody does who knows the archive."""
    now = replace(small.archive.get("kelm/levy", number).statement, **given)  # type: ignore[arg-type]
    columns = {name: getattr(now, name) for name in ("title", "issuer", "speaker", "text_sha256", "record_sha256")}
    named = ", ".join(f"{name} = :{name}" for name in columns)
    of_it = "(SELECT key FROM versions WHERE number = :number)"
    altered(
        small,
        f"UPDATE turns SET speaker = :of_turn WHERE version = {of_it}",
        f"UPDATE versions SET {named}, text = :text WHERE number = :number",
        **columns,
        text=packed(now.text),
        number=number,
        of_turn=now.turns[0].speaker,
    )


def test_all_that_the_samples_were_read_to_is_read_to_the_same_again(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    small.ingest(SAMPLES, issuer="Whoever published it")
    report = checked(small)
    assert report.problems == ()
    assert report.read_again == report.versions > 16


@pytest.mark.parametrize(
    ("number", "given", "what"),
    [
        (2, {"text": "We will now raise it.\n\nNot now."}, "its original is read to another text today"),
        (1, {"text": "We can raise it."}, "its original is read to another text today"),
        (2, {"speaker": "Bo Lund"}, "its original is read today with something else for speaker"),
        (2, {"issuer": "Ministry of Tin"}, "its original is read today with something else for issuer"),
    ],
)
def test_a_version_altered_with_its_hashes_is_not_what_its_original_says(
    read_in: SmallCollection, number: int, given: dict[str, object], what: str
) -> None:
    assert checked(read_in).is_sound
    forged(read_in, number, **given)
    (problem,) = checked(read_in).problems
    assert (problem.kind, problem.where) == (Kind.READING, f"statement 'kelm/levy', version {number}")
    assert problem.what == what
    assert problem.cure.startswith(RESTORE)


def test_a_turn_given_to_another_with_its_hash_is_named(read_in: SmallCollection) -> None:
    (turn,) = read_in.archive.get("kelm/levy").statement.turns
    forged(read_in, turns=(replace(turn, speaker="Bo Lund"),))
    (problem,) = checked(read_in).problems
    assert (problem.kind, problem.what) == (Kind.READING, "its original is read today with something else for turns")


def test_what_other_readers_read_is_not_read_again(read_in: SmallCollection) -> None:
    altered(read_in, "UPDATE versions SET reading = 'readers-10 issued by Ministry of Harbours'")
    forged(read_in, speaker="Bo Lund")
    assert (checked(read_in).is_sound, checked(read_in).read_again) == (True, 0)


def test_an_original_that_cannot_be_read_any_more_is_named(read_in: SmallCollection) -> None:
    original = b'{"id": "kelm/levy"}'
    digest = read_in.archive.get("kelm/levy").original_sha256
    altered(
        read_in,
        "UPDATE originals SET sha256 = :new, bytes = :bytes WHERE sha256 = :old",
        "UPDATE versions SET original_sha256 = :new WHERE original_sha256 = :old",
        new=sha256(original).hexdigest(),
        old=digest,
        bytes=packed(original),
    )
    (problem,) = checked(read_in).problems
    assert problem.kind is Kind.READING
    assert problem.what.startswith("its original cannot be read again: There is no statement in this JSONL file")


def test_a_damaged_original_is_told_once_and_not_of_its_statement_too(read_in: SmallCollection) -> None:
    digest = read_in.archive.get("kelm/levy").original_sha256
    altered(read_in, "UPDATE originals SET bytes = :bytes WHERE sha256 = :it", bytes=packed(b"{}"), it=digest)
    assert [(one.kind, one.where) for one in checked(read_in).problems] == [(Kind.ORIGINAL, f"original {digest}")]


def test_the_same_bytes_under_two_names_are_each_read_as_they_were(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    for name in ("levy.txt", "levy.md", "levy.html"):
        (tmp_path / name).write_text("# On the levy\n\nWe will *not* raise it.\n", encoding="utf-8")
        assert small.ingest(tmp_path / name).new == 1
    assert (checked(small).problems, checked(small).read_again) == ((), 3)


@pytest.mark.parametrize("stamp", ["yesterday", "2024-05-06T10:00:00", ""])
def test_a_time_of_receipt_that_is_none_is_named(read_in: SmallCollection, stamp: str) -> None:
    altered(read_in, "UPDATE versions SET ingested_at = :stamp WHERE number = 1", stamp=stamp)
    (problem,) = checked(read_in).problems
    assert (problem.kind, problem.where) == (Kind.DATE, "statement 'kelm/levy', version 1")
    assert problem.what == f"it was received at {stamp!r}, which is no ISO time"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE versions SET number = 7 WHERE number = 2",
        "UPDATE versions SET number = 0 WHERE number = 1",
        "UPDATE versions SET number = 1.5 WHERE number = 1",
        "UPDATE versions SET number = 3 - number + 10; UPDATE versions SET number = number - 10",
    ],
)
def test_versions_that_are_not_numbered_from_1_to_the_current_one_are_named(
    read_in: SmallCollection, change: str
) -> None:
    altered(read_in, *change.split("; "))
    (problem,) = [one for one in checked(read_in).problems if one.kind is not Kind.INDEX]
    assert (problem.kind, problem.where) == (Kind.VERSIONS, "statement 'kelm/levy'")


def test_a_version_between_two_numbers_is_none(read_in: SmallCollection, tmp_path: Path) -> None:
    (tmp_path / "levy.jsonl").write_text(json.dumps(LINE | {"text": "We raised it."}), encoding="utf-8")
    read_in.ingest(tmp_path / "levy.jsonl")
    assert checked(read_in).is_sound
    altered(read_in, "UPDATE versions SET number = 1.5 WHERE number = 2")
    assert kinds(checked(read_in)) == {Kind.VERSIONS: 1}


def test_a_media_type_that_no_reader_gives_is_named(read_in: SmallCollection) -> None:
    digest = read_in.archive.get("kelm/levy").original_sha256
    altered(read_in, "UPDATE originals SET media_type = 'text/tin' WHERE sha256 = :it", it=digest)
    (problem,) = checked(read_in).problems
    assert (problem.kind, problem.where) == (Kind.ORIGINAL, f"original {digest}")
    assert problem.what == "its media type is 'text/tin', which no reader gives"
