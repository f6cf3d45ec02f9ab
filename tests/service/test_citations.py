"""A citation links to its words where they can be told apart, and a reference can be had in every form."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from corpus.archive import Archive
from corpus.errors import InvalidStatement
from corpus.reading import READERS
from corpus.records import Archived
from corpus.statement import Passage, Role, Statement, Turn
from service.capsules import NobodysWords
from service.citations import CAPSULE, FORMS, Citations, passage_meant, reference_in
from service.formats import FORMATS, UnknownFormat
from tests.builders import a_source, a_statement, whole_turns
from tests.corpus.pdf_writer import pdf

URL = "https://harbours.kelm.example/remarks/1"
TEXT = "The harbour of Kelm opens on Monday. Tin is not, as far as we can tell."
WORDS = "Tin is not, as far as we can tell."
TWO_TURNS = "Is zinc up?\n\nIt is up."


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive(tmp_path / "archive.db")
    yield opened
    opened.close()


def put(archive: Archive, original: bytes, media_type: str, text: str = TEXT, **given: Any) -> Archived:
    statement = a_statement(text, **given)
    archive.put(statement, whole_turns(statement), a_source(original, media_type=media_type))
    return archive.get(statement.id)


def words_of(archived: Archived, words: str = WORDS) -> Passage:
    start = archived.statement.text.index(words)
    return passage_meant(archived.statement, start, start + len(words))


def a_dialogue() -> Statement:
    answer = TWO_TURNS.index("It is")
    turns = (Turn(0, answer - 2, None, Role.QUESTION), Turn(answer, len(TWO_TURNS), "MS. ADLER", Role.ANSWER))
    return a_statement(TWO_TURNS, turns=turns)


def test_the_citation_of_a_web_page_links_to_its_words(archive: Archive) -> None:
    page = f"<html><body><p>Welcome. {TEXT}</p></body></html>".encode()
    archived = put(archive, page, "text/html", url=URL)
    found = Citations(archive).citation(archived, words_of(archived))
    assert found.deep_link == f"{URL}#:~:text=Tin%20is%20not%2C%20as%20far%20as%20we%20can%20tell."


def test_the_link_to_a_web_page_is_made_from_the_page_and_not_from_the_statement(archive: Archive) -> None:
    page = f"<html><body><p>{WORDS}</p><p>{TEXT}</p></body></html>".encode()
    archived = put(archive, page, "text/html", url=URL)
    found = Citations(archive).citation(archived, words_of(archived))
    assert found.deep_link == (
        f"{URL}#:~:text=of%20Kelm%20opens%20on%20Monday.-,Tin%20is%20not%2C%20as%20far%20as%20we%20can%20tell."
    )


LONG = "The northern channel of Kelm is dredged twice a year for the grain ships."


@pytest.mark.parametrize(
    ("words", "linked"),
    [
        (LONG, f"#:~:text={quote(LONG)}"),
        ("The northern channel of Kelm", None),  # so few words may stand anywhere on a page that nobody received
        (f"{LONG} {LONG.replace('northern', 'southern') * 5}", None),  # where it begins and ends may, too
    ],
)
def test_what_came_as_data_is_linked_to_by_all_of_many_words_or_not(
    archive: Archive, words: str, linked: str | None
) -> None:
    text = f"{LONG} {LONG.replace('northern', 'southern') * 5} So be it."
    archived = put(archive, b'{"body": "not what is searched"}', "application/json", text, url=URL)
    found = Citations(archive).citation(archived, words_of(archived, words)).deep_link
    assert found == (linked and f"{URL}{linked}")


def test_there_is_no_link_without_an_address(archive: Archive) -> None:
    archived = put(archive, f"<p>{TEXT}</p>".encode(), "text/html", url=None)
    assert Citations(archive).citation(archived, words_of(archived)).deep_link is None


def test_there_is_no_link_into_a_pdf_but_its_page(archive: Archive) -> None:
    archived = put(archive, pdf([(72, 700, TEXT)]), "application/pdf", url=URL)
    found = Citations(archive).cited(archived, words_of(archived))
    assert (found.citation.deep_link, found.page, found.text) == (None, 1, WORDS)


def test_two_statements_from_one_original_have_each_its_own_page(archive: Archive) -> None:
    original = b'[{"body": "one"}, {"body": "two"}]'
    texts = (LONG, LONG.replace("northern", "southern"))
    held = [put(archive, original, "application/json", text, id=text[4:12], url=URL) for text in texts]
    citations = Citations(archive)
    links = [citations.citation(one, words_of(one, one.statement.text)).deep_link for one in (*held, held[0])]
    assert links == [f"{URL}#:~:text={quote(text)}" for text in (*texts, texts[0])]


def test_a_place_means_the_passage_in_the_turn_that_holds_it() -> None:
    assert passage_meant(a_dialogue(), 13, 22) == Passage(13, 22, 1)


@pytest.mark.parametrize(("start", "end"), [(8, 15), (0, 22), (11, 13)])
def test_a_place_that_is_not_within_one_turn_is_nobodys_words(start: int, end: int) -> None:
    with pytest.raises(NobodysWords):
        passage_meant(a_dialogue(), start, end)


@pytest.mark.parametrize(("start", "end"), [(0, 23), (-3, 4), (22, 40), (5, 5), (6, 5)])
def test_a_place_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidStatement):
        passage_meant(a_dialogue(), start, end)


def test_an_unknown_form_is_refused_with_the_known_ones(archive: Archive) -> None:
    archived = put(archive, TEXT.encode(), "text/plain")
    with pytest.raises(UnknownFormat) as refused:
        reference_in("endnote", Citations(archive), archived, words_of(archived))
    assert refused.value.cause == "There is no citation format 'endnote'."
    assert refused.value.cure == f"Use one of {', '.join([*FORMATS, 'capsule'])}."


@pytest.mark.parametrize("name", FORMS)
def test_a_reference_can_be_had_in_every_form_and_ends_without_a_line_break(archive: Archive, name: str) -> None:
    archived = put(archive, TEXT.encode(), "text/plain")
    made = reference_in(name, Citations(archive), archived, words_of(archived))
    assert made
    assert made == made.rstrip("\n")


def test_a_capsule_says_how_the_original_was_read_and_cut(archive: Archive) -> None:
    archived = put(archive, TEXT.encode(), "text/plain")
    archive.adopt({"chunker": "passages-9/99"}, forgetting_vectors=False)
    made = json.loads(reference_in(CAPSULE, Citations(archive), archived, words_of(archived)))
    assert made["type"] == "Annotation"
    said = made["target"]
    assert (said["onrecord:chunker"], said["onrecord:reading"], said["onrecord:mediaType"]) == (
        "passages-9/99",
        READERS,
        "text/plain",
    )
