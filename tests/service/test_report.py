"""What stands in a report, and that it needs nothing else and is never half written."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

from service.measures import Difference, answerability
from service.report import (
    Comparison,
    FollowUps,
    NoFolderForReport,
    NoSuchReport,
    Report,
    Step,
    check_report_path,
    rendered,
    write_report,
)

BETTER = Difference(0.0312, 0.012, 0.0504, 0.0001, 10_000)
NO_BETTER = Difference(-0.004, -0.0124, 0.0001, 0.317, 10_000)
FIGURES = {
    "dense": {"nDCG@10": 0.25, "success@1": 0.2004},
    "BM25": {"nDCG@10": 0.2, "success@1": 0.1},
    "OnRecord": {"nDCG@10": 0.2812, "success@1": 0.2},
}
BARE = Report("kelm", 1200, 34567, "all-MiniLM-L6-v2", date(2024, 5, 6), {})
WHOLE = replace(
    BARE,
    figures=FIGURES,
    comparison=Comparison("OnRecord", "dense", "nDCG@10", BETTER),
    steps=(Step("words", 0.2812, 0.25, BETTER, 4.06), Step("copies", 0.2812, 0.2852, NO_BETTER, None)),
    answerability=answerability([0.95, 0.85, 0.5], [0.5, 0.25], threshold=0.5),
    followups=FollowUps(77, 0.1, 0.2, 0.3, "nDCG@10"),
)


def page(report: Report) -> html.HtmlElement:
    return html.document_fromstring(rendered(report, ".html"))


def from_markdown(report: Report) -> html.HtmlElement:
    """The Markdown as a reader of it sees it."""
    return html.document_fromstring(MarkdownIt("commonmark").enable("table").render(rendered(report, ".md")))


Reader = Callable[[Report], html.HtmlElement]


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def tables(document: html.HtmlElement) -> list[list[list[str]]]:
    return [[[words(cell) for cell in row] for row in table.iter("tr")] for table in document.iter("table")]


RANKINGS = [
    ["Ranking", "nDCG@10", "success@1"],
    ["dense", "0.250", "0.200"],
    ["BM25", "0.200", "0.100"],
    ["OnRecord", "0.281", "0.200"],
]
STEPS = [
    ["Step", "with", "without", "difference", "95 % interval", "p", "ms a question"],
    ["words", "0.281", "0.250", "+0.031", "+0.012 to +0.050", "< 0.001", "4.1"],
    ["copies", "0.281", "0.285", "−0.004", "−0.012 to 0.000", "0.317", "–"],
]
RELIABILITY = [
    ["Confidence", "questions", "mean confidence", "share answerable"],
    ["0.2 to 0.3", "1", "0.250", "0.000"],
    ["0.4 to 0.5", "2", "0.500", "0.500"],
    ["0.8 to 0.9", "1", "0.850", "1.000"],
    ["0.9 to 1", "1", "0.950", "1.000"],
]
FOLLOWUPS = [
    ["Asked", "nDCG@10"],
    ["as typed, alone", "0.100"],
    ["as OnRecord makes them stand alone", "0.200"],
    ["as a person wrote them to stand alone", "0.300"],
]


def test_page_and_markdown_have_the_same_tables() -> None:
    in_page, in_markdown = tables(page(WHOLE)), tables(from_markdown(WHOLE))

    assert in_page == in_markdown
    rankings, steps, telling, reliability, thresholds, followups = in_page
    assert (rankings, steps, reliability, followups) == (RANKINGS, STEPS, RELIABILITY, FOLLOWUPS)
    assert [row[1] for row in telling] == ["value", "1.000", "0.500", "0.917", "0.090"]
    assert thresholds[:2] == [["Threshold", "coverage", "false answers"], ["0", "1.000", "1.000"]]
    assert thresholds[6:8] == [["0.5", "1.000", "0.500"], ["0.6", "0.667", "0.000"]]
    assert len(thresholds) == 12


@pytest.mark.parametrize("document", [page(WHOLE), from_markdown(WHOLE)], ids=["page", "markdown"])
def test_it_says_what_was_evaluated_and_what_came_of_it(document: html.HtmlElement) -> None:
    told = words(document.find("body"))
    assert words(next(document.iter("h1"))) == "Evaluation of kelm"
    for said in ("1,200", "34,567", "all-MiniLM-L6-v2", "2024-05-06"):
        assert said in told
    assert (
        "OnRecord against dense, the best of the others: nDCG@10 +0.031 (95 % interval +0.012 to +0.050; p < 0.001)."
    ) in told
    assert "3 questions that the collection answers and 2 that it does not" in told
    assert "77 questions that lean on those before them" in told
    assert "Compare the rankings with each other; do not read a figure as the share of questions" in told


@pytest.mark.parametrize("document", [page(WHOLE), from_markdown(WHOLE)], ids=["page", "markdown"])
def test_the_best_of_each_measure_is_bold_and_so_are_those_that_look_equal(document: html.HtmlElement) -> None:
    bold = [words(cell) for cell in document.iter("strong")]
    assert bold == ["0.200", "0.281", "0.200"]  # success@1 of dense, then both of OnRecord


def test_a_measure_that_a_ranking_lacks_is_a_dash() -> None:
    found = tables(page(replace(BARE, figures={"dense": {"MRR@10": 0.5}, "BM25": {"success@1": 0.25}})))
    assert found == [[["Ranking", "MRR@10", "success@1"], ["dense", "0.500", "–"], ["BM25", "–", "0.250"]]]


@pytest.mark.parametrize(
    ("lacking", "heading"),
    [
        ({"figures": {}, "comparison": None}, "Rankings"),
        ({"steps": ()}, "What each step is worth"),
        ({"answerability": None}, "Whether to answer at all"),
        ({"followups": None}, "Follow-up questions"),
    ],
)
@pytest.mark.parametrize("read", [page, from_markdown])
def test_a_part_that_was_not_evaluated_is_left_out(read: Reader, lacking: dict[str, Any], heading: str) -> None:
    whole, less = ([words(found) for found in read(report).iter("h2")] for report in (WHOLE, replace(WHOLE, **lacking)))
    assert less == [found for found in whole if found != heading]
    assert len(less) == 4


def test_notes_are_of_the_parts_that_are_there() -> None:
    assert [len(list(page(report).iterfind(".//li"))) for report in (BARE, WHOLE)] == [0, 5]


def test_follow_ups_that_nobody_rewrote_have_two_figures() -> None:
    found = tables(page(replace(BARE, followups=FollowUps(77, 0.1, 0.2, None, "MRR@10"))))
    assert [row[1] for row in found[0]] == ["MRR@10", "0.100", "0.200"]


def test_questions_of_one_kind_give_no_curve() -> None:
    report = replace(BARE, answerability=answerability([0.9, 0.4], [], threshold=0.5))
    assert [words(title) for title in page(report).iterfind(".//svg/title")] == [
        "Reliability: the share of answerable questions against the confidence"
    ]
    assert [row[1] for row in tables(page(report))[0]] == ["value", "0.500", "–", "–", "0.350"]


def test_the_plots_show_the_bins_and_the_shares() -> None:
    reliability, curve = page(WHOLE).iterfind(".//svg")

    # 300 units a side, upwards from 300
    dots = [(dot.get("cx"), dot.get("cy")) for dot in reliability.iter("circle")]
    assert dots == [("75.0", "300.0"), ("150.0", "150.0"), ("255.0", "0.0"), ("285.0", "0.0")]
    assert [bar.get("height") for bar in reliability.iter("rect")] == ["0.0", "150.0", "300.0", "300.0"]
    lines = {line.get("class"): line.get("d", "").split(" L") for line in curve.iter("path")}
    assert lines["ideal"] == ["M150.0 300.0", "150.0 0.0"]
    assert (lines["coverage"][50], lines["coverage"][51]) == ("150.0 0.0", "153.0 100.0")
    assert (lines["false"][50], lines["false"][51]) == ("150.0 150.0", "153.0 300.0")


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    document = page(WHOLE)
    assert {"script", "link", "img", "iframe", "object", "use"} & {
        str(element.tag) for element in document.iter()
    } == set()
    attributes = {name for element in document.iter() for name in element.attrib}
    assert {name for name in attributes if name.startswith("on") or name in {"src", "href", "style"}} == set()
    assert "url(" not in rendered(WHOLE, ".html")
    assert "@import" not in rendered(WHOLE, ".html")
    policy = document.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_table_and_plot_can_be_read_by_ear() -> None:
    document = page(WHOLE)
    for table in document.iter("table"):
        caption = table.find("caption")
        assert caption is not None
        assert words(caption)
        assert {cell.get("scope") for cell in table.iterfind("thead//th")} == {"col"}
        assert [row[0].get("scope") for row in table.iterfind("tbody/tr")] == ["row"] * len(table.findall("tbody/tr"))
    plots = document.findall(".//svg")
    assert [plot.get("role") for plot in plots] == ["img", "img"]
    assert [plot.get("aria-labelledby") for plot in plots] == [plot[0].get("id") for plot in plots]
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)


NASTY = '<script>alert(1)</script> *a* | [b](c) `d` & "e" _f_ \\ g'


@pytest.mark.parametrize("read", [page, from_markdown])
def test_names_are_shown_as_they_are_and_never_obeyed(read: Reader) -> None:
    report = replace(
        WHOLE,
        set_name=NASTY,
        encoder=NASTY,
        figures={NASTY: {NASTY: 0.5}},
        comparison=Comparison(NASTY, NASTY, NASTY, BETTER),
        steps=(Step(NASTY, 0.5, 0.4, BETTER, 0.03),),
    )
    document = read(report)
    assert words(next(document.iter("h1"))) == f"Evaluation of {NASTY}"
    assert tables(document)[0] == [["Ranking", NASTY], [NASTY, "0.500"]]
    assert tables(document)[1][1][::6] == [NASTY, "< 0.1"]
    assert words(document.find("body")).count(NASTY) == 8
    assert [str(element.tag) for element in document.iter("script", "em", "a", "code")] == []


def test_a_name_of_several_lines_stays_one_line_of_markdown() -> None:
    assert rendered(replace(BARE, set_name="a\n# b"), ".md").startswith("# Evaluation of a # b\n")


def test_the_bare_markdown_is_this() -> None:
    assert rendered(replace(BARE, followups=FollowUps(2, 0, 0.5, None, "MRR@10")), ".md") == (
        "# Evaluation of kelm\n\n"
        "- Questions: 1,200\n- Passages: 34,567\n- Encoder: all-MiniLM-L6-v2\n- Made on: 2024-05-06\n\n"
        "## Follow-up questions\n\n"
        "2 questions that lean on those before them:\n\n"
        "| Asked | MRR@10 |\n| --- | ---: |\n"
        "| as typed, alone | 0.000 |\n| as OnRecord makes them stand alone | 0.500 |\n\n"
        "## How to read this\n\n"
        "- A follow-up asked alone lacks what the questions before it said. Asked as a person wrote it to stand alone "
        "it lacks nothing, so that such a figure is about the most that OnRecord could reach.\n"
    )


@pytest.mark.parametrize("name", ["report.html", "report.md", "REPORT.HTML"])
def test_the_file_name_says_how_it_is_written(tmp_path: Path, name: str) -> None:
    write_report(WHOLE, tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8") == rendered(WHOLE, Path(name).suffix.lower())
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html"])
def test_another_file_name_is_refused_with_its_cure(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSuchReport, match=r"neither in \.html nor in \.md\. Name it report\.html"):
        check_report_path(tmp_path / name)
    with pytest.raises(NoSuchReport):
        write_report(WHOLE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_before_the_evaluation(tmp_path: Path) -> None:
    with pytest.raises(NoFolderForReport, match=re.escape(f"there is no folder {tmp_path / 'lost'}. Make the folder")):
        check_report_path(tmp_path / "lost" / "report.md")
    check_report_path(tmp_path / "report.md")


def test_a_report_that_cannot_be_finished_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.md"
    write_report(BARE, path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_report(WHOLE, path)
    assert path.read_text(encoding="utf-8") == rendered(BARE, ".md")
    assert [found.name for found in tmp_path.iterdir()] == ["report.md"]
