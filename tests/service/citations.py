"""Cited words with every field filled: a test of a format says only what it is about."""

from dataclasses import replace
from itertools import combinations
from typing import Any

from corpus.statement import Role
from service.answer import Citation
from service.citing import Cited

KINDS = (
    "speech",
    "remarks",
    "press briefing",
    "press conference",
    "press gaggle",
    "press call",
    "press release",
    "press statement",
    "statement",
    "joint statement",
    "letter",
    "interview",
    "testimony",
    "fact sheet",
    "executive order",
    "proclamation",
    "memorandum",
    "readout",
    "message",
    "communiqué",
    "notice",
    "tariff schedule",
)
PRINTED = ("title", "issuer", "speaker", "published", "url", "kind")
OPTIONAL = (*PRINTED, "deep_link", "language", "page")
KEY = "kelm-harbour-d03a9bc08f-50-68"


def a_cited(text: str = "The harbour opens.", /, **given: Any) -> Cited:
    """Words of a minister's speech, unless said otherwise."""
    citation = Citation(
        statement_id="kelm/harbour",
        title="On the harbour",
        issuer="Ministry of Harbours, Kelm",
        speaker="Minister Ada Brand",
        role=Role.REMARKS,
        published="2024-05-06",
        url="https://harbours.kelm.example/remarks/1",
        start=50,
        end=68,
        prefix="",
        suffix="",
        original_sha256="ab" * 32,
        text_sha256="cd" * 32,
        deep_link="https://harbours.kelm.example/remarks/1#:~:text=The%20harbour",
    )
    cited = Cited(text, citation, "speech", "en", "2024-05-07T23:30:00+00:00", 3)
    of_cited = {name: value for name, value in given.items() if hasattr(cited, name)}
    of_citation = {name: value for name, value in given.items() if name not in of_cited}
    return replace(cited, citation=replace(citation, **of_citation), **of_cited)


def with_less(fields: tuple[str, ...] = OPTIONAL) -> list[dict[str, None]]:
    """Every choice of fields that a source may leave out."""
    return [dict.fromkeys(missing) for count in range(len(fields) + 1) for missing in combinations(fields, count)]
