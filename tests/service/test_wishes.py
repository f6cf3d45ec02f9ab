"""Which words of a question ask for an order or a period, and which only look as if they did."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.filters import first_day, last_day
from service.wishes import MAX_CHARACTERS, MAX_WORDS, Order, Wish, wishes, without

TODAY = date(2024, 5, 31)

VOCABULARY = (
    "what did has the minister she say said told about on rice flood latest newest most recent recently last first "
    "time earliest statement statements when was since before after between from to and in March May June 2019 2021 "
    "2022 2030 31 16th July, year month yesterday, , ? . \" “ ” ’s 's 2021-02-30 2020-07-16 – İ ß"
)
MADE_UP = st.lists(st.sampled_from(VOCABULARY.split()), max_size=30).map(" ".join)
DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))
SAYINGS = st.sampled_from(["What did she say {}?", "Statements about rice {}", "{}, what was said about the flood?"])
DATES = st.one_of(
    DAYS.map(lambda day: f"{day:%Y}"),
    DAYS.map(lambda day: f"{day:%B %Y}"),
    DAYS.map(lambda day: f"{day.day} {day:%b} {day:%Y}"),
    DAYS.map(lambda day: f"{day:%B} {day.day}, {day:%Y}"),
)
SPANS = st.builds(
    str.format,
    st.sampled_from(["since {}", "before {}", "after {}", "between {} and {}", "from {} to {}"]),
    DATES,
    DATES,
)
ORDERED = st.sampled_from(["When did she first mention rice", "what is the latest on rice", "And her newest remarks"])
ASKED = st.builds(" {}  {} ? ".format, ORDERED, SPANS) | st.builds("“{}” {}".format, st.text(max_size=5), ORDERED)
QUESTIONS = st.one_of(st.text(), MADE_UP, ASKED, st.builds(str.format, SAYINGS, SPANS))


@pytest.mark.parametrize(
    ("question", "words", "order"),
    [
        ("What is the latest on the harbour?", "the latest", Order.NEWEST),
        ("What's the latest on rice quotas?", "the latest", Order.NEWEST),
        ("What’s the latest from the ministry about rice?", "the latest", Order.NEWEST),
        ("Latest on the Kelm bridge", "Latest", Order.NEWEST),
        ("Can you give us the latest on the ferry talks?", "the latest", Order.NEWEST),
        ("What is the minister's latest statement about rice?", "latest", Order.NEWEST),
        ("latest statement on rice quotas", "latest", Order.NEWEST),
        ("Show me the newest press releases about dredging", "newest", Order.NEWEST),
        ("Most recent comments on the Kelm bridge", "Most recent", Order.NEWEST),
        ("What are her most recent remarks about tolls?", "most recent", Order.NEWEST),
        ("What is the government's latest position on tolls?", "latest", Order.NEWEST),
        ("What did she most recently say about rice?", "most recently", Order.NEWEST),
        ("What has the minister said most recently about rice?", "most recently", Order.NEWEST),
        ("What did the minister say about rice most recently?", "most recently", Order.NEWEST),
        ("What did he last say about the harbour?", "last", Order.NEWEST),
        ("When did the minister last mention rice?", "last", Order.NEWEST),
        ("When did the governor last speak about tolls?", "last", Order.NEWEST),
        ("When did the minister first mention rice?", "first", Order.OLDEST),
        ("When did Sophie Brand first say that the bridge is safe?", "first", Order.OLDEST),
        ("When did the council first announce the new toll?", "first", Order.OLDEST),
        ("When was the first time the minister mentioned rice?", "the first time", Order.OLDEST),
        ("What is the earliest statement about the bridge?", "earliest", Order.OLDEST),
        ("Show me the earliest announcement on tolls", "earliest", Order.OLDEST),
        ("What did the governor first say about the ferry?", "first", Order.OLDEST),
        ("When did they first comment on it?", "first", Order.OLDEST),
        ("And what's the latest on tolls?", "the latest", Order.NEWEST),
        ("What is the earliest mention of the Kelm bridge?", "earliest", Order.OLDEST),
        ("Most recent press release on dredging?", "Most recent", Order.NEWEST),
    ],
)
def test_a_question_for_the_newest_or_the_oldest_statement_asks_for_an_order(
    question: str, words: str, order: Order
) -> None:
    start = question.index(words)
    assert wishes(question, TODAY) == (Wish("order", words, start, start + len(words), order, None, None),)


@pytest.mark.parametrize(
    ("question", "words", "since", "until"),
    [
        ("What was said about rice in March 2022?", "in March 2022", "2022-03", "2022-03"),
        ("Rice quotas since 2020", "since 2020", "2020", None),
        ("In March 2022, what did the minister say about rice?", "In March 2022", "2022-03", "2022-03"),
        ("What did she say about rice before 2019?", "before 2019", None, "2018"),
        ("What did the minister say about tolls between 2019 and 2021?", "between 2019 and 2021", "2019", "2021"),
        ("What did the minister say on 16 July 2020?", "on 16 July 2020", "2020-07-16", "2020-07-16"),
        ("What did the minister say about tolls on July 16, 2020?", "on July 16, 2020", "2020-07-16", "2020-07-16"),
        ("What did the minister tell reporters in 2021?", "in 2021", "2021", "2021"),
        ("Statements about tolls from May 2021 to June 2022", "from May 2021 to June 2022", "2021-05", "2022-06"),
        ("What did she say about rice last year?", "last year", "2023", "2023"),
        ("What has been said about tolls this year?", "this year", "2024", "2024"),
        ("What did he promise farmers last month?", "last month", "2024-04", "2024-04"),
        ("What did the minister say yesterday about the flood?", "yesterday", "2024-05-30", "2024-05-30"),
        ("What has the governor said about the war since 2022?", "since 2022", "2022", None),
        ("Since February 2022, what has she said about the election?", "Since February 2022", "2022-02", None),
        ("Has the minister said anything about rice since 16 July 2020?", "since 16 July 2020", "2020-07-16", None),
        ("Did the minister say anything about rice in 2021?", "in 2021", "2021", "2021"),
        ("Who spoke about rice in March 2022?", "in March 2022", "2022-03", "2022-03"),
        ("What was the government's position on tolls in 2021?", "in 2021", "2021", "2021"),
        ("Show me comments by the minister on tolls in March 2022", "in March 2022", "2022-03", "2022-03"),
        ("Tell me what the minister said about rice in 2021", "in 2021", "2021", "2021"),
        ("What did the minister say in 2021 about the 2019 election?", "in 2021", "2021", "2021"),
        ("What was announced on 1 June 2021?", "on 1 June 2021", "2021-06-01", "2021-06-01"),
        ("How did the minister respond to questions about rice in 2021?", "in 2021", "2021", "2021"),
        ("What did the governor say about Orm after March 2022?", "after March 2022", "2022-04", None),
        (
            "What did she say about rice between March and June 2022?",
            "between March and June 2022",
            "2022-03",
            "2022-06",
        ),
        ("What did she say before 1 March 2020 about the bridge?", "before 1 March 2020", None, "2020-02-29"),
        ("Did she mention rice in 2021?", "in 2021", "2021", "2021"),
        ("What did the minister have to say about rice in 2021?", "in 2021", "2021", "2021"),
        ("what did the minister say about rice in may 2021", "in may 2021", "2021-05", "2021-05"),
        ("What was said about rice on 2021-05-03?", "on 2021-05-03", "2021-05-03", "2021-05-03"),
        ("What did the Minister of Trade say about Kelm during 2021?", "during 2021", "2021", "2021"),
        ("Is there any statement about the bridge since 2020?", "since 2020", "2020", None),
        ("What did the minister say about the European Union in 2021?", "in 2021", "2021", "2021"),
        ("What did Mr. Brand say about rice in Sept. 2021?", "in Sept. 2021", "2021-09", "2021-09"),
        ("What did Brand say on the 3rd of May 2021?", "on the 3rd of May 2021", "2021-05-03", "2021-05-03"),
        ("All press releases about rice in May 2020", "in May 2020", "2020-05", "2020-05"),
        ("What statements were made about tolls in 2021?", "in 2021", "2021", "2021"),
        ("From 2019 to 2021, what did ministers say about ferries?", "From 2019 to 2021", "2019", "2021"),
        ("Is there anything about ferries since last month?", "since last month", "2024-04", None),
        ("And what did she say this month?", "this month", "2024-05", "2024-05"),
    ],
)
def test_a_date_that_can_only_be_that_of_the_saying_asks_for_a_period(
    question: str, words: str, since: str | None, until: str | None
) -> None:
    start = question.index(words)
    assert wishes(question, TODAY) == (Wish("period", words, start, start + len(words), None, since, until),)


@pytest.mark.parametrize(
    "question",
    [
        "What did the minister say about the flood in March 2022?",
        "What did she say about the 2020 election?",
        "What does he say about the latest round of sanctions?",
        "What is the latest round of sanctions?",
        "What is your reaction to the latest statement from Orm?",
        "Does the minister agree with the latest comments of the governor?",
        "What is the latest version of the treaty?",
        "Who was the first lady in 2020?",
        "How many people died in March 2022?",
        "Has the governor ruled Kelm since 2014, when the war began?",
        "How many companies were registered in Orm in 2006?",
        "What did Kelm export in 2021?",
        "When was the first bridge built?",
        "When did the first ferry sail?",
        "When did Kelm first build a bridge?",
        "When did the governor last visit Orm?",
        "When did the minister last speak to the governor?",
        "Who first mentioned to the press that the bridge was closed since 2020?",
        "Is this the first time the minister said so?",
        "What did he say the first time he was asked?",
        "What did the minister say about people killed in 2020?",
        "What did the minister say about the law passed in 2019?",
        "What did she say about those who fled in 2015?",
        "What did the minister say in 2020 elections?",
        "What did the governor say since 2014, when Orm was invaded?",
        "What will the minister say in 2030?",
        "What did she say about rice in 2030?",
        "What did she say about rice between 2021 and 2019?",
        "What did she say on 31 February 2021?",
        "What did she say in 13 2021?",
        "What was said on 16 July?",
        "What was said about rice in March?",
        "What did she say about rice in the 1970s?",
        "What did she promise to build in 2021?",
        "What is said to have sunk in 1850?",
        "What was Brand's position in 1942?",
        "Population of Orm in 2021",
        "Rice harvest in March 2022",
        "The flood of 2021",
        "To ask the minister what he said about rice in 2021.",
        "What did she say about rice? And how many people died in 2021?",
        'What did she mean by "what was said about rice in 2021"?',
        'What did she say about "rice since 2020"?',
        "Was hat die Ministerin im März 2022 über Reis gesagt?",
        "Qu'a dit la ministre sur le riz en 2021 ?",
        "¿Qué dijo la ministra en 2021 sobre el arroz?",
        "What did Spain say about rice prices in 2021?",
        "What did the treaty signed in 2021 say?",
        "What did the minister who resigned in 2020 say about rice?",
        "What percentage of students said in 2020 that they smoke?",
        "How many people said in 2021 that tolls are too high?",
        "Why did the minister say in 2021 that tolls would fall?",
        "What did she say about Brand's trial in 2021?",
        "What is the earliest bridge in Orm?",
        "What are the most recent figures on rice?",
        "At last, what did she say about rice?",
        "What did the last governor say about rice?",
        "Who was the last to say that the bridge is safe?",
        "What did the first minister say about rice?",
        "What did the minister first build?",
        "What did she say about last year?",
        "What did she say in 2020–2021?",
        "What did she say about rice in 2021%?",
        "What did she say about leaving the Union in 2020?",
        "Did the governor speak to the minister in 2021?",
        "In 2021, how many ferries sank?",
        "In 2021 elections, what did she say?",
        "In March, what did the minister say about rice?",
        "What did she say about how rice was sold in 2021?",
        "What did she say about rice growing in 2021?",
        "When is the latest that the minister can answer?",
        "What did she say about rice as of 2021?",
        "What may the minister say about rice in May?",
        "Tolls before 2019",
        "What did she say about rice in 2021 elections?",
        "When did she first respond to the strike?",
        "Rice. Tolls since 2020",
        "Rice: tolls since 2020",
        "What was said in £2021?",
        "What did she say to all the crews of Orm in 2021?",
        "What did she first say about rice most recently?",
        "What did she say about question 5381 in 2021?",
        "What did she say in 16 July 2020?",
        "What did she say on May 2021?",
        "What is the latest speech recognition model?",
        "What is the latest update of the program?",
        "What is the latest position of the ferry?",
        "When did the governor first talk on the telephone?",
        "What has she said about the toll in force since 2014?",
        "Governor of Orm in 2014",
        "Did she promise tax cuts in 2021?",
        "What did she promise to farmers in 2021?",
        "What did she say to the victims of the flood in 2021?",
        "What did she first and last say about rice?",
        "What did she say about unemployment in 2021?",
        "When did the governor last talk with the minister?",
        "Did the governor speak publicly in 2021?",
        "Is it true that the governor has denied the deaths of 2021 since 2022?",
        "We live in Orm since 2014",
        "",
        " ?! ",
        "what",
        "in 2021",
        "latest",
        "since 2020",
    ],
)
def test_what_belongs_to_the_subject_or_may_belong_to_it_asks_for_nothing(question: str) -> None:
    assert wishes(question, TODAY) == ()


def test_an_order_and_a_period_stand_in_the_order_of_the_question() -> None:
    question = "Since 2020, what did she most recently say about rice?"
    found = wishes(question, TODAY)
    assert [(wish.kind, wish.words) for wish in found] == [("period", "Since 2020"), ("order", "most recently")]
    assert without(question, found) == "what did she say about rice?"
    question = "What is the latest statement about rice since 2020?"
    assert [wish.kind for wish in wishes(question, TODAY)] == ["order", "period"]


@pytest.mark.parametrize(
    ("today", "words", "since"),
    [
        (date(2024, 3, 1), "yesterday", "2024-02-29"),
        (date(2024, 1, 15), "last month", "2023-12"),
        (date(2024, 3, 31), "last month", "2024-02"),
        (date(2024, 1, 1), "this month", "2024-01"),
        (date(2024, 12, 31), "this year", "2024"),
        (date(2000, 1, 1), "last year", "1999"),
    ],
)
def test_a_relative_period_is_counted_from_today(today: date, words: str, since: str) -> None:
    (wish,) = wishes(f"What was said {words}?", today)
    assert (wish.words, wish.since, wish.until) == (words, since, since)


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("before 2019", None, "2018"),
        ("before January 2019", None, "2018-12"),
        ("before 1 March 2019", None, "2019-02-28"),
        ("after 2019", "2020", None),
        ("after December 2019", "2020-01", None),
        ("after 28 February 2020", "2020-02-29", None),
    ],
)
def test_before_and_after_leave_out_the_period_that_they_name(words: str, since: str | None, until: str | None) -> None:
    (wish,) = wishes(f"What was said about rice {words}?", TODAY)
    assert (wish.since, wish.until) == (since, until)


def test_what_has_not_begun_bounds_nothing_and_what_has_is_not_over() -> None:
    assert [wish.since for wish in wishes("What was said in May 2024?", TODAY)] == ["2024-05"]
    assert wishes("What was said in June 2024?", TODAY) == ()
    assert wishes("What was said after May 2024?", TODAY) == ()
    assert wishes("What was said between 2021 and 2025?", TODAY) == ()


def test_a_question_of_many_words_or_characters_or_of_two_sentences_asks_for_nothing() -> None:
    def asked(words: int, *, letters: int = 4) -> str:
        return "What did the minister say in 2021 about " + " ".join(["r" * letters] * (words - 8)) + "?"

    assert len(wishes(asked(MAX_WORDS), TODAY)) == 1
    assert wishes(asked(MAX_WORDS + 1), TODAY) == ()
    just_long_enough = MAX_CHARACTERS - len(asked(9, letters=0))
    assert len(wishes(asked(9, letters=just_long_enough), TODAY)) == 1
    assert wishes(asked(9, letters=just_long_enough + 1), TODAY) == ()
    assert wishes("Rice is dear. What was said in 2021?", TODAY) == ()


@given(st.sampled_from(["what did ", "a's ", "the latest ", "in 2021 ", "most recently's", "1", ". ", "\u0130"]))
def test_no_pattern_sees_a_hostile_text_of_ten_thousand_characters(piece: str) -> None:
    hostile = (piece * 10_000)[:10_000]
    assert len(hostile) > MAX_CHARACTERS
    assert wishes(hostile, TODAY) == ()


@given(QUESTIONS, DAYS)
@example("What did İİ say in 2021?", TODAY)
def test_every_wish_is_a_slice_of_its_question_and_every_kind_is_there_once(question: str, today: date) -> None:
    found = wishes(question, today)
    assert [question[wish.start : wish.end] for wish in found] == [wish.words for wish in found]
    assert len({wish.kind for wish in found}) == len(found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for wish in found:
        assert wish.words.strip() == wish.words != ""
        assert (wish.order is not None, bool(wish.since or wish.until)) == (wish.kind == "order", wish.kind == "period")


@given(SAYINGS, SPANS, DAYS)
def test_a_period_begins_before_it_ends_and_has_begun(saying: str, span: str, today: date) -> None:
    for wish in wishes(saying.format(span), today):
        assert wish.words == span
        since, until = first_day(wish.since or "1000"), last_day(wish.until or "2999")
        assert since <= until
        assert since <= today


@given(QUESTIONS, DAYS)
def test_what_is_searched_for_is_never_empty_and_has_no_wish_left_in_it(question: str, today: date) -> None:
    found = wishes(question, today)
    rest = without(question, found)
    if found and rest != question:
        assert rest == " ".join(rest.split()) != ""
        assert len(rest) < len(question)
    else:
        assert rest == question


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What was said about  rice in March 2022 ?", "What was said about rice?"),
        ("In March 2022, what was said about rice?", "what was said about rice?"),
        ("What is the latest on the harbour?", "What is on the harbour?"),
        ("What is the minister's latest statement on rice?", "What is the minister's statement on rice?"),
        ("When did she first say  so?", "When did she say so?"),
        ("  Rice  and no wish ", "  Rice  and no wish "),
    ],
)
def test_the_words_of_the_wishes_are_not_searched_for(question: str, rest: str) -> None:
    assert without(question, wishes(question, TODAY)) == rest


def test_a_question_of_nothing_but_a_wish_is_searched_for_as_it_stands() -> None:
    wish = Wish("period", "Since 2020", 0, 10, None, "2020", None)
    assert without("Since 2020?", [wish]) == "Since 2020?"


@pytest.mark.parametrize(
    "question",
    [
        "Find statements about rice not in 2023",
        "What did the minister say about rice, except in 2022?",
        "What did the bank say to expect in 2023?",
        "What was said about ‘rice in 2020’?",
        "What was said about clashes in May 2020?",
    ],
)
def test_what_is_excluded_quoted_intended_or_an_event_is_no_wish(question: str) -> None:
    assert wishes(question, TODAY) == ()
