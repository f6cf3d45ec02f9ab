"""Every input that was ever worth keeping is tried again; no fuzzer is needed for that."""

import pytest

from corpus.errors import Unreadable
from tests.fuzz import targets
from tests.fuzz.targets import CORPUS, TARGETS, is_text, saved, tried

SAVED = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_saved_for_a_reader_is_read_safely_or_refused_with_a_reason(name: str) -> None:
    inputs = saved(name)
    assert inputs
    for path in inputs:
        tried(name, path.read_bytes())


def test_the_samples_of_a_format_are_tried_with_its_reader() -> None:
    assert [path.name for path in saved("markdown")] == ["tide-gauges-remarks.md", "all.md"]
    assert [path.parent.name for path in saved("seal")] == ["seal"] * 4


def test_everything_saved_belongs_to_a_target_and_is_small() -> None:
    assert {path.parent.name for path in SAVED} == set(TARGETS)
    assert sum(path.stat().st_size for path in SAVED) <= 150_000


def test_a_refusal_is_well_and_any_other_error_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(_data: bytes) -> None:
        raise Unreadable("This is no text.", "Give a text.")

    def failing(_data: bytes) -> None:
        raise KeyError("text")

    monkeypatch.setitem(TARGETS, "text", refusing)
    tried("text", b"Zinc")
    monkeypatch.setitem(TARGETS, "text", failing)
    with pytest.raises(KeyError):
        tried("text", b"Zinc")


def test_an_input_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "SECONDS", 0.0)
    with pytest.raises(AssertionError, match=r"text took .* seconds of processor time for 4 bytes"):
        tried("text", b"Zinc")


@pytest.mark.parametrize("value", ["a\0b", "half \ud83d of a pair"])
def test_what_cannot_be_kept_is_not_text(value: str) -> None:
    assert not is_text(value)
