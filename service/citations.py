"""Makes citations of archived passages: with a link to the very words, a page number, a capsule of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from corpus.archive import Archive
from corpus.errors import Unreadable
from corpus.readers.confined import pages_of
from corpus.readers.pages import Pages
from corpus.records import Archived, UnknownStatement
from corpus.statement import Passage, Statement
from service.answer import Citation, Span
from service.capsules import NobodysWords, capsule, written
from service.citing import Cited, cite
from service.deep_links import PageText, deep_link, page_of, page_of_text
from service.formats import FORMATS, Format, UnknownFormat, formatted
from service.source_view import passage_at

_PAGES = 64
"""Publishers' pages kept in memory as they are searched for links."""
_JSON = "application/json"
_LONG = 60
"""Characters of words linked to on a page that was not received itself, at least: shorter ones stand anywhere."""
_PDF = "application/pdf"


CAPSULE = "capsule"
FORMS: Mapping[str, Format] = MappingProxyType(
    {
        **FORMATS,
        CAPSULE: Format(
            "Citation capsule: the words with all that it takes to check them, as a web annotation",
            "application/ld+json",
            ".jsonld",
        ),
    }
)
"""The forms in which a reference can be had, by the names that users give: every citation format, and the capsule."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as a cache knows it."""

    sha256: str
    text: str = field(compare=False)

    @classmethod
    def of(cls, archived: Archived) -> "_Text":
        return cls(archived.statement.text_sha256, archived.statement.text)


@dataclass(frozen=True, slots=True)
class _Page:
    """What links are tried against."""

    text: PageText
    is_received: bool
    """Whether it is the page itself, and not only what somebody took from it."""


class Citations:
    """Cites passages of an archive; any number of threads may use it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._pages = lru_cache(_PAGES)(self._page)
        self._pdf_pages = lru_cache(_PAGES)(self._pages_of_pdf)

    def citation(self, archived: Archived, passage: Passage) -> Citation:
        """The citation of a passage, with a deep link where its words can be told apart on the publisher's page.

        Raises `DamagedOriginal`.
        """
        return cite(archived, passage, self._deep_link(archived, passage))

    def cited(self, archived: Archived, passage: Passage) -> Cited:
        """A passage's words with all that a reference to them can say. Raises `DamagedOriginal`."""
        statement = archived.statement
        return Cited(
            text=statement.slice(passage.start, passage.end),
            citation=self.citation(archived, passage),
            kind=statement.kind,
            language=statement.language,
            retrieved=archived.ingested_at,
            page=self._pdf_page(archived, passage.start),
        )

    def capsule(self, archived: Archived, passage: Passage) -> dict[str, object]:
        """The passage's citation capsule. Raises `DamagedOriginal` and `UnknownStatement`."""
        held = self._archive.original(archived.original_sha256)
        reading = self._archive.reading_at(archived.statement.id, archived.version)
        if held is None or reading is None:
            raise UnknownStatement(archived.statement.id)  # removed since it was found
        return capsule(
            archived,
            passage,
            media_type=held[1],
            reading=reading,
            chunker=self._archive.facts().get("chunker"),
            page=self._pdf_page(archived, passage.start),
        )

    def _deep_link(self, archived: Archived, passage: Passage) -> str | None:
        statement = archived.statement
        if statement.url is None:
            return None
        page = self._pages(archived.original_sha256, _Text.of(archived))
        if page is None:
            return None
        link = deep_link(statement.url, page.text, statement.text, passage.start, passage.end)
        if link is None or page.is_received or (passage.end - passage.start >= _LONG and _is_exact(link)):
            return link
        return None

    def _page(self, original_sha256: str, text: "_Text") -> "_Page | None":
        """The publisher's page as it was received; of one that came as data, its text."""
        held = self._archive.original(original_sha256)
        if held is None:
            return None
        original, media_type = held
        if media_type == _JSON:
            return _Page(page_of_text(text.text), is_received=False)
        page = page_of(original, media_type)
        return _Page(page, is_received=True) if page else None

    def _pdf_page(self, archived: Archived, offset: int) -> int | None:
        pages = self._pdf_pages(archived.original_sha256, _Text.of(archived))
        return pages.page_at(offset) if pages else None

    def _pages_of_pdf(self, original_sha256: str, text: "_Text") -> Pages | None:
        held = self._archive.original(original_sha256)
        if held is None or held[1] != _PDF:
            return None
        try:
            return pages_of(held[0], text.text)
        except Unreadable:  # by this release; it was read by the one that received it
            return None


def passage_meant(statement: Statement, start: int, end: int) -> Passage:
    """The passage at a place of one person's words. Raises `InvalidStatement` and `NobodysWords`."""
    statement.slice(start, end)
    passage = passage_at(statement, Span(start, end))
    if passage is None:
        raise NobodysWords(statement.id, Span(start, end))
    return passage


def reference_in(name: str, citations: Citations, archived: Archived, passage: Passage) -> str:
    """The reference to a passage in one of `FORMS`, ending without a line break.

    Raises `UnknownFormat`, `UnknownStatement` when it was removed meanwhile, and `DamagedOriginal`.
    """
    if name not in FORMS:
        raise UnknownFormat(name, FORMS)
    if name == CAPSULE:
        return written(citations.capsule(archived, passage)).decode().rstrip("\n")
    return formatted(citations.cited(archived, passage), name)


def _is_exact(link: str) -> bool:
    """Whether a link has one directive that says all the words, and not only where they begin and end."""
    directive = link.rpartition("#")[2].partition(":~:text=")[2]
    words = [part for part in directive.split(",") if not (part.startswith("-") or part.endswith("-"))]
    return len(words) == 1 and "&text=" not in directive
