"""The moments between two writes are told, so that a crash can be tried at each."""

import sys

from corpus.steps import STEP, reached


def test_a_step_that_is_reached_is_told_by_its_name_as_an_audit_event() -> None:
    heard: list[tuple[str, tuple[object, ...]]] = []
    listening = [True]

    def hear(event: str, told: tuple[object, ...]) -> None:
        if listening and event == STEP:
            heard.append((event, told))

    sys.addaudithook(hear)
    reached("tests: half-way")
    listening.clear()  # a hook cannot be taken away
    reached("tests: after")
    assert heard == [("onrecord.step", ("tests: half-way",))]
