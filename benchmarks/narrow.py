"""Filters that leave about a given share of a collection, and which passages they leave, told without SQL."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from benchmarks.exact import Mask
from corpus.archive import Archive
from corpus.filters import Filters
from corpus.statement import Role

Names = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A filter, what it is by, and the passages that it leaves, in the order of keys."""

    by: str
    filters: Filters
    within: Mask

    @property
    def share(self) -> float:
        """How much of the collection it leaves."""
        return float(self.within.mean())


class Facets:
    """What a collection's passages can be filtered by."""

    def __init__(self, archive: Archive) -> None:
        rows = [(row.first_day, row.last_day, row.speaker, row.issuer, row.role) for row in archive.searchable()]
        self._first, self._last = (np.array([row[side] or "" for row in rows]) for side in (0, 1))
        self._named = {"speaker": [row[2] for row in rows], "issuer": [row[3] for row in rows]}
        self._roles = np.array([str(row[4]) for row in rows])

    def filters(self, share: float) -> list[Narrowed]:
        """By date, speaker, issuer and role, each as near to `share` as the collection has it."""
        made = [
            self._by_date(share),
            self._by_name("speaker", share, lambda name: Filters(speaker=name)),
            self._by_name("issuer", share, lambda name: Filters(issuer=name)),
            self._by_role(share),
        ]
        return [narrowed for narrowed in made if narrowed is not None and narrowed.within.any()]

    def _by_date(self, share: float) -> Narrowed | None:
        """A period about the middle of all days."""
        days = np.sort(self._first[self._first != ""])
        if not len(days):
            return None
        half = max(1, int(len(self._first) * share)) // 2
        middle = len(days) // 2
        since, until = days[max(0, middle - half)], days[min(len(days) - 1, middle + half)]
        within = (self._first >= since) & (self._last <= until) & (self._first != "")
        return Narrowed("date", Filters(date.fromisoformat(since), date.fromisoformat(until)), within)

    def _by_name(self, field: str, share: float, filters: Callable[[str], Filters]) -> Narrowed | None:
        """The word that stands in the names of about that share."""
        names, places = np.unique([name or "" for name in self._named[field]], return_inverse=True)
        counts = np.bincount(places)
        words = [frozenset(re.findall(r"\w+", name.casefold())) for name in names]
        totals: dict[str, int] = {}
        for said, count in zip(words, counts, strict=True):
            for word in said:
                totals[word] = totals.get(word, 0) + int(count)
        if not totals:
            return None
        word = _nearest(totals, share * len(places))
        within = np.array([word in said for said in words])[places]
        return Narrowed(field, filters(word), within)

    def _by_role(self, share: float) -> Narrowed:
        roles, counts = np.unique(self._roles, return_counts=True)
        totals = dict(zip(roles.tolist(), counts.tolist(), strict=True))
        role = _nearest(totals, share * len(self._roles))
        return Narrowed("role", Filters(role=Role(role)), self._roles == role)


def _nearest(totals: dict[str, int], wanted: float) -> str:
    """The name whose total is nearest to the wanted one, as a ratio."""
    return min(sorted(totals), key=lambda name: abs(np.log(totals[name] / wanted)))


def shares(narrowed: Sequence[Narrowed]) -> str:
    """In words, for a note."""
    return ", ".join(f"{one.by} {one.share:.2%}" for one in narrowed)
