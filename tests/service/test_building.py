"""A generation built from the one before answers as one built anew, and writes little."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from corpus import sealed
from corpus.archive import REMOVED, Archive
from corpus.filters import Filters
from service import building, generations
from service.building import build
from service.generations import INDEXED, Encoding, Manifest, is_complete, open_current
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection

QUESTIONS = ("price of zinc", "report 7", "zinc report 41", "fresh tin", "salt")


@pytest.fixture
def large(tmp_path: Path) -> SmallCollection:
    """Forty statements, indexed as generation 1: a few more are few beside them."""
    small = SmallCollection(tmp_path / "data")
    return small.put(*(a_statement(f"The price of zinc, report {number}.", id=f"z{number:02}") for number in range(40)))


def first(small: SmallCollection, question: str) -> list[str]:
    return small.quoted(question, k=1)


def inode(path: Path) -> int:
    return path.stat().st_ino


def main_part(small: SmallCollection, number: int) -> int:
    return inode(small.index / str(number) / "vectors.faiss")


def rebuilt_anew(small: SmallCollection) -> Manifest:
    encoding = Encoding.of(small.archive)
    assert encoding is not None
    return build(small.archive, small.index, encoding, anew=True)


def answers(small: SmallCollection) -> list[Any]:
    """All that is found for the questions, in order, with scores; confidences too."""
    opened = small.opened()
    found = [opened.ask(question, k=50) for question in QUESTIONS]
    return [(answer.confidence, [(quote.text, quote.score) for quote in answer.quotes]) for answer in found]


def test_a_few_statements_more_leave_the_main_part_as_it_is_and_are_found(large: SmallCollection) -> None:
    large.put(a_statement("Fresh tin is dear.", id="tin"), a_statement("Salt is white.", id="salt"))
    assert main_part(large, 1) == main_part(large, 2)
    assert [len(part) for part in open_current(large.index).parts] == [40, 2]
    assert first(large, "fresh tin") == ["Fresh tin is dear."]

    upon = answers(large)
    rebuilt_anew(large)

    assert [len(part) for part in open_current(large.index).parts] == [42]
    assert answers(large) == upon


def test_more_and_more_statements_are_written_anew_when_they_come_to_a_sixteenth(large: SmallCollection) -> None:
    sizes = []
    for number in range(3):
        large.put(a_statement(f"Tin number {number}.", id=f"tin-{number}"))
        sizes.append([len(part) for part in open_current(large.index).parts])
    assert sizes == [[40, 1], [40, 2], [43]]


def retire(small: SmallCollection, statement_id: str) -> None:
    """Take a statement's passages out as a changed one's are, of which an index may keep the words."""
    small.archive.remove(statement_id)
    small.archive.note(REMOVED, "purged")


def test_once_something_was_removed_all_is_built_anew_and_nothing_older_is_kept(large: SmallCollection) -> None:
    large.archive.remove("z07")
    large.ingest()
    assert [len(part) for part in open_current(large.index).parts] == [39]
    assert sorted(path.name for path in large.index.iterdir() if path.name.isdecimal()) == ["2"]
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    assert [len(part) for part in open_current(large.index).parts] == [39, 1]


def test_a_removal_whose_index_was_not_built_is_purged_by_the_next_build(large: SmallCollection) -> None:
    large.archive.remove("z07")
    assert large.archive.has_removed
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(building, "_delete_older", stopped)
        with pytest.raises(KeyboardInterrupt):
            large.ingest()
    assert large.archive.has_removed
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    assert not large.archive.has_removed
    assert sorted(path.name for path in large.index.iterdir() if path.name.isdecimal()) == ["3"]


def test_what_cannot_be_deleted_yet_is_purged_by_a_later_build(large: SmallCollection) -> None:
    large.archive.remove("z07")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        large.ingest()
    assert large.archive.has_removed


def stopped(*_given: object) -> None:
    raise KeyboardInterrupt


def test_what_tantivy_is_refused_is_said_and_the_index_before_answers_on(large: SmallCollection) -> None:
    def refuse(*_given: object) -> None:
        raise ValueError("TooManyOpenFiles")

    large.archive_only(a_statement("Fresh tin is dear.", id="tin"))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(building, "_add", refuse)
        with pytest.raises(building.NotBuilt, match="could not be built: TooManyOpenFiles"):
            large.ingest()
    assert open_current(large.index).manifest.generation == 1


def test_what_was_removed_is_found_no_more_and_the_rest_as_before(large: SmallCollection) -> None:
    retire(large, "z07")
    large.ingest()
    generation = open_current(large.index)
    assert main_part(large, 1) == main_part(large, 2)
    assert (len(generation), len(generation.parts[0]), len(generation.words)) == (39, 40, 39)
    assert not [text for text in large.quoted("price of zinc report 7", k=50) if "report 7." in text]
    assert len(large.quoted("price of zinc", k=50)) == 39


def test_the_nearest_are_as_many_as_asked_for_though_retired_ones_are_nearer(large: SmallCollection) -> None:
    (vector,) = large.encoder.encode_questions(["The price of zinc, report 7."])
    before = [hit.key for hit in open_current(large.index).nearest(vector, 40)]
    retire(large, "z07")
    large.ingest()
    after = [hit.key for hit in open_current(large.index).nearest(vector, 5)]
    assert after == before[1:6]


def test_a_changed_statement_is_found_by_its_new_words_only(large: SmallCollection) -> None:
    large.put(a_statement("Salt came by ship.", id="z03"))
    assert first(large, "salt") == ["Salt came by ship."]
    assert len(open_current(large.index).parts) == 2
    assert not [text for text in large.quoted("price of zinc report 3", k=50) if text.endswith(" 3.")]


def test_filters_hold_over_both_parts(large: SmallCollection) -> None:
    large.put(a_statement("The price of zinc fell.", id="fell", speaker="Bo Lund"))
    assert large.quoted("price of zinc", filters=Filters(speaker="lund")) == ["The price of zinc fell."]
    assert len(large.quoted("price of zinc", k=50, filters=Filters(speaker="brand"))) == 40


def test_an_archive_restored_from_a_backup_is_indexed_anew(large: SmallCollection) -> None:
    large.archive.flush()
    backup = large.archive.path.read_bytes()
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    large.archive.close()
    large.archive.path.write_bytes(backup)
    restored = SmallCollection(large.data)
    restored.put(a_statement("Salt is white.", id="salt"))
    assert [len(part) for part in open_current(restored.index).parts] == [41]
    assert first(restored, "salt") == ["Salt is white."]
    assert "Fresh tin is dear." not in restored.quoted("fresh tin", k=50)


def test_another_encoder_shares_nothing_with_the_generation_before(large: SmallCollection) -> None:
    large.encoder = type(large.encoder)("another model")
    large.ingester().reencode()
    assert [len(part) for part in open_current(large.index).parts] == [40]
    assert main_part(large, 1) != main_part(large, 2)


def test_damage_to_the_generation_before_is_not_taken_over(large: SmallCollection) -> None:
    path = large.index / "1" / "vectors.faiss"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    assert [len(part) for part in open_current(large.index).parts] == [41]


def test_what_was_taken_over_is_not_read_again_by_who_opens_it(
    large: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time_ns() + 60 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    open_current(large.index)
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    read: list[str] = []
    hashed = sealed._sha256_of

    def heard(path: Path) -> str:
        read.append(path.name)
        return hashed(path)

    monkeypatch.setattr(sealed, "_sha256_of", heard)
    open_current(large.index)
    assert "vectors.faiss" not in read


def test_where_files_cannot_be_linked_they_are_copied(large: SmallCollection, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refused)
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    assert main_part(large, 1) != main_part(large, 2)
    assert [len(part) for part in open_current(large.index).parts] == [40, 1]
    assert first(large, "fresh tin") == ["Fresh tin is dear."]


@pytest.mark.parametrize("step", ["_take_over", "_add", "_digests", "_put_in_use", "_delete_older"])
def test_a_small_build_that_fails_is_made_good_by_the_next(
    large: SmallCollection, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def stop(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(building, step, stop)
        with pytest.raises(KeyboardInterrupt):
            large.put(a_statement("Fresh tin is dear.", id="tin"))

    large.ingest()
    assert is_complete(large.archive, large.index)
    assert first(large, "fresh tin") == ["Fresh tin is dear."]


def test_a_collection_with_passages_to_encode_is_not_complete(large: SmallCollection) -> None:
    large.archive_only(a_statement("Fresh tin is dear.", id="tin"))
    encoding = Encoding.of(large.archive)
    assert encoding is not None
    assert build(large.archive, large.index, encoding).pending == 1
    assert not is_complete(large.archive, large.index)
    large.ingest()
    assert is_complete(large.archive, large.index)


def test_a_generation_in_use_is_not_touched_by_building_the_next(large: SmallCollection) -> None:
    before = {path: path.read_bytes() for path in (large.index / "1").rglob("*") if path.is_file()}
    opened = large.opened()
    opened.ask("price of zinc")
    retire(large, "z01")
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    after = {path: path.read_bytes() for path in before if path.exists()}
    kept = {path: data for path, data in before.items() if path.suffix != ".lock" and path.name != ".checked"}
    assert {path: after.get(path) for path in kept} == kept


def test_a_note_that_was_lost_only_costs_a_build_anew(large: SmallCollection) -> None:
    Archive.note(large.archive, INDEXED, "0")
    large.put(a_statement("Fresh tin is dear.", id="tin"))
    assert [len(part) for part in open_current(large.index).parts] == [41]


def test_questions_whose_words_lead_to_only_one_of_the_parts_are_answered(tmp_path: Path) -> None:
    """More passages than a search looks at, so that some are found by their words alone."""
    small = SmallCollection(tmp_path / "data")
    small.put(
        *(
            a_statement(f"Item {number % 7} of zinc, lot {number}, {number**2}.", id=f"{number}")
            for number in range(300)
        )
    )
    small.put(a_statement("Fresh tin is dear.", id="tin"))
    assert [len(part) for part in open_current(small.index).parts] == [300, 1]
    upon = [small.quoted(question, k=5) for question in ("zinc lot 250", "fresh tin", "item 3 of lot 17", "81")]
    rebuilt_anew(small)
    assert upon == [small.quoted(question, k=5) for question in ("zinc lot 250", "fresh tin", "item 3 of lot 17", "81")]
    assert all(upon)


def test_removing_one_by_one_comes_to_a_sixteenth_too(large: SmallCollection) -> None:
    sizes = []
    for number in range(4):
        retire(large, f"z{number:02}")
        large.ingest()
        sizes.append([len(part) for part in open_current(large.index).parts])
    assert sizes == [[40], [40], [37], [37]]


def test_after_removals_no_words_weigh_less_than_nothing(large: SmallCollection) -> None:
    retire(large, "z07")
    retire(large, "z08")
    large.ingest()
    words = open_current(large.index).words
    assert len(words) == 38
    assert min(words.rarities("zinc price tin").values()) >= 0


def test_an_index_deleted_under_an_open_collection_goes_on_answering_filtered_questions_too(
    large: SmallCollection,
) -> None:
    opened = large.opened()
    opened.ask("price of zinc")
    shutil.rmtree(large.index)
    assert opened.ask("price of zinc", filters=Filters(speaker="brand")).quotes
    assert not opened.ask("price of zinc", filters=Filters(speaker="nobody")).quotes


def test_a_generation_deleted_while_it_is_opened_gives_way_to_the_newer_one(
    large: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = generations.checked_manifest

    def late(generation: Path) -> Manifest:
        monkeypatch.setattr(generations, "checked_manifest", checked)
        for number in range(2):
            large.put(a_statement(f"Tin number {number}.", id=f"tin-{number}"))
        return checked(generation)

    monkeypatch.setattr(generations, "checked_manifest", late)
    assert open_current(large.index).manifest.generation == 3
