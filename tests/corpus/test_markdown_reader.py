import pytest

from corpus.readers.draft import Draft
from corpus.readers.markdown import read


def text_of(source: str) -> str:
    return read(source.encode()).text


def test_front_matter_is_read_and_is_not_in_the_text() -> None:
    source = """---
title: "On the Northern Strait"
date: 12 March 2024
speaker: Minister Tern
issuer: 'Ministry of Tides'
url: https://tides.example/strait
lang: en
kind: speech
tags: [strait, ferries]
---

The strait is open.
"""
    assert read(source.encode()) == Draft(
        text="The strait is open.",
        title="On the Northern Strait",
        issuer="Ministry of Tides",
        speaker="Minister Tern",
        published="2024-03-12",
        kind="speech",
        language="en",
        url="https://tides.example/strait",
    )


def test_a_date_without_a_year_in_the_front_matter_is_unknown() -> None:
    assert read(b"---\ndate: 1st April\n---\nThe strait is open.").published is None


def test_the_first_heading_is_the_title_and_the_day_below_it_the_date() -> None:
    draft = read(
        b"# Speech by Minister Ada Tern on *ferries*\n\n3 May 2021\n\nThe ferry is here.\n\n## Crew\n\nThanks."
    )
    assert draft.title == "Speech by Minister Ada Tern on ferries"
    assert (draft.speaker, draft.kind, draft.published) == ("Minister Ada Tern", "speech", "2021-05-03")
    assert draft.text == "The ferry is here.\n\nCrew\n\nThanks."


def test_the_front_matter_is_believed_before_the_title() -> None:
    draft = read(b"---\nspeaker: Bo Lin\nkind: lecture\n---\n# Speech by Minister Ada Tern\n\nThe ferry is here.")
    assert (draft.speaker, draft.kind) == ("Bo Lin", "lecture")


def test_a_heading_within_the_text_is_no_title() -> None:
    draft = read(b"The ferry is here.\n\n# Crew\n\nThanks.")
    assert draft.title is None
    assert draft.text == "The ferry is here.\n\nCrew\n\nThanks."


def test_a_heading_that_differs_from_the_front_matters_title_stays() -> None:
    draft = read(b"---\ntitle: Ferries\n---\n# Boats\n\nThe ferry is here.")
    assert (draft.title, draft.text) == ("Ferries", "Boats\n\nThe ferry is here.")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**Question:** Is it *true*?", "Question: Is it true?"),
        (
            "See [the report](https://tides.example 'x') and <https://a.example>.",
            "See the report and https://a.example.",
        ),
        ("2 \\* 3, R&amp;D, `f_x` and ~~no~~", "2 * 3, R&D, f_x and ~~no~~"),
        ("One line\nof a sentence.  \nA new line.\\\nAnother.", "One line of a sentence.\nA new line.\nAnother."),
        ("> He said no.\n>\n> Twice.", "He said no.\n\nTwice."),
        ("```py\nx  = 1\n```\n\n    y  = 2", "x  = 1\n\ny  = 2"),
        ("| a | b |\n|---|---|\n| 1 | *2* |", "a | b\n1 | 2"),
        ("Above.\n\n***\n\nNote to editors.", "Above.\n\n---\n\nNote to editors."),
        ("Before ![a boat](boat.png) after", "Before  after"),
    ],
)
def test_marks_are_rendered_away_and_words_are_kept(source: str, shown: str) -> None:
    assert text_of(source) == shown


def test_each_item_of_a_list_has_its_line() -> None:
    source = "* one\n* two\n\n  more of two\n  1. inner\n\nThen:\n\n3) three\n4) four"
    assert text_of(source) == "- one\n- two\n  more of two\n  1. inner\n\nThen:\n\n3) three\n4) four"


def test_html_tags_go_comments_go_and_the_words_in_tags_stay() -> None:
    source = (
        'A <b>bold</b> word<br>next <!-- hidden -->line.\n\n<div class="box">Kept &amp; <i>safe</i>\n</div>\n\n'
        "<!-- a\n\nlong one -->\n\n<script>\nalert(1)\n</script>\n\nEnd."
    )
    assert text_of(source) == "A bold word\nnext line.\n\nKept & safe\n\nEnd."


def test_a_rule_in_the_text_is_not_taken_for_front_matter() -> None:
    assert text_of("The ferry: is here.\n\n---\n\nThanks: all.") == "The ferry: is here.\n\n---\n\nThanks: all."
