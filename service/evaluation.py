"""How well the ranking does on judged questions, beside plain searches of the passages, and what each step adds."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from heapq import nsmallest
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, Protocol, get_args

import ir_measures
from ir_measures import RR, R, Success, nDCG

from corpus.filters import Filters
from corpus.keywords import KeywordIndex, KeywordWriter
from embeddings.encoder import Vectors
from service.answering import DEPTH, Collection, Manner
from service.config import Config
from service.ingest import Refusal
from service.judged import EvaluationSet, NotAnEvaluationSet, Query
from service.measures import Answerability, answerability, paired_bootstrap
from service.progress import Progress
from service.ranking import RECIPE, Recipe
from service.report import Comparison, FollowUps, Report, Step
from service.wiring import collection, ingester
from service.wishes import WishKind

MEASURES = (nDCG @ 10, RR @ 10, Success @ 1, Success @ 10, R @ 100)
NAMES = ("nDCG@10", "MRR@10", "success@1", "success@10", "recall@100")
OURS = "OnRecord"
_BASELINES = ("dense", "BM25", "RRF")
_DEPTH = 1000
"""Passages that each baseline gives: enough that those of 100 statements are among them."""
_QUESTIONS_AT_ONCE = 64
_QUOTES = 30
"""Asked for where a conversation is evaluated: enough that those of ten statements are among them."""
_ANYTHING = Manner(threshold=0.0, ignore=frozenset(get_args(WishKind)))
_RRF = 60
"""The constant of Cormack, Clarke and Büttcher (2009, "Reciprocal Rank Fusion outperforms Condorcet")."""

Run = dict[str, dict[str, float]]
"""Query id to statement id to score."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found out about a collection's answers."""

    queries: int
    passages: int
    encoder: str
    figures: Mapping[str, Mapping[str, float]]
    """Ranking to measure to mean over the queries."""
    comparison: Comparison
    """OnRecord's nDCG@10 beside that of the best baseline."""
    steps: tuple[Step, ...]
    """What each step of the ranking adds."""
    followups: FollowUps | None
    """`None` where no question has a history."""
    answerability: Answerability | None
    """`None` where the set has no unanswerable questions."""

    def report(self, set_name: str, made_on: date) -> Report:
        """The same for people to read."""
        return Report(
            set_name,
            self.queries,
            self.passages,
            self.encoder,
            made_on,
            self.figures,
            self.comparison,
            self.steps,
            self.answerability,
            self.followups,
        )


class EvaluationProgress(Progress, Protocol):
    """Told how an evaluation goes, the ingesting of its corpus included."""

    def asking(self, done: int, total: int) -> None:
        """So many questions of so many are asked."""


class _Setting(NamedTuple):
    """A way to rank: which index of words is asked, and what the kinds of evidence count."""

    words: KeywordIndex | None
    """`None` for the collection's own."""
    recipe: Recipe = RECIPE


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
    """The figures of four rankings of statements, each statement by its best passage, and of `ask` itself.

    "dense", "BM25" and their reciprocal rank fusion "RRF" are the plain searches of the passages' own text; "OnRecord"
    is the ranking of `ask`. Copies are not folded in it, nor is anything held back for want of evidence.
    """
    asked = _Asking(opened, progress, _questions(judged))
    with _plain_words(opened) as plain:
        runs, seconds = _runs(asked, judged, plain)
    figures = {name: _means(judged.qrels, runs[name]) for name in (*_BASELINES, OURS)}
    ndcg = {name: _by_query(judged.qrels, run) for name, run in runs.items()}
    best = max(_BASELINES, key=lambda name: figures[name][NAMES[0]])
    index = opened.generation()
    return Evaluation(
        queries=len(judged.queries),
        passages=index.passages,
        encoder=index.encoder,
        figures=figures,
        comparison=Comparison(OURS, best, NAMES[0], paired_bootstrap(ndcg[OURS], ndcg[best])),
        steps=tuple(_step(name, ndcg, seconds, len(judged.queries)) for name in runs if name not in figures),
        followups=_followups(asked, judged),
        answerability=_answerability(asked, judged),
    )


class _Asking:
    """A collection to ask and somebody to tell about it."""

    def __init__(self, opened: Collection, progress: EvaluationProgress, total: int) -> None:
        self.opened = opened
        self._progress = progress
        self._total = total
        self._done = 0

    def told(self) -> None:
        """Another question is asked."""
        self._done += 1
        self._progress.asking(self._done, self._total)

    def statements(self, scores: Mapping[int, float]) -> dict[str, float]:
        """The scores of passages as those of their statements, each by its best."""
        statements = self.opened.archive.statement_ids(scores)
        best: dict[str, float] = {}
        for key, score in scores.items():
            if key in statements:  # a passage may have been retired meanwhile
                best[statements[key]] = max(score, best.get(statements[key], score))
        return best

    def ranked(self, question: str, vector: Vectors, setting: _Setting) -> dict[int, float]:
        """The passages that `ask` would consider, each with its score."""
        retrieved = self.opened.retrieve(question, Filters(), DEPTH, vector, setting.words)
        return {found.key: found.score for found in self.opened.rank(question, retrieved, setting.recipe)}


def _runs(asked: _Asking, judged: EvaluationSet, plain: Path) -> tuple[dict[str, Run], dict[str, float]]:
    """Every ranking of every query's statements, that of `ask` without each of its steps too, and the seconds taken."""
    as_in_bm25 = KeywordIndex(plain, emphasis=0)
    settings = {
        OURS: _Setting(None),
        "rare words count more": _Setting(asked.opened.words().emphasising(0)),
        "titles, speakers and questions are searched": _Setting(KeywordIndex(plain)),
        "passages of the same days vouch for each other": _Setting(None, _without("moment")),
        "the question's words stand together": _Setting(None, _without("pairs")),
    }
    runs: dict[str, Run] = {name: {} for name in (*_BASELINES, *settings)}
    seconds = dict.fromkeys(settings, 0.0)
    for query, vector in _encoded(asked.opened, {query: row.text for query, row in judged.queries.items()}):
        text = judged.queries[query].text
        retrieved = asked.opened.retrieve(text, Filters(), _DEPTH, vector, as_in_bm25)
        dense = _nearest(retrieved.cosines)
        for name, scores in zip(_BASELINES, (dense, retrieved.words, _rrf(dense, retrieved.words)), strict=True):
            runs[name][query] = asked.statements(scores)
        asked.ranked(text, vector, settings[OURS])  # what the first pays for being first is no step's
        for name, setting in settings.items():
            started = perf_counter()
            ranked = asked.ranked(text, vector, setting)
            seconds[name] += perf_counter() - started
            runs[name][query] = asked.statements(ranked)
        asked.told()
    return runs, seconds


def _without(kind: str) -> Recipe:
    return replace(RECIPE, **{kind: 0.0})


def _step(name: str, ndcg: Mapping[str, Sequence[float]], seconds: Mapping[str, float], queries: int) -> Step:
    return Step(
        name,
        ndcg=_mean(ndcg[OURS]),
        without=_mean(ndcg[name]),
        difference=paired_bootstrap(ndcg[OURS], ndcg[name]),
        milliseconds=(seconds[OURS] - seconds[name]) / queries * 1000,
    )


@contextmanager
def _plain_words(opened: Collection) -> Iterator[Path]:
    """The folder of an index of the passages' own words and nothing beside them."""
    with tempfile.TemporaryDirectory(prefix="onrecord-") as temporary:
        folder = Path(temporary) / "words"
        with KeywordWriter(folder) as writer:
            for passage in opened.archive.searchable():
                writer.add(replace(passage, title=None, issuer=None, speaker=None, asked=None))
        yield folder


def _leaning(judged: EvaluationSet) -> tuple[Mapping[str, Query], bool]:
    """The questions that lean on others, and whether people rewrote them: then only those that they did."""
    leaning = judged.followups or {query: row for query, row in judged.queries.items() if row.history}
    rewritten = {query: row for query, row in leaning.items() if row.rewrite}
    return rewritten or leaning, bool(rewritten)


def _questions(judged: EvaluationSet) -> int:
    """How many are asked in all, each as often as it is asked."""
    leaning, are_rewritten = _leaning(judged)
    answerable = len(judged.queries) if judged.unanswerable else 0
    return len(judged.queries) + answerable + len(judged.unanswerable) + len(leaning) * (3 if are_rewritten else 2)


def _followups(asked: _Asking, judged: EvaluationSet) -> FollowUps | None:
    """How questions that lean on others fare: those of followups.jsonl, else the queries that have a history."""
    leaning, are_rewritten = _leaning(judged)
    if not leaning:
        return None
    measure = NAMES[3] if judged.followups else NAMES[0]
    qrels = {query: {query: 1} if judged.followups else judged.qrels[query] for query in leaning}

    def figure(asked_as: Callable[[Query], Query]) -> float:
        run: Run = {}
        for query, row in leaning.items():
            asked_now = asked_as(row)
            answer = asked.opened.ask(asked_now.text, k=_QUOTES, history=asked_now.history, manner=_ANYTHING)
            scores: dict[str, float] = {}
            for quote in answer.quotes:
                for statement in (quote.citation.statement_id, *(place.statement_id for place in quote.also)):
                    scores.setdefault(statement, quote.score)
            run[query] = scores
            asked.told()
        return _means(qrels, run)[measure]

    return FollowUps(
        questions=len(leaning),
        alone=figure(lambda row: Query(row.text)),
        standalone=figure(lambda row: row),
        rewritten=figure(lambda row: Query(row.rewrite or row.text)) if are_rewritten else None,
        measure=measure,
    )


def _answerability(asked: _Asking, judged: EvaluationSet) -> Answerability | None:
    """How sure `ask` is of answers, to questions that the corpus answers and to those that it does not."""
    if not judged.unanswerable:
        return None

    def confidences(queries: Sequence[Query]) -> list[float]:
        found = []
        for query in queries:
            found.append(asked.opened.ask(query.text, history=query.history).confidence)
            asked.told()
        return found

    threshold = asked.opened.threshold
    return answerability(confidences(list(judged.queries.values())), confidences(judged.unanswerable), threshold)


def _told(refused: Sequence[Refusal]) -> str:
    lines = "1 line of its corpus was" if len(refused) == 1 else f"{len(refused):,} lines of its corpus were"
    return f"{lines} refused, the first: {refused[0].reason.rstrip('.')}"


def _encoded(opened: Collection, questions: Mapping[str, str]) -> Iterator[tuple[str, Vectors]]:
    ids = list(questions)
    for first in range(0, len(ids), _QUESTIONS_AT_ONCE):
        batch = ids[first : first + _QUESTIONS_AT_ONCE]
        yield from zip(batch, opened.encoder.encode_questions([questions[query] for query in batch]), strict=True)


def _nearest(cosines: Mapping[int, float]) -> dict[int, float]:
    """What the dense search found by itself."""
    # `retrieve` adds the cosines of passages found by their words alone. None of them is above those that the dense
    # search gave, or it would have given them too: the _DEPTH highest, ties by key, are exactly the dense search's.
    return {key: cosines[key] for key in nsmallest(_DEPTH, cosines, key=lambda key: (-cosines[key], key))}


def _rrf(*searches: Mapping[int, float]) -> dict[int, float]:
    fused: dict[int, float] = {}
    for scores in searches:
        for rank, key in enumerate(sorted(scores, key=lambda key: (-scores[key], key)), 1):
            fused[key] = fused.get(key, 0.0) + 1 / (_RRF + rank)
    return fused


def _means(qrels: Mapping[str, Mapping[str, int]], run: Run) -> dict[str, float]:
    means = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return {name: float(means[measure]) for name, measure in zip(NAMES, MEASURES, strict=True)}


def _by_query(qrels: Mapping[str, Mapping[str, int]], run: Run) -> list[float]:
    """nDCG@10 of each query, in the order of `qrels`."""
    found = {metric.query_id: float(metric.value) for metric in ir_measures.iter_calc([MEASURES[0]], qrels, run)}
    return [found.get(query, 0.0) for query in qrels]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
