"""Whether all that is kept is what was received and made of it: archive and index, hashed anew from the first byte."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.archive import Archive, DamagedFile, Examined
from corpus.archive_seal import AlteredArchive, check_seal
from corpus.errors import InvalidStatement, OnRecordError
from corpus.readers import ENDINGS, statement_from
from corpus.readers.confined import read
from corpus.reading import READERS, issuer_given, readers_of
from corpus.records import RESTORE, DamagedOriginal
from corpus.sealed import digests
from corpus.selectors import context, stands_once
from corpus.statement import Passage, Statement
from service.generations import (
    MANIFEST,
    DamagedIndex,
    Encoding,
    Generation,
    Manifest,
    NoIndex,
    current_number,
    open_current,
    read_manifest,
)

SHOWN = 100
"""Problems that a report has in full, at most; all are counted."""
_BLOCK = 4096
"""Vectors looked at at a time."""
_ALTERED = 2**-19
"""By more than it, the products of two half-precision vectors with signs differ only if the vectors do.

Rounding makes 2**-22 of 384 numbers. A bit that is flipped and changes a vector by less changes no ranking.
"""
_BY_NAME_ALONE = (".txt", ".md", ".html")
"""What only its name may tell apart: the same bytes under two such names are one original, of the first's type."""

Progress = Callable[[int, int], None]
"""Told how many statements of how many are checked."""


class Kind(StrEnum):
    """What is wrong."""

    FILE = "file"
    """SQLite finds archive.db itself damaged."""
    ORIGINAL = "original"
    TEXT = "text"
    TURNS = "turns"
    RECORD = "record"
    """What the source says of a statement, as it was kept."""
    DATE = "date"
    """The days by which a statement is filtered, or the time at which it was received."""
    READING = "reading"
    """What is kept of a statement is not what its original says, read again."""
    VERSIONS = "versions"
    """How the versions of a statement are numbered."""
    PASSAGE = "passage"
    VECTOR = "vector"
    INDEX = "index"
    INDEX_FILE = "index file"


_RESTORE = f"{RESTORE} Or remove the statement and ingest it again."
_REINDEX = "Run `onrecord reindex`; it builds the index anew from the archive."
_REENCODE = f"{RESTORE} Or run `onrecord reindex --model NAME` to encode all anew."
_CURES = {
    Kind.FILE: RESTORE,
    Kind.ORIGINAL: f"{RESTORE} Or remove the statements made from it and ingest them again.",
    Kind.TEXT: _RESTORE,
    Kind.TURNS: _RESTORE,
    Kind.RECORD: _RESTORE,
    Kind.DATE: _RESTORE,
    Kind.READING: _RESTORE,
    Kind.VERSIONS: _RESTORE,
    Kind.PASSAGE: f"{RESTORE} Or run `onrecord reindex --model NAME` to cut all anew.",
    Kind.VECTOR: _REENCODE,
    Kind.INDEX: _REINDEX,
    Kind.INDEX_FILE: _REINDEX,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it should be."""

    kind: Kind
    where: str
    """The original, version, passage or file."""
    what: str
    """What is wrong with it: a sentence without its full stop."""
    cure: str


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """What was checked, and all that is wrong."""

    statements: int
    versions: int
    read_again: int
    """Versions that were made by this release's readers, and were read anew from their originals."""
    originals: int
    passages: int
    vectors: int
    generation: int | None
    """The index generation that was checked; `None` when there is none."""
    files: int
    """Its files."""
    found_by_position: int
    """Passages whose words, prefix and suffix stand more than once in their text: the position tells them apart."""
    problems: tuple[Problem, ...]
    """The first hundred."""
    count: int
    """Of all problems."""
    by_kind: tuple[tuple[Kind, int], ...]
    """How many there are of each kind that there is, in the order of `Kind`."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.count == 0


def check_archive(
    archive: Archive, index_folder: Path, progress: Progress = lambda _done, _all: None
) -> IntegrityReport:
    """Check all of the archive and the index in use; whatever is found wrong, the rest is checked too.

    Nothing is believed that was found before. What writes meanwhile may be taken for damage: the caller keeps writers
    out. A version that this release's readers made is read again from its original, so that nobody can alter it with
    the SHA-256 kept with it; of one that others made, and of what no original says, such as origins and when it was
    received, that cannot be told. Of a vector, a change too small to matter to any ranking is not seen.
    """
    check = _Check(archive)
    check.file()
    check.originals()
    check.statements(progress)
    check.vectors()
    check.index(index_folder)
    return check.report()


class _Check:
    """A check under way: what was counted and found so far."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._counted: Counter[str] = Counter()
        self._of_kind: Counter[Kind] = Counter()
        self._problems: list[Problem] = []
        self._generation: int | None = None
        self._encoding: Encoding | None = None
        self._position: int | None = None

    def report(self) -> IntegrityReport:
        return IntegrityReport(
            statements=self._counted["statements"],
            versions=self._counted["versions"],
            read_again=self._counted["read again"],
            originals=self._counted["originals"],
            passages=self._counted["passages"],
            vectors=self._counted["vectors"],
            generation=self._generation,
            files=self._counted["files"],
            found_by_position=self._counted["by position"],
            problems=tuple(self._problems),
            count=self._of_kind.total(),
            by_kind=tuple((kind, self._of_kind[kind]) for kind in Kind if self._of_kind[kind]),
        )

    def file(self) -> None:
        """Whether it is the file that was sealed, and what SQLite says of it."""
        try:
            check_seal(self._archive.path, believing=False)
        except AlteredArchive as error:
            self._problems.append(Problem(Kind.FILE, "archive.db", error.cause.rstrip("."), error.cure))
            self._of_kind[Kind.FILE] += 1
        with self._going_on("archive.db"):
            for flaw in self._archive.file_flaws():
                self._found(Kind.FILE, "archive.db", flaw)
        with self._going_on("the facts in archive.db"):
            self._facts()

    def _facts(self) -> None:
        try:
            with self._archive.reading():
                self._encoding, self._position = Encoding.of(self._archive), self._archive.position
        except (KeyError, ValueError):
            self._found(Kind.FILE, "the facts in archive.db", "what the archive says of itself cannot be read")

    def originals(self) -> None:
        """Whether the bytes of every original hash to its name."""
        with self._going_on("the originals"):
            for digest in self._archive.original_digests():
                self._counted["originals"] += 1
                self._original(digest)

    def _original(self, digest: str) -> None:
        where = f"original {digest}"
        with self._going_on(where):
            try:
                with self._archive.reading():
                    held = self._archive.original(digest)
            except DamagedOriginal:
                self._found(Kind.ORIGINAL, where, "its bytes do not have the SHA-256 by which it is known")
                return
            if held and held[1] not in ENDINGS:
                self._found(Kind.ORIGINAL, where, f"its media type is {held[1]!r:.60}, which no reader gives")

    def statements(self, progress: Progress) -> None:
        """Whether every version is what was read, and every passage of it can be cited."""
        total = 0
        with self._going_on("archive.db"), self._archive.reading():
            total = self._archive.counts().statements
        progress(0, total)
        with self._going_on("the versions"):
            for key in self._archive.version_keys():
                with self._going_on(f"version with the key {key}"):
                    if examined := self._archive.examined(key):
                        self._version(examined)
                if self._counted["statements"] <= total:
                    progress(self._counted["statements"], total)
        with self._going_on("the numbers of the versions"):
            for statement_id in self._archive.misnumbered():
                what = "its versions are not numbered from 1 on without a hole, the last of them current"
                self._found(Kind.VERSIONS, f"statement {statement_id!r}", what)
        with self._going_on("the passages"):
            for key in self._archive.stray_passages():
                self._found(Kind.PASSAGE, f"passage {key}", "the statement that it is of is not held")

    def _version(self, examined: Examined) -> None:
        where = f"statement {examined.statement_id!r}, version {examined.version}"
        self._counted["versions"] += 1
        self._counted["statements"] += examined.is_current
        for flaw in examined.flaws:
            self._found(Kind(flaw.kind), where, flaw.what)
        if examined.passages and not examined.is_current:
            self._found(Kind.PASSAGE, where, "an earlier version has passages still")
        for key, passage in examined.passages:
            self._counted["passages"] += 1
            if examined.statement is not None:
                self._passage(examined.statement, passage, f"passage {key} of {where}")
        if examined.statement is not None and all(flaw.kind == Kind.DATE for flaw in examined.flaws):
            self._read_again(examined, examined.statement, where)

    def _read_again(self, examined: Examined, statement: Statement, where: str) -> None:
        """Whether its original is still read to it; nothing is said of an original that is damaged or missing."""
        if readers_of(examined.reading) != READERS:
            return
        try:
            with self._archive.reading():
                held = self._archive.original(examined.original_sha256)
        except DamagedOriginal:
            return
        if held is None or held[1] not in ENDINGS:
            return
        self._counted["read again"] += 1
        ending = ENDINGS[held[1]]
        issuer = issuer_given(examined.reading)
        others = [other for other in _BY_NAME_ALONE if other != ending] if ending in _BY_NAME_ALONE else []
        first, *rest = (_differing(statement, held[0], one, issuer) for one in (ending, *others))
        if first and all(rest):
            self._found(Kind.READING, where, first)

    def _passage(self, statement: Statement, passage: Passage, where: str) -> None:
        """Whether it lies within its turn, and its citation leads back to it."""
        try:
            statement.check(passage)
            exact = statement.slice(passage.start, passage.end)
        except (InvalidStatement, TypeError):
            self._found(Kind.PASSAGE, where, f"{passage.start}–{passage.end} does not lie within turn {passage.turn}")
            return
        prefix, suffix = context(statement.text, passage.start, passage.end)
        if not statement.text.startswith(f"{prefix}{exact}{suffix}", passage.start - len(prefix)):
            self._found(Kind.PASSAGE, where, "its citation does not lead back to it")
        self._counted["by position"] += not stands_once(statement.text, exact, prefix, suffix)

    def vectors(self) -> None:
        """Whether every vector is a passage's, and of the right size."""
        with self._going_on("the vectors"):
            for key in self._archive.stray_vectors():
                self._found(Kind.VECTOR, f"vector {key}", "there is no passage that it is of")
            if self._encoding is not None:
                for key in self._archive.odd_vectors(2 * self._encoding.dimension):
                    self._found(Kind.VECTOR, f"vector {key}", f"it has not {self._encoding.dimension} numbers")

    def index(self, folder: Path) -> None:
        """Whether the index in use is, byte for byte, what was built, and from this archive as it is."""
        try:
            manifest = read_manifest(folder)
        except (NoIndex, DamagedIndex) as error:
            self._found(Kind.INDEX, f"index {current_number(folder) or ''}".strip(), error.cause.rstrip("."))
            return
        self._generation = manifest.generation
        where = f"index generation {manifest.generation}"
        whole = self._files(folder / str(manifest.generation), manifest)
        with self._going_on(where):
            self._in_step(manifest, where)
            if whole:
                self._content(folder, manifest, where)

    def _files(self, generation: Path, manifest: Manifest) -> bool:
        """Whether its files are those of the manifest, each read to its end."""
        try:
            held = digests(generation, [MANIFEST])
        except OSError as error:
            self._found(Kind.INDEX_FILE, str(error.filename), f"it cannot be read: {error.strerror}")
            return False
        before = self._of_kind[Kind.INDEX_FILE]
        for name in sorted(manifest.files.keys() | held.keys()):
            self._counted["files"] += 1
            where = f"{name} of index generation {manifest.generation}"
            if name not in held:
                self._found(Kind.INDEX_FILE, where, "the file is missing")
            elif name not in manifest.files:
                self._found(Kind.INDEX_FILE, where, "the file is none of those that were written")
            elif held[name] != manifest.files[name]:
                self._found(Kind.INDEX_FILE, where, "the file is not the one that was written: its SHA-256 is another")
        return self._of_kind[Kind.INDEX_FILE] == before

    def _in_step(self, manifest: Manifest, where: str) -> None:
        with self._archive.reading():
            counts = self._archive.counts()
        encoding = Encoding.in_manifest(manifest)
        if manifest.position != self._position:
            self._found(Kind.INDEX, where, "it was built before the archive was changed last")
        if self._encoding != encoding:
            self._found(Kind.INDEX, where, "the archive was encoded or cut otherwise than it says")
        if manifest.position == self._position and (manifest.passages, manifest.pending) != (
            counts.passages - counts.pending,
            counts.pending,
        ):
            self._found(Kind.INDEX, where, "it does not count the passages that the archive has")

    def _content(self, folder: Path, manifest: Manifest, where: str) -> None:
        """Whether the index holds the archive's passages and vectors; of an outdated one, those that both have."""
        try:
            generation = open_current(folder)
        except OnRecordError as error:
            self._found(Kind.INDEX, where, error.cause.rstrip("."))
            return
        with self._archive.reading():
            embedded = np.frombuffer(self._archive.embedded(), dtype=np.int64)
        if manifest.position == self._position and not np.array_equal(generation.columns.keys, embedded):
            self._found(Kind.INDEX, where, "the passages in it are not those that have a vector in the archive")
        if {len(generation.columns), len(generation.words)} != {manifest.passages}:
            self._found(Kind.INDEX, where, "its parts do not hold the same number of passages")
        if self._encoding is not None and self._encoding.dimension == manifest.dimension:
            self._compare_vectors(generation, manifest.dimension)

    def _compare_vectors(self, generation: Generation, dimension: int) -> None:
        """Whether the vectors in archive and index agree, by their products with a vector of signs."""
        signs = np.random.default_rng(0).choice(np.array([-1, 1], dtype=np.float32), dimension)
        with self._archive.reading():
            rows = iter(self._archive.vectors())
            while block := list(islice(rows, _BLOCK)):
                self._counted["vectors"] += len(block)
                self._compare_block(generation, block, signs)

    def _compare_block(
        self, generation: Generation, block: Iterable[tuple[int, bytes]], signs: npt.NDArray[np.float32]
    ) -> None:
        sized = [(key, vector) for key, vector in block if len(vector) == 2 * len(signs)]
        keys = np.array([key for key, _ in sized], dtype=np.int64)
        held = generation.columns.held(keys)
        vectors = np.frombuffer(b"".join(vector for _, vector in sized), dtype="<f2").reshape(-1, len(signs))
        chosen = keys[held].tolist()
        ours = vectors[held].astype(np.float64) @ signs
        theirs = np.array(generation.cosines(signs, chosen)) if chosen else np.empty(0)
        for key, difference in zip(chosen, np.abs(ours - theirs).tolist(), strict=True):
            if not difference <= _ALTERED:  # what is not a number is no vector either
                self._found(Kind.VECTOR, f"vector {key}", "it is not the vector that was indexed")

    @contextmanager
    def _going_on(self, where: str) -> Iterator[None]:
        """A block whose rest is given up, and nothing else, where SQLite cannot read on."""
        try:
            yield
        except DamagedFile as error:
            self._found(Kind.FILE, where, error.cause.rstrip("."))

    def _found(self, kind: Kind, where: str, what: str) -> None:
        self._of_kind[kind] += 1
        if len(self._problems) < SHOWN:
            self._problems.append(Problem(kind, where, what.rstrip("."), _CURES[kind]))


def _differing(kept: Statement, original: bytes, ending: str, issuer: str | None) -> str | None:
    """What an original, read as files are whose names end so, says otherwise than the statement; `None` if nothing."""
    try:
        found = next(iter(read(original, f"original{ending}")))
        if isinstance(found, OnRecordError):
            raise found
        now = statement_from(found, found.id or kept.id, issuer)
    except OnRecordError as error:
        return f"its original cannot be read again: {error.cause}"
    if now == kept:
        return None
    names = [field.name for field in fields(Statement) if getattr(now, field.name) != getattr(kept, field.name)]
    if "text" in names:
        return "its original is read to another text today"
    return f"its original is read today with something else for {', '.join(names)}"
