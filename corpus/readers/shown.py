"""The text of a page as a browser lays it out and searches it: all of it, menus too, line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from corpus.readers.encoding import decode
from corpus.readers.html_blocks import parse
from corpus.readers.styles import Sight, unseen

STOP = "\ufffc"
"""Stands in a line where a picture, a field or something hidden does: nothing searched for reaches across it."""

_SPACES = re.compile(r"[ \t\r\n\f]+")
# A browser drops a line end between two characters as wide as these; who searches need not know whether it did.
_WIDE = re.compile(r"[\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef]")
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE.pattern})\r?\n[ \t\r\n\f]*(?={_WIDE.pattern})")
_C1 = re.compile(r"[\x80-\x9f]")
_AS_BROWSERS_SHOW = {
    code: meant for code in range(0x80, 0xA0) if (meant := bytes([code]).decode("cp1252", errors="ignore"))
}


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT_LAID_OUT = _named(
    "area base basefont col colgroup datalist frame frameset head link meta noembed noframes noscript param rp rt "
    "script source style template title track"
)
_NOT_TEXT = _named(
    "audio canvas embed iframe img input meter object progress select svg math textarea video applet map"
)
_BLOCKS = _named(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main marquee menu nav ol optgroup "
    "option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)
_PRESERVED = _named("pre listing plaintext xmp")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|content-visibility\s*:\s*hidden", re.IGNORECASE)
_APART_STYLE = re.compile(
    r"display\s*:\s*(?:block|flex|grid|table|list-item|flow-root|inline-)|float\s*:\s*(?:left|right)"
    r"|position\s*:\s*(?:absolute|fixed)",
    re.IGNORECASE,
)


def shown(original: bytes, media_type: str) -> str | None:
    r"""What a browser shows of a page: a line for each block, and for each line that the page itself breaks.

    Plain text and Markdown are shown as received. What is hidden by the page itself is left out, as browsers leave
    it out when they search; what they find though nobody sees it, such as white words on white, stands between two
    stops. What style sheets do that are not in the page is not known. `None` for what a browser shows as no such text:
    PDF, DOCX, JSON.

    >>> shown(b"<nav>Home</nav><p>Zinc  is<br>up&#46; <p hidden>Down.<p>See <img src=a.png> it", "text/html")
    'Home\nZinc is\nup.\nSee \ufffc it'

    Raises `Unreadable` when the bytes are not text, or no page.
    """
    match media_type:
        case "text/html":
            page = parse(original)
            return "\n".join(_Layout(unseen(page)).lines(page.find("body")))
        case "text/plain" | "text/markdown":
            return decode(original).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        case _:
            return None


@dataclass(slots=True)
class _Layout:
    """One pass over a body, putting out its text as it stands on the page."""

    unseen: dict[Any, Sight]
    pieces: list[str] = field(default_factory=list)
    last: str = "\n"
    """The character put out last."""
    preserved: int = 0
    """How many elements are open in which white space stays as it is."""

    def lines(self, body: Any) -> Iterator[str]:
        """The lines that are not blank, without the spaces at their ends."""
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._close(element)
                if element is not body:
                    self._add(element.tail, self._sight(element.getparent()))
            elif self._is_left_out(element):
                self._leave_out(element)
                walk.skip_subtree()
            else:
                self._open(element)
                self._add(element.text, self._sight(element))
        return (stripped for line in "".join(self.pieces).split("\n") if (stripped := line.strip(" \t\r\f")))

    def _open(self, element: Any) -> None:
        if element.tag == "br" or _is_apart(element):
            self._break()
        self.preserved += element.tag in _PRESERVED

    def _close(self, element: Any) -> None:
        if self._is_left_out(element):
            return
        if element.tag != "br" and _is_apart(element):
            self._break()
        self.preserved -= element.tag in _PRESERVED

    def _leave_out(self, element: Any) -> None:
        if element.tag in _NOT_TEXT or self.last != "\n":
            self._put(STOP)

    def _break(self) -> None:
        if self.last != "\n":
            self._put("\n")

    def _sight(self, element: Any) -> Sight:
        return self.unseen.get(element, Sight.SEEN)

    def _is_left_out(self, element: Any) -> bool:
        return _is_left_out(element) or self._sight(element) is Sight.ABSENT

    def _add(self, text: str | None, sight: Sight) -> None:
        hidden = sight is not Sight.SEEN and bool((text or "").strip())
        if hidden and self.last != "\n":
            self._put(STOP)
        if sight.is_found:
            self._show(text)
        if hidden and self.last not in {"\n", STOP}:
            self._put(STOP)

    def _show(self, text: str | None) -> None:
        if not text:
            return
        if _C1.search(text):
            text = text.translate(_AS_BROWSERS_SHOW)
        if not self.preserved:
            if _WIDE.search(text):
                text = _BETWEEN_WIDE.sub(STOP, text)
            text = _SPACES.sub(" ", text)
            text = text.lstrip(" ") if self.last in " \n" else text
        if text:
            self._put(text)

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.last = text[-1]


def _is_left_out(element: Any) -> bool:
    if element.tag == "body":  # scripts show it once the page has loaded
        return False
    if element.tag in _NOT_LAID_OUT or element.tag in _NOT_TEXT:
        return True
    if element.get("hidden", "until-found").lower() != "until-found":
        return True
    style = element.get("style")
    return style is not None and _HIDDEN_STYLE.search(style) is not None


def _is_apart(element: Any) -> bool:
    """Whether it is laid out as a block of its own."""
    if element.tag in _BLOCKS:
        return True
    style = element.get("style")
    return style is not None and _APART_STYLE.search(style) is not None
