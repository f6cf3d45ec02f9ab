"""An evaluation as one file for people to read: a web page that needs nothing else, or Markdown."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from corpus.durable import replacing
from corpus.errors import OnRecordError
from service.measures import Answerability, Bin, Difference, Shares
from service.visible import shown, visible

_TEMPLATES = {".html": "report.html", ".md": "report.md"}
_NONE = "–"
_LEAST_P = 0.001
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$]")
"""What means something to Markdown within a line."""
_SIDE = 300
"""Of a plot, in the units of its drawing."""


class NoSuchReport(OnRecordError):
    """The report's file name ends in nothing that says how to write it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"A report cannot be written to {path}: its name ends neither in .html nor in .md.",
            "Name it report.html for a web page, or report.md for Markdown.",
        )


class NoFolderForReport(OnRecordError):
    """The report is to stand in a folder that is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"A report cannot be written to {path}: there is no folder {path.parent}.",
            "Make the folder first, or name another.",
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One ranking against another by one measure, over the same questions."""

    ranking: str
    baseline: str
    measure: str
    difference: Difference
    """Of the ranking less the baseline."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the ranking is worth."""

    name: str
    ndcg: float
    """nDCG@10 with the step, 0 to 1."""
    without: float
    """nDCG@10 without it, everything else being the same."""
    difference: Difference
    """Of the former less the latter."""
    milliseconds: float | None
    """What the step takes of a question's time; None where it was not measured."""


@dataclass(frozen=True, slots=True)
class FollowUps:
    """How well questions that lean on earlier ones are answered."""

    questions: int
    alone: float
    """Mean of `measure` when they are asked as typed, without the questions before them."""
    standalone: float
    """When they are asked as OnRecord makes them stand alone."""
    rewritten: float | None
    """When they are asked as a person wrote them to stand alone; None where nobody did."""
    measure: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found; a part that was not evaluated is None or empty and is left out of the file."""

    set_name: str
    queries: int
    passages: int
    encoder: str
    made_on: date
    figures: Mapping[str, Mapping[str, float]]
    """Ranking to measure to mean; every measure is 0 to 1, higher is better."""
    comparison: Comparison | None = None
    steps: tuple[Step, ...] = ()
    answerability: Answerability | None = None
    followups: FollowUps | None = None


def write_report(report: Report, path: Path) -> None:
    """Write the report to `path`, as a web page (.html) or as Markdown (.md): whole, or not at all.

    Raises `NoSuchReport`, `NoFolderForReport`, and `OSError` when the file cannot be written; what stood there then
    still does.
    """
    check_report_path(path)
    text = rendered(report, path.suffix.lower())
    with replacing(path) as file:
        file.write(text.encode())


def check_report_path(path: Path) -> None:
    """Nothing, if a report can go there: to be asked before the evaluation, which takes long.

    Raises `NoSuchReport` and `NoFolderForReport`.
    """
    if path.suffix.lower() not in _TEMPLATES:
        raise NoSuchReport(path)
    if path.is_dir():
        raise NoSuchReport(path)
    if not path.parent.is_dir():
        raise NoFolderForReport(path)


def rendered(report: Report, suffix: str) -> str:
    """The report as the text of a file whose name ends in `suffix`, ".html" or ".md"."""
    environment = Environment(
        loader=PackageLoader("service"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(share=_share, plain=_plain, shown=shown, visible=visible)
    asked = report.answerability
    return environment.get_template(_TEMPLATES[suffix]).render(
        report=report,
        rankings=_rankings(report.figures) if report.figures else None,
        compared=_compared(report.comparison) if report.comparison else None,
        steps=_steps(report.steps) if report.steps else None,
        telling=_telling(asked) if asked else None,
        reliability=_reliability(asked.bins) if asked and asked.bins else None,
        thresholds=_thresholds(asked.curve) if asked and asked.curve else None,
        followups=_followups(report.followups) if report.followups else None,
        notes=list(_notes(report)),
        x=_across,
        y=_up,
        path=_path,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """As wide as the head; the first cell names the row."""
    best: tuple[str, ...] | None = None
    """For each column, the cell that is shown in bold."""


def _rankings(figures: Mapping[str, Mapping[str, float]]) -> _Table:
    measures = list(dict.fromkeys(measure for means in figures.values() for measure in means))
    best = (max(means[measure] for means in figures.values() if measure in means) for measure in measures)
    return _Table(
        "Mean over the questions, 0 to 1; the best of each measure in bold",
        ("Ranking", *measures),
        tuple((name, *(_share(means.get(measure)) for measure in measures)) for name, means in figures.items()),
        # by what is shown: rankings that look equal are equally bold
        best=("", *map(_share, best)),
    )


def _compared(found: Comparison) -> str:
    difference = found.difference
    return (
        f"{found.ranking} against {found.baseline}, the best of the others: {found.measure} "
        f"{_signed(difference.mean)} (95 % interval {_interval(difference)}; p {_chance(difference.p)})."
    )


def _steps(steps: Iterable[Step]) -> _Table:
    return _Table(
        "nDCG@10 of OnRecord with and without each step, the others kept",
        ("Step", "with", "without", "difference", "95 % interval", "p", "ms a question"),
        tuple(
            (
                step.name,
                _share(step.ndcg),
                _share(step.without),
                _signed(step.difference.mean),
                _interval(step.difference),
                _chance(step.difference.p).removeprefix("= "),
                _duration(step.milliseconds),
            )
            for step in steps
        ),
    )


def _telling(found: Answerability) -> _Table:
    return _Table(
        f"{found.answerable:,} questions that the collection answers and {found.unanswerable:,} that it does not; "
        f"a question is answered from a confidence of {found.threshold:g} on",
        ("Figure", "value"),
        (
            ("Coverage: the answerable questions that are answered", _share(found.coverage)),
            ("False answers: the unanswerable questions that are answered", _share(found.false_answers)),
            ("AUROC: how well the confidence tells them apart; 0.5 is guessing, 1 without fault", _share(found.auroc)),
            (
                "Expected calibration error: how far confidences are from what comes true",
                _share(found.calibration_error),
            ),
        ),
    )


def _reliability(bins: Iterable[Bin]) -> _Table:
    return _Table(
        "Reliability, by tenths of the confidence",
        ("Confidence", "questions", "mean confidence", "share answerable"),
        tuple(
            (f"{one.low:g} to {one.high:g}", f"{one.count:,}", _share(one.confidence), _share(one.answered_right))
            for one in bins
        ),
    )


def _thresholds(curve: Sequence[Shares]) -> _Table:
    return _Table(
        "What other thresholds would answer",
        ("Threshold", "coverage", "false answers"),
        tuple((f"{at.threshold:g}", _share(at.coverage), _share(at.false_answers)) for at in curve[::10]),
    )


def _followups(found: FollowUps) -> _Table:
    ways = {
        "as typed, alone": found.alone,
        "as OnRecord makes them stand alone": found.standalone,
        "as a person wrote them to stand alone": found.rewritten,
    }
    return _Table(
        f"{found.questions:,} questions that lean on those before them",
        ("Asked", found.measure),
        tuple((way, _share(mean)) for way, mean in ways.items() if mean is not None),
    )


def _notes(report: Report) -> Iterator[str]:
    """What a reader has to know of the parts that are there."""
    if report.figures:
        yield (
            "Most sets know one right statement a question, though others may answer it as well: a ranking that puts "
            "one of those first counts as wrong. Compare the rankings with each other; do not read a figure as the "
            "share of questions that are answered well."
        )
        yield (
            "nDCG@10 counts what is relevant among the first ten, the more the higher it stands. MRR@10 is the mean of "
            "1 divided by the place of the first relevant one of ten. success@1 and success@10 are the shares of "
            "questions with a relevant one in the first place and among ten. recall@100 is the share of all that is "
            "relevant that stands among a hundred."
        )
    differences = [part.difference for part in (report.comparison, *report.steps) if part]
    if differences:
        yield (
            f"The 95 % interval is that of the mean difference over {differences[0].samples:,} resamples of the "
            "questions; p is how often chance alone makes at least such a difference (paired bootstrap). Where the "
            "interval holds 0, the questions do not settle which is better. Of twenty steps that change nothing, one "
            "is to be expected with p below 0.05."
        )
    if report.answerability:
        yield (
            "A lower threshold answers more questions of either kind. The calibration error depends on how many "
            "questions of either kind were asked; coverage, false answers and AUROC do not."
        )
    if report.followups:
        yield (
            "A follow-up asked alone lacks what the questions before it said. Asked as a person wrote it to stand "
            "alone it lacks nothing, so that such a figure is about the most that OnRecord could reach."
        )


def _share(share: float | None) -> str:
    """A number from 0 to 1, to three places, as is usual for rankings.

    >>> _share(0.27649), _share(None)
    ('0.276', '–')
    """
    return _NONE if share is None else f"{share:.3f}"


def _signed(difference: float) -> str:
    """A difference with its sign; none for what rounds to 0.

    >>> _signed(0.0123), _signed(-0.25), _signed(-0.0001)
    ('+0.012', '−0.250', '0.000')
    """
    shown = f"{difference:+.3f}"
    return "0.000" if float(shown) == 0 else shown.replace("-", "−")


def _interval(difference: Difference) -> str:
    return f"{_signed(difference.low)} to {_signed(difference.high)}"


def _chance(p: float) -> str:
    """p, with its sign of equality.

    >>> _chance(0.0421), _chance(0.0001)
    ('= 0.042', '< 0.001')
    """
    return f"< {_LEAST_P}" if p < _LEAST_P else f"= {p:.3f}"


def _duration(milliseconds: float | None) -> str:
    """Milliseconds to a tenth.

    >>> _duration(4.06), _duration(0.03), _duration(None)
    ('4.1', '< 0.1', '–')
    """
    if milliseconds is None:
        return _NONE
    return "< 0.1" if 0 < milliseconds < 0.1 else f"{milliseconds:,.1f}"


def _plain(text: str) -> str:
    r"""Words as Markdown shows them unchanged within a line.

    >>> print(_plain("a|b <i>\n*c*"))
    a\|b \<i\> \*c\*
    """
    return _MARKDOWN.sub(r"\\\g<0>", " ".join(text.split()))


def _across(share: float) -> str:
    """Where a share from 0 to 1 stands in a plot, from its left."""
    return f"{share * _SIDE:.1f}"


def _up(share: float) -> str:
    """Where it stands in a plot, from its top."""
    return f"{(1 - share) * _SIDE:.1f}"


def _path(across: Iterable[float], up: Iterable[float]) -> str:
    """The points joined, as an SVG path; both coordinates are shares from 0 to 1.

    >>> _path([0, 0.5], [0, 1])
    'M0.0 300.0 L150.0 0.0'
    """
    return "M" + " L".join(f"{_across(x)} {_up(y)}" for x, y in zip(across, up, strict=True))
