"""A search receipt can be had over HTTP, for a question and for one in a conversation, and is run again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.answering import Collection
from service.receipts import ReceiptVerdict, read_receipt, receipt, verify_receipt, written
from service.web import create_app
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection

NOWHERE = "What did quartz miners sing?"


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    small = SmallCollection(tmp_path / "data").put(a_statement())
    yield small.opened()
    small.archive.close()


@pytest.fixture
def client(collection: Collection) -> FlaskClient:
    return create_app(collection).test_client()


def test_a_receipt_is_that_of_the_collection_byte_for_byte(client: FlaskClient, collection: Collection) -> None:
    found = client.get("/api/v1/receipt", query_string={"question": NOWHERE, "k": 3})
    assert found.content_type == "application/json"
    assert found.data == written(receipt(collection, NOWHERE, k=3))
    assert verify_receipt(read_receipt(found.data), collection).verdict is ReceiptVerdict.REPRODUCED


def test_a_receipt_in_a_conversation_has_its_history(client: FlaskClient) -> None:
    found = client.post("/api/v1/receipt", json={"question": "And when?", "history": ["Does the harbour open?"]})
    assert json.loads(found.data)["asked"]["history"] == [{"speaker": "user", "text": "Does the harbour open?"}]


def test_a_page_that_found_nothing_offers_the_receipt_of_its_question(client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": NOWHERE}).text
    address = "/receipt?q=What+did+quartz+miners+sing%3F"
    assert f'href="{address}"' in page
    found = client.get(address)
    assert found.headers["Content-Disposition"] == 'attachment; filename="receipt.json"'
    assert json.loads(found.data)["found"]["abstained"] is True


def test_a_follow_up_has_a_receipt_with_what_was_asked_before(client: FlaskClient) -> None:
    found = client.get("/receipt", query_string=[("q", "When does the harbour of Kelm open?"), ("q", NOWHERE)])
    asked = json.loads(found.data)["asked"]
    assert (asked["question"], asked["history"][0]["text"]) == (NOWHERE, "When does the harbour of Kelm open?")


@pytest.mark.parametrize(
    ("address", "status"), [("/receipt", 404), ("/receipt?q=+", 422), ("/api/v1/receipt?question=+", 422)]
)
def test_a_receipt_of_nothing_is_refused(client: FlaskClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status
