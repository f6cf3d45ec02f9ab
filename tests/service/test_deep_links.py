"""Deep links: what they spell, when there is none, and that what they spell is found in one place only."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from service.deep_links import PageText, deep_link, page_of, page_of_text

URL = "https://varn.example/speech"


def page(html: str) -> PageText:
    made = page_of(html.encode(), "text/html")
    assert made is not None
    return made


def link(html: str, text: str, quote: str, *, nth: int = 0, url: str | None = URL) -> str | None:
    """The directives of a link to the nth time that `quote` stands in `text`."""
    start = [match.start() for match in re.finditer(re.escape(quote), text)][nth]
    given_link = deep_link(url, page(html), text, start, start + len(quote))
    return given_link and given_link.partition("#")[2]


def of_text(text: str, quote: str, *, nth: int = 0) -> str | None:
    return link("".join(f"<p>{line}</p>" for line in text.split("\n\n")), text, quote, nth=nth)


def test_a_sentence_that_stands_once_is_spelled_out() -> None:
    assert of_text("Tin is down. Zinc is up. Lead is as it was.", "Zinc is up.") == ":~:text=Zinc%20is%20up."


def test_all_that_means_something_in_an_address_is_encoded() -> None:
    text = "Ore—well-known, at 5% & £3—is “up” #1/2? ~Ünlü"
    assert of_text(text, text) == (
        ":~:text=Ore%E2%80%94well%2Dknown%2C%20at%205%25%20%26%20%C2%A33%E2%80%94is%20%E2%80%9Cup%E2%80%9D"
        "%20%231%2F2%3F%20~%C3%9Cnl%C3%BC"
    )


def test_a_sentence_that_repeats_is_told_by_the_words_before_it_or_after_it() -> None:
    text = "Zinc is up. Tin is down. Zinc is up."
    assert of_text(text, "Zinc is up.") == ":~:text=Zinc%20is%20up.,-Tin%20is%20down.%20Zinc%20is%20up."
    assert of_text(text, "Zinc is up.", nth=1) == ":~:text=Zinc%20is%20up.%20Tin%20is%20down.-,Zinc%20is%20up."


def test_a_line_that_repeats_is_told_by_the_line_above_or_below_it() -> None:
    text = "Thank you.\n\nZinc is up.\n\nThank you.\n\nTin is down."
    assert of_text(text, "Thank you.") == ":~:text=Thank%20you.,-Zinc%20is%20up."
    assert of_text(text, "Thank you.", nth=1) == ":~:text=Zinc%20is%20up.-,Thank%20you."


def test_words_of_the_same_line_are_taken_rather_than_those_of_another() -> None:
    text = "The price of all ores fell.\n\nZinc is up, as I said on Tuesday.\n\nZinc is up."
    assert of_text(text, "Zinc is up", nth=0) == ":~:text=Zinc%20is%20up,-%2C%20as%20I%20said%20on%20Tuesday."


def test_case_accents_and_quote_marks_do_not_tell_two_places_apart() -> None:
    text = "The “CAFÉ” is open. Tin is down. The 'cafe' was open. The \"cafe\" is open. Lead."
    assert of_text(text, "The “CAFÉ” is open.") == (
        ":~:text=The%20%E2%80%9CCAF%C3%89%E2%80%9D%20is%20open.,-Tin%20is%20down.%20The%20%27cafe%27%20was"
    )


def test_a_passage_of_two_paragraphs_is_spelled_by_its_beginning_and_end() -> None:
    text = "Zinc is up.\n\nTin is down by as much as it was up in the year before, and lead follows tin.\n\nThank you."
    assert of_text(text, text[: text.index("\n\nThank")]) == (
        ":~:text=Zinc%20is%20up.,before%2C%20and%20lead%20follows%20tin."
    )


def test_a_passage_of_more_than_300_characters_is_not_spelled_out() -> None:
    words = [f"word{number}" for number in range(60)]
    text = "Before. " + " ".join(words) + ". After."
    assert of_text(text, text[8:-7]) == (
        ":~:text=word0%20word1%20word2%20word3%20word4,word56%20word57%20word58%20word59."
    )


def test_the_end_of_a_range_is_the_first_of_its_words_after_the_beginning() -> None:
    filler = " ".join(f"word{number}" for number in range(60))
    text = f"Kelm {filler} and so it goes on and on and on. {filler} at last and so it goes on and on and on. End."
    found = of_text(text, text[:-5])
    assert found is not None
    assert unquote(found).endswith(",word58 word59 at last and so it goes on and on and on.")


def test_where_the_page_has_something_else_between_paragraphs_each_has_a_directive() -> None:
    html = "<p>Zinc is up.</p><a href=#top>Back to top</a><p>Tin is down.</p><p>Lead too.</p>"
    text = "Zinc is up.\n\nTin is down.\n\nLead too."
    assert link(html, text, text) == ":~:text=Zinc%20is%20up.&text=Tin%20is%20down.,Lead%20too."


def test_paragraphs_that_the_page_has_in_another_order_have_no_link() -> None:
    text = "Tin is down.\n\nZinc is up."
    assert link("<p>Zinc is up.<p>Lead too.<p>Tin is down.", text, text) is None


def test_where_the_page_has_something_else_within_a_sentence_there_is_no_link() -> None:
    assert link("<p>Zinc is <span>(advertisement)</span> up.", "Zinc is up.", "Zinc is up.") is None


def test_a_passage_that_cannot_be_told_from_another_has_no_link() -> None:
    text = "\n\n".join(["Zinc.", "Tin."] * 6)
    assert of_text(text, "Zinc.", nth=3) is None


def test_a_passage_is_found_by_its_place_where_the_menu_says_the_same() -> None:
    html = "<nav><li>Zinc is up.<li>Contact</nav><h1>Speech</h1><p>Good morning. Zinc is up.</p><p>Thank you."
    assert link(html, "Good morning. Zinc is up.\n\nThank you.", "Zinc is up.") == (
        ":~:text=Good%20morning.-,Zinc%20is%20up."
    )


def test_what_stands_beside_a_picture_is_not_context() -> None:
    html = "<p>Zinc is up. <img src=a.png> Tin.</p><p>Zinc is up. <img src=b.png> Lead.</p>"
    assert link(html, "Zinc is up. Tin.\n\nZinc is up. Lead.", "Zinc is up.") is None


def test_a_sentence_with_a_picture_or_a_break_in_it_is_spelled_on_both_sides_of_it() -> None:
    for between in ("<img src=a.png>", "<br>", "<span hidden>or not</span>"):
        assert link(
            f"<p>Zinc is up {between} by two per cent.", "Zinc is up by two per cent.", "Zinc is up by two"
        ) == (":~:text=Zinc%20is%20up,by%20two")


def test_hidden_text_is_nowhere() -> None:
    html = "<p>Zinc is up.</p><p hidden>Zinc is up.</p><script>'Zinc is up.'</script>"
    assert link(html, "Zinc is up.", "Zinc is up.") == ":~:text=Zinc%20is%20up."


def test_a_quote_that_begins_or_ends_within_a_word_takes_the_rest_of_it_as_context() -> None:
    text = "Unzincified tin."
    assert of_text(text, "zinc") == ":~:text=Un-,zinc,-ified%20tin."


def test_words_end_where_every_browser_sees_it() -> None:
    text = "We can’t; 2.5 is not 2, it’s more.1 The end."
    assert of_text(text, "We can") == ":~:text=We%20can,-%E2%80%99t%3B%202.5%20is%20not%202%2C%20it%E2%80%99s%20more.1"
    assert of_text(text, "5 is not") == ":~:text=We%20can%E2%80%99t%3B%202.-,5%20is%20not"
    assert of_text(text, "it’s more.") == ":~:text=it%E2%80%99s%20more."


def test_a_script_without_spaces_is_cut_at_its_marks() -> None:
    text = "锌价上涨了。铝价下跌了，铅价不变。" + "价格" * 200 + "。谢谢大家。"
    assert unquote(of_text(text, "铝价下跌了，铅价不变。") or "") == ":~:text=铝价下跌了，铅价不变。"
    assert unquote(of_text(text, "跌了，铅价") or "") == ":~:text=锌价上涨了。铝价下-,跌了，铅价,-不变。"


def test_soft_hyphens_are_left_out_and_hard_spaces_are_spaces() -> None:
    assert link("<p>Alu&shy;minium.&nbsp; Tin", "Aluminium.\u00a0 Tin", "Aluminium.\u00a0 Tin") == (
        ":~:text=Aluminium.%20%20Tin"
    )


def test_a_quote_that_begins_within_a_word_at_a_soft_hyphen_has_no_link() -> None:
    assert link("<p>Tin. Alu&shy;minium.", "Tin. Aluminium.", "minium.") is None


def test_superscripts_of_the_reader_are_digits_on_the_page() -> None:
    assert (
        link("<p>Zinc is up.<sup>12</sup> Tin.", "Zinc is up.¹² Tin.", "Zinc is up.¹²") == ":~:text=Zinc%20is%20up.12"
    )


def test_words_with_other_marks_are_not_the_quote() -> None:
    assert link("<p>The “ore” is up.", 'The "ore" is up.', 'The "ore" is up.') is None
    assert link("<p>Le café est up.", "Le cafe est up.", "Le cafe est up.") is None


def test_half_of_one_character_is_not_quoted() -> None:
    assert link("<p>It is 1½ per cent, not 12 per cent.", "2 per cent, not 12 per cent.", "2 per cent, not") is None


def test_an_accent_set_apart_from_its_letter_stays_with_it() -> None:
    text = "Un cafe\u0301 ouvert."
    assert of_text(text, "Un cafe\u0301") == ":~:text=Un%20cafe%CC%81"


def test_lines_of_plain_text_are_not_crossed() -> None:
    original = b"ON ZINC\n\nZinc is up by  two per\ncent this\nyear, as planned.\n"
    text = "Zinc is up by  two per\ncent this\nyear, as planned."
    made = page_of(original, "text/plain")
    assert made is not None
    assert deep_link(URL, made, text, 0, len(text)) == (
        f"{URL}#:~:text=Zinc%20is%20up%20by%20%20two%20per,year%2C%20as%20planned."
    )


def test_a_page_of_which_only_the_text_was_received_has_the_lines_of_the_text() -> None:
    assert page_of_text("Zinc  is\tup.\r\nTin.").text == "Zinc is up.\nTin."


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://varn.example/a?b=c", "https://varn.example/a?b=c#:~:text=Zinc"),
        ("HTTP://varn.example/a#part", "HTTP://varn.example/a#part:~:text=Zinc"),
        ("https://varn.example/a#part:~:text=old", "https://varn.example/a#part:~:text=Zinc"),
        ("ftp://varn.example/a", None),
        ("javascript:alert(1)", None),
        ("varn.example/a", None),
        ("", None),
        (None, None),
    ],
)
def test_only_addresses_of_the_web_are_linked_and_their_own_fragment_stays(url: str | None, linked: str | None) -> None:
    assert deep_link(url, page_of_text("Zinc"), "Zinc", 0, 4) == linked


@pytest.mark.parametrize(
    ("original", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"{}", "application/json"),
        (b" ", "text/html"),
        (b"\x89PNG\r\n", "text/plain"),
    ],
)
def test_what_a_browser_does_not_show_as_text_is_no_page(original: bytes, media_type: str) -> None:
    assert page_of(original, media_type) is None


def test_a_passage_without_words_or_not_of_this_page_has_no_link() -> None:
    assert deep_link(URL, page_of_text("Zinc"), "  Zinc", 0, 2) is None
    assert deep_link(URL, page_of_text("Zinc"), "Tin", 0, 3) is None
    assert deep_link(URL, page_of_text(""), "Tin", 0, 3) is None


WORDS = ["zinc", "Zinc", "tin", "is", "is", "a", "up,", "well-known", "5%", "“ore”", '"ore"', "café", "end.", "锌。锌"]
LINES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)


@st.composite
def quoted_pages(draw: st.DrawFn) -> tuple[list[str], list[int], int, int]:
    """The lines of a page, the numbers of those that the statement has, and a quote from it, from word to word."""
    page_lines = draw(st.lists(LINES, min_size=1, max_size=8))
    left_out = draw(st.sets(st.integers(0, 7), max_size=3))
    kept = [number for number in range(len(page_lines)) if number not in left_out] or [0]
    text = "\n\n".join(page_lines[number] for number in kept)
    words = [match.span() for match in re.finditer(r"\S+", text)]
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, len(words) - 1))
    return page_lines, kept, words[first][0], words[last][1]


@settings(deadline=None)  # the first example is slow
@given(quoted_pages())
def test_what_is_given_finds_just_the_passage(drawn: tuple[list[str], list[int], int, int]) -> None:
    page_lines, kept, start, end = drawn
    text = "\n\n".join(page_lines[number] for number in kept)
    searched = "\n".join(page_lines)
    found = deep_link(URL, page("".join(f"<p>{line}</p>" for line in page_lines)), text, start, end)
    if found is None:
        return
    marked: list[int] = []
    for directive in found.partition(":~:")[2].split("&"):
        (place,) = matches(searched, directive.removeprefix("text="))
        marked += (at for at in range(*place) if not searched[at].isspace())
    assert "".join(searched[at] for at in marked) == "".join(text[start:end].split())
    if len(kept) == len(page_lines):  # else the page may say it in two places that it may be from
        before = len("".join(text[:start].split()))
        assert marked[0] == [at for at, one in enumerate(searched) if not one.isspace()][before]


def matches(text: str, directive: str) -> Iterator[tuple[int, int]]:
    """Every place in a page that a directive may mean, by the proposal, tried character for character."""
    spelled = directive.split(",")
    prefix = compared(unquote(spelled.pop(0)[:-1])) if spelled[0].endswith("-") else ""
    suffix = compared(unquote(spelled.pop()[1:])) if spelled[-1].startswith("-") else ""
    first, last = compared(unquote(spelled[0])), compared(unquote(spelled[1])) if len(spelled) > 1 else None
    page_text = compared(text)
    bounds = {match.start() for match in regex.finditer(r"\b", page_text, regex.WORD)} | {0, len(page_text)}
    for start in (at for at in range(len(page_text)) if page_text.startswith(first, at)):
        before = page_text[:start].rstrip()
        if not before.endswith(prefix) or (len(before) - len(prefix) if prefix else start) not in bounds:
            continue
        ends = [start + len(first)]
        if last is not None:
            places = range(start + len(first), len(page_text))
            ends = [at + len(last) for at in places if page_text.startswith(last, at) and at in bounds]
        for end in ends:
            after = len(page_text) - len(page_text[end:].lstrip())
            if page_text.startswith(suffix, after) and (after + len(suffix) if suffix else end) in bounds:
                yield start, end
                break


def compared(text: str) -> str:
    """As a browser compares it, a character for a character."""
    plain = "".join(unicodedata.normalize("NFD", character)[0] for character in text.casefold())
    return plain.translate(str.maketrans("“”‘’", "\"\"''"))
