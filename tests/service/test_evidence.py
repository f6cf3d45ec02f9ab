"""When there is enough evidence to answer: more of either kind is never less confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.evidence import THRESHOLD, confidence


@pytest.mark.parametrize(
    ("cosine", "coverage", "expected"),
    [
        (0.078125, 1.0, 0.5),  # 2.5 + 21 - 23.5 = 0
        (0.40625, 0.5, 0.5),  # 13 + 10.5 - 23.5 = 0
        (0.5, 0.5, 0.952574),  # 16 + 10.5 - 23.5 = 3
        (0.34375, 0.5, 0.119203),  # 11 + 10.5 - 23.5 = -2
        (0.0, 0.0, 0.0),
        (1.0, 1.0, 1.0),
    ],
)
def test_confidence_is_logistic_in_nearness_and_coverage(cosine: float, coverage: float, expected: float) -> None:
    assert confidence(cosine, coverage) == pytest.approx(expected, abs=1e-6)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_more_evidence_of_either_kind_never_lowers_it(cosine: float, coverage: float, more: float) -> None:
    least = confidence(cosine, coverage)
    assert 0 < least < 1
    assert confidence(min(1, cosine + more), coverage) >= least
    assert confidence(cosine, min(1, coverage + more)) >= least


def test_neither_half_the_words_alone_nor_a_faint_nearness_alone_are_enough() -> None:
    assert confidence(0.2, 0.5) < THRESHOLD
    assert confidence(0.6, 0.0) < THRESHOLD
    assert confidence(0.6, 0.3) > THRESHOLD
