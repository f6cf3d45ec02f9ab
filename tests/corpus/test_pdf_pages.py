"""The page on which words of a PDF's statement are printed is known for every character."""

from pathlib import Path

import pytest

from corpus.readers.pages import Pages
from corpus.readers.pdf import pages_of, read
from tests.corpus.pdf_writer import pdf

FULL = "The Board of Looms has looked at wool and at silk with much care in this long"
SAMPLE = Path(__file__).parents[2] / "samples" / "statements"


def test_words_are_on_the_page_on_which_they_are_printed() -> None:
    data = pdf([(72, 700, f"{FULL} year.")], [(72, 700, f"{FULL} night.")], [(72, 700, f"{FULL} day.")])
    text = read(data).text
    pages = pages_of(data, text)
    assert pages is not None
    assert [pages.page_at(text.index(word)) for word in ("year", "night", "day")] == [1, 2, 3]
    assert [pages.page_at(offset) for offset in (0, len(text) - 1)] == [1, 3]


def test_a_paragraph_that_runs_on_over_the_page_is_on_two() -> None:
    data = pdf([(72, 700, FULL), (72, 686, f"{FULL} infla-")], [(72, 700, "tion and wool.")])
    text = read(data).text
    pages = pages_of(data, text)
    assert pages is not None
    assert text.endswith("infla-tion and wool.")
    assert [pages.page_at(text.index(word)) for word in ("infla-", "tion and", "wool.")] == [1, 2, 2]


def test_a_footnote_is_on_its_page_though_it_comes_last() -> None:
    note = (72.0, 60.0, "1 The Chair meant silk.", 8.0)
    data = pdf([(108.0, 700.0, FULL, 12.0), (72.0, 686.0, FULL, 12.0), note], [(72, 700, "night.")])
    text = read(data).text
    pages = pages_of(data, text)
    assert pages is not None
    assert [pages.page_at(text.index(word)) for word in ("night.", "1 The Chair")] == [2, 1]


def test_pages_without_text_are_counted() -> None:
    data = pdf([(72, 700, f"{FULL} year.")], [], [(72, 700, f"{FULL} day.")])
    text = read(data).text
    pages = pages_of(data, text)
    assert pages is not None
    assert pages.page_at(text.index("day")) == 3


def test_the_pages_of_another_text_are_not_known() -> None:
    data = pdf([(72, 700, f"{FULL} year.")])
    assert pages_of(data, f"{FULL} year.") == Pages((0,), (1,))
    assert pages_of(data, f"{FULL} night.") is None


@pytest.mark.parametrize("path", sorted(SAMPLE.rglob("*.pdf")), ids=lambda path: path.name)
def test_every_line_of_a_sample_begins_where_its_page_says(path: Path) -> None:
    data = path.read_bytes()
    text = read(data).text
    pages = pages_of(data, text)
    assert pages is not None
    assert list(pages.starts) == sorted(set(pages.starts))
    assert pages.starts[0] == 0
    assert all(start == 0 or text[start - 1] in " \n-" for start in pages.starts)
