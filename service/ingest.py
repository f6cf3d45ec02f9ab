"""Ingesting: from files and folders to statements in the archive, their vectors, and an index generation."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import BinaryIO, cast

from corpus.archive import Archive
from corpus.chunking import CHUNKER, cut
from corpus.errors import InvalidStatement, NoStatements, OnRecordError
from corpus.readers import MOST_DOCUMENT, MOST_FILE, READABLE_SUFFIXES, Found, statement_from
from corpus.readers.confined import read
from corpus.reading import issuer_given, reading
from corpus.records import Outcome, Source
from corpus.statement import MAX_ID_LENGTH, Passage, Statement
from corpus.steps import reached
from embeddings.encoder import Encoder, Vectors
from service.building import build
from service.generations import Encoding, OtherEncoder, is_current
from service.progress import Progress

STANDARD_INPUT = "-"
_BATCH = 256
"""Passages encoded between two commits: what an interruption costs at most."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not ingested, where it stands, and why."""

    place: str
    reason: str


@dataclass(slots=True)
class Report:
    """What became of everything that was to be ingested."""

    files: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    passages: int = 0
    """Encoded in this run."""
    seconds: float = 0.0
    skipped: list[Refusal] = field(default_factory=list)
    """Met in a folder and no statement: left alone."""
    refused: list[Refusal] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Add one statement."""
        setattr(self, outcome, getattr(self, outcome) + 1)


class NotFound(OnRecordError):
    """A path that was named leads nowhere."""

    def __init__(self, path: str) -> None:
        super().__init__(f"There is no file or folder {path}.", "Check the spelling.")


class Unopenable(OnRecordError):
    """The operating system will not let us read it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be opened: {reason}.", "Mend its permissions, or leave it out.")


class TooLarge(OnRecordError):
    """A file of more bytes than any that is read."""

    def __init__(self, size: int | None = None) -> None:
        held = f"This file has {size:,} bytes" if size else "More came than any file may hold"
        super().__init__(f"{held}; {MOST_FILE:,} is the most.", "Split it into smaller files.")


class NoFile(OnRecordError):
    """What stands in a folder where a file should be, and would have to be waited for or never ends."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This is {what}, not a file.", "Leave it out; what it gives can be piped to `ingest -`.")


class LeadsOut(OnRecordError):
    """A link in a folder to something outside of it."""

    def __init__(self) -> None:
        super().__init__("This link leads out of the folder.", "Name what it leads to, or that folder, to ingest it.")


class SameId(OnRecordError):
    """An id that another statement of the same run has."""

    def __init__(self, statement_id: str) -> None:
        super().__init__(
            f"The id {statement_id!r} stands for two statements; only the first is kept.",
            "Give each statement an id of its own.",
        )


class OtherChunker(OnRecordError):
    """The collection's passages were not cut by this release's rules."""

    def __init__(self, held: str, encoder: str) -> None:
        super().__init__(
            f"This collection's passages were cut by other rules ({held}) than this release's.",
            f"Run `onrecord reindex --model {encoder}` to cut and encode them anew.",
        )


class Ingester:
    """Puts statements into an archive and keeps its index in step. The caller holds the writer's lock."""

    def __init__(self, archive: Archive, encoder: Encoder, index_folder: Path, progress: Progress) -> None:
        self._archive = archive
        self.encoder = encoder
        self._index_folder = index_folder
        self._progress = progress
        self._seen: set[str] = set()

    def ingest(self, paths: Iterable[str], issuer: str | None = None) -> Report:
        """Ingest files, folders and standard input ("-"); bad ones are refused and the rest goes in.

        Each statement is acknowledged by its own transaction, so a run that is cut short can be run again. `issuer`
        is for documents that name none. Raises `OtherEncoder` and `OtherChunker` before anything is changed.
        """
        started = perf_counter()
        self._claim()
        self._seen.clear()
        report = Report()
        files = list(_files(paths, report))
        for done, file in enumerate(files):
            self._progress.reading(done, len(files))
            self._read(file, issuer, report)
        self._progress.reading(len(files), len(files))
        report.passages = self.finish()
        report.seconds = perf_counter() - started
        return report

    def reencode(self) -> None:
        """Cut every statement anew and encode it with this encoder, then build the index."""
        self._archive.adopt(self._encoding().begun().facts(), forgetting_vectors=True)
        reached("encoding anew begun")
        for summary in self._archive.every_summary():
            self._archive.replace_passages(summary.id, self._cut(self._archive.get(summary.id).statement))
        reached("all cut anew")
        self._encode_pending()
        reached("all encoded anew")
        self._archive.adopt(self._encoding().facts(), forgetting_vectors=False)
        self.finish()

    def finish(self) -> int:
        """Do what is left to be done of any run: encode what has no vector, and bring the index in step.

        Returns how many passages were encoded.
        """
        encoded = self._encode_pending()
        self._archive.flush()
        if not is_current(self._archive, self._index_folder):
            self._progress.indexing()
            build(self._archive, self._index_folder, self._encoding())
        return encoded

    def _claim(self) -> None:
        """See that the archive's vectors are this encoder's, or make them so when it has none."""
        held = Encoding.of(self._archive)
        if held is None:
            self._archive.adopt(self._encoding().facts(), forgetting_vectors=False)
        elif held.fingerprint != self.encoder.fingerprint:
            raise OtherEncoder(held.encoder, self.encoder.name)
        elif held.chunker.partition("/")[0] != CHUNKER or held.unfinished:
            raise OtherChunker(held.chunker, held.encoder)

    def _encoding(self) -> Encoding:
        encoder = self.encoder
        return Encoding(encoder.name, encoder.fingerprint, encoder.dimension, f"{CHUNKER}/{encoder.passage_limit}")

    def _read(self, file: "_File", issuer: str | None, report: Report) -> None:
        report.files += 1
        try:
            with file.opened() as opened:
                digest = file_digest(cast("BytesIO", opened), "sha256").hexdigest()
                statement_id = self._id_of(file, digest)
                reading = self._reading(statement_id, issuer)
                if self._archive.holds(statement_id, digest, reading):
                    report.count(Outcome.UNCHANGED)
                    return
                for found in read(opened, file.reads_as):
                    if isinstance(found, OnRecordError):
                        report.refused.append(Refusal(file.origin, str(found)))
                    else:
                        self._put(found, file, statement_id, issuer, report)
                    self._progress.statement()
        except LeadsOut as error:
            report.skipped.append(Refusal(file.origin, str(error)))
        except NoStatements as error:
            (report.refused if file.named else report.skipped).append(Refusal(file.origin, str(error)))
        except OnRecordError as error:
            report.refused.append(Refusal(file.origin, str(error)))

    def _put(self, found: Found, file: "_File", file_id: str, issuer: str | None, report: Report) -> None:
        digest = sha256(found.original).hexdigest()
        is_line = found.media_type == "application/json"
        statement_id = found.id or (f"{file_id}/{digest[:12]}" if is_line else file_id)
        reading = self._reading(statement_id, issuer)
        if self._archive.holds(statement_id, digest, reading):
            self._seen.add(statement_id)
            report.count(Outcome.UNCHANGED)
            return
        if statement_id in self._seen:
            report.refused.append(Refusal(file.origin, str(SameId(statement_id))))
            return
        self._seen.add(statement_id)
        try:
            statement = statement_from(found, statement_id, issuer_given(reading))
        except InvalidStatement as error:
            report.refused.append(Refusal(file.origin, str(error)))
            return
        source = Source(file.origin, found.original, found.media_type, reading)
        report.count(self._archive.put(statement, self._cut(statement), source))

    def _cut(self, statement: Statement) -> tuple[Passage, ...]:
        return cut(statement, self.encoder.count_tokens, self.encoder.passage_limit)

    def _id_of(self, file: "_File", digest: str) -> str:
        """The id of a document that brings none: its folder and name.

        Another place with the same folder and name has an id of its own, unless it holds the very same bytes: a
        document never becomes a version of one that it has only its name in common with.
        """
        if file.path is None:
            return f"{file.name}/{digest[:12]}"
        proposed = f"{file.folder}/{file.name}"
        if len(proposed) > MAX_ID_LENGTH - 25 or not proposed.isprintable():
            proposed = sha256(file.origin.encode()).hexdigest()[:32]
        apart = f"{proposed}~{sha256(file.origin.encode()).hexdigest()[:8]}"
        if self._archive.origin_of(apart) == file.origin:
            return apart
        holder = self._archive.origin_of(proposed)
        if holder in (None, file.origin):
            return proposed
        reading = self._archive.reading_of(proposed) or ""
        if self._archive.holds(proposed, digest, reading):
            return proposed
        return apart

    def _reading(self, statement_id: str, issuer: str | None) -> str:
        """How a statement is read now; an issuer once given for it stays until another is given."""
        return reading(issuer or issuer_given(self._archive.reading_of(statement_id) or ""))

    def _encode_pending(self) -> int:
        """Encode what has no vector yet; while one batch is encoded, the one before is kept and the next is read."""
        total = self._archive.counts().pending
        done = 0
        keep: Callable[[], None] = _nothing
        with ThreadPoolExecutor(1) as beside:
            batch = self._archive.pending(limit=_BATCH) if total else []
            while batch:
                self._progress.encoding(done, total)
                keys, texts = zip(*batch, strict=True)
                encoding = beside.submit(self.encoder.encode_passages, texts)
                keep()
                batch = self._archive.pending(after=keys[-1], limit=_BATCH)
                keep = partial(self._keep, keys, encoding.result())
                done += len(keys)
            keep()
        self._progress.encoding(done, total)
        return done

    def _keep(self, keys: Sequence[int], vectors: Vectors) -> None:
        self._archive.keep_vectors(keys, (row.tobytes() for row in vectors.astype("<f2")))


def _nothing() -> None:
    """Before the first batch there is nothing to keep."""


@dataclass(frozen=True, slots=True)
class _File:
    """Something to read: a file, or standard input."""

    path: Path | None
    named: bool
    """Whether the person named it, rather than a folder that it is in."""
    root: Path | None = None
    """The folder that the person named, links in its own path followed; what it is read from is to be in it."""

    @property
    def origin(self) -> str:
        return _shown(self.path) if self.path else STANDARD_INPUT

    @property
    def name(self) -> str:
        return self.path.name if self.path else "standard-input"

    @property
    def reads_as(self) -> str:
        """The name that its format is told from where its content does not tell it."""
        return self.name if self.path else "standard-input.txt"

    @property
    def folder(self) -> str:
        return self.path.parent.name if self.path else ""

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """What is in it, to be read more than once; a large file is not held in memory.

        Raises `Unopenable`, `TooLarge`, `NoFile` and `LeadsOut`.
        """
        try:
            file = self._opened()
            data = file.read(MOST_DOCUMENT + 1)
            file.seek(0)
        except OSError as error:
            raise Unopenable(self.origin, error.strerror or str(error)) from None
        with file:
            yield BytesIO(data) if len(data) <= MOST_DOCUMENT else file

    def _opened(self) -> BinaryIO:
        if self.path is None:
            return _spooled(sys.stdin.buffer)
        path = self.path if self.root is None else Path(os.path.realpath(self.path))
        if self.root and not path.is_relative_to(self.root):
            raise LeadsOut
        if self.named and stat.S_ISFIFO(path.stat().st_mode):  # what a shell makes of <(…)
            with path.open("rb") as piped:
                return _spooled(piped)
        _check_is_file(path.stat().st_mode)
        # Should it no longer be what it was a moment ago, it is neither followed nor waited for.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | (0 if self.named else getattr(os, "O_NOFOLLOW", 0))
        file = os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb")
        try:
            held = os.fstat(file.fileno())
            _check_is_file(held.st_mode)
            if held.st_size > MOST_FILE:
                raise TooLarge(held.st_size)
        except OnRecordError:
            file.close()
            raise
        return file


_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def _check_is_file(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NoFile(_KINDS.get(stat.S_IFMT(mode), "something else"))


def _spooled(given: BinaryIO) -> BinaryIO:
    """What comes over a pipe, so that it can be read more than once."""
    kept = cast("BinaryIO", SpooledTemporaryFile(MOST_DOCUMENT))  # noqa: SIM115 - the caller closes it
    while piece := given.read(1 << 20):
        kept.write(piece)
        if kept.tell() > MOST_FILE:
            kept.close()
            raise TooLarge
    kept.seek(0)
    return kept


def _files(paths: Iterable[str], report: Report) -> Iterator[_File]:
    """The files to read, in order; paths that lead nowhere are refused."""
    for given in paths:
        path = Path(os.path.abspath(given))
        try:
            if given == STANDARD_INPUT:
                yield _File(None, named=True)
            elif path.is_dir():
                yield from _files_under(path, report)
            elif os.path.lexists(path):
                yield _File(path, named=True)
            else:
                report.refused.append(Refusal(_shown(given), str(NotFound(_shown(given)))))
        except OSError as error:  # a name too long, a folder on the way that is closed
            report.refused.append(Refusal(_shown(path), str(Unopenable(_shown(path), error.strerror or str(error)))))


def _files_under(folder: Path, report: Report) -> Iterator[_File]:
    def refuse(error: OSError) -> None:
        place = _shown(Path(error.filename))
        report.refused.append(Refusal(place, str(Unopenable(place, error.strerror or str(error)))))

    root = Path(os.path.realpath(folder))
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (path := Path(parent, name)).is_symlink():
                report.skipped.append(Refusal(_shown(path), "It is a link to a folder, which is not followed."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith("."):
                continue
            if any(name.lower().endswith(suffix) for suffix in READABLE_SUFFIXES):
                yield _File(path, named=False, root=root)
            else:
                report.skipped.append(Refusal(_shown(path), "It is in no format that is read."))


def _shown(path: Path | str) -> str:
    r"""The path as text that can be kept and printed, bytes that are no UTF-8 as `\xe9`."""
    return os.fsencode(path).decode(errors="backslashreplace")
