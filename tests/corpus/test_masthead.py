from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.masthead import Masthead, Stated, introduced, is_institution, read_masthead, stated_by

BODY = "The mill at Tern is open again. It had been shut since the winter."


def masthead(printed: str, title_at: int | None = None) -> Masthead | None:
    return read_masthead([*printed.split("\n"), "", BODY], title_at)


@pytest.mark.parametrize(
    ("printed", "issuer", "kind", "published", "title"),
    [
        (
            "MINISTRY OF LOOMS AND MILLS\nREPUBLIC OF LYRA\n\nPress notice 7/2020\n4 May 2020\n\nMILL IS OPEN",
            "MINISTRY OF LOOMS AND MILLS, REPUBLIC OF LYRA",
            "press release",
            "2020-05-04",
            "MILL IS OPEN",
        ),
        (
            "Northern Loom Service\nNews for weavers and dyers\n4 May 2020\n\nMill is open",
            "Northern Loom Service",
            "news",
            "2020-05-04",
            "Mill is open",
        ),
        (
            "Office for Looms\nFree State of Lyra\n\nStatement on the Mill\nTern, 4 May 2020",
            "Office for Looms, Free State of Lyra",
            "statement",
            "2020-05-04",
            "Statement on the Mill",
        ),
        ("纺织与羊毛局\n\n关于工厂的公告\n2020年5月4日", "纺织与羊毛局", "notice", "2020-05-04", "关于工厂的公告"),
        (
            "Bundesministerium für Wolle\nPressemitteilung Nr. 7/2020\n4. Mai 2020\n\nMühle offen",
            "Bundesministerium für Wolle",
            "press release",
            "2020-05-04",
            "Mühle offen",
        ),
        (
            "Ministère de la Laine\nCommuniqué de presse\nTern, le 4 mai 2020\n\nLe moulin est ouvert",
            "Ministère de la Laine",
            "press release",
            "2020-05-04",
            "Le moulin est ouvert",
        ),
        ("For immediate release\nMay 4, 2020\n\nMill is open", None, "press release", "2020-05-04", "Mill is open"),
        ("Press release · Tern Quay, 4 May 2020\n\nMill is open", None, "press release", "2020-05-04", "Mill is open"),
        ("Bank of Lyra\n\nStatement on the Mill", "Bank of Lyra", "statement", None, "Statement on the Mill"),
        ("Ministry of Looms\n4 May 2020", "Ministry of Looms", None, "2020-05-04", None),
    ],
)
def test_issuer_kind_date_and_title_are_read_from_the_lines_above_the_body(
    printed: str, issuer: str | None, kind: str | None, published: str | None, title: str | None
) -> None:
    found = masthead(printed)
    assert found is not None
    filled = frozenset(at for at, line in enumerate(printed.split("\n")) if line)
    assert asdict(found) == asdict(Masthead(filled, title, issuer, kind, published, None))


@pytest.mark.parametrize(
    "printed",
    [
        "The Wool\n\nThe wool comes in\nand goes out",
        "By Still Waters\n\nNight falls on the mill",
        "Notice\nNo work on Monday\n4 May 2020",
        "MILL\nIS OPEN\nAGAIN",
        "Ladies and gentlemen,\n\nThe Ministry of Looms wrote on 4 May 2020.",
        "Question: Is the mill open?\n\nAnswer: It has been since 4 May 2020.",
        "Mr. BRAND (Kelm): I thank the President.\n\nMs. LIN (Lyra): So do I.",
        "Ministry of Looms\n4 May\n\nMill is open",
        "Ministry of Looms\n4 or 5 May 2020\n\nMill is open",
        "State of the Union\n4 May 2020",
        "Bank of Kelm\n\nMill is open",
        "Committee on Looms\nMinutes of Evidence",
        "4 May 2020",
    ],
)
def test_without_strong_evidence_nothing_is_a_masthead(printed: str) -> None:
    assert masthead(printed) is None


def test_a_document_of_nothing_but_short_lines_has_no_masthead() -> None:
    assert read_masthead(["Loom Ministry", "4 May 2020", "", "No work on Monday", "", "The Master"]) is None


def test_the_first_line_that_may_be_content_ends_the_masthead() -> None:
    found = masthead("Ministry of Looms\n4 May 2020\n\nMill is open\nand will stay so\n5 May 2020")
    assert found is not None
    assert (found.lines, found.title) == (frozenset({0, 1}), None)


def test_a_line_on_the_occasion_stays_and_the_date_below_it_is_read() -> None:
    found = masthead("Remarks by Governor Ada Brand on wool\nAt the Loom Dinner\n4 May 2020")
    assert found is not None
    assert (found.lines, found.published, found.speaker) == (frozenset({0, 2}), "2020-05-04", None)


def test_who_speaks_is_read_below_a_title() -> None:
    found = masthead("A Coat for Every Child\n\nSpeech by Ada Brand, Minister of Wool, at the Fair\nTern, 4 May 2020")
    assert found is not None
    assert (found.title, found.speaker, found.kind) == ("A Coat for Every Child", "Ada Brand", "speech")


def test_a_title_that_says_what_it_heads_may_stand_right_over_a_venue_of_unknown_form() -> None:
    found = masthead("Office of the Loom Secretary\n4 May 2020\n\nRemarks by Governor Brand\nThe Wool Room")
    assert found is not None
    assert (found.title, found.lines) == ("Remarks by Governor Brand", frozenset({0, 1, 3}))


def test_the_date_over_a_salutation_is_that_of_the_letter() -> None:
    found = read_masthead(["Tern, 4 May 2020", "", "Dear Sir,", "", BODY])
    assert found is not None
    assert (found.lines, found.published, found.title) == (frozenset({0}), "2020-05-04", None)


def test_a_known_title_is_evidence_by_itself() -> None:
    found = masthead("Board of Looms\nWool is warm", title_at=1)
    assert found is not None
    assert (found.title, found.issuer, found.lines) == ("Wool is warm", "Board of Looms", frozenset({0, 1}))


def test_a_name_alone_under_a_title_that_is_no_utterance_is_not_who_speaks() -> None:
    for title, speaker in (("Meeting with the Ambassador", None), ("Remarks on Wool", "Ambassador Bo Lin")):
        found = masthead(f"Ministry of Looms\n4 May 2020\n\n{title}\n\nAmbassador Bo Lin")
        assert found is not None
        assert (found.title, found.speaker) == (title, speaker)


@pytest.mark.parametrize("line", ["STATE OF THE UNION", "Union of Hearts", "Service to the Nation"])
def test_the_heading_of_a_speech_issues_nothing(line: str) -> None:
    found = masthead(f"{line}\n\nRemarks by President Ada Brand\n4 May 2020")
    assert found is None or found.issuer is None


def test_two_dates_are_none() -> None:
    found = masthead("Ministry of Looms\n4 May 2020\n5 May 2020\n\nMill is open")
    assert found is not None
    assert found.published is None


@pytest.mark.parametrize(
    "line",
    [
        "MINISTRY OF LOOMS",
        "Embassy of the Republic of Lyra in Kelm",
        "Tern Harbour Authority",
        "House of Weavers (Lower Chamber of the Parliament)",
        "Auswärtiges Amt",
        "Ministerio de la Lana",
        "羊毛部",
    ],
)
def test_a_public_body_is_known_by_its_words(line: str) -> None:
    assert is_institution(line)


@pytest.mark.parametrize(
    "line",
    [
        "MILL IS OPEN",
        "Ministry Bans Looms",
        "The Ministry of Looms opens a mill",
        "Office Hours and Address",
        "Ministry of Looms and",
        "Ministry",
        "Ministry of Looms.",
        "Statement by the Ministry of Looms",
        "Bank of Lyra, 12 Quay Street",
        "今天羊毛部宣布了新的价格，局",
    ],
)
def test_what_is_more_than_a_name_or_none_of_a_body_is_no_institution(line: str) -> None:
    assert not is_institution(line)


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("By Ada Brand, Director · 4 May 2020 · 3 minute read", Stated(published="2020-05-04", speaker="Ada Brand")),
        ("Board of Looms | Press release | 4 May 2020", Stated("Board of Looms", "press release", "2020-05-04")),
        ("Tern, Monday, 4 May 2020", Stated(published="2020-05-04")),
        ("Wool prices fall, 4 May 2020", None),
        ("May 2020", None),
        ("Press release on wool", None),
        ("By Land and Sea", None),
        ("Wool · 4 May 2020", None),
    ],
)
def test_a_line_states_something_only_when_all_of_it_does(line: str, stated: Stated | None) -> None:
    assert stated_by(line) == stated


@pytest.mark.parametrize(
    ("paragraph", "stated"),
    [
        ("The following letter by Ada Brand was printed on 4 May 2020.", Stated(kind="letter", published="2020-05-04")),
        ("The following is a letter that was carried on 4th May.", Stated(kind="letter")),
        ("The following mills were opened on 4 May 2020.", Stated()),
        ("Wool was printed on 4 May 2020.", Stated()),
        (
            "The following is a letter from Mr. Bo Lin to the Loom, which was printed on 4 May 2020. He was heard.",
            Stated(kind="letter"),
        ),
        (
            "The following letter from Mr. Bo Lin was published in the Loom on 4 May 2020. It is of 2 May 2020.",
            Stated(kind="letter", published="2020-05-04"),
        ),
        ("The following is a letter in reply to one that was printed on 4 May 2020.", Stated(kind="letter")),
        ("The following is a letter on a report that was published on 4 May 2020.", Stated(kind="letter")),
        ("The following letter is a response to an article which was printed on 4 May 2020.", Stated(kind="letter")),
        ("The following is a reply to a letter that the Loom published on 4 May 2020.", Stated()),
        ("The following is a letter from Ada Brand. A law was published on 4 May 2020.", Stated(kind="letter")),
    ],
)
def test_a_publisher_s_introduction_states_kind_and_date(paragraph: str, stated: Stated) -> None:
    assert introduced(paragraph) == stated


@given(st.lists(st.text("abcDEF ,.:-\n12", max_size=30), max_size=12))
def test_lines_without_a_date_a_release_or_a_public_body_are_never_a_masthead(lines: list[str]) -> None:
    assert read_masthead([part for line in lines for part in line.split("\n")]) is None


@pytest.mark.parametrize(
    ("line", "is_title"),
    [
        *[("Wool is warm", True), ("Wool is warm: and so", True), ("x" * 200, True), ("x" * 201, False)],
        *[("Wool is warm.", False), ("Is wool warm?", False), ("Wool is warm,", False), ("Wool is “warm.”", False)],
    ],
)
def test_a_line_below_issuer_and_date_is_the_title_when_it_is_no_sentence_and_not_too_long(
    line: str, *, is_title: bool
) -> None:
    found = read_masthead(["Ministry of Wool", "4 May 2020", "", line, "", "It is also dry."])
    assert found is not None
    assert (found.title, sorted(found.lines)) == ((line, [0, 1, 3]) if is_title else (None, [0, 1]))
