"""A collection that is killed, or refused what it needs, at any moment loses nothing; `make crash` kills it longer."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.trials import LOSSES, Tally
from tests.crash.wholeness import Expected, judged

KILLS = 300
_MEMORY = Path("/dev/shm")  # noqa: S108, a killed process leaves to a disk what it leaves to memory
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and /proc, as Linux has them")


UNTIDY = ("memory limited",)
"""Faults that a command does not yet always tell in one line: it loses nothing, but ends with a traceback."""


def crashed(*arguments: str, folder: Path) -> str:
    """What the harness says, in a process of its own: one that tests ran in has threads, and must not fork."""
    folder = _MEMORY if _MEMORY.is_dir() else folder
    command = [sys.executable, "-m", "tests.crash", "--jobs", "2", "--folder", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert done.stdout, done.stderr
    return done.stdout


def counted(name: str, said: str) -> int:
    found = re.search(rf"(?m)^{name}: (\d+)", said)
    assert found, said
    return int(found[1])


def test_hundreds_of_kills_lose_double_and_alter_nothing(tmp_path: Path) -> None:
    said = crashed("--kills", str(KILLS), "--seed", "1", folder=tmp_path)

    assert {kind: counted(kind, said) for kind in LOSSES} == dict.fromkeys(LOSSES, 0), said
    total = re.search(r"(?m)^([\d,]+) kills", said)
    assert total
    assert int(total[1].replace(",", "")) >= KILLS


def test_what_the_system_refuses_is_said_and_nothing_is_lost_by_it(tmp_path: Path) -> None:
    said = crashed("--kills", "0", "--faults", "1", "--seed", "1", folder=tmp_path)

    assert {kind: counted(kind, said) for kind in LOSSES} == dict.fromkeys(LOSSES, 0), said
    traced = [line for line in said.splitlines() if line.startswith("  traceback: ")]
    assert [line for line in traced if not any(f", {kind}: " in line for kind in UNTIDY)] == []


STATE = {"versions": [[1, "Zinc is up."]], "passages": [[0, 11, 0, "vector"]]}
TWICE = {"versions": [[1, "Zinc is up."]], "passages": [[0, 11, 0, "vector"], [0, 11, 0, "vector"]]}
OTHER = {"versions": [[1, "Zinc is cheap."]], "passages": [[0, 14, 0, "vector"]]}


@pytest.mark.parametrize(
    ("now", "kept", "kinds"),
    [
        ({"zinc": STATE}, {"zinc"}, []),
        ({"zinc": STATE}, set(), []),
        ({}, set(), []),
        ({}, {"zinc"}, ["lost"]),
        ({"zinc": TWICE}, {"zinc"}, ["doubled"]),
        ({"zinc": OTHER}, {"zinc"}, ["altered"]),
    ],
)
def test_a_statement_is_whole_when_it_is_what_it_was_or_what_it_was_to_become(
    now: dict[str, object], kept: set[str], kinds: list[str]
) -> None:
    expected = Expected({}, {"zinc": STATE}, frozenset(kept), done=False, alone=True, indexed=False)

    assert [failure.kind for failure in judged(now, expected)] == kinds


def test_two_statements_cannot_both_be_kept_and_unacknowledged() -> None:
    after = {"tin": OTHER, "zinc": STATE}
    expected = Expected({}, after, frozenset(), done=False, alone=True, indexed=False)

    assert [failure.kind for failure in judged(after, expected)] == ["altered"]


def test_what_several_processes_count_is_added_up() -> None:
    tally = Tally(finished=2, seconds=3.0)
    tally.kills["remove", "named step"] = 4
    tally.fail("lost", "a statement")
    both = Tally()
    both.add(tally.to_json())
    both.add(tally.to_json())

    assert (both.total, both.finished, both.failed["lost"], both.seconds) == (8, 4, 2, 3.0)
    assert both.failures == ["lost: a statement"] * 2
