"""Which passages are the same words: those an editor would call the same, and never one that says something else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.copies import SHORTEST, Wording, are_near_copies

FIRST = "The ministry of harbours in Orm opened the northern quay to every ship that carries grain."
SECOND = (
    "Our organisation didn’t lose a day, and the crews “worked hard” – as they always have – on 12 of the 14 cranes."
)
THIRD = "We will publish the whole timetable before 5 May, and Minister Brand will answer to the council in Kelm."
SAID = f"{FIRST} {SECOND} {THIRD}"
BEFORE = "Good morning to all of you, and welcome to the old customs house."
AFTER = "Tolls were paid into the common fund of the towns along the river."


def instead(old: str, new: str, said: str = SAID) -> str:
    assert said.count(old) == 1
    return said.replace(old, new)


@pytest.mark.parametrize(
    "copy",
    [
        instead("“worked hard”", '"worked hard"'),
        instead("didn’t", "didn't"),
        instead("didn’t", "did not"),
        SAID.replace(" – ", "—"),
        SAID.replace(" ", "  "),
        instead("5 May", "5\xa0May"),
        instead("harbours", "har\xadbours"),
        instead(FIRST, FIRST.upper()),
        instead("12", "twelve"),
        instead("5 May", "5th May"),
        instead("timetable", "time-table"),
        instead("harbours", "harbors"),
        instead("organisation", "organization"),
        instead("Kelm", "Kélm"),
    ],
)
def test_typography_and_spelling_make_the_same_bare_words(copy: str) -> None:
    assert copy != SAID
    assert Wording.of(copy).bare == Wording.of(SAID).bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("neighbour", "neighbor"), ("realise", "realize"), ("analysed", "analyzed"), ("centre", "center")],
        *[("defence", "defense"), ("licence", "license"), ("travelled", "traveled"), ("dialogue", "dialog")],
        *[("programme", "program"), ("fulfill", "fulfil"), ("enrolled", "enroled"), ("grey", "gray")],
        *[("whilst", "while"), ("amongst", "among"), ("towards", "toward"), ("per cent", "percent"), ("%", "percent")],
        *[("cannot", "can not"), ("won’t", "will not"), ("we’re", "we are"), ("they’ve", "they have"), ("&", "and")],
        *[("seven", "7"), ("3rd", "3"), ("3,000", "3000"), ("twelve", "12")],
    ],
)
def test_a_word_of_two_spellings_is_one(one: str, other: str) -> None:
    assert Wording.of(f"we say {one} here").bare == Wording.of(f"we say {other} here").bare


@pytest.mark.parametrize(("one", "other"), [("one", "1"), ("flour", "flor"), ("rise", "rize"), ("thirteen", "13")])
def test_words_that_only_look_like_two_spellings_are_two(one: str, other: str) -> None:
    assert Wording.of(f"we say {one} here").bare != Wording.of(f"we say {other} here").bare


@pytest.mark.parametrize(
    "copy",
    [
        instead("northern", "nothern"),
        instead("every ship", "ship"),
        instead("the whole timetable", "the whole new timetable"),
        instead("the whole timetable", "the whole new summer timetable"),
        instead("carries", "carried"),
        instead("opened", "has opened"),
        instead("Our", "And our"),
    ],
)
def test_a_word_or_two_may_differ(copy: str) -> None:
    assert are_near_copies(SAID, copy)


@pytest.mark.parametrize(
    "copy",
    [
        f"{SECOND} {THIRD}",
        f"{FIRST} {SECOND}",
        f"{BEFORE} {SAID}",
        f"{SAID} {AFTER}",
        f"{FIRST} {SECOND} {AFTER} {THIRD}",
        f"ORM, 6 June – {SAID}",
        f"Remarks as prepared: {SAID}",
    ],
)
def test_a_sentence_may_be_missing_and_a_dateline_too(copy: str) -> None:
    assert are_near_copies(SAID, copy)


@pytest.mark.parametrize(
    "other",
    [
        instead("12", "13"),
        instead("12", "1.2"),
        instead("12", "−12"),
        instead("12", "$12"),
        instead("12 of the 14", "14"),
        instead("5 May", "6 May"),
        instead("5 May", "5 June"),
        instead("5 May", "Monday"),
        instead("a day", "three days"),
        instead("a day", "no day"),
        instead("didn’t lose", "lost"),
        instead("didn’t", "did"),
        instead("will publish", "will not publish"),
        instead("will publish", "will never publish"),
        instead("as they", "as nobody"),
        instead("Brand", "Lund"),
        instead("Minister Brand", "Minister"),
        instead("in Kelm", "in Kelm and Orm"),
        instead("in Orm", ""),
        instead("We will", "We may"),
        instead("We", "They"),
        instead("before", "after"),
        instead("opened", "closed"),
    ],
)
def test_another_number_name_or_negation_is_another_statement(other: str) -> None:
    assert not are_near_copies(SAID, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$3.5 million", "$3.5 billion"),
        ("$3.5 million", "€3.5 million"),
        ("3.5 percent", "35 percent"),
        ("5 days", "5 weeks"),
        ("-5 degrees", "5 degrees"),
        ("a legal strike", "an illegal strike"),
        ("a notable rise", "a not able rise"),
        ("last week", "next week"),
        ("over ten", "under ten"),
        ("the average toll", "the total toll"),
        ("Ost", "West"),
    ],
)
def test_what_is_told_of_the_harbour_changes_with_a_word(one: str, other: str) -> None:
    told = "The towns along the river were told that {} is what the harbour expects from everybody this season."
    assert not are_near_copies(told.format(one), told.format(other))


@pytest.mark.parametrize(
    "formula",
    [
        "I have nothing to announce on {} today. We are in touch with our partners and will say more when we can.",
        "{} is a sovereign country, and it is for its people to choose whom they want to trade their tin with.",
        "We have seen the reports of {}. We take them seriously, we are looking into them, and we will let you know.",
    ],
)
@pytest.mark.parametrize(("one", "other"), [("Zincland", "Tinland"), ("Monday", "Friday"), ("Orm", "the Port of Orm")])
def test_a_formula_about_another_country_or_day_is_another_statement(formula: str, one: str, other: str) -> None:
    assert are_near_copies(formula.format(one), f"{formula.format(one)} Thank you all for coming.")
    assert not are_near_copies(formula.format(one), formula.format(other))


def test_two_words_that_mean_something_are_not_exchanged() -> None:
    told = "The figures that you ask for on {} are not held by the ministry, nor could they be had at a fair cost."
    assert not are_near_copies(told.format("fishing boats"), told.format("railway bridges"))


@pytest.mark.parametrize(
    ("word", "instead_of_it"),
    [("raise", "cut"), ("hired", "fired"), ("innocent", "guilty"), ("lifted", "listed"), ("county", "country")],
)
def test_no_word_that_means_something_is_exchanged(word: str, instead_of_it: str) -> None:
    said = f"The council of Orm says that it has {word} what the people of Kelm have spoken of for years."
    assert not are_near_copies(said, said.replace(word, instead_of_it))
    assert are_near_copies(said, said.replace("spoken", "spokne").replace("spokne", "spoken"))


@pytest.mark.parametrize(
    ("misprint", "near"), [("goverment", True), ("govenrment", True), ("govermnent", True), ("governnent", False)]
)
def test_a_long_word_may_lack_a_letter_or_have_two_exchanged(misprint: str, near: bool) -> None:
    said = "The plans of the government for the harbour of Orm have been known since the spring of last year."
    assert are_near_copies(said, said.replace("government", misprint)) is near


@pytest.mark.parametrize(("one", "other"), [("cover, uncovers", "covers, uncover"), ("load, unloads", "loads, unload")])
def test_forms_of_a_word_and_of_its_opposite_are_not_exchanged(one: str, other: str) -> None:
    said = "The keeper of the northern quay told the council that his crews {} the long grain barges at every tide."

    assert not are_near_copies(said.format(one), said.format(other))


def test_no_word_is_exchanged_where_a_sentence_is_missing() -> None:
    assert are_near_copies(f"{SAID} {AFTER}", SAID)
    assert not are_near_copies(f"{SAID} {AFTER}", instead("carries", "brings"))


def test_a_long_passage_full_of_the_same_words_is_compared_as_a_short_one_is() -> None:
    lines = [f"The port of {town} opens to all the ships of {town} that pay the toll." for town in ("Orm", "Kelm")] * 9
    assert len(" ".join(lines).split()) > 200
    assert are_near_copies(" ".join(lines), " ".join([*lines[:-1], lines[-1].replace("that pay", "that also pay")]))


@pytest.mark.parametrize("answer", ["No.", "Not at all.", "No estimate has been made."])
def test_a_short_sentence_that_denies_is_not_left_out(answer: str) -> None:
    assert not are_near_copies(f"{answer} {SAID}", SAID)
    assert are_near_copies(f"Thank you. {SAID}", SAID)


def test_a_sentence_may_be_missing_in_the_middle() -> None:
    assert are_near_copies(f"{SAID} {AFTER}", f"{FIRST} {THIRD} {AFTER}")


def test_a_table_is_not_left_out() -> None:
    assert not are_near_copies(f"2031 | 17 | 18 | 19 | 2032 | 27 | 28 | 29 | Total | 44 | 46\n\n{SAID}", SAID)


def test_part_of_a_sentence_is_not_left_out() -> None:
    assert not are_near_copies(SAID, instead(", and Minister Brand will answer to the council in Kelm", ""))


def test_of_passages_cut_elsewhere_one_begins_earlier_and_the_other_ends_later() -> None:
    assert are_near_copies(f"{BEFORE} {SAID}", f"{SAID} {AFTER}")
    assert not are_near_copies(f"{BEFORE} {SAID}", f"{AFTER} {SAID}")
    assert not are_near_copies(f"{SAID} {BEFORE}", f"{SAID} {AFTER}")
    assert not are_near_copies(f"{BEFORE} {SAID}", f"{FIRST} {SECOND} {AFTER} {THIRD}")


def test_passages_cut_elsewhere_share_most_of_the_shorter() -> None:
    assert not are_near_copies(f"{FIRST} {THIRD}", f"{THIRD} {AFTER}")


def test_what_two_passages_each_add_denies_nothing() -> None:
    assert not are_near_copies(
        f"The figures for the river towns are not yet known to anybody. {SAID}", f"{SAID} {AFTER}"
    )


@pytest.mark.parametrize(
    ("more", "near"),
    [("All the tolls are paid to towns.", True), ("All the tolls are paid to the river towns.", False)],
)
def test_three_in_five_words_of_the_longer_passage_are_shared(more: str, *, near: bool) -> None:
    said = "The quay is open to every ship that brings grain or tin."
    assert are_near_copies(said, f"{said} {more}") is near
    assert are_near_copies(said, f"{more} {said}") is near


@pytest.mark.parametrize(("count", "near"), [(4, True), (5, False)])
def test_of_sixty_words_four_small_ones_may_differ(count: int, *, near: bool) -> None:
    other = SAID
    for word in ["opened", "carries", "worked", "publish", "answer"][:count]:
        other = instead(word, f"{word} also", other)
    assert are_near_copies(SAID, other) is near


def test_of_words_that_mean_something_two_may_be_added() -> None:
    assert are_near_copies(SAID, instead("the whole", "the new summer whole"))
    assert not are_near_copies(SAID, instead("the whole", "the new green summer whole"))


def test_a_hyphen_does_not_make_another_word_where_a_sentence_is_missing() -> None:
    assert are_near_copies(SAID, instead("timetable", "time-table", f"{SECOND} {THIRD}"))


def test_sentences_that_begin_alike_are_told_apart_where_one_is_missing() -> None:
    lines = [f"The port of {town} opens to all ships that pay the toll." for town in ("Orm", "Kelm", "Brandt", "Lund")]
    assert are_near_copies(" ".join(lines), " ".join(lines[:1] + lines[2:]))


@pytest.mark.parametrize(("words", "near"), [(SHORTEST - 1, False), (SHORTEST, True)])
def test_of_few_words_none_may_differ(words: int, *, near: bool) -> None:
    said = ["we", "opened", "every", "quay", "to", "all", "the", "ships"][-words:]
    assert are_near_copies(" ".join(said), " ".join(said).upper() + "!")
    assert are_near_copies(" ".join(said), " ".join([*said, "also"])) is near


@pytest.mark.parametrize("text", ["", "…", "— * —"])
def test_a_text_without_words_is_no_copy_even_of_itself(text: str) -> None:
    assert not are_near_copies(text, text)


def test_an_unlike_word_in_a_script_without_capitals_may_be_a_name() -> None:
    said = "港口 向 所有 运粮 的 船只 开放 我们 欢迎 大家 前来"
    assert are_near_copies(said, said.replace(" ", "，"))
    assert not are_near_copies(said, said.replace("船只", "车辆"))


WORDS = st.sampled_from(
    ["the", "port", "Kelm", "not", "12", "opens", "will", "may", "grain.", "Ships", "ship.", "–", "no\n\n"]
)


@given(st.lists(WORDS, max_size=24).map(" ".join), st.lists(WORDS, max_size=24).map(" ".join))
@example(
    "tolls We tolls the quay. The opens ships tolls the quay. paid.",
    "tolls We tolls the quay. The opens ships tolls quay. The paid.",
)
def test_the_order_makes_no_difference_and_every_text_with_words_is_a_copy_of_itself(one: str, other: str) -> None:
    assert are_near_copies(one, other) is are_near_copies(other, one)
    assert are_near_copies(one, one) is bool(Wording.of(one).words)


@given(st.lists(WORDS, min_size=8, max_size=24), st.data())
def test_a_text_that_differs_in_one_number_is_never_a_copy(words: list[str], chosen: st.DataObject) -> None:
    at = chosen.draw(st.integers(0, len(words)))
    one, other = ([*words[:at], number, *words[at:]] for number in ("17", "18"))
    assert not are_near_copies(" ".join(one), " ".join(other))


@given(st.text(), st.text())
def test_any_text_can_be_compared(one: str, other: str) -> None:
    assert are_near_copies(one, other) is are_near_copies(other, one)
