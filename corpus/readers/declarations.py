"""What one declaration of a style says of whether words are seen: that they are not, or anything else."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import tinycss2
from tinycss2.color4 import parse_color

from corpus.readers.hidden import is_faint

FAR = -9000.0
"""The pixels by which a box lies off the page."""

PROPERTIES = frozenset({"display", "visibility", "opacity", "font-size", "color", "position", "left", "top", "clip"})
"""The properties by which words are hidden."""
MOVED, ANIMATED = "moved", "animated"
"""What stands for every other property that moves or widens a box, and for all that change it over time."""

_DEEPEST = 8
_SMALLEST = {"px": 2.0, "pt": 1.5}
_ZERO_OF = frozenset({"px", "pt", "em", "rem", "%"})
_WHITE = (1.0, 1.0, 1.0)
_Colour = tuple[tuple[float, float, float], float]

_ANIMATES = re.compile(r"(?:-[a-z]+-)?(?:animation|transition)(?:-[a-z-]+)?|view-transition-name|interpolate-size")
_MOVES = re.compile(
    r"(?:margin|padding|inset|offset|transform|perspective|contain|container|(?:min|max)-(?:width|inline-size))(?:-.+)?"
    r"|-[a-z]+-(?:transform|perspective|filter|writing-mode).*|width|height|inline-size|block-size|right|bottom|float"
    r"|translate|rotate|scale|zoom|filter|backdrop-filter|will-change|direction|writing-mode|text-indent|white-space.*"
    r"|(?:letter|word)-spacing|position-.+|text-orientation|content-visibility|columns|column-.+|text-wrap.*"
)
_PLAIN = re.compile(
    r"color|background|background-color|font(?:-family|-size|-weight|-style|-variant)?|text-align|text-decoration"
    r"|text-transform|display|visibility|opacity|padding(?:-.+)?|border(?:-.+)?|list-style|list-style-type|cursor|--.*"
)
"""Properties that lay nothing over anything else."""
_OUTLINES = re.compile(r"text-shadow|(?:-webkit-)?text-(?:stroke|fill).*|paint-order|mix-blend-mode|color-scheme")
_COLOURS = re.compile(
    r"(?:-[a-z]+-)?(?:box-shadow|filter|backdrop-filter|mask.*|border-image.*|outline|background-(?:image|blend-mode))"
    r"|list-style-image|content|forced-color-adjust"
)
_EDGES = re.compile(r"border(?!-(?:image|radius|collapse|spacing)).*|outline-.+|column-rule.*|text-decoration.*")


@dataclass(frozen=True, slots=True)
class Declaration:
    """That words are not seen by a property, or that the property says anything else, understood or not."""

    name: str
    """One of `PROPERTIES`, `MOVED`, `ANIMATED`."""
    hides: bool
    important: bool


@dataclass(slots=True)
class Mentions:
    """What the styles of a page speak of anywhere, whether it holds or not."""

    coloured: bool = False
    """A background other than paper, or anything else that is painted behind words."""
    outlined: bool = False
    """A shadow, outline, filling or blending, by which letters show whatever their colour; or a colour scheme."""
    overlaid: bool = False
    """Any property by which one thing may come to lie on another."""
    enlarged: bool = False
    """Any property by which tiny type may become large."""
    turned: bool = False
    """Another direction of writing than from left to right."""

    def note(self, name: str, value: Sequence[Any]) -> None:
        """Take in one declaration."""
        words = [token.lower_value if token.type == "ident" else "" for token in value]
        is_nothing = words in (["none"], ["normal"], ["initial"], ["inherit"], ["unset"]) or _is_zero(value)
        if name in {"background", "background-color"}:
            self.coloured |= not (len(value) == 1 and (is_nothing or _is_paper(value[0])))
        elif _COLOURS.fullmatch(name):
            self.coloured |= not is_nothing and not (name == "content" and all(one.type == "string" for one in value))
        elif _EDGES.fullmatch(name):
            self.coloured |= any(map(_is_thick, value))
        elif name.endswith("background-clip"):
            self.outlined |= "text" in words
        if _OUTLINES.fullmatch(name) or name == "all":
            self.outlined |= not is_nothing
        self.overlaid |= _PLAIN.fullmatch(name) is None
        self.enlarged |= name in {"zoom", "scale", "all"} or "transform" in name or "size-adjust" in name
        self.turned |= name in {"direction", "writing-mode", "all"} or name.endswith("writing-mode")


@dataclass(slots=True)
class Block:
    """The declarations between two braces, and those nested deeper, whose elements are not known."""

    own: list[Declaration] = field(default_factory=list)
    nested: list[Declaration] = field(default_factory=list)


def declared(tokens: "str | Sequence[Any]", mentions: Mentions, depth: int = _DEEPEST) -> Block:
    """What a style attribute, or what stands between two braces, declares; added to what the page mentions.

    >>> declared("display: none !important; left: 2dvw", Mentions()).own  # doctest: +NORMALIZE_WHITESPACE
    [Declaration(name='display', hides=True, important=True), Declaration(name='left', hides=False, important=False)]
    """
    found = Block()
    for one in tinycss2.parse_blocks_contents(tokens, skip_comments=True, skip_whitespace=True):
        if one.type == "declaration":
            value = [token for token in one.value if token.type not in {"whitespace", "comment"}]
            mentions.note(one.lower_name, value)
            found.own += [Declaration(name, hides, one.important) for name, hides in _said(one.lower_name, value)]
        elif one.type in {"qualified-rule", "at-rule"} and one.content is not None and depth:
            inside = declared(one.content, mentions, depth - 1)
            found.nested += inside.own + inside.nested
    return found


def is_paper(stated: str) -> bool:
    """Whether a colour of an attribute, such as "#ffffff" or "ffffff", is certainly hardly told from white."""
    if not re.fullmatch(r"#?\w{1,30}", stated):
        return False
    tokens = [tinycss2.parse_one_component_value(written) for written in (stated, f"#{stated}")]
    return any(_is_paper(token) for token in tokens)


def _said(name: str, value: list[Any]) -> Iterator[tuple[str, bool]]:
    """The properties that a declaration sets, and whether it hides words by them."""
    if name in PROPERTIES:
        yield name, _HIDES[name](value)
    elif name == "all":
        yield from ((one, False) for one in (*sorted(PROPERTIES), MOVED))
    elif name == "font":
        yield "font-size", False
    elif name.startswith("inset"):
        yield from (("left", False), ("top", False), (MOVED, False))
    elif _ANIMATES.fullmatch(name):
        yield ANIMATED, False
    elif _MOVES.fullmatch(name) and not _is_short(name, value):
        yield MOVED, False


def _word(*words: str) -> Callable[[list[Any]], bool]:
    return lambda value: len(value) == 1 and value[0].type == "ident" and value[0].lower_value in words


def _is_clear(value: list[Any]) -> bool:
    """Whether an opacity is none."""
    return len(value) == 1 and value[0].type in {"number", "percentage"} and value[0].value == 0


def _is_tiny(value: list[Any]) -> bool:
    if len(value) != 1:
        return False
    number, unit = _length(value[0])
    return (number == 0 and unit in _ZERO_OF) or 0 <= number < _SMALLEST.get(unit, 0)


def _is_far(value: list[Any]) -> bool:
    return len(value) == 1 and value[0].type == "dimension" and _length(value[0]) <= (FAR, "px")


def _is_nothing_left(value: list[Any]) -> bool:
    """Whether a clip is a rectangle of a pixel or less in width or in height, its four sides known."""
    if len(value) != 1 or value[0].type != "function" or value[0].lower_name != "rect":
        return False
    sides = [_length(one) for one in value[0].arguments if one.type not in {"whitespace", "comment"} and one != ","]
    if len(sides) != 4 or any(unit != "px" for _, unit in sides):
        return False
    (top, _), (right, _), (bottom, _), (left, _) = sides
    return bottom - top <= 1 or right - left <= 1


def _is_unpainted(value: list[Any]) -> bool:
    """Whether a colour is that of paper, or none."""
    return len(value) == 1 and _is_paper(value[0])


_HIDES: dict[str, Callable[[list[Any]], bool]] = {
    "display": _word("none"),
    "visibility": _word("hidden", "collapse"),
    "position": _word("absolute", "fixed"),
    "opacity": _is_clear,
    "font-size": _is_tiny,
    "left": _is_far,
    "top": _is_far,
    "clip": _is_nothing_left,
    "color": _is_unpainted,
}


def _length(token: Any) -> tuple[float, str]:
    """A length and its unit; an unknown one, of no unit, where it is none."""
    match token.type:
        case "dimension":
            return float(token.value), token.lower_unit
        case "percentage":
            return float(token.value), "%"
        case "number" if token.value == 0:
            return 0.0, "px"
    return 0.0, ""


def _is_zero(value: Sequence[Any]) -> bool:
    return bool(value) and all(token.type in {"number", "dimension"} and token.value == 0 for token in value)


def _is_short(name: str, value: list[Any]) -> bool:
    """Whether it makes a box at most 1,000 pixels wide or high, or its edges at most 100."""
    most = 1000 if name in {"width", "height"} else 100 if name.startswith(("margin", "padding")) else -1
    return bool(value) and all(unit == "px" and abs(number) <= most for number, unit in map(_length, value))


def _is_thick(token: Any) -> bool:
    """Whether words may be told from the line that an edge is."""
    if token.type in {"function", "percentage"}:
        return getattr(token, "lower_name", "") not in {"rgb", "rgba", "hsl", "hsla"}
    return token.type == "dimension" and not (token.lower_unit == "px" and token.value <= 5)


def _is_paper(token: Any) -> bool:
    colour = _colour(token)
    if colour is None:
        return False
    parts, opacity = colour
    return opacity < 0.03 or is_faint([opacity * part + 1 - opacity for part in parts], _WHITE)


def _colour(token: Any) -> _Colour | None:
    """A colour with its opacity; `None` where it is not written in one of the plain ways."""
    if token.type not in {"ident", "hash"} and getattr(token, "lower_name", "") not in {"rgb", "rgba", "hsl", "hsla"}:
        return None
    try:
        colour = parse_color(token)
    except (ValueError, TypeError, IndexError):  # what it makes of arguments that are no numbers
        return None
    if colour is None or isinstance(colour, str) or colour.space not in {"srgb", "hsl"}:
        return None
    if any(part is None for part in (*colour.coordinates, colour.alpha)):
        return None
    red, green, blue = (min(1.0, max(0.0, float(part))) for part in colour.to("srgb").coordinates)
    return (red, green, blue), min(1.0, max(0.0, float(colour.alpha)))
