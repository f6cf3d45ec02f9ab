"""Whom a printed name or office means."""

import pytest

from corpus.persons import Kind, who_is


@pytest.mark.parametrize(
    ("printed", "name", "office"),
    [
        ("Secretary of Defense Lee Orr", ("lee", "orr"), "secretary"),
        ("Minister for Trade Lee Orr", ("lee", "orr"), "minister"),
        ("First Lady Jane Poe", ("jane", "poe"), "first lady"),
        ("President Orr Before Train Departure", ("orr",), "president"),
        ("President Orr As Delivered", ("orr",), "president"),
        ("Bo Lund IV", ("bo", "lund"), None),
        ("Al Bo Lund", ("bo", "lund"), None),
        ("Bo van der Lund", ("bo", "lund"), None),
        ("Bo A. Lund", ("bo", "lund"), None),
        ("Senator Bo Q. A. Lund", ("bo", "lund"), "senator"),
    ],
)
def test_a_person_has_a_name_without_particles_and_initials_and_perhaps_an_office(
    printed: str, name: tuple[str, ...], office: str | None
) -> None:
    who = who_is(printed)

    assert (who.kind, who.name, who.office, who.courteous) == (Kind.PERSON, name, office, False)


def test_a_courtesy_alone_before_a_name_is_told_apart_from_an_office() -> None:
    assert who_is("Ms. Poe").courteous
    assert not who_is("Minister Poe").courteous


@pytest.mark.parametrize(("printed", "office"), [("President of Kelm", "president"), ("the first lady", "first lady")])
def test_an_office_alone_names_no_person(printed: str, office: str) -> None:
    who = who_is(printed)

    assert (who.kind, who.name, who.office) == (Kind.OFFICE, (), office)


@pytest.mark.parametrize("printed", ["the Kremlin", "The Kremlin", "the U"])
def test_a_capital_behind_the_article_makes_a_body(printed: str) -> None:
    assert who_is(printed).kind is Kind.BODY


@pytest.mark.parametrize(
    "printed", ["Q", "A", "Q & A", "A senator", "Speaker A", "Next Q", "Exhibit A", "Town Hall Q&A"]
)
def test_who_asks_or_answers_and_one_of_many_is_nobody(printed: str) -> None:
    assert who_is(printed).kind is Kind.NOBODY


@pytest.mark.parametrize("printed", ["the plan", "THE PRESIDNET"])
def test_small_letters_and_capitals_throughout_behind_the_article_name_nobody(printed: str) -> None:
    assert who_is(printed).kind is Kind.NOBODY
