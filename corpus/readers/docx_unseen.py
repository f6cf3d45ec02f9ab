"""Which runs of a Word document print so that nobody sees them."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from corpus.readers.hidden import SMALLEST_TYPE, is_faint

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFF = frozenset({"0", "false", "off"})
"""How a document says that what is on or off, such as "strike", is off."""
_COLOUR = re.compile(r"[0-9A-Fa-f]{6}")
_HIGHLIGHTS = {"white": "FFFFFF", "lightGray": "D3D3D3", "black": "000000"}
_PLAIN_TABLES = frozenset({"", "TableNormal", "TableGrid"})
_DRAWN = frozenset({"outline", "shadow", "emboss", "imprint", "effect", "glow", "textOutline", "textFill", "props3d"})
"""What shows letters whatever their colour."""
_AFLOAT = frozenset({"anchor", "pict", "object", "AlternateContent", "framePr", "tblpPr", "txbxContent"})
"""What may lie behind words anywhere on a page."""
_COMPLEX = re.compile(r"[^\x00-\u058f\u2000-\u206f]")
"""Letters that may be of the size which is said apart for complex scripts."""
_MOST_STYLES = 50
"""Styles of which one may be based on another, in a row."""


@dataclass(frozen=True, slots=True)
class _Type:
    """How letters print; `None` for what is not said."""

    vanishes: bool | None = None
    colour: str | None = None
    """Six hexadecimal digits, or "auto"."""
    shading: str | None = None
    """What is behind them: likewise, or "pattern"."""
    size: float | None = None
    """In points."""
    drawn: bool = False
    """Whether they may show by an outline, a shadow or the like."""

    def over(self, below: "_Type") -> "_Type":
        """What holds where this is said on top of `below`."""
        return _Type(
            below.vanishes if self.vanishes is None else self.vanishes,
            self.colour or below.colour,
            self.shading or below.shading,
            below.size if self.size is None else self.size,
            self.drawn or below.drawn,
        )


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a document says of how its letters print, by its styles and where they stand.

    A run is not seen when it is certainly so: marked as hidden, by itself or by one of its two styles (by both, it is
    seen: so has Word it), in type of less than a point, or in a colour that is hardly told from its shading or from
    white paper. What is hidden on the web alone prints. Any colour is seen where one comes from a theme, a table's
    style or a text box, where letters have an outline or the like, and in a document in which anything floats.
    """

    defaults: _Type
    paper: str
    styles: dict[str, _Type]
    by_default: str
    """The paragraph style of what names none."""
    paragraphs: dict[Any, tuple[_Type, str]] = field(default_factory=dict)
    """How the letters of a paragraph print unless a run says otherwise, and on what; made once for each."""

    @classmethod
    def of(cls, document: Any) -> "Unseen":
        """What a document says."""
        sheet = document.styles.element
        defaults = sheet.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr")
        styles = {style.get(_W + "styleId"): style for style in sheet.iter(_W + "style")}
        normal = (
            name
            for name, style in styles.items()
            if style.get(_W + "type") == "paragraph" and style.get(_W + "default", "0") not in OFF
        )
        page = document.element.find(_W + "background")
        paper = "auto" if page is None and not _has_afloat(document) else "unknown"
        resolved: dict[str, _Type] = {}
        for name in styles:
            _resolve(name, styles, resolved)
        return cls(_type(defaults), paper, resolved, next(normal, ""))

    def gap(self, run: Any) -> str | None:
        """What a reader sees in place of a run: nothing of a hidden one, a space for a faint one; `None`: the run."""
        own = run.find(_W + "rPr")
        paragraph = next(run.iterancestors(_W + "p"), None)
        around, backdrop = self._paragraph(paragraph)
        letters = around
        if own is not None:
            style = self.styles.get(_value(own, "rStyle") or "", _Type())
            both = bool(style.vanishes) != bool(around.vanishes)
            letters = _type(own).over(replace(style.over(around), vanishes=both))
        tiny = letters.size is not None and letters.size < SMALLEST_TYPE
        if letters.vanishes or (tiny and not _is_complex(run, own)):
            return ""
        if letters.drawn or letters.colour is None or not _COLOUR.fullmatch(letters.colour):
            return None
        behind = letters.shading if letters.shading not in {None, "auto"} else backdrop
        if behind == "auto":
            behind = "FFFFFF"
        seen = not _COLOUR.fullmatch(behind or "") or not is_faint(_parts(letters.colour), _parts(behind or ""))
        return None if seen else " "

    def _paragraph(self, paragraph: Any) -> tuple[_Type, str]:
        if paragraph is None:
            return self.defaults, self.paper
        if paragraph not in self.paragraphs:
            properties = paragraph.find(_W + "pPr")
            name = _value(properties, "pStyle") if properties is not None else None
            style = self.styles.get(name or self.by_default, _Type())
            shading = _shading(properties)
            self.paragraphs[paragraph] = style.over(self.defaults), shading or self._behind(paragraph)
        return self.paragraphs[paragraph]

    def _behind(self, paragraph: Any) -> str:
        """What a paragraph without shading stands on."""
        for around in paragraph.iterancestors():
            if around.tag == _W + "txbxContent":
                return "unknown"
            if around.tag == _W + "tr" and around.find(_W + "tblPrEx") is not None:
                return "unknown"
            if around.tag == _W + "tc" and (shading := _shading(around.find(_W + "tcPr"))):
                return shading
            if around.tag == _W + "tbl":
                properties = around.find(_W + "tblPr")
                if properties is not None and (_value(properties, "tblStyle") or "") not in _PLAIN_TABLES:
                    return "unknown"
                if shading := _shading(properties):
                    return shading
        return self.paper


def _resolve(name: str, styles: dict[str, Any], resolved: dict[str, _Type]) -> None:
    """Work out how a style prints, with those that it is based on."""
    chain: list[str] = []
    based: str | None = name
    while based in styles and based not in resolved and based not in chain and len(chain) < _MOST_STYLES:
        chain.append(based)
        based = _value(styles[based], "basedOn")
    below = resolved.get(based or "", _Type())
    for one in reversed(chain):
        style = styles[one]
        shading = _Type(shading=_shading(style.find(_W + "pPr")))
        below = resolved[one] = _type(style.find(_W + "rPr")).over(shading).over(below)


def _type(properties: Any) -> _Type:
    if properties is None:
        return _Type()
    vanish = properties.find(_W + "vanish")
    colour = properties.find(_W + "color")
    size = _value(properties, "sz") or ""
    highlight = _value(properties, "highlight")
    marked = None if highlight in {None, "none"} else _HIGHLIGHTS.get(highlight or "", "pattern")
    return _Type(
        None if vanish is None else vanish.get(_W + "val", "1") not in OFF,
        "theme" if colour is not None and _is_of_theme(colour) else _value(properties, "color"),
        marked or _shading(properties),
        float(size) / 2 if re.fullmatch(r"\d{1,5}", size) else None,
        any(etree.QName(one).localname in _DRAWN for one in properties),
    )


def _is_of_theme(said: Any) -> bool:
    return any(etree.QName(name).localname.startswith("theme") for name in said.keys())  # noqa: SIM118 - an element


def _has_afloat(document: Any) -> bool:
    """Whether anything in the document, or in the headers and footers of its pages, may lie behind its words."""
    parts = [part.element for part in document.part.package.iter_parts() if getattr(part, "element", None) is not None]
    return any(etree.QName(one).localname in _AFLOAT for part in parts for one in part.iter(etree.Element))


def _is_complex(run: Any, properties: Any) -> bool:
    marked = properties is not None and any(properties.find(_W + name) is not None for name in ("rtl", "cs"))
    return marked or _COMPLEX.search("".join(run.itertext())) is not None


def _shading(properties: Any) -> str | None:
    shading = properties.find(_W + "shd") if properties is not None else None
    if shading is None:
        return None
    if shading.get(_W + "val", "clear") not in {"clear", "nil"} or _is_of_theme(shading):
        return "pattern"
    fill = shading.get(_W + "fill", "auto")
    return None if fill == "auto" else str(fill)


def _value(properties: Any, name: str) -> str | None:
    found = properties.find(_W + name)
    return None if found is None else str(found.get(_W + "val", ""))


def _parts(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
