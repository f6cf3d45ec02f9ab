"""Kill trials: an operation is killed at a moment, and the collection is opened and held against what it has to be."""

import gc
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from corpus.archive import Archive
from service.wiring import NoArchive
from tests.crash import operations
from tests.crash.children import Ended, Tell, end_here, run
from tests.crash.moments import Nth, is_step, watch
from tests.crash.operations import OPERATIONS, Operation, Place
from tests.crash.wholeness import Expected, State, check, state_of

AT_RANDOM, AT_A_STEP, AT_A_FILE = "random moment", "named step", "file event"
_KINDS = ((AT_RANDOM, 0.5), (AT_A_STEP, 0.25), (AT_A_FILE, 0.25))
_KILLED_AGAIN = 0.25
"""Share of the trials in which the repair is killed too."""
_RUN_AGAIN = 0.25
"""Share of the trials after which the operation is done again, as people do."""
LOSSES = ("lost", "doubled", "altered", "unopened", "index", "answer", "crashed")
"""Kinds of failures by which a collection is harmed."""
_TOLD = 50
"""Failures that are told in full, at most."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """An operation that was done once to its end: what it changes, how long it takes, which moments it has."""

    operation: Operation
    template: Path
    before: State
    after: State
    indexed: bool
    seconds: float
    moments: tuple[str, ...]

    @property
    def steps(self) -> Counter[str]:
        """How often each named step is reached."""
        return Counter(name for name in self.moments if is_step(name))

    @property
    def files(self) -> int:
        """How many other moments there are."""
        return sum(not is_step(name) for name in self.moments)

    @property
    def alone(self) -> bool:
        """See `Expected.alone`."""
        return self.operation.name not in ("reencode", "opening")


@dataclass(frozen=True, slots=True)
class Cut:
    """Where an operation is killed: after a time, or at a moment."""

    kind: str
    after: float | None = None
    """Seconds, for a random moment."""
    name: str | None = None
    """The step."""
    number: int = 1
    """Which of the moments of that name, counted from 1."""

    def __str__(self) -> str:
        if self.after is not None:
            return f"after {1000 * self.after:.1f} ms"
        return f"at {self.name or 'file event'}, number {self.number}"


@dataclass(slots=True)
class Tally:
    """What came of all trials."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By operation and kind of moment."""
    again: int = 0
    """Kills of the repair."""
    finished: int = 0
    """Trials in which the operation was done before it could be killed."""
    failures: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    """Failures by kind."""
    steps: set[tuple[str, str]] = field(default_factory=set)
    """Named steps at which something was killed, with the operation."""
    slowest: float = 0.0
    """Seconds, of all openings after a crash."""
    seconds: float = 0.0
    """All the killing took, without what comes before."""
    faults: dict[str, list[int]] = field(default_factory=dict)
    """Of each kind of fault: trials, and how they ended; see `Met`."""

    @property
    def total(self) -> int:
        """All kills."""
        return self.kills.total() + self.again

    def to_json(self) -> str:
        """All of it, for another process."""
        return json.dumps(
            {
                **{
                    name: getattr(self, name)
                    for name in ("again", "finished", "failures", "slowest", "seconds", "faults")
                },
                "kills": [[*key, count] for key, count in self.kills.items()],
                "failed": self.failed,
                "steps": sorted(self.steps),
            }
        )

    def add(self, text: str) -> None:
        """Add what another process counted at the same time."""
        given = json.loads(text)
        self.kills.update({(operation, kind): count for operation, kind, count in given["kills"]})
        self.failed.update(given["failed"])
        self.steps.update((operation, step) for operation, step in given["steps"])
        self.failures += given["failures"]
        for fault, counts in given["faults"].items():
            self.faults[fault] = [a + b for a, b in zip(self.faults.get(fault, [0] * len(counts)), counts, strict=True)]
        self.again += given["again"]
        self.finished += given["finished"]
        self.slowest = max(self.slowest, given["slowest"])
        self.seconds = max(self.seconds, given["seconds"])

    def fail(self, kind: str, what: str) -> None:
        """Add one failure."""
        self.failed[kind] += 1
        if len(self.failures) < _TOLD:
            self.failures.append(f"{kind}: {what}")


@dataclass(frozen=True, slots=True)
class Share:
    """Which of how many processes this is, counted from 0."""

    number: int
    of: int


class Harness:
    """Trials in a folder, each of them alone there. Nothing of the collection is ever opened in this process."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.place = Place(folder / "trial")
        self.chance = random.Random(seed)  # noqa: S311, it draws trials
        self.tally = Tally()
        operations.use_crash_encoder()
        gc.collect()
        gc.freeze()  # the children share what is there, and copy less of it

    def rehearsed(self, operation: Operation) -> Rehearsed:
        """Make the operation's template and do it once to its end."""
        template = self.folder / f"before {operation.name}"
        shutil.rmtree(self.place.folder, ignore_errors=True)
        _whole(run(lambda _: operation.prepare(self.place)), f"preparing for {operation.name}")
        shutil.copytree(self.place.folder, template)
        before = _whole(run(self._tell_state), "reading").of("state")[0]
        indexed = (self.place.config.index / "CURRENT").exists()
        self.place.fill(template)
        done = _whole(run(lambda tell: self._watched(operation, tell)), operation.name)
        self.place.fill(template)
        timed = _whole(run(lambda _: operation.run(self.place)), operation.name)
        after = _whole(run(self._tell_state), "reading").of("state")[0]
        moments = tuple(done.of("moment"))
        return Rehearsed(operation, template, before, after, indexed, timed.seconds, moments)

    def trial(self, rehearsed: Rehearsed, cut: Cut) -> None:
        """Kill the operation there, perhaps the repair too, and see what is left."""
        where = f"{rehearsed.operation.name} killed {cut}"
        self.place.fill(rehearsed.template)
        ended = run(lambda tell: self._doomed(rehearsed.operation, cut, tell), kill_after=cut.after)
        if ended.hung or ended.of("error"):
            self.tally.fail("unopened", f"{where}: {ended.of('error') or 'it hung'}")
        if ended.killed:
            self.tally.kills[rehearsed.operation.name, cut.kind] += 1
            if cut.name:
                self.tally.steps.add((rehearsed.operation.name, cut.name))
        else:
            self.tally.finished += 1
        if self.chance.random() < _KILLED_AGAIN:
            where += self._kill_repair()
        expected = Expected(
            before=rehearsed.before,
            after=rehearsed.after,
            kept=frozenset(ended.of("kept")),
            done=bool(ended.of("done")),
            alone=rehearsed.alone,
            indexed=rehearsed.indexed,
        )
        self.examine(expected, where)
        if self.chance.random() < _RUN_AGAIN:
            self._run_again(rehearsed, where)

    def examine(self, expected: Expected, where: str) -> None:
        """Open what is left, in a child, and count what is wrong with it."""
        seed = self.chance.random()
        found = run(lambda tell: self._check(expected, random.Random(seed), tell))  # noqa: S311, it draws questions
        for kind, what in found.of("failure"):
            self.tally.fail(kind, f"{where}: {what}")
        if not found.finished:
            told = found.of("error") or [f"it hung: {found.hung}, signal {found.killed}"]
            self.tally.fail("unopened", f"{where}: {told[0]}")
        self.tally.slowest = max([self.tally.slowest, *found.of("opened")])

    def _kill_repair(self) -> str:
        """Kill the opening too, at a random moment or file event."""
        if self.chance.random() < 0.5:
            cut = Cut(AT_RANDOM, after=self.chance.uniform(0, 0.15))
        else:
            cut = Cut(AT_A_FILE, number=self.chance.randint(1, 60))
        ended = run(lambda tell: self._doomed(_OPENING, cut, tell), kill_after=cut.after)
        self.tally.again += bool(ended.killed)
        for error in ended.of("error"):
            if NoArchive.__name__ not in error:
                self.tally.fail("unopened", f"repair killed {cut}: {error}")
        return f", its repair killed {cut}" if ended.killed else ""

    def _run_again(self, rehearsed: Rehearsed, where: str) -> None:
        """Do the operation again, as people do: it ends with what it would have ended with."""
        name = rehearsed.operation.name
        ended = run(lambda _: rehearsed.operation.run(self.place))
        if not ended.finished and not (name == "remove" and "UnknownStatement" in str(ended.of("error"))):
            self.tally.fail("unopened", f"{where}, and then done again: {ended.of('error')}")
            return
        if name == "remove" and not ended.finished:  # some are gone already, and then none is taken out
            return
        after = rehearsed.after
        expected = Expected(after, after, frozenset(), done=True, alone=True, indexed=True)
        self.examine(expected, f"{where}, and then done again")

    def _watched(self, operation: Operation, tell: Tell) -> None:
        watch(self.place.folder, lambda name: tell({"moment": name}))
        operation.run(self.place)

    def _doomed(self, operation: Operation, cut: Cut, tell: Tell) -> None:
        operations.acknowledge(tell)
        if cut.after is None:
            watch(self.place.folder, Nth(cut.name, cut.number, end_here))
        operation.run(self.place)
        tell({"done": True})

    def _check(self, expected: Expected, chance: random.Random, tell: Tell) -> None:
        failures, seconds = check(self.place, expected, chance)
        for failure in failures:
            tell({"failure": [failure.kind, failure.what]})
        tell({"opened": seconds})

    def _tell_state(self, tell: Tell) -> None:
        if not self.place.config.archive.exists():
            tell({"state": {}})
            return
        with closing(Archive(self.place.config.archive)) as archive:
            tell({"state": state_of(archive)})


_OPENING = next(operation for operation in OPERATIONS if operation.name == "opening")


def cuts(rehearsed: list[Rehearsed], chance: random.Random, share: Share) -> Iterator[tuple[Rehearsed, Cut]]:
    """Where to kill: at the first and the last of every named step of every operation, then anywhere, without end.

    Of the former, only one process's share.
    """
    first = [
        (one, Cut(AT_A_STEP, name=name, number=number))
        for one in rehearsed
        for name, count in one.steps.items()
        for number in sorted({1, count})
    ]
    mine = first[share.number :: share.of]
    chance.shuffle(mine)
    yield from mine
    while True:
        one = chance.choice(rehearsed)
        kind = chance.choices([name for name, _ in _KINDS], [share for _, share in _KINDS])[0]
        yield one, _drawn(one, kind, chance)


def _drawn(one: Rehearsed, kind: str, chance: random.Random) -> Cut:
    if kind == AT_RANDOM:
        return Cut(kind, after=chance.uniform(0.0, 1.05 * one.seconds))
    if kind == AT_A_STEP and one.steps:
        name = chance.choice(sorted(one.steps))
        return Cut(kind, name=name, number=chance.randint(1, one.steps[name]))
    return Cut(AT_A_FILE, number=chance.randint(1, one.files))


def kill(
    folder: Path,
    chosen: Sequence[Operation],
    kills: int,
    seed: int,
    *,
    seconds: float | None,
    share: Share,
    tell: Callable[[Tally], None],
) -> tuple[Tally, Harness, list[Rehearsed]]:
    """Kill so many times, or for so many seconds; `tell` is told of the tally after each trial."""
    harness = Harness(folder, seed)
    rehearsed = [harness.rehearsed(operation) for operation in chosen]
    started = perf_counter()
    tally = harness.tally
    for one, cut in cuts(rehearsed, harness.chance, share):
        tally.seconds = perf_counter() - started
        if tally.total >= kills or (seconds is not None and tally.seconds > seconds):
            break
        harness.trial(one, cut)
        tell(tally)
    return tally, harness, rehearsed


def _whole(ended: Ended, what: str) -> Ended:
    """A child that did all that it was to do. Raises `RuntimeError`."""
    if not ended.finished:
        raise RuntimeError(f"{what} failed without any crash: {ended.of('error')}")
    return ended
