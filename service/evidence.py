"""Whether there is enough evidence to answer at all: one number from what the ranking found."""

from math import exp

THRESHOLD = 0.5
_COSINE, _COVERAGE, _BIAS = 32.0, 21.0, -23.5
"""Logistic regression on half of 1,000 journalists' questions that a collection of press answers answers and of 200
parliamentary ones that it does not, both kinds weighing the same. It is made for the default model."""


def confidence(cosine: float, coverage: float) -> float:
    """How likely it is, 0 to 1, that the best passages answer the question.

    `cosine` is that of the nearest passage; `coverage` the greatest share of the question's words, weighed by rarity,
    that one of the best passages has.

    >>> round(confidence(0.65, 0.6), 2), round(confidence(0.35, 0.2), 2)
    (1.0, 0.0)
    """
    return 1 / (1 + exp(-(_COSINE * cosine + _COVERAGE * coverage + _BIAS)))
