"""Which vectors lie together, and how far from its centroid a question must still look."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors

Halves: TypeAlias = npt.NDArray[np.float16]
Lists: TypeAlias = npt.NDArray[np.int64]

DEPTH = 100
"""A search looks at least this deep: stopping by the hundredth finds the first ten as surely for no more time."""
_LISTS = 5
"""Lists are this many times √n: with more, less is scanned for the same recall, but building takes longer."""
_TRAINING_ROWS = 25
"""Vectors that each centroid is trained on: 40 were no better; at a million vectors they take 290 MB."""
_TRAINING_ROUNDS = 8
_BLOCK = 20_000
"""Vectors turned into float32 at a time, 31 MB."""
_TRIALS = 256
_MIXED = 0.7
_FOUND = 0.992
"""Made-up questions, a passage and 0.7 of another, tell which lists must be searched. With this share of their nearest
100 found, 98.1 to 98.6 % were for 500 real questions, and 99 % of the ten nearest: 100,000 to a million passages."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Unit vectors in lists, each around a unit centroid.

    `list_of`, shape (n,), is the centroid of each. `margin` is how much less near than the last hit a centroid may be
    for its list still to be searched.
    """

    centroids: Vectors
    list_of: Lists
    margin: float


def in_one_list(vectors: Halves | Vectors) -> Partition:
    """All of them in one list, which every search looks through: exact."""
    nowhere = np.zeros((1, vectors.shape[1]), dtype=np.float32)
    return Partition(nowhere, np.zeros(len(vectors), dtype=np.int64), margin=0.0)


def in_lists(vectors: Halves | Vectors) -> Partition:
    """Each in the list of its nearest centroid; the same for equal vectors."""
    random = np.random.default_rng(0)
    centroids = _centroids(vectors, random)
    pairs = np.asarray(vectors[random.choice(len(vectors), 2 * _TRIALS)], dtype=np.float32).reshape(2, _TRIALS, -1)
    trials = pairs[0] + np.float32(_MIXED) * pairs[1]
    faiss.normalize_L2(trials)
    list_of = np.empty(len(vectors), dtype=np.int64)
    best = faiss.ResultHeap(_TRIALS, min(DEPTH, len(vectors)), keep_max=True)
    for start, block in blocks(vectors):
        list_of[start : start + len(block)] = faiss.knn(block, centroids, 1, faiss.METRIC_INNER_PRODUCT)[1][:, 0]
        scores, rows = faiss.knn(trials, block, min(DEPTH, len(block)), faiss.METRIC_INNER_PRODUCT)
        best.add_result(scores, rows + start)
    best.finalize()
    nearness = np.take_along_axis(trials @ centroids.T, list_of[best.I], axis=1)
    return Partition(centroids, list_of, margin=float(np.quantile(best.D[:, -1:] - nearness, _FOUND)))


def _centroids(vectors: Halves | Vectors, random: np.random.Generator) -> Vectors:
    """Unit centroids of a sample: around them, less had to be scanned than around means."""
    count = min(round(_LISTS * math.sqrt(len(vectors))), len(vectors))
    sample = np.sort(random.choice(len(vectors), min(len(vectors), _TRAINING_ROWS * count), replace=False))
    means = faiss.Kmeans(
        vectors.shape[1], count, niter=_TRAINING_ROUNDS, spherical=True, seed=1, min_points_per_centroid=1
    )
    means.train(np.asarray(vectors[sample], dtype=np.float32))
    return np.asarray(means.centroids, dtype=np.float32)


def blocks(vectors: Halves | Vectors) -> Iterator[tuple[int, Vectors]]:
    """The vectors as float32, some at a time, each block with the row that it begins at."""
    for start in range(0, len(vectors), _BLOCK):
        yield start, np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32)
