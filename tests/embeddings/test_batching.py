"""Questions asked at the same time go into the encoder together, each caller gets its own vector, and nobody hangs."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic, sleep

import numpy as np
import pytest

from embeddings import batching
from embeddings.batching import BatchingEncoder
from embeddings.encoder import Vectors
from tests.fakes import BagOfWordsEncoder

SECONDS = 20.0
"""More than any of these tests may take."""


class HeldEncoder(BagOfWordsEncoder):
    """Notes what it is called with, says when it is called, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []
        self.called = Event()
        self.released = Event()
        self.broken = False

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        self.called.set()
        assert self.released.wait(SECONDS)
        if self.broken and len(self.calls) == 2:
            raise RuntimeError("no memory")
        return super().encode_questions(texts)


class Callers:
    """A first caller that the encoder holds, and others that have come while it does."""

    def __init__(self, encoder: HeldEncoder, batched: BatchingEncoder, first: str, others: Sequence[str]) -> None:
        self._encoder = encoder
        pool = ThreadPoolExecutor(1 + len(others))
        self.first: Future[Vectors] = pool.submit(batched.encode_questions, [first])
        assert encoder.called.wait(SECONDS)
        self.others = [pool.submit(batched.encode_questions, [text]) for text in others]
        until(lambda: len(batched._asked) == len({first, *others}))
        pool.shutdown(wait=False)

    def let(self) -> None:
        self._encoder.released.set()

    def vectors(self) -> Vectors:
        """What each got, after the encoder was let go."""
        self.let()
        return np.concatenate([one.result(SECONDS) for one in (self.first, *self.others)])


def until(reached: Callable[[], bool]) -> None:
    last = monotonic() + SECONDS
    while not reached():
        assert monotonic() < last
        sleep(0.001)


def expected(*texts: str) -> Vectors:
    return BagOfWordsEncoder().encode_questions(texts)


@pytest.fixture
def encoder() -> HeldEncoder:
    return HeldEncoder()


OTHERS = ["fish", "tin", "coal", "salt", "wool", "rye", "peat"]


def test_callers_that_come_while_the_encoder_runs_are_encoded_in_one_call(encoder: HeldEncoder) -> None:
    vectors = Callers(encoder, BatchingEncoder(encoder, most=16), "zinc", OTHERS).vectors()
    assert [sorted(call) for call in encoder.calls] == [["zinc"], sorted(OTHERS)]
    assert np.array_equal(vectors, expected("zinc", *OTHERS))


def test_no_call_has_more_than_the_most_that_is_allowed(encoder: HeldEncoder) -> None:
    vectors = Callers(encoder, BatchingEncoder(encoder, most=3), "zinc", OTHERS).vectors()
    assert [len(call) for call in encoder.calls] == [1, 3, 3, 1]
    assert np.array_equal(vectors, expected("zinc", *OTHERS))


def test_a_lane_that_was_used_is_one_lane_again(encoder: HeldEncoder) -> None:
    batched = BatchingEncoder(encoder, most=16)
    encoder.released.set()
    batched.encode_questions(["warm"])
    encoder.called.clear()
    encoder.released.clear()
    Callers(encoder, batched, "zinc", OTHERS).vectors()
    assert [len(call) for call in encoder.calls] == [1, 1, 7]


def test_equal_questions_that_come_together_are_encoded_once(encoder: HeldEncoder) -> None:
    vectors = Callers(encoder, BatchingEncoder(encoder), "zinc", ["zinc", "tin", "zinc", "tin"]).vectors()
    assert encoder.calls == [["zinc"], ["tin"]]
    assert np.array_equal(vectors, expected("zinc", "zinc", "tin", "zinc", "tin"))


def test_an_error_reaches_every_caller_of_its_call_and_nobody_else(encoder: HeldEncoder) -> None:
    encoder.broken = True
    batched = BatchingEncoder(encoder, most=16)
    callers = Callers(encoder, batched, "zinc", OTHERS)
    callers.let()
    assert np.array_equal(callers.first.result(SECONDS), expected("zinc"))
    assert [str(one.exception(SECONDS)) for one in callers.others] == ["no memory"] * len(OTHERS)
    assert np.array_equal(batched.encode_questions(["tin"]), expected("tin"))


def test_an_encoder_that_gives_too_few_vectors_leaves_nobody_waiting() -> None:
    class Forgetful(HeldEncoder):
        def encode_questions(self, texts: Sequence[str]) -> Vectors:
            return super().encode_questions(texts)[:1]

    forgetful = Forgetful()
    callers = Callers(forgetful, BatchingEncoder(forgetful), "zinc", ["tin", "coal"])
    callers.let()
    assert [type(one.exception(SECONDS)) for one in callers.others] == [ValueError, ValueError]


def test_as_many_calls_run_at_a_time_as_there_are_lanes() -> None:
    both = Barrier(2)

    class Paired(BagOfWordsEncoder):
        def encode_questions(self, texts: Sequence[str]) -> Vectors:
            both.wait(SECONDS)
            return super().encode_questions(texts)

    batched = BatchingEncoder(Paired(), most=1, lanes=2)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda text: batched.encode_questions([text])[0], OTHERS[:4]))
    assert np.array_equal(got, expected(*OTHERS[:4]))


def test_several_texts_of_one_caller_come_in_its_order_with_repetitions(encoder: HeldEncoder) -> None:
    encoder.released.set()
    batched = BatchingEncoder(encoder)
    batched.encode_questions(["tin"])
    vectors = batched.encode_questions(["zinc", "tin", "zinc", "coal"])
    assert encoder.calls == [["tin"], ["zinc", "coal"]]
    assert np.array_equal(vectors, expected("zinc", "tin", "zinc", "coal"))
    assert batched.encode_questions([]).shape == (0, 64)


def test_more_texts_than_a_call_may_have_are_a_call_of_their_own(encoder: HeldEncoder) -> None:
    encoder.released.set()
    vectors = BatchingEncoder(encoder, most=2).encode_questions(OTHERS)
    assert encoder.calls == [OTHERS]
    assert np.array_equal(vectors, expected(*OTHERS))


def test_the_vectors_of_the_questions_asked_last_are_remembered(
    encoder: HeldEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "_KEPT", 2)
    encoder.released.set()
    batched = BatchingEncoder(encoder)
    for text in ("zinc", "tin", "zinc", "coal", "zinc", "tin"):
        assert np.array_equal(batched.encode_questions([text]), expected(text))
    assert encoder.calls == [["zinc"], ["tin"], ["coal"], ["tin"]]


def test_a_question_too_long_to_be_kept_is_encoded_again(encoder: HeldEncoder) -> None:
    encoder.released.set()
    batched = BatchingEncoder(encoder)
    for text in ("z" * 2000, "z" * 2000, "z" * 2001, "z" * 2001):
        batched.encode_questions([text])
    assert [len(text) for (text,) in encoder.calls] == [2000, 2001, 2001]


def test_what_a_caller_does_to_its_vectors_changes_those_of_nobody_else(encoder: HeldEncoder) -> None:
    encoder.released.set()
    batched = BatchingEncoder(encoder)
    batched.encode_questions(["zinc"])[:] = 0
    batched.encode_questions(["zinc"])[:] = 0
    assert np.array_equal(batched.encode_questions(["zinc"]), expected("zinc"))


def test_many_callers_in_any_order_each_get_their_own_vectors() -> None:
    batched = BatchingEncoder(BagOfWordsEncoder(), most=3, lanes=2)
    texts = [f"{first} {second}" for first in OTHERS for second in OTHERS] * 4
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda text: batched.encode_questions([text])[0], texts))
    assert np.array_equal(vectors, expected(*texts))


def test_all_else_is_as_the_encoder_has_it() -> None:
    inner = BagOfWordsEncoder("bag", 8, 33)
    batched = BatchingEncoder(inner)
    assert (batched.name, batched.fingerprint, batched.dimension, batched.passage_limit) == (
        ("bag", inner.fingerprint, 8, 33)
    )
    assert batched.count_tokens(["a b", "c"]) == [2, 1]
    assert np.array_equal(batched.encode_passages(["a b"]), inner.encode_passages(["a b"]))
