import re

import pytest

from corpus.alignment import Folded
from corpus.errors import Unreadable
from corpus.keywords import _spaced
from corpus.readers import read as read_file
from corpus.readers import sheets
from corpus.readers.hidden import is_faint, without_smuggled
from corpus.readers.html import read
from corpus.readers.manuscript import read_manuscript
from corpus.readers.shown import STOP, shown
from corpus.readers.styles import Sight

TAGGED = "".join(chr(0xE0000 + ord(letter)) for letter in "never")


def seen(body: str, head: str = "") -> str:
    return read(f"<!DOCTYPE html><html><head>{head}</head><body><p>Zinc</p>{body}</body></html>".encode()).text


def styled(rules: str, body: str) -> str:
    return seen(body, f"<style>{rules}</style>")


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        r"d\69splay: NONE !important",
        "visibility: hidden",
        "visibility:collapse",
        "opacity: 0",
        "font-size:0",
        "font-size:1px",
        "color: white",
        "color:#fefefe",
        "color:transparent",
        "color: rgba(0, 0, 0, 0.01)",
        "position:absolute; left:-9999px",
        "position: fixed; top: -9999px",
        "position:absolute; clip: rect(0,0,0,0)",
        "position:absolute; clip: rect(1px 1px 1px 1px)",
    ],
)
def test_what_a_style_keeps_from_sight_is_not_in_the_text(style: str) -> None:
    assert seen(f"<div style='{style}'>no</div><p>is up.") == "Zinc\n\nis up."
    assert styled(f".x {{ {style} }}", "<div class=x>no</div><p>is up.") == "Zinc\n\nis up."


@pytest.mark.parametrize(
    "style",
    [
        "display: block",
        "opacity: 0.5",
        "font-size: 8px",
        "color: yellow",
        "color: #999",
        "color: white; background: black",
        "color: white; background: url(dark.png)",
        "color: white; text-shadow: 0 0 2px black",
        "color: transparent; background: linear-gradient(red, blue); -webkit-background-clip: text",
        "color: var(--ink)",
        "text-indent: -20px",
        "left: -9999px",
        "clip: rect(0,0,0,0)",
        "height: 0",
        "height: 0; padding-bottom: 50%; overflow: hidden",
        "opacity: 0; animation: arrive 1s forwards",
        "opacity: 0; -webkit-transition: opacity 1s",
        "visibility: hidden; animation: arrive 1s",
        "height: 100dvh; overflow: hidden",
        "height: 1px; overflow: hidden",
        r"font-size: 13px\9",
        "font-size: 4cqi",
        "font: oblique 10deg 16px serif",
        "transform: scale(0)",
        "transform: translate3d(-2560px, 0, 0)",
        "margin: 0 -9999px; padding: 0 9999px",
        "position: absolute; left: -9999px; width: 20000px",
        "position: absolute; left: -9999px; transform: translateX(9999px)",
        "font-size: 1px; transform: scale(12)",
        "color: white; box-shadow: inset 0 0 0 99px navy",
        "color: white; color-scheme: dark",
        "color: white; outline: 40px solid navy",
        "display: none; display: var(--x)",
    ],
)
def test_what_a_style_leaves_in_sight_is_in_the_text(style: str) -> None:
    assert seen(f"<div style='{style}'>yes</div><p>is up.") == "Zinc\n\nyes\n\nis up."


@pytest.mark.parametrize(
    "body",
    [
        "<p aria-hidden=true>yes",
        "<details><summary>yes</summary></details>",
        "<p hidden=until-found>yes",
        "<p hidden style=display:block>yes",
        "<div style='color:white'><a href=/a style=display:block>yes</a></div>",
        "<div style=visibility:hidden>no<p style=visibility:visible>yes</p></div>",
        "<div style='color:white'>no<p style='color:black'>yes</p></div>",
        "<h2 style='background:navy;margin:0 0 -2em'>&nbsp;</h2><p style='color:white'>yes",
        "<div style='position:absolute;left:-9999px'><p style='position:fixed;left:0'>yes</p></div>",
        "<div style=position:relative><p style='position:absolute;top:-9999px'>yes</p></div>",
        "<div dir=rtl><p style='position:absolute;left:-9999px'>yes</p></div>",
        "<div style='color:white'><mark>yes</mark></div>",
        "<div style=font-size:0>no<p style=font-size:12px>yes</p></div>",
        "<table bgcolor=black><tr><td><font color=white>yes</font></td></tr></table>",
    ],
)
def test_what_is_seen_or_a_click_away_is_in_the_text(body: str) -> None:
    assert seen(f"{body}") == "Zinc\n\nyes"


@pytest.mark.parametrize(
    ("rules", "hidden"),
    [
        ("p b { display: none }", True),
        ("body > p > b.x1#q { display: none }", True),
        ("BODY p B, .z::before { display: none }", True),
        ("p + p b { display: none }", False),
        ("p ~ p > b { display: none }", False),
        ("b[class^=x] { display: none }", False),
        ("b:not(:hover) { display: none }", False),
        (":is(i, b) { display: none }", False),
        ("b, .z::-moz-strange { display: none }", False),
        ("b { display: none } b:nth-child(1) { display: inline }", False),
        ("b { display: none } :is(p b) { display: inline }", False),
        ("b { display: none } p + p b { display: inline }", False),
        ("b { display: none } p:has(b) .x1 { display: inline }", False),
        ("b { display: none } b:hover { display: inline }", False),
        ("b { display: none } i:hover { display: inline }", True),
        ("b { display: none } p { & b { display: inline } }", False),
        ("b { display: none } b { @media (width > 9px) { display: inline } }", False),
        ("b { display: none !important } @container (width > 9px) { b { display: inline } }", True),
        ("b { display: none } @container (width > 9px) { b { display: inline } }", False),
        ("b { display: none } @media (prefers-reduced-motion) { b { display: inline } }", False),
        ("@supports (-ms-strange: auto) { b { display: none } }", False),
        ("@layer one { b { display: none } }", False),
        ("b { display: none } @layer one { b { display: inline } }", False),
        ("b { display: none } b { display: revert }", False),
        ("b { display: none } b { all: unset }", False),
        ("@media screen { b { display: none } }", True),
        ("i > b { display: none }", False),
        ("b:hover { display: none }", False),
        ("b::before { display: none }", False),
        ("@media print { b { display: none } }", False),
        ("@media screen and (min-width: 600px) { b { display: none } }", False),
        ("@media (max-width: 600px) { b { display: none } }", False),
        ("b { display: none } p b { display: inline }", False),
        ("p b { display: none } b { display: inline }", True),
        ("b { display: none !important } p .x { display: inline }", True),
        ("#q { display: none } b { display: inline }", True),
        ("b { display: none } b { display: inline }", False),
        ("b:nth-child(1) { display: none }", False),
        ("b, , i { display: none }", False),
    ],
)
def test_the_rules_of_a_page_hold_by_the_cascade(rules: str, *, hidden: bool) -> None:
    assert styled(rules, "<p>is <b id=q class=x1>not </b></p>") == f"Zinc\n\nis{'' if hidden else ' not'}"


def test_a_style_attribute_goes_before_a_rule_that_is_not_important() -> None:
    body = "<p>is <b style='display:inline'>not </b>up."
    assert styled("b { display: none }", body) == "Zinc\n\nis not up."
    assert styled("b { display: none !important }", body) == "Zinc\n\nis up."


def test_words_join_over_what_takes_no_place_and_stand_apart_over_a_gap() -> None:
    assert seen("<p>zap<b style='display:none'>no</b>per") == "Zinc\n\nzapper"
    assert seen("<p>zap<b style='font-size:0'>no</b>per") == "Zinc\n\nzapper"
    assert seen("<p>zap<b style='visibility:hidden'>no</b>per") == "Zinc\n\nzap per"
    assert seen("<p>zap<b style='color:white'>no</b>per") == "Zinc\n\nzap per"
    part = "<b style='visibility:hidden'>no<i style='visibility:visible'>ped</i></b>"
    assert seen(f"<p>zap{part} up") == "Zinc\n\nzap ped up"


@pytest.mark.parametrize("linked", ["<link rel=stylesheet href=a.css>", "<style>@import 'a.css';</style>"])
def test_where_a_sheet_is_not_in_the_page_only_the_plainest_of_attributes_hide(linked: str) -> None:
    rules = f"{linked}<style>.x {{ display: none }}</style>"
    for styled_as in ("class=x", "style='color:white'", "style='font-size:0'", "style='display:none;display:block'"):
        assert seen(f"<p {styled_as}>yes", rules) == "Zinc\n\nyes"
    for hidden in ("hidden", "style='color:red; DISPLAY: none'", "style='display:none!important;color:red'"):
        assert seen(f"<p {hidden}>no<p>up.", rules) == "Zinc\n\nup."


def test_a_rule_goes_before_an_attribute_that_is_no_style() -> None:
    assert styled("font { color: black }", "<p><font color=white>yes</font>") == "Zinc\n\nyes"
    assert styled("i { color: black }", "<p><font color=white>no</font>up.") == "Zinc\n\nup."


def test_a_sheet_for_print_alone_plays_no_part() -> None:
    link = "<link rel=stylesheet media=print href=a.css>"
    assert seen("<p style='color:white'>no<p>up.", link) == "Zinc\n\nup."


@pytest.mark.parametrize("attribute", ["type=text/less", "media='(width > 9px)'", "title=Other"])
def test_a_sheet_that_may_not_count_shows_and_hides_nothing(attribute: str) -> None:
    assert seen("<p class=x>yes", f"<style {attribute}>.x {{ display: none }}</style>") == "Zinc\n\nyes"
    both = f"<style>.x {{ display: none }}</style><style {attribute}>.x {{ display: block }}</style>"
    assert seen("<p class=x>yes", both) == "Zinc\n\nyes"


def test_a_long_text_beyond_the_edge_may_reach_onto_the_page() -> None:
    line = "ore " * 100
    assert seen(f"<div style='position:absolute;left:-9999px'>{line}</div>") == f"Zinc\n\n{line.strip()}"


def test_white_words_that_may_lie_on_a_picture_count_as_seen() -> None:
    assert seen("<img src=a.png><p style='color:white; position:absolute'>yes") == "Zinc\n\nyes"
    assert seen("<img src=a.png><p style='color:white; margin-top:-9em'>yes") == "Zinc\n\nyes"
    assert seen("<img src=a.png><p style='color:white'>no<p>up.") == "Zinc\n\nup."


def test_the_name_that_draws_an_icon_is_not_in_the_text() -> None:
    assert seen("<p>is up <span class='material-icons'>arrow_upward</span>") == "Zinc\n\nis up"


def test_of_a_page_with_more_style_than_is_followed_only_the_plainest_of_attributes_hide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "<p>a<b class=x>b</b>c<i hidden>d</i>e<i style='display:none'>f</i>g" + "<p>h" * 40
    rest = "\n\n".join(["Zinc", "{}", *["h"] * 40])
    rules = ".x { display: none } " * 40
    assert styled(rules, body) == rest.format("aceg")
    monkeypatch.setattr(sheets, "MOST_TRIALS", 30)
    assert styled(rules, body) == rest.format("abceg")
    monkeypatch.setattr(sheets, "MOST_TRIALS", 30_000)
    monkeypatch.setattr(sheets, "MOST_STYLE", 500)
    assert styled(rules, body) == rest.format("abceg")


def test_a_font_written_into_a_sheet_is_no_style_to_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_STYLE", 500)
    font = f"@font-face {{ font-family: Ore; src: url(data:font/woff2;base64,{'A' * 9_000}) }}"
    assert styled(f"{font} .x {{ display: none }}", "<p>a<b class=x>b</b>c") == "Zinc\n\nac"


@pytest.mark.parametrize("opening", ["(", "[", "{", ":not(", "@media screen {", "p >", "color(", "\\"])
def test_a_style_that_never_ends_hides_nothing(opening: str) -> None:
    assert styled(opening * 2_000, "<p>is up.") == "Zinc\n\nis up."
    assert seen(f"<p style='color: {opening * 2_000}'>is up.") == "Zinc\n\nis up."


def test_a_selector_of_many_parts_is_not_tried_in_all_its_ways() -> None:
    deep = "<div>" * 150 + "<p>is up." + "</div>" * 150
    assert styled("div " * 400 + "i { display: none }", deep) == "Zinc\n\nis up."


def test_what_browsers_find_unseen_stands_between_stops_and_the_rest_is_left_out() -> None:
    page = "<style>.x{{display:none}}</style><p>Zinc <b style='{}'>no</b> is up."
    assert shown(page.format("color:white").encode(), "text/html") == f"Zinc {STOP}no{STOP} is up."
    assert shown(page.format("visibility:hidden").encode(), "text/html") == f"Zinc {STOP} is up."
    assert shown(b"<style>.x{display:none}</style><p>Zinc <b class=x>no</b> is up.", "text/html") == (
        f"Zinc {STOP} is up."
    )


def test_hidden_words_of_a_draft_are_not_checked_and_those_around_them_are() -> None:
    page = "<style>.x{display:none}</style><p>She said: “We stay.” <i class=x>“We go.”</i>"
    assert read_manuscript(page.encode(), "draft.html").text == "She said: “We stay.”"


def test_every_reader_leaves_out_tag_characters() -> None:
    for name, source in (
        ("a.txt", f"Zinc is {TAGGED}up."),
        ("a.md", f"Zinc is {TAGGED}up."),
        ("a.html", "<p>Zinc is " + "".join(f"&#{ord(one)};" for one in TAGGED) + "up."),
        ("a.jsonl", f'{{"text": "Zinc is {TAGGED}up.", "title": "{TAGGED}"}}'),
    ):
        (found,) = read_file(source.encode(), name)
        assert (found.draft.text, found.draft.title) == ("Zinc is up.", None)  # type: ignore[union-attr]


def test_a_text_of_nothing_but_tag_characters_is_refused() -> None:
    (found,) = read_file(f'{{"text": "{TAGGED}"}}'.encode(), "a.jsonl")
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("葛\U000e0100\U000e0101\U000e0102城", "葛\U000e0100城"),
        ("zinc\U000e0120\U000e0121", "zinc"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("😀\ufe01\ufe02\U000e0142", "😀\ufe01"),
        ("می\u200cخواهم क्\u200dष \u202bא\u202c co\u00adop", "می\u200cخواهم क्\u200dष \u202bא\u202c co\u00adop"),
        ("\U000e0001\U000e007f.", "."),
    ],
)
def test_only_characters_that_carry_a_text_unseen_are_left_out(text: str, kept: str) -> None:
    assert without_smuggled(text) == kept


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u00ad", "\u2060", "\u202e", "\u034f", "\ufe01", "\u2063", "\ufff9", TAGGED]
)
def test_an_unseen_character_hides_no_word_from_the_search_and_the_quotation_check(mark: str) -> None:
    text = f"The zap{mark}per rose."
    folded = Folded(text)
    assert folded.words == ["the", "zapper", "rose"]
    assert text[folded.starts[1] : folded.ends[1]] == f"zap{mark}per"
    assert re.findall(r"\w+", _spaced(text)) == ["The", "zapper", "rose"]


def test_what_is_hard_to_read_is_not_what_cannot_be_read() -> None:
    assert is_faint((0, 0, 0), (0.05, 0.05, 0.05))
    assert not is_faint((0.8, 0.8, 0.8), (1, 1, 1))


def test_sights_say_whether_they_leave_a_gap_and_are_found() -> None:
    assert [one for one in Sight if one.leaves_gap] == [Sight.INVISIBLE, Sight.BLANK]
    assert [one for one in Sight if one.is_found] == [Sight.SEEN, Sight.BLANK, Sight.AWAY]
