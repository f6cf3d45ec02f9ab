"""What the command line shows: coloured and wrapped for people at a terminal, plain and exact when piped."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from corpus.records import Archived, Summary
from corpus.statement import Role, Statement, Turn
from service.answer import Answer, Quote, Span
from service.citing import attribution
from service.saying import searched, wanted
from service.source_view import Block, blocks, passage_at
from service.status import Status
from service.visible import in_json, visible
from service.wording import parts

if TYPE_CHECKING:
    from service.evaluation import Evaluation
    from service.ingest import Report
    from service.measures import Difference

_WIDEST = 100
_REASONS_SHOWN = 20
_CONTEXT = 300


def show_answer(answer: Answer, *, as_json: bool) -> None:
    """Print an answer: as JSON, for a person, or plain."""
    if as_json:
        _print_json(asdict(answer))
        return
    console = _console()
    if answer.standalone_question != answer.question.strip():
        console.print(Text(f"Understood as: {visible(answer.standalone_question)}", style="italic dim"))
    for wish in answer.understood:
        told = f"“{visible(wish.words)}” in the question: {wanted(wish)}; --ignore {wish.kind} leaves that out"
        console.print(Text(told, style="italic dim"), soft_wrap=True)
    if answer.abstained:
        console.print(Text(f"Nothing found: {searched(answer)}. None answers that well enough."), soft_wrap=True)
    if answer.misses:
        console.print("The nearest misses, which do not answer it as far as can be told:", highlight=False)
    for quote in (*answer.quotes, *answer.misses):
        label = f"miss {quote.rank}" if answer.abstained else f"{quote.rank}"
        (_show_quote if console.is_terminal else _print_quote)(console, quote, label)


def show_report(report: "Report") -> None:
    """Print what an ingest did."""
    console = _console()
    console.print(
        f"{report.files:,} files read: {report.new:,} new, {report.changed:,} changed, "
        f"{report.unchanged:,} unchanged, {len(report.refused):,} refused",
        highlight=False,
    )
    if report.passages:
        rate = report.passages / max(report.seconds, 0.001)
        console.print(f"{report.passages:,} passages in {report.seconds:,.0f} s, {rate:,.0f} a second", highlight=False)
    for heading, entries in (("skipped", report.skipped), ("refused", report.refused)):
        for entry in entries[:_REASONS_SHOWN]:
            console.print(Text(visible(f"{heading}: {entry.place}: {entry.reason}")), soft_wrap=True)
        if len(entries) > _REASONS_SHOWN:
            console.print(f"{heading}: and {len(entries) - _REASONS_SHOWN:,} more")


def show_statement(archived: Archived, place: tuple[int, int] | None, *, as_json: bool) -> None:
    """Print a statement turn by turn, or the words at `place` in their context. Raises `InvalidStatement`."""
    statement = archived.statement
    quoted = None if place is None else statement.slice(*place)
    if as_json:
        whole = {**asdict(statement), "text_sha256": statement.text_sha256, "version": archived.version}
        whole |= {"versions": archived.versions, "original_sha256": archived.original_sha256}
        _print_json(whole if place is None else {**whole, "start": place[0], "end": place[1], "quote": quoted})
        return
    console = _console()
    _show_heading(console, archived)
    if place is None:
        for block in blocks(statement, None):
            if not block.blank:
                _show_block(console, block)
    else:
        console.print(Text(visible(_whose(statement, Span(*place))), style="bold"))
        _show_in_context(console, statement.text, place)


def show_status(status: Status, *, as_json: bool) -> None:
    """Print how a collection is."""
    if as_json:
        _print_json(asdict(status))
        return
    holds, encoding = status.holds, status.encoding
    rows = {
        "collection": status.data,
        "statements": f"{holds.statements:,} ({holds.versions:,} versions)",
        "period": f"{holds.first_day} to {holds.last_day}" if holds.first_day else "no statement has a date",
        "passages": f"{holds.passages:,}" + (f", {holds.pending:,} not encoded yet" if holds.pending else ""),
        "encoder": f"{encoding.encoder} ({encoding.fingerprint[:12]})" if encoding else "none yet",
        "archive": status.archive,
        "index": f"generation {status.generation}, {status.indexed:,} passages, {status.index}"
        if status.generation
        else status.index,
        "asking": status.asking,
        "answering": status.answering,
    }
    for name, value in rows.items():
        _console().print(Text(f"{name:<11} {visible(value)}"), soft_wrap=True)


def show_summaries(summaries: Iterable[Summary], *, as_json: bool) -> None:
    """Print the table of contents, a statement a line."""
    for summary in summaries:
        if as_json:
            _print_json(asdict(summary))
        else:
            about = (summary.published or "date unknown", summary.speaker or summary.issuer or "", summary.title or "")
            line = (visible(part).replace("\n", " ").replace("\t", " ") for part in (summary.id, *about))
            sys.stdout.write("\t".join(line) + "\n")


def show_evaluation(evaluation: "Evaluation", *, as_json: bool) -> None:
    """Print the figures of an evaluation."""
    if as_json:
        _print_json(asdict(evaluation))
        return
    console = _console()
    console.print(f"{evaluation.queries:,} questions, {evaluation.passages:,} passages", highlight=False)
    table = Table("ranking", *(next(iter(evaluation.figures.values()))))
    for name, means in evaluation.figures.items():
        table.add_row(name, *(f"{mean:.4f}" for mean in means.values()))
    console.print(table)
    for line in _findings(evaluation):
        console.print(line, highlight=False, soft_wrap=True)


def _findings(evaluation: "Evaluation") -> Iterator[str]:
    """What an evaluation found beside the means, a line each."""
    compared = evaluation.comparison
    yield f"{compared.ranking} against {compared.baseline}, {compared.measure}: {_difference(compared.difference)}"
    for step in evaluation.steps:
        time = "" if step.milliseconds is None else f", {step.milliseconds:.1f} ms a question"
        yield f"without “{step.name}”: {step.without:.4f}; it adds {_difference(step.difference)}{time}"
    if (found := evaluation.followups) is not None:
        rewritten = "" if found.rewritten is None else f", rewritten by people {found.rewritten:.4f}"
        yield (
            f"{found.questions:,} follow-ups, {found.measure}: alone {found.alone:.4f}, "
            f"made to stand alone {found.standalone:.4f}{rewritten}"
        )
    if (sure := evaluation.answerability) is not None:
        yield (
            f"at the threshold {sure.threshold:g}: {_share(sure.coverage)} of {sure.answerable:,} answerable questions "
            f"answered, {_share(sure.false_answers)} of {sure.unanswerable:,} unanswerable ones"
        )
        yield f"AUROC {_figure(sure.auroc)}, calibration error {_figure(sure.calibration_error)}"


def _difference(difference: "Difference") -> str:
    return f"{difference.mean:+.4f} ({difference.low:+.4f} to {difference.high:+.4f}, p = {difference.p:.4f})"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _figure(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.4f}"


def questions() -> Iterator[str]:
    """The questions that a person types, until the end of input."""
    console = _console()
    if sys.stdin.isatty():
        console.print("Ask a question; a follow-up may lean on those before it. Ctrl-D ends.", style="dim")
    while True:
        try:
            question = console.input("[bold]?[/bold] ") if sys.stdin.isatty() else input()
        except EOFError:
            return
        if question.strip():
            yield question


class IngestProgress:
    """Bars on a terminal; silence when piped."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._began = monotonic()
        self._statements = 0

    def reading(self, done: int, total: int) -> None:
        """See `progress.Progress`."""
        self._show("reading files", done, total, f"{self._statements:,} statements")

    def statement(self) -> None:
        """See `progress.Progress`."""
        self._statements += 1
        self._bars.update(self._tasks["reading files"], rate=f"{self._statements:,} statements")

    def encoding(self, done: int, total: int) -> None:
        """See `progress.Progress`."""
        if not done:
            self._began = monotonic()
        rate = done / max(monotonic() - self._began, 0.001)
        self._show("encoding passages", done, total, f"{rate:,.0f}/s" if done else "")

    def indexing(self) -> None:
        """See `progress.Progress`."""
        self._show("building the index", 0, None)

    def exporting(self) -> None:
        """See `progress.Progress`."""
        self._show("exporting the encoder, once", 0, None)

    def checking(self, done: int, total: int) -> None:
        """So many statements of so many are checked."""
        self._show("checking statements", done, total)

    def asking(self, done: int, total: int) -> None:
        """So many questions of so many are asked."""
        self._show("asking questions", done, total)

    def _show(self, task: str, done: int, total: int | None, rate: str = "") -> None:
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(task, total=total, rate="")
        self._bars.update(self._tasks[task], completed=done, total=total, rate=rate)


@contextmanager
def ingest_progress() -> Iterator[IngestProgress]:
    """Progress bars on standard error for the block, when that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield IngestProgress(bars)


def _console() -> Console:
    console = Console(highlight=False)
    if console.is_terminal:
        console.width = min(console.width, _WIDEST)
    return console


def _print_json(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False)
    sys.stdout.write((in_json(written) if sys.stdout.isatty() else written) + "\n")


def _print_quote(_console: Console, quote: Quote, label: str) -> None:
    """For pipes: the quote exactly, then a line each for whose words they are and where they stand."""
    citation = quote.citation
    lines = (
        f"[{label}] {quote.text}",
        f"    {attribution(citation)}; {citation.published or 'date unknown'}",
        f"    {citation.title or 'untitled'}; {citation.issuer or 'issuer unknown'}",
        *([f"    {citation.url}"] if citation.url else []),
        f"    {citation.statement_id} {citation.start} {citation.end}",
        *(f"    also: {place.statement_id} {place.start} {place.end}" for place in quote.also),
        "",
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _show_quote(console: Console, quote: Quote, label: str) -> None:
    citation = quote.citation
    before, highlight, after = parts(quote)
    text = Text.assemble(visible(before), (visible(highlight), "bold"), visible(after))
    style = "yellow" if citation.role is Role.QUESTION else "green"
    console.print(Text(label, style="bold cyan"))
    console.print(Padding(text, (0, 0, 1, 3)))
    console.print(Padding(Text(visible(attribution(citation)), style=style), (0, 0, 0, 3)))
    about = " · ".join(
        (citation.title or "untitled", citation.issuer or "issuer unknown", citation.published or "date unknown")
    )
    place = f"{citation.statement_id} · characters {citation.start:,}–{citation.end:,}"
    for line in (about, citation.url, place, *(f"also in {place.statement_id}" for place in quote.also)):
        if line:
            console.print(Padding(Text(visible(line), style="dim"), (0, 0, 0, 3)))
    console.print()


def _show_heading(console: Console, archived: Archived) -> None:
    statement = archived.statement
    console.print(Text(visible(statement.title or "untitled"), style="bold"))
    facts = {
        "issuer": statement.issuer,
        "speaker": statement.speaker,
        "published": statement.published,
        "kind": statement.kind,
        "language": statement.language,
        "url": statement.url,
        "version": f"{archived.version} of {archived.versions}",
        "original": f"SHA-256 {archived.original_sha256}",
        "text": f"SHA-256 {statement.text_sha256}",
    }
    for name, value in facts.items():
        console.print(Text(f"{name:<10}{visible(value or 'unknown')}", style="dim"), soft_wrap=True)
    console.print()


def _speaker_line(turn: Turn) -> str:
    match turn.role:
        case Role.QUESTION:
            return f"Question, by {turn.speaker or 'somebody who is not named'}"
        case Role.INTRODUCTION:
            return "Introduction by the publisher"
        case role:
            return f"{turn.speaker or 'Speaker unknown'} ({role})"


def _whose(statement: Statement, place: Span) -> str:
    """Whose the words at a place are: nobody's alone when they run from one turn into another."""
    passage = passage_at(statement, place)
    if passage is not None:
        return _speaker_line(statement.turns[passage.turn])
    return "Not within one turn: not to be quoted as anybody's words"


def _show_block(console: Console, block: Block) -> None:
    text = "".join(piece.text for piece in block.pieces)
    if block.turn is None:
        _print_text(console, text, "dim")
        return
    console.print(Text(visible(_speaker_line(block.turn)), style="bold"))
    _print_text(console, text, "")
    console.print()


def _print_text(console: Console, text: str, style: str) -> None:
    """Wrapped for a person, and exact for a pipe: rich would turn tabs into spaces."""
    if console.is_terminal:
        console.print(Text(visible(text), style=style))
    else:
        sys.stdout.write(f"{text}\n")


def _show_in_context(console: Console, text: str, place: tuple[int, int]) -> None:
    start, end = place
    before, after = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    if not console.is_terminal:
        sys.stdout.write(f"{text[start:end]}\n")
        return
    words = Text("…" if before else "", style="dim")
    words.append(visible(text[before:start]), style="dim")
    words.append(visible(text[start:end]), style="not dim bold reverse")
    words.append(visible(text[end:after]), style="dim")
    words.append("…" if after < len(text) else "")
    console.print(words)
