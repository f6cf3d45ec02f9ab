"""How many steps something takes: the same however busy the machine is."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(module: str | None, function: Callable[[], object]) -> int:
    """How many lines of a module's source run while a function does."""
    count = 0

    def local(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def called(frame: FrameType, _event: str, _argument: Any) -> Any:
        return local if frame.f_code.co_filename == module else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        function()
    finally:
        sys.settrace(before)
    return count
