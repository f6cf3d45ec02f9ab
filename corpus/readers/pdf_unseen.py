"""Which letters of a PDF page are printed so that nobody sees them."""

from collections.abc import Callable
from ctypes import addressof, byref, c_float, c_int, c_uint
from dataclasses import dataclass, field
from math import hypot
from typing import Any

import pypdfium2
from pypdfium2 import raw

from corpus.readers.hidden import SMALLEST_TYPE, is_faint

MOST_OBJECTS = 200_000
"""Objects of a page that are looked at; letters beyond them count as seen."""

_DEEPEST = 8
_MOST_COLOURED = 300
"""Where a page has more coloured areas, any colour counts as seen on it."""
_UNSEEN_OPACITY = 8
_BOTH = frozenset({raw.FPDF_TEXTRENDERMODE_FILL_STROKE, raw.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP})
_FILLED = _BOTH | {raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP}
_STROKED = _BOTH | {raw.FPDF_TEXTRENDERMODE_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE_CLIP}
_WHITE = (1.0, 1.0, 1.0)
_PAPER = (255, 255, 255, 255)
_Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points."""
_THIN = 2.0
"""The width in points up to which a line is no ground for words."""
_FEW = 20
"""Parts of a path up to which lines do not hatch an area."""


def sight(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage
) -> Callable[[int, float, float, float, float], bool]:
    """What tells of a letter, by its number and its left, bottom, right and top, whether it is seen on the page.

    It is not seen where that is certain: beyond the edge of the page, in type of less than a point, without colour or
    in one that is hardly told from the paper, or in the mode that paints nothing. On a picture the mode that paints
    nothing is how recognised words are written, and on anything painted that may be coloured white ones are seen. What
    a font draws by itself, blends with what is below it, or is a mask for what comes later, counts as seen. Layers that
    are turned off, and letters that something was painted over, are not looked at.
    """
    objects = _Objects()
    objects.take(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, None, 0)
    left_edge, lower_edge, right_edge, upper_edge = page.get_bbox()  # no crop box: pdfium does not inherit that
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
        place = left, bottom, right, top
        if key in objects.unpainted:
            return any(_meet(place, picture) for picture in objects.pictures)
        return key not in objects.faint or objects.is_on_colour(place, objects.faint[key])

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
                    if raw.FPDFPageObj_HasTransparency(one):
                        self.coloured.append((0, form))
                    self.take(one, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, form, depth + 1)
                case raw.FPDF_PAGEOBJ_PATH if not _may_colour(one, inside=depth > 0):
                    pass
                case kind:
                    place = around or _bounds(one)
                    self.coloured.append((0 if raw.FPDFPageObj_HasTransparency(one) else self.count, place))
                    if kind != raw.FPDF_PAGEOBJ_PATH or _paint(one, _FILL) is None:
                        self.pictures.append(place)

    def _take_text(self, text: Any) -> None:
        mode = raw.FPDFTextObj_GetTextRenderMode(text)
        if mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            self.unpainted.add(addressof(text.contents))
            return
        paints = [get for get, modes in ((_FILL, _FILLED), (_STROKE, _STROKED)) if mode in modes]
        painted = [paint for get in paints if (paint := _paint(text, get)) is not None]
        if not (paints and len(painted) == len(paints) and all(map(_is_as_paper, painted))) or _is_drawn(text):
            return
        clear = all(opacity < _UNSEEN_OPACITY for *_, opacity in painted)
        if clear or not raw.FPDFPageObj_HasTransparency(text):
            self.faint[addressof(text.contents)] = 0 if clear else self.count

    def is_on_colour(self, letter: _Box, painted: int) -> bool:
        """Whether anything that may be no paper is below a letter when the object of that number is painted there."""
        if not painted or len(self.coloured) > _MOST_COLOURED:
            return painted > 0
        return any(number < painted and _meet(letter, place) for number, place in self.coloured)


def _meet(one: _Box, other: _Box) -> bool:
    """Whether two places share anything, a point more or less."""
    across = one[0] < other[2] + 1 and other[0] < one[2] + 1
    return across and one[1] < other[3] + 1 and other[1] < one[3] + 1


def _is_drawn(text: Any) -> bool:
    """Whether the font has no name: one of Type 3, whose letters paint in colours of their own and are of any size."""
    font = raw.FPDFTextObj_GetFont(text)
    return not font or raw.FPDFFont_GetBaseFontName(font, None, 0) <= 1


_FILL, _STROKE = raw.FPDFPageObj_GetFillColor, raw.FPDFPageObj_GetStrokeColor
_PARTS = [c_uint() for _ in range(4)]
"""What pdfium says of a colour; made once, as a page may have many thousands of them."""
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


def _may_colour(path: Any, *, inside: bool) -> bool:
    """Whether words on a path may stand on anything but paper; in a form (`inside`) no line is certainly thin."""
    if raw.FPDFPageObj_HasTransparency(path):
        return True
    mode, stroke, width = c_int(), c_int(), c_float()
    if not raw.FPDFPath_GetDrawMode(path, byref(mode), byref(stroke)):
        return True
    fill = _paint(path, _FILL) if mode.value != raw.FPDF_FILLMODE_NONE else _PAPER
    line = _paint(path, _STROKE) if stroke.value else _PAPER
    if fill is None or not _is_as_paper(fill):
        return True
    if line is not None and _is_as_paper(line):
        return False
    matrix = raw.FS_MATRIX()
    known = raw.FPDFPageObj_GetStrokeWidth(path, byref(width)) and raw.FPDFPageObj_GetMatrix(path, byref(matrix))
    thin = known and width.value * _scale(matrix) <= _THIN and raw.FPDFPath_CountSegments(path) <= _FEW
    return line is None or inside or not thin


def _scale(matrix: Any) -> float:
    return max(hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d))


def _bounds(one: Any) -> _Box:
    sides = [c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(one, *map(byref, sides)):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top


def _is_tiny(text_page: pypdfium2.PdfTextPage, at: int) -> bool:
    """Whether its type is less than a point high: a letter may have no box and be seen."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page.raw, at, byref(matrix)):
        return False
    written = raw.FPDFText_GetTextObject(text_page.raw, at)
    if not written or _is_drawn(written):
        return False
    return float(raw.FPDFText_GetFontSize(text_page.raw, at)) * _scale(matrix) < SMALLEST_TYPE
