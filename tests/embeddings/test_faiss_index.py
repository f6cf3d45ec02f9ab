"""The FAISS file: what it holds, how it fails, and what is found when not every list is looked at."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt
import pytest

from embeddings import faiss_index, lists
from embeddings.encoder import Vectors
from embeddings.faiss_index import FaissIndex
from embeddings.index import Hit
from embeddings.lists import Halves, Lists, in_lists

DIMENSION = 32


def topics(count: int, seed: int = 5) -> Vectors:
    """Unit rows about sixty topics, as statements are, in sixteen bits."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(1).standard_normal((60, DIMENSION))
    rows = middles[random.integers(60, size=count)] + 0.9 * random.standard_normal((count, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def opened(folder: Path, vectors: Vectors | Halves, keys: npt.NDArray[np.int64] | None = None) -> FaissIndex:
    keys = np.arange(len(vectors), dtype=np.int64) if keys is None else keys
    faiss_index.write(folder / "vectors.faiss", keys, vectors, exact_to=0)
    return FaissIndex(folder / "vectors.faiss")


def true_nearest(vectors: Vectors, question: Vectors, count: int, held: npt.NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.argsort(-(vectors @ question), kind="stable") if held[row]][:count]


def share_found(hits: list[Hit], expected: list[int]) -> float:
    assert len(hits) == len(expected)
    return len({hit.key for hit in hits} & set(expected)) / len(expected)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> FaissIndex:
    return opened(tmp_path_factory.mktemp("large"), topics(6000))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.01])
@pytest.mark.parametrize("kind", ["any", "farthest", "together"])
def test_of_the_ten_nearest_selected_ones_99_in_100_are_found(large: FaissIndex, share: float, kind: str) -> None:
    vectors, random = topics(6000), np.random.default_rng(2)
    found = []
    for question in topics(20, seed=8):
        by = {"any": random.random(6000), "farthest": vectors @ question, "together": -vectors @ vectors[17]}[kind]
        held = by <= np.quantile(by, share)
        expected = true_nearest(vectors, question, 10, held)
        found.append(share_found(large.nearest(question, 10, np.flatnonzero(held)), expected))
    assert np.mean(found) >= 0.99


def test_a_search_leaves_far_lists_alone(large: FaissIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = FaissIndex._scan
    searched: list[int] = []

    def watched(self: FaissIndex, vector: Vectors, count: int, near: Lists, only: object) -> tuple[Vectors, Lists]:
        searched.extend(near.tolist())
        return scan(self, vector, count, near, only)

    monkeypatch.setattr(FaissIndex, "_scan", watched)
    large.nearest(topics(1, seed=8)[0], 10)
    assert len(set(searched)) == len(searched) < 387 / 2


def test_copies_are_given_by_key_from_the_lowest_however_few_are_wanted(tmp_path: Path) -> None:
    vectors = topics(3000)
    vectors[100:2900:7] = vectors[50]
    index = opened(tmp_path, vectors)
    found = index.nearest(vectors[50], 150)
    assert [hit.key for hit in found] == [50, *range(100, 2900, 7)][:150]


@pytest.mark.parametrize("spread", [1, 3, 2**40])
@pytest.mark.parametrize("share", [0.001, 0.4])
def test_a_filter_passes_over_keys_that_are_not_held(tmp_path: Path, spread: int, share: float) -> None:
    keys = np.arange(1, 2001, dtype=np.int64) * spread
    index = opened(tmp_path, topics(2000), keys)
    chosen = keys[:: round(1 / share)]
    foreign = np.array([-5, 0, 2001 * spread, 2**62], dtype=np.int64)
    found = index.nearest(topics(1, seed=8)[0], 2000, np.sort(np.concatenate([chosen, foreign])))
    assert sorted(hit.key for hit in found) == chosen.tolist()


def test_float32_and_float16_give_one_file_every_time(tmp_path: Path) -> None:
    vectors = topics(2000)
    files = []
    alike: list[Vectors | Halves] = [vectors, vectors.astype(np.float16), vectors]
    for given in alike:
        opened(tmp_path, given)
        files.append((tmp_path / "vectors.faiss").read_bytes())
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("exact_to", [0, 10_000])
def test_the_file_starts_with_what_faiss_itself_writes(tmp_path: Path, exact_to: int) -> None:
    file = tmp_path / "vectors.faiss"
    faiss_index.write(file, np.arange(3000, dtype=np.int64), topics(3000), exact_to=exact_to)
    faiss.write_index(faiss.read_index(str(file)), str(tmp_path / "again.faiss"))
    again = (tmp_path / "again.faiss").read_bytes()
    assert len(again) > 3000 * (2 * DIMENSION + 8)
    assert file.read_bytes().startswith(again)


@pytest.mark.parametrize("left", [0, 10, 5_000, -9, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, left: int) -> None:
    opened(tmp_path, topics(500))
    file = tmp_path / "vectors.faiss"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises((RuntimeError, ValueError, OSError)):
        FaissIndex(file)


def test_many_threads_get_what_one_gets(tmp_path: Path) -> None:
    index, questions = opened(tmp_path, topics(4000)), topics(60, seed=8)
    alone = [index.nearest(question, 20) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda question: index.nearest(question, 20), questions)) == alone


def test_writing_leaves_the_number_of_threads_as_it_was(tmp_path: Path) -> None:
    before = faiss.omp_get_max_threads()
    opened(tmp_path, topics(500))
    assert faiss.omp_get_max_threads() == before


def test_what_is_found_does_not_depend_on_the_blocks_that_it_was_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = in_lists(topics(2000))
    monkeypatch.setattr(lists, "_BLOCK", 300)
    assert in_lists(topics(2000)).margin == pytest.approx(whole.margin, abs=1e-6)


def test_what_a_file_says_of_its_own_sizes_is_believed_as_far_as_the_file_is_large(tmp_path: Path) -> None:
    path = tmp_path / "index"
    faiss_index.write(path, np.arange(8), np.eye(8, dtype=np.float32))
    FaissIndex(path)
    assert faiss.get_deserialization_vector_byte_limit() == path.stat().st_size
    assert faiss.get_deserialization_loop_limit() == path.stat().st_size
