"""What the server writes down of each request, and what it never does; the id by which a request is found again.

Never written: what was asked or said before it, drafts, query strings, bodies, cookies, keys, the client's address and
the name of its program. `onrecord serve --log-questions` adds the question, and nothing else of these.
"""

import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote

from flask import Flask, Response, current_app, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

from service.answering import Collection
from service.stopwatch import Asking

Form = Literal["text", "json"]
HEADER = "X-Request-ID"
QUESTIONS = "LOG_QUESTIONS"
"""The setting of an application whose questions are to be written; without it they are told to no logger at all."""
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_REQUESTS = logging.getLogger("onrecord.requests")
_LONGEST_PATH = 200
"""Characters of an address that are written down; an id of a statement is seldom longer."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_FIELDS = ("method", "path", "endpoint", "status", "ms", "bytes", "question")
"""What a line says of a request, in this order. `ms` is the time until the response was ready, `bytes` its body."""
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def install(app: Flask, collection: Collection, clock: Callable[[], float] = perf_counter) -> None:
    """Give each request to `app` an id, which goes back in the response, and write a line of it when it is answered.

    To be called before anything else that looks at requests. `clock` gives seconds.
    """

    def begin() -> None:
        g.log_began = clock()

    def end(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        if _REQUESTS.isEnabledFor(logging.INFO):
            began = g.get("log_began")
            ms = None if began is None else round((clock() - began) * 1000, 1)
            _REQUESTS.info("request", extra=_told(response, ms))
        return response

    app.before_request(begin)
    app.after_request(end)
    collection.watched_by(_keep_question)


def request_id() -> str:
    """The id of the request that is being answered: its own where that is of 8 to 64 plain characters, or a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _ID.fullmatch(given) else new_id()
    return str(g.request_id)


def method() -> str:
    """The method of the request that is being answered, as it is written down: one that does not exist is `other`."""
    return request.method if request.method in _METHODS else "other"


def path() -> str:
    """The address of the request that is being answered, cut as it is written down, and without its query."""
    return _cut(request.path)


def _cut(address: str) -> str:
    return address if len(address) <= _LONGEST_PATH else f"{address[:_LONGEST_PATH]}..."


def new_id() -> str:
    """An id for a request that has none."""
    return token_hex(8)


def refused(made: str, status: int, size: int) -> None:
    """Write the line of a request that could not be read, under the id `made` for it: status and body in bytes."""
    told = {"method": "-", "path": "-", "endpoint": None, "status": status, "ms": None, "bytes": size}
    _REQUESTS.info("request", extra={**told, "request_id": made})


@contextmanager
def written(form: Form | None, stream: TextIO, *, questions: bool = False) -> Iterator[None]:
    """Write a line to `stream` for each warning and error and, where a `form` is given, for each request.

    A line of text has what was sent to us escaped, so that nothing in it can look like another line or move a
    terminal's cursor. The message of an unforeseen error can hold what was asked, and is written with `questions` only;
    for the questions themselves see `QUESTIONS`.
    """
    handler = logging.StreamHandler(stream)
    lines = _Lines(questions=questions)
    handler.setFormatter(_Json(lines) if form == "json" else _Text(lines))
    before = _REQUESTS.level
    _REQUESTS.setLevel(logging.WARNING if form is None else logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        _REQUESTS.setLevel(before)


def _keep_question(asking: Asking) -> None:
    if has_request_context() and current_app.config.get(QUESTIONS):
        g.question_asked = asking.question


def _told(response: Response, ms: float | None) -> dict[str, object]:
    size = 0 if request.method == "HEAD" else response.content_length
    asked = g.get("question_asked")
    return {
        "method": method(),
        "path": _cut(quote(request.path, errors="replace")),
        "endpoint": request.endpoint,
        "status": response.status_code,
        "ms": ms,
        "bytes": response.calculate_content_length() if size is None else size,
    } | ({} if asked is None else {"question": asked})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """What a line says, whatever its form; with `questions`, the messages of unforeseen errors too."""

    questions: bool

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id() if has_request_context() else getattr(record, "request_id", None),
        }
        known = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        return told | known | ({"traceback": list(self._traced(record.exc_info))} if record.exc_info else {})

    def _traced(self, raised: Raised) -> Iterator[str]:
        for error in _chain(raised[1]):
            for frame in traceback.format_tb(error.__traceback__):
                yield from frame.splitlines()
            name = f"{type(error).__module__}.{type(error).__qualname__}"
            # the system's own errors speak of files and sockets, and no question gets into either
            yield f"{name}: {error}" if self.questions or isinstance(error, OSError) else name


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and what it came from, the first cause first."""
    errors: list[BaseException] = []
    while error is not None and error not in errors:
        errors.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return errors[::-1]


class _Text(logging.Formatter):
    """One line for a person; an unforeseen error has its traceback below it, indented."""

    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def format(self, record: logging.LogRecord) -> str:
        told = self._lines.fields(record)
        message = told["message"]
        if "status" in told:
            ms = "-" if told["ms"] is None else told["ms"]
            size = "-" if told["bytes"] is None else told["bytes"]
            message = f"{told['method']} {told['path']} {told['endpoint'] or '-'} {told['status']} {ms} ms {size} bytes"
        line = _escaped(f"{told['time']} {told['level']} {told['request_id'] or '-'} {message}")
        if "question" in told:
            line = f"{line} question={json.dumps(told['question'])}"
        return "\n".join([line, *(f"    {_escaped(traced)}" for traced in told.get("traceback", ()))])


class _Json(JsonFormatter):
    """One JSON object in ASCII a line."""

    def __init__(self, lines: _Lines) -> None:
        super().__init__()
        self._lines = lines

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        del message_dict
        log_data.update(self._lines.fields(record))


def _escaped(text: str) -> str:
    r"""The text in one line, with all that a terminal would obey or not show written out.

    >>> print(_escaped("a\r\nb \x1b[31m \u202e c\\d é"))
    a\r\nb \x1b[31m \u202e c\\d é
    """
    return "".join(
        one if one.isprintable() and one != "\\" else one.encode("unicode_escape").decode("ascii") for one in text
    )
