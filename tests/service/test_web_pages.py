"""The pages say whose words are whose, show every character, and obey nothing that stands in a statement."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from time import sleep
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict

from corpus.archive import Archive
from corpus.records import Archived, DamagedArchive, DamagedOriginal
from corpus.statement import Role, Statement, Turn
from service.answer import Span
from service.saying import day
from service.source_view import blocks, passage_at
from service.visible import visible
from service.web import create_app
from service.web.conversation import Asked, address, in_address
from service.web.serve import PortInUse, listen
from tests.service.web_fixtures import (
    BRIEFING,
    CORRECTED,
    HOSTILE,
    LETTER,
    STATEMENTS,
    WordsCollection,
    briefing,
    delete,
    fill,
    hostile,
    letter,
    overwrite,
    small_archive,
    tear,
)

BRIDGE = "Why was the Kelm bridge closed?"


@pytest.fixture
def collection(tmp_path: Path) -> WordsCollection:
    return WordsCollection(small_archive(tmp_path))


@pytest.fixture
def client(collection: WordsCollection) -> FlaskClient:
    return create_app(collection).test_client()


def page(client: FlaskClient, path: str, status: int = 200, **query: str) -> HtmlElement:
    """The page at an address, which must answer with `status`."""
    response = client.get(path, query_string=query or None)
    assert response.status_code == status, response.text
    assert response.content_type == "text/html; charset=utf-8"
    return html.document_fromstring(response.text)


def texts(element: HtmlElement, selector: str) -> list[str]:
    """The text of each element that `selector` finds, spaces run together."""
    return [" ".join(found.text_content().split()) for found in element.cssselect(selector)]


def test_a_quote_stands_with_speaker_role_date_title_issuer_and_place(client: FlaskClient) -> None:
    quote = page(client, "/", q=BRIDGE, role="answer").cssselect("figure.quote")[0]
    assert quote.cssselect("blockquote .text")[0].text_content() == BRIEFING[100:217]
    assert texts(quote, ".speaker, .role, .date, .title, .issuer, .place") == [
        "MS. ADLER",
        "Answer",
        "16 July 2020",
        "Press briefing on the Kelm bridge",
        "Ministry of Works of Varn",
        "Characters 100–217",
    ]


def test_a_journalists_question_is_labelled_as_not_the_speakers_words(client: FlaskClient) -> None:
    quote = page(client, "/", q=BRIDGE, role="question").cssselect("figure.quote")[0]
    assert texts(quote, ".warning") == ["Question put to the speaker — not the speaker’s words"]
    assert texts(quote, "figcaption .speaker") == ["Asked by somebody the source does not name"]
    assert "ADLER" not in quote.text_content()
    copied = quote.cssselect(".copy")[0].get("data-copy")
    assert copied.splitlines()[0] == "[Question put to the speaker — not the speaker’s words]"
    assert "ADLER" not in copied


def test_an_answer_carries_no_warning(client: FlaskClient) -> None:
    assert texts(page(client, "/", q=BRIDGE, role="answer"), ".warning") == []


def test_a_quote_links_to_its_place_and_to_its_publisher(client: FlaskClient) -> None:
    quote = page(client, "/", q=BRIDGE, role="answer").cssselect("figure.quote")[0]
    place = f"/statements/briefing-varn?start=100&end=217&text={briefing().text_sha256[:12]}#passage"
    assert [link.get("href") for link in quote.cssselect(".title a, .actions a")] == [
        place,
        place,
        "https://works.example/briefing",
    ]


def test_the_same_words_elsewhere_are_listed(client: FlaskClient) -> None:
    also = page(client, "/", q=BRIDGE).cssselect("figure.quote .also")[0]
    assert texts(also, "summary") == ["The same words, or nearly, in 1 other place"]
    place = f"/statements/letters/1946/brandt?start=0&end=9&text={letter().text_sha256[:12]}#passage"
    assert also.cssselect("a")[0].get("href") == place


def test_a_copy_in_a_statement_that_is_gone_keeps_its_place_and_takes_no_answer_away(
    client: FlaskClient, collection: WordsCollection
) -> None:
    collection.archive.remove("letters/1946/brandt")
    also = page(client, "/", q=BRIDGE).cssselect("figure.quote .also")[0]
    assert also.cssselect("a")[0].get("href") == "/statements/letters/1946/brandt?start=0&end=9#passage"


def test_what_is_copied_is_the_quote_with_its_citation(client: FlaskClient) -> None:
    button = page(client, "/", q=BRIDGE, role="answer").cssselect(".copy")[0]
    assert button.get("data-copy") == (
        f"“{BRIEFING[100:217]}”\n"
        "— MS. ADLER (answer), “Press briefing on the Kelm bridge”, Ministry of Works of Varn, 2020-07-16, "
        "briefing-varn, characters 100–217, https://works.example/briefing\n"
        f"SHA-256 of the full text: {briefing().text_sha256}"
    )


def test_unknown_metadata_is_said_to_be_unknown(client: FlaskClient) -> None:
    quote = page(client, "/", q="ferry tolls ledger").cssselect("figure.quote")[0]
    assert texts(quote, ".date, .issuer") == ["Date unknown", "Issuer unknown"]


def test_words_that_would_be_code_are_text(client: FlaskClient) -> None:
    found = page(client, "/", q="tariffs copper <script>alert(3)</script>")
    assert found.cssselect("blockquote .text")[0].text_content() == visible(HOSTILE)
    assert [script.get("src") for script in found.cssselect("script")] == ["/static/onrecord.js"]
    assert found.cssselect("img, main b") == []
    assert not [link for link in found.cssselect("a") if (link.get("href") or "").startswith("javascript")]


def test_a_conversation_shows_every_exchange_and_how_a_follow_up_was_understood(client: FlaskClient) -> None:
    query = urlencode([("q", "Why was the Kelm bridge closed?"), ("q", "And when?")])
    found = page(client, f"/?{query}")
    assert texts(found, ".asked bdi") == ["Why was the Kelm bridge closed?", "And when?"]
    assert texts(found, ".understood bdi") == ["And when? (Kelm bridge closed)"]
    assert [hidden.get("value") for hidden in found.cssselect("input[type=hidden][name=q]")] == [
        "Why was the Kelm bridge closed?",
        "And when?",
    ]


def test_each_question_keeps_its_own_filters_and_the_next_one_begins_with_the_last(client: FlaskClient) -> None:
    query = urlencode([("q", "Kelm bridge?"), ("role", "question"), ("q", "Kelm bridge?"), ("role", "answer")])
    found = page(client, f"/?{query}")
    first, second = found.cssselect(".exchange")
    assert {figure.get("class") for figure in first.cssselect("figure")} == {"quote question"}
    assert {figure.get("class") for figure in second.cssselect("figure")} == {"quote answer"}
    assert found.cssselect("select option[selected]")[0].get("value") == "answer"


def test_a_chip_leads_to_the_same_question_without_its_filter(client: FlaskClient) -> None:
    found = page(client, "/", q="Kelm bridge?", speaker="adler", since="2020")
    assert texts(found, ".chip span:first-child") == ["Since: 2020", "Speaker: adler"]
    assert found.cssselect(".chip")[1].get("href") == "/?q=Kelm+bridge%3F&since=2020#question-1"


def test_what_was_read_in_the_question_is_a_chip_that_takes_it_for_words_like_others(client: FlaskClient) -> None:
    question = "What did Adler say in 2020 about the bridge?"
    found = page(client, "/", q=question)
    assert texts(found, ".chip span:first-child") == ["“in 2020”: only 2020"]
    address = str(found.cssselect(".chip")[0].get("href"))
    assert address == f"/?{urlencode([('q', question), ('ignore', 'period')])}#question-1"
    assert page(client, address.partition("#")[0]).cssselect(".chip") == []


def test_an_order_is_chosen_in_the_form_and_can_be_taken_away(client: FlaskClient) -> None:
    found = page(client, "/", q=BRIDGE, order="newest")
    assert texts(found, ".chip span:first-child") == ["Order: Newest first"]
    assert texts(found, ".summary")[0].startswith("2 passages, newest first; 8 passages searched")
    assert [one.get("value") for one in found.cssselect("#order option[selected]")] == ["newest"]


def test_an_unknown_order_is_said_with_those_there_are(client: FlaskClient) -> None:
    response = client.get("/", query_string={"q": BRIDGE, "order": "random"})
    assert response.status_code == 422
    assert "Choose one of relevance, newest, oldest." in response.text


def test_a_period_reaches_from_its_first_day_to_its_last(client: FlaskClient) -> None:
    assert len(page(client, "/", q=BRIDGE, since="2020-07", until="2020-07").cssselect("figure.quote")) == 2
    assert page(client, "/", q=BRIDGE, since="2020-08").cssselect("article > .quotes") == []


def test_nothing_found_says_what_was_searched_and_what_to_try(client: FlaskClient) -> None:
    found = page(client, "/", q="What does copra yield?", issuer="works")
    assert texts(found, ".nothing h3") == ["Nothing found on the record"]
    assert texts(found, ".nothing p")[0].startswith(
        "8 passages searched, of 4 statements from 2020-07-16 to 2021-05-31"
    )
    misses = found.cssselect(".misses figure.quote")
    assert [texts(miss, ".warning")[0].partition(" — ")[0] for miss in misses] == ["Near miss"] * 2
    copied = [str(miss.cssselect(".copy")[0].get("data-copy")) for miss in misses]
    assert all(
        text.startswith("[Near miss — does not answer the question, as far as can be told]\n") for text in copied
    )
    assert found.cssselect(".misses mark") == []
    assert (
        found.cssselect(".nothing a")[0].get("href") == "/?q=What+does+copra+yield%3F&ignore=order%2Cperiod#question-1"
    )


def test_the_first_page_says_what_is_held(client: FlaskClient) -> None:
    found = page(client, "/")
    assert texts(found, ".holdings") == ["4 statements · 8 passages · 2019 to 2021"]
    assert [name.get("value") for name in found.cssselect("#issuers option")] == [
        "<b>Bureau</b>",
        "Ministry of Works of Varn",
        "Port of Orm",
    ]


def test_the_form_knows_names_that_came_in_after_the_start(client: FlaskClient, collection: WordsCollection) -> None:
    page(client, "/")
    added = Statement(
        "n", None, "Office of Tides", None, None, None, None, None, "High.", (Turn(0, 5, None, Role.REMARKS),)
    )
    fill(collection.archive, [added])
    assert "Office of Tides" in [name.get("value") for name in page(client, "/").cssselect("#issuers option")]


def test_an_empty_archive_says_how_to_fill_it(tmp_path: Path) -> None:
    client = create_app(WordsCollection(Archive(tmp_path / "archive.db"))).test_client()
    found = page(client, "/")
    assert texts(found, ".command") == ["onrecord ingest path/to/statements"]
    assert found.cssselect("form") == []


def test_without_an_index_the_form_says_so_and_keeps_the_question(collection: WordsCollection) -> None:
    collection.indexed = False
    client = create_app(collection).test_client()
    assert "onrecord reindex" in texts(page(client, "/"), ".failure")[0]
    asked = page(client, "/", status=503, q=BRIDGE)
    assert asked.cssselect("textarea")[0].text_content().strip() == BRIDGE


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "July"}, "'July' is not a date."),
        ({"since": "2021", "until": "2020"}, "No day is both since 2021-01-01 and until 2020-12-31."),
        ({"role": "boss"}, "There is no role 'boss'."),
    ],
)
def test_a_filter_that_cannot_be_used_is_said_beside_the_form(
    client: FlaskClient, query: dict[str, str], said: str
) -> None:
    found = page(client, "/", status=422, q=BRIDGE, **query)
    assert said in texts(found, "form .failure")[0]
    assert found.cssselect("details[open]")
    assert found.cssselect("textarea")[0].text_content().strip() == BRIDGE


def test_a_blank_question_is_refused_in_words(client: FlaskClient) -> None:
    assert "The question is empty" in texts(page(client, "/", status=422, q="  "), ".failure")[0]


@pytest.mark.parametrize(
    "query",
    [
        [("q", "bridge")] * 13,
        [("q", "a"), ("q", "b"), ("speaker", "adler")],
        [("q", "a" * 2001)],
        [("speaker", "adler")],
    ],
)
def test_an_address_whose_filters_cannot_be_told_apart_is_refused(
    client: FlaskClient, query: list[tuple[str, str]]
) -> None:
    found = page(client, f"/?{urlencode(query)}", status=400)
    assert texts(found, "h1") == ["No conversation can be read from the address"]


def test_the_thirteenth_question_takes_the_place_of_the_first(client: FlaskClient) -> None:
    found = page(client, f"/?{urlencode([('q', f'bridge {i}') for i in range(12)])}")
    earlier = [hidden.get("value") for hidden in found.cssselect("input[type=hidden][name=q]")]
    assert earlier == [f"bridge {i}" for i in range(1, 12)]
    assert "which is the most" in texts(found, ".note")[0]


def test_a_fragment_is_the_last_exchange_as_the_page_has_it(client: FlaskClient) -> None:
    query = urlencode([("q", "Why was the Kelm bridge closed?"), ("q", "And when?")])
    whole = page(client, f"/?{query}").cssselect(".exchange")[-1]
    added = page(client, f"/exchange?{query}").cssselect(".exchange")
    assert [html.tostring(exchange, with_tail=False) for exchange in added] == [html.tostring(whole, with_tail=False)]


def test_an_address_reads_back_as_the_conversation_it_was_made_of() -> None:
    asked = (Asked("a & b?", since="2020"), Asked("c=d#e", speaker="Ž +"), Asked("f"))
    pairs = parse_qsl(address(asked), keep_blank_values=True)
    assert {name for name, _ in pairs} == {"q", "since", "speaker"}
    assert in_address(MultiDict(pairs)) == asked


def test_a_statement_is_shown_from_its_first_character_to_its_last(client: FlaskClient) -> None:
    for statement in STATEMENTS:
        path = f"/statements/{statement.id.replace('?', '%3F').replace('#', '%23')}"
        found = page(client, path, start="5", end="60")
        assert "".join(part.text_content() for part in found.cssselect(".script .text")) == (
            visible(statement.text) if statement.text == HOSTILE else statement.text
        )


def test_a_statement_shows_who_speaks_in_each_turn(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn")
    assert texts(found, ".turn .who") == ["Asker not named Question", "MS. ADLER Answer"] * 2
    assert texts(found, ".between") == [
        "Press briefing, Varn Question:",
        "MS. ADLER:",
        "Question:",
        "MS. ADLER:",
        "Copyright Ministry of Works",
    ]


def test_the_passage_is_marked_exactly_and_once(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn", start="104", end="120")
    assert [mark.text_content() for mark in found.cssselect("mark")] == [BRIEFING[104:120]]
    assert len(found.cssselect("#passage")) == 1
    assert texts(found, ".cited > p")[:2] == [
        "Cited passage: characters 104–120. MS. ADLER (answer).",
        "MS. ADLER (answer), “Press briefing on the Kelm bridge”, Ministry of Works of Varn, 2020-07-16, "
        "briefing-varn, characters 104–120, https://works.example/briefing",
    ]


def test_a_cited_passage_stands_with_its_permanent_address_and_all_that_is_printed(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn", start="100", end="217").cssselect(".cited")[0]
    text_sha256 = briefing().text_sha256
    address = f"/statements/briefing-varn?start=100&end=217&text={text_sha256[:12]}#passage"
    assert found.cssselect(".permanent")[0].get("href") == address
    assert texts(found, ".permanent") == [f"http://localhost{address}"]
    assert [button.get("data-copy") for button in found.cssselect(".copy")][1:] == [f"http://localhost{address}"]
    assert found.cssselect("blockquote.printed .text")[0].text_content() == BRIEFING[100:217]
    shown = dict(zip(texts(found, "dt"), texts(found, "dd"), strict=True))
    received = shown.pop("Received")
    assert received.endswith("+00:00, version 1 of 1")
    assert shown == {
        "Permanent address": f"http://localhost{address}",
        "Publisher’s page": "https://works.example/briefing",
        "SHA-256 of the original": text_sha256,
        "SHA-256 of the text": text_sha256,
    }


def test_a_cited_passage_can_be_had_in_every_form_by_plain_links(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn", start="100", end="217").cssselect(".cited .cite")[0]
    assert texts(found, "a") == [
        *("CSL-JSON", "RIS", "BibTeX", "APA", "Chicago", "MLA", "Markdown", "Wikipedia", "ClaimReview", "Capsule"),
    ]
    answers = [client.get(str(link.get("href"))) for link in found.cssselect("a")]
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.data for answer in answers}) == 10


def test_a_quote_can_be_cited_in_every_form_and_a_miss_in_none(client: FlaskClient) -> None:
    quote = page(client, "/", q=BRIDGE, role="answer").cssselect("figure.quote")[0]
    place = f"statement_id=briefing-varn&start=100&end=217&text={briefing().text_sha256[:12]}"
    assert [link.get("href") for link in quote.cssselect(".cite a")][2] == f"/api/v1/cite?{place}&format=bibtex"
    assert len(quote.cssselect(".cite a")) == 10
    assert page(client, "/", q="What does copra yield?").cssselect(".misses .cite") == []


def test_a_passage_over_two_turns_is_given_to_nobody(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn", start="80", end="120")
    assert texts(found, ".cited .warning") == ["Not the words of one speaker"]
    assert found.cssselect(".copy, .cite, .permanent") == []
    assert "".join(mark.text_content() for mark in found.cssselect("mark")) == BRIEFING[80:120]
    assert len(found.cssselect("#passage")) == 1


def test_a_marked_question_is_labelled_as_a_question(client: FlaskClient) -> None:
    found = page(client, "/statements/briefing-varn", start="32", end="87")
    assert texts(found, ".cited .warning") == ["Question put to the speaker — not the speaker’s words"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"start": "5", "end": "99999"}, "5–99999 is not a place in it"),
        ({"start": "9", "end": "5"}, "9–5 is not a place in it"),
        ({"start": "5"}, "Give both start and end"),
        ({"start": "x", "end": "9"}, "Give both start and end"),
        ({"start": "-3", "end": "9"}, "Give both start and end"),
        ({"start": "9" * 5000, "end": "9"}, "Give both start and end"),
    ],
)
def test_a_place_that_is_none_is_refused_in_words(client: FlaskClient, query: dict[str, str], said: str) -> None:
    assert said in texts(page(client, "/statements/briefing-varn", status=400, **query), ".lead")[0]


def test_an_unknown_statement_has_a_page_that_says_so(client: FlaskClient) -> None:
    found = page(client, "/statements/none", status=404)
    assert texts(found, "h1") == ["No such statement"]
    assert "'none'" in texts(found, ".lead")[0]


def test_earlier_versions_are_linked_and_said_to_be_earlier(client: FlaskClient, collection: WordsCollection) -> None:
    fill(collection.archive, [briefing(CORRECTED)])
    current = page(client, "/statements/briefing-varn")
    assert texts(current, ".versions, .earlier") == ["Version 2 of 2. Version 1"]
    earlier = page(client, "/statements/briefing-varn", version="1")
    assert texts(earlier, ".versions, .earlier") == [
        "This is an earlier version. Read the current one.",
        "Version 1 of 2. Version 2",
    ]
    assert earlier.cssselect(".earlier a")[0].get("href") == "/statements/briefing-varn"
    assert "3 March" in earlier.cssselect(".script")[0].text_content()


def test_versions_are_listed_with_the_days_on_which_they_were_received(
    client: FlaskClient, collection: WordsCollection
) -> None:
    assert "Versions" not in texts(page(client, "/statements/briefing-varn"), ".provenance dt")
    fill(collection.archive, [briefing(CORRECTED)])
    found = page(client, "/statements/briefing-varn", version="1")
    days = [day(collection.archive.get("briefing-varn", number).ingested_at.partition("T")[0]) for number in (2, 1)]
    assert texts(found, ".received li") == [
        f"Version 2, received {days[0]}",
        f"Version 1 (shown here), received {days[1]}",
    ]
    assert found.cssselect(".received a")[0].get("href") == "/statements/briefing-varn?version=2"


def test_a_version_that_is_damaged_takes_no_other_away(
    client: FlaskClient, collection: WordsCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(collection.archive, [briefing(CORRECTED)])
    held = collection.archive.get

    def damaged(statement_id: str, version: int | None = None) -> Archived:
        if version == 1:
            raise DamagedArchive(statement_id)
        return held(statement_id, version)

    monkeypatch.setattr(collection.archive, "get", damaged)
    assert texts(page(client, "/statements/briefing-varn"), ".received li")[1] == "Version 1, damaged"


def test_the_original_comes_byte_for_byte_as_a_file_and_is_never_shown(client: FlaskClient) -> None:
    found = page(client, "/statements/letters/1946/brandt")
    link = next(link for link in found.cssselect(".provenance a") if "/originals/" in str(link.get("href")))
    assert " ".join(link.getparent().text_content().split()) == "As it was received (text/plain, 106 bytes)"
    response = client.get(str(link.get("href")))
    assert response.data == LETTER.encode()
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="letters-1946-brandt.txt"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers.getlist("Content-Security-Policy") == ["default-src 'none'; sandbox"]


def test_the_name_of_an_original_has_nothing_of_a_hostile_id(client: FlaskClient) -> None:
    response = client.get(f"/originals/{hostile().text_sha256}")
    assert response.data == HOSTILE.encode()
    assert response.headers["Content-Disposition"] == 'attachment; filename="hostile-x-1-i.txt"'


@pytest.mark.parametrize("sha256", ["0" * 64, "none", briefing().text_sha256[:12], briefing().text_sha256.upper()])
def test_an_original_that_is_not_held_is_said_not_to_be(client: FlaskClient, sha256: str) -> None:
    assert texts(page(client, f"/originals/{sha256}", status=404), "h1") == ["No such original"]


def test_an_original_that_is_damaged_is_not_given_and_its_statement_stays_to_be_read(
    client: FlaskClient, collection: WordsCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(digest: str) -> None:
        raise DamagedOriginal(digest)

    monkeypatch.setattr(collection.archive, "original", damaged)
    found = page(client, "/statements/briefing-varn")
    assert "Damaged: the archive no longer holds what was received" in texts(found, ".provenance dd")
    refused = page(client, f"/originals/{briefing().text_sha256}", status=503)
    assert texts(refused, "h1") == ["The archive is damaged"]


def test_a_link_made_for_an_answer_marks_the_same_words_when_the_statement_has_changed(
    client: FlaskClient, collection: WordsCollection
) -> None:
    quote = page(client, "/", q=BRIDGE, role="answer").cssselect("figure.quote")[0]
    fill(collection.archive, [briefing(CORRECTED)])
    found = page(client, quote.cssselect(".title a")[0].get("href"))
    assert [mark.text_content() for mark in found.cssselect("mark")] == texts(quote, ".text")
    assert texts(found, ".earlier") == ["This is an earlier version. Read the current one."]
    assert texts(found, ".assumed") == []


def test_the_current_version_is_preferred_among_those_with_the_text(
    client: FlaskClient, collection: WordsCollection
) -> None:
    fill(collection.archive, [briefing(CORRECTED)])
    fill(collection.archive, [briefing()])
    found = page(client, "/statements/briefing-varn", start="100", end="217", text=briefing().text_sha256)
    assert texts(found, ".versions") == ["Version 3 of 3. Version 1 Version 2"]


@pytest.mark.parametrize("text", ["0" * 12, briefing().text_sha256[:11], "%" * 12, ""])
def test_a_text_that_no_version_has_is_said_not_to_be_held(client: FlaskClient, text: str) -> None:
    found = page(client, "/statements/briefing-varn", status=404, start="100", end="217", text=text)
    assert texts(found, "h1") == ["The archive does not hold that text"]
    assert "No version of 'briefing-varn' has the text that this address means" in texts(found, ".lead")[0]


def test_a_version_with_another_text_than_the_address_means_is_not_shown(
    client: FlaskClient, collection: WordsCollection
) -> None:
    fill(collection.archive, [briefing(CORRECTED)])
    text = briefing().text_sha256[:12]
    assert page(client, "/statements/briefing-varn", version="1", text=text).cssselect(".script")
    assert page(client, "/statements/briefing-varn", status=404, version="2", text=text).cssselect(".lead")


def test_a_text_of_an_unknown_statement_is_an_unknown_statement(client: FlaskClient) -> None:
    found = page(client, "/statements/none", status=404, start="1", end="2", text="0" * 12)
    assert texts(found, "h1") == ["No such statement"]


def test_a_place_in_no_named_version_is_said_to_be_read_in_the_current_one(
    client: FlaskClient, collection: WordsCollection
) -> None:
    place = "/statements/briefing-varn?start=104&end=120"
    assert texts(page(client, place), ".assumed") == []
    fill(collection.archive, [briefing(CORRECTED)])
    found = page(client, place)
    assert texts(found, ".cited .assumed") == [
        "This address does not say which version it means; the place is read in the current one."
    ]
    assert texts(page(client, f"{place}&version=2"), ".assumed") == []
    assert texts(page(client, "/statements/briefing-varn"), ".assumed") == []


@pytest.mark.parametrize("ruin", [delete, overwrite, tear])
@pytest.mark.parametrize("path", ["/", "/?q=bridge", "/statements", "/statements/briefing-varn"])
def test_an_archive_that_is_ruined_under_the_server_has_a_page_that_says_so(
    client: FlaskClient, collection: WordsCollection, path: str, ruin: Callable[[Archive], None]
) -> None:
    page(client, path)
    ruin(collection.archive)
    assert texts(page(client, path, status=503), "h1") == ["The archive cannot be read"]


def test_a_ruined_archive_is_said_beside_the_form_of_a_page_that_is_open(
    client: FlaskClient, collection: WordsCollection
) -> None:
    delete(collection.archive)
    found = page(client, "/exchange", status=503, q="bridge")
    assert texts(found, ".failure strong") == ["The archive cannot be read."]
    assert found.cssselect("main") == []


def test_an_address_that_is_not_of_the_web_is_no_link(client: FlaskClient) -> None:
    found = page(client, "/statements/hostile%3Fx=1%23%3Ci%3E")
    assert "javascript://alert.example/%0aalert(1)" in texts(found, ".provenance dd")
    assert not [link for link in found.cssselect("a") if (link.get("href") or "").startswith("javascript")]


def test_provenance_has_both_hashes(client: FlaskClient) -> None:
    codes = texts(page(client, "/statements/letters/1946/brandt"), ".provenance code")
    assert codes == [letter().text_sha256, letter().text_sha256]


def test_the_list_of_statements_links_to_each_and_leads_on(client: FlaskClient, collection: WordsCollection) -> None:
    turns = (Turn(0, 5, None, Role.REMARKS),)
    fill(
        collection.archive,
        [Statement(f"n{i:02}", None, None, None, None, None, None, None, "High.", turns) for i in range(50)],
    )
    first = page(client, "/statements")
    following = first.cssselect("a[rel=next]")[0].get("href")
    assert len(first.cssselect(".table li")) == 50
    assert [link.get("href") for link in page(client, following).cssselect(".table a")] == [
        *[f"/statements/n{i}" for i in range(47, 50)],
        "/statements/speech-orm",
    ]


def test_blocks_join_to_the_text_and_marks_to_the_passage() -> None:
    for place in (Span(0, 1), Span(20, 105), Span(90, 99), Span(0, len(BRIEFING))):
        laid = list(blocks(briefing(), place))
        assert "".join(piece.text for block in laid for piece in block.pieces) == BRIEFING
        marked = "".join(piece.text for block in laid for piece in block.pieces if piece.marked)
        assert marked == BRIEFING[place.start : place.end]
        assert sum(piece.opens for block in laid for piece in block.pieces) == 1


def test_a_passage_belongs_to_a_turn_only_when_it_is_inside_it() -> None:
    assert passage_at(briefing(), Span(100, 217)) is not None
    assert passage_at(briefing(), Span(99, 217)) is None
    assert passage_at(briefing(), Span(100, 218)) is None


def test_a_statement_without_turns_is_shown_whole() -> None:
    bare = Statement("n", None, None, None, None, None, None, None, "\n One.\n\nTwo. ", ())
    assert [(block.turn, block.blank) for block in blocks(bare, None)] == [(None, True), (None, False), (None, True)]
    assert hostile().text == "".join(piece.text for block in blocks(hostile(), None) for piece in block.pieces)


def test_a_port_in_use_is_named_with_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as refused:
            listen("127.0.0.1", port)
    assert refused.value.cause == f"Port {port} on 127.0.0.1 is in use by another program."
    assert f"--port {port + 1}" in refused.value.cure


def test_a_port_is_taken_from_the_moment_it_is_listened_on() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(PortInUse):
        listen("127.0.0.1", listener.getsockname()[1])


SLOW_SERVER = """
import time
from flask import Flask
from service.web.serve import listen, serve

app = Flask("slow")
app.add_url_rule("/", view_func=lambda: time.sleep(1) or "finished" * 1_900_000)
with listen("127.0.0.1", 0) as listener:
    serve(app, listener, 8, ready=lambda address: print(address, flush=True))
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_finishes_what_it_answers_and_exits_with_0(stop: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW_SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().strip())
        connection = HTTPConnection("127.0.0.1", address.port or 0, timeout=20)
        connection.request("GET", "/")
        sleep(0.3)
        server.send_signal(stop)
        sleep(1.5)  # more than the sockets hold is still unsent when the last thread is done
        assert connection.getresponse().read() == b"finished" * 1_900_000
        assert server.wait(20) == 0
