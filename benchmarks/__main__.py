"""`python -m benchmarks`: what OnRecord costs beside its baselines, on this machine, in this run."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import asking, commands, growing, serving
from benchmarks.collections import Collections
from benchmarks.figures import Figure, as_markdown, as_text
from benchmarks.measure import say
from benchmarks.plan import QUICK, Amounts, Plan
from benchmarks.plots import draw

HERE = Path(__file__).parent
FIGURES: dict[str, Callable[[Plan], Iterator[Figure]]] = {
    "help": commands.helping,
    "cold": commands.cold,
    "ingest": growing.ingesting,
    "disk": growing.disk,
    "opening": growing.opening,
    "warm": asking.warm,
    "recall": asking.recall,
    "filters": asking.narrowed,
    "http": serving.over_http,
    "memory": serving.memory,
    "rebuild": growing.rebuilding,
    "adding": growing.adding,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write it; 1 when a bar is missed."""
    given = _parser().parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    given.out.mkdir(parents=True, exist_ok=True)
    collections = Collections(given.keep, given.encode, given.vectors)
    plan = Plan(given.sizes, collections, QUICK if given.quick else Amounts())
    figures: list[Figure] = []
    for name in given.only or FIGURES:
        say(name)
        figures += FIGURES[name](plan)
        write(figures, plan, given.out)  # after each, so that a run cut short leaves what it has
    sys.stdout.write(f"{as_text(figures)}\n")
    for picture in draw(figures, plan.loads, given.out):
        say(f"drew {picture}")
    return int(any(figure.is_met is False for figure in figures))


def write(figures: Sequence[Figure], plan: Plan, folder: Path) -> None:
    """Write `results.json` and `results.md`."""
    about = _about(plan)
    results = {
        **about,
        "figures": [figure.as_json() for figure in figures],
        "http": [asdict(load) for load in plan.loads],
    }
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    made = "".join(f"- {one['said']}\n" for one in about["collections"])
    heading = f"# OnRecord, measured {about['measured']}\n\n{about['machine']}\n\n"
    spread = "\n*Spread*: 10th to 90th percentile of the rounds or questions.\n"
    (folder / "results.md").write_text(f"{heading}{as_markdown(figures)}{spread}\n{made}", encoding="utf-8")


def _about(plan: Plan) -> dict[str, Any]:
    """When, where and on what."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
        "collections": [asdict(one.made) | {"said": one.made.said()} for one in plan.opened.values()],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(12_000, 100_000, 1_000_000), help="passages, as 12000,100000")
    parser.add_argument("--keep", type=Path, default=HERE / "collections", help="where the collections are kept")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="where the results go")
    parser.add_argument("--only", nargs="+", choices=FIGURES, help="measure these alone")
    parser.add_argument("--encode", type=int, default=30_000, help="passages really encoded, at most")
    parser.add_argument("--vectors", type=Path, help="a file of vectors already computed, made by an earlier run")
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs; not to be quoted")
    return parser


def _sizes(given: str) -> tuple[int, ...]:
    return tuple(int(size) for size in given.split(","))


if __name__ == "__main__":
    sys.exit(main())
