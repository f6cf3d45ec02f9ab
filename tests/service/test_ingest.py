"""Ingesting: every good file goes in, every bad one is told, and an interruption costs nothing."""

import io
import json
import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import service.ingest
from corpus.archive import Archive
from corpus.keywords import KeywordWriter
from corpus.records import UnknownStatement
from embeddings import faiss_index
from service import building, ingest
from service.generations import Encoding, OtherEncoder, is_current
from service.ingest import OtherChunker, Report
from tests.fakes import BagOfWordsEncoder
from tests.service.small_collection import SmallCollection, content

ZINC = "The price of zinc rose in Orm. The harbour master thanked the crews. The toll on tin fell in Varn last week."
FERRY = "The ferry to Kelm is late again today. Nobody has said why. It will sail on Monday when the ice is gone."
LINES = "".join(
    f'{{"id": "line-{n}", "text": "Line {n} says that lead is cheap in Orm. So it is in Kelm."}}\n' for n in (1, 2, 3)
)


def a_collection(folder: Path) -> SmallCollection:
    """An empty collection whose passages are a sentence or two."""
    return SmallCollection(folder, BagOfWordsEncoder(passage_limit=12))


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    return a_collection(tmp_path / "data")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Two texts and three lines: five statements."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "zinc.txt").write_text(ZINC)
    (folder / "ferry.txt").write_text(FERRY)
    (folder / "lead.jsonl").write_text(LINES)
    return folder


def counted(report: Report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, len(report.refused)


def reasons(report: Report) -> list[str]:
    return [refusal.reason for refusal in report.refused]


def text_of(small: SmallCollection, statement_id: str, version: int | None = None) -> str:
    return small.archive.get(statement_id, version).statement.text


def test_a_folder_goes_in_whole_and_can_be_asked_at_once(small: SmallCollection, papers: Path) -> None:
    report = small.ingest(papers)
    assert counted(report) == (5, 0, 0, 0)
    assert (report.files, report.passages) == (3, small.archive.counts().passages)
    assert [line.id for line in small.archive.summaries()] == [
        "line-1",
        "line-2",
        "line-3",
        "papers/ferry.txt",
        "papers/zinc.txt",
    ]
    assert text_of(small, "papers/zinc.txt") == ZINC
    assert "The price of zinc rose in Orm." in small.quoted("price of zinc in Orm")[0]


def test_the_same_bytes_again_do_nothing(small: SmallCollection, papers: Path) -> None:
    small.ingest(papers)
    before, position, encoded = content(small.archive), small.archive.position, small.encoder.encoded

    report = small.ingest(papers, papers / "zinc.txt")

    assert counted(report) == (0, 0, 6, 0)
    assert report.passages == 0
    assert (content(small.archive), small.archive.position) == (before, position)
    assert small.encoder.encoded == encoded
    assert small.opened().generation().generation == 1


def test_changed_bytes_make_a_second_version_and_retire_the_old_passages(small: SmallCollection, papers: Path) -> None:
    small.ingest(papers)
    (papers / "zinc.txt").write_text(ZINC.replace("rose", "sank"))

    assert counted(small.ingest(papers)) == (0, 1, 4, 0)

    assert small.archive.get("papers/zinc.txt").version == 2
    assert text_of(small, "papers/zinc.txt", 1) == ZINC
    quoted = small.quoted("price of zinc in Orm", k=20)
    assert any("The price of zinc sank in Orm." in text for text in quoted)
    assert not any("rose" in text for text in quoted)


def test_the_same_name_in_another_folder_never_becomes_a_version(small: SmallCollection, tmp_path: Path) -> None:
    folders = [tmp_path / place / "press" for place in ("orm", "kelm", "varn")]
    for folder, text in zip(folders, (ZINC, FERRY, ZINC), strict=True):
        folder.mkdir(parents=True)
        (folder / "note.txt").write_text(text)

    assert counted(small.ingest(*folders)) == (2, 0, 1, 0)

    first, second = (line.id for line in small.archive.summaries())
    assert first == "press/note.txt"
    assert second.startswith("press/note.txt~")
    assert (text_of(small, first), text_of(small, second)) == (ZINC, FERRY)
    assert small.archive.counts().versions == 2
    small.archive.remove(first)
    assert counted(small.ingest(folders[1])) == (0, 0, 1, 0)


def test_a_file_is_the_same_however_the_way_to_it_is_written(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.ingest(papers / "zinc.txt")
    (papers / "zinc.txt").write_text(FERRY)
    monkeypatch.chdir(papers)
    assert counted(small.ingest("../papers/./zinc.txt")) == (0, 1, 0, 0)
    assert counted(small.ingest(".", issuer=None)) == (4, 0, 1, 0)


def test_an_issuer_is_for_those_that_name_none_and_stays_until_another_is_given(
    small: SmallCollection, papers: Path
) -> None:
    named = papers / "named.jsonl"
    named.write_text('{"id": "named", "text": "Zinc is up.", "issuer": "Port of Kelm"}')
    small.ingest(papers / "zinc.txt", named, issuer="Port of Orm")
    assert small.archive.get("papers/zinc.txt").statement.issuer == "Port of Orm"
    assert small.archive.get("named").statement.issuer == "Port of Kelm"

    assert counted(small.ingest(papers / "zinc.txt")) == (0, 0, 1, 0)
    (papers / "zinc.txt").write_text(FERRY)
    small.ingest(papers / "zinc.txt")
    assert small.archive.get("papers/zinc.txt").statement.issuer == "Port of Orm"

    assert counted(small.ingest(papers / "zinc.txt", issuer="Port of Varn")) == (0, 1, 0, 0)
    assert small.archive.get("papers/zinc.txt").statement.issuer == "Port of Varn"


# Interruptions


class Interrupted(BaseException):
    """Stands for Ctrl-C, a power cut, a full disk."""


class Step(NamedTuple):
    """The `call`-th call of a function: the last thing done, or the first thing not done."""

    name: str
    place: Any
    function: str
    call: int
    done: bool


STEPS = [
    Step("the encoder is noted", Archive, "adopt", 1, done=True),
    Step("the first statement is to go in", Archive, "put", 1, done=False),
    *(Step(f"statement {n} is in", Archive, "put", n, done=True) for n in range(1, 6)),
    Step("passages are to be encoded", BagOfWordsEncoder, "encode_passages", 1, done=False),
    Step("some passages are encoded", BagOfWordsEncoder, "encode_passages", 2, done=True),
    Step("some vectors are kept", Archive, "keep_vectors", 1, done=True),
    Step("more vectors are kept", Archive, "keep_vectors", 2, done=True),
    Step("the index is to be built", service.ingest, "build", 1, done=False),
    Step("its vectors are written", faiss_index, "write", 1, done=True),
    Step("its words are written", KeywordWriter, "commit", 1, done=True),
    Step("it is to be put in use", building, "_put_in_use", 1, done=False),
    Step("it is to be noted", Archive, "note", 1, done=False),
    Step("older ones are to be deleted", building, "_delete_older", 1, done=False),
]


def interrupt(monkeypatch: pytest.MonkeyPatch, step: Step) -> None:
    """Let the work stop at the step."""
    real: Callable[..., Any] = getattr(step.place, step.function)
    calls = count(1)

    def stopping(*given: Any, **named: Any) -> Any:
        now = next(calls) == step.call
        if now and not step.done:
            raise Interrupted
        result = real(*given, **named)
        if now:
            raise Interrupted
        return result

    monkeypatch.setattr(step.place, step.function, stopping)


def answers(small: SmallCollection) -> list[object]:
    opened = small.opened()
    found = [
        opened.ask(question, k=20) for question in ("price of zinc", "Is the ferry late?", "Is lead cheap in Orm?")
    ]
    return [(quote.text, quote.score, quote.also, quote.citation) for answer in found for quote in answer.quotes]


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_a_run_cut_short_anywhere_and_run_again_is_as_if_it_had_not_been(
    tmp_path: Path, papers: Path, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    monkeypatch.setattr(ingest, "_BATCH", 4)
    whole = a_collection(tmp_path / "whole")
    whole.ingest(papers)
    broken = a_collection(tmp_path / "broken")
    with monkeypatch.context() as stopped:
        interrupt(stopped, step)
        with pytest.raises(Interrupted):
            broken.ingest(papers)
    broken.archive.close()

    again = a_collection(tmp_path / "broken")
    report = again.ingest(papers)

    assert report.new + report.unchanged == 5
    assert content(again.archive) == content(whole.archive)
    assert answers(again) == answers(whole)
    assert is_current(again.archive, again.index)


def test_what_was_encoded_before_an_interruption_is_not_encoded_again(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_BATCH", 4)
    with monkeypatch.context() as stopped:
        interrupt(stopped, Step("", Archive, "keep_vectors", 2, done=True))
        with pytest.raises(Interrupted):
            small.ingest(papers)
    report = small.ingest(papers)
    assert report.passages == small.archive.counts().passages - 8
    under_way = 4
    assert small.encoder.encoded == small.archive.counts().passages + under_way


@pytest.mark.parametrize(("function", "call"), [("replace_passages", 2), ("adopt", 1), ("adopt", 2)])
def test_encoding_anew_that_was_cut_short_is_finished_by_doing_it_again(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch, function: str, call: int
) -> None:
    small.ingest(papers)
    small.encoder = BagOfWordsEncoder("another model", passage_limit=30)
    with monkeypatch.context() as stopped:
        interrupt(stopped, Step("", Archive, function, call, done=True))
        with pytest.raises(Interrupted):
            small.ingester().reencode()

    small.ingester().reencode()

    fresh = SmallCollection(small.data.with_name("fresh"), small.encoder)
    fresh.ingest(papers)
    assert content(small.archive) == content(fresh.archive)
    assert answers(small) == answers(fresh)


def test_nothing_is_added_to_a_collection_that_is_only_half_cut_anew(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.ingest(papers / "zinc.txt", papers / "lead.jsonl")
    with monkeypatch.context() as stopped:
        interrupt(stopped, Step("", Archive, "replace_passages", 1, done=True))
        with pytest.raises(Interrupted):
            small.ingester().reencode()
    with pytest.raises(OtherChunker, match="Run `onrecord reindex --model bag-of-words` to cut and encode them anew"):
        small.ingest(papers / "ferry.txt")
    assert small.archive.counts().statements == 4


def test_passages_of_another_encoder_are_refused_before_anything_is_changed(
    small: SmallCollection, papers: Path
) -> None:
    small.ingest(papers / "zinc.txt")
    before = content(small.archive)
    small.encoder = BagOfWordsEncoder("another model")
    with pytest.raises(OtherEncoder, match="was encoded by bag-of-words, not by this another model"):
        small.ingest(papers)
    assert content(small.archive) == before
    held = Encoding.of(small.archive)
    assert held is not None
    assert held.encoder == "bag-of-words"


# Wrong input


def bad(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("blank.txt", b" \n\t "),
        ("renamed.txt", bytes(range(256)) * 20),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4),
        ("broken.pdf", b"%PDF-1.7\nnothing of a PDF follows"),
        ("cut.docx", b""),
        ("false.docx", b"These are words and no DOCX."),
        ("cut.zip.docx", b"PK\x03\x04 and no more"),
        ("broken.jsonl", b"not json at all"),
        ("questions.jsonl", b'{"id": "q", "question": "Is zinc up?"}\n'),
        ("array.json", b'[{"text": "Zinc is up."}]'),
        ("table.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100),
        ("cut.jsonl.gz", b"\x1f\x8b\x08\0\0"),
        ("unknown.xyz", b"Zinc is up."),
    ],
)
def test_a_bad_file_is_refused_with_a_reason_and_the_good_ones_beside_it_go_in(
    small: SmallCollection, papers: Path, name: str, data: bytes
) -> None:
    without = a_collection(small.data.with_name("without"))
    without.ingest(papers / "ferry.txt", papers / "zinc.txt")

    report = small.ingest(papers / "ferry.txt", bad(papers, name, data), papers / "zinc.txt")

    assert counted(report) == (2, 0, 0, 1)
    (refusal,) = report.refused
    assert refusal.place == str(papers / name)
    cause, _, cure = refusal.reason.partition(". ")
    assert cause
    assert cure
    assert content(small.archive) == content(without.archive)


def test_a_path_that_leads_nowhere_is_refused(small: SmallCollection, papers: Path) -> None:
    (papers / "dangling.txt").symlink_to(papers / "gone.txt")
    report = small.ingest(papers / "missing.txt", papers, "n" * 300 + ".txt")
    assert counted(report) == (5, 0, 0, 3)
    missing, long, dangling = reasons(report)
    assert missing == f"There is no file or folder {papers / 'missing.txt'}. Check the spelling."
    assert "cannot be opened: File name too long. Mend" in long
    assert "dangling.txt cannot be opened: No such file or directory. Mend" in dangling


def test_a_folder_that_cannot_be_read_is_refused_and_the_others_go_in(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = papers / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = small.ingest(papers)
    assert counted(report) == (5, 0, 0, 1)
    assert reasons(report) == [f"{closed} cannot be opened: Permission denied. Mend its permissions, or leave it out."]


def test_a_file_that_cannot_be_read_is_refused_and_the_others_go_in(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refusing(path: Path, *how: int) -> int:
        if Path(path).name == "ferry.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *how)

    monkeypatch.setattr(os, "open", refusing)
    report = small.ingest(papers)
    assert counted(report) == (4, 0, 0, 1)
    assert reasons(report)[0].startswith(f"{papers / 'ferry.txt'} cannot be opened: Permission denied.")


def test_a_place_behind_a_closed_folder_is_refused(
    small: SmallCollection, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def refusing(self: Path, **named: Any) -> os.stat_result:
        if self.name == "secret.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return stat(self, **named)

    monkeypatch.setattr(Path, "stat", refusing)
    report = small.ingest(papers / "secret.txt", papers / "zinc.txt")
    assert counted(report) == (1, 0, 0, 1)
    assert "secret.txt cannot be opened: Permission denied" in reasons(report)[0]


def test_a_name_that_is_not_in_utf_8_is_no_obstacle(small: SmallCollection, papers: Path) -> None:
    Path(os.fsdecode(os.fsencode(papers) + b"/caf\xe9.txt")).write_text(ZINC)
    report = small.ingest(papers)
    assert counted(report) == (6, 0, 0, 0)
    assert counted(small.ingest(papers)) == (0, 0, 6, 0)
    origins = [small.archive.origin_of(line.id) for line in small.archive.summaries()]
    assert f"{papers}/caf\\xe9.txt" in origins


def test_a_bad_line_is_named_and_the_lines_around_it_go_in(small: SmallCollection, papers: Path) -> None:
    first, second, third = LINES.splitlines()
    (papers / "lead.jsonl").write_text("\n".join([first, "{no json", second, '{"id": "x", "text": " "}', third]))
    report = small.ingest(papers / "lead.jsonl")
    assert counted(report) == (3, 0, 0, 2)
    assert [reason[:7] for reason in reasons(report)] == ["Line 2:", "Line 4:"]
    assert counted(small.ingest(papers / "lead.jsonl")) == (0, 0, 3, 2)


def test_an_id_used_twice_in_a_file_does_not_make_versions_of_one_another(small: SmallCollection, papers: Path) -> None:
    twice = bad(papers, "twice.jsonl", b'{"id": "a", "text": "Zinc is up."}\n{"id": "a", "text": "Tin is down."}\n')
    for outcome in ((1, 0, 0, 1), (0, 0, 1, 1)):
        report = small.ingest(twice)
        assert counted(report) == outcome
        assert "'a' stands for two statements" in reasons(report)[0]
    assert (text_of(small, "a"), small.archive.counts().versions) == ("Zinc is up.", 1)


def test_what_is_no_statement_in_a_folder_is_left_alone(small: SmallCollection, papers: Path) -> None:
    bad(papers, "notes.xyz", b"Zinc is up.")
    bad(papers, ".hidden.txt", b"Zinc is up.")
    bad(papers, "questions.jsonl", b'{"id": "q", "question": "Is zinc up?"}\n')
    (papers / ".git").mkdir()
    bad(papers / ".git", "message.txt", b"Zinc is up.")
    report = small.ingest(papers)
    assert counted(report) == (5, 0, 0, 0)
    assert [Path(skipped.place).name for skipped in report.skipped] == ["notes.xyz", "questions.jsonl"]


def given_on_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(("data", "ids"), [(LINES.encode(), ["line-1", "line-2", "line-3"]), (b"", [])])
def test_standard_input_may_be_lines(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch, data: bytes, ids: list[str]
) -> None:
    given_on_standard_input(monkeypatch, data)
    report = small.ingest("-")
    assert [line.id for line in small.archive.summaries()] == ids
    assert all(small.archive.origin_of(statement_id) == "-" for statement_id in ids)
    assert len(report.refused) == (not ids)


def test_two_documents_from_standard_input_are_two_statements(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = b"<html><body><p>The price of zinc rose in Orm today, and it will rise again.</p></body></html>"
    for data in (page, page.replace(b"zinc", b"lead"), page):
        given_on_standard_input(monkeypatch, data)
        small.ingest("-")
    ids = [line.id for line in small.archive.summaries()]
    assert len(ids) == 2
    assert all(statement_id.startswith("standard-input/") for statement_id in ids)


def test_a_very_long_or_unprintable_name_still_gives_an_id(small: SmallCollection, papers: Path) -> None:
    bad(papers, "n" * 250 + ".txt", ZINC.encode())
    bad(papers, "a\nb.txt", FERRY.encode())
    report = small.ingest(papers)
    assert counted(report) == (7, 0, 0, 0)
    assert all(line.id.isprintable() and len(line.id) <= 200 for line in small.archive.summaries())
    assert counted(small.ingest(papers)) == (0, 0, 7, 0)


def test_a_removed_statement_comes_back_when_ingested_again(small: SmallCollection, papers: Path) -> None:
    small.ingest(papers)
    small.archive.remove("line-1")
    with pytest.raises(UnknownStatement):
        small.archive.get("line-1")
    assert counted(small.ingest(papers)) == (1, 0, 4, 0)
    assert text_of(small, "line-1") == json.loads(LINES.splitlines()[0])["text"]


def test_progress_is_told_from_the_first_file_to_the_index(small: SmallCollection, papers: Path) -> None:
    work = small.ingester()
    work.ingest([str(papers)])
    passages = small.archive.counts().passages
    told: Any = work._progress
    assert told.told == [
        *(("reading", done, 3) for done in range(4)),
        ("encoding", 0, passages),
        ("encoding", passages, passages),
        ("indexing", 0, 0),
    ]
    assert told.statements == small.archive.counts().statements > 3
