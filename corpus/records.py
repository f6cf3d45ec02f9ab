"""What goes into an archive and what comes out of it, and the two ways in which it can fail to come out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from corpus.errors import OnRecordError
from corpus.statement import Passage, Role, Statement

SEAL = "archive.seal"
"""The file beside the archive that says what it was when it was last written."""
RESTORE = f"Restore archive.db and {SEAL} from one backup, together; where it has no {SEAL}, delete the one here."
"""The cure for an archive that cannot be mended."""


class DamagedArchive(OnRecordError):
    """The archive's own hashes contradict what it holds: nothing may be quoted from it."""

    def __init__(self, statement_id: str) -> None:
        super().__init__(
            f"What is archived of statement {statement_id!r} does not match its SHA-256.",
            f"{RESTORE} Or remove the statement and ingest it again.",
        )


class DamagedOriginal(DamagedArchive):
    """The bytes of an original are not those that were received."""

    def __init__(self, digest: str) -> None:
        OnRecordError.__init__(
            self,
            f"The original with SHA-256 {digest[:16]}… is not what was received.",
            f"{RESTORE} Or remove the statements made from it and ingest them again.",
        )


class UnknownStatement(OnRecordError):
    """No statement of that id is in the archive."""

    def __init__(self, statement_id: str) -> None:
        self.statement_id = statement_id
        super().__init__(
            f"No statement {statement_id!r} is in the archive.", "`onrecord status --statements` lists the ids."
        )


class Outcome(StrEnum):
    """What became of a statement that was put into the archive."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement came from: the place, the bytes as received, and how they were read."""

    origin: str
    """An absolute path, or "-" for standard input."""
    original: bytes
    media_type: str
    reading: str
    """Versions of reader and chunker, and defaults given by the person: the same bytes read otherwise are a change."""


@dataclass(frozen=True, slots=True)
class Archived:
    """One version of a statement as the archive keeps it."""

    statement: Statement
    version: int
    """1 for the first; the highest is current."""
    versions: int
    original_sha256: str
    ingested_at: str
    """When it was received: ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the archive's table of contents."""

    id: str
    title: str | None
    issuer: str | None
    speaker: str | None
    published: str | None
    passages: int


@dataclass(frozen=True, slots=True)
class Searchable:
    """What the indexes are built from: an embedded passage with what can be asked of it."""

    key: int
    version: int
    """The same for all passages of one statement."""
    text: str
    title: str | None
    issuer: str | None
    first_day: str | None
    last_day: str | None
    speaker: str | None
    role: Role
    asked: str | None = None
    """Of an answer: the question that it answers, or the end of a long one."""

    @property
    def context(self) -> str:
        """What stands around the passage and helps to find it: title, issuer, speaker and the question it answers."""
        return lines(self.title, self.issuer, self.speaker, self.asked)


_ASKED = 400
"""Characters of a question that help to find its answer."""
UNDATED = date.max.toordinal()
"""The first day of a statement without a date: beyond all others."""


def context_of(statement: Statement, passage: Passage) -> str:
    """What stands around a passage of the statement, as `Searchable.context` has it."""
    turn = statement.turns[passage.turn]
    before = statement.turns[passage.turn - 1] if passage.turn and turn.role is Role.ANSWER else None
    asked = ending(statement.text, before.start, before.end) if before and before.role is Role.QUESTION else None
    return lines(statement.title, statement.issuer, turn.speaker, asked)


def ending(text: str, start: int, end: int) -> str:
    """The question that stands there, or the last whole words of a long one: what is asked comes last."""
    if end - start <= _ASKED:
        return text[start:end]
    last = text[end - _ASKED : end]
    return last.partition(" ")[2] or last


def lines(*told: str | None) -> str:
    """Those that are told, a line each."""
    return "\n".join(one for one in told if one)


class Standing(NamedTuple):
    """What the ranking must know of a passage to put it in its place among others."""

    key: int
    statement: int
    """The same for all passages of one statement."""
    family: int
    """The same for all passages in which one speaker says the same words in the same role, or nearly the same."""
    first_day: int
    """The ordinal of the first day that its statement's date can mean; `UNDATED` when it has none."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a search goes through."""

    statements: int
    passages: int
    first_day: int | None
    """The ordinal of the first day that any dated statement among them can mean."""
    last_day: int | None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a passage stands: in code points, end exclusive."""

    statement_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an archive holds."""

    statements: int
    versions: int
    passages: int
    pending: int
    """Passages that have no vector yet."""
    first_day: str | None
    last_day: str | None
