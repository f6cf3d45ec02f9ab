"""Stand-ins that behave: an encoder without a model, a progress that listens."""

import re
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest

from embeddings.encoder import Vectors
from service import encoders


class BagOfWordsEncoder:
    """Nearness is shared words: each word has a fixed random direction, a text the mean of its words'."""

    def __init__(self, name: str = "bag-of-words", dimension: int = 64, passage_limit: int = 60) -> None:
        self.name = name
        self.dimension = dimension
        self.passage_limit = passage_limit
        self.encoded = 0
        """Passages encoded so far."""

    @property
    def fingerprint(self) -> str:
        return sha256(f"{self.name} {self.dimension}".encode()).hexdigest()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def _vector(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.casefold())
        whole = sum((self._direction(word) for word in words), np.zeros(self.dimension, dtype=np.float32))
        return np.asarray(whole / (np.linalg.norm(whole) or 1), dtype=np.float32)

    def _direction(self, word: str) -> Vectors:
        seed = int.from_bytes(sha256(word.encode()).digest()[:8])
        return np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)


def use_bag_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every model be a bag of words, of which nothing can be exported."""
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", BagOfWordsEncoder)
    monkeypatch.setattr(encoders, "unprepared", lambda *_: False)


class SilentProgress:
    """Takes what it is told and keeps it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.statements = 0

    def reading(self, done: int, total: int) -> None:
        self.told.append(("reading", done, total))

    def statement(self) -> None:
        self.statements += 1

    def encoding(self, done: int, total: int) -> None:
        self.told.append(("encoding", done, total))

    def indexing(self) -> None:
        self.told.append(("indexing", 0, 0))

    def exporting(self) -> None:
        self.told.append(("exporting", 0, 0))

    def asking(self, done: int, total: int) -> None:
        self.told.append(("asking", done, total))
