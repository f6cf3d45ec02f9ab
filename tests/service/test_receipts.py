"""A receipt says what was asked of what, and what was found or not: the same bytes whenever it is run again."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from corpus.filters import Filters
from corpus.statement import Role
from service.answering import Collection, Manner
from service.building import build
from service.conversation import Utterance
from service.evidence import DEFAULT
from service.generations import Encoding, read_manifest
from service.receipts import (
    AlteredReceipt,
    MalformedReceipt,
    Named,
    Outcome,
    Receipt,
    ReceiptVerdict,
    answered,
    is_receipt,
    read_receipt,
    receipt,
    verify_receipt,
    written,
)
from service.wishes import Order
from tests.builders import a_statement
from tests.service.small_collection import TODAY, SmallCollection

ZINC = "The price of zinc rose by a tenth, and the smelter at Orm was closed for repairs in the spring of last year."
ABOUT_ZINC = "What rose by a tenth, and what was closed for repairs?"
ABOUT_BREAD = "How long should sourdough rest?"
NOTHING = Manner(threshold=1.0)
ANYTHING = Manner(threshold=0.0)


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    """One statement on zinc, indexed as generation 1."""
    return SmallCollection(tmp_path / "data").put(a_statement(ZINC, id="zinc"))


def rebuilt(small: SmallCollection) -> Collection:
    encoding = Encoding.of(small.archive)
    assert encoding is not None
    build(small.archive, small.index, encoding, anew=True)
    return small.opened()


def resealed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The receipt with a change in it, and a sum that covers it."""
    told = json.loads(data)
    del told["sha256"]
    change(told)
    rest = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
    told["sha256"] = sha256(rest).hexdigest()
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def test_a_receipt_of_nothing_found_says_what_was_searched_and_what_came_nearest(small: SmallCollection) -> None:
    found = receipt(small.opened(), ABOUT_BREAD, manner=NOTHING)

    score = found.found.misses[0].score
    text_sha256 = sha256(ZINC.encode()).hexdigest()
    first_words = "The price of zinc rose by a tenth, and the smelter at Orm was closed for repairs"
    nearest = Named(1, "zinc", 0, len(ZINC), text_sha256, text_sha256, Role.REMARKS, score, first_words)
    assert found.found == Outcome(True, found.found.confidence, 1.0, Order.RELEVANCE, (), (nearest,))
    manifest = read_manifest(small.index)
    searched = found.searched
    assert (searched.generation, searched.index_sha256) == (1, manifest.sha256)
    assert (searched.encoder, searched.encoder_fingerprint) == ("bag-of-words", small.encoder.fingerprint)
    assert (searched.statements, searched.passages) == (1, 1)
    assert (searched.since, searched.until) == ("2024-05-06", "2024-05-06")
    assert (searched.calibration_threshold, searched.chunker) == (0.5, "sentences-1/60")


def test_a_receipt_is_made_of_an_answer_that_found_something_too(small: SmallCollection) -> None:
    answer, found = answered(small.opened(), ABOUT_ZINC, manner=ANYTHING)
    assert [one.statement_id for one in found.found.quotes] == ["zinc"]
    assert (found.found.misses, found.found.abstained) == ((), False)
    assert (found.found.confidence, found.found.quotes[0].score) == (answer.confidence, answer.quotes[0].score)


def test_a_receipt_asked_for_twice_has_the_same_bytes_and_no_path_in_them(small: SmallCollection) -> None:
    once, again = (written(receipt(small.opened(), ABOUT_BREAD)) for _ in range(2))
    assert once == again
    assert str(small.data).encode() not in once
    assert b"took_ms" not in once


def test_the_sum_inside_is_that_of_the_file_without_it(small: SmallCollection) -> None:
    told = json.loads(written(receipt(small.opened(), ABOUT_BREAD)))
    digest = told.pop("sha256")
    assert digest == sha256((json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()).hexdigest()


@pytest.mark.parametrize(
    "asked",
    [
        {"k": 3, "filters": Filters(date(2020, 1, 1), date(2025, 12, 31), "brand", "kelm", Role.REMARKS)},
        {"history": (Utterance("user", "Who closed the smelter at Orm?"), Utterance("agent", "„Zinc“ 🌍\r\n"))},
        {"manner": Manner(Order.NEWEST, 0.25, frozenset({"period", "order"}))},
    ],
)
def test_what_is_written_is_read_again(small: SmallCollection, asked: dict[str, Any]) -> None:
    made = receipt(small.opened(), "And what was said of zinc since 2020?", **asked)
    assert read_receipt(written(made)) == made
    assert is_receipt(written(made))
    assert verify_receipt(made, small.opened()).verdict is ReceiptVerdict.REPRODUCED


@pytest.mark.parametrize(
    ("question", "asked_on"),
    [
        ("What was said about zinc last month?", TODAY),
        ("What did she say about zinc in 2026?", TODAY),
        ("What did she say about zinc in 2022?", None),
        ("What is the latest statement about zinc?", None),
        ("What did she say about zinc after 9999?", None),
        ("How much zinc was sold last month?", None),
    ],
)
def test_the_day_is_in_a_receipt_only_where_the_question_depends_on_it(
    small: SmallCollection, question: str, asked_on: date | None
) -> None:
    assert receipt(small.opened(), question).asked.asked_on == asked_on


def test_the_day_is_left_out_where_the_asker_sets_the_period(small: SmallCollection) -> None:
    question = "What was said about zinc last month?"
    assert receipt(small.opened(), question, filters=Filters(date(2024, 1, 1))).asked.asked_on is None
    assert receipt(small.opened(), question, manner=Manner(ignore=frozenset({"period"}))).asked.asked_on is None


def test_a_receipt_is_run_again_on_its_day(small: SmallCollection) -> None:
    made = receipt(small.opened(), "What was said about zinc last month?")
    later = Collection(small.archive, small.encoder, small.index, today=lambda: date(2031, 1, 1))
    assert [(wish.since, wish.until) for wish in made.understood] == [("2024-04", "2024-04")]
    report = verify_receipt(made, later)
    assert (report.verdict, report.now) == (ReceiptVerdict.REPRODUCED, made)
    assert receipt(later, "What was said about zinc last month?").understood[0].since == "2030-12"


def test_an_index_built_anew_of_the_same_passages_is_another_generation_with_the_same_content(
    small: SmallCollection,
) -> None:
    made = receipt(small.opened(), ABOUT_BREAD, manner=NOTHING)
    report = verify_receipt(made, rebuilt(small))
    assert report.verdict is ReceiptVerdict.OTHER_GENERATION
    assert (report.same_passages, report.still_nothing) == (True, True)
    assert [one.name for one in report.differing] == ["searched.generation", "searched.index_sha256"]
    assert report.why == (
        "The index was built anew since, from generation 1 to 2: of the same passages, with the same vectors.",
        f"Then as now, nothing is found (confidence {made.found.confidence:g}, threshold 1).",
    )


def test_what_is_found_now_and_was_not_then_is_said(small: SmallCollection) -> None:
    question = "Who wrote the ballad of the ferry at Kelm?"
    before = receipt(small.opened(), question, manner=Manner(threshold=0.8))
    small.put(a_statement("The ballad of the ferry at Kelm was the work of Ida Brook, who wrote it.", id="ballad"))
    report = verify_receipt(before, small.opened())
    assert before.found.abstained
    assert (report.verdict, report.still_nothing) == (ReceiptVerdict.OTHER_GENERATION, False)
    assert report.why[0] == (
        "Another collection is searched now, or another state of it: "
        "the receipt is of generation 1, and this is generation 2 with other passages."
    )
    assert report.why[1] == "2 passages of 2 statements are searched; it was 1 of 1."
    assert report.why[2].startswith("Nothing was found then; now ")
    assert report.why[2].endswith(", first characters 0–72 of 'ballad'.")


def test_an_index_of_as_much_of_the_same_period_may_hold_the_same_otherwise(small: SmallCollection) -> None:
    made = receipt(small.opened(), ABOUT_BREAD, manner=NOTHING)
    other = replace(
        made, searched=replace(made.searched, index_sha256="ab" * 32, content_sha256="cd" * 32, generation=4)
    )
    assert verify_receipt(other, small.opened()).why[0] == (
        "Another index is searched now, generation 1 and not 4: it may hold the same passages, indexed otherwise."
    )
    earlier = replace(other, searched=replace(other.searched, since="2024-05-01"))
    assert verify_receipt(earlier, small.opened()).why[0].startswith("Another collection is searched now, ")


def test_a_receipt_that_hides_what_was_found_differs(small: SmallCollection) -> None:
    made = receipt(small.opened(), ABOUT_ZINC, manner=ANYTHING)
    hidden = replace(made, found=replace(made.found, abstained=True, quotes=(), misses=()))
    report = verify_receipt(hidden, small.opened())
    assert (report.verdict, report.same_passages, report.still_nothing) == (ReceiptVerdict.DIFFERS, False, False)
    assert {one.name for one in report.differing} == {"found.abstained", "found.quotes"}
    assert report.why[0] == "The index is the one that was searched, generation 1; the receipt is another."


def test_an_archive_changed_after_its_index_is_said(small: SmallCollection) -> None:
    made = receipt(small.opened(), ABOUT_ZINC, manner=ANYTHING)
    small.archive.remove("zinc")
    report = verify_receipt(made, small.opened())
    assert report.verdict is ReceiptVerdict.DIFFERS
    assert "The archive was changed since that index was built." in report.why
    assert report.why[-1].startswith("1 passage was found then; now nothing is")


def test_another_calibration_is_said(small: SmallCollection) -> None:
    made = receipt(small.opened(), ABOUT_BREAD)
    stricter = Collection(
        small.archive, small.encoder, small.index, calibration=replace(DEFAULT, threshold=0.75), today=lambda: TODAY
    )
    report = verify_receipt(made, stricter)
    assert report.verdict is ReceiptVerdict.DIFFERS
    assert "The confidence is calibrated otherwise than it was." in report.why


def test_a_changed_receipt_is_not_believed(small: SmallCollection) -> None:
    data = written(receipt(small.opened(), ABOUT_BREAD))
    with pytest.raises(AlteredReceipt, match="was changed since it was made"):
        read_receipt(data.replace(b"sourdough", b"rye dough"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told.update(format=2), "its format is 2, and this release reads 1"),
        (lambda told: told.update(type="Annotation"), "it does not say that it is an onrecord search receipt"),
        (lambda told: told["asked"].update(k=0), "asked → k: Input should be greater than or equal to 1"),
        (lambda told: told["asked"].update(k="5"), "asked → k: Input should be a valid integer"),
        (lambda told: told["found"].pop("misses"), "found → misses: Field required"),
        (lambda told: told.update(note="nothing to see"), "it says more than a receipt says"),
        (lambda told: told["found"].update(note="nothing to see"), "it says more than a receipt says"),
        (lambda told: told["searched"].update(index_sha256="AB"), "searched → index_sha256: String should match"),
        (
            lambda told: told["asked"]["filters"].update(since="2021-01-01", until="2020-01-01"),
            "No day is both since 2021-01-01 and until 2020-01-01",
        ),
        (lambda told: told.pop("found"), "found: "),
    ],
)
def test_what_is_no_receipt_is_refused_with_the_reason(
    small: SmallCollection, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    data = resealed(written(receipt(small.opened(), ABOUT_BREAD)), change)
    with pytest.raises(MalformedReceipt) as refused:
        read_receipt(data)
    assert reason in refused.value.cause
    assert refused.value.cure == "Give the receipt as it was exported, unedited, in UTF-8."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON"),
        (b"[]", "it does not say that it is an onrecord search receipt"),
        (b'{"type": "onrecord search receipt", "type": 1}', "it names the same thing twice in one object"),
        (b'{"k": NaN}', "NaN is no number of JSON"),
        (b"\xff", "it is not UTF-8"),
        (b"[" * 100_000, "its JSON is nested too deeply"),
        (b" " * ((4 << 20) + 1), "it has 4,194,305 bytes"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedReceipt, match=reason):
        read_receipt(data)


def test_half_a_surrogate_pair_is_refused(small: SmallCollection) -> None:
    data = written(receipt(small.opened(), ABOUT_BREAD)).replace(b"How long", b"\\ud83c long")
    with pytest.raises(MalformedReceipt, match="surrogate"):
        read_receipt(data)


def test_a_receipt_is_a_value(small: SmallCollection) -> None:
    assert isinstance(hash(receipt(small.opened(), ABOUT_BREAD)), int)
    assert Receipt.__slots__ == ("asked", "understood", "searched", "found")
