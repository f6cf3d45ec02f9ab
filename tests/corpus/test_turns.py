"""Who says what: labels, roles, letters, and that nothing said is lost or lent to another."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.statement import Role
from corpus.turns import find_turns

Said = tuple[str, str | None, str]


def said(*paragraphs: str, title: str | None = None, speaker: str | None = None) -> list[Said]:
    """Role, speaker and words of each turn of a page."""
    text = "\n\n".join(paragraphs)
    turns = find_turns(text, title=title, speaker=speaker)
    return [(turn.role.value, turn.speaker, text[turn.start : turn.end]) for turn in turns]


def speakers(*paragraphs: str, title: str | None = None, speaker: str | None = None) -> list[tuple[str, str | None]]:
    return [(role, name) for role, name, _ in said(*paragraphs, title=title, speaker=speaker)]


def test_text_without_labels_is_one_turn_of_the_statements_own_speaker() -> None:
    assert said("Tin is dear.", "Zinc is not.", speaker="Ada Brand") == [
        ("remarks", "Ada Brand", "Tin is dear.\n\nZinc is not.")
    ]


def test_a_text_whose_speaker_is_unknown_is_nobodys() -> None:
    assert said("  Tin is dear.\n") == [("remarks", None, "Tin is dear.")]


def test_an_empty_text_has_no_turns() -> None:
    assert find_turns(" \n\n\xa0") == ()


def test_a_question_and_a_spokespersons_answer_are_two_turns() -> None:
    assert said("Question: Will the mine close?", "Consulate Spokesperson: No.", "It will grow.") == [
        ("question", None, "Will the mine close?"),
        ("answer", "Consulate Spokesperson", "No.\n\nIt will grow."),
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Question:", "Answer:"),
        ("Q:", "A:"),
        ("Q.", "A."),
        ("Q1:", "A1:"),
        ("Q.:", "A.:"),
        ("**Question:**", "**Answer:**"),
        ("**Q**:", "**A**:"),
        ("Q   ", "A   "),
        ("Q\xa0\xa0\xa0", "A\xa0\xa0\xa0"),
        ("QUESTION.", "ANSWER."),
        ("Reporter:", "Answer:"),
        ("问：", "答："),
        ("Frage:", "Antwort:"),
        ("Question :", "Réponse :"),
        ("Pregunta:", "Respuesta:"),
        ("Вопрос:", "Ответ:"),
    ],
)
def test_generic_labels_name_no_questioner_and_answers_are_the_statements_own(question: str, answer: str) -> None:
    page = (f"{question} Is tin dear?", f"{answer} It is.", f"{question} And zinc?", f"{answer} It is not.")
    expected = [("question", None, "Is tin dear?"), ("answer", "Ada Brand", "It is.")]
    assert said(*page, speaker="Ada Brand")[:2] == expected
    assert speakers(*page)[1] == ("answer", None)


def test_a_questioner_whom_the_label_names_is_named() -> None:
    page = ("Question (Tin Post): Why?", "Question from The Zinc: How?", "Question (inaudible): Who?", "Answer: So.")
    assert [name for _, name in speakers(*page)] == ["Tin Post", "The Zinc", None, None]


def test_a_transcript_in_capitals_is_cut_at_its_labels() -> None:
    page = (
        "Tin Room",
        "1:51 P.M. CET",
        "MS.\xa0 ADLER-BRAND:\xa0 Hello.\xa0 One thing.",
        "It is this.",
        "Q\xa0\xa0\xa0 Is tin dear?",
        "THE PREMIER:\xa0 It is.",
        "MR. FERNÁNDEZ RUÍZ:\xa0 Yes.",
        "Q Why?",
        "SENIOR MINES OFFICIAL #2:\xa0 Demand.",
    )
    assert said(*page) == [
        ("introduction", None, "Tin Room\n\n1:51 P.M. CET"),
        ("remarks", "MS. ADLER-BRAND", "Hello.\xa0 One thing.\n\nIt is this."),
        ("question", None, "Is tin dear?"),
        ("answer", "THE PREMIER", "It is."),
        ("answer", "MR. FERNÁNDEZ RUÍZ", "Yes."),
        ("question", None, "Why?"),
        ("answer", "SENIOR MINES OFFICIAL #2", "Demand."),
    ]


def test_a_label_may_stand_alone_on_its_line() -> None:
    assert said("QUESTION:\nIs tin dear?", "MINISTER BRAND:\nNo.") == [
        ("question", None, "Is tin dear?"),
        ("answer", "MINISTER BRAND", "No."),
    ]


def test_one_label_is_enough_at_the_head_of_a_speech() -> None:
    assert speakers("Zinc Hall", "2:01 P.M.", "THE PREMIER:  Friends, welcome.", "Sit down.") == [
        ("introduction", None),
        ("remarks", "THE PREMIER"),
    ]


def test_an_unknown_name_in_capitals_is_taken_in_a_transcript() -> None:
    page = ("MS. ADLER:  Hello.", "GOALKEEPER:  Hello.", "MS. ADLER:  What is it?", "ROSA TIN:  A ball.")
    assert [name for _, name in speakers(*page)] == ["MS. ADLER", "GOALKEEPER", "MS. ADLER", "ROSA TIN"]


def test_a_transcript_may_print_some_of_its_speakers_in_ordinary_letters() -> None:
    page = ("MODERATOR: Hello.", "Minister Brand: Thanks.", "MODERATOR: Next.", "Question: Why?", "Minister Brand: So.")
    assert [name for _, name in speakers(*page)] == [
        *("MODERATOR", "Minister Brand", "MODERATOR", None, "Minister Brand"),
    ]


def test_a_list_entry_that_stands_closer_than_the_labels_is_no_speaker() -> None:
    page = ("MS. ADLER:  We gave three grants.", "ZTM: 33 of them.", "MS. BRAND:  Yes.", "MS. ADLER:  So.")
    assert said(*page)[0] == ("remarks", "MS. ADLER", "We gave three grants.\n\nZTM: 33 of them.")


def test_an_acronym_that_the_text_uses_is_no_speaker() -> None:
    page = ("MS. ADLER: We and ZTM gave grants.", "ZTM: 33 of them.", "MS. BRAND: Yes.", "MS. ADLER: So.")
    assert [name for _, name in speakers(*page)] == ["MS. ADLER", "MS. BRAND", "MS. ADLER"]


def test_a_full_stop_among_colons_ends_a_label_too() -> None:
    page = ("MR. ADLER:  Hello.", "Q  Why?", "MR. ADLER.  Because.", "MR. BRAND:  Yes.", "WASHINGTON.  That is where.")
    assert said(*page)[2:] == [
        ("answer", "MR. ADLER", "Because."),
        ("answer", "MR. BRAND", "Yes.\n\nWASHINGTON.  That is where."),
    ]


@pytest.mark.parametrize("line", ["MR. ADLER\xa0 Thus.", "MR. ADLER; Thus."])
def test_a_label_that_lost_its_colon_is_known_by_its_name_and_gap(line: str) -> None:
    assert said("MR. ADLER:  Hello.", "Q  Why?", "MR. ADLER:  So.", "Q  How?", line)[-1] == (
        "answer",
        "MR. ADLER",
        "Thus.",
    )


def test_a_label_behind_a_sentence_begins_a_turn() -> None:
    page = ("MR. ADLER:  Hello.", "Q  Why? MR. ADLER:  So. Q\xa0\xa0\xa0How?", "MR. ADLER:  Thus.")
    assert said(*page)[1:] == [
        ("question", None, "Why?"),
        ("answer", "MR. ADLER", "So."),
        ("question", None, "How?"),
        ("answer", "MR. ADLER", "Thus."),
    ]


def test_full_stops_can_be_the_style_of_a_transcript() -> None:
    page = (
        "CHAIR ADLER. Good afternoon. U.S. tin is dear.",
        "U.S. zinc is not.",
        "JON McBRAND. Is lead dear?",
        "CHAIR ADLER. GDP fell.",
        "ROSA TIN-FIELD. I wonder about iron.",
        "CHAIR ADLER. It is dear.",
        "WASHINGTON. That is where.",
        "OLGA BLAU. Leo?",
        "LEO BLUM. And nickel?",
        "GOVERNOR GRAU. No.",
        "OLGA BLAU. Thank you.",
        "NED FIELD. I wonder about gold.",
        "GOVERNOR GRAU. No.",
    )
    assert speakers(*page) == [
        ("remarks", "CHAIR ADLER"),
        ("question", "JON McBRAND"),
        ("answer", "CHAIR ADLER"),
        ("question", "ROSA TIN-FIELD"),
        ("answer", "CHAIR ADLER"),
        ("remarks", "OLGA BLAU"),
        ("question", "LEO BLUM"),
        ("answer", "GOVERNOR GRAU"),
        ("remarks", "OLGA BLAU"),
        ("question", "NED FIELD"),
        ("answer", "GOVERNOR GRAU"),
    ]


def test_a_label_that_nothing_follows_does_not_swallow_the_next() -> None:
    assert said("Q:\n  Q: Is tin dear?", "A: Yes.") == [
        ("question", None, "Is tin dear?"),
        ("answer", None, "Yes."),
    ]


def test_how_the_words_came_is_no_part_of_a_name() -> None:
    page = ("PREMIER BRAND (As interpreted.): Hello.", "PREMIER BRAND (via interpreter): Thanks.")
    assert speakers(*page) == [("remarks", "PREMIER BRAND")] * 2
    assert speakers("Ada Brand (Mines Spokesperson): Hi.", "Q: Why?", "Ada Brand (Mines Spokesperson): So.") == [
        ("remarks", "Ada Brand (Mines Spokesperson)"),
        ("question", None),
        ("answer", "Ada Brand (Mines Spokesperson)"),
    ]


def test_moderators_never_answer_and_the_crowd_asks_only_with_a_question() -> None:
    page = (
        "MODERATOR:  Welcome.  Any questions?",
        "Q  Why?",
        "MODERATOR:  Minister?",
        "MINISTER ADLER:  Because.",
        "AUDIENCE MEMBER:  Bravo!",
        "AUDIENCE MEMBER:  But when?",
        "OPERATOR:  The line is open.",
        "INTERPRETER:  He says yes.",
    )
    assert [role for role, _ in speakers(*page)] == [
        *("remarks", "question", "remarks", "answer"),
        *("remarks", "question", "remarks", "remarks"),
    ]


def test_a_call_from_the_crowd_does_not_turn_a_speech_into_answers() -> None:
    page = ("THE PREMIER:  Tin!", "AUDIENCE MEMBER:  And zinc?", "THE PREMIER:  Zinc too.", "AUDIENCE:  Yes!")
    assert [role for role, _ in speakers(*page, "THE PREMIER:  Iron.")] == [
        *("remarks", "question", "answer", "remarks", "remarks"),
    ]


def test_outlets_ask_and_the_one_spokesperson_answers() -> None:
    page = (
        "Tin TV: The mine opens tomorrow. What do you expect?",
        "He Lin: A good day.",
        "Reuters: Please comment on the tariff.",
        "He Lin: What did others do? All saw it.",
        "Zinc Daily: And lead?",
        "He Lin: No.",
    )
    assert speakers(*page) == [
        ("question", "Tin TV"),
        ("answer", "He Lin"),
        ("question", "Reuters"),
        ("answer", "He Lin"),
        ("question", "Zinc Daily"),
        ("answer", "He Lin"),
    ]


def test_one_exchange_is_enough_when_an_outlet_asks_the_person_in_the_title() -> None:
    page = ("Tin Post: Will you attend?", "Ada Brand: Yes.")
    assert speakers(*page, title="Spokesperson Ada Brand on the Tin Fair") == [
        ("question", "Tin Post"),
        ("answer", "Ada Brand"),
    ]


def test_an_official_named_in_ordinary_letters_answers() -> None:
    page = (
        "The Rt. Hon. Ada Brand: Hello.",
        "Question: On tin?",
        "Minister Blau: Yes.",
        "Question: On zinc?",
        "Mr. Field: No.",
    )
    assert speakers(*page) == [
        ("remarks", "The Rt. Hon. Ada Brand"),
        ("question", None),
        ("answer", "Minister Blau"),
        ("question", None),
        ("answer", "Mr. Field"),
    ]


def test_journalists_beside_a_minister_named_in_capitals_ask() -> None:
    page = (
        "ADA BRAND:  Thanks.  A word.",
        "JOURNALIST:  Minister, on tin?",
        "ADA BRAND:  Yes.",
        "JOURNALIST:  Sure?",
        "ADA BRAND:  Sure.",
        "OTTO BLAU, HOST:  Is that all?",
    )
    assert [role for role, _ in speakers(*page)] == ["remarks", "question", "answer", "question", "answer", "question"]


def test_a_bare_name_that_does_not_follow_questions_gives_no_answers() -> None:
    page = ("MINISTER BRAND:  Hi.", "Q  Why?", "OTTO BLAU:  Minister.", "MINISTER BRAND:  So.", "OTTO BLAU:  Next one.")
    assert [role for role, _ in speakers(*page, "OTTO BLAU:  Thanks.")] == [
        *("remarks", "question", "remarks", "answer", "remarks", "remarks"),
    ]


def test_an_outlet_asks_beside_unnamed_journalists_without_a_question_mark() -> None:
    page = ("Question: Why?", "Spokesman: So.", "Zinc Daily: Please comment on tin.", "Spokesman: No.")
    assert speakers(*page)[2] == ("question", "Zinc Daily")


def test_officials_who_speak_in_turn_without_questions_make_remarks() -> None:
    page = ("President Brand: Welcome.", "Chancellor Blau: Thanks.", "President Brand: We agreed.")
    assert speakers(*page) == [
        ("remarks", "President Brand"),
        ("remarks", "Chancellor Blau"),
        ("remarks", "President Brand"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "But here's the deal: tin is dear.",
        "Note: tin is dear.",
        "Background: tin is dear.",
        "Article 1.1: Tin is dear.",
        "To view the slides, visit: tin.example",
        "**FACT:** Tin is dear.",
        "RAISING ATTORNEY STANDARDS: Tin is dear.",
        "WATCH PRESIDENT BRAND: Tin is dear.",
        "MINISTER BRAND REMARKS: Tin is dear.",
        "RAISING MINING STANDARDS: Tin is dear.",
        "NOMINATIONS SENT TO THE COUNCIL:",
        "PREMIER BRAND WILL KEEP THE PROMISE: Tin is dear.",
        "U.S. tin is dear.",
        "WASHINGTON. Tin is dear.",
        "SECTION 1. PURPOSE. Tin is dear.",
        "DR. OTTO BLAU JR. DAY PROCLAMATION",
        "Q fever is rare.",
    ],
)
def test_a_line_that_only_looks_like_a_label_names_no_speaker(line: str) -> None:
    page = ("Friends, hear this, for it has been a long year and we have much to tell each other about it.", line)
    assert speakers(*page, line.replace("dear", "cheap"), speaker="Ada Brand") == [("remarks", "Ada Brand")]


def test_a_lone_question_is_a_figure_of_speech() -> None:
    assert speakers("Friends.", "Question: is tin dear?", "It is.", speaker="Ada Brand") == [("remarks", "Ada Brand")]


def test_a_list_of_quotations_is_not_a_conversation() -> None:
    page = ("Board Chair Ada Brand: “Good.”", "Tin CEO Otto Blau: “Fine.”", "Board Chair Ada Brand: “Well?”")
    assert speakers(*page, "Zinc Union: “Yes.”") == [("remarks", None)]


def test_a_few_exchanges_among_many_quotations_are_not_a_conversation() -> None:
    page = ("Otto Blau: “Why?”", "Ada Brand: “So.”", "Otto Blau: “How?”", "Ada Brand: “Thus.”")
    others = [f"{name} Union: “Good.”" for name in ("Tin", "Zinc", "Lead", "Gold")]
    assert speakers(*page, *others) == [("remarks", None)]


def test_a_memorandum_is_not_a_speech_of_its_addressee() -> None:
    assert speakers("MEMORANDUM", "FROM: OTTO BLAU", "THE DIRECTOR:  Do it.") == [("remarks", None)]


def test_a_narrow_line_that_starts_inside_a_sentence_is_no_label() -> None:
    text = "We put to the Council the\nQuestion: is tin dear? And to the\nMinister: what then?\n\nIt is."
    assert speakers(text) == [("remarks", None)]


@pytest.mark.parametrize("mark", ["END", "END  5:25 P.M. EDT", "5:25 P.M. CET", "###", "# # #", "*###*", "- END -"])
def test_an_end_mark_is_nobodys_and_a_note_below_it_is_the_publishers(mark: str) -> None:
    page = ("MS. ADLER:  Hello.", "MS. ADLER:  Goodbye.", mark, "The figure was corrected.")
    assert said(*page)[1:] == [
        ("remarks", "MS. ADLER", "Goodbye."),
        ("introduction", None, "The figure was corrected."),
    ]


@pytest.mark.parametrize("rule", ["____", "* * *", "---"])
def test_a_note_below_the_last_rule_is_not_the_last_speakers(rule: str) -> None:
    page = ("MS. ADLER:  Hello.", "MS. ADLER:  Goodbye.", rule, "* The figure was corrected.")
    assert said(*page)[-1] == ("introduction", None, "* The figure was corrected.")


def test_what_stands_below_the_end_mark_of_a_release_is_the_publishers() -> None:
    page = ("Tin is dear, and so it will stay.", "# # #", "Contact: Zinc House")
    assert said(*page, speaker="Ada Brand") == [
        ("remarks", "Ada Brand", page[0]),
        ("introduction", None, "Contact: Zinc House"),
    ]


def test_rules_between_the_parts_of_a_speech_do_not_end_it() -> None:
    page = ("THE PREMIER:  Tin.", "* * *", "Zinc.", "* * *", "Lead.")
    assert said(*page) == [("remarks", "THE PREMIER", "Tin.\n\n* * *\n\nZinc.\n\n* * *\n\nLead.")]


def test_whoever_speaks_first_and_is_answered_asks_though_without_a_question_mark() -> None:
    page = ("Ms. Vale: I would like to hear from you what you make of the tin price this year.", "Minister Brand: Tin.")
    more = ("Mr. Lund: Is zinc dear?", "Minister Brand: No.", "Mr. Lund: Is lead?", "Minister Brand: No.")
    assert speakers(*page, *more)[:2] == [("question", "Ms. Vale"), ("answer", "Minister Brand")]


def test_a_full_name_in_capitals_opens_a_turn_though_the_text_uses_its_words() -> None:
    page = (
        "MS. ORR: Hello to all of you.",
        "MR. VALE: Good day. The TIN BOARD is new, and TIN is dear; the BOARD met.",
        "MS. ORR: So it is.",
        "TIN BOARD: We met on Monday.",
        "MR. VALE: Yes.",
    )
    assert [name for _, name in speakers(*page)] == ["MS. ORR", "MR. VALE", "MS. ORR", "TIN BOARD", "MR. VALE"]


def test_beside_an_answerer_who_goes_by_a_bare_name_another_name_is_one_too() -> None:
    page = ("Question: Is tin dear?", "Ada Brand: It is.", "Bo Lund: I agree.", "Question: Zinc?", "Ada Brand: No.")
    assert [name for _, name in speakers(*page)] == [None, "Ada Brand", "Bo Lund", None, "Ada Brand"]


def test_one_wide_gap_behind_a_lone_q_makes_no_other_q_a_label() -> None:
    page = ("Q   Is tin dear?", "It is.", "Q is a letter of the alphabet.")
    assert said(*page) == [("remarks", None, "\n\n".join(page))]


def test_a_letter_runs_from_salutation_to_signature() -> None:
    page = (
        "The following is a letter from Ms. Ada Brand, Spokeswoman of the Zinc Embassy, to The Tin Post on 3rd May.",
        "Sir, tin is dear (May 1).",
        "It should not be.",
        "Ada Brand,",
        "Spokeswoman, Zinc Embassy",
    )
    assert said(*page) == [
        ("introduction", None, page[0]),
        ("letter", "Ada Brand", "\n\n".join(page[1:])),
    ]


def test_a_letter_needs_no_introduction_and_ends_with_its_signature() -> None:
    page = ("Dear Editor,", "Tin is dear.", "Yours sincerely,", "Mr. Otto Blau\nEnvoy of Zincland")
    note = "This letter was printed in The Tin Post after a delay of some days."
    assert said(*page, note) == [
        ("letter", "Otto Blau", "\n\n".join(page)),
        ("introduction", None, note),
    ]


def test_the_signature_wins_over_the_introduction() -> None:
    page = ("A letter from Mr. Otto Blau to The Tin Post:", "Sir, tin is dear.", "Yours faithfully,", "Ada Brand")
    assert speakers(*page)[1] == ("letter", "Ada Brand")


def test_the_introduction_names_the_writer_of_a_letter_without_a_signature() -> None:
    page = ("This letter from Mr. Otto Blau was sent to The Tin Post.", "To the Editor:", "Tin is dear.")
    assert speakers(*page, speaker="Ada Brand")[1] == ("letter", "Otto Blau")
    assert speakers(*page[1:], speaker="Ada Brand") == [("letter", "Ada Brand")]


def test_a_letter_without_a_closing_ends_where_its_writer_stands_by_himself() -> None:
    page = ("The following is a letter from Mr. Jan Brand to a newspaper.", "Sir,", "You say tin is dear.", "Jan Brand")
    note = "This letter was printed by the Tin Post of Orm in its morning edition of the fifth of May."
    assert said(*page, note) == [
        ("introduction", None, page[0]),
        ("letter", "Jan Brand", "\n\n".join(page[1:])),
        ("introduction", None, note),
    ]


def test_two_letters_on_a_page_have_each_their_own_signature() -> None:
    page = ("Dear Mr. Speaker:", "Tin.", "Sincerely,", "ADA BRAND", "Dear Madam President:", "Zinc.", "Sincerely,")
    assert speakers(*page, "OTTO BLAU") == [("letter", "ADA BRAND"), ("letter", "OTTO BLAU")]


@pytest.mark.parametrize("greeting", ["Sir, we meet at a hard time.", "Dear friends,", "Excellencies,"])
def test_a_greeting_does_not_make_a_speech_a_letter(greeting: str) -> None:
    assert speakers(greeting, "Tin is dear.", "Sir, I thank you.", speaker="Ada Brand") == [("remarks", "Ada Brand")]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_narrow_line_that_greets_inside_a_sentence_opens_no_letter(gap: str) -> None:
    text = f"Allow me to congratulate you,{gap}Sir, on your election.{gap}Tin is dear.{gap}Ada Brand"
    assert speakers(text) == [("remarks", None)]
    text = f"We greet our\nDear friends, and all.{gap}Yours sincerely,{gap}Ada Brand"
    assert speakers(text) == [("remarks", None)]


@pytest.mark.parametrize(
    "page",
    [
        ("Bo Lin: You lie.", "Ada Lind: No.", "Bo Lin: You do.", "Ada Lind: Never."),
        ("Minister Brand: Tin is dear.", "Minister Brand: Tin is cheap."),
        ("Bo Lin – You lie.", "Ada Lind – No.", "Bo Lin – You do.", "Ada Lind – Never."),
        ("A voice from the floor: Shame.", "A voice from the floor: Go."),
        ("AMBASSADOR: Bo Lin", "Tin is dear.", "AMBASSADOR: Bo Lin"),
    ],
)
def test_words_below_labels_that_are_not_understood_are_nobodys(page: tuple[str, ...]) -> None:
    assert speakers("Friends, hear this.", *page, speaker="Prime Minister Lind") == [("remarks", None)]


def test_an_outlet_accuses_and_the_premier_of_the_title_answers() -> None:
    page = (
        "Tin Post: You are a liar, we all know.",
        "Lind: I am not.",
        "Tin Post: You sold the mines.",
        "Lind: Never.",
    )
    title = "Remarks by Prime Minister Lind to the Tin Post"
    assert (
        speakers(*page, title=title, speaker="Prime Minister Lind")
        == [
            ("question", "Tin Post"),
            ("answer", "Lind"),
        ]
        * 2
    )


def test_an_outlet_in_the_title_of_an_interview_asks() -> None:
    page = ("Tin Post: You sold the mines.", "Minister Adler: No.", "Tin Post: But why?", "Minister Adler: So.")
    title = "Interview of Minister Adler with the Tin Post"
    assert speakers(*page, title=title) == [("question", "Tin Post"), ("answer", "Minister Adler")] * 2


@pytest.mark.parametrize(
    ("question", "answer"),
    [("Q - ", "R - "), ("P: ", "R: "), ("QUESTION\n", "ANSWER\n"), ("Question – ", "Answer – ")],
)
def test_labels_may_be_set_off_by_a_dash_or_a_line_and_be_romance(question: str, answer: str) -> None:
    page = (f"{question}Will it rain?", f"{answer}No.", f"{question}And snow?", f"{answer}Yes.")
    assert said(*page, speaker="Ada Lind") == [
        ("question", None, "Will it rain?"),
        ("answer", "Ada Lind", "No."),
        ("question", None, "And snow?"),
        ("answer", "Ada Lind", "Yes."),
    ]


def test_a_name_with_a_dash_answers_beside_questions_with_a_dash() -> None:
    page = ("Question – Why?", "Minister Lind – So.", "Question – How?", "Minister Lind – Thus.")
    assert speakers(*page) == [("question", None), ("answer", "Minister Lind")] * 2


def test_a_telephone_and_a_party_are_no_question_and_no_answer() -> None:
    assert speakers("P: 555 0100", "E: tin@tin.example", "P: 555 0101", speaker="Ada Lind") == [("remarks", "Ada Lind")]


@pytest.mark.parametrize("mark", ["\u200b", "\u200f", "\u2060 ", "\ufeff", "\xad", "• ", "- ", "1. ", "> ", "* "])
def test_what_stands_before_a_label_does_not_hide_it(mark: str) -> None:
    page = (f"{mark}QUESTION: Why?", f"{mark}MS. LIND: So.", f"{mark}Q How?", f"{mark}MS. LIND: Thus.")
    assert said(*page) == [
        ("question", None, "Why?"),
        ("answer", "MS. LIND", "So."),
        ("question", None, "How?"),
        ("answer", "MS. LIND", "Thus."),
    ]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_whatever_ends_a_line_begins_the_next(end: str) -> None:
    page = end.join(["QUESTION: Why?", "MS. LIND: So.", "QUESTION: How?", "MS. LIND: Thus.", "END", "A note."])
    assert speakers(page) == [
        *[("question", None), ("answer", "MS. LIND")] * 2,
        ("introduction", None),
    ]
    assert speakers(end.join(["Dear Editor,", "Tin is dear.", "Yours sincerely,", "Ada Lind"])) == [
        ("letter", "Ada Lind")
    ]


@pytest.mark.parametrize("speaker", [None, "Ada Lind"])
def test_letters_exchanged_are_each_their_writers(speaker: str | None) -> None:
    page = ("Dear Minister,", "You are a liar.", "Jan", "Dear Jan,", "I am not.", "Yours sincerely,")
    assert said(*page, "Ada Lind\nMinister of Wool", speaker=speaker) == [
        ("letter", None, "Dear Minister,\n\nYou are a liar.\n\nJan"),
        ("letter", "Ada Lind", "Dear Jan,\n\nI am not.\n\nYours sincerely,\n\nAda Lind\nMinister of Wool"),
    ]


def test_a_salutation_is_no_person() -> None:
    names = {name for _, name in speakers("A letter of the Embassy.", "Dear Bo", "Tin is dear.", "Dear Bo")}
    assert names == {None}


@pytest.mark.parametrize(
    "introduction",
    [
        "The following is the Embassy's reply to a letter from Mr. Jan Brand, published on 4 May.",
        "A letter of the Embassy in response to an article by Ada Brand.",
        "A letter delivered by Mr. Jan Brand.",
        "A letter sent by email from London to Mr. Jan Brand.",
        "We had a letter from Mr. Jan Brand. This is our reply.",
    ],
)
def test_an_introduction_names_no_writer_but_the_letters_own(introduction: str) -> None:
    assert speakers(introduction, "Sir,", "Tin is dear.") == [("introduction", None), ("letter", None)]


@pytest.mark.parametrize(
    ("signature", "signer"),
    [
        ("Ada Lind\nMinister of Wool", "Ada Lind"),
        ("Ada Lind, Special Envoy", "Ada Lind"),
        ("Ada Lind\nUnited States Senator\nBo Lin\nUnited States Senator", None),
        ("Ada Lind, Bo Lin", None),
        ("Ada Lind          Bo Lin\nSenator          Senator", None),
        ("cc: Ada Brand\nMinister of Wool", None),
        ("Embassy of Lyra in Tor\nTin Town\nPress Section", None),
        ("Ada Lind\n\ncc: Bo Lin", "Ada Lind"),
    ],
)
def test_a_letter_is_signed_by_the_one_name_below_its_closing(signature: str, signer: str | None) -> None:
    assert speakers("Dear Editor,", "Tin is dear.", "Sincerely,", signature)[0] == ("letter", signer)


def test_whoever_took_the_photograph_does_not_sign() -> None:
    page = ("Dear friends,", "Tin is dear.", "Thank you.", "Photo by Bo Lin", "Bo Lin")
    assert speakers(*page, title="A letter to friends", speaker="Ada Lind") == [("letter", "Ada Lind")]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Bo Lin from the Tin Post: Really?", "question"),
        ("Second journalist: You stole it.", "question"),
        ("A journalist: Soon?", "question"),
        ("Question to the minister: Will you go?", "question"),
        ("Voice from the floor: Shame!", "remarks"),
        ("Journaliste : Vrai ?", "question"),
        ("Giornalista: Vero?", "question"),
        ("路透社记者：是吗？", "question"),
    ],
)
def test_whoever_speaks_between_two_answers_of_one_official_is_another(line: str, role: str) -> None:
    page = ("Question: Will it rain?", "Minister Adler: No.", line, "Minister Adler: Never.")
    assert speakers(*page) == [
        ("question", None),
        ("answer", "Minister Adler"),
        (role, None),
        ("answer", "Minister Adler"),
    ]


def test_what_an_official_says_before_a_colon_stays_his() -> None:
    page = ("Question: Why?", "Minister Adler: Well.", "Here is the thing: tin.", "Minister Adler: And zinc.")
    assert said(*page)[1] == ("answer", "Minister Adler", "Well.\n\nHere is the thing: tin.")


@pytest.mark.parametrize("page", ["Q: Will it rain? A: No.", "Q1. Will it rain? A1. No.\n\nQ2. Snow? A2. Yes."])
def test_an_answer_on_the_line_of_its_question_is_no_part_of_it(page: str) -> None:
    assert said(page, speaker="Ada Lind")[:2] == [
        ("question", None, "Will it rain?"),
        ("answer", "Ada Lind", "No."),
    ]


def test_a_quotation_in_a_list_of_them_ends_at_its_closing_mark() -> None:
    page = ("Leaders reacted.", 'Senator Adler: "Bad."', "Senator Brand: “Good.”", 'Senator Adler: "Again, bad."')
    assert said(*page, "The President will sign on Friday, the White House said.")[3:] == [
        ("remarks", "Senator Adler", '"Again, bad."'),
        ("introduction", None, "The President will sign on Friday, the White House said."),
    ]


def test_thousands_of_names_in_capitals_are_told_apart_in_seconds() -> None:
    letters = [chr(65 + number // 676) + chr(65 + number // 26 % 26) + chr(65 + number % 26) for number in range(4_000)]
    page = ["MS. ADLER: Hello.", "MS. ADLER: Hi.", *(f"TIN{name}: So." for name in letters)]
    started = time.process_time()
    assert len(said(*page)) == len(page)
    assert time.process_time() - started < 4


PIECES = st.sampled_from(
    [
        *("Question:", "Q\xa0\xa0", "A:", "MS. ADLER:", "MS. ADLER.", "THE PREMIER: ", "Ada Brand:", "Reuters:", "Q."),
        *("Sir,", "Dear Ms. Blau:", "Yours sincerely,", "Ada Brand,", "A letter from Mr. Blau", "Is it?", "It is."),
        *(
            "____",
            "* * *",
            "END",
            "###",
            "5:25 P.M. CET",
            "\n",
            "\n\n",
            " ",
            "\r\n",
            "\u2028",
            "**",
            "：",
            "🙂",
            "\u0301",
        ),
    ]
)
PAGES = st.lists(PIECES, max_size=30).map("\n".join) | st.lists(PIECES, max_size=30).map("\n\n".join)
NOT_SAID = re.compile(
    r"(?m)^\W*(?:END|###|\d:\d\d P\.M\. CET|_{4}|\* \* \*)\W*$"
    r"|\*{0,3}(?:(?i:Question)|Q\b|A\b|MS\. ADLER|THE PREMIER|Ada Brand|Reuters)\*{0,3}[ .]*[:：.]?\*{0,3}"
)


@given(PAGES | st.text(), st.none() | st.text(), st.none() | st.text())
@example("MS. ADLER:MS. ADLER:\n\nEND\n\n###\n\nQ.", None, None)
@example("MS. ADLER：", "", "Ada Brand")
def test_turns_stand_in_order_apart_and_begin_and_end_with_a_character(
    text: str, title: str | None, speaker: str | None
) -> None:
    position = 0
    for turn in find_turns(text, title=title, speaker=speaker):
        assert position <= turn.start < turn.end <= len(text)
        assert text[turn.start : turn.end] == text[turn.start : turn.end].strip()
        position = turn.end


@given(PAGES)
def test_nothing_that_is_said_is_lost(text: str) -> None:
    ends = [0, *(turn.end for turn in find_turns(text))]
    starts = [*(turn.start for turn in find_turns(text)), len(text)]
    outside = "\n".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    assert NOT_SAID.sub("", outside).strip("*_").split() == []


@given(st.lists(st.sampled_from(["Is tin dear?", "It is.", "So be it.", "And zinc?"]), min_size=1, max_size=12))
def test_words_are_given_to_the_label_above_them(lines: list[str]) -> None:
    names = ["MS. ADLER", "MR. BLAU", "THE PREMIER"]
    page = [
        f"{names[number % 3]}:  {line} {number}" for number, line in enumerate([*lines, "Yes.", "No.", "So.", "Ah."])
    ]
    expected = [(names[number % 3], line.split(":  ")[1]) for number, line in enumerate(page)]
    assert [(name, words) for _, name, words in said(*page)] == expected


@given(st.text(alphabet="Qq:A. \n*_-#Dearsi,MS", max_size=200))
def test_no_arrangement_of_marks_makes_it_fail(text: str) -> None:
    assert all(turn.role in Role for turn in find_turns(text))
