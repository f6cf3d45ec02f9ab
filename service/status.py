"""How a collection is: what it holds, what it was encoded with, and whether its index is in step and undamaged."""

from dataclasses import dataclass
from pathlib import Path

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.records import Counts
from service.generations import Encoding, is_current, open_current


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
    """"current", "outdated", or what is wrong with it and how to mend it."""


def status_of(archive: Archive, data: Path, index_folder: Path) -> Status:
    """The status of the collection in `data`, every index file checked against its manifest."""
    generation, indexed = None, 0
    try:
        manifest = open_current(index_folder).manifest
        generation, indexed = manifest.generation, manifest.passages
        current = is_current(archive, index_folder) and not archive.counts().pending
        index = "current" if current else "outdated: the next question brings it in step"
    except OnRecordError as error:
        index = str(error)
    return Status(str(data), archive.counts(), Encoding.of(archive), generation, indexed, index)
