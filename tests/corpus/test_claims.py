"""What drafts say of their quotations, in exact values, and when a source agrees, says nothing, or says otherwise."""

import re
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.agreements import Agreement, Said, date_agreement, document_agreement, speaker_agreement
from corpus.claims import Claim, claim
from corpus.statement import Role

AGREES, UNKNOWN, CONTRADICTS = Agreement.AGREES, Agreement.UNKNOWN, Agreement.CONTRADICTS


def claimed(draft: str, links: tuple[tuple[str, str], ...] = (), ids: frozenset[str] = frozenset()) -> Claim:
    """The claim about the stretches in ⟦⟧; links are (the first words that are linked, URL)."""
    text, stretches = "", []
    for piece in re.split("(⟦[^⟧]*⟧)", draft):
        words = piece.strip("⟦⟧") if piece.startswith("⟦") else piece
        if piece.startswith("⟦"):
            stretches.append((len(text), len(text) + len(words)))
        text += words
    return claim(text, stretches, [(text.index(words), url) for words, url in links], ids)


def said(speaker: str | None = None, role: Role = Role.REMARKS, **rest: Any) -> Said:
    """What a source says, nothing but what is given."""
    given: dict[str, Any] = {"statement_speaker": None, "others": (), "issuer": None, "title": None, "published": None}
    return Said(speaker=speaker, role=role, **{**given, "statement_id": "levy-1", "url": None, **rest})


@pytest.mark.parametrize(
    ("draft", "speaker"),
    [
        ("“⟦We sail at dawn⟧,” said Ada Brand.", "Ada Brand"),
        ("“⟦We sail at dawn⟧”, said Ada Brand.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” Ada Brand said.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” says Governor Ada Brand.", "Governor Ada Brand"),
        ("“⟦We sail at dawn⟧,” the foreign minister told reporters.", "the foreign minister"),
        (
            "“⟦We sail at dawn⟧,” Foreign Ministry spokesperson Lin Bo said on Monday.",
            "Foreign Ministry spokesperson Lin Bo",
        ),
        ("“⟦Shall we sail⟧?” asked Ada Brand.", "Ada Brand"),
        ("“⟦Shall we sail⟧?” Brand asked Bo Lin.", "Brand"),
        ("“⟦We sail at dawn⟧!” Brand exclaimed.", "Brand"),
        ("“⟦We sail at dawn⟧,” Ada Brand, the governor of Aldford, said.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” the governor, Ada Brand, said.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” Mr. Brand later wrote.", "Mr. Brand"),
        ("“⟦We sail at dawn⟧,” said Sen. Ada O’Brand (L-Aldford).", "Sen. Ada O’Brand"),
        ("“⟦We sail at dawn⟧,” said Ada van der Brand, whose ship it was.", "Ada van der Brand"),
        ("“⟦We sail at dawn⟧,” according to Ada Brand.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” as President Brand put it.", "President Brand"),
        ("“⟦We sail at dawn⟧,” said Ada Brand of Aldford.", "Ada Brand"),
        ("“⟦We will⟧,” Ada Brand said on 4 May 2020, “⟦go on at once⟧.”", "Ada Brand"),
        ("“⟦We will⟧,” said Ada Brand, “⟦go on at once⟧.” Bo Lin said nothing.", "Ada Brand"),
        ("Brand said: “⟦We sail at dawn⟧.”", "Brand"),
        ("Brand said, “⟦We sail at dawn⟧.”", "Brand"),
        ("Brand said that “⟦we sail at dawn⟧.”", "Brand"),
        ("Governor Ada Brand told reporters on Monday that “⟦we sail at dawn⟧.”", "Governor Ada Brand"),
        ("On Monday Ada Brand told parliament: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("In a speech in Aldford, Ada Brand insisted: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("According to the Foreign Minister, “⟦we sail at dawn⟧.”", "the Foreign Minister"),
        ("In the words of Ada Brand, “⟦we sail at dawn⟧.”", "Ada Brand"),
        ("As Ada Brand put it, “⟦we sail at dawn⟧.”", "Ada Brand"),
        ("Ada Brand, quoting Bo Lin, said: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("Responding to Bo Lin, Ada Brand said: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("Asked about the levy, Ada Brand replied: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("Bo Lin asked Brand: “⟦Shall we sail⟧?”", "Bo Lin"),
        ("Ada Brand told Bo Lin: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("Aldford’s foreign minister Ada Brand said: “⟦We sail at dawn⟧.”", "foreign minister Ada Brand"),
        ("Brand said the plan was “⟦late and dear and wrong⟧.”", "Brand"),
        ("Brand called it “⟦late and dear and wrong⟧.”", "Brand"),
        ("Ada Brand welcomed the levy, saying “⟦we sail at dawn⟧.”", "Ada Brand"),
        ("“Never,” said Bo Lin, and Ada Brand replied: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("“Never,” said Bo Lin. “⟦We sail at dawn⟧,” added Ada Brand.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” said Ada Brand. “Never,” added Bo Lin.", "Ada Brand"),
        ("Bo Lin asked, “Shall we sail?” Then Ada Brand said, “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("Brand said “never” and that “⟦we sail at dawn⟧.”", "Brand"),
        ("“⟦We sail at dawn⟧,” Ada Brand said, “and at noon.”", "Ada Brand"),
        ("BRAND: “⟦We sail at dawn⟧.”", "BRAND"),
        ("MS. BRAND: ⟦We sail at dawn.⟧", "MS. BRAND"),
        ("“⟦We sail at dawn⟧.” — Ada Brand, 4 May 2020", "Ada Brand"),
        ("“⟦We sail at dawn⟧”\n— Governor Ada Brand", "Governor Ada Brand"),
        ("> ⟦We sail at dawn.⟧\n>\n> — Ada Brand, Aldford, 4 May 2020\n\nThe ships left.", "Ada Brand"),
        ("“⟦We sail at dawn⟧” (Ada Brand, 4 May 2020).", "Ada Brand"),
        ("Ada Brand said on 4 May 2020:\n\n> ⟦We sail at dawn.⟧", "Ada Brand"),
        ('"⟦We sail at dawn⟧," said Ada Brand. "Never," said Bo Lin.', "Ada Brand"),
        ("«\xa0⟦We sail at dawn⟧\xa0», said Ada Brand.", "Ada Brand"),
        ("“Ada Brand said: ‘⟦We sail at dawn⟧,’ and left,” said Bo Lin.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” said First Lady Ada Brand.", "First Lady Ada Brand"),
        ("Advocate, Ada Brand, said: “⟦We sail at dawn⟧.”", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” said Vice President of Policy, Ada Brand.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” **said Governor Brand.**", "Governor Brand"),
        ("China said: “⟦We sail at dawn⟧.”", "China"),
        ("“⟦We sail at dawn⟧,” the White House said.", "the White House"),
        ("The Aldford Embassy said in a statement that “⟦we sail at dawn⟧.”", "The Aldford Embassy"),
        ("Minister of Finance Ada Brand said: “⟦We sail at dawn⟧.”", "Minister of Finance Ada Brand"),
    ],
)
def test_a_draft_says_who_said_it(draft: str, speaker: str) -> None:
    assert claimed(draft).speaker == speaker


@pytest.mark.parametrize(
    "draft",
    [
        "“⟦We sail at dawn⟧,” she said.",
        "He said: “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧,” the official said.",
        "“⟦We sail at dawn⟧,” said a spokesman.",
        "“⟦We sail at dawn⟧,” said a spokesman for Ada Brand.",
        "“⟦We sail at dawn⟧,” a spokesman for Ada Brand said.",
        "“⟦We sail at dawn⟧,” Ada Brand’s spokesman said.",
        "“⟦We sail at dawn⟧,” the spokeswoman said.",
        "“⟦We sail at dawn⟧,” officials said.",
        "The statement said: “⟦We sail at dawn⟧.”",
        "Ada Brand was clear. “⟦We sail at dawn⟧,” she said.",
        "Ada Brand met Bo Lin. “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧.” Ada Brand said on Monday that the levy stays.",
        "“⟦We sail at dawn⟧?” Ada Brand said: “Never.”",
        "“⟦Shall we sail at dawn⟧?” The president said yes.",
        "A man in Brandville said: “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧,” was said of Ada Brand.",
        "“⟦We sail at dawn⟧,” said Ada Brand and Bo Lin.",
        "Ada Brand and Bo Lin said: “⟦We sail at dawn⟧.”",
        "Friends of Ada Brand said: “⟦We sail at dawn⟧.”",
        "Ministers said: “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧,” Republicans said.",
        "Ada Brand was told: “⟦We sail at dawn⟧.”",
        "Ada Brand never said “⟦we sail at dawn⟧.”",
        "Ada Brand allegedly said: “⟦We sail at dawn⟧.”",
        "According to Bo Lin, Ada Brand said: “⟦We sail at dawn⟧.”",
        "Ada Brand said that Bo Lin had promised “⟦to sail at dawn with us⟧.”",
        "Ada Brand announced the “⟦Safe Ships for All Act⟧.”",
        "Ada Brand spoke about “⟦sailing at dawn with all⟧.”",
        "Bo Lin asked Ada Brand about “⟦sailing at dawn with all⟧.”",
        "Lin’s “⟦red line⟧,” Ada Brand said, was crossed.",
        "They were sure: “⟦We sail at dawn⟧.”\n- On Day One, the ships left.",
        "They were sure: “⟦We sail at dawn⟧.”\n- Ada Brand, governor\n- Bo Lin, mayor",
        "They knew, Bo Lin and Ada Brand said, “⟦we sail at dawn⟧.”",
        "The plan of the Gulf states: “⟦We sail at dawn⟧.”",
        "They were sure: “⟦We sail at dawn⟧.”\n— On Day One",
        "Bo Lin said: “The song that ‘⟦we sail at dawn⟧’ is old.”",
        "“They told us, ‘⟦We sail at dawn⟧,’” Ada Brand said.",
        "Ada Brand said: “‘⟦We sail at dawn⟧’ is a song.”",
        "Note: “⟦We sail at dawn⟧.”",
        "“As Ada Brand said, we wait.” “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧” (emphasis added).",
        "“⟦We sail at dawn⟧” — that was the plan.",
        "⟦We sail at dawn⟧",
        "“⟦We sail at dawn⟧,” she said.\n\nAda Brand said: “Never.”",
    ],
)
def test_what_only_hints_at_somebody_names_nobody(draft: str) -> None:
    assert claimed(draft).speaker is None


HEADINGS = (
    "Quote;Context;Verdict;Said;Headline;Excerpt;Analysis;True;False;Correct;Original;Page;Slide;Budget;Brexit;Twitter;"
    "Speech Extract;Claim;Source;Note;Fact;Rating;Example;Update;Summary;Caption;Transcript"
)


@pytest.mark.parametrize("heading", HEADINGS.split(";"))
def test_a_heading_before_a_colon_is_no_speaker(heading: str) -> None:
    assert claimed(f"{heading}: “⟦We sail at dawn⟧.”").speaker is None
    assert claimed(f"{heading.upper()}: “⟦We sail at dawn⟧.”").speaker is None


@pytest.mark.parametrize(
    ("label", "speaker"),
    [
        ("Brand", None),
        ("Manifesto", None),
        ("Ada Brand", "Ada Brand"),
        ("Ada Page", "Ada Page"),
        ("Mr. Brand", "Mr. Brand"),
        ("Governor Brand", "Governor Brand"),
        ("BRAND", "BRAND"),
    ],
)
def test_one_word_alone_before_a_colon_may_be_a_heading(label: str, speaker: str | None) -> None:
    assert claimed(f"{label}: “⟦We sail at dawn⟧.”").speaker == speaker


@pytest.mark.parametrize(
    "draft",
    [
        "Bo Lin recalled Brand’s words: “⟦We sail at dawn⟧.”",
        "Bo Lin recalled Brand’s joke: “⟦We sail at dawn⟧.”",
        "Bo Lin recalled the ministers’ joke: “⟦We sail at dawn⟧.”",
        "Bo Lin noted Ada Brand’s pledge: “⟦We sail at dawn⟧.”",
        "Bo Lin repeated the minister’s promise: “⟦We sail at dawn⟧.”",
        "Bo Lin said the minister’s vow that “⟦we sail at dawn⟧” was empty.",
        "Bo Lin responded to the minister’s statement, “⟦We sail at dawn⟧.”",
        "Bo Lin responded in a letter to the claim that “⟦we sail at dawn⟧.”",
        "Bo Lin asked about the sentence: “⟦We sail at dawn⟧.”",
        "Bo Lin complained about the phrase, “⟦We sail at dawn⟧.”",
        "Bo Lin warned against believing the line, “⟦We sail at dawn⟧.”",
        "“⟦We sail at dawn⟧,” Bo Lin said she told him.",
        "“⟦We sail at dawn⟧,” Bo Lin said Ada Brand told him.",
    ],
)
def test_who_repeats_words_is_not_their_speaker(draft: str) -> None:
    assert claimed(draft).speaker is None


@pytest.mark.parametrize(
    "draft",
    [
        "Bo Lin said in a written statement: “⟦We sail at dawn⟧.”",
        "Bo Lin said in Monday’s statement: “⟦We sail at dawn⟧.”",
        "Bo Lin concluded with the words, “⟦We sail at dawn⟧.”",
        "Bo Lin said it’s plain that “⟦we sail at dawn⟧.”",
        "“⟦We sail at dawn⟧,” Bo Lin said as she left.",
    ],
)
def test_who_says_it_in_a_statement_is_the_speaker(draft: str) -> None:
    assert claimed(draft).speaker == "Bo Lin"


@pytest.mark.parametrize(
    ("draft", "published"),
    [
        ("“⟦We sail⟧,” Ada Brand said on 4 May 2020.", "2020-05-04"),
        ("“⟦We sail⟧,” said Ada Brand on May 4, 2020.", "2020-05-04"),
        ("“⟦We sail⟧,” said Ada Brand in a speech in Aldford on May 4, 2020.", "2020-05-04"),
        ("“⟦We will⟧,” Ada Brand said on 4 May 2020, “⟦go on at once⟧.”", "2020-05-04"),
        ("Ada Brand told parliament in March 2021: “⟦We sail⟧.”", "2021-03"),
        ("On 4 May 2020, Ada Brand said: “⟦We sail⟧.”", "2020-05-04"),
        ("In a speech on May 4, 2020, Ada Brand said: “⟦We sail⟧.”", "2020-05-04"),
        ("Speaking in Aldford on 4 May 2020, Governor Ada Brand said: “⟦We sail⟧.”", "2020-05-04"),
        ("Ada Brand said in her 2019 address: “⟦We sail⟧.”", "2019"),
        ("In his 2019 annual address, Brand said: “⟦We sail⟧.”", "2019"),
        ("“⟦We sail⟧,” Ada Brand said in 2019.", "2019"),
        ("Ada Brand wrote in a letter dated 4 May 2020: “⟦We sail⟧.”", "2020-05-04"),
        ("Ada Brand said on 2020-05-04 that “⟦we sail at dawn now⟧.”", "2020-05-04"),
        ("“⟦We sail⟧.” — Ada Brand, Governor of Aldford, 4 May 2020", "2020-05-04"),
        ("“⟦We sail⟧” (Ada Brand, 4 May 2020).", "2020-05-04"),
        ("“⟦We sail⟧,” Ada Brand said on Monday.", None),
        ("“⟦We sail⟧,” Ada Brand said on 4 May.", None),
        ("Ada Brand said the levy of 4 May 2020 was: “⟦We sail⟧.”", None),
        ("“⟦We sail⟧,” Ada Brand said of the storm on 4 May 2020.", None),
        ("“⟦We sail⟧,” Ada Brand said before the vote on 4 May 2020.", None),
        ("Ada Brand said in the 4 May 2020 annual address: “⟦We sail⟧.”", "2020-05-04"),
        ("Ada Brand said on the 4 May 2020 storm: “⟦We sail⟧.”", None),
        ("“⟦We sail⟧,” Ada Brand said on 4 May 2020 storms.", None),
        ("After the storm on 4 May 2020, Ada Brand said: “⟦We sail⟧.”", None),
        ("On 4 May 2020, the bridge fell, and Brand said: “⟦We sail⟧.”", None),
        ("Ada Brand said on 4–5 May 2020: “⟦We sail⟧.”", None),
        ("Ada Brand said on 03/04/2021: “⟦We sail⟧.”", None),
        ("“⟦We sail⟧,” she said on 4 May 2020.", None),
        ("“⟦We sail⟧.” — Ada Brand, remarks on the anniversary of 4 May 2019", None),
    ],
)
def test_a_date_counts_where_it_is_the_day_of_saying(draft: str, published: str | None) -> None:
    assert claimed(draft).published == published


PAGE = "https://a.example/speech"


@pytest.mark.parametrize(
    ("draft", "links", "document"),
    [
        (f"“⟦We sail⟧,” said Ada Brand ({PAGE}).", (), PAGE),
        (f"“⟦We sail⟧.” ({PAGE})", (), PAGE),
        (f"“⟦We sail⟧.”\nSource: {PAGE}.", (), PAGE),
        (f"According to {PAGE}, Ada Brand said: “⟦We sail⟧.”", (), PAGE),
        ("“⟦We sail⟧,” Ada Brand said in a speech.", (("said", PAGE),), PAGE),
        ("“⟦We sail⟧,” Ada Brand said in a speech.", (("a speech", PAGE),), PAGE),
        ("“⟦We sail⟧,” Ada Brand said.", (("We sail", PAGE),), PAGE),
        ("“⟦We sail⟧” [source]", (("source", PAGE),), PAGE),
        ("“⟦We sail⟧,” Ada Brand said.", (("Ada Brand", PAGE),), None),
        ("“⟦We sail⟧,” Ada Brand said in a speech on the levy.", (("the levy", PAGE),), None),
        ("“⟦We sail⟧,” Ada Brand said.[1]", (("1", "#note-1"),), None),
        (f"“⟦We sail⟧,” Ada Brand said. The levy stays, see {PAGE}.", (), None),
        (f"“⟦We sail⟧,” said Brand ({PAGE}, {PAGE}/2).", (), None),
        ("“⟦We sail⟧,” said Ada Brand (levy-1).", (), "levy-1"),
        (f"“⟦See {PAGE} for more⟧,” said Ada Brand.", (), None),
        ("“⟦We sail⟧,” said Ada Brand (levy-2).", (), None),
    ],
)
def test_a_document_is_named_in_the_sentence_or_right_behind_the_quotation(
    draft: str, links: tuple[tuple[str, str], ...], document: str | None
) -> None:
    assert claimed(draft, links, frozenset({"levy-1"})).document == document


@pytest.mark.parametrize(
    "draft",
    [
        "Reportedly, Ada Brand said: “⟦We sail⟧.”",
        "Ada Brand allegedly said: “⟦We sail⟧.”",
        "Ada Brand denied that she said: “⟦We sail⟧.”",
        "FAKE: Ada Brand said: “⟦We sail⟧.”",
        "The post wrongly says that Ada Brand said: “⟦We sail⟧.”",
        "“⟦We sail⟧,” Ada Brand supposedly said.",
    ],
)
def test_words_of_which_the_draft_itself_doubts_who_said_them_are_given_to_nobody(draft: str) -> None:
    assert claimed(draft) == Claim(None, None, None)


def test_no_stretch_claims_nothing() -> None:
    assert claim("“We sail,” said Ada Brand.", []) == Claim(None, None, None)


POE: dict[str, Any] = {"statement_speaker": "Press Secretary Jane Poe", "others": ("MR. SNOW", "THE PRESIDENT")}


@pytest.mark.parametrize(
    ("name", "source", "agreement"),
    [
        ("Poe", said("MS. POE"), AGREES),
        ("Ms. Poe", said("MS. POE"), AGREES),
        ("Poe", said("Press Secretary Jane Poe"), AGREES),
        ("POE", said("Jane Poe"), AGREES),
        ("Jane Poe", said("MS. POE", **POE), AGREES),
        ("Jane Poe", said("MR. POE"), UNKNOWN),
        ("Jane Poe", said("SECRETARY POE"), AGREES),
        ("Jane Poe", said("John Poe"), UNKNOWN),
        ("Jane Poe", said("Jane A. Poe Jr."), AGREES),
        ("Jane Poe", said("John Snow"), CONTRADICTS),
        ("Jane A. Poe", said("John Poe"), UNKNOWN),
        ("Jane A. Poe", said("Jane Poe"), AGREES),
        ("Poe", said("MR. SNOW"), CONTRADICTS),
        ("Press Secretary Jane Poe", said("MR. SNOW", Role.ANSWER, **POE), CONTRADICTS),
        ("Orell Zelenski", said("PRESIDENT ZELENSKYY"), UNKNOWN),
        ("José Muñoz", said("MR. MUNOZ"), UNKNOWN),
        ("Lukasz Poe", said("Łukasz Poe"), AGREES),
        ("Soren Poe", said("Søren Poe"), AGREES),
        ("Gudrun Poe", said("Guðrun Poe"), AGREES),
        ("Dinh Poe", said("Đinh Poe"), AGREES),
        ("Aesa Poe", said("Æsa Poe"), AGREES),
        ("Isik Poe", said("Işık Poe"), AGREES),
        ("Muñoz", said("MR. MUNOZ"), AGREES),
        ("Ana Ruiz", said("MS. RUIZ VEGA"), UNKNOWN),
        ("Jean-Poe", said("MS. JEAN POE"), AGREES),
        ("Jean-Poe", said("Jen Snow"), CONTRADICTS),
        ("Li", said("MR. LEE"), UNKNOWN),
        ("Lin Bo", said("Bo Lin"), AGREES),
        ("Lin Bo", said("Foreign Ministry Spokesperson Lin Wen"), CONTRADICTS),
        ("Lin Yiwen", said("Lin Yi-wun"), UNKNOWN),
        ("林波", said("Foreign Ministry Spokesperson Lin Bo"), UNKNOWN),
        ("Ada Brand", said("THE PRESIDENT", statement_speaker="President Brand"), AGREES),
        ("Ada Brand", said("THE PRESIDENT", title="Remarks by President Brand on Wool"), AGREES),
        ("Brand", said("President Brand Before Train Departure"), AGREES),
        ("Bo Lin", said("THE PRESIDENT", statement_speaker="President Brand"), CONTRADICTS),
        ("Bo Lin", said("THE PRESIDENT", title="Remarks by President Ada Brand"), CONTRADICTS),
        ("Bo Lin", said("THE PRESIDENT", title="Remarks by Vice President Ada Brand"), UNKNOWN),
        ("Bo Lin", said("THE PRESIDENT", title="Remarks by President Brand and President Orr"), UNKNOWN),
        ("Bo Lin", said("THE PRESIDENT"), UNKNOWN),
        ("Snow", said("THE PRESIDENT", **POE), CONTRADICTS),
        ("Brand", said("THE PRESIDENT", **POE), UNKNOWN),
        ("President Snow", said("THE PRESIDENT", **POE), UNKNOWN),
        ("Snow", said("THE GOVERNOR", **POE), UNKNOWN),
        ("Brand", said("THE PRESIDNET", **POE), UNKNOWN),
        ("the press secretary", said("MS. POE", **POE), AGREES),
        ("the president", said("MS. POE", **POE), CONTRADICTS),
        ("the former president", said("MS. POE", **POE), UNKNOWN),
        ("the company president", said("MS. POE", **POE), UNKNOWN),
        ("the governor", said("MS. POE", **POE), UNKNOWN),
        ("the president", said("THE PRESIDENT"), AGREES),
        ("the president", said("THE VICE PRESIDENT"), CONTRADICTS),
        ("the Foreign Minister", said("Prime Minister Ada Brand"), UNKNOWN),
        ("the Prime Minister", said("PRESIDENT BRAND"), CONTRADICTS),
        ("China", said("MR. SNOW"), UNKNOWN),
        ("Brandco", said("MR. SNOW"), CONTRADICTS),
        ("Brandco", said("MR. SNOW", url="https://www.brandco.example/wool"), UNKNOWN),
        ("Brandco", said("MR. SNOW", issuer="Brandco Inc."), UNKNOWN),
        ("Reuters", said("MR. SNOW"), UNKNOWN),
        ("China", said("MR. SNOW", issuer="Embassy of China in Aldford"), AGREES),
        ("the embassy", said("Embassy Spokesperson"), AGREES),
        ("the White House", said("MS. POE", **POE), UNKNOWN),
        ("she", said("MR. SNOW"), UNKNOWN),
        ("Poe", said("Embassy Spokesperson"), UNKNOWN),
        ("Poe", said(None, **POE), AGREES),
        ("Snow", said(None, **POE), UNKNOWN),
        ("Poe", said("SENIOR ADMINISTRATION OFFICIAL", **POE), UNKNOWN),
        ("Poe", said(None, Role.QUESTION, **POE), CONTRADICTS),
        ("Snow", said("Q", Role.QUESTION, **POE), CONTRADICTS),
        ("the press secretary", said("Q", Role.QUESTION, **POE), CONTRADICTS),
        ("Orr", said("Q", Role.QUESTION, **POE), UNKNOWN),
        ("Orr", said("MR. ORR", Role.QUESTION, **POE), AGREES),
        ("Poe", said("MR. ORR", Role.QUESTION, **POE), CONTRADICTS),
        ("Poe", said("AUDIENCE MEMBER", **POE), CONTRADICTS),
        ("the embassy", said(None, Role.QUESTION, **POE), UNKNOWN),
        ("Snow", said(None, Role.INTRODUCTION, **POE), CONTRADICTS),
        ("Orr", said(None, Role.INTRODUCTION, **POE), UNKNOWN),
        ("the president", said(None, Role.INTRODUCTION, **POE), UNKNOWN),
        ("Angus King", said("SENATOR KING"), AGREES),
        ("King", said("MR. SNOW"), UNKNOWN),
    ],
)
def test_a_source_names_the_speaker_or_plainly_another(name: str, source: Said, agreement: Agreement) -> None:
    assert speaker_agreement(name, source) is agreement


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("John Kerry", "John Bolton"),
        ("Jean Jones", "Jean Smith"),
        ("Ada Lund", "Ada Brand"),
        ("Maria Lopez", "Mario Draghi"),
        ("Michelle Obama", "Michael Bloomberg"),
    ],
)
def test_a_first_name_in_common_makes_nobody_the_same(name: str, other: str) -> None:
    assert speaker_agreement(name, said(other)) is CONTRADICTS
    assert speaker_agreement(other, said(name)) is CONTRADICTS


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Hillary Clinton", "Bill Clinton"),
        ("Ada Zelensky", "Bo Zelenskyy"),
        ("Wen Lin", "Lin Bo"),
        ("Ada Ruiz Vega", "Bea Ruiz Orr"),
    ],
)
def test_a_surname_in_common_leaves_open_who_it_is(name: str, other: str) -> None:
    assert speaker_agreement(name, said(other)) is UNKNOWN
    assert speaker_agreement(other, said(name)) is UNKNOWN


@pytest.mark.parametrize(
    ("name", "source", "agreement"),
    [
        ("Ada", said("Ada Brand"), UNKNOWN),
        ("Ada", said(None, statement_speaker="Ada Brand"), UNKNOWN),
        ("Ada", said("THE PRESIDENT", statement_speaker="President Ada Brand"), UNKNOWN),
        ("Ada", said("ADA", statement_speaker="Ada Brand"), AGREES),
        ("Mr. Lin", said("Lin Bo"), AGREES),
        ("President Lin", said("Lin Bo"), AGREES),
        ("Brand", said("Ada Brand"), AGREES),
    ],
)
def test_a_first_name_alone_leaves_open_who_it_is(name: str, source: Said, agreement: Agreement) -> None:
    assert speaker_agreement(name, source) is agreement


@pytest.mark.parametrize(
    ("day", "source", "agreement"),
    [
        ("2020-05-04", said(published="2020-05-04"), AGREES),
        ("2020-05", said(published="2020-05-04"), AGREES),
        ("2020", said(published="2020-05"), AGREES),
        ("2020-05-05", said(published="2020-05-04"), AGREES),
        ("2020-05-03", said(published="2020-05-04"), AGREES),
        ("2019", said(published="2020-01-01"), AGREES),
        ("2020-05-06", said(published="2020-05-04"), CONTRADICTS),
        ("2020-06", said(published="2020-05-04"), CONTRADICTS),
        ("2019", said(published="2020-01-02"), UNKNOWN),
        ("2020-04-27", said(published="2020-05-04"), UNKNOWN),
        ("2020-04-26", said(published="2020-05-04"), CONTRADICTS),
        ("2019", said(published="2020-01-08"), CONTRADICTS),
        ("2020-05-04", said(), UNKNOWN),
        ("4 May", said(published="2020-05-04"), UNKNOWN),
        ("2020-05-01", said(published="2020-05-04", title="Speech by Ada Brand, 1 May 2020"), AGREES),
        ("2020-05-01", said(published="2020-05-04", url="https://a.example/2020/05/01/levy"), AGREES),
        ("2020-05-01", said(published="2020-05-04", url="https://a.example/2020/99/01/levy"), UNKNOWN),
    ],
)
def test_a_date_contradicts_a_source_of_before_it_or_of_more_than_a_week_after(
    day: str, source: Said, agreement: Agreement
) -> None:
    assert date_agreement(day, source) is agreement


@pytest.mark.parametrize(
    ("name", "url", "agreement"),
    [
        ("levy-1", None, AGREES),
        ("levy-2", None, UNKNOWN),
        ("http://www.a.example/speech/", "https://a.example/speech", AGREES),
        ("https://a.example/speech?utm_source=x&fbclid=1#top", "https://a.example/speech", AGREES),
        ("https://a.example/speech/amp", "https://a.example/speech", AGREES),
        ("https://a.example/speech?id=2", "https://a.example/speech?id=1", CONTRADICTS),
        ("https://a.example/levy", "https://a.example/speech", CONTRADICTS),
        ("https://a.example/", "https://a.example/speech", UNKNOWN),
        ("https://a.example/files/speech.pdf", "https://a.example/speech", UNKNOWN),
        ("https://b.example/levy", "https://a.example/speech", UNKNOWN),
        ("https://a.example/levy", None, UNKNOWN),
        ("http://[", "https://a.example/speech", UNKNOWN),
    ],
)
def test_only_another_page_of_the_same_site_is_another_document(
    name: str, url: str | None, agreement: Agreement
) -> None:
    assert document_agreement(name, said(url=url)) is agreement


WORDS = (
    "“ ” \" ' ‘ ’ « » „ , . : ; ? ! — - ( ) [ ] > # * \n \n\n Ada Brand said told wrote asked that according to the of "
    "President minister spokesman for and Mr. 4 May 2020 on in a speech https://a.example/x?y=1 levy-1 was called Lin’s"
)
DRAFTS = st.one_of(st.text(), st.lists(st.sampled_from(WORDS.split(" ")), max_size=40).map(" ".join))


@given(draft=DRAFTS, cuts=st.lists(st.integers(0, 200), max_size=6), published=st.text(max_size=12))
@example(draft="“”“” said “", cuts=[1, 3], published="2020-13")
@example(draft="İ“ß” said Ǆ. Brand", cuts=[2, 3], published="")
def test_no_draft_and_no_source_is_too_odd(draft: str, cuts: list[int], published: str) -> None:
    stretches = list(pairwise(sorted(cuts)))[::2]
    found = claim(draft, stretches, [(0, "http://["), (2, draft)], frozenset({"levy-1"}))
    source = said(draft, Role.QUESTION, title=draft, published=published, url=draft, others=(draft, "Poe"))
    assert speaker_agreement(draft, source) in Agreement
    assert date_agreement(found.published or draft, source) in Agreement
    assert document_agreement(found.document or draft, source) in Agreement


@pytest.mark.parametrize(
    "unit", ["Ada Brand ", "said ", "the minister of ", "(", "“", '" ', "May 4, ", "https://a.example ", "Ada-"]
)
def test_a_long_draft_costs_no_more_than_a_short_one(unit: str) -> None:
    def seconds(times: int) -> float:
        text = f"{unit * times}“We sail,” {unit * times}"
        at = text.index("We sail")
        started = process_time()
        claim(text, [(at, at + 7)])
        return process_time() - started

    assert min(seconds(20_000) for _ in range(3)) < min(seconds(200) for _ in range(3)) * 3 + 0.05


@pytest.mark.parametrize(
    ("draft", "speaker"),
    [
        ("“⟦We sail at dawn⟧,” said Ada Brand under oath.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” said Ada Brand white with rage.", "Ada Brand"),
        ("“⟦We sail at dawn⟧,” said Ada Brand war or no war.", "Ada Brand"),
    ],
)
def test_a_word_in_small_letters_that_also_begins_a_title_is_no_part_of_a_name(draft: str, speaker: str) -> None:
    assert claimed(draft).speaker == speaker


@pytest.mark.parametrize(
    ("draft", "speaker"),
    [
        ("Brand said “⟦never again⟧.”", "Brand"),
        ("Brand says “⟦never again⟧.”", "Brand"),
        ("Brand stressed “⟦never again⟧.”", None),
        ("Brand stressed “⟦never again at dawn⟧.”", "Brand"),
        ("They will “⟦sail at dawn again⟧,” said Ada Brand.", "Ada Brand"),
        ("They will “⟦sail at dawn⟧,” said Ada Brand.", None),
        ("Brand called it “⟦late and dear and wrong⟧.”", "Brand"),
        ("Brand called it X “⟦late and dear and wrong⟧.”", None),
    ],
)
def test_words_that_a_draft_works_into_its_own_sentence_are_a_speaker_s_where_there_are_four_of_them(
    draft: str, speaker: str | None
) -> None:
    assert claimed(draft).speaker == speaker


@pytest.mark.parametrize("surname", ["King", "Pope", "Prince", "Bishop", "Judge", "Dean"])
def test_surnames_that_are_titles_too_make_nobody_the_holder_of_that_office(surname: str) -> None:
    assert speaker_agreement(f"Ada {surname}", said(f"Bo {surname}")) is UNKNOWN
    assert speaker_agreement(f"Ada {surname}", said(f"MS. {surname.upper()}")) is UNKNOWN
    assert speaker_agreement(f"Ada {surname}", said("Bo Lin")) is CONTRADICTS


@pytest.mark.parametrize(
    ("name", "source", "agreement"),
    [
        ("Snow", said("Embassy Spokesperson", **POE), CONTRADICTS),
        ("Snow", said("SPOKESWOMAN", **POE), CONTRADICTS),
        ("Orr", said("Embassy Spokesperson", **POE), UNKNOWN),
    ],
)
def test_a_spokesperson_without_a_name_is_nobody_whom_the_source_names(
    name: str, source: Said, agreement: Agreement
) -> None:
    assert speaker_agreement(name, source) is agreement


@pytest.mark.parametrize("linked", ["Source", "Transcript", "Video", "source"])
def test_a_link_right_behind_a_quotation_is_its_source_whatever_its_case(linked: str) -> None:
    assert claimed(f"“⟦We sail⟧” [{linked}]", ((linked, PAGE),)).document == PAGE


@pytest.mark.parametrize("name", ["levy-X", "X-levy", "levy_1", "2024/X"])
def test_an_id_is_read_to_its_last_letter(name: str) -> None:
    assert claimed(f"“⟦We sail⟧,” said Ada Brand ({name}).", (), frozenset({name})).document == name


def test_an_address_of_the_sentence_before_is_not_the_quotation_s_though_that_one_ends_another_quotation() -> None:
    before = "There is much to be said here “no. See https://a.example/levy and the rest of what they all say."
    assert claimed(f"{before} Ada Brand said ({PAGE}): “⟦We sail⟧.”").document == PAGE
