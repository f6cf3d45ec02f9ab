"""What a collection says of itself."""

from pathlib import Path

import pytest

from corpus.records import Counts
from service.config import Config
from service.generations import Encoding
from service.status import Status, status_of
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    return SmallCollection(tmp_path / "data").put(a_statement("Zinc is up."))


def status(small: SmallCollection) -> Status:
    return status_of(small.archive, Config(small.data))


def test_a_sound_collection_is_current(small: SmallCollection) -> None:
    assert status(small) == Status(
        str(small.data),
        Counts(1, 1, 1, 0, "2024-05-06", "2024-05-06"),
        Encoding("bag-of-words", small.encoder.fingerprint, 64, "sentences-1/60"),
        1,
        1,
        "current",
        "the model is exported by the next question",
        "from a confidence of 0.5 on; calibration: default",
        "not sealed: it is being written, was copied here or its writer was stopped; the next question seals it",
    )


def test_a_collection_that_changed_since_is_outdated_and_says_what_is_pending(small: SmallCollection) -> None:
    small.archive_only(a_statement("Tin is down.", id="tin"))
    found = status(small)
    assert (found.holds.passages, found.holds.pending, found.indexed) == (2, 1, 1)
    assert found.index == "outdated: the next question brings it in step"


def test_a_damaged_index_says_what_is_wrong_and_how_to_mend_it(small: SmallCollection) -> None:
    (small.index / "1" / "vectors.faiss").write_bytes(b"")
    found = status(small)
    assert (found.generation, found.indexed) == (None, 0)
    assert found.index == (
        "Index generation 1 is damaged: vectors.faiss is not the file that was written. "
        "Run `onrecord reindex`; it builds the index anew from the archive."
    )


def test_a_new_collection_has_no_encoding_and_no_index(tmp_path: Path) -> None:
    found = status(SmallCollection(tmp_path))
    assert found.holds == Counts(0, 0, 0, 0, None, None)
    assert (found.encoding, found.generation) == (None, None)
    assert found.index.startswith("There is no index yet.")


@pytest.mark.parametrize(
    ("parity", "said"),
    [
        ('{"used": true, "reason": "All equal."}', "exported encoder. All equal."),
        ('{"used": false, "reason": "Too far."}', "sentence-transformers, slow to start. Too far."),
        ("{", r"is damaged: parity.json is missing or cannot be read. Delete that folder; the encoder is made again."),
    ],
)
def test_how_questions_are_encoded_is_said_with_the_reason(small: SmallCollection, parity: str, said: str) -> None:
    folder = small.data / "encoder" / small.encoder.fingerprint
    folder.mkdir(parents=True)
    (folder / "parity.json").write_text(parity)
    assert status(small).asking.endswith(said)
