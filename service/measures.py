"""What an evaluation's numbers amount to: is a difference more than chance, and is a confidence to be relied on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_BINS = 10
_CURVE_STEPS = 100
_DRAWN_AT_ONCE = 1_000_000
"""Queries drawn into resamples at a time: 16 MB of them."""
_ROUNDING = 1e-12
"""Means nearer than this are equal: adding the same numbers in another order makes such differences."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose confidence is above `low` and not above `high`; the lowest bin has 0 too."""

    low: float
    high: float
    count: int
    confidence: float
    """The mean of theirs."""
    answered_right: float
    """The share of them, 0 to 1, that can be answered: where confidence is calibrated, it equals `confidence`."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What is answered when a question is answered from this confidence on; shares are 0 to 1."""

    threshold: float
    coverage: float
    """Of the answerable questions, those answered."""
    false_answers: float
    """Of the unanswerable questions, those answered."""


@dataclass(frozen=True, slots=True)
class Answerability:
    """How well the confidence tells questions that can be answered from those that cannot.

    A figure for which there are no questions is None.
    """

    threshold: float
    answerable: int
    """Questions."""
    unanswerable: int
    """Questions."""
    coverage: float | None
    """See `Shares`, as the next one."""
    false_answers: float | None
    auroc: float | None
    """See `auroc`."""
    calibration_error: float | None
    """See `calibration_error`."""
    bins: tuple[Bin, ...]
    """From low to high, those with questions in them: see `reliability`."""
    curve: tuple[Shares, ...]
    """At each hundredth from 0 to 1; empty unless there are questions of both kinds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one ranking is better than another, in the measure's unit: below 0 it is worse."""

    mean: float
    low: float
    """Lower end of the 95 % interval of the mean."""
    high: float
    """Upper end."""
    p: float
    """Two-sided: how often chance alone makes at least such a difference."""
    samples: int
    """Resamples of the queries from which interval and p come."""


def answerability(answerable: Sequence[float], unanswerable: Sequence[float], threshold: float) -> Answerability:
    """What is to be known of the confidences given to questions of both kinds; a confidence is 0 to 1.

    A question is answered when its confidence is at least `threshold`, as `ask` does. Raises `ValueError` for a
    confidence that is none.

    >>> found = answerability([0.9, 0.7, 0.4], [0.6, 0.1], threshold=0.5)
    >>> round(found.coverage, 3), found.false_answers, round(found.auroc, 3), round(found.calibration_error, 3)
    (0.667, 0.5, 0.833, 0.34)
    """
    known, unknown = _confidences(answerable), _confidences(unanswerable)
    bins = reliability(known, unknown)
    return Answerability(
        threshold=threshold,
        answerable=len(known),
        unanswerable=len(unknown),
        coverage=_share_from(known, threshold),
        false_answers=_share_from(unknown, threshold),
        auroc=auroc(known, unknown),
        calibration_error=calibration_error(bins),
        bins=bins,
        curve=tuple(_curve(known, unknown)),
    )


def auroc(answerable: Sequence[float] | Numbers, unanswerable: Sequence[float] | Numbers) -> float | None:
    """The area under the ROC curve, 0 to 1 with 0.5 for guessing; None unless there are questions of both kinds.

    It is the share of all pairs of an answerable and an unanswerable question in which the answerable one has the
    higher confidence, ties counting half: the Mann-Whitney U as a share (Hanley and McNeil, 1982).

    >>> auroc([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    if not (len(answerable) and len(unanswerable)):
        return None
    below = np.sort(unanswerable)
    wins = below.searchsorted(answerable, "left").mean() + below.searchsorted(answerable, "right").mean()
    return float(wins / 2 / len(below))


def reliability(answerable: Sequence[float] | Numbers, unanswerable: Sequence[float] | Numbers) -> tuple[Bin, ...]:
    """The questions of both kinds in ten bins of equal width (Guo et al., 2017), without those that have none.

    >>> [(one.low, one.high, one.count, one.answered_right) for one in reliability([0.95, 1.0, 0.3], [0.25])]
    [(0.2, 0.3, 2, 0.5), (0.9, 1.0, 2, 1.0)]
    """
    confidences = np.concatenate([np.asarray(answerable, np.float64), np.asarray(unanswerable, np.float64)])
    right = np.arange(len(confidences)) < len(answerable)
    edges = np.arange(_BINS + 1) / _BINS
    places = edges[1:].searchsorted(confidences, "left")
    return tuple(
        Bin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            count=int((places == place).sum()),
            confidence=float(confidences[places == place].mean()),
            answered_right=float(right[places == place].mean()),
        )
        for place in np.unique(places)
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error, 0 to 1, lower is better: Σ count · |answered right − confidence| ÷ Σ count.

    From Guo et al. (2017), "On Calibration of Modern Neural Networks". It depends on how many questions of either
    kind were asked. None where there are no bins.
    """
    count = sum(one.count for one in bins)
    if not count:
        return None
    return sum(one.count * abs(one.answered_right - one.confidence) for one in bins) / count


def paired_bootstrap(one: Sequence[float], other: Sequence[float], samples: int = 10_000, seed: int = 0) -> Difference:
    """How much higher `one` is than `other` on average, measured on the same queries in the same order.

    The queries are drawn with replacement, as many as there are, `samples` times. The interval runs from the 2.5th to
    the 97.5th percentile of the resampled mean differences m* (Efron and Tibshirani, 1993, chapter 13). For p they are
    centred on 0, as if there were no difference: p = (1 + number with |m* − m| ≥ |m|) ÷ (1 + samples), of which the
    1 counts what was measured among the samples, so that no p is 0 (the same, chapter 16; Davison and Hinkley, 1997,
    section 4.2, for the 1). Sakai (2006, "Evaluating Evaluation Metrics based on the Bootstrap") tests rankings so,
    with Student's t in place of m.

    Raises `ValueError` unless both have as many numbers, and at least one.

    >>> found = paired_bootstrap([0.9, 0.6, 0.8, 0.7], [0.5, 0.5, 0.4, 0.6])
    >>> round(found.mean, 2), round(found.low, 2), round(found.high, 2)
    (0.25, 0.1, 0.4)
    """
    differences = np.subtract(one, other, dtype=np.float64) if len(one) == len(other) else np.empty(0)
    if not len(differences):
        raise ValueError(f"{len(one)} and {len(other)} measures: there is no query, or not the same ones")
    mean = float(differences.mean())
    means = np.concatenate(list(_resampled(differences, samples, np.random.default_rng(seed))))
    low, high = np.percentile(means, (2.5, 97.5))
    as_far = int((np.abs(means - mean) >= abs(mean) - _ROUNDING).sum())
    return Difference(mean, float(low), float(high), (1 + as_far) / (1 + samples), samples)


def _resampled(differences: Numbers, samples: int, chance: np.random.Generator) -> Iterator[Numbers]:
    """The means of so many resamples, some at a time: how many at a time does not change them."""
    queries = len(differences)
    at_once = max(1, _DRAWN_AT_ONCE // queries)
    for first in range(0, samples, at_once):
        drawn = chance.integers(queries, size=(min(at_once, samples - first), queries))
        yield differences[drawn].mean(axis=1)


def _confidences(given: Sequence[float]) -> Numbers:
    confidences = np.asarray(given, np.float64)
    if not np.all((confidences >= 0) & (confidences <= 1)):
        raise ValueError("a confidence is not between 0 and 1")
    return confidences


def _share_from(confidences: Numbers, threshold: float) -> float | None:
    return float((confidences >= threshold).mean()) if len(confidences) else None


def _curve(answerable: Numbers, unanswerable: Numbers) -> Iterator[Shares]:
    for step in range(_CURVE_STEPS + 1):
        threshold = step / _CURVE_STEPS
        coverage, false_answers = _share_from(answerable, threshold), _share_from(unanswerable, threshold)
        if coverage is not None and false_answers is not None:
            yield Shares(threshold, coverage, false_answers)
