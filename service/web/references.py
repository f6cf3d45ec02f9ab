"""The forms in which a reference can be had from a page or the API: every citation format, and the capsule."""

from dataclasses import dataclass

from flask import url_for

from corpus.records import Archived
from corpus.statement import Passage
from service.answer import Citation
from service.citations import CAPSULE, FORMS, Citations, reference_in
from service.web.openapi import Document
from service.web.places import DIGITS, file_stem

_LABELS = {
    "csl-json": "CSL-JSON",
    "ris": "RIS",
    "bibtex": "BibTeX",
    "apa": "APA",
    "chicago": "Chicago",
    "mla": "MLA",
    "markdown": "Markdown",
    "wikipedia": "Wikipedia",
    "claimreview": "ClaimReview",
    CAPSULE: "Capsule",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A reference to be had at an address."""

    label: str
    description: str
    address: str


def forms(citation: Citation) -> list[Form]:
    """Every form in which a citation can be had, and where: of the very text that it was made from."""
    return [
        Form(
            _LABELS.get(name, name),
            form.description,
            url_for(
                "api.cite",
                statement_id=citation.statement_id,
                start=citation.start,
                end=citation.end,
                text=citation.text_sha256[:DIGITS],
                format=name,
            ),
        )
        for name, form in FORMS.items()
    ]


def document(citations: Citations, archived: Archived, passage: Passage, name: str) -> Document:
    """The reference in one of `FORMS`. Raises `DamagedOriginal`."""
    content = reference_in(name, citations, archived, passage)
    form = FORMS[name]
    stem = file_stem(archived.statement.id)
    return Document(f"{content}\n".encode(), form.media_type, f"{stem}-{passage.start}-{passage.end}{form.suffix}")
