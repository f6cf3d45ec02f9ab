"""Listening: on which socket the application is served, how long a connection may take, and how the server stops."""

import errno
import signal
import socket
from collections.abc import Callable, Collection
from time import monotonic, time
from types import FrameType

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, WSGITask

from corpus.errors import OnRecordError
from service.web import HEADERS, STOPPING, logs
from service.web.access import Access
from service.web.admission import PATIENCE, WAITING_PER_WORKER
from service.web.drafts import MAX_FORM
from service.web.problems import problem_of_status
from service.web.rates import client_at

_MAX_UNREAD_BODY = MAX_FORM + 512 * 1024  # just above the most that the application reads, to refuse it
_MAX_HEADERS = 128 * 1024  # more than the longest address that the application takes
_FLUSH_SECONDS = 5.0
_NEW_SECONDS = 0.5  # in which a client that has just connected sends what it connected for
_SPARE_THREADS = 8  # for all that is not asking, and for sending askers away
_ANSWER_SECONDS = 20.0  # more than an answer takes, on a slow machine, with a model that is not loaded yet
_CONNECTIONS = 400  # askers and idle browsers; with the files that are open, below the usual limit of 1,024
_IDLE_SECONDS = 30  # a browser that asks on connects again; an idle one holds none of the few connections for long
_CONNECTIONS_EACH = 50  # of the few, for one client, where others than this machine are served
_REQUEST_SECONDS = 60  # from the last answer to the end of the next request: a byte now and then does not help
_TAKING_SECONDS = 600  # for taking an answer that is made
_SWEEPING_SECONDS = 2
_BACKLOG = 1024  # a burst of connections waits in the system instead of being tried again a second later


class PortInUse(OnRecordError):
    """Another program listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is in use by another program.",
            f"Stop that program, or name another port: `onrecord serve --port {port + 1 if port < 65535 else 0}`.",
        )


class CannotListen(OnRecordError):
    """The system lets nothing listen there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Nothing can listen on {host}, port {port}: {reason}.",
            "Name another address with --host, or a port from 1024 on with --port.",
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that holds the port from now on, to be given to `serve` and then closed; port 0 takes any free one.

    Who connects before `serve` runs waits for it. Raises `PortInUse` and `CannotListen`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(host, port) from None
        raise CannotListen(host, port, error.strerror or str(error)) from None


def serve(
    app: Flask, listener: socket.socket, threads: int, *, access: Access | None = None, ready: Callable[[str], None]
) -> None:
    """Serve `app` until SIGTERM or SIGINT, then finish what is being answered or waits to be, and return.

    `threads` is the number of questions that `app` answers at a time: those that it lets wait hold a thread each, and
    there are some more for everything else. `ready` is called with the address just before the first answer. From the
    main thread only. Raises `SystemExit` when it is told to stop a second time: then nothing is finished.
    """
    server = _Server(app, listener, threads * (1 + WAITING_PER_WORKER) + _SPARE_THREADS, access or Access())

    def stop(number: int, _frame: FrameType | None) -> None:
        if app.config.get(STOPPING):
            raise SystemExit(128 + number)
        app.config[STOPPING] = True  # who asks whether it is ready is told so from now on
        server.pull_trigger()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    ready(_address(listener))
    while not app.config.get(STOPPING):
        server.look(1)
    server.finish(PATIENCE + _ANSWER_SECONDS)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request of which no two readers can differ in where it ends: a proxy in front reads the same."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("The length of the body is said in two ways")


class _Answer(WSGITask):  # type: ignore[misc]
    """An answer; the last on its connection when the client did not wait for it, or the server is being stopped.

    What is sent on without waiting would be answered into memory, and hold a thread when that is full.
    """

    def service(self) -> None:
        with self.channel.requests_lock:
            is_last = len(self.channel.requests) > 1 or not self.channel.server.accepting
        if is_last:
            self.request.headers["CONNECTION"] = "close"
        super().service()


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What is no request that the application could be given, refused as the application refuses."""

    def execute(self) -> None:
        error, made = self.request.error, logs.new_id()
        problem = problem_of_status(error.code).model_copy(update={"request_id": made})
        body = problem.model_dump_json(exclude_none=True).encode()
        logs.refused(made, error.code, len(body))
        self.status = f"{error.code} {error.reason}"
        own = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", logs.HEADER: made}
        self.response_headers.extend((HEADERS | own).items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Connection(HTTPChannel):  # type: ignore[misc]
    """A connection, and since when it is the client's turn."""

    parser_class = _Request
    task_class = _Answer
    error_task_class = _Refusal

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        self.waiting_since: float = self.creation_time
        self.is_new = True

    def service(self) -> None:
        super().service()
        self.waiting_since, self.is_new = time(), False

    def handle_write(self) -> None:
        was_sending = self.total_outbufs_len
        super().handle_write()
        if was_sending and not self.total_outbufs_len:
            self.waiting_since = time()

    def is_idle(self, now: float) -> bool:
        """Whether nothing of a request is under way, nor of an answer, nor to be expected at once."""
        return not (self.is_awaited(now) or self.close_when_flushed)

    def is_late(self, now: float) -> bool:
        """Whether the client takes longer than anybody has to."""
        allowed = _TAKING_SECONDS if self.total_outbufs_len else _REQUEST_SECONDS
        return not self.requests and now - self.waiting_since > allowed

    def is_awaited(self, now: float) -> bool:
        """Whether something of a request or an answer is under way, or the client has only just connected."""
        is_about_to_ask = self.is_new and now - self.waiting_since < _NEW_SECONDS
        return bool(self.requests or self.request or self.total_outbufs_len or is_about_to_ask)


class _Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress, which reads in one loop so that slow clients hold no thread, with bounds on what they hold else."""

    def __init__(self, app: Flask, listener: socket.socket, threads: int, access: Access) -> None:
        self._access = access
        self._connected = 0
        trusted = {
            "trusted_proxy": access.proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        }
        bounds = Adjustments(
            sockets=[listener],
            threads=threads,
            connection_limit=_CONNECTIONS,
            channel_timeout=_IDLE_SECONDS,
            cleanup_interval=_SWEEPING_SECONDS,
            backlog=_BACKLOG,
            asyncore_use_poll=True,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=_MAX_UNREAD_BODY,
            max_request_header_size=_MAX_HEADERS,
            **(trusted if access.proxy else {}),
        )
        told = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(app, {}, _sock=listener, adj=bounds, sockinfo=told, bind_socket=False)

    def channel_class(
        self, _server: object, connection: socket.socket, address: tuple[str, int], *given: object, **named: object
    ) -> None:
        """What waitress calls for who has connected: where there are too many, one that is idle makes room."""
        self._connected += 1
        of_client = self._held_by(address[0])
        if len(of_client) >= _CONNECTIONS_EACH and not _end_idle(of_client):
            connection.close()
            return
        if len(self._map) >= self.adj.connection_limit:
            _end_idle(self.active_channels.values())
        _Connection(self, connection, address, *given, **named)

    def readable(self) -> bool:
        """Whether the next may connect: while all connections are at work, it waits in the system."""
        has_room = super().readable()
        return bool(has_room or (self.accepting and self._has_idle()))

    def _has_idle(self) -> bool:
        now = time()
        return any(one.is_idle(now) for one in self.active_channels.values())

    def _held_by(self, address: str) -> list[_Connection]:
        """The connections of the client at that address, where they are counted: not those of a proxy or at home."""
        if self._access.is_local or address == self._access.proxy:
            return []
        client = client_at(address)
        return [one for one in self.active_channels.values() if client_at(one.addr[0]) == client]

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.is_late(now):
                channel.will_close = True

    def look(self, seconds: float) -> None:
        """Wait so long at most for something to happen on a connection, and do what is to be done."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def finish(self, seconds: float) -> None:
        """Take in who has connected already, listen no more, and answer for so long at most."""
        self._let_in_who_waits()
        self.accepting = False
        wasyncore.dispatcher.close(self)  # the listener alone: what wakes the loop is still needed
        end, last_at_work = monotonic() + seconds, monotonic()
        while monotonic() < min(end, last_at_work + _FLUSH_SECONDS):
            self.look(0.05)
            channels, now = list(self.active_channels.values()), time()
            if not any(channel.is_awaited(now) for channel in channels):
                break
            if any(channel.requests for channel in channels):
                last_at_work = monotonic()
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def _let_in_who_waits(self) -> None:
        for _ in range(_BACKLOG):
            connected = self._connected
            self.handle_accept()
            if self._connected == connected:
                return


def _end_idle(connections: Collection[_Connection]) -> bool:
    """Close the connection that has been idle longest; whether there was one."""
    now = time()
    idle = min((one for one in connections if one.is_idle(now)), key=lambda one: one.waiting_since, default=None)
    if idle is not None:
        idle.handle_close()
    return idle is not None
