"""Building an index generation: beside the one in use, from it where that saves work, switched to at one stroke."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.archive import REMOVED, Archive
from corpus.columns import Columns, ColumnsWriter, Keys
from corpus.durable import sync
from corpus.errors import OnRecordError, first_line
from corpus.keywords import KeywordWriter
from corpus.records import Searchable
from corpus.sealed import STAMPS, digests
from corpus.steps import reached
from embeddings import faiss_index
from service.generations import (
    COLUMNS,
    CURRENT,
    FORMAT,
    FRESH,
    INDEXED,
    INDEXED_BEFORE,
    MAIN,
    MANIFEST,
    WORDS,
    DamagedIndex,
    Encoding,
    Manifest,
    checked_manifest,
    current_number,
    naming,
)

_KEPT = 2
"""The generation in use and the one before it, which a reader may just be opening."""
_REWRITTEN = 16
"""The vectors of most passages are written again when those added and retired since come to one in so many of them."""
_BLOCK = 4096
"""Vectors read from the archive at a time."""


class NotBuilt(OnRecordError):
    """The system refused something that an index is made with: room on the disk, memory, files, threads."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The index could not be built: {reason}.",
            "What was ingested is safe, and the index before answers on; mend the cause and run the command again.",
        )


@dataclass(frozen=True, slots=True)
class _Before:
    """The generation in use, when it can be built upon."""

    folder: Path
    manifest: Manifest
    columns: Columns


def build(archive: Archive, folder: Path, encoding: Encoding, *, anew: bool = False) -> Manifest:
    """Build a generation from the archive's vectors and passages, and put it in use; older ones are deleted.

    What the generation in use has in common with the archive is taken over from it, unless all is to be built `anew`.
    Once something was removed, all is built anew and no earlier generation is kept, so that nothing of it is left.
    The caller holds the writer's lock. A crash at any moment leaves the generation before in use. Raises `NotBuilt`.
    """
    purging = archive.has_removed
    folder.mkdir(parents=True, exist_ok=True)
    number = max((int(path.name) for path in folder.iterdir() if path.name.isdecimal()), default=0) + 1
    with _scratch_folder(folder) as scratch:
        position = archive.position
        embedded = np.frombuffer(archive.embedded(), dtype=np.int64)
        before = None if anew or purging else _before(archive, folder, encoding, embedded)
        with _refusals():
            if before is None:
                _write_anew(archive, scratch, embedded, encoding.dimension)
            else:
                _extend(archive, scratch, before, embedded, encoding.dimension)
        reached("index files written")
        manifest = Manifest(
            format=FORMAT,
            generation=number,
            encoder=encoding.encoder,
            fingerprint=encoding.fingerprint,
            dimension=encoding.dimension,
            chunker=encoding.chunker,
            passages=len(embedded),
            pending=archive.counts().passages - len(embedded),
            main=before.manifest.main if before else len(embedded),
            main_through=before.manifest.main_through if before else int(embedded.max(initial=0)),
            position=position,
            files=_digests(scratch, before),
        )
        manifest.write(scratch)
        reached("manifest written")
        _flush(scratch)
        reached("generation flushed")
        scratch.rename(folder / str(number))
    reached("generation renamed")
    _put_in_use(folder, number)
    reached("generation in use")
    archive.note(INDEXED_BEFORE, archive.facts().get(INDEXED, ""))
    archive.note(INDEXED, str(position))
    reached("position noted")
    are_gone = _delete_older(folder, number, 1 if purging else _KEPT)
    reached("older generations deleted")
    if purging and are_gone:
        archive.note(REMOVED, "purged")
    return manifest


@contextmanager
def _refusals() -> Iterator[None]:
    """A block in which what Tantivy and FAISS say when the system refuses them something raises `NotBuilt`."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise NotBuilt(first_line(error)) from None


def _before(archive: Archive, folder: Path, encoding: Encoding, embedded: Keys) -> _Before | None:
    """The generation in use when the archive has only grown and shrunk a little since, and it is undamaged."""
    number = current_number(folder)
    if number is None:
        return None
    generation = folder / str(number)
    try:
        manifest = checked_manifest(generation)
        columns = Columns(generation / COLUMNS)
    except (DamagedIndex, OSError, ValueError):
        return None
    same = Encoding.in_manifest(manifest) == encoding
    # an archive restored from a backup may give the same keys to other passages: its note is another one
    known = archive.facts().get(INDEXED) == str(manifest.position)
    if not (same and known and _has_changed_little(manifest, columns, embedded)):
        return None
    return _Before(generation, manifest, columns)


def _has_changed_little(manifest: Manifest, columns: Columns, embedded: Keys) -> bool:
    """Whether every new passage comes after all that are there, and the main part can stay as it is."""
    if not len(columns):
        return False
    last = max(int(columns.keys[-1]), manifest.main_through)
    new = np.setdiff1d(embedded, columns.keys, assume_unique=True)
    staying = int(np.searchsorted(embedded, manifest.main_through, side="right"))
    fresh, retired = len(embedded) - staying, manifest.main - staying
    return bool(new.min(initial=last + 1) > last) and (fresh + retired) * _REWRITTEN <= manifest.main


def _write_anew(archive: Archive, scratch: Path, embedded: Keys, dimension: int) -> None:
    _write_vectors(archive, scratch / MAIN, 0, len(embedded), dimension)
    reached("vectors written")
    columns = ColumnsWriter()
    with KeywordWriter(scratch / WORDS) as words:
        _add(archive.searchable(), words, columns)
    reached("words written")
    columns.write(scratch / COLUMNS)


def _extend(archive: Archive, scratch: Path, before: _Before, embedded: Keys, dimension: int) -> None:
    """The generation before, its main part untouched, with what came since and without what was retired."""
    _take_over(before, scratch)
    reached("files taken over")
    through = before.manifest.main_through
    fresh = len(embedded) - int(np.searchsorted(embedded, through, side="right"))
    if fresh:
        _write_vectors(archive, scratch / FRESH, through, fresh, dimension)
    kept = np.isin(before.columns.keys, embedded, assume_unique=True)
    columns = ColumnsWriter(before.columns, kept)
    with KeywordWriter(scratch / WORDS) as words:
        for key in before.columns.keys[~kept].tolist():
            words.remove(key)
        _add(archive.searchable(after=int(before.columns.keys[-1])), words, columns)
    columns.write(scratch / COLUMNS)


def _take_over(before: _Before, scratch: Path) -> None:
    """The files that stay, as links where the file system has them: nothing ever writes into a file of an index."""
    (scratch / WORDS).mkdir()
    staying = [name for name in before.manifest.files if name.startswith((MAIN, f"{WORDS}/"))]
    for name in staying:
        try:
            os.link(before.folder / name, scratch / name)
        except OSError:
            shutil.copy2(before.folder / name, scratch / name)
    if (before.folder / STAMPS).exists():
        shutil.copy2(before.folder / STAMPS, scratch / STAMPS)


def _add(passages: Iterable[Searchable], words: KeywordWriter, columns: ColumnsWriter) -> None:
    for passage in passages:
        words.add(passage)
        columns.add(passage)


def _write_vectors(archive: Archive, path: Path, after: int, count: int, dimension: int) -> None:
    keys = np.empty(count, dtype=np.int64)
    vectors = np.empty((count, dimension), dtype=np.float16)
    rows = archive.vectors(after=after)
    for first in range(0, count, _BLOCK):
        block = list(islice(rows, _BLOCK))
        keys[first : first + len(block)] = [key for key, _ in block]
        vectors[first : first + len(block)] = _unpacked([vector for _, vector in block], dimension)
    faiss_index.write(path, keys, vectors)


def _unpacked(vectors: Iterable[bytes], dimension: int) -> npt.NDArray[np.float16]:
    return np.frombuffer(b"".join(vectors), dtype="<f2").reshape(-1, dimension)


def _digests(scratch: Path, before: _Before | None) -> dict[str, str]:
    """SHA-256 of every file; of those taken over, as it was when they were written."""
    known = {}
    if before is not None:
        known = {
            name: digest
            for name, digest in before.manifest.files.items()
            if (scratch / name).exists() and (scratch / name).samefile(before.folder / name)
        }
    return {**digests(scratch, [MANIFEST, *known]), **known}


@contextmanager
def _scratch_folder(folder: Path) -> Iterator[Path]:
    for leftover in folder.glob("building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    scratch = folder / f"building-{os.getpid()}"
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put_in_use(folder: Path, number: int) -> None:
    beside = folder / f"{CURRENT}.new"
    beside.write_text(naming(number), encoding="ascii")
    sync(beside)
    reached("name of the next generation written")
    beside.replace(folder / CURRENT)
    sync(folder)


def _delete_older(folder: Path, number: int, kept: int) -> bool:
    """Whether they are all gone: where a file cannot be deleted while somebody has it open, they may not be."""
    older = [path for path in folder.iterdir() if path.name.isdecimal() and int(path.name) <= number - kept]
    for path in older:
        shutil.rmtree(path, ignore_errors=True)
    return not any(path.exists() for path in older)


def _flush(generation: Path) -> None:
    """Have all of it on the disk; files that an earlier generation has too were flushed with that one."""
    for path in (*generation.rglob("*"), generation, generation.parent):
        if path.is_dir() or path.stat().st_nlink == 1:
            sync(path)
