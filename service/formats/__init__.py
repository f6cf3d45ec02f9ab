"""Decides in which forms a citation can be had: for reference managers, style manuals, Wikipedia and fact-checkers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpus.errors import OnRecordError

if TYPE_CHECKING:
    from service.citing import Cited


@dataclass(frozen=True, slots=True)
class Format:
    """What a form of citation is for, and how it travels."""

    description: str
    media_type: str
    """For HTTP, with its charset where that is not settled by the type."""
    suffix: str
    """Of a file that holds one, with its dot."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csl-json": Format(
            "CSL-JSON, for Zotero, pandoc and citeproc", "application/vnd.citationstyles.csl+json", ".json"
        ),
        "ris": Format("RIS, for EndNote, Mendeley and Zotero", "application/x-research-info-systems", ".ris"),
        "bibtex": Format("BibTeX, for LaTeX; BibLaTeX reads it too", "application/x-bibtex; charset=utf-8", ".bib"),
        "apa": Format("APA style, 7th edition: an entry of the reference list", "text/plain; charset=utf-8", ".txt"),
        "chicago": Format(
            "Chicago Manual of Style, 18th edition: an entry of the bibliography, as notes go with it",
            "text/plain; charset=utf-8",
            ".txt",
        ),
        "mla": Format("MLA Handbook, 9th edition: an entry of the works cited", "text/plain; charset=utf-8", ".txt"),
        "markdown": Format("The words with a footnote, in Markdown", "text/markdown; charset=utf-8", ".md"),
        "wikipedia": Format("A citation template of the English Wikipedia", "text/x-wiki; charset=utf-8", ".wiki"),
        "claimreview": Format(
            "A schema.org ClaimReview in JSON-LD, with the reviewer's fields left null",
            "application/ld+json",
            ".jsonld",
        ),
    }
)
"""By the names that users give."""


class UnknownFormat(OnRecordError):
    """A name that is no format's."""

    def __init__(self, name: str, known: Iterable[str] | None = None) -> None:
        super().__init__(f"There is no citation format {name[:40]!r}.", f"Use one of {', '.join(known or FORMATS)}.")


def formatted(cited: "Cited", name: str) -> str:  # noqa: PLR0911
    """The citation in the format of that name, ending without a line break.

    The quoted words themselves are in "markdown", "wikipedia" and "claimreview"; the others say where they stand.

    Raises `UnknownFormat` for a name that is not in `FORMATS`.
    """
    match name:
        case "csl-json":
            from service.formats.csl import csl_json

            return csl_json(cited)
        case "ris":
            from service.formats.ris import ris

            return ris(cited)
        case "bibtex":
            from service.formats.bibtex import bibtex

            return bibtex(cited)
        case "apa" | "chicago" | "mla":
            from service.formats.styled import styled

            return styled(cited, name)
        case "markdown":
            from service.formats.markdown import markdown

            return markdown(cited)
        case "wikipedia":
            from service.formats.wikipedia import wikipedia

            return wikipedia(cited)
        case "claimreview":
            from service.formats.claim_review import claim_review

            return claim_review(cited)
    raise UnknownFormat(name)
