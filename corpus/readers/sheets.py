"""What the styles of a page certainly say of an element, and what they may say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import tinycss2
from lxml import etree

from corpus.readers.declarations import ANIMATED, MOVED, Declaration, Mentions, declared, is_paper
from corpus.readers.selectors import Kind, Selector, selectors

MOST_STYLE = 100_000
"""Characters of style that are followed, each style attribute counted once, pictures and fonts in it not at all."""
MOST_TRIALS = 30_000
"""How often a selector is tried on an element, at most."""

_DEEPEST = 8
_ALWAYS = {"position", MOVED, ANIMATED}
_HINT, _RULE, _ATTRIBUTE, _ABOVE = 0, 1, 2, 2
"""Where a declaration stands, the higher going before; `_ABOVE` is added to what is important."""
_INLINED = re.compile(r"""url\(\s*(?:"data:[^"\\{}]*"|'data:[^'\\{}]*'|data:[^\s"'()\\{}]*)\s*\)""", re.IGNORECASE)
_NONE = re.compile(
    r"""(?!.*display.*display|.*\ball\s*:)(?:[^"'(\\{\[/]*;)?\s*display\s*:\s*none\s*(?:!\s*important\s*)?(?:;|\Z)""",
    re.IGNORECASE | re.DOTALL,
)
"""A style attribute that plainly says so, once."""
_PAINTED = frozenset({"img", "picture", "video", "canvas", "svg", "object", "embed", "iframe", "applet", "marquee"})
_NO_RULES = re.compile(r"(?:-[a-z]+-)?(?:keyframes|viewport)|font-.+|page|property|counter-style|charset|color-profile")
_UNPLAYED = frozenset({"print", "speech", "aural", "braille", "embossed", "handheld", "projection", "tty", "tv"})


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an element."""

    hides: frozenset[str] = frozenset()
    """The properties by which its words are certainly hidden."""
    mentions: frozenset[str] = frozenset()
    """All properties of which something is said, or may be."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    selector: Selector
    is_certain: bool
    """Whether it holds wherever its selector does."""
    order: int
    declared: list[Declaration]


_Weight = tuple[int, tuple[int, int, int], int]
"""Where it stands, how specific, how far down: the greatest holds."""
_Weighed = tuple[_Weight, Declaration]


@dataclass(slots=True)
class _Found:
    """Declarations that hold for an element, and those that may."""

    certain: list[_Weighed] = field(default_factory=list)
    perhaps: list[tuple[int, Declaration]] = field(default_factory=list)
    """With where they stand: how specific they are is not asked."""


class _TooMuchError(Exception):
    """There is more style than is followed."""


@dataclass(slots=True)
class Sheets:
    """The styles of a page; asked for its elements in their order.

    Followed are style attributes, `hidden`, and rules of `<style>` whose selectors are made of tags, ids, classes, " "
    and ">" and that stand under no condition but that of a screen. Any other rule may show what is hidden, and hides
    nothing. Of a page that links to a sheet, or that has more style than `MOST_STYLE` or `MOST_TRIALS` allow, no rule
    is followed: what hides there is `hidden` and a style attribute of `display: none`.
    """

    is_followed: bool = True
    """Whether all of the page's styles are known."""
    mentions: Mentions = field(default_factory=Mentions)
    pictures: bool = False
    _inline: dict[str, list[Declaration]] = field(default_factory=dict)
    _rules: list[_Rule] = field(default_factory=list)
    _anywhere: list[Declaration] = field(default_factory=list)
    """What may hold for any element."""
    _by_key: dict[str, list[_Rule]] = field(default_factory=dict)
    _kinds: dict[Any, Kind] = field(default_factory=dict)
    """By element."""
    _alike: dict[Any, Kind] = field(default_factory=dict)
    _found: dict[Kind, _Found] = field(default_factory=dict)
    _told: dict[Any, Said] = field(default_factory=dict)
    _style: int = 0
    _trials: int = 0

    @classmethod
    def of(cls, page: Any) -> "Sheets":
        """Those of a page."""
        sheets = cls()
        sheets.is_followed = not any(map(_is_linked, page.iter("link")))
        try:
            sheets._take_all(page)
        except _TooMuchError:
            sheets._give_up()
        return sheets

    @property
    def is_paper(self) -> bool:
        """Whether all words of the page certainly stand on white, and show by their colour alone."""
        spoken = self.mentions
        behind = spoken.coloured or (self.pictures and spoken.overlaid)
        return self.is_followed and not (behind or spoken.outlined)

    def said_of(self, element: Any) -> Said:
        """What is said of an element; ask for those around it first."""
        style, hints = element.get("style") or "", _hints(element)
        found = None
        if self.is_followed and (self._rules or self._anywhere):
            try:
                found = self._by_rules(element)
            except _TooMuchError:
                self._give_up()
        if not self.is_followed:
            return _ABSENT if _NONE.match(style) or any(one.name == "display" for one in hints) else _NOTHING
        if not (style or hints or (found is not None and (found.certain or found.perhaps))):
            return _NOTHING
        told = id(found), style, tuple(hints)
        if told not in self._told:
            self._told[told] = self._weighed(found or _Found(), style, hints)
        return self._told[told]

    def _weighed(self, found: _Found, style: str, hints: list[Declaration]) -> Said:
        certain = list(found.certain)
        for order, one in enumerate(hints):
            certain.append(((_HINT, (0, 0, 0), order), one))
        for order, one in enumerate(self._inline.get(style, ())):
            certain.append(((_ATTRIBUTE + _ABOVE * one.important, (0, 0, 0), order), one))
        best: dict[str, _Weighed] = {}
        for weighed in certain:
            name = weighed[1].name
            if name not in best or weighed[0] >= best[name][0]:
                best[name] = weighed
        shown: dict[str, int] = {}
        for level, one in found.perhaps:
            if not one.hides:
                shown[one.name] = max(level, shown.get(one.name, -1))
        hides = {name for name, (weight, one) in best.items() if one.hides and shown.get(name, -1) < weight[0]}
        return Said(frozenset(hides), frozenset(best) | {one.name for _, one in found.perhaps})

    def _by_rules(self, element: Any) -> _Found:
        kind = self._kind(element)
        if kind in self._found:
            return self._found[kind]
        found = _Found(perhaps=[(_RULE + _ABOVE * one.important, one) for one in self._anywhere])
        keys = ("*", kind.tag, *kind.folded)
        for rule in chain.from_iterable(self._by_key.get(key, ()) for key in keys):
            self._trials += len(rule.selector.loose)
            if rule.is_certain and rule.selector.certainly_picks(kind):
                weight = rule.selector.weight, rule.order
                found.certain += [((_RULE + _ABOVE * one.important, *weight), one) for one in rule.declared]
            elif rule.selector.perhaps_picks(kind):
                found.perhaps += [(_RULE + _ABOVE * one.important, one) for one in rule.declared]
        if self._trials > MOST_TRIALS:
            raise _TooMuchError
        self._found[kind] = found
        return found

    def _kind(self, element: Any) -> Kind:
        parent = self._kinds.get(element.getparent())
        attributes = tuple(element.keys())
        alike = id(parent), element.tag, element.get("id"), element.get("class"), attributes
        if alike not in self._alike:
            self._alike[alike] = Kind.of(element, parent)
        self._kinds[element] = self._alike[alike]
        return self._kinds[element]

    def _give_up(self) -> None:
        self.is_followed = False
        self._rules, self._anywhere = [], []
        self._told.clear()

    def _take_all(self, page: Any) -> None:
        """Read the style attributes first: where none and no rule hides, no rule matters."""
        if not self.is_followed:
            return
        for element in page.iter(etree.Element):
            style = element.get("style")
            if style and style not in self._inline:
                self._inline[style] = declared(self._counted(style), self.mentions).own
            self._note(element)
        for element in page.iter("style"):
            self._take_sheet(element)
        self._arrange()

    def _counted(self, style: str) -> str:
        """A style without the pictures and fonts that are written into it."""
        bare = _INLINED.sub("url(data:)", style)
        self._style += len(bare)
        if self._style > MOST_STYLE:
            raise _TooMuchError
        return bare

    def _note(self, element: Any) -> None:
        """What attributes paint that are no styles."""
        self.pictures |= element.tag in _PAINTED
        colour = element.get("bgcolor")
        self.mentions.coloured |= colour is not None and not is_paper(colour)
        self.mentions.coloured |= element.get("background") is not None
        self.mentions.coloured |= element.tag == "hr" and len(element.attrib) > 0
        self.mentions.turned |= element.get("dir", "ltr").lower() != "ltr"
        if element.tag == "meta" and element.get("name", "").lower() == "color-scheme":
            self.mentions.outlined = True

    def _take_sheet(self, element: Any) -> None:
        kind = (element.get("type") or "text/css").strip().lower()
        inside = any(True for _ in element.iterancestors("noscript", "template", "svg", "math"))
        certain = _plays(element.get("media") or "")
        if certain is not None:
            text = self._counted(element.text or "")
            rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
            spaces = any(rule.type == "at-rule" and rule.lower_at_keyword == "namespace" for rule in rules)
            plain = kind == "text/css" and not inside and not spaces and element.get("title") is None
            self._take(rules, _DEEPEST, is_certain=certain and plain)

    def _take(self, rules: Iterable[Any], depth: int, *, is_certain: bool) -> None:
        for rule in rules:
            if rule.type == "qualified-rule":
                self._take_rule(rule, is_certain=is_certain)
            elif rule.type == "at-rule":
                self._take_at_rule(rule, depth, is_certain=is_certain)

    def _take_rule(self, rule: Any, *, is_certain: bool) -> None:
        block = declared(rule.content, self.mentions)
        self._anywhere += block.nested
        if not block.own:
            return
        found = selectors(rule.prelude)
        if found is None:
            self._anywhere += block.own
            return
        for one in found:
            self._rules.append(_Rule(one, is_certain and one.is_known, len(self._rules), block.own))

    def _take_at_rule(self, rule: Any, depth: int, *, is_certain: bool) -> None:
        name = rule.lower_at_keyword
        if name == "import":
            raise _TooMuchError  # what it fetches is not in the page
        if name.endswith("keyframes"):
            self.mentions.coloured = True
        if rule.content is None or _NO_RULES.fullmatch(name):
            return
        if not depth:
            raise _TooMuchError
        plays = _plays(tinycss2.serialize(rule.prelude)) if name == "media" else False
        if plays is not None:
            inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            self._take(inside, depth - 1, is_certain=is_certain and plays)

    def _arrange(self) -> None:
        """Keep of the rules what bears on the properties by which anything is hidden."""
        stated = chain(chain.from_iterable(self._inline.values()), *(rule.declared for rule in self._rules))
        hiding = {one.name for one in stated if one.hides} | {"display", "color"}
        if not self.is_paper:
            hiding.discard("color")
        names = hiding | _ALWAYS if hiding - {"display", "position"} else hiding - {"position"}
        self._anywhere = [one for one in self._anywhere if one.name in names]
        for rule in self._rules:
            rule.declared[:] = [one for one in rule.declared if one.name in names]
            if rule.declared:
                self._by_key.setdefault(rule.selector.key, []).append(rule)


_NOTHING, _ABSENT = Said(), Said(frozenset({"display"}), frozenset({"display"}))


def _is_linked(link: Any) -> bool:
    rel = (link.get("rel") or "").lower().split()
    return "stylesheet" in rel and _plays(link.get("media") or "") is not None


def _plays(media: str) -> bool | None:
    """Whether what is meant for these media is certainly for a screen; `None` where it certainly is not."""
    kinds = [one.strip() for one in media.lower().split(",")]
    if media.strip() and all(one in _UNPLAYED for one in kinds):
        return None
    return not media.strip() or any(one in {"screen", "all"} for one in kinds)


def _hints(element: Any) -> list[Declaration]:
    """What attributes that are no styles declare."""
    found = []
    if element.get("hidden", "until-found").strip().lower() != "until-found":
        found.append(Declaration("display", hides=True, important=False))
    colour = element.get(_INK[element.tag]) if element.tag in _INK else None
    if colour is not None:
        found.append(Declaration("color", is_paper(colour), important=False))
    return found


_INK = {"font": "color", "body": "text"}
"""The attributes that colour the words of old pages, by element."""
