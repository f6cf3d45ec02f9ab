"""However a question is put, on the command line, to the API, in the browser or in Python, the same words come back."""

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement

from service.answering import Collection
from service.cli import main
from service.config import Config
from service.web import create_app
from tests.conftest import SAMPLES

QUESTIONS: list[str] = [
    json.loads(line)["question"] for line in (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
][1:41:4]

Said = tuple[str, int, int, str]
"""Statement id, start, end, and the words there."""


@pytest.fixture(scope="module")
def asked(samples: Collection) -> list[list[Said]]:
    """What `Collection.ask` gives for each question."""
    return [said(asdict(samples.ask(question))) for question in QUESTIONS]


@pytest.fixture(scope="module")
def client(samples: Collection) -> FlaskClient:
    return create_app(samples).test_client()


def said(answer: dict[str, Any]) -> list[Said]:
    return [
        (cited["statement_id"], cited["start"], cited["end"], quote["text"])
        for quote in answer["quotes"]
        for cited in [quote["citation"]]
    ]


def shown(quote: HtmlElement) -> Said:
    """What a quote on the page leads to, and its words as the browser reads them."""
    (link,) = quote.cssselect(".title a")
    (words,) = quote.cssselect("blockquote .text")
    address = urlsplit(link.get("href"))
    place = parse_qs(address.query)
    return (
        unquote(address.path).removeprefix("/statements/"),
        int(place["start"][0]),
        int(place["end"][0]),
        words.text_content(),
    )


def test_the_questions_are_worth_comparing(asked: list[list[Said]]) -> None:
    assert len(QUESTIONS) == 10
    assert all(len(quotes) > 1 for quotes in asked)


def test_the_command_line_gives_the_same(asked: list[list[Said]], samples_config: Config) -> None:
    done = CliRunner().invoke(main, ["ask", "--data", str(samples_config.data), "--json", QUESTIONS[0]])

    assert said(json.loads(done.stdout)) == asked[0]


def test_a_batch_gives_the_same(asked: list[list[Said]], samples_config: Config) -> None:
    lines = "\n".join(json.dumps({"id": number, "question": text}) for number, text in enumerate(QUESTIONS))
    done = CliRunner().invoke(main, ["ask", "--data", str(samples_config.data), "--batch", "-"], input=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert [answer["id"] for answer in answers] == list(range(10))
    assert [said(answer) for answer in answers] == asked


def test_the_api_gives_the_same_to_get(asked: list[list[Said]], client: FlaskClient) -> None:
    answers = [client.get("/api/v1/ask", query_string={"question": question}).get_json() for question in QUESTIONS]

    assert [said(answer) for answer in answers] == asked


def test_the_api_gives_the_same_to_post(asked: list[list[Said]], client: FlaskClient) -> None:
    answers = [client.post("/api/v1/ask", json={"question": question}).get_json() for question in QUESTIONS]

    assert [said(answer) for answer in answers] == asked


def test_the_page_gives_the_same(asked: list[list[Said]], client: FlaskClient) -> None:
    pages = [html.document_fromstring(client.get("/", query_string={"q": question}).text) for question in QUESTIONS]

    assert [[shown(quote) for quote in page.cssselect("article > .quotes figure.quote")] for page in pages] == asked


IN_ONE_PROCESS = """
import sys
from click.testing import CliRunner
from service.cli import main
from service.web import serve as serving

def asked_once(app, listener, threads, **_):
    assert app.test_client().get("/api/v1/ask", query_string={"question": sys.argv[2]}).status_code == 200

serving.serve = asked_once
for arguments, typed in ((["ask", sys.argv[2]], None), (["chat"], sys.argv[2]), (["serve", "--port", "0"], None)):
    done = CliRunner().invoke(main, [arguments[0], "--data", sys.argv[1], *arguments[1:]], input=typed)
    assert done.exit_code == 0, (arguments, done.output, done.exception)
slow = {"torch", "transformers", "sentence_transformers", "sklearn", "scipy"} & sys.modules.keys()
assert not slow, slow
assert {"onnxruntime", "tokenizers"} <= sys.modules.keys()
"""


def test_none_of_the_ways_in_loads_torch(samples_config: Config) -> None:
    command = [sys.executable, "-c", IN_ONE_PROCESS, str(samples_config.data), QUESTIONS[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
