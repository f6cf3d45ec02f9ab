"""Deep links opened in real Chromium: just the quoted words are marked."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.deep_links import Source, address_of, bare, marked_at, measured, serving, source_of
from corpus.errors import OnRecordError
from corpus.readers import read
from service.deep_links import deep_link, page_of

FILLER = "The committee looked at the price of every ore that is sold at Orm, and at what it was a year before. "
CLOSING = "That is all that there is to say of it today, and I thank you for coming here to listen."


def marked(browser: Browser, original: bytes, quote: str, *, nth: int = 0, name: str = "speech.html") -> str | None:
    """What Chromium marks for the nth time that the statement in a file says `quote`; `None` where there is no link."""
    found = next(iter(read(original, name)))
    assert not isinstance(found, OnRecordError)
    text = found.draft.text
    start = [match.start() for match in re.finditer(re.escape(quote), text)][nth]
    page = page_of(original, found.media_type)
    assert page is not None
    link = deep_link(address_of(name), page, text, start, start + len(quote))
    if link is None:
        return None
    with serving(browser, {name: Source(name, original, found.media_type, text, ())}) as context:
        return marked_at(context, link)


def speech(body: str) -> bytes:
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>On ore</title></head><body>"
        "<nav><ul><li><a href=/>Home</a><li><a href=/ore>Zinc is up.</a></ul></nav>"
        f"<main><h1>On ore</h1>{body}<p>{CLOSING}</p></main><footer>© Varn</footer></body></html>"
    ).encode()


QUOTES = {
    "one sentence": (f"<p>{FILLER}Lead is up by two. {FILLER}</p>", "Lead is up by two."),
    "one with marks that mean something in an address": (
        f"<p>{FILLER}It’s 5% of R&amp;D, well-known—and “up”, isn’t it? #1 / a+b=c; ok.</p>",
        "It’s 5% of R&D, well-known—and “up”, isn’t it? #1 / a+b=c; ok.",
    ),
    "one with accents": (f"<p>{FILLER}Œuvre à Ünlü, naïve ça: Łódź.</p>", "Œuvre à Ünlü, naïve ça: Łódź."),
    "one in Chinese": (
        "<p>锌价上涨了。铝价下跌了，铅价不变。谢谢大家今天来到这里听我讲话。</p>",
        "铝价下跌了，铅价不变。",
    ),
    "part of a Chinese word": ("<p>锌价上涨了。铝价下跌了，铅价不变。谢谢大家今天来到这里听我讲话。</p>", "跌了，铅"),
    "one in Greek capitals": (f"<p>{FILLER}Η ΤΙΜΉ ΑΝΈΒΗΚΕ. η τιμή ανέβηκε ξανά.</p>", "η τιμή ανέβηκε ξανά."),
    "part of a word": (f"<p>{FILLER}Unzincified.</p>", "zinc"),
    "more than fits an address": (
        f"<p>{FILLER * 2}Then {FILLER * 4}End of it. {FILLER}</p>",
        f"Then {FILLER * 4}End of it.",
    ),
    "two paragraphs": (
        f"<p>{FILLER}<p>Lead is up by two. {FILLER}<p>Tin is down.<p>{FILLER}",
        f"Lead is up by two. {FILLER.strip()}\n\nTin is down.",
    ),
    "a heading and a list": (
        f"<p>{FILLER}</p><h2>What we saw</h2><ul><li>Lead is up.<li>Tin is <em>down</em>.</ul><p>{FILLER}</p>",
        "What we saw\n\nLead is up.\nTin is down.",
    ),
    "words in several elements": (
        f"<p>{FILLER}Lead <b>i</b>s <a href=#a>up <i>by</i></a>\n   two.</p>",
        "Lead is up by two.",
    ),
    "lines parted by breaks": (f"<p>{FILLER}<br>Lead is up<br>by two.<br>{FILLER}</p>", "Lead is up\nby two."),
    "words on both sides of a picture": (
        f"<p>{FILLER}Lead is up <img src=a.png alt=''> by two.</p>",
        "Lead is up by two.",
    ),
    "words around something hidden": (f"<p>{FILLER}Lead is <i hidden>not</i> up.</p>", "Lead is up."),
    "paragraphs around something that is no part of the speech": (
        f"<p>{FILLER}Lead is up.</p><p><a href=#top>Back to top</a></p><p>Tin is down. {FILLER}</p>",
        "Lead is up.\n\nTin is down.",
    ),
    "a soft hyphen": (f"<p>{FILLER}Alu&shy;minium is up.</p>", "Aluminium is up."),
    "a footnote mark": (f"<p>{FILLER}Lead is up.<sup>12</sup> Tin is not.</p>", "Lead is up.¹²"),
    "spaces that do not break": (
        f"<p>{FILLER}Lead is up.&nbsp; Tin&nbsp;is not.</p>",
        "Lead is up.\u00a0 Tin\u00a0is not.",
    ),
    "letters with accents set apart": (f"<p>{FILLER}Un cafe\u0301 ouvert.</p>", "Un cafe\u0301"),
    "preserved spaces": (f"<p>{FILLER}<pre>Lead   is up\n  by  two.</pre>", "Lead is up\nby two."),
}


@pytest.mark.parametrize(("body", "quote"), QUOTES.values(), ids=QUOTES)
def test_just_the_quote_is_marked(browser: Browser, body: str, quote: str) -> None:
    assert bare(marked(browser, speech(body), quote) or "") == bare(quote)


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_of_a_sentence_that_repeats_the_one_meant_is_marked(browser: Browser, nth: int) -> None:
    ends = ["at first", "and then", "at last"]
    body = "".join(f"<p>Lead is up. It is up {end}. {FILLER}</p>" for end in ends)
    words = ["Lead is up. It is up at first.", "Lead is up. It is up and then.", "Lead is up. It is up at last."]
    assert bare(marked(browser, speech(body), words[nth]) or "") == bare(words[nth])


def test_a_line_said_twice_is_marked_where_it_is_quoted(browser: Browser) -> None:
    """The lines are given other forms, that only the marks themselves may tell them apart."""
    body = f"<p>{FILLER}</p><p>LEAD IS UP.</p><p>{FILLER}</p><p>Tin is down.</p><p>lead is up.</p><p>{FILLER}</p>"
    assert marked(browser, speech(body), "LEAD IS UP.") == "LEADISUP."
    assert marked(browser, speech(body), "lead is up.") == "leadisup."


def test_what_the_menu_says_too_is_marked_in_the_speech(browser: Browser) -> None:
    assert marked(browser, speech(f"<p>Good morning. ZINC IS UP.</p><p>{FILLER}</p>"), "ZINC IS UP.") == "ZINCISUP."


def test_lines_of_a_plain_text_are_marked(browser: Browser) -> None:
    original = f"On ore\n\n{FILLER}\n\nLead  is up — by\r\ntwo, as\r\n  planned. {FILLER}\n\n{CLOSING}\n".encode()
    quote = "Lead  is up — by\ntwo, as\n  planned."
    assert bare(marked(browser, original, quote, name="speech.txt") or "") == bare(quote)


def test_marks_are_told_from_what_is_not_marked(browser: Browser) -> None:
    """A link that is wrong is seen to be wrong."""
    original = speech(f"<p>{FILLER}Lead is up.</p>")
    pages = {"speech.html": Source("speech.html", original, "text/html", "", ())}
    with serving(browser, pages) as context:
        assert marked_at(context, address_of("speech.html")) == ""
        assert marked_at(context, address_of("speech.html#:~:text=Lead%20was")) == ""
        assert marked_at(context, address_of("speech.html#:~:text=Lead&text=looked")) == "lookedLead"


def test_the_benchmark_counts_what_is_marked(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "speech.html"
    page.write_bytes(speech(f"<p>Lead is up. {FILLER}</p><p>Tin is down.</p>"))
    source = source_of(page, sentences=True)
    assert source is not None
    tally = measured([source], 3, browser)
    assert (tally.quotes, tally.given, tally.exact, tally.nothing, tally.other) == (3, 3, 3, 0, 0)
