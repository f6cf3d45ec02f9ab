"""How the sides of an answer that are no quotes are told to people, in a terminal and on a page."""

from service.answer import Answer, Searched
from service.wishes import Order, Wish

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
