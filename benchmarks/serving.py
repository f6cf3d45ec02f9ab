"""Figures of a real `onrecord serve`: what clients get from it, and the memory that it takes."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figures import Bar, Figure, bars_for, percentile
from benchmarks.load import BUSY, Load, load
from benchmarks.measure import ROOT, Told, memory_of, say, seconds
from benchmarks.plan import Plan
from embeddings.encoder import Encoder
from embeddings.onnx import cores
from service.wiring import collection

_CLIENTS = (1, 8, 32)
_WARMING = 20
_ASKING_AT_ONCE = 4
"""Clients of a server whose memory is measured."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server under way."""

    pid: int
    port: int


@contextmanager
def serving(data: Path) -> Iterator[Server]:
    """`onrecord serve` in a process of its own, as anyone would start it, ended afterwards."""
    command = [sys.executable, "-m", "service.cli", "serve", "--port", "0", "--data", str(data)]
    complaints = data.with_suffix(".server.log")
    with (
        complaints.open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield Server(process.pid, _port(process, complaints))
        finally:
            process.terminate()


def _port(process: "subprocess.Popen[str]", complaints: Path) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            return int(line.partition("http://")[2].split()[0].strip("/").rpartition(":")[2])
    raise RuntimeError(f"The server ended before it said where it is; see {complaints}.")


def over_http(plan: Plan) -> Iterator[Figure]:
    """Questions a second and waiting times with 1, 8 and 32 clients, each round beside the encoder alone."""
    served, alone = plan.served, _Alone()
    loads: dict[int, list[Load]] = {clients: [] for clients in _CLIENTS}
    with serving(served.data) as server, collection(served.config, Told()) as opened:
        load(server.port, max(_CLIENTS), plan.questions.take(_WARMING + max(_CLIENTS)))
        for turn in range(plan.amounts.rounds):
            say(f"  HTTP, round {turn + 1} of {plan.amounts.rounds}")
            alone.run(opened.encoder, plan)
            for clients in _CLIENTS:
                loads[clients].append(load(server.port, clients, plan.questions.take(plan.amounts.requests)))
    plan.loads += [one for rounds in loads.values() for one in rounds]
    name, rates = alone.best()
    for clients, rounds in loads.items():
        yield _throughput(clients, rounds, rates, name, served.size)
    alone_with_one = [percentile(one.latencies, 50) * 1000 for one in loads[1]]
    for clients, rounds in loads.items():
        yield from _waiting(clients, rounds, alone_with_one, served.size)


def _throughput(clients: int, rounds: Sequence[Load], rates: tuple[float, ...], name: str, size: int) -> Figure:
    refused = sum(one.refused for one in rounds)
    busy = sum(one.statuses.get(BUSY, 0) for one in rounds)
    note = f"the clients took {max(one.cpu for one in rounds):.0%} of a core"
    note += f"; {refused} not answered, {busy} of them 503" if refused else ""
    return Figure(
        "http",
        f"HTTP, {_clients(clients)}",
        "questions/s",
        tuple(one.rate for one in rounds),
        rates,
        f"the encoder alone, {name}",
        (Bar("ratio", 0.7, at_least=True),) if clients == 8 else (),
        note,
        size,
    )


def _waiting(clients: int, rounds: Sequence[Load], with_one: Sequence[float], size: int) -> Iterator[Figure]:
    for percent in (50, 95):
        times = tuple(percentile(one.latencies, percent) * 1000 for one in rounds if one.latencies)
        bars = (Bar("ratio", 8),) if (clients, percent) == (8, 95) else ()
        name = f"HTTP, {_clients(clients)}, p{percent}"
        yield Figure("http", name, "ms", times, tuple(with_one), "p50 with one client", bars, size=size)


def _clients(number: int) -> str:
    return f"{number} client" if number == 1 else f"{number} clients"


class _Alone:
    """The encoder alone on all cores, in every way that might be its best."""

    def __init__(self) -> None:
        self._rates: dict[str, list[float]] = {}

    def run(self, encoder: Encoder, plan: Plan) -> None:
        """One round of every way."""
        for name, way in _WAYS.items():
            questions = plan.questions.take(plan.amounts.encoded)
            taken = seconds(partial(way, encoder, questions))
            self._rates.setdefault(name, []).append(len(questions) / taken)

    def best(self) -> tuple[str, tuple[float, ...]]:
        """The way with the highest median, and its questions a second in each round."""
        name = max(self._rates, key=lambda way: median(self._rates[way]))
        return name, tuple(self._rates[name])


def _singly(encoder: Encoder, questions: Sequence[str]) -> None:
    for question in questions:
        encoder.encode_questions([question])


def _in_threads(encoder: Encoder, questions: Sequence[str]) -> None:
    with ThreadPoolExecutor(cores()) as threads:
        list(threads.map(lambda question: encoder.encode_questions([question]), questions))


def _in_batches(size: int) -> Callable[[Encoder, Sequence[str]], None]:
    def encode(encoder: Encoder, questions: Sequence[str]) -> None:
        for start in range(0, len(questions), size):
            encoder.encode_questions(questions[start : start + size])

    return encode


_WAYS: dict[str, Callable[[Encoder, Sequence[str]], None]] = {
    "one after another": _singly,
    "in a thread for each core": _in_threads,
    "in batches of 4": _in_batches(4),
    "in batches of 8": _in_batches(8),
}


def memory(plan: Plan) -> Iterator[Figure]:
    """What a server takes after it has answered some questions, at each size."""
    for measured in plan.every():
        with serving(measured.data) as server:
            load(server.port, _ASKING_AT_ONCE, plan.questions.take(plan.amounts.served))
            taken = memory_of(server.pid)
        if taken is None:
            say("  memory is not measured: this system has no /proc/PID/smaps_rollup")
            return
        bars = bars_for(measured.size, "value", {100_000: 400, 1_000_000: 1200})
        for what, megabytes in zip(("resident", "unique set"), taken, strict=True):
            name = f"serving {measured.size:,} passages, {what}"
            note = f"after {plan.amounts.served} questions by {_ASKING_AT_ONCE} clients"
            yield Figure("memory", name, "MB", (megabytes,), bars=bars, note=note, size=measured.size)
