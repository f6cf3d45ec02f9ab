"""Which words of a web page its own attributes and style sheets certainly keep from its readers' sight."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from lxml import etree

from corpus.readers.declarations import ANIMATED, MOVED
from corpus.readers.sheets import Said, Sheets

_SHOWN_LATER = frozenset({"html", "body", "main", "form"})
"""Elements that scripts show once the page has loaded."""
_RESETS = frozenset({"a", "table", "mark", "button", "select", "input", "textarea", "dialog", "fieldset", "legend"})
"""Elements that browsers give a colour or a background of their own."""
_WIDE = ("img", "picture", "video", "canvas", "svg", "object", "embed", "iframe", "table", "pre")
"""Elements that may reach from beyond the edge of a page onto it."""
_MOST_AWAY = 200
"""Characters that, even in large letters on one line, do not reach onto the page from where `FAR` puts them."""


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
    """The elements whose own words, those not in elements inside them, certainly nobody sees who reads the page.

    They are hidden by `hidden`, `display: none`, `visibility: hidden`, `opacity: 0`, type of less than two pixels, the
    colour of paper where the whole page is white, a place beyond its left or upper edge, or a clip that leaves nothing.
    Whatever is conditional, not followed (`Sheets` says what is) or not understood counts as seen, and so does what
    moves, what a browser opens, as `<details>` or `hidden="until-found"`, and what is only `aria-hidden`. It is not
    known what scripts do; `html`, `body`, `main` and `form` count as shown, since many scripts show them.

    >>> from corpus.readers.html_blocks import parse
    >>> page = parse(b"<style>.x { display: none }</style><p>Zinc <b class=x>no</b> <i style='font-size:0'>no</i>")
    >>> [(element.tag, sight.value) for element, sight in unseen(page).items()]
    [('b', 'absent'), ('i', 'away')]
    """
    sheets = Sheets.of(page)
    followed = sheets.is_followed
    found = _unseen(page, sheets)
    return found if sheets.is_followed is followed else _unseen(page, sheets)  # it was too much on the way


def _unseen(page: Any, sheets: Sheets) -> dict[Any, Sight]:
    looks: dict[Any, _Look] = {}
    found: dict[Any, Sight] = {}
    for element in page.iter(etree.Element):
        look = looks.get(element.getparent(), _PLAIN)
        said = sheets.said_of(element)
        if said.mentions or element.tag in _RESETS:
            look = _looks(element, look, said, sheets)
        if look is not _PLAIN:
            looks[element] = look
            if (sight := look.sight) is not Sight.SEEN:
                found[element] = sight
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    """How the words of an element are certainly hidden, if they are."""

    gone: Sight | None = None
    """What nothing inside it undoes."""
    away: bool = False
    invisible: bool = False
    tiny: bool = False
    blank: bool = False
    placed: bool = False
    """Whether it may stand elsewhere than where the page puts it, or hold what is placed by its own edges."""

    @property
    def sight(self) -> Sight:
        """The strongest of them."""
        if self.gone is not None:
            return self.gone
        if self.invisible:
            return Sight.INVISIBLE
        return Sight.AWAY if self.tiny or self.away else Sight.BLANK if self.blank else Sight.SEEN


_PLAIN = _Look()
_PLACES = frozenset({"position", "left", "top", MOVED, ANIMATED})


def _looks(element: Any, above: _Look, said: Said, sheets: Sheets) -> _Look:
    """How an element looks inside one that looks as `above`."""
    moves = ANIMATED in said.mentions

    def inherited(name: str, before: bool) -> bool:  # noqa: FBT001
        return not moves and (name in said.hides if name in said.mentions else before)

    return _Look(
        gone=above.gone or (None if element.tag in _SHOWN_LATER else _gone(said, moves=moves)),
        away=(above.away and _PLACES.isdisjoint(said.mentions)) or _is_away(element, above, said, sheets),
        invisible=element.tag not in _SHOWN_LATER and inherited("visibility", above.invisible),
        tiny=inherited("font-size", above.tiny) and not sheets.mentions.enlarged,
        blank=inherited("color", above.blank and element.tag not in _RESETS) and sheets.is_paper,
        placed=above.placed or not _PLACES.isdisjoint(said.mentions),
    )


def _gone(said: Said, *, moves: bool) -> Sight | None:
    if "display" in said.hides:
        return Sight.ABSENT
    if moves:
        return None
    if "opacity" in said.hides:
        return Sight.BLANK
    return Sight.AWAY if {"clip", "position"} <= said.hides else None


def _is_away(element: Any, above: _Look, said: Said, sheets: Sheets) -> bool:
    """Whether it lies by itself beyond the left or upper edge of the page, all of it."""
    far = "position" in said.hides and not {"left", "top"}.isdisjoint(said.hides)
    loose = above.placed or sheets.mentions.turned or not {MOVED, ANIMATED}.isdisjoint(said.mentions)
    if not far or loose or next(element.iter(*_WIDE), None) is not None:
        return False
    return len("".join(element.itertext())) <= _MOST_AWAY
