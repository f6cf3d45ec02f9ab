"""Which records can be cited and which are refused, and what a slice and a date are."""

import json
from dataclasses import FrozenInstanceError
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InvalidStatement
from corpus.statement import MAX_ID_LENGTH, Passage, Role, Statement, Turn, published_days
from tests.builders import a_statement


@pytest.mark.parametrize("statement_id", ["", "  ", "a\nb", "a\0b", "a\u202eb", "x" * (MAX_ID_LENGTH + 1), "\udce9"])
def test_an_id_that_cannot_be_shown_in_a_citation_is_refused(statement_id: str) -> None:
    with pytest.raises(InvalidStatement, match=r"cannot be a statement's id\. Use 1 to 200 printable characters"):
        a_statement(id=statement_id)


def test_an_id_may_be_as_long_as_the_limit_and_in_any_script() -> None:
    assert a_statement(id="聲" * MAX_ID_LENGTH).id == "聲" * MAX_ID_LENGTH


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "has no text"),
        (" \n\t\u00a0", "has no text"),
        ("Zinc\0", "NUL character"),
        ("Zinc \ud83d is up", "half a surrogate pair at character 5"),
    ],
)
def test_text_that_no_citation_could_point_into_is_refused(text: str, cause: str) -> None:
    with pytest.raises(InvalidStatement, match=cause):
        a_statement(text, turns=())


@pytest.mark.parametrize(
    "spans", [[(0, 0)], [(3, 2)], [(-1, 2)], [(0, 5)], [(0, 3), (2, 4)], [(2, 4), (0, 1)]], ids=str
)
def test_turns_are_inside_the_text_in_order_and_apart(spans: list[tuple[int, int]]) -> None:
    turns = tuple(Turn(start, end, None, Role.REMARKS) for start, end in spans)
    with pytest.raises(InvalidStatement, match="out of place"):
        a_statement("Zinc", turns=turns)


def test_turns_may_touch_and_may_leave_text_between_them() -> None:
    turns = tuple(Turn(start, end, None, Role.ANSWER) for start, end in [(0, 1), (1, 2), (3, 4)])
    assert a_statement("Zinc", turns=turns).turns == turns


@pytest.mark.parametrize(
    ("published", "days"),
    [
        ("1946", (date(1946, 1, 1), date(1946, 12, 31))),
        ("2023-02", (date(2023, 2, 1), date(2023, 2, 28))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2024-12", (date(2024, 12, 1), date(2024, 12, 31))),
        ("2024-02-29", (date(2024, 2, 29), date(2024, 2, 29))),
    ],
)
def test_a_date_names_a_day_a_month_or_a_year(published: str, days: tuple[date, date]) -> None:
    assert published_days(published) == days


@pytest.mark.parametrize(
    "published",
    ["", "1 April", "2023-02-29", "2024-13", "2024-00", "0000", "24-01-01", "2024-1-1", "2024-01-01T00:00", "２０２４"],
)
def test_what_is_no_date_is_refused_and_not_guessed(published: str) -> None:
    with pytest.raises(InvalidStatement, match="Write it as YYYY-MM-DD, YYYY-MM or YYYY"):
        a_statement(published=published)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), st.data())
def test_a_slice_is_counted_in_code_points(words: str, data: st.DataObject) -> None:
    text = f"{words}."
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    characters = "".join(list(text)[start:end])
    assert a_statement(text, turns=()).slice(start, end) == characters


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 0), (2, 1), (0, 5), (4, 5)])
def test_a_place_that_is_not_in_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidStatement, match=rf"has 4 characters; {start}–{end} is not a place in it"):
        a_statement("Zinc").slice(start, end)


def test_the_hash_is_that_of_the_text_in_utf_8() -> None:
    assert a_statement("Née 🌍").text_sha256 == sha256(b"N\xc3\xa9e \xf0\x9f\x8c\x8d").hexdigest()


def test_roles_are_written_as_the_words_that_json_and_the_archive_have() -> None:
    assert [str(role) for role in Role] == ["remarks", "question", "answer", "letter", "introduction"]


def test_the_hash_of_the_record_is_that_of_everything_but_the_text() -> None:
    said = [
        "kelm/harbour",
        ["On tolls", "Port of Orm", "Ada Brand", "2024-05-06", "remarks", "en", "https://orm.example/1"],
        [[0, 4, "Ada Brand", "answer"]],
    ]
    statement = a_statement(
        "Zinc is up.",
        title="On tolls",
        issuer="Port of Orm",
        speaker="Ada Brand",
        url="https://orm.example/1",
        turns=(Turn(0, 4, "Ada Brand", Role.ANSWER),),
    )
    assert statement.record_sha256 == sha256(json.dumps(said).encode()).hexdigest()


@pytest.mark.parametrize(
    "passage", [Passage(0, 5, 0), Passage(2, 2, 0), Passage(0, 4, 1), Passage(0, 4, -1), Passage(3, 8, 0)], ids=str
)
def test_a_passage_outside_its_turn_is_refused(passage: Passage) -> None:
    statement = a_statement("Zinc is up.", turns=(Turn(0, 4, None, Role.REMARKS),))
    with pytest.raises(InvalidStatement, match="has no turn that holds a passage"):
        statement.check(passage)


@pytest.mark.parametrize("passage", [Passage(0, 4, 0), Passage(1, 2, 0)], ids=str)
def test_a_passage_within_its_turn_is_none_of_that(passage: Passage) -> None:
    a_statement("Zinc is up.", turns=(Turn(0, 4, None, Role.REMARKS),)).check(passage)


@pytest.mark.parametrize("statement_id", [".", "..", "a/../b", "./a", "a/."])
def test_an_id_that_an_address_could_not_lead_to_is_refused(statement_id: str) -> None:
    with pytest.raises(InvalidStatement, match=r"no \. or \.\. between slashes"):
        a_statement(id=statement_id)


def test_a_statement_cannot_be_changed() -> None:
    statement: Any = a_statement()
    with pytest.raises(FrozenInstanceError):
        statement.text = "Something else."


def test_what_the_source_does_not_give_is_none() -> None:
    bare = Statement("n", None, None, None, None, None, None, None, "Zinc is up.", ())
    assert (bare.title, bare.issuer, bare.speaker, bare.published, bare.url) == (None,) * 5
