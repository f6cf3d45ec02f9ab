"""Which questions lean on those before them, and what they take along."""

import pytest

from service.conversation import Utterance, standalone

BEFORE = "Who builds the Kelm bridge?"
HISTORY = [Utterance("user", BEFORE), Utterance("agent", "The province builds it.")]


@pytest.mark.parametrize(
    "question",
    [
        "And when does it open?",
        "what about the tolls on both banks of the river",
        "When was that decided by the provincial council?",
        "Did they promise another crossing?",
        "Tolls?",
        "How much money?",
        "Why was the contract for the second lane awarded?",
    ],
)
def test_a_short_question_that_continues_or_points_takes_the_one_before_along(question: str) -> None:
    assert standalone(question, HISTORY) == f"{BEFORE} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "What is the fishing quota?",
        "Android prices rise in Orm",
        "Did the minister say anything to the crews of the dredgers when they met in Orm?",
        "Sophie Brand on tariffs",
    ],
)
def test_a_question_that_names_its_subject_stands_alone(question: str) -> None:
    assert standalone(question, HISTORY) == question


def test_what_we_said_and_what_is_blank_is_not_taken_along() -> None:
    history = [Utterance("agent", "Zinc is up."), Utterance("user", "  ")]
    assert standalone("And tin?", history) == "And tin?"
    assert standalone("And tin?", []) == "And tin?"


def test_a_chain_of_follow_ups_reaches_back_to_the_question_that_stands_alone() -> None:
    history = [
        Utterance("user", "What is the fishing quota?"),
        *HISTORY,
        Utterance("user", " And when does it open? "),
        Utterance("agent", "In May."),
    ]
    assert standalone("  Who said so?  ", history) == "Who builds the Kelm bridge? And when does it open? Who said so?"


def test_a_very_long_conversation_is_no_matter() -> None:
    history = [Utterance("user", "And then?")] * 5000
    assert standalone("And then?", history) == " ".join(["And then?"] * 5001)
