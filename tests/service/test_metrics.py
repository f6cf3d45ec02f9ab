"""What the server tells at /metrics is what happened, cheap to tell, and says nothing of what was asked."""

import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import sleep

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from embeddings.encoder import Vectors
from service.answering import EmptyQuestion
from service.generations import NoIndex
from service.stopwatch import OUTCOMES, STEPS, Asking
from service.web import create_app, metrics
from service.web.admission import Admission, Busy
from tests.builders import a_statement
from tests.fakes import BagOfWordsEncoder
from tests.service.small_collection import SmallCollection
from tests.service.web_fixtures import WordsCollection, delete, overwrite, small_archive, tear

ZINC = "/api/v1/ask?question=Is+zinc+dear"
NOTHING = "/api/v1/ask?question=Who+sang+in+Orm&threshold=1"
Labels = dict[str, str]


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    return SmallCollection(tmp_path / "data").put(a_statement("Zinc is dear."))


@pytest.fixture
def client(small: SmallCollection) -> FlaskClient:
    return create_app(small.opened()).test_client()


def samples(client: FlaskClient) -> list[tuple[str, Labels, float]]:
    """All that is told of OnRecord itself, but for when each count began."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
        if sample.name.startswith("onrecord_") and not sample.name.endswith("_created")
    ]


def told(client: FlaskClient, name: str, **labels: str) -> float | None:
    """The value of one sample; `None` when it is not told."""
    values = [value for found, its, value in samples(client) if (found, its) == (name, labels)]
    assert len(values) <= 1
    return values[0] if values else None


def outcomes(client: FlaskClient) -> list[float | None]:
    """How many were answered, abstained from and failed."""
    return [told(client, "onrecord_answers_total", outcome=outcome) for outcome in OUTCOMES]


def test_the_metrics_have_these_names_and_labels_and_no_others(client: FlaskClient) -> None:
    client.get(ZINC)
    assert {(name, *sorted(labels)) for name, labels, _ in samples(client)} == {
        ("onrecord_build_info", "python", "version"),
        ("onrecord_questions_waiting",),
        ("onrecord_questions_working",),
        ("onrecord_questions_refused_total",),
        ("onrecord_index_generation",),
        ("onrecord_index_passages",),
        ("onrecord_archive_statements",),
        ("onrecord_ask_seconds_bucket", "le"),
        ("onrecord_ask_seconds_count",),
        ("onrecord_ask_seconds_sum",),
        ("onrecord_ask_step_seconds_bucket", "le", "step"),
        ("onrecord_ask_step_seconds_count", "step"),
        ("onrecord_ask_step_seconds_sum", "step"),
        ("onrecord_answers_total", "outcome"),
        ("onrecord_answers_remembered_total",),
        ("onrecord_http_requests_total", "endpoint", "method", "status"),
        ("onrecord_http_request_seconds_bucket", "endpoint", "le"),
        ("onrecord_http_request_seconds_count", "endpoint"),
        ("onrecord_http_request_seconds_sum", "endpoint"),
    }


def test_the_process_tells_its_memory(client: FlaskClient) -> None:
    found = re.search(r"^process_resident_memory_bytes (\S+)$", client.get("/metrics").text, re.MULTILINE)
    assert found
    assert float(found[1]) > 10_000_000


def test_answers_are_counted_by_what_became_of_them(client: FlaskClient) -> None:
    assert outcomes(client) == [0, 0, 0]
    for path in (ZINC, ZINC, ZINC, NOTHING, NOTHING):
        assert client.get(path).status_code == 200
    assert outcomes(client) == [3, 2, 0]
    assert told(client, "onrecord_answers_remembered_total") == 3
    assert told(client, "onrecord_ask_seconds_count") == 5


def test_every_way_in_is_counted(client: FlaskClient) -> None:
    client.post("/api/v1/ask", json={"question": "Is zinc dear"})
    client.get("/?q=Is+zinc+dear")
    client.get("/exchange?q=Is+zinc+dear")
    client.get("/api/v1/receipt?question=Is+zinc+dear")
    assert outcomes(client) == [4, 0, 0]


def test_what_keeps_a_question_from_its_answer_is_an_error_and_has_no_time(small: SmallCollection) -> None:
    shutil.rmtree(small.index)
    client = create_app(small.opened()).test_client()
    assert client.get(ZINC).status_code == 503
    assert outcomes(client) == [0, 0, 1]
    assert told(client, "onrecord_ask_seconds_count") == 0


def test_a_question_that_cannot_be_read_is_none(client: FlaskClient) -> None:
    client.get("/api/v1/ask?question=a&k=0")
    client.get("/api/v1/ask?question=")
    assert outcomes(client) == [0, 0, 0]


def test_the_steps_of_an_answer_add_up_to_the_time_that_it_says_it_took(client: FlaskClient) -> None:
    took_ms = client.get(ZINC).json["took_ms"]  # type: ignore[index]
    steps = {step: told(client, "onrecord_ask_step_seconds_sum", step=step) or 0.0 for step in STEPS}
    assert all(seconds > 0 for seconds in steps.values())
    assert told(client, "onrecord_ask_seconds_sum") == pytest.approx(sum(steps.values()), abs=1e-9)
    assert round(sum(steps.values()) * 1000, 1) == took_ms


def test_an_answer_that_is_remembered_took_no_step_of_searching(client: FlaskClient) -> None:
    client.get(ZINC)
    client.get(ZINC)
    counts = {step: told(client, "onrecord_ask_step_seconds_count", step=step) for step in STEPS}
    assert counts == {**dict.fromkeys(STEPS, 1), "understand": 2, "open": 2}


class SlowEncoder(BagOfWordsEncoder):
    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        sleep(0.2)
        return super().encode_questions(texts)


def test_a_slow_step_is_told_from_the_others(tmp_path: Path) -> None:
    asked: list[Asking] = []
    collection = SmallCollection(tmp_path, SlowEncoder()).put(a_statement("Zinc is dear.")).opened()
    collection.watched_by(asked.append)
    collection.ask("Is zinc dear")
    (asking,) = asked
    assert (asking.question, asking.outcome, asking.remembered) == ("Is zinc dear", "answered", False)
    assert asking.steps["encode"] >= 0.2
    assert max(asking.steps, key=lambda step: asking.steps[step]) == "encode"
    assert tuple(sorted(asking.steps)) == tuple(sorted(STEPS))


def test_every_watcher_is_told_of_questions_that_fail(small: SmallCollection) -> None:
    shutil.rmtree(small.index)
    collection, first, second = small.opened(), list[Asking](), list[Asking]()
    collection.watched_by(first.append)
    collection.watched_by(second.append)
    with pytest.raises(NoIndex):
        collection.ask("Is zinc dear")
    with pytest.raises(EmptyQuestion):
        collection.ask(" ")
    assert [(asking.outcome, asking.remembered) for asking in first] == [("error", False)]
    assert first == second


@pytest.mark.parametrize("accept", ["text/plain;version=x", "application/openmetrics-text;version=", "*/*", "x;;,="])
def test_whatever_form_is_wanted_there_is_one(client: FlaskClient, accept: str) -> None:
    response = client.get("/metrics", headers={"Accept": accept})
    assert response.status_code == 200
    assert "onrecord_build_info" in response.text


def test_requests_are_counted_by_endpoint_method_and_status(client: FlaskClient) -> None:
    for path in (ZINC, NOTHING, "/api/v1/ask?question=a&k=0", "/statements/none", "/statements/nobody", "/none", "/no"):
        client.get(path)
    client.open("/healthz", method="BREW")
    counts = {
        tuple(labels.values()): n for name, labels, n in samples(client) if name == "onrecord_http_requests_total"
    }
    assert counts == {
        ("api.ask", "GET", "200"): 2,
        ("api.ask", "GET", "422"): 1,
        ("pages.statement", "GET", "404"): 2,
        ("none", "GET", "404"): 2,
        ("none", "other", "405"): 1,
    }
    assert told(client, "onrecord_http_request_seconds_count", endpoint="api.ask") == 3
    assert told(client, "onrecord_http_request_seconds_count", endpoint="metrics") == 2


def test_nothing_that_somebody_sent_is_told(client: FlaskClient) -> None:
    client.get("/api/v1/ask?question=zinc-secret", headers={"User-Agent": "secret", "X-Request-ID": "secret-secret"})
    client.get("/secret?secret=secret")
    client.open("/secret", method="SECRET")
    told_of = client.get("/metrics").text
    assert "secret" not in told_of.lower()
    assert "127.0.0.1" not in told_of


def test_the_queue_tells_who_works_who_waits_and_who_was_sent_away(small: SmallCollection) -> None:
    admission, app = Admission(1), Flask(__name__)
    metrics.install(app, small.opened(), admission)
    client = app.test_client()
    names = ("onrecord_questions_working", "onrecord_questions_waiting", "onrecord_questions_refused_total")

    def ask() -> None:
        with suppress(Busy), admission.turn():
            pass

    with ThreadPoolExecutor(8) as askers:
        with admission.turn():
            for _ in range(8):
                askers.submit(ask)
            while admission.waiting < 8:
                sleep(0.001)
            with pytest.raises(Busy), admission.turn():
                pass
            assert [told(client, name) for name in names] == [1, 8, 1]
        askers.shutdown()
    assert [told(client, name) for name in names] == [0, 0, 1]


def test_who_was_sent_away_after_a_wait_counts_too() -> None:
    admission = Admission(1, patience=0)
    with admission.turn(), pytest.raises(Busy), admission.turn():
        pass
    assert (admission.refused, admission.working, admission.waiting) == (1, 0, 0)


def test_the_generation_is_that_searched_last_and_looking_opens_none(small: SmallCollection) -> None:
    client = create_app(small.opened()).test_client()
    names = ("onrecord_index_generation", "onrecord_index_passages")
    assert [told(client, name) for name in names] == [None, None]
    client.get(ZINC)
    assert [told(client, name) for name in names] == [1, 1]
    small.put(a_statement("The ferry is late.", id="ferry"))
    assert [told(client, name) for name in names] == [1, 1]
    client.get(ZINC)
    assert [told(client, name) for name in names] == [2, 2]


def test_statements_are_counted_when_the_archive_changed_and_once_a_minute_at_most(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, counted, counts = [100.0], list[float](), small.archive.counts

    def counting() -> object:
        counted.append(now[0])
        return counts()

    monkeypatch.setattr(metrics, "perf_counter", lambda: now[0])
    monkeypatch.setattr(small.archive, "counts", counting)
    client = create_app(small.opened()).test_client()

    def seen(after: float) -> float | None:
        now[0] += after
        return told(client, "onrecord_archive_statements")

    assert [seen(0), seen(300)] == [1, 1]
    small.archive_only(a_statement("The ferry is late.", id="ferry"))
    assert seen(0) == 2
    small.archive_only(a_statement("The mine is shut.", id="mine"))
    assert [seen(59), seen(1), seen(300)] == [2, 3, 3]
    assert counted == [100, 400, 460]


@pytest.mark.parametrize("harm", [delete, overwrite, tear])
def test_a_damaged_archive_leaves_its_count_out_and_the_rest_is_told(tmp_path: Path, harm: object) -> None:
    archive = small_archive(tmp_path)
    client = create_app(WordsCollection(archive)).test_client()
    assert callable(harm)
    harm(archive)
    assert told(client, "onrecord_archive_statements") is None
    assert told(client, "onrecord_questions_waiting") == 0


def test_a_damaged_index_leaves_the_generation_out(small: SmallCollection) -> None:
    (small.index / "1" / "manifest.json").write_bytes(b"{")
    client = create_app(small.opened()).test_client()
    assert client.get("/readyz").status_code == 503
    assert told(client, "onrecord_index_generation") is None
    assert told(client, "onrecord_archive_statements") == 1


@pytest.mark.parametrize(
    ("accept", "content_type", "end"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8", ""),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8", "# EOF\n"),
    ],
)
def test_the_format_is_the_one_that_is_preferred(client: FlaskClient, accept: str, content_type: str, end: str) -> None:
    response = client.get("/metrics", headers={"Accept": accept})
    assert response.content_type == content_type
    assert response.text.endswith(end)


def test_an_error_there_is_told_to_a_program(client: FlaskClient) -> None:
    response = client.post("/metrics")
    assert (response.status_code, response.content_type) == (405, "application/problem+json")


def test_each_application_counts_for_itself(small: SmallCollection) -> None:
    one, other = create_app(small.opened()).test_client(), create_app(small.opened()).test_client()
    one.get(ZINC)
    assert (outcomes(one), outcomes(other)) == ([1, 0, 0], [0, 0, 0])
