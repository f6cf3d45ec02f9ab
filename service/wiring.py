"""The composition root: what a command or a server works with, opened from one configuration."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from corpus.archive import Archive
from corpus.errors import OnRecordError
from embeddings.encoder import Encoder
from embeddings.sentence_transformer import DEFAULT_MODEL, SentenceTransformerEncoder
from service.answering import Collection
from service.generations import DamagedIndex, Encoding, build, is_current, open_current
from service.ingest import Ingester, OtherEncoder, Progress
from service.locking import AnotherWriter, writing


class NoArchive(OnRecordError):
    """There is no collection at the place given."""

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"There is no collection in {data}.", "Make one with `onrecord ingest PATH…`, or name another with --data."
        )


@dataclass(frozen=True, slots=True)
class Config:
    """What a person can set."""

    data: Path
    """The folder of the collection: `archive.db` and `index/` are in it."""
    model: str | None = None
    """A sentence-transformers name or folder; `None` is the collection's own, or the default for a new one."""

    @property
    def archive(self) -> Path:
        """Where the archive is."""
        return self.data / "archive.db"

    @property
    def index(self) -> Path:
        """Where the index generations are."""
        return self.data / "index"


def configure(data: str | None, model: str | None, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration from flags, then `ONRECORD_DATA` and `ONRECORD_MODEL`, then the platform's user folders."""
    folder = data or environment.get("ONRECORD_DATA") or user_data_path("onrecord")
    return Config(Path(folder).absolute(), model or environment.get("ONRECORD_MODEL") or None)


@contextmanager
def existing_archive(config: Config) -> Iterator[Archive]:
    """The archive, for reading. Raises `NoArchive` when there is none."""
    if not config.archive.exists():
        raise NoArchive(config.data)
    archive = Archive(config.archive)
    try:
        yield archive
    finally:
        archive.close()


@contextmanager
def ingester(config: Config, progress: Progress, task: str) -> Iterator[Ingester]:
    """An ingester that holds the writer's lock; the archive is made when absent. Raises `AnotherWriter`."""
    archive = Archive(config.archive)
    try:
        with writing(config.data, task):
            yield Ingester(archive, _encoder(archive, config), config.index, progress)
    finally:
        archive.close()


@contextmanager
def collection(config: Config) -> Iterator[Collection]:
    """The collection, ready for questions: a missing, damaged or outdated index is built from the archive first.

    While somebody else is writing, the generation in use answers. Raises `NoArchive`, `OtherEncoder` and `NoIndex`.
    """
    with existing_archive(config) as archive:
        encoder = _encoder(archive, config)
        encoding = Encoding.of(archive)
        if encoding is None:
            raise NoArchive(config.data)
        if encoding.fingerprint != encoder.fingerprint:
            raise OtherEncoder(encoding.encoder, encoder.name)
        refresh_index(archive, config, encoding)
        yield Collection(archive, encoder, config.index)


def refresh_index(archive: Archive, config: Config, encoding: Encoding) -> None:
    """Build a generation when the one in use is missing, damaged or older than the archive."""
    try:
        if is_current(archive, config.index):
            open_current(config.index)
            return
    except DamagedIndex:
        pass
    try:
        with writing(config.data, "ask"):
            build(archive, config.index, encoding)
    except AnotherWriter:
        open_current(config.index)


def remove(config: Config, statement_ids: tuple[str, ...]) -> None:
    """Take statements out of the archive and the index. Raises `UnknownStatement` before anything is removed."""
    with existing_archive(config) as archive, writing(config.data, "remove"):
        for statement_id in statement_ids:
            archive.get(statement_id)
        for statement_id in statement_ids:
            archive.remove(statement_id)
        _rebuild(archive, config)


def reindex(config: Config) -> None:
    """Build a new generation from the archive, without a model."""
    with existing_archive(config) as archive, writing(config.data, "reindex"):
        _rebuild(archive, config)


def _rebuild(archive: Archive, config: Config) -> None:
    encoding = Encoding.of(archive)
    if encoding is None:
        raise NoArchive(config.data)
    build(archive, config.index, encoding)


def _encoder(archive: Archive, config: Config) -> Encoder:
    return SentenceTransformerEncoder(config.model or archive.fact("encoder") or DEFAULT_MODEL)
