"""A line of a request says which, and never what was asked; nothing that is sent to us can forge one."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from service import cli
from service.answering import Collection
from service.web import create_app, logs
from service.web import serve as serving
from service.web.logs import Form
from tests.builders import a_statement
from tests.fakes import use_bag_of_words
from tests.service.small_collection import SmallCollection

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, UTC)
ID = "trace-0001"
ASKED = {"X-Request-ID": ID}
BOTH: tuple[Form, ...] = ("text", "json")


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return SmallCollection(tmp_path / "data").put(a_statement("Zinc is dear.")).opened()


@pytest.fixture
def client(collection: Collection) -> FlaskClient:
    return create_app(collection).test_client()


def told_questions(client: FlaskClient) -> FlaskClient:
    client.application.config[logs.QUESTIONS] = True
    return client


@contextmanager
def written(form: Form | None, *, questions: bool = False) -> Iterator[StringIO]:
    """What is logged, all of it at noon."""
    stream = StringIO()

    def at_noon(record: logging.LogRecord) -> bool:
        record.created = NOON.timestamp()
        return True

    with logs.written(form, stream, questions=questions):
        logging.getLogger().handlers[-1].addFilter(at_noon)
        yield stream


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ticking(collection: Collection) -> FlaskClient:
    """An application of one page, whose every request takes an eighth of a second."""
    app, times = Flask(__name__), iter(range(100))
    logs.install(app, collection, lambda: next(times) / 8)
    app.add_url_rule("/ask/<name>", "ask", lambda name: str(collection.ask(name).abstained))
    return app.test_client()


def test_a_line_of_text_says_time_id_request_status_duration_and_size(collection: Collection) -> None:
    with written("text") as stream:
        ticking(collection).get("/ask/zinc?q=1", headers=ASKED)
        ticking(collection).head("/none", headers=ASKED)
    assert stream.getvalue() == (
        f"2026-11-22T12:00:00.250+00:00 INFO {ID} GET /ask/zinc ask 200 125.0 ms 5 bytes\n"
        f"2026-11-22T12:00:00.250+00:00 INFO {ID} HEAD /none - 404 125.0 ms 0 bytes\n"
    )


def test_a_line_of_json_says_the_same(collection: Collection) -> None:
    with written("json") as stream:
        ticking(collection).get("/ask/zinc?q=1", headers=ASKED)
    assert stream.getvalue() == (
        '{"time": "2026-11-22T12:00:00.250+00:00", "level": "INFO", "logger": "onrecord.requests", '
        f'"message": "request", "request_id": "{ID}", "method": "GET", "path": "/ask/zinc", "endpoint": "ask", '
        '"status": 200, "ms": 125.0, "bytes": 5}\n'
    )


def test_a_question_that_is_wanted_is_added_and_nothing_else(collection: Collection) -> None:
    with written("json", questions=True) as plain:
        told_questions(ticking(collection)).get('/ask/zi"nc?q=1', headers=ASKED)
    assert lines(plain)[0].pop("question") == 'zi"nc'
    with written("text", questions=True) as text:
        told_questions(ticking(collection)).get('/ask/zi"\x1bé?q=1', headers=ASKED)
    assert text.getvalue().endswith(' 200 125.0 ms 4 bytes question="zi\\"\\u001b\\u00e9"\n')


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize("questions", [False, True])
def test_nothing_private_is_written(client: FlaskClient, form: Form, *, questions: bool) -> None:
    private = {"Authorization": "Bearer secret", "Cookie": "a=secret", "User-Agent": "secret", "Referer": "/?q=secret"}
    environ = {"REMOTE_ADDR": "192.0.2.77"}
    said = [{"speaker": "agent", "text": "secret"}]
    if questions:
        told_questions(client)
    with written(form, questions=questions) as stream:
        client.get("/api/v1/ask?question=zinc&speaker=secret", headers=private, environ_base=environ)
        client.post("/api/v1/ask", json={"question": "zinc", "history": said}, headers=private, environ_base=environ)
        client.post("/api/v1/verify", json={"text": "He said “secret secret secret”."}, headers=private)
        client.post("/verify", data={"text": "secret"}, headers=private)
        client.get("/api/v1/ask?question=zinc&nobody=secret", headers=private)
    assert len(stream.getvalue().splitlines()) == 5
    assert "secret" not in stream.getvalue()
    assert "192.0.2.77" not in stream.getvalue()
    assert stream.getvalue().count("zinc") == (2 if questions else 0)


@pytest.mark.parametrize("path", ["/?q=zinc", "/exchange?q=Is+copper+cheap&q=zinc", "/api/v1/receipt?question=zinc"])
def test_the_last_question_is_the_one_that_is_written(client: FlaskClient, path: str) -> None:
    with written("json") as stream:
        told_questions(client).get(path)
    assert [line["question"] for line in lines(stream)] == ["zinc"]


@pytest.mark.parametrize("form", BOTH)
def test_nothing_that_is_sent_can_look_like_another_line(client: FlaskClient, form: Form) -> None:
    forged = "a\r\n2026-11-22 INFO forged \x1b[2J\u2028\u202e\x00"
    told_questions(client)
    with written(form, questions=True) as stream:
        client.get("/statements/" + forged.replace("\r", "%0D").replace("\n", "%0A"))
        client.get("/healthz", environ_base={"HTTP_X_REQUEST_ID": forged, "HTTP_USER_AGENT": forged})
        client.get("/api/v1/ask", query_string={"question": forged})
        logging.getLogger("waitress").warning("Exception while serving %s", forged)
    told = stream.getvalue()
    assert len(told.splitlines()) == 4
    assert told.isascii()
    assert told.replace("\n", "").isprintable()
    assert "/statements/a%0D%0A2026-11-22%20INFO%20forged%20%1B" in told


def test_a_long_address_is_cut(client: FlaskClient) -> None:
    with written("json") as stream:
        client.get("/" + "a" * 500)
    assert lines(stream)[0]["path"] == "/" + "a" * 199 + "..."


def test_a_method_that_does_not_exist_is_not_written_out(client: FlaskClient) -> None:
    with written("json") as stream:
        client.open("/healthz", method="BREW" * 25_000)
        client.delete("/healthz")
    assert [line["method"] for line in lines(stream)] == ["other", "DELETE"]


@pytest.mark.parametrize("given", ["12345678", "a" * 64, "A-Z_09-x"])
def test_an_id_that_is_given_is_kept(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "1234567", "a" * 65, "12345678 ", "1234 5678", "12345678é", "<script>", "1234,5678"]
)
def test_an_id_that_cannot_be_used_is_replaced(client: FlaskClient, given: str) -> None:
    ids = [client.get("/healthz", environ_base={"HTTP_X_REQUEST_ID": given}).headers["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)
    assert ids[0] != ids[1]


def test_every_response_has_its_id(client: FlaskClient) -> None:
    for path in ("/", "/static/onrecord.css", "/none", "/api/none", "/metrics", "/verify", "/statements/none"):
        assert client.get(path, headers=ASKED).headers.getlist("X-Request-ID") == [ID]
    assert client.delete("/healthz", headers=ASKED).headers["X-Request-ID"] == ID


def test_a_problem_names_its_request(client: FlaskClient) -> None:
    for response in (client.get("/api/none"), client.get("/api/v1/ask?k=0"), client.post("/api/v1/ask", data="{")):
        assert response.json
        assert response.json["request_id"] == response.headers["X-Request-ID"]


def broken(collection: Collection, error: Exception) -> FlaskClient:
    """An application whose statements page fails as nobody foresaw."""

    def fail() -> str:
        try:
            raise KeyError("secret cause")
        except KeyError:
            raise error from None if isinstance(error, OSError) else KeyError("secret cause")

    app = create_app(collection)
    app.view_functions["pages.statements"] = app.view_functions["api.list_statements"] = fail
    return app.test_client()


def test_an_unforeseen_error_is_answered_with_its_id_and_without_its_trace(collection: Collection) -> None:
    client = broken(collection, ValueError("secret"))
    page, told = client.get("/statements", headers=ASKED), client.get("/api/v1/statements", headers=ASKED)
    assert (page.status_code, told.status_code) == (500, 500)
    assert f"<code>{ID}</code>" in page.text
    assert told.json == {
        "type": "/problems/internal",
        "title": "Something went wrong here",
        "status": 500,
        "detail": "An unforeseen error. The server's log says what it was; try again.",
        "request_id": ID,
    }
    assert "secret" not in page.text + told.text
    assert "Traceback" not in page.text + told.text


def test_a_page_of_what_is_not_there_shows_no_id(client: FlaskClient) -> None:
    assert ID not in client.get("/none", headers=ASKED).text


@pytest.mark.parametrize("form", [None, "text"])
def test_an_unforeseen_error_is_written_with_its_frames_and_not_its_words(
    collection: Collection, form: Form | None
) -> None:
    with written(form) as stream:
        broken(collection, ValueError("secret")).get("/statements", headers=ASKED)
    first, *trace = stream.getvalue().splitlines()
    assert first == f"2026-11-22T12:00:00.250+00:00 ERROR {ID} Unforeseen error at '/statements' ['GET']"
    assert "    builtins.ValueError" in trace
    assert trace.index("    builtins.KeyError") < trace.index("    builtins.ValueError")
    assert any(re.fullmatch(r'      File ".*test_logs.py", line \d+, in fail', line) for line in trace)
    assert [line for line in trace if "secret" in line] == [
        line for line in trace if "raise" in line and "secret" in line
    ]


def test_the_words_of_an_error_are_written_with_questions_and_of_the_systems_own_always(
    collection: Collection,
) -> None:
    with written("json", questions=True) as stream:
        broken(collection, ValueError("wanted\nwords")).get("/statements", headers=ASKED)
    assert lines(stream)[0]["traceback"][-1] == "builtins.ValueError: wanted\nwords"
    with written("json") as stream:
        broken(collection, OSError(28, "No space left on device")).get("/statements", headers=ASKED)
    assert lines(stream)[0]["request_id"] == ID
    assert lines(stream)[0]["traceback"][-1] == "builtins.OSError: [Errno 28] No space left on device"


def test_without_a_form_only_what_went_wrong_is_written(collection: Collection) -> None:
    with written(None) as stream:
        client = create_app(collection).test_client()
        client.get("/api/v1/ask?question=zinc")
        client.get("/none")
        assert stream.getvalue() == ""
        logging.getLogger("waitress").warning("Task queue depth is %d", 3)
    assert stream.getvalue() == "2026-11-22T12:00:00.250+00:00 WARNING - Task queue depth is 3\n"


def test_the_servers_own_lines_are_json_where_the_others_are() -> None:
    with written("json") as stream:
        logging.getLogger("waitress.queue").warning("Task queue depth is %d", 3)
    (line,) = lines(stream)
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "waitress.queue", "Task queue depth is 3")


def test_what_was_set_up_is_taken_down_again(client: FlaskClient) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger("onrecord.requests").level
    with written("text") as stream:
        pass
    client.get("/healthz")
    assert (logging.getLogger().handlers, logging.getLogger("onrecord.requests").level) == (handlers, level)
    assert stream.getvalue() == ""


def test_the_command_writes_lines_where_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_bag_of_words(monkeypatch)
    SmallCollection(tmp_path).put(a_statement("Zinc is dear."))
    monkeypatch.setattr(
        serving, "serve", lambda app, *_, **__: app.test_client().get("/api/v1/ask?question=zinc", headers=ASKED)
    )

    def served(*options: str) -> list[str]:
        done = CliRunner().invoke(cli.main, ["serve", "--data", str(tmp_path), "--port", "0", *options])
        assert done.exit_code == 0, done.output
        return done.stderr.splitlines()

    assert served() == []
    (line,) = served("--log", "text")
    assert re.search(rf" INFO {ID} GET /api/v1/ask api\.ask 200 [\d.]+ ms \d+ bytes$", line)
    assert "question" not in json.loads(served("--log", "json")[0])
    (asked,) = served("--log", "json", "--log-questions")
    assert json.loads(asked)["question"] == "zinc"


def test_questions_are_not_logged_where_requests_are_not() -> None:
    done = CliRunner().invoke(cli.main, ["serve", "--log-questions"])
    assert done.exit_code == 2
    assert "--log-questions is for --log text or --log json." in done.output


def test_no_logger_of_somebody_elses_is_told_a_question(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("/api/v1/ask?question=zinc")
    (record,) = [record for record in caplog.records if record.name == "onrecord.requests"]
    assert "zinc" not in str(vars(record))
