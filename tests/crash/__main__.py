"""`python -m tests.crash`: kill a collection again and again, refuse it what it needs, and say what was lost."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_threads] = "1"  # no thread may run before the process forks
os.environ["HF_HUB_OFFLINE"] = "1"

from tests.crash.faults import Met, refuse  # noqa: E402
from tests.crash.operations import OPERATIONS  # noqa: E402
from tests.crash.trials import LOSSES, Share, Tally, kill  # noqa: E402

_TOLD_EVERY = 500


def main() -> int:
    """Run the trials; 1 when anything was lost, doubled, altered or could not be opened."""
    given = _arguments()
    if given.share:
        number, of = map(int, given.share.split("/"))
        tally = _run(given, Share(number, of))
        print(tally.to_json())
        return 0
    tally = _shared(given) if given.jobs > 1 else _run(given, Share(0, 1))
    _show(tally)
    return 1 if tally.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="at least so many")
    parser.add_argument("--faults", type=int, default=0, help="rounds of refusing disk, handles, memory, and so on")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, help="stop killing after so many, however many kills there were")
    parser.add_argument("--folder", type=Path, help="where trials happen; default: a temporary folder")
    names = [operation.name for operation in OPERATIONS]
    parser.add_argument("--only", choices=names, help="this operation alone; default: each of them")
    parser.add_argument("--jobs", type=int, default=1, help="processes beside each other")
    parser.add_argument("--share", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(given: argparse.Namespace, share: Share) -> Tally:
    """The share of the trials that falls to this process."""
    seconds = given.minutes and 60 * given.minutes
    chosen = [operation for operation in OPERATIONS if given.only in (None, operation.name)]
    kills = -(-given.kills // share.of)
    with tempfile.TemporaryDirectory(prefix="crash-", dir=given.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)  # somebody who may not write is to look into it
        tally, harness, rehearsed = kill(
            folder, chosen, kills, given.seed + share.number, seconds=seconds, share=share, tell=_tell
        )
        met = Met()
        for number in range(given.faults):
            if number % share.of == share.number:
                refuse(harness, rehearsed, met)
        tally.faults = met.counted()
    return tally


def _shared(given: argparse.Namespace) -> Tally:
    """The trials of several processes beside each other."""
    command = [sys.executable, "-m", "tests.crash", "--kills", str(given.kills), "--seed", str(given.seed)]
    command += ["--faults", str(given.faults)]
    command += ["--minutes", str(given.minutes)] if given.minutes else []
    command += ["--only", given.only] if given.only else []
    command += ["--folder", str(given.folder)] if given.folder else []
    running = [
        subprocess.Popen([*command, "--share", f"{number}/{given.jobs}"], stdout=subprocess.PIPE, text=True)
        for number in range(given.jobs)
    ]
    tally = Tally()
    for job in running:
        told = job.communicate()[0]
        if job.returncode:
            raise SystemExit(f"a job failed with exit code {job.returncode}")
        tally.add(told)
    return tally


def _tell(tally: Tally) -> None:
    trials = tally.kills.total() + tally.finished
    if trials % _TOLD_EVERY == 0:
        told = f"{tally.total:,} kills in {tally.seconds:.0f} s, {tally.failed.total()} failures"
        print(told, file=sys.stderr, flush=True)


def _show(tally: Tally) -> None:
    kinds = sorted({kind for _, kind in tally.kills})
    print(f"{'operation':20}" + "".join(f"{kind:>16}" for kind in kinds))
    for operation in sorted({name for name, _ in tally.kills}):
        print(f"{operation:20}" + "".join(f"{tally.kills[operation, kind]:16,}" for kind in kinds))
    named: Counter[str] = Counter(operation for operation, _ in tally.steps)
    print(f"\n{tally.total:,} kills, {tally.again:,} of them of the repair, in {tally.seconds:.0f} s", end="")
    print(f" ({tally.total / max(tally.seconds, 0.001):.1f} a second); {tally.finished:,} were done before")
    print(f"named steps killed at: {named.total()} in {len(named)} operations")
    if tally.faults:
        print(f"\n{'fault':24}{'trials':>10}{'one line':>10}{'done':>10}{'aborted':>10}")
        for fault, counts in sorted(tally.faults.items()):
            print(f"{fault:24}" + "".join(f"{count:10,}" for count in counts))
    print()
    for kind in (*LOSSES, "traceback"):
        print(f"{kind}: {tally.failed[kind]}")
    print(f"slowest opening after a crash: {tally.slowest:.2f} s")
    for failure in tally.failures:
        print(f"  {failure}")


if __name__ == "__main__":
    sys.exit(main())
