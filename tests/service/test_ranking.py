"""How two searches become one order, copies one family, and no statement crowds out the rest."""

from dataclasses import astuple
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import UNDATED, Standing
from service.ranking import PER_STATEMENT, RECIPE, Family, Ranked, Recipe, choose, fuse, is_crowded, second_look


def a_standing(key: int, family: int | None = None, *, statement: int | None = None, first_day: int = 9000) -> Standing:
    return Standing(key, key if statement is None else statement, 1000 + key if family is None else family, first_day)


def chosen(standings: list[Standing], count: int) -> list[Family]:
    """Chosen from the passages, ranked in the order given."""
    ranked = [Ranked(standing.key, 1 - place / 1000) for place, standing in enumerate(standings)]
    return choose(ranked, {standing.key: standing for standing in standings}, count)


def keys(families: list[Family]) -> list[int]:
    return [family.keys[0] for family in families]


def test_the_score_weighs_cosine_and_share_of_the_best_bm25() -> None:
    fused = fuse({1: 0.9, 2: 0.5, 4: -0.3}, {2: 12.0, 3: 3.0, 4: 6.0}, {}, Recipe(cosine=0.7, words=0.3, moment=0.0))
    assert [found.key for found in fused] == [2, 1, 4, 3]
    assert [found.score for found in fused] == pytest.approx([0.35 + 0.3, 0.63, 0.15, 0.075])


def test_the_weights_of_the_recipe_are_one_together() -> None:
    assert sum(astuple(RECIPE)) - RECIPE.topic == pytest.approx(1)


def test_equal_scores_come_in_the_order_of_keys() -> None:
    assert [found.key for found in fuse({9: 0.5, 2: 0.5, 5: 0.5}, {}, {})] == [2, 5, 9]


def test_passages_of_the_same_days_vouch_for_each_other() -> None:
    standings = {1: a_standing(1, first_day=9000), 2: a_standing(2, first_day=9100), 3: a_standing(3, first_day=9102)}
    scores = {found.key: found.score for found in fuse({1: 0.5, 2: 0.5, 3: 0.5}, {}, standings)}
    two_days = exp(-0.5 * (2 / 3) ** 2)
    assert scores[1] == pytest.approx(RECIPE.cosine * 0.5, abs=1e-9)
    assert scores[2] == pytest.approx(RECIPE.cosine * 0.5 + RECIPE.moment * two_days / 3)
    assert scores[3] == scores[2]


def test_a_better_passage_vouches_more() -> None:
    standings = {
        1: a_standing(1, first_day=9000),
        2: a_standing(2, first_day=9000),
        3: a_standing(3, first_day=9500),
        4: a_standing(4, first_day=9500),
    }
    scores = {found.key: found.score for found in fuse({1: 0.8, 2: 0.5, 3: 0.6, 4: 0.5}, {}, standings)}
    assert scores[2] > scores[4]


@pytest.mark.parametrize("given", [{"statement": 77}, {"first_day": UNDATED}])
def test_neither_a_statements_own_passages_nor_undated_ones_vouch(given: dict[str, int]) -> None:
    standings = {key: a_standing(key, **given) for key in (1, 2)}
    fused = fuse({1: 0.5, 2: 0.5}, {}, standings)
    assert [found.score for found in fused] == pytest.approx([RECIPE.cosine * 0.5] * 2)


def test_a_follow_up_finds_what_stands_beside_what_was_talked_about() -> None:
    topic = a_standing(9, statement=77, first_day=9000)
    standings = {
        1: a_standing(1, statement=77, first_day=UNDATED),
        2: a_standing(2, first_day=9001),
        3: a_standing(3, first_day=9400),
        4: a_standing(4, first_day=UNDATED),
    }
    plain = Recipe(moment=0)
    scores = {found.key: found.score for found in fuse(dict.fromkeys(standings, 0.5), {}, standings, plain, topic)}
    whole = 1 + plain.topic
    assert scores[1] == pytest.approx((plain.cosine * 0.5 + plain.topic) / whole)
    assert scores[2] == pytest.approx((plain.cosine * 0.5 + plain.topic * exp(-0.5)) / whole)
    assert scores[3] == scores[4] == pytest.approx(plain.cosine * 0.5 / whole)


def test_the_statement_talked_about_may_give_the_whole_answer() -> None:
    standings = [a_standing(key, statement=77) for key in range(1, 6)] + [a_standing(11), a_standing(12)]
    ranked = [Ranked(standing.key, 1 - place / 1000) for place, standing in enumerate(standings)]
    families = choose(ranked, {standing.key: standing for standing in standings}, 5, topic=77)
    assert keys(families) == [1, 2, 3, 4, 5]
    assert not is_crowded(families, topic=77)
    assert is_crowded(families)


def test_a_second_look_lifts_what_has_the_questions_words_together() -> None:
    ranked = [Ranked(1, 0.50), Ranked(2, 0.45), Ranked(3, 0.30)]
    looked_at = second_look(ranked, {2: 1.0, 1: 0.2}, Recipe(pairs=0.1))
    assert [found.key for found in looked_at] == [2, 1, 3]
    assert [found.score for found in looked_at] == pytest.approx([0.55, 0.52, 0.30])


@given(
    st.dictionaries(st.integers(0, 30), st.floats(-1, 1)),
    st.dictionaries(st.integers(0, 30), st.floats(0, 50)),
    st.dictionaries(st.integers(0, 30), st.integers(700000, 700030)),
)
def test_everything_found_is_ranked_once_between_nothing_and_one(
    cosines: dict[int, float], words: dict[int, float], days: dict[int, int]
) -> None:
    standings = {key: a_standing(key, first_day=day) for key, day in days.items()}
    fused = second_look(fuse(cosines, words, standings), dict.fromkeys(cosines, 1.0))
    scores = [found.score for found in fused]
    assert sorted(found.key for found in fused) == sorted(cosines.keys() | words.keys())
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 + 1e-9 for score in scores)


def test_a_statement_gives_three_passages_while_others_can_fill_the_answer() -> None:
    of_one = [a_standing(key, statement=77) for key in range(1, 7)]
    others = [a_standing(key) for key in (11, 12)]
    assert PER_STATEMENT == 3
    assert keys(chosen([*of_one, *others], 5)) == [1, 2, 3, 11, 12]


def test_a_statement_gives_more_where_nothing_else_is_left_and_keeps_its_places() -> None:
    of_one = [a_standing(key, statement=77) for key in range(1, 7)]
    assert keys(chosen([*of_one, a_standing(11)], 6)) == [1, 2, 3, 4, 5, 11]
    assert keys(chosen(of_one, 10)) == [1, 2, 3, 4, 5, 6]


def test_copies_are_folded_where_the_best_ranks_and_the_earliest_stands_for_them() -> None:
    later = a_standing(1, family=5, first_day=700)
    between = a_standing(2)
    undated = a_standing(3, family=5, first_day=999_999)
    earliest = a_standing(4, family=5, first_day=600)

    first, second = chosen([later, between, undated, earliest], 5)

    assert (first.keys, first.score, first.statement) == ((4, 1, 3), 1.0, 4)
    assert second.keys == (2,)


def test_a_copy_does_not_count_against_its_statement() -> None:
    copies = [a_standing(key, family=5, statement=77) for key in range(1, 5)]
    others = [a_standing(key, statement=77) for key in range(5, 7)]
    assert keys(chosen([*copies, *others, a_standing(9)], 3)) == [1, 5, 6]


def test_a_key_without_a_standing_was_retired_and_is_passed_over() -> None:
    ranked = [Ranked(1, 0.9), Ranked(2, 0.8)]
    assert keys(choose(ranked, {2: a_standing(2)}, 5)) == [2]
    assert choose(ranked, {}, 5) == []
