"""The sample statements with the real model: what is read from them, and what is found in them."""

import json
from typing import Any

from corpus.filters import Filters
from corpus.statement import Role
from service.answering import Collection
from tests.conftest import SAMPLES

QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERABLE = [question for question in QUESTIONS if question["statement"]]
UNANSWERABLE = [question["question"] for question in QUESTIONS if not question["statement"]]
FURNITURE = ("Suggest to a Friend", "cookie", "Skip to", "All rights reserved", "All Rights Reserved", "Page 2 of")


def test_the_passages_that_answer_are_found_and_most_of_them_first(samples: Collection) -> None:
    ranks = [rank_of(judged, samples) for judged in ANSWERABLE]

    assert sum(rank is not None for rank in ranks) / len(ranks) >= 0.9
    assert sum(rank == 1 for rank in ranks) / len(ranks) >= 0.65


def rank_of(judged: dict[str, Any], samples: Collection) -> int | None:
    """Where among the first five the passage stands that answers; its role is checked."""
    for quote in samples.ask(judged["question"], k=5).quotes:
        if judged["contains"] in " ".join(quote.text.split()):
            assert quote.citation.role == judged["role"]
            return quote.rank
    return None


def test_what_nobody_said_is_not_found(samples: Collection) -> None:
    answers = [samples.ask(question) for question in UNANSWERABLE]

    assert len(answers) == 6
    assert [answer.question for answer in answers if not answer.abstained or answer.quotes] == []


def test_no_passage_holds_furniture(samples: Collection) -> None:
    texts = [passage.text for passage in samples.archive.searchable()]

    assert len(texts) > 90
    assert [text for text in texts if any(phrase in text for phrase in FURNITURE)] == []


def test_every_quote_is_the_statements_own_characters(samples: Collection) -> None:
    for judged in ANSWERABLE:
        for quote in samples.ask(judged["question"], k=5).quotes:
            archived = samples.archive.get(quote.citation.statement_id)

            assert archived.statement.text[quote.citation.start : quote.citation.end] == quote.text
            assert archived.original_sha256 == quote.citation.original_sha256


def test_a_date_without_a_year_is_unknown(samples: Collection) -> None:
    assert samples.archive.get("statements/embassy-kelp-permits-remarks.txt").statement.published is None


def test_two_statements_that_contradict_each_other_are_both_found(samples: Collection) -> None:
    answer = samples.ask("Is the Sallow Strait Bridge open to traffic?", k=5)
    sources = {quote.citation.statement_id for quote in answer.quotes}

    assert {"statements/bridge-reopened-ministry.txt", "statements/bridge-closed-port-authority.html"} <= sources


def test_a_question_put_to_a_spokesperson_is_found_as_a_question(samples: Collection) -> None:
    answer = samples.ask("What did the survey by the Guild of Bakers find?", filters=Filters(role=Role.QUESTION))

    assert answer.quotes[0].citation.speaker == "MATTHIAS OKE"
    assert answer.quotes[0].citation.role is Role.QUESTION
