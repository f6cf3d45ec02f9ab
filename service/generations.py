"""Index generations: what one is, how it is opened and checked, and which one is in use."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.archive import Archive
from corpus.archive_file import UnusableFolder
from corpus.columns import Columns, keys_of
from corpus.errors import OnRecordError
from corpus.keywords import KeywordIndex
from corpus.sealed import first_altered
from embeddings.encoder import Vectors
from embeddings.faiss_index import FaissIndex
from embeddings.index import Hit, VectorIndex

FORMAT = 4
MANIFEST = "manifest.json"
CURRENT = "CURRENT"
MAIN, FRESH = "vectors.faiss", "fresh.faiss"
"""The vectors of most passages, and of those that were added since these were written."""
WORDS, COLUMNS = "words", "columns"
INDEXED = "indexed"
"""The archive's note of the position at which it was last indexed."""
_UNFINISHED = ", unfinished"


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
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of the generation in `folder`, its files unchecked. Raises `DamagedIndex`."""
        try:
            manifest = cls(**json.loads((folder / MANIFEST).read_bytes()))
        except (OSError, ValueError, TypeError):
            raise DamagedIndex(folder, "its manifest cannot be read") from None
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

    def __len__(self) -> int:
        return len(self.columns)

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
        return int((folder / CURRENT).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


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
        raise NoIndex
    try:
        return _open(folder / str(number))
    except DamagedIndex:
        if current_number(folder) == number:
            raise
        return open_current(folder)  # it was deleted meanwhile, with two newer ones there


def _open(generation: Path) -> Generation:
    manifest = checked_manifest(generation)
    try:
        parts = [FaissIndex(generation / name) for name in (MAIN, FRESH) if name in manifest.files]
        return Generation(manifest, parts, KeywordIndex(generation / WORDS), Columns(generation / COLUMNS))
    except (RuntimeError, ValueError, OSError) as error:
        if "PermissionDenied" in str(error):  # Tantivy locks the folder it reads from
            raise UnusableFolder(generation, "reading the index needs a lock file there") from None
        raise DamagedIndex(generation, str(error).splitlines()[0]) from None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in use, its files unchecked. Raises `NoIndex` and `DamagedIndex`."""
    number = current_number(folder)
    if number is None:
        raise NoIndex
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


def _sha256_of(told: object) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
