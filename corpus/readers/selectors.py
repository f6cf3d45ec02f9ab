"""Which elements the selector of a rule certainly picks, and which perhaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_TABLE_PARTS = frozenset({"tr", "td", "th", "thead", "tbody", "tfoot", "col", "colgroup", "caption"})
"""Between these and the elements around them a browser puts elements that the page does not state."""
_CHANGED = frozenset({"html", "body"})
"""Elements whose classes scripts change as the page loads."""
_ASIDE = frozenset({"before", "after", "marker", "placeholder", "selection", "backdrop"})
"""Pseudo-elements that are not the words of the element itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What selectors are told of an element: the same for all that stand alike in elements that stand alike."""

    tag: str
    ident: str
    classes: frozenset[str]
    folded: frozenset[str]
    """The id and the classes in lower case, as "#x" and ".x": in old pages capitals do not matter."""
    attributes: frozenset[str]
    parent: "Kind | None"

    @classmethod
    def of(cls, element: Any, parent: "Kind | None") -> "Kind":
        """That of an element inside one of the kind `parent`."""
        ident, classes = element.get("id") or "", (element.get("class") or "").split()
        folded = {f".{one.lower()}" for one in classes} | ({f"#{ident.lower()}"} if ident else set())
        attributes = frozenset(element.keys())
        return cls(element.tag, ident, frozenset(classes), frozenset(folded), attributes, parent)


@dataclass(slots=True)
class _Compound:
    """One part of a selector, such as "p.x"."""

    tag: str = ""
    idents: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    is_certain: bool = True
    """Whether it asks for nothing but these."""
    is_aside: bool = False
    """Whether it is of what is added beside the words."""
    has_state: bool = False
    """Whether it asks for more by ":", as ":hover" does."""
    to_left: str = ""
    """How what stands to its left is bound to it: " ", ">", "+" or "~"; "" for the first."""

    def folded(self) -> set[str]:
        """As `Kind.folded`."""
        return {f"#{one.lower()}" for one in self.idents} | {f".{one.lower()}" for one in self.classes}

    def certainly_picks(self, kind: Kind) -> bool:
        named = self.idents or self.classes
        return (
            self.is_certain
            and self.tag in {"", kind.tag}
            and not (named and kind.tag in _CHANGED)
            and self.idents <= {kind.ident}
            and self.classes <= kind.classes
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector as far as it is followed: tags, ids, classes, " " and ">"; whatever else it asks may hold or not."""

    compounds: tuple[_Compound, ...]
    """From right to left."""
    loose: tuple[tuple[str, frozenset[str], frozenset[str], str], ...]
    """What each asks for at least: tag, id and classes, attributes; and what binds it to its left."""
    weight: tuple[int, int, int]
    """How specific it is."""
    is_known: bool
    """Whether a browser certainly takes it for one."""

    @property
    def key(self) -> str:
        """The id ("#x"), class (".x") or tag ("x") that an element picked must have; "*" for any."""
        tag, named, _, _ = self.loose[0]
        return min(named, default=tag or "*")

    def certainly_picks(self, kind: Kind) -> bool:
        """Whether it picks such elements beyond doubt."""
        at: Kind | None = kind
        first, *others = self.compounds
        if not self.is_known or not first.certainly_picks(kind):
            return False
        bound = first.to_left
        for compound in others:
            child, at = at, at and at.parent
            if bound == ">" and child is not None and child.tag in _TABLE_PARTS:
                return False
            while bound == " " and at is not None and not compound.certainly_picks(at):
                at = at.parent
            if bound not in {" ", ">"} or at is None or not compound.certainly_picks(at):
                return False
            bound = compound.to_left
        return True

    def perhaps_picks(self, kind: Kind) -> bool:
        """Whether it may pick such elements."""
        at: Kind | None = kind
        bound = ""
        for number, (tag, named, attributes, to_left) in enumerate(self.loose):
            if number and bound in {"+", "~"}:
                bound = to_left
                continue
            at = at.parent if at is not None and number else at
            while at is not None and not _fits(at, tag, named, attributes):
                if not number:
                    return False
                at = at.parent
            if at is None:
                return False
            bound = to_left
        return True


def _fits(kind: Kind, tag: str, named: frozenset[str], attributes: frozenset[str]) -> bool:
    return tag in {"", kind.tag} and named <= kind.folded and attributes <= kind.attributes


def selectors(prelude: Sequence[Any]) -> list[Selector] | None:
    """The selectors of a rule, but for those of what is added beside the words; `None` where any is not understood."""
    lists: list[list[Any]] = [[]]
    for one in prelude:
        if one == ",":
            lists.append([])
        elif one.type != "comment":
            lists[-1].append(one)
    found: list[list[_Compound]] = []
    for tokens in lists:
        compounds = _compounds(tokens)
        if compounds is None:
            return None
        found.append(compounds)
    is_known = not any(one.has_state for compounds in found for one in compounds)
    return [
        _selector(compounds, is_known=is_known) for compounds in found if not any(one.is_aside for one in compounds)
    ]


def _selector(compounds: list[_Compound], *, is_known: bool) -> Selector:
    weight = (
        sum(len(one.idents) for one in compounds),
        sum(len(one.classes) for one in compounds),
        sum(bool(one.tag) for one in compounds),
    )
    loose = tuple((one.tag, frozenset(one.folded()), frozenset(one.attributes), one.to_left) for one in compounds)
    return Selector(tuple(compounds), loose, weight, is_known)


def _compounds(tokens: list[Any]) -> list[_Compound] | None:
    """The parts of a selector from right to left; `None` where one is not understood."""
    parts: list[tuple[str, list[Any]]] = [("", [])]
    for one in tokens:
        is_bond = one in (">", "+", "~")
        if one.type != "whitespace" and not is_bond:
            parts[-1][1].append(one)
        elif parts[-1][1]:
            parts.append((one.value if is_bond else " ", []))
        elif is_bond:
            if parts[-1][0] != " ":
                return None
            parts[-1] = one.value, []
    if parts[-1] == (" ", []):
        parts.pop()
    compounds = [_compound(written, to_left) for to_left, written in reversed(parts)]
    understood = [one for one in compounds if one is not None]
    return understood if len(understood) == len(compounds) > 0 else None


def _compound(tokens: list[Any], to_left: str) -> _Compound | None:
    found = _Compound(to_left=to_left)
    rest = iter(tokens)
    for number, one in enumerate(rest):
        if one.type == "ident" and not number:
            found.tag = one.lower_value
        elif one.type == "hash" and one.is_identifier:
            found.idents.add(one.value)
        elif one.type == "[] block":
            found.attributes |= _attribute(one)
            found.is_certain = False
        elif one == "." and (name := next(rest, None)) is not None and name.type == "ident":
            found.classes.add(name.value)
        elif one == ":" and _take_pseudo(found, rest):
            found.is_certain = False
        elif one != "*" or number:
            return None
    return found if tokens else None


def _take_pseudo(found: _Compound, rest: Iterator[Any]) -> bool:
    """Take in what follows a colon; whether it is a name at all."""
    one = next(rest, None)
    if one == ":":
        one = next(rest, None)
    if one is None or one.type not in {"ident", "function"}:
        return False
    is_aside = one.type == "ident" and one.lower_value in _ASIDE
    found.is_aside |= is_aside
    found.has_state |= not is_aside
    return True


def _attribute(block: Any) -> set[str]:
    """The name of the attribute asked for; none where it is written in an unusual way."""
    words = [token for token in block.content if token.type not in {"whitespace", "comment"}]
    plain = words and words[0].type == "ident" and (len(words) == 1 or words[1] != "|")
    return {words[0].lower_value} if plain else set()
