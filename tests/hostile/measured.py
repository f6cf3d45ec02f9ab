"""What one file costs to be read: seconds of computing in its child, and the most memory that this had."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from corpus.readers import confined

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Cost:
    """What reading took."""

    seconds: float = 0.0
    """By the clock, other work of the machine included."""
    computing: float = 0.0
    """Seconds of processor time, of the child alone."""
    megabytes: float = 0.0
    """Of memory, the most that the child ever had; sampled, as a child that was ended can no longer say it."""


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the block, which begins with a new child."""
    confined.stop()
    cost, over = Cost(), Event()
    before, started = _of_ended_children(), perf_counter()
    sampling = Thread(target=_sample, args=(cost, over))
    sampling.start()
    try:
        yield cost
    finally:
        over.set()
        sampling.join()
        cost.seconds = perf_counter() - started
        confined.stop()
        cost.computing = _of_ended_children() - before


def _of_ended_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _sample(cost: Cost, over: Event) -> None:
    while True:
        for pid in _children():
            cost.megabytes = max(cost.megabytes, _high_water(pid))
        if over.wait(0.02):
            return


def _children() -> list[str]:
    try:
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except OSError:
        return []


def _high_water(pid: str) -> float:
    try:
        if b"reading_child" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return 0.0  # it is a copy of ourselves still, that will be the child
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) * 1024 / 1e6 for line in told.splitlines() if line.startswith("VmHWM")), default=0)
