"""The embedded engine: FAISS, in this process, from one file that is mapped into memory, not read."""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from embeddings.index import Hit
from embeddings.lists import DEPTH, Halves, Lists, blocks, in_lists, in_one_list

Keys: TypeAlias = npt.NDArray[np.int64]

EXACT_TO = 20_000
"""Up to here all vectors are one list, looked at whole: 0.9 ms. Beyond, each is in the list of its nearest centroid."""
_FIRST_LISTS = 16
"""What a search starts with. Fewer make it take more rounds, more are too many for an easy question."""
_MAPPED = faiss.IO_FLAG_MMAP if os.name == "posix" else 0
"""FAISS cannot map lists on Windows; there it reads them."""
_READING = Lock()
_ROWS, _WHOLE = False, False
"""To FAISS: answer with rows, not places in lists; keep whole vectors, not their differences from centroids."""
_TAIL = np.dtype([("margin", "<f8"), ("rows", "<i8"), ("bytes", "<i8")])


class FaissIndex:
    """An index file written by `write`, opened for searching, from any number of threads, by inner product.

    Raises `OSError`, `ValueError` or `RuntimeError` for a file that is not whole.
    """

    def __init__(self, path: Path) -> None:
        self._keys, self._list_of, self._margin = _read_tail(path)
        self._index = _read(path)
        # one thread a question: shared among cores it took half as long, but 50 times as long when they were busy
        self._index.parallel_mode = 0
        if _MAPPED:
            # it would start 32 threads for every search, to read ahead what is in memory already
            faiss.downcast_InvertedLists(self._index.invlists).prefetch_nthread = 0

    def __len__(self) -> int:
        return len(self._keys)

    def nearest(self, vector: Vectors, count: int, within: Keys | None = None) -> list[Hit]:
        """See `VectorIndex.nearest`."""
        if count < 1 or not len(self):
            return []
        held = None if within is None else self._held(within)
        lists, nearness = self._ranked_lists(vector, held)
        reach = max(count, DEPTH) + 1
        # FAISS takes any of several equally near ones where it stops, so it must see the next one farther off
        while len(hits := self._best(vector, reach, lists, nearness, held)) == reach and (
            hits[-1].score == hits[count - 1].score
        ):
            reach *= 2
        return hits[:count]

    def cosines(self, vector: Vectors, keys: Sequence[int]) -> list[float]:
        """See `VectorIndex.cosines`."""
        if not len(keys) or not len(self):
            return [float("nan")] * len(keys)
        held = self._held(np.unique(np.asarray(keys, dtype=np.int64)))
        lists = np.unique(self._list_of.compress(held)).astype(np.int64)
        if not len(lists):  # to FAISS, no lists are an error
            return [float("nan")] * len(keys)
        scores, rows = self._scan(vector, len(keys), lists, _selecting(held))
        by_key = dict(zip(self._keys[rows].tolist(), scores.tolist(), strict=True))
        return [by_key.get(key, float("nan")) for key in keys]

    def _held(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Which rows are those of `keys`, ascending: shape (n,)."""
        first, span = int(self._keys[0]), int(self._keys[-1] - self._keys[0]) + 1
        if len(keys) > len(self) // 20 and span <= 4 * len(self):  # 500,000 of a million: 5 ms, and 20 by bisection
            start, stop = np.searchsorted(keys, [first, first + span])
            chosen = np.zeros(span, dtype=np.bool_)
            chosen[keys[start:stop] - first] = True
            return chosen.take(self._keys - first)
        rows = np.searchsorted(self._keys, keys)
        held = np.zeros(len(self), dtype=np.bool_)
        held[rows[self._keys.take(rows, mode="clip") == keys]] = True
        return held

    def _ranked_lists(self, vector: Vectors, held: npt.NDArray[np.bool_] | None) -> tuple[Lists, Vectors]:
        """The lists that hold any of `held`, those of the nearest centroids first, and how near these are."""
        nearness, lists = self._index.quantizer.search(vector.reshape(1, -1), self._index.nlist)
        if held is None:
            return lists[0], nearness[0]
        in_use = np.zeros(self._index.nlist, dtype=np.bool_)
        in_use[self._list_of.compress(held)] = True
        chosen = in_use[lists[0]]
        return lists[0][chosen], nearness[0][chosen]

    def _best(
        self,
        vector: Vectors,
        reach: int,
        lists: Lists,
        nearness: Vectors,
        held: npt.NDArray[np.bool_] | None,
    ) -> list[Hit]:
        """The best `reach` of the lists whose centroid is at most the margin farther than the last of those."""
        selecting = None if held is None else _selecting(held)
        scores, rows = np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int64)
        searched, wanted = 0, min(_FIRST_LISTS, len(lists))
        while searched < wanted:
            more_scores, more_rows = self._scan(vector, reach, lists[searched:wanted], selecting)
            scores, rows = np.concatenate([scores, more_scores]), np.concatenate([rows, more_rows])
            best = np.lexsort((rows, -scores))[:reach]
            scores, rows = scores[best], rows[best]
            searched = wanted
            needed = len(lists)
            if len(scores) == reach:
                needed = int(np.count_nonzero(nearness >= scores[-1] - self._margin))
            wanted = max(searched, min(needed, 3 * searched))
        return [Hit(key, score) for key, score in zip(self._keys[rows].tolist(), scores.tolist(), strict=True)]

    def _scan(
        self, vector: Vectors, count: int, lists: Lists, selecting: faiss.IDSelector | None
    ) -> tuple[Vectors, npt.NDArray[np.int64]]:
        """Scores and rows of the best `count` in `lists`."""
        count = min(count, len(self))
        question = np.ascontiguousarray(vector, dtype=np.float32)
        lists = np.ascontiguousarray(lists)
        nearness = np.zeros(len(lists), dtype=np.float32)
        scores, rows = np.empty(count, dtype=np.float32), np.empty(count, dtype=np.int64)
        parameters = faiss.SearchParametersIVF(nprobe=len(lists), sel=selecting)
        in_and_out = [faiss.swig_ptr(array) for array in (lists, nearness, scores, rows)]
        self._index.search_preassigned_c(1, faiss.swig_ptr(question), count, *in_and_out, _ROWS, parameters)
        found = rows != -1  # FAISS pads a short result with -1
        return scores[found], rows[found]


def write(path: Path, keys: Keys, vectors: Halves | Vectors, *, exact_to: int = EXACT_TO) -> None:
    """Write an index of unit `vectors`, shape (n, dimension), under `keys`, ascending and unique, shape (n,).

    Scores will be those of the vectors as float16. Equal input gives an equal file, 794 bytes a vector at a million
    vectors of 384, which FAISS's own part begins and our tail ends.
    """
    made = in_lists(vectors) if len(vectors) > exact_to else in_one_list(vectors)
    index = _empty(made.centroids)
    for start, block in blocks(vectors):
        rows = np.arange(start, start + len(block))
        given = [faiss.swig_ptr(array) for array in (block, rows, made.list_of[start : start + len(block)])]
        index.add_core(len(block), *given)
    faiss.write_index(index, str(path))
    with path.open("ab") as file:
        file.write(keys.astype("<i8").tobytes())
        file.write(made.list_of.astype("<u2").tobytes())
        file.write(np.array((made.margin, len(keys), file.tell() + _TAIL.itemsize), dtype=_TAIL).tobytes())


def _empty(centroids: Vectors) -> faiss.IndexIVFScalarQuantizer:
    """An index with a list for each centroid and nothing in them."""
    dimension = centroids.shape[1]
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(centroids)
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, len(centroids), half, faiss.METRIC_INNER_PRODUCT, _WHOLE
    )
    index.is_trained = True
    return index


def _read(path: Path) -> faiss.IndexIVFScalarQuantizer:
    """FAISS's part of the file; what it says of its own sizes is believed as far as the file itself is that large."""
    size = path.stat().st_size
    with _READING:  # the limits are the process's
        faiss.set_deserialization_vector_byte_limit(size)
        faiss.set_deserialization_loop_limit(size)
        return faiss.read_index(str(path), _MAPPED)


def _read_tail(path: Path) -> tuple[Keys, npt.NDArray[np.uint16], float]:
    """Keys, the list that each row is in, and the margin."""
    size = path.stat().st_size
    tail = np.fromfile(path, _TAIL, offset=max(0, size - _TAIL.itemsize))
    if len(tail) != 1 or tail[0]["bytes"] != size:
        raise ValueError(f"{path.name} is cut short")
    rows = int(tail[0]["rows"])
    start = size - _TAIL.itemsize - 10 * rows
    keys = np.fromfile(path, "<i8", rows, offset=start)
    return keys, np.fromfile(path, "<u2", rows, offset=start + 8 * rows), float(tail[0]["margin"])


def _selecting(held: npt.NDArray[np.bool_]) -> faiss.IDSelector:
    return faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))
