"""An index generation is whole and what its manifest says, or it is not used."""

import gc
import os
import weakref
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from corpus.columns import ColumnsWriter
from corpus.keywords import KeywordWriter
from embeddings import faiss_index
from service import building
from service.building import build
from service.generations import (
    DamagedIndex,
    Encoding,
    Manifest,
    NoIndex,
    checked_manifest,
    current_number,
    is_current,
    naming,
    open_current,
    open_usable,
    read_manifest,
)
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    """One statement, indexed as generation 1."""
    return SmallCollection(tmp_path / "data").put(a_statement("Zinc is up. Tin is down."))


def rebuild(small: SmallCollection) -> Manifest:
    encoding = Encoding.of(small.archive)
    assert encoding is not None
    return build(small.archive, small.index, encoding, anew=True)


def files_of(small: SmallCollection) -> list[Path]:
    return sorted(path for path in (small.index / "1").rglob("*") if path.is_file() and path.suffix != ".lock")


def test_a_manifest_says_what_its_generation_was_built_from(small: SmallCollection) -> None:
    manifest = read_manifest(small.index)
    written = {path.relative_to(small.index / "1").as_posix(): path.read_bytes() for path in files_of(small)}
    digests = {name: sha256(data).hexdigest() for name, data in written.items() if name != "manifest.json"}
    assert manifest == Manifest(
        format=5,
        generation=1,
        encoder="bag-of-words",
        fingerprint=small.encoder.fingerprint,
        dimension=64,
        chunker="sentences-1/60",
        passages=1,
        pending=0,
        main=1,
        main_through=1,
        position=small.archive.position,
        files=digests,
    )
    assert "vectors.faiss" in digests


def test_a_generation_that_nobody_uses_any_more_is_out_of_memory_at_once(small: SmallCollection) -> None:
    opened = open_current(small.index)
    assert opened.words.search("zinc", 1)
    assert opened.words.rarities("zinc")
    assert opened.words.holding("zinc is up", 1)
    assert opened.words.like("zinc is down", 1)
    assert opened.nearest(small.encoder.encode_questions(["zinc"])[0], 1)
    parts = [weakref.ref(one) for one in (opened.words, opened.columns, *opened.parts)]

    gc.disable()
    try:
        del opened
        assert [part() for part in parts] == [None] * 3
    finally:
        gc.enable()


def test_an_opened_generation_holds_every_embedded_passage(small: SmallCollection) -> None:
    generation = open_current(small.index)
    assert (len(generation), len(generation.words), [len(part) for part in generation.parts]) == (1, 1, [1])
    assert generation.manifest == read_manifest(small.index)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flipped, truncated, Path.unlink], ids=["flipped byte", "truncated", "missing"])
def test_damage_to_any_file_is_noticed_before_it_is_searched(
    small: SmallCollection, damage: Callable[[Path], None]
) -> None:
    files = files_of(small)
    assert len(files) > 4
    for path in files:
        written = path.read_bytes()
        damage(path)
        with pytest.raises(DamagedIndex, match=r"generation 1 is damaged: .*Run `onrecord reindex`"):
            open_current(small.index)
        path.write_bytes(written)
    assert open_current(small.index).manifest.generation == 1


def test_a_file_too_many_is_noticed(small: SmallCollection) -> None:
    (small.index / "1" / "words" / "another.idx").write_bytes(b"")
    with pytest.raises(DamagedIndex, match=r"words/another\.idx is not the file that was written"):
        open_current(small.index)


def test_the_manifest_of_another_generation_is_not_believed(small: SmallCollection) -> None:
    rebuild(small)
    (small.index / "2" / "manifest.json").write_bytes((small.index / "1" / "manifest.json").read_bytes())
    with pytest.raises(DamagedIndex, match="belongs to another generation or release"):
        open_current(small.index)


def test_without_a_generation_in_use_there_is_no_index(small: SmallCollection) -> None:
    (small.index / "CURRENT").unlink()
    assert current_number(small.index) is None
    with pytest.raises(NoIndex, match="Run `onrecord reindex`"):
        open_current(small.index)


@pytest.mark.parametrize("content", [b"", b"one", b"\xff", b"1", b"2 6b86b273ff34fce1", b"1 6b86b273ff34fce1 "])
def test_a_name_of_the_generation_in_use_that_was_altered_is_damage(small: SmallCollection, content: bytes) -> None:
    (small.index / "CURRENT").write_bytes(content)
    assert current_number(small.index) is None
    with pytest.raises(DamagedIndex, match="CURRENT, which names the one in use, is altered or of another release"):
        open_current(small.index)


def test_a_generation_that_is_named_and_not_there_is_damage(small: SmallCollection) -> None:
    (small.index / "CURRENT").write_text(naming(41))
    with pytest.raises(DamagedIndex, match="generation 41 is damaged: its manifest cannot be read"):
        open_current(small.index)


STEPS: list[tuple[object, str]] = [
    (building, "_write_vectors"),
    (faiss_index, "write"),
    (KeywordWriter, "commit"),
    (ColumnsWriter, "write"),
    (building, "_digests"),
    (Manifest, "write"),
    (building, "_flush"),
    (Path, "rename"),
    (building, "_put_in_use"),
    (Path, "replace"),
]


@pytest.mark.parametrize(("place", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_build_that_fails_leaves_the_generation_before_in_use(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch, place: Any, step: str
) -> None:
    small.archive_only(a_statement("Lead is down.", id="lead"))

    def stop(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(place, step, stop)
        with pytest.raises(KeyboardInterrupt):
            rebuild(small)

    assert open_current(small.index).manifest.generation == 1
    assert [path.name for path in small.index.glob("building-*")] == []
    assert not is_current(small.archive, small.index)
    rebuild(small)
    assert open_current(small.index).manifest.position == small.archive.position


def test_a_generation_is_put_in_use_by_one_replacement_when_it_is_whole(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced: list[tuple[str, str, str]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        before = (small.index / "CURRENT").read_text()
        replaced.append((self.name, Path(target).name, before))
        assert checked_manifest(small.index / "2").generation == 2
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    rebuild(small)

    assert replaced == [("CURRENT.new", "CURRENT", naming(1))]
    assert (small.index / "CURRENT").read_text() == naming(2)


def test_every_file_is_on_the_disk_before_the_generation_is_named(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    rebuild(small)

    written = [path for path in (small.index / "2").rglob("*") if path.suffix != ".lock"]
    last = synced.index((small.index / "CURRENT").stat().st_ino)
    assert {path.stat().st_ino for path in written} <= set(synced[:last])


def test_only_the_generation_in_use_and_the_one_before_are_kept(small: SmallCollection) -> None:
    (small.index / "building-1").mkdir()
    for _ in range(3):
        rebuild(small)
    assert sorted(path.name for path in small.index.iterdir()) == ["3", "4", "CURRENT"]
    assert current_number(small.index) == 4


def test_a_generation_is_current_until_the_archive_changes(small: SmallCollection) -> None:
    assert is_current(small.archive, small.index)
    small.archive_only(a_statement("Lead is down.", id="lead"))
    assert not is_current(small.archive, small.index)
    rebuild(small)
    assert is_current(small.archive, small.index)
    (small.index / "2" / "manifest.json").write_text("{}")
    assert not is_current(small.archive, small.index)


def test_a_passage_without_a_vector_is_in_neither_index(small: SmallCollection) -> None:
    small.archive_only(a_statement("Lead is down.", id="lead"))
    assert rebuild(small).passages == 1
    assert len(open_current(small.index)) == 1


def test_an_archive_without_statements_has_an_index_too(tmp_path: Path) -> None:
    empty = SmallCollection(tmp_path / "data").put()
    assert open_current(empty.index).manifest.passages == 0
    assert is_current(empty.archive, empty.index)


def test_an_archive_says_nothing_of_its_encoding_until_something_was_ingested(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    assert Encoding.of(small.archive) is None
    small.put()
    assert Encoding.of(small.archive) == Encoding("bag-of-words", small.encoder.fingerprint, 64, "sentences-1/60")


def second(small: SmallCollection) -> SmallCollection:
    """Another generation, without a file in common with the first."""
    small.archive_only(a_statement("Lead is down.", id="lead"))
    rebuild(small)
    return small


def test_when_the_generation_in_use_is_damaged_the_one_before_answers_and_says_so(small: SmallCollection) -> None:
    second(small)
    opened = small.opened()
    assert (opened.generation().generation, opened.notice()) == (2, None)
    (small.index / "2" / "vectors.faiss").write_bytes(b"")
    assert opened.generation().generation == 1
    assert opened.notice() == (
        "Index generation 2 is damaged: vectors.faiss is not the file that was written. Generation 1 answers instead; "
        "what was ingested since is not found. Run `onrecord reindex`; it builds the index anew from the archive."
    )
    rebuild(small)
    assert (opened.generation().generation, opened.notice()) == (3, None)


def test_when_what_names_the_generation_in_use_is_damaged_the_newest_whole_one_answers(small: SmallCollection) -> None:
    second(small)
    (small.index / "CURRENT").write_text("3")
    assert open_usable(small.index, small.archive).manifest.generation == 2
    (small.index / "2" / "manifest.json").unlink()
    assert open_usable(small.index, small.archive).manifest.generation == 1


def test_a_generation_of_another_encoding_never_answers_instead(small: SmallCollection) -> None:
    second(small)
    (small.index / "2" / "manifest.json").unlink()
    small.archive.adopt({"fingerprint": "ab" * 32}, forgetting_vectors=False)
    with pytest.raises(DamagedIndex, match="generation 2 is damaged"):
        open_usable(small.index, small.archive)


def test_a_file_that_is_written_to_while_it_is_searched_is_noticed(small: SmallCollection) -> None:
    opened = small.opened()
    assert opened.generation().generation == 1
    path = small.index / "1" / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(DamagedIndex, match=r"vectors\.faiss is not the file that was written"):
        opened.ask("zinc")


def test_a_file_that_was_only_touched_goes_on_being_searched(small: SmallCollection) -> None:
    opened = small.opened()
    before = opened.in_use()
    os.utime(small.index / "1" / "vectors.faiss")
    assert opened.ask("price of zinc").index.generation == 1
    assert opened.in_use() is not before


def test_every_byte_of_a_manifest_counts(small: SmallCollection) -> None:
    path = small.index / "1" / "manifest.json"
    written = path.read_bytes()
    for place in range(0, len(written), 7):
        path.write_bytes(written[:place] + bytes([written[place] ^ 1]) + written[place + 1 :])
        with pytest.raises(DamagedIndex, match="its manifest"):
            open_current(small.index)
    path.write_bytes(written)
    assert open_current(small.index).manifest.generation == 1


def test_a_generation_of_another_time_never_answers_instead(small: SmallCollection) -> None:
    second(small)
    small.archive.note("indexed before", "0")
    (small.index / "2" / "manifest.json").unlink()
    with pytest.raises(DamagedIndex, match="generation 2 is damaged"):
        open_usable(small.index, small.archive)
