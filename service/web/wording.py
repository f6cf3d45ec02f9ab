"""How things read to people on a page: dates, roles, quotes with their highlight, and the words that are copied."""

from calendar import month_name
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from corpus.records import Counts
from corpus.statement import Role
from service.answer import Citation, Quote
from service.citing import reference

ROLES = {
    Role.REMARKS: "Remarks",
    Role.QUESTION: "Question",
    Role.ANSWER: "Answer",
    Role.LETTER: "Letter",
    Role.INTRODUCTION: "Introduction",
}
"""A turn's role beside its speaker."""

WARNINGS = {
    Role.QUESTION: "Question put to the speaker — not the speaker’s words",
    Role.INTRODUCTION: "Publisher’s introduction — not the speaker’s words",
}
"""What must stand above words that are not those of the person the statement is from."""

MISS = "Near miss — does not answer the question, as far as can be told"
"""What must stand above a passage that was not found to answer."""

CHOICES = {
    Role.REMARKS: "Remarks",
    Role.ANSWER: "Answers to questions",
    Role.QUESTION: "Questions put to speakers",
    Role.LETTER: "Letters",
    Role.INTRODUCTION: "Introductions by the publisher",
}
"""A role as something to search in."""

FILTERS = {
    "since": "Since",
    "until": "Until",
    "speaker": "Speaker",
    "issuer": "Issuer",
    "role": "Role",
    "order": "Order",
}

ORDERS = {"relevance": "Most relevant first", "newest": "Newest first", "oldest": "Oldest first"}
"""What comes first in an answer."""


def day(published: str | None) -> str:
    """A date as people write it.

    >>> day("2020-07-16"), day("1946-05"), day("1946"), day(None)
    ('16 July 2020', 'May 1946', '1946', 'Date unknown')
    """
    if published is None:
        return "Date unknown"
    year, *rest = published.split("-")
    words = [year]
    if rest:
        words.insert(0, month_name[int(rest[0])])
    if len(rest) > 1:
        words.insert(0, str(int(rest[1])))
    return " ".join(words)


def years(counts: Counts) -> str:
    """The years that an archive's dates span; days would claim more than a date like "1946" says.

    >>> years(Counts(2, 2, 9, 0, "1946-01-01", "2021-05-31"))
    '1946 to 2021'
    """
    if counts.first_day is None or counts.last_day is None:
        return "dates unknown"
    first, last = counts.first_day[:4], counts.last_day[:4]
    return first if first == last else f"{first} to {last}"


def speaker(citation: Citation) -> str:
    """Who says the words, and that it is not known when it is not."""
    match citation.role:
        case Role.QUESTION:
            return citation.speaker or "Asked by somebody the source does not name"
        case Role.INTRODUCTION:
            return citation.speaker or "The publisher"
        case _:
            return citation.speaker or "Speaker not named in the source"


def exact(text: str) -> Markup:
    r"""The text as HTML that a browser reads back character for character.

    >>> exact("<b>\r\n")
    Markup('&lt;b&gt;&#13;\n')
    """
    return escape(text).replace("\r", Markup("&#13;"))


def parts(quote: Quote) -> tuple[str, str, str]:
    """The quote's text before, in and after its highlight; one that covers all of it tells nothing and is left out."""
    highlight = quote.highlight
    if highlight is None or (highlight.start, highlight.end) == (quote.citation.start, quote.citation.end):
        return quote.text, "", ""
    start, end = highlight.start - quote.citation.start, highlight.end - quote.citation.start
    return quote.text[:start], quote.text[start:end], quote.text[end:]


def copied(text: str, citation: Citation, *, miss: bool = False) -> str:
    """Quote and citation as plain text, fit for a draft; a miss says that it is one."""
    warnings = [MISS] if miss else []
    if citation.role in WARNINGS:
        warnings.append(WARNINGS[citation.role])
    lines = [f"[{warning}]" for warning in warnings]
    lines += [f"“{text}”", f"— {reference(citation)}", f"SHA-256 of the full text: {citation.text_sha256}"]
    return "\n".join(lines)


def web_link(url: str | None) -> str | None:
    """The address when it is one of the web, which a page may link to; else `None`.

    >>> web_link("https://example.org/a"), web_link("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    try:
        address = urlsplit(url or "")
    except ValueError:
        return None
    return url if address.scheme in {"http", "https"} and address.netloc else None
