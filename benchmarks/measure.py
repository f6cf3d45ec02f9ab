"""How time, memory and disk are measured: each round of ours beside one of the baseline, so that noise meets both."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
_STARTED = monotonic()
_EVERY = 5.0
"""Seconds between two lines of progress."""


def say(what: str) -> None:
    """A line of progress on standard error, with the minutes since the start."""
    minutes, seconds = divmod(int(monotonic() - _STARTED), 60)
    sys.stderr.write(f"{minutes:3}:{seconds:02} {what}\n")
    sys.stderr.flush()


class Meter:
    """Says every few seconds how far a long piece of work is."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last = monotonic()

    def at(self, done: int, total: int) -> None:
        """So many of so many are done."""
        if monotonic() - self._last > _EVERY:
            self._last = monotonic()
            say(f"  {self._what}: {done:,} of {total:,}")


class Told:
    """The progress that the program under measurement is given: encoding is shown, the rest is not."""

    def __init__(self) -> None:
        self._meter = Meter("passages encoded")

    def reading(self, done: int, total: int) -> None:
        """Nothing."""

    def statement(self) -> None:
        """Nothing."""

    def encoding(self, done: int, total: int) -> None:
        """So many passages of so many are encoded."""
        self._meter.at(done, total)

    def indexing(self) -> None:
        """Nothing."""

    def exporting(self) -> None:
        """Nothing."""


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def beside(
    ours: Callable[[T], object], baseline: Callable[[T], object], items: Iterable[T]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds that ours takes for each item, and the baseline for the same; each is first every other time."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number, item in enumerate(items):
        for which in ((0, 1), (1, 0))[number % 2]:
            started = perf_counter()
            (ours, baseline)[which](item)
            taken[which].append(perf_counter() - started)
    return tuple(taken[0]), tuple(taken[1])


def python(*arguments: str, accepting: tuple[int, ...] = (0,)) -> str:
    """Run this Python in a process of its own; what it printed. Raises where its exit code is not accepted."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in accepting:
        raise subprocess.CalledProcessError(done.returncode, arguments, done.stdout, done.stderr)
    return done.stdout.decode()


def onrecord(*arguments: str) -> str:
    """Run the command in a process of its own; nothing found is fine."""
    return python("-m", "service.cli", *arguments, accepting=(0, 1))


def memory_of(pid: int) -> tuple[float, float] | None:
    """Resident and unique set of a process in MB (10⁶ bytes); `None` where the system does not tell, as only Linux."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    unique = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return kilobytes["Rss"] * 1024 / 1e6, unique * 1024 / 1e6


def bytes_under(folder: Path, *, leaving_out: str = "") -> int:
    """Bytes of all files under `folder`, one with two names counted once, the subfolder `leaving_out` not at all."""
    found: dict[tuple[int, int], int] = {}
    for parent, folders, names in os.walk(folder):
        if Path(parent) == folder and leaving_out in folders:
            folders.remove(leaving_out)
        for name in names:
            status = Path(parent, name).stat()
            found[status.st_dev, status.st_ino] = status.st_size
    return sum(found.values())


@contextmanager
def copy_of(data: Path) -> Iterator[Path]:
    """A copy of a collection beside it, to be changed and thrown away."""
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="copy-") as folder:
        copy = Path(folder) / data.name
        shutil.copytree(data, copy)
        yield copy
