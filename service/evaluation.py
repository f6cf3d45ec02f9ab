"""How well the ranking does on judged questions, beside plain dense and plain lexical search on the same passages."""

import gzip
import json
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path
from typing import Protocol

import ir_measures
from ir_measures import RR, R, Success, nDCG

from corpus.errors import OnRecordError
from corpus.filters import Filters
from service.answering import Collection, Retrieved
from service.config import Config
from service.ingest import Refusal
from service.progress import Progress
from service.ranking import fuse
from service.wiring import collection, ingester

MEASURES = (nDCG @ 10, RR @ 10, Success @ 1, Success @ 10, R @ 100)
NAMES = ("nDCG@10", "MRR@10", "success@1", "success@10", "recall@100")
_DEPTH = 1000
"""Passages that each search gives: enough that those of 100 statements are among them."""
_QUESTIONS_AT_ONCE = 64
_WHOLE_NUMBER = re.compile(r"-?[0-9]+")

Run = dict[str, dict[str, float]]
"""Query id to statement id to score."""


class NotAnEvaluationSet(OnRecordError):
    """The folder does not hold judged questions in the BEIR layout."""

    def __init__(self, folder: Path, lack: str) -> None:
        super().__init__(
            f"{folder} is not an evaluation set: {lack}.",
            "It needs corpus.jsonl, queries.jsonl (each may be .gz) and qrels.tsv (query-id, corpus-id, score).",
        )


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Questions with judged statements, in the BEIR layout (Thakur et al., 2021)."""

    corpus: Path
    queries: Mapping[str, str]
    """Query id to question."""
    qrels: Mapping[str, Mapping[str, int]]
    """Query id to statement id to relevance."""

    @classmethod
    def read(cls, folder: Path) -> "EvaluationSet":
        """The set in `folder`, without the queries that have no judgement. Raises `NotAnEvaluationSet`."""
        qrels = _read_qrels(folder)
        queries = {
            str(row["_id"]): str(row["text"]) for row in _rows(folder, "queries") if str(row.get("_id")) in qrels
        }
        if not queries:
            raise NotAnEvaluationSet(folder, "no query has a judgement")
        return cls(_existing(folder, "corpus"), queries, {query: qrels[query] for query in queries})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean of each measure over the queries, for each way of ranking."""

    queries: int
    passages: int
    figures: Mapping[str, Mapping[str, float]]
    """Ranking to measure to mean."""


class EvaluationProgress(Progress, Protocol):
    """Told how an evaluation goes, the ingesting of its corpus included."""

    def asking(self, done: int, total: int) -> None:
        """So many questions of so many are asked."""


def evaluate_set(judged: EvaluationSet, config: Config, progress: EvaluationProgress, *, keep: bool) -> Evaluation:
    """Evaluate on a collection of the set's corpus: with `keep` the configured one, else one made for the occasion.

    Raises `NotAnEvaluationSet` when anything of the corpus is refused: figures without it would say too little.
    """
    with tempfile.TemporaryDirectory(prefix="onrecord-") as temporary:
        used = config if keep else replace(config, data=Path(temporary), encoder_folder=config.encoders)
        with ingester(used, progress, "evaluate") as work:
            report = work.ingest([str(judged.corpus)])
        if report.refused:
            raise NotAnEvaluationSet(judged.corpus.parent, _told(report.refused))
        with collection(used, progress) as opened:
            return evaluate(opened, judged, progress)


def evaluate(opened: Collection, judged: EvaluationSet, progress: EvaluationProgress) -> Evaluation:
    """The figures of three rankings of statements, each statement by its best passage.

    "dense" and "BM25" are the two searches that `ask` makes, "OnRecord" is their fusion as `ask` fuses them: here all
    three go deeper, copies are not folded, and nothing is held back for want of evidence.
    """
    runs: dict[str, Run] = {"dense": {}, "BM25": {}, "OnRecord": {}}
    for done, (query, retrieved) in enumerate(_retrievals(opened, judged.queries)):
        progress.asking(done, len(judged.queries))
        statements = opened.archive.statement_ids(retrieved.cosines)
        fused = {found.key: found.score for found in fuse(retrieved.cosines, retrieved.words)}
        for name, scores in (("dense", _nearest(retrieved.cosines)), ("BM25", retrieved.words), ("OnRecord", fused)):
            runs[name][query] = _by_statement(scores, statements)
    progress.asking(len(judged.queries), len(judged.queries))
    figures = {name: _means(judged.qrels, run) for name, run in runs.items()}
    return Evaluation(len(judged.queries), opened.generation().passages, figures)


def _told(refused: Sequence[Refusal]) -> str:
    lines = "1 line of its corpus was" if len(refused) == 1 else f"{len(refused):,} lines of its corpus were"
    return f"{lines} refused, the first: {refused[0].reason.rstrip('.')}"


def _retrievals(opened: Collection, queries: Mapping[str, str]) -> Iterator[tuple[str, Retrieved]]:
    ids = list(queries)
    for first in range(0, len(ids), _QUESTIONS_AT_ONCE):
        batch = ids[first : first + _QUESTIONS_AT_ONCE]
        vectors = opened.encoder.encode_questions([queries[query] for query in batch])
        for query, vector in zip(batch, vectors, strict=True):
            yield query, opened.retrieve(queries[query], Filters(), _DEPTH, vector)


def _nearest(cosines: Mapping[int, float]) -> dict[int, float]:
    """What the dense search found by itself."""
    # `retrieve` adds the cosines of passages found by their words alone. None of them is above those that the dense
    # search gave, or it would have given them too: the _DEPTH highest, ties by key, are exactly the dense search's.
    return {key: cosines[key] for key in nsmallest(_DEPTH, cosines, key=lambda key: (-cosines[key], key))}


def _by_statement(scores: Mapping[int, float], statements: Mapping[int, str]) -> dict[str, float]:
    best: dict[str, float] = {}
    for key, score in scores.items():
        if key in statements:  # a passage may have been retired meanwhile
            best[statements[key]] = max(score, best.get(statements[key], score))
    return best


def _means(qrels: Mapping[str, Mapping[str, int]], run: Run) -> dict[str, float]:
    means = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return {name: float(means[measure]) for name, measure in zip(NAMES, MEASURES, strict=True)}


def _existing(folder: Path, stem: str) -> Path:
    for name in (f"{stem}.jsonl", f"{stem}.jsonl.gz"):
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
                if "_id" in row and "text" in row:
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
