"""The values everything else speaks of: statements, their turns, and passages cut from them."""

import hashlib
import json
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from corpus.errors import InvalidStatement

MAX_ID_LENGTH = 200
_PUBLISHED = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class Role(StrEnum):
    """What a turn is: whose words they are is decided by it as much as by the speaker."""

    REMARKS = "remarks"
    """What the issuer or a speaker says of their own accord; also a text without marked turns."""
    QUESTION = "question"
    """What somebody else asks the speaker: never the speaker's words."""
    ANSWER = "answer"
    """What is said in reply to a question."""
    LETTER = "letter"
    """The body of a letter, salutation to signature."""
    INTRODUCTION = "introduction"
    """What the publisher says around the speech: where, when, in which paper; spoken by nobody."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of a statement that one speaker says in one role.

    `start` and `end` are Unicode code points into `Statement.text`, end exclusive; the speaker's label
    ("Question:", "MS. ADLER:") stands before `start`. `speaker` is the name or title as the source prints it,
    or `None` when the source names nobody.
    """

    start: int
    end: int
    speaker: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotable piece of one turn: `start` and `end` are code points into the statement's text, end exclusive."""

    start: int
    end: int
    turn: int
    """Position of its turn in `Statement.turns`."""


@dataclass(frozen=True)
class Statement:
    """One official document: its canonical text, and what its source says about it.

    `text` is made once, by the reader, and never cleaned again. What the source does not give is `None`.
    `published` is an ISO 8601 date, or only its year and month, or only its year: no part is ever guessed.

    Raises `InvalidStatement` when no citation could be made from it.
    """

    id: str
    title: str | None
    issuer: str | None
    speaker: str | None
    published: str | None
    kind: str | None
    language: str | None
    url: str | None
    text: str
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        _check_id(self.id)
        _check_text(self.id, self.text)
        if self.published is not None:
            published_days(self.published)
        position = 0
        for turn in self.turns:
            if not position <= turn.start < turn.end <= len(self.text):
                raise InvalidStatement(f"Statement {self.id!r} has a turn at {turn.start}–{turn.end} out of place.")
            position = turn.end

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of the canonical text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def record_sha256(self) -> str:
        """SHA-256 of all else: what the source says of it, and who speaks where."""
        said = (self.title, self.issuer, self.speaker, self.published, self.kind, self.language, self.url)
        turns = [(turn.start, turn.end, turn.speaker, turn.role) for turn in self.turns]
        return hashlib.sha256(json.dumps([self.id, said, turns]).encode()).hexdigest()

    def check(self, passage: Passage) -> None:
        """Raise `InvalidStatement` when the passage does not stand within its turn."""
        turn = self.turns[passage.turn] if 0 <= passage.turn < len(self.turns) else None
        if turn is None or not turn.start <= passage.start < passage.end <= turn.end:
            raise InvalidStatement(f"Statement {self.id!r} has no turn that holds a passage {passage}.")

    def slice(self, start: int, end: int) -> str:
        """The characters from `start` to `end`, in code points, end exclusive.

        >>> note = Statement("n", None, None, None, None, None, None, None, "Zinc is up.", ())
        >>> note.slice(0, 4)
        'Zinc'
        """
        if not 0 <= start < end <= len(self.text):
            raise InvalidStatement(
                f"Statement {self.id!r} has {len(self.text):,} characters; {start}–{end} is not a place in it.",
                "Give a start below the end, both within the statement.",
            )
        return self.text[start:end]


def published_days(published: str) -> tuple[date, date]:
    """First and last day of the period that `published` names.

    >>> published_days("2024-02")
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))

    Raises `InvalidStatement` when it is not YYYY, YYYY-MM or YYYY-MM-DD.
    """
    match = _PUBLISHED.fullmatch(published)
    try:
        if match is None:
            raise ValueError(published)
        year, month, day = match.groups()
        first = date(int(year), int(month or 1), int(day or 1))
        if day:
            return first, first
        last_month = int(month or 12)
        return first, date(first.year, last_month, monthrange(first.year, last_month)[1])
    except ValueError:
        raise InvalidStatement(f"{published!r} is not a date.", "Write it as YYYY-MM-DD, YYYY-MM or YYYY.") from None


def _check_id(statement_id: str) -> None:
    printable = statement_id.isprintable() and 0 < len(statement_id.strip()) <= len(statement_id) <= MAX_ID_LENGTH
    if not printable or {".", ".."} & set(statement_id.split("/")):  # which an address could not lead to
        raise InvalidStatement(
            f"{statement_id[:40]!r} cannot be a statement's id.",
            f"Use 1 to {MAX_ID_LENGTH} printable characters, and no . or .. between slashes.",
        )


def _check_text(statement_id: str, text: str) -> None:
    if not text.strip():
        raise InvalidStatement(f"Statement {statement_id!r} has no text.")
    if "\0" in text:
        raise InvalidStatement(f"The text of statement {statement_id!r} has a NUL character in it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidStatement(
            f"The text of statement {statement_id!r} has half a surrogate pair at character {error.start}."
        ) from None
