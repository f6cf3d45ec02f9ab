"""Two encoders of one model as one: the quick one is ready at once, the strong one pays where there is much to do."""

from collections.abc import Sequence

from embeddings.encoder import Encoder, Vectors

_FEW = 256
"""Passages that the quick one has encoded before the strong one would be loaded."""


class PairedEncoder:
    """`strong` for passages, once there are more than a few; `quick` for the rest. Both are of one fingerprint."""

    def __init__(self, quick: Encoder, strong: Encoder) -> None:
        self.name = strong.name
        self.fingerprint = strong.fingerprint
        self.dimension = quick.dimension
        self.passage_limit = quick.passage_limit
        self._quick = quick
        self._strong = strong
        self._used = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return self._quick.count_tokens(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        self._used += len(texts)
        return (self._quick if self._used <= _FEW else self._strong).encode_passages(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_questions`."""
        return self._quick.encode_questions(texts)
