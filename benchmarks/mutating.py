"""Breaks a module on purpose, one small way at a time: mutants, for the tests to find out."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst import matchers
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

_TELLS = {"warn", "cast", "TypeVar", "NewType", "reached"}
"""Calls that only tell somebody something: the log, the type checker, whoever listens to audit events."""
_KEPT = {"len", "isinstance"}
"""Calls whose arguments, when dropped, only make an error."""


_SQL = re.compile(r"""\w*["'](?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|CREATE|WITH|FROM|WHERE|GROUP|ORDER)\b""")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one thing in it changed."""

    path: str
    """Of the module, from the project's root, with slashes."""
    line: int
    last_line: int
    before: str
    """The expression or statement that is changed, as it is."""
    after: str
    function: str | None
    """The qualified name of the function or method it stands in; `None` for what runs when the module is imported."""
    source: str
    """The module with the change made."""

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return f"{self.path}:{self.line}: {' '.join(self.before.split())} → {' '.join(self.after.split())}"


@dataclass(frozen=True, slots=True)
class _Change:
    node: cst.CSTNode
    instead: cst.CSTNode
    function: str | None
    lines: tuple[int, int]


def mutants(root: Path, path: str, most: int | None, seed: int) -> tuple[list[Mutant], int]:
    """Mutants of the module at `path`, by line, and how many there could be; `most` of them drawn at random.

    What is changed: all that mutmut's operators change, in functions, classes and at a module's top level. What is
    not: docstrings, annotations and aliases of types, decorators, imports, `__all__`, logging, the sentences of errors,
    `encoding=` (always UTF-8), the case of SQL, and `zip(strict=...)`, which checks what its code makes sure of.
    """
    source = (root / path).read_text(encoding="utf-8")
    wrapped = MetadataWrapper(cst.parse_module(source))
    changes = _Changes()
    wrapped.visit(changes)
    drawn: list[Mutant] = []
    order = random.Random(f"{seed} {path}").sample(changes.found, len(changes.found))  # noqa: S311
    for change in order:
        if len(drawn) == most:
            break
        mutant = _made(path, wrapped.module, change)
        if mutant.source != source and _compiles(mutant.source):
            drawn.append(mutant)
    return sorted(drawn, key=lambda mutant: (mutant.line, mutant.before, mutant.after)), len(changes.found)


def _made(path: str, module: cst.Module, change: _Change) -> Mutant:
    changed = module.deep_replace(change.node, change.instead)
    assert isinstance(changed, cst.Module)
    before, after = (module.code_for_node(node).strip() for node in (change.node, change.instead))
    return Mutant(path, *change.lines, before, after, change.function, changed.code)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


class _Changes(cst.CSTVisitor):
    """All changes that the operators make to a module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Change] = []
        self._names: list[str] = []
        self._function: str | None = None
        self._bodies = 0
        self._telling = 0
        self._lines: list[CodeRange] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _is_left_alone(node):
            return False
        if _is_of_an_error(node):
            self._telling += 1
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self._names.append(node.name.value)
        if isinstance(node, cst.SimpleStatementLine):
            self._lines.append(self.get_metadata(PositionProvider, node))
        if not (self._telling and isinstance(node, cst.BaseString | cst.Call)):
            self.found += self._changes(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if _is_left_alone(original_node):
            return
        if _is_of_an_error(original_node):
            self._telling -= 1
        if isinstance(original_node, cst.ClassDef | cst.FunctionDef):
            self._names.pop()
        if isinstance(original_node, cst.SimpleStatementLine):
            self._lines.pop()

    def visit_FunctionDef_body(self, node: cst.FunctionDef) -> None:  # noqa: ARG002, N802
        """What stands in here runs when the outermost function is called, and not before."""
        self._function = self._function or ".".join(self._names)
        self._bodies += 1

    def leave_FunctionDef_body(self, node: cst.FunctionDef) -> None:  # noqa: ARG002, N802
        """Out of it again."""
        self._bodies -= 1
        self._function = self._function if self._bodies else None

    def _changes(self, node: cst.CSTNode) -> Iterator[_Change]:
        for kind, operator in mutation_operators:
            if isinstance(node, kind) and not (operator.__name__ == "operator_arg_removal" and _keeps_arguments(node)):
                for instead in operator(node):
                    if not _is_sql_in_another_case(node, instead) and not _differs_in_what_is_left_alone(node, instead):
                        yield _Change(node, instead, self._function, self._span(node))

    def _span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The lines of the statement it stands in, and those of a header alone."""
        at = self._lines[-1] if self._lines else self.get_metadata(PositionProvider, node)
        return at.start.line, at.end.line


def _is_left_alone(node: cst.CSTNode) -> bool:
    match node:
        case (
            cst.Annotation()
            | cst.Decorator()
            | cst.Import()
            | cst.ImportFrom()
            | cst.Expr(value=cst.BaseString())
            | cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__all__"))])
            | cst.Call(func=cst.Attribute(value=cst.Name(value="logger" | "_log" | "log")))
            | cst.Arg(keyword=cst.Name(value="strict" | "encoding"))
            | cst.Assign(value=cst.Subscript(value=cst.Name(value="Callable" | "Literal" | "list" | "tuple" | "dict")))
        ):
            return True
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name in _TELLS
    return False


def _is_of_an_error(node: cst.CSTNode) -> bool:
    """Whether it raises an error, or builds the sentences of one in its class."""
    return isinstance(node, cst.Raise) or matchers.matches(
        node,
        matchers.Call(
            func=matchers.Attribute(
                value=matchers.Call(func=matchers.Name("super")) | matchers.Name("OnRecordError"),
                attr=matchers.Name("__init__"),
            )
        ),
    )


def _keeps_arguments(node: cst.CSTNode) -> bool:
    return matchers.matches(node, matchers.Call(func=matchers.Name())) and _called(node) in _KEPT


def _called(node: cst.CSTNode) -> str:
    return node.func.value if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) else ""


def _is_sql_in_another_case(node: cst.CSTNode, instead: cst.CSTNode) -> bool:
    """Whether all that changes is the case of words that SQLite reads alike in any."""
    if not (isinstance(node, cst.SimpleString) and isinstance(instead, cst.SimpleString)):
        return False
    return _SQL.match(node.value) is not None and node.value.casefold() == instead.value.casefold()


def _differs_in_what_is_left_alone(node: cst.CSTNode, instead: cst.CSTNode) -> bool:
    """Whether the two calls differ in what is left alone."""
    if not (isinstance(node, cst.Call) and isinstance(instead, cst.Call)):
        return False
    return _left_alone(node.args) != _left_alone(instead.args)


def _left_alone(arguments: Sequence[cst.Arg]) -> list[str]:
    module = cst.Module([])
    return [module.code_for_node(one.value) for one in arguments if _is_left_alone(one)]
