"""Imports point one way, and nowhere in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = ("corpus", "embeddings", "service")
SPEAKS_TO_PEOPLE = {"flask", "click", "rich", "waitress", "werkzeug"}


def modules() -> dict[str, Path]:
    paths = (path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it: `from package import module` is an import of the module."""
    known = modules()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in known else node.module for name in whole)


def test_no_package_imports_one_above_it() -> None:
    upwards = [
        f"{name} imports {module}"
        for name, path in modules().items()
        for module in imported(path)
        if module.split(".")[0] in LAYERS and LAYERS.index(module.split(".")[0]) > LAYERS.index(name.split(".")[0])
    ]

    assert upwards == []


def test_only_the_service_knows_flask_and_the_terminal() -> None:
    outside = {
        f"{name} imports {module}"
        for name, path in modules().items()
        for module in imported(path)
        if module.split(".")[0] in SPEAKS_TO_PEOPLE and not name.startswith("service")
    }

    assert outside == set()


def test_only_the_archive_knows_sqlite() -> None:
    knowing = {name for name, path in modules().items() if "sqlite3" in imported(path)}

    assert knowing == {"corpus.archive", "corpus.archive_file", "service.cli", "service.web.problems"}


def test_no_import_goes_in_a_circle() -> None:
    known = modules()
    graph = {name: {module for module in imported(path) if module in known} - {name} for name, path in known.items()}

    TopologicalSorter(graph).prepare()

    assert len(graph) > 30


def test_importing_a_package_imports_no_module_of_it_but_readers_formats_and_web() -> None:
    opening = {name for name, path in modules().items() if path.name == "__init__.py" and any(imported(path))}

    assert opening <= {"corpus.readers", "service.formats", "service.web"}
