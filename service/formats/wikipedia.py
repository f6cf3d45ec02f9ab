"""Decides what a citation is on the English Wikipedia: one of its citation templates (Citation Style 1), filled in."""

import re

from corpus.statement import Role
from service.citing import Cited
from service.formats.csl import CslItem, csl_item, iso_date, one_line

_PRESS = {
    "press release",
    "press statement",
    "statement",
    "joint statement",
    "readout",
    "message",
    "communiqué",
    "notice",
}
_SAID_BY_TEMPLATE = {"cite speech": "Speech", "cite press release": "Press release", "cite interview": "Interview"}


def wikipedia(cited: Cited) -> str:
    """The citation as a template in one line, with the words in `|quote=`.

    What is markup in a template is written as `{{!}}`, `{{=}}` or a character reference; each line break in the words
    is a `<br />`, and control characters, which MediaWiki takes from no page, are left out. A template must have a
    title: where the source has none it says so.
    """
    item = csl_item(cited)
    template = _template(cited, item)
    fields = {
        **_author(item),
        "title": _escaped(item.get("title") or f"Untitled {item.get('genre', 'document').lower()}"),
        "type": _escaped(item["genre"]) if item.get("genre", "") != _SAID_BY_TEMPLATE.get(template, "") else None,
        "url": _address(item["URL"]) if "URL" in item else None,
        "publisher": _escaped(item.get("publisher")),
        "date": iso_date(item["issued"]) if "issued" in item else None,
        "access-date": iso_date(item["accessed"]) if "accessed" in item else None,
        "language": _escaped(item["language"]) if not item.get("language", "en").lower().startswith("en") else None,
        "page": item.get("locator"),
        "quote": _words(cited.text),
    }
    if fields["date"] is not None and len(fields["date"]) == len("YYYY-MM"):
        fields["date"] = _month(fields["date"])
    return "".join([f"{{{{{template} ", *(f"|{name}={value} " for name, value in fields.items() if value), "}}"])


def _template(cited: Cited, item: CslItem) -> str:
    if item["type"] == "speech":
        return "cite speech"
    if item["type"] == "interview":
        return "cite interview"
    if one_line(cited.kind).casefold() in _PRESS and cited.citation.role is not Role.QUESTION:
        return "cite press release"
    if item["type"] == "report":
        return "cite report"
    return "cite web" if "URL" in item else "cite document"


def _author(item: CslItem) -> dict[str, str | None]:
    for name in item.get("author", []):
        if "literal" in name:
            # Double brackets keep the name whole: it is not to be split, or warned of, for its commas.
            return {"author": f"(({_escaped(name['literal'])}))"}
        return {"last": _escaped(name["family"]), "first": _escaped(name["given"])}
    return {}


_MARKUP = str.maketrans({"|": "{{!}}", "=": "{{=}}", **{char: f"&#{ord(char)};" for char in "{}[]<>'~_"}, "&": "&amp;"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_IN_ADDRESS = str.maketrans({char: f"%{ord(char):02X}" for char in "|{}[]<>'\" "})
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _escaped(text: str | None) -> str | None:
    return text.translate(_MARKUP) if text else None


def _words(text: str) -> str:
    lines = _CONTROL.sub("", re.sub(r"\r\n?", "\n", text)).translate(_MARKUP)
    return lines.replace("\n", "<br />")


def _address(address: str) -> str:
    return address.translate(_IN_ADDRESS)


def _month(date: str) -> str:
    """A year and month as the templates take them: YYYY-MM might be a span of years."""
    year, month = date.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}"
