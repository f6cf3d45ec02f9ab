"""Figures of asking an open collection beside the encoder alone, and of the dense search beside exact search."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.exact import DEPTH, Exact
from benchmarks.figures import Bar, Figure, bars_for
from benchmarks.measure import Told, beside, say
from benchmarks.narrow import Facets, Narrowed
from benchmarks.plan import Plan
from corpus.filters import Filters
from embeddings.encoder import Vectors
from service.answering import Collection
from service.wiring import collection

_WARMING = 10
_DEPTH = 100
"""How deep the ranking looks, as `ask` has it."""
_NO_WORD = "xqzvkwj"
"""A question that no keyword search finds anything for: what comes back is the dense search's alone."""
_AGAINST = "encoding it"
_MADE_ANEW = (
    "each question is asked once; the encoder gets it with a space added, so that neither finds the other's in a cache"
)
_SHARES = {"selective": 0.001, "broad": 0.5}


def warm(plan: Plan) -> Iterator[Figure]:
    """Asking, at each size."""
    for measured in plan.every():
        with collection(measured.config, Told()) as opened:
            ours, baseline = _asked(plan, opened, plan.amounts.questions)
        bars = bars_for(measured.size, "ratio", {100_000: 1.5, 1_000_000: 3})
        name = f"warm ask, {measured.size:,} passages"
        yield Figure("warm", name, "ms", ours, baseline, _AGAINST, bars, _MADE_ANEW, measured.size)


def recall(plan: Plan) -> Iterator[Figure]:
    """The dense search against exact search, at each size."""
    for measured in plan.every():
        with collection(measured.config, Told()) as opened:
            asked = opened.encoder.encode_questions(plan.questions.take(plan.amounts.recalled))
            recalls = Exact.of(opened.archive).recalls(asked, _found(opened, asked, Filters()))
        name = f"recall@{DEPTH} of the dense search, {measured.size:,} passages"
        bars = (Bar("value", 0.99, at_least=True),)
        yield Figure("recall", name, "", recalls, bars=bars, size=measured.size, middle="mean")


def narrowed(plan: Plan) -> Iterator[Figure]:
    """Asking within filters, and the dense search there, in the largest collection."""
    with collection(plan.largest.config, Told()) as opened:
        facets, exact = Facets(opened.archive), Exact.of(opened.archive)
        for breadth, share in _SHARES.items():
            for one in facets.filters(share):
                yield from _within(plan, opened, exact, breadth, one)


def _within(plan: Plan, opened: Collection, exact: Exact, breadth: str, one: Narrowed) -> Iterator[Figure]:
    size = plan.largest.size
    name = f"{breadth} filter by {one.by} ({one.share:.2%}), {size:,} passages"
    say(f"  {name}")
    ours, baseline = _asked(plan, opened, plan.amounts.narrowed, one.filters)
    asked = opened.encoder.encode_questions(plan.questions.take(plan.amounts.narrowed))
    recalls = exact.recalls(asked, _found(opened, asked, one.filters), one.within)
    yield Figure("filters", f"warm ask, {name}", "ms", ours, baseline, _AGAINST, size=size)
    yield Figure("filters", f"recall@{DEPTH}, {name}", "", recalls, size=size, middle="mean")


def _asked(
    plan: Plan, opened: Collection, number: int, filters: Filters | None = None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Milliseconds of asking each question and of encoding it, after some that are not counted."""
    for question in plan.questions.take(_WARMING):
        opened.ask(question, filters=filters)
    ours, baseline = beside(
        lambda question: opened.ask(question, filters=filters),
        lambda question: opened.encoder.encode_questions([f"{question} "]),
        plan.questions.take(number),
    )
    return _milliseconds(ours), _milliseconds(baseline)


def _milliseconds(seconds: Sequence[float]) -> tuple[float, ...]:
    return tuple(taken * 1000 for taken in seconds)


def _found(opened: Collection, asked: Vectors, filters: Filters) -> list[list[int]]:
    """The ten that the dense search puts first, for each question, searched as deep as `ask` does."""
    return [_nearest(opened, vector, filters) for vector in np.ascontiguousarray(asked)]


def _nearest(opened: Collection, vector: Vectors, filters: Filters) -> list[int]:
    cosines = opened.retrieve(_NO_WORD, filters, _DEPTH, vector).cosines
    return sorted(cosines, key=lambda key: (-cosines[key], key))[:DEPTH]
