"""Who may ask now, who waits, and who is sent away: a server that is asked too much says so and stays quick."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

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


class Admission:
    """Lets `working` questions be answered at a time and eight times as many wait, `patience` seconds at most."""

    def __init__(self, working: int, patience: float = PATIENCE) -> None:
        self.most = working * (1 + WAITING_PER_WORKER)
        """Questions that are answered or wait, at most."""
        self._patience = patience
        self._inside = Semaphore(self.most)
        self._working = Semaphore(working)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The time in which a question is answered. Raises `Busy`: at once when too many wait, or after the wait."""
        if not self._inside.acquire(blocking=False):
            raise Busy
        try:
            if not self._working.acquire(timeout=self._patience):
                raise Busy
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._inside.release()
