"""From the bytes of a file to the statements in it: which reader reads what."""

from dataclasses import dataclass


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
