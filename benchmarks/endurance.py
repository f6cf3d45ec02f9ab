"""`python -m benchmarks.endurance --minutes 60`: a server under mixed load while others write to its collection.

Eight processes ingest, remove and reindex by turns; 32 readers ask, read, cite and have drafts checked. Every quotation
is held against what its statement says in that revision. Before and after the writers there is a quiet time of a tenth
as long each, with the same readers. The answer says errors, waiting times beside the quiet ones, and memory.
"""

import argparse
import http.client
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from urllib.parse import quote

import psutil

from benchmarks.figures import percentile
from benchmarks.measure import ROOT, Told, say
from benchmarks.serving import Server, serving
from corpus.errors import OnRecordError
from corpus.records import UnknownStatement
from service import wiring
from service.config import Config
from service.locking import AnotherWriter

NOTES = 96
METALS = ("zinc", "lead", "copper", "tin", "nickel", "iron", "cobalt", "silver")
TOWNS = ("Kelm", "Varn", "Oster", "Brill", "Dunmor", "Halvik", "Sorne", "Tresk", "Orlin", "Pellow", "Quarne")
_TAG = re.compile(r"revision (\d+) of note (\d+)")
_IDLE = 15.0
"""Seconds after which a reader takes its connection for closed: a server closes idle ones."""
_SAMPLED = 5.0
"""Seconds between two looks at the server's memory."""
_WARM = 0.1
"""Share of the time with writers after which memory is expected to grow no more."""


def note(number: int, revision: int) -> str:
    """The text of a note in one of its revisions: every sentence says which."""
    return "\n\n".join(
        f"In revision {revision} of note {number}, the price of {metal} in {TOWNS[(number + place) % len(TOWNS)]} "
        f"was {100 * number + 7 * revision + place} marks. The board of {TOWNS[number % len(TOWNS)]} agreed to "
        f"revision {revision} of note {number} on {metal} after a long debate."
        for place, metal in enumerate(METALS)
    )


def write_note(folder: Path, number: int, revision: int) -> Path:
    """The note's file, replaced at one stroke."""
    path = folder / f"note-{number}.txt"
    beside = folder / f".note-{number}"
    beside.write_text(note(number, revision), encoding="utf-8")
    beside.replace(path)
    return path


def is_true(quoted: dict[str, object]) -> bool:
    """Whether a quotation stands, at the place that it names, in the revision of the note that it is of."""
    text, citation = str(quoted["text"]), quoted["citation"]
    assert isinstance(citation, dict)
    tags = set(_TAG.findall(text))
    if len(tags) != 1:
        return False
    revision, number = map(int, tags.pop())
    whole = note(number, revision)
    return citation["statement_id"] == f"notes/note-{number}.txt" and whole[citation["start"] : citation["end"]] == text


@dataclass(slots=True)
class Readings:
    """What the readers met."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    """How long each request took, by the phase in which it began."""
    errors: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    quotes: int = 0
    passages: dict[int, set[int]] = field(default_factory=dict)
    """How many passages each generation said that it has: one number each, or answers were of a mixture."""


class Readers:
    """Threads that ask a server, each after a pause of chance, so that together they make `rate` requests a second."""

    def __init__(self, port: int, count: int, rate: float) -> None:
        self.met = Readings()
        self.phase = "warming"
        self._port, self._pause = port, count / rate
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(count)]

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End what each is doing, and return when they have."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        seen = 0
        while not self._ended.wait(pause := chance.expovariate(1 / self._pause)):
            if pause > _IDLE:
                connection.close()  # as the server does; the next request opens it again
            phase, began = self.phase, time.perf_counter()
            try:
                seen = self._request(chance, connection, seen)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._count(f"{type(error).__name__}: {error}")
            with self._lock:
                self.met.requests += 1
                self.met.seconds.setdefault(phase, []).append(time.perf_counter() - began)
        connection.close()

    def _request(self, chance: random.Random, connection: http.client.HTTPConnection, seen: int) -> int:
        """One request of a kind drawn by chance; the answer is the generation that was seen last."""
        number = chance.randrange(NOTES)
        question = f"What was the price of {chance.choice(METALS)} in {chance.choice(TOWNS)}, note {number}?"
        kind = chance.random()
        if kind < 0.8:
            status, body = _got(connection, "POST", "/api/v1/ask", {"question": question})
            return self._asked(status, body, seen)
        if kind < 0.9:
            status, body = _got(connection, "GET", f"/statements/{quote(f'notes/note-{number}.txt')}")
        elif kind < 0.95:
            draft = f'The board wrote: "In revision 1 of note {number}, the price of zinc was agreed by all of them."'
            status, body = _got(connection, "POST", "/api/v1/verify", {"text": draft})
        else:
            status, body = _got(connection, "GET", f"/?q={quote(question)}")
        if status not in {200, 404} or (status == 404 and kind >= 0.9):  # a note may be removed just now
            self._count(f"status {status}: {body[:200]!r}")
        return seen

    def _asked(self, status: int, body: bytes, seen: int) -> int:
        if status != 200:
            self._count(f"status {status}: {body[:200]!r}")
            return seen
        answer = json.loads(body)
        generation = answer["index"]["generation"]
        with self._lock:
            self.met.quotes += len(answer["quotes"])
            self.met.passages.setdefault(generation, set()).add(answer["index"]["passages"])
        if generation < seen:
            self._count(f"generation {generation} after {seen}")
        for quoted in answer["quotes"]:
            if not is_true(quoted):
                self._count(f"not what was said: {quoted['text'][:200]!r}")
        return max(seen, int(generation))

    def _count(self, error: str) -> None:
        with self._lock:
            self.met.errors[error] += 1


def _got(
    connection: http.client.HTTPConnection, method: str, path: str, body: dict[str, str] | None = None
) -> tuple[int, bytes]:
    sent = None if body is None else json.dumps(body)
    connection.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
    response = connection.getresponse()
    return response.status, response.read()


def write_on(data: str, folder: str, number: int, writers: int, pause: float) -> None:
    """Try to write to the collection again and again until standard input ends, then print what came of it."""
    chance, counted, revision = random.Random(number), Counter[str](), 1  # noqa: S311
    ended = threading.Event()

    def until_told() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=until_told, daemon=True).start()
    while not ended.wait(chance.expovariate(1 / pause)):
        own = chance.sample(range(number, NOTES, writers), 2)
        revision += 1
        try:
            kind = _write(chance.random(), Config(Path(data)), Path(folder), own, revision)
        except AnotherWriter:
            counted["another was writing"] += 1
        except UnknownStatement:
            counted["removed before"] += 1
        except OnRecordError as error:
            counted[f"error: {error}"] += 1
        else:
            counted[kind] += 1
    json.dump(counted, sys.stdout)


def _write(kind: float, config: Config, folder: Path, own: Sequence[int], revision: int) -> str:
    if kind < 0.1:
        wiring.reindex(config, Told())
        return "reindex"
    if kind < 0.25:
        wiring.remove(config, (f"notes/note-{own[0]}.txt",))
        return "remove"
    with wiring.ingester(config, Told(), "ingest") as work:
        report = work.ingest([str(write_note(folder, one, revision)) for one in own])
    return "ingest" if not report.refused else f"error: {report.refused[0].reason}"


@contextmanager
def writing(data: Path, folder: Path, writers: int, pause: float) -> Iterator[Counter[str]]:
    """So many processes that write, until the block ends; then what came of their attempts."""
    counted = Counter[str]()
    command = [sys.executable, "-m", "benchmarks.endurance", "--writer"]
    told = [[str(data), str(folder), str(number), str(writers), str(pause)] for number in range(writers)]
    under_way = [
        subprocess.Popen([*command, *one], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for one in told
    ]
    try:
        yield counted
    finally:
        for process in under_way:
            output, _ = process.communicate("")
            counted.update(json.loads(output) if process.returncode == 0 else {"error: a writer crashed": 1})


class Memory:
    """What the server takes, looked at every few seconds: megabytes, resident and its own alone."""

    def __init__(self, server: Server) -> None:
        self.samples: list[tuple[float, float, float]] = []
        self._process = psutil.Process(server.pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(_SAMPLED):
            with suppress(psutil.Error):
                held = self._process.memory_full_info()
                self.samples.append((time.monotonic() - began, held.rss / 1e6, held.uss / 1e6))

    def growth(self, since: float, until: float, column: int) -> float:
        """By how much the last tenth of that time takes more than its first tenth, as a share."""
        tenth = (until - since) / 10
        first = [one[column] for one in self.samples if since <= one[0] < since + tenth]
        last = [one[column] for one in self.samples if until - tenth <= one[0] <= until]
        return median(last) / median(first) - 1 if first and last else float("nan")

    def by_tenth(self, since: float, until: float) -> tuple[float, ...]:
        """The median of its own memory in each tenth of that time."""
        bounds = [since + (until - since) * tenth / 10 for tenth in range(11)]
        held = [[one[2] for one in self.samples if start <= one[0] < end] for start, end in pairwise(bounds)]
        return tuple(round(median(samples), 1) if samples else float("nan") for samples in held)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an hour of it came to."""

    minutes: float
    requests: int
    quotes: int
    errors: dict[str, int]
    attempts: dict[str, int]
    generations: int
    mixed: int
    """Generations that were given two numbers of passages."""
    p50_quiet: float
    p99_quiet: float
    p50_busy: float
    p99_busy: float
    resident_growth: float
    own_growth: float
    resident_mb: float
    own_mb: tuple[float, ...]
    """What it took that no other process shares, in each tenth of the time with writers."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing went wrong, however long it took."""
        wrong = sum(count for attempt, count in self.attempts.items() if attempt.startswith("error"))
        return not self.errors and not wrong and not self.mixed


@dataclass(frozen=True, slots=True)
class Load:
    """How long and how hard."""

    minutes: float
    readers: int
    writers: int
    rate: float
    """Requests a second of all readers."""
    pause: float
    """Seconds between two attempts of a writer."""


def endure(folder: Path, given: Load) -> Outcome:
    """Serve a collection in `folder` to readers beside writers, and say what they met."""
    notes, data = folder / "notes", folder / "data"
    notes.mkdir()
    for number in range(NOTES):
        write_note(notes, number, 1)
    with wiring.ingester(Config(data), Told(), "ingest") as work:
        work.ingest([str(notes)])
    quiet = given.minutes * 60 / 10
    with serving(data) as server:
        reading, memory = Readers(server.port, given.readers, given.rate), Memory(server)
        reading.start()
        began = time.monotonic()
        _phase(reading, "warming", quiet / 2)
        _phase(reading, "quiet", quiet)
        with writing(data, notes, given.writers, given.pause) as attempts:
            busy_from = time.monotonic() - began
            _phase(reading, "busy", given.minutes * 60)
            busy_to = time.monotonic() - began
            reading.phase = "ending"
        _phase(reading, "quiet", quiet)
        reading.stop()
        memory.stop()
    met = reading.met
    warm = busy_from + _WARM * (busy_to - busy_from)
    waits = {phase: [seconds * 1000 for seconds in met.seconds.get(phase, [0.0])] for phase in ("quiet", "busy")}
    return Outcome(
        given.minutes,
        met.requests,
        met.quotes,
        dict(met.errors),
        dict(attempts),
        len(met.passages),
        sum(len(counts) > 1 for counts in met.passages.values()),
        percentile(waits["quiet"], 50),
        percentile(waits["quiet"], 99),
        percentile(waits["busy"], 50),
        percentile(waits["busy"], 99),
        memory.growth(warm, busy_to, 1),
        memory.growth(warm, busy_to, 2),
        memory.samples[-1][1] if memory.samples else float("nan"),
        memory.by_tenth(busy_from, busy_to),
    )


def _phase(reading: Readers, phase: str, seconds: float) -> None:
    reading.phase = phase
    say(f"{phase}, {seconds:.0f} s")
    time.sleep(seconds)
    say(f"  {reading.met.requests:,} requests so far, {reading.met.errors.total()} errors")


def main() -> int:
    """Endure; the exit code is 1 when anything went wrong."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--minutes", type=float, default=60, help="beside writers (default 60)")
    read.add_argument("--readers", type=int, default=32)
    read.add_argument("--writers", type=int, default=8)
    read.add_argument("--rate", type=float, default=6, help="requests a second of all readers (default 6)")
    read.add_argument("--pause", type=float, default=20, help="seconds between a writer's attempts (default 20)")
    read.add_argument("--writer", nargs=5, help=argparse.SUPPRESS)
    given = read.parse_args()
    if given.writer:
        data, folder, number, writers, pause = given.writer
        write_on(data, folder, int(number), int(writers), float(pause))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        load = Load(given.minutes, given.readers, given.writers, given.rate, given.pause)
        outcome = endure(Path(folder), load)
    print(json.dumps(asdict(outcome), indent=2))
    return 0 if outcome.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
