"""What is cut short: each operation as the commands do it, on a collection that was made ready for it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.archive import Archive
from corpus.chunking import cut
from corpus.readers import Found, read, statement_from
from corpus.records import Outcome
from embeddings.encoder import Vectors
from service import encoders, wiring
from service.config import Config
from tests.crash import papers
from tests.crash.children import Tell
from tests.fakes import BagOfWordsEncoder, SilentProgress, use_bag_of_words

OTHER_MODEL = "other-words"
_SETTLED = range(72)
"""Papers of a collection upon whose index the next one can be built; they make about 150 passages."""
_FIRST = range(16)
"""Papers of a collection that is small, for what writes all anew."""
_FEW = range(72, 75)
"""So few more that the generation before is built upon."""
_MANY = range(16, 32)
"""So many that all is written anew."""
_LONGER = 4
"""Letters of a word that counts: "the" and "of" would bring all papers, and all questions, near to each other."""
_CHANGED = (0, 5)
_REMOVED = (2, 3, 8)


class CrashEncoder(BagOfWordsEncoder):
    """A bag of the longer words; the other model has other vectors and shorter passages."""

    def __init__(self, name: str) -> None:
        other = name == OTHER_MODEL
        super().__init__(name, dimension=32 if other else 64, passage_limit=32 if other else 60)

    def _direction(self, word: str) -> Vectors:
        return _direction(word, self.dimension)


@lru_cache(None)
def _direction(word: str, dimension: int) -> Vectors:
    direction = BagOfWordsEncoder._direction(BagOfWordsEncoder(dimension=dimension), word)
    return direction if len(word) >= _LONGER else np.zeros_like(direction)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial happens: the same absolute paths in every one, as a statement's id comes from where it was."""

    folder: Path

    @property
    def data(self) -> Path:
        """The collection."""
        return self.folder / "data"

    @property
    def papers(self) -> Path:
        """What is ingested."""
        return self.folder / "papers"

    @property
    def config(self) -> Config:
        """How it is opened."""
        return Config(self.data)

    def fill(self, template: Path) -> None:
        """Make it what the template is."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(template, self.folder)


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that writes to a collection."""

    name: str
    prepare: Callable[[Place], None]
    """Makes a place ready for it, from nothing."""
    run: Callable[[Place], None]
    """Does it; returning is its acknowledgement."""
    command: Callable[[Place], list[str]]
    """The command that does the same."""


def use_crash_encoder() -> None:
    """Let every model of this process be a bag of words, for good."""
    patch = pytest.MonkeyPatch()
    use_bag_of_words(patch)
    patch.setattr(encoders, "SentenceTransformerEncoder", CrashEncoder)
    _warm()


def _warm() -> None:
    """What every child would do first: nothing that starts a thread or opens a file of a collection."""
    for paper in (*_SETTLED, *_FEW):
        for changed in (False, True):
            said = " ".join(papers.sentences(paper, changed=changed))
            for model in ("usual", OTHER_MODEL):
                CrashEncoder(model).encode_passages([said])
            [found] = read(said.encode(), f"{paper}.txt")
            if isinstance(found, Found) and not changed:
                cut(statement_from(found, str(paper)), CrashEncoder("usual").count_tokens, 60)


def acknowledge(tell: Tell) -> None:
    """Tell of each statement once it is kept or removed: when the archive's function has returned."""
    put, remove = Archive.put, Archive.remove

    def told_put(archive: Archive, statement: Any, passages: Any, source: Any) -> Outcome:
        outcome = put(archive, statement, passages, source)
        tell({"kept": statement.id})
        return outcome

    def told_remove(archive: Archive, statement_id: str) -> None:
        remove(archive, statement_id)
        tell({"kept": statement_id})

    patch = pytest.MonkeyPatch()
    patch.setattr(Archive, "put", told_put)
    patch.setattr(Archive, "remove", told_remove)


def ingest(place: Place) -> None:
    """Ingest the papers."""
    with wiring.ingester(place.config, SilentProgress(), "ingest") as work:
        work.ingest([str(place.papers)])


def ask(place: Place) -> None:
    """Open the collection for a question, which does what an interruption left undone."""
    with wiring.collection(place.config, SilentProgress()) as opened:
        opened.ask(papers.sentence(1000))


def _remove(place: Place) -> None:
    wiring.remove(place.config, tuple(papers.id_of(place.papers, paper) for paper in _REMOVED))


def _reindex(place: Place) -> None:
    wiring.reindex(place.config, SilentProgress())


def _reencode(place: Place) -> None:
    wiring.reencode(Config(place.data, OTHER_MODEL), SilentProgress())


def _calibrate(place: Place) -> None:
    wiring.calibrated(place.config, SilentProgress(), 0.5)


def _nothing_yet(place: Place) -> None:
    place.folder.mkdir(parents=True)
    papers.write(place.papers, _FIRST)


def _small(place: Place) -> None:
    _nothing_yet(place)
    ingest(place)


def _settled(place: Place) -> None:
    place.folder.mkdir(parents=True)
    papers.write(place.papers, _SETTLED)
    ingest(place)


def _with_few_more(place: Place) -> None:
    _settled(place)
    papers.write(place.papers, _FEW)


def _with_many_more(place: Place) -> None:
    _small(place)
    papers.write(place.papers, _MANY)


def _with_changed(place: Place) -> None:
    _settled(place)
    papers.write(place.papers, _CHANGED, changed=True)


def _left_undone(place: Place) -> None:
    """New statements are in the archive, and neither vectors nor index know of them."""
    _with_many_more(place)
    patch = pytest.MonkeyPatch()
    with wiring.ingester(place.config, SilentProgress(), "ingest") as work:
        patch.setattr(type(work), "finish", lambda _: 0)
        work.ingest([str(place.papers)])
    patch.undo()


def _ingest_command(place: Place) -> list[str]:
    return ["ingest", str(place.papers)]


def _remove_command(place: Place) -> list[str]:
    return ["remove", *(papers.id_of(place.papers, paper) for paper in _REMOVED)]


OPERATIONS = (
    Operation("first ingest", _nothing_yet, ingest, _ingest_command),
    Operation("ingest of a few new", _with_few_more, ingest, _ingest_command),
    Operation("ingest of many new", _with_many_more, ingest, _ingest_command),
    Operation("ingest of changed", _with_changed, ingest, _ingest_command),
    Operation("remove", _small, _remove, _remove_command),
    Operation("reindex", _small, _reindex, lambda _: ["reindex"]),
    Operation("reencode", _small, _reencode, lambda _: ["reindex", "--model", OTHER_MODEL]),
    Operation("calibrate", _settled, _calibrate, lambda _: ["calibrate"]),
    Operation("opening", _left_undone, ask, lambda _: ["ask", papers.sentence(1000)]),
)
