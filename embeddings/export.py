"""A sentence-transformers model as a graph that needs no torch, used only where its vectors are the same."""

import json
import logging
import secrets
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.durable import sync
from corpus.errors import first_line
from corpus.sealed import digests
from embeddings.encoder import Vectors
from embeddings.onnx import FACTS, GRAPH, PARITY, TOKENIZER, EncoderFacts, OnnxEncoder
from embeddings.sentence_transformer import SentenceTransformerEncoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_SAME = 0.9999
"""The least cosine with sentence-transformers that the vector of every text must have."""
_NO_LIMIT = 1_000_000
"""A tokenizer that says its model takes more tokens than this knows no limit."""


class NotExportable(Exception):
    """No graph that works could be made of a model; says why."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near an exported encoder's vectors are to its source's."""

    texts: int
    least_cosine: float
    mean_cosine: float
    least_sha256: str
    """SHA-256 of the text with the least cosine; not the text, which may be removed one day."""


@dataclass(frozen=True, slots=True)
class Parity:
    """What comparing an exported encoder with its source came to: `parity.json`."""

    used: bool
    reason: str
    """Why it is used or not, in a sentence."""
    passages: Agreement | None
    questions: Agreement | None
    versions: dict[str, str]


def export(
    source: SentenceTransformerEncoder, folder: Path, passages: Sequence[str], questions: Sequence[str]
) -> Parity:
    """Write `source` to `folder` as an `OnnxEncoder` reads it, having compared the two on the texts given.

    A model that cannot be exported, or whose vectors would differ, is written without its graph, so that it is known
    not to be usable. A folder that is there already, written meanwhile by somebody else, stays as it is.
    """
    if not passages or not questions:
        raise ValueError("passages and questions are needed to compare the two encoders on")
    scratch = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    scratch.mkdir(parents=True)
    try:
        parity = _write(source, scratch, passages, questions)
        _flush(scratch)
        _rename(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return parity


def _write(
    source: SentenceTransformerEncoder, folder: Path, passages: Sequence[str], questions: Sequence[str]
) -> Parity:
    try:
        _write_graph(source.model, source.max_tokens, folder)
        _write_facts(source, folder)
        parity = _compared(source, OnnxEncoder(folder), passages, questions)
    except NotExportable as error:
        parity = _parity(used=False, reason=str(error))
    if not parity.used:
        for path in folder.glob(f"{GRAPH}*"):
            path.unlink()
        _write_facts(source, folder)
    (folder / PARITY).write_text(json.dumps(asdict(parity), ensure_ascii=False, indent=1), encoding="utf-8")
    return parity


def _write_graph(model: "SentenceTransformer", max_tokens: int, folder: Path) -> None:
    """Write the whole of `model`, from tokens to unit vectors, the weights beside the graph. Raises `NotExportable`."""
    import torch

    has_types = "token_type_ids" in getattr(model.tokenizer, "model_input_names", ())

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if has_types:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            return torch.nn.functional.normalize(self.model(features)["sentence_embedding"], p=2, dim=1)

    length = torch.export.Dim("length", max=None if max_tokens > _NO_LIMIT else max_tokens)
    axes = {0: torch.export.Dim("batch"), 1: length}
    example = torch.ones(3, 17, dtype=torch.int64)
    device = model.device
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"), torch.no_grad():
            program = torch.onnx.export(
                Whole().to("cpu").eval(),
                (example, example.clone()),
                dynamo=True,
                dynamic_shapes={"input_ids": axes, "attention_mask": axes},
                input_names=["input_ids", "attention_mask"],
                output_names=["vectors"],
                verbose=False,
            )
    except (torch.onnx.OnnxExporterError, RuntimeError) as error:
        raise NotExportable(f"It could not be exported: {first_line(error)}.") from None
    finally:
        model.to(device)
    if program is None:
        raise NotExportable("It could not be exported: torch gave no program.")
    # weights beside the graph are mapped, not copied, when it is opened
    program.save(folder / GRAPH, external_data=True)


def _write_facts(source: SentenceTransformerEncoder, folder: Path) -> None:
    """Write the tokenizer and `encoder.json`, which seals what is in `folder` by then."""
    (folder / TOKENIZER).write_text(source.tokenizer.to_str(), encoding="utf-8")
    tokenizer = source.model.tokenizer
    EncoderFacts(
        name=source.name,
        fingerprint=source.fingerprint,
        dimension=source.dimension,
        passage_limit=source.passage_limit,
        max_tokens=None if source.max_tokens > _NO_LIMIT else source.max_tokens,
        cut_side="left" if getattr(tokenizer, "truncation_side", "right") == "left" else "right",
        pad_token=int(getattr(tokenizer, "pad_token_id", None) or 0),
        passage_prompt=source.passage_prompt,
        question_prompt=source.question_prompt,
        files=digests(folder, {FACTS, PARITY}),
    ).write(folder)


def _compared(
    source: SentenceTransformerEncoder, exported: OnnxEncoder, passages: Sequence[str], questions: Sequence[str]
) -> Parity:
    """How near the two are. Raises `NotExportable` when the graph does not run."""
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    unusable = (ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.InvalidProtobuf, ort.NotImplemented)
    try:
        given = exported.encode_passages(passages), exported.encode_questions(questions)
    except (*unusable, ort.RuntimeException) as error:
        raise NotExportable(f"ONNX Runtime cannot run it: {first_line(error)}.") from None
    of_passages = _agreement(passages, given[0], source.encode_passages_exactly(passages))
    of_questions = _agreement(questions, given[1], source.encode_questions(questions))
    least = min(of_passages.least_cosine, of_questions.least_cosine)
    used = least >= _SAME
    reason = f"The least cosine with sentence-transformers is {least:.7f}, {'not ' if used else ''}below {_SAME}."
    return _parity(used=used, reason=reason, passages=of_passages, questions=of_questions)


def _agreement(texts: Sequence[str], given: Vectors, expected: Vectors) -> Agreement:
    cosines = np.nan_to_num(np.einsum("ij,ij->i", given.astype(np.float64), expected.astype(np.float64)), nan=-1.0)
    worst = texts[int(cosines.argmin())]
    return Agreement(len(texts), float(cosines.min()), float(cosines.mean()), sha256(worst.encode()).hexdigest())


def _parity(
    *, used: bool, reason: str, passages: Agreement | None = None, questions: Agreement | None = None
) -> Parity:
    import onnxruntime
    import sentence_transformers
    import torch

    modules = (torch, sentence_transformers, onnxruntime)
    return Parity(used, reason, passages, questions, {module.__name__: str(module.__version__) for module in modules})


def _flush(folder: Path) -> None:
    """Have the files of `folder` on the disk before it gets its name."""
    for path in folder.iterdir():
        sync(path)


def _rename(scratch: Path, folder: Path) -> None:
    try:
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
