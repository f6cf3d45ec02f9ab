"""Which passages a question is put to: what the asker names, and what that means in an archive."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from corpus.errors import OnRecordError
from corpus.statement import Role, published_days


class InvalidPeriod(OnRecordError):
    """The period asked for ends before it begins."""

    def __init__(self, since: date, until: date) -> None:
        super().__init__(f"No day is both since {since} and until {until}.", "Give an earlier day first.")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the asker wants searched; `None` leaves a side open, and so does a name without words.

    Raises `InvalidPeriod`.

    `speaker` and `issuer` name people as a person would: every word given must stand in the name, in any order and
    case, so "kirby" finds "MR. KIRBY". `since` and `until` are inclusive days.
    """

    since: date | None = None
    until: date | None = None
    speaker: str | None = None
    issuer: str | None = None
    role: Role | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidPeriod(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters put into an archive's own terms: `speakers` and `issuers` are names exactly as they are kept there.

    A statement is inside `since` or `until` only when the whole period that its date names is: one dated "1946" is
    not certainly after May 1946. One without a date is inside neither.
    """

    since: date | None = None
    until: date | None = None
    speakers: frozenset[str] | None = None
    issuers: frozenset[str] | None = None
    role: Role | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is filtered out."""
        return self == Scope()


def names_matching(wanted: str, names: Iterable[str]) -> frozenset[str]:
    """Those of `names` in which every word of `wanted` stands.

    >>> sorted(names_matching("kirby", ["MR. KIRBY", "John Kirby", "Kirbyson"]))
    ['John Kirby', 'MR. KIRBY']
    """
    words = _words(wanted)
    return frozenset(name for name in names if words and words <= _words(name))


def first_day(since: str) -> date:
    """First day of the period that a person names: "2020" is 1 January 2020. Raises `InvalidStatement`."""
    return published_days(since)[0]


def last_day(until: str) -> date:
    """Last day of the period that a person names: "2020" is 31 December 2020. Raises `InvalidStatement`."""
    return published_days(until)[1]


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.casefold()))
