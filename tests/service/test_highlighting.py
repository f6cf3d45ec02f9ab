"""Which sentence is marked: the one with most of what is asked, always whole sentences or clauses of the passage."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import clause_spans, sentence_spans
from service.highlighting import LONGEST, Wanted

LONG = (
    "The harbour board met in the old hall on the quay for most of the afternoon with all of its members in their "
    "usual places; the ferry to Orm will sail twice a day from the new pier at the mouth of the river, because the "
    "bridge at Kelm stays closed for repairs until the ice has gone from the upper lake."
)


def words(text: str) -> list[str]:
    return [word.removesuffix("s") for word in re.findall(r"\w+", text.lower())]


def marked(question: str, text: str, rarity: dict[str, float] | None = None) -> str | None:
    """All of the question's words are as rare unless told."""
    wanted = Wanted.of(question, rarity if rarity is not None else dict.fromkeys(words(question), 2.0), words)
    span = wanted.best(text, sentence_spans(text))
    return text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Zinc price?", "The price of zinc rose in Orm."),
        ("Late ferry?", "The ferry is late."),
        ("Heavy metal?", "Zinc is a metal."),
    ],
)
def test_the_sentence_with_most_of_the_questions_words_is_marked(question: str, expected: str) -> None:
    assert marked(question, "The ferry is late. The price of zinc rose in Orm. Zinc is a metal.") == expected


def test_a_rare_word_outweighs_a_common_one() -> None:
    rarity = {"zinc": 5.0, "price": 1.0}
    assert marked("zinc price", "Some price rose. There was zinc.", rarity) == "There was zinc."


def test_what_every_sentence_has_tells_none_from_the_others() -> None:
    text = "Kelm has ice. Kelm has coal. Kelm has tin. Orm has a quay."
    assert marked("Kelm quay", text, {"kelm": 3.0, "quay": 2.0}) == "Orm has a quay."


def test_of_equals_the_first_is_marked() -> None:
    assert marked("zinc", "We sail. Zinc rose. Zinc fell.") == "Zinc rose."


def test_a_word_of_the_same_family_counts_for_something() -> None:
    assert marked("harbouring zinc", "Zinc rose. Zinc left the harbour.") == "Zinc left the harbour."


def test_a_pronoun_takes_up_what_the_sentence_before_is_about() -> None:
    assert marked("toll due", "Orm has a toll. It is due in May.") == "It is due in May."
    assert marked("toll due", "Orm has a toll. Rent is due in May.") == "Orm has a toll."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the toll rise?", "The toll went up in May."),
        ("How much is the toll?", "The toll is 40 marks."),
        ("What of the toll?", "The toll is old."),
        ("When was the toll of May paid?", "The toll is old."),
    ],
)
def test_a_date_answers_when_and_a_number_how_much_unless_the_question_names_it(question: str, expected: str) -> None:
    text = "The toll is old. The toll is 40 marks. The toll went up in May."
    assert marked(question, text, {"toll": 2.0}) == expected


@pytest.mark.parametrize("text", ["", "We sail in May.", "They sail. This is 1 of 2."])
def test_nothing_is_marked_where_no_sentence_has_a_word_asked_for(text: str) -> None:
    assert marked("When is the zinc toll due?", text, {"zinc": 2.0}) is None


def test_nothing_is_marked_for_a_question_without_words() -> None:
    assert marked("And?", "And we sail.", {}) is None
    assert marked("And?", "And we sail.", {"and": 0.0}) is None


def test_of_a_very_long_sentence_the_shortest_run_of_clauses_is_marked_that_has_all_of_it() -> None:
    assert len(LONG.split()) > LONGEST
    first, second, third = re.split(r"(?<=;) |(?<=river,) ", LONG)
    assert marked("ferry pier", LONG) == second
    assert marked("board ferry", LONG) == f"{first} {second}"
    assert marked("bridge", LONG) == third
    assert marked("board bridge", LONG) == LONG


def test_a_sentence_that_is_not_very_long_stays_whole() -> None:
    shorter = " ".join(LONG.split()[:LONGEST])
    assert marked("board", shorter) == shorter


def test_the_clause_with_the_date_is_kept_when_it_is_asked_when() -> None:
    dated = LONG.replace("from the new pier", "in June")
    assert marked("When did the board meet?", dated, {"board": 2.0}) == dated[: dated.index(" because")]


vocabulary = st.sampled_from(
    ["zinc", "ferry", "toll", "It", "Kelm", "May", "40", "and", "e\u0301te\u0301", "🌍", "—", ";"]
)
stops = st.sampled_from([". ", "? ", ", and ", "; ", "\n\n", " "])
texts = st.lists(st.tuples(vocabulary, stops), min_size=1, max_size=120).map(lambda parts: "".join(map("".join, parts)))


@given(texts, st.lists(vocabulary, max_size=6), st.integers(0, 40), st.integers(0, 40))
def test_a_mark_is_whole_sentences_or_clauses_inside_the_passage(
    text: str, asked: list[str], before: int, after: int
) -> None:
    start, end = min(before, len(text)), max(min(before, len(text)), len(text) - after)
    spans = sentence_spans(text, start, end)
    question = "When " + " ".join(asked)
    span = Wanted.of(question, dict.fromkeys(words(question), 1.0), words).best(text, spans)
    if span is None:
        assert not set(words(question)) & set(words(" ".join(text[slice(*sentence)] for sentence in spans)))
        return
    (sentence,) = [sentence for sentence in spans if sentence[0] <= span.start < span.end <= sentence[1]]
    clauses = clause_spans(text, *sentence)
    assert start <= span.start < span.end <= end
    assert span.start in {begin for begin, _ in clauses}
    assert span.end in {stop for _, stop in clauses}
    assert (span.start, span.end) == sentence or len(text[slice(*sentence)].split()) > LONGEST
