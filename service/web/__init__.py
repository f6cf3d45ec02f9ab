"""The web application: what stands at which address, and the headers that every response carries."""

import logging
from collections.abc import Callable
from types import TracebackType

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue, RouteCallable
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter

from corpus.errors import OnRecordError
from service.answering import Collection
from service.web import api, logs, metrics, pages
from service.web.access import CHECKING, READING, Access, Gate, NotLetIn, TooOften
from service.web.admission import Admission, Stopping
from service.web.problems import Problem, UnreadableArchive, http_problem_of, kind_of, problem_of

MAX_BODY = 1024 * 1024
MAX_FORM_PARTS = 10
STOPPING = "STOPPING"
"""What is true in the application's configuration from the moment at which its server is told to stop."""
DEFAULT_THREADS = 4
_FORM = "pages.chat"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""What every response carries, whoever makes it."""
_STRICT_TRANSPORT = "max-age=31536000"
_WAYS_IN = ('Bearer realm="OnRecord"', 'Basic realm="OnRecord", charset="UTF-8"')


class _StatementId(PathConverter):
    """An id in an address as it is, with any slashes it has, leading and double ones too."""

    regex = ".+"
    part_isolating = False


class _Application(Flask):
    """Flask, but for how it logs: an address from outside cannot begin a line of its own in the log."""

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        self.logger.error("Unforeseen error at %s [%s]", ascii(logs.path()), ascii(logs.method()), exc_info=exc_info)


def create_app(collection: Collection, threads: int = DEFAULT_THREADS, access: Access | None = None) -> Flask:
    """The application that answers from `collection`, `threads` questions at a time: see `Admission`.

    Without an `access` it answers the people of its own machine.
    """
    app = _Application(__name__)
    app.debug = False  # whatever the environment says: a trace is for the log
    app.config.update({"MAX_CONTENT_LENGTH": MAX_BODY, "MAX_FORM_PARTS": MAX_FORM_PARTS, STOPPING: False})
    app.url_map.converters["id"] = _StatementId
    admission = Admission(threads)
    logs.install(app, collection)
    metrics.install(app, collection, admission)
    gate = Gate(access or Access())
    collection.watched_by(gate.count)
    app.before_request(gate.check)
    app.before_request(_not_when_stopping)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(api.api(collection))
    app.register_blueprint(pages.pages(collection))
    app.register_error_handler(OnRecordError, _on_known_error)
    app.register_error_handler(UnreadableArchive, _on_known_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.after_request(_with_headers)
    for endpoint in READING | CHECKING:  # the rest gets through however many ask
        app.view_functions[endpoint] = _admitted(app.ensure_sync(app.view_functions[endpoint]), admission)
    return app


def _admitted(view: Callable[..., ResponseReturnValue], admission: Admission) -> RouteCallable:
    """The view, called in its turn; a form on which nothing is asked yet waits for none, and HEAD asks nothing."""

    def admitted(**given: str) -> ResponseReturnValue:
        if request.endpoint == _FORM and "q" not in request.args:
            return view(**given)
        if request.method == "HEAD" and request.endpoint != pages.STATEMENT:
            return Response(content_type="application/json" if request.path.startswith(api.PATHS) else None)
        with admission.turn():
            return view(**given)

    return admitted


def _not_when_stopping() -> None:
    if current_app.config[STOPPING] and request.endpoint == "api.is_ready":
        raise Stopping


def _on_known_error(error: OnRecordError | UnreadableArchive) -> ResponseReturnValue:
    problem, retry_after = problem_of(error), kind_of(error).retry_after
    if isinstance(error, TooOften):
        retry_after = error.retry_after
    if problem.status >= 500 and retry_after is None:
        logging.getLogger(__name__).error("%s: %s", type(error).__name__, error)
    response = _told(problem, unread=isinstance(error, NotLetIn))
    if problem.status == 401:
        for way in _WAYS_IN:
            response.headers.add("WWW-Authenticate", way)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    response = _told(http_problem_of(error))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _told(problem: Problem, *, unread: bool = False) -> Response:
    """The problem for a program or a person; `unread` when nothing of the request may be read for it."""
    problem = problem.model_copy(update={"request_id": logs.request_id()})
    if request.path.startswith(api.PATHS):
        return api.problem_response(problem)
    if request.endpoint == pages.CHECK and not unread:
        return Response(pages.draft_refused(problem), status=problem.status)
    template = "_failure.html" if request.endpoint == pages.FRAGMENT else "problem.html"
    return Response(render_template(template, problem=problem), status=problem.status)


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
    # what was made of a draft, a refusal included, may be kept by nobody on the way
    response.headers.setdefault("Cache-Control", "no-store" if request.endpoint in CHECKING else "no-cache")
    return response
