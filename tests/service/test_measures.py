"""Figures of confidences and differences, worked out by hand or by brute force."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import measures
from service.measures import Bin, Difference, Shares, answerability, auroc, paired_bootstrap, reliability

ANSWERABLE, UNANSWERABLE = (0.95, 0.85, 0.5, 0.3), (0.5, 0.25, 0.0)
CONFIDENCES = st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), min_size=1, max_size=20)
MEASURES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12)


def test_every_figure_of_answerability_is_the_one_worked_out_by_hand() -> None:
    found = answerability(ANSWERABLE, UNANSWERABLE, threshold=0.5)

    assert (found.threshold, found.answerable, found.unanswerable) == (0.5, 4, 3)
    assert (found.coverage, found.false_answers) == (3 / 4, 1 / 3)  # at the threshold itself, too
    assert found.auroc == pytest.approx((3 + 3 + 2.5 + 2) / 12)
    assert found.bins == (
        Bin(0.0, 0.1, 1, 0.0, 0.0),
        Bin(0.2, 0.3, 2, (0.3 + 0.25) / 2, 0.5),
        Bin(0.4, 0.5, 2, 0.5, 0.5),
        Bin(0.8, 0.9, 1, 0.85, 1.0),
        Bin(0.9, 1.0, 1, 0.95, 1.0),
    )
    assert found.calibration_error == pytest.approx((0 + 2 * 0.225 + 0 + 0.15 + 0.05) / 7)


def test_a_confidence_on_an_edge_is_in_the_bin_below_it() -> None:
    on_edges = [step / 10 for step in range(11)]
    found = reliability(on_edges, [])
    assert [one.count for one in found] == [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    assert [one.high for one in found] == on_edges[1:]


def test_the_curve_has_the_shares_at_every_hundredth() -> None:
    curve = answerability(ANSWERABLE, UNANSWERABLE, threshold=0.5).curve
    assert len(curve) == 101
    assert [curve[step] for step in (0, 25, 26, 30, 31, 50, 51, 95, 100)] == [
        Shares(0.0, 1, 1),
        Shares(0.25, 1, 2 / 3),
        Shares(0.26, 1, 1 / 3),
        Shares(0.3, 1, 1 / 3),
        Shares(0.31, 3 / 4, 1 / 3),
        Shares(0.5, 3 / 4, 1 / 3),
        Shares(0.51, 1 / 2, 0),
        Shares(0.95, 1 / 4, 0),
        Shares(1.0, 0, 0),
    ]


def test_a_figure_without_its_questions_is_none() -> None:
    only_answerable = answerability([0.9, 0.2], [], threshold=0.5)
    assert (only_answerable.coverage, only_answerable.false_answers, only_answerable.auroc) == (0.5, None, None)
    assert only_answerable.calibration_error == pytest.approx((0.1 + 0.8) / 2)
    assert only_answerable.curve == ()

    only_unanswerable = answerability([], [0.9], threshold=0.5)
    assert (only_unanswerable.coverage, only_unanswerable.false_answers, only_unanswerable.auroc) == (None, 1, None)

    nothing = answerability([], [], threshold=0.5)
    assert (nothing.coverage, nothing.false_answers, nothing.auroc, nothing.calibration_error) == (None,) * 4
    assert (nothing.bins, nothing.curve) == ((), ())


@pytest.mark.parametrize("wrong", [-0.01, 1.01, float("nan")])
def test_a_confidence_is_from_0_to_1(wrong: float) -> None:
    for answerable, unanswerable in (([wrong], [0.5]), ([0.5], [wrong])):
        with pytest.raises(ValueError, match="a confidence is not between 0 and 1"):
            answerability(answerable, unanswerable, threshold=0.5)


@settings(deadline=None)  # the import takes a second
@given(CONFIDENCES, CONFIDENCES)
def test_auroc_is_that_of_scikit_learn(answerable: list[float], unanswerable: list[float]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    assert auroc(answerable, unanswerable) == pytest.approx(metrics.roc_auc_score(labels, answerable + unanswerable))


def test_the_bootstrap_is_that_of_a_plain_loop() -> None:
    one, other = [0.9, 0.4, 0.7, 1.0, 0.0], [0.5, 0.5, 0.2, 0.9, 0.1]
    chance, means = np.random.default_rng(7), []
    for _ in range(500):
        drawn = [int(place) for place in chance.integers(5, size=5)]
        means.append(sum(one[place] - other[place] for place in drawn) / 5)
    as_far = sum(abs(resampled - 0.16) >= 0.16 - 1e-9 for resampled in means)
    means.sort()

    found = paired_bootstrap(one, other, samples=500, seed=7)

    # the 2.5th of 500 is 12.475 places after the first, the 97.5th as far before the last
    low, high = (means[12] + 0.475 * (means[13] - means[12]), means[487] - 0.475 * (means[487] - means[486]))
    assert (found.mean, found.low, found.high) == pytest.approx((0.16, low, high))
    assert (found.p, found.samples) == ((1 + as_far) / 501, 500)


def test_p_comes_near_that_of_all_resamples_there_are() -> None:
    # of the 27 resamples of 0, 0 and 1, whose mean is 1/3, those with means 2/3 (6) and 1 (1) and 0 (8) are as far off
    found = paired_bootstrap([0, 0, 1], [0, 0, 0])
    assert found.p == pytest.approx((6 + 1 + 8) / 27, abs=0.015)
    assert (found.mean, found.low, found.high) == pytest.approx((1 / 3, 0, 1))


def test_how_many_are_drawn_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = [0.9, 0.4, 0.7], [0.5, 0.5, 0.2]
    at_once = paired_bootstrap(one, other, samples=100)
    monkeypatch.setattr(measures, "_DRAWN_AT_ONCE", 21)
    assert paired_bootstrap(one, other, samples=100) == at_once


def test_many_queries_take_little_memory() -> None:
    one, other = np.ones(100_000).tolist(), np.zeros(100_000).tolist()
    tracemalloc.start()
    try:
        paired_bootstrap(one, other, samples=60)  # drawn all at once: 96 MB
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32e6


@given(MEASURES)
def test_the_other_way_round_the_difference_is_its_opposite(pairs: list[tuple[float, float]]) -> None:
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, turned = paired_bootstrap(one, other, samples=50), paired_bootstrap(other, one, samples=50)
    assert (turned.mean, turned.p) == (-found.mean, found.p)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


def test_the_same_rankings_do_not_differ() -> None:
    measured = [0.1, 0.9, 0.4]
    assert paired_bootstrap(measured, measured, samples=100) == Difference(0, 0, 0, 1, 100)


def test_a_difference_that_every_query_has_is_the_surest_but_its_p_is_not_0() -> None:
    found = paired_bootstrap([0.3, 0.8, 0.5], [0.2, 0.7, 0.4], samples=99)
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert found.p == 1 / 100


@pytest.mark.parametrize(("one", "other"), [([], []), ([0.5], []), ([0.5, 0.5], [0.5])])
def test_only_the_same_queries_can_be_compared(one: list[float], other: list[float]) -> None:
    with pytest.raises(ValueError, match=f"{len(one)} and {len(other)} measures"):
        paired_bootstrap(one, other)
