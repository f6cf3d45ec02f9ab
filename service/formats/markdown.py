"""Decides what a citation is in Markdown: the words, and a footnote that says whose they are and where they stand."""

import re

from service.citing import Cited, attribution
from service.formats.csl import csl_item, iso_date, one_line, reference_id
from service.saying import web_link


def markdown(cited: Cited) -> str:
    """The words in quotation marks with a footnote, in CommonMark with footnotes as GitHub and pandoc have them.

    The words are as they were said: a backslash stands before every character that Markdown would take for markup,
    white space at a line's ends is written as references, and each line break is a hard one.
    """
    label = reference_id(cited.citation)
    return f"“{_words(cited.text)}”[^{label}]\n\n[^{label}]: {_footnote(cited)}"


def _footnote(cited: Cited) -> str:
    item, citation = csl_item(cited), cited.citation
    parts = [
        f"Whose words: {_escaped(one_line(attribution(citation)))}",
        f"“{_escaped(item['title'])}”" if "title" in item else "untitled",
        _escaped(item["genre"]) if "genre" in item else None,
        _escaped(item.get("publisher", "issuer unknown")),
        iso_date(item["issued"]) if "issued" in item else "date unknown",
        f"page {item['locator']}" if "locator" in item else None,
        f"characters {citation.start}–{citation.end} of {_escaped(citation.statement_id)}",
        f"SHA-256 of its text {citation.text_sha256}",
    ]
    line = "; ".join(part for part in parts if part)
    address = web_link(one_line(citation.deep_link)) or item.get("URL")
    return f"{line}. <{_address(address)}>" if address else f"{line}."


_MARKUP = re.compile(r"[\\`*_\[\]<>&~|^$!{}]")
_LINE_MARK = re.compile(r"(?m)^([#+=:-]|[0-9]+(?=[.)]))")
_END_SPACE = re.compile(r"(?m)^[ \t]+|[ \t]+$")


def _escaped(text: str) -> str:
    marked = _MARKUP.sub(r"\\\g<0>", text)
    return _LINE_MARK.sub(lambda match: f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}", marked)


def _words(text: str) -> str:
    lines = _escaped(re.sub(r"\r\n?", "\n", text))
    spaced = _END_SPACE.sub(lambda match: "".join(f"&#{ord(char)};" for char in match[0]), lines)
    return spaced.replace("\n", "\\\n")


def _address(address: str) -> str:
    """An address as it can stand between angle brackets."""
    return address.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20").replace("\\", "%5C")
