"""Citations: where a quote stands and whose words it is, as a value and as a line of text."""

from dataclasses import dataclass

from corpus.records import Archived
from corpus.selectors import context
from corpus.statement import Passage, Role
from service.answer import Citation


@dataclass(frozen=True, slots=True)
class Cited:
    """Quoted words with all that a reference to them can say."""

    text: str
    citation: Citation
    kind: str | None
    """What sort of statement they are from, as its source says: "speech", "press briefing", "letter" and the like."""
    language: str | None
    """A BCP 47 tag."""
    retrieved: str
    """When the statement was received: ISO 8601, UTC."""
    page: int | None
    """The page of a PDF on which they begin, 1 for the first."""


def cite(archived: Archived, passage: Passage, deep_link: str | None = None) -> Citation:
    """The citation of a passage: its words are the statement's `text[start:end]`.

    Prefix and suffix are as long as they must be for the words to stand there only, where that is possible.
    """
    statement = archived.statement
    prefix, suffix = context(statement.text, passage.start, passage.end)
    turn = statement.turns[passage.turn]
    return Citation(
        statement_id=statement.id,
        title=statement.title,
        issuer=statement.issuer,
        speaker=turn.speaker,
        role=turn.role,
        published=statement.published,
        url=statement.url,
        start=passage.start,
        end=passage.end,
        prefix=prefix,
        suffix=suffix,
        original_sha256=archived.original_sha256,
        text_sha256=statement.text_sha256,
        deep_link=deep_link,
    )


def attribution(citation: Citation) -> str:
    """Whose words they are, in one line; a question put to somebody is never given as that person's words.

    Unknown is said, not left out.
    """
    speaker = citation.speaker or "speaker unknown"
    match citation.role:
        case Role.QUESTION:
            return f"Question put by {citation.speaker or 'a questioner who is not named'}"
        case Role.INTRODUCTION:
            return "Introduction by the publisher"
        case role:
            return f"{speaker[0].upper()}{speaker[1:]} ({role})"


def reference(citation: Citation) -> str:
    """The source of a quote in one line: who, title, issuer, date, place, address."""
    return ", ".join(reference_parts(citation))


def reference_parts(citation: Citation) -> list[str]:
    """What a reference consists of, in order: to be shown apart, so that none turns the direction of its neighbours."""
    parts = [
        attribution(citation),
        f"“{citation.title}”" if citation.title else "untitled",
        citation.issuer or "issuer unknown",
        citation.published or "date unknown",
        f"{citation.statement_id}, characters {citation.start}–{citation.end}",
        citation.url,
    ]
    return [part for part in parts if part]
