"""A check is laid out as it was found: every character of the draft, every difference on its own side, in one file."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from lxml import html

from corpus.alignment import About
from corpus.claims import Claim
from corpus.quotations import Stretch as QuotedStretch
from corpus.statement import Role
from service.answer import IndexInfo, Searched, Span
from service.check_report import VERDICTS, Run, compared, html_report, marked, summary
from service.findings import Change, Check, Finding, Part, Verdict
from service.quote_check import QuoteCheck
from tests.service.citations import a_cited
from tests.service.web_fixtures import DRAFT, WordsCollection, small_archive

MADE = date(2024, 5, 31)
HOSTILE = '“<script>alert(1)</script> {{ 7 * 7 }} "duties" on copper” \u202egnp\u202c </style>'


@pytest.fixture
def checks(tmp_path: Path) -> QuoteCheck:
    return QuoteCheck(WordsCollection(small_archive(tmp_path)))


def finding(number: int, start: int, end: int, text: str, *parts: Part, changes: tuple[Change, ...] = ()) -> Finding:
    """An altered quotation at a place of a draft."""
    return Finding(
        number=number,
        text=text[start:end],
        at=Span(start, end),
        within=None,
        verdict=Verdict.ALTERED,
        parts=parts,
        changes=changes,
        warnings=(),
        claim=Claim(None, None, None),
        also=(),
        places=1,
    )


def check(text: str, *findings: Finding) -> Check:
    """A check that found this."""
    return Check("draft.txt", text, findings, (), Searched(1, 1, None, None), IndexInfo(1, 1, "words"), 0.0)


def part(text: str, start: int, end: int, source: str, source_start: int, **given: object) -> Part:
    """A part of a quotation that stands for words of a statement."""
    cited = a_cited(source, start=source_start, end=source_start + len(source), **given)
    return Part(text[start:end], Span(start, end), source, cited.citation, {})


def change(quoted: str, at: int, source: str, source_at: int, about: About = "wording") -> Change:
    """Words in the draft in the place of others in the source."""
    kind: Literal["replaced", "added", "left out"] = "left out"
    if quoted:
        kind = "replaced" if source else "added"
    quoted_at, place = Span(at, at + len(quoted)), Span(source_at, source_at + len(source))
    return Change(kind, quoted, source, quoted_at, place, about)


def bracketed(side: Iterable[Run]) -> str:
    """One side of a comparison, with what differs in brackets."""
    return "".join(f"[{run.text}]" if run.differs else run.text for run in side)


def sides(found: Finding) -> list[tuple[str, str]]:
    """The draft's words and the source's, of each part."""
    return [(bracketed(one.quoted), bracketed(one.source)) for one in compared(found)]


def test_stretches_join_to_the_draft_and_quotations_open_and_close_in_order() -> None:
    text = "a “b ‘c’ d” e"
    outer, inner = finding(1, 3, 10, text), finding(2, 6, 7, text)
    laid = list(marked(check(text, outer, inner)))
    assert [(len(one.begins), one.text, len(one.ends)) for one in laid] == [
        (0, "a “", 0),
        (1, "b ‘", 0),
        (1, "c", 1),
        (0, "’ d", 1),
        (0, "” e", 0),
    ]


def test_of_two_quotations_at_one_place_the_longer_is_outside() -> None:
    text = "abcdef"
    laid = list(marked(check(text, finding(1, 0, 3, text), finding(2, 0, 6, text), finding(3, 4, 6, text))))
    assert [one.number for one in laid[0].begins] == [2, 1]
    assert [one.number for one in laid[-1].ends] == [3, 2]


def test_a_draft_with_nothing_in_it_is_one_empty_nothing() -> None:
    assert list(marked(check(""))) == []


def test_what_differs_is_marked_on_its_own_side() -> None:
    text = "We “never raised two tolls”"
    altered = finding(
        1, 4, 26, text,
        part(text, 4, 26, "raised three old tolls", 50),
        changes=(
            change("never ", 4, "", 50, "negation"),
            change("two", 17, "three old", 57, "number"),
        ),
    )  # fmt: skip
    assert sides(altered) == [("[never ]raised [two] tolls", "raised [three old] tolls")]


def test_what_was_left_out_at_the_end_or_stands_beyond_it_is_shown() -> None:
    text = "“it rose”"
    altered = finding(
        1, 1, 8, text,
        part(text, 1, 8, "it rose", 10),
        changes=(change("", 8, " again", 17),),
    )  # fmt: skip
    assert sides(altered) == [("it rose", "it rose[ again]")]


def test_each_part_of_a_spliced_quotation_has_its_own_changes() -> None:
    text = "one two three four"
    spliced = finding(
        1, 0, 18, text,
        part(text, 0, 7, "one 2", 100),
        part(text, 8, 18, "three 4", 20),
        changes=(change("two", 4, "2", 104, "number"), change("four", 14, "4", 26, "number")),
    )  # fmt: skip
    assert sides(spliced) == [("one [two]", "one [2]"), ("three [four]", "three [4]")]


def test_a_quotation_in_one_part_is_shown_whole() -> None:
    text = "“It rose!”"
    assert sides(finding(1, 1, 9, text, part(text, 1, 8, "It rose", 0))) == [("It rose!", "It rose")]


def test_every_verdict_has_a_sign_of_its_own_and_a_meaning() -> None:
    assert set(VERDICTS) == set(Verdict)
    assert len({told.sign for told in VERDICTS.values()}) == len(Verdict)
    assert len({told.style for told in VERDICTS.values()}) == len(Verdict)
    assert "does not mean invented" in VERDICTS[Verdict.NOT_FOUND].meaning


def test_the_summary_counts_in_the_order_of_the_verdicts(checks: QuoteCheck) -> None:
    assert summary(checks.check(DRAFT)) == "4 quotations: 2 exact, 1 altered, 1 not found"


def test_the_report_is_one_file_that_loads_nothing_and_runs_nothing(checks: QuoteCheck) -> None:
    written = html_report(checks.check(DRAFT, "column.txt"), MADE)
    found = html.document_fromstring(written)
    assert found.cssselect("script, link, img, iframe, form, button, [style], [onclick]") == []
    assert not re.search(r"url\(|@import", written)
    assert found.cssselect("meta[http-equiv]")[0].get("content") == "default-src 'none'; style-src 'unsafe-inline'"
    assert found.cssselect("h1")[0].text_content() == "column.txt"
    assert found.cssselect(".kicker time")[0].get("datetime") == "2024-05-31"


def test_the_report_links_to_publishers_and_into_itself_only(checks: QuoteCheck) -> None:
    found = html.document_fromstring(html_report(checks.check(DRAFT), MADE))
    links = [str(link.get("href")) for link in found.cssselect("a")]
    assert {link.partition("#")[0] for link in links} == {"", "https://works.example/briefing"}
    within = {link[1:] for link in links if link.startswith("#")}
    assert within <= {str(one.get("id")) for one in found.cssselect("[id]")}
    assert "letters/1946/brandt, characters 13–93" in [
        " ".join(one.text_content().split()) for one in found.cssselect(".place")
    ]


def test_the_report_says_the_same_as_the_check(checks: QuoteCheck) -> None:
    found = html.document_fromstring(html_report(checks.check(DRAFT), MADE))
    for link in found.cssselect(".drafted .to"):
        link.drop_tree()
    assert found.cssselect(".drafted")[0].text_content() == DRAFT
    assert [one.get("class") for one in found.cssselect(".finding")] == [
        "finding exact",
        "finding altered",
        "finding not-found",
        "finding exact",
    ]
    assert [one.text_content() for one in found.cssselect("del, ins")] == ["three", "two"]


def test_a_hostile_draft_is_text_in_the_report(checks: QuoteCheck) -> None:
    written = html_report(checks.check(HOSTILE, "<b>\u202ename"), MADE)
    found = html.document_fromstring(written)
    assert found.cssselect("script, b") == []
    assert found.cssselect("h1")[0].text_content() == "<b>‹U+202E›name"
    drafted = found.cssselect(".drafted")[0].text_content()
    assert "{{ 7 * 7 }}" in drafted
    assert "‹U+202E›gnp‹U+202C› </style>" in drafted
    assert "\u202e" not in written


def test_words_of_a_question_are_labelled_in_the_report(checks: QuoteCheck) -> None:
    found = checks.check("“Minister, was the Kelm bridge closed because of cracks?”", blocks=[QuotedStretch(1, 56)])
    assert found.findings[0].parts[0].citation.role is Role.QUESTION
    warnings = html.document_fromstring(html_report(found, MADE)).cssselect(".side .warning")
    assert {one.text_content() for one in warnings} == {"Question put to the speaker — not the speaker’s words"}
