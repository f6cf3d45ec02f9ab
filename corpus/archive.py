"""The only truth: originals, statements and their versions, turns, passages and vectors, in one SQLite file."""

import json
import os
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

from corpus import archive_seal
from corpus.archive_file import connect, packed, prepare, unpacked
from corpus.errors import InvalidStatement, OnRecordError
from corpus.records import (
    RESTORE,
    Archived,
    Counts,
    DamagedArchive,
    DamagedOriginal,
    Located,
    Outcome,
    Searchable,
    Source,
    Summary,
    UnknownStatement,
    ending,
)
from corpus.statement import Passage, Role, Statement, Turn, published_days
from corpus.steps import reached

REMOVED = "removed"
"""The note that something was removed, and whether the index has been purged of it."""
_ROLES = {str(role): role for role in Role}
_VERIFIED = 128
"""Versions kept in memory as they were read and verified, as long as nobody writes to the archive's files."""


class DamagedFile(DamagedArchive):
    """SQLite cannot read a part of the archive's file."""

    def __init__(self, reason: str) -> None:
        OnRecordError.__init__(self, f"A part of archive.db cannot be read: {reason}.", RESTORE)


class UnknownVersion(UnknownStatement):
    """The statement is in the archive, and no version of that number is."""

    def __init__(self, statement_id: str, version: int, first: int, last: int) -> None:
        self.statement_id = statement_id
        held = f"only version {last} is held" if first == last else f"versions {first} to {last} are held"
        OnRecordError.__init__(
            self,
            f"There is no version {version} of statement {statement_id!r}: {held}.",
            "Name one that is held, or none for the current one.",
        )


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it was written: `kind` is "text", "turns", "record" or "date"."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Examined:
    """One version of a statement, held against its own hashes."""

    statement_id: str
    version: int
    is_current: bool
    statement: Statement | None
    """`None` where the flaws leave none."""
    flaws: tuple[Flaw, ...]
    passages: tuple[tuple[int, Passage], ...]
    """The passages that are kept of it, with their keys: only a current version has any."""
    original_sha256: str
    reading: str
    """How it was read: see `Source`."""


class Archive:
    """The archive at `path`, made when absent. Any number of threads may read it; one at a time may write.

    Raises `NotAnArchive` when something else is at `path`, `UnusableFolder` when its folder cannot be used, and
    `AlteredArchive` when its file is not the one that was sealed, unless it is opened `unchecked`, to be examined.
    """

    def __init__(self, path: Path, *, unchecked: bool = False) -> None:
        self.path = path
        self._has_written = False
        self._unaltered_at: tuple[int, ...] | None = None
        self._altered_at: tuple[int, ...] | None = None
        self._looking = threading.Lock()
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._verified = lru_cache(_VERIFIED)(self._version)
        if not unchecked:
            archive_seal.check_seal(path)
        prepare(path)

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    def flush(self) -> None:
        """Have every commit on disk before returning, power cuts included; no removed text stays in the log."""
        reached("before the log is flushed")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        reached("log flushed")

    @property
    def is_sealed(self) -> bool:
        """Whether the file is known by the digest and the times that are kept beside it.

        It is not while it is written, after a writer was killed, or when it was copied from elsewhere.
        """
        kept = archive_seal.kept_seal(self.path)
        return kept is not None and kept.names(self.path)

    def see_unaltered(self) -> None:
        """See that nothing but this program wrote to the file since it was opened. Raises `AlteredArchive`."""
        if self.stamp == self._unaltered_at:
            return
        with self._looking:
            stamp = self.stamp
            if stamp == self._altered_at:
                raise archive_seal.AlteredArchive(self.path)
            if stamp == self._unaltered_at:
                return
            try:
                archive_seal.check_seal(self.path)
            except archive_seal.AlteredArchive:
                self._altered_at = stamp
                raise
            self._unaltered_at = stamp

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A block that writes, while the caller keeps other writers out; after it the file is sealed.

        One that is not sealed is looked through by SQLite first. Raises `DamagedFile` and `AlteredArchive`.
        """
        if not self.is_sealed:
            self.see_unaltered()
            self._look_through()
        try:
            yield
        finally:
            self._seal()

    # Writing

    def put(self, statement: Statement, passages: Iterable[Passage], source: Source) -> Outcome:
        """Keep a statement with its passages, in one transaction; a changed one becomes its next version.

        The passages of the version before are retired: its text stays and can be cited, but is no longer found.
        """
        digest = sha256(source.original).hexdigest()
        passages = list(passages)
        for passage in passages:
            statement.check(passage)
        if self.holds(statement.id, digest, source.reading):
            return Outcome.UNCHANGED
        held = self._held(statement.id)
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO originals VALUES (?, ?, ?)", (digest, source.media_type, packed(source.original))
            )
            reached("original written")
            version = _insert_version(db, statement, digest, source.reading, held["number"] + 1 if held else 1)
            reached("version written")
            db.execute(
                "INSERT INTO statements VALUES (:id, :origin, :version) "
                "ON CONFLICT (id) DO UPDATE SET origin = :origin, version = :version",
                {"id": statement.id, "origin": source.origin, "version": version},
            )
            if held:
                db.execute("DELETE FROM passages WHERE version = ?", (held["key"],))
            reached("passages before retired")
            _insert_passages(db, version, passages)
        return Outcome.CHANGED if held else Outcome.NEW

    def remove(self, statement_id: str) -> None:
        """Take a statement out, with all its versions and the originals that no other statement needs.

        Raises `UnknownStatement`.
        """
        with self._transaction() as db:
            if not db.execute("DELETE FROM statements WHERE id = ?", (statement_id,)).rowcount:
                raise UnknownStatement(statement_id)
            reached("statement removed")
            db.execute("DELETE FROM originals WHERE sha256 NOT IN (SELECT original_sha256 FROM versions)")
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, 'not purged')", (REMOVED,))

    def replace_passages(self, statement_id: str, passages: Iterable[Passage]) -> None:
        """Cut a statement's current version anew; the vectors of the passages before go with them."""
        with self._transaction() as db:
            held = self._held(statement_id)
            if held is None:
                raise UnknownStatement(statement_id)
            db.execute("DELETE FROM passages WHERE version = ?", (held["key"],))
            _insert_passages(db, held["key"], passages)

    def keep_vectors(self, keys: Iterable[int], vectors: Iterable[bytes]) -> None:
        """Keep each passage's vector; keys of passages that are gone by now are skipped."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors SELECT key, ?2 FROM passages WHERE key = ?1",
                zip(keys, vectors, strict=True),
            )

    def adopt(self, facts: Mapping[str, str], *, forgetting_vectors: bool) -> None:
        """Write down facts about the archive as a whole, such as its encoder; with another one, its vectors go."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
            if forgetting_vectors:
                db.execute("DELETE FROM vectors")

    def note(self, name: str, value: str) -> None:
        """Write down a fact that no index depends on: `position` stays."""
        self._unseal()
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # Reading

    def facts(self) -> dict[str, str]:
        """What `adopt` and `note` wrote down, by name."""
        return dict(self._connection.execute("SELECT name, value FROM facts").fetchall())

    @property
    def has_removed(self) -> bool:
        """Whether something was removed of which an index may still hold the words: see `REMOVED`."""
        return self.facts().get(REMOVED) == "not purged"

    @property
    def position(self) -> int:
        """A number that grows with every change to passages or vectors: an index says which it was built from."""
        return int(self.facts()["position"])

    @property
    def stamp(self) -> tuple[int, ...]:
        """What is another whenever anybody wrote to the archive's files since."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        states = [path.stat() for path in files if path.exists()]
        return tuple(number for state in states for number in (state.st_ino, state.st_size, state.st_ctime_ns))

    def holds(self, statement_id: str, original_sha256: str, reading: str) -> bool:
        """Whether the statement's current version came from these bytes, read this way."""
        held = self._held(statement_id)
        return held is not None and (held["original_sha256"], held["reading"]) == (original_sha256, reading)

    def version_with_text(self, statement_id: str, text_sha256_prefix: str) -> int | None:
        """The number of the latest version whose text has a SHA-256 that begins so; `None` when there is none."""
        row = self._connection.execute(
            "SELECT max(number) AS number FROM versions "
            "WHERE statement_id = ? AND substr(text_sha256, 1, length(?2)) = ?2",
            (statement_id, text_sha256_prefix),
        ).fetchone()
        number: int | None = row["number"]
        return number

    def versions_with(self, statement_id: str, text_sha256: str) -> list[int]:
        """The numbers of the statement's versions whose text has that SHA-256, the latest first."""
        rows = self._connection.execute(
            "SELECT number FROM versions WHERE statement_id = ? AND text_sha256 = ? ORDER BY number DESC",
            (statement_id, text_sha256),
        )
        return [row["number"] for row in rows]

    def statements_from(self, original_sha256: str) -> list[str]:
        """The ids of the statements of which some version came from these bytes, in alphabetical order."""
        return self._names_of("SELECT DISTINCT statement_id FROM versions WHERE original_sha256 = ?", original_sha256)

    def statements_saying(self, text_sha256: str) -> list[str]:
        """The ids of the statements of which some version has this canonical text, in alphabetical order.

        Every version's line is looked at: for a person's question, not for each of many.
        """
        return self._names_of("SELECT DISTINCT statement_id FROM versions WHERE text_sha256 = ?", text_sha256)

    def has_document(self, named: str) -> bool:
        """Whether any version is of the statement with that id, or has that address; a last slash is no difference.

        Every version's line is looked at: for a person's question, not for each of many.
        """
        address = named.partition("#")[0].rstrip("/")
        row = self._connection.execute(
            "SELECT 1 FROM versions WHERE statement_id = ? OR url IN (?, ?) LIMIT 1", (named, address, f"{address}/")
        ).fetchone()
        return row is not None

    def origin_of(self, statement_id: str) -> str | None:
        """Where the statement of that id came from; `None` when there is none."""
        held = self._held(statement_id)
        return held["origin"] if held else None

    def reading_of(self, statement_id: str) -> str | None:
        """How the statement's current version was read; `None` when there is none."""
        held = self._held(statement_id)
        return held["reading"] if held else None

    def reading_at(self, statement_id: str, version: int) -> str | None:
        """How the numbered version was read; `None` when there is none."""
        query = "SELECT reading FROM versions WHERE statement_id = ? AND number = ?"
        row = self._connection.execute(query, (statement_id, version)).fetchone()
        return row["reading"] if row else None

    def get(self, statement_id: str, version: int | None = None) -> Archived:
        """A statement's current version, or the numbered one.

        Raises `UnknownStatement`, `UnknownVersion` where others are held, and `DamagedArchive`.
        """
        row = self._connection.execute(
            "SELECT v.* FROM statements s JOIN versions v ON v.statement_id = s.id "
            "WHERE s.id = ? AND (v.key = s.version AND ?2 IS NULL OR v.number = ?2)",
            (statement_id, version),
        ).fetchone()
        if row is None:
            raise self._unknown(statement_id, version)
        return self._archived(row)

    def passages(self, keys: Iterable[int]) -> dict[int, tuple[Archived, Passage]]:
        """The passages of those keys with their statements, by key; retired ones are left out.

        Raises `DamagedArchive`.
        """
        rows = self._connection.execute(
            'SELECT p.key, p.version, p.start, p."end", p.turn '
            "FROM json_each(?) wanted JOIN passages p ON p.key = wanted.value",
            (json.dumps(list(keys)),),
        ).fetchall()
        stamp = self.stamp
        found = {version: self._verified(version, stamp) for version in {row["version"] for row in rows}}
        return {
            row["key"]: (archived, _passage_of(archived, row))
            for row in rows
            if (archived := found[row["version"]]) is not None
        }

    def places(self, keys: Iterable[int]) -> dict[int, Located]:
        """Where the passages of those keys stand, by key; retired ones are left out."""
        rows = self._connection.execute(
            'SELECT p.key, v.statement_id, p.start, p."end" '
            "FROM json_each(?) wanted JOIN passages p ON p.key = wanted.value JOIN versions v ON v.key = p.version",
            (json.dumps(list(keys)),),
        )
        return {key: Located(statement_id, start, end) for key, statement_id, start, end in rows}

    def statement_ids(self, keys: Iterable[int]) -> dict[int, str]:
        """The id of the statement that each passage stands in, by key; retired ones are left out."""
        rows = self._connection.execute(
            "SELECT p.key, v.statement_id FROM json_each(?) wanted JOIN passages p ON p.key = wanted.value "
            "JOIN versions v ON v.key = p.version",
            (json.dumps(list(keys)),),
        )
        return {row["key"]: row["statement_id"] for row in rows}

    def passages_of(self, statement_id: str) -> list[Passage]:
        """The passages of a statement's current version, in order."""
        rows = self._connection.execute(
            'SELECT p.start, p."end", p.turn FROM statements s JOIN passages p ON p.version = s.version '
            "WHERE s.id = ? ORDER BY p.start",
            (statement_id,),
        )
        return [Passage(*row) for row in rows]

    def original(self, digest: str) -> tuple[bytes, str] | None:
        """The bytes as received, and their media type; `None` when no such original is held.

        Raises `DamagedOriginal`.
        """
        row = self._connection.execute("SELECT bytes, media_type FROM originals WHERE sha256 = ?", (digest,)).fetchone()
        if row is None:
            return None
        try:
            original = unpacked(row["bytes"])
        except ValueError:
            raise DamagedOriginal(digest) from None
        if sha256(original).hexdigest() != digest:
            raise DamagedOriginal(digest)
        return original, row["media_type"]

    def summaries(self, *, limit: int = 100, after: str = "") -> list[Summary]:
        """The table of contents in the order of ids, beginning after the id `after`."""
        rows = self._connection.execute(
            "SELECT s.id, v.title, v.issuer, v.speaker, v.published, "
            "(SELECT count(*) FROM passages p WHERE p.version = s.version) "
            "FROM statements s JOIN versions v ON v.key = s.version WHERE s.id > ? ORDER BY s.id LIMIT ?",
            (after, limit),
        )
        return [Summary(*row) for row in rows]

    def every_summary(self) -> Iterator[Summary]:
        """The whole table of contents, in the order of ids."""
        after = ""
        while page := self.summaries(limit=1000, after=after):
            yield from page
            after = page[-1].id

    def counts(self) -> Counts:
        """How much there is."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM statements), (SELECT count(*) FROM versions), "
            "(SELECT count(*) FROM passages), "
            "(SELECT count(*) FROM passages) - (SELECT count(*) FROM vectors), "
            "min(v.first_day), max(v.last_day) FROM statements s JOIN versions v ON v.key = s.version"
        ).fetchone()
        return Counts(*row)

    def speakers(self) -> list[str]:
        """Every speaker of a current turn, as the sources print them, in alphabetical order."""
        return self._names("SELECT DISTINCT t.speaker FROM statements s JOIN turns t ON t.version = s.version")

    def issuers(self) -> list[str]:
        """Every issuer of a current statement, as the sources print them, in alphabetical order."""
        return self._names("SELECT DISTINCT v.issuer FROM statements s JOIN versions v ON v.key = s.version")

    def pending(self, *, after: int = 0, limit: int = 4096) -> list[tuple[int, str]]:
        """Key and text of the next passages without a vector, by key, beginning after the key `after`."""
        condition = f"p.key > {after} AND p.key NOT IN (SELECT passage FROM vectors)"
        return [(row["key"], text[row["start"] : row["end"]]) for text, row in islice(self._passages(condition), limit)]

    def embedded(self) -> "array[int]":
        """The key of every passage that has a vector, ascending."""
        rows = self._connection.execute("SELECT passage FROM vectors ORDER BY passage")
        rows.row_factory = None
        return array("q", (key for (key,) in rows))

    def vectors(self, *, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Key and vector of every embedded passage, by key, beginning after the key `after`."""
        query = "SELECT passage, vector FROM vectors WHERE passage > ? ORDER BY passage"
        rows = self._connection.execute(query, (after,))
        rows.row_factory = None
        return rows

    def searchable(self, *, after: int = 0) -> Iterator[Searchable]:
        """Every embedded passage, by key, beginning after the key `after`."""
        for text, row in self._passages(f"p.key > {after} AND p.key IN (SELECT passage FROM vectors)"):
            yield Searchable(
                row["key"],
                row["version"],
                text[row["start"] : row["end"]],
                row["title"],
                row["issuer"],
                row["first_day"],
                row["last_day"],
                row["turn_speaker"],
                _ROLES[row["turn_role"]],
                None if row["asked_to"] is None else ending(text, row["asked_from"], row["asked_to"]),
            )

    # Checking

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A block in which what SQLite cannot read raises `DamagedFile`."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise DamagedFile(str(error)) from None

    def file_flaws(self) -> Iterator[str]:
        """What SQLite finds wrong with the file, a sentence each: pages, indexes, rows that refer to none.

        Raises `DamagedFile` where it cannot go on.
        """
        with self.reading():
            for (found,) in self._connection.execute("PRAGMA integrity_check"):
                if found != "ok":
                    yield str(found)
            for row in self._connection.execute("PRAGMA foreign_key_check"):
                yield f"row {row['rowid']} of {row['table']} refers to a row of {row['parent']} that is not there"

    def version_keys(self) -> Iterator[int]:
        """The key of every version, ascending. Raises `DamagedFile`, after those before."""
        return self._keys("SELECT key FROM versions ORDER BY key")

    def examined(self, key: int) -> Examined | None:
        """The version of that key, held against its own hashes; `None` when there is none. Raises `DamagedFile`."""
        with self.reading():
            row = self._connection.execute(
                "SELECT v.*, s.version IS NOT NULL AS is_current "
                "FROM versions v LEFT JOIN statements s ON s.version = v.key WHERE v.key = ?",
                (key,),
            ).fetchone()
            if row is None:
                return None
            turns = self._connection.execute(
                'SELECT position, start, "end", speaker, role FROM turns WHERE version = ? ORDER BY position', (key,)
            ).fetchall()
            passages = self._connection.execute(
                'SELECT key, start, "end", turn FROM passages WHERE version = ? ORDER BY key', (key,)
            ).fetchall()
        statement, flaws = _examined(row, turns)
        return Examined(
            row["statement_id"],
            row["number"],
            bool(row["is_current"]),
            statement,
            tuple(flaws),
            tuple((one["key"], Passage(one["start"], one["end"], one["turn"])) for one in passages),
            str(row["original_sha256"]),
            str(row["reading"]),
        )

    def misnumbered(self) -> Iterator[str]:
        """The id of every statement whose versions are not 1 to n, the last of them current. Raises `DamagedFile`."""
        with self.reading():
            for (statement_id,) in self._connection.execute(
                "SELECT v.statement_id FROM versions v JOIN statements s ON s.id = v.statement_id "
                "GROUP BY v.statement_id HAVING min(v.number) <> 1 OR max(v.number) <> count(*) "
                "OR sum(typeof(v.number) <> 'integer') OR max(v.number * (v.key IS s.version)) <> max(v.number)"
            ):
                yield str(statement_id)

    def original_digests(self) -> Iterator[str]:
        """The SHA-256 by which each original is known, ascending. Raises `DamagedFile`, after those before."""
        after = ""
        while True:
            with self.reading():
                page = self._connection.execute(
                    "SELECT sha256 FROM originals WHERE sha256 > ? ORDER BY sha256 LIMIT 1000", (after,)
                ).fetchall()
            if not page:
                return
            yield from (str(digest) for (digest,) in page)
            after = page[-1][0]

    def stray_vectors(self) -> Iterator[int]:
        """The key of every vector of which there is no passage. Raises `DamagedFile`."""
        return self._keys("SELECT passage FROM vectors WHERE passage NOT IN (SELECT key FROM passages)")

    def odd_vectors(self, size: int) -> Iterator[int]:
        """The key of every vector that has not `size` bytes. Raises `DamagedFile`."""
        return self._keys("SELECT passage FROM vectors WHERE length(vector) <> ?", size)

    def stray_passages(self) -> Iterator[int]:
        """The key of every passage of which there is no version. Raises `DamagedFile`."""
        return self._keys("SELECT key FROM passages WHERE version NOT IN (SELECT key FROM versions)")

    # Inside

    def _keys(self, query: str, *given: object) -> Iterator[int]:
        with self.reading():
            for (key,) in self._connection.execute(query, given):
                yield key

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path)
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it; counted in `position`."""
        self._unseal()
        db = self._connection
        db.execute("BEGIN IMMEDIATE")
        done = False
        try:
            yield db
            # by a random step: an archive restored from a backup never gets to a position that its index knows
            db.execute("UPDATE facts SET value = value + 1 + abs(random() % 1000000) WHERE name = 'position'")
            done = True
        finally:
            reached("before the transaction ends")
            if db.in_transaction:  # SQLite may have rolled it back itself, as when the disk is full
                db.execute("COMMIT" if done else "ROLLBACK")
            reached("transaction ended")

    def _unseal(self) -> None:
        archive_seal.break_seal(self.path)
        self._has_written = True
        reached("seal broken")

    def _seal(self) -> None:
        """Seal the file when all that was written is in it: not while a reader keeps something in the log."""
        if (self.is_sealed and not self._has_written) or not os.access(self.path.parent, os.W_OK):
            return
        (waits, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        reached("before the archive is sealed")
        if not waits:
            archive_seal.seal(self.path)
        self._has_written = False
        reached("archive sealed")

    def _look_through(self) -> None:
        with self.reading():
            (found,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise DamagedFile(found)

    def _held(self, statement_id: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT s.origin, v.key, v.number, v.original_sha256, v.reading FROM statements s "
            "JOIN versions v ON v.key = s.version WHERE s.id = ?",
            (statement_id,),
        ).fetchone()
        return row

    def _unknown(self, statement_id: str, version: int | None) -> UnknownStatement:
        first, last = self._connection.execute(
            "SELECT min(number), max(number) FROM versions WHERE statement_id = ?", (statement_id,)
        ).fetchone()
        if version is None or first is None:
            return UnknownStatement(statement_id)
        return UnknownVersion(statement_id, version, first, last)

    def _names(self, query: str) -> list[str]:
        return sorted(name for (name,) in self._connection.execute(query) if name is not None)

    def _names_of(self, query: str, digest: str) -> list[str]:
        return sorted(name for (name,) in self._connection.execute(query, (digest,)))

    def _passages(self, condition: str) -> Iterator[tuple[str, sqlite3.Row]]:
        """The row of each passage that meets `condition`, with its statement's text: read once for all of its own."""
        text, version = "", None
        rows = self._connection.execute(
            "SELECT p.*, v.title, v.issuer, v.first_day, v.last_day, t.speaker AS turn_speaker, t.role AS turn_role, "
            'q.start AS asked_from, q."end" AS asked_to '
            "FROM passages p JOIN versions v ON v.key = p.version "
            "JOIN turns t ON t.version = p.version AND t.position = p.turn "
            "LEFT JOIN turns q ON q.version = p.version AND q.position = p.turn - 1 "
            f"AND q.role = 'question' AND t.role = 'answer' WHERE {condition} ORDER BY p.key"
        )
        for row in rows:
            if row["version"] != version:
                version = row["version"]
                query = "SELECT statement_id, text FROM versions WHERE key = ?"
                text = _text_of(self._connection.execute(query, (version,)).fetchone())
            yield text, row

    def _version(self, key: int, _stamp: tuple[int, ...]) -> Archived | None:
        row = self._connection.execute("SELECT * FROM versions WHERE key = ?", (key,)).fetchone()
        return self._archived(row) if row else None

    def _archived(self, row: sqlite3.Row) -> Archived:
        turns = self._connection.execute(
            'SELECT start, "end", speaker, role FROM turns WHERE version = ? ORDER BY position', (row["key"],)
        )
        statement = _statement_of(row, _text_of(row), turns)
        if (statement.text_sha256, statement.record_sha256) != (row["text_sha256"], row["record_sha256"]):
            raise DamagedArchive(statement.id)
        (versions,) = self._connection.execute(
            "SELECT count(*) FROM versions WHERE statement_id = ?", (statement.id,)
        ).fetchone()
        return Archived(statement, row["number"], versions, row["original_sha256"], row["ingested_at"])


def _passage_of(archived: Archived, row: sqlite3.Row) -> Passage:
    passage = Passage(row["start"], row["end"], row["turn"])
    try:
        archived.statement.check(passage)
    except (InvalidStatement, TypeError):
        raise DamagedArchive(archived.statement.id) from None
    return passage


def _text_of(row: sqlite3.Row) -> str:
    try:
        return unpacked(row["text"]).decode()
    except ValueError:
        raise DamagedArchive(row["statement_id"]) from None


def _examined(row: sqlite3.Row, turns: list[sqlite3.Row]) -> tuple[Statement | None, list[Flaw]]:
    """The statement that a version's row and turns make, if any, and all that contradicts its hashes."""
    flaws: list[Flaw] = []
    try:
        text: str | None = _text_of(row)
    except DamagedArchive:
        text = None
    if text is None or sha256(text.encode()).hexdigest() != row["text_sha256"]:
        flaws.append(Flaw("text", "its text is not the one whose SHA-256 is kept with it"))
    if [turn["position"] for turn in turns] != list(range(len(turns))):
        flaws.append(Flaw("turns", "its turns are not numbered one after the other"))
    if not _is_time(row["ingested_at"]):
        flaws.append(Flaw("date", f"it was received at {row['ingested_at']!r:.40}, which is no ISO time"))
    if text is None:
        return None, flaws
    try:
        statement = _statement_of(row, text, turns)
        record = statement.record_sha256
        days = published_days(statement.published) if statement.published else (None, None)
    except InvalidStatement as error:
        return None, [*flaws, Flaw("turns", error.cause)]
    except (KeyError, TypeError, ValueError) as error:  # a column holds what was never written there
        return None, [*flaws, Flaw("record", f"what is kept of it makes no statement ({error})")]
    if record != row["record_sha256"]:
        flaws.append(Flaw("record", "what is kept of title, issuer, date, turns and the like has another SHA-256"))
    if tuple(day and day.isoformat() for day in days) != (row["first_day"], row["last_day"]):
        flaws.append(Flaw("date", "the days by which it is filtered are not those of its date"))
    return statement, flaws


def _is_time(stamp: object) -> bool:
    """Whether it is a time in ISO 8601 that says how far from UTC it is."""
    try:
        return isinstance(stamp, str) and datetime.fromisoformat(stamp).tzinfo is not None
    except ValueError:
        return False


def _statement_of(row: sqlite3.Row, text: str, turns: Iterable[sqlite3.Row]) -> Statement:
    return Statement(
        id=row["statement_id"],
        title=row["title"],
        issuer=row["issuer"],
        speaker=row["speaker"],
        published=row["published"],
        kind=row["kind"],
        language=row["language"],
        url=row["url"],
        text=text,
        turns=tuple(Turn(turn["start"], turn["end"], turn["speaker"], _ROLES[turn["role"]]) for turn in turns),
    )


def _insert_version(db: sqlite3.Connection, statement: Statement, digest: str, reading: str, number: int) -> int:
    first, last = published_days(statement.published) if statement.published else (None, None)
    version = db.execute(
        "INSERT INTO versions (statement_id, number, original_sha256, reading, ingested_at, title, issuer, speaker, "
        "published, kind, language, url, first_day, last_day, record_sha256, text_sha256, text) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            statement.id,
            number,
            digest,
            reading,
            datetime.now(UTC).isoformat(timespec="seconds"),
            statement.title,
            statement.issuer,
            statement.speaker,
            statement.published,
            statement.kind,
            statement.language,
            statement.url,
            first and first.isoformat(),
            last and last.isoformat(),
            statement.record_sha256,
            statement.text_sha256,
            packed(statement.text),
        ),
    ).lastrowid
    db.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)",
        ((version, i, turn.start, turn.end, turn.speaker, turn.role) for i, turn in enumerate(statement.turns)),
    )
    return int(version or 0)


def _insert_passages(db: sqlite3.Connection, version: int, passages: Iterable[Passage]) -> None:
    db.executemany(
        'INSERT INTO passages (version, start, "end", turn) VALUES (?, ?, ?, ?)',
        ((version, passage.start, passage.end, passage.turn) for passage in passages),
    )
