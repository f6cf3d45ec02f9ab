"""The JSON API: what it takes and gives, and where; routes and description come from one table of operations."""

import json
from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, TypeAdapter

from corpus.archive import UnknownVersion
from corpus.errors import InvalidStatement, Unreadable
from corpus.filters import InvalidPeriod
from corpus.records import Archived, DamagedArchive, Summary, UnknownStatement
from corpus.statement import Turn
from service.answer import Answer, IndexInfo
from service.answering import BeingRebuilt, Collection, EmptyQuestion, EncodedAnew, NotText
from service.capsule_check import CapsuleReport, verify_in_archive
from service.capsules import MalformedCapsule, NobodysWords, read_capsule
from service.citations import FORMS, passage_meant
from service.findings import Check
from service.generations import DamagedIndex, NoIndex
from service.keys import DamagedKeys
from service.quote_check import TooManyQuotations
from service.receipts import Receipt, written
from service.receipts import receipt as make_receipt
from service.web.access import FromElsewhere, NoKey, NoKeysYet
from service.web.admission import Busy, Stopping
from service.web.drafts import DraftTooLarge, checked
from service.web.openapi import Document, Link, Operation, describe
from service.web.parameters import (
    AskBody,
    AskQuery,
    CiteQuery,
    ListQuery,
    Nothing,
    StatementQuery,
    VerifyBody,
    from_json,
    from_query,
)
from service.web.places import UnknownText, version_meant
from service.web.problems import NotJson, Problem, UnreadableArchive
from service.web.references import document

PATHS = ("/api/", "/openapi.json", "/healthz", "/readyz", "/metrics")
"""Addresses below which every answer is for a program."""


@dataclass(frozen=True, slots=True)
class StatementList:
    """Part of the table of contents, in the order of ids."""

    statements: tuple[Summary, ...]
    next: str | None
    """What `after` must be for the part that follows; null at the end."""


@dataclass(frozen=True, slots=True)
class StatementText:
    """One version of a statement: what its source says about it, and its text character for character.

    `turns` are in code points into `text`, end exclusive. What the source does not say is null.
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
    version: int
    versions: int
    ingested_at: str
    original_sha256: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check found: of the two, the one that was asked for; the other is null."""

    check: Check | None
    capsule: CapsuleReport | None


@dataclass(frozen=True, slots=True)
class Health:
    """The server is up."""

    status: Literal["up"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """The server can answer, and from what."""

    status: Literal["ready"]
    index: IndexInfo
    notice: str | None
    """What is wrong though questions are answered, and what to do about it; null when all is well."""


def ask(collection: Collection, asked: AskQuery) -> Answer:
    """Ask a question; nothing found is an answer like any other."""
    return collection.ask(asked.question, k=asked.k, filters=asked.filters, manner=asked.manner)


def ask_in_conversation(collection: Collection, asked: AskBody) -> Answer:
    """Ask a question that may lean on what was said before it."""
    return collection.ask(
        asked.question, k=asked.k, filters=asked.filters, history=asked.utterances, manner=asked.manner
    )


def receipt(collection: Collection, asked: AskQuery) -> Document:
    """Ask a question and get the search receipt: what was searched and found, or not, to be run again."""
    return _receipt(make_receipt(collection, asked.question, k=asked.k, filters=asked.filters, manner=asked.manner))


def receipt_in_conversation(collection: Collection, asked: AskBody) -> Document:
    """Get the search receipt of a question that may lean on what was said before it."""
    made = make_receipt(
        collection, asked.question, k=asked.k, filters=asked.filters, history=asked.utterances, manner=asked.manner
    )
    return _receipt(made)


def list_statements(collection: Collection, asked: ListQuery) -> StatementList:
    """List the statements held, part by part."""
    found = collection.archive.summaries(limit=asked.limit + 1, after=asked.after)
    shown = found[: asked.limit]
    return StatementList(tuple(shown), shown[-1].id if len(found) > asked.limit else None)


def get_statement(collection: Collection, asked: StatementQuery) -> StatementText:
    """Get a statement with its text and turns."""
    return _statement_text(collection.archive.get(asked.statement_id, asked.version))


def cite(collection: Collection, asked: CiteQuery) -> Document:
    """Cite words in one of the forms: the answer is the reference itself."""
    archived = version_meant(collection.archive, asked.statement_id, asked.version, asked.text)
    passage = passage_meant(archived.statement, asked.start, asked.end)
    return document(collection.citations, archived, passage, asked.format)


def verify(collection: Collection, asked: VerifyBody) -> Verified:
    """Check the quotations in a draft, or a citation capsule, against what is held; nothing of it is kept."""
    if asked.capsule is not None:
        given = read_capsule(json.dumps(asked.capsule).encode())
        return Verified(None, verify_in_archive(given, collection.archive))
    return Verified(checked(collection, (asked.text or "").encode(), asked.name), None)


def is_up(_collection: Collection, _asked: Nothing) -> Health:
    """Say whether the server is up."""
    return Health("up")


def is_ready(collection: Collection, _asked: Nothing) -> Readiness:
    """Say whether the server can answer questions."""
    return Readiness("ready", collection.generation(), collection.notice())


_READY = (NoIndex, DamagedIndex, EncodedAnew, DamagedArchive, UnreadableArchive)
_ASKING = (EmptyQuestion, NotText, InvalidPeriod, *_READY, BeingRebuilt, Busy)
_ASKING_BY_ADDRESS = (*_ASKING, FromElsewhere)
_VERIFYING = (
    *(Unreadable, DraftTooLarge, TooManyQuotations, MalformedCapsule),
    *(*_READY, BeingRebuilt, Busy),
    *(NoKey, NoKeysYet, DamagedKeys),
)
_CITED = "$response.body#/quotes/0/citation"
_OF_A_QUOTE = (
    Link("get_statement", {"statement_id": f"{_CITED}/statement_id"}),
    Link(
        "cite",
        {
            "statement_id": f"{_CITED}/statement_id",
            "start": f"{_CITED}/start",
            "end": f"{_CITED}/end",
            "text": f"{_CITED}/text_sha256",
        },
    ),
)
_OF_A_STATEMENT = (
    Link(
        "cite",
        {
            "statement_id": "$response.body#/id",
            "start": "$response.body#/turns/0/start",
            "end": "$response.body#/turns/0/end",
            "version": "$response.body#/version",
        },
    ),
    Link("verify", body={"text": "$response.body#/text"}),
)

OPERATIONS = (
    Operation("GET", "/api/v1/ask", ask, AskQuery, Answer, _ASKING_BY_ADDRESS, links=_OF_A_QUOTE),
    Operation("POST", "/api/v1/ask", ask_in_conversation, AskBody, Answer, _ASKING, links=_OF_A_QUOTE),
    Operation("GET", "/api/v1/receipt", receipt, AskQuery, Document, _ASKING_BY_ADDRESS, ("application/json",)),
    Operation("POST", "/api/v1/receipt", receipt_in_conversation, AskBody, Document, _ASKING, ("application/json",)),
    Operation(
        "GET",
        "/api/v1/statements",
        list_statements,
        ListQuery,
        StatementList,
        (UnreadableArchive,),
        links=(Link("get_statement", {"statement_id": "$response.body#/statements/0/id"}),),
    ),
    Operation(
        "GET",
        "/api/v1/statements/{statement_id}",
        get_statement,
        StatementQuery,
        StatementText,
        (UnknownStatement, UnknownVersion, DamagedArchive, UnreadableArchive),
        links=_OF_A_STATEMENT,
    ),
    Operation(
        "GET",
        "/api/v1/cite",
        cite,
        CiteQuery,
        Document,
        (
            *(InvalidStatement, NobodysWords, UnknownStatement, UnknownVersion, UnknownText),
            *(DamagedArchive, UnreadableArchive),
        ),
        tuple(dict.fromkeys(form.media_type for form in FORMS.values())),
    ),
    Operation("POST", "/api/v1/verify", verify, VerifyBody, Verified, _VERIFYING),
    Operation("GET", "/healthz", is_up, Nothing, Health),
    Operation("GET", "/readyz", is_ready, Nothing, Readiness, (*_READY, Stopping)),
)


def api(collection: Collection) -> Blueprint:
    """Every operation under its address, and the description of them all under /openapi.json."""
    blueprint = Blueprint("api", __name__)
    for operation in OPERATIONS:
        blueprint.add_url_rule(
            operation.path.replace("{statement_id}", "<id:statement_id>"),
            endpoint=operation.answer.__name__,
            view_func=_View(collection, operation),
            methods=[operation.method],
        )
    description = describe(OPERATIONS)
    blueprint.add_url_rule("/openapi.json", "openapi", lambda: description)
    return blueprint


def problem_response(problem: Problem) -> Response:
    """A problem as an answer to a program."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        status=problem.status,
        content_type="application/problem+json",
    )


class _View:
    """An operation as Flask calls it: reads the request, calls the operation, writes what it gives."""

    def __init__(self, collection: Collection, operation: Operation) -> None:
        self._collection = collection
        self._operation = operation
        self._gives: TypeAdapter[object] = TypeAdapter(object if operation.gives is Document else operation.gives)

    def __call__(self, **path: str) -> ResponseReturnValue:
        value = self._operation.answer(self._collection, self._read(path))
        if isinstance(value, Document):
            named = {"Content-Disposition": f'inline; filename="{value.file_name}"'}
            return Response(value.content, content_type=value.media_type, headers=named)
        return Response(self._gives.dump_json(value), content_type="application/json")

    def _read(self, path: dict[str, str]) -> BaseModel:
        if self._operation.method == "GET":
            return from_query(self._operation.takes, request.args, path)
        from_query(Nothing, request.args, path)
        if request.mimetype != "application/json":
            raise NotJson
        return from_json(self._operation.takes, request.get_data())


def _receipt(made: Receipt) -> Document:
    return Document(written(made), "application/json", "receipt.json")


def _statement_text(archived: Archived) -> StatementText:
    statement = archived.statement
    return StatementText(
        id=statement.id,
        title=statement.title,
        issuer=statement.issuer,
        speaker=statement.speaker,
        published=statement.published,
        kind=statement.kind,
        language=statement.language,
        url=statement.url,
        text=statement.text,
        turns=statement.turns,
        version=archived.version,
        versions=archived.versions,
        ingested_at=archived.ingested_at,
        original_sha256=archived.original_sha256,
        text_sha256=statement.text_sha256,
    )
