"""What a web page says about itself where its readers do not look."""

import pytest

from corpus.readers.draft import Draft
from corpus.readers.html import read

LONG = "The Board of Looms met in winter to speak of wool, of silk and of all that is spun in the hills of the north."


def page(head: str) -> Draft:
    html = f"<html><head><title>On wool</title>{head}</head><body><h1>On wool</h1><p>{LONG}</p></body></html>"
    return read(html.encode())


def record(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="http://looms.example/wool">', "http://looms.example/wool"),
        ('<link rel="Canonical" href="https://looms.example/wool">', "https://looms.example/wool"),
        (
            '<link rel="canonical" href="/wool"><meta property="og:url" content="https://looms.example/og">',
            "https://looms.example/og",
        ),
        ('<link rel="next" href="https://looms.example/2">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
    ],
)
def test_the_address_is_the_first_whole_one_that_is_called_its_own(head: str, url: str | None) -> None:
    assert page(head).url == url


@pytest.mark.parametrize(
    ("head", "issuer"),
    [
        (record('{"publisher": {"name": " Board  of Looms"}}'), "Board of Looms"),
        (record('{"publisher": "Board of Looms"}'), "Board of Looms"),
        (record('[{"publisher": ["x"]}, {"@graph": [{"publisher": {"name": "Loom Office"}}]}]'), "Loom Office"),
        (record('{"publisher": {"name": 5}}'), None),
        (record("{broken") + '<meta name="dc.publisher" content="Loom Office">', "Loom Office"),
        ('<meta property="og:site_name" content="Looms">' + record('{"publisher": "Board"}'), "Looms"),
    ],
)
def test_the_issuer_is_the_site_or_the_publisher_that_it_gives(head: str, issuer: str | None) -> None:
    assert page(head).issuer == issuer


def test_its_date_title_and_language_may_stand_in_its_head_alone() -> None:
    found = page(
        record('{"datePublished": "2019-01-02"}')
        + '<meta name="dc.title" content="On looms of Lyra"><meta http-equiv="content-language" content="en-GB">'
    )
    assert (found.published, found.title, found.language) == ("2019-01-02", "On looms of Lyra", "en-GB")


@pytest.mark.parametrize("json", ["[" * 100_000, '{"a":' * 100_000, "{broken", "[1, null]", ""])
def test_what_it_says_in_broken_or_endlessly_nested_json_is_passed_over(json: str) -> None:
    assert page(record(json)).text == LONG


def test_marks_of_windows_that_are_written_as_control_characters_are_shown_as_browsers_do() -> None:
    html = b"<html><body><p>Wool&#150;silk and &#x93;wool&#x94; in the north.</p></body></html>"
    assert read(html).text == "Wool–silk and “wool” in the north."
