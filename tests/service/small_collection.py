"""A collection in a folder, filled and asked as the commands do it, with an encoder that needs no model."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from corpus.archive import Archive
from corpus.statement import Passage, Statement
from embeddings.encoder import Encoder
from service.answering import Collection
from service.ingest import Ingester, Report
from tests.builders import a_source, whole_turns
from tests.fakes import BagOfWordsEncoder, SilentProgress

TODAY = date(2024, 5, 31)


class SmallCollection:
    """The collection in `data`: `put` and `ingest` fill it, `opened` answers from it."""

    def __init__(self, data: Path, encoder: Encoder | None = None) -> None:
        self.data = data
        self.index = data / "index"
        self.encoder: Any = encoder or BagOfWordsEncoder()
        self.archive = Archive(data / "archive.db")

    def ingester(self) -> Ingester:
        return Ingester(self.archive, self.encoder, self.index, SilentProgress())

    def ingest(self, *paths: Path | str, issuer: str | None = None) -> Report:
        return self.ingester().ingest([str(path) for path in paths], issuer)

    def put(self, *statements: Statement, passages: Sequence[Passage] | None = None) -> "SmallCollection":
        """Archive statements, one passage a turn unless given, and bring the index into step."""
        for statement in statements:
            self.archive_only(statement, passages)
        self.ingest()
        return self

    def archive_only(self, statement: Statement, passages: Sequence[Passage] | None = None) -> None:
        """Archive a statement and leave the index as it is."""
        cut = whole_turns(statement) if passages is None else passages
        self.archive.put(statement, cut, a_source(statement.text.encode(), origin=f"/statements/{statement.id}"))

    def opened(self) -> Collection:
        return Collection(self.archive, self.encoder, self.index, today=lambda: TODAY)

    def quoted(self, question: str, **asked: Any) -> list[str]:
        """The texts of the quotes that answer the question."""
        return [quote.text for quote in self.opened().ask(question, **asked).quotes]


def content(archive: Archive) -> list[object]:
    """All that an archive holds and an answer can depend on, but for the times and the keys."""
    held: list[object] = []
    vectors = dict(archive.vectors())
    for line in archive.every_summary():
        current = archive.get(line.id)
        versions = [archive.get(line.id, number) for number in range(1, current.versions + 1)]
        held.extend((one.statement, one.version, archive.original(one.original_sha256)) for one in versions)
        held.append((archive.origin_of(line.id), archive.reading_of(line.id), archive.passages_of(line.id)))
    for key, text in _texts(archive, vectors):
        held.append((text, vectors[key]))
    held.append(archive.counts())
    return sorted(held, key=repr)


def _texts(archive: Archive, keys: Iterable[int]) -> list[tuple[int, str]]:
    held = archive.passages(keys).items()
    return [(key, archived.statement.slice(passage.start, passage.end)) for key, (archived, passage) in held]


def fresh(data: Path) -> "closing[Archive]":
    """The archive in `data` as another process would open it."""
    return closing(Archive(data / "archive.db"))
