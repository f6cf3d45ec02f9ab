"""Which letters of a PDF page are printed so that nobody sees them."""

from collections.abc import Callable
from ctypes import addressof, byref, c_float, c_int, c_uint
from dataclasses import dataclass, field
from math import hypot
from typing import Any

import pypdfium2
from pypdfium2 import raw

from corpus.readers.hidden import SMALLEST_TYPE, is_faint

SCANNED = 0.75
"""The share of a page that pictures cover when it is a scan: the invisible letters on it are what was recognised."""
MOST_OBJECTS = 200_000
"""Objects of a page that are looked at; letters beyond them count as seen."""

_DEEPEST = 8
_MOST_COLOURED = 300
"""Where a page has more coloured areas, any colour counts as seen on it."""
_UNSEEN_OPACITY = 8
_FILLED = frozenset({
    *(raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP),
    *(raw.FPDF_TEXTRENDERMODE_FILL_STROKE, raw.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP),
})  # fmt: skip
_WHITE = (1.0, 1.0, 1.0)
_Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points."""
_STROKED = frozenset({
    *(raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP),
    *(raw.FPDF_TEXTRENDERMODE_FILL_STROKE, raw.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP),
})  # fmt: skip
_UNPAINTED = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})


def sight(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage
) -> Callable[[int, float, float, float, float], bool]:
    """What tells of a letter, by its number and its left, bottom, right and top, whether it is seen on the page.

    It is not seen beyond the edge of the page, in type of less than a point, without colour or in one that is hardly
    told from the paper or the white area below it, or in a mode that paints nothing, unless the page is a scan. On a
    picture, a coloured area or a shading any colour is seen. Layers that are turned off, and letters that something
    was painted over, are not looked at.
    """
    objects = _Objects()
    objects.take(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, None, 0)
    edges = page.get_cropbox()
    left_edge, lower_edge, right_edge, upper_edge = edges
    scanned = bool(objects.unpainted) and _is_scan(objects.pictures, edges)
    is_plain = not (objects.unpainted or objects.faint)

    def is_seen(at: int, left: float, bottom: float, right: float, top: float) -> bool:
        if right <= left_edge or left >= right_edge or top <= lower_edge or bottom >= upper_edge:
            return False
        if top - bottom < SMALLEST_TYPE and _is_tiny(text_page, at):
            return False
        if is_plain:
            return True
        written = raw.FPDFText_GetTextObject(text_page.raw, at)
        key = addressof(written.contents) if written else 0
        if key in objects.unpainted:
            return scanned
        place = (left + right) / 2, (bottom + top) / 2
        return key not in objects.faint or objects.is_on_colour(*place, objects.faint[key])

    return is_seen


@dataclass(slots=True)
class _Objects:
    """What is painted on a page, as far as it bears on letters that are hard to see."""

    faint: dict[int, int] = field(default_factory=dict)
    """The texts in no colour, 0, or in that of paper, by address: after how many others each is painted."""
    unpainted: set[int] = field(default_factory=set)
    pictures: list[_Box] = field(default_factory=list)
    coloured: list[tuple[int, _Box]] = field(default_factory=list)
    """After how many others each is painted, and where."""
    count: int = 0

    def take(self, holder: Any, count: Any, get: Any, around: _Box | None, depth: int) -> None:
        """Look at the objects of a page, or of a form on it that takes up the place `around`."""
        for number in range(min(count(holder), MOST_OBJECTS - self.count)):
            self.count += 1
            one = get(holder, number)
            match raw.FPDFPageObj_GetType(one):
                case raw.FPDF_PAGEOBJ_TEXT:
                    self._take_text(one)
                case raw.FPDF_PAGEOBJ_FORM if depth < _DEEPEST:
                    form = around or _bounds(one)
                    self.take(one, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, form, depth + 1)
                case raw.FPDF_PAGEOBJ_IMAGE:
                    self.pictures.append(around or _bounds(one))
                    self.coloured.append((self.count, self.pictures[-1]))
                case raw.FPDF_PAGEOBJ_PATH if not _is_coloured_area(one):
                    pass
                case _:
                    self.coloured.append((self.count, around or _bounds(one)))

    def _take_text(self, text: Any) -> None:
        mode = raw.FPDFTextObj_GetTextRenderMode(text)
        if mode in _UNPAINTED:
            self.unpainted.add(addressof(text.contents))
            return
        paints = [get for get, modes in ((_FILL, _FILLED), (_STROKE, _STROKED)) if mode in modes]
        painted = [paint for get in paints if (paint := _paint(text, get)) is not None]
        if paints and len(painted) == len(paints) and all(map(_is_as_paper, painted)):
            clear = all(opacity < _UNSEEN_OPACITY for *_, opacity in painted)
            self.faint[addressof(text.contents)] = 0 if clear else self.count

    def is_on_colour(self, across: float, up: float, painted: int) -> bool:
        """Whether something else than paper is below a place when the object of that number is painted there."""
        if not painted or len(self.coloured) > _MOST_COLOURED:
            return painted > 0
        return any(
            number < painted and left <= across <= right and bottom <= up <= top
            for number, (left, bottom, right, top) in self.coloured
        )


_FILL, _STROKE = raw.FPDFPageObj_GetFillColor, raw.FPDFPageObj_GetStrokeColor


_PARTS = [c_uint() for _ in range(4)]
_PLACES = [*map(byref, _PARTS)]


def _paint(one: Any, get: Any) -> tuple[int, int, int, int] | None:
    """Red, green, blue and opacity, each from 0 to 255; `None` for a pattern."""
    if not get(one, *_PLACES):
        return None
    red, green, blue, opacity = _PARTS
    return red.value, green.value, blue.value, opacity.value


def _is_as_paper(paint: tuple[int, int, int, int]) -> bool:
    *colour, opacity = paint
    share = opacity / 255
    if opacity >= _UNSEEN_OPACITY and min(colour) < 200 and share == 1:
        return False  # most letters by far, told without arithmetic
    return opacity < _UNSEEN_OPACITY or is_faint([1 - share * (1 - part / 255) for part in colour], _WHITE)


def _is_coloured_area(path: Any) -> bool:
    mode, stroke = c_int(), c_int()
    if not raw.FPDFPath_GetDrawMode(path, byref(mode), byref(stroke)) or mode.value == raw.FPDF_FILLMODE_NONE:
        return False
    paint = _paint(path, _FILL)
    return paint is None or not _is_as_paper(paint)


def _bounds(one: Any) -> _Box:
    sides = [c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(one, *map(byref, sides)):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def _is_scan(pictures: list[_Box], edges: _Box) -> bool:
    """Whether pictures cover nearly all of a page; those in strips cover it together."""
    left, bottom, right, top = edges
    covered = sum(
        max(0.0, min(right, its[2]) - max(left, its[0])) * max(0.0, min(top, its[3]) - max(bottom, its[1]))
        for its in set(pictures)
    )
    return covered >= SCANNED * (right - left) * (top - bottom)


def _is_tiny(text_page: pypdfium2.PdfTextPage, at: int) -> bool:
    """Whether its type is less than a point high: a letter may have no box and be seen."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page.raw, at, byref(matrix)):
        return False
    scale = max(hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d))
    return float(raw.FPDFText_GetFontSize(text_page.raw, at)) * scale < SMALLEST_TYPE
