"""The pages for people: the conversation, the check of a draft, the statements, and one with its passage marked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.readers import ENDINGS
from corpus.records import Archived, Counts, DamagedArchive, DamagedOriginal, UnknownStatement
from service import check_report, saying, wording
from service.answer import Citation, Place, Span
from service.answering import Collection
from service.receipts import written
from service.source_view import Block, blocks, passage_at
from service.web.conversation import (
    MAX_EXCHANGES,
    MAX_FILTER,
    MAX_QUESTION,
    NAMES,
    Asked,
    address,
    hold,
    in_address,
    put,
    receipt_of,
)
from service.web.drafts import MAX_FORM, handed_in
from service.web.places import address_of, file_stem, version_meant
from service.web.problems import (
    BY_STATUS,
    KINDS,
    Problem,
    UnknownOriginal,
    UnreadablePlace,
    problem_of,
)
from service.web.references import forms

PER_PAGE = 50
MAX_SUGGESTED = 1000
"""Names offered beside a filter, at most: each is in every page with a form."""
FRAGMENT = "pages.exchange"
"""The endpoint whose answers become part of a page that is open already."""
CHECK = "pages.check"
"""The endpoint at which a draft is handed in: what it cannot check is said beside the form."""
STATEMENT = "pages.statement"
"""The endpoint that shows a statement from its first character to its last, which may be many."""
_SHOWN_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an archive holds, as the form shows it."""

    counts: Counts
    speakers: tuple[str, ...]
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes that a statement was read from, as its page tells of them."""

    media_type: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A statement as its page shows it; `citation` is of the passage, when one is shown and one person said it."""

    archived: Archived
    place: Span | None
    words: str | None
    citation: Citation | None
    blocks: tuple[Block, ...]
    original: Original | None
    """`None` when the archive holds them no longer as they were received."""
    received: tuple[tuple[int, str | None], ...]
    """The versions, the latest first, and when each was received; `None` for one that is damaged."""

    @property
    def is_current(self) -> bool:
        """Whether no later version is held."""
        return self.archived.version == self.archived.versions


def pages(collection: Collection) -> Blueprint:
    """Every page, the same with JavaScript and without."""
    blueprint = Blueprint("pages", __name__, template_folder="../templates")
    views = _Pages(collection)
    filters = {
        **check_report.FILTERS,
        **{name: getattr(wording, name) for name in ("parts", "copied", "years")},
        "address": address,
        "searched": saying.searched,
        "wanted": saying.wanted,
        "source": _source_of,
        "source_in_full": _source_in_full,
        "source_of_copy": views.source_of_copy,
        "forms": forms,
        "bytes": _bytes,
    }
    for name, one in filters.items():
        blueprint.add_app_template_filter(one, name)
    blueprint.app_context_processor(lambda: {"wording": wording, **check_report.GLOBALS})
    blueprint.add_url_rule("/", "chat", views.chat)
    blueprint.add_url_rule("/exchange", "exchange", views.exchange)
    blueprint.add_url_rule("/receipt", "receipt", views.receipt)
    blueprint.add_url_rule("/statements", "statements", views.statements)
    blueprint.add_url_rule("/statements/<id:statement_id>", "statement", views.statement)
    blueprint.add_url_rule("/originals/<sha256>", "original", views.original)
    blueprint.add_url_rule("/verify", "draft", views.draft)
    blueprint.add_url_rule("/verify", "check", views.check, methods=["POST"])
    blueprint.add_url_rule("/problems/<name>", "problem_kind", views.problem_kind)
    return blueprint


def draft_refused(problem: Problem) -> str:
    """The page of the check with what is wrong, and the draft still in its box where it could be read."""
    too_long_to_read = problem.type == BY_STATUS[413].type
    return render_template("verify.html", problem=problem, text="" if too_long_to_read else _form_of_draft()["text"])


def _form_of_draft() -> Mapping[str, str]:
    """The fields of the form: of a draft that is too large as well, so that it can be handed back."""
    request.max_content_length = MAX_FORM
    request.max_form_memory_size = MAX_FORM
    return {"text": request.form.get("text", "")}


class _Pages:
    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def chat(self) -> ResponseReturnValue:
        """The conversation that the address holds, with the form for the next question."""
        asked = in_address(request.args)
        held = hold(self._collection, asked)
        answered = asked[: len(held.exchanges)]
        failure = held.failure if asked else self._not_ready()
        page = render_template(
            "chat.html",
            asked=answered,
            exchanges=held.exchanges,
            problem=failure and problem_of(failure),
            **self._form(answered, asked[len(answered)] if held.failure else None),
        )
        return Response(page, status=problem_of(held.failure).status if held.failure else 200)

    def exchange(self) -> ResponseReturnValue:
        """The last exchange of the conversation and the form that follows it: what a page with JavaScript adds."""
        asked = in_address(request.args)
        if not asked:
            abort(404)
        exchange = put(self._collection, asked)
        return render_template("_added.html", asked=asked, exchange=exchange, **self._form(asked))

    def receipt(self) -> ResponseReturnValue:
        """The search receipt of the conversation's last question, to be kept as a file."""
        asked = in_address(request.args)
        if not asked:
            abort(404)
        response = Response(written(receipt_of(self._collection, asked)), content_type="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="receipt.json"'
        return response

    def statements(self) -> ResponseReturnValue:
        """The statements held, in the order of their ids."""
        after = request.args.get("after", "")
        found = self._collection.archive.summaries(limit=PER_PAGE + 1, after=after)
        return render_template(
            "statements.html",
            statements=found[:PER_PAGE],
            after=after,
            next=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
            counts=self._holdings().counts,
        )

    def statement(self, statement_id: str) -> ResponseReturnValue:
        """A statement from its first character to its last, with the passage marked that the address names."""
        place = _place(request.args)
        number, text = _number(request.args, "version"), request.args.get("text")
        view = self._source_view(version_meant(self._collection.archive, statement_id, number, text), place)
        names_version = "text" in request.args or "version" in request.args
        assumed = place is not None and view.archived.versions > 1 and not names_version
        return render_template("statement.html", view=view, assumed=assumed)

    def draft(self) -> ResponseReturnValue:
        """The form in which a draft is handed in."""
        return render_template("verify.html", text="", holdings=self._holdings(), problem=self._problem())

    def check(self) -> ResponseReturnValue:
        """What became of the quotations in the draft that the form holds; nothing of it is kept."""
        text = _form_of_draft()["text"]
        found = handed_in(self._collection, text, request.files.get("file"))
        return render_template("verify.html", text=text, check=found)

    def original(self, sha256: str) -> ResponseReturnValue:
        """The bytes as they were received, to be kept as a file: no browser shows or runs them."""
        held = self._collection.archive.original(sha256)
        if held is None:
            raise UnknownOriginal(sha256)
        received, media_type = held
        stem = file_stem(next(iter(self._collection.archive.statements_from(sha256)), sha256[:16]))
        return Response(
            received,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{stem}{ENDINGS.get(media_type, ".bin")}"',
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    def problem_kind(self, name: str) -> ResponseReturnValue:
        """What a kind of problem is: the page at the `type` of every problem."""
        if name not in KINDS:
            abort(404)
        return render_template("problem_kind.html", kind=KINDS[name])

    def source_of_copy(self, copy: Place) -> str:
        """The address of words that stand elsewhere too; one that cannot be read now is left without its text."""
        try:
            text_sha256 = self._collection.archive.get(copy.statement_id).statement.text_sha256
        except (UnknownStatement, DamagedArchive):
            return address_of(copy, None)
        return address_of(copy, text_sha256)

    def _source_view(self, archived: Archived, place: Span | None) -> SourceView:
        statement = archived.statement
        passage = passage_at(statement, place) if place else None
        return SourceView(
            archived=archived,
            place=place,
            words=statement.slice(place.start, place.end) if place else None,
            citation=self._collection.citations.citation(archived, passage) if passage else None,
            blocks=tuple(blocks(statement, place)),
            original=self._original_of(archived),
            received=tuple(self._received(archived)),
        )

    def _original_of(self, archived: Archived) -> Original | None:
        try:
            held = self._collection.archive.original(archived.original_sha256)
        except DamagedOriginal:
            return None
        return Original(held[1], len(held[0])) if held else None

    def _received(self, shown: Archived) -> Iterator[tuple[int, str | None]]:
        for number in range(shown.versions, max(0, shown.versions - _SHOWN_VERSIONS), -1):
            try:
                version = shown if number == shown.version else self._collection.archive.get(shown.statement.id, number)
            except (UnknownStatement, DamagedArchive):
                yield number, None
            else:
                yield number, version.ingested_at

    def _problem(self) -> Problem | None:
        failure = self._not_ready()
        return problem_of(failure) if failure else None

    def _not_ready(self) -> OnRecordError | None:
        try:
            self._collection.generation()
        except OnRecordError as error:
            return error
        return None

    def _holdings(self) -> Holdings:
        return _holdings_at(self._collection.archive, self._collection.archive.position)

    def _form(self, asked: Sequence[Asked], unanswered: Asked | None = None) -> Mapping[str, object]:
        """The next question's form: filters stay as they were; the oldest question leaves when there are too many."""
        last = replace(unanswered or (replace(asked[-1], q="") if asked else Asked()), ignore="")
        return {
            "holdings": self._holdings(),
            "earlier": asked[-(MAX_EXCHANGES - 1) :],
            "next": last,
            "address_now": address(asked),
            "next_anchor": f"question-{min(len(asked) + 1, MAX_EXCHANGES)}",
            "names": NAMES,
            "full": len(asked) >= MAX_EXCHANGES,
            "max_question": MAX_QUESTION,
            "max_filter": MAX_FILTER,
        }


@lru_cache(maxsize=1)
def _holdings_at(archive: Archive, _position: int) -> Holdings:
    return Holdings(
        archive.counts(), tuple(archive.speakers()[:MAX_SUGGESTED]), tuple(archive.issuers()[:MAX_SUGGESTED])
    )


def _source_of(citation: Citation) -> str:
    return address_of(citation, citation.text_sha256)


def _source_in_full(citation: Citation) -> str:
    return address_of(citation, citation.text_sha256, in_full=True)


def _bytes(count: int) -> str:
    """A file's size as people read it: kB are 1,000 bytes.

    >>> _bytes(512), _bytes(20_480), _bytes(3_400_000)
    ('512 bytes', '20 kB', '3.4 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def _place(query: MultiDict[str, str]) -> Span | None:
    start, end = _number(query, "start"), _number(query, "end")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise UnreadablePlace
    return Span(start, end)


def _number(query: MultiDict[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", value):
        raise UnreadablePlace
    return int(value)
