"""When there is enough evidence to answer: what each signal sees, and that more of any is never less confidence."""

import json
import re
from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.evidence import DEFAULT, WEIGHED, Calibration, DamagedCalibration, Signals, Witness, signals

NOTHING = Signals(
    nearest=0.0,
    witnesses=0.0,
    together=0.0,
    amount=0.0,
    asked=0.0,
    names=0.0,
    pairs=0.0,
    said=0.0,
    named=0.0,
    numbered=0.0,
    denied=0.0,
    figure=0.0,
    words=7,
)
FERRY = "The ferry to Kelm sails on Monday."


def words(text: str) -> list[str]:
    """Lower-case words, but those of one or two letters."""
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 2 or word.isdigit()]


def seen(question: str, *texts: str, rarity: dict[str, float] | None = None) -> Signals:
    """What texts of cosine 0.5 say, each word of the question being of rarity 2."""
    given = dict.fromkeys(words(question), 2.0) if rarity is None else rarity
    return signals(question, given, words, 0.6, [Witness(text, 0.5) for text in texts])


def only(**weights: float) -> Calibration:
    """A calibration in which all other signals weigh nothing."""
    return Calibration(dict.fromkeys(WEIGHED, 0.0) | weights, bias=-1.0)


def test_confidence_is_logistic_in_the_weighed_signals_and_surer_with_more_words() -> None:
    calibration = only(nearest=4.0, pairs=2.0)
    found = replace(NOTHING, nearest=0.5, pairs=1.0)  # 2 + 2 - 1 = 3
    assert calibration.confidence(found) == pytest.approx(1 / (1 + exp(-3 * 0.5)))  # (7 + 1) / (7 + 1 + 8)
    assert calibration.confidence(replace(found, words=23)) == pytest.approx(1 / (1 + exp(-3 * 0.75)))


def test_a_question_without_words_is_judged_by_nearness_and_hardly_surely() -> None:
    assert only(nearest=10.0).confidence(replace(NOTHING, nearest=1.0, words=0)) == pytest.approx(1 / (1 + exp(-1)))


@given(
    st.builds(
        Signals,
        **{name: st.floats(-1, 1) if name in ("nearest", "witnesses") else st.floats(0, 1) for name in WEIGHED},
        words=st.integers(0, 400),
    ),
    st.sampled_from(WEIGHED),
    st.floats(0, 1),
)
def test_more_of_any_signal_never_lowers_it(found: Signals, name: str, more: float) -> None:
    least = DEFAULT.confidence(found)
    assert 0 < least < 1
    assert DEFAULT.confidence(replace(found, **{name: getattr(found, name) + more})) >= least


def test_without_witnesses_there_is_not_enough() -> None:
    assert DEFAULT.confidence(signals("When does it sail?", {"sail": 3.0}, words, 0.0, [])) < DEFAULT.threshold


def test_what_says_the_very_words_is_enough_and_what_says_others_is_not() -> None:
    asked = "On which day does the ferry to Kelm sail from the northern harbour?"
    rarity = dict.fromkeys(words(asked), 4.0)
    answer = Witness("The ferry to Kelm does sail from the northern harbour on Monday, the first day.", 0.8)
    other = Witness("Wool is dear this year.", 0.2)
    assert DEFAULT.confidence(signals(asked, rarity, words, 0.8, [answer])) >= DEFAULT.threshold
    assert DEFAULT.confidence(signals(asked, rarity, words, 0.2, [other])) < DEFAULT.threshold


def test_cosines_are_that_of_the_nearest_and_the_mean_of_the_witnesses() -> None:
    found = signals("ferry", {"ferry": 2.0}, words, 0.7, [Witness("a", 0.6), Witness("b", 0.2)])
    assert found.nearest == 0.7
    assert found.witnesses == pytest.approx(0.4)


def test_words_are_weighed_by_rarity_over_all_witnesses_together() -> None:
    found = seen("ferry quota wool", "The ferry.", "The wool.", rarity={"ferry": 1.0, "quota": 6.0, "wool": 3.0})
    assert found.together == pytest.approx(0.4)
    assert found.amount == pytest.approx(1 - exp(-3 / 24))


def test_a_long_question_is_covered_by_what_covers_one_of_its_sentences() -> None:
    rarity = dict.fromkeys(words("wool prices rose sharply again ferry kelm sails monday"), 4.0)
    found = seen("Wool prices rose sharply again. The ferry to Kelm sails Monday?", FERRY, rarity=rarity)
    assert found.asked == 1.0
    assert found.together == pytest.approx(4 / 9)


def test_a_sentence_that_says_hardly_anything_is_not_what_was_asked() -> None:
    rarity = {"ferry": 3.0} | dict.fromkeys(words("wool prices rose sharply"), 4.0)
    assert seen("The ferry. Wool prices rose sharply?", FERRY, rarity=rarity).asked == 0.0


def test_names_and_numbers_are_looked_for_in_one_passage() -> None:
    asked = "Did the ferry Alda reach Kelm with 40 sheep?"
    assert seen(asked, "The Alda is at sea.", "Kelm has 40 boats.").names == pytest.approx(2 / 3)
    assert seen("Did the ferry sail?", "Wool is dear.").names == 1.0


def test_neighbouring_words_count_within_a_sentence() -> None:
    assert seen("northern harbour fees", "Fees in the northern harbour.").pairs == pytest.approx(0.5)
    assert seen("northern harbour", "It is northern. Harbour fees rise.").pairs == 0.0


def test_a_word_name_or_number_that_the_best_sentence_lacks_counts_against_a_short_question() -> None:
    whole = seen("Does the ferry to Kelm sail on Monday", "The ferry does sail to Kelm. It does so on Monday.")
    assert whole.said == pytest.approx(1 - 0.2 / (1 + (6 / 8) ** 3))  # 'monday' stands in another sentence
    assert whole.named == pytest.approx(1 - (1 / 6) / (1 + (6 / 8) ** 3))
    assert whole.numbered == 1.0
    assert seen("ferry in 1950", FERRY).numbered == pytest.approx(1 - 0.5 / (1 + (2 / 8) ** 3))


def test_a_denial_counts_unless_the_sentence_denies_too_or_it_is_how_the_question_begins() -> None:
    asked = "Which ferry does not sail on Monday?"
    assert seen(asked, FERRY).denied < 0.8
    assert seen(asked, "The ferry to Kelm does not sail on Monday.").denied == 1.0
    assert seen("Doesn't the ferry sail on Monday?", FERRY).denied == 1.0


def test_a_question_for_a_number_wants_one_that_is_not_its_own() -> None:
    asked = "How many sheep did the 1950 ferry carry?"
    assert seen(asked, "The 1950 ferry did carry sheep.").figure < 0.8
    assert seen(asked, "The 1950 ferry did carry 12 sheep.").figure == 1.0
    assert seen(asked, "The 1950 ferry did carry twelve sheep.").figure == 1.0
    assert seen("Which sheep did the ferry carry?", "The ferry did carry sheep.").figure == 1.0


def test_what_counts_against_a_short_question_hardly_does_against_a_long_one() -> None:
    long = " ".join(f"matter{number}" for number in range(40))
    assert seen(f"Why did the minister not speak of {long}", FERRY).denied > 0.99


def test_a_calibration_is_read_as_it_was_written() -> None:
    assert Calibration.from_json(DEFAULT.to_json()) == DEFAULT


WEIGHTS = dict(DEFAULT.weights)
GOOD = {"weights": WEIGHTS, "bias": DEFAULT.bias, "threshold": 0.5}


@pytest.mark.parametrize(
    ("held", "lack"),
    [
        ("{", "it is not JSON"),
        ("[]", "it has not the fields"),
        (json.dumps({**GOOD, "more": 1}), "it has not the fields"),
        (json.dumps({**GOOD, "weights": {"nearest": 1.0}}), "its weights are not those of the signals"),
        (json.dumps({**GOOD, "weights": 3}), "its weights are not those of the signals"),
        (json.dumps({**GOOD, "weights": {**WEIGHTS, "pairs": -1.0}}), "a weight is no number from 0 up"),
        (json.dumps({**GOOD, "weights": {**WEIGHTS, "pairs": True}}), "a weight is no number from 0 up"),
        (json.dumps({**GOOD, "bias": "-60"}), "its bias is no number"),
        (json.dumps({**GOOD, "bias": float("nan")}), "its bias is no number"),
        (json.dumps({**GOOD, "bias": 10**400}), "its bias is no number"),
        (json.dumps({**GOOD, "threshold": 1}), "its threshold is not between 0 and 1"),
    ],
)
def test_a_damaged_one_is_refused_with_what_is_wrong(held: str, lack: str) -> None:
    with pytest.raises(DamagedCalibration, match=lack) as refused:
        Calibration.from_json(held)
    assert "onrecord calibrate" in refused.value.cure
