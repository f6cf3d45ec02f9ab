"""Values with every field filled: a test says only what it is about."""

from typing import Any

from corpus.reading import READERS
from corpus.records import Source
from corpus.statement import Passage, Role, Statement, Turn


def a_statement(text: str = "The harbour of Kelm opens on Monday.", **given: Any) -> Statement:
    """A statement whose whole text is one turn of remarks, unless said otherwise."""
    fields: dict[str, Any] = {
        "id": "kelm/harbour",
        "title": "On the harbour",
        "issuer": "Ministry of Harbours, Kelm",
        "speaker": "Minister Ada Brand",
        "published": "2024-05-06",
        "kind": "remarks",
        "language": "en",
        "url": "https://harbours.kelm.example/remarks/1",
        "text": text,
    } | given
    if "turns" not in fields:
        start = len(text) - len(text.lstrip())
        fields["turns"] = (Turn(start, len(text.rstrip()), fields["speaker"], Role.REMARKS),)
    return Statement(**fields)


def whole_turns(statement: Statement) -> tuple[Passage, ...]:
    """One passage a turn."""
    return tuple(Passage(turn.start, turn.end, position) for position, turn in enumerate(statement.turns))


def a_source(original: bytes = b"as received", **given: Any) -> Source:
    """Where a statement came from."""
    fields: dict[str, Any] = {
        "origin": "/statements/harbour.txt",
        "original": original,
        "media_type": "text/plain",
        "reading": READERS,
    } | given
    return Source(**fields)
