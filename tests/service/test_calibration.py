"""A calibration without labels: cosines of another encoder are brought to where the default's are."""

import json
import re
from pathlib import Path

import pytest

from corpus.archive_file import UnusableFolder
from service.calibration import (
    FEWEST,
    FILE,
    MOST,
    OTHER_MATTERS,
    NotTold,
    Origin,
    TooFewPassages,
    calibrate,
    load,
    made_questions,
    save,
    with_cosines,
)
from service.evidence import DEFAULT, DamagedCalibration

OWN = with_cosines(DEFAULT, 2.0, -0.25)


def words(text: str) -> list[str]:
    """Lower-case words, but those of one or two letters."""
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 2]


def passages(count: int) -> list[str]:
    return [
        f"Short one. The harbour{number} fees of the northern islands rise by a tenth every Monday."
        for number in range(count)
    ]


class Encoder:
    """Takes one cosine for what the collection says, and another for all else; remembers what it was asked."""

    def __init__(self, inside: float, elsewhere: float) -> None:
        self.inside, self.elsewhere = inside, elsewhere
        self.asked: list[str] = []

    def nearest(self, question: str) -> float:
        self.asked.append(question)
        return self.elsewhere if question in OTHER_MATTERS else self.inside


def test_where_the_default_was_fitted_it_stays_as_it_is() -> None:
    found = calibrate(passages(60), words, Encoder(0.57, 0.29).nearest)
    assert dict(found.weights) == pytest.approx(dict(DEFAULT.weights))
    assert found.bias == pytest.approx(DEFAULT.bias)


def test_cosines_of_another_encoder_are_brought_to_the_default_ones() -> None:
    found = calibrate(passages(60), words, Encoder(0.97, 0.89).nearest)
    scale = (0.57 - 0.29) / 0.08
    near = DEFAULT.weights["nearest"] + DEFAULT.weights["witnesses"]
    assert found.weights["nearest"] == pytest.approx(scale * DEFAULT.weights["nearest"])
    assert found.weights["witnesses"] == pytest.approx(scale * DEFAULT.weights["witnesses"])
    assert found.weights["pairs"] == DEFAULT.weights["pairs"]
    assert found.bias == pytest.approx(DEFAULT.bias + (0.29 - scale * 0.89) * near)


@pytest.mark.parametrize(
    ("inside", "taken_for"),
    [
        (0.61, 0.59),  # 0.04 off: half of it is made up for
        (0.42, 0.5325),  # 0.15 off: three quarters
        (0.36, 0.57),  # 0.21 off: all
    ],
)
def test_what_collections_of_one_encoder_differ_by_is_made_up_for_in_part(inside: float, taken_for: float) -> None:
    found = calibrate(passages(60), words, Encoder(inside, 0.29).nearest)
    scale = (taken_for - 0.29) / (inside - 0.29)
    assert found.weights["nearest"] == pytest.approx(scale * DEFAULT.weights["nearest"])


def test_it_asks_all_other_matters_and_no_more_than_so_many_of_its_own() -> None:
    encoder = Encoder(0.57, 0.29)
    calibrate(passages(MOST + 30), words, encoder.nearest)
    assert [question for question in encoder.asked if question in OTHER_MATTERS] == list(OTHER_MATTERS)
    assert len(encoder.asked) == MOST + len(OTHER_MATTERS)


def test_too_few_passages_are_refused() -> None:
    with pytest.raises(TooFewPassages, match=rf"49 passages .* at least {FEWEST}"):
        calibrate([*passages(FEWEST - 1), "Too short."], words, Encoder(0.57, 0.29).nearest)


def test_an_encoder_to_which_all_is_alike_is_refused() -> None:
    with pytest.raises(NotTold):
        calibrate(passages(60), words, Encoder(0.9, 0.89).nearest)


def test_a_made_question_is_most_telling_words_of_one_sentence_in_their_order() -> None:
    (made,) = made_questions(["Short one. The northern harbour will close on Monday for repairs to its lights."], words)
    telling = ["The", "northern", "harbour", "will", "close", "Monday", "for", "repairs", "its", "lights"]
    kept = made.split()
    assert len(kept) == 7
    assert kept == [word for word in telling if word in kept]


def test_the_same_seed_makes_the_same_questions_and_another_others() -> None:
    assert made_questions(passages(60), words, 7) == made_questions(passages(60), words, 7)
    assert made_questions(passages(60), words, 7) != made_questions(passages(60), words, 8)


def test_other_matters_are_sixty_questions_all_different() -> None:
    assert len(set(OTHER_MATTERS)) == 60
    assert all(question.endswith("?") for question in OTHER_MATTERS)


def test_what_is_saved_is_loaded_for_the_same_encoder_only(tmp_path: Path) -> None:
    save(OWN, tmp_path, "abc")
    assert load(tmp_path, "abc") == (OWN, Origin.OWN)
    assert load(tmp_path, "def") == (DEFAULT, Origin.OTHER_ENCODER)


def test_where_none_is_kept_the_default_serves(tmp_path: Path) -> None:
    assert load(tmp_path, "abc") == (DEFAULT, Origin.DEFAULT)


def test_saving_leaves_nothing_else_behind_and_replaces_the_one_before(tmp_path: Path) -> None:
    save(OWN, tmp_path, "abc")
    save(DEFAULT, tmp_path, "abc")
    assert load(tmp_path, "abc") == (DEFAULT, Origin.OWN)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_when_it_cannot_be_written_what_was_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(OWN, tmp_path, "abc")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnusableFolder, match="No space left on device"):
        save(DEFAULT, tmp_path, "abc")
    assert load(tmp_path, "abc") == (OWN, Origin.OWN)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        json.dumps({"encoder": "abc"}),
        json.dumps({"encoder": "abc", "calibration": {}}),
        json.dumps({"encoder": "abc", "calibration": None}),
        '{"encoder": "def", "calibration": {}}',
    ],
)
def test_a_damaged_file_is_refused_whatever_encoder_it_is_for(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DamagedCalibration):
        load(tmp_path, "abc")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedCalibration, match="cannot be read"):
        load(tmp_path, "abc")
