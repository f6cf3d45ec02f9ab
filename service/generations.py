"""Index generations: what one is, how it is opened and checked, and which one is in use."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from corpus.archive import Archive
from corpus.archive_file import UnusableFolder
from corpus.columns import Columns, keys_of
from corpus.errors import OnRecordError, first_line
from corpus.keywords import KeywordIndex
from corpus.sealed import first_altered
from embeddings.encoder import Vectors
from embeddings.faiss_index import FaissIndex
from embeddings.index import Hit, VectorIndex

FORMAT = 5
MANIFEST = "manifest.json"
CURRENT = "CURRENT"
MAIN, FRESH = "vectors.faiss", "fresh.faiss"
"""The vectors of most passages, and of those that were added since these were written."""
WORDS, COLUMNS = "words", "columns"
INDEXED, INDEXED_BEFORE = "indexed", "indexed before"
"""The archive's notes of the positions at which it was indexed, last and before that."""
_UNFINISHED = ", unfinished"
_MOST_DIGITS = 18
"""Of a generation's number: Python reads no number of thousands of them."""
_SEAL = "sha256"
"""Stands in a written manifest before the SHA-256 of the rest of it."""


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


class OtherEncoder(OnRecordError):
    """The collection's vectors come from another model than the one given."""

    def __init__(self, held: str, given: str) -> None:
        super().__init__(
            f"This collection was encoded by {held}, not by this {given}.",
            f"Leave --model out to go on with {held}, or run `onrecord reindex --model {given}` to encode all anew.",
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from, and the SHA-256 of each of its files."""

    format: int
    generation: int
    encoder: str
    fingerprint: str
    dimension: int
    chunker: str
    passages: int
    pending: int
    """Passages that had no vector when it was built, and are not in it."""
    main: int
    """Vectors in the main part, those of passages that were retired since included."""
    main_through: int
    """The last key whose vector is in the main part; those above it are in the fresh one."""
    position: int
    files: dict[str, str]

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written: what it was built with, and every file."""
        return _sha256_of({**self._made_with(), "files": self.files})

    @property
    def content_sha256(self) -> str:
        """SHA-256 of what can be found: what it was built with, and the files of vectors and columns.

        The files of the index by words are left out: Tantivy draws their names, and their bytes with them, by chance.
        It is the same for the same passages under the same keys, indexed anew in one go.
        """
        chosen = {name: digest for name, digest in self.files.items() if not name.startswith(f"{WORDS}/")}
        return _sha256_of({**self._made_with(), "files": chosen})

    def _made_with(self) -> dict[str, object]:
        return {"fingerprint": self.fingerprint, "dimension": self.dimension, "chunker": self.chunker}

    def write(self, folder: Path) -> None:
        """Write it into the generation's folder."""
        (folder / MANIFEST).write_text(self._written(), encoding="utf-8")

    def _written(self) -> str:
        """What is written of it: all of it, and the SHA-256 of that."""
        told = asdict(self)
        return json.dumps({**told, _SEAL: _sha256_of(told)}, indent=2)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of the generation in `folder`, its files unchecked. Raises `DamagedIndex`."""
        try:
            written = (folder / MANIFEST).read_text(encoding="utf-8")
            told = json.loads(written)
            told.pop(_SEAL, None)
            manifest = TypeAdapter(cls).validate_json(json.dumps(told), strict=True)
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            raise DamagedIndex(folder, "its manifest cannot be read") from None
        if manifest.format == FORMAT and manifest._written() != written:
            raise DamagedIndex(folder, "its manifest is not the one that was written")
        if manifest.format != FORMAT or str(manifest.generation) != folder.name:
            raise DamagedIndex(folder, "its manifest belongs to another generation or release")
        return manifest


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation opened for searching."""

    manifest: Manifest
    parts: Sequence[VectorIndex]
    words: KeywordIndex
    columns: Columns
    instead_of: str | None = None
    """What is wrong with the generation in use, when this is one before it that answers instead."""
    folder: Path | None = None
    stamps: tuple[tuple[int, ...] | None, ...] = ()
    """Of the manifest and each of its files, what is another once it was written to; of when it was opened."""

    def __len__(self) -> int:
        return len(self.columns)

    def is_untouched(self) -> bool:
        """Whether nobody wrote to its files since it was opened; files that are gone stay as they were to who has them.

        One that is mapped into memory would answer from what was written.
        """
        if self.folder is None:
            return True
        now = _stamps(self.folder, self.manifest)
        return all(then == stamp for then, stamp in zip(self.stamps, now, strict=True) if stamp is not None)

    def nearest(self, vector: Vectors, count: int, within: npt.NDArray[np.int64] | None = None) -> list[Hit]:
        """See `VectorIndex.nearest`: over all parts, without the passages that were retired since they were written."""
        if within is not None or sum(map(len, self.parts)) == len(self):
            return self._best(vector, count, within)
        reach = count
        while True:
            hits = self._best(vector, reach, None)
            held = self.columns.held(keys_of(hit.key for hit in hits))
            kept = [hit for hit, stays in zip(hits, held, strict=True) if stays]
            if len(kept) >= count or len(hits) < reach:
                return kept[:count]
            reach *= 2

    def cosines(self, vector: Vectors, keys: Sequence[int]) -> list[float]:
        """See `VectorIndex.cosines`."""
        by_part = np.array([part.cosines(vector, keys) for part in self.parts])
        cosines: list[float] = np.fmax.reduce(by_part, initial=float("nan")).tolist()
        return cosines

    def _best(self, vector: Vectors, count: int, within: npt.NDArray[np.int64] | None) -> list[Hit]:
        hits = [hit for part in self.parts for hit in part.nearest(vector, count, within)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[:count]


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
        facts = archive.facts()
        if not facts.keys() >= set(cls.__slots__):
            return None
        return cls(facts["encoder"], facts["fingerprint"], int(facts["dimension"]), facts["chunker"])

    @classmethod
    def in_manifest(cls, manifest: Manifest) -> "Encoding":
        """What a generation was built with."""
        return cls(manifest.encoder, manifest.fingerprint, manifest.dimension, manifest.chunker)

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
    """The number of the generation in use under `folder`; `None` when there is none, or none that can be told."""
    try:
        named = (folder / CURRENT).read_text(encoding="ascii")
    except (FileNotFoundError, ValueError):
        return None
    number = named.partition(" ")[0]
    is_number = number.isdecimal() and len(number) <= _MOST_DIGITS
    return int(number) if is_number and named == naming(int(number)) else None


def naming(number: int) -> str:
    """What `CURRENT` says when that generation is in use: its number, and a check of it.

    >>> naming(7)
    '7 7902699be42c8a8e'
    """
    return f"{number} {sha256(str(number).encode()).hexdigest()[:16]}"


def current_stamp(folder: Path) -> tuple[int, int] | None:
    """What changes whenever a generation is put in use, one of the same number too; `None` when there is none."""
    try:
        status = (folder / CURRENT).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def open_current(folder: Path) -> Generation:
    """Open the generation in use, its files checked against its manifest. Raises `NoIndex` and `DamagedIndex`."""
    number = current_number(folder)
    if number is None:
        raise _unnamed(folder)
    try:
        return _open(folder / str(number))
    except DamagedIndex:
        if current_number(folder) == number:
            raise
        return open_current(folder)  # it was deleted meanwhile, with two newer ones there


def _open(generation: Path) -> Generation:
    stamps = _stamps(generation, Manifest.read(generation))
    manifest = checked_manifest(generation)
    try:
        parts = [FaissIndex(generation / name) for name in (MAIN, FRESH) if name in manifest.files]
        words, columns = KeywordIndex(generation / WORDS), Columns(generation / COLUMNS)
        return Generation(manifest, parts, words, columns, folder=generation, stamps=stamps)
    except (RuntimeError, ValueError, OSError) as error:
        if "PermissionDenied" in str(error):  # Tantivy locks the folder it reads from
            raise UnusableFolder(generation, "reading the index needs a lock file there") from None
        raise DamagedIndex(generation, first_line(error)) from None


def open_usable(folder: Path, archive: Archive) -> Generation:
    """The generation in use or, when it is damaged, the newest whole one of those before, of the same encoding.

    Raises what `open_current` does when there is none.
    """
    try:
        return open_current(folder)
    except DamagedIndex as damaged:
        encoding, facts = Encoding.of(archive), archive.facts()
        # one of another time, as when a backup was restored, may give the same keys to other passages
        known = {facts.get(INDEXED), facts.get(INDEXED_BEFORE)}
        for number in sorted(_numbers(folder), reverse=True):
            with suppress(DamagedIndex, UnusableFolder):
                found = _open(folder / str(number))
                if Encoding.in_manifest(found.manifest) == encoding and str(found.manifest.position) in known:
                    return replace(found, instead_of=damaged.cause)
        raise


def _unnamed(folder: Path) -> OnRecordError:
    if (folder / CURRENT).exists():
        return DamagedIndex(folder / "?", f"{CURRENT}, which names the one in use, is altered or of another release")
    return NoIndex()


def _numbers(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in use, its files unchecked. Raises `NoIndex` and `DamagedIndex`."""
    number = current_number(folder)
    if number is None:
        raise _unnamed(folder)
    return Manifest.read(folder / str(number))


def is_current(archive: Archive, folder: Path) -> bool:
    """Whether the generation in use was built from the archive as it is now, and its files are those then written."""
    number = current_number(folder)
    try:
        return number is not None and checked_manifest(folder / str(number)).position == archive.position
    except DamagedIndex:
        return False


def is_complete(archive: Archive, folder: Path) -> bool:
    """Whether that is so, and every passage had a vector."""
    return is_current(archive, folder) and read_manifest(folder).pending == 0


def checked_manifest(generation: Path) -> Manifest:
    """The manifest of the generation in that folder. Raises `DamagedIndex` when a file is not what it says."""
    manifest = Manifest.read(generation)
    altered = first_altered(generation, manifest.files, [MANIFEST])
    if altered is not None:
        raise DamagedIndex(generation, f"{altered} is not the file that was written")
    return manifest


def _stamps(generation: Path, manifest: Manifest) -> tuple[tuple[int, ...] | None, ...]:
    return tuple(_stamp(generation / name) for name in (MANIFEST, *manifest.files))


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):  # also a name that no file can have
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _sha256_of(told: object) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
