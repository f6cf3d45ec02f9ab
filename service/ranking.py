"""Which passages answer first: dense and lexical evidence fused, copies folded, no statement crowding out the rest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.records import Candidate

DENSE_WEIGHT = 0.7
PER_STATEMENT = 3
"""Passages of one statement in an answer, as long as others can fill it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage in its place: `score` is 0 to 1, higher is better, comparable within one question only."""

    key: int
    score: float


@dataclass(frozen=True, slots=True)
class Family:
    """A passage and the copies of it that the same speaker gave elsewhere; the earliest stands for all."""

    candidate: Candidate
    score: float
    copies: tuple[Candidate, ...]


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


def choose(ranked: Iterable[Ranked], candidates: Mapping[int, Candidate], count: int) -> list[Family]:
    """The `count` best families, in order; a ranked key without a candidate was retired and is passed over.

    A statement gives `PER_STATEMENT` of them; more only where nothing else is left to fill the answer.
    """
    families = _fold([(candidates[found.key], found.score) for found in ranked if found.key in candidates])
    given: Counter[str] = Counter()
    within: list[int] = []
    beyond: list[int] = []
    for place, family in enumerate(families):
        statement_id = family.candidate.statement_id
        given[statement_id] += 1
        (within if given[statement_id] <= PER_STATEMENT else beyond).append(place)
    return [families[place] for place in sorted((within + beyond)[:count])]


def is_crowded(families: Iterable[Family]) -> bool:
    """Whether a statement gives more of them than it should while others might fill their place."""
    return max(Counter(family.candidate.statement_id for family in families).values(), default=0) > PER_STATEMENT


def _fold(found: Sequence[tuple[Candidate, float]]) -> list[Family]:
    """Copies gathered where the best of them ranks."""
    families: dict[tuple[str, str | None, str], list[Candidate]] = {}
    scores: list[float] = []
    for candidate, score in found:
        same = families.setdefault((_bare(candidate.text), candidate.speaker, candidate.role), [])
        if not same:
            scores.append(score)
        same.append(candidate)
    folded = []
    for same, score in zip(families.values(), scores, strict=True):
        earliest = min(same, key=lambda candidate: candidate.first_day or "9999")
        folded.append(Family(earliest, score, tuple(other for other in same if other is not earliest)))
    return folded


def _bare(text: str) -> str:
    return " ".join(text.casefold().split())
