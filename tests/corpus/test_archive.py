"""The archive gives back what was put in, whole, in versions, and says so when it cannot."""

import os
import sqlite3
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.archive import Archive
from corpus.archive_file import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    EarlierArchive,
    NotAnArchive,
    UnusableFolder,
    packed,
    unpacked,
)
from corpus.records import Counts, DamagedArchive, DamagedOriginal, Outcome, UnknownStatement
from corpus.statement import Passage, Role, Statement, Turn
from tests.builders import a_source, a_statement, whole_turns

NASTY = "Née 🌍 e\u0301\u00a0\r\n\tשלום\u200f \u202eabc\u202c 👨‍👩‍👧 \ufeff\u2028Ende"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive(tmp_path / "archive.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def well_used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = Archive(tmp_path_factory.mktemp("archive") / "archive.db")
    yield opened
    opened.close()


def put(archive: Archive, statement: Statement, original: bytes | None = None) -> Outcome:
    return archive.put(statement, whole_turns(statement), a_source(original or statement.text.encode()))


def keys(archive: Archive) -> list[int]:
    """Key of every current passage, ascending."""
    pending = {key for key, _ in archive.pending()}
    return sorted(pending.union(archive.embedded()))


def embed_all(archive: Archive) -> None:
    pending = [key for key, _ in archive.pending()]
    archive.keep_vectors(pending, (b"v%d" % key for key in pending))


@settings(deadline=None)  # each example is a write to the disk
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), st.data())
@example(NASTY, None)
@example("x" * 100_000 + "\u0300", None)
def test_any_text_comes_out_as_it_went_in_and_so_does_every_passage(
    well_used: Archive, words: str, data: st.DataObject | None
) -> None:
    text = f"{words}."
    cuts = data.draw(st.sets(st.integers(1, len(text)), max_size=5)) if data else {len(text) // 2}
    spans = list(pairwise(sorted({0, len(text)} | cuts)))
    turns = tuple(Turn(start, end, words[:9] or None, Role.ANSWER) for start, end in spans)
    statement = a_statement(text, turns=turns, title=words, url=words)

    well_used.put(statement, whole_turns(statement), a_source(text.encode(), reading=repr(turns)))

    held = well_used.get(statement.id)
    pieces = [text[start:end] for start, end in spans]
    assert held.statement == statement
    assert [piece for _, piece in well_used.pending()] == pieces
    cut = well_used.passages(keys(well_used)).values()
    assert [whole.statement.slice(passage.start, passage.end) for whole, passage in cut] == pieces
    assert [text for _, text in well_used.pending()] == pieces
    assert well_used.original(held.original_sha256) == (text.encode(), "text/plain")


def test_the_same_bytes_read_the_same_way_change_nothing(archive: Archive) -> None:
    assert put(archive, a_statement()) is Outcome.NEW
    before, position = keys(archive), archive.position

    assert put(archive, a_statement()) is Outcome.UNCHANGED

    assert (keys(archive), archive.position) == (before, position)
    assert archive.counts().versions == 1


def test_the_same_bytes_read_another_way_are_a_change(archive: Archive) -> None:
    put(archive, a_statement())
    again = a_source(a_statement().text.encode(), reading="readers-9")
    assert archive.put(a_statement(), (), again) is Outcome.CHANGED
    assert archive.reading_of("kelm/harbour") == "readers-9"


def test_changed_bytes_make_a_version_that_retires_the_passages_before(archive: Archive) -> None:
    put(archive, a_statement("The bridge is open."))
    (old,) = keys(archive)
    embed_all(archive)

    assert put(archive, a_statement("The bridge is closed.")) is Outcome.CHANGED

    (new,) = keys(archive)
    assert archive.get("kelm/harbour").statement.text == "The bridge is closed."
    assert (archive.get("kelm/harbour").version, archive.get("kelm/harbour").versions) == (2, 2)
    assert archive.get("kelm/harbour", version=1).statement.text == "The bridge is open."
    assert archive.passages([old]) == {}
    assert archive.places([old, new]).keys() == archive.passages([old, new]).keys() == {new}
    assert list(archive.vectors()) == []


def test_a_version_that_comes_back_is_a_version_again(archive: Archive) -> None:
    for text in ("Open.", "Closed.", "Open."):
        put(archive, a_statement(text))
    assert [archive.get("kelm/harbour", version).statement.text for version in (1, 2, 3)] == [
        "Open.",
        "Closed.",
        "Open.",
    ]
    assert archive.counts() == Counts(1, 3, 1, 1, "2024-05-06", "2024-05-06")


def test_a_passages_key_is_never_given_to_another(archive: Archive) -> None:
    put(archive, a_statement("The bridge is open."))
    (old,) = keys(archive)
    archive.remove("kelm/harbour")
    put(archive, a_statement("The mint is closed.", id="mint"))
    assert keys(archive) > [old]
    assert archive.passages([old]) == {}


def test_removing_takes_all_versions_and_only_originals_that_nothing_else_needs(archive: Archive) -> None:
    put(archive, a_statement(id="a"), b"shared")
    put(archive, a_statement("Changed.", id="a"), b"only of a")
    put(archive, a_statement(id="b"), b"shared")
    embed_all(archive)

    archive.remove("a")

    with pytest.raises(UnknownStatement, match="No statement 'a' is in the archive"):
        archive.get("a", version=1)
    assert archive.original(sha256(b"shared").hexdigest()) == (b"shared", "text/plain")
    assert archive.original(sha256(b"only of a").hexdigest()) is None
    assert archive.counts() == Counts(1, 1, 1, 0, "2024-05-06", "2024-05-06")
    assert len(list(archive.vectors())) == 1


def test_a_statement_that_is_not_there_cannot_be_removed_or_got(archive: Archive) -> None:
    put(archive, a_statement())
    for wanted in (archive.remove, archive.get):
        with pytest.raises(UnknownStatement):
            wanted("kelm/harbour' OR '1' = '1")
    with pytest.raises(UnknownStatement):
        archive.get("kelm/harbour", version=2)
    assert archive.counts().statements == 1


def test_a_put_that_fails_half_way_leaves_no_trace(archive: Archive) -> None:
    put(archive, a_statement("Open."))
    before, position = list(sqlite3.connect(archive.path).iterdump()), archive.position

    def breaking() -> Iterator[Passage]:
        yield Passage(0, 3, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.put(a_statement("Closed."), breaking(), a_source(b"closed"))

    assert list(sqlite3.connect(archive.path).iterdump()) == before
    assert archive.position == position
    assert put(archive, a_statement("Closed.")) is Outcome.CHANGED


def test_the_position_grows_with_every_change(archive: Archive) -> None:
    positions = [archive.position]
    for change in (
        lambda: put(archive, a_statement()),
        lambda: embed_all(archive),
        lambda: archive.replace_passages("kelm/harbour", [Passage(0, 3, 0)]),
        lambda: archive.adopt({"encoder": "words"}, forgetting_vectors=True),
        lambda: archive.remove("kelm/harbour"),
    ):
        change()
        positions.append(archive.position)
    assert positions == sorted(set(positions))


def test_a_restored_backup_never_comes_to_a_position_of_its_other_history(tmp_path: Path) -> None:
    one, other = Archive(tmp_path / "one.db"), Archive(tmp_path / "other.db")
    for archive, text in ((one, "Open."), (other, "Closed.")):
        put(archive, a_statement(text))
        embed_all(archive)
    assert one.position != other.position


def test_pending_are_the_passages_without_a_vector_by_key(archive: Archive) -> None:
    for number in range(5):
        put(archive, a_statement(f"Statement {number}.", id=f"s{number}"))
    embedded = keys(archive)[1]
    archive.keep_vectors([embedded], [b"v"])

    texts = [text for _, text in archive.pending()]
    assert texts == ["Statement 0.", "Statement 2.", "Statement 3.", "Statement 4."]
    assert [text for _, text in archive.pending(after=embedded, limit=2)] == ["Statement 2.", "Statement 3."]
    assert archive.counts().pending == 4


def test_a_vector_for_a_passage_retired_meanwhile_is_not_kept(archive: Archive) -> None:
    put(archive, a_statement("Open."))
    (old,) = keys(archive)
    put(archive, a_statement("Closed."))
    (new,) = keys(archive)
    archive.keep_vectors([old, new], [b"old", b"new"])
    assert list(archive.vectors()) == [(new, b"new")]


def test_replaced_passages_take_their_vectors_with_them(archive: Archive) -> None:
    put(archive, a_statement("Open. Closed."))
    embed_all(archive)
    archive.replace_passages("kelm/harbour", [Passage(0, 5, 0), Passage(6, 13, 0)])
    assert archive.passages_of("kelm/harbour") == [Passage(0, 5, 0), Passage(6, 13, 0)]
    assert [text for _, text in archive.pending()] == ["Open.", "Closed."]


def test_another_encoder_takes_all_vectors_and_the_facts(archive: Archive) -> None:
    put(archive, a_statement())
    embed_all(archive)
    archive.adopt({"encoder": "a"}, forgetting_vectors=False)
    assert archive.counts().pending == 0
    archive.adopt({"encoder": "b"}, forgetting_vectors=True)
    assert archive.facts().items() >= {("encoder", "b")}
    assert archive.counts().pending == 1


def test_only_embedded_passages_are_searchable_with_what_can_be_asked_of_them(archive: Archive) -> None:
    text = "Is it up? It is."
    turns = (Turn(0, 9, None, Role.QUESTION), Turn(10, 16, "MS. ADLER", Role.ANSWER))
    put(archive, a_statement(text, turns=turns, published="2024-02"))
    _, answer = keys(archive)
    archive.keep_vectors([answer], [b"v"])

    (found,) = archive.searchable()

    assert (found.key, found.text, found.speaker, found.role) == (answer, "It is.", "MS. ADLER", Role.ANSWER)
    assert (found.first_day, found.last_day, found.issuer) == ("2024-02-01", "2024-02-29", "Ministry of Harbours, Kelm")


def test_names_of_retired_versions_are_no_longer_offered(archive: Archive) -> None:
    put(archive, a_statement(speaker="Ada Brand", issuer="Port of Orm"))
    put(archive, a_statement("Closed.", speaker="Bo Lund", issuer=None))
    assert (archive.speakers(), archive.issuers()) == (["Bo Lund"], [])


def test_the_table_of_contents_comes_in_pages_in_the_order_of_ids(archive: Archive) -> None:
    for statement_id in ("c", "a", "b"):
        put(archive, a_statement(id=statement_id))
    assert [line.id for line in archive.summaries(limit=2)] == ["a", "b"]
    assert [line.id for line in archive.summaries(limit=2, after="b")] == ["c"]
    assert [(line.id, line.passages) for line in archive.every_summary()] == [("a", 1), ("b", 1), ("c", 1)]


@pytest.mark.parametrize(
    "change",
    [
        "text = packed('The harbour of Kelm opens on Sunday.')",
        "text = 'The harbour of Kelm opens on Monday.'",
        "text = substr(text, 1, length(text) - 1)",
        "text = x'00ff'",
        "text_sha256 = 'f00'",
    ],
)
def test_text_that_was_altered_behind_its_back_is_never_given_out(archive: Archive, change: str) -> None:
    put(archive, a_statement())
    (key,) = keys(archive)
    with sqlite3.connect(archive.path) as other:
        other.create_function("packed", 1, packed)
        other.execute(f"UPDATE versions SET {change}")
    for wanted in (lambda: archive.get("kelm/harbour"), lambda: archive.passages([key])):
        with pytest.raises(DamagedArchive, match="'kelm/harbour' does not match its SHA-256"):
            wanted()


def test_what_was_put_in_is_there_when_opened_again(archive: Archive) -> None:
    put(archive, a_statement(NASTY))
    archive.close()
    again = Archive(archive.path)
    assert again.get("kelm/harbour").statement == a_statement(NASTY)
    assert again.origin_of("kelm/harbour") == "/statements/harbour.txt"
    again.close()


def test_other_threads_see_a_statement_only_once_it_is_whole(archive: Archive) -> None:
    seen: list[int] = []

    def looking() -> Iterator[Passage]:
        yield Passage(0, 3, 0)
        reader = Thread(target=lambda: seen.append(archive.counts().statements))
        reader.start()
        reader.join()

    archive.put(a_statement(), looking(), a_source())
    assert (seen, archive.counts().statements) == ([0], 1)


def test_a_text_file_in_its_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_text("Minutes of the meeting.\n" * 50)
    with pytest.raises(NotAnArchive, match="Nothing was changed"):
        Archive(path)
    assert path.read_text() == "Minutes of the meeting.\n" * 50


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (soup TEXT)")
    before = path.read_bytes()
    with pytest.raises(NotAnArchive, match="another program made it"):
        Archive(path)
    assert path.read_bytes() == before


def test_the_archive_of_a_later_release_is_refused(archive: Archive) -> None:
    archive._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    archive.close()
    with pytest.raises(NotAnArchive, match="a later release made it"):
        Archive(archive.path)


@pytest.mark.parametrize("blocked", ["file/archive.db", "folder"])
def test_a_place_where_no_archive_can_be_is_refused(tmp_path: Path, blocked: str) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnusableFolder, match="cannot be used"):
        Archive(tmp_path / blocked)


@pytest.fixture
def first_schema(tmp_path: Path) -> Path:
    """An archive as the first schema had it, with one passage and its vector."""
    path = tmp_path / "first" / "archive.db"
    with closing(Archive(path)) as now:
        put(now, a_statement("Open."))
        now.keep_vectors(keys(now), [b""])
        rows = {
            table: [tuple(row) for row in now._connection.execute(f"SELECT * FROM {table}")]
            for table in ("originals", "statements", "versions", "turns", "passages", "vectors", "facts")
        }
    path.unlink()
    rows["originals"] = [(digest, media_type, unpacked(kept)) for digest, media_type, kept in rows["originals"]]
    rows["versions"] = [(*row[:-1], "Open.") for row in rows["versions"]]
    rows["vectors"] = [(key, struct.pack("<3f", 0.5, -0.25, 1.0)) for key, _ in rows["vectors"]]
    with closing(sqlite3.connect(path)) as old:
        schema = Path(__file__).with_name("schema-1.sql").read_text()
        old.executescript(f"PRAGMA journal_mode = WAL; {schema} DELETE FROM facts;")
        for table, held in rows.items():
            old.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(held[0]))})", held)
        old.commit()
        old.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;")
    return path


def check_up_to_date(path: Path) -> None:
    with closing(Archive(path)) as opened:
        assert [vector for _, vector in opened.vectors()] == [struct.pack("<3e", 0.5, -0.25, 1.0)]
        assert opened.get("kelm/harbour").statement.text == "Open."
        assert [found.text for found in opened.searchable()] == ["Open."]
        assert opened.original(opened.get("kelm/harbour").original_sha256) is not None
        assert opened.counts() == Counts(1, 1, 1, 0, "2024-05-06", "2024-05-06")


def test_an_archive_of_the_first_schema_is_brought_up_to_date_once(first_schema: Path) -> None:
    check_up_to_date(first_schema)
    check_up_to_date(first_schema)


def test_two_who_open_an_earlier_archive_at_once_bring_it_up_to_date_once(first_schema: Path) -> None:
    with ThreadPoolExecutor(4) as openers:
        list(openers.map(lambda _: Archive(first_schema).close(), range(4)))
    check_up_to_date(first_schema)


def test_an_earlier_archive_that_cannot_be_written_says_what_to_do(
    first_schema: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as closed:
        closed.setattr(os, "access", lambda *_: False)
        with pytest.raises(EarlierArchive, match=r"made by an earlier release .* Open it once, by `onrecord status`"):
            Archive(first_schema)
    check_up_to_date(first_schema)


def test_a_note_leaves_the_position_and_a_fact_does_not(archive: Archive) -> None:
    before = archive.position
    archive.note("indexed", "7")
    assert (archive.facts()["indexed"], archive.position) == ("7", before)
    archive.adopt({"encoder": "a"}, forgetting_vectors=False)
    assert archive.position > before


def test_what_was_embedded_after_a_key_comes_in_the_order_of_keys(archive: Archive) -> None:
    for number in range(4):
        put(archive, a_statement(f"Statement {number}.", id=f"s{number}"))
    embed_all(archive)
    first, second, third, fourth = archive.embedded()
    assert [key for key, _ in archive.vectors(after=second)] == [third, fourth]
    assert [found.text for found in archive.searchable(after=first)] == [f"Statement {n}." for n in (1, 2, 3)]
    assert len({found.version for found in archive.searchable()}) == 4


@pytest.mark.parametrize("kept", [packed(b"Closed."), b"Open."])
def test_an_original_that_is_not_what_was_received_is_never_given(archive: Archive, kept: bytes) -> None:
    put(archive, a_statement("Open."))
    digest = archive.get("kelm/harbour").original_sha256
    assert archive.original(digest) is not None
    archive._connection.execute("UPDATE originals SET bytes = ?", (kept,))
    with pytest.raises(DamagedOriginal, match=f"SHA-256 {digest[:16]}… is not what was received"):
        archive.original(digest)
