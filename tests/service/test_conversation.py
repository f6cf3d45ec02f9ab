"""Which questions lean on those before them, and what they take along."""

import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.conversation import Utterance, standalone

BEFORE = "Who builds the Kelm bridge?"
HISTORY = [Utterance("user", BEFORE), Utterance("agent", "The province builds it.")]
WORDS = re.compile(r"[^\W_]+")

texts = st.text(max_size=80) | st.lists(
    st.sampled_from(["and", "why", "it", "the", "Kelm", "bridge", "ferry's", "quota,", "Orm?", "fishing", "What", "is"])
).map(" ".join)
histories = st.lists(st.builds(Utterance, st.sampled_from(["user", "agent"]), texts), max_size=14)


def user(text: str) -> Utterance:
    return Utterance("user", text)


def agent(text: str) -> Utterance:
    return Utterance("agent", text)


@pytest.mark.parametrize(
    "question",
    [
        "And when does it open?",
        "what about the tolls on both banks of the river",
        "When was that decided by the council of Orm?",
        "Did they promise another crossing?",
        "Is the second one longer?",
        "Tolls?",
        "toll prices",
        "How much is the toll?",
        "Why was the contract for the second lane awarded?",
    ],
)
def test_a_question_that_continues_points_or_names_next_to_nothing_says_what_it_is_about(question: str) -> None:
    assert standalone(question, HISTORY).startswith(f"{question} (")
    assert "Kelm bridge" in standalone(question, HISTORY)


@pytest.mark.parametrize(
    "question",
    [
        "What is the fishing quota?",
        "Android prices rise in Orm",
        "Sophie Brand on tariffs",
        "Did the crews of the Orm dredgers lose their contract?",
        "Which quota did the ministry set for herring before it was lowered?",
    ],
)
def test_a_question_that_names_its_subject_stands_alone(question: str) -> None:
    assert standalone(question, HISTORY) == question


def test_a_pronoun_leans_unless_three_things_are_named_before_it() -> None:
    assert (
        standalone("Is the herring quota for them?", HISTORY) == "Is the herring quota for them? (builds, Kelm bridge)"
    )
    assert standalone("Will the herring quota hurt them?", HISTORY) == "Will the herring quota hurt them?"


def test_words_said_side_by_side_stay_together_and_others_are_parted() -> None:
    history = [user("Does the Kelm bridge, or the ferry, cost Orm more?")]
    assert standalone("And why is that?", history) == "And why is that? (Kelm bridge, ferry)"
    assert standalone("And why?", [user("Will the bridge?"), agent("The Kelm.")]) == "And why? (Kelm, bridge)"


def test_the_question_tells_more_than_the_answer_to_it() -> None:
    history = [user("Kelm bridge tolls?"), agent("Herring, cod, plaice.")]
    assert standalone("And why?", history) == "And why? (Kelm bridge tolls)"


def test_what_both_said_goes_before_what_one_said() -> None:
    history = [user("Are tolls, lanes, piers or ferries planned?"), agent("Herring first. Ferries and piers.")]
    assert standalone("And when?", history) == "And when? (Ferries, piers, tolls)"


def test_what_is_said_again_and_again_goes_first() -> None:
    history = [agent("Herring, cod, plaice, tin. Tin and tin, zinc. Zinc!")]
    assert standalone("And why?", history) == "And why? (Herring, tin, zinc)"


def test_a_nearer_question_goes_before_an_older_one() -> None:
    history = [user("Herring, herring?"), agent("No."), user("Tin, zinc, lead?"), agent("No.")]
    assert standalone("And why?", history) == "And why? (Tin, zinc, lead)"


def test_an_older_answer_is_out_of_mind_before_an_older_question() -> None:
    history = [user("Cod?"), agent("Lead, lead, lead, lead."), user("Zinc?"), agent("Tin.")]
    assert standalone("And why?", history) == "And why? (Tin, Zinc, Cod)"


def test_the_words_of_the_question_are_not_carried_again() -> None:
    history = [user("The bridge's tolls, the bridge's piers?")]
    assert standalone("And the Bridge?", history) == "And the Bridge? (tolls, piers)"


@pytest.mark.parametrize(("asked", "carried"), [(3, 3), (11, 3), (12, 4), (20, 6), (24, 8), (60, 8)])
def test_a_longer_question_carries_more_words_up_to_eight(asked: int, carried: int) -> None:
    history = [user("herring cod plaice tin zinc lead copper barley oats rye")]
    question = "And " + "so " * (asked - 1)
    assert len(standalone(question, history).split()) == asked + carried


def test_only_the_beginning_of_a_long_utterance_and_the_latest_utterances_count() -> None:
    assert standalone("And?", [user("so " * 400 + "Kelm")]) == "And?"
    assert standalone("And?", [user("Kelm"), *[agent("So.")] * 9]) == "And? (Kelm)"
    assert standalone("And?", [user("Kelm"), *[agent("So.")] * 10]) == "And?"


def test_what_is_too_long_to_be_a_word_is_not_carried() -> None:
    assert standalone("And?", [user("k" * 40)]) == f"And? ({'k' * 40})"
    assert standalone("And?", [user("k" * 41)]) == "And?"


def test_nothing_is_carried_where_nothing_was_said() -> None:
    assert standalone("And tin?", [agent("Well, it is."), user("  ")]) == "And tin?"
    assert standalone("  ", HISTORY) == ""


@given(texts)
def test_without_a_history_a_question_stays_as_it_was_typed(question: str) -> None:
    assert standalone(question, []) == question.strip()


@given(texts, histories)
def test_it_begins_with_the_question_and_adds_few_words_all_from_the_history(
    question: str, history: list[Utterance]
) -> None:
    alone = standalone(question, history)
    added = alone.removeprefix(question.strip())
    assert alone == question.strip() + added
    said = {word for one in history for word in WORDS.findall(one.text)}
    assert set(WORDS.findall(added)) <= said
    assert len(added.split()) <= 8
    assert len(added) <= 8 * 42 + 3


@given(texts, histories)
def test_the_same_conversation_always_gives_the_same_question(question: str, history: list[Utterance]) -> None:
    assert standalone(question, history) == standalone(question, tuple(history))


def test_a_very_long_conversation_is_no_matter() -> None:
    started = perf_counter()
    assert standalone("And then?", [user("Kelm bridge " * 900)] * 5000) == "And then? (Kelm bridge)"
    assert perf_counter() - started < 1
