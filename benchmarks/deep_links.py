"""`python -m benchmarks.deep_links FOLDER`: whether deep links mark just the quote when real Chromium opens them."""

import argparse
import base64
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from corpus.chunking import cut
from corpus.errors import OnRecordError
from corpus.readers import read, statement_from
from corpus.readers.encoding import decode
from corpus.sentences import sentence_spans
from service.deep_links import PageText, deep_link, page_of

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LIMIT = 128
"""Words in a passage, at most."""
_SITE = "http://pages.example/"
_SEED = 7
_SUFFIXES = (".htm", ".html", ".xhtml", ".txt", ".md")
_STYLE = """
* { background: none !important; color: transparent !important; border-color: transparent !important }
::target-text { background-color: rgb(255, 0, 255) !important; color: transparent !important }
"""
"""Only marks are seen, which leaves little to make a picture of."""
_SCROLLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_MARKED = """async (screenshot) => {
  const image = await createImageBitmap(await (await fetch(screenshot)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
  const isMarkedAt = (x, y) => {
    const at = 4 * (y * image.width + x);
    return pixels[at] > 240 && pixels[at + 1] < 15 && pixels[at + 2] > 240;
  };
  const isSeen = (box) => box.width && box.bottom > 0 && box.top < image.height;
  const middle = (box) => Math.min(image.height - 1, Math.max(0, Math.floor((box.top + box.bottom) / 2)));
  const isMarked = (box) => isSeen(box) && isMarkedAt(Math.floor(box.left + box.width / 2), middle(box));
  const isPartlyMarked = (box) => {
    for (let x = Math.max(0, Math.floor(box.left)); isSeen(box) && x < Math.min(box.right, image.width); x += 1) {
      if (isMarkedAt(x, middle(box))) return true;
    }
    return false;
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let marked = "";
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    range.selectNodeContents(node);
    if (![...range.getClientRects()].some(isPartlyMarked)) continue;
    let at = 0;
    for (const character of node.data) {
      range.setStart(node, at);
      range.setEnd(node, at += character.length);
      if (character.trim() && [...range.getClientRects()].some(isMarked)) marked += character;
    }
  }
  return marked;
}"""

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Source:
    """A page with the statement that was read from it, and the places in it that may be quoted."""

    name: str
    original: bytes
    media_type: str
    text: str
    quotes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A link that did not mark the quote, and what it marked instead."""

    name: str
    link: str
    quote: str
    marked: str


@dataclass(slots=True)
class Tally:
    """What became of the links."""

    quotes: int = 0
    given: int = 0
    exact: int = 0
    nothing: int = 0
    other: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Page and quote of each for which no link was given."""
    misses: list[Miss] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    link_ms: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw quotes, open the links to them, and print the table; 1 when a link marks other text than its quote."""
    given = _parser().parse_args(arguments)
    sources = [source for path in _files(given.folder) if (source := source_of(path, sentences=given.sentences))]
    with chromium() as browser:
        tally = measured(sources, given.sample, browser)
    sys.stdout.write("\n".join(_lines(tally)) + "\n")
    for miss in tally.misses[: given.show]:
        sys.stdout.write(f"\n{miss.name}: {miss.link}\n< {miss.quote}\n> {miss.marked}\n")
    for name, quote in tally.refused[: given.show]:
        sys.stdout.write(f"\n{name}: no link\n< {quote}\n")
    return int(tally.other > 0)


def measured(sources: Sequence[Source], sample: int, browser: Browser) -> Tally:
    """Links to so many quotes, drawn from all quotes of all pages, each opened in Chromium."""
    tally = Tally()
    drawn = _drawn(sources, sample)
    with serving(browser, {source.name: source for source in sources}) as context:
        for number, source in enumerate(sources):
            if number in drawn:
                _measure(source, drawn[number], context, tally)
    return tally


def source_of(path: Path, *, sentences: bool = False) -> Source | None:
    """The page in a file, read as it would be ingested; its quotes are its passages, or their sentences."""
    try:
        found = next(iter(read(path.read_bytes(), path.name)))
        if isinstance(found, OnRecordError):
            return None
        statement = statement_from(found, path.name)
    except OnRecordError:
        return None
    quotes = [
        (one.start, one.end) for one in cut(statement, lambda parts: [len(part.split()) for part in parts], LIMIT)
    ]
    if sentences:
        quotes = [span for start, end in quotes for span in sentence_spans(statement.text, start, end, None)]
    return Source(path.name, found.original, found.media_type, statement.text, tuple(quotes))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, started for measuring and ended afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def serving(browser: Browser, pages: Mapping[str, Source]) -> Iterator[BrowserContext]:
    """A window in which each page is at `address_of(name)`, and nothing else in the world is."""

    def answer(route: Route) -> None:
        source = pages.get(route.request.url.removeprefix(_SITE))
        if source is None:
            route.abort()
        else:
            route.fulfill(body=source.original, content_type=f"{source.media_type}{_charset(source.original)}")

    context = browser.new_context(viewport={"width": 1280, "height": 3000})
    context.route("**/*", answer)
    yield context
    context.close()


def address_of(name: str) -> str:
    """The address of a page that is served."""
    return _SITE + name


def marked_at(context: BrowserContext, link: str) -> str:
    """The characters that Chromium marks on the page when it opens the link, in their order, without white space."""
    page = context.new_page()
    try:
        page.goto(link)
        page.add_style_tag(content=_STYLE)
        return _marked(page)
    finally:
        page.close()


def bare(text: str) -> str:
    """What is compared: the characters without white space and soft hyphens, superscripts as plain digits."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(one for one in plain if not one.isspace() and unicodedata.category(one) != "Cf")


def _charset(original: bytes) -> str:
    """What a server says of a page that does not say its encoding itself; left alone, Chromium guesses."""
    text = decode(original) if b"charset" not in original[:4096].lower() else ""
    named = (name for name in ("utf-8", "windows-1252") if text.encode(name, "replace") == original)
    return next((f"; charset={name}" for name in named), "")


def _marked(page: Page) -> str:
    page.evaluate(_SCROLLED)
    screenshot = base64.b64encode(page.screenshot()).decode()
    return str(page.evaluate(_MARKED, f"data:image/png;base64,{screenshot}"))


def _measure(source: Source, quotes: Sequence[tuple[int, int]], context: BrowserContext, tally: Tally) -> None:
    page = _timed(tally.page_ms, lambda: page_of(source.original, source.media_type))
    for start, end in quotes:
        quote = source.text[start:end]
        tally.quotes += 1
        link = _timed(tally.link_ms, partial(_link, source, page, start, end))
        if not link:
            tally.refused.append((source.name, quote))
            continue
        tally.given += 1
        marked = marked_at(context, link)
        if bare(marked) == bare(quote):
            tally.exact += 1
            continue
        tally.misses.append(Miss(source.name, link, quote, marked))
        if marked:
            tally.other += 1
        else:
            tally.nothing += 1


def _link(source: Source, page: PageText | None, start: int, end: int) -> str | None:
    return deep_link(address_of(source.name), page, source.text, start, end) if page else None


def _timed(times: list[float], call: Callable[[], One]) -> One:
    started = perf_counter()
    result = call()
    times.append((perf_counter() - started) * 1e3)
    return result


def _drawn(sources: Sequence[Source], sample: int) -> dict[int, list[tuple[int, int]]]:
    every = [(number, quote) for number, source in enumerate(sources) for quote in source.quotes]
    drawn: dict[int, list[tuple[int, int]]] = {}
    for place in sorted(np.random.default_rng(_SEED).permutation(len(every))[:sample]):
        number, quote = every[place]
        drawn.setdefault(number, []).append(quote)
    return drawn


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _lines(tally: Tally) -> Iterator[str]:
    yield f"quotes               {tally.quotes:6,}"
    yield f"links given          {tally.given:6,}  {tally.given / max(1, tally.quotes):.4f}"
    for name, count in (("just the quote", tally.exact), ("nothing", tally.nothing), ("other text", tally.other)):
        yield f"  mark {name:15}{count:6,}  {count / max(1, tally.given):.4f}"
    for name, times in (("page", tally.page_ms), ("link", tally.link_ms)):
        middle, high = np.percentile(times or [0], (50, 99))
        yield f"{middle:.2f} ms to make a {name}, {high:.2f} ms at most for 99 in 100"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deep_links", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="web pages and plain texts, also in folders below")
    parser.add_argument("--sample", type=int, default=200, help="quotes drawn from all pages")
    parser.add_argument("--sentences", action="store_true", help="quote sentences, not passages")
    parser.add_argument("--show", type=int, default=0, help="print so many of the misses, and of quotes without link")
    return parser


if __name__ == "__main__":
    sys.exit(main())
