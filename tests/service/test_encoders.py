"""Which encoder is used for what, and what becomes of an export that cannot be made."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from embeddings.batching import BatchingEncoder
from embeddings.paired import PairedEncoder
from service import encoders
from service.config import Config, configure
from service.locking import writing
from tests.builders import a_statement
from tests.fakes import BagOfWordsEncoder, SilentProgress
from tests.service.small_collection import SmallCollection


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCollection:
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", BagOfWordsEncoder)
    return SmallCollection(tmp_path / "data").put(a_statement("Zinc is up. Tin is down, and so is lead."))


class Exports:
    """Stands for the export: writes what was found, and remembers on which texts."""

    def __init__(self, *, used: bool = True) -> None:
        self.used = used
        self.compared: list[list[str]] = []

    def __call__(self, _model: Any, folder: Path, passages: list[str], sentences: list[str]) -> None:
        self.compared.append([*passages, *sentences])
        folder.mkdir(parents=True)
        (folder / "parity.json").write_text(json.dumps({"used": self.used, "reason": "so it is"}))


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> Exports:
    made = Exports()
    monkeypatch.setattr(encoders, "_export", made)
    return made


def test_an_encoder_is_exported_once_and_compared_on_passages_and_sentences(
    small: SmallCollection, exports: Exports
) -> None:
    config = Config(small.data)
    progress = SilentProgress()
    assert encoders.unprepared(small.archive, config)
    for _ in range(2):
        encoders.prepare(small.archive, config, progress)
    whole = "Zinc is up. Tin is down, and so is lead."
    assert exports.compared == [[whole, "Zinc is up.", "Tin is down, and so is lead."]]
    assert progress.told == [("exporting", 0, 0)]
    assert not encoders.unprepared(small.archive, config)


def test_a_collection_without_passages_has_nothing_to_compare_on(tmp_path: Path, exports: Exports) -> None:
    empty = SmallCollection(tmp_path / "empty").put()
    encoders.prepare(empty.archive, Config(empty.data), SilentProgress())
    assert exports.compared == []


def test_an_export_that_cannot_be_written_leaves_the_model_to_answer(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoders, "_export", full)
    config = Config(small.data)
    encoders.prepare(small.archive, config, SilentProgress())
    assert encoders.for_questions(small.archive, config).name == "bag-of-words"

    (small.data / "a file").write_text("")
    nowhere = Config(small.data, encoder_folder=small.data / "a file" / "encoder")
    encoders.prepare(small.archive, nowhere, SilentProgress())
    assert encoders.for_questions(small.archive, nowhere).name == "bag-of-words"


def test_while_somebody_else_exports_the_model_answers(small: SmallCollection, exports: Exports) -> None:
    config = Config(small.data)
    with writing(config.encoders, "export"):
        encoders.prepare(small.archive, config, SilentProgress())
    assert exports.compared == []


def test_what_killed_exports_left_is_deleted_by_the_next(small: SmallCollection, exports: Exports) -> None:
    config = Config(small.data)
    left = config.encoders / f"{small.encoder.fingerprint}.1a2b3c4d"
    left.mkdir(parents=True)
    encoders.prepare(small.archive, config, SilentProgress())
    assert not left.exists()
    assert len(exports.compared) == 1


def test_an_encoder_that_was_found_different_is_not_used(small: SmallCollection, exports: Exports) -> None:
    exports.used = False
    config = Config(small.data)
    encoders.prepare(small.archive, config, SilentProgress())
    assert isinstance(encoders.for_questions(small.archive, config), BagOfWordsEncoder)
    assert isinstance(encoders.for_passages(small.archive, config), BagOfWordsEncoder)


def test_an_exported_encoder_answers_without_the_model_being_looked_for(
    small: SmallCollection, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quick(BagOfWordsEncoder):
        def __init__(self, folder: Path) -> None:
            super().__init__()
            self.folder = folder

    config = Config(small.data, encoder_folder=small.data / "shared")
    encoders.prepare(small.archive, config, SilentProgress())
    monkeypatch.setattr(encoders, "OnnxEncoder", Quick)
    assert isinstance(encoders.for_passages(small.archive, config), PairedEncoder)
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", None)
    quick = encoders.for_questions(small.archive, config)
    assert isinstance(quick, Quick)
    assert quick.folder == small.data / "shared" / small.encoder.fingerprint
    assert isinstance(encoders.for_serving(quick), BatchingEncoder)


def test_a_few_passages_are_left_to_the_quick_encoder_and_many_go_to_the_strong() -> None:
    quick, strong = BagOfWordsEncoder(), BagOfWordsEncoder()
    paired = PairedEncoder(quick, strong)

    def encode(count: int) -> Sequence[int]:
        assert paired.encode_passages(["zinc"] * count).shape == (count, 64)
        return quick.encoded, strong.encoded

    assert encode(200) == (200, 0)
    assert encode(56) == (256, 0)
    assert encode(1) == (256, 1)
    assert paired.count_tokens(["zinc is up"]) == [3]
    assert (paired.name, paired.dimension, paired.passage_limit) == ("bag-of-words", 64, 60)


def test_exported_encoders_are_with_the_collection_unless_a_shared_folder_is_named(tmp_path: Path) -> None:
    assert configure("data", None, {}).encoders == Path("data").absolute() / "encoder"
    assert configure("data", None, {"ONRECORD_ENCODERS": "shared"}).encoders == Path("shared").absolute()


def test_a_cross_encoder_is_named_by_the_environment_and_by_nothing_else() -> None:
    assert configure("data", None, {"ONRECORD_CROSS_ENCODER": "reader"}).cross_encoder == "reader"
    assert configure("data", None, {}).cross_encoder is None
