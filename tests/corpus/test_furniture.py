"""Which single lines are a web page's furniture, and what they tell of the page."""

import pytest

from corpus.readers.furniture import (
    Furniture,
    begins_with_mark,
    crumbs,
    date_in,
    furniture,
    heads_links,
    is_entry,
    is_home,
    is_index,
    is_step_mark,
    navigation_count,
    owner,
    source,
)
from corpus.readers.text import read

TOOL, ENQUIRIES, SITE, RIGHTS = Furniture


@pytest.mark.parametrize(
    ("line", "sort"),
    [
        ("Print this page", TOOL),
        ("| Share on Facebook |", TOOL),
        ("FONT SIZE: A- A A+", TOOL),
        ("返回顶部", TOOL),
        ("Back to top", TOOL),
        ("Share prices fell on Monday.", None),
        ("Save the harbour", None),
        ("Press enquiries: 020 5555 1234", ENQUIRIES),
        ("Contact: the press office", ENQUIRIES),
        ("Contact: whoever can help.", None),
        ("Privacy policy", SITE),
        ("Last updated: 4 May 2020", SITE),
        ("https://tides.example/press", SITE),
        ("Telephone: +44 20 5555", SITE),
        ("We use cookies to count visits", SITE),
        ("Privacy is what we stand for.", None),
        ("© 2019 Vell Evening News", RIGHTS),
        ("Copyright (c) Ministry of Tides", RIGHTS),
        ("Ministry of Tides © 2019", RIGHTS),
        ("Ministry of Tides. All rights reserved.", RIGHTS),
        ("Ministry of Tides | All rights reserved", RIGHTS),
        ("Photo © Ministry of Tides", None),
        ("We say: all rights reserved!", None),
        ("Under paragraph (c) the tide is in.", None),
        ("The tide is in.", None),
        ("© " + "x" * 398, RIGHTS),
        ("© " + "x" * 399, None),
    ],
)
def test_a_line_is_furniture_of_its_sort_or_may_be_content(line: str, sort: Furniture | None) -> None:
    assert furniture(line) is sort


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Copyright © 2012–2019 Embassy of Lyra", "Embassy of Lyra"),
        ("© by the Ministry of Tides, 2020", "the Ministry of Tides"),
        ("Consulate of Lyra | Powered by Loom", "Consulate of Lyra"),
        ("Central Bank of Lyra. All rights reserved.", "Central Bank of Lyra"),
        ("All rights reserved. Ministry of Tides", "Ministry of Tides"),
        ("© Crown copyright", None),
        ("© 2019 Vell Evening News", None),
        ("© 2020", None),
        ("Photo agency of the government", None),
    ],
)
def test_a_line_of_rights_names_the_public_body_that_owns_the_page(line: str, expected: str | None) -> None:
    assert owner(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Berlin, 12 April 2019", "2019-04-12"),
        ("Published on Monday 12 April 2019 at 10:30 GMT", "2019-04-12"),
        ("Tern Harbour Upper Quay, 12 April 2019", "2019-04-12"),
        ("Tern Harbour Upper Quay Lyra, 12 April 2019", None),
        ("12 April 2019" + " " * 70 + "Orm", None),
        ("In 12 April 2019 we saw the start", None),
        ("Berlin", None),
    ],
)
def test_a_date_line_has_a_date_and_at_most_a_place(line: str, expected: str | None) -> None:
    assert date_in(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2020-07-16 (From the Embassy)", ("the Embassy", "2020-07-16")),
        ("Source: Ministry of Tides", ("Ministry of Tides", "")),
        ("2020-07-16 来源：外交部", ("外交部", "2020-07-16")),
        ("2020-07-16", (None, "2020-07-16")),
    ],
)
def test_a_line_gives_its_source_and_the_rest_of_it(line: str, expected: tuple[str | None, str]) -> None:
    assert source(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("You are here: Home > Press", ["Home", "Press"]),
        ("Home / Press / ", ["Home", "Press"]),
        ("Press > Speeches > 2019", ["Press", "Speeches", "2019"]),
        ("Press > Speeches", []),
        ("Press / Speeches / 2019", []),
        ("Press > speeches > 2019", []),
        ("Home > It rose. > 2019", []),
        ("« Home > Press", []),
        ("Home", []),
    ],
)
def test_a_breadcrumb_is_its_steps_from_the_front_page_down(line: str, expected: list[str]) -> None:
    assert crumbs(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("Home", 1), ("Home | News | Contact us", 3), ("News | Tides", 1), ("Tides", 0), ("Home | We sail.", 0)],
)
def test_the_entries_of_a_menu_are_counted(line: str, expected: int) -> None:
    assert navigation_count(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        *[("News", True), ("x" * 100, True), ("x" * 101, False), ("x", True), ("", False), (" \t", False)],
        *[("We sail.", False), ("Brand: so", False), ("Is it?", False)],
    ],
)
def test_an_entry_of_a_menu_is_short_and_says_nothing(line: str, *, expected: bool) -> None:
    assert is_entry(line) is expected


def test_other_lines_of_a_page_are_known_whole() -> None:
    assert (is_home(" Home page "), is_home("Homes"), is_home("You are here: Home")) == (True, False, True)
    assert (is_index("1997 Speeches"), is_index("Back to news"), is_index("Speeches we like")) == (True, True, False)
    assert (heads_links("Related news:"), heads_links("See also"), heads_links("Related to us")) == (True, True, False)
    assert (is_step_mark(" > "), is_step_mark("::"), is_step_mark("> x")) == (True, True, False)
    assert (begins_with_mark("> Press"), begins_with_mark("Press"), begins_with_mark(">")) == (True, False, False)


@pytest.mark.parametrize(
    ("above", "issuer"),
    [("Embassy of Lyra", "Embassy of Lyra"), ("Tide lovers", None), ("The embassy says so.", None), ("Print", None)],
)
def test_the_office_above_a_line_of_rights_is_the_issuer(above: str, issuer: str | None) -> None:
    page = f"Home > Press\nRemarks on Tides\n\nThe tide is in until noon today.\n\n{above}\nAll rights reserved"
    assert read(page.encode()).issuer == issuer
