"""How a collection is: what it holds, what it was encoded with, and whether its index is in step and undamaged."""

from dataclasses import dataclass
from pathlib import Path

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.records import Counts
from embeddings.onnx import is_usable, why
from service.calibration import load
from service.config import Config
from service.generations import Encoding, is_current, open_usable

_REBUILT = "the next question, or `onrecord reindex`, builds it anew"
_SEALED = "sealed: archive.db is the file that was written last"
_UNSEALED = "not sealed: it is being written, was copied here or its writer was stopped; the next question seals it"


@dataclass(frozen=True, slots=True)
class Status:
    """A collection at a glance."""

    data: str
    holds: Counts
    encoding: Encoding | None
    generation: int | None
    indexed: int
    """Passages in the index."""
    index: str
    """"current", "outdated", or what is wrong with it, which one answers instead, and how to mend it."""
    asking: str
    """How questions are encoded, and why so."""
    answering: str
    """From which confidence on an answer is given, and where that comes from."""
    archive: str
    """Whether archive.db is the file that was written last."""


def status_of(archive: Archive, config: Config) -> Status:
    """The status of the configured collection, every index file checked against its manifest."""
    index_folder = config.index
    generation, indexed = None, 0
    try:
        opened = open_usable(index_folder, archive)
        manifest = opened.manifest
        generation, indexed = manifest.generation, manifest.passages
        current = is_current(archive, index_folder) and not archive.counts().pending
        index = "current" if current else "outdated: the next question brings it in step"
        if opened.instead_of:
            index = f"{opened.instead_of} A server that is running answers from generation {generation}; {_REBUILT}"
    except OnRecordError as error:
        index = str(error)
    encoding = Encoding.of(archive)
    asking = _asking(config.encoders / encoding.fingerprint) if encoding else "no model yet"
    return Status(
        data=str(config.data),
        holds=archive.counts(),
        encoding=encoding,
        generation=generation,
        indexed=indexed,
        index=index,
        asking=asking,
        answering=_answering(config, encoding),
        archive=_SEALED if archive.is_sealed else _UNSEALED,
    )


def _answering(config: Config, encoding: Encoding | None) -> str:
    try:
        used = load(config.data, encoding.fingerprint if encoding else "")
    except OnRecordError as error:
        return str(error)
    return f"from a confidence of {used.calibration.threshold:g} on; calibration: {used.origin}"


def _asking(exported: Path) -> str:
    try:
        if not exported.exists():
            return "the model is exported by the next question"
        return (
            f"{'exported encoder' if is_usable(exported) else 'sentence-transformers, slow to start'}. {why(exported)}"
        )
    except OnRecordError as error:
        return str(error)
