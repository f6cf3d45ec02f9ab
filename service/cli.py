"""The command line: each command reads its flags, calls one function, and shows what comes back."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from corpus.errors import OnRecordError

if TYPE_CHECKING:
    from corpus.filters import Filters
    from service.answering import Collection, Manner
    from service.config import Config
    from service.verifying import Given
    from service.web.logs import Form

FOUND, NOTHING_FOUND, ERROR, INTERRUPTED = 0, 1, 2, 130
_NO_MEMORY = "There is not enough memory. What was ingested before is safe; free some and run the command again."
_NO_THREAD = "can't start new thread"
"""What Python says when the system gives it no memory, or no right, for one more."""


class Failure(click.ClickException):
    """An error as the command line shows it: one line, no traceback, exit code 2."""

    exit_code = ERROR

    def format_message(self) -> str:
        """The message with nothing in it that a terminal obeys: a file's name may hold anything."""
        from service.visible import visible

        return visible(self.message)


class Interrupted(click.ClickException):
    """The person pressed Ctrl-C."""

    exit_code = INTERRUPTED


class Commands(click.Group):
    """The commands; the one place where errors become messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see `Failure`."""
        import service.visible  # noqa: F401, a failure may be that no more files can be opened

        try:
            return super().invoke(ctx)
        except OnRecordError as error:
            raise Failure(str(error)) from None
        except sqlite3.OperationalError as error:
            raise Failure(
                f"The archive could not be read or written: {error}. "
                "What was ingested before is safe; mend the cause and run the command again."
            ) from None
        except sqlite3.DatabaseError as error:
            raise Failure(
                f"The archive is damaged: {error}. Nothing is quoted from it; restore archive.db and archive.seal from "
                "one backup, together."
            ) from None
        except UnicodeEncodeError:
            raise Failure("An argument holds bytes that are not UTF-8 text. Type it again.") from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Failure(
                f"{error.filename or 'A file'} cannot be used: {error.strerror}. Mend it and try again."
            ) from None
        except MemoryError:
            raise Failure(_NO_MEMORY) from None
        except RuntimeError as error:
            if _NO_THREAD not in str(error):
                raise
            raise Failure(_NO_MEMORY) from None
        except KeyboardInterrupt:
            raise Interrupted("Stopped. Nothing is lost: run the command again to go on.") from None


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command its `config`, from the flags that every command has."""

    @click.option("--data", metavar="FOLDER", help="Where the collection is.  [env: ONRECORD_DATA; default: yours]")
    @click.option(
        "--model", metavar="NAME", help="A sentence-transformers name or folder.  [default: the collection's]"
    )
    @wraps(command)
    def configured(*, data: str | None, model: str | None, **given: Any) -> None:
        from service.config import configure

        command(config=configure(data, model), **given)

    return configured


def filtering(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command its `filters` and `manner`, from the flags that say what is searched and how it is answered."""

    @click.option("--since", metavar="DATE", help="Published on or after: YYYY, YYYY-MM or YYYY-MM-DD.")
    @click.option("--until", metavar="DATE", help="Published on or before: YYYY, YYYY-MM or YYYY-MM-DD.")
    @click.option("--speaker", metavar="NAME", help="Only words of this speaker; part of the name will do.")
    @click.option("--issuer", metavar="NAME", help="Only statements of this issuer; part of the name will do.")
    @click.option("--role", type=click.Choice(["remarks", "question", "answer", "letter", "introduction"]))
    @click.option(
        "--order", type=click.Choice(["relevance", "newest", "oldest"]), help="Which of the passages found comes first."
    )
    @click.option("--threshold", type=float, metavar="P", help="Answer from this confidence on, 0 to 1.")
    @click.option(
        "--ignore",
        multiple=True,
        type=click.Choice(["order", "period"]),
        help='Take "latest" or "in March 2022" in the question for words like others.',
    )
    @wraps(command)
    def filtered(
        *,
        since: str | None,
        until: str | None,
        speaker: str | None,
        issuer: str | None,
        role: str | None,
        order: str | None,
        threshold: float | None,
        ignore: tuple[Any, ...],
        **given: Any,
    ) -> None:
        from corpus.filters import Filters, first_day, last_day
        from corpus.statement import Role
        from service.answering import Manner
        from service.wishes import Order

        filters = Filters(
            since=first_day(since) if since else None,
            until=last_day(until) if until else None,
            speaker=speaker,
            issuer=issuer,
            role=Role(role) if role else None,
        )
        manner = Manner(Order(order) if order else None, threshold, frozenset(ignore))
        command(filters=filters, manner=manner, **given)

    return filtered


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="onrecord")
def main() -> None:
    """Ask official statements a question; get back the words that were said, with a citation anyone can check.

    Exit codes are grep's: 0 found, 1 nothing found, 2 error.
    """


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--issuer", metavar="NAME", help="Who issued these statements, where they do not say it themselves.")
@common
def ingest(*, paths: tuple[str, ...], issuer: str | None, config: "Config") -> None:
    """Add statements: text, Markdown, HTML, PDF, DOCX and JSONL files, folders of them, or - for standard input.

    Run it again at any time: what is there already is left alone, what has changed becomes a new version, and what
    an interruption left undone is done.
    """
    from service.terminal import ingest_progress, show_report
    from service.wiring import ingester

    with ingest_progress() as progress, ingester(config, progress, "ingest") as work:
        report = work.ingest(paths, issuer)
    show_report(report)
    if report.refused:
        sys.exit(ERROR)


@main.command()
@click.argument("question", required=False)
@click.option("-k", default=5, show_default=True, metavar="N", help="How many passages at most, 1 to 100.")
@filtering
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--receipt", type=click.Path(path_type=Path), metavar="FILE", help="Write what was searched and found.")
@click.option(
    "--batch",
    metavar="FILE",
    help='Questions as JSONL, {"id", "question", "k", "history"}; - reads stdin. The flags hold for all.',
)
@common
def ask(
    *,
    question: str | None,
    k: int,
    as_json: bool,
    batch: str | None,
    receipt: Path | None,
    config: "Config",
    filters: "Filters",
    manner: "Manner",
) -> None:
    """Ask QUESTION and get the passages that answer it, word for word."""
    from service.terminal import show_answer

    if (question is None) == (batch is None):
        raise click.UsageError("Give either a QUESTION or --batch FILE.")
    if receipt and question is None:
        raise click.UsageError("--receipt is for one QUESTION.")
    with _opened(config) as asked:
        if question is None:
            from service.batch import answer_lines

            with click.open_file(str(batch), "rb") as lines:
                sys.exit(answer_lines(partial(asked.ask, filters=filters, manner=manner), lines, sys.stdout, k))
        if receipt is None:
            answer = asked.ask(question, k=k, filters=filters, manner=manner)
        else:
            from service.receipts import answered, written

            answer, given = answered(asked, question, k=k, filters=filters, manner=manner)
            receipt.write_bytes(written(given))
    show_answer(answer, as_json=as_json)
    sys.exit(NOTHING_FOUND if answer.abstained else FOUND)


@main.command()
@click.option("-k", default=3, show_default=True, metavar="N", help="How many passages at most, 1 to 100.")
@filtering
@common
def chat(*, k: int, config: "Config", filters: "Filters", manner: "Manner") -> None:
    """Ask question after question; a follow-up may lean on those before it. Ctrl-D ends."""
    from service.conversation import Utterance
    from service.terminal import questions, show_answer

    with _opened(config) as asked:
        history: list[Utterance] = []
        for question in questions():
            answer = asked.ask(question, k=k, filters=filters, history=history, manner=manner)
            show_answer(answer, as_json=False)
            history.append(Utterance("user", question))
            history.extend(Utterance("agent", quote.text) for quote in answer.quotes[:1])


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 16), help="Questions at a time.")
@click.option("--public", is_flag=True, help="Others than the people of this machine may ask.")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A host name under which it is reached.")
@click.option("--behind-proxy", "proxy", metavar="ADDRESS", help="Trust a proxy there in who asks and over what.")
@click.option(
    "--rate",
    type=click.IntRange(0, 1_000_000),
    metavar="N",
    help="Questions a minute and client, 0 for any.  [default: 120, or any on this machine alone]",
)
@click.option(
    "--log", type=click.Choice(["text", "json"]), help="Log each request, without its question, on standard error."
)
@click.option("--log-questions", is_flag=True, help="With --log: the question too, and messages of unforeseen errors.")
@common
def serve(
    *,
    host: str,
    port: int,
    threads: int,
    public: bool,
    sites: tuple[str, ...],
    proxy: str | None,
    rate: int | None,
    log: "Form | None",
    log_questions: bool,
    config: "Config",
) -> None:
    """Serve the web form, the JSON API and its description on http://HOST:PORT.

    On this machine alone, unless --public is said or a key was made: see `onrecord keys`. Warnings and errors are
    logged on standard error; with --log, each request too.
    """
    from service.encoders import for_serving
    from service.keys import Keyring
    from service.web import create_app, logs
    from service.web.access import access
    from service.web.serve import listen
    from service.web.serve import serve as serve_app

    if log_questions and log is None:
        raise click.UsageError("--log-questions is for --log text or --log json.")
    with logs.written(log, sys.stderr, questions=log_questions), listen(host, port) as listener:
        listens_at = listener.getsockname()[0]
        who = access(listens_at, Keyring(config.data), public=public, sites=sites, proxy=proxy, rate=rate)
        with _opened(config) as served:
            served.encoder.encode_questions(["the model is loaded before the first person asks"])
            served.encoder = for_serving(served.encoder)
            app = create_app(served, threads, who)
            app.config[logs.QUESTIONS] = log_questions
            serve_app(app, listener, threads, access=who, ready=_announce)


@main.group()
def keys() -> None:
    """Make and revoke keys, which checking drafts on a server needs; asking never does.

    As soon as there is one, everything but asking and reading needs one. A server that is running notices at once.
    """


@keys.command("add")
@click.argument("name")
@common
def add_key(*, name: str, config: "Config") -> None:
    """Make a key for NAME and print it, this once: what is kept cannot be turned back into it."""
    from service.keys import add
    from service.wiring import NoArchive

    if not config.archive.exists():
        raise NoArchive(config.data)
    click.echo(add(config.data, name))


@keys.command("list")
@common
def list_keys(*, config: "Config") -> None:
    """List who has a key, and since when."""
    from service.keys import Keyring

    held = Keyring(config.data).held()
    for key in held:
        click.echo(f"{key.name}  {key.made}")
    if not held:
        click.echo(f"no keys in {config.data}", err=True)


@keys.command("revoke")
@click.argument("name")
@common
def revoke_key(*, name: str, config: "Config") -> None:
    """Make NAME's key worthless, now."""
    from service.keys import revoke

    left = revoke(config.data, name)
    click.echo(
        f"{name} revoked; {left} left"
        if left
        else f"{name} revoked; no key is left: where only this machine is served, none is asked for"
    )


@main.command()
@click.argument("statement_id", metavar="ID")
@click.argument("start", type=int, required=False)
@click.argument("end", type=int, required=False)
@click.option("--version", type=click.IntRange(1, 2**31), metavar="N", help="An earlier one.  [default: the current]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@common
def show(
    *, statement_id: str, start: int | None, end: int | None, version: int | None, as_json: bool, config: "Config"
) -> None:
    """Show statement ID whole, or the words from START to END in their context."""
    from service.terminal import show_statement
    from service.wiring import existing_archive

    if (start is None) != (end is None):
        raise click.UsageError("Give both START and END, or neither.")
    with existing_archive(config) as archive:
        archived = archive.get(statement_id, version)
    place = None if start is None or end is None else (start, end)
    show_statement(archived, place, as_json=as_json)


@main.command()
@click.argument("path", required=False, metavar="[FILE]")
@click.option("--original", type=click.Path(path_type=Path), metavar="FILE", help="Check a capsule against this alone.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.html", help="Write a draft's check for people."
)
@common
def verify(*, path: str | None, original: Path | None, as_json: bool, report: Path | None, config: "Config") -> None:
    """Check the quotations in a draft, a citation capsule or a search receipt; without FILE, the collection itself.

    A draft is a text, Markdown, HTML, DOCX or PDF file, or - for standard input. Exit code 0: all of it holds;
    1: something does not.
    """
    from service import verifying

    if path is None:
        if original or report:
            raise click.UsageError("--original and --report need a FILE.")
        sys.exit(FOUND if _verified_collection(config, as_json=as_json) else NOTHING_FOUND)
    given = verifying.read(path)
    if original is not None and given.kind is not verifying.Kind.CAPSULE:
        raise click.UsageError("--original is for a citation capsule.")
    if report is not None and (given.kind is not verifying.Kind.DRAFT or report.suffix != ".html"):
        raise click.UsageError("--report is for a draft, and its FILE ends in .html.")
    match given.kind:
        case verifying.Kind.CAPSULE:
            holds = _verified_capsule(given.data, original, config, as_json=as_json)
        case verifying.Kind.RECEIPT:
            holds = _verified_receipt(given.data, config, as_json=as_json)
        case verifying.Kind.DRAFT:
            holds = _verified_draft(given, report, config, as_json=as_json)
    sys.exit(FOUND if holds else NOTHING_FOUND)


@main.command()
@click.argument("statement_id", metavar="ID")
@click.argument("start", type=int)
@click.argument("end", type=int)
@click.option("--format", "name", default="csl-json", show_default=True, metavar="NAME", help="See above.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
@click.option("--version", type=click.IntRange(1, 2**31), metavar="N", help="An earlier one.  [default: the current]")
@common
def cite(
    *,
    statement_id: str,
    start: int,
    end: int,
    name: str,
    output: Path | None,
    version: int | None,
    config: "Config",
) -> None:
    """Cite the words from START to END of statement ID.

    NAME is csl-json, ris, bibtex, apa, chicago, mla, markdown, wikipedia, claimreview, or capsule: a document by which
    anyone can check the quote.
    """
    from service.citations import Citations, passage_meant, reference_in
    from service.wiring import existing_archive

    with existing_archive(config) as archive:
        archived = archive.get(statement_id, version)
        passage = passage_meant(archived.statement, start, end)
        reference = reference_in(name, Citations(archive), archived, passage)
    if output is None:
        from service.visible import visible

        click.echo(visible(reference) if sys.stdout.isatty() else reference)
    else:
        output.write_text(f"{reference}\n", encoding="utf-8")


@main.command()
@click.argument("wanted", nargs=-1, required=True, metavar="QUESTION|ID...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE.zip", help="The bundle.")
@click.option("-k", default=5, show_default=True, metavar="N", help="How many passages at most, 1 to 100.")
@filtering
@click.option("--force", is_flag=True, help="Put it in the place of a file that is there.")
@common
def export(
    *,
    wanted: tuple[str, ...],
    output: Path,
    k: int,
    force: bool,
    config: "Config",
    filters: "Filters",
    manner: "Manner",
) -> None:
    """Write an evidence bundle: what answers QUESTION, or whole statements, with originals, capsules and sums.

    It opens without OnRecord and without a network: a page, the bytes as received, and SHA256SUMS to check them by.
    """
    from service.bundle import bundle_of_question, bundle_of_statements, check_bundle_path, requested, write_bundle
    from service.wiring import existing_archive

    check_bundle_path(output, force=force)
    with existing_archive(config) as archive:
        question = requested(archive, wanted)
        if question is None:
            write_bundle(output, bundle_of_statements(archive, wanted), force=force)
    if question is not None:
        with _opened(config) as asked:
            bundle = bundle_of_question(asked, question, k=k, filters=filters, manner=manner)
        write_bundle(output, bundle, force=force)
        click.echo(f"{output}: {bundle.quotes} quotes, {bundle.misses} misses")
        sys.exit(FOUND if bundle.quotes else NOTHING_FOUND)
    click.echo(f"{output}: {len(wanted)} statements")


@main.command()
@click.option("--statements", is_flag=True, help="List every statement.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@common
def status(*, statements: bool, as_json: bool, config: "Config") -> None:
    """Show what the collection holds and how its index is."""
    from service.status import status_of
    from service.terminal import show_status, show_summaries
    from service.wiring import existing_archive

    with existing_archive(config) as archive:
        if statements:
            show_summaries(archive.every_summary(), as_json=as_json)
        else:
            show_status(status_of(archive, config), as_json=as_json)


@main.command()
@click.argument("statement_ids", nargs=-1, required=True, metavar="ID...")
@common
def remove(*, statement_ids: tuple[str, ...], config: "Config") -> None:
    """Take statements out, with all their versions and originals."""
    from service.wiring import remove as remove_statements

    remove_statements(config, statement_ids)
    click.echo(f"{len(statement_ids)} removed")


@main.command()
@common
def reindex(*, config: "Config") -> None:
    """Build the index anew from the archive; with --model, cut and encode every statement anew for that model."""
    from service.terminal import ingest_progress
    from service.wiring import reencode
    from service.wiring import reindex as rebuild

    with ingest_progress() as progress:
        manifest = reencode(config, progress) if _is_on_command_line("model") else rebuild(config, progress)
    click.echo(f"index generation {manifest.generation}: {manifest.passages:,} passages")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Write a report too: .html or .md.")
@common
def evaluate(*, folder: Path, as_json: bool, report: Path | None, config: "Config") -> None:
    """Measure the ranking on DIR: corpus.jsonl, queries.jsonl and qrels.tsv, as in BEIR.

    Beside them, unanswerable.jsonl and followups.jsonl are used where they are. The corpus goes into a temporary
    collection, or into the one that --data names, which is kept and used again.
    """
    from service.evaluation import evaluate_set
    from service.judged import EvaluationSet
    from service.report import check_report_path, write_report
    from service.terminal import ingest_progress, show_evaluation

    judged = EvaluationSet.read(folder)
    if report is not None:
        check_report_path(report)
    with ingest_progress() as progress:
        evaluation = evaluate_set(judged, config, progress, keep=_is_on_command_line("data"))
    if report is not None:
        write_report(evaluation.report(judged.name, date.today()), report)
    show_evaluation(evaluation, as_json=as_json)


@main.command()
@click.option(
    "--threshold",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Answer from this confidence on.",
)
@common
def calibrate(*, threshold: float, config: "Config") -> None:
    """Fit "nothing found" to this collection: no labels are needed, its own passages make the questions."""
    from service.terminal import ingest_progress
    from service.wiring import calibrated

    with ingest_progress() as progress:
        calibrated(config, progress, threshold)
    click.echo(
        f"Calibrated on this collection's own passages; answers are given from a confidence of {threshold:g} on. "
        "A server that is running has to be started again."
    )


@contextmanager
def _opened(config: "Config") -> Iterator["Collection"]:
    """The collection, with a progress bar for what has to be done before it can be asked."""
    from service.terminal import ingest_progress
    from service.wiring import collection

    with ExitStack() as stack:
        with ingest_progress() as progress:
            task = click.get_current_context().info_name or "ask"
            opened = stack.enter_context(collection(config, progress, task=task))
        yield opened


def _verified_draft(given: "Given", report: Path | None, config: "Config", *, as_json: bool) -> bool:
    from service.quote_check import QuoteCheck
    from service.report import check_report_path
    from service.terminal_checks import show_check

    draft = given.manuscript()
    if report is not None:
        check_report_path(report)
    with _opened(config) as collection:
        check = QuoteCheck(collection).check(draft.text, given.name, draft.blocks, draft.links)
    if report is not None:
        from service.check_report import html_report

        report.write_text(html_report(check, date.today()), encoding="utf-8")
    show_check(check, as_json=as_json)
    return check.stands


def _verified_receipt(data: bytes, config: "Config", *, as_json: bool) -> bool:
    from service.receipts import ReceiptVerdict, read_receipt, verify_receipt
    from service.terminal_checks import show_receipt_report

    receipt = read_receipt(data)
    with _opened(config) as collection:
        found = verify_receipt(receipt, collection)
    show_receipt_report(found, as_json=as_json)
    return found.verdict is ReceiptVerdict.REPRODUCED


def _verified_collection(config: "Config", *, as_json: bool) -> bool:
    from service.terminal import ingest_progress
    from service.terminal_checks import show_integrity
    from service.wiring import checked

    with ingest_progress() as progress:
        found = checked(config, progress.checking)
    show_integrity(found, as_json=as_json)
    return found.is_sound


def _verified_capsule(data: bytes, original: Path | None, config: "Config", *, as_json: bool) -> bool:
    from service.capsule_check import verify_in_archive, verify_with_original
    from service.capsules import read_capsule
    from service.terminal_checks import show_capsule_report
    from service.wiring import existing_archive

    capsule = read_capsule(data)
    if original is not None:
        found = verify_with_original(capsule, original.read_bytes(), original.name)
    else:
        with existing_archive(config) as archive:
            found = verify_in_archive(capsule, archive)
    show_capsule_report(found, as_json=as_json)
    return found.holds


def _is_on_command_line(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _announce(address: str) -> None:
    click.echo(f"OnRecord is at {address}  (Ctrl-C stops it)")


if __name__ == "__main__":
    main()
