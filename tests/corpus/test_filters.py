"""Whom a name given by an asker means, and which days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InvalidStatement
from corpus.filters import Filters, Scope, first_day, last_day, names_matching
from corpus.statement import Role

NAMES = ["MR. KIRBY", "John Kirby", "Kirbyson", "Ms. Psaki", "Ministry of Works, Kelm", "外交部發言人"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("kirby", {"MR. KIRBY", "John Kirby"}),
        ("Kirby John", {"John Kirby"}),
        ("kirby psaki", set()),
        ("works kelm", {"Ministry of Works, Kelm"}),
        ("外交部發言人", {"外交部發言人"}),
        ("kir", set()),
        ("", set()),
        (" . ", set()),
    ],
)
def test_a_name_is_meant_when_every_word_given_stands_in_it(wanted: str, found: set[str]) -> None:
    assert names_matching(wanted, NAMES) == found


@given(st.lists(st.text(min_size=1), max_size=5))
def test_a_name_given_whole_in_any_case_is_found(names: list[str]) -> None:
    worded = [f"{name} Brand" for name in names]
    for name in worded:
        assert name in names_matching(name, worded)
        assert name in names_matching(name.casefold(), worded)


def test_a_period_begins_on_its_first_day_and_ends_on_its_last() -> None:
    assert first_day("2020") == date(2020, 1, 1)
    assert last_day("2020") == date(2020, 12, 31)
    assert first_day("2024-02") == date(2024, 2, 1)
    assert last_day("2024-02") == date(2024, 2, 29)
    assert first_day("2024-02-03") == last_day("2024-02-03") == date(2024, 2, 3)


def test_words_are_no_day() -> None:
    with pytest.raises(InvalidStatement, match="'last May' is not a date"):
        first_day("last May")


def test_only_a_scope_without_any_limit_is_everything() -> None:
    assert Scope().is_everything
    limits = [
        Scope(since=date(2020, 1, 1)),
        Scope(until=date(2020, 1, 1)),
        Scope(speakers=frozenset()),
        Scope(issuers=frozenset({"A"})),
        Scope(role=Role.ANSWER),
    ]
    assert not any(scope.is_everything for scope in limits)


def test_filters_leave_every_side_open_unless_said() -> None:
    assert Filters() == Filters(since=None, until=None, speaker=None, issuer=None, role=None)


def test_what_is_not_asked_for_is_left_open() -> None:
    assert Filters() == Filters(since=None, until=None, speaker=None, issuer=None, role=None)
    assert Scope() == Scope(since=None, until=None, speakers=None, issuers=None, role=None)
    assert Scope().is_everything
    assert not Scope(speakers=frozenset()).is_everything
