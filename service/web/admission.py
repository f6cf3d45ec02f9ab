"""Who may ask now, who waits, and who is sent away: a server that is asked too much says so and stays quick."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from corpus.errors import OnRecordError

WAITING_PER_WORKER = 8
PATIENCE = 10.0
"""Seconds that a question waits for its turn, at most."""
RETRY_AFTER = 5
"""Seconds after which somebody who was sent away may try again."""


class Busy(OnRecordError):
    """More questions are asked at the same time than can be answered soon."""

    def __init__(self) -> None:
        super().__init__(
            "Too many questions are being asked at this moment.", f"Ask again in {RETRY_AFTER} seconds or later."
        )


class Stopping(OnRecordError):
    """The server is being stopped: whoever has been let in is answered, and nobody should be sent here any more."""

    def __init__(self) -> None:
        super().__init__("This server is being stopped.", f"Ask again in {RETRY_AFTER} seconds or later.")


class Admission:
    """Lets `working` questions be answered at a time and eight times as many wait, `patience` seconds at most.

    Who has waited longest goes first.
    """

    def __init__(self, working: int, patience: float = PATIENCE) -> None:
        self.most = working * (1 + WAITING_PER_WORKER)
        """Questions that are answered or wait, at most."""
        self.refused = 0
        """Questions that were sent away so far."""
        self._patience = patience
        self._workers = self._free = working
        self._room = working * WAITING_PER_WORKER
        self._waiting: deque[object] = deque()
        self._changed = Condition()

    @property
    def waiting(self) -> int:
        """Questions that wait for their turn at this moment."""
        return len(self._waiting)

    @property
    def working(self) -> int:
        """Questions that are being answered at this moment."""
        return self._workers - self._free

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time in which a question is answered. Raises `Busy`: at once when too many wait, or after the wait."""
        self._begin()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _begin(self) -> None:
        me = object()
        with self._changed:
            if len(self._waiting) >= self._room + self._free:
                self.refused += 1
                raise Busy
            self._waiting.append(me)
            try:
                if not self._changed.wait_for(lambda: self._free and self._waiting[0] is me, self._patience):
                    self.refused += 1
                    raise Busy
                self._free -= 1
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
