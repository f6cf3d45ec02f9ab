"""Children of a process that has everything imported and nothing started: what they tell, and how they end."""

import json
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NoReturn

LIMIT = 120.0
"""Seconds after which a child is taken to hang."""
_BROKEN = 70
"""Exit status of a child that an error ended."""

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    told: list[dict[str, Any]]
    """What it wrote into its pipe, whole lines only."""
    shown: str
    """What it wrote to its terminal."""
    killed: int
    """The signal that ended it, or 0."""
    code: int
    """Its exit status, when no signal did."""
    seconds: float
    hung: bool
    """Whether it was killed for taking longer than `LIMIT`."""

    @property
    def finished(self) -> bool:
        """Whether it did all that it was to do."""
        return not self.killed and self.code == 0

    def of(self, name: str) -> list[Any]:
        """What it told under that name."""
        return [line[name] for line in self.told if name in line]


def run(work: Callable[[Tell], None], *, kill_after: float | None = None) -> Ended:
    """Do the work in a child; after so many seconds, kill it."""
    tells, telling = os.pipe()
    shows, showing = os.pipe()
    started = perf_counter()
    child = os.fork()
    if child == 0:
        os.close(tells)
        os.close(shows)
        _live(work, telling, showing)
    os.close(telling)
    os.close(showing)
    (told, shown), hung = _listen((tells, shows), child, started, kill_after)
    _, status = os.waitpid(child, 0)
    return Ended(
        told=[json.loads(line) for line in told.split("\n")[:-1]],
        shown=shown,
        killed=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        seconds=perf_counter() - started,
        hung=hung,
    )


def end_here() -> None:
    """End this process as a power cut would: nothing is caught, closed or flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def _live(work: Callable[[Tell], None], pipe: int, terminal: int) -> NoReturn:
    os.dup2(terminal, 1)
    os.dup2(terminal, 2)
    os.close(terminal)
    code = 0

    def tell(line: dict[str, Any]) -> None:
        os.write(pipe, f"{json.dumps(line)}\n".encode())

    try:
        work(tell)
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # noqa: BLE001, whatever it is, the parent is to be told
        code = _BROKEN
        tell({"error": traceback.format_exc()})
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _listen(
    pipes: tuple[int, int], child: int, started: float, kill_after: float | None
) -> tuple[tuple[str, str], bool]:
    """All that the child tells and shows until it ends; whether it had to be ended for hanging."""
    received = {pipe: bytearray() for pipe in pipes}
    left, hung = set(pipes), False
    deadline = LIMIT if kill_after is None else kill_after
    while left:
        ready, _, _ = select.select(left, [], [], max(0.0, started + deadline - perf_counter()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            hung, deadline = deadline >= LIMIT, LIMIT + deadline
        for pipe in ready:
            received[pipe] += (block := os.read(pipe, 1 << 16))
            if not block:
                os.close(pipe)
                left.remove(pipe)
    told, shown = (received[pipe].decode(errors="replace") for pipe in pipes)
    return (told, shown), hung
