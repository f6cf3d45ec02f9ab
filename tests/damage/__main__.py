"""`python -m tests.damage`: many trials of each kind of damage, a line each with what was not noticed."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import pytest

from tests.damage.trials import Damage, Target, Trials, make
from tests.fakes import BagOfWordsEncoder, use_bag_of_words


def main() -> int:
    """Do the trials; the exit code is 1 when any damage was not noticed or an answer was wrong."""
    read = argparse.ArgumentParser(description=__doc__)
    read.add_argument("--trials", type=int, default=1000, help="of each kind and target (default 1000)")
    read.add_argument("--seed", type=int, default=0)
    given = read.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        use_bag_of_words(patch)
        trials = Trials(make(Path(folder)), Path(folder), BagOfWordsEncoder())
        for target in Target:
            for kind in Damage:
                chance = Random(f"{given.seed} {target} {kind}")  # noqa: S311, it draws places to damage
                began = time.perf_counter()
                wrong = [found for _ in range(given.trials) if (found := trials.one(chance, target, kind))]
                took = f"{time.perf_counter() - began:.0f} s"
                print(f"{target}, {kind}: {given.trials - len(wrong)} of {given.trials} noticed, {took}", flush=True)
                print(*(f"  {one}" for one in wrong[:10]), sep="\n", end="\n" if wrong else "")
                failed += len(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
