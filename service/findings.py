"""What a check of a draft's quotations finds: the published form, the same in JSON, on the web and in the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from corpus.alignment import About
from corpus.claims import Claim
from service.answer import Citation, IndexInfo, Place, Searched, Span


class Verdict(StrEnum):
    """How a quotation stands to the statements that were searched.

    >>> print(*Verdict, sep=", ")
    exact, exact but for typography, elided, altered, spliced, misattributed, not found
    """

    EXACT = "exact"
    """The same characters."""
    TYPOGRAPHY = "exact but for typography"
    """The same but for what `RULES` lists: quote marks, dashes, spaces, case at the start and the like."""
    ELIDED = "elided"
    """Parts of one turn, each exact but for typography, in order, with a mark in the draft where words are left out."""
    ALTERED = "altered"
    """Words of one place with others added, left out or exchanged and no mark in the draft that says so."""
    SPLICED = "spliced"
    """Parts that are real, from different places or in another order."""
    MISATTRIBUTED = "misattributed"
    """Real, but by another speaker, of another date or from another document than the draft says."""
    NOT_FOUND = "not found"
    """Nothing like it in the statements searched; that does not make it invented."""


STANDING = frozenset({Verdict.EXACT, Verdict.TYPOGRAPHY, Verdict.ELIDED})
"""The verdicts on a quotation that may be printed as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which the draft's words differ from the source's.

    Spans are code points: `quoted_at` into the draft, `source_at` into the statement's canonical text; where nothing
    stands there they are empty, at the place where it would.
    """

    kind: Literal["replaced", "added", "left out"]
    quoted: str
    source: str
    quoted_at: Span
    source_at: Span
    about: About
    """What it is that changed; the first three may turn the meaning round."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a quotation and the words it stands for."""

    quoted: str
    quoted_at: Span
    """Where it stands in the draft."""
    source: str
    citation: Citation
    capsule: Mapping[str, object]
    """The source's words as a citation capsule: see `service.capsules`."""
    omitted: str | None = None
    """What the source says between the part before and this one, when both are of one turn."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A quotation and its verdict."""

    number: int
    """1 for the first in the draft."""
    text: str
    """The quotation as the draft has it, without its outer marks."""
    at: Span
    """Where it stands in the draft's text, in code points, marks left out."""
    within: int | None
    """The number of the quotation that this one stands in; `None` for one that stands in none."""
    verdict: Verdict
    parts: tuple[Part, ...]
    """The source of each part: one, but for what is elided or spliced; none when nothing was found."""
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]
    """What whoever prints it should know, a sentence each."""
    claim: Claim
    """What the draft says of where it is from."""
    also: tuple[Place, ...]
    """Some of the other places where the same words stand."""
    places: int
    """In how many turns the words stand, of those looked at: the first 64 passages with these words in a row."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a draft's quotations, in the order in which they begin."""

    draft: str
    """Its name."""
    text: str
    """The draft's text: what `at` and `quoted_at` count in."""
    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    """What counts as typography, a rule each."""
    searched: Searched
    index: IndexInfo
    took_ms: float

    @property
    def stands(self) -> bool:
        """Whether every quotation may be printed as it is."""
        return all(finding.verdict in STANDING for finding in self.findings)
