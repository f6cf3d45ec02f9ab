"""Runs the tests that concern a mutant until one fails: each mutant in a process forked from one that has it all read.

A mutant inside a function is put into the function itself, in a fork of a process that has collected the tests. One of
what runs when a module is imported needs the module, and all that imports it, read afresh: such a fork is taken from
before anything of the project is imported.
"""

import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest
from hypothesis import Phase, settings

from benchmarks.mutating import Mutant

_SLACK = 2.0
"""Seconds that a test may take on a mutant, and ..."""
_TIMES = 5
"""... so many times what it takes without."""
_MOST = 10.0
"""Seconds of tests for one mutant, as they take without: its own module's first, then the quick ones."""
_FILES = 2
"""Files of tests beside its own for a mutant of what runs at import, ..."""
_MOST_AFRESH = 5.0
"""... and seconds of tests."""
_MEMORY = 2 << 30
"""Bytes that a mutant may ask for more than the tests have."""
_HEAVY = (
    "docx",
    "flask",
    "jsonschema",
    "lxml.html",
    "numpy",
    "pydantic",
    "pypdfium2",
    "rapidfuzz",
    "regex",
    "sentencex",
)
"""What many modules import and no mutant changes: imported once."""
_OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-W", "ignore"]


@dataclass(frozen=True, slots=True)
class Concerned:
    """Which tests run which lines, and how long each takes."""

    seconds: Mapping[str, float]
    by_line: Mapping[str, Mapping[int, Sequence[str]]]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests for a mutant, in the order in which they are run."""
        if self.is_run(mutant):
            return self._ordered(self._around(mutant), mutant.path, _MOST)
        of_module = {test for tests in self.by_line.get(mutant.path, {}).values() for test in tests}
        return self._ordered(_of_few_files(of_module, mutant.path), mutant.path, _MOST_AFRESH)

    def is_run(self, mutant: Mutant) -> bool:
        """Whether tests run its very lines: not those of what runs at import, nor of a function called only then."""
        return mutant.function is not None and bool(self._around(mutant))

    def _around(self, mutant: Mutant) -> set[str]:
        lines = self.by_line.get(mutant.path, {})
        return {test for line in range(mutant.line, mutant.last_line + 1) for test in lines.get(line, ())}

    def _ordered(self, tests: Iterable[str], path: str, most: float) -> list[str]:
        ordered = sorted(tests, key=lambda test: (not _is_own(test, path), self.seconds[test], test))
        return list(_within(most, ordered, self.seconds))


def _is_own(test: str, path: str) -> bool:
    """Whether a test is of the file that is there for the module, or one of its own examples."""
    file = test.partition("::")[0]
    return file == path or Path(path).stem in Path(file).stem


def _of_few_files(tests: Collection[str], path: str) -> Iterator[str]:
    """Those of the module's own files, and of the few others with the most: each is read afresh for each mutant."""
    count = Counter(test.partition("::")[0] for test in tests)
    others = [file for file, _ in count.most_common() if not _is_own(file, path)][:_FILES]
    return (test for test in tests if _is_own(test, path) or test.partition("::")[0] in others)


def _within(most: float, tests: Iterable[str], seconds: Mapping[str, float]) -> Iterator[str]:
    for test in tests:
        most -= seconds[test]
        if most > 0:
            yield test


def measured(root: Path, tests: Sequence[str], modules: Sequence[str]) -> Concerned:
    """What each test runs of the modules, found by running them all once.

    A test that fails with nothing changed, as one that measures time may while lines are counted, is told and left out.

    Raises `RuntimeError` when the tests cannot be run at all.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "measured.json")
        status = _forked(lambda: _pytest([*tests, f"--basetemp={folder}/tests"], _Measuring(root, modules, written)))
        if status not in {0, 1} or not written.exists():
            raise RuntimeError(f"The tests could not be run: pytest ended with status {status}.")
        found = json.loads(written.read_text(encoding="utf-8"))
    failed = set(found["failed"])
    for test in sorted(failed):
        sys.stderr.write(f"left out, for it fails with nothing changed: {test}\n")
    by_line = {
        path: {int(line): [name for name in names if name and name not in failed] for line, names in lines.items()}
        for path, lines in found["lines"].items()
    }
    return Concerned(found["seconds"], by_line)


def killed(
    root: Path, tests: Sequence[str], mutants: Sequence[Mutant], concerned: Concerned
) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with what became of it: the test that failed, "time" or "memory and the like", or "" if it lives."""
    for name in _HEAVY:
        importlib.import_module(name)
    warm = [mutant for mutant in mutants if concerned.is_run(mutant)]
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        server = os.fork()
        if not server:
            os.close(read)
            session = _Killing(warm, concerned, write)
            os._exit(_pytest([*tests, f"--basetemp={folder}/warm"], session))
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as told:
            for mutant, line in zip(warm, told, strict=False):
                yield mutant, json.loads(line)
        if os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]):
            raise RuntimeError("The tests could not be collected.")
        for mutant in mutants:
            if not concerned.is_run(mutant):
                yield mutant, _cold(root, mutant, concerned.tests(mutant), concerned.seconds, folder)


def _pytest(arguments: Sequence[str], plugin: object) -> int:
    """Run tests without the shrinking, the memory and the chance of hypothesis; the exit status."""
    settings.register_profile(
        "mutants", derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("mutants")
    with _silent():
        return int(pytest.main([*_OPTIONS, *arguments], plugins=[plugin]))


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing is said: a thousand mutants fail a test each."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    yield


def _forked(run: Callable[[], int]) -> int:
    """The exit status of what is run in a fork of this process; a signal's number, below 0, when one ended it."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 70
        try:
            status = run()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class _Measuring:
    """A pytest plugin: runs the tests and keeps which lines each runs."""

    def __init__(self, root: Path, modules: Sequence[str], written: Path) -> None:
        self._root = root
        self._modules = modules
        self._written = written
        self._failed: list[str] = []
        self._seconds: dict[str, float] = {}
        self._coverage = coverage.Coverage(data_file=None, include=[str(root / module) for module in modules])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """One test."""
        self._coverage.switch_context(item.nodeid)
        started = perf_counter()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid] = perf_counter() - started

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        if report.failed:
            self._failed.append(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """All tests."""
        self._coverage.start()
        try:
            return (yield)
        finally:
            self._coverage.stop()
            found = self._coverage.get_data()
            lines = {module: found.contexts_by_lineno(str(self._root / module)) for module in self._modules}
            told = {"seconds": self._seconds, "lines": lines, "failed": self._failed}
            self._written.write_text(json.dumps(told), encoding="utf-8")


class _Failures:
    """A pytest plugin: keeps the first test that fails."""

    def __init__(self) -> None:
        self.first = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        if report.failed and not self.first:
            self.first = report.nodeid


class _Killing:
    """A pytest plugin: instead of running the tests, forks for each mutant and runs those that concern it."""

    def __init__(self, mutants: Sequence[Mutant], concerned: Concerned, told: int) -> None:
        self._mutants = mutants
        self._concerned = concerned
        self._told = told

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Every mutant in turn; what became of it is written as a line of JSON."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        items = {item.nodeid: item for item in session.items}
        functions = _functions()
        gc.freeze()
        for mutant in self._mutants:
            chosen = [items[test] for test in self._concerned.tests(mutant) if test in items]
            changed = functions[mutant.path, mutant.function or ""]
            became = _outcome(partial(self._run, session, mutant, changed, chosen))
            os.write(self._told, f"{json.dumps(became)}\n".encode())
        return True

    def _run(
        self, session: pytest.Session, mutant: Mutant, function: FunctionType, items: Sequence[pytest.Item], told: int
    ) -> int:
        failures = _Failures()
        session.config.pluginmanager.register(failures)
        function.__code__ = _code(mutant)
        for item, after in zip(items, [*items[1:], None], strict=True):
            _limited(self._concerned.seconds[item.nodeid])
            os.write(told, b".")
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if failures.first:
                os.write(told, failures.first.encode())
                return 1
        return 0


def _outcome(run: Callable[[int], int]) -> str:
    """What became of a mutant that is run in a fork, which writes the test that failed."""
    read, write = os.pipe()

    def limited() -> int:
        os.close(read)
        allowed = _held() + _MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
        return run(write)

    with os.fdopen(read, encoding="utf-8") as told:
        child = os.fork()
        if not child:
            status = 70
            try:
                status = limited()
            finally:
                os._exit(status)
        os.close(write)
        failed = told.read().lstrip(".")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status in {-signal.SIGPROF, -signal.SIGALRM}:
        return "time"
    return failed or ("" if status == 0 else f"the process, with status {status}")


def _held() -> int:
    """Bytes of address space this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _limited(seconds: float) -> None:
    """End this process when the next test takes much longer than it does without a mutant."""
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    limit = _SLACK + _TIMES * seconds
    signal.setitimer(signal.ITIMER_PROF, limit)
    signal.setitimer(signal.ITIMER_REAL, 10 * limit)  # one that waits takes no time of the processor's


def _functions() -> dict[tuple[str, str], FunctionType]:
    """The functions of this process by file and qualified name: of those defined twice, the later."""
    found: dict[tuple[str, str], FunctionType] = {}
    root = f"{Path.cwd()}{os.sep}"
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(root):
            key = one.__code__.co_filename.removeprefix(root), one.__code__.co_qualname
            if key not in found or found[key].__code__.co_firstlineno < one.__code__.co_firstlineno:
                found[key] = one
    return found


def _code(mutant: Mutant) -> CodeType:
    """The changed function's code."""
    codes: dict[str, CodeType] = {}
    waiting = [compile(mutant.source, str(Path.cwd() / mutant.path), "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop(0)
        codes[code.co_qualname] = code
        waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
    return codes[mutant.function or ""]


def _cold(root: Path, mutant: Mutant, tests: Sequence[str], seconds: Mapping[str, float], folder: str) -> str:
    """What became of a mutant of what runs at import."""

    def run(told: int) -> int:
        finder = _Changed(root, mutant)
        sys.meta_path.insert(0, finder)
        chosen = _Chosen(tests, seconds, told, finder)
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        status = _pytest(["-x", *files, f"--basetemp={folder}/cold"], chosen)
        os.write(told, (chosen.failures.first or ("while being collected" if status not in {0, 5} else "")).encode())
        return 0 if status == 5 else status

    return _outcome(run)


class _Chosen:
    """A pytest plugin: runs some of what is collected, in an order given."""

    def __init__(
        self, tests: Sequence[str], seconds: Mapping[str, float], told: int, finder: importlib.abc.MetaPathFinder
    ) -> None:
        self._finder = finder
        self._order = {test: number for number, test in enumerate(tests)}
        self._seconds = seconds
        self._told = told
        self.failures = _Failures()

    def pytest_configure(self, config: pytest.Config) -> None:
        """The first failure is kept."""
        config.pluginmanager.register(self.failures)

    def pytest_sessionstart(self) -> None:
        """A finder of pytest’s own reads what it is told to test; ours has to come before it."""
        sys.meta_path.insert(0, self._finder)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """All others are left out."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """One test."""
        os.write(self._told, b".")
        _limited(self._seconds[nodeid])


class _Changed(importlib.abc.MetaPathFinder):
    """Finds one module, changed, and no other."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self._name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._path = str(root / mutant.path)
        self._source = mutant.source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """As `importlib` asks it."""
        if fullname != self._name:
            return None
        loader = _ChangedLoader(fullname, self._path)
        loader.changed = self._source
        return importlib.util.spec_from_file_location(fullname, self._path, loader=loader)


class _ChangedLoader(importlib.machinery.SourceFileLoader):
    changed: str

    def get_code(self, fullname: str) -> Any:  # noqa: ARG002
        """The changed module's."""
        return compile(self.changed, self.path, "exec", dont_inherit=True)
