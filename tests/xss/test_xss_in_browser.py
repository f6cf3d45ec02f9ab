"""Payloads in titles, bodies, speakers, addresses, ids, file names, drafts and questions: none runs in Chromium."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, expect

from corpus.archive import Archive
from corpus.readers.manuscript import read_manuscript
from corpus.records import UnknownStatement
from corpus.statement import MAX_ID_LENGTH, Role, Statement, Turn
from service.answer import Answer
from service.bundle import Bundle, bundle_of_question, bundle_of_statements
from service.check_report import html_report
from service.conversation import Utterance
from service.quote_check import QuoteCheck
from service.visible import shown
from service.web import drafts
from service.web.conversation import MAX_EXCHANGES, MAX_FILTER, MAX_QUESTION
from tests.service.small_collection import SmallCollection
from tests.service.web_fixtures import WordsCollection, fill, served
from tests.xss.payloads import PAYLOADS

GROUPS = ("copperfields", "lighthouses", "quicksilver", "harbourside", "timberlands")
"""A word of its own for each hundred bodies: an answer has a hundred passages at most."""
NAMES = list(PAYLOADS)
TOGETHER = 48
"""Payloads that are one name of a file, one report or one unknown id, at most."""
SAMPLE = 16
"""Of the pages that name one value which cannot be used, one in so many is opened; none of the six places is there."""
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


def statement_of_many(number: int, names: Sequence[str]) -> Statement:
    """One payload and more in every field: a turn is one payload, and the address begins with the first of them."""
    title = "\n".join(PAYLOADS[name] for name in names)
    text, turns = "", []
    for name in names:
        start = len(text)
        text += f"{PAYLOADS[name]} said\n"
        turns.append(Turn(start, len(text) - 1, PAYLOADS[name], Role.REMARKS))
    printable = "".join(one for one in title if one.isprintable())[: MAX_ID_LENGTH - 20]
    record_id = f"{number}/{printable}".replace("/./", "/").replace("/../", "/").rstrip(".")
    return Statement(
        record_id, title, title, " ".join(title.split()), "2020-07-16", title, "en", title, text, tuple(turns)
    )


def many_by_many() -> list[list[str]]:
    """Every payload once; each group begins with one that is an address, every second of them."""
    first = [name for name in NAMES if name.startswith("addresses")][::2]
    others = [name for name in NAMES if name not in first]
    return [[name, *others[number :: len(first)]] for number, name in enumerate(first)]


def id_of(name: str) -> str:
    """The id that a file of this name would have: what cannot be printed is left out."""
    printable = "".join(one for one in PAYLOADS[name] if one.isprintable())[: MAX_ID_LENGTH - 20]
    return f"{name}/{printable}".replace("/./", "/").replace("/../", "/").rstrip(".")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = Archive(tmp_path_factory.mktemp("xss") / "archive.db")
    return fill(made, [statement_of(number, name) for number, name in enumerate(NAMES)])


@pytest.fixture(scope="module")
def collection(archive: Archive) -> Generous:
    return Generous(archive)


@pytest.fixture(scope="module")
def address(collection: Generous) -> Iterator[str]:
    with served(collection) as address:
        yield address


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that finds little, for pages of which the question counts."""
    held = SmallCollection(tmp_path_factory.mktemp("small"))
    held.put(*(statement_of(number, name) for number, name in enumerate(NAMES[:4])))
    with served(held.opened()) as address:
        yield address
    held.archive.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of statements that each hold some payloads."""
    archive = Archive(tmp_path_factory.mktemp("full") / "archive.db")
    fill(archive, [statement_of_many(number, names) for number, names in enumerate(many_by_many())])
    with served(WordsCollection(archive)) as address:
        yield address


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
    yield from visiting(browser, address)


@pytest.fixture
def small_site(browser: Browser, small: str) -> Iterator[Witness]:
    yield from visiting(browser, small)


@pytest.fixture
def full_site(browser: Browser, full: str) -> Iterator[Witness]:
    yield from visiting(browser, full)


def visiting(browser: Browser, address: str) -> Iterator[Witness]:
    context = browser.new_context()
    yield watched(context, urlsplit(address).netloc)
    context.close()


@pytest.fixture
def disk(browser: Browser) -> Iterator[Witness]:
    context = browser.new_context(offline=True)
    yield watched(context, "")
    context.close()


def conversations() -> Iterator[list[str]]:
    """All payloads, twelve questions at a time, each with as many as a filter may have."""
    questions = list(joined(MAX_FILTER))
    for start in range(0, len(questions), MAX_EXCHANGES):
        yield questions[start : start + MAX_EXCHANGES]


def joined(longest: int) -> Iterator[str]:
    """All payloads, each on a line of its own, as many in a text as it may have characters."""
    text = ""
    for name in NAMES:
        longer = f"{text}\n{PAYLOADS[name]}" if text else PAYLOADS[name]
        if len(longer) > longest:
            yield text.strip()
            longer = PAYLOADS[name]
        text = longer
    yield text.strip()


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


def test_a_statement_s_page_runs_nothing(full_site: Witness, full: str) -> None:
    shown = """() => ["h1", "#passage", ".script .speaker bdi", ".script .turn .text"].map(
      (those) => [...document.querySelectorAll(those)].map((one) => one.textContent))"""
    for number, names in enumerate(many_by_many()):
        made = statement_of_many(number, names)
        cited = made.turns[number % len(names)]
        full_site.open(f"{full}/statements/{quote(made.id, safe='/')}?start={cited.start}&end={cited.end}")
        title, passage, speakers, words = full_site.page.evaluate(shown)
        assert title == [as_read(made.title or "")]
        assert passage == [as_read(made.text[cited.start : cited.end])]
        assert speakers == [as_read(PAYLOADS[name]) for name in names]
        assert words == [as_read(f"{PAYLOADS[name]} said") for name in names]


def test_a_question_its_filters_and_its_history_run_nothing(small_site: Witness, small: str) -> None:
    for questions in conversations():
        fields = [(field, one) for one in questions for field in ("q", "speaker", "issuer")]
        blank = [(field, "") for _ in questions for field in ("role", "order")]
        small_site.open(f"{small}/?{urlencode(fields + blank)}")
        asked = small_site.page.locator(".asked bdi").evaluate_all("all => all.map(one => one.textContent)")
        assert asked == [as_read(one) for one in questions]
        chips = small_site.page.locator(".chip bdi").evaluate_all("all => all.map(one => one.textContent)")
        assert set(asked) <= set(chips)


def test_an_exchange_that_a_script_adds_runs_nothing(small_site: Witness, small: str) -> None:
    asked = "(field, words) => { field.value = words; field.form.requestSubmit(); }"
    for number, question in enumerate(joined(MAX_QUESTION)):
        if number % 6 == 0:
            small_site.open(small)
        with small_site.page.expect_response("**/exchange**"):
            small_site.page.locator("#q").evaluate(asked, question)
        expect(small_site.page.locator("#ask")).not_to_have_attribute("aria-busy", "true")
        latest = small_site.page.locator(".exchange").nth(number % 6).locator(".asked")
        expect(latest).to_be_focused()
        small_site.look()
        assert latest.locator("bdi").text_content() == as_read(with_line_ends("\n", question))


def test_problem_pages_run_nothing_and_show_what_was_asked_for(small_site: Witness, small: str) -> None:
    refused = ("Failed to load resource",)
    for start in range(0, len(NAMES), TOGETHER):
        lines = "\n".join(PAYLOADS[name] for name in NAMES[start : start + TOGETHER]).splitlines()
        unknown = " ".join(["unknown", *lines])  # an address of more than one line is none of a statement
        small_site.open(f"{small}/statements/{quote(unknown, safe='')}", known=refused)
        assert small_site.page.locator(".lead").text_content() == as_read(str(UnknownStatement(unknown)))
    problems = {
        "/?q=a&role=": "A filter cannot be used. There is no role {}.",
        "/exchange?q=a&order=": "A filter cannot be used. There is no order {}.",
        "/": "Nothing is here",
        "/api/v1/ask?question=a&role=": '"type":"/problems/invalid-parameters"',
    }
    for name, (path, told) in zip(NAMES[::SAMPLE], cycle(problems.items()), strict=False):
        small_site.open(f"{small}{path}{quote(PAYLOADS[name], safe='')}", known=refused)
        read = small_site.page.locator("body").text_content() or ""
        assert told.format(as_read(repr(PAYLOADS[name].strip()))) in read


def test_a_draft_and_the_name_of_its_file_run_nothing(
    site: Witness, address: str, small_site: Witness, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "read_manuscript", lambda data, name, *_: read_manuscript(data, name))  # time only
    draft = "\n\n".join(f"It says: “{GROUPS[n // 100]}: {PAYLOADS[name]}”" for n, name in enumerate(NAMES))
    site.open(f"{address}/verify")
    site.page.get_by_label("Your draft").fill(draft)
    site.page.get_by_role("button", name="Check", exact=True).click()
    expect(site.page.locator(".tally")).to_be_visible(timeout=60_000)
    site.look()
    drafted = site.page.locator(".drafted").evaluate(
        "it => (it.querySelectorAll('.to').forEach(one => one.remove()), it.textContent)"
    )
    assert undirected(drafted) == undirected(as_read(with_line_ends("\r\n", draft)))
    for start in range(0, len(NAMES), TOGETHER):
        named = " ".join(PAYLOADS[name] for name in NAMES[start : start + TOGETHER])
        named = named.replace("/", "∕").replace("\\", "∖")
        small_site.page.goto(f"{small}/verify")
        small_site.page.get_by_label("Or a file").set_input_files(
            {"name": f"{named}.txt", "mimeType": "text/plain", "buffer": "He said: “no”".encode()}
        )
        small_site.page.get_by_role("button", name="Check", exact=True).click()
        expect(small_site.page.locator(".tally")).to_be_visible(timeout=60_000)
        small_site.look()
        sent = named.replace("\r", "%0D").replace("\n", "%0A")  # so browsers write names of files
        assert small_site.page.locator("h1").text_content() == as_read(f"{sent}.txt")


def test_the_sign_of_a_hebrew_quotation_in_an_english_line_does_not_turn_the_line_around(
    small_site: Witness, small: str
) -> None:
    small_site.open(f"{small}/verify")
    small_site.page.get_by_label("Your draft").fill("She wrote “המכס החדש ייכנס לתוקף ב־4 במרץ 2024.” and left.")
    small_site.page.get_by_role("button", name="Check", exact=True).click()
    edges = """(mark) => {
      const words = document.createRange();
      words.selectNodeContents(mark.firstChild);
      return [words.getBoundingClientRect().right, mark.querySelector(".to").getBoundingClientRect().left];
    }"""
    end_of_words, sign = small_site.page.locator(".drafted mark").evaluate(edges)
    assert sign >= end_of_words


def test_receipts_and_citations_are_files_that_no_browser_takes_for_a_page(
    site: Witness, address: str, small: str
) -> None:
    for question in joined(MAX_QUESTION):
        response = site.page.request.get(f"{small}/receipt?{urlencode({'q': question})}")
        assert response.json()["asked"]["question"] == question
        assert response.headers["content-type"].split(";")[0] == "application/json"
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-content-type-options"] == "nosniff"
    for number, name in list(enumerate(NAMES))[::SAMPLE]:
        made = statement_of(number, name)
        place = f"start=0&end={made.turns[0].end}"
        for form in ("csl-json", "ris", "bibtex", "apa", "markdown", "wikipedia", "claimreview", "capsule"):
            path = f"/api/v1/cite?statement_id={quote(made.id)}&{place}&format={form}"
            response = site.page.request.get(f"{address}{path}")
            assert response.ok
            assert "html" not in response.headers["content-type"]
            assert response.headers["x-content-type-options"] == "nosniff"


def test_a_report_that_is_opened_from_disk_runs_nothing(disk: Witness, collection: Generous, tmp_path: Path) -> None:
    draft = "\n\n".join(f"It says: “{GROUPS[n // 100]}: {PAYLOADS[name]}”" for n, name in enumerate(NAMES))
    check = QuoteCheck(collection).check
    whole, short = check(draft, "draft.txt"), check("“No.”", "draft.txt")
    report = tmp_path / "report.html"
    for start in range(0, len(NAMES), TOGETHER):
        named = "\n".join(PAYLOADS[name] for name in NAMES[start : start + TOGETHER])
        report.write_bytes(html_report(replace(short if start else whole, draft=named), date(2024, 5, 6)).encode())
        disk.open(report.as_uri())
        assert disk.page.locator("h1").text_content() == as_read(named)


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
    held = SmallCollection(tmp_path / "data")
    held.put(*(statement_of(number, name) for number, name in enumerate(NAMES[:4])))
    for start in range(0, len(NAMES), 5 * TOGETHER):
        words = [PAYLOADS[name] for name in NAMES[start : start + 5 * TOGETHER]]
        history = [Utterance(who, one) for one in words for who in ("user", "agent")]
        question = "\n".join(["copperfields", *words])
        made = bundle_of_question(held.opened(), question, history=history)
        disk.open(unpacked(made, tmp_path / "bundle"))
        capsules = [json.loads(content) for path, content in made.files.items() if path.startswith("capsules/")]
        assert capsules
    held.archive.close()


def with_line_ends(line_end: str, text: str) -> str:
    """What a browser makes of a field of several lines: CR LF when the form is sent, LF when a script reads it."""
    return re.sub("\r\n|\r|\n", line_end, text)


def undirected(text: str) -> str:
    """The text with its direction marks as they are: whether one is shown depends on where its text is cut."""
    return re.sub("‹U\\+(200E|200F|061C)›", lambda told: chr(int(told[1], 16)), text)


def as_read(*pieces: str) -> str:
    """What a page shows of texts: all characters, those that would be obeyed by their numbers."""
    return "".join(html.unescape(re.sub("<[^>]*>", "", shown(piece))) for piece in pieces)
