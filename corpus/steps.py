"""The named steps between two writes: the moments at which a crash has to leave everything whole."""

import sys

STEP = "onrecord.step"
"""The audit event that says which step was reached."""


def reached(step: str) -> None:
    """Say that everything before this step was written and nothing after it was.

    It is told as Python's other audit events are, by `sys.addaudithook`: the crash tests end the process there.
    """
    sys.audit(STEP, step)
