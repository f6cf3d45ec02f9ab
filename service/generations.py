"""Index generations: built beside the one in use, checked against a manifest, switched to at one stroke."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus import keywords
from corpus.archive import Archive
from corpus.archive_file import UnusableFolder
from corpus.errors import OnRecordError
from corpus.keywords import KeywordIndex
from embeddings import faiss_index
from embeddings.encoder import Vectors
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex

_FORMAT = 1
_VECTORS = "vectors.faiss"
_WORDS = "words"
_MANIFEST = "manifest.json"
_CURRENT = "CURRENT"
_UNFINISHED = ", unfinished"
_KEPT = 2
"""The generation in use and the one before it, which a reader may just be opening."""


class NoIndex(OnRecordError):
    """There is no index generation to search."""

    def __init__(self) -> None:
        super().__init__("There is no index yet.", "Run `onrecord reindex`; it needs only the archive.")


class DamagedIndex(OnRecordError):
    """The index is not what its manifest says."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            f"Index generation {folder.name} is damaged: {what}.",
            "Run `onrecord reindex`; it builds the index anew from the archive.",
        )


class Manifest(BaseModel):
    """What a generation was built from, and the SHA-256 of each of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    generation: int
    encoder: str
    fingerprint: str
    dimension: int
    chunker: str
    passages: int
    position: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation opened for searching."""

    manifest: Manifest
    vectors: VectorIndex
    words: KeywordIndex


@dataclass(frozen=True, slots=True)
class Encoding:
    """How an archive's passages were cut and encoded: the facts that an index must share with it."""

    encoder: str
    fingerprint: str
    dimension: int
    chunker: str

    @classmethod
    def of(cls, archive: Archive) -> "Encoding | None":
        """What the archive says of itself; `None` when nothing was ever ingested into it."""
        encoder, fingerprint, dimension, chunker = (archive.fact(field) for field in cls.__slots__)
        if encoder is None or fingerprint is None or dimension is None or chunker is None:
            return None
        return cls(encoder, fingerprint, int(dimension), chunker)

    @property
    def unfinished(self) -> bool:
        """Whether the passages are still being cut and encoded anew, or were when that was interrupted."""
        return self.chunker.endswith(_UNFINISHED)

    def begun(self) -> "Encoding":
        """The same, not finished yet."""
        return replace(self, chunker=f"{self.chunker}{_UNFINISHED}")

    def facts(self) -> dict[str, str]:
        """The same as the archive keeps it."""
        return {name: str(getattr(self, name)) for name in self.__slots__}


def current_number(folder: Path) -> int | None:
    """The number of the generation in use under `folder`; `None` when there is none."""
    try:
        return int((folder / _CURRENT).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def current_stamp(folder: Path) -> tuple[int, int] | None:
    """What changes whenever a generation is put in use, one of the same number too; `None` when there is none."""
    try:
        status = (folder / _CURRENT).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def open_current(folder: Path) -> Generation:
    """Open the generation in use, every file checked against its manifest. Raises `NoIndex` and `DamagedIndex`."""
    number = current_number(folder)
    if number is None:
        raise NoIndex
    generation = folder / str(number)
    manifest = _checked_manifest(generation)
    try:
        return Generation(manifest, FaissIndex(generation / _VECTORS), KeywordIndex(generation / _WORDS))
    except (RuntimeError, ValueError, OSError) as error:
        if "PermissionDenied" in str(error):  # Tantivy locks the folder it reads from
            raise UnusableFolder(generation, "reading the index needs a lock file there") from None
        raise DamagedIndex(generation, str(error).splitlines()[0]) from None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in use, its files unchecked. Raises `NoIndex` and `DamagedIndex`."""
    number = current_number(folder)
    if number is None:
        raise NoIndex
    return _manifest(folder / str(number))


def is_current(archive: Archive, folder: Path) -> bool:
    """Whether the generation in use was built from the archive as it is now, and its files are those then written."""
    number = current_number(folder)
    try:
        return number is not None and _checked_manifest(folder / str(number)).position == archive.position
    except DamagedIndex:
        return False


def build(archive: Archive, folder: Path, encoding: Encoding) -> Manifest:
    """Build a generation from the archive's vectors and passages, and put it in use; older ones are deleted.

    The caller holds the writer's lock. A crash at any moment leaves the generation before in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = max((int(path.name) for path in folder.iterdir() if path.name.isdecimal()), default=0) + 1
    with _scratch_folder(folder) as scratch:
        position = archive.position
        keys, vectors = _vectors(archive, encoding.dimension)
        faiss_index.write(scratch / _VECTORS, keys, vectors)
        passages = keywords.write(scratch / _WORDS, archive.searchable())
        manifest = Manifest(
            format=_FORMAT,
            generation=number,
            encoder=encoding.encoder,
            fingerprint=encoding.fingerprint,
            dimension=encoding.dimension,
            chunker=encoding.chunker,
            passages=passages,
            position=position,
            files=_digests(scratch),
        )
        (scratch / _MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        _flush(scratch)
        scratch.rename(folder / str(number))
    _put_in_use(folder, number)
    _delete_older(folder, number)
    return manifest


def _vectors(archive: Archive, dimension: int) -> tuple[npt.NDArray[np.int64], Vectors]:
    counts = archive.counts()
    keys = np.empty(counts.passages - counts.pending, dtype=np.int64)
    vectors = np.empty((len(keys), dimension), dtype=np.float32)
    for row, (key, vector) in enumerate(archive.vectors()):
        keys[row] = key
        vectors[row] = np.frombuffer(vector, dtype="<f4")
    return keys, vectors


def _manifest(generation: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((generation / _MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise DamagedIndex(generation, "its manifest cannot be read") from None
    if manifest.format != _FORMAT or str(manifest.generation) != generation.name:
        raise DamagedIndex(generation, "its manifest belongs to another generation or release")
    return manifest


def _checked_manifest(generation: Path) -> Manifest:
    manifest = _manifest(generation)
    found = _digests(generation)
    for name in sorted(manifest.files.keys() | found.keys()):
        if manifest.files.get(name) != found.get(name):
            raise DamagedIndex(generation, f"{name} is not the file that was written")
    return manifest


def _digests(generation: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest; Tantivy's lock files hold nothing and come and go."""
    digests = {}
    for path in sorted(generation.rglob("*")):
        if path.is_file() and path.name != _MANIFEST and path.suffix != ".lock":
            with path.open("rb") as file:
                digests[path.relative_to(generation).as_posix()] = file_digest(file, "sha256").hexdigest()
    return digests


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
    beside = folder / f"{_CURRENT}.new"
    beside.write_text(str(number), encoding="ascii")
    _sync(beside)
    beside.replace(folder / _CURRENT)
    _sync(folder)


def _delete_older(folder: Path, number: int) -> None:
    for path in folder.iterdir():
        if path.name.isdecimal() and int(path.name) <= number - _KEPT:
            shutil.rmtree(path, ignore_errors=True)


def _flush(generation: Path) -> None:
    for path in (*generation.rglob("*"), generation, generation.parent):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
