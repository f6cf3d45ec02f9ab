"""What became of a question and how long each step of answering it took, for whoever watches a collection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, get_args

Step = Literal["understand", "open", "filter", "encode", "nearest", "words", "rank", "fold", "judge", "cite"]
"""The steps of answering, in their order.

To "understand" reads wishes and history; "open" finds the generation in use, and opens the next when there is one;
"filter" finds what the filters leave; "encode" and "nearest" are the search by meaning; "words" is what the search by
words, which runs beside these two, is waited for; "rank" puts what was found in order; "fold" reads the best from the
archive and lays copies together; to "judge" weighs the evidence; "cite" cuts the passages and cites them.
"""
STEPS: tuple[Step, ...] = get_args(Step)
Outcome = Literal["answered", "abstained", "error"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class Stopwatch:
    """Running from the moment it is made: each lap is the time of one step, so that the laps add up to the whole.

    >>> times = iter([10.0, 10.5, 12.5, 13.0])
    >>> watch = Stopwatch(lambda: next(times))
    >>> watch.lap("encode"), watch.lap("nearest"), watch.lap("encode")
    (None, None, None)
    >>> watch.steps, watch.seconds
    ({'encode': 1.0, 'nearest': 2.0}, 3.0)
    """

    __slots__ = ("_clock", "_last", "_started", "steps")

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.steps: dict[Step, float] = {}
        """Seconds of each step taken so far; one that was taken again has them all."""
        self._clock = clock
        self._started = self._last = clock()

    def lap(self, step: Step) -> None:
        """Count the time since the last lap to `step`."""
        now = self._clock()
        self.steps[step] = self.steps.get(step, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> float:
        """From the start to the last lap."""
        return self._last - self._started


@dataclass(frozen=True, slots=True)
class Asking:
    """A question that was asked, what became of it, and how long that took."""

    question: str
    outcome: Outcome
    """An "error" is what kept a question that could be read from being answered."""
    remembered: bool
    """Whether the answer had been given before, and was not searched for again."""
    seconds: float
    """Until the answer; when there is none, until the end of the last step that was taken."""
    steps: Mapping[Step, float]
    """Seconds of the steps that were taken."""


Watcher = Callable[[Asking], None]
"""Is told of every question, in the thread that asked it and before the answer is given: it must be quick."""
