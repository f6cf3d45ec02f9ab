"""What the places of letters and lines on a page say: which run on, and where a paragraph begins."""

import pytest

from corpus.readers.pdf import _is_same_line, _Layout, _Letter, _Line


def line(bottom: float, left: float = 40, right: float = 500, size: float = 12, text: str = "wool is warm") -> _Line:
    return _Line(text, left, right, bottom, size, 1)


def a_page(*indented: int, count: int = 20) -> list[_Line]:
    """Lines 14 points apart, those of the numbers given set in by 30 points."""
    return [line(700 - 14 * number, 70 if number in indented else 40) for number in range(count)]


def test_a_layout_is_known_by_where_most_lines_begin_and_end_and_how_far_they_stand_apart() -> None:
    pages = [[*a_page()[:-1], line(434, right=900)], [line(700, right=450), line(698.5)]]
    assert _Layout.of(pages) == _Layout(columns=(40,), right=500, leading=14, indents=False)


def test_one_line_in_twenty_that_is_set_in_makes_an_indented_document() -> None:
    assert _Layout.of([a_page(3)]).indents
    assert not _Layout.of([a_page(3, count=21)]).indents


def test_lines_hardly_a_point_and_a_half_apart_are_lines_and_less_than_a_point_are_none() -> None:
    assert _Layout.of([[line(700), line(698.5)]]).leading == 1.5
    assert _Layout.of([[line(700), line(699)]]).leading == 0


LAYOUT = _Layout(columns=(40,), right=500, leading=14, indents=True)
BEFORE = line(700)


@pytest.mark.parametrize(
    ("after", "begins"),
    [
        (line(686), False),
        (line(686, size=13), False),
        (line(686, size=13.5), True),
        (line(686, left=70), True),
        (line(686, left=42), False),
        (line(681), False),
        (line(680), True),
        (line(700, left=40), False),
        (line(643, left=40), False),
        (line(643, left=70), True),
        (line(686, text="MS. BRAND: Yes."), False),
        (line(686, left=70, text="MS. BRAND: Yes."), True),
    ],
)
def test_a_line_begins_a_paragraph_by_its_size_its_indent_or_the_gap_above_it(after: _Line, *, begins: bool) -> None:
    assert LAYOUT.begins(after, [BEFORE]) is begins


@pytest.mark.parametrize(
    ("before", "begins"),
    [
        (line(700, right=432, text="Wool is warm."), False),
        (line(700, right=430, text="Wool is warm."), True),
        (line(700, right=430, text="Wool is"), False),
    ],
)
def test_behind_a_short_line_that_ends_a_sentence_a_paragraph_begins(before: _Line, *, begins: bool) -> None:
    assert LAYOUT.begins(line(686), [before]) is begins


@pytest.mark.parametrize(
    ("left", "bottom", "size", "expected"),
    [
        (100, 50, 10, True),
        (98, 50, 10, True),
        (97, 50, 10, False),
        (115, 50, 10, True),
        (116, 50, 10, False),
        (100, 55, 10, True),
        (100, 56, 10, False),
        (100, 57, 6, True),
        (100, 58, 6, False),
        (100, 44, 10, False),
    ],
)
def test_a_run_goes_on_in_a_line_when_it_stands_close_behind_it_at_half_its_height(
    left: float, bottom: float, size: float, *, expected: bool
) -> None:
    before = [_Letter("a", 80, 90, 50, 10), _Letter("b", 90, 100, 50, 10), _Letter(" ", 100, 101, 0, 0)]
    assert _is_same_line(before, [_Letter("3", left, left + 5, bottom, size)]) is expected
