"""How the sides of an answer that are no quotes are told to people, in a terminal and on a page."""

from calendar import month_name
from urllib.parse import urlsplit

from corpus.statement import Role
from service.answer import Answer, Citation, Searched
from service.wishes import Order, Wish

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

_ORDERS = {Order.RELEVANCE: "most relevant first", Order.NEWEST: "newest first", Order.OLDEST: "oldest first"}


def wanted(wish: Wish) -> str:
    """What a wish asks for.

    >>> wanted(Wish("period", "since 2020", 9, 19, None, "2020", None))
    'since 2020'
    """
    if wish.order is not None:
        return _ORDERS[wish.order]
    if wish.since == wish.until:
        return f"only {wish.since}"
    bounds = (("since", wish.since), ("until", wish.until))
    return " ".join(f"{bound} {day}" for bound, day in bounds if day is not None)


def searched(answer: Answer) -> str:
    """What the question was put to, and how much of all that is.

    >>> from service.answer import IndexInfo
    >>> within(Searched(2, 9, "2020-01-05", "2020-03-01"), IndexInfo(1, 12, "all-MiniLM-L6-v2").passages)
    '9 of 12 passages searched, of 2 statements from 2020-01-05 to 2020-03-01'
    """
    return within(answer.searched, answer.index.passages)


def within(extent: Searched, passages: int) -> str:
    """How much of `passages` was searched, and of which period."""
    of_all = "" if extent.passages == passages else f" of {passages:,}"
    period = "" if extent.since is None else f" from {extent.since} to {extent.until}"
    statements = f"{extent.statements:,} statement" + ("" if extent.statements == 1 else "s")
    searched = f"{extent.passages:,}{of_all} passage" + ("" if extent.passages == 1 and not of_all else "s")
    return f"{searched} searched, of {statements}{period}"


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


def speaker(citation: Citation) -> str:
    """Who says the words, and that it is not known when it is not."""
    match citation.role:
        case Role.QUESTION:
            return citation.speaker or "Asked by somebody the source does not name"
        case Role.INTRODUCTION:
            return citation.speaker or "The publisher"
        case _:
            return citation.speaker or "Speaker not named in the source"


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
