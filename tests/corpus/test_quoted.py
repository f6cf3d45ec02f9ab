"""A quotation's own marks of omission and insertion are told from its words."""

import pytest

from corpus.quoted import MOST_PIECES, Quoted


def quoted(text: str) -> Quoted:
    """The quotation that is all of a text."""
    return Quoted.of(text, [(0, len(text))])


def pieces(text: str) -> list[str]:
    return [" ".join(piece.words) for piece in quoted(text).pieces]


@pytest.mark.parametrize(
    ("text", "expected", "inserted"),
    [
        ("zinc is up", ["zinc is up"], [True]),
        ("zinc … up", ["zinc", "up"], [True, False]),
        ("zinc ... up", ["zinc", "up"], [True, False]),
        ("zinc . . . up", ["zinc", "up"], [True, False]),
        ("zinc [...] up", ["zinc", "up"], [True, False]),
        ("zinc (…) up", ["zinc", "up"], [True, False]),
        ("zinc [the metal] is up", ["zinc", "is up"], [True, True]),
        ("zinc [it] … is up", ["zinc", "is up"], [True, False]),
        ("they talk[ed] of zinc", ["they", "of zinc"], [True, True]),
        ("[W]e sell zinc", ["we sell zinc"], [True]),
        ("zinc [sic] is up [emphasis added]", ["zinc is up"], [True]),
        ("zinc [Sic] is up [Emphasis Added]", ["zinc is up"], [True]),
        ("zinc [12] is up [Footnote 3] now [a]", ["zinc is up now"], [True]),
        ("[the metal] is up", ["is up"], [True]),
        ("… zinc is up …", ["zinc is up"], [False]),
        ("see [zinc](https://a.example) now", ["see zinc https a example now"], [True]),
        ("…", [], []),
    ],
)
def test_pieces_are_what_stands_between_the_marks(text: str, expected: list[str], inserted: list[bool]) -> None:
    assert (pieces(text), list(quoted(text).inserted)) == (expected, inserted)


@pytest.mark.parametrize(
    ("text", "marks"), [("zinc is up", False), ("zinc … up", True), ("zinc is [now] up", True), ("[zinc] …", True)]
)
def test_a_quotation_says_itself_that_it_is_not_all_that_was_said(text: str, marks: bool) -> None:
    assert quoted(text).marks_omission is marks


def test_what_interrupts_a_quotation_is_no_part_of_it_and_places_stay_those_of_the_draft() -> None:
    draft = "Then: “We will,” she said, “fight on.” So."
    found = Quoted.of(draft, [(7, 15), (28, 37)])
    assert found.literal.words == ["we", "will", "fight", "on"]
    assert [draft[found.base + start :][:5] for start in found.literal.starts[2:3]] == ["fight"]
    assert found.literal.seams == {2}


@pytest.mark.parametrize(
    ("source", "expected"), [("We will fight on.", True), ("We will, fight on.", True), ("We will fight on!", False)]
)
def test_an_interrupted_quotation_stands_as_its_source_without_the_comma_that_interrupts_it(
    source: str, expected: bool
) -> None:
    draft = "“We will,” she said, “fight on.”"
    assert Quoted.of(draft, [(1, 9), (22, 31)]).stands_as(source) is expected


def test_words_stand_as_the_source_only_character_for_character() -> None:
    assert quoted("“Zinc” is up").stands_as("“Zinc” is up")
    assert not quoted('"Zinc" is up').stands_as("“Zinc” is up")


def test_a_comment_of_the_draft_s_is_left_out_and_moves_nothing() -> None:
    found = quoted("zinc [sic] is up [emphasis added] now")
    assert [found.text[start:end] for start, end in zip(found.literal.starts, found.literal.ends, strict=True)] == [
        *("zinc", "is", "up", "now")
    ]


@pytest.mark.parametrize(("count", "kept"), [(MOST_PIECES, MOST_PIECES), (MOST_PIECES + 9, MOST_PIECES + 1)])
def test_of_more_pieces_than_are_looked_for_one_is_kept_to_tell_that_there_are_more(count: int, kept: int) -> None:
    assert len(quoted(" … ".join(["zinc"] * count)).pieces) == kept
