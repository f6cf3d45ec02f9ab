import re
import time

import pytest

from corpus.errors import Unreadable
from corpus.readers.html import read

LONG = "The Board of Looms met in winter to speak of wool, of silk and of all that is spun in the hills of the north."


def text(body: str) -> str:
    return read(f"<html><body><h1>On looms</h1>{body}</body></html>".encode()).text


def test_a_modern_page_gives_its_statement_and_nothing_of_the_site() -> None:
    page = f"""<!DOCTYPE html><html lang="en"><head><title>On wool - Loom Board</title>
    <meta property="og:title" content="On wool"><meta property="og:site_name" content="Board of Looms">
    <link rel="canonical" href="https://looms.example/wool"></head><body>
    <div class="cookie-notice"><p>{LONG} We use cookies.</p></div>
    <nav><ul><li><a href="/">Home</a></ul></nav><ol class="breadcrumb"><li>Home<li>Speeches</ol>
    <main><div class="heading"><p>4 May 2020</p><h3>Wool</h3><p class="speaker">Governor Ada Brand</p>
    <p>At the Loom Dinner, Tern Harbour</p><ul class="share"><li><a href="/x">Share</a></ul></div>
    <div><p>{LONG}</p><p>Thank you.</p></div></main>
    <footer><p>Contact us</p></footer></body></html>"""
    draft = read(page.encode())
    assert draft.text == f"{LONG}\n\nThank you."
    assert (draft.title, draft.issuer, draft.speaker) == ("On wool", "Board of Looms", "Governor Ada Brand")
    assert (draft.published, draft.kind, draft.language) == ("2020-05-04", "speech", "en")
    assert draft.url == "https://looms.example/wool"


def test_an_old_page_of_tables_and_unclosed_paragraphs_gives_its_statement() -> None:
    page = f"""<HTML><HEAD><TITLE>BOL: Speech, Brand -- Wool in winter -- March 8, 1997</TITLE></HEAD>
    <BODY><A HREF="/"><IMG SRC=a.gif ALT="The Board's logo"></A><TABLE><TR><TD><B><FONT SIZE=+2>Remarks by Governor
    Ada Brand<BR></FONT><I>Wool in winter<BR></I>At the Loom Dinner<BR>March 7, 1997</B></TD></TR></TABLE><P>
    <TABLE><TR><TD><P>{LONG} {LONG} It\x92s so.<P>Thank you.</TD></TR></TABLE>
    <A HREF="#top">Return to top</A><P><A HREF="./">1997 Speeches</A><DIV CLASS=footer>Last update: May 1, 1999</DIV>"""
    draft = read(page.encode("latin-1"))
    assert draft.text == f"{LONG} {LONG} It’s so.\n\nThank you."
    assert (draft.title, draft.speaker, draft.published) == ("Wool in winter", "Governor Ada Brand", "1997-03-07")
    assert draft.kind == "speech"


def test_words_are_neither_joined_nor_split_nor_lost() -> None:
    assert (
        text("<p>W<b>oo</b>l <i>and</i>\n silk<br>are <a href=x>warm</a>.<p>Yes") == "Wool and silk\nare warm.\n\nYes"
    )


def test_what_no_reader_of_the_page_sees_is_not_in_the_text() -> None:
    unseen = " <i style='display: none'>no</i>Yes.<p hidden>no</p><template>no</template><noscript>no</noscript>"
    assert (
        text(f"<p>Seen<!-- no -->.{unseen}<script>no()</script><p class='sr-only'>no</p><p>All.")
        == "Seen. Yes.\n\nAll."
    )


def test_list_items_and_rows_of_figures_are_lines() -> None:
    figures = "<table><tr><th>Year<th>Wool<tr><td>2019<td>4 bales</table>"
    assert (
        text(f"<p>Both:<ul><li>wool<li><p>silk</p></ul>{figures}") == "Both:\n\nwool\nsilk\n\nYear\tWool\n2019\t4 bales"
    )


def test_a_table_that_holds_the_layout_gives_paragraphs() -> None:
    assert text(f"<table><tr><td><p>{LONG}<p>Yes.</td></tr></table>") == f"{LONG}\n\nYes."


def test_a_raised_footnote_mark_does_not_become_part_of_a_number() -> None:
    assert text("<p>In 2019<a href='#n'><sup>3</sup></a> it was 10<sup>2</sup>, the 1<sup>st</sup>.") == (
        "In 2019³ it was 10², the 1st."
    )


def test_the_way_back_from_a_footnote_is_not_text() -> None:
    assert text("<p>Wool.<p>1. See silk. <a href='page.htm#f1'>Return to text</a>") == "Wool.\n\n1. See silk."


def test_a_place_where_a_word_may_be_hyphenated_does_not_divide_it() -> None:
    assert text("<p>Wo&shy;ol.") == "Wool."


def test_two_line_breaks_separate_paragraphs() -> None:
    assert text("<div>Sir,<br><br>Wool is warm.<br> <br>Ada Brand<br>Loom Board</div>") == (
        "Sir,\n\nWool is warm.\n\nAda Brand\nLoom Board"
    )


def test_short_questions_and_answers_are_kept_whole() -> None:
    asked = "<p>Q: Is it warm?<p>Governor Brand: Yes.<p>Q: And silk?<p>Governor Brand: No comment."
    assert text(asked) == "Q: Is it warm?\n\nGovernor Brand: Yes.\n\nQ: And silk?\n\nGovernor Brand: No comment."


def test_what_stands_beside_the_article_is_not_of_it() -> None:
    page = f"<article><p>{LONG}<p>{LONG} Twice.</article><div><h2>More</h2><p>{LONG} Elsewhere.</div>"
    assert text(page) == f"{LONG}\n\n{LONG} Twice."


def test_text_outside_the_element_that_should_hold_it_is_kept() -> None:
    assert text(f"<div class=article><p>{LONG}</div><p>{LONG} Twice.<p>End.") == f"{LONG}\n\n{LONG} Twice.\n\nEnd."


def test_a_page_wrapped_in_a_container_named_like_a_menu_is_kept() -> None:
    assert text(f"<div class='menu-page'><p>{LONG}<p>Yes.</div>") == f"{LONG}\n\nYes."


def test_the_date_it_was_issued_on_counts_and_not_that_of_the_occasion_or_of_a_change() -> None:
    page = f"""<h1>On looms</h1><p>Last updated: 9 May 2020</p><p>Issued on: <time>5 May 2020</time></p>
    <p>Loom Hall</p><p>4 May 2020</p><p>{LONG} {LONG}</p>"""
    draft = read(f"<html><body>{page}</body></html>".encode())
    assert draft.published == "2020-05-05"
    assert draft.text == f"Loom Hall\n\n4 May 2020\n\n{LONG} {LONG}"


def test_labelled_fields_under_the_headline_tell_the_date_and_are_not_text() -> None:
    fields = "<dl><dt>From<dd>Loom Board<dt>Published<dd>5 May 2020<dt>Delivered<dd>4 May 2020</dl>"
    draft = read(f"<h1>On looms</h1>{fields}<p>{LONG}</p>".encode())
    assert (draft.published, draft.text) == ("2020-05-05", LONG)


def test_the_day_of_a_change_is_not_when_it_was_published() -> None:
    assert read(f"<h1>On looms</h1><p>Last updated: 9 May 2020</p><p>{LONG}</p>".encode()).published is None


def test_a_date_without_a_year_is_no_date() -> None:
    assert read(f"<h1>On looms</h1><p>4 May</p><p>{LONG}</p>".encode()).published is None


def test_the_owner_in_the_line_of_rights_is_the_issuer_and_its_name_no_part_of_the_title() -> None:
    rights = "<div>© 2020 Embassy of Lyra. All rights reserved</div>"
    draft = read(f"<title>Letter on wool | Embassy of Lyra</title><p>{LONG}{rights}".encode())
    assert (draft.title, draft.issuer, draft.kind) == ("Letter on wool", "Embassy of Lyra", "letter")
    assert draft.text == LONG


def test_what_the_page_does_not_say_is_unknown() -> None:
    draft = read(b"<p>Wool is warm.")
    assert (draft.title, draft.issuer, draft.speaker, draft.published) == (None, None, None, None)
    assert (draft.kind, draft.language, draft.url) == (None, None, None)


@pytest.mark.parametrize(
    "page",
    [
        '<meta charset="windows-1252"><p>It’s 5 € dear.'.encode("cp1252"),
        '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>It’s 5 € dear.'.encode("gb18030"),
        '<?xml version="1.0" encoding="utf-8"?><html><body><p>It’s 5 € dear.</p></body></html>'.encode(),
        "<p>It’s 5 € dear.".encode("utf-16"),
        b"<p>It&#146;s 5 &#128; dear.",
    ],
)
def test_the_encoding_is_the_one_the_page_declares_or_shows(page: bytes) -> None:
    assert read(page).text == "It’s 5 € dear."


def test_deep_nesting_is_read_to_its_end_or_not_at_all() -> None:
    assert text("<font>" * 1500 + "<p>Wool.") == "Wool."
    with pytest.raises(Unreadable, match="too deeply"):
        text("<font>" * 3000 + "<p>Wool.")


@pytest.mark.parametrize(
    ("page", "cause"),
    [
        (b"", "empty"),
        (b"<html></html>", "no body"),
        (b"<html><body><script>wool()</script></body></html>", "no text of its own"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
    ],
)
def test_a_page_without_text_is_refused_with_the_cause(page: bytes, cause: str) -> None:
    with pytest.raises(Unreadable, match=cause):
        read(page)


def test_a_byline_names_the_speaker_and_leaves_the_text() -> None:
    byline = "<p>By Ada Brand, Director · <time datetime=2020-05-04>4 May 2020</time> · 3 minute read</p>"
    draft = read(f"<h1>Statement on wool</h1>{byline}<p>{LONG}</p>".encode())
    assert (draft.speaker, draft.published, draft.text) == ("Ada Brand", "2020-05-04", LONG)


def test_a_row_of_links_at_the_foot_is_not_of_the_text_where_one_of_them_leads_home() -> None:
    assert (
        text(f"<p>{LONG}</p><font><a href=x>2020 Speeches</a> | <a href=/>Home</a> | <a href=y>Looms</a></font>")
        == LONG
    )


@pytest.mark.parametrize(
    "body",
    [
        '<h2 id="social-care">Social care</h2><p>We pay for it.</p>',
        '<h2 id="menu" class="share">Social care</h2><p>We pay for it.</p>',
        '<section id="freedom-of-navigation"><p>Ships pass.</p></section><p>All of them.</p>',
        '<section id="navigation"><p>Ships pass.</p></section><p>All of them.</p>',
        '<div class="comments"><p>Comments by the minister: no.</p></div><p>So it was.</p>',
        '<div class="social-care"><h2>Social care</h2><ul><li>homes<li>meals</ul></div><p>So it was.</p>',
        f'<div class="related-work"><p>{LONG}</p></div><p>So it was.</p>',
        "<h3><button>Is wool warm?</button></h3><p>It is.</p>",
        "<details><summary><button>Is wool warm?</button></summary><p>It is.</p></details>",
        "<blockquote><p>Wool is warm.</p><footer>The Minister of Wool, in 2019</footer></blockquote><p>Yes.</p>",
        "<p>Is it?</p><aside><p>I repeat: no.</p></aside><p>No.</p>",
    ],
)
def test_a_section_is_text_whatever_its_maker_calls_it(body: str) -> None:
    wanted = " ".join(re.sub(r"<[^>]+>", " ", f"{LONG} {LONG} {body}").split())
    assert " ".join(text(f"<p>{LONG} {LONG}</p>{body}").split()) == wanted


@pytest.mark.parametrize(
    "body",
    [
        '<div id="sidebar"><a href="x">Looms</a></div>',
        '<div class="page-footer"><p><a href="x">Looms of the north</a></p></div>',
        '<aside><h3>Looms</h3><ul><li><a href="x">Wool is up</a><li><a href="y">Silk is down</a></ul></aside>',
        "<h3>Wool <button>Toggle</button></h3>",
    ],
)
def test_links_beside_the_text_and_buttons_beside_a_heading_are_not_text(body: str) -> None:
    assert text(f"{body}<p>{LONG}</p>").removeprefix("Wool\n\n") == LONG


@pytest.mark.parametrize(
    "end",
    [
        "<p><a href=x>We will never surrender the mines</a></p>",
        "<ul><li><a href=x>The Wool Act of 2020</a><li><a href=y>The Silk Act of 2019</a></ul>",
    ],
)
def test_a_link_that_ends_the_text_is_of_it(end: str) -> None:
    words = [part for part in re.sub(r"<[^>]+>", "\n", end).split("\n") if part]
    assert text(f"<p>{LONG}</p>{end}") == LONG + "\n\n" + "\n".join(words)
    assert text(f"<p>{LONG}</p><h3>Related links</h3>{end}") == LONG


def test_a_name_under_a_title_tells_who_speaks_only_where_somebody_does() -> None:
    for title, speaker in (("Meeting with the Ambassador", None), ("Remarks on Wool", "Ambassador Bo Lin")):
        page = f"<h1>{title}</h1><p>Ambassador Bo Lin</p><p>4 May 2020</p><p>{LONG}</p>"
        assert read(page.encode()).speaker == speaker


def test_dates_that_disagree_behind_the_page_are_none_unless_it_shows_one() -> None:
    script = '<script type="application/ld+json">{"datePublished": "2019-01-02"}</script>'
    head = f'<html><head><meta name="dc.date" content="2020-05-04">{script}</head><body><h1>On looms</h1>'
    assert read(f"{head}<p>{LONG}</p>".encode()).published is None
    assert read(f"{head}<p>4 May 2020</p><p>{LONG}</p>".encode()).published == "2020-05-04"


@pytest.mark.parametrize("title", ["Statement on Wool", "Speech"])
def test_a_heading_is_the_title_where_the_page_has_no_other(title: str) -> None:
    draft = read(f"<h1>{title}</h1><p>{LONG}</p>".encode())
    assert (draft.title, draft.text) == (title, LONG)


def test_a_credit_under_a_map_makes_nobody_the_issuer() -> None:
    draft = read(f"<h1>On looms</h1><p>{LONG}</p><p>Map © Reuters</p>".encode())
    assert (draft.issuer, draft.text) == (None, f"{LONG}\n\nMap © Reuters")


def test_a_title_without_end_is_cut() -> None:
    draft = read(f"<title>{'wool | ' * 12_000}</title><p>{LONG}</p>".encode())
    assert draft.title is not None
    assert (len(draft.title) <= 300, draft.text) == (True, LONG)


@pytest.mark.parametrize(
    "page",
    [
        "<p>" + "Wool<br>" * 16_000,
        "<p>" + "Wool <b> </b>" * 16_000 + "<br>",
        "<table><tr><td>Wool" * 200,
    ],
)
def test_a_page_made_to_be_slow_is_read_in_a_moment(page: str) -> None:
    began = time.process_time()
    assert "Wool" in text(page)
    assert time.process_time() - began < 3
