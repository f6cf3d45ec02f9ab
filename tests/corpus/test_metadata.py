import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.metadata import find_date, is_date_line, kind_of, office_and_name, speaker_in_title


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Tern Harbour, 12 April 2019", "2019-04-12"),
        ("April 12, 1997", "1997-04-12"),
        ("(February 13, 2025)", "2025-02-13"),
        ("Tuesday the 3rd of March, 2020", "2020-03-03"),
        ("2020-07-16 21:30", "2020-07-16"),
        ("2020/07/16", "2020-07-16"),
        ("16.07.2020", "2020-07-16"),
        ("25/04/2021", "2021-04-25"),
        ("04/04/2021", "2021-04-04"),
        ("2020年7月16日", "2020-07-16"),
        ("le 1er avril 2019", "2019-04-01"),
        ("12 de abril de 2019", "2019-04-12"),
        ("12 апреля 2019 г.", "2019-04-12"),
        ("March 2020", "2020-03"),
        ("12 April 2019 (April 2019)", "2019-04-12"),
    ],
)
def test_the_one_date_of_a_line_is_found(text: str, date: str) -> None:
    assert find_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "1st April",
        "on Monday",
        "2019",
        "03/04/2021",
        "31 June 2020",
        "12 April 2019, 13 April 2019",
        "May 31 - June 2, 2020",
        "10–11 February 2025",
        "February 10 and 11, 2025",
        "the Mars 2020 mission",
        "we may 2020 times",
        "aprıl 3, 2020",
    ],
)
def test_what_is_no_date_or_might_be_two_is_none(text: str) -> None:
    assert find_date(text) is None


@pytest.mark.parametrize(
    ("line", "alone"),
    [
        ("Published on Monday, 4 May 2020 at 9:30 a.m.", True),
        ("2020-05-04", True),
        ("Wool since 4 May 2020", False),
        ("4 May", False),
    ],
)
def test_a_date_line_says_nothing_but_the_date(line: str, alone: bool) -> None:
    assert is_date_line(line) is alone


@pytest.mark.parametrize(
    ("title", "speaker"),
    [
        ("Speech by Governor Ada Brand on wool", "Governor Ada Brand"),
        ("Remarks by Vice Chair Bo M. Lin At the Loom Dinner", "Vice Chair Bo M. Lin"),
        ("Remarks as Prepared for Delivery by Secretary of Looms Cy Dow at the Fair", "Secretary of Looms Cy Dow"),
        ("Speech by Ada Brand, Minister of Wool and Silk, at the Fair", "Ada Brand"),
        ("Remarks by Bo Lin, Jr., at the Fair", "Bo Lin, Jr."),
        ("BOL: Speech, Brand -- Wool in winter -- March 7, 1997", "Brand"),
        ("Embassy Spokesperson's Remarks on Wool", "Embassy Spokesperson"),
        ("Transcript of Chair Brand’s Press Conference", "Chair Brand"),
        ("Statement by the Spokesperson of the Ministry of Wool on silk", "Spokesperson of the Ministry of Wool"),
        ("Loom House Press Secretary Brand's Remarks", "Loom House Press Secretary Brand"),
        ("Press Briefing by Spokeswoman Ada Brand", "Spokeswoman Ada Brand"),
        ("Secretary-General Lin's Message", "Secretary-General Lin"),
        (
            "Press Gaggle by Loom House Rural Wool Prices Adviser Ada Brand",
            "Loom House Rural Wool Prices Adviser Ada Brand",
        ),
        ("Speech by Ada Brand, Minister for Looms of the Republic of Lyra, at the Fair", "Ada Brand"),
    ],
)
def test_the_speaker_is_the_one_the_title_names(title: str, speaker: str) -> None:
    assert speaker_in_title(title) == speaker


@pytest.mark.parametrize(
    "title",
    [
        "Joint Statement by Ada Brand and Bo Lin",
        "Joint Remarks by Minister Brand at the Loom Dinner with Minister Lin",
        "Remarks by President Brand and Minister Lin",
        "Remarks by President Brand, Minister Lin, and Members of the Loom Board",
        "Statement by Ada Brand, Bo Lin and Cy Dow",
        "Statement by the Ministry of Wool",
        "Statement by the Foreign Ministers of the North",
        "Statement of Principles",
        "Remarks on Growth by Region",
        "New Year's Address",
        "Wool prices rise",
        "Bank of Lyra Transcript of Governor Brand’s Press Conference",
        "Answers to the Committee's Questions",
        "Answers of Minister Brand to the Committee's Statement",
        "Ministry's Response",
        "Ministry of Justice's Response",
        "Statement by the Ministry of Justice on wool",
        "Justice Department's Statement",
        "Attorney General's Office's Response",
        "Office of the President's Statement",
        "General Assembly's Statement",
        "4 May 2020 Governor Brand’s Press Conference",
        "Bank of Lyra Governor Brand's Remarks",
        "Latest Wool Figures Governor Brand's Remarks",
        "Statement by Friends of the Estuary",
        "Statement by North Sea Forum",
        "Prime Rate's Statement",
        "Speech, Annual Meeting of the Loom Board -- Wool in winter",
    ],
)
def test_two_speakers_a_body_or_none_named_are_nobody(title: str) -> None:
    assert speaker_in_title(title) is None


@pytest.mark.parametrize(
    ("title", "speaker"),
    [
        ("Foreign Ministry Spokesperson's Comment on the Remarks by Senator Bo Lin", "Foreign Ministry Spokesperson"),
        ("Embassy Spokesperson's Remarks on the Speech by Secretary Adler", "Embassy Spokesperson"),
        ("Embassy Responds to Letter from Ambassador Bo Lin", None),
        ("Reply to the speech by Minister Adler", None),
        ("Rebuttal of speech by Vice President Adler", None),
        ("EU Statement on Testimony by General Bo Lin", None),
        ("Arrest of the author of the letter from Minister Lind", None),
        ("Embassy Rejects Today's Speech by Minister Adler", None),
        ("Embassy Rejects Minister Adler's Speech", None),
        ("The Speech by Minister Adler: A Rebuttal", None),
        ("Minister Adler's Remarks Are Unacceptable", None),
        ("Ambassador Brand Rebuts Minister Adler's Remarks", None),
        ("Remarks by Governor Ada Brand on the Speech by Minister Adler", "Governor Ada Brand"),
        ("Wool in winter – Remarks by Governor Ada Brand", "Governor Ada Brand"),
        ("New Year's Message from Ambassador Bo Lin", "Ambassador Bo Lin"),
    ],
)
def test_a_rebuttal_is_never_by_the_one_it_rebuts(title: str, speaker: str | None) -> None:
    assert speaker_in_title(title) == speaker


@given(st.lists(st.sampled_from(["Bank", "of", "Transcript", "the", "Wool", "Report", "Board", "2020"]), max_size=8))
def test_nobody_s_name_before_a_possessive_is_made_part_of_a_speaker(junk: list[str]) -> None:
    named = speaker_in_title(" ".join([*junk, "Governor Brand’s Press Conference"]))
    assert named is None or not {"Transcript", "Report", "2020", "of"} & set(named.split())


@pytest.mark.parametrize("line", ["Rose Garden", "Press Briefings", "Governor Brand spoke", "Governor"])
def test_a_line_that_is_no_office_with_a_name_names_nobody(line: str) -> None:
    assert office_and_name(line) is None
    assert office_and_name("Governor Ada Brand") == "Governor Ada Brand"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Home > Press > Letters", "letter"),
        ("Remarks on the Letter of 4 May", "remarks"),
        ("Opening Remarks", "remarks"),
        ("Speaker's Joint Press Conference", "press conference"),
        ("FACT SHEET: Wool", "fact sheet"),
        ("Joint Statement on Silk", "joint statement"),
        ("BOL: Speeches, Brand--Wool", "speech"),
        ("Speeches & Letters", None),
        ("Minister welcomes statement on wool", None),
        ("Wool prices rise", None),
        ("关于羊毛价格的公告", "notice"),
        ("关于公告栏的通知", None),
    ],
)
def test_the_kind_is_what_the_heading_says_it_heads(heading: str, kind: str | None) -> None:
    assert kind_of(heading) == kind


MONTHS = "January February March April May June July August September October November December"


@pytest.mark.parametrize(("number", "month"), list(enumerate(MONTHS.split(), 1)))
def test_every_month_is_known_by_its_name_and_by_its_first_letters(number: int, month: str) -> None:
    written = (f"4 {month} 2020", f"{month} 4, 2020", f"4 {month[:3]} 2020", f"4 {month[:3].upper()}. 2020")
    assert [find_date(date) for date in written] == [f"2020-{number:02}-04"] * 4


@pytest.mark.parametrize(
    ("written", "date"),
    [
        *[("1er août 2020", "2020-08-01"), ("4 de agosto de 2020", "2020-08-04"), ("4 августа 2020", "2020-08-04")],
        *[("4. Jänner 2020", "2020-01-04"), ("4 декабрь 2020", "2020-12-04"), ("31 dezembro 2020", "2020-12-31")],
        *[("4 август 2020", "2020-08-04"), ("4 décembre 2020", "2020-12-04"), ("4 enero 2020", "2020-01-04")],
    ],
)
def test_months_are_known_in_other_languages(written: str, date: str) -> None:
    assert find_date(written) == date


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        *[("Press briefing by the Chair", "press briefing"), ("Media briefings of May", "press briefing")],
        *[("Press conference of the Chair", "press conference"), ("Interview with Chair Brand", "interview")],
        *[("Testimony of Chair Brand", "testimony"), ("Press release", "press release"), ("Wool", None)],
    ],
)
def test_a_title_says_of_what_kind_a_statement_is(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind
