"""What a request to the API may say: every parameter's name, type and bounds, and nothing beside them."""

import re
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from werkzeug.datastructures import MultiDict

from corpus.errors import InvalidStatement
from corpus.filters import Filters, first_day, last_day
from corpus.statement import MAX_ID_LENGTH, Role, published_days
from service.answering import MAX_K, Manner
from service.citations import FORMS
from service.conversation import Utterance
from service.web.drafts import MAX_DRAFT
from service.web.places import TEXT_NAME
from service.web.problems import InvalidParameters, MalformedJson, ParameterError
from service.wishes import Order, WishKind

MAX_QUESTION = 10_000
MAX_HISTORY = 50
MAX_NAME = 200
MAX_LIMIT = 500
MAX_VERSION = 1_000_000
MAX_OFFSET = 1_000_000_000

_PERIOD_SCHEMA = {
    "anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$"},
        {"type": "string", "pattern": "^(?!0000)[0-9]{4}$"},
    ],
    "examples": ["2020-07-16", "2020-07", "2020"],
}

_NOT_BLANK = r"[^\s\u0085\ufeff]"
r"""Not \S: of these two characters the dialects of regular expressions disagree whether they are space."""

RequestModel = TypeVar("RequestModel", bound=BaseModel)


def _whole_number(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # JSON Schema counts 5.0 among the integers
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("is not a whole number")
    return value


def _period(value: str) -> str:
    if not value.isascii():
        raise ValueError("is not a date; write YYYY-MM-DD, YYYY-MM or YYYY")
    try:
        published_days(value)
    except InvalidStatement:
        raise ValueError("is not a date; write YYYY-MM-DD, YYYY-MM or YYYY") from None
    return value


def _wishes(value: str) -> str:
    if not set(value.split(",")) <= set(get_args(WishKind)):
        raise ValueError('is neither "order" nor "period" nor "order,period"')
    return value


def _form(value: str) -> str:
    if value not in FORMS:
        raise ValueError(f"is none of {', '.join(FORMS)}")
    return value


QuestionText = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION, pattern=_NOT_BLANK)]
Period = Annotated[str, AfterValidator(_period), WithJsonSchema(_PERIOD_SCHEMA)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
PassageCount = Annotated[int, Field(ge=1, le=MAX_K), BeforeValidator(_whole_number)]
Ignored = Annotated[
    str, AfterValidator(_wishes), WithJsonSchema({"type": "string", "pattern": "^(order|period)(,(order|period))*$"})
]
Threshold = Annotated[float, Field(ge=0, le=1)]
StatementCount = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_whole_number)]
VersionNumber = Annotated[int, Field(ge=1, le=MAX_VERSION), BeforeValidator(_whole_number)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET), BeforeValidator(_whole_number)]
FormName = Annotated[str, AfterValidator(_form), WithJsonSchema({"type": "string", "enum": list(FORMS)})]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Nothing(_Request):
    """No parameter at all."""


class AskQuery(_Request):
    """A question, and what is to be searched for it."""

    question: QuestionText
    """What you want to know, in your own words."""
    k: PassageCount = 5
    """How many passages to give at most."""
    since: Period | None = None
    """Only statements published on or after this day, or in or after this month or year."""
    until: Period | None = None
    """Only statements published on or before this day, or in or before this month or year."""
    speaker: Name | None = None
    """Only turns of speakers in whose name every one of these words stands."""
    issuer: Name | None = None
    """Only statements of issuers in whose name every one of these words stands."""
    role: Role | None = None
    """Only turns of this role; a "question" is never the speaker's own words."""
    order: Order | None = None
    """Which of the passages found comes first; left out, the question itself may say so."""
    threshold: Threshold | None = None
    """The confidence from which on an answer is given; left out, the collection's own."""
    ignore: Ignored | None = None
    """What is not to be read out of the question, "order", "period" or both with a comma: words like others then."""

    @property
    def manner(self) -> Manner:
        """How the answer is to be given."""
        return Manner(self.order, self.threshold, frozenset(self.ignore.split(",")) if self.ignore else frozenset())

    @property
    def filters(self) -> Filters:
        """What is to be searched."""
        return Filters(
            first_day(self.since) if self.since else None,
            last_day(self.until) if self.until else None,
            self.speaker,
            self.issuer,
            self.role,
        )


class SaidBefore(_Request):
    """One thing said earlier in the conversation."""

    speaker: Literal["user", "agent"]
    text: Annotated[str, Field(max_length=MAX_QUESTION)]


class AskBody(AskQuery):
    """A question with the conversation it stands in."""

    history: Annotated[list[SaidBefore | QuestionText], Field(max_length=MAX_HISTORY)] = []
    """What was said before, oldest first; a plain string is an earlier question."""

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """The history as a conversation has it."""
        return tuple(
            Utterance("user", said) if isinstance(said, str) else Utterance(said.speaker, said.text)
            for said in self.history
        )


class ListQuery(_Request):
    """Which part of the list of statements."""

    limit: StatementCount = 100
    """How many statements to give at most."""
    after: Annotated[str, Field(max_length=MAX_ID_LENGTH)] = ""
    """Begin after this id: `next` of the list before."""


class StatementQuery(_Request):
    """Which statement, and which version of it."""

    statement_id: Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
    version: VersionNumber | None = None
    """1 for the first; the current one when it is left out."""


class CiteQuery(_Request):
    """Which words are to be cited, and in what form."""

    statement_id: Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]
    start: Offset
    """Where the words begin: code points into the statement's text."""
    end: Offset
    """Where they end, exclusive; both must be within one turn."""
    format: FormName = "csl-json"
    """The form of the reference."""
    version: VersionNumber | None = None
    """1 for the first; the current one when it is left out and `text` too."""
    text: Annotated[str, Field(pattern=f"^{TEXT_NAME}$")] | None = None
    """The SHA-256 of the text that is meant, or its first 12 digits or more: the version is found by it."""


def _given(name: str) -> dict[str, JsonValue]:
    """The schema of a body that has something under that name: null is as good as nothing."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


class VerifyBody(_Request):
    """A draft whose quotations are to be checked, or a citation capsule: one of the two."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_given("text"), _given("capsule")]})

    text: Annotated[str, Field(min_length=1, max_length=MAX_DRAFT, pattern=_NOT_BLANK)] | None = None
    """A draft."""
    name: Name = "draft.txt"
    """What the draft is called: it is read as the end says, .txt, .md or .html."""
    capsule: dict[str, object] | None = None
    """A citation capsule as it was exported."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.text is None) == (self.capsule is None):
            raise ValueError("must have either text or capsule")
        return self


def from_query(model: type[RequestModel], query: MultiDict[str, str], path: dict[str, str]) -> RequestModel:
    """The request that an address makes. Raises `InvalidParameters`."""
    twice = [name for name, values in query.lists() if len(values) > 1 or name in path]
    if twice:
        raise InvalidParameters(tuple(ParameterError(parameter=name, detail="is given twice") for name in twice))
    try:
        return model.model_validate_strings({**query.to_dict(), **path}, strict=False)
    except ValidationError as error:
        raise _invalid(error) from None


def from_json(model: type[RequestModel], body: bytes) -> RequestModel:
    """The request that a JSON body makes. Raises `MalformedJson` and `InvalidParameters`."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> InvalidParameters | MalformedJson:
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return MalformedJson(found[0]["msg"].removeprefix("Invalid JSON: "))
    return InvalidParameters(
        tuple(
            ParameterError(
                parameter=".".join(str(part) for part in one["loc"]) or "body",
                detail=one["msg"].removeprefix("Value error, "),
            )
            for one in found
        )
    )
