"""The values that readers give: what one document says of itself, before anybody asks who speaks in it."""

from dataclasses import dataclass

from corpus.statement import Turn


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader found in one document; `None` where the document does not say.

    `text` is the body alone, exactly as it will be kept and quoted: menus, breadcrumbs, footers, running headers
    and page numbers are not in it, and neither is the title. `published` is YYYY, YYYY-MM or YYYY-MM-DD.
    """

    text: str
    title: str | None = None
    issuer: str | None = None
    speaker: str | None = None
    published: str | None = None
    kind: str | None = None
    language: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One statement as it was found: the bytes it came in, which are kept as they are, and what was read in them."""

    id: str | None
    """The id that its source gives it; most formats give none."""
    original: bytes
    media_type: str
    draft: Draft
    turns: tuple[Turn, ...] | None = None
    """Who says what in it, where whoever read it has looked already."""
