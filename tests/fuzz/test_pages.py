"""No address makes a page fail, lose its headers, or hold an element that its template does not."""

import io
from html.parser import HTMLParser
from itertools import product
from typing import Final
from urllib.parse import quote, quote_from_bytes, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.api import HEADERS
from tests.service.web_fixtures import BRIEFING, CORRECTED, DRAFT, STATEMENTS, briefing

ADDRESSES: Final = {"/": 200, "/exchange": 404, "/receipt": 404, "/statements": 200, "/verify": 200}
"""Where a query is read, with the status where there is none."""
FOLDERS: Final = ("/originals/", "/problems/", "/", "/static/", "/api/", "/api/v1/statements/", "/statements/")
"""What an address that names something begins with."""
LENGTHS: Final = {one.id: len(one.text) for one in (*STATEMENTS, briefing(CORRECTED))}
"""Characters in each statement's current version, by its id."""
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_ENDED_BY_THE_NEXT = frozenset({"option"})
_NAMES = ("q", "since", "until", "speaker", "role", "order", "ignore", "start", "end", "version", "text", "after")
_HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea></title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}{% raw %}",
    "<del>a</del>&#1;&#12;<script>x</script>&#xfffe;<q>tin</q>",
    "\u202eabc\u202c\u2066\u200b\0\x1b[2J\ufeff\ud83d".encode("utf-8", "replace").decode(),
    "9" * 400,
    "0000-00-00",
    "2020-07-16",
    "What did Ms. Adler say about the Kelm bridge since 2020?",
)
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
values = st.one_of(
    st.sampled_from(_HOSTILE).map(quote),
    st.text(max_size=40).filter(lambda text: text.isascii() or text.isprintable()).map(quote),
    st.binary(max_size=20).map(quote_from_bytes),
    st.integers(0, 10**12).map(str),
)
queries = st.lists(st.tuples(st.sampled_from(_NAMES) | st.text("abq=&%", max_size=4), values), max_size=8).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)


class Page(HTMLParser):
    """A page read strictly: elements close in the order in which they opened, and none of them runs anything."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"{self.open} are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element, unless it may not be there."""
        given = dict(attrs)
        assert len(given) == len(attrs), f"<{tag}> has an attribute twice"
        assert not any(name.startswith("on") or name in {"style", "srcdoc"} for name in given), (tag, attrs)
        assert tag not in {"svg", "iframe", "object", "embed", "style", "base"}, tag
        assert tag != "script" or (given.get("src") or "").startswith("/static/"), attrs
        for name in ("href", "src", "action", "formaction"):
            assert not (given.get(name) or "").lower().strip().startswith(("javascript:", "data:", "vbscript:"))
        if tag not in _VOID | _ENDED_BY_THE_NEXT:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take the element that was opened last, if it is that one."""
        if tag in _ENDED_BY_THE_NEXT:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def looked_at(app: Flask, address: str) -> int:
    """The status of what is at the address, which is no failure, has its headers and, if it is a page, is whole."""
    response = app.test_client().get(address)
    assert response.status_code < 500, (address, response.text[:500])
    assert all(response.headers.get(name) for name in HEADERS), address
    if response.mimetype == "text/html":
        assert "charset=utf-8" in response.content_type
        left_out = "</p></html>" if response.location else ""  # of werkzeug's page that leads on, as HTML allows
        Page(response.data.decode("utf-8") + left_out)
    if response.location:
        assert urlsplit(response.location).netloc == "localhost", (address, response.location)
    return response.status_code


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_query_makes_a_page_fail(app: Flask, path: str) -> None:
    assert looked_at(app, path) == ADDRESSES[path]
    for name, value in product(_NAMES, _HOSTILE):
        looked_at(app, f"{path}?{name}={quote(value)}")
        looked_at(app, f"{path}?q=a&{name}={quote(value)}")

    @quick
    @given(queries)
    def asked(query: str) -> None:
        looked_at(app, f"{path}?{query}")

    asked()


@quick
@given(
    st.sampled_from(sorted(LENGTHS)), st.integers(-5, len(BRIEFING) + 5), st.integers(-5, len(BRIEFING) + 5), queries
)
def test_a_place_in_a_statement_is_shown_or_refused_and_no_query_makes_its_page_fail(
    app: Flask, statement_id: str, start: int, end: int, query: str
) -> None:
    address = f"/statements/{quote(statement_id)}"
    is_place = 0 <= start < end <= LENGTHS[statement_id]
    assert looked_at(app, f"{address}?start={start}&end={end}") == (200 if is_place else 400)
    looked_at(app, f"{address}?{query}")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_address_makes_the_application_fail(app: Flask, folder: str) -> None:
    for name in _HOSTILE:
        assert looked_at(app, f"{folder}{quote(name, safe='')}") in {404, 422}

    @quick
    @given(values, queries)
    def asked(name: str, query: str) -> None:
        looked_at(app, f"{folder}{name}?{query}")

    asked()


@pytest.mark.parametrize("name", ["a.md", "a.html", ""])
def test_no_draft_makes_the_page_of_the_check_fail(app: Flask, name: str) -> None:
    assert handed_in(app, DRAFT, name) == 200
    for words in _HOSTILE:
        handed_in(app, f"She said “{words}”.", name)

    @quick
    @given(st.text(max_size=200))
    def checked(draft: str) -> None:
        handed_in(app, draft, name)

    checked()


def handed_in(app: Flask, draft: str, name: str) -> int:
    """The status of the check of a draft, in a file of that name if it has one: it is checked or refused."""
    typed = draft.encode("utf-8", "replace")
    form = {"file": (io.BytesIO(typed), name)} if name else {"text": typed.decode()}
    response = app.test_client().post("/verify", data=form, content_type="multipart/form-data")
    assert response.status_code in {200, 413, 422}, response.text[:500]
    assert all(response.headers.get(one) for one in HEADERS)
    Page(response.data.decode("utf-8"))
    return response.status_code


def test_an_address_with_slashes_too_many_leads_on_to_this_server(app: Flask) -> None:
    assert looked_at(app, "/originals//beacon.example") == 308


@pytest.mark.parametrize(
    "page",
    ["<p><b></p></b>", "<p>", "</p>", "<p onclick=x></p>", "<script>x</script>", "<a href=' JavaScript:x'></a>"],
)
def test_a_page_that_obeys_what_it_shows_is_told(page: str) -> None:
    with pytest.raises(AssertionError):
        Page(page)
