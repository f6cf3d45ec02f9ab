"""No address makes a page fail, lose its headers, or hold an element that its template does not."""

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.api import HEADERS, application
from tests.service.web_fixtures import BRIEFING, DRAFT, STATEMENTS

ADDRESSES: Final = ("/", "/exchange", "/receipt", "/statements", "/verify")
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


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = application(tmp_path_factory.mktemp("fuzzed"))
    yield app
    app.config["ARCHIVE"].close()


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


def looked_at(app: Flask, address: str) -> None:
    response = app.test_client().get(address)
    assert response.status_code < 500, (address, response.text[:500])
    assert all(response.headers.get(name) for name in HEADERS), address
    if response.mimetype == "text/html":
        assert "charset=utf-8" in response.content_type
        Page(response.data.decode("utf-8"))


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_query_makes_a_page_fail(app: Flask, path: str) -> None:
    @quick
    @given(queries)
    def asked(query: str) -> None:
        looked_at(app, f"{path}?{query}")

    asked()


@quick
@given(
    st.one_of(st.sampled_from([one.id for one in STATEMENTS]).map(quote), values.filter(bool)),
    st.integers(-5, len(BRIEFING) + 5),
    st.integers(-5, len(BRIEFING) + 5),
    queries,
)
def test_no_place_makes_the_page_of_a_statement_fail(
    app: Flask, statement_id: str, start: int, end: int, query: str
) -> None:
    looked_at(app, f"/statements/{statement_id}?start={start}&end={end}")
    looked_at(app, f"/statements/{statement_id}?{query}")


@quick
@given(st.sampled_from(["/originals/", "/problems/", "/", "/static/", "/api/", "/api/v1/statements/"]), values, queries)
def test_no_address_makes_the_application_fail(app: Flask, path: str, name: str, query: str) -> None:
    looked_at(app, f"{path}{name}?{query}")


@quick
@given(st.one_of(st.sampled_from([DRAFT, *_HOSTILE]), st.text(max_size=200)), st.sampled_from(["a.md", "a.html", ""]))
def test_no_draft_makes_the_page_of_the_check_fail(app: Flask, draft: str, name: str) -> None:
    typed = draft.encode("utf-8", "replace")
    form = {"file": (io.BytesIO(typed), name)} if name else {"text": typed.decode()}
    response = app.test_client().post("/verify", data=form, content_type="multipart/form-data")
    assert response.status_code in {200, 413, 422}, response.text[:500]
    assert all(response.headers.get(one) for one in HEADERS)
    Page(response.data.decode("utf-8"))


@pytest.mark.parametrize(
    "page",
    ["<p><b></p></b>", "<p>", "</p>", "<p onclick=x></p>", "<script>x</script>", "<a href=' JavaScript:x'></a>"],
)
def test_a_page_that_obeys_what_it_shows_is_told(page: str) -> None:
    with pytest.raises(AssertionError):
        Page(page)
