"""How often one client may do something: counts in windows of a minute, for a bounded number of clients."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil
from threading import Lock
from time import monotonic

WINDOW = 60.0
"""Seconds."""
MOST_CLIENTS = 50_000
"""Counts that are held at a time, about 20 MB; beyond them the oldest is forgotten."""


class Rates:
    """Counts what each client does, in a window of a minute that begins with what it does first.

    All windows are of one length, so they end in the order in which they began: what has ended is always in front.
    """

    def __init__(self, most_clients: int = MOST_CLIENTS, clock: Callable[[], float] = monotonic) -> None:
        self._most = most_clients
        self._clock = clock
        self._windows: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._lock = Lock()

    def spend(self, client: Hashable, most: int, cost: int = 1) -> int:
        """0, when the client may do what costs so much, and it is counted; else the seconds until it may.

        In a window of its own anything may be done once, even what costs more than `most`.
        """
        with self._lock:
            now = self._clock()
            while self._windows and next(iter(self._windows.values()))[0] <= now:
                self._windows.popitem(last=False)
            ends, spent = self._windows.get(client, (now + WINDOW, 0))
            if spent and spent + cost > most:
                return max(1, ceil(ends - now))
            if not spent and len(self._windows) >= self._most:
                self._windows.popitem(last=False)
            self._windows[client] = (ends, spent + cost)
            return 0

    def add(self, client: Hashable, cost: int = 1) -> None:
        """Count what a client has done already, however much that makes, in its window if it has one."""
        with self._lock:
            if client in self._windows:
                ends, spent = self._windows[client]
                self._windows[client] = (ends, spent + cost)

    def __len__(self) -> int:
        """How many counts are held."""
        return len(self._windows)


def client_at(address: str) -> str:
    """Whom an address stands for: in IPv6 a whole /64, since each customer is given at least so many.

    >>> client_at("203.0.113.9"), client_at("::ffff:203.0.113.9"), client_at("2001:db8::1:2:3:4")
    ('203.0.113.9', '203.0.113.9', '2001:db8::/64')
    """
    found = ip(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found.packed, 64), strict=False))
    return str(found) if found else address[:64]


def ip(literal: str) -> IPv4Address | IPv6Address | None:
    """The address that is written there, an IPv4 one in IPv6's clothes as what it is; `None` when it is none.

    >>> ip("::ffff:127.0.0.1"), ip("127.1")
    (IPv4Address('127.0.0.1'), None)
    """
    try:
        found = ip_address(literal)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
