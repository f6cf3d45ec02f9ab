"""What one file costs to be read: seconds of computing in its child, and the most memory that this had meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

_TICKS = os.sysconf("SC_CLK_TCK")
_FORGET_HIGH_WATER = "5"


@dataclass(slots=True)
class Cost:
    """What reading took."""

    seconds: float = 0.0
    """By the clock, other work of the machine included."""
    computing: float = 0.0
    """Seconds of processor time, of the child alone: its start too where it was new."""
    megabytes: float = 0.0
    """Of memory, the most that the child had; sampled, as a child that was ended can no longer say it."""


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the block; the child that it begins with may have read before."""
    cost, over = Cost(), Event()
    for pid in _children():
        with suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_HIGH_WATER)
    before, started = _computed(), perf_counter()
    sampling = Thread(target=_sample, args=(cost, over))
    sampling.start()
    try:
        yield cost
    finally:
        over.set()
        sampling.join()
        cost.seconds = perf_counter() - started
        cost.computing = _computed() - before


def _computed() -> float:
    """Seconds of processor time of all children, those that ended included."""
    times = os.times()
    return times.children_user + times.children_system + sum(map(_computed_by, _children()))


def _computed_by(pid: str) -> float:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / _TICKS


def _sample(cost: Cost, over: Event) -> None:
    while not over.wait(0.02):
        cost.megabytes = max([cost.megabytes, *map(_high_water, _children())])
    cost.megabytes = max([cost.megabytes, *map(_high_water, _children())])


def _children() -> list[str]:
    children: list[str] = []
    for one in Path("/proc/self/task").glob("*/children"):  # of each of our threads
        with suppress(OSError):
            children += one.read_text().split()
    return children


def _high_water(pid: str) -> float:
    try:
        if b"reading_child" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return 0.0  # it is a copy of ourselves still, that will be the child
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) * 1024 / 1e6 for line in told.splitlines() if line.startswith("VmHWM")), default=0)
