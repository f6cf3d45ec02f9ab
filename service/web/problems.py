"""How an error is told over HTTP: one table from error classes to statuses, in the form of RFC 9457."""

import sqlite3
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import HTTPException

from corpus.archive import UnknownVersion
from corpus.archive_file import NotAnArchive, UnusableFolder
from corpus.errors import InvalidStatement, OnRecordError, Unreadable
from corpus.filters import InvalidPeriod
from corpus.readers.confined import AllReading
from corpus.records import DamagedArchive, UnknownStatement
from service.answering import BeingRebuilt, EmptyQuestion, EncodedAnew, NotText, TooMany
from service.capsules import MalformedCapsule, NobodysWords
from service.generations import DamagedIndex, NoIndex
from service.keys import DamagedKeys
from service.quote_check import TooManyQuotations
from service.web.access import AddressTooLong, FromElsewhere, NoKey, NoKeysYet, TooOften, WrongHost
from service.web.admission import RETRY_AFTER, Busy, Stopping
from service.web.conversation import UnreadableConversation, UnreadableFilter
from service.web.drafts import DraftTooLarge, NotOneDraft
from service.web.places import UnknownText
from service.web.rates import WINDOW

UnreadableArchive = sqlite3.Error
"""What every reading of an archive ends in when the file was taken away or damaged after the start."""


class ParameterError(BaseModel):
    """One parameter that cannot be used, and why."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    parameter: str
    """Its name; inside a JSON body with the way to it, as in "history.2.text"."""
    detail: str


class Problem(BaseModel):
    """An error as RFC 9457 has it: what went wrong, and what to do about it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    type: str
    """Names the kind of problem and never changes; also the address of its explanation on this server."""
    title: str
    status: int
    detail: str
    errors: tuple[ParameterError, ...] | None = None
    """With "/problems/invalid-parameters" only: what is wrong with which parameter."""
    request_id: str | None = None
    """Names the request in the server's log; also in the X-Request-ID header of every response."""


class InvalidParameters(OnRecordError):
    """A request that says something it may not, or does not say what it must."""

    def __init__(self, errors: tuple[ParameterError, ...]) -> None:
        self.errors = errors
        told = "; ".join(f"{error.parameter}: {error.detail}" for error in errors)
        super().__init__(f"The request cannot be used. {told}.", "/openapi.json says what each parameter may be.")


class MalformedJson(OnRecordError):
    """A body that is not JSON."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The body is not JSON: {reason}.", "Send one JSON object in UTF-8.")


class NotJson(OnRecordError):
    """A body that says it is something other than JSON."""

    def __init__(self) -> None:
        super().__init__("The body is not declared as JSON.", "Send it with Content-Type: application/json.")


class UnreadablePlace(OnRecordError):
    """An address that does not say which characters of a statement are meant."""

    def __init__(self) -> None:
        super().__init__(
            "The address does not say which characters are meant.", "Give both start and end, as whole numbers."
        )


class UnknownOriginal(OnRecordError):
    """An address of bytes that the archive does not hold."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"No original with the SHA-256 {sha256[:64]!r} is in the archive.",
            "Take the address from the page of the statement.",
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the last part of its `type`, its status and title, and a detail where our own is not fit.

    `retry_after` is in seconds, for what passes by itself: the Retry-After header.
    """

    name: str
    status: int
    title: str
    detail: str | None = None
    retry_after: int | None = None

    @property
    def type(self) -> str:
        """The stable URI reference that names it."""
        return f"/problems/{self.name}"


_UNREADABLE_ARCHIVE = Kind(
    "archive-unreadable",
    503,
    "The archive cannot be read",
    "The archive cannot be opened. `onrecord status` on the server says why.",  # the error's own sentence has paths
)
NOT_READY = Kind("not-ready", 503, "Not ready to answer")
INTERNAL = Kind(
    "internal", 500, "Something went wrong here", "An unforeseen error. The server's log says what it was; try again."
)
BAD_REQUEST = Kind("bad-request", 400, "The request cannot be read", "The request cannot be read. Correct it.")

BY_ERROR: dict[type[OnRecordError | UnreadableArchive], Kind] = {
    MalformedJson: Kind("malformed-json", 400, "The body is not JSON"),
    NotJson: Kind("not-json", 415, "The body is not declared as JSON"),
    InvalidParameters: Kind("invalid-parameters", 422, "A parameter cannot be used"),
    EmptyQuestion: Kind("empty-question", 422, "The question is empty"),
    NotText: Kind("not-text", 422, "The question is not text"),
    TooMany: Kind("too-many", 422, "More passages than an answer can have"),
    InvalidPeriod: Kind("invalid-period", 422, "The period ends before it begins"),
    UnreadableConversation: Kind("unreadable-conversation", 400, "No conversation can be read from the address"),
    UnreadableFilter: Kind("unreadable-filter", 422, "A filter cannot be used"),
    UnreadablePlace: Kind("unreadable-place", 400, "No place can be read from the address"),
    InvalidStatement: Kind("no-such-place", 400, "No such place in the statement"),
    NobodysWords: Kind("nobodys-words", 422, "The place is not within one speaker’s words"),
    MalformedCapsule: Kind("malformed-capsule", 422, "This is not a citation capsule"),
    NotOneDraft: Kind("not-one-draft", 422, "There must be one draft"),
    DraftTooLarge: Kind("draft-too-large", 413, "The draft is too large"),
    Unreadable: Kind("unreadable-draft", 422, "The draft cannot be read"),
    TooManyQuotations: Kind("too-many-quotations", 422, "More quotations than are checked at once"),
    UnknownOriginal: Kind("unknown-original", 404, "No such original"),
    UnknownStatement: Kind("unknown-statement", 404, "No such statement"),
    UnknownVersion: Kind("unknown-version", 404, "No such version"),
    UnknownText: Kind("unknown-text", 404, "The archive does not hold that text"),
    DamagedArchive: Kind("archive-damaged", 503, "The archive is damaged"),
    NoIndex: Kind("no-index", 503, "There is no index yet"),
    DamagedIndex: Kind(
        "index-damaged", 503, "The index is damaged", "Run `onrecord reindex` on the server: it builds the index anew."
    ),
    EncodedAnew: Kind("encoded-anew", 503, "The collection was encoded by another model"),
    BeingRebuilt: Kind("being-rebuilt", 503, "The collection is being encoded anew"),
    Busy: Kind("busy", 503, "Too many questions at once", retry_after=RETRY_AFTER),
    AllReading: Kind("all-reading", 503, "Too many files are being read at once", retry_after=RETRY_AFTER),
    Stopping: Kind("stopping", 503, "The server is being stopped", retry_after=RETRY_AFTER),
    WrongHost: Kind("wrong-host", 421, "This server has another name"),
    FromElsewhere: Kind("from-elsewhere", 403, "Sent by another site"),
    AddressTooLong: Kind("address-too-long", 414, "The address is too long"),
    TooOften: Kind("too-often", 429, "Too much in one minute", retry_after=int(WINDOW)),
    NoKey: Kind("no-key", 401, "A key is needed"),
    NoKeysYet: Kind("no-keys-yet", 403, "No key has been made yet"),
    DamagedKeys: Kind(
        "keys-damaged", 503, "The keys cannot be read", "Run `onrecord keys list` on the server: it says what is wrong."
    ),
    NotAnArchive: _UNREADABLE_ARCHIVE,
    UnusableFolder: _UNREADABLE_ARCHIVE,
    UnreadableArchive: _UNREADABLE_ARCHIVE,
    OnRecordError: NOT_READY,
}
BY_STATUS: dict[int, Kind] = {
    404: Kind("not-found", 404, "Nothing is here", "Nothing is at this address. /openapi.json lists what there is."),
    405: Kind("method-not-allowed", 405, "Not with this method", "Use a method that the Allow header names."),
    413: Kind("too-large", 413, "The body is too large", "A body may have 1 MiB at most. Send less."),
    431: Kind("headers-too-large", 431, "The headers are too large", "Send a shorter address and fewer headers."),
    500: INTERNAL,
    501: Kind("not-understood", 501, "This coding is not understood", "Send the body as it is, or chunked."),
}
KINDS = {kind.name: kind for kind in (*BY_ERROR.values(), *BY_STATUS.values(), BAD_REQUEST)}


def kind_of(error: OnRecordError | UnreadableArchive | type[OnRecordError | UnreadableArchive]) -> Kind:
    """The kind of problem that an error is: that of its nearest class in the table.

    >>> kind_of(UnknownStatement("nota-1987")).status
    404
    """
    classes = error.__mro__ if isinstance(error, type) else type(error).__mro__
    return next(BY_ERROR[known] for known in classes if known in BY_ERROR)


def problem_of(error: OnRecordError | UnreadableArchive) -> Problem:
    """The problem that an error in the table is."""
    kind = kind_of(error)
    errors = error.errors if isinstance(error, InvalidParameters) else None
    return Problem(
        type=kind.type, title=kind.title, status=kind.status, detail=kind.detail or str(error), errors=errors
    )


def http_problem_of(error: HTTPException) -> Problem:
    """The problem that one of the web framework's errors is."""
    return problem_of_status(error.code or 500)


def problem_of_status(status: int) -> Problem:
    """The problem that a response of this status is, where nothing more is known."""
    kind = BY_STATUS.get(status, BAD_REQUEST if status < 500 else INTERNAL)
    return Problem(type=kind.type, title=kind.title, status=status, detail=kind.detail or kind.title)
