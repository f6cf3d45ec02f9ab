"""How things read to people on a page: filters, quotes with their highlight, and the words that are copied."""

from corpus.records import Counts
from corpus.statement import Role
from service.answer import Citation, Quote
from service.citing import reference
from service.saying import WARNINGS

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


def years(counts: Counts) -> str:
    """The years that an archive's dates span; days would claim more than a date like "1946" says.

    >>> years(Counts(2, 2, 9, 0, "1946-01-01", "2021-05-31"))
    '1946 to 2021'
    """
    if counts.first_day is None or counts.last_day is None:
        return "dates unknown"
    first, last = counts.first_day[:4], counts.last_day[:4]
    return first if first == last else f"{first} to {last}"


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
