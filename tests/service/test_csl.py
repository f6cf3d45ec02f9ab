"""A CSL item says whose words they are, and nothing that the source does not."""

import json
from itertools import cycle
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from corpus.statement import Role
from corpus.voices import listed
from service.formats import formatted
from service.formats.csl import csl_item, iso_date, one_line, reference_id
from service.formats.names import csl_name, sort_of_author
from tests.service.citations import KEY, KINDS, a_cited, with_less

# The item types and the variables that we use, from the specification of CSL 1.0.2.
TYPES = listed("""
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset
    document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation
    manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical
    personal_communication post post-weblog regulation report review review-book software song speech standard thesis
    treaty webpage
""")
TEXT = {"type": "string", "minLength": 1}
DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
NAME = {
    "oneOf": [
        {"type": "object", "properties": {"literal": TEXT}, "required": ["literal"], "additionalProperties": False},
        {
            "type": "object",
            "properties": {"family": TEXT, "given": TEXT},
            "required": ["family", "given"],
            "additionalProperties": False,
        },
    ]
}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            "type": {"enum": sorted(TYPES)},
            "author": {"type": "array", "minItems": 1, "items": NAME},
            "issued": DATE,
            "accessed": DATE,
            **dict.fromkeys(("title", "publisher", "genre", "URL", "language", "locator", "note"), TEXT),
        },
        "required": ["id", "type"],
        "additionalProperties": False,
    },
}


def test_an_item_has_all_that_the_source_says() -> None:
    assert csl_item(a_cited()) == {
        "id": KEY,
        "type": "speech",
        "author": [{"literal": "Minister Ada Brand"}],
        "title": "On the harbour",
        "publisher": "Ministry of Harbours, Kelm",
        "genre": "Speech",
        "issued": {"date-parts": [[2024, 5, 6]]},
        "URL": "https://harbours.kelm.example/remarks/1",
        "accessed": {"date-parts": [[2024, 5, 7]]},
        "language": "en",
        "locator": "3",
        "note": "Minister Ada Brand (remarks); characters 50–68 of kelm/harbour; SHA-256 of its text: " + "cd" * 32,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_of_every_kind_and_with_whatever_missing_keeps_to_the_specification(kind: str) -> None:
    validator = Draft202012Validator(SCHEMA)
    for less, role in zip(with_less(), cycle(Role), strict=False):
        items = json.loads(formatted(a_cited(**({"kind": kind, "role": role} | less)), "csl-json"))
        assert next(validator.iter_errors(items), None) is None


def test_what_the_source_does_not_say_is_left_out() -> None:
    bare = csl_item(a_cited(title=None, issuer=None, speaker=None, published=None, url=None, kind=None, page=None))
    assert set(bare) == {"id", "type", "language", "note"}
    assert bare["note"].startswith("Speaker unknown (remarks); characters 50–68 of kelm/harbour; ")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("speech", "speech"),
        ("press gaggle", "speech"),
        ("testimony", "speech"),
        ("Interview", "interview"),
        ("letter", "personal_communication"),
        ("fact sheet", "report"),
        ("press release", "document"),
        ("executive order", "document"),
        ("tariff schedule", "webpage"),
        (None, "webpage"),
    ],
)
def test_the_type_follows_the_kind(kind: str | None, expected: str) -> None:
    assert csl_item(a_cited(kind=kind))["type"] == expected


def test_what_is_on_no_page_is_a_document() -> None:
    assert csl_item(a_cited(kind=None, url=None))["type"] == "document"


def test_a_question_is_by_whoever_puts_it_and_says_what_it_is() -> None:
    item = csl_item(a_cited(role=Role.QUESTION, speaker=None, kind="interview"))
    assert "author" not in item
    assert (item["type"], item["genre"]) == ("webpage", "Question, interview")
    assert item["note"].startswith("Question put by a questioner who is not named; ")
    named = csl_item(a_cited(role=Role.QUESTION, speaker="Orm Herald", kind=None))
    assert (named["author"], named["genre"]) == ([{"literal": "Orm Herald"}], "Question")


def test_an_introduction_is_by_the_issuer_and_never_by_the_speaker() -> None:
    item = csl_item(a_cited(role=Role.INTRODUCTION))
    assert item["author"] == [{"literal": "Ministry of Harbours, Kelm"}]
    assert (item["type"], item["genre"]) == ("webpage", "Introduction, speech")
    assert "author" not in csl_item(a_cited(role=Role.INTRODUCTION, issuer=None))


@pytest.mark.parametrize("published", ["2024", "2024-05", "2024-05-06", "0962-01-02"])
def test_a_date_is_as_precise_as_the_source(published: str) -> None:
    item = csl_item(a_cited(published=published))
    assert len(item["issued"]["date-parts"][0]) == len(published.split("-"))
    assert iso_date(item["issued"]) == published


def test_the_day_of_access_is_the_day_in_utc() -> None:
    item = csl_item(a_cited(retrieved="2024-05-07T23:30:00-04:00"))
    assert item["accessed"] == {"date-parts": [[2024, 5, 8]]}


def test_what_has_no_address_was_not_accessed() -> None:
    assert not {"URL", "accessed"} & set(csl_item(a_cited(url=None)))


def test_a_key_tells_statements_and_places_apart() -> None:
    ids: list[dict[str, Any]] = [
        {"statement_id": name} for name in ("kelm/harbour", "kelm harbour", "Kelm/Harbour", "海港", "港海", "9")
    ]
    places: list[dict[str, Any]] = [{"start": 5, "end": 68}, {"start": 50, "end": 6}]
    keys = [reference_id(a_cited(**given).citation) for given in [*ids, *places]]
    assert len(set(keys)) == len(keys)
    assert reference_id(a_cited(text_sha256="ef" * 32).citation) != reference_id(a_cited().citation)  # another version
    assert reference_id(a_cited(statement_id="海港").citation).startswith("statement-")


def test_names_and_titles_are_in_one_line() -> None:
    item = csl_item(a_cited(title="On\r\nthe\x07\u2028harbour\u202e ", issuer="\x00 ", speaker="Ada\tBrand"))
    assert (item["title"], item["author"]) == ("On the harbour", [{"literal": "Ada Brand"}])
    assert "publisher" not in item
    assert one_line(None) == ""


@pytest.mark.parametrize(
    ("printed", "given", "family"),
    [
        ("Anna Varn", "Anna", "Varn"),
        ("John F. Varn", "John F.", "Varn"),
        ("Anne-Marie Varn", None, None),
        ("Ursula von der Kelm", "Ursula", "von der Kelm"),
        ("Karine Varn-Adler", "Karine", "Varn-Adler"),
        ("Paul McVarn", "Paul", "McVarn"),
        ("Peter O’Varn", "Peter", "O’Varn"),
    ],
)
def test_a_name_that_is_surely_given_name_and_family_name_is_taken_apart(
    printed: str, given: str | None, family: str | None
) -> None:
    assert csl_name(printed) == ({"given": given, "family": family} if family else {"literal": printed})


@pytest.mark.parametrize(
    "printed",
    [
        "THE PRESIDENT",
        "MR. SNOW",
        "Embassy Spokesperson",
        "President Paul Varn",
        "Paul Varn, Press Secretary",
        "PAUL VARN",
        "He Rulong",
        "Lin Jian",
        "Kim Varn",
        "Varn Péter",
        "Simon Gábor",
        "Martin Thomas",
        "Paul Varn Adler",
        "John Varn Ka-chiu",
        "Paul Herald Tribune",
        "Victoria Police Department",
        "Georgia Parliament",
        "Victoria Times",
        "何儒龙",
        "Q: Orm Herald",
        "Anna",
        "Anna Varn and Paul Adler",
        "Florian Reporter",
        "Alexandria Prefecture",
        "Victor Spokesman",
        "Florian Vice-President",
        "Jean de Ministre-Secretary",
        "Martin Correspondent",
    ],
)
def test_a_name_that_may_be_otherwise_stays_as_it_is_printed(printed: str) -> None:
    assert csl_name(printed) == {"literal": printed}


@pytest.mark.parametrize(
    ("printed", "sort"),
    [
        ("Embassy Spokesperson", "Person"),
        ("MR. SNOW", "Person"),
        ("THE PRESIDENT", "Person"),
        ("Anna Varn", "Person"),
        ("Ministry of Harbours", "Organization"),
        ("Kelm Times", "Organization"),
        ("KELM", None),
        ("He Rulong", None),
    ],
)
def test_who_is_a_person_and_who_a_body_is_said_only_where_the_name_tells(printed: str, sort: str | None) -> None:
    assert sort_of_author(printed) == sort
