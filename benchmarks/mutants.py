"""`python -m benchmarks.mutants`: whether the tests find out when the code is broken on purpose, module by module."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.killing import killed, measured
from benchmarks.mutating import Mutant, mutants

ROOT = Path(__file__).parent.parent
BAR = 0.9
"""The least share of mutants that must be killed."""
SAMPLE, LARGE_SAMPLE, LARGE = 40, 60, 300
"""Mutants of a module, those of one with more lines than `LARGE`."""
CITING = ("service/citing.py",)
QUOTE_CHECK = (
    "service/quote_check.py",
    "service/spoken.py",
    "service/verdicts.py",
    "service/findings.py",
    "corpus/alignment.py",
    "corpus/quoted.py",
    "corpus/quotations.py",
    "corpus/claims.py",
    "corpus/persons.py",
    "corpus/agreements.py",
)
TESTS = (
    "corpus",
    "tests/corpus",
    *(module for module in (*CITING, *QUOTE_CHECK) if module.startswith("service")),
    "tests/service/test_citing.py",
    "tests/service/test_quote_check.py",
    "tests/service/test_cli_checks.py",
    "tests/service/test_web_verify.py",
    "tests/service/test_web_check_report.py",
    "tests/service/test_integrity.py",
    "tests/test_quotation_benchmark.py",
)


@dataclass(slots=True)
class Row:
    """What became of one module's mutants."""

    module: str
    possible: int
    outcomes: dict[Mutant, str]
    """The test that found it out, or what else did; "" for one that survived."""

    @property
    def survived(self) -> list[Mutant]:
        """Those that no test noticed."""
        return [mutant for mutant, became in self.outcomes.items() if not became]

    @property
    def timed_out(self) -> int:
        """Those that took far too long, which is noticed too."""
        return sum(became == "time" for became in self.outcomes.values())


def main(arguments: Sequence[str] | None = None) -> int:
    """Break modules, run their tests, print the table; 1 when too many mutants of a group survive."""
    given = _parser().parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.chdir(ROOT)
    started = perf_counter()
    before = json.loads(given.out.read_text(encoding="utf-8")) if given.again else {}
    rows = _drawn(given.modules or _all_modules(), given.most, given.seed, before)
    _try(rows, given.tests or TESTS, given.out)
    lines = [f"survived  {mutant.name}" for row in rows for mutant in row.survived]
    lines += [*_table(rows), f"{perf_counter() - started:,.0f} s, seed {given.seed}"]
    sys.stdout.write("\n".join([*lines, ""]))
    return int(any(_share(chosen) < BAR for chosen in _groups(rows).values()))


def _drawn(modules: Sequence[str], most: int | None, seed: int, before: Mapping[str, str]) -> list[Row]:
    """Every module's mutants: of those that tests found out `before` it is taken as known."""
    rows = []
    for module in modules:
        found, possible = mutants(ROOT, module, _sample(module) if most is None else most or None, seed)
        count = Counter(mutant.name for mutant in found)
        known = {name: became for name, became in before.items() if count[name] == 1}
        rows.append(Row(module, possible, {mutant: known.get(mutant.name, "") for mutant in found}))
    return rows


def _try(rows: Sequence[Row], tests: Sequence[str], out: Path) -> None:
    """Find out what becomes of those that are not known, and write it down as it goes."""
    concerned = measured(ROOT, tests, [row.module for row in rows])
    tried = [mutant for row in rows for mutant in row.survived]
    of = {row.module: row for row in rows}
    for number, (mutant, became) in enumerate(killed(ROOT, tests, tried, concerned), 1):
        of[mutant.path].outcomes[mutant] = became
        sys.stderr.write(f"{number}/{len(tried)} {mutant.name}: {became or 'SURVIVED'}\n")
        if number % 25 == 0:
            _write(rows, out)
    _write(rows, out)


def _write(rows: Sequence[Row], out: Path) -> None:
    outcomes: dict[str, str] = {}
    for mutant, became in (pair for row in rows for pair in row.outcomes.items()):
        outcomes[mutant.name] = became and outcomes.get(mutant.name, became)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(outcomes, ensure_ascii=False, indent=1), encoding="utf-8")


def _sample(module: str) -> int:
    lines = len((ROOT / module).read_text(encoding="utf-8").splitlines())
    return LARGE_SAMPLE if lines > LARGE else SAMPLE


def _all_modules() -> list[str]:
    corpus = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("corpus/**/*.py"))]
    return [*corpus, *CITING, *(module for module in QUOTE_CHECK if module not in corpus)]


def _groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each part that must be held by its tests; a part with no mutant tried is left out."""
    groups = {
        "corpus": [row for row in rows if row.module.startswith("corpus/")],
        "citing": [row for row in rows if row.module in CITING],
        "quote check": [row for row in rows if row.module in QUOTE_CHECK],
        "all": list(rows),
    }
    return {name: chosen for name, chosen in groups.items() if any(row.outcomes for row in chosen)}


def _share(rows: Sequence[Row]) -> float:
    """Of the mutants, those killed; 1 where there are none."""
    count = sum(len(row.outcomes) for row in rows)
    return 1 - sum(len(row.survived) for row in rows) / count if count else 1.0


def _table(rows: Sequence[Row]) -> Iterator[str]:
    width = max(len(row.module) for row in rows)
    yield f"{'':{width}}  possible  mutants  killed  survived  timed out   share"
    for name, chosen in [*((row.module, [row]) for row in rows), *_groups(rows).items()]:
        count, survived = sum(len(row.outcomes) for row in chosen), sum(len(row.survived) for row in chosen)
        late, possible = sum(row.timed_out for row in chosen), sum(row.possible for row in chosen)
        numbers = f"{possible:8,}  {count:7,}  {count - survived:6,}  {survived:8,}  {late:9,}"
        yield f"{name:{width}}  {numbers}  {_share(chosen):6.1%}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as corpus/turns.py; every one that counts, when none is given")
    parser.add_argument("--most", type=int, help="mutants of a module, drawn at random; 0 for all")
    parser.add_argument("--tests", nargs="+", help="files and folders of tests, instead of all that count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "mutants.json")
    parser.add_argument("--again", action="store_true", help="try only those that survived in what --out names")
    return parser


if __name__ == "__main__":
    sys.exit(main())
