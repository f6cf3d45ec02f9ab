"""Which words an address means, and the address that goes on meaning the same words."""

import re

from flask import url_for

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.records import Archived
from service.answer import Citation, Place

DIGITS = 12
"""Of a text's SHA-256, as many name it in an address, at least."""
TEXT_NAME = f"[0-9a-f]{{{DIGITS},64}}"
"""What a text's name in an address looks like."""
_TEXT = re.compile(TEXT_NAME)


class UnknownText(OnRecordError):
    """An address that means a text which no version of the statement has."""

    def __init__(self, statement_id: str, text_sha256: str) -> None:
        super().__init__(
            f"No version of {statement_id!r} has the text that this address means (SHA-256 {text_sha256[:64]!r}).",
            "Leave start, end and text out of the address to read the version that is held now.",
        )


def version_meant(archive: Archive, statement_id: str, number: int | None, text: str | None) -> Archived:
    """The version with the text that is named by its SHA-256; without one, the numbered or current.

    Raises `UnknownStatement`, `UnknownVersion`, `UnknownText` and `DamagedArchive`.
    """
    if text is None:
        return archive.get(statement_id, number)
    if number is None:
        number = archive.version_with_text(statement_id, text)
    archived = archive.get(statement_id, number)
    if not _TEXT.fullmatch(text) or not archived.statement.text_sha256.startswith(text):
        raise UnknownText(statement_id, text)
    return archived


def address_of(place: Citation | Place, text_sha256: str | None, *, in_full: bool = False) -> str:
    """The address that goes on marking the same words when the statement has a new version; `in_full` with the host."""
    return url_for(
        "pages.statement",
        statement_id=place.statement_id,
        start=place.start,
        end=place.end,
        text=text_sha256 and text_sha256[:DIGITS],
        _anchor="passage",
        _external=in_full,
    )


def file_stem(statement_id: str) -> str:
    """A statement's id as part of a file name that every system takes.

    >>> file_stem("../remarks/2020 (Ž).htm"), file_stem("Ж")
    ('remarks-2020-htm', 'statement')
    """
    return re.sub("[^A-Za-z0-9]+", "-", statement_id).strip("-")[:60].strip("-") or "statement"
