"""Search receipts: what a question was put to and what was found, or not, as a document that anyone can run again.

"We searched and found nothing" is a claim like any other: a receipt says what was asked of what, and what came nearest.
The same question put to the same index generation gives the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePath, PureWindowsPath
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from corpus.errors import OnRecordError
from corpus.filters import Filters, InvalidPeriod
from corpus.statement import MAX_ID_LENGTH, Role
from service.answer import Answer, Quote
from service.answering import DEFAULT_K, MAX_K, Collection, Manner
from service.conversation import Utterance
from service.generations import Manifest
from service.json_files import NotReadable, object_in, reason, strictly_read
from service.wishes import Order, Wish, WishKind, wishes

TYPE = "onrecord search receipt"
FORMAT = 1
LARGEST = 4 << 20
"""Bytes in a receipt, at most."""
_FIRST_WORDS = 80
"""Characters of a passage by which a person knows it again, at most."""
_LATER = date(9998, 12, 31)
"""By then every day that a question can name is past, and the days after it can still be counted."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_LENGTH)]


class MalformedReceipt(OnRecordError):
    """A file that is not a search receipt as this release reads them."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This is not a search receipt: {reason}.", "Give the receipt as it was exported, unedited, in UTF-8."
        )


class AlteredReceipt(OnRecordError):
    """A receipt that was changed since it was made."""

    def __init__(self) -> None:
        super().__init__(
            "The receipt was changed since it was made: its sha256 is not that of the rest.",
            "Have it sent again by whoever made it, as a file.",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the asker gave."""

    question: str
    """As typed."""
    standalone_question: str
    """As it was put to the index, with what a follow-up takes from the history."""
    history: tuple[Utterance, ...]
    k: Annotated[int, Field(ge=1, le=MAX_K)]
    filters: Filters
    order: Order | None
    """As the asker set it; `None` left it to the question."""
    threshold: _Share | None
    """As the asker set it; `None` for the collection's own."""
    ignore: tuple[WishKind, ...]
    """In alphabetical order."""
    asked_on: date | None
    """The day, where what was understood depends on it, as "last month" does."""


@dataclass(frozen=True, slots=True)
class SearchedIn:
    """What the question was put to, and with what."""

    generation: _Count
    index_sha256: _Digest
    """Of the index generation: see `Manifest.sha256`."""
    content_sha256: _Digest
    """Of what can be found in it, however it was indexed: see `Manifest.content_sha256`."""
    encoder: str
    encoder_fingerprint: str
    chunker: str
    reads_pairs: bool
    """Whether a cross-encoder has the last word on the order of what is found."""
    calibration_sha256: _Digest
    calibration_threshold: _Share
    """The confidence from which on the collection answers when the asker sets none."""
    statements: _Count
    """How many the filters left to be searched, with their passages and the days of the dated ones."""
    passages: _Count
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A passage that was quoted, or came nearest: enough to find it and to know it again."""

    rank: Annotated[int, Field(ge=1)]
    statement_id: _Id
    start: _Count
    end: _Count
    """Code points of the canonical text, end exclusive."""
    text_sha256: _Digest
    original_sha256: _Digest
    role: Role
    score: float
    first_words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    abstained: bool
    confidence: _Share
    threshold: _Share
    """The confidence from which on an answer was given."""
    order: Order
    quotes: tuple[Named, ...]
    misses: tuple[Named, ...]
    """When nothing is quoted: what came nearest, and does not answer as far as can be told."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked, of what, and what was found: no clock, no duration and no path is in it."""

    asked: Asked
    understood: tuple[Wish, ...]
    """What the question asks for beside its subject, and got."""
    searched: SearchedIn
    found: Outcome


class ReceiptVerdict(StrEnum):
    """What came of running a receipt again."""

    REPRODUCED = "reproduced"
    """The same bytes."""
    OTHER_GENERATION = "other generation"
    """What is searched now is not what was searched then."""
    DIFFERS = "differs"
    """The same index, and another receipt."""


@dataclass(frozen=True, slots=True)
class Differing:
    """Something that a receipt says, and what is so now, both as JSON."""

    name: str
    """Where it stands, such as "found.confidence"."""
    receipt: str
    now: str


@dataclass(frozen=True, slots=True)
class ReceiptReport:
    """What running a receipt again found."""

    verdict: ReceiptVerdict
    same_passages: bool
    """Whether the same passages, by place and SHA-256 of the text, are quoted, or came nearest, in the same order."""
    still_nothing: bool | None
    """Of a receipt of nothing found: whether nothing is found now; of others `None`."""
    differing: tuple[Differing, ...]
    now: Receipt
    why: tuple[str, ...]
    """A sentence each."""


def receipt(
    collection: Collection,
    question: str,
    *,
    k: int = DEFAULT_K,
    filters: Filters | None = None,
    history: Sequence[Utterance] = (),
    manner: Manner | None = None,
) -> Receipt:
    """Ask, and get the receipt. Raises what `Collection.ask` raises."""
    return answered(collection, question, k=k, filters=filters, history=history, manner=manner)[1]


def answered(
    collection: Collection,
    question: str,
    *,
    k: int = DEFAULT_K,
    filters: Filters | None = None,
    history: Sequence[Utterance] = (),
    manner: Manner | None = None,
) -> tuple[Answer, Receipt]:
    """Ask, and get the answer with its receipt. Raises what `Collection.ask` raises."""
    filters, manner = filters or Filters(), manner or Manner()
    today = manner.today or collection.today()
    manner = replace(manner, today=today)
    while True:
        generation = collection.in_use()
        answer = collection.ask(question, k=k, filters=filters, history=history, manner=manner)
        if collection.in_use() is generation:  # else another may have answered
            break
    asked = Asked(
        question=question,
        standalone_question=answer.standalone_question,
        history=tuple(history),
        k=k,
        filters=filters,
        order=manner.order,
        threshold=manner.threshold,
        ignore=tuple(sorted(manner.ignore)),  # type: ignore[arg-type]  # the kinds of wishes are its only members
        asked_on=today if _depends_on_day(question, filters, history, manner, today) else None,
    )
    searched = _searched_in(collection, generation.manifest, answer)
    return answer, Receipt(asked, answer.understood, searched, _outcome(answer))


def written(given: Receipt) -> bytes:
    """A receipt as a file: the same bytes for the same receipt.

    Its last member, "sha256", is the SHA-256 of the file as it would be without that member.
    """
    told = _told(given)
    return _lines({**told, "sha256": sha256(_lines(told)).hexdigest()})


def is_receipt(data: bytes) -> bool:
    """Whether bytes are meant to be a receipt: a JSON object of its type. They may still be malformed.

    >>> is_receipt(b'{"type": "onrecord search receipt"}'), is_receipt(b'{"type": "Annotation"}')
    (True, False)
    """
    given = object_in(data, LARGEST)
    return given is not None and given.get("type") == TYPE


def read_receipt(data: bytes) -> Receipt:
    """What a receipt says: exactly what one of this format can say, and nothing else.

    Raises `MalformedReceipt` and `AlteredReceipt`.
    """
    try:
        given = strictly_read(data, LARGEST)
        if not isinstance(given, dict) or given.get("type") != TYPE:
            raise MalformedReceipt(f"it does not say that it is an {TYPE}")
        if given.get("format") != FORMAT:
            raise MalformedReceipt(f"its format is {given.get('format')!r:.20}, and this release reads {FORMAT}")
        digest = given.pop("sha256", None)
        read = _RECEIPT.validate_json(json.dumps({name: given.get(name) for name in _MEMBERS}), strict=True)
        if digest != sha256(_lines(given)).hexdigest():
            raise AlteredReceipt
        if _lines(_told(read)) != _lines(given):
            raise MalformedReceipt("it says more than a receipt says, or says it in another order")
    except ValidationError as error:
        raise MalformedReceipt(reason(error)) from None
    except InvalidPeriod as error:
        raise MalformedReceipt(error.cause.rstrip(".")) from None
    except NotReadable as error:
        raise MalformedReceipt(str(error)) from None
    except RecursionError:
        raise MalformedReceipt("its JSON is nested too deeply") from None
    return read


def encoder_name(name: str) -> str:
    """The name of an encoder without the folders on somebody's computer that may lead to it.

    >>> encoder_name("/home/ada/models/small"), encoder_name("publisher/small")
    ('small', 'publisher/small')
    """
    is_place = PurePath(name).is_absolute() or PureWindowsPath(name).is_absolute() or name.startswith((".", "~"))
    return PureWindowsPath(name).name if is_place else name


def verify_receipt(given: Receipt, collection: Collection) -> ReceiptReport:
    """Ask again what the receipt says was asked, on its day, and say what is otherwise.

    Raises what `Collection.ask` raises.
    """
    asked = given.asked
    now = receipt(
        collection,
        asked.question,
        k=asked.k,
        filters=asked.filters,
        history=asked.history,
        manner=Manner(asked.order, asked.threshold, frozenset(asked.ignore), asked.asked_on),
    )
    differing = tuple(_differing(_told(given), _told(now)))
    same_passages = _passages(given.found) == _passages(now.found)
    still_nothing = now.found.abstained if given.found.abstained else None
    if written(given) == written(now):
        verdict = ReceiptVerdict.REPRODUCED
    elif given.searched.index_sha256 != now.searched.index_sha256:
        verdict = ReceiptVerdict.OTHER_GENERATION
    else:
        verdict = ReceiptVerdict.DIFFERS
    why = (*_of_index(verdict, given, now, collection), *_of_manner(given, now), *_of_finding(given, now))
    return ReceiptReport(verdict, same_passages, still_nothing, differing, now, why)


# Making


def _searched_in(collection: Collection, manifest: Manifest, answer: Answer) -> SearchedIn:
    calibration = collection.calibration
    return SearchedIn(
        generation=manifest.generation,
        index_sha256=manifest.sha256,
        content_sha256=manifest.content_sha256,
        encoder=encoder_name(manifest.encoder),
        encoder_fingerprint=manifest.fingerprint,
        chunker=manifest.chunker,
        reads_pairs=collection.reads_pairs,
        calibration_sha256=sha256(_lines(json.loads(calibration.to_json()))).hexdigest(),
        calibration_threshold=calibration.threshold,
        statements=answer.searched.statements,
        passages=answer.searched.passages,
        since=answer.searched.since,
        until=answer.searched.until,
    )


def _outcome(answer: Answer) -> Outcome:
    return Outcome(
        abstained=answer.abstained,
        confidence=answer.confidence,
        threshold=answer.threshold,
        order=answer.order,
        quotes=tuple(map(_named, answer.quotes)),
        misses=tuple(map(_named, answer.misses)),
    )


def _named(quote: Quote) -> Named:
    citation = quote.citation
    return Named(
        rank=quote.rank,
        statement_id=citation.statement_id,
        start=citation.start,
        end=citation.end,
        text_sha256=citation.text_sha256,
        original_sha256=citation.original_sha256,
        role=citation.role,
        score=quote.score,
        first_words=_first_words(quote.text),
    )


def _first_words(text: str) -> str:
    """How a passage begins, in one line, cut at a space where there is one.

    >>> _first_words("Zinc is up.")
    'Zinc is up.'
    """
    line = " ".join(text.split())
    if len(line) <= _FIRST_WORDS:
        return line
    return line[: _FIRST_WORDS + 1].rpartition(" ")[0] or line[:_FIRST_WORDS]


def _depends_on_day(question: str, filters: Filters, history: Sequence[Utterance], manner: Manner, today: date) -> bool:
    """Whether on a later day the same words could be understood otherwise."""
    settled = {kind for kind, is_set in (("order", manner.order), ("period", filters.since or filters.until)) if is_set}
    passed_over = settled | manner.ignore

    def understood(text: str, day: date, besides: frozenset[str] | set[str] = frozenset()) -> list[Wish]:
        return [wish for wish in wishes(text, day) if wish.kind not in besides]

    return understood(question, today, passed_over) != understood(question, _LATER, passed_over) or any(
        understood(said.text, today) != understood(said.text, _LATER) for said in history
    )


def _told(given: Receipt) -> dict[str, object]:
    """A receipt as JSON has it, its members in a fixed order."""
    told = asdict(given)
    return {"type": TYPE, "format": FORMAT, **told}


def _lines(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2, default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


# Reading

_MEMBERS = tuple(field.name for field in fields(Receipt))
_RECEIPT = TypeAdapter(Receipt)


# Running again


def _passages(found: Outcome) -> tuple[object, ...]:
    return found.abstained, *(
        (one.statement_id, one.start, one.end, one.text_sha256) for one in (*found.quotes, *found.misses)
    )


def _differing(then: Any, now: Any, name: str = "") -> Iterator[Differing]:
    """Where two documents differ, by the names of their members; lists are compared as a whole."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in {**then, **now}:
            yield from _differing(then.get(key), now.get(key), f"{name}.{key}" if name else key)
    elif then != now:
        yield Differing(name, *(json.dumps(one, ensure_ascii=False, default=_plain) for one in (then, now)))


def _of_index(verdict: ReceiptVerdict, given: Receipt, now: Receipt, collection: Collection) -> Iterator[str]:
    then, there = given.searched, now.searched
    match verdict:
        case ReceiptVerdict.REPRODUCED:
            yield f"Asked again of index generation {there.generation}, it gives the same receipt, byte for byte."
        case ReceiptVerdict.OTHER_GENERATION if then.content_sha256 == there.content_sha256:
            yield (
                f"The index was built anew since, from generation {then.generation} to {there.generation}: "
                "of the same passages, with the same vectors."
            )
        case ReceiptVerdict.OTHER_GENERATION if _extent(then) == _extent(there):
            yield (
                f"Another index is searched now, generation {there.generation} and not {then.generation}: "
                "it may hold the same passages, indexed otherwise."
            )
            yield from _of_extent(then, there)
        case ReceiptVerdict.OTHER_GENERATION:
            yield (
                f"Another collection is searched now, or another state of it: the receipt is of generation "
                f"{then.generation}, and this is generation {there.generation} with other passages."
            )
            yield from _of_extent(then, there)
        case ReceiptVerdict.DIFFERS:
            yield f"The index is the one that was searched, generation {there.generation}; the receipt is another."
            if collection.archive.position != collection.in_use().manifest.position:
                yield "The archive was changed since that index was built."


def _extent(searched: SearchedIn) -> tuple[object, ...]:
    return searched.statements, searched.passages, searched.since, searched.until


def _of_extent(then: SearchedIn, now: SearchedIn) -> Iterator[str]:
    if (then.statements, then.passages) != (now.statements, now.passages):
        yield (
            f"{now.passages:,} passages of {now.statements:,} statements are searched; "
            f"it was {then.passages:,} of {then.statements:,}."
        )
    if (then.encoder, then.encoder_fingerprint) != (now.encoder, now.encoder_fingerprint):
        yield f"They are encoded by {now.encoder}; the receipt says {then.encoder}, or another state of it."
    if then.chunker != now.chunker:
        yield f"They are cut by {now.chunker}; the receipt says {then.chunker}."


def _of_manner(given: Receipt, now: Receipt) -> Iterator[str]:
    if given.searched.calibration_sha256 != now.searched.calibration_sha256:
        yield "The confidence is calibrated otherwise than it was."
    if given.searched.reads_pairs != now.searched.reads_pairs:
        yield "A cross-encoder puts what is found in order, on one side only."
    if (given.understood, given.asked) != (now.understood, now.asked):
        yield "The question is understood otherwise than the receipt says."


def _of_finding(given: Receipt, now: Receipt) -> Iterator[str]:
    then, there = given.found, now.found
    confidences = f"confidence {there.confidence:g}, threshold {there.threshold:g}"
    if then.abstained and there.abstained:
        yield f"Then as now, nothing is found ({confidences})."
    elif then.abstained:
        first = there.quotes[0]
        yield (
            f"Nothing was found then; now {_count(there.quotes)} found ({confidences}), "
            f"first characters {first.start}–{first.end} of {first.statement_id!r}."
        )
    elif there.abstained:
        yield f"{_count(then.quotes, was=True)} found then; now nothing is ({confidences})."
    if then.abstained == there.abstained and _passages(then) != _passages(there):
        yield f"The {'nearest misses' if then.abstained else 'passages found'} are not those of the receipt."
    elif then.abstained == there.abstained and then != there:
        yield "The same passages are found, with other figures."


def _count(found: Sequence[Named], *, was: bool = False) -> str:
    verb = ("was" if was else "is") if len(found) == 1 else ("were" if was else "are")
    return f"{len(found)} {'passage' if len(found) == 1 else 'passages'} {verb}"
