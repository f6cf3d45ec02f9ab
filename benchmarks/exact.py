"""What the dense search should have found: exact search over the archive's own vectors, filters counted by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.collections import Kept, Keys, kept
from corpus.archive import Archive
from embeddings.encoder import Vectors

DEPTH = 10
_ROWS = 20_000
"""Scored at once."""
_TIE = 1e-6
"""Scores nearer than this are the same: copies of a passage are equally right."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Exact:
    """The archive's vectors in memory, in the order of keys."""

    keys: Keys
    vectors: Kept

    @classmethod
    def of(cls, archive: Archive) -> "Exact":
        """All of the archive's."""
        return cls(*kept(archive))

    def recalls(self, asked: Vectors, found: Sequence[Sequence[int]], within: Mask | None = None) -> tuple[float, ...]:
        """Of each question's ten nearest passages, the share that was found; of fewer where there are fewer."""
        best = self._best(asked, within)
        return tuple(
            self._recall(vector, keys, scores) for vector, keys, scores in zip(asked, found, best, strict=True)
        )

    def _best(self, asked: Vectors, within: Mask | None) -> Vectors:
        """The ten highest scores of each question, -1 where there are no more."""
        best = np.full((len(asked), DEPTH), -1, dtype=np.float32)
        for start in range(0, len(self.keys), _ROWS):
            rows = self.vectors[start : start + _ROWS]
            if within is not None:
                rows = rows[within[start : start + _ROWS]]
            scores = np.concatenate([best, asked @ rows.astype(np.float32).T], axis=1)
            best = np.partition(scores, -DEPTH, axis=1)[:, -DEPTH:]
        return best

    def _recall(self, vector: Vectors, found: Sequence[int], best: Vectors) -> float:
        wanted = best[best > -1]
        if not len(wanted):
            return 1.0
        rows = self.vectors[np.searchsorted(self.keys, np.asarray(found, dtype=np.int64))].astype(np.float32)
        right = int((rows @ vector >= wanted.min() - _TIE).sum())
        return min(right, len(wanted)) / len(wanted)
