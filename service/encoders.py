"""Which encoder does what: the exported graph answers questions, sentence-transformers encodes many passages."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from shutil import rmtree

from corpus.archive import Archive
from corpus.archive_file import UnusableFolder
from corpus.sentences import sentence_spans
from embeddings.batching import BatchingEncoder
from embeddings.encoder import Encoder
from embeddings.onnx import OnnxEncoder, cores, is_usable
from embeddings.paired import PairedEncoder
from embeddings.sentence_transformer import DEFAULT_MODEL, SentenceTransformerEncoder
from service.config import Config
from service.generations import Encoding
from service.locking import AnotherWriter, writing
from service.progress import Progress

_PASSAGES, _TEXTS = 250, 1000
"""How many passages, and how many passages and sentences in all, an exported encoder is compared on."""


def named(model: str) -> SentenceTransformerEncoder:
    """The model of that name or in that folder. Raises `UnknownModel` and `AlteredModel`."""
    return SentenceTransformerEncoder(model)


def for_passages(archive: Archive, config: Config) -> Encoder:
    """The encoder to ingest with: the configured one, else the archive's own, else the default.

    Raises `UnknownModel` and `AlteredModel`.
    """
    model = named(_name(archive, config))
    exported = config.encoders / model.fingerprint
    return PairedEncoder(OnnxEncoder(exported), model) if is_usable(exported) else model


def for_questions(archive: Archive, config: Config) -> Encoder:
    """The encoder to ask with: the exported one where there is one, and then the model itself is not touched."""
    held = Encoding.of(archive)
    if config.model is None and held is not None and is_usable(config.encoders / held.fingerprint):
        return OnnxEncoder(config.encoders / held.fingerprint)
    model = named(_name(archive, config))
    exported = config.encoders / model.fingerprint
    return OnnxEncoder(exported) if is_usable(exported) else model


def for_serving(encoder: Encoder) -> Encoder:
    """The encoder as many threads use it at once: a question a call and a call a core, or batches for torch."""
    if isinstance(encoder, OnnxEncoder):
        return BatchingEncoder(encoder, most=1, lanes=cores())
    return BatchingEncoder(encoder)


def unprepared(archive: Archive, config: Config) -> bool:
    """Whether the archive's encoder was never exported, nor tried to be."""
    held = Encoding.of(archive)
    return held is not None and not (config.encoders / held.fingerprint).exists()


def prepare(archive: Archive, config: Config, progress: Progress) -> None:
    """Export the archive's encoder, unless that was tried before, and compare it on the archive's own words.

    Where that cannot be done, as in a folder that may not be written or is being written by somebody else, questions
    are encoded by sentence-transformers.
    """
    if not unprepared(archive, config):
        return
    passages = list(islice((passage.text for passage in archive.searchable()), _PASSAGES))
    if passages:
        with suppress(AnotherWriter, OSError, UnusableFolder), writing(config.encoders, "export"):
            _forget_unfinished(config.encoders)
            progress.exporting()
            model = named(_name(archive, config))
            sentences = list(islice(_sentences(archive), _TEXTS - len(passages)))
            _export(model, config.encoders / model.fingerprint, passages, sentences)


def _export(model: SentenceTransformerEncoder, folder: Path, passages: list[str], sentences: list[str]) -> None:
    from embeddings.export import export

    export(model, folder, passages, sentences)


def _forget_unfinished(folder: Path) -> None:
    """Delete what exports that were killed have left."""
    for left in folder.glob("*.*"):
        if left.is_dir():
            rmtree(left, ignore_errors=True)


def _sentences(archive: Archive) -> Iterator[str]:
    for passage in archive.searchable():
        for start, end in sentence_spans(passage.text, 0, len(passage.text), None):
            yield passage.text[start:end]


def _name(archive: Archive, config: Config) -> str:
    return config.model or archive.facts().get("encoder") or DEFAULT_MODEL
