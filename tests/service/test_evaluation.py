"""Figures that were worked out by hand, and folders that are no evaluation set."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from math import log2
from pathlib import Path

import pytest

from service import evaluation
from service.config import Config
from service.evaluation import NAMES, Evaluation, evaluate_set
from service.judged import EvaluationSet, NotAnEvaluationSet
from service.measures import Difference
from service.report import Step
from tests.fakes import SilentProgress, use_bag_of_words

CORPUS = {
    "zinc": "The price of zinc rose in Orm.",
    "tin": "The price of tin fell.",
    "ferry": "A ferry to Kelm is late again today.",
}
QUERIES = {
    "q1": "The price of zinc rose in Orm",
    "q2": "A ferry to Kelm is late again today",
    "q3": "The price of tin fell",
    "unjudged": "What of the dredgers?",
}
QRELS = [("q1", "tin", 1), ("q2", "ferry", 1), ("q3", "tin", 1), ("q3", "zinc", 2), ("q3", "ferry", 0)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "set"
    made.mkdir()
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = (json.dumps({"_id": key, "text": text}) for key, text in rows.items())
        (made / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    judged = "".join(f"{query}\t{statement}\t{score}\n" for query, statement, score in QRELS)
    (made / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    return made


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    use_bag_of_words(monkeypatch)
    return Config(tmp_path / "data", "bag-of-words")


def test_the_figures_are_the_means_worked_out_by_hand(folder: Path, config: Config) -> None:
    progress = SilentProgress()
    found = evaluate_set(EvaluationSet.read(folder), config, progress, keep=False)

    # q1: the right one is second; q2: it is first; q3: that of relevance 1 is first, that of relevance 2 second
    second = 1 / log2(3)
    expected = {
        "nDCG@10": (second + 1 + (1 + 2 * second) / (2 + second)) / 3,
        "MRR@10": (0.5 + 1 + 1) / 3,
        "success@1": 2 / 3,
        "success@10": 1.0,
        "recall@100": 1.0,
    }
    assert (found.queries, found.passages) == (3, 3)
    assert {name: dict(figures) for name, figures in found.figures.items()} == {
        "dense": pytest.approx(expected),
        "BM25": pytest.approx(expected),
        "RRF": pytest.approx(expected),
        "OnRecord": pytest.approx(expected),
    }
    assert found.comparison.difference == Difference(0.0, 0.0, 0.0, 1.0, 10_000)
    assert (found.followups, found.answerability) == (None, None)
    assert ("asking", 3, 3) in progress.told
    assert not config.archive.exists()


HEARSAY = {
    "ferry": "It is that this is to be at the ferry.",
    "hearsay": "Is it to be at the zinc mine, as the men of Orm say?",
    "dealer": "Zinc mine! Zinc mine! Zinc mine!",
    "sign": "Zinc mine, zinc mine.",
}
HEARD = "Is it that this is to be at the zinc mine?"


def judge(folder: Path, right: str) -> EvaluationSet:
    """One question on which the rankings disagree, with one right statement.

    The encoder sees every word: "ferry" shares nine with the question, "hearsay" eight but has more of its own, the
    others two. BM25 sees "zinc" and "mine" alone: three times in "dealer", twice in "sign", once in "hearsay", never
    in "ferry". Their fusion has "hearsay" first, which alone is near the top of both; then "ferry" for its cosine.
    """
    lines = (json.dumps({"_id": key, "text": text}) for key, text in HEARSAY.items())
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": HEARD}))
    (folder / "qrels.tsv").write_text(f"q\t{right}\t1\n")
    return EvaluationSet.read(folder)


def test_each_ranking_has_the_figures_of_its_own_order(folder: Path, config: Config) -> None:
    figures = evaluate_set(judge(folder, "hearsay"), config, SilentProgress(), keep=False).figures

    # second of the nearest, third by its words, first of the fusion
    assert figures == {
        "dense": pytest.approx(dict(zip(NAMES, (1 / log2(3), 1 / 2, 0, 1, 1), strict=True))),
        "BM25": pytest.approx(dict(zip(NAMES, (1 / log2(4), 1 / 3, 0, 1, 1), strict=True))),
        "RRF": pytest.approx(dict(zip(NAMES, (1 / log2(3), 1 / 2, 0, 1, 1), strict=True))),
        "OnRecord": pytest.approx(dict(zip(NAMES, (1, 1, 1, 1, 1), strict=True))),
    }


def test_dense_has_nothing_that_only_the_words_found(
    folder: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "_DEPTH", 1)
    figures = evaluate_set(judge(folder, "dealer"), config, SilentProgress(), keep=False).figures

    # the nearest is "ferry", the best by words "dealer", and the fusion has both in this order
    assert [figures[name]["MRR@10"] for name in ("dense", "BM25", "OnRecord")] == [0, 1, 0.5]


def step(found: Evaluation, name: str) -> Step:
    (one,) = (step for step in found.steps if step.name == name)
    return one


def test_titles_and_speakers_help_the_ranking_and_not_the_baselines(folder: Path, config: Config) -> None:
    lines = [
        {"_id": "adler", "text": "Zinc is dear today.", "speaker": "MS. ADLER"},
        {"_id": "lund", "text": "Zinc is zinc today.", "speaker": "Bo Lund"},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Ms. Adler, what of zinc?"}\n')
    (folder / "qrels.tsv").write_text("q\tadler\t1\n")
    found = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False)
    assert found.figures["BM25"]["success@1"] == 0.0
    assert found.figures["OnRecord"]["success@1"] == 1.0
    names = step(found, "titles, speakers and questions are searched")
    assert (names.ndcg, names.without, names.difference.mean) == pytest.approx((1.0, 1 / log2(3), 1 - 1 / log2(3)))


def test_every_step_is_measured_by_leaving_it_out(folder: Path, config: Config) -> None:
    found = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False)
    assert [step.name for step in found.steps] == [
        "rare words count more",
        "titles, speakers and questions are searched",
        "passages of the same days vouch for each other",
        "the question's words stand together",
    ]
    assert all(step.ndcg == pytest.approx(found.figures["OnRecord"]["nDCG@10"]) for step in found.steps)


def test_unanswerable_questions_tell_how_sure_it_may_be(folder: Path, config: Config) -> None:
    (folder / "unanswerable.jsonl").write_text('{"_id": "u", "text": "Xylophone quux zeppelin?"}\n')
    sure = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False).answerability
    assert sure is not None
    assert (sure.answerable, sure.unanswerable, sure.false_answers, sure.auroc) == (3, 1, 0.0, 1.0)


def test_follow_ups_are_asked_alone_with_their_history_and_as_people_rewrote_them(folder: Path, config: Config) -> None:
    history = [{"speaker": "user", "text": "Did the price of zinc rise in Orm?"}]
    row = {"_id": "q1", "text": "And why?", "history": history, "rewrite": "Why did the price of zinc rise in Orm?"}
    (folder / "queries.jsonl").write_text(json.dumps(row))
    (folder / "qrels.tsv").write_text("q1\tzinc\t1\n")
    found = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False).followups
    assert found is not None
    assert (found.questions, found.measure, found.standalone, found.rewritten) == (1, "nDCG@10", 1.0, 1.0)


def test_follow_ups_in_a_file_of_their_own_are_answered_by_the_statement_of_their_id(
    folder: Path, config: Config
) -> None:
    history = [{"speaker": "user", "text": "Is a ferry to Kelm late?"}, {"speaker": "agent", "text": "So they say."}]
    row = {"id": "ferry", "question": "And today?", "history": history, "answer": "A ferry to Kelm is late."}
    (folder / "followups.jsonl").write_text(json.dumps(row))
    found = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False).followups
    assert found is not None
    assert (found.questions, found.measure, found.standalone, found.rewritten) == (1, "success@10", 1.0, None)


def test_progress_ends_when_the_last_question_is_asked(folder: Path, config: Config) -> None:
    (folder / "unanswerable.jsonl").write_text('{"_id": "u", "text": "Xylophone quux zeppelin?"}\n')
    row = {"id": "ferry", "question": "And today?", "history": ["Is a ferry to Kelm late?"]}
    (folder / "followups.jsonl").write_text(json.dumps(row))
    progress = SilentProgress()
    evaluate_set(EvaluationSet.read(folder), config, progress, keep=False)
    asking = [told for told in progress.told if told[0] == "asking"]
    assert asking[-1] == ("asking", 9, 9)
    assert len(asking) == 9


def test_a_corpus_with_refused_lines_is_not_measured(folder: Path, config: Config) -> None:
    with (folder / "corpus.jsonl").open("a") as corpus:
        corpus.write('{"_id": "empty", "text": ""}\nnot json\n')

    with pytest.raises(NotAnEvaluationSet) as refused:
        evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False)

    assert str(refused.value).startswith(
        f'{folder} is not an evaluation set: 2 lines of its corpus were refused, the first: Line 4: its "text" is '
    )


def test_a_question_whose_statement_is_not_in_the_corpus_counts_as_not_found(folder: Path, config: Config) -> None:
    (folder / "qrels.tsv").write_text("q1\tzinc\t1\nq2\tlost\t1\n")
    figures = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False).figures
    assert dict(figures["OnRecord"]) == pytest.approx(dict.fromkeys(figures["OnRecord"], 0.5))


def test_a_query_that_finds_nothing_by_its_words_still_counts(folder: Path, config: Config) -> None:
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "zinc"}\n{"_id": "q2", "text": "anchovies"}\n')
    (folder / "qrels.tsv").write_text("q1\tzinc\t1\nq2\tzinc\t1\n")
    figures = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False).figures
    assert figures["BM25"]["success@10"] == 0.5
    assert figures["BM25"]["nDCG@10"] == 0.5


def test_a_statement_counts_once_by_its_best_passage(folder: Path, config: Config) -> None:
    asked = "Zinc and lead are dear in Orm and Kelm, " * 5 + "they say."
    beside = "Nobody commands the northern dredgers while ice holds. " * 6
    near = "Zinc and lead are dear. " * 3 + "Nobody commands the northern dredgers."
    lines = [{"_id": "long", "text": f"{asked} {beside}"}, {"_id": "near", "text": near}]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": asked}))
    (folder / "qrels.tsv").write_text("q\tlong\t1\n")
    found = evaluate_set(EvaluationSet.read(folder), config, SilentProgress(), keep=False)
    assert found.passages > 2
    assert found.figures["dense"]["success@1"] == found.figures["OnRecord"]["success@1"] == 1.0


def test_kept_collections_are_used_again(folder: Path, config: Config) -> None:
    judged = EvaluationSet.read(folder)
    first = evaluate_set(judged, config, SilentProgress(), keep=True)
    progress = SilentProgress()
    assert evaluate_set(judged, config, progress, keep=True).figures == first.figures
    assert ("indexing", 0, 0) not in progress.told
    assert config.archive.exists()


def test_a_set_may_be_compressed(folder: Path) -> None:
    plain = EvaluationSet.read(folder)
    for name in ("corpus.jsonl", "queries.jsonl"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert EvaluationSet.read(folder) == replace(plain, corpus=folder / "corpus.jsonl.gz")


def test_only_judged_queries_and_judgements_of_known_queries_are_kept(folder: Path) -> None:
    with (folder / "qrels.tsv").open("a") as qrels:
        qrels.write("unheard\tzinc\t1\n")
    judged = EvaluationSet.read(folder)
    assert {query: row.text for query, row in judged.queries.items()} == {
        key: text for key, text in QUERIES.items() if key != "unjudged"
    }
    assert judged.qrels == {"q1": {"tin": 1}, "q2": {"ferry": 1}, "q3": {"tin": 1, "zinc": 2, "ferry": 0}}


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def holding(name: str, data: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return write


@pytest.mark.parametrize(
    ("spoil", "lack"),
    [
        (without("corpus.jsonl"), "corpus.jsonl is missing"),
        (without("queries.jsonl"), "queries.jsonl is missing"),
        (without("qrels.tsv"), "qrels.tsv is missing"),
        (holding("queries.jsonl", b'{"_id": "q1", "text": "x"}\nnot json\n'), "line 2 of queries.jsonl is not JSON"),
        (holding("queries.jsonl", b"7\n"), "line 1 of queries.jsonl"),
        (holding("queries.jsonl", b'"_id and text"\n'), "line 1 of queries.jsonl"),
        (holding("queries.jsonl", b'{"_id": "q1", "text": "\xff"}\n'), "queries.jsonl"),
        (holding("queries.jsonl", b'{"_id": "other", "text": "x"}\n'), "no query has a judgement"),
        (holding("queries.jsonl", b""), "no query has a judgement"),
        (holding("qrels.tsv", b"query-id\tcorpus-id\tscore\nq1 zinc 1\n"), "line 2 of qrels.tsv is not query-id"),
        (holding("qrels.tsv", b"q1\tzinc\tvery\n"), "line 1 of qrels.tsv is not query-id"),
        (holding("qrels.tsv", b"q1\tzinc\t--1\n"), "line 1 of qrels.tsv is not query-id"),
        (holding("qrels.tsv", b"q1\tzinc\t\xff\n"), "qrels.tsv"),
        (holding("qrels.tsv", b""), "no query has a judgement"),
    ],
)
def test_a_malformed_set_is_refused_and_says_what_it_lacks(
    folder: Path, spoil: Callable[[Path], None], lack: str
) -> None:
    spoil(folder)
    with pytest.raises(NotAnEvaluationSet, match=lack) as refused:
        EvaluationSet.read(folder)
    assert "It needs corpus.jsonl, queries.jsonl" in str(refused.value)


def test_a_folder_that_is_not_there_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(NotAnEvaluationSet):
        EvaluationSet.read(tmp_path / "nowhere")


def test_a_compressed_file_that_was_cut_short_is_refused(folder: Path) -> None:
    packed = gzip.compress((folder / "queries.jsonl").read_bytes())
    (folder / "queries.jsonl").unlink()
    (folder / "queries.jsonl.gz").write_bytes(packed[:-12])
    with pytest.raises(NotAnEvaluationSet, match=r"queries\.jsonl\.gz"):
        EvaluationSet.read(folder)
