"""Decides what a citation is in CSL-JSON: the one source from which the other reference formats are made."""

import hashlib
import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import TypedDict

from corpus.statement import Role
from service.answer import Citation
from service.citing import Cited, attribution
from service.formats.names import CslName, csl_name
from service.saying import web_link

CslDate = TypedDict("CslDate", {"date-parts": list[list[int]]})
"""One date: year, year and month, or year, month and day, as precise as the source."""


class CslItem(TypedDict, total=False):
    """An item of CSL-JSON 1.0.2: `id` and `type` are always there, the rest where the source says it."""

    id: str
    type: str
    title: str
    author: list[CslName]
    publisher: str
    genre: str
    issued: CslDate
    accessed: CslDate
    URL: str
    language: str
    locator: str
    note: str


def csl_json(cited: Cited) -> str:
    """The citation as a CSL-JSON file holds it: a list of one item."""
    return as_json([csl_item(cited)])


def as_json(value: object) -> str:
    r"""JSON that can be pasted into a script element: no `<` in it can end one.

    >>> as_json(["</script>"])
    '[\n  "\\u003c/script>"\n]'
    """
    return json.dumps(value, ensure_ascii=False, indent=2).replace("<", r"\u003c")


def csl_item(cited: Cited) -> CslItem:
    """The citation as a CSL item; what the source does not say is left out.

    `author` is whose words they are: the speaker of the quoted turn, for a question whoever puts it, for an
    introduction the issuer who wrote it. White space and control characters in names and titles become single spaces.
    `URL` is an address of the web or not there: no reader of a reference is led to a script.
    """
    citation = cited.citation
    item: CslItem = {"id": reference_id(citation), "type": _type(cited)}
    author = citation.issuer if citation.role is Role.INTRODUCTION else citation.speaker
    if author := one_line(author):
        name: CslName = {"literal": author} if citation.role is Role.INTRODUCTION else csl_name(author)
        item["author"] = [name]
    if title := one_line(citation.title):
        item["title"] = title
    if publisher := one_line(citation.issuer):
        item["publisher"] = publisher
    if genre := _genre(cited):
        item["genre"] = genre
    if citation.published is not None:
        item["issued"] = {"date-parts": [[int(part) for part in citation.published.split("-")]]}
    if url := _address(citation):
        item["URL"] = url
        item["accessed"] = {"date-parts": [_day(cited.retrieved)]}
    if language := one_line(cited.language):
        item["language"] = language
    if cited.page is not None:
        item["locator"] = str(cited.page)
    item["note"] = one_line(
        f"{attribution(citation)}; characters {citation.start}–{citation.end} of {citation.statement_id}; "
        f"SHA-256 of its text: {citation.text_sha256}"
    )
    return item


def reference_id(citation: Citation) -> str:
    """A key for the citation: the same each time, another for other words, safe as a BibTeX key and a footnote's label.

    It is the statement's id as far as that is ASCII, ten digits of the SHA-256 of the id and that of the text, and the
    two offsets.
    """
    plain = unicodedata.normalize("NFKD", citation.statement_id).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "statement"
    digest = hashlib.sha256(f"{citation.text_sha256} {citation.statement_id}".encode()).hexdigest()[:10]
    return f"{slug}-{digest}-{citation.start}-{citation.end}"


def iso_date(date: CslDate) -> str:
    """A date as YYYY, YYYY-MM or YYYY-MM-DD.

    >>> iso_date({"date-parts": [[2024, 5]]})
    '2024-05'
    """
    year, *rest = date["date-parts"][0]
    return "-".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def author_of(item: CslItem) -> str | None:
    """The author's name in the order in which it is spoken."""
    for name in item.get("author", []):
        return name["literal"] if "literal" in name else f"{name['given']} {name['family']}"
    return None


def one_line(text: str | None) -> str:
    r"""A text in one line: white space and control characters become single spaces, bidirectional overrides go.

    >>> one_line(" On\r\nthe\x07 harbour ")
    'On the harbour'
    """
    return " ".join(_CONTROL.sub(" ", _BIDI.sub("", text or "")).split())


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

# The press's own kinds are "document", CSL's type for what has no other: as a "report" they lose their day in APA and
# Chicago. So are orders and testimony: as "regulation" or "hearing" they lose whose words they are in APA and Chicago.
_TYPES = {
    "speech": "speech",
    "remarks": "speech",
    "press briefing": "speech",
    "press conference": "speech",
    "press gaggle": "speech",
    "press call": "speech",
    "testimony": "speech",
    "interview": "interview",
    "letter": "personal_communication",
    "fact sheet": "report",
    "press release": "document",
    "press statement": "document",
    "statement": "document",
    "joint statement": "document",
    "readout": "document",
    "message": "document",
    "communiqué": "document",
    "notice": "document",
    "memorandum": "document",
    "executive order": "document",
    "proclamation": "document",
}


def _type(cited: Cited) -> str:
    other = "webpage" if _address(cited.citation) else "document"
    if cited.citation.role in {Role.QUESTION, Role.INTRODUCTION}:
        return other  # an interview's author is taken for the person interviewed, a speech's for who gave it
    return _TYPES.get(one_line(cited.kind).casefold(), other)


def _address(citation: Citation) -> str | None:
    return web_link(one_line(citation.url))


def _genre(cited: Cited) -> str:
    kind = one_line(cited.kind)
    match cited.citation.role:
        case Role.QUESTION:
            return f"Question, {kind}" if kind else "Question"
        case Role.INTRODUCTION:
            return f"Introduction, {kind}" if kind else "Introduction"
    return kind[:1].upper() + kind[1:]


def _day(retrieved: str) -> list[int]:
    moment = datetime.fromisoformat(retrieved)
    day = moment.astimezone(UTC) if moment.tzinfo else moment
    return [day.year, day.month, day.day]
