"""Fuzzing of every reader, led by which code an input reaches: `python -m tests.fuzz.readers --seconds 60`.

Each target of `tests.fuzz.targets` runs in a process of its own, from its saved corpus and the samples on; what it adds
to that is kept in the folder that `--work` names. It needs atheris, of the extra "fuzz", which there is for Linux only.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.targets import CORPUS, ENDINGS, SAMPLES, TARGETS

MEGABYTES = 1_536
"""Of memory, at most, the parsers and their instruments included."""
LONGEST = 16_384
"""Bytes in an input, at most: of a saved one that has more, its beginning is tried."""
_HANG = 60
"""Seconds on the clock after which an input is taken to hang."""
_RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_PEAK = re.compile(r"stat::peak_rss_mb:\s+(\d+)")
_COVERED = re.compile(r"(?:cov|ft): (\d+)")


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """How the fuzzing of one target went."""

    target: str
    runs: int
    covered: int
    """Places in our code and in that of its libraries that were reached."""
    megabytes: int
    """Of memory, at the peak."""
    offender: Path | None
    """The input that something went wrong with."""
    log: str


def fuzz(target: str, seconds: int, work: Path) -> Fuzzed:
    """Try inputs for so many seconds, or until one goes wrong; inputs that reached new code are kept below `work`."""
    found, artifacts = work / target, work / "offenders"
    for folder in (found, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    began = time.time()
    limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MEGABYTES}", f"-timeout={_HANG}", f"-max_len={LONGEST}"]
    command = [sys.executable, "-m", "tests.fuzz.one_reader", target, *limits, "-print_final_stats=1"]
    folders = [f"-artifact_prefix={artifacts}/{target}-", str(found), str(CORPUS / target)]
    folders += [str(SAMPLES)] if target in ENDINGS else []
    run = subprocess.run([*command, *folders], capture_output=True, text=True, errors="replace", check=False)
    log = run.stdout + run.stderr
    offenders = [path for path in artifacts.glob(f"{target}-*") if path.stat().st_mtime >= began - 1]
    offender = offenders[0] if offenders else None
    runs, peak, covered = _RUNS.search(log), _PEAK.search(log), _COVERED.findall(log)
    if run.returncode and offender is None:
        raise RuntimeError(log[-4_000:])
    return Fuzzed(
        target,
        int(runs[1]) if runs else 0,
        int(covered[-1]) if covered else 0,
        int(peak[1]) if peak else 0,
        offender,
        log,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz one target after the other, tell the figures, and give the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--only", nargs="+", choices=TARGETS, default=list(TARGETS), help="these targets")
    parser.add_argument("--work", type=Path, help="where inputs that reach new code, and offenders, are kept")
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as scratch:
        results = [_told(fuzz(target, given.seconds, given.work or Path(scratch))) for target in given.only]
    return 1 if any(result.offender for result in results) else 0


def _told(result: Fuzzed) -> Fuzzed:
    print(
        f"{result.target:12}{result.runs:>12,} inputs{result.covered:>8,} places{result.megabytes:>6,} MB  "
        f"{'offended' if result.offender else 'well'}",
        flush=True,
    )
    if result.offender:
        print(f"{result.log[-3_000:]}\n{result.offender.name}: {result.offender.read_bytes()[:2_000]!r}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
