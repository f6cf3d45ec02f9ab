"""Quoted words are told from the same words elsewhere, and found again after the text around them has changed."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.selectors import (
    CONTEXT,
    WIDEST,
    Kept,
    added,
    agreement,
    between,
    carried,
    context,
    follow,
    kept,
    locate,
    occurrences,
    stands_once,
    utf16,
)

LETTERS = st.text("ab .\n🌍", max_size=60)
SENTENCES = st.lists(
    st.sampled_from(["Zinc is up. ", "Tin is not. ", "🌍 Why? ", "We shall see.\n\n", "No "]), max_size=12
)
TEXTS = LETTERS | SENTENCES.map("".join)


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(TEXTS.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


def test_prefix_and_suffix_are_32_characters_where_that_is_enough() -> None:
    text = "a" * 50 + "Zinc is up." + "b" * 50
    assert context(text, 50, 61) == ("a" * CONTEXT, "b" * CONTEXT)


def test_at_the_ends_of_the_text_prefix_and_suffix_are_what_there_is() -> None:
    assert context("Zinc is up.", 0, 11) == ("", "")
    assert context("Well: Zinc is up. Yes", 6, 17) == ("Well: ", " Yes")


def test_the_surroundings_widen_by_doubling_until_the_words_stand_only_once_in_them() -> None:
    same = "x" * 40 + "Zinc is up." + "y" * 40
    text = f"A{same}B----C{same}D"
    start = text.rindex("Zinc")
    prefix, suffix = context(text, start, start + 11)
    assert (len(prefix), len(suffix)) == (64, 41)
    assert stands_once(text, "Zinc is up.", prefix, suffix)
    assert not stands_once(text, "Zinc is up.", prefix[-32:], suffix[:32])


def test_surroundings_end_at_1024_characters_where_no_number_of_them_is_enough() -> None:
    text = "Zinc is up. " * 1000
    prefix, suffix = context(text, 6000, 6011)
    assert (len(prefix), len(suffix)) == (WIDEST, WIDEST)
    assert not stands_once(text, "Zinc is up.", prefix, suffix)


def test_overlapping_occurrences_are_occurrences() -> None:
    assert list(occurrences("ababa", "aba")) == [0, 2]
    assert not stands_once("ababa", "aba", "", "")
    assert list(occurrences("aba", "")) == []


def test_words_that_do_not_stand_in_these_surroundings_do_not_stand_once() -> None:
    assert not stands_once("Zinc is up.", "Tin", "", "")


@given(places())
@example(("aaaa", 1, 2))
def test_any_place_is_found_again_in_its_own_text(place: tuple[str, int, int]) -> None:
    text, start, end = place
    prefix, suffix = context(text, start, end)
    assert text[:start].endswith(prefix)
    assert text[end:].startswith(suffix)
    assert locate(text, text[start:end], prefix, suffix, start) == start
    if stands_once(text, text[start:end], prefix, suffix):
        assert locate(text, text[start:end], prefix, suffix, 0) == start


@given(places(), TEXTS, TEXTS)
def test_a_place_is_found_again_however_much_is_put_before_and_after_it(
    place: tuple[str, int, int], before: str, after: str
) -> None:
    text, start, end = place
    prefix, suffix = context(text, start, end)
    changed = f"{before}{text}{after}"
    at = locate(changed, text[start:end], prefix, suffix, start)
    assert at is not None
    assert changed[at : at + end - start] == text[start:end]
    if stands_once(changed, text[start:end], prefix, suffix):
        assert at == len(before) + start


def test_of_the_same_words_those_in_the_most_alike_surroundings_are_meant() -> None:
    text = "Tin, he said, is up today. Zinc, he said, is up tomorrow. Lead is up."
    second = text.index("is up tomorrow")
    assert locate(text, "is up", "Iron, he said, ", " tomorrow", 0) == second
    assert locate(text, "is up", "Lead ", "!", 0) == text.rindex("is up")


def test_surroundings_agree_from_the_words_outwards() -> None:
    text = "Some said tin is up now. He says zinc is up too."
    assert locate(text, "is up", "Some said zinc ", "", 0) == text.rindex("is up")
    assert locate(text, "is up", "", " too, he said", 0) == text.rindex("is up")


def test_of_the_same_words_in_the_same_surroundings_the_nearest_are_meant() -> None:
    text = "Zinc. " * 5
    assert locate(text, "Zinc.", " ", " ", 13) == 12
    assert locate(text, "Zinc.", " ", " ", 99) == 24


def test_the_same_words_at_the_same_place_give_way_to_those_in_the_same_surroundings() -> None:
    assert locate("Zinc is up. He said: Tin is up.", "is up", "He said: Tin ", ".", 5) == 25


@pytest.mark.parametrize("exact", ["Lead", ""])
def test_words_that_stand_nowhere_are_found_nowhere(exact: str) -> None:
    assert locate("Zinc is up.", exact, "", "", 0) is None


@given(places())
def test_utf16_offsets_cut_the_same_words_from_the_text_in_utf16(place: tuple[str, int, int]) -> None:
    text, start, end = place
    first, last = utf16(text, start, end)
    assert text.encode("utf-16-le")[2 * first : 2 * last].decode("utf-16-le") == text[start:end]


@settings(deadline=None)
@given(TEXTS, TEXTS)
@example("Zinc is up. Tin is not. We shall see.", "Tin is not. Zinc is up. We shall see.")
def test_what_a_changed_text_keeps_stands_in_both_in_one_order(old: str, new: str) -> None:
    stretches = kept(old, new)
    assert all(old[one.old :][: one.length] == new[one.new :][: one.length] != "" for one in stretches)
    ends = [(one.old + one.length, one.new + one.length) for one in stretches]
    assert all(end[0] <= one.old and end[1] <= one.new for end, one in zip(ends, stretches[1:], strict=False))


@given(TEXTS)
def test_an_unchanged_text_keeps_everything(text: str) -> None:
    assert kept(text, text) == ([Kept(0, 0, len(text))] if text else [])


def test_a_sentence_that_is_repeated_is_followed_to_where_its_neighbours_went() -> None:
    old = "Of tin: We shall see. Of zinc: We shall see. Of lead: We shall see."
    new = "Of iron: We shall see. Of tin: We shall see. Of zinc, to be brief: We shall see. Of lead: We shall see."
    stretches = kept(old, new)
    for metal in ("tin", "zinc", "lead"):
        at = old.index("We", old.index(metal))
        assert carried(stretches, at, at + 13) == new.index("We", new.index(metal))


def test_words_that_were_changed_or_parted_are_not_carried() -> None:
    stretches = kept("Zinc is up. Tin is not.", "Zinc is much up. Tin is not.")
    assert carried(stretches, 0, 11) is None
    assert carried(stretches, 12, 23) == 17


def test_where_changed_words_stood_is_known_by_what_was_kept_around_them() -> None:
    old, new = "Zinc is up. Tin is not. Lead is down.", "Zinc is up. Silver went by boat. Lead is down."
    start = old.index("Tin")
    left, right = between(kept(old, new), start, start + 11, len(new))
    assert new[left:right] == "Silver went by boat."


def test_paragraphs_are_followed_in_texts_too_large_to_be_compared_by_words() -> None:
    paragraphs = [f"Zinc {number} is up{' and up' * 10}\n" for number in range(12_000)]
    old, new = "".join(paragraphs), "".join(paragraphs[number] for number in range(12_000) if number % 1000)
    at = old.index("Zinc 7337 ")
    assert carried(kept(old, new), at, at + 15) == new.index("Zinc 7337 ")


def test_agreement_is_the_mean_of_what_agrees_before_and_after_from_the_words_outwards() -> None:
    assert agreement("He said zinc is up. Yes, he did.", 13, ("xx zinc ", "is up.", " Yes?")) == (6 / 8 + 4 / 5) / 2
    assert agreement("Zinc: No. Tin", 6, ("Lead: ", "No.", " Far off")) == (2 / 6 + 1 / 8) / 2


def test_no_surroundings_agree_with_the_ends_of_the_text_only() -> None:
    assert agreement("No.", 0, ("", "No.", "")) == 1
    assert agreement("No. Yes.", 0, ("", "No.", "")) == 0.5
    assert agreement("Well. No. Yes.", 6, ("", "No.", "")) == 0


def test_words_that_changed_their_order_are_found_but_not_carried() -> None:
    old, new = "Zinc is up. Tin is not. Lead is.", "Lead is. Zinc is up. Tin is not."
    zinc, lead = (follow(old, new, ("", words, ""), old.index(words)) for words in ("Zinc is up.", "Lead is."))
    assert (zinc.at, zinc.carried) == (9, True)
    assert (lead.at, lead.carried) == (0, False)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("Zinc is up.", []),
        ("Zinc is up. Tin too.", [(11, 20)]),
        ("So: Zinc is up.", [(0, 4)]),
        ("Zinc, then, is up.", [(4, 11)]),
        ("Lead fell", [(0, 9)]),
    ],
)
def test_what_a_new_text_has_that_the_old_one_had_not_is_told_by_its_places(
    new: str, expected: list[tuple[int, int]]
) -> None:
    assert list(added(kept("Zinc is up.", new), len(new))) == expected


def test_a_single_character_that_was_put_first_is_told_too() -> None:
    assert list(added([Kept(0, 1, 4)], 5)) == [(0, 1)]


def test_where_words_stood_that_end_where_something_was_kept_nothing_of_what_follows_is_taken() -> None:
    assert between([Kept(0, 0, 4), Kept(4, 9, 5)], 2, 4, 20) == (2, 4)
    assert between([Kept(0, 0, 4), Kept(6, 9, 5)], 4, 6, 20) == (4, 9)
    assert between([Kept(0, 3, 4)], 6, 8, 20) == (7, 20)
