"""The quick encoder: a graph that `embeddings.export` wrote, run without torch."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Literal

import numpy as np

from corpus.errors import OnRecordError
from corpus.sealed import first_altered
from embeddings.encoder import Vectors
from embeddings.padding import by_length

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
FACTS = "encoder.json"
PARITY = "parity.json"
_BATCH_TOKENS = 512
"""Larger batches are no faster, and the memory that one needs is kept for the next: 190 MB in all, 400 at 4,096."""
_MOST_THREADS = 4
"""A question has too few tokens to be divided among more."""


class AlteredEncoder(OnRecordError):
    """An exported encoder is not as it was written."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(
            f"The exported encoder in {folder} is damaged: {what}.", "Delete that folder; the encoder is made again."
        )


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What `encoder.json` says of an exported encoder."""

    name: str
    fingerprint: str
    dimension: int
    passage_limit: int
    max_tokens: int | None
    """The most tokens of a text that the model sees, its special ones counted; `None` when there is no limit."""
    cut_side: Literal["left", "right"]
    pad_token: int
    passage_prompt: str
    question_prompt: str
    files: Mapping[str, str]
    """SHA-256 of the graph's and the tokenizer's files."""

    def write(self, folder: Path) -> None:
        """Write them where `read` finds them."""
        (folder / FACTS).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "EncoderFacts":
        """The facts of the encoder in `folder`. Raises `AlteredEncoder`."""
        try:
            return cls(**json.loads((folder / FACTS).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise AlteredEncoder(folder, f"{FACTS} is missing or cannot be read") from None


def is_usable(folder: Path) -> bool:
    """Whether `folder` holds an encoder that was found equal to its source. Raises `AlteredEncoder`."""
    return folder.is_dir() and _parity(folder)["used"] is True


def why(folder: Path) -> str:
    """Why the encoder in `folder` is used or not, in a sentence. Raises `AlteredEncoder`."""
    return str(_parity(folder)["reason"])


def _parity(folder: Path) -> dict[str, object]:
    try:
        held = json.loads((folder / PARITY).read_text(encoding="utf-8"))
        return {field: held[field] for field in ("used", "reason")}
    except (OSError, ValueError, LookupError, TypeError):
        raise AlteredEncoder(folder, f"{PARITY} is missing or cannot be read") from None


class OnnxEncoder:
    """The exported encoder in `folder`, its files checked; any number of threads can use it at once.

    Making one is quick; tokenizer and graph are loaded when first needed. Raises `AlteredEncoder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._facts = EncoderFacts.read(folder)
        others = {path.name for path in folder.iterdir()} - self._facts.files.keys()
        if altered := first_altered(folder, self._facts.files, others):
            raise AlteredEncoder(folder, f"{altered} is not as it was written")
        self._loading = RLock()

    @property
    def name(self) -> str:
        """See `Encoder.name`."""
        return self._facts.name

    @property
    def fingerprint(self) -> str:
        """See `Encoder.fingerprint`: that of the model which was exported."""
        return self._facts.fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder.dimension`."""
        return self._facts.dimension

    @property
    def passage_limit(self) -> int:
        """See `Encoder.passage_limit`."""
        return self._facts.passage_limit

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        with self._loading:
            tokenizer = self._counting
        return [len(encoding) for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        return self._encode([self._facts.passage_prompt + text for text in texts])

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_questions`."""
        return self._encode([self._facts.question_prompt + text for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        with self._loading:
            tokenizer, session = self._cutting, self._session
        encodings = tokenizer.encode_batch_fast(texts)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in by_length([len(encoding) for encoding in encodings], _BATCH_TOKENS):
            vectors[batch] = self._run(session, [encodings[position] for position in batch])
        return vectors

    def _run(self, session: "InferenceSession", encodings: "Sequence[Encoding]") -> Vectors:
        """One unit row an encoding; the first is the longest."""
        shape = len(encodings), max(1, len(encodings[0]))
        tokens, mask = np.full(shape, self._facts.pad_token, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            tokens[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        (vectors,) = session.run(None, {"input_ids": tokens, "attention_mask": mask})
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _session(self) -> "InferenceSession":
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.log_severity_level = 3
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = min(cores(), _MOST_THREADS)
        # A thread that spins until the next call saves a lone question 3 of 10 ms and takes 35 ms from all others
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return InferenceSession(self._folder / GRAPH, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _cutting(self) -> "Tokenizer":
        """The model's tokenizer, cutting at the model's limit as sentence-transformers does."""
        tokenizer = self._new_tokenizer()
        if self._facts.max_tokens is not None:
            tokenizer.enable_truncation(self._facts.max_tokens, direction=self._facts.cut_side)
        return tokenizer

    @cached_property
    def _counting(self) -> "Tokenizer":
        return self._new_tokenizer()

    def _new_tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / TOKENIZER))


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
