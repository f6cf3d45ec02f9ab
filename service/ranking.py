"""Which passages answer first: kinds of evidence fused, copies folded, no statement crowding out the rest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.records import UNDATED, Standing

PER_STATEMENT = 3
"""Passages of one statement in an answer, as long as others can fill it."""
LOOKED_AT = 20
"""Passages, the best so far, that are looked at a second time."""

_DAYS = 3.0
"""Standard deviation of the bell around each day: what is said of a matter is said within days."""
_VOUCHING = 200
"""Passages, the best, that vouch for others: as many as two searches find when nothing makes them go deeper."""
_SHARPNESS = 0.03
"""Difference of scores at which a passage vouches for its days by a factor of e less."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What each kind of evidence counts in the score; together 1, but for `topic`.

    The weights are those of a linear model (softmax over each question's passages) fitted on half of four judged sets:
    journalists' and parliamentary questions, encyclopaedic ones, and last turns of conversations. That of `moment` was
    then lowered, and its days narrowed, until it did no harm to the second set; all its questions were looked at.
    """

    cosine: float = 0.59
    """Of question and passage."""
    words: float = 0.23
    """Of the BM25 score as a share of the question's best, as in Bruch, Gai and Ingber (2023, "An Analysis of Fusion
    Functions for Hybrid Retrieval")."""
    moment: float = 0.07
    """Of how much else that was found was said within days of it."""
    pairs: float = 0.11
    """Of the question's neighbouring words that are neighbours in the passage; see `nearness`."""
    topic: float = 0.1
    """Beyond that, in a follow-up: of what stands in the statement talked about, or was said within a day of it. With
    it 39 % of 1,143 follow-ups of journalists found their answer among ten, and 25 % as typed; the answers looked for
    were the next ones of the same briefings."""


RECIPE = Recipe()


class Ranked(NamedTuple):
    """A passage in its place: `score` is 0 to 1, higher is better, comparable within one question only."""

    key: int
    score: float


class Family(NamedTuple):
    """A passage and its copies that the same speaker gave elsewhere, by their keys; the first stands for all."""

    statement: int
    score: float
    keys: tuple[int, ...]
    """The earliest first, or the newest where that is asked for; the others as they rank."""
    first_day: int
    """That of the first; see `Standing`."""


def fuse(
    cosines: Mapping[int, float],
    words: Mapping[int, float],
    standings: Mapping[int, Standing],
    recipe: Recipe = RECIPE,
    topic: Standing | None = None,
) -> list[Ranked]:
    """Every passage that either search found, best first, ties by key; what `second_look` may add is not in the score.

    `topic` is the passage that was talked about just before, when the question follows it up.

    >>> [found.key for found in fuse({1: 0.9, 2: 0.5, 3: 0.4}, {2: 12.0, 3: 3.0}, {})]
    [1, 2, 3]
    """
    best = max(words.values(), default=0.0) or 1.0
    keys = sorted(cosines.keys() | words.keys())
    scores = np.array(
        [recipe.cosine * max(cosines.get(key, 0.0), 0.0) + recipe.words * words.get(key, 0.0) / best for key in keys]
    )
    held = [standings.get(key) for key in keys]
    if recipe.moment:
        scores = scores + recipe.moment * _moments(scores / (recipe.cosine + recipe.words), held)
    if topic is not None:
        scores = (scores + recipe.topic * np.array([_closeness(topic, standing) for standing in held])) / (
            1 + recipe.topic
        )
    return _sorted(map(Ranked, keys, scores.tolist()))


def second_look(ranked: Sequence[Ranked], nearness: Mapping[int, float], recipe: Recipe = RECIPE) -> list[Ranked]:
    """The passages in their order after the best were looked at: `nearness` is that of each, 0 to 1."""
    return _sorted(
        Ranked(found.key, min(1.0, found.score + recipe.pairs * nearness.get(found.key, 0.0))) for found in ranked
    )


def reordered(ranked: Sequence[Ranked], judged: Mapping[int, float]) -> list[Ranked]:
    """The passages with those that were `judged` in the order of the judgement, each with the score of its new place.

    >>> reordered([Ranked(1, 0.9), Ranked(2, 0.8), Ranked(3, 0.7)], {1: -2.0, 3: 5.0})
    [Ranked(key=3, score=0.9), Ranked(key=2, score=0.8), Ranked(key=1, score=0.7)]
    """
    best = iter(sorted((found.key for found in ranked if found.key in judged), key=lambda key: (-judged[key], key)))
    return [Ranked(next(best), found.score) if found.key in judged else found for found in ranked]


def choose(
    ranked: Iterable[Ranked],
    standings: Mapping[int, Standing],
    count: int,
    *,
    topic: int | None = None,
    newest: bool = False,
) -> list[Family]:
    """The `count` best families, in order; a ranked key without a standing was retired and is passed over.

    A statement gives `PER_STATEMENT` of them; more only where nothing else is left to fill the answer, or when it is
    the `topic`, the statement that is talked about. The earliest of a family leads it, or the `newest`.
    """
    families: dict[int, list[Ranked]] = {}
    for found in ranked:
        if found.key in standings:
            families.setdefault(standings[found.key].family, []).append(found)
    given: Counter[int] = Counter()
    within: list[tuple[int, Family]] = []
    beyond: list[tuple[int, Family]] = []
    for place, same in enumerate(families.values()):
        family = _family(same, standings, newest=newest)
        given[family.statement] += 1
        few = given[family.statement] <= PER_STATEMENT or family.statement == topic
        (within if few else beyond).append((place, family))
        if len(within) == count:
            break
    return [family for _, family in sorted((within + beyond)[:count], key=lambda placed: placed[0])]


def is_crowded(families: Iterable[Family], topic: int | None = None) -> bool:
    """Whether a statement gives more of them than it should while others might fill their place."""
    given = Counter(family.statement for family in families if family.statement != topic)
    return max(given.values(), default=0) > PER_STATEMENT


def _sorted(ranked: Iterable[Ranked]) -> list[Ranked]:
    return sorted(ranked, key=lambda found: (-found.score, found.key))


def _moments(scores: npt.NDArray[np.float64], standings: Sequence[Standing | None]) -> npt.NDArray[np.float64]:
    """How much of what was found was said by others within days of each passage: 0 to 1, shape as `scores`.

    What officials are asked about comes in waves, so passages of the right days vouch for each other: the temporal
    feedback of Efron, Lin, He and de Vries (2014, "Temporal Feedback for Tweet Search with Non-Parametric Density
    Estimation"), in which a passage counts the more the better it ranks. Those of its own statement do not vouch.
    """
    if not len(scores):
        return scores
    days = np.array([standing.first_day if standing else UNDATED for standing in standings], dtype=np.float64)
    statements = np.array([standing.statement if standing else -1 for standing in standings])
    trust = np.exp((scores - scores.max()) / _SHARPNESS)
    vouching = np.argsort(-trust, kind="stable")[:_VOUCHING]
    near = np.exp(-0.5 * ((days[:, None] - days[None, vouching]) / _DAYS) ** 2)
    near[statements[:, None] == statements[None, vouching]] = 0
    near[:, days[vouching] == UNDATED] = 0
    vouched: npt.NDArray[np.float64] = near @ (trust[vouching] / trust.sum())
    return vouched


def _closeness(topic: Standing, standing: Standing | None) -> float:
    """How near a passage stands to the one talked about: 1 in the same statement, less the more days lie between."""
    if standing is None:
        return 0.0
    if standing.statement == topic.statement:
        return 1.0
    if UNDATED in (standing.first_day, topic.first_day):
        return 0.0
    return exp(-0.5 * (standing.first_day - topic.first_day) ** 2)


def _family(same: Sequence[Ranked], standings: Mapping[int, Standing], *, newest: bool) -> Family:
    """Copies gathered where the best of them ranks."""
    keys = [found.key for found in same]
    days = {key: standings[key].first_day for key in keys}
    dated = [key for key in keys if days[key] != UNDATED] or keys
    leading = max(dated, key=days.__getitem__) if newest else min(keys, key=days.__getitem__)
    keys.remove(leading)
    return Family(standings[leading].statement, same[0].score, (leading, *keys), days[leading])
