"""The JSON API keeps its contract: keys, statuses, problems, and a description that is true."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from corpus.archive import Archive
from corpus.archive_file import NotAnArchive
from corpus.errors import OnRecordError
from corpus.filters import InvalidPeriod
from corpus.records import DamagedArchive
from service.answer import Answer, IndexInfo
from service.answering import BeingRebuilt, EncodedAnew, NotText
from service.web import create_app
from service.web.api import OPERATIONS
from service.web.openapi import Operation
from service.web.problems import BY_ERROR, UnreadableArchive, kind_of
from tests.service.web_fixtures import (
    BRIEFING,
    HOSTILE,
    LETTER,
    WordsCollection,
    briefing,
    delete,
    fill,
    overwrite,
    small_archive,
    tear,
)

CITATION = (
    *("statement_id", "title", "issuer", "speaker", "role", "published", "url"),
    *("start", "end", "prefix", "suffix", "original_sha256", "text_sha256", "deep_link"),
)
QUESTION = "Why was the Kelm bridge closed?"


@pytest.fixture
def collection(tmp_path: Path) -> WordsCollection:
    return WordsCollection(small_archive(tmp_path))


@pytest.fixture
def client(collection: WordsCollection) -> FlaskClient:
    return create_app(collection).test_client()


def told(response: TestResponse) -> Any:
    """The JSON of a response."""
    return json.loads(response.data)


def problem(response: TestResponse) -> tuple[int, str]:
    """Status and type of a problem, after checking its form."""
    assert response.content_type == "application/problem+json"
    found = told(response)
    assert found["status"] == response.status_code
    assert found["title"]
    assert found["detail"]
    assert ("errors" in found) == (found["type"] == "/problems/invalid-parameters")
    return response.status_code, found["type"]


def keys(value: Any) -> Any:
    """The keys of an answer, as deep as they go; of a list, those of its first item."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def test_an_answer_has_the_keys_of_the_contract_and_no_others(client: FlaskClient) -> None:
    answer = told(client.get("/api/v1/ask", query_string={"question": QUESTION}))
    nothing = None
    assert keys(answer) == {
        "question": nothing,
        "standalone_question": nothing,
        "abstained": nothing,
        "confidence": nothing,
        "quotes": [
            {
                "rank": nothing,
                "text": nothing,
                "score": nothing,
                "highlight": {"start": nothing, "end": nothing},
                "also": [{"statement_id": nothing, "start": nothing, "end": nothing}],
                "citation": dict.fromkeys(CITATION),
            }
        ],
        "index": {"generation": nothing, "passages": nothing, "encoder": nothing},
        "took_ms": nothing,
        "threshold": nothing,
        "order": nothing,
        "understood": nothing,
        "misses": nothing,
        "searched": {"statements": nothing, "passages": nothing, "since": nothing, "until": nothing},
    }


def test_get_and_post_give_the_same_quotes(client: FlaskClient) -> None:
    asked = {"question": QUESTION, "k": 2, "speaker": "adler", "role": "answer", "since": "2020", "until": "2020-12"}
    by_query = client.get("/api/v1/ask", query_string=asked)
    by_body = client.post("/api/v1/ask", json=asked)
    assert told(by_query) == told(by_body)
    assert [quote["citation"]["speaker"] for quote in told(by_query)["quotes"]] == ["MS. ADLER"]


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ({"since": "2020-07", "until": "2020-07"}, 2),
        ({"since": "2020-07-16", "until": "2020-07-16"}, 2),
        ({"since": "2020-07-17"}, 0),
        ({"until": "2020-07-15"}, 0),
    ],
)
def test_a_period_reaches_from_its_first_day_to_its_last(
    client: FlaskClient, period: dict[str, str], found: int
) -> None:
    response = client.get("/api/v1/ask", query_string={"question": QUESTION, **period})
    assert len(told(response)["quotes"]) == found


def test_a_question_turn_is_given_as_a_question_of_nobody_named(client: FlaskClient) -> None:
    answer = told(client.get("/api/v1/ask", query_string={"question": "who pays for repairs", "role": "question"}))
    citation = answer["quotes"][0]["citation"]
    assert (answer["quotes"][0]["text"], citation["role"], citation["speaker"]) == (
        "And who pays for the repairs?",
        "question",
        None,
    )


def test_history_of_strings_and_utterances_makes_a_follow_up_stand_alone(client: FlaskClient) -> None:
    history = ["Who closed the Kelm bridge?", {"speaker": "agent", "text": "MS. ADLER"}]
    answer = told(client.post("/api/v1/ask", json={"question": "And when?", "history": history}))
    assert answer["standalone_question"] == "And when? (closed, Kelm bridge)"


def test_order_threshold_and_what_is_ignored_are_parameters_of_both_methods(client: FlaskClient) -> None:
    asked: dict[str, Any] = {"question": "What did Adler say in 2020 about the bridge?", "order": "oldest"}
    by_query = told(client.get("/api/v1/ask", query_string={**asked, "ignore": "order,period", "threshold": "0.25"}))
    by_body = told(client.post("/api/v1/ask", json={**asked, "ignore": "order,period", "threshold": 0.25}))
    assert by_query == by_body
    assert (by_query["order"], by_query["understood"]) == ("oldest", [])

    understood = told(client.get("/api/v1/ask", query_string=asked))["understood"]
    assert understood == [
        {"kind": "period", "words": "in 2020", "start": 19, "end": 26, "order": None, "since": "2020", "until": "2020"}
    ]


def test_nothing_found_is_an_answer_with_status_200(client: FlaskClient) -> None:
    response = client.get("/api/v1/ask", query_string={"question": "What does copra yield?"})
    assert (response.status_code, told(response)["abstained"], told(response)["quotes"]) == (200, True, [])


def test_text_comes_in_utf8_unescaped_and_character_for_character(client: FlaskClient) -> None:
    response = client.get("/api/v1/ask", query_string={"question": "tariffs copper"})
    assert response.content_type == "application/json"
    assert "e\u0301 \u202eabc\u202c مرحبا".encode() in response.data
    assert told(response)["quotes"][0]["text"] == HOSTILE


def test_unknown_metadata_is_null(client: FlaskClient) -> None:
    statement = told(client.get("/api/v1/statements/letters/1946/brandt"))
    assert [statement[key] for key in ("issuer", "speaker", "published", "url")] == [None, None, None, None]
    assert statement["text"] == LETTER


def test_a_statement_comes_with_turns_versions_and_hashes(client: FlaskClient) -> None:
    statement = told(client.get("/api/v1/statements/briefing-varn"))
    turn = statement["turns"][1]
    assert turn == {"start": 100, "end": 217, "speaker": "MS. ADLER", "role": "answer"}
    assert statement["text"][100:107] == "No. The"
    assert (statement["version"], statement["versions"]) == (1, 1)
    assert statement["text_sha256"] == statement["original_sha256"] == briefing().text_sha256


def test_an_earlier_version_can_be_had(client: FlaskClient, collection: WordsCollection) -> None:
    fill(collection.archive, [briefing(BRIEFING.replace("3 March", "4 March"))])
    versions = [
        told(client.get("/api/v1/statements/briefing-varn", query_string=query)) for query in ({}, {"version": 1})
    ]
    assert [(one["version"], one["versions"], one["text"][134:141]) for one in versions] == [
        (2, 2, "4 March"),
        (1, 2, "3 March"),
    ]


def test_an_id_with_slashes_and_marks_is_found_by_its_encoded_address(client: FlaskClient) -> None:
    assert told(client.get("/api/v1/statements/hostile%3Fx=1%23%3Ci%3E"))["id"] == "hostile?x=1#<i>"
    assert told(client.get("/api/v1/statements/letters%2F1946%2Fbrandt"))["id"] == "letters/1946/brandt"
    unknown = client.get("/api/v1/statements//letters//1946")
    assert problem(unknown) == (404, "/problems/unknown-statement")
    assert "'/letters//1946'" in told(unknown)["detail"]


def test_the_list_leads_from_part_to_part(client: FlaskClient) -> None:
    first = told(client.get("/api/v1/statements", query_string={"limit": 3}))
    rest = told(client.get("/api/v1/statements", query_string={"limit": 3, "after": first["next"]}))
    assert [one["id"] for one in first["statements"]] == ["briefing-varn", "hostile?x=1#<i>", "letters/1946/brandt"]
    assert [one["id"] for one in rest["statements"]] == ["speech-orm"]
    assert rest["next"] is None
    assert rest["statements"][0]["passages"] == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("question=a&k=0", "k"),
        ("question=a&k=101", "k"),
        ("question=a&k=2.0", "k"),
        ("question=a&k=%202", "k"),
        ("question=a&k=", "k"),
        ("question=a&k=1&k=2", "k"),
        ("question=a&since=July", "since"),
        ("question=a&until=2021-02-29", "until"),
        ("question=a&role=boss", "role"),
        ("question=a&speaker=", "speaker"),
        ("question=a&kk=3", "kk"),
        ("question=a&history=b", "history"),
        ("question=", "question"),
        ("question=%20%20", "question"),
        ("question=" + "a" * 10_001, "question"),
        ("", "question"),
    ],
)
def test_a_parameter_out_of_bounds_is_refused_by_name(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.get(f"/api/v1/ask?{query}")
    assert problem(response) == (422, "/problems/invalid-parameters")
    assert [error["parameter"] for error in told(response)["errors"]] == [parameter]


@pytest.mark.parametrize(
    "body",
    [
        {"question": "a", "k": "5"},
        {"question": "a", "k": True},
        {"question": "a", "history": ["b"] * 51},
        {"question": "a", "history": [{"speaker": "minister", "text": "b"}]},
        {"question": 7},
        ["a"],
    ],
)
def test_a_body_of_wrong_types_is_refused(client: FlaskClient, body: object) -> None:
    assert problem(client.post("/api/v1/ask", json=body)) == (422, "/problems/invalid-parameters")


@pytest.mark.parametrize("body", [b"", b"{", b'{"question": "\xff"}', b'{"question": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_malformed(client: FlaskClient, body: bytes) -> None:
    response = client.post("/api/v1/ask", data=body, content_type="application/json")
    assert problem(response) == (400, "/problems/malformed-json")


def test_a_body_not_declared_as_json_is_refused(client: FlaskClient) -> None:
    assert problem(client.post("/api/v1/ask", data={"question": "a"})) == (415, "/problems/not-json")


def test_a_whole_number_may_be_written_as_json_writes_numbers(client: FlaskClient) -> None:
    response = client.post("/api/v1/ask", data=b'{"question": "bridge", "k": 1.0}', content_type="application/json")
    assert len(told(response)["quotes"]) == 1


def test_query_parameters_beside_a_body_are_refused(client: FlaskClient) -> None:
    response = client.post("/api/v1/ask?k=3", json={"question": "a"})
    assert problem(response) == (422, "/problems/invalid-parameters")


def test_a_body_above_1_mib_is_too_large(client: FlaskClient) -> None:
    response = client.post("/api/v1/ask", data=b" " * (1024 * 1024 + 1), content_type="application/json")
    assert problem(response) == (413, "/problems/too-large")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.delete("/api/v1/ask")
    assert problem(response) == (405, "/problems/method-not-allowed")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/statements/none", "unknown-statement"),
        ("/api/v1/statements/briefing-varn?version=2", "unknown-version"),
        ("/api/v2/ask", "not-found"),
    ],
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str, kind: str) -> None:
    assert problem(client.get(path)) == (404, f"/problems/{kind}")


@pytest.mark.parametrize("path", ["/readyz", "/api/v1/ask?question=bridge"])
def test_without_an_index_the_server_is_up_but_not_ready(collection: WordsCollection, path: str) -> None:
    collection.indexed = False
    client = create_app(collection).test_client()
    response = client.get(path)
    assert problem(response) == (503, "/problems/no-index")
    assert "onrecord reindex" in told(response)["detail"]
    assert told(client.get("/healthz")) == {"status": "up"}


def test_with_an_index_the_server_is_ready_and_says_from_what(client: FlaskClient) -> None:
    assert told(client.get("/readyz")) == {
        "status": "ready",
        "index": {"generation": 7, "passages": 8, "encoder": "words"},
        "notice": None,
    }


def test_a_damaged_archive_quotes_nothing(collection: WordsCollection, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object, **__: object) -> Answer:
        raise DamagedArchive("briefing-varn")

    monkeypatch.setattr(collection, "ask", damaged)
    response = create_app(collection).test_client().get("/api/v1/ask?question=a")
    assert problem(response) == (503, "/problems/archive-damaged")


def test_an_archive_that_cannot_be_opened_is_told_without_its_path(
    collection: WordsCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unopened() -> IndexInfo:
        raise NotAnArchive(Path("/home/someone/archive.db"), "another program made it")

    monkeypatch.setattr(collection, "generation", unopened)
    response = create_app(collection).test_client().get("/readyz")
    assert problem(response) == (503, "/problems/archive-unreadable")
    assert "someone" not in response.text


@pytest.mark.parametrize("ruin", [delete, overwrite, tear])
@pytest.mark.parametrize(
    "path", ["/api/v1/ask?question=bridge", "/api/v1/statements", "/api/v1/statements/briefing-varn", "/readyz"]
)
def test_an_archive_that_is_ruined_under_the_server_is_said_to_be_unreadable_and_logged(
    collection: WordsCollection, caplog: pytest.LogCaptureFixture, path: str, ruin: Callable[[Archive], None]
) -> None:
    client = create_app(collection).test_client()
    assert client.get(path).status_code == 200
    ruin(collection.archive)
    assert problem(client.get(path)) == (503, "/problems/archive-unreadable")
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_period_that_ends_before_it_begins_is_refused(client: FlaskClient) -> None:
    response = client.get("/api/v1/ask?question=bridge&since=2021&until=2020-05")
    assert problem(response) == (422, "/problems/invalid-period")
    assert "since 2021-01-01 and until 2020-05-31" in told(response)["detail"]


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (EncodedAnew, 503, "encoded-anew"),
        (BeingRebuilt, 503, "being-rebuilt"),
        (NotText, 422, "not-text"),
        (InvalidPeriod, 422, "invalid-period"),
    ],
)
def test_what_asking_can_fail_in_has_its_status_and_is_described(
    error: type[OnRecordError], status: int, name: str
) -> None:
    kind = kind_of(error)
    assert (kind.status, kind.name) == (status, name)
    assert [kind in one.problems for one in OPERATIONS if one.path == "/api/v1/ask"] == [True, True]


def test_an_unforeseen_error_is_told_without_its_details(
    collection: WordsCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Answer:
        raise RuntimeError("/home/someone/archive.db")

    monkeypatch.setattr(collection, "ask", broken)
    response = create_app(collection).test_client().get("/api/v1/ask?question=a")
    assert problem(response) == (500, "/problems/internal")
    assert b"archive.db" not in response.data


def test_every_problem_type_has_a_page_that_explains_it(client: FlaskClient) -> None:
    for kind in BY_ERROR.values():
        response = client.get(kind.type)
        assert response.status_code == 200
        assert kind.type in response.text


def test_the_description_is_valid_openapi_3_1(client: FlaskClient) -> None:
    description = told(client.get("/openapi.json"))
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1.")
    assert {(path, method) for path, item in description["paths"].items() for method in item} == {
        ("/api/v1/ask", "get"),
        ("/api/v1/ask", "post"),
        ("/api/v1/cite", "get"),
        ("/api/v1/receipt", "get"),
        ("/api/v1/receipt", "post"),
        ("/api/v1/verify", "post"),
        ("/api/v1/statements", "get"),
        ("/api/v1/statements/{statement_id}", "get"),
        ("/healthz", "get"),
        ("/readyz", "get"),
    }


def test_the_description_tells_the_bounds_of_a_question(client: FlaskClient) -> None:
    schemas = told(client.get("/openapi.json"))["components"]["schemas"]
    body = schemas["AskBody"]["properties"]
    assert (body["k"]["minimum"], body["k"]["maximum"], body["k"]["default"]) == (1, 100, 5)
    assert (body["question"]["minLength"], body["question"]["maxLength"]) == (1, 10_000)
    assert body["history"]["maxItems"] == 50
    assert schemas["AskBody"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("method", "path", "template", "body"),
    [
        ("get", "/api/v1/ask?question=bridge+copper+ferry", "/api/v1/ask", None),
        ("get", "/api/v1/ask?question=bridge&k=0", "/api/v1/ask", None),
        ("post", "/api/v1/ask", "/api/v1/ask", {"question": "zzz"}),
        ("get", "/api/v1/statements?limit=2", "/api/v1/statements", None),
        ("get", "/api/v1/statements/speech-orm", "/api/v1/statements/{statement_id}", None),
        ("get", "/api/v1/statements/none", "/api/v1/statements/{statement_id}", None),
        ("get", "/readyz", "/readyz", None),
        ("get", "/healthz", "/healthz", None),
    ],
)
def test_real_responses_are_what_the_description_says(
    client: FlaskClient, method: str, path: str, template: str, body: object
) -> None:
    description = told(client.get("/openapi.json"))
    response = client.open(path, method=method.upper(), json=body)
    documented = description["paths"][template][method]["responses"][str(response.status_code)]
    content = documented["content"][response.content_type]
    schema = {**content["schema"], "components": description["components"]}
    assert list(Draft202012Validator(schema).iter_errors(told(response))) == []


def test_every_status_of_an_operation_is_described(client: FlaskClient) -> None:
    statuses = {
        (path, method): sorted(operation["responses"])
        for path, item in told(client.get("/openapi.json"))["paths"].items()
        for method, operation in item.items()
    }
    assert statuses["/api/v1/ask", "post"] == [
        *("200", "400", "403", "413", "414", "415", "421", "422", "429", "500", "503"),
    ]
    assert statuses["/api/v1/statements/{statement_id}", "get"] == [
        *("200", "404", "414", "421", "422", "429", "500", "503"),
    ]


def test_security_headers_are_on_every_response(client: FlaskClient) -> None:
    for path in ("/", "/api/v1/statements", "/api/v1/none", "/static/onrecord.css", "/statements/none"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self';")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_each_kind_of_our_errors_has_one_status() -> None:
    by_name: dict[str, set[int]] = {}
    for error, kind in BY_ERROR.items():
        assert issubclass(error, OnRecordError | UnreadableArchive)
        by_name.setdefault(kind.name, set()).add(kind.status)
    assert all(len(statuses) == 1 for statuses in by_name.values())


def test_an_operation_can_fail_in_what_it_names_and_what_all_can() -> None:
    listing: Operation = next(one for one in OPERATIONS if one.path == "/api/v1/statements")
    assert [kind.status for kind in listing.problems] == [422, 503, 421, 414, 429, 500]
