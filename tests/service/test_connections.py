"""Over real sockets: slow, greedy and crooked clients hold up nobody else, and a stopped server finishes its work."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from flask import Flask, request

from service.web import serve
from service.web.access import Access
from service.web.drafts import MAX_FORM
from service.web.serve import _CONNECTIONS_EACH, _MAX_HEADERS, _Server, listen
from tests.service.test_logs import lines, written

SECONDS = 20.0
"""More than anything here may take."""
THREADS = 2
BIG = 20 * 1024 * 1024
"""Bytes: more than sockets hold, and than waitress lets an answer wait in memory before it holds the thread."""


def who() -> str:
    """Who asks, and over what."""
    return f"{request.remote_addr} {request.scheme} {request.get_data().decode()}"


def app() -> Flask:
    """Answers with who asks, or with much."""
    made = Flask("answers")
    made.add_url_rule("/", "who", who, methods=["GET", "POST"])
    made.add_url_rule("/big", "big", lambda: b"a" * BIG)
    made.add_url_rule("/medium", "medium", lambda: b"a" * 1024 * 1024)
    return made


@contextmanager
def running(access: Access | None = None) -> Iterator[int]:
    """The port of a server with two threads, until the end of the block."""
    stopped = Event()
    with listen("127.0.0.1", 0) as listener:
        server = _Server(app(), listener, THREADS, access or Access())

        def run() -> None:
            while not stopped.is_set():
                server.look(0.05)
            server.finish(0)

        loop = Thread(target=run)
        loop.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            loop.join()


@pytest.fixture
def port() -> Iterator[int]:
    with running() as found:
        yield found


def connected(port: int, sent: bytes = b"", receive_buffer: int | None = None) -> socket.socket:
    """A connection on which that was sent."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(SECONDS)
    connection.connect(("127.0.0.1", port))
    connection.sendall(sent)
    return connection


def everything(connection: socket.socket, most: int = 2 * BIG) -> bytes:
    """All that comes until the server closes the connection, or more than `most` has come."""
    told = b""
    try:
        while len(told) <= most and (part := connection.recv(65536)):
            told += part
    except ConnectionResetError:
        pass
    return told


def get(port: int, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    told = response.status, response.read()
    connection.close()
    return told


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP", HEAD, HEAD + b"Content-Length: 100\r\n\r\nab"])
def test_fifty_clients_that_do_not_go_on_hold_up_nobody(port: int, begun: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(connected(port, begun))
        begin = monotonic()
        assert {get(port)[0] for _ in range(10)} == {200}
        assert monotonic() - begin < 5


@pytest.mark.parametrize(
    ("begun", "byte"),
    [
        (HEAD + b"X-Slow: ", b"a"),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"a"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n", b"a"),
        (b"", b"\r\n\r\n"),
    ],
)
def test_a_byte_now_and_then_does_not_keep_a_connection(
    monkeypatch: pytest.MonkeyPatch, begun: bytes, byte: bytes
) -> None:
    monkeypatch.setattr(serve, "_REQUEST_SECONDS", 1)
    monkeypatch.setattr(serve, "_SWEEPING_SECONDS", 0)
    with running() as port, connected(port, begun) as connection:
        begin = monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012 — each byte may be the one
            while monotonic() < begin + 5:
                connection.sendall(byte)
                sleep(0.1)
        assert 1 <= monotonic() - begin < 4


def test_a_connection_that_is_used_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_REQUEST_SECONDS", 1)
    monkeypatch.setattr(serve, "_SWEEPING_SECONDS", 0)
    with running() as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.connect()
        first = connection.sock
        for _ in range(4):
            connection.request("GET", "/")
            assert connection.getresponse().read().startswith(b"127.0.0.1")
            sleep(0.6)
        assert connection.sock is first
        connection.close()


def test_clients_that_do_not_read_their_answer_hold_no_thread(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(connected(port, b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n", 4096))
        assert get(port)[0] == 200
        assert len(get(port, "/big")[1]) == BIG


def test_an_answer_that_is_not_taken_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_TAKING_SECONDS", 1)
    monkeypatch.setattr(serve, "_SWEEPING_SECONDS", 0)
    with running() as port, connected(port, b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n", 4096) as connection:
        taken = 0
        begin = monotonic()
        while monotonic() < begin + 2:
            taken += len(connection.recv(16))
            sleep(0.02)
        assert taken + len(everything(connection)) < BIG


def test_what_is_sent_on_without_waiting_is_not_answered_and_holds_no_thread(port: int) -> None:
    asked = b"GET /medium HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
    with ExitStack() as stack:
        held = [stack.enter_context(connected(port, asked, 4096)) for _ in range(3 * THREADS)]
        sleep(0.5)
        assert get(port)[0] == 200
        told = everything(held[0], 3 * 1024 * 1024)
    assert told.count(b"HTTP/1.1 200 OK") == 1
    assert b"\r\nConnection: close\r\n" in told
    assert len(told) > 1024 * 1024


CROOKED = {
    "both lengths": HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /medium HTTP/1.1\r\n\r\n",
    "chunked in 1.0": HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": HEAD + b"Content-Length: +1\r\n\r\na",
    "a chunk without a size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk that does not end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "a space before the colon": HEAD + b"Content-Length : 4\r\n\r\nabcd",
    "a folded header": HEAD + b"X-A: b\r\n\tc: d\r\nContent-Length\r\n\r\n",
    "a bare line feed": b"POST / HTTP/1.1\nHost: localhost\n\n",
    "NUL in a header": HEAD + b"X-A: \0\r\n\r\n",
    "no request": b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
}


@pytest.mark.parametrize("what", CROOKED)
def test_a_request_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection(port: int, what: str) -> None:
    with connected(port, CROOKED[what]) as connection:
        if what == "a bare line feed":
            connection.sendall(b"\r\n\r\n")
        told = everything(connection)
    assert told.split(b" ")[1:2] == [b"400"], told
    assert told.count(b"HTTP/1.") == 1


def test_other_codings_than_chunked_are_refused(port: int) -> None:
    with connected(port, HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n") as connection:
        assert everything(connection).startswith(b"HTTP/1.1 501")


def test_headers_have_a_bound_and_the_answer_names_no_software(port: int) -> None:
    with connected(port, HEAD + b"X-A: " + b"a" * _MAX_HEADERS) as connection:
        told = everything(connection)
    assert told.startswith(b"HTTP/1.0 431")
    with connected(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as connection:
        told += everything(connection)
    assert not [name for name in (b"waitress", b"erkzeug", b"ython", b"Server:") if name in told]


def closed_at_once(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize(
    ("access", "begun", "first_end", "last_end"),
    [
        (Access(is_local=False), b"", True, False),
        (Access(is_local=False), b"GET / HTTP", False, True),
        (Access(), b"", False, False),
        (Access(is_local=False, proxy="127.0.0.1"), b"", False, False),
    ],
)
def test_one_client_has_so_many_connections_of_which_an_idle_one_makes_room_and_others_still_have_theirs(
    access: Access, begun: bytes, *, first_end: bool, last_end: bool
) -> None:
    with running(access) as port, ExitStack() as stack:
        held = [stack.enter_context(connected(port, begun)) for _ in range(5)]
        sleep(0.7)
        held += [stack.enter_context(connected(port, begun)) for _ in range(_CONNECTIONS_EACH)]
        sleep(0.3)
        assert [closed_at_once(one) for one in held[:5]] == [first_end] * 5
        assert [closed_at_once(one) for one in held[-5:]] == [last_end] * 5
        assert not closed_at_once(held[10])
        with socket.create_connection(("127.0.0.1", port), SECONDS, ("127.0.0.2", 0)) as other:
            other.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert everything(other).startswith(b"HTTP/1.1 200")


def test_a_connection_at_work_is_kept_and_the_one_idle_longest_makes_room() -> None:
    with running(Access(is_local=False)) as port, ExitStack() as stack:
        at_work = stack.enter_context(connected(port, b"GET / HTTP"))
        answered = stack.enter_context(connected(port))
        sleep(0.1)
        idle = [stack.enter_context(connected(port)) for _ in range(_CONNECTIONS_EACH - 2)]
        sleep(0.7)
        answered.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answered.recv(65536).startswith(b"HTTP/1.1 200")
        sleep(0.1)
        stack.enter_context(connected(port))
        sleep(0.1)
        assert [closed_at_once(one) for one in (at_work, answered, idle[0], idle[-1])] == [False, False, True, False]


@pytest.mark.parametrize("access", [Access(), Access(is_local=False, proxy="127.0.0.1")])
def test_when_all_connections_are_in_use_one_that_is_idle_makes_room(
    monkeypatch: pytest.MonkeyPatch, access: Access
) -> None:
    monkeypatch.setattr(serve, "_CONNECTIONS", 12)  # the listener and what wakes it among them
    with running(access) as port, ExitStack() as stack:
        begun = [stack.enter_context(connected(port, b"GET / HTTP")) for _ in range(5)]
        held = [stack.enter_context(connected(port)) for _ in range(5)]
        sleep(0.7)
        assert get(port)[0] == 200
        assert [closed_at_once(one) for one in (*begun, *held)] == [False] * 5 + [True] + [False] * 4


def test_who_finds_all_connections_at_work_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_CONNECTIONS", 12)
    with running() as port, ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        begun = [stack.enter_context(connected(port, b"GET / HTTP")) for _ in range(10)]
        sleep(0.3)
        waiting = pool.submit(get, port)
        sleep(0.3)
        assert not waiting.done()
        begun[0].close()
        assert waiting.result(SECONDS)[0] == 200


REFUSED = {
    400: b"NOTHING\r\n\r\n",
    413: HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_FORM + 512 * 1024),
    431: HEAD + b"X-A: " + b"a" * _MAX_HEADERS,
    501: HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
}


@pytest.mark.parametrize("status", REFUSED)
def test_what_never_reaches_the_application_is_refused_as_the_application_refuses(port: int, status: int) -> None:
    with written("json") as stream, connected(port, REFUSED[status]) as connection:
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in rest)
    problem, (line,) = json.loads(body), lines(stream)
    assert first.split()[1] == str(status)
    assert (problem["status"], problem["type"][:10]) == (status, "/problems/")
    assert problem["detail"] != "An unforeseen error. The server's log says what it was; try again."
    assert headers["Content-Type"] == "application/problem+json"
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Request-Id"] == problem["request_id"] == line["request_id"]
    assert (line["status"], line["bytes"], line["path"]) == (status, len(body), "-")


def test_a_body_just_below_what_the_application_reads_of_a_form_reaches_it(port: int) -> None:
    with connected(port, HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % MAX_FORM) as connection:
        connection.sendall(b"a" * MAX_FORM)
        assert everything(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("access", "told"),
    [
        (Access(), b"127.0.0.1 http "),
        (Access(is_local=False, proxy="127.0.0.9"), b"127.0.0.1 http "),
        (Access(is_local=False, proxy="127.0.0.1"), b"203.0.113.9 https "),
    ],
)
def test_only_the_proxy_is_believed_where_a_request_comes_from(access: Access, told: bytes) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    with running(access) as port:
        assert get(port, headers=forwarded) == (200, told)


def test_who_has_connected_before_the_server_stops_is_answered() -> None:
    with listen("127.0.0.1", 0) as listener:
        server = _Server(app(), listener, THREADS, Access())
        asked = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with ExitStack() as stack:
            waiting = [stack.enter_context(connected(listener.getsockname()[1], asked)) for _ in range(20)]
            server.finish(SECONDS)
            told = [everything(one) for one in waiting]
    assert [one.split(b" ")[1:2] for one in told] == [[b"200"]] * 20
    assert all(b"\r\nConnection: close\r\n" in one for one in told)


STOPPABLE = """
import sys, time
from pathlib import Path
from service.web import create_app
from service.web.serve import listen, serve
from tests.service.web_fixtures import WordsCollection, small_archive

begun = []
class Slow(WordsCollection):
    def ask(self, question, **more):
        begun.append(question)
        time.sleep(float(sys.argv[2]))
        return super().ask(question, **more)

collection = Slow(small_archive(Path(sys.argv[1])))
with listen("127.0.0.1", 0) as listener:
    serve(create_app(collection), listener, 4, ready=lambda address: print(address, flush=True))
print(len(begun))
"""


@contextmanager
def stoppable(folder: object, seconds: float) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server whose answers take so long, and its port; killed when it is still there at the end."""
    command = [sys.executable, "-c", STOPPABLE, str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server, int(server.stdout.readline().strip().strip("/").rpartition(":")[2])
        finally:
            server.kill()


def until_refused(port: int) -> tuple[int, int]:
    """Questions asked, each on a connection of its own, until nobody listens: how many were answered, and cut off."""
    answered = cut_off = 0
    while True:
        try:
            assert get(port, "/api/v1/ask?question=bridge")[0] == 200
            answered += 1
        except ConnectionRefusedError:
            return answered, cut_off
        except (OSError, HTTPException):
            cut_off += 1


def test_a_server_that_is_stopped_under_load_answers_every_question_that_it_let_in(tmp_path: object) -> None:
    with stoppable(tmp_path, 0.02) as (server, port), ThreadPoolExecutor(6) as pool:
        asking = [pool.submit(until_refused, port) for _ in range(6)]
        sleep(1.5)
        server.send_signal(signal.SIGTERM)
        results = [one.result(SECONDS) for one in asking]
        assert server.stdout is not None
        begun = int(server.stdout.readline())
        assert server.wait(SECONDS) == 0
    assert sum(answered for answered, _ in results) == begun > 20


def test_a_server_that_is_stopped_says_it_is_not_ready_and_finishes_what_it_answers(tmp_path: object) -> None:
    with stoppable(tmp_path, 2) as (server, port), ThreadPoolExecutor(1) as pool:
        kept = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        kept.request("GET", "/readyz")
        assert kept.getresponse().read().startswith(b'{"status":"ready"')
        asked = pool.submit(get, port, "/api/v1/ask?question=bridge")
        sleep(0.7)
        server.send_signal(signal.SIGTERM)
        sleep(0.3)
        kept.request("GET", "/readyz")
        told = kept.getresponse()
        assert (told.status, told.headers["Retry-After"], told.headers["Connection"]) == (503, "5", "close")
        assert b"/problems/stopping" in told.read()
        with pytest.raises(ConnectionRefusedError):
            get(port)
        assert asked.result(SECONDS)[0] == 200
        assert server.wait(SECONDS) == 0


def test_a_second_signal_does_not_wait(tmp_path: object) -> None:
    with stoppable(tmp_path, 15) as (server, port), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(get, port, "/api/v1/ask?question=bridge")
        sleep(0.7)
        for _ in range(2):
            server.send_signal(signal.SIGTERM)
            sleep(0.3)
        assert server.wait(5) == 128 + signal.SIGTERM
        with pytest.raises((OSError, HTTPException)):
            asked.result(SECONDS)
