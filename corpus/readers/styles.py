"""Which words of a web page its own attributes and style sheets keep from its readers' sight."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import tinycss2
from cssselect2 import parser as selectors
from lxml import etree
from tinycss2.color4 import parse_color

from corpus.errors import Unreadable
from corpus.readers.hidden import is_faint

MOST_STYLE = 1_000_000
"""Characters of style sheets and of style attributes, each counted once, in a page that is read."""
MOST_TRIALS = 3_000_000
"""How often a part of a selector is tried on an element of a page that is read."""

_SCREEN = 1280, 720
_TYPE = 16.0
_SMALLEST = 2.0
_FAR = -999.0
_DEEPEST = 8
_BLACK, _WHITE, _BLUE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.93)
_SHOWN_LATER = frozenset({"html", "body", "main", "form"})
"""Elements that scripts show once the page has loaded."""
_PICTURES = ("img", "picture", "video", "canvas", "svg", "object", "embed", "iframe")
_Colour = tuple[float, float, float]


class Sight(Enum):
    """Whether the words of an element are seen; if not, whether they leave a gap, and whether browsers find them."""

    SEEN = "seen"
    ABSENT = "absent"
    """Not laid out: no gap, and not found."""
    INVISIBLE = "invisible"
    """Laid out and not painted: a gap, and not found."""
    BLANK = "blank"
    """Painted so that nothing shows, as white on white is: a gap, and found."""
    AWAY = "away"
    """Cut off, tiny, or beyond the edge of the page: no gap, but found."""

    @property
    def leaves_gap(self) -> bool:
        """Whether the words on both sides of it stand apart."""
        return self in {Sight.INVISIBLE, Sight.BLANK}

    @property
    def is_found(self) -> bool:
        """Whether a browser that searches the page comes upon it."""
        return self in {Sight.SEEN, Sight.BLANK, Sight.AWAY}


def unseen(page: Any) -> dict[Any, Sight]:
    """The elements whose own words, those not in elements inside them, a reader of the page does not see.

    Attributes (`hidden`, `style`, `color`, `bgcolor`) and `<style>` elements count, by the rules of the cascade, on a
    screen of 1,280 by 720 pixels with nothing clicked or pointed at; what a browser itself opens, as `<details>` or
    `hidden="until-found"`, is seen, and so is what is only `aria-hidden`. Sheets that a page links to are not fetched:
    where there is one, words are faint only against a background that the page itself states. Nor is it known what
    scripts do; `html`, `body`, `main` and `form` count as shown, since many scripts show them.

    >>> from corpus.readers.html_blocks import parse
    >>> page = parse(b"<style>.x { display: none }</style><p>Zinc <b class=x>no</b> <i style='font-size:0'>no</i>")
    >>> [(element.tag, sight.value) for element, sight in unseen(page).items()]
    [('b', 'absent'), ('i', 'away')]

    Raises `Unreadable` when the page has more style than `MOST_STYLE` or `MOST_TRIALS` allow: what it shows cannot be
    told then.
    """
    sheets = _Sheets.of(page)
    looks: dict[Any, _Look] = {}
    found: dict[Any, Sight] = {}
    for element in page.iter(etree.Element):
        above = looks.get(element.getparent())
        said = sheets.said_of(element)
        look = sheets.canvas() if above is None else above
        if said or element.tag in _RESETS:
            look = _looks(element, look, said, sheets)
        looks[element] = look
        if look.sight is not Sight.SEEN:
            found[element] = look.sight
    return found


# -- how an element looks


@dataclass(frozen=True, slots=True)
class _Look:
    """What decides whether words are seen, as far as the page says; `None` for a colour that it does not say."""

    colour: tuple[_Colour, float] | None
    """With its opacity."""
    backdrop: _Colour | None
    body_colour: tuple[_Colour, float] | None
    size: float = _TYPE
    opacity: float = 1.0
    invisible: bool = False
    pushed: bool = False
    """Whether its first line is indented off the page."""
    outlined: bool = False
    """Whether its letters show by their shadow, outline or filling, whatever their colour."""
    gone: Sight | None = None
    sight: Sight = Sight.SEEN

    def settled(self) -> "_Look":
        """The same with its sight."""
        return replace(self, sight=self._sight())

    def _sight(self) -> Sight:
        if self.gone is not None:
            return self.gone
        if self.invisible:
            return Sight.INVISIBLE
        if self.size < _SMALLEST or self.pushed:
            return Sight.AWAY
        return Sight.BLANK if self._is_faint() else Sight.SEEN

    def _is_faint(self) -> bool:
        if self.opacity < 0.03:
            return True
        if self.outlined or self.colour is None:
            return False
        colour, opacity = self.colour[0], self.colour[1] * self.opacity
        if opacity < 0.03:
            return True
        if self.backdrop is None:
            return False
        return is_faint(_over(colour, opacity, self.backdrop), self.backdrop)


def _over(colour: _Colour, opacity: float, below: _Colour) -> _Colour:
    red, green, blue = (opacity * part + (1 - opacity) * under for part, under in zip(colour, below, strict=True))
    return red, green, blue


_RESETS = frozenset({"a", "table", "font", "body", "mark", "button", "select"})
"""Elements that browsers give a colour or a size of their own, or that have one by an attribute."""
_Said = dict[str, Any]


def _looks(element: Any, above: _Look, said: _Said, sheets: "_Sheets") -> _Look:
    """How an element looks inside one that looks as `above`."""
    look = replace(_by_itself(element, above, sheets), sight=Sight.SEEN)
    size = _size(said, look.size, above.size)
    look = replace(
        look,
        colour=_colour(said, look.colour, above.colour),
        size=size,
        invisible=_said_so(said.get("visibility"), {"hidden", "collapse"}, otherwise=look.invisible),
        pushed=_pushed(said, size, otherwise=look.pushed),
        outlined=look.outlined or _is_outlined(said),
        backdrop=_backdrop(said, look.backdrop, sheets),
    )
    if element.tag not in _SHOWN_LATER:
        look = replace(look, gone=look.gone or _gone(said, size), opacity=look.opacity * _opacity(said))
    elif look.invisible and not above.invisible:
        look = replace(look, invisible=False)
    look = look.settled()
    return replace(look, body_colour=look.colour) if element.tag == "body" else look


def _by_itself(element: Any, above: _Look, sheets: "_Sheets") -> _Look:
    """How browsers show an element of which no style is stated."""
    if element.tag == "a" and element.get("href") is not None:
        return replace(above, colour=sheets.link_colour)
    if element.tag == "table" and sheets.quirks:  # as the Quirks Mode Standard has it
        return replace(above, colour=above.body_colour, size=_TYPE)
    if element.tag in {"mark", "button", "select"}:
        return replace(above, colour=(_BLACK, 1.0), backdrop=None)
    return above


def _said_so(value: str | None, words: set[str], *, otherwise: bool) -> bool:
    return otherwise if value is None or value in {"inherit", "unset"} else value in words


_UNKNOWN = object()
"""What a declaration says whose value only another part of the page, or the browser, knows."""


def _colour(
    said: _Said, own: tuple[_Colour, float] | None, inherited: tuple[_Colour, float] | None
) -> tuple[_Colour, float] | None:
    stated = said.get("-webkit-text-fill-color", said.get("color"))
    if stated in {"inherit", "unset", "currentcolor"}:
        return inherited
    if stated in {"initial", "revert"}:
        return _BLACK, 1.0
    return None if stated is _UNKNOWN else own if stated is None else stated


def _size(said: _Said, own: float, inherited: float) -> float:
    stated = said.get("font-size")
    if stated is None or isinstance(stated, str):
        return {"initial": _TYPE, "inherit": inherited}.get(stated or "", own)
    number, unit = stated
    return float(number * inherited / 100) if unit == "%" else _pixels(stated, inherited)


def _pushed(said: _Said, size: float, *, otherwise: bool) -> bool:
    stated = said.get("text-indent")
    if stated is None:
        return otherwise
    number, unit = stated
    if _pixels(stated, size) <= _FAR:
        return True
    return unit == "%" and number >= 100 and _is_cut(said) and said.get("white-space") == "nowrap"


def _is_outlined(said: _Said) -> bool:
    shadowed = any(said.get(name, "none") not in {"none", "0"} for name in ("text-shadow", "-webkit-text-stroke"))
    clipped = "text" in {said.get("background-clip"), said.get("-webkit-background-clip")}
    return shadowed or clipped or said.get("mix-blend-mode", "normal") != "normal"


def _backdrop(said: _Said, below: _Colour | None, sheets: "_Sheets") -> _Colour | None:
    stated = said.get("background-color")
    if sheets.has_pictures and (said.get("position") in {"absolute", "fixed", "sticky"} or _is_pulled(said)):
        below = None  # it may lie on any of them
    if stated is not None and stated is not _UNKNOWN and not isinstance(stated, str):
        colour, opacity = stated
        below = colour if opacity >= 1 else None if below is None else _over(colour, opacity, below)
    if stated is _UNKNOWN or stated == "currentcolor" or said.get("background-image", "none") != "none":
        return None
    return below


def _is_pulled(said: _Said) -> bool:
    return any(_pixels(said[name], _TYPE) < 0 for name in ("margin-top", "margin-left") if name in said)


def _opacity(said: _Said) -> float:
    if said.get("animation-name", "none") != "none":
        return 1.0  # what fades in
    return float(said.get("opacity", 1.0))


def _gone(said: _Said, size: float) -> Sight | None:
    """Why all that is in an element is not seen."""
    if said.get("display") == "none" or said.get("content-visibility") == "hidden":
        return Sight.ABSENT
    if "hidden" in said and "display" not in said:
        return Sight.ABSENT
    lengths = {name: _pixels(said[name], size) for name in _LENGTHS if name in said and said[name] is not _UNKNOWN}
    placed = said.get("position", "static")
    moved = ("left", "top", "right", "bottom") if placed != "static" else ()
    if any(lengths.get(name, 0) <= _FAR for name in (*moved, "margin-left", "margin-top")):
        return Sight.AWAY
    if said.get("transform") or said.get("clip-path") or (said.get("clip") and placed in {"absolute", "fixed"}):
        return Sight.AWAY
    narrow = any(lengths.get(name, 9) <= 1 for name in ("height", "max-height", "width", "max-width"))
    kept_open = any(lengths.get(name, 0) > 0 for name in ("padding-top", "padding-bottom", "min-height", "min-width"))
    return Sight.AWAY if narrow and not kept_open and _is_cut(said) else None


def _is_cut(said: _Said) -> bool:
    return any(said.get(name) in {"hidden", "clip"} for name in ("overflow", "overflow-x", "overflow-y"))


def _pixels(length: tuple[float, str], size: float) -> float:
    number, unit = length
    return float(number * _UNITS.get(unit, 0.0 if unit not in {"em", "ex", "ch", "lh"} else size))


_UNITS = dict(
    (
        *(("", 1.0), ("px", 1.0), ("rem", _TYPE)),
        *(("pt", 4 / 3), ("pc", 16.0), ("in", 96.0), ("cm", 37.8), ("mm", 3.78)),
        *(("vw", _SCREEN[0] / 100), ("%", _SCREEN[0] / 100), ("vmax", _SCREEN[0] / 100)),
        *(("vh", _SCREEN[1] / 100), ("vmin", _SCREEN[1] / 100)),
    )
)
_SIZES = dict(
    zip(
        ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large"),
        (9.0, 10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0),
        strict=True,
    )
)

# -- what declarations say

_LENGTHS = (
    *("left", "top", "right", "bottom", "height", "max-height", "width", "max-width"),
    *("margin-left", "margin-top", "padding-top", "padding-bottom", "min-height", "min-width", "text-indent"),
)
_WORDS = frozenset({
    *("display", "visibility", "content-visibility", "position", "overflow", "overflow-x", "overflow-y"),
    *("white-space", "animation-name", "background-clip", "-webkit-background-clip", "mix-blend-mode"),
    *("text-shadow", "-webkit-text-stroke"),
})  # fmt: skip
_WIDE = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})


def _declared(tokens: "str | Sequence[Any]") -> list[tuple[str, Any, bool]]:
    """Name, value and importance of the declarations that bear on whether words are seen."""
    found: list[tuple[str, Any, bool]] = []
    for one in tinycss2.parse_blocks_contents(tokens, skip_comments=True, skip_whitespace=True):
        if one.type == "declaration":
            value = [token for token in one.value if token.type not in {"whitespace", "comment"}]
            found += [(name, said, one.important) for name, said in _said(one.lower_name, value)]
    return found


def _said(name: str, value: list[Any]) -> Iterator[tuple[str, Any]]:
    """What a declaration says, a shorthand in its parts; nothing where it is not understood."""
    words = [token.lower_value if token.type == "ident" else "" for token in value]
    if not value or (name not in _COLOURS and words[0] in _WIDE and name not in {"visibility", "font-size"}):
        return
    if name in _WORDS:
        yield name, words[0] or ("0" if [_length(one) for one in value] == [(0.0, "")] else "set")
    elif name in _LENGTHS:
        if (length := _length(value[0])) is not None:
            yield name, length
    else:
        yield from _SAID.get(name, _nothing)(value, words)


_COLOURS = frozenset({"color", "-webkit-text-fill-color", "background-color", "background"})


def _nothing(_value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    yield from ()


def _length(token: Any) -> tuple[float, str] | None:
    match token.type:
        case "dimension":
            return float(token.value), token.lower_unit
        case "percentage":
            return float(token.value), "%"
        case "number":
            return float(token.value), ""
    return None


def _any_colour(token: Any) -> Any:
    """A colour with its opacity; a word for one taken from elsewhere; `None` for none."""
    if token.type == "ident" and token.lower_value in {*_WIDE, "currentcolor"}:
        return token.lower_value
    try:
        colour = parse_color(token)
    except (ValueError, TypeError, IndexError):  # what it makes of arguments that are no numbers
        return _UNKNOWN
    if colour is None:
        return _UNKNOWN if token.type == "function" else None
    if colour.space not in {"srgb", "hsl", "hwb"}:
        return _UNKNOWN
    red, green, blue = (min(1.0, max(0.0, float(part or 0))) for part in colour.to("srgb").coordinates)
    return (red, green, blue), min(1.0, max(0.0, float(colour.alpha)))


def _of_colour(name: str) -> Callable[[list[Any], list[str]], Iterator[tuple[str, Any]]]:
    def said(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
        if (colour := _any_colour(value[0])) is not None:
            yield name, colour

    return said


def _background(value: list[Any], words: list[str]) -> Iterator[tuple[str, Any]]:
    pictured = any(token.type == "url" or (token.type == "function" and _any_colour(token) is _UNKNOWN)
                   for token in value)  # fmt: skip
    colours = [colour for token in value if (colour := _any_colour(token)) not in {None, _UNKNOWN}]
    yield "background-image", "set" if pictured else "none"
    yield "background-color", colours[-1] if colours else (_WHITE, 0.0)
    if "text" in words:
        yield "background-clip", "text"


def _background_image(_value: list[Any], words: list[str]) -> Iterator[tuple[str, Any]]:
    yield "background-image", words[0] or "set"


def _font_size(value: list[Any], words: list[str]) -> Iterator[tuple[str, Any]]:
    if words[0] in _SIZES:
        yield "font-size", (_SIZES[words[0]], "px")
    elif words[0] in {"smaller", "larger"}:
        yield "font-size", (83.0 if words[0] == "smaller" else 120.0, "%")
    elif words[0] in _WIDE:
        yield "font-size", "inherit" if words[0] in {"inherit", "unset"} else "initial"
    elif (length := _length(value[0])) is not None:
        yield "font-size", length


def _font(value: list[Any], words: list[str]) -> Iterator[tuple[str, Any]]:
    for at, token in enumerate(value):
        if token.type in {"dimension", "percentage"} or words[at] in _SIZES or _length(token) == (0.0, ""):
            yield from _font_size(value[at:], words[at:])
            return


def _of_sides(*names: str) -> Callable[[list[Any], list[str]], Iterator[tuple[str, Any]]]:
    """A shorthand of the top, right, bottom and left, by the names of these; "" for one that does not matter."""

    def said(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
        sides = (value * 4 if len(value) == 1 else value * 2 if len(value) == 2 else [*value, value[1]])[:4]
        for name, token in zip(names, sides, strict=False):
            if name and (length := _length(token)) is not None:
                yield name, length

    return said


def _opacity_said(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    if (length := _length(value[0])) is not None:
        yield "opacity", min(1.0, max(0.0, length[0] / (100 if length[1] == "%" else 1)))


def _filter(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    for token in value:
        if token.type == "function" and token.lower_name == "opacity" and _arguments(token):
            yield from _opacity_said(_arguments(token), [])


def _animation(_value: list[Any], words: list[str]) -> Iterator[tuple[str, Any]]:
    yield "animation-name", "none" if words == ["none"] else "set"


def _arguments(token: Any) -> list[Any]:
    return [one for one in token.arguments if one.type not in {"whitespace", "comment"} and one != ","]


def _clip(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    """Whether a rectangle of a point or less is left."""
    lengths = [_length(one) for token in value[:1] if token.type == "function" for one in _arguments(token)]
    sides = [_pixels(length, _TYPE) for length in lengths if length is not None]
    yield "clip", len(sides) == 4 and (sides[2] - sides[0] <= 1 or sides[1] - sides[3] <= 1)


def _clip_path(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    token = value[0]
    first = next(iter(_arguments(token)), None) if token.type == "function" else None
    length = _length(first) if first is not None else None
    name = token.lower_name if token.type == "function" else ""
    inset = name == "inset" and length is not None and length[1] == "%" and length[0] >= 50
    yield "clip-path", inset or (name == "circle" and length is not None and length[0] == 0)


def _transform(value: list[Any], _words: list[str]) -> Iterator[tuple[str, Any]]:
    """Whether it moves all off the page, or makes nothing of it."""
    hides = False
    for token in value:
        if token.type != "function":
            continue
        lengths = [length for one in _arguments(token) if (length := _length(one)) is not None]
        if token.lower_name.startswith("translate"):
            hides |= any(_pixels(length, _TYPE) <= _FAR and length[1] != "%" for length in lengths)
        elif token.lower_name in {"scale", "scalex", "scaley"}:
            hides |= any(length[0] == 0 for length in lengths)
    yield "transform", hides


_SAID: dict[str, Callable[[list[Any], list[str]], Iterator[tuple[str, Any]]]] = {
    "color": _of_colour("color"),
    "-webkit-text-fill-color": _of_colour("-webkit-text-fill-color"),
    "background-color": _of_colour("background-color"),
    "background": _background,
    "background-image": _background_image,
    "font-size": _font_size,
    "font": _font,
    "margin": _of_sides("margin-top", "", "", "margin-left"),
    "inset": _of_sides("top", "right", "bottom", "left"),
    "padding": _of_sides("padding-top", "", "padding-bottom"),
    "opacity": _opacity_said,
    "filter": _filter,
    "animation": _animation,
    "clip": _clip,
    "clip-path": _clip_path,
    "-webkit-clip-path": _clip_path,
    "transform": _transform,
    "-webkit-transform": _transform,
}
_OF_INTEREST = re.compile("|".join([*_WORDS, *_LENGTHS, *_SAID, r"\\"]), re.IGNORECASE)

# -- which declarations hold for an element

_QUIRKS = re.compile(
    r"\A\Z|DTD HTML (?:2|3|4\.0 )|DTD HTML 4\.01 (?:Transitional|Frameset)//EN\"?\s*>\Z|IETF", re.IGNORECASE
)
"""Doctypes of pages that browsers show as those of the nineties; the parser puts in "HTML 4.0" where there is none."""

_Weight = tuple[bool, bool, tuple[int, int, int], int]
"""Important, in a style attribute, how specific, how far down: the greatest holds."""
_Rule = tuple[_Weight, str, Any]
_LEAST = False, False, (-1, 0, 0), 0


@dataclass(frozen=True, slots=True)
class _Named:
    """An element as selectors ask for it."""

    element: Any
    tag: str
    id: str | None
    classes: frozenset[str]


_Test = Callable[[_Named], bool]


@dataclass(slots=True)
class _Step:
    """A compound selector, such as "p.x", with what must stand to its left."""

    tests: tuple[_Test, ...]
    left: int | None
    """The number of the step to its left."""
    combinator: str
    rules: list[_Rule] = field(default_factory=list)


class _NotFollowedError(Exception):
    """A selector asks for what is not looked at."""


@dataclass(slots=True)
class _Sheets:
    """All that a page says of how it looks; asked for its elements in their order."""

    quirks: bool
    is_linked: bool = False
    """Whether a style sheet that is not in the page plays a part."""
    has_pictures: bool = False
    link_colour: tuple[_Colour, float] | None = (_BLUE, 1.0)
    steps: list[_Step] = field(default_factory=list)
    by_name: dict[str, list[int]] = field(default_factory=dict)
    """The steps to be tried for an id ("#x"), a class (".x"), a tag ("x"), and for all ("*")."""
    own: dict[Any, frozenset[int]] = field(default_factory=dict)
    """The steps that an element matches and that stand to the left of another."""
    around: dict[Any, frozenset[int]] = field(default_factory=dict)
    """Those that it or one of the elements around it matches."""
    earlier: dict[Any, frozenset[int]] = field(default_factory=dict)
    """Those that one of the elements before it in the same parent matches."""
    inline: dict[str, list[tuple[str, Any, bool]]] = field(default_factory=dict)
    style: int = 0
    trials: int = 0

    @classmethod
    def of(cls, page: Any) -> "_Sheets":
        """Those of a page."""
        sheets = cls(quirks=_QUIRKS.search(page.getroottree().docinfo.doctype or "") is not None)
        sheets.has_pictures = next(page.iter(*_PICTURES), None) is not None
        for element in page.iter("link", "style"):
            if not _on_screen(tinycss2.parse_component_value_list((element.get("media") or "")[:1000])):
                continue
            rel = (element.get("rel") or "").lower().split()
            if element.tag == "link" and "stylesheet" in rel and "alternate" not in rel:
                sheets.is_linked = True
            elif element.tag == "style" and not any(True for _ in element.iterancestors("noscript", "template", "svg")):
                sheets._count(len(element.text or ""))
                rules = tinycss2.parse_stylesheet(element.text or "", skip_comments=True, skip_whitespace=True)
                sheets._take(rules, _DEEPEST)
        body = page.find("body")
        link = _legacy_colour(body.get("link")) if body is not None else None
        sheets.link_colour = link or (None if sheets.is_linked else (_BLUE, 1.0))
        return sheets

    def canvas(self) -> _Look:
        """How a page looks of which nothing is stated."""
        colour = None if self.is_linked else (_BLACK, 1.0)
        return _Look(colour, None if self.is_linked else _WHITE, colour)

    def said_of(self, element: Any) -> _Said:
        """What holds for an element; ask for those before it and around it first."""
        rules = [*_by_attributes(element), *self._by_selectors(element), *self._by_style(element)]
        if not rules:
            return {}
        best: dict[str, tuple[_Weight, Any]] = {}
        for weight, name, value in rules:
            if name not in best or weight >= best[name][0]:
                best[name] = weight, value
        return {name: value for name, (_, value) in best.items()}

    def _count(self, characters: int) -> None:
        self.style += characters
        if self.style > MOST_STYLE:
            raise Unreadable(
                f"This web page has more than {MOST_STYLE:,} characters of style, by which what it shows is told.",
                "Save it as text and ingest that.",
            )

    def _by_style(self, element: Any) -> Iterator[_Rule]:
        style = element.get("style")
        if not style:
            return
        if style not in self.inline:
            self._count(len(style))
            self.inline[style] = _declared(style) if _OF_INTEREST.search(style) else []
        for order, (name, value, important) in enumerate(self.inline[style]):
            yield (important, True, (0, 0, 0), order), name, value

    def _by_selectors(self, element: Any) -> Iterator[_Rule]:
        if not self.steps:
            return
        classes, ident = element.get("class") or "", element.get("id")
        if self.quirks:
            classes, ident = classes.lower(), ident and ident.lower()
        named = _Named(element, element.tag, ident, frozenset(classes.split()))
        tried = [*self.by_name.get("*", ()), *self.by_name.get(named.tag, ()), *self.by_name.get(f"#{named.id}", ())]
        for one in named.classes:
            tried += self.by_name.get(f".{one}", ())
        self._try(len(tried) * (1 + sum(map(len, element.attrib.values())) // 1000) + 1)
        parent, before = element.getparent(), element.getprevious()
        own = set()
        for number in tried:
            step = self.steps[number]
            if all(test(named) for test in step.tests) and self._stands(step, parent, before):
                own.add(number)
                yield from step.rules
        self._remember(element, frozenset(own), parent, before)

    def _try(self, trials: int) -> None:
        self.trials += trials
        if self.trials > MOST_TRIALS:
            raise Unreadable(
                "This web page has so many style rules and elements that what it shows cannot be told.",
                "Save it as text and ingest that.",
            )

    def _stands(self, step: _Step, parent: Any, before: Any) -> bool:
        if step.left is None:
            return True
        match step.combinator:
            case " ":
                return step.left in self.around.get(parent, ())
            case ">":
                return step.left in self.own.get(parent, ())
            case "+":
                return step.left in self.own.get(before, ())
            case _:
                return step.left in self.own.get(before, ()) or step.left in self.earlier.get(before, ())

    def _remember(self, element: Any, own: frozenset[int], parent: Any, before: Any) -> None:
        none: frozenset[int] = frozenset()
        around, earlier = self.around.get(parent, none), self.earlier.get(before, none)
        if own:
            self.own[element] = own
        if own or around:
            self.around[element] = around | own if own - around else around
        if earlier or before in self.own:
            earlier_own = self.own.get(before, none)
            self.earlier[element] = earlier | earlier_own if earlier_own - earlier else earlier
        self._try((len(own) + len(around)) // 100)

    def _take(self, rules: Iterable[Any], depth: int) -> None:
        for rule in rules:
            if rule.type == "qualified-rule":
                declared = _declared(rule.content)
                if declared and _depth(rule.prelude) <= _DEEPEST:
                    self._take_rule(rule.prelude, declared)
            elif rule.type == "at-rule" and rule.lower_at_keyword == "import":
                self.is_linked |= _on_screen([one for one in rule.prelude if one.type not in {"url", "string"}])
            elif rule.type == "at-rule" and rule.content is not None and depth and _holds(rule):
                inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                self._take(inside, depth - 1)

    def _take_rule(self, prelude: list[Any], declared: list[tuple[str, Any, bool]]) -> None:
        order = len(self.steps) + 1
        self._try(10 * len(prelude))
        try:
            found = [one for one in selectors.parse(prelude) if one.pseudo_element is None]
        except selectors.SelectorError:
            return  # browsers drop the whole rule
        for selector in found:
            try:
                step = self._step(selector.parsed_tree)
            except _NotFollowedError:
                continue
            weight = selector.specificity
            step.rules += [((important, False, weight, order), name, value) for name, value, important in declared]

    def _step(self, tree: Any) -> _Step:
        """The last step of a selector, it and those before it being added."""
        compounds, combinators = [tree], []
        while isinstance(compounds[-1], selectors.CombinedSelector):
            combined = compounds.pop()
            compounds += [combined.right, combined.left]
            combinators.append(combined.combinator)
        for one in (one for compound in compounds for one in compound.simple_selectors) if self.quirks else ():
            if isinstance(one, selectors.ClassSelector):  # browsers fold the case of both on old pages
                one.class_name = one.class_name.lower()
            elif isinstance(one, selectors.IDSelector):
                one.ident = one.ident.lower()
        tests = [tuple(map(_test, compound.simple_selectors)) for compound in reversed(compounds)]
        left = None
        for compound, compiled, combinator in zip(
            reversed(compounds), tests, ["", *reversed(combinators)], strict=True
        ):
            self.steps.append(_Step(compiled, left, combinator))
            left = len(self.steps) - 1
            self.by_name.setdefault(_key(compound), []).append(left)
        return self.steps[-1]


def _depth(tokens: Iterable[Any]) -> int:
    """How deep the brackets in a selector stand in each other, up to one more than is followed."""
    level, depth = list(tokens), 0
    while level and depth <= _DEEPEST:
        level = [
            one for token in level for one in getattr(token, "arguments", None) or getattr(token, "content", None) or ()
        ]
        depth += 1
    return depth


def _holds(rule: Any) -> bool:
    """Whether what stands in a block such as "@media screen { … }" counts."""
    match rule.lower_at_keyword:
        case "media":
            return _on_screen(rule.prelude)
        case "supports":
            return not any(token.type == "ident" and token.lower_value == "not" for token in rule.prelude)
        case "layer":
            return True
    return False


def _on_screen(prelude: list[Any]) -> bool:
    """Whether one of the media queries in a list holds for a screen."""
    queries: list[list[Any]] = [[]]
    for one in prelude:
        if one == ",":
            queries.append([])
        elif one.type not in {"whitespace", "comment"}:
            queries[-1].append(one)
    return any(map(_is_screen, queries))


def _is_screen(query: list[Any]) -> bool:
    words = [token.lower_value for token in query if token.type == "ident"]
    asked = [token.content for token in query if token.type == "() block"]
    kinds = [word for word in words if word not in {"not", "only", "and", "or"}]
    holds = all(kind in {"screen", "all"} for kind in kinds) and all(map(_has_feature, asked))
    return holds != ("not" in words)


def _has_feature(content: list[Any]) -> bool:
    tokens = [token for token in content if token.type not in {"whitespace", "comment"}]
    name = tokens[0].lower_value if tokens and tokens[0].type == "ident" else ""
    length = _length(tokens[2]) if len(tokens) == 3 else None
    if length is not None:
        side = _SCREEN[name.endswith("height")]
        if name in {"min-width", "min-height"}:
            return _pixels(length, _TYPE) <= side
        if name in {"max-width", "max-height"}:
            return _pixels(length, _TYPE) >= side
    word = tokens[2].lower_value if len(tokens) == 3 and tokens[2].type == "ident" else ""
    return (name, word) in {("orientation", "landscape"), ("hover", "hover"), ("prefers-color-scheme", "light")}


def _key(compound: Any) -> str:
    """Under which name a compound selector is looked for."""
    keys = {"#": "*", ".": "*", "": "*"}
    for one in compound.simple_selectors:
        if isinstance(one, selectors.IDSelector):
            keys["#"] = f"#{one.ident}"
        elif isinstance(one, selectors.ClassSelector):
            keys["."] = f".{one.class_name}"
        elif isinstance(one, selectors.LocalNameSelector):
            keys[""] = one.lower_local_name
    return next((key for key in keys.values() if key != "*"), "*")


_AT_REST = frozenset({
    *("hover", "focus", "focus-within", "focus-visible", "active", "visited", "target", "target-within", "fullscreen"),
    *("modal", "popover-open", "open", "user-invalid", "user-valid", "autofill", "playing", "picture-in-picture"),
})  # fmt: skip
"""Pseudo-classes of what is clicked, pointed at or under way."""


def _test(simple: Any) -> _Test:
    """Whether an element is what a simple selector asks for."""
    made: _Test
    match simple:
        case selectors.LocalNameSelector():
            made = lambda named: bool(named.tag == simple.lower_local_name)  # noqa: E731
        case selectors.IDSelector():
            made = lambda named: bool(named.id == simple.ident)  # noqa: E731
        case selectors.ClassSelector():
            made = lambda named: simple.class_name in named.classes  # noqa: E731
        case selectors.AttributeSelector() if not simple.namespace:
            made = _attribute_test(simple)
        case selectors.PseudoClassSelector():
            made = _pseudo_test(simple.name)
        case selectors.NegationSelector():
            inside = _any_of(simple)
            made = lambda named: not inside(named)  # noqa: E731
        case selectors.MatchesAnySelector() | selectors.SpecificityAdjustmentSelector():
            made = _any_of(simple)
        case _:
            raise _NotFollowedError
    return made


def _any_of(simple: Any) -> _Test:
    if any(isinstance(one.parsed_tree, selectors.CombinedSelector) for one in simple.selector_list):
        raise _NotFollowedError
    tests = [tuple(map(_test, one.parsed_tree.simple_selectors)) for one in simple.selector_list]
    return lambda named: any(all(test(named) for test in each) for each in tests)


def _pseudo_test(name: str) -> _Test:
    if name in _AT_REST:
        return lambda _named: False
    tests: dict[str, _Test] = {
        "root": lambda named: named.element.getparent() is None,
        "first-child": lambda named: named.element.getprevious() is None,
        "last-child": lambda named: named.element.getnext() is None,
        "only-child": lambda named: named.element.getprevious() is None and named.element.getnext() is None,
        "empty": lambda named: len(named.element) == 0 and not named.element.text,
        "link": lambda named: named.tag == "a" and named.element.get("href") is not None,
        "any-link": lambda named: named.tag == "a" and named.element.get("href") is not None,
        "checked": lambda named: not {"checked", "selected"}.isdisjoint(named.element.keys()),
        "disabled": lambda named: "disabled" in named.element.keys(),  # noqa: SIM118 - an element is no mapping
    }
    if name not in tests:
        raise _NotFollowedError
    return tests[name]


_COMPARED: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in value.split(),
    "|=": lambda value, wanted: value == wanted or value.startswith(f"{wanted}-"),
    "^=": lambda value, wanted: bool(wanted) and value.startswith(wanted),
    "$=": lambda value, wanted: bool(wanted) and value.endswith(wanted),
    "*=": lambda value, wanted: bool(wanted) and wanted in value,
}


def _attribute_test(simple: Any) -> _Test:
    name, operator = simple.lower_name, simple.operator
    folded = simple.case_sensitive is False
    wanted = (simple.value or "").lower() if folded else simple.value or ""

    def test(named: _Named) -> bool:
        value = named.element.get(name)
        if value is None or operator is None:
            return value is not None
        return _COMPARED[operator](value.lower() if folded else value, wanted)

    return test


# -- attributes that say how an element looks

_WITH_BACKGROUND = frozenset({"body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"})


def _by_attributes(element: Any) -> Iterator[_Rule]:
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":
        yield _LEAST, "hidden", True
    if element.tag in _WITH_BACKGROUND:
        if (colour := _legacy_colour(element.get("bgcolor"))) is not None:
            yield _LEAST, "background-color", colour
        if element.get("background"):
            yield _LEAST, "background-image", "set"
    name = {"font": "color", "body": "text"}.get(element.tag)
    if name is not None and (colour := _legacy_colour(element.get(name))) is not None:
        yield _LEAST, "color", colour


def _legacy_colour(stated: str | None) -> Any:
    """A colour as the attributes of old pages write it: "white", "#ffffff", "ffffff"."""
    if not stated or len(stated) > 30:
        return None
    stated = stated.strip()
    for written in (stated, f"#{stated}"):
        if re.fullmatch(r"#?\w+", written) and isinstance(colour := _any_colour(_token(written)), tuple):
            return colour
    return None


def _token(written: str) -> Any:
    return tinycss2.parse_one_component_value(written, skip_comments=True)
