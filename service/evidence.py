"""Whether there is enough evidence to answer at all: one number from what the ranking found."""

from math import exp

THRESHOLD = 0.5
_COSINE, _COVERAGE, _BIAS = 14.0, 3.0, -6.5


def confidence(cosine: float, coverage: float) -> float:
    """How likely it is, 0 to 1, that the best passages answer the question.

    `cosine` is that of the nearest passage; `coverage` the greatest share of the question's words, weighed by
    rarity, that one of the best passages has.
    """
    return 1 / (1 + exp(-(_COSINE * cosine + _COVERAGE * coverage + _BIAS)))
