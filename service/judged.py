"""Judged questions in the BEIR layout, as they are read from a folder."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import OnRecordError
from service.conversation import Utterance

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")


class NotAnEvaluationSet(OnRecordError):
    """The folder does not hold judged questions in the BEIR layout."""

    def __init__(self, folder: Path, lack: str) -> None:
        super().__init__(
            f"{folder} is not an evaluation set: {lack}.",
            "It needs corpus.jsonl, queries.jsonl (each may be .gz) and qrels.tsv (query-id, corpus-id, score).",
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was asked, and what was said before it."""

    text: str
    history: tuple[Utterance, ...] = ()
    rewrite: str | None = None
    """The question as a person wrote it to stand alone; `None` where nobody did."""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Questions with judged statements, in the BEIR layout (Thakur et al., 2021), and what may stand beside them."""

    corpus: Path
    queries: Mapping[str, Query]
    qrels: Mapping[str, Mapping[str, int]]
    """Query id to statement id to relevance."""
    unanswerable: Sequence[Query] = ()
    """Questions that nothing in the corpus answers, from unanswerable.jsonl."""
    followups: Mapping[str, Query] = field(default_factory=dict)
    """Statement id to a question that it answers and that leans on its history, from followups.jsonl."""

    @property
    def name(self) -> str:
        """That of the folder."""
        return self.corpus.parent.name

    @classmethod
    def read(cls, folder: Path) -> "EvaluationSet":
        """The set in `folder`, without the queries that have no judgement. Raises `NotAnEvaluationSet`."""
        qrels = _read_qrels(folder)
        queries = {str(row["_id"]): _query(row) for row in _rows(folder, "queries") if str(row.get("_id")) in qrels}
        if not queries:
            raise NotAnEvaluationSet(folder, "no query has a judgement")
        return cls(
            _existing(folder, "corpus"),
            queries,
            {query: qrels[query] for query in queries},
            tuple(_query(row) for row in _optional(folder, "unanswerable")),
            {str(row["_id"]): _query(row) for row in _optional(folder, "followups")},
        )


def _query(row: Mapping[str, object]) -> Query:
    history = row.get("history")
    turns = history if isinstance(history, list) else []
    said = [turn if isinstance(turn, dict) else {"speaker": "user", "text": turn} for turn in turns]
    rewrite = row.get("rewrite")
    return Query(
        str(row["text"]),
        tuple(
            Utterance("user" if turn.get("speaker") == "user" else "agent", str(turn.get("text", ""))) for turn in said
        ),
        str(rewrite) if rewrite else None,
    )


def _optional(folder: Path, stem: str) -> Iterator[dict[str, object]]:
    """The rows of a file that a set need not have."""
    if any((folder / name).is_file() for name in _names(stem)):
        yield from _rows(folder, stem)


def _names(stem: str) -> tuple[str, str]:
    return f"{stem}.jsonl", f"{stem}.jsonl.gz"


def _existing(folder: Path, stem: str) -> Path:
    for name in _names(stem):
        if (folder / name).is_file():
            return folder / name
    raise NotAnEvaluationSet(folder, f"{stem}.jsonl is missing")


def _rows(folder: Path, stem: str) -> Iterator[dict[str, object]]:
    path = _existing(folder, stem)
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise NotAnEvaluationSet(folder, f"line {number} of {path.name} is not a JSON object")
                row = {"_id": row.get("id", number), "text": row.get("question")} | row
                if row["_id"] is not None and row["text"] is not None:
                    yield row
    except json.JSONDecodeError:
        raise NotAnEvaluationSet(folder, f"line {number} of {path.name} is not JSON") from None
    except (UnicodeDecodeError, OSError, EOFError, zlib.error):
        raise NotAnEvaluationSet(folder, f"{path.name} is cut short, or not in UTF-8") from None


def _read_qrels(folder: Path) -> dict[str, dict[str, int]]:
    path = folder / "qrels.tsv"
    if not path.is_file():
        raise NotAnEvaluationSet(folder, "qrels.tsv is missing")
    qrels: dict[str, dict[str, int]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise NotAnEvaluationSet(folder, "qrels.tsv is not in UTF-8") from None
    for number, line in enumerate(lines, 1):
        fields = line.split("\t")
        if number == 1 and fields[-1] == "score":
            continue
        if len(fields) != 3 or not _WHOLE_NUMBER.fullmatch(fields[2]):
            raise NotAnEvaluationSet(folder, f"line {number} of qrels.tsv is not query-id, corpus-id, score")
        qrels.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return qrels
