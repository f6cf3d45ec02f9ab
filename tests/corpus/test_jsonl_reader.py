import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InvalidStatement, NoStatements, OnRecordError, Unreadable
from corpus.readers.draft import Draft, Found
from corpus.readers.jsonl import read_lines

GOOD = b'{"id": "good", "text": "Zinc is up."}'


def only(line: bytes) -> Found | OnRecordError:
    """What is made of a line that a good one follows."""
    first, second = read_lines(line + b"\n" + GOOD)
    assert isinstance(second, Found)
    assert second.id == "good"
    return first


def dated(date: object) -> str | None:
    found = only(json.dumps({"text": "x", "date": date}).encode())
    assert isinstance(found, Found)
    return found.draft.published


def test_every_field_of_a_line_is_read() -> None:
    record = {
        "_id": "t-1",
        "title": "On tides",
        "text": "The tide is in.",
        "published": "2024-05-01",
        "speaker": "Minister Tern",
        "issuer": "Ministry of Tides",
        "url": "https://tides.example/1",
        "kind": "speech",
        "language": "en",
    }
    line = json.dumps(record).encode()
    draft = Draft(
        text="The tide is in.",
        title="On tides",
        issuer="Ministry of Tides",
        speaker="Minister Tern",
        published="2024-05-01",
        kind="speech",
        language="en",
        url="https://tides.example/1",
    )
    assert list(read_lines(line)) == [Found("t-1", line, "application/json", draft)]


def test_a_line_needs_nothing_but_its_text() -> None:
    assert only(b'{"text": "x", "speaker": "", "date": null, "issuer": " "}') == Found(
        None, b'{"text": "x", "speaker": "", "date": null, "issuer": " "}', "application/json", Draft(text="x")
    )


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(str.strip))
def test_the_text_is_taken_exactly_as_it_is(text: str) -> None:
    found = only(json.dumps({"text": text}, ensure_ascii=False).encode())
    assert isinstance(found, Found)
    assert found.draft.text == text


def test_an_integer_id_becomes_its_string() -> None:
    (found,) = read_lines(b'{"id": 5985, "text": "x"}')
    assert isinstance(found, Found)
    assert found.id == "5985"


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01"),
        ("2024-05-01 10:00", "2024-05-01"),
        ("2024-05", "2024-05"),
        ("1946", "1946"),
        ("12 April 2019", "2019-04-12"),
        ("1st April", None),
        ("03/04/2019", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_what_it_states_and_never_more(date: str | None, published: str | None) -> None:
    assert dated(date) == published


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"{", "it is not JSON"),
        (b'{"text": 1e', "it is not JSON"),
        (b'{"id": ' + b"9" * 5000 + b', "text": "x"}', "it is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'["text"]', "not an object"),
        (b'{"id": "a"}', '"text" is missing'),
        (b'{"text": " \\n"}', '"text" is missing, empty'),
        (b'{"text": 5}', "not a string"),
        (b'{"text": "x", "title": ["y"]}', '"title" is not a string'),
        (b'{"text": "x", "id": true}', '"id" is not a string'),
        (b'{"text": "caf\xe9"}', "not UTF-8"),
    ],
)
def test_a_bad_line_is_named_with_its_cause_and_the_others_still_come(line: bytes, cause: str) -> None:
    good, bad, after = read_lines(GOOD + b"\n" + line + b"\n" + GOOD)
    assert isinstance(good, Found)
    assert isinstance(after, Found)
    assert isinstance(bad, Unreadable)
    assert bad.cause.startswith("Line 2: ")
    assert cause in bad.cause


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"text": "half \\ud83d"}', "half a surrogate pair"),
        (b'{"text": "x", "speaker": "\\ud83d"}', "half a surrogate pair"),
        (b'{"text": "a\\u0000b"}', "NUL"),
        (b'{"text": "x", "date": "2024-02-30"}', "'2024-02-30' is not a date"),
    ],
)
def test_a_line_that_could_not_be_cited_is_refused_as_a_statement(line: bytes, cause: str) -> None:
    bad = only(line)
    assert isinstance(bad, InvalidStatement)
    assert bad.cause.startswith("Line 1: ")
    assert cause in bad.cause


def test_blank_lines_are_skipped_and_still_counted() -> None:
    found, bad = read_lines(b"\r\n" + GOOD + b"\r\n\r\n   \r\nnonsense\r\n")
    assert isinstance(found, Found)
    assert found.original == GOOD
    assert isinstance(bad, Unreadable)
    assert bad.cause.startswith("Line 5: ")


def test_a_file_of_something_else_is_refused_once_and_not_line_by_line() -> None:
    data = b'{"question": "What is the text?"}\n' * 1200
    with pytest.raises(NoStatements, match='none of its 1,200 lines has a "text" field') as refused:
        read_lines(data)
    assert refused.value.cure.startswith("Give each statement as one line")


def test_one_statement_may_be_spread_over_several_lines() -> None:
    data = json.dumps({"id": "a", "text": "x"}, indent=2).encode()
    assert list(read_lines(data)) == [Found("a", data, "application/json", Draft(text="x"))]


def test_an_array_and_utf_16_are_refused_with_the_way_out() -> None:
    with pytest.raises(Unreadable, match="jq -c"):
        read_lines(b'[{"text": "x"}]')
    with pytest.raises(Unreadable, match="UTF-16"):
        read_lines(GOOD.decode().encode("utf-16"))


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it() -> None:
    (found,) = read_lines(b"\xef\xbb\xbf" + GOOD)
    assert isinstance(found, Found)
    assert found.original == GOOD


def test_the_cure_of_a_bad_line_is_that_of_its_fault() -> None:
    (error,) = read_lines(b'{"id": "a/../b", "text": "Zinc is up."}')
    assert isinstance(error, InvalidStatement)
    assert error.cause.startswith("Line 1: ")
    assert error.cure.startswith("Use 1 to 200 printable characters")
