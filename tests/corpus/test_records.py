"""What stands around a passage and helps to find it; what a statement's own records say."""

import pytest

from corpus.records import Outcome, Searchable, context_of, ending, lines
from corpus.statement import Passage, Role, Statement, Turn
from tests.builders import a_statement

ASKED, ANSWERED, ADDED = "Will the levy be raised?", "No. It will not.", "Nor will the toll."
TEXT = f"{ASKED}\n{ANSWERED}\n{ADDED}"


def a_briefing(*roles: Role) -> Statement:
    """The three lines, a turn each; Ada Brand says all but questions."""
    starts = [TEXT.index(line) for line in (ASKED, ANSWERED, ADDED)]
    turns = tuple(
        Turn(start, start + len(line), None if role is Role.QUESTION else "Ada Brand", role)
        for start, line, role in zip(starts, (ASKED, ANSWERED, ADDED), roles, strict=True)
    )
    return a_statement(TEXT, title="On tolls", issuer="Port of Orm", turns=turns)


def around(turn: int, *roles: Role) -> str:
    statement = a_briefing(*roles)
    at = statement.turns[turn]
    return context_of(statement, Passage(at.start, at.end, turn))


def test_an_answer_is_found_by_its_title_issuer_speaker_and_question() -> None:
    found = around(1, Role.QUESTION, Role.ANSWER, Role.ANSWER)
    assert found == f"On tolls\nPort of Orm\nAda Brand\n{ASKED}"


@pytest.mark.parametrize(
    ("turn", "roles"),
    [
        (1, (Role.QUESTION, Role.REMARKS, Role.ANSWER)),
        (1, (Role.REMARKS, Role.ANSWER, Role.QUESTION)),
        (0, (Role.ANSWER, Role.REMARKS, Role.QUESTION)),
        (2, (Role.QUESTION, Role.ANSWER, Role.ANSWER)),
    ],
)
def test_only_an_answer_right_behind_a_question_is_found_by_it(turn: int, roles: tuple[Role, Role, Role]) -> None:
    assert around(turn, *roles) == "On tolls\nPort of Orm\nAda Brand"


def test_a_question_has_no_speaker_around_it_when_nobody_is_named() -> None:
    assert around(0, Role.QUESTION, Role.ANSWER, Role.ANSWER) == "On tolls\nPort of Orm"


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        ("", "x" * 400, "x" * 400),
        ("Said. ", "Why so? " + "x" * 392, "Why so? " + "x" * 392),
        ("", "Why " + "so " * 132 + "dear?", "so " * 131 + "dear?"),
        ("", "x" * 401, "x" * 400),
    ],
)
def test_of_a_long_question_the_last_400_characters_count_from_a_whole_word_on(
    before: str, asked: str, expected: str
) -> None:
    assert ending(f"{before}{asked} No.", len(before), len(before) + len(asked)) == expected


def test_what_is_not_told_takes_no_line() -> None:
    assert lines("Tin", None, "", "Zinc") == "Tin\nZinc"


def test_outcomes_are_the_words_that_a_report_has() -> None:
    assert [str(outcome) for outcome in Outcome] == ["new", "changed", "unchanged"]


def test_a_passage_that_answers_nothing_has_only_its_statement_around_it() -> None:
    found = Searchable(1, 1, "Zinc is up.", "On tolls", "Port of Orm", None, None, "Ada Brand", Role.REMARKS)
    assert (found.asked, found.context) == (None, "On tolls\nPort of Orm\nAda Brand")
