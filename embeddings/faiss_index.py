"""The embedded engine: FAISS, in this process, from one file."""

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from embeddings.index import Hit


class FaissIndex:
    """An index file written by `write`, opened for searching: exact, by inner product of unit vectors."""

    def __init__(self, path: Path) -> None:
        self._index = faiss.read_index(str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, vector: Vectors, count: int, within: npt.NDArray[np.int64] | None = None) -> list[Hit]:
        """See `VectorIndex.nearest`."""
        if count < 1 or not len(self) or (within is not None and not len(within)):
            return []
        parameters = None if within is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(within))
        reach = count + 1
        # FAISS takes any of several equally near ones where it stops, so it must see the next one farther off
        while len(hits := self._best(vector, reach, parameters)) == reach and hits[-1].score == hits[count - 1].score:
            reach *= 2
        return hits[:count]

    def cosines(self, vector: Vectors, keys: Sequence[int]) -> list[float]:
        """See `VectorIndex.cosines`."""
        by_key = dict(self.nearest(vector, len(keys), np.asarray(keys, dtype=np.int64)))
        return [by_key.get(key, float("nan")) for key in keys]

    def _best(self, vector: Vectors, count: int, parameters: faiss.SearchParameters | None) -> list[Hit]:
        scores, keys = self._index.search(vector.reshape(1, -1), min(count, len(self)), params=parameters)
        # FAISS pads a short result with -1
        hits = [Hit(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key != -1]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))


def write(path: Path, keys: npt.NDArray[np.int64], vectors: Vectors) -> None:
    """Write an index of unit `vectors`, shape (n, dimension), under `keys`, shape (n,)."""
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    if len(keys):
        index.add_with_ids(vectors, keys)
    faiss.write_index(index, str(path))
