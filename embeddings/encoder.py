"""What an encoder promises."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns passages and questions into vectors whose inner product says how near they are in meaning."""

    @property
    def name(self) -> str:
        """The name that people know the model by."""

    @property
    def fingerprint(self) -> str:
        """A hash of everything that decides the vectors: two encoders of one fingerprint give equal vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def passage_limit(self) -> int:
        """The most tokens, as `count_tokens` counts them, that a passage may have without being cut off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Number of the model's tokens in each text, special tokens not counted."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text, in order: shape (len(texts), dimension)."""

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """One unit row a question, in order: shape (len(texts), dimension)."""
