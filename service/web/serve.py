"""Listening: on which socket the application is served, and how the server stops."""

import errno
import signal
import socket
from collections.abc import Callable
from time import monotonic, sleep
from types import FrameType

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server

from corpus.errors import OnRecordError
from service.web.admission import PATIENCE, WAITING_PER_WORKER

_MAX_UNREAD_BODY = 8 * 1024 * 1024  # more than the application takes, so that the refusal is the application's
_FLUSH_SECONDS = 5.0
_SPARE_THREADS = 8  # for all that is not asking, and for sending askers away
_ANSWER_SECONDS = 20.0  # more than an answer takes, on a slow machine, with a model that is not loaded yet
_CONNECTIONS = 400  # askers and idle browsers; with the files that are open, below the usual limit of 1,024
_IDLE_SECONDS = 30  # a browser that asks on connects again; an idle one holds none of the few connections for long
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


def serve(app: Flask, listener: socket.socket, threads: int, *, ready: Callable[[str], None]) -> None:
    """Serve `app` until SIGTERM or SIGINT, then finish what is being answered or waits to be, and return.

    `threads` is the number of questions that `app` answers at a time: those that it lets wait hold a thread each, and
    there are some more for everything else. `ready` is called with the address just before the first answer. From the
    main thread only.
    """
    server = create_server(
        app,
        sockets=[listener],
        threads=threads * (1 + WAITING_PER_WORKER) + _SPARE_THREADS,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        backlog=_BACKLOG,
        asyncore_use_poll=True,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=_MAX_UNREAD_BODY,
    )
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _stop)
    ready(_address(listener))
    server.run()  # waits 5 seconds for its threads when it is stopped
    server.task_dispatcher.shutdown(timeout=PATIENCE + _ANSWER_SECONDS)
    _flush(server.active_channels)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)  # waitress takes it as the sign to let its threads finish


def _flush(channels: dict[int, HTTPChannel]) -> None:
    """Send what the threads wrote after the loop had stopped."""
    last = monotonic() + _FLUSH_SECONDS
    while monotonic() < last and any(channel.total_outbufs_len for channel in channels.values()):
        for channel in list(channels.values()):
            channel.handle_write()
        sleep(0.01)
