"""What a screen would obey or not draw is shown by its name; what writing needs stays as it is."""

import itertools
import json
import re
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from service.visible import exact, in_json, name, shown, symbol, visible

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
        "PDF\u200cها، COVID-19\u200cها، ۲۰\u200cساله، (ناتو)\u200cها، «برجام»\u200cها",  # Persian
        "ـ\u200d \u200dه",  # Arabic letters by themselves
        "کے\u200cلیے",  # Urdu
        "कर्\u200dय २०\u200c",  # Hindi
        "র\u200d্য",  # Bengali
        "ന്\u200d",  # Malayalam
        "ជំរាប\u200bសួរ\u200b NATO\u200bនៅ",  # Khmer
        "ประเทศ\u200bไทย ສະ\u200bບາຍ",  # Thai, Lao
        "မြန်မာ\u200bနိုင်ငံ",  # Burmese
        "བོད་\u200bཡིག",  # Tibetan
        "日本\u200b語 カ\u200bな",
        "ᠮᠣᠩᠭᠣᠯ\u180eᠠ ᠠ\u180bᠨ",  # Mongolian
        "𑄃𑄳\u200c𑄃 ꯀ꯭\u200cꯀ ꢠ꣄\u200dꢠ 𑂃𑂹\u200d𑂃 𑵰𑶗\u200c 𑀓𑁆\u200d ᨠ᩠\u200c",
        "\u200f12/03/2024\u200f\nשלום\n\u200e+98 21 1234\u200e",
        "\u200e(1)\u200e ٢٠",
        "\u061c5 ۲۰",
        "לַ\u034fי \u05d0\u034f\u05b7",
        "\u1112\u1160 \u115f\u1161 \u115f\u1160\u11ab",
        "👨\u200d👩\u200d👧\u200d👦 🏴\u200d☠\ufe0f #\ufe0f\u20e3 ❤\ufe0e 🇺🇳",
        "Ver\u00ad\nfassung, 20\u00adjährig, EU-\u00adStaaten, l’\u00adEtat, d'\u00adun, Ver\u00ad\r\nein",
        "e\u0301 \u00a0 tab\tand\r\nline",
    ],
)
def test_what_writing_needs_stays(text: str) -> None:
    assert visible(text) == text.replace("\r\n", "\n")
    assert shown(text) == exact(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ta\u200bxes", "ta‹U+200B›xes"),
        ("ta\u200cxes", "ta‹U+200C›xes"),
        ("tax\u200f", "tax‹U+200F›"),
        ("ta\u200fx\u0301\u200fes מס", "ta‹U+200F›x\u0301‹U+200F›es מס"),
        ("a\u200e\u200f\u200eb م", "a‹U+200E›‹U+200F›‹U+200E›b م"),
        ("ta\u094d\u200cxes", "ta\u094d‹U+200C›xes"),
        ("ក\u200b\u200bក", "ក\u200b‹U+200B›ក"),
        (" \u200c\u200cم", " ‹U+200C × 2›م"),
        ("\u115f\u1160", "‹U+115F›‹U+1160›"),
        ("a\u034fb \u2060", "a‹U+034F›b ‹U+2060›"),
        ("; \u00adtax, tax\u00ad !", "; ‹U+00AD›tax, tax‹U+00AD› !"),
        ("a\r\r\n\r\rb", "a␍\n‹U+000D × 2›b"),
        ("\0\0\0\x1b", "‹U+0000 × 3›␛"),
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


@pytest.mark.parametrize("word", ["a{}b", "д{}ж", "α{}β", "e\u0301{}é"])
def test_nothing_is_hidden_in_a_word_whatever_else_the_text_holds(word: str) -> None:
    around = "שלום ٢٠ می\u200cخواهم ประเทศไทย 日本 क्ष ខ្មែរ ᠮ 👩 "
    blocks = range(0x180B, 0x1810), range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070)
    for code in itertools.chain(
        (0x34F, 0x61C, 0x115F, 0x1160, 0x3164, 0xFEFF), *blocks, range(0xFE00, 0xFE10), range(0xE0000, 0xE0200)
    ):
        assert visible(around + word.format(chr(code))) == around + word.format(symbol(chr(code))), hex(code)


HOSTILE = "aм\u0645\u0651क्ก日👩🏽🏴א\u115f\u1161!'-"
HOSTILE += "\u200b\u200d\u200c\u034f\u202e\u2066\u200f\u00ad\ufe0f\r\n\0\U000e0061\U000e007f\x1b<&"


def raw(page: html.HtmlElement) -> str:
    """The text that was shown: each mark replaced by the characters it tells of."""
    for mark in page.xpath("//span[@class='control'] | //b[@dir='ltr']"):
        mark.text = re.sub("[␀-␟␡]|‹U\\+([0-9A-F]+)(?: × ([0-9]+))?›", _told, mark.text)
    return "".join(page.itertext())


def _told(told: re.Match[str]) -> str:
    # Written as in JSON, as a tree of elements takes no controls.
    code = int(told[1], 16) if told[1] else 0x7F if told[0] == "␡" else ord(told[0]) - 0x2400
    return f"\ue000{code:x}\ue001" * int(told[2] or 1)


@given(st.text(alphabet=st.sampled_from(HOSTILE)), st.sampled_from(["", "a\u202e" * 40]))
def test_html_reads_back_to_the_text_and_has_nothing_to_obey(end: str, begun: str) -> None:
    text = begun + end  # so many at the beginning that those after it are told without a name
    markup = shown(text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", str(markup))
    page = html.fromstring(f"<p>{markup}</p>")
    as_on_a_terminal = re.sub("‹U\\+00([01].|7F)›", lambda told: symbol(chr(int(told[1], 16))), page.text_content())
    assert as_on_a_terminal.replace("\r\n", "\n") == visible(text)
    for one in page.cssselect(".control"):
        assert one.get("title").startswith("U+")
    assert re.sub("\ue000([0-9a-f]+)\ue001", lambda told: chr(int(told[1], 16)), raw(page)) == text
    assert json.loads(in_json(json.dumps(text, ensure_ascii=False))) == text


def test_many_of_one_character_are_told_once() -> None:
    assert shown("a" + "\u202e" * 400_000 + "b") == (
        'a<span class="control" dir="ltr" title="U+202E RIGHT-TO-LEFT OVERRIDE, 400000 times">‹U+202E × 400000›</span>b'
    )
    assert in_json("\u202e" * 3) == r"\u202e\u202e\u202e"


def test_a_text_has_twenty_names_and_one_more_for_each_64_characters() -> None:
    thick = shown("a\u202e" * 64)
    assert thick.count("title=") == 21
    assert thick.endswith("</span>" + "a<b dir=ltr>‹U+202E›</b>" * 31)
    assert shown("\u202e\u202d" * 11).endswith("<b dir=ltr>‹U+202E›‹U+202D›</b>")
    assert shown(("word " * 13 + "\u202e") * 100).count("title=") == 100


ALL_SHOWN = "".join(chr(code) for code in range(sys.maxunicode + 1) if visible(chr(code)) != chr(code))


@pytest.mark.parametrize(
    "pattern",
    ["a\u202e", "\u202e\u202d", "&\u202e", "a\u200c", "👩\u200da", "\U000e0061\U000e0062", "א\u200f\u200e", ALL_SHOWN],
    ids=lambda pattern: ascii(pattern[:2]),
)
def test_a_text_made_to_be_a_burden_costs_little_for_each_character(pattern: str) -> None:
    text = (pattern * (100_000 // len(pattern) + 1))[:100_000]
    begun = time.process_time()
    markup = shown(text)
    assert time.process_time() - begun < 1  # about 0.15 s: ten times that is a rule that is no longer linear
    assert len(markup.encode("utf-8", "surrogatepass")) < 18 * len(text)


def test_a_character_is_told_by_number_and_name() -> None:
    assert (name("\u202e"), name("\udc80")) == ("U+202E RIGHT-TO-LEFT OVERRIDE", "U+DC80 NO CHARACTER")
