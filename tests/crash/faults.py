"""Fault trials: what an operation does when the system refuses it something, at every moment."""

import errno
import os
import random
import resource
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from service.cli import main as command_line
from tests.crash.children import Ended, Tell, run
from tests.crash.moments import Nth, watch
from tests.crash.operations import Operation, Place, acknowledge
from tests.crash.trials import Harness, Rehearsed
from tests.crash.wholeness import Expected

_TAIL = 400
"""Characters at the end of what a command said that are told of a failure."""
_ABORTED = 6
"""The signal by which a library ends a process that gets no memory."""
_PANIC = "PanicException"
"""What a library in Rust raises that cannot start a thread; nothing but `BaseException` catches it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the system refuses; `befall` brings it about in the child that is to meet it."""

    kind: str
    told: str
    befall: Callable[[Place], None]
    may_abort: bool = False
    """Whether a library written in Rust or C++ may end the process, as those do that get no memory."""


@dataclass(slots=True)
class Met:
    """What came of all faults."""

    trials: Counter[str] = field(default_factory=Counter)
    """By kind of fault."""
    said: Counter[str] = field(default_factory=Counter)
    """Of these, ended with one line and exit code 2."""
    unharmed: Counter[str] = field(default_factory=Counter)
    """Of these, were done all the same."""
    aborted: Counter[str] = field(default_factory=Counter)
    """Of these, ended by a library that got no memory."""

    def counted(self) -> dict[str, list[int]]:
        """By kind of fault: the trials; how many ended with one line, were done all the same, and were aborted."""
        ways = (self.trials, self.said, self.unharmed, self.aborted)
        return {kind: [way[kind] for way in ways] for kind in self.trials}


def refuse(harness: Harness, rehearsed: Sequence[Rehearsed], met: Met) -> None:
    """One round: every kind of fault for every operation, at moments drawn anew."""
    for one in rehearsed:
        for fault in faults(one, harness.chance):
            meet(harness, one, fault, met)


def faults(rehearsed: Rehearsed, chance: random.Random) -> list[Fault]:
    """Every fault at some moments of an operation."""
    steps = sorted(rehearsed.steps)
    numbers = chance.sample(range(1, rehearsed.files + 1), min(6, rehearsed.files))
    named = chance.sample(steps, min(6, len(steps)))
    return [
        *(_refused("disk full", errno.ENOSPC, None, number) for number in numbers),
        *(_refused("disk full", errno.ENOSPC, name, 1) for name in named[:3]),
        *(_refused("disk fails", errno.EIO, None, number) for number in numbers[:2]),
        *(_no_memory(name) for name in named[3:]),
        *(_unflushed(chance.randint(1, 20)) for _ in range(2)),
        *(_small_files(chance.choice([0, 1 << 10, 1 << 12, 1 << 13, 1 << 15, 1 << 16, 1 << 17])) for _ in range(3)),
        *(_few_handles(chance.randint(0, 12)) for _ in range(3)),
        *(_little_memory(chance.randint(0, 100)) for _ in range(2)),
        Fault("read-only folder", "the folder may not be written to", _may_not_write),
    ]


def meet(harness: Harness, rehearsed: Rehearsed, fault: Fault, met: Met) -> None:
    """Let the command meet the fault: it has to say so in one line, and nothing may be lost by it."""
    where = f"{rehearsed.operation.name}, {fault.kind}: {fault.told}"
    harness.place.fill(rehearsed.template)
    ended = run(lambda tell: _command(harness.place, rehearsed.operation, fault, tell))
    met.trials[fault.kind] += 1
    said = ended.shown
    _judge(harness, ended, fault, met, where)
    done = ended.finished or (rehearsed.operation.name == "opening" and ended.code == 1)
    expected = Expected(
        before=rehearsed.before,
        after=rehearsed.after,
        kept=frozenset(ended.of("kept")),
        done=done and "refused" not in said.replace("0 refused", ""),
        alone=rehearsed.alone,
        indexed=rehearsed.indexed,
    )
    _lift(harness.place)
    harness.examine(expected, where)


def _judge(harness: Harness, ended: Ended, fault: Fault, met: Met, where: str) -> None:
    said = ended.shown
    panicked = _PANIC in f"{said}{ended.of('error')}"
    if fault.may_abort and (ended.killed == _ABORTED or panicked):
        met.aborted[fault.kind] += 1
    elif ended.killed or ended.hung:
        harness.tally.fail("crashed", f"{where}: signal {ended.killed}: {said[-_TAIL:]}")
    elif ended.code in (0, 1) and not ended.of("error") and "Traceback" not in said:
        met.unharmed[fault.kind] += 1
    elif ended.code == 2 and "Traceback" not in said:
        met.said[fault.kind] += 1
    else:
        told = str(ended.of("error") or said).strip()
        harness.tally.fail("traceback", f"{where}: {told[-_TAIL:]}")


def _command(place: Place, operation: Operation, fault: Fault, tell: Tell) -> None:
    acknowledge(tell)
    fault.befall(place)
    command_line([*operation.command(place), "--data", str(place.data)], prog_name="onrecord")


def _refused(kind: str, number: int, name: str | None, nth: int) -> Fault:
    def befall(place: Place) -> None:
        def refuse() -> None:
            raise OSError(number, os.strerror(number))

        watch(place.folder, Nth(name, nth, refuse))

    return Fault(kind, f"at {name or 'file event'}, number {nth}", befall)


def _no_memory(name: str) -> Fault:
    def befall(place: Place) -> None:
        def refuse() -> None:
            raise MemoryError

        watch(place.folder, Nth(name, 1, refuse))

    return Fault("no memory at a step", f"at {name}", befall)


def _unflushed(nth: int) -> Fault:
    def befall(_: Place) -> None:
        left, fsync = nth, os.fsync

        def failing(descriptor: int) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            fsync(descriptor)

        os.fsync = failing  # type: ignore[assignment]

    return Fault("fsync fails", f"number {nth}", befall)


def _small_files(size: int) -> Fault:
    return Fault("files limited", f"to {size} bytes", lambda _: _limit(resource.RLIMIT_FSIZE, size))


def _few_handles(more: int) -> Fault:
    def befall(_: Place) -> None:
        _limit(resource.RLIMIT_NOFILE, sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1 + more)

    return Fault("handles limited", f"to {more} more", befall)


def _little_memory(mebibytes: int) -> Fault:
    def befall(_: Place) -> None:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + (mebibytes << 20))

    return Fault("memory limited", f"to {mebibytes} MiB more", befall, may_abort=True)


def _limit(what: int, to: int) -> None:
    resource.setrlimit(what, (to, resource.getrlimit(what)[1]))


def _may_not_write(place: Place) -> None:
    """Take the right to write; the superuser, who may do everything, becomes somebody else."""
    place.data.mkdir(exist_ok=True)
    for path in (place.data, *place.data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def _lift(place: Place) -> None:
    for path in (place.data, *place.data.rglob("*")):
        if path.exists():
            path.chmod(0o755 if path.is_dir() else 0o644)
