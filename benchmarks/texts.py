"""Which texts and questions are measured with: public collections where they are there, else the samples."""

import gzip
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path

import numpy as np

from benchmarks.measure import ROOT
from corpus.errors import OnRecordError
from corpus.readers import read, statement_from
from corpus.records import Source
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Statement

SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared" / "data"
_STATEMENTS = (
    ("statements_wh/statements.jsonl.gz", "The White House"),
    ("uk_written/corpus.jsonl.gz", "UK Parliament, written answers"),
    ("press_wh/corpus.jsonl.gz", "The White House, press office"),
    ("statements_un/statements.jsonl.xz", "UN General Assembly"),
)
_QUESTIONS = (
    ("press_wh/queries.jsonl.gz", "text"),
    ("uk_written/queries.jsonl.gz", "text"),
    ("statements_wh/qa.jsonl.gz", "question"),
)
_SEED = 7


@dataclass(frozen=True, slots=True)
class Read:
    """A statement, its source, and whether its text is real."""

    statement: Statement
    source: Source
    is_real: bool
    passages: tuple[Passage, ...] | None = None
    """Where it is cut; `None` where that is the chunker's to say."""


def are_public() -> bool:
    """Whether the public collections are beside the checkout."""
    return all((SHARED / path).exists() for path, _ in (*_STATEMENTS, *_QUESTIONS))


def statements() -> Iterator[Read]:
    """Every real statement, each id once: of the public collections, or the samples'."""
    seen: set[str] = set()
    for number, (line, name, issuer) in enumerate(_public_lines() if are_public() else _sample_lines()):
        for found in read(line, name):
            if isinstance(found, OnRecordError):
                continue
            statement_id = found.id or f"{name}/{number}"
            if statement_id not in seen:
                seen.add(statement_id)
                source = Source(name, found.original, found.media_type, "benchmark")
                yield Read(statement_from(found, statement_id, issuer), source, is_real=True)


def _public_lines() -> Iterator[tuple[bytes, str, str | None]]:
    for path, issuer in _STATEMENTS:
        with _unpacked(SHARED / path) as lines:
            for line in lines:
                yield line.rstrip(b"\n"), "statements.jsonl", issuer


def _sample_lines() -> Iterator[tuple[bytes, str, str | None]]:
    for path in sorted((SAMPLES / "statements").iterdir()):
        if path.suffix in {".txt", ".md", ".jsonl"}:
            yield path.read_bytes(), path.name, None


def _unpacked(path: Path) -> lzma.LZMAFile | gzip.GzipFile:
    return lzma.open(path) if path.suffix == ".xz" else gzip.open(path)


class Questions:
    """Questions to be dealt out, none of them twice: no cache can flatter what is measured with them."""

    def __init__(self) -> None:
        self._left = _distinct(chain(_asked(), _first_sentences()))

    def take(self, number: int) -> list[str]:
        """The next `number` questions."""
        return list(islice(self._left, number))


def _distinct(questions: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for question in questions:
        if (bare := " ".join(question.casefold().split())) not in seen:
            seen.add(bare)
            yield question


def _asked() -> list[str]:
    """What people asked, in a fixed random order: journalists and members of parliament, or the samples' questions."""
    if not are_public():
        return [json.loads(line)["question"] for line in (SAMPLES / "questions.jsonl").read_bytes().splitlines()]
    questions = []
    for path, field in _QUESTIONS:
        with _unpacked(SHARED / path) as lines:
            questions += [json.loads(line)[field] for line in lines]
    questions = [question for question in questions if 12 <= question.count(" ") <= 120]
    return [questions[place] for place in np.random.default_rng(_SEED).permutation(len(questions))]


def _first_sentences() -> Iterator[str]:
    """Sentences that statements begin with; when all have been given, again with a number."""
    for turn in count():
        for found in statements():
            text = found.statement.text
            start, end = sentence_spans(text, 0, min(len(text), 600), found.statement.language)[0]
            yield f"{text[start:end]} ({turn})" if turn else text[start:end]
