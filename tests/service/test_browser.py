"""The pages in real Chromium: with JavaScript and without, nothing loaded from elsewhere, nothing complained of."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect

from corpus.archive import Archive
from tests.service.web_fixtures import (
    BRIEFING,
    CORRECTED,
    DRAFT,
    LETTER,
    WordsCollection,
    briefing,
    fill,
    long_speech,
    served,
)

BRIDGE = "Why was the Kelm bridge closed?"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> WordsCollection:
    archive = Archive(tmp_path_factory.mktemp("browser") / "archive.db")
    fill(archive, [briefing(CORRECTED)])
    return WordsCollection(fill(archive))


@pytest.fixture(scope="module")
def address(collection: WordsCollection) -> Iterator[str]:
    with served(collection) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Open a path in a new context; at the end no page may have complained or asked another host for anything."""
    complaints: list[str] = []
    contexts = []

    def elsewhere(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(address).netloc:
            complaints.append(f"request to {request.url}")

    def complained(message: ConsoleMessage) -> None:
        if urlsplit(message.location["url"]).path != "/exchange":  # refusals there are tests' own doing
            complaints.append(message.text)

    def opened(
        path: str = "/",
        *,
        width: int = 1280,
        javascript: bool = True,
        scheme: Literal["light", "dark"] = "light",
    ) -> Page:
        viewport: ViewportSize = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, java_script_enabled=javascript, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", complained)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", elsewhere)
        page.goto(f"{address}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def check(page: Page, draft: str) -> None:
    """Paste a draft and have it checked."""
    page.get_by_label("Your draft").fill(draft)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator(".tally")).to_be_visible()


def stay(page: Page) -> None:
    """Leave a mark on the page that a page load would wipe away."""
    page.evaluate("window.stayed = true")


def test_the_whole_path_works_without_javascript(open_page: Open) -> None:
    page = open_page(javascript=False)
    ask(page, BRIDGE)
    ask(page, "And when?")
    expect(page.locator(".asked bdi")).to_have_text([BRIDGE, "And when?"])
    expect(page.locator(".understood bdi")).to_have_text(["And when? (Kelm bridge closed)"])
    expect(page.locator(".asked").last).to_be_in_viewport()
    expect(page.get_by_role("button", name="Copy quote")).to_have_count(0)
    page.locator(".exchange").last.get_by_role("link", name="See in context").last.click()
    expect(page.locator("#passage")).to_be_in_viewport()


def test_an_answer_arrives_without_a_page_load_and_can_be_shared(open_page: Open) -> None:
    page = open_page()
    stay(page)
    ask(page, BRIDGE)
    expect(page.locator("figure.quote")).to_have_count(2)
    assert page.evaluate("window.stayed") is True
    assert urlsplit(page.url).query == "q=Why+was+the+Kelm+bridge+closed%3F"
    expect(page).to_have_title(f"{BRIDGE} — OnRecord")
    shown = page.locator("main").inner_text()
    page.reload()
    assert page.locator("main").inner_text() == shown


def test_a_follow_up_keeps_the_conversation(open_page: Open) -> None:
    page = open_page()
    stay(page)
    ask(page, BRIDGE)
    expect(page.locator(".exchange")).to_have_count(1)
    ask(page, "And when?")
    expect(page.locator(".asked bdi")).to_have_text([BRIDGE, "And when?"])
    expect(page.locator(".understood bdi")).to_have_text(["And when? (Kelm bridge closed)"])
    assert page.evaluate("window.stayed") is True


def test_going_back_goes_back_one_question(open_page: Open) -> None:
    page = open_page()
    ask(page, BRIDGE)
    expect(page.locator(".exchange")).to_have_count(1)
    ask(page, "And when?")
    expect(page.locator(".exchange")).to_have_count(2)
    page.go_back()
    expect(page.locator(".asked bdi")).to_have_text([BRIDGE])


def test_the_answer_is_announced_and_focused(open_page: Open) -> None:
    page = open_page()
    ask(page, BRIDGE)
    expect(page.get_by_role("status")).to_have_text(
        re.compile("^2 passages, most relevant first; 8 passages searched, of 4 statements")
    )
    expect(page.locator("#question-1")).to_be_focused()


def test_enter_sends_the_question_and_shift_enter_does_not(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("Your question").fill("bridge")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_label("Your question")).to_have_value("bridge\n")
    page.keyboard.press("Enter")
    expect(page.locator(".asked bdi")).to_have_text(["bridge"])


def test_a_filter_holds_until_its_chip_is_taken_away(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("Kind of words").select_option("question")
    ask(page, BRIDGE)
    expect(page.locator("figure.quote.question")).to_have_count(1)
    expect(page.locator("figure.quote.answer")).to_have_count(0)
    page.get_by_role("link", name="Remove this filter").click()
    expect(page.locator("figure.quote.answer")).to_have_count(1)


def test_known_names_are_suggested(open_page: Open) -> None:
    page = open_page()
    assert page.locator("#speaker").evaluate("field => [...field.list.options].map(one => one.value)") == [
        '"><script>alert(2)</script>',
        "Harbour Master",
        "I. Brandt",
        "MS. ADLER",
    ]


def test_a_refusal_is_shown_in_place_and_the_question_stays(open_page: Open) -> None:
    page = open_page()
    stay(page)
    page.get_by_label("Since").fill("2021")
    page.get_by_label("Until").fill("2020")
    with page.expect_response("**/exchange**") as refused:
        ask(page, BRIDGE)
    assert refused.value.status == 422
    expect(page.get_by_role("alert")).to_contain_text("No day is both since 2021-01-01 and until 2020-12-31.")
    expect(page.get_by_label("Your question")).to_have_value(BRIDGE)
    assert page.evaluate("window.stayed") is True


def test_a_server_that_is_gone_is_said_in_place(open_page: Open) -> None:
    page = open_page()
    page.route("**/exchange**", lambda route: route.abort())
    ask(page, BRIDGE)
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("anchor", ["#passage", ""])
def test_a_link_to_the_source_marks_the_passage_and_brings_it_into_view(
    open_page: Open, *, javascript: bool, anchor: str
) -> None:
    end = len(long_speech().text)
    page = open_page(f"/statements/speech-orm?start={end - 35}&end={end}{anchor}", javascript=javascript)
    expect(page.locator("mark")).to_have_text("The lighthouse at Orm is lit again.")
    if javascript or anchor:
        expect(page.locator("#passage")).to_be_in_viewport()


def test_the_copy_button_takes_quote_and_citation(open_page: Open, address: str) -> None:
    page = open_page("/?q=ferry+tolls+ledger")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.get_by_role("button", name="Copy quote").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n").startswith(f"“{LETTER}”\n— I. Brandt (letter)".replace("\r\n", "\n"))


def test_the_copy_button_works_where_there_is_no_clipboard_api(open_page: Open, address: str) -> None:
    page = open_page("/?q=Kelm+bridge&role=answer")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    page.get_by_role("button", name="Copy quote").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.evaluate("delete navigator.clipboard")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"“{BRIEFING[100:217]}”\n— MS. ADLER (answer)")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_draft_is_checked_and_leads_to_the_marked_passage(open_page: Open, *, javascript: bool) -> None:
    page = open_page("/verify", javascript=javascript)
    check(page, DRAFT)
    expect(page.get_by_role("heading", name="4 quotations: 2 exact, 1 altered, 1 not found")).to_be_visible()
    page.get_by_role("link", name="Quotation 2, altered").click()
    altered = page.locator("#finding-2")
    expect(altered).to_be_in_viewport()
    expect(altered.locator("del")).to_have_text("three")
    expect(altered.locator("ins")).to_have_text("two")
    altered.get_by_role("link", name="See in context").click()
    expect(page.locator("#passage")).to_be_in_viewport()
    expect(page.locator("mark")).to_have_text("The province pays two thirds, the towns the rest")


def test_a_file_is_checked_as_a_pasted_draft_is(open_page: Open, tmp_path: Path) -> None:
    draft = tmp_path / "column.txt"
    draft.write_text(DRAFT, encoding="utf-8")
    page = open_page("/verify")
    page.get_by_label("Or a file").set_input_files(draft)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("h1")).to_have_text("column.txt")
    expect(page.locator(".drafted mark")).to_have_count(4)


def test_a_button_copies_a_bibtex_entry(open_page: Open, address: str) -> None:
    page = open_page("/verify")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    check(page, DRAFT)
    page.locator("#finding-1 .cite summary").click()
    page.get_by_role("button", name="Copy BibTeX").click()
    expect(page.get_by_role("status")).to_have_text("BibTeX copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    link = page.locator("#finding-1").get_by_role("link", name="BibTeX").get_attribute("href")
    assert copied.startswith("@")
    assert copied == page.request.get(f"{address}{link}").text()


def test_a_form_of_citation_is_copied_where_there_is_no_clipboard_api(open_page: Open, address: str) -> None:
    page = open_page("/statements/briefing-varn?start=100&end=217&version=2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    page.locator(".cite summary").click()
    page.get_by_role("button", name="Copy Wikipedia").click()
    expect(page.get_by_role("status")).to_have_text("Wikipedia copied")
    page.evaluate("delete navigator.clipboard")
    assert "{{" in page.evaluate("navigator.clipboard.readText()")


def test_a_form_that_cannot_be_fetched_is_said_not_to_be_copied(open_page: Open) -> None:
    page = open_page("/statements/briefing-varn?start=100&end=217&version=2")
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')) }")
    page.locator(".cite summary").click()
    page.get_by_role("button", name="Copy RIS").click()
    expect(page.get_by_role("status")).to_have_text("RIS could not be copied")


def test_the_permanent_address_is_copied_in_full(open_page: Open, address: str) -> None:
    page = open_page("/statements/briefing-varn?start=100&end=217&version=2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page.get_by_role("button", name="Copy address").click()
    expect(page.get_by_role("status")).to_have_text("Address copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f"{address}/statements/briefing-varn?start=100&end=217&text={briefing().text_sha256[:12]}#passage"
    )
    page.goto(copied)
    expect(page.locator("mark")).to_have_text(BRIEFING[100:217])


def test_an_original_is_kept_as_a_file_and_not_shown(open_page: Open) -> None:
    page = open_page("/statements/letters/1946/brandt")
    with page.expect_download() as received:
        page.get_by_role("link", name="As it was received").click()
    assert received.value.suggested_filename == "letters-1946-brandt.txt"
    assert Path(received.value.path()).read_bytes() == LETTER.encode()


def test_code_in_a_draft_never_runs(open_page: Open) -> None:
    page = open_page("/verify")
    check(page, "“<script>window.hacked = 1</script></textarea><img src=x onerror='window.hacked = 2'>”")
    expect(page.locator(".drafted mark")).to_have_count(1)
    assert page.evaluate("window.hacked") is None


def test_the_page_of_a_check_has_contrast_labels_and_no_sideways_scrolling(open_page: Open) -> None:
    page = open_page("/verify")
    check(page, DRAFT + "“" + "unbrokenwords" * 40 + "”")
    for each in page.locator("details").all():
        each.evaluate("one => one.open = true")
    page.wait_for_function("document.querySelectorAll('.cite .copy').length === 30")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert page.evaluate(CONTRASTS) == []
    for width in (1280, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    unlabelled = "all => all.filter(one => !one.labels.length).map(one => one.name)"
    assert page.locator("input, textarea").evaluate_all(unlabelled) == []
    ids = "all => all.map(one => one.id).filter((id, at, ids) => ids.indexOf(id) !== at)"
    assert page.locator("[id]").evaluate_all(ids) == []
    nameless = "all => all.filter(one => !one.textContent.trim()).map(one => one.outerHTML)"
    assert page.locator("a, button, summary, h1, h2, h3, h4").evaluate_all(nameless) == []


def test_text_reaches_the_page_character_for_character(open_page: Open) -> None:
    page = open_page("/statements/letters/1946/brandt?start=0&end=30")
    assert page.locator(".script .text").evaluate_all("all => all.map(one => one.textContent).join('')") == LETTER


def test_code_in_a_statement_never_runs(open_page: Open) -> None:
    page = open_page("/?q=tariffs+copper")
    page.get_by_role("link", name="See in context").click()
    expect(page.locator("#passage")).to_be_in_viewport()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/verify",
        "/?q=Kelm+bridge+copper+ferry&speaker=&role=&q=copra&speaker=adler&role=answer",
        "/statements",
        "/statements/briefing-varn?start=80&end=120",
        "/statements/briefing-varn?start=130&end=150&version=1",
        "/statements/hostile%3Fx=1%23%3Ci%3E?start=3&end=30",
    ],
)
def test_no_page_scrolls_sideways(open_page: Open, path: str) -> None:
    page = open_page(path)
    for width in (1280, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3)
    .map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [light, dark] = [channels(getComputedStyle(element).color), behind(element)]
      .map(luminance).sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/verify",
        "/?q=Kelm+bridge&speaker=adler",
        "/?q=copra",
        "/statements/briefing-varn?start=80&end=120",
        "/statements/briefing-varn?start=104&end=120",
        "/statements/briefing-varn?start=130&end=150&version=1",
    ],
)
def test_every_text_has_the_contrast_of_wcag_aa(open_page: Open, path: str) -> None:
    page = open_page(path)
    assert page.evaluate(CONTRASTS) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(CONTRASTS) == []


def test_dark_and_light_follow_the_system(open_page: Open) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    assert open_page(scheme="light").evaluate(background) == "rgb(251, 250, 246)"
    assert open_page(scheme="dark").evaluate(background) == "rgb(21, 23, 26)"


def test_every_field_has_a_label_and_the_skip_link_comes_first(open_page: Open) -> None:
    page = open_page()
    unlabelled = "all => all.filter(one => one.type !== 'hidden' && !one.labels.length).map(one => one.name)"
    assert page.locator("input, textarea, select").evaluate_all(unlabelled) == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_print_shows_the_quotes_and_leaves_out_the_form(open_page: Open) -> None:
    page = open_page("/?q=Kelm+bridge&role=answer")
    page.emulate_media(media="print")
    expect(page.locator("form")).to_be_hidden()
    expect(page.locator("blockquote")).to_have_text(BRIEFING[100:217])
    address = "getComputedStyle(document.querySelector('figcaption .title a'), '::after').content"
    assert f"&text={briefing().text_sha256[:12]}" in page.evaluate(address)
    expect(page.locator("figcaption .speaker")).to_have_text(briefing().speaker or "")


def test_print_has_the_full_citation_with_the_passage_and_no_navigation(open_page: Open) -> None:
    page = open_page("/statements/briefing-varn?start=100&end=217&version=2")
    expect(page.locator("blockquote.printed")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("blockquote.printed")).to_have_text(BRIEFING[100:217])
    for shown in (".cited .reference", ".cited .permanent"):
        expect(page.locator(shown)).to_be_visible()
    told = page.locator(".cited .record").inner_text()
    for said in (briefing().text_sha256, "https://works.example/briefing", "version 2 of 2", "#passage"):
        assert said in told
    for hidden in ("nav", ".cite", ".actions", ".versions", ".colophon"):
        for one in page.locator(hidden).all():
            expect(one).to_be_hidden()
    address = "getComputedStyle(document.querySelector('.byline a'), '::after').content"
    assert "https://works.example/briefing" in page.evaluate(address)
