"""The API's description in OpenAPI 3.1, made from the operations themselves and the types they take and give."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from corpus.errors import OnRecordError
from service.web.access import ANY_REQUEST, FromElsewhere, NoKey
from service.web.problems import (
    BY_STATUS,
    INTERNAL,
    InvalidParameters,
    Kind,
    MalformedJson,
    NotJson,
    Problem,
    UnreadableArchive,
    kind_of,
)

Schema = dict[str, Any]

API_VERSION = "1.1.0"
"""Its first number is that of the addresses below /api; it rises when a client must change."""


@dataclass(frozen=True, slots=True)
class Document:
    """What an operation gives that answers with a document in place of JSON."""

    content: bytes
    media_type: str
    """With its charset, where that is not settled by the type."""
    file_name: str
    """For whoever keeps it: ASCII letters, digits, dots and hyphens."""


@dataclass(frozen=True, slots=True)
class Link:
    """What an answer gives for another request: the operation that takes it, and what of it goes where.

    `parameters` and `body` have runtime expressions of OpenAPI for values, such as "$response.body#/id".
    """

    to: str
    parameters: Mapping[str, str] | None = None
    body: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API does: where it is reached, what it takes and gives, and how it can fail.

    `path` has its parameters in braces. With GET, `takes` is read from path and query; with POST, from the body.
    What `gives` a `Document` names the `media_types` that it can have.
    """

    method: Literal["GET", "POST"]
    path: str
    answer: Callable[..., object]
    takes: type[BaseModel]
    gives: type
    fails: tuple[type[OnRecordError | UnreadableArchive], ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    links: tuple[Link, ...] = ()

    @property
    def problems(self) -> tuple[Kind, ...]:
        """Every kind of problem that it can end in."""
        body = (kind_of(MalformedJson), kind_of(NotJson), BY_STATUS[413], kind_of(FromElsewhere))
        own = (*(body if self.method == "POST" else ()), *map(kind_of, self.fails))
        return (kind_of(InvalidParameters), *own, *map(kind_of, ANY_REQUEST), INTERNAL)


def describe(operations: Sequence[Operation]) -> Schema:
    """The OpenAPI document of `operations`."""
    references, definitions = _schemas(operations)
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, references, definitions)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OnRecord",
            "version": API_VERSION,
            "description": "Ask a collection of official statements a question; get the words that were said, "
            "who said them, when, and a citation anyone can check. No text is ever generated.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": _SECURITY_SCHEMES},
    }


_SECURITY_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key made by `onrecord keys add NAME`."},
    "password": {"type": "http", "scheme": "basic", "description": "The same key as the password, with any name."},
}
_BY_KEY: Sequence[Schema] = ({}, {"key": []}, {"password": []})
"""With none of them as well: a server that only its own machine reaches and that has no keys asks for none."""

References = Mapping[tuple[type, JsonSchemaMode], Schema]


def _schemas(operations: Sequence[Operation]) -> tuple[References, dict[str, Schema]]:
    adapters: dict[tuple[type, JsonSchemaMode], TypeAdapter[object]] = {
        (Problem, "serialization"): TypeAdapter(Problem),
    }
    for operation in operations:
        adapters[operation.takes, "validation"] = TypeAdapter(operation.takes)
        if operation.gives is not Document:
            adapters[operation.gives, "serialization"] = TypeAdapter(operation.gives)
    references, document = TypeAdapter.json_schemas(
        [(kind, mode, adapter) for (kind, mode), adapter in adapters.items()],
        ref_template="#/components/schemas/{model}",
    )
    return references, document["$defs"]


def _operation(operation: Operation, references: References, definitions: Mapping[str, Schema]) -> Schema:
    lines = cleandoc(operation.answer.__doc__ or "").split("\n")
    described: Schema = {
        "operationId": operation.answer.__name__,
        "summary": lines[0].rstrip("."),
        "responses": _responses(operation, references),
    }
    if operation.method == "POST":
        content = {"application/json": {"schema": references[operation.takes, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    else:
        described["parameters"] = list(_parameters(operation, definitions[operation.takes.__name__]))
    if NoKey in operation.fails:
        described["security"] = list(_BY_KEY)
    return described


def _parameters(operation: Operation, schema: Schema) -> Iterator[Schema]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        in_path = f"{{{name}}}" in operation.path
        parameter: Schema = {"name": name, "in": "path" if in_path else "query", "required": name in required}
        if "description" in field:
            parameter["description"] = field["description"]
        yield {**parameter, "schema": _in_an_address(field)}


def _in_an_address(field: Schema) -> Schema:
    """The schema of a parameter: left out is how an address says null."""
    kept = {key: value for key, value in field.items() if key not in {"description", "title"}}
    options = kept.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return kept
    del kept["anyOf"]
    if kept.get("default", "") is None:
        del kept["default"]
    others = [option for option in options if option != {"type": "null"}]
    return {**others[0], **kept} if len(others) == 1 else {**kept, "anyOf": others}


def _responses(operation: Operation, references: References) -> Schema:
    responses: Schema = {
        "200": {
            "description": HTTPStatus.OK.phrase,
            "content": {
                media_type: {"schema": _schema_of_answer(operation, media_type, references)}
                for media_type in operation.media_types
            },
        }
    }
    if operation.links:
        responses["200"]["links"] = {link.to: _link(link) for link in operation.links}
    for status in sorted({kind.status for kind in operation.problems}):
        kinds = dict.fromkeys(kind for kind in operation.problems if kind.status == status)
        responses[str(status)] = {
            "description": "; ".join(f"{kind.title} (`{kind.type}`)" for kind in kinds),
            "content": {"application/problem+json": {"schema": references[Problem, "serialization"]}},
        }
        if any(kind.retry_after is not None for kind in kinds):
            seconds = {"description": "Seconds until it is worth asking again.", "schema": {"type": "integer"}}
            responses[str(status)]["headers"] = {"Retry-After": seconds}
        if status == HTTPStatus.UNAUTHORIZED:
            ways = {"description": "The ways in which a key can be given.", "schema": {"type": "string"}}
            responses[str(status)]["headers"] = {"WWW-Authenticate": ways}
    return responses


def _link(link: Link) -> Schema:
    parameters = {"parameters": dict(link.parameters)} if link.parameters else {}
    return {"operationId": link.to, **parameters, **({"requestBody": dict(link.body)} if link.body else {})}


def _schema_of_answer(operation: Operation, media_type: str, references: References) -> Schema:
    """What a body of that type holds: of a document in JSON its own standard says so, any other is text."""
    if operation.gives is not Document:
        return references[operation.gives, "serialization"]
    return {} if media_type.partition(";")[0].endswith("json") else {"type": "string"}
