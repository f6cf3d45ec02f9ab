"""What a vector index promises."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors


class Hit(NamedTuple):
    """A passage that was found, and its cosine with the question: -1 to 1, higher is nearer, for every engine."""

    key: int
    score: float


class VectorIndex(Protocol):
    """Passage keys and their unit vectors, searched by nearness."""

    def __len__(self) -> int:
        """Number of vectors held."""

    def nearest(self, vector: Vectors, count: int, within: npt.NDArray[np.int64] | None = None) -> list[Hit]:
        """The `count` nearest to a unit vector of shape (dimension,), best first, ties by key.

        With `within`, ascending and unique, only those keys are looked at, so that `count` of them come back when as
        many exist. An engine may miss a few of the nearest, but never gives a wrong score, and filters cost no recall.
        """

    def cosines(self, vector: Vectors, keys: Sequence[int]) -> list[float]:
        """The cosine of each of `keys` with a unit vector; `nan` for a key that is not held."""
