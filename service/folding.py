"""Which families of passages are near-copies of each other, and so one quote of an answer."""

import re
from collections.abc import Mapping, Sequence

from corpus.copies import Wording
from corpus.records import Archived, Standing
from corpus.statement import Passage
from service.ranking import Family

_COMPARED = 20
"""Families, the best, that are compared with each other."""
_WORD = re.compile(r"\w+")
_AS_GOOD = 0.03
"""Of near-copies whose scores differ by more, one answers what the other does not: both are given."""

Held = Mapping[int, tuple[Archived, Passage]]


class Folding:
    """The near-copies found for one question: a family is folded into another only if it is near all in that."""

    def __init__(self) -> None:
        self._words: dict[int, frozenset[str]] = {}
        self._wordings: dict[int, Wording] = {}
        self._verdicts: dict[tuple[int, int], bool] = {}
        self._groups: dict[int, list[int]] = {}

    def fold(self, families: Sequence[Family], held: Held, standings: Mapping[int, Standing]) -> dict[int, Standing]:
        """The standings in which near-copies by the same speaker are of one family; the same when there are none."""
        into: dict[int, int] = {}
        leading: list[Family] = []
        for family in families[:_COMPARED]:
            key = family.keys[0]
            if key not in held:
                continue
            number = standings[key].family
            same = next((other for other in leading if self._is_near(other, family, held, standings)), None)
            if same is None:
                leading.append(family)
                self._groups.setdefault(number, [key])
            else:
                kept = standings[same.keys[0]].family
                self._groups[kept] += self._groups.get(number, [key])
                into[number] = kept
        return {key: one._replace(family=into.get(one.family, one.family)) for key, one in standings.items()}

    def _is_near(self, one: Family, other: Family, held: Held, standings: Mapping[int, Standing]) -> bool:
        if abs(one.score - other.score) > _AS_GOOD:
            return False
        group = self._groups[standings[one.keys[0]].family]
        others = self._groups.get(standings[other.keys[0]].family, [other.keys[0]])
        return all(self._are_near(first, second, held) for first in group for second in others)

    def _are_near(self, one: int, other: int, held: Held) -> bool:
        pair = (min(one, other), max(one, other))
        if pair not in self._verdicts:
            if one not in held or other not in held:
                return False
            first, second = held[one], held[other]
            self._verdicts[pair] = (
                _teller(first) == _teller(second)
                and self._might_be_near(one, other, held)
                and self._wording(one, held).is_near(self._wording(other, held))
            )
        return self._verdicts[pair]

    def _might_be_near(self, one: int, other: int, held: Held) -> bool:
        """Whether they share enough words for a closer look, which takes ten times as long."""
        some, others = (self._words_of(key, held) for key in (one, other))
        return 2 * len(some & others) >= min(len(some), len(others))

    def _words_of(self, key: int, held: Held) -> frozenset[str]:
        if key not in self._words:
            self._words[key] = _words(held[key])
        return self._words[key]

    def _wording(self, key: int, held: Held) -> Wording:
        if key not in self._wordings:
            archived, passage = held[key]
            self._wordings[key] = Wording.of(archived.statement.slice(passage.start, passage.end))
        return self._wordings[key]


def _words(one: tuple[Archived, Passage]) -> frozenset[str]:
    archived, passage = one
    return frozenset(_WORD.findall(archived.statement.slice(passage.start, passage.end).casefold()))


def _teller(one: tuple[Archived, Passage]) -> tuple[str | None, str | None, str]:
    """Whose words they are, as far as the source says: of a speaker who is not named, the issuer."""
    archived, passage = one
    turn = archived.statement.turns[passage.turn]
    return turn.speaker, None if turn.speaker else archived.statement.issuer, str(turn.role)
