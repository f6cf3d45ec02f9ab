"""Figures of whole processes: how long a person waits who types a command."""

from collections.abc import Iterator

from benchmarks.figures import Bar, Figure
from benchmarks.measure import beside, onrecord, python
from benchmarks.plan import Plan

_IMPORT = "import sentence_transformers"


def helping(plan: Plan) -> Iterator[Figure]:
    """`onrecord --help`."""
    onrecord("--help")
    ours, baseline = beside(lambda _: onrecord("--help"), lambda _: python("-c", "pass"), range(plan.amounts.helps))
    bars = (Bar("ratio", 5), Bar("value", 0.25))
    yield Figure("help", "onrecord --help", "s", ours, baseline, "python -c pass", bars)


def cold(plan: Plan) -> Iterator[Figure]:
    """`onrecord ask`, the files it reads in the system's cache."""
    asked = plan.smallest
    for question in plan.questions.take(plan.amounts.colds_not_counted):
        onrecord("ask", "--data", str(asked.data), question)
        python("-c", _IMPORT)
    ours, baseline = beside(
        lambda question: onrecord("ask", "--data", str(asked.data), question),
        lambda _: python("-c", _IMPORT),
        plan.questions.take(plan.amounts.colds),
    )
    bars = (Bar("ratio", 0.15), Bar("value", 1.0)) if asked.size <= 12_000 else ()
    name = f"cold onrecord ask, {asked.size:,} passages"
    yield Figure("cold", name, "s", ours, baseline, f'python -c "{_IMPORT}"', bars, size=asked.size)
