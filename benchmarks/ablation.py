"""`python -m benchmarks.ablation DIR…`: what each step of the ranking adds on judged sets, and what it takes."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from service.config import Config
from service.evaluation import Evaluation, evaluate_set
from service.judged import EvaluationSet
from service.terminal import ingest_progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate every set, in a collection that `--keep` keeps, and print one table of all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="judged questions in the BEIR layout")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the collections are made, to be used again")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        kept = given.keep or Path(stack.enter_context(TemporaryDirectory(prefix="onrecord-")))
        progress = stack.enter_context(ingest_progress())
        found = {
            folder.name: evaluate_set(EvaluationSet.read(folder), Config(kept / folder.name), progress, keep=True)
            for folder in given.folders
        }
    sys.stdout.write(table(found))
    return 0


def table(found: dict[str, Evaluation]) -> str:
    """One line a set and step, in Markdown: nDCG@10 with and without it, its part with p, and milliseconds."""
    lines = [
        "| set | step | nDCG@10 | without it | it adds | p | ms a question |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, evaluation in found.items():
        best = evaluation.comparison
        baseline = evaluation.figures[best.baseline][best.measure]
        ours = evaluation.figures[best.ranking][best.measure]
        lines.append(
            f"| {name} | all, against {best.baseline} | {ours:.4f} | {baseline:.4f} | {best.difference.mean:+.4f} "
            f"| {best.difference.p:.4f} | |"
        )
        lines.extend(
            f"| {name} | {step.name} | {step.ndcg:.4f} | {step.without:.4f} | {step.difference.mean:+.4f} "
            f"| {step.difference.p:.4f} | {step.milliseconds or 0.0:.1f} |"
            for step in evaluation.steps
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
