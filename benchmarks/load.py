"""Clients that ask over HTTP: `python -m benchmarks.load` reads what to ask from standard input, prints what came.

A closed loop in a process of its own: each client asks its next question when it has its answer, over a connection
that is kept. Bare sockets, since Python's own HTTP client takes as long as the server's, on the same cores.
"""

import json
import selectors
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter, process_time

from benchmarks.measure import ROOT

OK, BUSY = "200", "503"


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of clients met."""

    clients: int
    latencies: tuple[float, ...]
    """Seconds of each question that was answered, in the order of answers."""
    statuses: dict[str, int]
    """How many responses of each HTTP status."""
    seconds: float
    cpu: float
    """Share of one core that the clients themselves took."""

    @property
    def rate(self) -> float:
        """Questions answered a second; refused ones do not count."""
        return len(self.latencies) / self.seconds

    @property
    def refused(self) -> int:
        """Responses other than an answer."""
        return sum(self.statuses.values()) - self.statuses.get(OK, 0)


def load(port: int, clients: int, questions: Sequence[str]) -> Load:
    """Ask all questions by so many clients, in another process."""
    asked = json.dumps({"port": port, "clients": clients, "questions": questions})
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=asked.encode(), stdout=subprocess.PIPE, check=True, cwd=ROOT)
    told = json.loads(done.stdout)
    return Load(clients, tuple(told["latencies"]), told["statuses"], told["seconds"], told["cpu"])


class _Client:
    """One connection, and the answer that is under way on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._asked = 0.0

    def ask(self, request: bytes) -> None:
        self._received = b""
        self._asked = perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[str, float] | None:
        """Status and seconds of the response that is now complete, if it is."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("The server closed a connection that was to be kept.")
        self._received += piece
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap or len(body) < _length(head):
            return None
        return head[9:12].decode(), perf_counter() - self._asked


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError("The response does not say how long it is.")


def request(question: str) -> bytes:
    """A question as the bytes of an HTTP request."""
    body = json.dumps({"question": question}).encode()
    head = (
        f"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    return head.encode() + b"\r\n\r\n" + body


def ask_all(port: int, clients: int, questions: Sequence[str]) -> tuple[list[float], Counter[str]]:
    """Seconds of every answer, and how many responses of each status."""
    left = iter([request(question) for question in questions])
    latencies, statuses = [], Counter[str]()
    with selectors.DefaultSelector() as waiting:
        for first in islice(left, clients):
            client = _Client(port)
            waiting.register(client.socket, selectors.EVENT_READ, client)
            client.ask(first)
        for client in _readable(waiting):
            response = client.receive()
            if response is None:
                continue
            status, taken = response
            statuses[status] += 1
            if status == OK:
                latencies.append(taken)
            if (following := next(left, None)) is not None:
                client.ask(following)
            else:
                waiting.unregister(client.socket)
                client.socket.close()
    return latencies, statuses


def _readable(waiting: selectors.BaseSelector) -> Iterator[_Client]:
    while waiting.get_map():
        for key, _ in waiting.select():
            yield key.data


def main() -> None:
    """Ask what standard input says, print what came as JSON."""
    asked = json.load(sys.stdin)
    started, cpu = perf_counter(), process_time()
    latencies, statuses = ask_all(asked["port"], asked["clients"], asked["questions"])
    taken = perf_counter() - started
    told = {"latencies": latencies, "statuses": statuses, "seconds": taken, "cpu": (process_time() - cpu) / taken}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
