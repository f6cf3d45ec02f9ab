"""Whatever is changed in a capsule or a receipt is noticed, and no request is taken for another than it says."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from corpus.errors import OnRecordError
from service.capsules import MalformedCapsule, is_capsule, read_capsule
from service.receipts import AlteredReceipt, MalformedReceipt, is_receipt, read_receipt, written
from service.web.parameters import AskBody, AskQuery, from_json, from_query
from service.web.problems import InvalidParameters
from tests.fuzz.targets import CORPUS

CAPSULE = json.loads((CORPUS / "capsule" / "whole.json").read_bytes())
RECEIPT = json.loads((CORPUS / "receipt" / "whole.json").read_bytes())
Json = Any
quick = settings(max_examples=100, deadline=None)
characters = st.characters(exclude_categories=["Cs"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False) | st.text(characters),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(characters, max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(told: Json, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value in a JSON document, the whole of it left out."""
    members = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in members:
        yield (*way, key)
        yield from places(value, (*way, key))


@st.composite
def altered(draw: st.DrawFn, whole: Json) -> Json:
    """The document with one value in it replaced, taken out or given another name."""
    told = deepcopy(whole)
    *way, last = draw(st.sampled_from(list(places(whole))))
    parent = told
    for key in way:
        parent = parent[key]
    match draw(st.sampled_from(["replaced", "gone", "beside"])):
        case "gone":
            del parent[last]
        case "beside" if isinstance(parent, dict):
            parent[draw(st.text(characters, min_size=1, max_size=8).filter(lambda name: name not in parent))] = None
        case _:
            parent[last] = draw(values.filter(lambda value: value != parent[last]))
    return told


@quick
@given(altered(CAPSULE))
def test_a_capsule_in_which_anything_but_the_permalink_was_changed_is_not_intact(told: Json) -> None:
    data = json.dumps(told).encode()
    try:
        given = read_capsule(data)
    except MalformedCapsule:
        return
    without = [{key: one for key, one in doc.items() if key != "onrecord:permalink"} for doc in (told, CAPSULE)]
    assert is_capsule(data)
    assert given.intact == (without[0] == without[1])


@quick
@given(altered(RECEIPT))
def test_a_receipt_in_which_anything_was_changed_is_refused(told: Json) -> None:
    with pytest.raises((MalformedReceipt, AlteredReceipt)):
        read_receipt(json.dumps(told).encode())


def test_a_receipt_as_it_was_written_is_read_and_written_again() -> None:
    data = (CORPUS / "receipt" / "whole.json").read_bytes()
    assert written(read_receipt(data)) == data


@quick
@given(values, st.sampled_from([read_capsule, read_receipt]))
def test_json_of_any_other_kind_is_refused_with_a_reason(told: Json, read: Any) -> None:
    data = json.dumps(told).encode()
    assert not is_capsule(data)
    assert not is_receipt(data)
    with pytest.raises(OnRecordError, match=r"^This is not a "):
        read(data)


@quick
@given(st.binary(max_size=60), st.sampled_from(["capsule", "receipt"]))
def test_a_file_cut_or_damaged_is_refused_with_a_reason(noise: bytes, kind: str) -> None:
    whole = (CORPUS / kind / "whole.json").read_bytes()
    at = sum(noise) * 37 % len(whole)
    for data in (noise, whole[:at], whole[:at] + noise):
        with pytest.raises(OnRecordError, match=r"^This is not a "):
            (read_capsule if kind == "capsule" else read_receipt)(data)


questions = st.text(characters, min_size=1, max_size=60).filter(lambda text: text.strip() != "")
names = st.text(characters, min_size=1, max_size=30)
asked = st.fixed_dictionaries(
    {"question": questions},
    optional={
        "k": st.integers(1, 100),
        "since": st.dates().map(str) | st.integers(1000, 9999).map(str),
        "until": st.dates().map(lambda day: str(day)[:7]),
        "speaker": names,
        "issuer": names,
        "role": st.sampled_from(["remarks", "question", "answer", "letter", "introduction"]),
        "order": st.sampled_from(["relevance", "newest", "oldest"]),
        "threshold": st.floats(0, 1),
        "ignore": st.sampled_from(["order", "period", "order,period"]),
    },
)


@quick
@given(asked)
def test_an_address_and_a_body_that_ask_the_same_are_read_as_the_same(said: dict[str, Any]) -> None:
    query = MultiDict((name, str(value)) for name, value in said.items())
    from_address = from_query(AskQuery, query, {})
    from_body = from_json(AskBody, json.dumps(said).encode())
    assert from_address.model_dump() == {**from_body.model_dump(exclude={"history"})}
    assert from_address.question == said["question"]
    assert from_address.model_fields_set == set(said)


@quick
@given(asked, st.text(characters, min_size=1, max_size=10), st.data())
def test_what_an_address_says_twice_or_nobody_asked_for_is_refused(said: dict[str, Any], name: str, data: Any) -> None:
    query = MultiDict((key, str(value)) for key, value in said.items())
    twice = data.draw(st.sampled_from(list(said)))
    with pytest.raises(InvalidParameters, match="is given twice"):
        from_query(AskQuery, MultiDict([*query.items(), (twice, query[twice])]), {})
    if name not in AskQuery.model_fields:
        with pytest.raises(InvalidParameters):
            from_query(AskQuery, MultiDict([*query.items(), (name, "x")]), {})


@quick
@given(st.dictionaries(st.sampled_from(list(AskBody.model_fields)) | st.text(characters, max_size=5), values))
def test_a_body_of_any_json_is_taken_as_it_is_or_refused_by_name(said: dict[str, Any]) -> None:
    try:
        taken = from_json(AskBody, json.dumps(said).encode())
    except InvalidParameters as refusal:
        named = [one.parameter for one in refusal.errors]
    else:
        named = ["nothing"]
        assert set(said) <= set(AskBody.model_fields)
        assert taken.question == said["question"]
    assert named
    assert all(named)
