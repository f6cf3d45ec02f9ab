"""Citation capsules: a quote as a small document of its own that anyone can check, made and read.

A capsule is an annotation of the W3C Web Annotation Data Model in JSON-LD: its target says where the words stand, in
ways that survive changes of the source, and in terms of our own whose words they are and what they were cut from.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import OnRecordError
from corpus.records import Archived
from corpus.selectors import WIDEST, context, stands_once, utf16, utf16_length
from corpus.statement import MAX_ID_LENGTH, Passage
from service.answer import Span
from service.json_files import NotReadable, object_in, reason, strictly_read
from service.source_view import passage_at

MODEL = "http://www.w3.org/ns/anno.jsonld"
"""The JSON-LD context of the Web Annotation Data Model."""
TERMS = "urn:onrecord:terms#"
"""What `onrecord:` stands for in a capsule."""
PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc3778"
"""What the Web Annotation Data Model names for fragments of a PDF, such as page=3."""
LARGEST = 16 << 20
"""Bytes in a capsule, at most."""
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_PAGE = re.compile(r"page=([1-9][0-9]{0,5})")


class NobodysWords(OnRecordError):
    """A place that is not within one turn: nobody alone said those words."""

    def __init__(self, statement_id: str, place: Span) -> None:
        super().__init__(
            f"Characters {place.start}–{place.end} of statement {statement_id!r} are not within one speaker's words.",
            "Give a place that begins and ends within one turn.",
        )


class MalformedCapsule(OnRecordError):
    """A file that is not a citation capsule as this release reads them."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This is not a citation capsule: {reason}.", "Give the capsule as it was exported, unedited, in UTF-8."
        )


@dataclass(frozen=True, slots=True)
class Capsule:
    """A citation capsule as it was read: what it says, not what is so."""

    id: str
    intact: bool
    """Whether `id` is the SHA-256 of all else but the permalink: else somebody changed it since it was made."""
    source: str
    """The address of the source, or the URN of its original's bytes."""
    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    """Code points into the canonical text, end exclusive."""
    utf16_start: int
    """`start` in UTF-16 code units."""
    page: int | None
    statement_id: str
    version: int
    title: str | None
    issuer: str | None
    speaker: str | None
    role: str
    kind: str | None
    language: str | None
    published: str | None
    retrieved: str
    url: str | None
    original_sha256: str
    text_sha256: str
    media_type: str
    reading: str
    permalink: str | None


def capsule(
    archived: Archived,
    place: Passage | Span,
    *,
    media_type: str,
    reading: str,
    chunker: str | None = None,
    page: int | None = None,
    permalink: str | None = None,
) -> dict[str, object]:
    """The capsule of the words at a place: the same for the same version, place and page, whoever makes it and when.

    `media_type`, `reading` and `chunker` are the archive's: of the version's original, of the version and of the
    passages; `page` is that of a PDF on which the words begin, 1 for the first; `permalink` an address at which the
    quote is shown.

    Raises `NobodysWords` when the place is not within one turn.
    """
    statement = archived.statement
    span = Span(place.start, place.end)
    passage = passage_at(statement, span)
    if passage is None or span.start >= span.end:
        raise NobodysWords(statement.id, span)
    turn = statement.turns[passage.turn]
    target = {
        "type": "SpecificResource",
        "source": source_iri(statement.url, archived.original_sha256),
        "state": {"type": "TimeState", "sourceDate": utc(archived.ingested_at)},
        "selector": _selectors(statement.text, span, page),
        "onrecord:statement": statement.id,
        "onrecord:version": archived.version,
        "onrecord:title": statement.title,
        "onrecord:issuer": statement.issuer,
        "onrecord:speaker": turn.speaker,
        "onrecord:role": str(turn.role),
        "onrecord:kind": statement.kind,
        "onrecord:language": statement.language,
        "onrecord:published": statement.published,
        "onrecord:retrieved": utc(archived.ingested_at),
        "onrecord:url": statement.url,
        "onrecord:originalSha256": archived.original_sha256,
        "onrecord:textSha256": statement.text_sha256,
        "onrecord:mediaType": media_type,
        "onrecord:reading": reading,
        "onrecord:chunker": chunker,
    }
    made: dict[str, object] = {
        "@context": [MODEL, {"onrecord": TERMS}],
        "id": "",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": target,
    }
    made["id"] = _name_of(made)
    return made | ({"onrecord:permalink": permalink} if permalink else {})


def written(made: dict[str, object]) -> bytes:
    """A capsule as a file: the same bytes for the same capsule, without a "<", so that no page takes it for markup."""
    return json.dumps(made, ensure_ascii=False, indent=2).replace("<", "\\u003c").encode() + b"\n"


def is_capsule(data: bytes) -> bool:
    """Whether bytes are meant to be a capsule: a JSON object of the type Annotation. They may still be malformed.

    >>> is_capsule(b'{"type": "Annotation"}'), is_capsule(b'{"text": "Zinc is up."}')
    (True, False)
    """
    given = object_in(data, LARGEST)
    return given is not None and "Annotation" in _listed(given.get("type"))


def read_capsule(data: bytes) -> Capsule:
    """What a capsule says. What a later release may add is passed over; what is needed must be there and fit together.

    Raises `MalformedCapsule`.
    """
    try:
        given = strictly_read(data, LARGEST)
        annotation = _Annotation.model_validate(given)
        return _capsule_of(annotation, intact=_name_of(given) == annotation.id)
    except ValidationError as error:
        raise MalformedCapsule(reason(error)) from None
    except NotReadable as error:
        raise MalformedCapsule(str(error)) from None
    except RecursionError:
        raise MalformedCapsule("its JSON is nested too deeply") from None


def _selectors(text: str, span: Span, page: int | None) -> list[dict[str, object]]:
    exact = text[span.start : span.end]
    prefix, suffix = context(text, span.start, span.end)
    utf16_start, utf16_end = utf16(text, span.start, span.end)
    selectors: list[dict[str, object]] = [
        {
            "type": "TextQuoteSelector",
            "exact": exact,
            "prefix": prefix,
            "suffix": suffix,
            "onrecord:standsOnce": stands_once(text, exact, prefix, suffix),
        },
        {
            "type": "TextPositionSelector",
            "start": span.start,
            "end": span.end,
            "onrecord:utf16Start": utf16_start,
            "onrecord:utf16End": utf16_end,
        },
    ]
    if page is not None:
        selectors.append({"type": "FragmentSelector", "conformsTo": PDF_FRAGMENTS, "value": f"page={page}"})
    return selectors


def source_iri(url: str | None, original_sha256: str) -> str:
    """An IRI for the source: its address where that is one of the web.

    >>> source_iri("https://kelm.example/1", "ab"), source_iri("javascript:alert(1)", "ab")
    ('https://kelm.example/1', 'urn:sha256:ab')
    """
    return url if url and _IRI.fullmatch(url) else f"urn:sha256:{original_sha256}"


def utc(stamp: str) -> str:
    """A time as the model wants it: xsd:dateTime in UTC with a Z."""
    return datetime.fromisoformat(stamp).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_of(made: Mapping[str, object]) -> str:
    """The id of a capsule: the SHA-256 of all that it says but the id itself, and the permalink, which may change."""
    said = {key: value for key, value in made.items() if key not in {"id", "onrecord:permalink"}}
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"urn:sha256:{sha256(canonical.encode()).hexdigest()}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Offset = Annotated[int, Field(ge=0, lt=1 << 31)]
_Time = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
_Words = Annotated[str, Field(min_length=1)]
_Context = Annotated[str, Field(max_length=WIDEST)]


class _Quote(_Part):
    exact: _Words
    prefix: _Context
    suffix: _Context


class _Position(_Part):
    start: _Offset
    end: _Offset
    utf16_start: _Offset = Field(alias="onrecord:utf16Start")
    utf16_end: _Offset = Field(alias="onrecord:utf16End")


class _State(_Part):
    source_date: _Time = Field(alias="sourceDate")


class _Target(_Part):
    type: Literal["SpecificResource"]
    source: _Words
    state: _State
    selector: list[dict[str, object]]
    statement: Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)] = Field(alias="onrecord:statement")
    version: Annotated[int, Field(ge=1)] = Field(alias="onrecord:version")
    title: str | None = Field(alias="onrecord:title")
    issuer: str | None = Field(alias="onrecord:issuer")
    speaker: str | None = Field(alias="onrecord:speaker")
    role: _Words = Field(alias="onrecord:role")
    kind: str | None = Field(alias="onrecord:kind")
    language: str | None = Field(alias="onrecord:language")
    published: str | None = Field(alias="onrecord:published")
    retrieved: _Time = Field(alias="onrecord:retrieved")
    url: str | None = Field(alias="onrecord:url")
    original_sha256: _Digest = Field(alias="onrecord:originalSha256")
    text_sha256: _Digest = Field(alias="onrecord:textSha256")
    media_type: _Words = Field(alias="onrecord:mediaType")
    reading: _Words = Field(alias="onrecord:reading")


class _Annotation(_Part):
    context: object = Field(alias="@context")
    id: _Words
    type: Literal["Annotation"]
    target: _Target
    permalink: str | None = Field(default=None, alias="onrecord:permalink")


def _capsule_of(annotation: _Annotation, *, intact: bool) -> Capsule:
    target = annotation.target
    if not {MODEL} <= {one for one in _listed(annotation.context) if isinstance(one, str)}:
        raise MalformedCapsule(f"its @context does not name {MODEL}")
    quote = _Quote.model_validate(_only(target.selector, "TextQuoteSelector"))
    position = _Position.model_validate(_only(target.selector, "TextPositionSelector"))
    if position.end - position.start != len(quote.exact):
        raise MalformedCapsule(f"its place, {position.start}–{position.end}, is not as long as the words it quotes")
    if position.utf16_end - position.utf16_start != utf16_length(quote.exact):
        raise MalformedCapsule("its place in UTF-16 code units is not as long as the words it quotes")
    if target.state.source_date != target.retrieved:
        raise MalformedCapsule("its sourceDate and its onrecord:retrieved are two times")
    return Capsule(
        id=annotation.id,
        intact=intact,
        source=target.source,
        exact=quote.exact,
        prefix=quote.prefix,
        suffix=quote.suffix,
        start=position.start,
        end=position.end,
        utf16_start=position.utf16_start,
        page=_page_in(target.selector),
        statement_id=target.statement,
        version=target.version,
        title=target.title,
        issuer=target.issuer,
        speaker=target.speaker,
        role=target.role,
        kind=target.kind,
        language=target.language,
        published=target.published,
        retrieved=target.retrieved,
        url=target.url,
        original_sha256=target.original_sha256,
        text_sha256=target.text_sha256,
        media_type=target.media_type,
        reading=target.reading,
        permalink=annotation.permalink,
    )


def _only(selectors: Sequence[dict[str, object]], name: str) -> dict[str, object]:
    found = [one for one in selectors if one.get("type") == name]
    if len(found) != 1:
        raise MalformedCapsule(f"it has {len(found)} selectors of the type {name}, and needs one")
    return found[0]


def _page_in(selectors: Sequence[dict[str, object]]) -> int | None:
    if all(one.get("type") != "FragmentSelector" for one in selectors):
        return None
    fragment = _only(selectors, "FragmentSelector")
    value = fragment.get("value")
    page = _PAGE.fullmatch(value) if isinstance(value, str) else None
    if page is None or fragment.get("conformsTo") != PDF_FRAGMENTS:
        raise MalformedCapsule("its FragmentSelector does not name a page of a PDF, such as page=3")
    return int(page[1])


def _listed(value: object) -> list[object]:
    """What JSON-LD may give alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]
