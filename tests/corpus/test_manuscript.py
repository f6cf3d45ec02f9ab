import zipfile
from io import BytesIO
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.quotations import Stretch, quotations
from corpus.readers.manuscript import LEFT_OUT, Manuscript, read_manuscript
from tests.corpus.pdf_writer import pdf


def read(source: str | bytes, name: str = "draft.md") -> Manuscript:
    return read_manuscript(source.encode() if isinstance(source, str) else source, name)


def seen(source: str, name: str = "draft.md") -> str:
    """What a person reads, white space folded."""
    return " ".join(read(source, name).text.replace(LEFT_OUT, "").split())


def blocks(draft: Manuscript) -> list[str]:
    return [draft.text[block.start : block.end].replace(LEFT_OUT, "") for block in draft.blocks]


def quoted(draft: Manuscript) -> list[list[str]]:
    return [
        [draft.text[part.start : part.end].replace(LEFT_OUT, "") for part in one.stretches]
        for one in quotations(draft.text, draft.blocks)
    ]


def saved(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def test_plain_text_is_as_it_is_with_its_own_line_ends() -> None:
    source = "She *said*:\r\n  “We stay.”\r\n\r\n<b>No.</b>\t\r\n"
    assert read(source, "draft.txt") == Manuscript(source, ())


def test_a_byte_order_mark_is_not_counted() -> None:
    assert read(b"\xef\xbb\xbfWe stay.", "draft.txt").text == "We stay."
    assert read("“We stay.”".encode("cp1252"), "draft.txt").text == "“We stay.”"


def test_lines_quoted_as_in_mail_are_block_quotations_without_their_marks() -> None:
    source = "She wrote:\r\n> We stay\r\n> and fight.\r\n>\r\n>> Why?\r\n\r\n>From here. > No.\r\n> Yes.\r\n"
    draft = read(source, "draft.txt")
    assert len(draft.text) == len(source)
    assert draft.text.replace(LEFT_OUT, ">") == source
    assert blocks(draft) == ["We stay\r\n and fight.", "Why?", "Yes."]
    assert draft.blocks[0] == Stretch(14, 35)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# We **stay**", "We stay"),
        ("We *stay*, __all__ of ~us~.", "We stay, all of ~us~."),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ('We \\*stay\\* \\"here\\" &amp; &ldquo;there&rdquo;&#33;', 'We *stay* "here" & “there”!'),
        ('[We *stay*](https://a.example/b_(c) "the \\"title\\"").', "We stay."),
        ('[We stay][1] or [go].\n\n[1]: https://a.example "t"\n[go]: <https://b.example>', "We stay or go."),
        ("We ![a \"sign\"](sign.png 'x') stay.", "We stay."),
        ('We `stay("here")` now.', "We stay(here) now."),
        ("We ``st`ay`` now.", "We st`ay now."),
        ('We <span title="a \'b\'">stay</span><!-- "no" --> here.<br>Now', "We stay here. Now"),
        ("We <q>stay</q>.", "We “stay”."),
        ('We stay.[^1]\n\n[^1]: A "note" here.', 'We stay. A "note" here.'),
        ("Stay\n====\n\n---\n\n1. One\n2) Two\n\n* Three", "Stay One Two Three"),
        ("```\nprint(\"we\")\n```\n\n~~~\n'no'\n~~~\nWe stay.", "We stay."),
        ('| A | B |\n|---|--:|\n| *we* | "stay" |', 'A B we "stay"'),
        ('---\ntitle: "No"\n---\nWe stay.', "We stay."),
        ("---\n\nWe stay.\n\n---\n\nWe go.", "We stay. We go."),
        ("    We “indent”.", "We “indent”."),
        ("<div>\nWe &ldquo;stay&rdquo;<script>'no'</script>\n</div>", "We “stay”"),
        ('See <https://a.example/"b">.', "See https://a.example/b."),
        ("We stay  \nand\\\nfight.", "We stay and fight."),
    ],
)
def test_markdown_shows_the_words_and_not_the_marks(source: str, shown: str) -> None:
    assert seen(source) == shown
    assert len(read(source).text) == len(source)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_words_of_markdown_stand_where_they_stand_in_the_file(end: str) -> None:
    source = end.join(
        ["# On **wool**", "", "> She said “it’s *warm*", "> and [dear](https://a.example)”.", "", "- Ada: “No,”", ""]
    )
    draft = read(source)
    assert len(draft.text) == len(source)
    for word in ("wool", "“it’s", "warm", "dear", "”.", "“No,”"):
        assert draft.text.index(word) == source.index(word)
    assert quoted(draft) == [
        [f"She said “it’s warm{end}and dear”."],
        [f"it’s warm{end}and dear"],
        ["No,"],
    ]


def test_emphasis_around_or_within_marks_is_no_part_of_the_quotation() -> None:
    source = '**"We *stay*,"** she said, _"and **fight**."_'
    draft = read(source)
    assert quoted(draft) == [["We stay,", "and fight."]]
    (one,) = quotations(draft.text, draft.blocks)
    assert one.stretches == (Stretch(3, 13), Stretch(29, 43))
    assert source[3:13] == "We *stay*,"


def test_block_quotations_of_markdown_stand_one_in_another() -> None:
    draft = read("Ada:\n\n> We stay.\n>\n> > Why?\n>\n> So.\n\nThe end.\n\n<blockquote>\nNo.\n</blockquote>\n")
    assert [" ".join(block.split()) for block in blocks(draft)] == ["We stay. Why? So.", "Why?", "No."]


def test_a_quotation_over_paragraphs_of_a_block_is_one() -> None:
    assert quoted(read("> “We stay.\n>\n> “We *fight*.”\n> — Ada Brand\n")) == [["We stay.", "We fight."]]


def test_links_are_kept_with_the_place_of_their_words() -> None:
    source = '- [We *stay*](https://a.example/b "t"), <https://c.example>, https://d.example/e. [x][1]\n\n[1]: /f\n'
    assert read(source).links == (
        (source.index("We"), "https://a.example/b"),
        (source.index("https://c"), "https://c.example"),
        (source.index("https://d"), "https://d.example/e"),
        (source.index("x]"), "/f"),
    )


def test_a_web_page_shows_its_blocks_its_quotations_and_its_links() -> None:
    draft = read(
        "<html><body><nav><a href='/'>Home</a></nav><script>'x'</script><p hidden>“No”</p>"
        "<p>She said <q>we <q>stay</q> here</q> and <a href=' https://a.example '> le<b>ft</b></a>.</p>"
        "<blockquote><p>We stay.</p><p>We fight.</p><footer>Ada Brand</footer></blockquote>"
        "<blockquote>So <cite>The Loom</cite> says.<br><cite>Ada</cite></blockquote><p>End.</body></html>",
        "draft.html",
    )
    assert draft.text == (
        "Home\n\nShe said “we ‘stay’ here” and left.\n\nWe stay.\n\nWe fight.\n\nAda Brand\n\n"
        "So The Loom says.\nAda\n\nEnd."
    )
    assert blocks(draft) == ["We stay.\n\nWe fight.", "So The Loom says."]
    assert draft.links == ((0, "/"), (draft.text.index("left"), "https://a.example"))
    assert quoted(draft)[:2] == [["we ‘stay’ here"], ["stay"]]


def test_paragraphs_in_a_style_for_quotations_are_block_quotations() -> None:
    document = docx.Document()
    for text, style in (
        ("She wrote:", "Normal"),
        ("We stay.", "Quote"),
        ("We fight.", "Intense Quote"),
        ("So “it” went.", "Normal"),
        ("No.", "Quote"),
        ("An item", "List Bullet"),
        ("Another", "List Bullet"),
    ):
        document.add_paragraph(text, style=style)
    draft = read(saved(document), "draft.docx")
    assert draft.text == "She wrote:\n\nWe stay.\n\nWe fight.\n\nSo “it” went.\n\nNo.\n\n- An item\n- Another"
    assert blocks(draft) == ["We stay.\n\nWe fight.", "No."]


def test_a_pdf_gives_its_text() -> None:
    draft = read(
        pdf([(72, 700, "WOOL"), (72, 686, "She said “we stay” to all the weavers of the old town, and left.")]), "-"
    )
    assert quoted(draft) == [["we stay"]]


@pytest.mark.parametrize("name", ["-", "draft", "draft.rtfx", "draft.txt"])
def test_a_name_that_tells_nothing_leaves_it_to_what_the_draft_holds(name: str) -> None:
    document = docx.Document()
    document.add_paragraph("We stay.")
    assert read(saved(document), name).text == "We stay."
    assert read("<!doctype html><p>We <b>stay</b>.", name).text == "We stay."
    assert read("We *stay*.", name).text == "We *stay*."


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("wool.txt", "wool")
    return file.getvalue()


@pytest.mark.parametrize(
    ("original", "name", "cause"),
    [
        (b" \n", "draft.md", "This draft is empty."),
        (b'{"text": "We stay."}\n', "draft.jsonl", "This holds records, not a draft."),
        (b'{"text": "We stay."}\n', "-", "This holds records, not a draft."),
        (b"\x89PNG\r\n\x1a\n", "-", "This is a PNG image, not text."),
        (b"We stay.", "draft.docx", "This is not a DOCX, whatever its name says."),
        (zipped(), "-", "This is a ZIP archive or an Office file other than DOCX."),
        (b"<html><body><script>1</script></body></html>", "-", "This web page shows no text."),
        (saved(docx.Document()), "-", "This Word document holds no text."),
    ],
)
def test_what_is_no_draft_is_refused_with_its_cause(original: bytes, name: str, cause: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(original, name)
    assert refused.value.cause == cause
    assert refused.value.cure


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("We ~~will not~~ stay.", "We stay."),
        ("We stay<del> and fight </del>now~~or so~~here.", "We stay now here."),
        ("We stay<s> here</s>. Our colo~~u~~r.", "We stay. Our color."),
        ("We <del>will **not**</del> stay, <S>or</S> <strike>`go`</strike><ins>fight</ins>.", "We stay, fight."),
        ("A <del>b <s>c</del> d</s> e.", "A e."),
        ("<del>\n\nWe “stay”.\n\n</del>\n\nNo.", "No."),
        ("<div>We <del>will</del> stay</div>", "We stay"),
        ("We <del>go.\n\nWe stay.</s>", "We We stay."),
        ("`<del>` We stay. </del>", "<del> We stay."),
        ("2 \\~~3~~ ~4~", "2 ~~3~~ ~4~"),
    ],
)
def test_what_is_struck_through_in_markdown_is_no_word_of_the_draft(source: str, shown: str) -> None:
    assert seen(source) == shown
    assert len(read(source).text) == len(source)


def test_what_is_struck_through_holds_no_quotation_and_no_link() -> None:
    source = "Ada: ~~“We [go](https://a.example).”~~ “We ~~will~~ stay.”\n\n> ~~No.~~\n"
    draft = read(source)
    assert quoted(draft) == [["We  stay."]]
    assert (draft.blocks, draft.links) == ((), ())
    assert draft.text.index("stay") == source.index("stay")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("10<sup>6</sup> and 10<sup>-12</sup> tons", "10⁶ and 10⁻¹² tons"),
        ("the 6<sup>th</sup> of May<SUP>**2**</SUP>", "the 6th of May²"),
        ("<p>10<sup>6</sup></p>", "10⁶"),
        ("10<sup>6 \n\n8", "10⁶ 8"),
    ],
)
def test_figures_set_as_superscript_in_markdown_stay_so(source: str, shown: str) -> None:
    assert seen(source) == shown
    assert len(read(source).text) == len(source)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("We <del>will not</del> stay <s>or <b>go</b></s><strike>.</strike> here.", "We stay here."),
        ("We stay<del> and fight </del>now<s> or</s>. Our colo<del>u</del>r.", "We stay now. Our color."),
        ("We <span style='color: red; text-decoration:line-through'>go</span>stay, <u>now</u>.", "We stay, now."),
        ("We <s>a <del>b</del> c</s> stay.<del>“No.”</del>", "We stay."),
        ("We<del><div>go</div></del>stay.", "We stay."),
    ],
)
def test_what_is_struck_through_on_a_web_page_is_no_word_of_the_draft(source: str, shown: str) -> None:
    assert read(f"<html><body>{source}</body></html>", "draft.html").text == shown


def test_what_is_struck_through_in_a_word_document_is_no_word_of_the_draft() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("We stay")
    paragraph.add_run(" and fight").font.strike = True
    paragraph.add_run(" or go ").font.double_strike = True
    paragraph.add_run("now").font.strike = False
    paragraph.add_run(" here").font.double_strike = True
    paragraph.add_run(".")
    document.add_paragraph().add_run("“No.”").font.strike = True
    assert read(saved(document), "draft.docx").text == "We stay now."


def test_figures_set_as_superscript_in_a_word_document_stay_so() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run(" tons of CO")
    paragraph.add_run("2").font.subscript = True
    paragraph.add_run(" on the 6")
    paragraph.add_run("th").font.superscript = True
    assert read(saved(document), "draft.docx").text == "10⁶ tons of CO2 on the 6th"


MARKDOWN = [
    *"*_`[]()<>!#>-\"'“”|\\&\n",
    "\r\n",
    "\n\n",
    "```\n",
    "> ",
    "- ",
    "    ",
    " ",
    "word",
    "a",
    "&quot;",
    "<q>",
    "</q>",
]
MARKDOWN += [
    "<blockquote>",
    "</blockquote>",
    "<!--",
    "-->",
    "](u)",
    "[^1]",
    "https://a.example",
    "| a | b |\n|-|-|\n",
    "~~",
    "<del>",
    "</del>",
    "<sup>6</sup>",
    "---\n",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(MARKDOWN), max_size=30).map("".join))
def test_any_markdown_keeps_its_length_its_lines_and_its_offsets(source: str) -> None:
    if not source.strip():
        return
    draft = read(source)
    assert len(draft.text) == len(source)
    for shown, written in zip(draft.text, source, strict=True):
        assert shown == written or shown in f' {LEFT_OUT}“”"⁶' or written == "&"
        assert (shown in "\r\n") == (written in "\r\n")
    assert all(0 <= block.start < block.end <= len(source) for block in draft.blocks)
    assert all(0 <= at <= len(source) for at, _address in draft.links)
    quotations(draft.text, draft.blocks)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["wool", "*is*", "**warm**", "[dear](u)", "5", "it’s", "`so`"]), min_size=1, max_size=9)
)
def test_the_words_of_a_quotation_in_markdown_come_back_without_its_marks(words: list[str]) -> None:
    plain = " ".join(word.strip("*`").replace("[dear](u)", "dear") for word in words)
    assert quoted(read(f"Ada said “{' '.join(words)}” and left.")) == [[plain]]
