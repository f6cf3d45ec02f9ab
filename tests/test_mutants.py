"""Breaking the code on purpose: what is changed, what is left alone, and who finds out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutants import main
from benchmarks.mutating import Mutant, mutants

ROOT = Path(__file__).parent.parent
LEFT_ALONE = '''"""What a module is for."""

import logging
from collections.abc import Callable
from functools import cache

__all__ = ["sink"]
logger = logging.getLogger(__name__)
Sinks = Callable[[int], str]


@cache
def sink(depth: "int") -> str:
    """How a ship sinks."""
    logger.warning("deep: %s", 5)
    if depth:
        raise ValueError(f"{depth} is too deep", "Come up")
    with open("ship", encoding="utf-8") as ship:
        return ship.read()
'''


def made(tmp_path: Path, source: str, most: int | None = None, seed: int = 1) -> list[Mutant]:
    (tmp_path / "ship.py").write_text(source, encoding="utf-8")
    return mutants(tmp_path, "ship.py", most, seed)[0]


def changes(found: list[Mutant]) -> list[tuple[str, str, str | None]]:
    return [(mutant.before, mutant.after, mutant.function) for mutant in found]


def test_constants_defaults_functions_and_methods_are_changed_and_it_is_known_where(tmp_path: Path) -> None:
    source = "DEEP = 3\n\ndef sink(depth=4):\n    return depth > DEEP\n\n"
    source += "class Ship:\n    def up(self):\n        return [5]\n"
    assert changes(made(tmp_path, source)) == [
        ("3", "4", None),
        ("DEEP = 3", "DEEP = None", None),
        ("4", "5", None),
        ("> DEEP", ">= DEEP", "sink"),
        ("5", "6", "Ship.up"),
    ]


def test_what_a_nested_function_does_belongs_to_the_outermost(tmp_path: Path) -> None:
    source = "def sink():\n    def deeper(by=1):\n        return by\n    return deeper\n"
    assert changes(made(tmp_path, source)) == [("1", "2", "sink")]


def test_words_for_people_types_and_imports_are_left_alone(tmp_path: Path) -> None:
    assert {before for before, _, _ in changes(made(tmp_path, LEFT_ALONE))} == {
        "logger = logging.getLogger(__name__)",
        "logging.getLogger(__name__)",
        '"ship"',
        'open("ship", encoding="utf-8")',
    }


def test_that_two_lists_are_of_one_length_is_not_what_is_tested(tmp_path: Path) -> None:
    assert changes(made(tmp_path, "def pairs(one, two):\n    return zip(one, two, strict=True)\n")) == [
        ("zip(one, two, strict=True)", "zip(None, two, strict=True)", "pairs"),
        ("zip(one, two, strict=True)", "zip(one, None, strict=True)", "pairs"),
        ("zip(one, two, strict=True)", "zip(one, strict=True)", "pairs"),
        ("zip(one, two, strict=True)", "zip(two, strict=True)", "pairs"),
    ]


def test_the_same_seed_draws_the_same_mutants_and_more_of_them_the_same_and_others(tmp_path: Path) -> None:
    source = "\n".join(f"def sink_{number}(): return {number}" for number in range(30))
    few, again, more, other = (made(tmp_path, source, most, seed) for most, seed in ((5, 1), (5, 1), (9, 1), (5, 2)))
    assert few == again
    assert len(few) == 5
    assert set(few) < set(more)
    assert set(few) != set(other)


SHIP = """
def deepest():
    return 7


DEEPEST = deepest()
FORGOTTEN = 5


def sink(depth):
    while depth < DEEPEST:
        depth += 1
    return depth


def rise(depth):
    return depth - 2
"""
KILL = """
import json, sys
from pathlib import Path
from benchmarks.killing import killed, measured
from benchmarks.mutating import mutants

root = Path.cwd()
found, _ = mutants(root, "ship.py", None, 1)
concerned = measured(root, ["test_ship.py"], ["ship.py"])
outcomes = {f"{one.before} → {one.after}": became for one, became in killed(root, ["test_ship.py"], found, concerned)}
json.dump(outcomes, sys.stderr)
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of every mutant of a module of which one half is tested."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    (folder / "ship.py").write_text(SHIP, encoding="utf-8")
    test = "import ship\n\ndef test_it_sinks():\n    assert (ship.sink(4), ship.rise(1) is None) == (7, False)\n"
    (folder / "test_ship.py").write_text(test, encoding="utf-8")
    (folder / "kill.py").write_text(KILL, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "kill.py"],
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{folder}", "PATH": "", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, str] = json.loads(ran.stderr)
    return found


def test_a_mutant_that_a_test_finds_out_is_told_with_the_test(outcomes: dict[str, str]) -> None:
    by = "test_ship.py::test_it_sinks"
    assert [
        outcomes[change]
        for change in ("7 → 8", "DEEPEST = deepest() → DEEPEST = None", "1 → 2", "< DEEPEST → <= DEEPEST")
    ] == [by] * 4


def test_a_mutant_that_runs_for_ever_is_found_out_by_the_time_it_takes(outcomes: dict[str, str]) -> None:
    assert outcomes["depth += 1 → depth -= 1"] == outcomes["depth += 1 → depth = 1"] == "time"


def test_a_mutant_that_no_test_finds_out_survives(outcomes: dict[str, str]) -> None:
    assert sorted(change for change, became in outcomes.items() if not became) == [
        *("2 → 3", "5 → 6", "FORGOTTEN = 5 → FORGOTTEN = None", "depth - 2 → depth + 2"),
    ]


def test_too_many_that_survive_fail_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = made(tmp_path, "def sink(): return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n")
    out = tmp_path / "results" / "mutants.json"
    monkeypatch.chdir(tmp_path)  # and back again: a run goes to the project's root
    monkeypatch.setattr("benchmarks.mutants.measured", lambda *_: None)
    monkeypatch.setattr("benchmarks.mutants.mutants", lambda *_: (found, 99))
    for survivors, expected in ((1, 0), (2, 1)):
        became = ["" if number < survivors else "a test" for number in range(10)]
        monkeypatch.setattr("benchmarks.mutants.killed", lambda *_, became=became: zip(found, became, strict=True))
        assert main(["ship.py", "--most", "10", "--out", str(out)]) == expected
    assert list(json.loads(out.read_text(encoding="utf-8")).values()) == ["", "", *["a test"] * 8]
