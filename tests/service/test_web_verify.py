"""A draft is checked over the API and on a page: told as it is found, shown as text, and kept nowhere."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from lxml import html
from lxml.html import HtmlElement
from pydantic import TypeAdapter
from werkzeug.test import TestResponse

from corpus.alignment import RULES
from corpus.readers.manuscript import read_manuscript
from corpus.statement import Passage
from service.capsule_check import verify_in_archive
from service.capsules import read_capsule
from service.findings import Check
from service.quote_check import QuoteCheck
from service.web import create_app
from service.web.admission import Admission, Busy
from service.web.drafts import MAX_DRAFT
from tests.builders import a_statement
from tests.service.web_fixtures import BRIEFING, DRAFT, WordsCollection, briefing, fill, small_archive

HOSTILE_DRAFT = (
    'He wrote: “<script>window.hacked = 1</script><b>Tariffs</b> & "duties" on copper” \u202egnp.exe\u202c '
    "</textarea><img src=x onerror=alert(1)>\n"
)


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
    """Status and type of a problem."""
    assert response.content_type == "application/problem+json"
    return response.status_code, told(response)["type"]


def hand_in(client: FlaskClient, text: str = "", status: int = 200, **form: Any) -> HtmlElement:
    """The page that comes when a draft is handed in."""
    response = client.post("/verify", data={"text": text, **form}, content_type="multipart/form-data")
    assert response.status_code == status, response.text
    assert response.content_type == "text/html; charset=utf-8"
    return html.document_fromstring(response.text)


def texts(element: HtmlElement, selector: str) -> list[str]:
    """The text of each element that `selector` finds, spaces run together."""
    return [" ".join(found.text_content().split()) for found in element.cssselect(selector)]


def capsule(collection: WordsCollection) -> dict[str, Any]:
    """A capsule of the briefing's first answer."""
    return dict(collection.citations.capsule(collection.archive.get("briefing-varn"), Passage(100, 217, 1)))


# Over the API


def test_a_draft_gets_its_check_as_it_is(client: FlaskClient, collection: WordsCollection) -> None:
    answer = told(client.post("/api/v1/verify", json={"text": DRAFT, "name": "column.txt"}))
    manuscript = read_manuscript(DRAFT.encode(), "column.txt")
    check = QuoteCheck(collection).check(manuscript.text, "column.txt", manuscript.blocks, manuscript.links)
    expected = TypeAdapter(Check).dump_python(check, mode="json")
    assert answer == {"check": {**expected, "took_ms": answer["check"]["took_ms"]}, "capsule": None}
    assert [finding["verdict"] for finding in answer["check"]["findings"]] == [
        "exact",
        "altered",
        "not found",
        "exact",
    ]
    assert answer["check"]["text"] == DRAFT


def test_the_end_of_the_name_says_how_a_draft_is_read(client: FlaskClient) -> None:
    text = "> It opens again when the water is below **four** metres."
    as_markdown = told(client.post("/api/v1/verify", json={"text": text, "name": "column.md"}))["check"]
    as_text = told(client.post("/api/v1/verify", json={"text": text}))["check"]
    assert [one["verdict"] for one in as_markdown["findings"]] == ["exact but for typography"]
    assert (as_text["draft"], as_text["text"]) == ("draft.txt", text.replace(">", "\u200b"))


def test_a_capsule_gets_its_report(client: FlaskClient, collection: WordsCollection) -> None:
    answer = told(client.post("/api/v1/verify", json={"capsule": capsule(collection)}))
    report = verify_in_archive(read_capsule(json.dumps(capsule(collection)).encode()), collection.archive)
    assert answer["check"] is None
    assert (answer["capsule"]["verdict"], answer["capsule"]["holds"], report.holds) == ("exact", True, True)
    assert answer["capsule"]["found"] == {"statement_id": "briefing-varn", "start": 100, "end": 217}
    assert tuple(answer["capsule"]["why"]) == report.why


def test_a_capsule_that_gives_the_words_to_another_does_not_hold(
    client: FlaskClient, collection: WordsCollection
) -> None:
    given = capsule(collection)
    given["target"] = {**given["target"], "onrecord:speaker": "I. Brandt"}
    report = told(client.post("/api/v1/verify", json={"capsule": given}))["capsule"]
    assert (report["verdict"], report["holds"], report["intact"]) == ("exact", False, False)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (422, "/problems/invalid-parameters")),
        ({"text": "a", "capsule": {}}, (422, "/problems/invalid-parameters")),
        ({"text": " \n"}, (422, "/problems/invalid-parameters")),
        ({"text": "a" * (MAX_DRAFT + 1)}, (422, "/problems/invalid-parameters")),
        ({"text": "a", "nam": "b"}, (422, "/problems/invalid-parameters")),
        ({"text": 7}, (422, "/problems/invalid-parameters")),
        ({"capsule": {}}, (422, "/problems/malformed-capsule")),
        ({"capsule": {"type": "Annotation"}}, (422, "/problems/malformed-capsule")),
        ({"text": "a", "name": "draft.docx"}, (422, "/problems/unreadable-draft")),
    ],
)
def test_what_cannot_be_checked_is_refused_by_its_kind(
    client: FlaskClient, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert problem(client.post("/api/v1/verify", json=body)) == expected


def test_without_an_index_a_draft_is_not_judged(collection: WordsCollection) -> None:
    collection.indexed = False
    client = create_app(collection).test_client()
    assert problem(client.post("/api/v1/verify", json={"text": DRAFT})) == (503, "/problems/no-index")
    assert texts(hand_in(client, DRAFT, status=503), ".failure strong") == ["There is no index yet."]


def refused(_admission: Admission) -> None:
    raise Busy


def test_who_has_a_draft_checked_waits_for_a_turn(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Admission, "turn", refused)
    response = client.post("/api/v1/verify", json={"text": DRAFT})
    assert (problem(response), response.headers["Retry-After"]) == ((503, "/problems/busy"), "5")
    found = hand_in(client, DRAFT, status=503)
    assert texts(found, ".failure strong") == ["Too many questions at once."]
    assert found.cssselect("textarea")[0].text_content().strip() == DRAFT.strip()
    assert client.get("/verify").status_code == 200


@pytest.mark.parametrize(
    "body", [{"text": DRAFT}, {"text": "No quotation."}, {"capsule": {}}, {"text": "“a”", "name": "a.md"}]
)
def test_real_answers_are_what_the_description_says(client: FlaskClient, body: dict[str, Any]) -> None:
    description = told(client.get("/openapi.json"))
    response = client.post("/api/v1/verify", json=body)
    documented = description["paths"]["/api/v1/verify"]["post"]["responses"][str(response.status_code)]
    schema = {**documented["content"][response.content_type]["schema"], "components": description["components"]}
    assert list(Draft202012Validator(schema).iter_errors(told(response))) == []


def test_a_report_on_a_capsule_is_what_the_description_says(client: FlaskClient, collection: WordsCollection) -> None:
    description = told(client.get("/openapi.json"))
    response = client.post("/api/v1/verify", json={"capsule": capsule(collection)})
    schema = {"$ref": "#/components/schemas/Verified", "components": description["components"]}
    assert list(Draft202012Validator(schema).iter_errors(told(response))) == []
    statuses = sorted(description["paths"]["/api/v1/verify"]["post"]["responses"])
    assert statuses == [
        *("200", "400", "401", "403", "413", "414", "415", "421", "422", "429", "500", "503"),
    ]


# On the page


def test_the_page_counts_verdicts_and_says_what_was_searched(client: FlaskClient) -> None:
    found = hand_in(client, DRAFT)
    assert texts(found, "#tally") == ["4 quotations: 2 exact, 1 altered, 1 not found"]
    assert texts(found, ".tally .extent") == [
        "8 passages searched, of 4 statements from 2020-07-16 to 2021-05-31.",
        "Not found means not found there. It does not mean invented.",
    ]


def test_each_quotation_is_marked_in_the_draft_with_its_verdict_in_words_and_leads_to_its_finding(
    client: FlaskClient,
) -> None:
    found = hand_in(client, DRAFT)
    marks = found.cssselect(".drafted mark")
    assert [mark.get("class") for mark in marks] == ["exact", "altered", "not-found", "exact"]
    assert [mark.text for mark in marks][:2] == [
        "It opens again when the water is below four metres.",
        "the province pays three thirds, the towns the rest",
    ]
    assert texts(found, ".drafted mark .to") == ["✓1", "≠2", "?3", "✓4"]
    assert [link.get("aria-label") for link in found.cssselect(".drafted .to")] == [
        "Quotation 1, exact",
        "Quotation 2, altered",
        "Quotation 3, not found",
        "Quotation 4, exact",
    ]
    assert [link.get("href") for link in found.cssselect(".drafted .to")] == [f"#finding-{i}" for i in range(1, 5)]
    assert [one.get("id") for one in found.cssselect(".finding")] == [f"finding-{i}" for i in range(1, 5)]
    for link in found.cssselect(".drafted .to"):
        link.drop_tree()
    assert found.cssselect(".drafted")[0].text_content() == DRAFT


def test_a_finding_says_verdict_claim_source_and_every_change(client: FlaskClient) -> None:
    exact, altered, *_ = hand_in(client, DRAFT).cssselect(".finding")
    assert texts(exact, "h3, .claim") == ["✓ 1. Exact", "The draft says: Ms. Adler, 16 July 2020"]
    assert texts(altered, "h3, .cautions li, .changes li") == [
        "≠ 2. Altered",
        "A number was changed.",
        "Replaced, a number: the draft has “three”, the source “two”",
    ]
    assert [texts(altered, tag) for tag in ("del", "ins")] == [["three"], ["two"]]
    assert texts(altered, ".side .text") == [
        "the province pays three thirds, the towns the rest",
        "The province pays two thirds, the towns the rest",
    ]
    assert texts(altered, "figcaption .speaker, .role, .date, .title, .issuer, .place") == [
        "MS. ADLER",
        "Answer",
        "16 July 2020",
        "Press briefing on the Kelm bridge",
        "Ministry of Works of Varn",
        "briefing-varn, characters 271–319",
    ]


def test_a_finding_leads_to_the_marked_passage_the_publisher_and_every_form(client: FlaskClient) -> None:
    exact = hand_in(client, DRAFT).cssselect(".finding")[0]
    start = BRIEFING.index("It opens again")
    text = briefing().text_sha256[:12]
    context, publisher = (link.get("href") for link in exact.cssselect(".actions a"))
    assert context == f"/statements/briefing-varn?start={start}&end=217&text={text}#passage"
    assert publisher.startswith("https://works.example/briefing#:~:text=")
    forms = [link.get("href") for link in exact.cssselect(".cite a")]
    assert forms[2] == (f"/api/v1/cite?statement_id=briefing-varn&start={start}&end=217&text={text}&format=bibtex")
    assert forms[-1].endswith("&format=capsule")
    assert [client.get(form).status_code for form in forms] == [200] * 10
    marked = html.document_fromstring(client.get(context).text).cssselect(".script mark")
    assert [mark.text_content() for mark in marked] == ["It opens again when the water is below four metres."]


def test_what_was_not_found_is_said_not_to_be_invented(client: FlaskClient) -> None:
    missing = hand_in(client, DRAFT).cssselect(".finding.not-found")[0]
    assert "That does not mean invented." in texts(missing, ".meaning")[0]
    assert texts(missing, ".extent") == ["8 passages searched, of 4 statements from 2020-07-16 to 2021-05-31."]
    assert texts(missing, ".lone") == ["copra yields a steady income to every household of the delta."]
    assert missing.cssselect(".source, .cite") == []


def test_words_of_a_question_are_labelled_as_a_question(client: FlaskClient) -> None:
    found = hand_in(client, "“Minister, was the Kelm bridge closed because of cracks?”").cssselect(".finding")[0]
    assert texts(found, ".warning") == ["Question put to the speaker — not the speaker’s words"]
    assert texts(found, "figcaption .speaker") == ["Asked by somebody the source does not name"]


def test_the_same_words_elsewhere_are_counted_and_some_are_named(
    client: FlaskClient, collection: WordsCollection
) -> None:
    fill(collection.archive, [a_statement("The tide is high at Orm.", id=f"tide-{number}") for number in range(12)])
    found = hand_in(client, "“The tide is high at Orm.”")
    also = found.cssselect(".finding .also")[0]
    assert texts(also, "summary") == ["The same words in 11 other places"]
    assert len(also.cssselect("li")) == 6
    assert texts(also, "li")[-1] == "and others"


def test_a_draft_without_quotations_says_so(client: FlaskClient) -> None:
    found = hand_in(client, "The bridge is open.")
    assert texts(found, "#tally") == ["No quotations"]
    assert "nothing to look up" in texts(found, ".tally p")[1]
    assert found.cssselect(".finding, .drafted") == []


def test_what_counts_as_typography_is_printed_below(client: FlaskClient) -> None:
    rules = texts(hand_in(client, DRAFT), ".rules li")
    assert len(rules) == len(RULES)
    assert "dashes and hyphens of all kinds and lengths are the same" in rules


def test_a_hostile_draft_is_text_and_its_hidden_characters_are_shown(client: FlaskClient) -> None:
    found = hand_in(client, HOSTILE_DRAFT)
    assert [script.get("src") for script in found.cssselect("script")] == ["/static/onrecord.js"]
    assert found.cssselect("img, main b") == []
    drafted = found.cssselect(".drafted")[0].text_content()
    assert "<script>window.hacked = 1</script><b>Tariffs</b>" in drafted
    assert "‹U+202E›gnp.exe‹U+202C› </textarea><img src=x onerror=alert(1)>" in drafted
    assert found.cssselect("textarea")[0].text_content().strip() == HOSTILE_DRAFT.strip()


def test_a_hostile_source_is_text_and_its_address_no_link(client: FlaskClient) -> None:
    found = hand_in(client, "“copper \U0001f30d e\u0301 abc مرحبا fell.”").cssselect(".finding")[0]
    assert "‹U+202E›abc‹U+202C›" in texts(found, ".side .text")[1]
    assert texts(found, "figcaption .speaker, .title") == [
        '"><script>alert(2)</script>',
        "<img src=x onerror=alert(1)>",
    ]
    assert not [link for link in found.cssselect("a") if "javascript" in (link.get("href") or "")]


def test_a_file_is_read_as_its_name_says_and_called_by_it(client: FlaskClient) -> None:
    original = b"<p>She said:</p><blockquote>It opens again when the water is below four metres.</blockquote>"
    found = hand_in(client, file=(io.BytesIO(original), "../drafts/<i>column.html"))
    assert texts(found, "h1") == ["<i>column.html"]
    assert texts(found, "#tally") == ["1 quotation: 1 exact"]
    assert found.cssselect("textarea")[0].text_content().strip() == ""


def test_a_word_document_is_read_with_its_block_quotations(client: FlaskClient) -> None:
    written = docx.Document()
    written.add_paragraph("She said:")
    written.add_paragraph("It opens again when the water is below four metres.", style="Quote")
    file = io.BytesIO()
    written.save(file)
    file.seek(0)
    found = hand_in(client, file=(file, "column.docx"))
    assert texts(found, "h1, #tally") == ["column.docx", "1 quotation: 1 exact"]


@pytest.mark.parametrize(
    ("text", "file", "status", "said"),
    [
        ("", None, 422, "There is no draft to check. Paste a text or choose a file"),
        (" \n", None, 422, "There is no draft to check."),
        ("“Kept.”", b"Given.", 422, "Both a text and a file were given."),
        ("“a” " + "b" * MAX_DRAFT, None, 413, "200,004 characters, and 200,000 is the most."),
        ("", b"a" * (1024 * 1024 + 1), 413, "This file has more than 1 MiB."),
        ("", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", 422, "old or a locked Office document"),
    ],
)
def test_a_wrong_draft_is_refused_on_the_same_page_and_stays_in_its_box(
    client: FlaskClient, text: str, file: bytes | None, status: int, said: str
) -> None:
    handed = {} if file is None else {"file": (io.BytesIO(file), "draft.doc")}
    found = hand_in(client, text, status=status, **handed)
    assert said in texts(found, "form .failure")[0]
    assert found.cssselect("textarea")[0].text_content().strip() == text.strip()


def test_a_document_that_unpacks_to_very_much_is_not_unpacked(client: FlaskClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as document:
        document.writestr("word/document.xml", b" " * (33 * 1024 * 1024))
    packed.seek(0)
    found = hand_in(client, status=413, file=(packed, "bomb.docx"))
    assert "This document unpacks to more than 32 MiB." in texts(found, ".failure")[0]


def test_a_body_beyond_all_limits_is_refused_on_the_same_page(client: FlaskClient) -> None:
    found = hand_in(client, "a" * (4 * 1024 * 1024 + 1), status=413)
    assert texts(found, ".failure strong") == ["The body is too large."]
    assert found.cssselect("form.hand-in")


def test_nothing_of_a_draft_is_kept(client: FlaskClient, collection: WordsCollection) -> None:
    before = (collection.archive.position, collection.archive.counts())
    response = client.post("/verify", data={"text": DRAFT})
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert (collection.archive.position, collection.archive.counts()) == before
    assert "Nothing is stored" in client.get("/verify").text


def test_whatever_a_draft_is_answered_may_be_kept_by_nobody_on_the_way(client: FlaskClient) -> None:
    answers = [
        client.post("/api/v1/verify", json={"text": DRAFT}),
        client.post("/api/v1/verify", json={"text": ""}),
        client.post("/api/v1/verify", data=b"a" * (1024 * 1024 + 1), content_type="application/json"),
        client.post("/verify", data={"text": DRAFT}),
        client.post("/verify", data={"text": ""}),
    ]
    assert [answer.status_code for answer in answers] == [200, 422, 413, 200, 422]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert client.get("/api/v1/statements").headers["Cache-Control"] == "no-cache"


def test_the_form_is_in_the_navigation_and_the_empty_archive_says_how_to_fill_it(client: FlaskClient) -> None:
    found = html.document_fromstring(client.get("/verify").text)
    assert texts(found, "nav a[aria-current=page]") == ["Check"]
    assert found.cssselect("form.hand-in")[0].get("enctype") == "multipart/form-data"
    assert html.document_fromstring(client.get("/").text).cssselect("nav a")[1].get("href") == "/verify"


def test_more_quotations_than_are_checked_at_once_are_refused_with_what_to_do(client: FlaskClient) -> None:
    draft = "“Zinc is up.” " * 1001
    response = client.post("/api/v1/verify", json={"text": draft})
    assert (response.status_code, json.loads(response.data)["type"]) == (422, "/problems/too-many-quotations")
    page = hand_in(client, draft, 422)
    assert "Split it: 1,000 are checked at once." in page.text_content()
