"""A check of a draft's quotations as people read it: laid out for any page, and as one file that needs nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from corpus.alignment import About
from service import saying
from service.answer import Citation, Place, Span
from service.citing import reference_parts
from service.findings import Change, Check, Finding, Part, Verdict
from service.saying import day, speaker, web_link, within
from service.visible import exact, shown, visible


@dataclass(frozen=True, slots=True)
class Told:
    """How a verdict is told: never by its colour alone."""

    name: str
    sign: str
    """One character."""
    meaning: str
    style: str
    """The class that it has in a page."""


def _told(verdict: Verdict, sign: str, meaning: str) -> Told:
    return Told(verdict.value.capitalize(), sign, meaning, verdict.name.lower().replace("_", "-"))


VERDICTS: Mapping[Verdict, Told] = MappingProxyType(
    {
        Verdict.EXACT: _told(Verdict.EXACT, "✓", "The same characters stand in the source."),
        Verdict.TYPOGRAPHY: _told(
            Verdict.TYPOGRAPHY, "≈", "The same words; marks, spaces or a first capital are set otherwise."
        ),
        Verdict.ELIDED: _told(
            Verdict.ELIDED, "…", "Parts of one speaker’s words, in order; the draft marks that words are left out."
        ),
        Verdict.ALTERED: _told(
            Verdict.ALTERED, "≠", "Words are added, left out or exchanged, and nothing in the draft says so."
        ),
        Verdict.SPLICED: _told(Verdict.SPLICED, "+", "Real parts, put together from different places or reordered."),
        Verdict.MISATTRIBUTED: _told(
            Verdict.MISATTRIBUTED, "!", "The words are real, but not from whom, when or where the draft says."
        ),
        Verdict.NOT_FOUND: _told(
            Verdict.NOT_FOUND, "?", "Nothing like it was found in what was searched. That does not mean invented."
        ),
    }
)
"""In the order in which they are counted."""

SHOWN_PLACES = 5
"""Of the other places where words stand, as many are named."""

_ABOUT: Mapping[About, str] = MappingProxyType(
    {
        "negation": "a negation",
        "number": "a number",
        "name": "a name",
        "capitals": "capitals",
        "punctuation": "punctuation",
        "wording": "wording",
    }
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of a draft's characters, the quotations that begin before it, and those that end after it."""

    begins: tuple[Finding, ...]
    text: str
    ends: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one side of a comparison; `differs` when the other side has others in their place, or none."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A part of a quotation beside the words of its source."""

    part: Part
    quoted: tuple[Run, ...]
    source: tuple[Run, ...]
    changes: tuple[Change, ...]


def html_report(check: Check, made: date) -> str:
    """The check as one HTML file that opens from disk: no script, nothing loaded from anywhere.

    It links to publishers' pages only, and names statements by their ids and places.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("service"), PackageLoader("service", "web/static")]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS, source=_nowhere, source_of_copy=_nowhere, forms=_no_forms)
    environment.globals.update(GLOBALS)
    return environment.get_template("check_report.html").render(check=check, made=made)


def summary(check: Check) -> str:
    """How many quotations got which verdict, in one line.

    >>> from service.answer import IndexInfo, Searched
    >>> summary(Check("a.txt", "", (), (), Searched(1, 1, None, None), IndexInfo(1, 1, "words"), 0.0))
    'No quotations'
    """
    if not check.findings:
        return "No quotations"
    counted = Counter(finding.verdict for finding in check.findings)
    told = ", ".join(f"{counted[verdict]:,} {verdict}" for verdict in VERDICTS if counted[verdict])
    return f"{len(check.findings):,} quotation{'' if len(check.findings) == 1 else 's'}: {told}"


def marked(check: Check) -> Iterator[Stretch]:
    """The draft from its first character to its last, cut where a quotation begins or ends."""
    bounds = {place for finding in check.findings for place in (finding.at.start, finding.at.end)}
    for start, end in pairwise(sorted({0, len(check.text), *bounds})):
        begin = [finding for finding in check.findings if finding.at.start == start]
        stop = [finding for finding in check.findings if finding.at.end == end]
        yield Stretch(
            tuple(sorted(begin, key=lambda one: (-one.at.end, one.number))),
            check.text[start:end],
            tuple(sorted(stop, key=lambda one: (-one.at.start, -one.number))),
        )


def compared(finding: Finding) -> tuple[Compared, ...]:
    """Each part of a quotation beside its source; a quotation in one part is shown whole, marks at its ends too."""
    shares = _shares(finding)
    told = []
    for part, changes in zip(finding.parts, shares, strict=True):
        text, base = (
            (finding.text, finding.at.start) if len(finding.parts) == 1 else (part.quoted, part.quoted_at.start)
        )
        told.append(
            Compared(
                part,
                tuple(_runs(text, base, [(one.quoted_at, one.quoted) for one in changes])),
                tuple(_runs(part.source, part.citation.start, [(one.source_at, one.source) for one in changes])),
                changes,
            )
        )
    return tuple(told)


def change_told(change: Change) -> Markup:
    """A difference in words, for those who do not see how it is marked: as HTML, each side in its own direction.

    >>> print(change_told(Change("added", "two", "", Span(4, 7), Span(9, 9), "number")))
    Added, a number: the source does not have “<bdi>two</bdi>”
    """
    match change.kind:
        case "replaced":
            what = Markup("the draft has “<bdi>{0}</bdi>”, the source “<bdi>{1}</bdi>”")
        case "added":
            what = Markup("the source does not have “<bdi>{0}</bdi>”")
        case "left out":
            what = Markup("the source has “<bdi>{1}</bdi>” there")
    told = what.format(shown(change.quoted), shown(change.source))
    return Markup("{}, {}: {}").format(change.kind.capitalize(), _ABOUT[change.about], told)


def _shares(finding: Finding) -> list[tuple[Change, ...]]:
    """The changes of each part: they come in the parts' order, and each lies within its part on both sides."""
    shares: list[list[Change]] = [[] for _ in finding.parts]
    at = 0
    for change in finding.changes:
        fitting = (number for number in range(at, len(shares)) if _is_of(change, finding.parts[number]))
        at = next(fitting, at)
        shares[at].append(change)
    return [tuple(share) for share in shares]


def _is_of(change: Change, part: Part) -> bool:
    source = Span(part.citation.start, part.citation.end)
    return _inside(change.quoted_at, part.quoted_at) and _inside(change.source_at, source)


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _runs(text: str, base: int, differing: Sequence[tuple[Span, str]]) -> Iterator[Run]:
    """The text, which begins at `base`, with the words at those spans told from the others."""
    at = 0
    for span, words in differing:
        start = max(at, span.start - base)
        if text[at:start]:
            yield Run(text[at:start], differs=False)
        if words:
            yield Run(words, differs=True)
        at = max(start, span.end - base)
    if text[at:]:
        yield Run(text[at:], differs=False)


def _nowhere(_place: Citation | Place) -> None:
    """No address: a file has no archive behind it."""


def _no_forms(_citation: Citation) -> tuple[()]:
    return ()


def _extent(check: Check) -> str:
    return within(check.searched, check.index.passages)


FILTERS: Mapping[str, object] = MappingProxyType(
    {
        "day": day,
        "speaker": speaker,
        "visible": visible,
        "shown": shown,
        "exact": exact,
        "web_link": web_link,
        "reference_parts": reference_parts,
        "summary": summary,
        "extent": _extent,
        "marked": marked,
        "compared": compared,
        "change_told": change_told,
    }
)
"""What the template of the findings needs, wherever it stands."""
GLOBALS: Mapping[str, object] = MappingProxyType({"saying": saying, "VERDICTS": VERDICTS, "SHOWN_PLACES": SHOWN_PLACES})
