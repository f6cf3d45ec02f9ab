"""The conversation in the address: its questions, each with its own filters, as parallel repeated parameters."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import get_args
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from corpus.errors import InvalidStatement, OnRecordError
from corpus.filters import Filters, first_day, last_day
from corpus.statement import Role
from service.answer import Answer
from service.answering import Collection, Manner
from service.conversation import Utterance
from service.receipts import Receipt, receipt
from service.wishes import Order, WishKind

MAX_EXCHANGES = 12
MAX_QUESTION = 2000
MAX_FILTER = 200


class UnreadableConversation(OnRecordError):
    """An address in which the questions and their filters cannot be told apart."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This address holds no conversation that can be read: {why}.", "Begin a new one.")


class UnreadableFilter(OnRecordError):
    """A filter of which it cannot be told what it leaves in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed, with the filters beside it; an empty filter is none."""

    q: str = ""
    since: str = ""
    until: str = ""
    speaker: str = ""
    issuer: str = ""
    role: str = ""
    order: str = ""
    ignore: str = ""
    """Kinds of wishes that are not to be read out of the question, with a comma between them."""

    @property
    def active(self) -> dict[str, str]:
        """The filters and the order that are set, by name."""
        return {name: getattr(self, name) for name in NAMES[1:-1] if getattr(self, name)}

    @property
    def unfiltered(self) -> "Asked":
        """The same question with no filter, what was read in the question itself included."""
        return Asked(self.q, ignore=",".join(get_args(WishKind)))

    def without(self, name: str) -> "Asked":
        """The same question with one filter less."""
        return replace(self, **{name: ""})

    def ignoring(self, kind: str) -> "Asked":
        """The same question with what it says of an order or a period taken for words like others."""
        kinds = {*self.ignore.split(","), kind} - {""}
        return replace(self, ignore=",".join(sorted(kinds)))

    def manner(self) -> Manner:
        """How it is to be answered. Raises `UnreadableFilter`."""
        if self.order and self.order not in list(Order):
            raise UnreadableFilter(f"There is no order {self.order!r}.", f"Choose one of {', '.join(Order)}.")
        kinds = frozenset(self.ignore.split(",")) - {""}
        if not kinds <= set(get_args(WishKind)):
            raise UnreadableFilter(
                f"{self.ignore!r} cannot be ignored.", f"Choose among {', '.join(get_args(WishKind))}."
            )
        return Manner(Order(self.order) if self.order else None, ignore=kinds)

    def filters(self) -> Filters:
        """What is to be searched. Raises `UnreadableFilter` and `InvalidPeriod`."""
        try:
            since = first_day(self.since) if self.since else None
            until = last_day(self.until) if self.until else None
        except InvalidStatement as error:
            raise UnreadableFilter(error.cause, error.cure) from None
        if self.role and self.role not in list(Role):
            raise UnreadableFilter(f"There is no role {self.role!r}.", f"Choose one of {', '.join(Role)}.")
        return Filters(since, until, self.speaker or None, self.issuer or None, Role(self.role) if self.role else None)


NAMES = tuple(field.name for field in fields(Asked))


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what it got."""

    asked: Asked
    answer: Answer


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, up to the question that could not be answered, if there is one."""

    exchanges: tuple[Exchange, ...]
    failure: OnRecordError | None


def in_address(query: MultiDict[str, str]) -> tuple[Asked, ...]:
    """The questions that an address holds, oldest first.

    Every filter is given once for each question or not at all: which question it belongs to is never guessed.

    Raises `UnreadableConversation`.
    """
    questions = query.getlist("q")
    if len(questions) > MAX_EXCHANGES:
        raise UnreadableConversation(f"it has {len(questions)} questions, and {MAX_EXCHANGES} is the most")
    columns = []
    for name in NAMES:
        values = query.getlist(name) or [""] * len(questions)
        if len(values) != len(questions):
            raise UnreadableConversation(f"it has {len(questions)} questions, but “{name}” {len(values)} times")
        longest = MAX_QUESTION if name == "q" else MAX_FILTER
        if any(len(value) > longest for value in values):
            raise UnreadableConversation(f"“{name}” has more than {longest:,} characters")
        columns.append([value.strip() for value in values])
    return tuple(Asked(*row) for row in zip(*columns, strict=True))


def address(asked: Sequence[Asked]) -> str:
    """The query that `in_address` reads back; filters that no question has are left out.

    >>> address([Asked("Who opened it?"), Asked("And when?", since="2020")])
    'q=Who+opened+it%3F&since=&q=And+when%3F&since=2020'
    """
    used = [name for name in NAMES if name == "q" or any(getattr(one, name) for one in asked)]
    return urlencode([(name, getattr(one, name)) for one in asked for name in used])


def hold(collection: Collection, asked: Sequence[Asked]) -> Conversation:
    """Ask the questions in turn, each with those before it as its history."""
    exchanges: list[Exchange] = []
    history: list[Utterance] = []
    for one in asked:
        try:
            answer = collection.ask(one.q, filters=one.filters(), history=history, manner=one.manner())
        except OnRecordError as error:
            return Conversation(tuple(exchanges), error)
        exchanges.append(Exchange(one, answer))
        history += _said(exchanges[-1])
    return Conversation(tuple(exchanges), None)


def receipt_of(collection: Collection, asked: Sequence[Asked]) -> Receipt:
    """The search receipt of the last question, asked with those before it. Raises what `ask` raises."""
    held = hold(collection, asked[:-1])
    if held.failure is not None:
        raise held.failure
    last = asked[-1]
    history = [said for exchange in held.exchanges for said in _said(exchange)]
    return receipt(collection, last.q, filters=last.filters(), history=history, manner=last.manner())


def _said(exchange: Exchange) -> list[Utterance]:
    """An exchange as those after it have it for their history."""
    return [
        Utterance("user", exchange.asked.q),
        *(Utterance("agent", quote.text) for quote in exchange.answer.quotes[:1]),
    ]


def put(collection: Collection, asked: Sequence[Asked]) -> Exchange:
    """Ask the last question, with those before it and what they got as its history. Raises what `ask` raises."""
    held = hold(collection, asked)
    if held.failure is not None:
        raise held.failure
    return held.exchanges[-1]
