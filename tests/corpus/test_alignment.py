"""Quoted words are the source's, the same but for typography, or differ in ways that are named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.alignment import Alignment, Folded, align, denies, matched_runs

SOURCE = (
    "Thank you. We will not send 3,000 troops to Kelm, said the envoy, because the Council of Orm – not we – decides. "
    "“Trade” will never fall. It cost $5 million, or 5% more. Are you ready? He paused; then he said: We are ready!"
)


def aligned(quoted: str, source: str = SOURCE) -> Alignment:
    found = align(quoted, source)
    assert found is not None
    return found


def stands_for(quoted: str, source: str = SOURCE) -> str:
    found = aligned(quoted, source)
    return source[found.start : found.end]


def changes(quoted: str, source: str = SOURCE) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.quoted, one.source, one.about) for one in aligned(quoted, source).changes]


@pytest.mark.parametrize(
    ("quoted", "source"),
    [
        ("We will not send 3,000 troops to Kelm", "We will not send 3,000 troops to Kelm"),
        ("we will not send 3,000 troops to Kelm.", "We will not send 3,000 troops to Kelm"),
        ("because the Council of Orm -- not we -- decides.", "because the Council of Orm – not we – decides."),
        ("because the Council of Orm—not we—decides", "because the Council of Orm – not we – decides"),
        ("'Trade' will\u00a0never\nfall,", "“Trade” will never fall"),
        ("… it cost $5 million …", "It cost $5 million"),
        ("Are you ready", "Are you ready"),
        ("Are you ready?", "Are you ready?"),
        ("We are ready!", "We are ready!"),
        ("Coun\u00adcil of\u200b Orm", "Council of Orm"),
    ],
)
def test_typography_is_no_difference(quoted: str, source: str) -> None:
    assert (changes(quoted), stands_for(quoted)) == ([], source)


@pytest.mark.parametrize("mark", list("\"'`´“”„‟‘’‚‛«»‹›「」『』〝〞＂＇"))
def test_quote_marks_of_all_kinds_are_the_same(mark: str) -> None:
    assert changes(f"We call it {mark}trade{mark} here", "We call it “trade” here") == []


@pytest.mark.parametrize("dash", list("-‐‑‒–—―−⸺﹣－"))
def test_dashes_of_all_kinds_are_the_same(dash: str) -> None:
    assert changes(f"the council {dash} not we {dash} decides", "the council – not we – decides") == []


@pytest.mark.parametrize("mark", list("'’ʼ＇‘‛`´"))
def test_apostrophes_of_all_kinds_are_the_same(mark: str) -> None:
    assert changes(f"they don{mark}t know", "they don’t know") == []


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        *[("oﬀer", "offer"), ("ﬁsh", "fish"), ("ﬂeet", "fleet"), ("oﬃce", "office"), ("baﬄe", "baffle")],
        *[("moﬅ", "most"), ("ﬆone", "stone"), ("cafe\u0301", "café"), ("zi\u200bnc", "zinc"), ("_tin_", "tin")],
    ],
)
def test_ligatures_accents_and_what_nobody_sees_make_no_other_word(printed: str, plain: str) -> None:
    assert changes(f"we say {printed} here", f"we say {plain} here") == []
    assert changes(f"we say {plain} here", f"we say {printed} here") == []


@pytest.mark.parametrize(
    ("quoted", "source", "about"),
    [
        *[("we nunca sail", "we sail", "negation"), ("we sail", "we hardly sail", "negation")],
        *[("nicht so", "kein so", "negation"), ("It is false", "It is so", "negation")],
        *[("a dozen ships", "a fleet ships", "number"), ("in may we sail", "in june we sail", "number")],
        *[("half of it", "twice of it", "number"), ("I sail at dawn", "We sail at dawn", "wording")],
        *[("so I sail at dawn", "so we sail at dawn", "wording"), ("so I’m here now", "so he here now", "wording")],
        *[
            ("so Orm sails at dawn", "so it sails at dawn", "name"),
            ("Yes. We sail now", "Yes. They sail now", "wording"),
        ],
    ],
)
def test_what_an_exchanged_word_is_about_is_known_by_the_words_of_both(quoted: str, source: str, about: str) -> None:
    assert [change[3] for change in changes(quoted, source)] == [about]


@pytest.mark.parametrize(
    ("quoted", "change"),
    [
        ("We will send 3,000 troops to Kelm", ("left out", "", "not", "negation")),
        ("We will not send 3,500 troops to Kelm", ("replaced", "3,500", "3,000", "number")),
        ("We will not send 3.000 troops to Kelm", ("replaced", "3.000", "3,000", "number")),
        ("We will not send 3,000 troops to Borl", ("replaced", "Borl", "Kelm", "name")),
        ("We will not send 3,000 more troops to Kelm", ("added", "more", "", "wording")),
        ("“Trade” will ever fall.", ("replaced", "ever", "never", "negation")),
        ("It cost £5 million", ("replaced", " £", " $", "number")),
        ("$5 million, or 5‰ more", ("replaced", "‰ ", "% ", "number")),
        ("€5 million, or 5% more", ("replaced", "€", "$", "number")),
        ("because THE Council of Orm", ("replaced", "THE", "the", "capitals")),
        ("He paused, then he said", ("replaced", ", ", "; ", "punctuation")),
        ("Are you ready.", ("replaced", ".", "?", "punctuation")),
        ("We are ready?", ("replaced", "?", "!", "punctuation")),
        ("Are you ready,", ("replaced", ",", "?", "punctuation")),
        ("5 million, or 5% more", ("left out", "", "$", "number")),
        ("It cost $5 million, or 5", ("left out", "", "%", "number")),
    ],
)
def test_any_other_difference_is_named_with_what_it_is_about(quoted: str, change: tuple[str, str, str, str]) -> None:
    assert changes(quoted) == [change]


def test_a_contraction_that_is_undone_is_a_negation() -> None:
    assert changes("We do know it.", "We don’t know it.") == [("replaced", "do", "don’t", "negation")]


@pytest.mark.parametrize("vowel", ["\u17b4", "\u17b5"])
def test_the_vowels_of_khmer_that_are_shown_as_nothing_part_no_word(vowel: str) -> None:
    assert Folded(f"zi{vowel}nc").words == ["zinc"]


def test_a_word_behind_a_stroke_may_be_quoted_without_what_stands_before_it() -> None:
    assert changes("or by road tomorrow", "It came by sea and/or by road tomorrow") == []


def test_exchanged_words_are_one_left_out_and_one_added() -> None:
    (one, other) = changes("We not will send 3,000 troops")
    assert sorted((one[0], other[0])) == ["added", "left out"]
    assert one[1] + one[2] == other[1] + other[2]


@pytest.mark.parametrize(
    ("quoted", "source", "change"),
    [
        ("violent protest at home", "A non-violent protest at home.", ("left out", "", "non-", "negation")),
        ("violent protest at home", "A non\u2011violent protest at home.", ("left out", "", "non\u2011", "negation")),
        ("violent protest at home", "A non\u2010violent protest at home.", ("left out", "", "non\u2010", "negation")),
        ("5 percent in spring", "It fell: −5 percent in spring.", ("left out", "", "−", "number")),
        ("5 percent in spring", "It fell by -5 percent in spring.", ("left out", "", "-", "number")),
        ("500 troops came", "Then 1 500 troops came.", ("left out", "", "1 ", "number")),
        ("2 million fled", "At least 1/2 million fled.", ("left out", "", "1/", "number")),
        ("It is water", "It is water-proof.", ("left out", "", "-proof", "wording")),
        ("A wall of 6′ thick", "A wall of 6″ thick", ("replaced", "′ ", "″ ", "punctuation")),
    ],
)
def test_words_cut_out_of_a_number_or_a_compound_are_not_the_source_s(
    quoted: str, source: str, change: tuple[str, str, str, str]
) -> None:
    assert changes(quoted, source) == [change]


@pytest.mark.parametrize(
    ("quoted", "source"),
    [
        ("**3,000** crowns", "3,000 crowns"),
        ("3,000 crowns", "\u200b3,000 crowns"),
        ("“Trade”, he", "“Trade,” he"),
        ("\u200fthe minister\u200f spoke", "the minister spoke"),
        ("he said PROMISE KEPT: now", "he said **PROMISE KEPT:** now"),
        ("[…] act now", "We act now."),
        ("act now (...)", "act now and then"),
    ],
)
def test_what_does_not_count_makes_no_difference_wherever_it_stands(quoted: str, source: str) -> None:
    assert changes(quoted, source) == []


def test_a_number_with_a_comma_is_not_two_numbers() -> None:
    assert changes("rooms 3,5 and 7", "rooms 3, 5 and 7")[0][3] == "number"


def test_the_last_place_before_a_word_is_found() -> None:
    folded = Folded("we go and we go and we stay")
    assert [folded.find_last(["we", "go"], last) for last in (8, 5, 4, 1)] == [3, 3, 0, None]


def test_a_dropped_sentence_is_one_thing_left_out() -> None:
    source = "Zinc is up by a half this year. Tin went nowhere at all. Lead is down for good in every port."
    quoted = "Zinc is up by a half this year. Lead is down for good in every port."
    assert changes(quoted, source) == [("left out", "", "Tin went nowhere at all", "negation")]


def test_changes_tell_their_places_in_both_texts() -> None:
    (change,) = aligned("We will not send 3,500 troops").changes
    assert "We will not send 3,500 troops"[change.quoted_start : change.quoted_end] == "3,500"
    assert SOURCE[change.source_start : change.source_end] == "3,000"


def test_words_at_an_end_stand_for_those_of_the_same_sentence_only() -> None:
    assert changes("They will not send 3,000 troops to Kelm") == [("replaced", "They", "We", "wording")]
    assert changes("Nonsense! It cost $5 million") == [("added", "Nonsense", "", "wording")]


def test_of_places_with_the_same_words_the_one_with_the_same_marks_is_taken() -> None:
    source = "We may: act now. We may act now."
    assert stands_for("We may act now.", source) == "We may act now."
    assert aligned("We may act now.", source).start == 17


def test_scattered_words_do_not_stretch_the_place() -> None:
    source = "The ferry left. Much later, the long winter over, the ships of Orm came into the harbour of Kelm again."
    assert stands_for("the ships of Orm came into the port", source) == "the ships of Orm came into the harbour"


def test_a_lone_word_far_from_the_rest_is_not_part_of_the_place() -> None:
    source = "The harbour is one thing, said the envoy of Orm on Monday, and we will not send troops."
    assert stands_for("harbour we will not send troops", source) == "and we will not send troops"
    assert changes("harbour we will not send troops", source) == [("replaced", "harbour", "and", "wording")]


@pytest.mark.parametrize(
    ("quoted", "source", "places"),
    [
        ("troops to Kelm today", "We send troops to Kelm", (22, 22)),
        ("Yes, Trade will fall", "“Trade will fall.”", (1, 1)),
    ],
)
def test_a_word_added_at_an_end_stands_for_nothing_at_that_end_of_the_source(
    quoted: str, source: str, places: tuple[int, int]
) -> None:
    (change,) = aligned(quoted, source).changes
    assert (change.kind, change.source, change.source_start, change.source_end) == ("added", "", *places)


@pytest.mark.parametrize("text", ["", "–…!", "\u200b"])
def test_without_words_there_is_nothing_to_align(text: str) -> None:
    assert (align(text, SOURCE), align(SOURCE, text)) == (None, None)


def test_words_that_stand_nowhere_have_no_place() -> None:
    assert align("Quartz glimmers underfoot", SOURCE) is None


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert changes("我們不同意", "我們同意。") == [("added", "不", "", "wording")]
    assert stands_for("同意", "我們同意。") == "同意"


@pytest.mark.parametrize(("text", "expected"), [("We do not", True), ("We don’t", True), ("We note it", False)])
def test_a_negation_is_known_by_its_word(text: str, expected: bool) -> None:
    assert denies(Folded(text)) is expected


def test_marks_where_a_quotation_goes_on_after_an_interruption_do_not_count() -> None:
    quoted = "We will,           fight on."
    found = align(Folded(quoted, [quoted.index("fight")]), Folded("We will fight on."))
    assert found is not None
    assert found.changes == ()


def test_runs_that_are_known_to_be_the_same_make_an_alignment() -> None:
    quoted, source = Folded("one two five"), Folded("One two three four five.")
    found = matched_runs(quoted, source, [(0, 0, 2), (2, 4, 1)])
    assert [(one.kind, one.source) for one in found.changes] == [("left out", "three four")]
    assert (found.share, found.unmatched(3)) == (1.0, [])


words = st.lists(
    st.sampled_from(["we", "will", "not", "send", "troops", "to", "Orm", "3,000", "5", "don’t", "Ada", "of", "the"]),
    min_size=3,
    max_size=30,
)


@given(words, st.data())
def test_a_stretch_of_a_text_is_found_unchanged_and_a_changed_word_never_is(text: list[str], data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start + 1, len(text)))
    source, quoted = " ".join(text), text[start:stop]
    assert aligned(" ".join(quoted), source).changes == ()
    at = data.draw(st.integers(0, len(quoted) - 1))
    altered = align(" ".join([*quoted[:at], "zinc", *quoted[at + 1 :]]), source)
    assert altered is None or altered.changes


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_two_texts_can_be_compared(quoted: str, source: str) -> None:
    found = align(quoted, source)
    if found is not None:
        assert 0 <= found.start < found.end <= len(source)
        for change in found.changes:
            assert quoted[change.quoted_start : change.quoted_end].strip() == change.quoted.strip()
            assert source[change.source_start : change.source_end].strip() == change.source.strip()


@pytest.mark.parametrize("letter", list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_beside_a_ligature_every_capital_letter_is_still_a_letter(letter: str) -> None:
    assert changes(f"so {letter}en oﬀers zinc", f"so {letter}en offers zinc") == []


@pytest.mark.parametrize("tone", list("?!？！"))
def test_a_full_stop_in_place_of_a_question_or_exclamation_mark_is_a_change(tone: str) -> None:
    assert changes("We sail now.", f"We sail now{tone} So he left.") == [("replaced", ".", tone, "punctuation")]
    assert changes("We sail now.", f"“We sail now{tone}” So he left.") == [("replaced", ".", tone, "punctuation")]


def test_a_place_with_many_of_the_words_is_nearer_than_one_with_a_rare_word() -> None:
    source = f"Zinc. {'Nothing more was said. ' * 40}The levy pays for the dredging of the channel."
    assert stands_for("zinc pays for the dredging of the channel", source) == (
        "levy pays for the dredging of the channel"
    )


def test_a_changed_mark_tells_its_place_in_both_texts() -> None:
    quoted = "He paused, then he said"
    (change,) = aligned(quoted).changes
    assert (change.quoted, quoted[change.quoted_start : change.quoted_end]) == (", ", ", ")
    assert (change.source, SOURCE[change.source_start : change.source_end]) == ("; ", "; ")


def test_a_quoted_mark_with_which_the_source_begins_is_part_of_the_place() -> None:
    assert stands_for("'Trade' will never", "“Trade” will never fall.") == "“Trade” will never"


def test_the_first_letter_may_differ_in_its_case_and_in_nothing_else() -> None:
    assert changes("so we sail", "So we sail") == []
    assert changes("ſo we sail", "so we sail") == [("replaced", "ſo", "so", "capitals")]
