"""What the server tells of itself at /metrics: counts and times, and never what was asked or by whom."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, choose_encoder, generate_latest
from prometheus_client.registry import Collector

from corpus.archive import Archive
from corpus.errors import OnRecordError
from service.answering import Collection
from service.stopwatch import OUTCOMES, STEPS, Asking
from service.web.admission import Admission
from service.web.problems import UnreadableArchive

PATH = "/metrics"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""In seconds: from an answer that is remembered to one that somebody waits for in vain."""
UNMATCHED = "none"
"""The endpoint of a request to an address at which nothing is."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_OTHER_METHOD = "other"
_COUNT_EVERY = 60.0
"""Seconds for which a count of statements is good enough while somebody adds to the archive."""


def install(app: Flask, collection: Collection, admission: Admission) -> None:
    """Count every request to `app` and every question to `collection`, and tell it all at /metrics.

    To be called before anything else that looks at requests, so that what it refuses is counted too.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    build = Info("onrecord_build", "The release that runs, and its Python.", registry=registry)
    build.info({"version": version("onrecord"), "python": platform.python_version()})
    registry.register(_State(collection, admission))
    collection.watched_by(_Askings(registry))
    requests = _Requests(registry)
    app.before_request(requests.begin)
    app.after_request(requests.end)
    app.add_url_rule(PATH, "metrics", lambda: _exposed(registry))


def _exposed(registry: CollectorRegistry) -> Response:
    """All metrics, in Prometheus's own text format or in OpenMetrics, as the request prefers."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except (TypeError, ValueError):  # a version that is none
        encode, content_type = generate_latest, CONTENT_TYPE_LATEST
    return Response(encode(registry), content_type=content_type)


class _Askings:
    """Counts what becomes of questions, and how long their steps take; made to be called by many threads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "onrecord_ask_seconds", "Time from a question to its answer.", registry=registry, buckets=BUCKETS
        )
        steps = Histogram(
            "onrecord_ask_step_seconds",
            "Time of each step of answering; the steps add up to onrecord_ask_seconds.",
            ["step"],
            registry=registry,
            buckets=BUCKETS,
        )
        answers = Counter("onrecord_answers", "Questions by what became of them.", ["outcome"], registry=registry)
        self._remembered = Counter(
            "onrecord_answers_remembered", "Answers that had been given before.", registry=registry
        )
        self._by_step = {step: steps.labels(step) for step in STEPS}
        self._by_outcome = {outcome: answers.labels(outcome) for outcome in OUTCOMES}

    def __call__(self, asking: Asking) -> None:
        self._by_outcome[asking.outcome].inc()
        if asking.outcome == "error":
            return
        self._seconds.observe(asking.seconds)
        for step, seconds in asking.steps.items():
            self._by_step[step].observe(seconds)
        if asking.remembered:
            self._remembered.inc()


class _Requests:
    """Counts requests by endpoint, which are few, and never by address, of which there is no end."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter(
            "onrecord_http_requests", "Requests by endpoint.", ["endpoint", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "onrecord_http_request_seconds",
            "Time from a request to its response, waiting for a turn included.",
            ["endpoint"],
            registry=registry,
            buckets=BUCKETS,
        )

    def begin(self) -> None:
        g.metrics_began = perf_counter()

    def end(self, response: Response) -> Response:
        endpoint = request.endpoint or UNMATCHED
        method = request.method if request.method in _METHODS else _OTHER_METHOD
        self._count.labels(endpoint, method, str(response.status_code)).inc()
        began = g.get("metrics_began")
        if began is not None:
            self._seconds.labels(endpoint).observe(perf_counter() - began)
        return response


class _State(Collector):
    """What is read when somebody looks: how many wait, and what is searched. What cannot be read is left out."""

    def __init__(self, collection: Collection, admission: Admission) -> None:
        self._collection = collection
        self._admission = admission
        self._statements = _StatementCount(collection.archive)

    def collect(self) -> Iterator[Metric]:
        waiting, working, refused = self._admission.waiting, self._admission.working, self._admission.refused
        yield GaugeMetricFamily("onrecord_questions_waiting", "Questions that wait for their turn.", waiting)
        yield GaugeMetricFamily("onrecord_questions_working", "Questions that are being answered.", working)
        yield CounterMetricFamily("onrecord_questions_refused", "Questions sent away: too many at once.", refused)
        generation = GaugeMetricFamily("onrecord_index_generation", "The generation searched last.")
        passages = GaugeMetricFamily("onrecord_index_passages", "Passages in the generation searched last.")
        statements = GaugeMetricFamily("onrecord_archive_statements", "Statements in the archive, up to a minute ago.")
        opened, held = self._collection.opened(), self._statements()
        if opened is not None:
            generation.add_metric([], opened.generation)
            passages.add_metric([], opened.passages)
        if held is not None:
            statements.add_metric([], held)
        yield from (generation, passages, statements)


class _StatementCount:
    """How many statements an archive holds, counted only when it has changed, and not more often than once a minute."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._stamp: tuple[int, ...] | None = None
        self._counted = 0.0
        self._count: int | None = None

    def __call__(self) -> int | None:
        """The count; `None` when the archive cannot be read."""
        try:
            stamp, now = self._archive.stamp, perf_counter()
            if self._count is None or (stamp != self._stamp and now - self._counted >= _COUNT_EVERY):
                self._count = self._archive.counts().statements
                self._stamp, self._counted = stamp, now
        except (OnRecordError, UnreadableArchive, OSError):
            self._count = None
        return self._count
