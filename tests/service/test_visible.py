"""What a screen would obey or not draw is shown by its name; what writing needs stays as it is."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from service.visible import in_json, name, runs, shown, symbol, visible

OBEYED = [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\x7f"]
OBEYED += [chr(code) for code in (*range(0x20), *range(0x80, 0xA0)) if chr(code) not in "\t\n"]


@pytest.mark.parametrize("around", ["{}", "a{}b", "م{}م", "שלום {}", "क्{}ष", "👩{}🚀"])
@pytest.mark.parametrize("character", OBEYED)
def test_what_is_obeyed_is_shown_wherever_it_stands(character: str, around: str) -> None:
    assert visible(around.format(character)) == around.format(symbol(character))


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم",  # Persian, with a non-joiner
        "ه‍.ق",
        "क्‍ष",
        "ශ්‍රී",
        "👩🏽‍🚀 🏳️‍🌈 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "שלום (\u200f!)",
        "Bun\u00addestag",
        "葛\U000e0100城",
        "e\u0301 \u00a0 tab\tand\r\nline",
    ],
)
def test_what_writing_needs_stays(text: str) -> None:
    assert visible(text) == text.replace("\r\n", "\n")
    assert [run.control for run in runs(text)] == [False]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ta\u200bxes", "ta‹U+200B›xes"),
        ("ta\u200cxes", "ta‹U+200C›xes"),
        ("tax\u200f", "tax‹U+200F›"),
        ("tax\u200f\nמס", "tax‹U+200F›\nמס"),
        ("م\u200c\u200cم", "م\u200c‹U+200C›م"),
        ("\u00adtax", "‹U+00AD›tax"),
        ("tax\ufe0f", "tax‹U+FE0F›"),
        ("!\ufe0f\ufe0e", "!\ufe0f‹U+FE0E›"),
        ("a\rb", "a␍b"),
        ("\U0001f44d\u200da", "\U0001f44d‹U+200D›a"),
        ("a\U000e0041", "a‹U+E0041›"),
        ("name\udc80.txt", "name‹U+DC80›.txt"),
        ("\ufeff\ufffe\u3164", "‹U+FEFF›‹U+FFFE›‹U+3164›"),
    ],
)
def test_what_is_not_seen_and_not_needed_is_shown(text: str, told: str) -> None:
    assert visible(text) == told


def test_no_character_that_formats_or_controls_is_left_alone_in_a_latin_word() -> None:
    drawn = set(
        "\t\n\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u00ad"
    )  # number signs are drawn
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        is_drawn = character in drawn or 0x110BD <= code <= 0x110CD or 0x13430 <= code <= 0x1343F
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} and not is_drawn:
            assert visible(f"a{character}b") == f"a{symbol(character)}b", hex(code)


@given(
    st.text(
        alphabet=st.sampled_from("aم\u0651क्👩🏽🏴!\u200d\u200c\u202e\u200f\u00ad\ufe0f\r\n\U000e0061\U000e007f\x1b<&")
    )
)
def test_runs_join_to_the_text_and_html_reads_back_to_it(text: str) -> None:
    assert "".join(run.text for run in runs(text)) == text
    assert all(text[run.start : run.start + len(run.text)] == run.text for run in runs(text))
    page = html.fromstring(f"<p>{shown(text)}</p>")
    for one in page.cssselect(".control"):
        assert one.get("title").startswith("U+")
    assert not {"\u202e", "\x1b"} & set(page.text_content())
    assert json.loads(in_json(json.dumps(text, ensure_ascii=False))) == text


def test_a_character_is_told_by_number_and_name() -> None:
    assert (name("\u202e"), name("\udc80")) == ("U+202E RIGHT-TO-LEFT OVERRIDE", "U+DC80 NO CHARACTER")
