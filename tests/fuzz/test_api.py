"""The application does what its description says, whatever is asked; `python -m tests.fuzz.api` asks far more."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response

from tests.fuzz.api import application, fuzz

WALKED = ("/api/v1/statements", "/api/v1/statements/{statement_id}", "/api/v1/ask")


def described(app: Flask) -> dict[str, Any]:
    told: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    return told


def test_no_request_of_any_kind_is_answered_otherwise_than_described(app: Flask) -> None:
    tally = fuzz(app, 1, 1, examples=12, walks=6, bounds=False)
    assert tally.is_clean, tally.told()
    operations = sum(len(item) for item in described(app)["paths"].values())
    assert len(tally.cases) == operations
    assert tally.sent > 5 * operations
    assert tally.phases["stateful"] > 0


def test_the_bounds_of_every_parameter_of_a_place_are_kept(app: Flask) -> None:
    tally = fuzz(app, 1, 1, examples=1, walks=1, only="/api/v1/cite")
    assert tally.is_clean, tally.told()
    assert tally.phases["coverage"] > 50


def test_an_answer_of_500_is_counted_and_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "api.is_up", lambda: Response("{}", 500, content_type="application/json"))
    tally = fuzz(app, 1, 1, examples=3, bounds=False, only="/healthz")
    assert tally.server_errors == tally.sent > 0
    assert any("only_503_of_the_5xx" in kind for kind in tally.failures)
    assert not tally.is_clean


def test_a_refusal_to_answer_now_is_no_failure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told = '{"type": "/problems/no-index", "title": "None", "status": 503, "detail": "None."}'
    unready = Response(told, 503, content_type="application/problem+json")
    monkeypatch.setitem(app.view_functions, "api.is_ready", lambda: unready)
    tally = fuzz(app, 1, 1, examples=3, bounds=False, only="/readyz")
    assert tally.is_clean, tally.told()
    assert tally.statuses[503] > 0


def test_an_altered_quotation_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = app.test_client().get("/api/v1/ask", query_string={"question": "Kelm bridge", "threshold": 0}).text
    assert "because the river rose" in answered
    altered = answered.replace("because the river rose", "because the river fell")
    monkeypatch.setitem(app.view_functions, "api.ask", lambda: Response(altered, content_type="application/json"))
    tally = fuzz(app, 1, 1, examples=3, bounds=False, only="/api/v1/ask")
    assert any("quotes_stand_in_their_statements" in kind for kind in tally.failures)


def test_every_link_leads_to_an_operation_that_takes_what_it_gives(app: Flask) -> None:
    paths = described(app)["paths"]
    operations = {one["operationId"]: one for item in paths.values() for one in item.values()}
    links = {
        (path, name): link
        for path, item in paths.items()
        for one in item.values()
        for name, link in one["responses"]["200"].get("links", {}).items()
    }
    assert set(links) == {
        ("/api/v1/statements", "get_statement"),
        ("/api/v1/statements/{statement_id}", "cite"),
        ("/api/v1/statements/{statement_id}", "verify"),
        ("/api/v1/ask", "get_statement"),
        ("/api/v1/ask", "cite"),
    }
    for link in links.values():
        taken = {parameter["name"] for parameter in operations[link["operationId"]].get("parameters", ())}
        assert set(link.get("parameters", {})) <= taken
    assert links[WALKED[1], "verify"]["requestBody"] == {"text": "$response.body#/text"}


def test_nothing_for_something_is_no_draft_and_beside_one_it_is_nothing(app: Flask) -> None:
    client, body = app.test_client(), described(app)["components"]["schemas"]["VerifyBody"]
    assert [one["required"] for one in body["oneOf"]] == [["text"], ["capsule"]]
    assert all(one["properties"][one["required"][0]] == {"not": {"type": "null"}} for one in body["oneOf"])
    assert client.post("/api/v1/verify", json={"capsule": None}).status_code == 422
    assert client.post("/api/v1/verify", json={"text": "No quotation.", "capsule": None}).status_code == 200


def test_a_folder_for_the_application_is_all_that_it_needs(tmp_path: Path) -> None:
    app = application(tmp_path / "new")
    assert app.test_client().get("/readyz").status_code == 200
    app.config["ARCHIVE"].close()
