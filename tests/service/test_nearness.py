"""How near each other a passage has the question's neighbours, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.nearness import nearness, pairs_of

WORDS = st.lists(st.sampled_from(["kelm", "bridge", "open", "ferry"]), max_size=12)


def test_a_pair_weighs_what_the_commoner_of_its_words_does() -> None:
    pairs = pairs_of(["kelm", "bridge", "bridge", "toll"], {"kelm": 4.0, "bridge": 1.0, "toll": 9.0})
    assert pairs == {("kelm", "bridge"): 1.0, ("bridge", "toll"): 1.0}


def test_rare_words_weigh_more_than_their_rarity() -> None:
    assert pairs_of(["kelm", "toll"], {"kelm": 4.0, "toll": 9.0}) == {("kelm", "toll"): 8.0}


@pytest.mark.parametrize(
    ("passage", "share"),
    [
        ("kelm bridge open", 1.0),
        ("bridge kelm", 0.75),
        ("open kelm ferry bridge", 0.75 / 2 + 0.25 / 3),
        ("kelm x x x bridge x kelm", 0.75 / 2),
        ("kelm ferry", 0.0),
        ("", 0.0),
    ],
)
def test_each_pair_counts_by_its_least_distance_in_either_order(passage: str, share: float) -> None:
    pairs = {("kelm", "bridge"): 3.0, ("bridge", "open"): 1.0}
    assert nearness(pairs, passage.split()) == pytest.approx(share)


def test_a_question_of_one_word_has_no_pairs() -> None:
    assert pairs_of(["kelm"], {"kelm": 4.0}) == {}
    assert nearness({}, ["kelm"]) == 0.0


@given(WORDS, WORDS)
def test_it_is_the_share_that_brute_force_finds(question: list[str], passage: list[str]) -> None:
    pairs = pairs_of(question, {"kelm": 4.0, "bridge": 1.0, "open": 2.0, "ferry": 0.0})
    found = 0.0
    for (one, other), weight in pairs.items():
        distances = [abs(i - j) for i, a in enumerate(passage) for j, b in enumerate(passage) if (a, b) == (one, other)]
        found += weight / min(distances) if distances else 0.0
    whole = sum(pairs.values())
    assert nearness(pairs, passage) == pytest.approx(found / whole if whole else 0.0)
