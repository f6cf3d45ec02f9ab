"""The pages for people: the conversation, the statements, and one statement with its passage marked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.records import Archived, Counts, DamagedArchive, UnknownStatement
from service.answer import Citation, Place, Span
from service.answering import Collection
from service.citations import Citations
from service.citing import reference
from service.saying import searched, wanted
from service.source_view import Block, blocks, passage_at
from service.web import wording
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
)
from service.web.problems import KINDS, UnknownText, UnreadablePlace, problem_of

PER_PAGE = 50
MAX_SUGGESTED = 1000
"""Names offered beside a filter, at most: each is in every page with a form."""
FRAGMENT = "pages.exchange"
"""The endpoint whose answers become part of a page that is open already."""
_DIGITS = 12
_TEXT = re.compile(f"[0-9a-f]{{{_DIGITS},64}}")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an archive holds, as the form shows it."""

    counts: Counts
    speakers: tuple[str, ...]
    issuers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A statement as its page shows it; `citation` is of the passage, when one is shown and one person said it."""

    archived: Archived
    place: Span | None
    words: str | None
    citation: Citation | None
    blocks: tuple[Block, ...]

    @property
    def is_current(self) -> bool:
        """Whether no later version is held."""
        return self.archived.version == self.archived.versions


def pages(collection: Collection) -> Blueprint:
    """Every page, the same with JavaScript and without."""
    blueprint = Blueprint("pages", __name__)
    for name in ("day", "exact", "parts", "speaker", "copied", "web_link", "years"):
        blueprint.add_app_template_filter(getattr(wording, name), name)
    blueprint.add_app_template_filter(address, "address")
    blueprint.add_app_template_filter(searched, "searched")
    blueprint.add_app_template_filter(wanted, "wanted")
    blueprint.add_app_template_filter(reference, "reference")
    blueprint.add_app_template_filter(_source_of, "source")
    blueprint.app_context_processor(lambda: {"wording": wording})
    views = _Pages(collection)
    blueprint.add_app_template_filter(views.source_of_copy, "source_of_copy")
    blueprint.add_url_rule("/", "chat", views.chat)
    blueprint.add_url_rule("/exchange", "exchange", views.exchange)
    blueprint.add_url_rule("/statements", "statements", views.statements)
    blueprint.add_url_rule("/statements/<id:statement_id>", "statement", views.statement)
    blueprint.add_url_rule("/problems/<name>", "problem_kind", views.problem_kind)
    return blueprint


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
        view = _source_view(self._version_meant(statement_id, request.args), place, self._collection.citations)
        names_version = "text" in request.args or "version" in request.args
        assumed = place is not None and view.archived.versions > 1 and not names_version
        return render_template("statement.html", view=view, assumed=assumed)

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
            return _passage_address(copy, None)
        return _passage_address(copy, text_sha256[:_DIGITS])

    def _version_meant(self, statement_id: str, query: MultiDict[str, str]) -> Archived:
        """The version with the text that the address names by its SHA-256; without one, the numbered or current."""
        archive, number, text = self._collection.archive, _number(query, "version"), query.get("text")
        if text is None:
            return archive.get(statement_id, number)
        if number is None:
            number = archive.version_with_text(statement_id, text)
        archived = archive.get(statement_id, number)
        if not _TEXT.fullmatch(text) or not archived.statement.text_sha256.startswith(text):
            raise UnknownText(statement_id, text)
        return archived

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


def _source_view(archived: Archived, place: Span | None, citations: Citations) -> SourceView:
    statement = archived.statement
    if place is None:
        return SourceView(archived, None, None, None, tuple(blocks(statement, None)))
    words = statement.slice(place.start, place.end)
    passage = passage_at(statement, place)
    citation = citations.citation(archived, passage) if passage else None
    return SourceView(archived, place, words, citation, tuple(blocks(statement, place)))


def _source_of(citation: Citation) -> str:
    return _passage_address(citation, citation.text_sha256[:_DIGITS])


def _passage_address(place: Citation | Place, text: str | None) -> str:
    """The address that goes on marking the same words when the statement has a new version."""
    return url_for(
        "pages.statement",
        statement_id=place.statement_id,
        start=place.start,
        end=place.end,
        text=text,
        _anchor="passage",
    )


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
