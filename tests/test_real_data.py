"""Real statements, too large or not ours to ship: looked for beside the checkout, in ../shared."""

import gzip
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.chunking import cut
from corpus.readers import read, statement_from
from corpus.readers.draft import Found
from corpus.statement import Role, Statement
from corpus.turns import find_turns
from embeddings.sentence_transformer import SentenceTransformerEncoder
from service.answering import Collection
from service.config import Config
from service.wiring import collection, ingester
from tests.fakes import SilentProgress

SHARED = Path(__file__).parent.parent.parent / "shared"


def beside(path: str) -> Path:
    """A file or folder of real statements; the test is skipped, saying what is missing, where it is not there."""
    if not (SHARED / path).exists():
        pytest.skip(f"needs ../shared/{path}, which is not beside this checkout")
    return SHARED / path


def rows(path: Path) -> Iterator[dict[str, Any]]:
    unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)
    yield from map(json.loads, unpack(path.read_bytes()).splitlines())


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    config = Config(tmp_path_factory.mktemp("seeds"))
    with ingester(config, SilentProgress(), "ingest") as work:
        assert work.ingest([str(beside("seeds"))]).new == 2
    with collection(config) as opened:
        yield opened


def statement_with(seeds: Collection, beginning: str) -> Statement:
    return next(
        seeds.archive.get(summary.id).statement
        for summary in seeds.archive.every_summary()
        if (summary.title or "").startswith(beginning)
    )


def test_the_remarks_have_a_question_and_an_answer(seeds: Collection) -> None:
    statement = statement_with(seeds, "Embassy Spokesperson's Remarks on the Wrong Remarks")

    assert statement.title == (
        "Embassy Spokesperson's Remarks on the Wrong Remarks of a British Politician on Cyber Attacks"
    )
    assert statement.published is None
    assert [(turn.role, turn.speaker) for turn in statement.turns] == [
        (Role.QUESTION, None),
        (Role.ANSWER, "Embassy Spokesperson"),
    ]


def test_the_letter_has_an_introduction_and_is_its_writers(seeds: Collection) -> None:
    statement = statement_with(seeds, "Chinese Embassy Refutes")

    assert statement.title == "Chinese Embassy Refutes Accusations against China of Sponsoring Cyber Attacks"
    assert statement.published is None
    assert [(turn.role, turn.speaker) for turn in statement.turns] == [
        (Role.INTRODUCTION, None),
        (Role.LETTER, "He Rulong"),
    ]


def test_no_menu_or_footer_line_is_in_a_passage(seeds: Collection) -> None:
    texts = "\n".join(passage.text for passage in seeds.archive.searchable())

    for line in (
        "Suggest to a Friend",
        "All Rights Reserved",
        "Home >",
        "WeChat",
        "Tour the Embassy",
        "Ambassador Liu",
    ):
        assert line not in texts


@pytest.mark.parametrize(
    ("question", "role", "speaker", "words"),
    [
        (
            "How many overseas servers were found to control computers in China?",
            Role.LETTER,
            "He Rulong",
            "6,747 overseas servers",
        ),
        (
            "Where did the malicious codes in the attacks on South Korea originate?",
            Role.LETTER,
            "He Rulong",
            "three European countries",
        ),
        (
            "What did the embassy say about vaccine research and cyber theft?",
            Role.ANSWER,
            "Embassy Spokesperson",
            "vaccine",
        ),
        (
            "Who claimed that China is engaged in malicious cyber attacks against medical institutions?",
            Role.QUESTION,
            None,
            "Dominic Raab",
        ),
    ],
)
def test_the_first_quote_answers(seeds: Collection, question: str, role: Role, speaker: str | None, words: str) -> None:
    first = seeds.ask(question).quotes[0]

    assert (first.citation.role, first.citation.speaker) == (role, speaker)
    assert words in first.text


def test_what_is_not_there_is_not_found(seeds: Collection) -> None:
    assert seeds.ask("What is the price of rice in Japan?").abstained


def test_answers_in_real_transcripts_keep_their_span_and_speaker() -> None:
    texts = {row["id"]: row for row in rows(beside("data/statements_wh/statements.jsonl.gz"))}
    judged = list(rows(beside("data/statements_wh/qa.jsonl.gz")))
    turns = {
        key: find_turns(texts[key]["text"], title=texts[key]["title"], speaker=texts[key]["speaker"] or None)
        for key in {row["doc_id"] for row in judged}
    }
    agreeing = [
        row
        for row in judged
        if any(
            turn.role is Role.ANSWER
            and turn.speaker == row["speaker"]
            and abs(turn.start - row["answer_start"]) <= 5
            and abs(turn.end - row["answer_end"]) <= 5
            for turn in turns[row["doc_id"]]
        )
    ]

    assert len(judged) == 5985
    assert len(agreeing) / len(judged) >= 0.95


def test_passages_of_real_statements_are_whole_and_within_the_limit() -> None:
    encoder = SentenceTransformerEncoder()
    passages = 0
    for path, step in (("statements_wh/statements.jsonl.gz", 40), ("statements_un/statements.jsonl.xz", 400)):
        for number, row in enumerate(rows(beside(f"data/{path}"))):
            if number % step == 0:
                passages += check_passages(row["text"], encoder)

    assert passages > 1500


def check_passages(text: str, encoder: SentenceTransformerEncoder) -> int:
    found = next(iter(read(json.dumps({"text": text}).encode(), "real.jsonl")))
    assert isinstance(found, Found)
    statement = statement_from(found, "real")
    passages = cut(statement, encoder.count_tokens, encoder.passage_limit)
    said = "".join(statement.text[turn.start : turn.end] for turn in statement.turns)
    cut_out = "".join(statement.text[passage.start : passage.end] for passage in passages)
    sizes = encoder.count_tokens([statement.text[passage.start : passage.end] for passage in passages])

    assert statement.text == text
    assert "".join(cut_out.split()) == "".join(said.split())
    assert max(sizes, default=0) <= encoder.passage_limit
    for passage in passages:
        turn = statement.turns[passage.turn]
        assert turn.start <= passage.start < passage.end <= turn.end
    return len(passages)


def test_speeches_on_real_pages_keep_title_date_and_speaker() -> None:
    folder = beside("data/pages/fed_speeches")
    expected = list(rows(folder / "expected.jsonl"))
    right = {"title": 0, "published": 0, "speaker": 0}
    for row in expected:
        found = next(iter(read((folder / row["file"]).read_bytes(), row["file"])))
        assert isinstance(found, Found)
        draft = found.draft
        right["title"] += bool(draft.title) and fold(draft.title or "") in fold(row["title"])
        right["published"] += draft.published == row["date"]
        right["speaker"] += row["speaker"] in (draft.speaker or "")

    assert all(count / len(expected) >= 0.95 for count in right.values()), right


def fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
