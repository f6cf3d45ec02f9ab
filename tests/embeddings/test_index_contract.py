"""What every vector engine promises, keys and scores alike, held against brute force."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from embeddings import faiss_index
from embeddings.encoder import Vectors
from embeddings.faiss_index import FaissIndex
from embeddings.index import VectorIndex

Keys: TypeAlias = npt.NDArray[np.int64]
Engine: TypeAlias = Callable[[Path, Keys, Vectors], VectorIndex]


def one_list(folder: Path, keys: Keys, vectors: Vectors) -> VectorIndex:
    return in_order(folder, keys, vectors, exact_to=10_000)


def many_lists(folder: Path, keys: Keys, vectors: Vectors) -> VectorIndex:
    return in_order(folder, keys, vectors, exact_to=0)


def in_order(folder: Path, keys: Keys, vectors: Vectors, exact_to: int) -> VectorIndex:
    order = np.argsort(keys)
    faiss_index.write(folder / "vectors.faiss", keys[order], vectors[order], exact_to=exact_to)
    return FaissIndex(folder / "vectors.faiss")


@pytest.fixture(params=[one_list, many_lists], ids=["faiss, one list", "faiss, many lists"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param
    return made


def unit_rows(count: int, seed: int = 7, dimension: int = 24) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return as_kept(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def as_kept(rows: npt.NDArray[np.floating]) -> Vectors:
    """What is left of them in sixteen bits."""
    return rows.astype(np.float16).astype(np.float32)


def scattered_keys(count: int) -> Keys:
    """Keys with gaps, in no order, some beyond 32 bits."""
    keys = np.arange(1, count + 1, dtype=np.int64) * 7
    keys[::3] += 2**33
    return np.random.default_rng(3).permutation(keys)


def brute_force(keys: Keys, vectors: Vectors, question: Vectors, within: Sequence[int]) -> list[tuple[int, float]]:
    cosines = vectors.astype(np.float64) @ question.astype(np.float64)
    every = [(int(key), float(cosine)) for key, cosine in zip(keys, cosines, strict=True) if int(key) in set(within)]
    return sorted(every, key=lambda hit: (-hit[1], hit[0]))


def agree(found: Sequence[tuple[int, float]], expected: Sequence[tuple[int, float]]) -> bool:
    return [key for key, _ in found] == [key for key, _ in expected] and np.allclose(
        [score for _, score in found], [score for _, score in expected], atol=1e-6
    )


@pytest.mark.parametrize("count", [1, 10, 499, 500, 900])
def test_the_nearest_are_those_of_brute_force_with_their_cosines(tmp_path: Path, engine: Engine, count: int) -> None:
    keys, vectors, questions = scattered_keys(500), unit_rows(500), unit_rows(5, seed=11)
    index = engine(tmp_path, keys, vectors)
    assert len(index) == 500
    for question in questions:
        expected = brute_force(keys, vectors, question, keys.tolist())[:count]
        assert agree(index.nearest(question, count), expected)


@pytest.mark.parametrize("size", [1, 3, 40, 500])
def test_a_filtered_search_gives_as_many_as_exist_and_the_nearest_of_them(
    tmp_path: Path, engine: Engine, size: int
) -> None:
    keys, vectors, question = scattered_keys(500), unit_rows(500), unit_rows(1, seed=11)[0]
    index = engine(tmp_path, keys, vectors)
    farthest = [key for key, _ in brute_force(keys, vectors, question, keys.tolist())][-size:]

    found = index.nearest(question, 10, np.array(sorted(farthest), dtype=np.int64))

    assert len(found) == min(size, 10)
    assert agree(found, brute_force(keys, vectors, question, farthest)[:10])


def test_keys_that_are_not_held_are_passed_over_by_a_filter(tmp_path: Path, engine: Engine) -> None:
    index = engine(tmp_path, np.array([5, 6], dtype=np.int64), unit_rows(2))
    found = index.nearest(unit_rows(1)[0], 5, np.array([6, 7, 2**40], dtype=np.int64))
    assert [hit.key for hit in found] == [6]


def test_a_score_is_a_cosine_from_minus_one_to_one(tmp_path: Path, engine: Engine) -> None:
    rows = as_kept(np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8]]))
    index = engine(tmp_path, np.array([1, 2, 3, 4], dtype=np.int64), rows)
    found = index.nearest(np.array([1, 0], dtype=np.float32), 4)
    assert agree(found, [(1, 1.0), (4, float(np.float16(0.6))), (2, 0.0), (3, -1.0)])


@pytest.mark.parametrize("count", range(1, 8))
def test_of_equally_near_ones_the_smaller_keys_come_first_and_are_the_ones_that_come(
    tmp_path: Path, engine: Engine, count: int
) -> None:
    near, tied = [1.0, 0.0], [0.6, 0.8]
    keys = np.array([60, 20, 50, 10, 40, 30, 70], dtype=np.int64)
    rows = np.array([tied, tied, tied, tied, tied, near, tied], dtype=np.float32)
    index = engine(tmp_path, keys, rows)
    question = np.array([1, 0], dtype=np.float32)

    everything = [hit.key for hit in index.nearest(question, count)]
    filtered = [hit.key for hit in index.nearest(question, count, np.sort(keys))]

    assert everything == filtered == [30, 10, 20, 40, 50, 60, 70][:count]


@pytest.mark.parametrize("within", [None, [1, 2], []])
def test_an_empty_index_has_nothing_near(tmp_path: Path, engine: Engine, within: list[int] | None) -> None:
    index = engine(tmp_path, np.empty(0, dtype=np.int64), np.empty((0, 24), dtype=np.float32))
    chosen = None if within is None else np.array(within, dtype=np.int64)
    assert len(index) == 0
    assert index.nearest(unit_rows(1)[0], 5, chosen) == []
    assert np.isnan(index.cosines(unit_rows(1)[0], [1])).all()


def test_nothing_is_near_when_nothing_may_be_looked_at_or_nothing_is_wanted(tmp_path: Path, engine: Engine) -> None:
    index = engine(tmp_path, scattered_keys(9), unit_rows(9))
    assert index.nearest(unit_rows(1)[0], 5, np.empty(0, dtype=np.int64)) == []
    assert index.nearest(unit_rows(1)[0], 0) == []


def test_cosines_come_in_the_order_asked_and_nan_stands_for_what_is_not_held(tmp_path: Path, engine: Engine) -> None:
    keys, vectors, question = scattered_keys(50), unit_rows(50), unit_rows(1, seed=11)[0]
    index = engine(tmp_path, keys, vectors)
    expected = dict(brute_force(keys, vectors, question, keys.tolist()))
    asked = [int(keys[40]), 6, int(keys[3]), int(keys[3]), int(keys[0])]

    found = index.cosines(question, asked)

    wanted = [expected.get(key, float("nan")) for key in asked]
    assert np.allclose(found, wanted, atol=1e-6, equal_nan=True)
    assert index.cosines(question, []) == []


def test_keys_of_which_none_is_held_have_no_cosine(tmp_path: Path, engine: Engine) -> None:
    rows = unit_rows(40)
    index = engine(tmp_path, np.arange(1, 41), rows)
    assert np.isnan(index.cosines(rows[0], [99, 2**40])).all()
    assert index.nearest(rows[0], 5, np.array([99, 2**40])) == []
