"""A server that is asked too much says so at once, goes on answering all else, and answers everybody it let in."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from embeddings.encoder import Vectors
from service.web import create_app
from service.web.admission import RETRY_AFTER, WAITING_PER_WORKER, Admission, Busy
from service.web.serve import listen, serve
from tests.builders import a_statement
from tests.fakes import BagOfWordsEncoder
from tests.service.small_collection import SmallCollection

SECONDS = 20.0
"""More than any answer may take."""
ASK = "/api/v1/ask?question=Is+zinc+dear"


def test_as_many_as_may_work_get_their_turn_and_the_next_is_told_when_its_patience_ends() -> None:
    admission = Admission(2, patience=0)
    for _ in range(2):
        with ExitStack() as turns:
            turns.enter_context(admission.turn())
            turns.enter_context(admission.turn())
            with pytest.raises(Busy, match=f"Ask again in {RETRY_AFTER} seconds"):
                turns.enter_context(admission.turn())


def test_who_was_sent_away_or_failed_leaves_their_place() -> None:
    admission = Admission(1, patience=0)
    for _ in range(2 * admission.most):
        with pytest.raises(ZeroDivisionError), admission.turn():
            raise ZeroDivisionError
        with admission.turn(), pytest.raises(Busy), admission.turn():
            pass


def test_eight_wait_for_each_that_works() -> None:
    assert (Admission(1).most, Admission(4).most, WAITING_PER_WORKER) == (9, 36, 8)


class HeldEncoder(BagOfWordsEncoder):
    """Encodes a question when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.released = Event()

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return BagOfWordsEncoder().encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        assert self.released.wait(SECONDS)
        return super().encode_questions(texts)


@dataclass(frozen=True)
class Response:
    status: int
    headers: HTTPMessage
    body: bytes


class Client:
    """Gets from the server at `port`, and stops it, once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stopping = Event()

    def get(self, path: str, body: object = None) -> Response:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        told = connection.getresponse()
        response = Response(told.status, told.headers, told.read())
        connection.close()
        return response

    def stop(self) -> None:
        if not self._stopping.is_set():
            self._stopping.set()
            os.kill(os.getpid(), signal.SIGTERM)


def served(data: Path, encoder: HeldEncoder, threads: int, use: Callable[[Client], None]) -> None:
    """Serve a collection as `onrecord serve` does, which takes the main thread, while `use` runs in another."""
    collection = SmallCollection(data, encoder).put(a_statement("Zinc is dear.")).opened()
    with ExitStack() as after:
        for stop in (signal.SIGTERM, signal.SIGINT):
            after.callback(signal.signal, stop, signal.getsignal(stop))
        listener = after.enter_context(listen("127.0.0.1", 0))
        pool = after.enter_context(ThreadPoolExecutor(1))
        client = Client(listener.getsockname()[1])
        done: list[Future[None]] = []

        def ready(_address: str) -> None:
            done.append(pool.submit(use, client))
            done[0].add_done_callback(lambda _: client.stop())

        serve(create_app(collection, threads), listener, threads, ready=ready)
        done[0].result(SECONDS)


@contextmanager
def asking(client: Client, encoder: HeldEncoder, count: int) -> Iterator[list[Future[Response]]]:
    """`count` questions asked at the same time, of which the encoder answers none until it is let."""
    with ThreadPoolExecutor(count) as pool:
        try:
            yield [pool.submit(client.get, ASK) for _ in range(count)]
        finally:
            encoder.released.set()


def test_a_server_asked_too_much_says_so_answers_all_else_and_forgets_nobody(tmp_path: Path) -> None:
    encoder = HeldEncoder()

    def use(client: Client) -> None:
        with asking(client, encoder, 19) as asked:
            told, held = wait(asked, SECONDS, FIRST_COMPLETED)
            (refused,) = [one.result() for one in told]
            problem = json.loads(refused.body)
            assert (refused.status, refused.headers["Retry-After"]) == (503, str(RETRY_AFTER))
            assert (problem["type"], problem["title"]) == ("/problems/busy", "Too many questions at once")
            for path in ("/healthz", "/readyz", "/", "/statements", "/static/onrecord.css", "/openapi.json"):
                assert client.get(path).status == 200
            asked_now = ("/api/v1/ask", {"question": "a"})
            for path, body in (asked_now, ("/?q=a", None), ("/exchange?q=a", None), ("/statements/none", None)):
                response = client.get(path, body)
                assert (response.status, response.headers["Retry-After"]) == (503, str(RETRY_AFTER))
                assert b"Too many questions" in response.body
            encoder.released.set()
            assert [one.result(SECONDS).status for one in held] == [200] * 18
        assert client.get(ASK).status == 200

    served(tmp_path, encoder, 2, use)


def test_a_server_that_is_stopped_answers_those_who_wait(tmp_path: Path) -> None:
    encoder = HeldEncoder()

    def use(client: Client) -> None:
        with asking(client, encoder, 10) as asked:
            _, held = wait(asked, SECONDS, FIRST_COMPLETED)  # one was sent away, so all others are in
            client.stop()
            encoder.released.set()
            assert [one.result(SECONDS).status for one in held] == [200] * 9

    served(tmp_path, encoder, 1, use)


def test_who_has_waited_longest_goes_first() -> None:
    admission, order = Admission(1), list[int]()

    def ask(number: int) -> None:
        with admission.turn():
            order.append(number)

    with ThreadPoolExecutor(6) as askers:
        with admission.turn():
            for number in range(6):
                askers.submit(ask, number)
                while len(admission._waiting) <= number:
                    sleep(0.001)
        askers.shutdown()
    assert order == [0, 1, 2, 3, 4, 5]
