"""What can be asked of every passage: filters leave exactly what is inside, and the ranking is told what it needs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.columns import Columns, ColumnsWriter
from corpus.filters import Filters
from corpus.records import Searchable, Standing
from corpus.statement import Role
from tests.corpus.test_keywords import a_passage

OF_ALL_SORTS = (
    a_passage(2, "Zinc is up.", first_day="2024-05-06", last_day="2024-05-06", issuer="Port of Orm"),
    a_passage(3, "Tin.", first_day="2024-05-01", last_day="2024-05-31", issuer="Port of Kelm", speaker="MR. BRAND"),
    a_passage(5, "Lead.", first_day="1946-01-01", last_day="1946-12-31", issuer="It's; DROP TABLE", speaker="Bo Lund"),
    a_passage(9, "Ore.", first_day=None, last_day=None, issuer=None, speaker=None, role=Role.QUESTION),
)


def columns(folder: Path, passages: Sequence[Searchable] = OF_ALL_SORTS) -> Columns:
    writer = ColumnsWriter()
    for passage in passages:
        writer.add(passage)
    assert writer.write(folder) == len(passages)
    return Columns(folder)


def within(held: Columns, filters: Filters) -> list[int]:
    return [int(key) for key in held.keys_within(held.scope(filters))]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), [2, 3, 5, 9]),
        (Filters(since=date(2024, 5, 1)), [2, 3]),
        (Filters(since=date(2024, 5, 2)), [2]),
        (Filters(until=date(2024, 5, 30)), [2, 5]),
        (Filters(until=date(2024, 5, 31)), [2, 3, 5]),
        (Filters(until=date(1946, 6, 1)), []),
        (Filters(since=date.min, until=date.max), [2, 3, 5]),
        (Filters(speaker="brand"), [2, 3]),
        (Filters(speaker="brand", issuer="orm"), [2]),
        (Filters(speaker="nobody"), []),
        (Filters(speaker=""), [2, 3, 5, 9]),
        (Filters(issuer="it's; drop table"), [5]),
        (Filters(role=Role.LETTER), []),
        (Filters(role=Role.REMARKS, issuer="port"), [2, 3]),
        (Filters(role=Role.QUESTION), [9]),
    ],
)
def test_filters_leave_exactly_the_passages_that_are_wholly_inside(
    tmp_path: Path, filters: Filters, found: list[int]
) -> None:
    assert within(columns(tmp_path / "columns"), filters) == found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), (3, 4, date(1946, 1, 1), date(2024, 5, 31))),
        (Filters(speaker="brand"), (1, 2, date(2024, 5, 1), date(2024, 5, 31))),
        (Filters(role=Role.QUESTION), (1, 1, None, None)),
        (Filters(speaker="nobody"), (0, 0, None, None)),
    ],
)
def test_an_extent_tells_how_many_statements_and_passages_a_search_goes_through_and_of_which_days(
    tmp_path: Path, filters: Filters, expected: tuple[int, int, date | None, date | None]
) -> None:
    same = [replace(passage, version=2) if passage.key == 3 else passage for passage in OF_ALL_SORTS]
    held = columns(tmp_path / "columns", same)
    found = held.extent(held.scope(filters))
    days = [day if day is None else date.fromordinal(day) for day in (found.first_day, found.last_day)]
    assert (found.statements, found.passages, *days) == expected


def test_a_standing_tells_the_statement_and_the_first_day_of_each_passage_that_is_held(tmp_path: Path) -> None:
    held = columns(tmp_path / "columns").standings([5, 4, 9, 2, 10])
    assert list(held) == [5, 9, 2]
    assert (held[5].statement, held[5].first_day) == (5, date(1946, 1, 1).toordinal())
    assert held[9].first_day > held[2].first_day


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"text": "zinc\n IS up."}, True),
        ({"issuer": "Another", "first_day": "1999-01-01", "last_day": "1999-01-01"}, True),
        ({"text": "Zinc is up!"}, False),
        ({"speaker": "Bo Lund"}, False),
        ({"speaker": None}, False),
        ({"role": Role.ANSWER}, False),
    ],
)
def test_passages_are_of_one_family_when_one_speaker_says_the_same_words_in_the_same_role(
    tmp_path: Path, given: dict[str, Any], same: bool
) -> None:
    text = given.pop("text", "Zinc is up.")
    held = columns(tmp_path / "columns", [a_passage(1, "Zinc is up."), a_passage(2, text, **given)]).standings([1, 2])
    assert (held[1].family == held[2].family) is same


def test_columns_built_upon_others_are_those_that_all_passages_would_give(tmp_path: Path) -> None:
    new = [a_passage(12, "Salt.", speaker="New Name"), a_passage(13, "Zinc is up.")]
    before = columns(tmp_path / "before")
    writer = ColumnsWriter(before, np.array([True, False, True, True]))
    for passage in new:
        writer.add(passage)
    assert writer.write(tmp_path / "upon") == 5

    upon = Columns(tmp_path / "upon")

    anew = columns(tmp_path / "anew", [OF_ALL_SORTS[0], *OF_ALL_SORTS[2:], *new])
    assert upon.keys.tolist() == anew.keys.tolist() == [2, 5, 9, 12, 13]
    assert upon.standings([2, 5, 9, 12, 13]) == anew.standings([2, 5, 9, 12, 13])
    for filters in (Filters(speaker="new name"), Filters(speaker="brand"), Filters(issuer="orm"), Filters()):
        assert within(upon, filters) == within(anew, filters)


def test_no_passages_at_all_are_columns_too(tmp_path: Path) -> None:
    held = columns(tmp_path / "columns", [])
    assert (len(held), within(held, Filters(speaker="x")), held.standings([1])) == (0, [], {})


def test_whether_keys_are_held_is_told_for_each(tmp_path: Path) -> None:
    held = columns(tmp_path / "columns")
    assert held.held(np.array([9, 1, 3, 100])).tolist() == [True, False, True, False]


@pytest.mark.parametrize("name", ["key.npy", "speaker.npy", "names.json"])
def test_a_column_that_is_cut_off_is_an_error_that_the_opener_knows(tmp_path: Path, name: str) -> None:
    columns(tmp_path / "columns")
    (tmp_path / "columns" / name).write_bytes(b"")
    with pytest.raises((OSError, ValueError)):
        Columns(tmp_path / "columns")


def test_a_standing_is_plain_numbers(tmp_path: Path) -> None:
    (found,) = columns(tmp_path / "columns").standings([2]).values()
    assert isinstance(found, Standing)
    assert [type(value) for value in (found.key, found.statement, found.family, found.first_day)] == [int] * 4
