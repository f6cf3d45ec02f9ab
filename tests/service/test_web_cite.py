"""A reference is had from the API in every form, of the very words that the address means, or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from corpus.records import DamagedOriginal
from corpus.statement import Passage
from service.capsules import read_capsule, written
from service.citations import FORMS
from service.formats import FORMATS, formatted
from service.web import create_app
from tests.service.web_fixtures import (
    BRIEFING,
    CORRECTED,
    WordsCollection,
    briefing,
    fill,
    small_archive,
)

PLACE = {"statement_id": "briefing-varn", "start": "100", "end": "217"}


@pytest.fixture
def collection(tmp_path: Path) -> WordsCollection:
    return WordsCollection(small_archive(tmp_path))


@pytest.fixture
def client(collection: WordsCollection) -> FlaskClient:
    return create_app(collection).test_client()


def cite(client: FlaskClient, **asked: str) -> TestResponse:
    """What the API answers when the briefing's first answer is to be cited, unless asked otherwise."""
    return client.get("/api/v1/cite", query_string={**PLACE, **asked})


def problem(response: TestResponse) -> tuple[int, str]:
    """Status and type of a problem."""
    assert response.content_type == "application/problem+json"
    return response.status_code, json.loads(response.data)["type"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_the_body_with_its_own_media_type(
    client: FlaskClient, collection: WordsCollection, name: str
) -> None:
    response = cite(client, format=name)
    cited = collection.citations.cited(collection.archive.get("briefing-varn"), Passage(100, 217, 1))
    assert response.status_code == 200
    assert response.data == f"{formatted(cited, name)}\n".encode()
    assert response.content_type == FORMATS[name].media_type


def test_the_media_types_are_those_that_reference_managers_know(client: FlaskClient) -> None:
    named = {name: cite(client, format=name).mimetype for name in FORMS}
    assert named == {
        "csl-json": "application/vnd.citationstyles.csl+json",
        "ris": "application/x-research-info-systems",
        "bibtex": "application/x-bibtex",
        "apa": "text/plain",
        "chicago": "text/plain",
        "mla": "text/plain",
        "markdown": "text/markdown",
        "wikipedia": "text/x-wiki",
        "claimreview": "application/ld+json",
        "capsule": "application/ld+json",
    }


def test_csl_json_is_what_comes_when_no_format_is_named(client: FlaskClient) -> None:
    assert cite(client).data == cite(client, format="csl-json").data


def test_a_capsule_can_be_read_back_and_holds_the_words(client: FlaskClient, collection: WordsCollection) -> None:
    response = cite(client, format="capsule")
    capsule = read_capsule(response.data)
    assert (capsule.exact, capsule.start, capsule.end, capsule.intact) == (BRIEFING[100:217], 100, 217, True)
    archived = collection.archive.get("briefing-varn")
    assert response.data == written(collection.citations.capsule(archived, Passage(100, 217, 1)))


def test_a_reference_says_what_its_file_may_be_called(client: FlaskClient) -> None:
    assert cite(client, format="bibtex").headers["Content-Disposition"] == (
        'inline; filename="briefing-varn-100-217.bib"'
    )


def test_the_name_of_a_file_has_nothing_of_a_hostile_id(client: FlaskClient) -> None:
    response = cite(client, statement_id="hostile?x=1#<i>", start="0", end="9", format="ris")
    assert response.headers["Content-Disposition"] == 'inline; filename="hostile-x-1-i-0-9.ris"'


def test_a_version_is_cited_by_its_number_or_by_its_text(client: FlaskClient, collection: WordsCollection) -> None:
    fill(collection.archive, [briefing(CORRECTED)])
    text = briefing().text_sha256
    first = read_capsule(cite(client, format="capsule", version="1").data)
    assert (first.version, first.exact) == (1, BRIEFING[100:217])
    assert read_capsule(cite(client, format="capsule", text=text[:12]).data) == first
    assert problem(cite(client, format="capsule", text=text, version="2")) == (404, "/problems/unknown-text")
    assert problem(cite(client, text="0" * 12)) == (404, "/problems/unknown-text")
    assert problem(cite(client)) == (422, "/problems/nobodys-words")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"start": "80", "end": "120"}, (422, "/problems/nobodys-words")),
        ({"start": "0", "end": "5"}, (422, "/problems/nobodys-words")),
        ({"end": "99999"}, (400, "/problems/no-such-place")),
        ({"start": "217"}, (400, "/problems/no-such-place")),
        ({"statement_id": "none"}, (404, "/problems/unknown-statement")),
        ({"version": "7"}, (404, "/problems/unknown-version")),
        ({"format": "harvard"}, (422, "/problems/invalid-parameters")),
        ({"start": "-1"}, (422, "/problems/invalid-parameters")),
        ({"text": "zz"}, (422, "/problems/invalid-parameters")),
        ({"statement_id": ""}, (422, "/problems/invalid-parameters")),
    ],
)
def test_what_cannot_be_cited_is_refused_by_its_kind(
    client: FlaskClient, asked: dict[str, str], expected: tuple[int, str]
) -> None:
    assert problem(cite(client, **asked)) == expected


def test_a_format_that_there_is_not_is_told_with_those_there_are(client: FlaskClient) -> None:
    (error,) = json.loads(cite(client, format="harvard").data)["errors"]
    assert error == {"parameter": "format", "detail": f"is none of {', '.join(FORMS)}"}


def test_nothing_is_cited_from_a_damaged_original(
    client: FlaskClient, collection: WordsCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(digest: str) -> None:
        raise DamagedOriginal(digest)

    monkeypatch.setattr(collection.archive, "original", damaged)
    for name in FORMS:
        assert problem(cite(client, format=name)) == (503, "/problems/archive-damaged")


def test_the_description_names_every_media_type_and_its_schema(client: FlaskClient) -> None:
    description: dict[str, Any] = json.loads(client.get("/openapi.json").data)
    operation = description["paths"]["/api/v1/cite"]["get"]
    content = operation["responses"]["200"]["content"]
    assert set(content) == {form.media_type for form in FORMS.values()}
    assert content["application/x-bibtex; charset=utf-8"] == {"schema": {"type": "string"}}
    assert content["application/ld+json"] == {"schema": {}}
    form = next(one for one in operation["parameters"] if one["name"] == "format")
    assert form["schema"] == {"type": "string", "enum": list(FORMS), "default": "csl-json"}
    assert sorted(operation["responses"]) == ["200", "400", "404", "414", "421", "422", "429", "500", "503"]


def test_a_version_that_is_not_held_is_told_with_those_that_are(
    client: FlaskClient, collection: WordsCollection
) -> None:
    def detail() -> str:
        return str(json.loads(cite(client, version="999999").data)["detail"])

    name_one = "Name one that is held, or none for the current one."
    assert detail() == f"There is no version 999999 of statement 'briefing-varn': only version 1 is held. {name_one}"
    fill(collection.archive, [briefing(CORRECTED)])
    assert detail() == (
        f"There is no version 999999 of statement 'briefing-varn': versions 1 to 2 are held. {name_one}"
    )
