"""What an archive file is: its tables, how it is told from other files, and how a connection to it is opened."""

import os
import sqlite3
import struct
import zlib
from pathlib import Path

from corpus.archive_seal import break_seal
from corpus.errors import OnRecordError

APPLICATION_ID = 0x4F6E5265  # "OnRe" in SQLite's header: tells an archive from another program's database
SCHEMA_VERSION = 3
TIMEOUT = 30.0
"""Seconds for which whoever meets a lock in the archive waits for it."""

SCHEMA = """
CREATE TABLE originals (sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE statements (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions (key) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX statements_by_origin ON statements (origin);
CREATE TABLE versions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    statement_id TEXT NOT NULL REFERENCES statements (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    number INTEGER NOT NULL,
    original_sha256 TEXT NOT NULL REFERENCES originals (sha256) DEFERRABLE INITIALLY DEFERRED,
    reading TEXT NOT NULL,
    ingested_at TEXT NOT NULL,
    title TEXT, issuer TEXT, speaker TEXT, published TEXT, kind TEXT, language TEXT, url TEXT,
    first_day TEXT, last_day TEXT,
    record_sha256 TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    text BLOB NOT NULL,
    UNIQUE (statement_id, number)
);
CREATE INDEX versions_by_original ON versions (original_sha256);
CREATE TABLE turns (
    version INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, speaker TEXT, role TEXT NOT NULL,
    PRIMARY KEY (version, position)
) WITHOUT ROWID;
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, turn INTEGER NOT NULL
);
CREATE INDEX passages_by_version ON passages (version);
CREATE TABLE vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE,
    vector BLOB NOT NULL
);
CREATE INDEX vectors_by_passage ON vectors (passage);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO facts VALUES ('position', '0');
"""

_SECOND_SCHEMA = """
UPDATE vectors SET vector = halved(vector);
UPDATE versions SET text = packed(text);
CREATE INDEX vectors_by_passage ON vectors (passage);
"""
"""What the first schema lacks: vectors in half precision, texts compressed, and an index to count vectors by."""
_THIRD_SCHEMA = "UPDATE originals SET bytes = packed(bytes)"
"""What the second lacks: originals compressed."""
_LATER_SCHEMAS = (_SECOND_SCHEMA, _THIRD_SCHEMA)


class NotAnArchive(OnRecordError):
    """The file at the archive's place is something else, or from a later release."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"{path} is not an archive that this release can open: {found}.",
            "Nothing was changed; name another folder with --data.",
        )


class EarlierArchive(OnRecordError):
    """An archive of an earlier release cannot be brought up to date here and now."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} was made by an earlier release and has to be brought up to date first: {reason}.",
            "Open it once, by `onrecord status`, where it can be written and nobody else is writing.",
        )


class UnusableFolder(OnRecordError):
    """The folder for the archive cannot be made, read or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used: {reason}.", "Name another folder with --data, or mend its permissions."
        )


def prepare(path: Path) -> None:
    """Make the archive at `path` when there is none, and see that what is there is one.

    Raises `NotAnArchive`, `EarlierArchive` and `UnusableFolder`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path, making=True)
    except (OSError, sqlite3.OperationalError) as error:
        raise UnusableFolder(path.parent, getattr(error, "strerror", None) or str(error)) from None
    except sqlite3.DatabaseError as error:
        raise NotAnArchive(path, str(error)) from None
    try:
        _check_or_create(connection, path)
    except sqlite3.DatabaseError as error:
        raise NotAnArchive(path, str(error)) from None
    finally:
        connection.close()


def connect(path: Path, *, making: bool = False) -> sqlite3.Connection:
    """A connection for one thread: rows by name, transactions begun by hand, commits safe from a killed process.

    One that may only be read is opened so; one that is gone is not made again, but when `making`.
    """
    mode = "mode=rwc" if making else "mode=rw"
    if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        mode = "mode=ro&immutable=1"  # a write-ahead log needs a folder to stand in, even for a reader
    connection = sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, isolation_level=None, timeout=TIMEOUT, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA cache_size = -64")  # kB for each of a server's threads; the system's cache is shared
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is removed is gone from the file too
    return connection


def packed(content: str | bytes) -> bytes:
    """A text, in UTF-8, or bytes as the archive keeps them: compressed by zlib, a text to about half."""
    return zlib.compress(content.encode() if isinstance(content, str) else content)


def unpacked(kept: bytes) -> bytes:
    """What was packed, a text in UTF-8. Raises `ValueError` when it is not what `packed` gave."""
    try:
        return zlib.decompress(kept)
    except (zlib.error, TypeError) as error:
        raise ValueError(str(error)) from None


def _check_or_create(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application == APPLICATION_ID:
        if schema > SCHEMA_VERSION:
            raise NotAnArchive(path, f"a later release made it (schema {schema}, this one reads {SCHEMA_VERSION})")
        if schema < SCHEMA_VERSION:
            _bring_up_to_date(connection, path)
        return
    if tables or application:
        raise NotAnArchive(path, "another program made it")
    break_seal(path)  # of one that was deleted
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(
        f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
        f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    )


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Give an archive of an earlier release this one's tables; a crash on the way leaves it as it was."""
    break_seal(path)
    connection.create_function("halved", 1, _halved, deterministic=True)
    connection.create_function("packed", 1, packed, deterministic=True)
    try:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            held = connection.execute("PRAGMA user_version").fetchone()[0]  # somebody may have done it meanwhile
            for schema in _LATER_SCHEMAS[held - 1 :]:
                for statement in schema.split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except sqlite3.OperationalError as error:
        raise EarlierArchive(path, str(error)) from None


def _halved(vector: bytes) -> bytes:
    """A vector of 32-bit numbers as one of 16-bit numbers."""
    count = len(vector) // 4
    return struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", vector))
