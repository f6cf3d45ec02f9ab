import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.draft import Draft
from corpus.readers.text import canonical, read

MENU = """Ambassador Wren
\xa0 Speeches
\xa0 Former Ambassadors
Lyra and Norland
\xa0 Trade
Embassy Information
\xa0 Office Hours and Address

Embassy of Lyra
"""
BODY = """Question: Norland claims that Lyra closed the strait. What is your comment?

Embassy Spokesperson: The strait is open. It was never closed.

Ships pass every day"""


def page(*, menu: str = MENU, crumbs: str = "Home > Press > Remarks", under_title: str = "", footer: str = "") -> Draft:
    return read(f"{menu}{crumbs}\nOn the Northern Strait\n{under_title}\n{BODY}\n\n{footer}".encode())


def test_a_page_saved_as_text_gives_its_body_alone() -> None:
    draft = page(footer="Suggest to a Friend\n       Print\nEmbassy of Lyra in Norland All Rights Reserved")
    assert draft == Draft(
        text=BODY, title="On the Northern Strait", issuer="Embassy of Lyra in Norland", kind="remarks"
    )


@pytest.mark.parametrize(
    "crumbs",
    [
        "Home\xa0>\xa0 Press\xa0>\xa0 Remarks",
        "Home » Press » Remarks",
        "Home / Press / Remarks",
        "HOME >> Press >> Remarks",
        "You are here: Home › Press › Remarks",
        "Home > Press > Remarks >",
        "Home\n>\nPress\n>\nRemarks",
        "Home\n> Press\n> Remarks",
        "Press > Statements > Remarks",
        "Home > Press > Remarks\nRemarks",
        "Home > Press > Remarks > On the Northern Strait",
    ],
)
def test_a_breadcrumb_ends_the_menu_however_it_is_set(crumbs: str) -> None:
    draft = page(crumbs=crumbs)
    assert (draft.title, draft.text, draft.kind) == ("On the Northern Strait", BODY, "remarks")


@pytest.mark.parametrize(
    "footer",
    [
        "Suggest to a Friend",
        "Print\nShare\nBack to top",
        "Share this page\n\nRelated news\nAmbassador opens the fair\nFerry timetable for May",
        "Copyright © 2012-2019 Ministry of Tides. All rights reserved.",
        "Address: 12 Quay Street, Port Vell  Tel: 020-7299 4049\nFax: 020-7299 4050\nhttps://lyra.example",
        "Previous: Minister visits the dock\nNext: Minister opens a school\nHome | About | Contact us",
        "Contact us\nSite map\nPrivacy policy\nEmbassy of Lyra, 12 Quay Street",
        "Last updated: 3 May 2021",
        "推荐给朋友\n打印\n版权所有",
        "Share on Facebook\nTweet\n© Crown copyright",
        "Embassy of Lyra\n\n© 2019 Embassy of Lyra",
    ],
)
def test_nothing_of_a_footer_is_in_the_text(footer: str) -> None:
    assert page(footer=footer).text == BODY


def test_words_between_or_below_buttons_are_kept() -> None:
    assert (
        page(footer="Share this page\n\nIt goes on.\n\n© 2019 Lyra").text == f"{BODY}\n\nShare this page\n\nIt goes on."
    )
    assert page(footer="Listen\n\nWe act\n\nTogether").text == f"{BODY}\n\nListen\n\nWe act\n\nTogether"


@pytest.mark.parametrize(
    ("rights", "issuer"),
    [
        ("Copyright © 2012-2019 Ministry of Tides, Republic of Lyra. All rights reserved.", True),
        ("© Ministry of Tides, Republic of Lyra 2019 | Powered by Dock CMS", True),
        ("Ministry of Tides, Republic of Lyra © 2019. All rights reserved.", True),
        ("(c) 2019 by Ministry of Tides, Republic of Lyra", True),
        ("Ministry of Tides, Republic of Lyra\nAll rights reserved", True),
        ("Alle Rechte vorbehalten: Ministry of Tides, Republic of Lyra", True),
        ("© 2019", False),
        ("© Crown copyright", False),
        ("© 2019 Ministry of Tides\n© Harbour Agency", False),
    ],
)
def test_the_issuer_is_who_owns_the_page_and_unknown_where_that_is_unclear(rights: str, issuer: bool) -> None:
    assert page(footer=rights).issuer == ("Ministry of Tides, Republic of Lyra" if issuer else None)


@pytest.mark.parametrize(
    ("under_title", "published"),
    [
        ("2020-07-16 21:30", "2020-07-16"),
        ("2020/07/16", "2020-07-16"),
        ("Published: 16 July 2020", "2020-07-16"),
        ("Port Vell, 16 July 2020", "2020-07-16"),
        ("2020-07-16 21:30 (From Embassy of Lyra)\n【A A A】", "2020-07-16"),
        ("Font Size: A A A\nPrint\nShare: Facebook Twitter\n16 July 2020\n", "2020-07-16"),
        ("Updated: 17 July 2020", None),
        ("(From Embassy of Lyra)", None),
    ],
)
def test_what_stands_under_the_title_is_read_and_left_out(under_title: str, published: str | None) -> None:
    draft = page(under_title=under_title)
    assert (draft.published, draft.text) == (published, BODY)


def test_a_date_without_a_year_is_no_date_and_stays_in_the_text() -> None:
    draft = page(under_title="1st April")
    assert draft.published is None
    assert draft.text == f"1st April\n{BODY}"


def test_the_office_a_page_comes_from_is_its_issuer_only_if_it_is_a_public_body() -> None:
    assert page(under_title="(From Embassy of Lyra)").issuer == "Embassy of Lyra"
    assert page(under_title="Source: Vell Evening News").issuer is None


def test_a_menu_without_breadcrumb_needs_three_entries_that_every_site_has() -> None:
    menu = "Home\nAbout us\nSpeeches\nNews\nContact us\n\n"
    assert page(menu=menu, crumbs="").text == BODY
    assert page(menu=menu, crumbs="").title == "On the Northern Strait"
    assert "Ambassador Wren" in page(menu="Ambassador Wren\nHome\nTrade\n\n", crumbs="").text


def test_a_title_may_ask_a_question_and_stand_below_what_is_left_of_a_menu() -> None:
    text = f"Home > News\nSpeeches\nLetters\nWho closed the strait and when did they do it?\n\n{BODY}"
    assert (read(text.encode()).title, read(text.encode()).text) == (
        "Who closed the strait and when did they do it?",
        BODY,
    )


def test_a_title_that_is_also_the_last_step_of_the_breadcrumb_is_the_title() -> None:
    title = "Ambassador opens the fair of Port Vell"
    draft = read(f"Home > Press > {title}\n{title}\n\nA day of joy\n\nIt was a fine day.".encode())
    assert (draft.title, draft.text) == (title, "A day of joy\n\nIt was a fine day.")


def test_a_sentence_with_a_date_under_the_title_is_no_date_line() -> None:
    draft = read(b"On Tides\n\nOn 12 April 2019 we met\n\nIt was high.")
    assert (draft.published, draft.text) == (None, "On 12 April 2019 we met\n\nIt was high.")


def test_a_letter_is_known_by_what_stands_above_it() -> None:
    text = "Home > Remarks\nOn a report\n\nThe following is a letter from Mr. Bo Lin to a newspaper.\n\nSir, you err."
    assert read(text.encode()).kind == "letter"


def test_a_first_line_that_stands_alone_is_the_title() -> None:
    draft = read(b"Speech by Governor Ada Brand on coins\n\n12 March 2024\n\nCoins are round.\n")
    assert draft == Draft(
        text="Coins are round.",
        title="Speech by Governor Ada Brand on coins",
        speaker="Governor Ada Brand",
        published="2024-03-12",
        kind="speech",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Question: Will it rain\n\nMinister: No.",
        "Q. Will it rain\n\nA. No.",
        "MS. ADLER: Good morning\n\nWe begin.",
        "It will rain tomorrow.\n\nWe are ready.",
        "Dear Sir\n\nYour report is wrong.",
        "Ladies and gentlemen\n\nWelcome.",
        "The first line goes on\non the second.\n\nSo it ends.",
        "- bread\n\n- salt",
        "Only a line",
        "12 March 2024\n\nIt rained.",
        "Speaker: Order, order.\n\nMr Adler: I will not.",
        "Date: 12 March 2024\nQuestion: Will it rain?\n\nNo.",
        "Il a dit « non » Puis « oui » Fin\nIl est parti.\n\nVoilà.",
        "The Minister wrote\n> We will act\n> We will stay\n\nAnd so it was.",
        "It ended well.\n\nContact us\nTel: +44 20 7299 4049\nEmail: press@lyra.example",
        "We heard.\n\nListen\n\nWe act\n\nTogether",
        "The end is near.\n\nPrint",
        "© 2019 Ministry of Tides. All rights reserved.",
        "It began.\nIt went on.\nThen came this:\nHome > Press > Remarks\nIt ended.",
        "Copyright reform is needed.\n\nWe will protect copyright.",
    ],
)
def test_a_text_without_menus_loses_nothing(text: str) -> None:
    assert read(text.encode()) == Draft(text=text)


def test_headers_above_the_text_are_read_and_taken_out() -> None:
    text = """Title: On the Northern Strait
Date: 12 March 2024
Speaker: Minister Tern
Issuer: Ministry of Tides
URL: https://tides.example/strait
Language: en
Kind: speech
Venue: Port Vell

The strait is open.
"""
    assert read(text.encode()) == Draft(
        text="Venue: Port Vell\n\nThe strait is open.",
        title="On the Northern Strait",
        issuer="Ministry of Tides",
        speaker="Minister Tern",
        published="2024-03-12",
        kind="speech",
        language="en",
        url="https://tides.example/strait",
    )


def test_a_header_with_half_a_date_stays_in_the_text() -> None:
    draft = read(b"Title: On tides\nDate: 1st April\n\nThe tide is in.")
    assert (draft.published, draft.text) == (None, "Date: 1st April\n\nThe tide is in.")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_page_reads_the_same_in_every_encoding_and_with_every_line_end(encoding: str, newline: str) -> None:
    text = (
        f"{MENU}Home\xa0>\xa0Press\nOn the “Northern” Strait\n\n{BODY} – it’s so.\n\nSuggest to a Friend\n© 2019 Lyra"
    )
    assert read(text.replace("\n", newline).encode(encoding)) == read(text.encode())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_line_of_text_is_never_changed_within(line: str) -> None:
    text = f"It began.\n\n{line}.\n\nIt ended."
    assert canonical(text) == text
    assert read(text.encode()).text == text


def test_page_feeds_go_and_leave_the_lines_apart() -> None:
    assert canonical("\ufeff\n \none\ftwo\n\fthree\n\f\nfour\n \n") == "one\ntwo\nthree\n\nfour"


def test_a_press_notice_gives_its_masthead_and_keeps_its_body() -> None:
    head = "MINISTRY OF TIDES\nREPUBLIC OF LYRA\n\nPress notice 7/2020\n4 May 2020\n\nTHE STRAIT IS OPEN"
    draft = read(f"{head}\n\nThe strait is open. Ships pass.\n\nEnquiries: Press Office, 12 Quay Street".encode())
    assert draft == Draft(
        text="The strait is open. Ships pass.",
        title="THE STRAIT IS OPEN",
        issuer="MINISTRY OF TIDES, REPUBLIC OF LYRA",
        published="2020-05-04",
        kind="press release",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Ministry of Tides\n\nThe strait is open\n\nIt was closed. It is open now.",
        "We heard of it.\n\nEnquiries: Press Office, 12 Quay Street",
        "Ladies and gentlemen,\n\nThe Ministry of Tides was founded on 4 May 2020.",
    ],
)
def test_a_text_without_a_sure_masthead_keeps_every_line(text: str) -> None:
    assert read(text.encode()) == Draft(text=text)


def test_the_speaker_of_a_briefing_is_the_one_its_title_names() -> None:
    head = "DEPARTMENT OF TIDES\n\nPress Briefing by Spokeswoman Ada Brand\nMay 4, 2020\n\nQuay Room\n\n11:04 A.M."
    draft = read(f"{head}\n\nMS. BRAND: The strait is open.".encode())
    assert (draft.speaker, draft.published) == ("Spokeswoman Ada Brand", "2020-05-04")
    assert draft.text == "Quay Room\n\n11:04 A.M.\n\nMS. BRAND: The strait is open."


@pytest.mark.parametrize(
    "end",
    [
        "The slogan was “© 2020 Wool for all”.",
        "We say to them: all rights reserved.",
        "All rights are reserved to the people, and we shall use them.",
        "The licence under article 5 (c) 2020 expires.",
        "(c) 2020 was a good year.",
        "Copyright law has kept our weavers since 1886.",
        "Map © OpenStreetMap contributors",
        "Map © Reuters",
    ],
)
def test_a_sentence_or_a_credit_is_no_line_of_rights(end: str) -> None:
    draft = read(f"{BODY}\n\n{end}\n\nWe weave\nWe dye".encode())
    assert draft == Draft(text=f"{BODY}\n\n{end}\n\nWe weave\nWe dye")


@pytest.mark.parametrize("owner", ["Vell Evening News", "OpenStreetMap contributors", "Vell News Agency"])
def test_who_is_no_public_body_issues_nothing(owner: str) -> None:
    draft = page(footer=f"© 2019 {owner}")
    assert (draft.issuer, draft.text) == (None, BODY)


def test_what_a_speaker_asks_for_in_a_word_is_no_button() -> None:
    text = "We ask all citizens to do three things:\n\nSave\nShare\nListen\nPrint"
    assert read(text.encode()) == Draft(text=text)
    assert read(b"We ask each of you:\n\nTell a friend").text == "We ask each of you:\n\nTell a friend"
    assert read(f"{BODY}.\n\nSave\nPrint\n© 2019 Ministry of Tides".encode()).text == f"{BODY}."


def test_the_day_of_a_change_under_a_title_is_left_out_and_is_no_date_of_publication() -> None:
    for changed in ("Last updated 4 May 2020", "Updated: 4 May 2020", "This page was last updated on 4 May 2020"):
        draft = read(f"On the Strait\n{changed}\n\nThe strait is open.".encode())
        assert draft == Draft(text="The strait is open.", title="On the Strait")


def test_a_reply_is_not_dated_by_what_it_answers() -> None:
    text = "The following is a reply to a letter that the Tin Post published on 1 May 2020.\n\nSir, you err."
    assert read(text.encode()).published is None
