"""Whatever somebody puts into a folder costs only itself: every good file beside it goes in, word for word."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from corpus.errors import OnRecordError, Unreadable
from corpus.readers import Found, confined
from service import ingest
from service.ingest import Ingester, Report
from tests.fakes import BagOfWordsEncoder, SilentProgress
from tests.hostile.kinds import BY_CONTENT, BY_NATURE, KINDS, SECRET, written
from tests.hostile.measured import Cost, measured
from tests.service.small_collection import SmallCollection

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits on memory and processor time are POSIX's")
GOOD = "The ferry to Kelm is late. It will sail on Monday, says note {}."
REFUSED = {
    *("bomb.docx", "beside.docx", "nested.zip.docx", "members.docx", "overlapping.docx", "declares-4gb.docx"),
    *("laughs.docx", "quadratic.docx", "encrypted.docx", "encrypted.pdf", "deep.html", "line.txt", "empty.txt"),
    *("bomb.jsonl.gz", "bomb.jsonl.xz", "cut.jsonl.gz", "twice.jsonl.gz", "garbage.jsonl.gz", "up.jsonl"),
    *("long-line.jsonl", "half.jsonl", "deep.jsonl", "bad.jsonl", "loop.txt", "broken.txt"),
    *("pipe.txt", "socket.txt", "10gb.txt", "10gb.jsonl", "vanishing.txt"),
}
SKIPPED = {"leads-out.txt", "leads-to-device.txt"}


class _Vanishing(SilentProgress):
    """Takes a file away once the list of files is made."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def reading(self, done: int, total: int) -> None:
        super().reading(done, total)
        self._path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Batch:
    small: SmallCollection
    report: Report
    good: dict[str, str]
    """The text of each good file, by the id of its statement."""
    costs: dict[str, Cost]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """One ingest of every hostile file, with good ones between."""
    folder = tmp_path_factory.mktemp("hostile")
    papers, good = folder / "papers", {}
    for number, path in enumerate(written(papers)):
        name = f"{path.name.split('.')[0]}.{number}.txt" if path.name.isprintable() else f"{number}.txt"
        good[f"papers/{name}"] = GOOD.format(number)
        (papers / name).write_text(GOOD.format(number))
    costs: dict[str, Cost] = {}

    def read(file: BinaryIO, name: str) -> Iterator[Found | OnRecordError]:
        if f"papers/{name}" in good:
            yield from confined.read(file, name)
            return
        with measured() as costs[name]:
            given = list(_until_refused(confined.read(file, name)))
        for one in given:
            if isinstance(one, Unreadable) and one.cause.startswith("\0"):
                raise Unreadable(one.cause[1:], one.cure)
            yield one

    small = SmallCollection(folder / "data", BagOfWordsEncoder())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ingest, "read", read)
        ingester = Ingester(small.archive, small.encoder, small.index, _Vanishing(papers / "vanishing.txt"))
        report = ingester.ingest([str(papers)])
    yield Batch(small, report, good, costs)
    confined.stop()


def _until_refused(given: Iterator[Found | OnRecordError]) -> Iterator[Found | OnRecordError]:
    """What is read, and the refusal of the file as a last value, marked, so that costs are of reading alone."""
    try:
        yield from given
    except Unreadable as error:
        yield Unreadable("\0" + error.cause, error.cure)


def test_there_are_more_than_sixty_kinds_of_hostile_files() -> None:
    assert len(KINDS) == len(BY_CONTENT) + len(BY_NATURE) >= 60


def test_every_good_file_of_the_batch_is_in_word_for_word(batch: Batch) -> None:
    held = {name: batch.small.archive.get(name).statement.text for name in batch.good}
    assert held == batch.good


def test_each_hostile_file_is_refused_with_its_reason_or_read(batch: Batch) -> None:
    refused = {Path(one.place).name: one.reason for one in batch.report.refused}
    skipped = {Path(one.place).name: one.reason for one in batch.report.skipped}
    assert refused.keys() >= REFUSED
    assert skipped.keys() >= SKIPPED
    assert all(reason.endswith(".") for reason in [*refused.values(), *skipped.values()])
    read = {Path(batch.small.archive.origin_of(line.id) or "").name for line in batch.small.archive.every_summary()}
    outcomes = {*refused, *skipped, *read}
    assert {name for name in BY_CONTENT if name not in outcomes} == set()


def test_nothing_outside_a_document_gets_into_one(batch: Batch) -> None:
    texts = [batch.small.archive.get(line.id).statement.text for line in batch.small.archive.every_summary()]
    assert not [text for text in texts if SECRET in text or "root:" in text]


def test_no_hostile_file_takes_more_than_five_seconds_and_500_megabytes(batch: Batch) -> None:
    over = {name: cost for name, cost in batch.costs.items() if cost.computing > 5 or cost.megabytes > 500}
    assert over == {}
    assert len(batch.costs) > 60


def test_a_child_that_was_ended_from_outside_costs_no_honest_file() -> None:
    (first,) = confined.read(b"The ferry is late.", "a.txt")
    (resting,) = confined._resting
    os.kill(resting.pid, signal.SIGKILL)
    resting._process.wait()
    (second,) = confined.read(b"The ferry is late.", "a.txt")
    assert first == second
    assert confined._resting[0].pid != resting.pid


def test_one_child_reads_many_files() -> None:
    pids = set()
    for number in range(20):
        (found,) = confined.read(GOOD.format(number).encode(), "a.txt")
        assert isinstance(found, Found)
        assert found.draft.text == GOOD.format(number)
        pids.add(confined._resting[0].pid)
    assert len(pids) == 1


def test_a_child_knows_nothing_of_our_environment_and_can_write_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_KEY", "k-1")
    confined.stop()
    list(confined.read(b"The ferry is late.", "a.txt"))
    place = Path(f"/proc/{confined._resting[0].pid}")
    if not place.exists():
        pytest.skip("there is no /proc to look into")
    assert b"ONRECORD_KEY" not in (place / "environ").read_bytes()
    limits = {line[:26].strip(): line.split()[-3:] for line in (place / "limits").read_text().splitlines()[1:]}
    assert limits["Max file size"][:2] == ["0", "0"]
    assert limits["Max address space"][:2] == ["500000000", "500000000"]
    assert "NoNewPrivs:\t1" in (place / "status").read_text()


def test_a_draft_is_read_in_the_child_as_well() -> None:
    assert confined.read_manuscript(b"> We sail.\n", "a.md").text.strip() == "We sail."
    with pytest.raises(Unreadable, match="This is not a DOCX"):
        confined.read_manuscript(b"We sail.", "a.docx")
