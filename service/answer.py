"""What a question gets: the published form of an answer, the same in JSON, on the web and in the terminal."""

from dataclasses import dataclass

from corpus.statement import Role
from service.wishes import Order, Wish


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands and whose words it is: enough for a third party to verify it without us.

    `start` and `end` are Unicode code points into the statement's canonical text, end exclusive; `prefix` and `suffix`
    are the characters just before and after. What the source does not say is `None`.
    """

    statement_id: str
    title: str | None
    issuer: str | None
    speaker: str | None
    role: Role
    published: str | None
    url: str | None
    start: int
    end: int
    prefix: str
    suffix: str
    original_sha256: str
    text_sha256: str
    deep_link: str | None
    """A link to these very words on the publisher's page; `None` where none is known to be unambiguous."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a statement's canonical text, in code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where else the same words stand, or nearly the same: look there before you quote it."""

    statement_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage, character for character, with its citation."""

    rank: int
    text: str
    score: float
    """How well it ranks, 0 to 1, higher is better; comparable within one answer only."""
    highlight: Span | None
    """The sentence in it that seems to answer best."""
    also: tuple[Place, ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What was searched."""

    generation: int
    passages: int
    encoder: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What the question was put to: all that the filters leave."""

    statements: int
    passages: int
    since: str | None
    """The first day that any dated one of them can mean, YYYY-MM-DD; `None` when none is dated."""
    until: str | None
    """The last such day."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The passages that answer a question; none, and `abstained`, when there is not enough evidence for any.

    Then `misses` are passages that do not answer it as far as we can tell: they are never to be taken for quotes.
    """

    question: str
    standalone_question: str
    """The question as it was put to the index, with what a follow-up takes from the history."""
    abstained: bool
    confidence: float
    """0 to 1: how likely it is that the first quotes answer the question."""
    quotes: tuple[Quote, ...]
    index: IndexInfo
    took_ms: float
    threshold: float
    """The confidence from which on an answer is given."""
    order: Order
    understood: tuple[Wish, ...]
    """What the question asks for beside its subject, and got: an order, a period."""
    misses: tuple[Quote, ...]
    """When nothing is quoted: what came nearest, and does not answer as far as we can tell."""
    searched: Searched
