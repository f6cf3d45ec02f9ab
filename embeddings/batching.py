"""Encoding for many callers at once: which questions go together into the encoder, and which need not go again."""

import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition

import numpy as np

from embeddings.encoder import Encoder, Vectors

_KEPT = 1024
"""Questions whose vectors are kept, at most."""
_LONGEST_KEPT = 2_000
"""Characters of a question whose vector is kept, at most, so that all that is kept has a bound."""


@dataclass(slots=True, eq=False)
class _Question:
    """One that is waiting, then taken, and then has its vector or the error that its batch ended in."""

    text: str
    taken: bool = False
    vector: Vectors | None = None
    error: BaseException | None = None

    @property
    def is_settled(self) -> bool:
        return self.vector is not None or self.error is not None


class BatchingEncoder:
    """`encoder`, with the questions that wait at the same time encoded together and those of late remembered.

    At most `lanes` calls of `encoder` for questions run at a time. A caller that finds a lane free encodes at once; who
    comes later waits, and the first to find a lane free takes what waits by then along, `most` questions in all. No
    lock is held meanwhile. Equal questions are encoded once.

    Large batches waste time on padding where the processor is busy already. On two cores, real questions went through
    torch fastest four at a time, and through ONNX Runtime fastest with a lane a core.
    """

    def __init__(self, encoder: Encoder, most: int = 4, lanes: int = 1) -> None:
        self._encoder = encoder
        self._most = most
        self._free_lanes = lanes
        self._changed = Condition()
        self._asked: dict[str, _Question] = {}  # neither settled nor forgotten, oldest first
        self._known: OrderedDict[str, Vectors] = OrderedDict()  # the one needed longest ago first

    @property
    def name(self) -> str:
        """See `Encoder.name`."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """See `Encoder.fingerprint`."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder.dimension`."""
        return self._encoder.dimension

    @property
    def passage_limit(self) -> int:
        """See `Encoder.passage_limit`."""
        return self._encoder.passage_limit

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return self._encoder.count_tokens(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encoder.encode_passages(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_questions`; more than `most` texts are a batch of their own and not remembered.

        Raises what `encoder` raised, in every caller that had a question in that call.
        """
        if not 0 < len(texts) <= self._most:
            return self._encoder.encode_questions(texts)
        with self._changed:
            wanted = [self._find(text) for text in texts]
            self._changed.wait_for(lambda: self._may_encode(wanted) or all(one.taken for one in wanted))
            batch = self._take(wanted)
        if batch:
            self._encode(batch)
        with self._changed:
            self._changed.wait_for(lambda: all(one.is_settled for one in wanted))
        return np.array([_vector(one) for one in wanted], dtype=np.float32)

    def _find(self, text: str) -> _Question:
        """The question as it is known, as somebody asks it already, or as one that now waits."""
        if text in self._known:
            self._known.move_to_end(text)
            return _Question(text, taken=True, vector=self._known[text])
        return self._asked.setdefault(text, _Question(text))

    def _may_encode(self, wanted: Sequence[_Question]) -> bool:
        """Whether a lane is free for this caller: who has waited longest goes first."""
        return self._free_lanes > 0 and next((one for one in self._asked.values() if not one.taken), None) in wanted

    def _take(self, wanted: Sequence[_Question]) -> list[_Question]:
        """A batch for this caller to encode, its own questions before others'; none when its own are all taken."""
        own = [one for one in dict.fromkeys(wanted) if not one.taken]
        if not own:
            return []
        others = [one for one in self._asked.values() if not one.taken and one not in own]
        batch = [*own, *others][: self._most]
        for one in batch:
            one.taken = True
        self._free_lanes -= 1
        self._changed.notify_all()  # somebody else has waited longest now, and another lane may be free
        return batch

    def _encode(self, batch: Sequence[_Question]) -> None:
        try:
            vectors = self._encoder.encode_questions([one.text for one in batch])
            for one, vector in zip(batch, vectors, strict=True):
                one.vector = vector.copy()  # a row alone would keep the whole batch
        finally:
            self._settle(batch, sys.exception())

    def _settle(self, batch: Sequence[_Question], error: BaseException | None) -> None:
        """Let those who wait know: a question of `batch` without a vector has ended in `error`."""
        with self._changed:
            for one in batch:
                del self._asked[one.text]
                if one.vector is None:
                    one.error = error
                elif len(one.text) <= _LONGEST_KEPT:
                    self._known[one.text] = one.vector
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
            self._free_lanes += 1
            self._changed.notify_all()


def _vector(question: _Question) -> Vectors:
    if question.vector is None:
        raise question.error or AssertionError("a settled question has a vector or an error")
    return question.vector
