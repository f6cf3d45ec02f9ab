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
from corpus.readers.draft import Draft, Found
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
    with collection(config, SilentProgress()) as opened:
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


MENUS = ("Main Menu Toggle", "Skip to main content", "Stay Connected")


@pytest.fixture(scope="module")
def speeches() -> list[tuple[dict[str, Any], Draft]]:
    """What is expected of each page, and what was read from it."""
    folder = beside("data/pages/fed_speeches")
    return [(row, page(folder / row["file"])) for row in rows(folder / "expected.jsonl")]


def page(path: Path) -> Draft:
    found = next(iter(read(path.read_bytes(), path.name)))
    assert isinstance(found, Found)
    return found.draft


def test_speeches_on_real_pages_keep_title_date_and_speaker(speeches: list[tuple[dict[str, Any], Draft]]) -> None:
    right = {"title": 0, "published": 0, "speaker": 0}
    for row, draft in speeches:
        title = fold(draft.title or "")
        right["title"] += len(title) >= 10 and title in fold(row["title"])
        right["published"] += draft.published == row["date"]
        right["speaker"] += row["speaker"] in (draft.speaker or "")

    assert len(speeches) == 45
    assert all(count / len(speeches) >= 0.95 for count in right.values()), right


def test_speeches_on_real_pages_keep_their_first_and_last_words(speeches: list[tuple[dict[str, Any], Draft]]) -> None:
    last = [fold(unmangled(row["last"])) in fold(draft.text) for row, draft in speeches]
    # six of the expected beginnings are the site's menu, which is no part of the speech
    opened = [(row, draft) for row, draft in speeches if not row["first"].startswith("Main Menu Toggle")]
    first = [fold(unmangled(row["first"])) in fold(draft.text) for row, draft in opened]

    assert (len(last), len(first)) == (45, 39)
    assert sum(last) / len(last) >= 0.95
    assert sum(first) / len(first) >= 0.95


def test_nothing_of_the_menus_is_in_a_speech(speeches: list[tuple[dict[str, Any], Draft]]) -> None:
    assert [(row["file"], menu) for row, draft in speeches for menu in MENUS if fold(menu) in fold(draft.text)] == []


def unmangled(text: str) -> str:
    """The text as it was before its UTF-8 was taken for Windows-1252, as in two of the expected values.

    >>> unmangled("forms\u00e2\u20ac\u201dpresent")
    'forms—present'
    """
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def fold(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
