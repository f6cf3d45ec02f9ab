"""Payloads in titles, bodies, speakers, addresses, ids, file names, drafts and questions: none runs in Chromium."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Playwright, Request, expect, sync_playwright
from waitress.server import create_server

from corpus.archive import Archive
from corpus.statement import MAX_ID_LENGTH, Role, Statement, Turn
from service.answer import Answer
from service.bundle import Bundle, bundle_of_question, bundle_of_statements
from service.check_report import html_report
from service.conversation import Utterance
from service.quote_check import QuoteCheck
from service.visible import visible
from service.web import create_app
from tests.service.small_collection import SmallCollection
from tests.service.test_browser import ARGUMENTS, CHROMIUM
from tests.service.web_fixtures import WordsCollection, fill
from tests.xss.payloads import PAYLOADS

GROUPS = ("copperfields", "lighthouses", "quicksilver", "harbourside", "timberlands")
"""A word of its own for each hundred bodies: an answer has a hundred passages at most."""
NAMES = list(PAYLOADS)
EVERY = 4
"""Of the pages that show one payload each, one in so many is opened; 1 takes some minutes."""
SCOUT = """
  window.seen = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.seen.push(`violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => window.seen.push(`ran: ${name}`);
  Object.defineProperty(window, "pwned", { set: () => window.seen.push("ran: pwned") });
"""
STRAY = """() => {
  const stray = window.seen;
  const ours = "HTML HEAD META TITLE LINK SCRIPT STYLE BODY A HEADER SPAN NAV MAIN FOOTER P DIV ARTICLE H1 H2 H3 H4 UL "
    + "OL LI BDI FIGURE FIGCAPTION BLOCKQUOTE MARK TIME BUTTON DETAILS SUMMARY FORM INPUT LABEL TEXTAREA SELECT OPTION "
    + "DATALIST SECTION ASIDE DL DT DD CODE PRE STRONG DEL INS TABLE THEAD TBODY TR TH TD BR";
  const known = new Set(ours.split(" "));
  for (const one of document.querySelectorAll("*")) {
    if (!known.has(one.tagName)) stray.push(`element: ${one.outerHTML.slice(0, 120)}`);
    for (const { name, value } of one.attributes) {
      if (/^on|^style$|^srcdoc$/.test(name)) stray.push(`attribute: ${name} of ${one.outerHTML.slice(0, 120)}`);
      if (!/^(href|src|action|formaction|cite|data|poster|background)$/.test(name)) continue;
      if (!URL.canParse(value, document.baseURI)) continue;  // leads nowhere
      const scheme = new URL(value, document.baseURI).protocol;
      if (!["http:", "https:", ...(location.protocol === "file:" ? ["file:"] : [])].includes(scheme))
        stray.push(`address: ${name}=${value.slice(0, 120)}`);
    }
  }
  const scripts = [...document.scripts].map((one) => one.getAttribute("src"));
  if (scripts.some((source) => source !== "/static/onrecord.js")) stray.push(`scripts: ${scripts}`);
  if (document.querySelectorAll("form").length > 1) stray.push("forms");
  if (/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.innerText)) stray.push("a direction is obeyed");
  return stray;
}"""


@dataclass(slots=True)
class Witness:
    """A page, and what happened on it that should not."""

    page: Page
    ours: str
    """The only host and port that a page may ask; of pages from the disk none."""
    complaints: list[str] = field(default_factory=list)
    pages: int = 0

    def open(self, address: str, *, known: tuple[str, ...] = ()) -> None:
        """Go there and look around; `known` are complaints of the browser that are no payload's doing."""
        self.page.goto(address, wait_until="load")
        self.look(known)

    def look(self, known: tuple[str, ...] = ()) -> None:
        """Look at the page that is open."""
        self.pages += 1
        here = urlsplit(self.page.url)
        found = [*self.page.evaluate(STRAY), *self.complaints]
        self.complaints.clear()
        found = [one for one in found if not any(part in one for part in known)]
        assert not found, f"{here.path}?{here.query[:200]}: {found[:5]}"

    def complain(self, complaint: str) -> None:
        self.complaints.append(complaint)

    def requested(self, request: Request) -> None:
        asked = urlsplit(request.url)
        allowed = asked.scheme == "file" if not self.ours else asked.netloc == self.ours
        if not allowed or (
            not request.is_navigation_request() and not asked.path.startswith(("/static/", "/exchange"))
        ):
            self.complain(f"request: {request.url}")


class Generous(WordsCollection):
    """Answers with as many passages as an answer may have, whatever the page asks for."""

    def ask(self, question: str, **asked: Any) -> Answer:
        return super().ask(question, **asked | {"k": 100})


def statement_of(number: int, name: str) -> Statement:
    """A payload in every field that takes it, in an address both bare and as the end of one."""
    payload = PAYLOADS[name]
    text = f"{GROUPS[number // 100]}: {payload}"
    url = payload if name.startswith("addresses") else f"https://records.example/{payload}"
    speaker = " ".join(payload.split()) or None
    return Statement(
        id_of(name),
        payload,
        payload,
        speaker,
        "2020-07-16",
        payload,
        "en",
        url,
        text,
        (Turn(0, len(text.rstrip()), payload, Role.REMARKS),),
    )


def id_of(name: str) -> str:
    """The id that a file of this name would have: what cannot be printed is left out."""
    printable = "".join(one for one in PAYLOADS[name] if one.isprintable())[: MAX_ID_LENGTH - 20]
    return f"{name}/{printable}".replace("/./", "/").replace("/../", "/").rstrip(".")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = Archive(tmp_path_factory.mktemp("xss") / "archive.db")
    return fill(made, [statement_of(number, name) for number, name in enumerate(NAMES)])


@pytest.fixture(scope="module")
def address(archive: Archive) -> Iterator[str]:
    server = create_server(create_app(Generous(archive)), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is not there. Install it: apt-get install chromium", pytrace=False)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


def watched(context: BrowserContext, ours: str) -> Witness:
    context.add_init_script(SCOUT)
    page = context.new_page()
    page.set_default_timeout(20_000)
    witness = Witness(page, ours)

    def dismiss(dialog: Dialog) -> None:
        witness.complain(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda message: witness.complain(f"console: {message.text}"))
    page.on("pageerror", lambda error: witness.complain(f"error: {error}"))
    page.on("popup", lambda popup: witness.complain(f"popup: {popup.url}"))
    page.on("request", lambda request: witness.requested(request))  # noqa: PLW0108 - playwright writes on bound methods
    return witness


@pytest.fixture
def site(browser: Browser, address: str) -> Iterator[Witness]:
    context = browser.new_context()
    yield watched(context, urlsplit(address).netloc)
    context.close()


@pytest.fixture
def disk(browser: Browser) -> Iterator[Witness]:
    context = browser.new_context(offline=True)
    yield watched(context, "")
    context.close()


def conversations() -> Iterator[list[tuple[str, str]]]:
    """Addresses of conversations in which each payload is a question, a speaker and an issuer."""
    for start in range(0, len(NAMES), 12):
        asked = [PAYLOADS[name].strip() for name in NAMES[start : start + 12]]
        yield [
            pair
            for one in asked
            for pair in (("q", one), ("speaker", one[:200]), ("issuer", one[:200]), ("role", ""), ("order", ""))
        ]


def test_there_are_300_payloads_and_more_of_every_kind() -> None:
    assert len(set(PAYLOADS.values())) == len(PAYLOADS) >= 300
    assert len({name.rsplit("-", 1)[0] for name in NAMES}) == 11


def test_the_witness_sees_a_payload_that_runs(disk: Witness, tmp_path: Path) -> None:
    ran = tmp_path / "ran.html"
    ran.write_text("<script>window.pwned=1;alert(1)</script><img src=x onerror=alert(1)><a href=javascript:1>a</a>")
    with pytest.raises(AssertionError, match=r"ran: pwned.*ran: alert"):
        disk.open(ran.as_uri())


def test_the_list_of_statements_runs_nothing_and_shows_every_title(site: Witness, address: str) -> None:
    site.open(f"{address}/statements")
    shown = []
    while True:
        shown += site.page.locator(".table .title bdi").evaluate_all("all => all.map(one => one.textContent)")
        follow = site.page.locator("a[rel=next]")
        if not follow.count():
            break
        site.open(f"{address}{follow.get_attribute('href')}")
    assert sorted(shown) == sorted(as_read(PAYLOADS[name]) for name in NAMES)


def test_an_answer_runs_nothing_and_quotes_every_body_as_the_api_gives_it(site: Witness, address: str) -> None:
    for group in GROUPS[: len(NAMES) // 100 + 1]:
        site.open(f"{address}/?q={group}")
        quotes = site.page.request.get(f"{address}/api/v1/ask?k=100&question={group}").json()["quotes"]
        words = "all => all.map(one => one.textContent)"
        assert site.page.locator("blockquote .text").evaluate_all(words) == [as_read(one["text"]) for one in quotes]
        copies = "all => all.map(one => one.dataset.copy.split('\\n— ')[0])"
        exact = site.page.locator(".copy[data-copy]").evaluate_all(copies)
        assert exact == [f"“{one['text']}”".split("\n— ")[0] for one in quotes]
        links = site.page.locator("figcaption a[rel]").evaluate_all("all => all.map(one => one.href)")
        assert {urlsplit(link).scheme for link in links} <= {"http", "https"}


def test_a_statement_s_page_runs_nothing(site: Witness, address: str) -> None:
    for number, name in list(enumerate(NAMES))[::EVERY]:
        made = statement_of(number, name)
        site.open(f"{address}/statements/{quote(made.id, safe='/')}?start=3&end={len(made.text) - 1}")
        shown = "() => [...document.querySelectorAll('.script .text')].map(one => one.textContent).join('')"
        assert site.page.evaluate(shown) == as_read(made.text[:3], made.text[3:-1], made.text[-1:])


def test_a_question_its_filters_and_its_history_run_nothing(site: Witness, address: str) -> None:
    asked = []
    for conversation in conversations():
        site.open(f"{address}/?{urlencode(conversation)}")
        asked += site.page.locator(".asked bdi").evaluate_all("all => all.map(one => one.textContent)")
    assert asked == [as_read(PAYLOADS[name].strip().replace("\r\n", "\n")) for name in NAMES]


def test_an_exchange_that_a_script_adds_runs_nothing(site: Witness, address: str) -> None:
    site.open(address)
    for start in range(0, len(NAMES), 12):
        question = "\n".join(PAYLOADS[name] for name in NAMES[start : start + 12])
        with site.page.expect_response("**/exchange**"):
            site.page.locator("#q").evaluate(
                "(field, words) => { field.value = words; field.form.requestSubmit(); }", question[:2000]
            )
        expect(site.page.locator("#ask")).not_to_have_attribute("aria-busy", "true")
        expect(site.page.locator(".exchange").last.locator(".asked")).to_be_focused()
        site.look()
        if start % 60 == 48:
            site.open(address)


def test_problem_pages_run_nothing(site: Witness, address: str) -> None:
    refused = ("Failed to load resource",)
    for name in NAMES[::EVERY]:
        spelled = quote(PAYLOADS[name], safe="")
        path = f"/statements/{spelled}" if len(name) % 2 else f"/?q=a&role={spelled}"
        site.open(f"{address}{path}", known=refused)
    for name in NAMES[:: EVERY * 8]:
        spelled = quote(PAYLOADS[name], safe="")
        for path in (f"/exchange?q=a&order={spelled}", f"/{spelled}", f"/api/v1/ask?question=a&role={spelled}"):
            site.open(f"{address}{path}", known=refused)


def test_a_draft_and_the_name_of_its_file_run_nothing(site: Witness, address: str) -> None:
    draft = "\n\n".join(f"It says: “{GROUPS[n // 100]}: {PAYLOADS[name]}”" for n, name in enumerate(NAMES))
    site.open(f"{address}/verify")
    site.page.get_by_label("Your draft").fill(draft)
    site.page.get_by_role("button", name="Check", exact=True).click()
    expect(site.page.locator(".tally")).to_be_visible()
    site.look()
    for name in NAMES[:: EVERY * 4]:
        site.page.goto(f"{address}/verify")
        named = PAYLOADS[name].replace("/", "∕").replace("\\", "∖")
        field = site.page.get_by_label("Or a file")
        field.set_input_files(
            {"name": f"{named}.txt", "mimeType": "text/plain", "buffer": b"He said: \xe2\x80\x9cno\xe2\x80\x9d"}
        )
        site.page.get_by_role("button", name="Check", exact=True).click()
        expect(site.page.locator(".tally")).to_be_visible()
        site.look()


def test_receipts_and_citations_are_files_that_no_browser_takes_for_a_page(site: Witness, address: str) -> None:
    for conversation in conversations():
        sent = [pair for pair in conversation if pair[0] == "q"][:1]
        response = site.page.request.get(f"{address}/receipt?{urlencode(sent)}")
        assert response.headers["content-type"].split(";")[0] in {"application/json", "text/html"}
    for number, name in list(enumerate(NAMES))[::20]:
        made = statement_of(number, name)
        place = f"start=0&end={made.turns[0].end}"
        for form in ("csl-json", "ris", "bibtex", "apa", "markdown", "wikipedia", "claimreview", "capsule"):
            path = f"/api/v1/cite?statement_id={quote(made.id)}&{place}&format={form}"
            response = site.page.request.get(f"{address}{path}")
            assert "html" not in response.headers["content-type"]
            assert response.headers["x-content-type-options"] == "nosniff"


def test_a_report_that_is_opened_from_disk_runs_nothing(disk: Witness, archive: Archive, tmp_path: Path) -> None:
    check = QuoteCheck(Generous(archive)).check
    for start in range(0, len(NAMES), 40):
        names = NAMES[start : start + 40]
        draft = "\n\n".join(
            f"It says: “{GROUPS[n // 100]}: {PAYLOADS[NAMES[n]]}”" for n in range(start, start + len(names))
        )
        for at, name in enumerate(names[::4]):
            report = tmp_path / "report.html"
            report.write_text(
                html_report(check(draft if not at else "“No.”", PAYLOADS[name]), date(2024, 5, 6)), "utf-8"
            )
            disk.open(report.as_uri())
            assert disk.page.locator("h1").text_content() == as_read(PAYLOADS[name])


def unpacked(bundle: Bundle, folder: Path) -> str:
    for name, content in bundle.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return (folder / "index.html").as_uri()


def test_a_bundle_of_every_statement_runs_nothing(disk: Witness, archive: Archive, tmp_path: Path) -> None:
    ids = [id_of(name) for name in NAMES]
    disk.open(unpacked(bundle_of_statements(archive, ids), tmp_path))
    titles = disk.page.locator(".statement h2").evaluate_all("all => all.map(one => one.textContent)")
    assert titles == [as_read(PAYLOADS[name]) for name in NAMES]


def test_a_bundle_of_a_question_with_its_history_runs_nothing(disk: Witness, tmp_path: Path) -> None:
    small = SmallCollection(tmp_path / "data")
    small.put(*(statement_of(number, name) for number, name in list(enumerate(NAMES))[:20]))
    for name in NAMES[:: EVERY * 8]:
        history = [Utterance("user", PAYLOADS[name]), Utterance("agent", PAYLOADS[name])]
        made = bundle_of_question(small.opened(), f"copperfields {PAYLOADS[name]}", history=history)
        disk.open(unpacked(made, tmp_path / "bundle"))
        capsules = [json.loads(content) for path, content in made.files.items() if path.startswith("capsules/")]
        assert capsules
    small.archive.close()


def as_read(*pieces: str) -> str:
    """What a page shows of texts: all characters, those that would be obeyed by their symbols."""
    return "".join(visible(piece.replace("\r\n", "\r\r\n")).replace("␍\n", "\r\n") for piece in pieces)
