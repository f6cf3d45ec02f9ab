"""A draft that somebody hands in to be checked: read, looked up, and kept nowhere."""

import io
import zipfile
from contextlib import suppress
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from corpus.errors import OnRecordError
from corpus.readers.confined import read_manuscript
from service.answering import Collection
from service.findings import Check
from service.quote_check import QuoteCheck

MAX_DRAFT = 200_000
"""Characters that are looked at, at most."""
MAX_FILE = 1024 * 1024
"""Bytes of a file, at most."""
MAX_FORM = 4 * MAX_FILE
"""Bytes of a form that are read, at most: of a draft above the limit, enough to say so and hand it back."""
MAX_SECONDS = 5.0
"""Seconds of computing in which a draft is read, at most; twice as many by the clock."""
MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes of a Word document once it is unpacked, at most."""
PASTED = "Pasted draft"
_AS_TEXT = "draft.txt"


class NotOneDraft(OnRecordError):
    """No draft was handed in, or two."""


class DraftTooLarge(OnRecordError):
    """A draft of which it would take too long to check every quotation."""


def checked(collection: Collection, original: bytes, name: str, shown_as: str | None = None) -> Check:
    """What becomes of the quotations in a draft, which is read as the end of its name says.

    Raises `Unreadable`, `DraftTooLarge` and what `QuoteCheck.check` raises.
    """
    if _unpacked_size(original) > MAX_UNPACKED:
        raise DraftTooLarge("This document unpacks to more than 32 MiB.", "Paste the text of it.")
    manuscript = read_manuscript(original, name, MAX_SECONDS)
    if len(manuscript.text) > MAX_DRAFT:
        raise DraftTooLarge(
            f"This draft has {len(manuscript.text):,} characters, and {MAX_DRAFT:,} is the most.",
            "Hand it in part by part.",
        )
    return QuoteCheck(collection).check(manuscript.text, shown_as or name, manuscript.blocks, manuscript.links)


def handed_in(collection: Collection, text: str, file: FileStorage | None) -> Check:
    """The check of the draft in a form: its text or its file. Raises `NotOneDraft` and what `checked` raises."""
    name = file.filename if file else None
    if bool(text.strip()) == bool(name):
        raise NotOneDraft(
            "Both a text and a file were given." if name else "There is no draft to check.",
            "Paste a text or choose a file, one of the two.",
        )
    if file is None or not name:
        return checked(collection, text.encode("utf-8", "replace"), _AS_TEXT, PASTED)
    original = file.read(MAX_FILE + 1)
    if len(original) > MAX_FILE:
        raise DraftTooLarge("This file has more than 1 MiB.", "Paste the text of it, or hand it in part by part.")
    return checked(collection, original, PurePath(name.replace("\\", "/")).name)


def _unpacked_size(original: bytes) -> int:
    """What a zip archive, which a Word document is, says that it holds, in bytes: a reader gets no more out of it."""
    if original.startswith(b"PK"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(original)) as held:
            return sum(member.file_size for member in held.infolist())
    return 0
