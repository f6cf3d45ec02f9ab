"""Decides what a citation is in BibTeX: one entry that BibTeX and BibLaTeX both read."""

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from service.citing import Cited
from service.formats.csl import csl_item, iso_date
from service.formats.names import CslName

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPES = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",  # BibTeX counts braces, whether or not a backslash stands before them
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        **{char: f"\\{char}" for char in "&%$#_"},
    }
)
_IN_ADDRESS = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"})


def bibtex(cited: Cited) -> str:
    """The citation as a BibTeX entry in UTF-8; LaTeX's special characters are escaped, an address is left as it is.

    A report is `@techreport`, all else `@misc`: the other types of BibTeX are for what libraries hold.
    """
    item = csl_item(cited)
    report = item["type"] == "report"
    fields: dict[str, str | None] = {
        "author": " and ".join(_name(name) for name in item.get("author", [])) or None,
        "title": f"{{{item['title'].translate(_ESCAPES)}}}" if "title" in item else None,
        "institution" if report else "publisher": _escaped(item.get("publisher")),
        "type" if report else "howpublished": _escaped(item.get("genre")),
        "pages": item.get("locator"),
        "url": item["URL"].translate(_IN_ADDRESS) if "URL" in item else None,
        "note": _escaped(item["note"]),
        "language": _escaped(item.get("language")),
    }
    if "issued" in item:
        fields |= {"date": iso_date(item["issued"]), "year": iso_date(item["issued"])[:4]}
    if "accessed" in item:
        fields["urldate"] = iso_date(item["accessed"])
    written = [Field(name, f"{{{value}}}") for name, value in fields.items() if value]
    if "issued" in item and len(item["issued"]["date-parts"][0]) > 1:
        written.append(Field("month", _MONTHS[item["issued"]["date-parts"][0][1] - 1]))
    library = Library([Entry("techreport" if report else "misc", item["id"], written)])
    return write_string(library, unparse_stack=[]).strip()


def _name(name: CslName) -> str:
    if "literal" in name:
        return f"{{{name['literal'].translate(_ESCAPES)}}}"
    return f"{name['family']}, {name['given']}".translate(_ESCAPES)


def _escaped(text: str | None) -> str | None:
    return text.translate(_ESCAPES) if text else None
