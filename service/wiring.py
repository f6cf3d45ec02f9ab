"""The composition root: what a command or a server works with, opened from one configuration."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.archive import Archive
from corpus.errors import OnRecordError
from embeddings.encoder import Encoder
from embeddings.sentence_transformer import DEFAULT_MODEL, SentenceTransformerEncoder
from service.answering import Collection
from service.config import Config
from service.generations import Encoding, Manifest, build, is_current, open_current, read_manifest
from service.ingest import Ingester, OtherEncoder, Progress
from service.locking import AnotherWriter, writing


class NoArchive(OnRecordError):
    """There is no collection at the place given."""

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"There is no collection in {data}.", "Make one with `onrecord ingest PATH…`, or name another with --data."
        )


@contextmanager
def existing_archive(config: Config) -> Iterator[Archive]:
    """The archive, for reading. Raises `NoArchive` when there is none."""
    if not config.archive.exists():
        raise NoArchive(config.data)
    with closing(Archive(config.archive)) as archive:
        yield archive


@contextmanager
def ingester(config: Config, progress: Progress, task: str) -> Iterator[Ingester]:
    """An ingester that holds the writer's lock; the archive is made when absent. Raises `AnotherWriter`."""
    if config.model is not None:
        SentenceTransformerEncoder(config.model)  # an unknown one is refused before anything is made
    with writing(config.data, task), closing(Archive(config.archive)) as archive:
        yield Ingester(archive, _encoder(archive, config), config.index, progress)


@contextmanager
def collection(config: Config, progress: Progress) -> Iterator[Collection]:
    """The collection, ready for questions: what an interruption left undone is done first.

    That is: passages without vectors are encoded, and a missing, damaged or outdated index is built from the archive.
    While somebody else is writing, the generation in use answers. Raises `NoArchive`, `OtherEncoder` and `NoIndex`.
    """
    with existing_archive(config) as archive:
        encoder = _encoder(archive, config)
        encoding = Encoding.of(archive)
        if encoding is None:
            raise NoArchive(config.data)
        if encoding.fingerprint != encoder.fingerprint:
            raise OtherEncoder(encoding.encoder, encoder.name)
        if archive.counts().pending or not is_current(archive, config.index):
            _make_ready(Ingester(archive, encoder, config.index, progress), config, encoding)
        yield Collection(archive, encoder, config.index)


def _make_ready(work: Ingester, config: Config, encoding: Encoding) -> None:
    try:
        with writing(config.data, "ask"):
            work.reencode() if encoding.unfinished else work.finish()
    except AnotherWriter:
        open_current(config.index)


def remove(config: Config, statement_ids: tuple[str, ...]) -> None:
    """Take statements out of the archive and the index. Raises `UnknownStatement` before anything is removed."""
    with existing_archive(config) as archive, writing(config.data, "remove"):
        for statement_id in statement_ids:
            archive.get(statement_id)
        for statement_id in dict.fromkeys(statement_ids):
            archive.remove(statement_id)
        archive.flush()
        _rebuild(archive, config)


def reindex(config: Config, progress: Progress) -> Manifest:
    """Build a new generation from the archive, without a model."""
    with existing_archive(config) as archive, writing(config.data, "reindex"):
        progress.indexing()
        return _rebuild(archive, config)


def reencode(config: Config, progress: Progress) -> Manifest:
    """Cut and encode every statement anew for the configured model, and build a new generation."""
    with existing_archive(config) as archive, writing(config.data, "reindex"):
        Ingester(archive, _encoder(archive, config), config.index, progress).reencode()
        return read_manifest(config.index)


def _rebuild(archive: Archive, config: Config) -> Manifest:
    encoding = Encoding.of(archive)
    if encoding is None:
        raise NoArchive(config.data)
    return build(archive, config.index, encoding)


def _encoder(archive: Archive, config: Config) -> Encoder:
    return SentenceTransformerEncoder(config.model or archive.fact("encoder") or DEFAULT_MODEL)
