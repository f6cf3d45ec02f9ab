"""The moments at which an operation can be cut short: the named steps, and what Python tells of files."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.steps import STEP

_OF_FILES = frozenset(
    [
        *("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.scandir"),
        *("shutil.rmtree", "shutil.copyfile", "sqlite3.connect", "fcntl.flock"),
    ]
)
_STEP = "step: "


def watch(folder: Path, meet: Callable[[str], None]) -> None:
    """From now on, tell `meet` of every moment in this process: its name, before it happens.

    Of files opened, only those in `folder` count. What `meet` raises is what the operation gets.
    """
    inside = str(folder)
    met = False

    def hook(event: str, given: tuple[Any, ...]) -> None:
        nonlocal met
        if event not in _OF_FILES and event != STEP:
            return
        if met:  # what `meet` itself does is no moment
            return
        if event == STEP:
            name = f"{_STEP}{given[0]}"
        elif event == "open" and not (isinstance(given[0], str | bytes) and inside in os.fsdecode(given[0])):
            return
        else:
            name = event
        met = True
        try:
            meet(name)
        finally:
            met = False

    sys.addaudithook(hook)


def is_step(name: str) -> bool:
    """Whether the moment is a named step."""
    return name.startswith(_STEP)


class Nth:
    """Does something at the n-th moment of a name, or, of none, the n-th that is no named step; counted from 1."""

    def __init__(self, name: str | None, number: int, act: Callable[[], None]) -> None:
        self._name, self._left, self._act = name, number, act

    def __call__(self, name: str) -> None:
        """Tell of a moment."""
        if name == self._name or (self._name is None and not is_step(name)):
            self._left -= 1
            if self._left == 0:
                self._act()
