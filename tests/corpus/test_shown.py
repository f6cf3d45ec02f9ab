"""The text of a page as a browser lays it out: everything that a search on the page can find, and nothing else."""

import pytest

from corpus.errors import Unreadable
from corpus.readers.shown import STOP, shown


def lines(page: str) -> list[str]:
    return (shown(page.encode(), "text/html") or "").split("\n")


def test_menus_and_footers_are_text_like_any_other() -> None:
    page = "<nav><a href=/>Home</a></nav><main><h1>Zinc</h1><p>It is up.</main><footer>© Varn</footer>"
    assert lines(page) == ["Home", "Zinc", "It is up.", "© Varn"]


def test_inline_elements_join_and_blocks_part() -> None:
    assert lines("<p>One <b>t</b>wo<div>three<span>four</span><ul><li>five<li>six</ul>seven</div>") == [
        "One two",
        "threefour",
        "five",
        "six",
        "seven",
    ]


def test_each_cell_of_a_table_is_a_line() -> None:
    assert lines("<table><caption>Ore<tr><th>Zinc<td>7<tr><th>Tin<td>9</table>") == ["Ore", "Zinc", "7", "Tin", "9"]


def test_a_line_break_parts_and_an_optional_one_does_not() -> None:
    assert lines("<p>Zinc<br>tin<br/>lead<wbr>en") == ["Zinc", "tin", "leaden"]


def test_white_space_is_collapsed_across_elements_but_not_where_it_is_preserved() -> None:
    assert lines("<p> Zinc \n <b> is </b>\tup <pre>tin  is\n down </pre>") == ["Zinc is up", "tin  is", "down"]


def test_a_no_break_space_is_not_collapsed() -> None:
    assert lines("<p>Zinc.&nbsp; Tin.") == ["Zinc.\xa0 Tin."]


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>no()</script>",
        "<style>no</style>",
        "<template>no</template>",
        "<noscript>no</noscript>",
        "<span hidden>no</span>",
        '<span style="color:red; DISPLAY : none">no</span>',
        "<b style=visibility:hidden>no</b>",
        "<select><option>no</select>",
        "<svg><text>no</text></svg>",
        "<textarea>no</textarea>",
        "<img src=no.png alt=no>",
        "<input value=no>",
    ],
)
def test_what_is_not_text_or_hidden_leaves_a_stop_in_its_line(unseen: str) -> None:
    assert lines(f"<p>Zinc {unseen} is up.") == [f"Zinc {STOP} is up."]


def test_what_is_hidden_between_paragraphs_leaves_nothing() -> None:
    assert lines("<p>Zinc.</p><script>no()</script><div hidden><p>no</p></div><p>Tin.</p>") == ["Zinc.", "Tin."]


def test_text_for_screen_readers_is_found_by_a_search() -> None:
    assert lines(
        '<p>Zinc<span class="sr-only"> (opens a window)</span> is up.<p aria-hidden=true>Tin<details>Lead'
    ) == [
        "Zinc (opens a window) is up.",
        "Tin",
        "Lead",
    ]


def test_what_is_only_hidden_until_it_is_found_is_found() -> None:
    assert lines("<p hidden=until-found>Zinc") == ["Zinc"]


def test_inline_elements_that_their_style_sets_apart_are_lines() -> None:
    assert lines('<p>Zinc <span style="display:block">is</span> up <i style="float: left">now</i>') == [
        "Zinc",
        "is",
        "up",
        "now",
    ]


def test_superscripts_stay_the_digits_they_are() -> None:
    assert lines("<p>Zinc is up.<sup>12</sup> Tin") == ["Zinc is up.12 Tin"]


def test_windows_quotes_written_as_numbers_are_shown_as_quotes() -> None:
    assert lines("<p>It&#146;s &#147;up&#148;") == ["It’s “up”"]


def test_a_line_end_between_ideographs_is_crossed_by_nothing() -> None:
    assert lines("<p>锌价\n上涨 zinc\nup") == [f"锌价{STOP}上涨 zinc up"]


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_plain_text_and_markdown_are_shown_as_received(media_type: str) -> None:
    assert (
        shown(b"\xef\xbb\xbf# On  zinc\r\n\r\n*Up* <b>&amp;</b>\r", media_type) == "# On  zinc\n\n*Up* <b>&amp;</b>\n"
    )


def test_text_is_decoded_as_the_readers_decode_it() -> None:
    assert shown(b"He said \x93no\x94.", "text/plain") == "He said “no”."


@pytest.mark.parametrize("media_type", ["application/pdf", "application/json", "image/png"])
def test_other_documents_show_no_such_text(media_type: str) -> None:
    assert shown(b"%PDF-1.7", media_type) is None


def test_what_is_no_text_cannot_be_read() -> None:
    with pytest.raises(Unreadable):
        shown(b"\x89PNG\r\n\x1a\n", "text/plain")
    with pytest.raises(Unreadable):
        shown(b" ", "text/html")
