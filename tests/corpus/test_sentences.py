"""Sentence, clause and paragraph ends, by exact values."""

import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.sentences import Span, clause_spans, grapheme_spans, paragraph_spans, sentence_spans, word_spans


def texts(text: str, spans: list[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def sentences(text: str, language: str | None = None) -> list[str]:
    return texts(text, sentence_spans(text, language=language))


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. envoy met Mr. Orr, Ms. Vale, Sen. Lund, Amb. Reyes and Gen. Q. R. Adair.",
        "The talks of No. 5 Harbour Street end at 5 p.m. on Monday.",
        "We meet at 8:30 a.m. ET in the hall.",
        "Output rose 3.5 percent, or approx. 40 barges, in Jan. 2031.",
        "See vol. 2 and para. 14 of the report.",
        "Well ... it depends.",
        "“Is it signed?” he asked.",
        '"It is signed!" she said.',
        "Write to press@harbour.example or see www.harbour.example for more.",
        "The levy (see sec. 4. It is short.) stays.",
        "50. We have read the report.",
        "“Yes.”, Vale said.",
        "She said: “Mr. Orr is here.”",
        "We sail. . . .",
        "Section 1. Purpose of the levy.",
    ],
)
def test_what_only_looks_like_a_sentence_end_is_none(sentence: str) -> None:
    assert sentences(f"{sentence} Then they left.") == [sentence, "Then they left."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We sail. We land.", ["We sail.", "We land."]),
        ("We sail.\xa0 We land.  We rest.", ["We sail.", "We land.", "We rest."]),
        ("It closed at 5 p.m. The gates stayed open.", ["It closed at 5 p.m.", "The gates stayed open."]),
        ("She said “Go.” Then “Stay. Wait.” “Why?”", ["She said “Go.”", "Then “Stay.", "Wait.”", "“Why?”"]),
        ('"Go on. Now." "Why?" And so', ['"Go on.', 'Now."', '"Why?"', "And so"]),
        ("He said: “She said ‘So.’” And so", ["He said: “She said ‘So.’”", "And so"]),
        ("We sail.“We land.” Yes", ["We sail.", "“We land.”", "Yes"]),
        ("«\xa0Oui. Non.\xa0» Voilà !  Bien.", ["«\xa0Oui.", "Non.\xa0»", "Voilà !", "Bien."]),
        ("„Ja. Nein.“ sagte er. „Danach.“ Ende.", ["„Ja.", "Nein.“ sagte er.", "„Danach.“", "Ende."]),
        ("**Levies.** **They stay.** Yes.", ["**Levies.**", "**They stay.**", "Yes."]),
        ("We sail. 👏👏! We land.", ["We sail. 👏👏!", "We land."]),
        ("我们反对。你呢？“好！”他说。再见。", ["我们反对。", "你呢？", "“好！”他说。", "再见。"]),
        ("「はい。いいえ。」と言った。次。", ["「はい。", "いいえ。」と言った。", "次。"]),
        ("هل هذا صحيح؟ نعم. شكرا.", ["هل هذا صحيح؟", "نعم.", "شكرا."]),
        ("यह सच है। हाँ।", ["यह सच है।", "हाँ।"]),
    ],
)
def test_sentences_end_here_without_the_language_being_known(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_the_language_decides_where_its_habits_differ() -> None:
    text = "Am 3. Oktober kam er. Er blieb."
    assert sentences(text, "de-AT") == ["Am 3. Oktober kam er.", "Er blieb."]


def test_a_line_broken_for_want_of_room_stays_in_its_sentence() -> None:
    text = "The harbour board met on Tuesday to weigh\nthe new levy on barges. It was\nadopted."
    assert sentences(text) == ["The harbour board met on Tuesday to weigh\nthe new levy on barges.", "It was\nadopted."]


def test_a_line_broken_on_purpose_ends_a_sentence() -> None:
    text = "Background\nThe harbour board met on Tuesday to weigh the new levy."
    assert sentences(text) == ["Background", "The harbour board met on Tuesday to weigh the new levy."]


def test_a_short_line_before_a_small_letter_was_not_broken_on_purpose() -> None:
    text = "We sail\nto the northern harbour of the outer islands tomorrow."
    assert sentences(text) == [text]


def test_lines_of_about_one_length_were_not_broken_on_purpose() -> None:
    text = "The board met last week in\nOld Ferry Hall with both of the\nHarbour Street owners and some\nmore."
    assert sentences(text) == [text]


def test_lines_as_long_as_paragraphs_were_all_broken_on_purpose() -> None:
    lines = ["We sail " + "and sail " * 30 + "on", "We land " + "and land " * 31 + "here"]
    assert sentences("\n".join(lines)) == lines


def test_every_item_of_a_list_is_its_own() -> None:
    text = "We ask for\n- berths\n•\xa0cranes\n1. light\n(a) time"
    assert sentences(text) == ["We ask for", "- berths", "•\xa0cranes", "1. light", "(a) time"]


@pytest.mark.parametrize("blank_line", ["\n\n", "\r\n\r\n", "\n \t\n", "\r\r", "\u2029"])
def test_no_sentence_crosses_a_blank_line(blank_line: str) -> None:
    text = f"We sail and{blank_line}we land"
    assert sentences(text) == ["We sail and", "we land"]
    assert texts(text, paragraph_spans(text, 0, len(text))) == ["We sail and", "we land"]


def test_one_windows_line_end_is_no_blank_line() -> None:
    assert sentences("We sail and\r\nwe land.") == ["We sail and\r\nwe land."]


def test_only_what_lies_between_start_and_end_is_read() -> None:
    text = "Q: Why? A: We sail. “We land.” Good"
    assert sentence_spans(text, 11, 29) == [(11, 19), (20, 29)]


def test_a_sentence_may_be_longer_than_the_window_in_which_its_end_is_sought() -> None:
    long = "Word " * 3_000 + "end."
    assert sentences(f"{long} Next.") == [long, "Next."]


def test_characters_that_the_library_cannot_bear_are_harmless() -> None:
    text = "We sail: plan B\xa0. We land\u2028. And rest"
    assert sentences(text) == ["We sail: plan B\xa0.", "We land\u2028.", "And rest"]


def test_clauses_end_with_their_mark() -> None:
    text = "First, we sail; then: at 10,000 fathoms — perhaps — we rest，停。"
    assert texts(text, clause_spans(text, 0, len(text))) == [
        "First,",
        "we sail;",
        "then:",
        "at 10,000 fathoms —",
        "perhaps —",
        "we rest，",
        "停。",
    ]


def test_a_space_that_carries_an_accent_parts_no_words() -> None:
    text = "one two \u0301three"
    assert texts(text, word_spans(text, 0, len(text))) == ["one", "two \u0301three"]


def test_a_character_is_what_a_reader_takes_for_one() -> None:
    text = "e\u0301👩\u200d👩\u200d👧🇫🇷🇩🇪x \u0301"
    characters = ["e\u0301", "👩\u200d👩\u200d👧", "🇫🇷", "🇩🇪", "x \u0301"]
    assert texts(text, list(grapheme_spans(text, 0, len(text)))) == characters


def test_flags_stay_whole_at_the_edge_of_a_window() -> None:
    text = "a" + "🇫🇷" * 2_500
    assert [end - start for start, end in grapheme_spans(text, 0, len(text))] == [1] + [2] * 2_500


NASTY = st.text(
    st.sampled_from([*"aBé.!?。؟।…,;:—-()[]*\"'“”‘’«»„「」 \t\n\r\xa0\x85\u2028\u2029\u200f\u0301\u200d👩🇫中م1"])
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=120,
)


@given(NASTY, st.sampled_from([None, "en", "de", "fr", "zh-Hans", "ar", "hi", "ja", "not a language"]))
@example("是:\n中？!‹?›“Ж.word z.B.é.！a.m.›Mr.’", "ja")
def test_spans_are_in_order_and_leave_out_nothing_but_white_space(text: str, language: str | None) -> None:
    spans = sentence_spans(text, language=language)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(not text[end:start].strip() for end, start in zip(edges[::2], edges[1::2], strict=True))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)


@given(NASTY)
def test_what_stands_around_a_stretch_does_not_move_its_ends_outside(text: str) -> None:
    start, end = len(text) // 3, len(text) - len(text) // 3
    spans = sentence_spans(text, start, end)
    assert all(start <= first < last <= end for first, last in spans)


def test_white_space_is_what_python_takes_for_it() -> None:
    spaces = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace())
    assert sentences(f"{spaces}We sail.{spaces}") == ["We sail."]
