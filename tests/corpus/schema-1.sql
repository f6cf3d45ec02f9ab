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
    text TEXT NOT NULL,
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
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO facts VALUES ('position', '0');
