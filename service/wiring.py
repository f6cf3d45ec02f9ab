"""The composition root: what a command or a server works with, opened from one configuration."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.archive import Archive
from corpus.archive_file import UnusableFolder
from corpus.errors import OnRecordError
from corpus.filters import Filters
from embeddings.cross_encoder import NamedCrossEncoder
from embeddings.encoder import Encoder
from service import encoders
from service.answering import Collection, is_unfinished
from service.building import build
from service.calibration import calibrate, load, save
from service.config import Config
from service.evidence import DEFAULT, Calibration, as_among_many
from service.generations import (
    DamagedIndex,
    Encoding,
    Manifest,
    NoIndex,
    OtherEncoder,
    is_complete,
    open_usable,
    read_manifest,
)
from service.locking import AnotherWriter, writing
from service.progress import Progress

if TYPE_CHECKING:
    from service.ingest import Ingester
    from service.integrity import IntegrityReport


_SAMPLED = 1000
"""Passages that a collection is calibrated on, at most."""


class NoArchive(OnRecordError):
    """There is no collection at the place given."""

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"There is no collection in {data}.", "Make one with `onrecord ingest PATH…`, or name another with --data."
        )


@contextmanager
def existing_archive(config: Config, *, unchecked: bool = False) -> Iterator[Archive]:
    """The archive, for reading; see `Archive`. Raises `NoArchive` when there is none, and `AlteredArchive`."""
    if not config.archive.exists():
        raise NoArchive(config.data)
    with closing(Archive(config.archive, unchecked=unchecked)) as archive:
        yield archive


@contextmanager
def _changing(archive: Archive, config: Config, task: str) -> Iterator[None]:
    """A block in which nobody else writes; after it the archive is sealed. Raises `AnotherWriter`."""
    with writing(config.data, task), archive.writing():
        yield


@contextmanager
def ingester(config: Config, progress: Progress, task: str) -> Iterator["Ingester"]:
    """An ingester that holds the writer's lock; the archive is made when absent. Raises `AnotherWriter`.

    When the block ends well, the encoder that questions are asked with is made ready too.
    """
    from service.ingest import Ingester

    if config.model is not None:
        encoders.named(config.model)  # an unknown one is refused before anything is made
    with writing(config.data, task), closing(Archive(config.archive)) as archive:
        with archive.writing():
            yield Ingester(archive, encoders.for_passages(archive, config), config.index, progress)
        encoders.prepare(archive, config, progress)


@contextmanager
def collection(
    config: Config, progress: Progress, *, calibrated: bool = True, task: str = "ask"
) -> Iterator[Collection]:
    """The collection, ready for questions: what an interruption left undone is done first.

    That is: passages without vectors are encoded, a missing, damaged or outdated index is built from the archive, and
    the encoder is exported. While somebody else is writing, the generation in use answers. It is `calibrated` as the
    collection says. `task` is the command of which another writer is told. Raises `NoArchive`, `OtherEncoder`,
    `NoIndex` and `DamagedCalibration`.
    """
    with existing_archive(config) as archive:
        encoding = Encoding.of(archive)
        if encoding is None:
            raise NoArchive(config.data)
        encoder = encoders.for_questions(archive, config)
        if encoding.fingerprint != encoder.fingerprint:
            raise OtherEncoder(encoding.encoder, encoder.name)
        if encoding.unfinished or archive.has_removed or not is_complete(archive, config.index):
            _make_ready(archive, config, progress, task)
        elif not archive.is_sealed:
            with suppress(AnotherWriter, UnusableFolder), _changing(archive, config, task):
                pass  # what a killed writer left is whole, and is sealed
        if encoders.unprepared(archive, config):
            encoder = _prepared(archive, config, progress)
        calibration = load(config.data, encoder.fingerprint).calibration if calibrated else DEFAULT
        second = NamedCrossEncoder(config.cross_encoder) if config.cross_encoder else None
        yield Collection(archive, encoder, config.index, calibration=calibration, cross_encoder=second)


def _make_ready(archive: Archive, config: Config, progress: Progress, task: str) -> None:
    from service.ingest import Ingester

    try:
        with _changing(archive, config, task):
            work = Ingester(archive, encoders.for_passages(archive, config), config.index, progress)
            work.reencode() if is_unfinished(archive) else work.finish()
    except AnotherWriter as busy:
        with suppress(NoIndex, DamagedIndex):
            open_usable(config.index, archive)
            return
        raise busy from None


def _prepared(archive: Archive, config: Config, progress: Progress) -> Encoder:
    """The encoder to ask with, exported now unless that cannot be done now."""
    encoders.prepare(archive, config, progress)
    return encoders.for_questions(archive, config)


def calibrated(config: Config, progress: Progress, threshold: float) -> Calibration:
    """Calibrate the collection's confidence on its own passages, and keep that. Raises what `calibrate` raises."""
    with collection(config, progress, calibrated=False, task="calibrate") as opened, writing(config.data, "calibrate"):
        keys = opened.keys()
        drawn = np.random.default_rng(0).choice(keys, min(_SAMPLED, len(keys)), replace=False)
        held = opened.archive.passages(drawn.tolist())
        fitted = calibrate(
            [archived.statement.slice(passage.start, passage.end) for archived, passage in held.values()],
            opened.words().words,
            lambda question: as_among_many(
                max(opened.retrieve(question, Filters(), 1).cosines.values(), default=0.0), len(keys)
            ),
        )
        fitted = replace(fitted, threshold=threshold)
        save(fitted, config.data, opened.encoder.fingerprint)
        return fitted


def checked(config: Config, checking: Callable[[int, int], None]) -> "IntegrityReport":
    """What is wrong with the archive and its index, while nobody writes to them; `checking` is told the progress.

    Raises `NoArchive` and `AnotherWriter`.
    """
    from service.integrity import check_archive

    with existing_archive(config, unchecked=True) as archive, writing(config.data, "verify"):
        return check_archive(archive, config.index, checking)


def remove(config: Config, statement_ids: tuple[str, ...]) -> None:
    """Take statements out of the archive and the index. Raises `UnknownStatement` before anything is removed."""
    with existing_archive(config) as archive, _changing(archive, config, "remove"):
        for statement_id in statement_ids:
            archive.get(statement_id)
        for statement_id in dict.fromkeys(statement_ids):
            archive.remove(statement_id)
        archive.flush()
        _rebuild(archive, config)


def reindex(config: Config, progress: Progress) -> Manifest:
    """Build a new generation from the archive, without a model."""
    with existing_archive(config) as archive, _changing(archive, config, "reindex"):
        progress.indexing()
        return _rebuild(archive, config)


def reencode(config: Config, progress: Progress) -> Manifest:
    """Cut and encode every statement anew for the configured model, and build a new generation."""
    from service.ingest import Ingester

    with existing_archive(config) as archive, _changing(archive, config, "reindex"):
        Ingester(archive, encoders.for_passages(archive, config), config.index, progress).reencode()
        encoders.prepare(archive, config, progress)
        return read_manifest(config.index)


def _rebuild(archive: Archive, config: Config) -> Manifest:
    encoding = Encoding.of(archive)
    if encoding is None:
        raise NoArchive(config.data)
    return build(archive, config.index, encoding, anew=True)
