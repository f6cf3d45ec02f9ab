"""Many questions in one go: a line in, a line out, in order, each with its id."""

import io
import json
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corpus.filters import Filters
from service.answer import Answer
from service.answering import Collection
from service.batch import answer_lines
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return (
        SmallCollection(tmp_path)
        .put(
            a_statement("The price of zinc rose.", id="zinc"),
            a_statement("The price of tin fell.", id="tin", speaker="Bo Lund"),
        )
        .opened()
    )


def answered(
    collection: Collection, *lines: str | bytes, k: int = 5, **filters: Any
) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    given = [line.encode() if isinstance(line, str) else line for line in lines]
    code = answer_lines(partial(collection.ask, filters=Filters(**filters)), given, out, k)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def texts(answer: dict[str, Any]) -> list[str]:
    return [quote["text"] for quote in answer["quotes"]]


def test_answers_come_in_the_order_of_the_questions_each_with_its_id(collection: Collection) -> None:
    code, (first, second, third) = answered(
        collection,
        '{"id": "b", "question": "price of tin", "k": 1}\n',
        "\n",
        '{"id": 7, "question": "price of zinc", "k": 1}\n',
        '{"question": "Who commands northern dredgers?"}',
    )
    assert code == 0
    assert [answer["id"] for answer in (first, second, third)] == ["b", 7, None]
    assert (texts(first), texts(second)) == (["The price of tin fell."], ["The price of zinc rose."])
    assert (third["abstained"], third["quotes"]) == (True, [])


def test_a_line_has_the_one_json_form_and_its_id(collection: Collection) -> None:
    _, (line,) = answered(collection, '{"id": "a", "question": "price of zinc", "k": 1}')
    assert set(line) == {"id", *(field.name for field in fields(Answer))}
    assert line["quotes"][0]["citation"]["statement_id"] == "zinc"
    assert line["index"] == {"generation": 1, "passages": 2, "encoder": "bag-of-words"}


def test_the_commands_k_and_filters_hold_where_a_line_says_nothing(collection: Collection) -> None:
    _, (one, two) = answered(
        collection, '{"question": "price of zinc and tin"}', '{"question": "price of zinc and tin", "k": 2}', k=1
    )
    assert (len(one["quotes"]), len(two["quotes"])) == (1, 2)
    _, (lund,) = answered(collection, '{"question": "price of zinc and tin"}', speaker="lund")
    assert texts(lund) == ["The price of tin fell."]


def test_history_may_be_utterances_or_plain_questions(collection: Collection) -> None:
    _, lines = answered(
        collection,
        '{"question": "And why?", "history": ["price of zinc"]}',
        '{"question": "And why?", "history": [{"speaker": "user", "text": "price of zinc"}, '
        '{"speaker": "agent", "text": "So they say."}]}',
    )
    assert [line["standalone_question"] for line in lines] == ["And why? (price, zinc)"] * 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "Line 2 cannot be asked: Invalid JSON"),
        (b"\xff\xfe", "Line 2 cannot be asked: Invalid JSON"),
        ("[]", "Line 2 cannot be asked: Input should be an object"),
        ('{"id": "x"}', "Line 2 cannot be asked: question: Field required"),
        ('{"id": "x", "question": "zinc", "k": 0}', "Line 2 cannot be asked: k: Input should be greater than"),
        ('{"id": "x", "question": "zinc", "k": 101}', "Line 2 cannot be asked: k: Input should be less than"),
        ('{"id": "x", "question": "zinc", "kk": 1}', "Line 2 cannot be asked: kk: Extra inputs"),
        ('{"id": "x", "question": " "}', "Line 2: The question is empty."),
    ],
)
def test_a_line_that_cannot_be_asked_says_why_and_the_others_are_answered(
    collection: Collection, line: str | bytes, said: str
) -> None:
    asked = '{"id": "a", "question": "price of zinc", "k": 1}'
    code, (before, refused, after) = answered(collection, asked, line, asked)
    assert code == 2
    assert refused["error"].startswith(said)
    assert texts(before) == texts(after) == ["The price of zinc rose."]
    assert refused["id"] == ("x" if b'"x"' in (line.encode() if isinstance(line, str) else line) else None)


def test_the_exit_code_is_one_when_nothing_was_found(collection: Collection) -> None:
    assert answered(collection, '{"question": "Who commands northern dredgers?"}')[0] == 1
    assert answered(collection, "\n") == (1, [])


class Pipe(io.StringIO):
    """Shows its reader what was flushed and nothing else."""

    seen = ""

    def flush(self) -> None:
        self.seen = self.getvalue()


def test_an_answer_can_be_read_before_the_next_question_is_given(collection: Collection) -> None:
    out = Pipe()

    def lines() -> Iterator[bytes]:
        yield b'{"question": "price of zinc"}'
        assert out.seen.count("\n") == 1
        yield b'{"question": "price of tin"}'

    answer_lines(collection.ask, lines(), out, 5)
    assert out.seen.count("\n") == 2
