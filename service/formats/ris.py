"""Decides what a citation is in RIS, the tagged lines that reference managers exchange."""

from typing import Any

import rispy

from service.citing import Cited
from service.formats.csl import CslDate, CslItem, csl_item, iso_date
from service.formats.names import CslName

# SLIDE is what Zotero takes for a presentation, CSL's "speech"; there is no type for interviews.
_TYPES = {"speech": "SLIDE", "personal_communication": "PCOMM", "report": "RPRT", "webpage": "ELEC"}


def ris(cited: Cited) -> str:
    """The citation as one RIS record, `TY` to `ER`."""
    item = csl_item(cited)
    record: dict[str, Any] = {
        "type_of_reference": _TYPES.get(item["type"], "GEN"),
        "authors": [_name(name) for name in item.get("author", [])],
        "title": item.get("title"),
        "publisher": item.get("publisher"),
        "type_of_work": item.get("genre"),
        "urls": [item["URL"]] if "URL" in item else [],
        "language": item.get("language"),
        "start_page": item.get("locator"),
        "notes": [item["note"], *_as_printed(item)],
        "id": item["id"],
    }
    if "issued" in item:
        record |= {"year": iso_date(item["issued"])[:4], "date": _date(item["issued"])}
    if "accessed" in item:
        record["access_date"] = _date(item["accessed"])
    written = rispy.dumps([{tag: value for tag, value in record.items() if value}], implementation=_Unnumbered)
    return str(written).strip("\n")


class _Unnumbered(rispy.RisWriter):  # type: ignore[misc]  # untyped
    """Without the number that rispy sets above each record, which is no part of the format."""

    def set_header(self, count: int) -> str:  # noqa: ARG002
        return ""


def _name(name: CslName) -> str:
    """A name as RIS has it; a comma in one that is not to be taken apart would part family and given name."""
    if "literal" in name:
        return " ".join(name["literal"].replace(",", " ").split())
    return f"{name['family']}, {name['given']}"


def _as_printed(item: CslItem) -> list[str]:
    """The names that lost their commas, as the source prints them."""
    printed = (name["literal"] for name in item.get("author", []) if "literal" in name)
    return [f"Author as printed: {name}" for name in printed if "," in name]


def _date(date: CslDate) -> str:
    parts = [*iso_date(date).split("-"), "", ""]
    return "/".join([*parts[:3], ""])
