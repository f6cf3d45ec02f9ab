"""Checks the quotations in somebody's draft: each is looked for among all statements and gets one verdict."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from time import perf_counter

from corpus.alignment import RULES, Difference
from corpus.claims import claim as claim_in
from corpus.errors import OnRecordError
from corpus.quotations import Quotation, Stretch, quotations
from corpus.quoted import Quoted
from service.answer import Place, Span
from service.answering import Collection
from service.citations import Citations
from service.findings import Change, Check, Finding, Part
from service.spoken import Match, Sources
from service.verdicts import between, judge

_OTHERS = 20
"""Other places that are named, at most."""
MOST = 1000
"""Quotations in a draft, at most."""
_DEPTH = 3
"""Quotations that one may stand in, each in the next, to be looked up itself."""


class TooManyQuotations(OnRecordError):
    """A draft with more quotations than are checked at once."""

    def __init__(self, count: int) -> None:
        super().__init__(f"This draft has {count:,} quotations.", f"Split it: {MOST:,} are checked at once.")


class _Held:
    """The ids of the statements held, to be asked for one by one."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def __contains__(self, statement_id: object) -> bool:
        return isinstance(statement_id, str) and self._sources.holds(statement_id)


class QuoteCheck:
    """Looks up in a collection what drafts quote; any number of threads may use it."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def check(
        self,
        text: str,
        name: str = "draft",
        blocks: Sequence[Stretch] = (),
        links: Sequence[tuple[int, str]] = (),
    ) -> Check:
        """The verdict on every quotation in a draft; `blocks` are its block quotations, `links` its addresses.

        Raises `TooManyQuotations`, what `Collection.in_use` raises, and `DamagedArchive`.
        """
        started = perf_counter()
        sources = Sources(self._collection.archive, self._collection.in_use())
        held = _Held(sources)
        findings = []
        found = _not_too_deep(quotations(text, blocks))
        if len(found) > MOST:
            raise TooManyQuotations(len(found))
        for number, quotation in enumerate(found, 1):
            stretches = [(one.start, one.end) for one in quotation.stretches]
            quoted, claim = Quoted.of(text, stretches), claim_in(text, stretches, links, held)
            judged = judge(quoted, claim, sources)
            findings.append(
                Finding(
                    number=number,
                    text=quoted.text,
                    at=Span(stretches[0][0], stretches[-1][1]),
                    within=None if quotation.within is None else quotation.within + 1,
                    verdict=judged.verdict,
                    parts=tuple(_parts(quoted, judged.matches, self._collection.citations)),
                    changes=tuple(
                        _change(quoted, match, one) for match in judged.matches for one in match.found.changes
                    ),
                    warnings=judged.warnings,
                    claim=claim,
                    also=tuple(map(_place, judged.others[:_OTHERS])),
                    places=len(judged.others) + 1 if judged.matches else 0,
                )
            )
        return Check(
            draft=name,
            text=text,
            findings=tuple(findings),
            rules=RULES,
            searched=self._collection.searched(),
            index=self._collection.generation(),
            took_ms=round((perf_counter() - started) * 1000, 1),
        )


def _not_too_deep(found: Sequence[Quotation]) -> list[Quotation]:
    """The quotations without those that stand in too many others; `within` counts among those given."""
    depths: list[int] = []
    kept: dict[int, int] = {}
    for number, one in enumerate(found):
        depths.append(0 if one.within is None else depths[one.within] + 1)
        if depths[-1] <= _DEPTH:
            kept[number] = len(kept)
    return [
        replace(found[number], within=None if found[number].within is None else kept[found[number].within or 0])
        for number in kept
    ]


def _parts(quoted: Quoted, matches: Sequence[Match], citations: Citations) -> list[Part]:
    """The parts of a quotation with their sources, and what the source says between those of one turn."""
    omitted: list[str | None] = [None]
    for before, after in pairwise(matches):
        one_turn = (before.spoken.archived, before.spoken.turn) == (after.spoken.archived, after.spoken.turn)
        in_order = before.passage.end <= after.passage.start
        omitted.append(between(before, after) if one_turn and in_order else None)
    return [_part(quoted, match, gap, citations) for match, gap in zip(matches, omitted, strict=False)]


def _part(quoted: Quoted, match: Match, omitted: str | None, citations: Citations) -> Part:
    folded = match.quoted
    start, end = folded.starts[0], folded.ends[-1]
    return Part(
        quoted=quoted.text[start:end],
        quoted_at=Span(quoted.base + start, quoted.base + end),
        source=match.source,
        citation=citations.citation(match.spoken.archived, match.passage),
        capsule=citations.capsule(match.spoken.archived, match.passage),
        omitted=omitted,
    )


def _change(quoted: Quoted, match: Match, one: Difference) -> Change:
    return Change(
        kind=one.kind,
        quoted=quoted.text[one.quoted_start : one.quoted_end],
        source=one.source,
        quoted_at=Span(quoted.base + one.quoted_start, quoted.base + one.quoted_end),
        source_at=Span(match.spoken.offset + one.source_start, match.spoken.offset + one.source_end),
        about=one.about,
    )


def _place(match: Match) -> Place:
    return Place(match.spoken.statement.id, match.passage.start, match.passage.end)
