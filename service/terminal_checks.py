"""What the command line shows of checks: of quotations, a citation capsule, a receipt, the collection itself."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from service.citing import reference
from service.findings import STANDING, Change, Check, Finding, Verdict
from service.saying import within
from service.visible import in_json, visible

if TYPE_CHECKING:
    from service.capsule_check import CapsuleReport
    from service.integrity import IntegrityReport
    from service.receipts import ReceiptReport

_STYLES = {True: "bold green", False: "bold red"}
_LONGEST = 300
"""Characters of a quotation that are shown, at most; the JSON has all."""


def show_check(check: Check, *, as_json: bool) -> None:
    """Print the verdict on every quotation of a draft."""
    if as_json:
        _print_json(asdict(check))
        return
    for finding in check.findings:
        _tell(f"[{finding.number}] {finding.verdict}", f": “{_short(finding.text)}”", well=finding.verdict in STANDING)
        for line in _details(finding):
            _say(f"    {line}")
    counts = Counter(finding.verdict for finding in check.findings)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    total = len(check.findings)
    _say(f"{total} quotation{'' if total == 1 else 's'}{': ' if told else ''}{told}")
    _say(within(check.searched, check.index.passages))
    if counts[Verdict.NOT_FOUND]:
        _say("Not found does not mean invented: these statements do not have it.")


def show_capsule_report(report: "CapsuleReport", *, as_json: bool) -> None:
    """Print how a capsule's words stand to what is held."""
    if as_json:
        _print_json(asdict(report) | {"holds": report.holds})
        return
    _tell(report.verdict, well=report.holds)
    for line in report.why:
        _say(f"    {line}")
    for change in report.changes:
        _say(f"    {_change(change)}")


def show_receipt_report(report: "ReceiptReport", *, as_json: bool) -> None:
    """Print what came of running a receipt again."""
    if as_json:
        _print_json(asdict(report))
        return
    _tell(report.verdict, well=report.verdict == "reproduced")
    for line in report.why:
        _say(f"    {line}")


def show_integrity(report: "IntegrityReport", *, as_json: bool) -> None:
    """Print whether a collection is what it was when it was made."""
    if as_json:
        _print_json(asdict(report) | {"is_sound": report.is_sound})
        return
    _say(
        f"{report.statements:,} statements in {report.versions:,} versions, {report.originals:,} originals, "
        f"{report.passages:,} passages, {report.vectors:,} vectors; {report.read_again:,} versions read again; "
        + (f"index generation {report.generation}, {report.files} files" if report.generation else "no index")
    )
    for problem in report.problems:
        _tell(problem.kind, f": {problem.where}: {problem.what}. {problem.cure}", well=False)
    if report.is_sound:
        _tell("sound", ": everything is what was written, every passage can be cut and cited", well=True)
    else:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in report.by_kind)
        _tell("damaged", f": {report.count:,} problem{'' if report.count == 1 else 's'} ({counts})", well=False)


def _details(finding: Finding) -> Iterator[str]:
    """What is to be known of a quotation beside its verdict, a line each."""
    if finding.verdict not in {Verdict.EXACT, Verdict.NOT_FOUND}:
        for part in finding.parts:
            yield f"source: “{_short(part.source)}”"
    yield from map(_change, finding.changes)
    yield from (f"! {warning}" for warning in finding.warnings)
    for part in finding.parts:
        yield f"— {reference(part.citation)}"
    if finding.places > len(finding.parts) > 0:
        yield f"stands in {finding.places} places"


def _change(change: Change) -> str:
    about = "" if change.about == "wording" else f" ({change.about})"
    match change.kind:
        case "added":
            return f"added: “{change.quoted}”{about}"
        case "left out":
            return f"left out: “{change.source}”{about}"
        case _:
            return f"“{change.quoted}” stands for “{change.source}”{about}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _tell(word: str, rest: str = "", *, well: bool) -> None:
    told = Text(visible(word), style=_STYLES[well])
    told.append(visible(rest), style="not bold default")
    Console(highlight=False).print(told, soft_wrap=True)


def _say(line: str) -> None:
    Console(highlight=False).print(Text(visible(line)), soft_wrap=True)


def _print_json(value: object) -> None:
    written = json.dumps(value, ensure_ascii=False, default=str)
    sys.stdout.write((in_json(written) if sys.stdout.isatty() else written) + "\n")
