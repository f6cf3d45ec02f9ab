"""Lines of JSON in which there is no statement say so, one way or the other."""

import pytest

from corpus.errors import NoStatements, OnRecordError
from corpus.readers import read


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b'{"id": "a"}', "its only line has no"),
        (b'{"id": "a"}\n\n{"id": "b"}\n', "none of its 2 lines has a"),
    ],
)
def test_a_file_without_texts_is_refused_as_a_whole(data: bytes, cause: str) -> None:
    with pytest.raises(NoStatements) as refused:
        read(data, "a.jsonl")
    assert refused.value.cause == f'There is no statement in this JSONL file: {cause} "text" field.'


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"text": "x", "title": "a\\u0000b"}', r"'a\x00b' has a NUL character or half a surrogate pair in it."),
        (b'{"text": "x", "url": "a\\ud800b"}', r"'a\ud800b' has a NUL character or half a surrogate pair in it."),
        (b'{"text": 5}', 'its "text" is missing, empty or not a string.'),
        (b'{"text": ""}', 'its "text" is missing, empty or not a string.'),
        (b'{"text": "x", "more": ' + b"[" * 100_000, "its JSON is nested too deeply."),
    ],
)
def test_a_line_that_makes_no_statement_is_given_as_an_error_with_its_number(line: bytes, cause: str) -> None:
    _, bad = read(b'{"text": "Zinc is up."}\n' + line, "a.jsonl")
    assert isinstance(bad, OnRecordError)
    assert bad.cause == f"Line 2: {cause}"
