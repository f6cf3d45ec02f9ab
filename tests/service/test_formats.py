"""Each format says whose words they are, where they stand and when, and is read back as it was written."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import mwparserfromhell
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pybtex.database import parse_string
from pybtex.richtext import Text

from corpus.statement import Role
from service.formats import FORMATS, UnknownFormat, formatted
from service.formats.csl import one_line
from tests.service.citations import KEY, KINDS, PRINTED, a_cited, with_less

TROUBLE = "50 % of {R&D} | a=b, $5 #1 _x_ ^y^ ~z~ \\section \"so\" 'so' <b> [[c]] ''d'' “e” {{f}} *g* `h` -- i"
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\u202a\u202b\u202c\u202d\u202e"),
    min_size=1,
    max_size=40,
)


def test_the_formats_are_these() -> None:
    names = ["csl-json", "ris", "bibtex", "apa", "chicago", "mla", "markdown", "wikipedia", "claimreview"]
    assert list(FORMATS) == names


def test_another_name_is_an_error_that_lists_them() -> None:
    with pytest.raises(UnknownFormat, match=r"no citation format 'bluebook'. Use one of csl-json, ris, .*claimreview"):
        formatted(a_cited(), "bluebook")


def test_asking_which_formats_there_are_loads_none_of_their_libraries() -> None:
    heavy = "{'citeproc', 'rispy', 'bibtexparser', 'lxml', 'service.citing'}"
    code = f"import sys, service.formats; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


STYLES = ("apa", "chicago", "mla")
AMISS = re.compile(r"\bNone\b|\(\)|\[\]|“”|(?<![.])\.\.(?![.])|,,|[,;:]\.|, *$|^[,. ]|\n$")


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in STYLES])
def test_nothing_is_printed_for_what_is_missing(name: str) -> None:
    for less, role in zip(with_less(), cycle((Role.ANSWER, Role.QUESTION, Role.INTRODUCTION)), strict=False):
        assert AMISS.search(formatted(a_cited(**({"role": role} | less)), name)) is None


@pytest.mark.parametrize("name", STYLES)
def test_a_style_prints_all_that_is_known_and_nothing_for_what_is_missing(name: str) -> None:
    signs = ("on the harbour", "ministry", "brand", "6 may" if name == "mla" else "may 6", "https", "speech")
    for less in with_less(PRINTED):
        line = formatted(a_cited(**less), name)
        assert AMISS.search(line) is None
        found = [field for field, sign in zip(PRINTED, signs, strict=True) if sign in line.lower()]
        assert found == [field for field in PRINTED if field not in less]


@pytest.mark.parametrize("name", FORMATS)
def test_a_question_is_never_given_as_the_answerers(name: str) -> None:
    found = formatted(a_cited(role=Role.QUESTION, speaker=None, kind="press briefing"), name)
    assert "uestion" in found
    assert not re.search("author =|AU  -|author=", found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_styles_name_the_kind_and_the_day(kind: str) -> None:
    genre = kind[0].upper() + kind[1:]
    cited = a_cited(kind=kind)
    assert formatted(cited, "apa") == (
        f"Minister Ada Brand. (2024, May 6). On the harbour [{genre}]. Ministry of Harbours, Kelm. "
        "https://harbours.kelm.example/remarks/1"
    )
    assert formatted(cited, "chicago") == (
        f"Minister Ada Brand. “On the Harbour.” {genre}. Ministry of Harbours, Kelm, May 6, 2024. "
        "https://harbours.kelm.example/remarks/1."
    )
    assert formatted(cited, "mla") == (
        f"Minister Ada Brand. “On the Harbour.” {genre}. Ministry of Harbours, Kelm, 6 May 2024, "
        "https://harbours.kelm.example/remarks/1."
    )


@pytest.mark.parametrize(
    ("less", "apa", "chicago", "mla"),
    [
        (
            {"speaker": "Anna M. Varn", "published": "2024-05", "url": None},
            "Varn, A. M. (2024, May). On the harbour [Speech]. Ministry of Harbours, Kelm.",
            "Varn, Anna M. “On the Harbour.” Speech. Ministry of Harbours, Kelm, May 2024.",
            "Varn, Anna M. “On the Harbour.” Speech. Ministry of Harbours, Kelm, May 2024.",
        ),
        (
            {"speaker": None, "published": "2024", "url": None},
            "On the harbour [Speech]. (2024). Ministry of Harbours, Kelm.",
            "“On the Harbour.” Speech. Ministry of Harbours, Kelm, 2024.",
            "“On the Harbour.” Speech. Ministry of Harbours, Kelm, 2024.",
        ),
        (
            {"published": None, "url": "https://k.example/1", "title": None},
            "Minister Ada Brand. (n.d.). [Speech]. Ministry of Harbours, Kelm. "
            "Retrieved May 7, 2024, from https://k.example/1",
            "Minister Ada Brand. Speech. Ministry of Harbours, Kelm. Accessed May 7, 2024. https://k.example/1.",
            "Minister Ada Brand. Speech. Ministry of Harbours, Kelm, https://k.example/1. Accessed 7 May 2024.",
        ),
        (
            {"speaker": None, "published": None, "url": None, "title": None, "issuer": None, "kind": None},
            "[Untitled]. (n.d.).",
            "Untitled.",
            "Untitled.",
        ),
        (
            {"role": Role.INTRODUCTION, "url": None},
            "Ministry of Harbours, Kelm. (2024, May 6). On the harbour [Introduction, speech].",
            "Ministry of Harbours, Kelm. “On the Harbour.” Introduction, speech. May 6, 2024.",
            "Ministry of Harbours, Kelm. “On the Harbour.” Introduction, speech. 6 May 2024.",
        ),
        (
            {"title": "Who pays for “the harbour”?", "url": None, "language": None},
            "Minister Ada Brand. (2024, May 6). Who pays for “the harbour”? [Speech]. Ministry of Harbours, Kelm.",
            "Minister Ada Brand. “Who pays for ‘the harbour’?” Speech. Ministry of Harbours, Kelm, May 6, 2024.",
            "Minister Ada Brand. “Who pays for ‘the harbour’?” Speech. Ministry of Harbours, Kelm, 6 May 2024.",
        ),
        (
            {"title": 'The word "tin"', "kind": None, "url": None, "language": "en-GB"},
            'Minister Ada Brand. (2024, May 6). The word "tin". Ministry of Harbours, Kelm.',
            "Minister Ada Brand. “The Word 'tin.'” Ministry of Harbours, Kelm, May 6, 2024.",
            "Minister Ada Brand. “The Word 'tin.'” Ministry of Harbours, Kelm, 6 May 2024.",
        ),
    ],
)
def test_the_styles_do_with_what_there_is(less: dict[str, Any], apa: str, chicago: str, mla: str) -> None:
    cited = a_cited(**less)
    assert [formatted(cited, name) for name in ("apa", "chicago", "mla")] == [apa, chicago, mla]


def test_ris_is_read_back_as_it_was_written() -> None:
    cited = a_cited(title=TROUBLE, speaker="Anna Varn", published="2024-05")
    (record,) = rispy.loads(formatted(cited, "ris") + "\n")
    assert record == {
        "type_of_reference": "SLIDE",
        "authors": ["Varn, Anna"],
        "title": TROUBLE,
        "publisher": "Ministry of Harbours, Kelm",
        "type_of_work": "Speech",
        "urls": ["https://harbours.kelm.example/remarks/1"],
        "language": "en",
        "start_page": "3",
        "notes": ["Anna Varn (remarks); characters 50–68 of kelm/harbour; SHA-256 of its text: " + "cd" * 32],
        "id": KEY,
        "year": "2024",
        "date": "2024/05//",
        "access_date": "2024/05/07/",
    }


def test_ris_keeps_a_name_with_a_comma_in_one_piece() -> None:
    (record,) = rispy.loads(formatted(a_cited(speaker="Ada Brand, Minister"), "ris") + "\n")
    assert record["authors"] == ["Ada Brand Minister"]
    assert record["notes"][1:] == ["Author as printed: Ada Brand, Minister"]


def test_ris_makes_no_new_name_of_two() -> None:
    (record,) = rispy.loads(formatted(a_cited(speaker="Doe, John and Roe, Jane"), "ris") + "\n")
    assert record["authors"] == ["Doe John and Roe Jane"]
    assert record["notes"][1:] == ["Author as printed: Doe, John and Roe, Jane"]


@given(texts, texts)
@settings(max_examples=60, deadline=None)
def test_ris_reads_back_any_title(title: str, issuer: str) -> None:
    (record,) = rispy.loads(formatted(a_cited(title=title, issuer=issuer), "ris") + "\n")
    assert (record.get("title", ""), record.get("publisher", "")) == (one_line(title), one_line(issuer))


def test_bibtex_is_an_entry_with_its_special_characters_escaped() -> None:
    assert formatted(a_cited(title="R&D: 50 % {a}", speaker="Anna Varn", kind="fact sheet"), "bibtex") == (
        f"@techreport{{{KEY},\n"
        "\tauthor = {Varn, Anna},\n"
        "\ttitle = {{R\\&D: 50 \\% {\\textbraceleft}a{\\textbraceright}}},\n"
        "\tinstitution = {Ministry of Harbours, Kelm},\n"
        "\ttype = {Fact sheet},\n"
        "\tpages = {3},\n"
        "\turl = {https://harbours.kelm.example/remarks/1},\n"
        "\tnote = {Anna Varn (remarks); characters 50–68 of kelm/harbour; SHA-256 of its text: " + "cd" * 32 + "},\n"
        "\tlanguage = {en},\n"
        "\tdate = {2024-05-06},\n"
        "\tyear = {2024},\n"
        "\turldate = {2024-05-07},\n"
        "\tmonth = may\n"
        "}"
    )


def test_bibtex_keeps_a_body_with_an_and_in_one_piece() -> None:
    entry = parse_string(formatted(a_cited(speaker="Trade and Tin Office, Kelm"), "bibtex"), "bibtex").entries[KEY]
    (person,) = entry.persons["author"]
    assert (person.last_names, person.first_names) == (["{Trade and Tin Office, Kelm}"], [])


@given(texts)
@settings(max_examples=60, deadline=None)
def test_bibtex_reads_back_any_title(title: str) -> None:
    entry = parse_string(formatted(a_cited(title=title), "bibtex"), "bibtex").entries[KEY]
    assert unlatexed(entry.fields.get("title", "")) == one_line(title)


def test_bibtex_reads_back_what_troubles_latex() -> None:
    entry = parse_string(formatted(a_cited(title=TROUBLE, url="https://k.example/a_b%20c{d}"), "bibtex"), "bibtex")
    fields = entry.entries[KEY].fields
    assert unlatexed(fields["title"]) == TROUBLE
    assert fields["url"] == "https://k.example/a_b%20c%7Bd%7D"


def unlatexed(value: str) -> str:
    """A field's text as LaTeX would set it."""
    names = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^"}
    inner = re.sub(r"^\{(.*)\}$", r"\1", value, flags=re.DOTALL)
    return re.sub(r"\{\\text(\w+)\}|\\([&%$#_])", lambda match: names.get(match[1] or "", match[2]), inner)


def test_pybtex_takes_our_escapes_for_latex() -> None:
    entry = parse_string(formatted(a_cited(title="R&D, 50 % of #1"), "bibtex"), "bibtex").entries[KEY]
    assert str(Text.from_latex(entry.fields["title"])) == "R&D, 50 % of #1"


def test_markdown_is_the_words_and_a_footnote_that_says_whose() -> None:
    assert formatted(a_cited(), "markdown") == (
        f"“The harbour opens.”[^{KEY}]\n\n"
        f"[^{KEY}]: Whose words: Minister Ada Brand (remarks); “On the harbour”; Speech; Ministry of Harbours, Kelm; "
        f"2024-05-06; page 3; characters 50–68 of kelm/harbour; SHA-256 of its text {'cd' * 32}. "
        "<https://harbours.kelm.example/remarks/1#:~:text=The%20harbour>"
    )


@pytest.mark.parametrize(
    "words",
    [TROUBLE, "One\n\n    two\n# three\n1. four\n- five  \n> six\n=== \n\tseven", "&amp; &#65; <!-- x -->", "[^1]: a"],
)
def test_markdown_shows_the_words_as_they_are(words: str) -> None:
    assert shown(formatted(a_cited(words), "markdown")) == f"“{words}”[^{KEY}]"


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]) | st.sampled_from(" \n\t"), max_size=40)
)
@settings(max_examples=150, deadline=None)
def test_markdown_shows_any_words_as_they_are(words: str) -> None:
    assert shown(formatted(a_cited(words), "markdown")) == f"“{words}”[^{KEY}]"


def shown(markdown: str) -> str:
    """The text of the first paragraph as a reader sees it, with its line breaks."""
    inline = next(token for token in MarkdownIt("commonmark").enable("strikethrough").parse(markdown) if token.children)
    breaks = {"softbreak": "\n", "hardbreak": "\n"}
    return "".join(breaks.get(child.type, child.content) for child in inline.children or ())


def test_wikipedia_is_a_template_of_its_kind() -> None:
    assert formatted(a_cited(language="de"), "wikipedia") == (
        "{{cite speech |author=((Minister Ada Brand)) |title=On the harbour "
        "|url=https://harbours.kelm.example/remarks/1 |publisher=Ministry of Harbours, Kelm |date=2024-05-06 "
        "|access-date=2024-05-07 |language=de |page=3 |quote=The harbour opens. }}"
    )


@pytest.mark.parametrize(
    ("given", "template", "sort"),
    [
        ({"kind": "remarks"}, "cite speech", "Remarks"),
        ({"kind": "press release"}, "cite press release", None),
        ({"kind": "readout", "url": None}, "cite press release", "Readout"),
        ({"kind": "interview"}, "cite interview", None),
        ({"kind": "fact sheet"}, "cite report", "Fact sheet"),
        ({"kind": "letter"}, "cite web", "Letter"),
        ({"kind": None}, "cite web", None),
        ({"kind": None, "url": None}, "cite document", None),
        ({"kind": "interview", "role": Role.QUESTION}, "cite web", "Question, interview"),
        ({"kind": "press release", "role": Role.INTRODUCTION}, "cite press release", "Introduction, press release"),
    ],
)
def test_wikipedia_has_a_template_for_each_kind(given: dict[str, Any], template: str, sort: str | None) -> None:
    found = parsed(formatted(a_cited(**given), "wikipedia"))
    assert (found.name.strip(), str(found.get("type").value).strip() if found.has("type") else None) == (template, sort)


def test_wikipedia_takes_a_name_apart_only_where_it_is_sure() -> None:
    found = parsed(formatted(a_cited(speaker="Anna Varn"), "wikipedia"))
    assert (value(found, "last"), value(found, "first"), found.has("author")) == ("Varn", "Anna", False)


@pytest.mark.parametrize(
    ("published", "date"), [("2024", "2024"), ("2024-05", "May 2024"), ("2024-05-06", "2024-05-06")]
)
def test_wikipedia_never_takes_a_month_for_a_span_of_years(published: str, date: str) -> None:
    assert value(parsed(formatted(a_cited(published=published), "wikipedia")), "date") == date


def test_wikipedia_must_have_a_title() -> None:
    assert value(parsed(formatted(a_cited(title=None), "wikipedia")), "title") == "Untitled speech"


@given(texts, texts)
@settings(max_examples=100, deadline=None)
def test_no_words_and_no_title_break_a_template(words: str, title: str) -> None:
    found = parsed(formatted(a_cited(f"x{words}{TROUBLE}\n}}}}y", title=title), "wikipedia"))
    assert value(found, "title") == (one_line(title) or "Untitled speech")
    kept = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", re.sub(r"\r\n?", "\n", f"x{words}{TROUBLE}\n}}}}y"))
    assert value(found, "quote") == kept


def parsed(text: str) -> mwparserfromhell.nodes.Template:
    """The one template that a text is."""
    (node,) = mwparserfromhell.parse(text).nodes
    assert isinstance(node, mwparserfromhell.nodes.Template)
    return node


def value(template: mwparserfromhell.nodes.Template, name: str) -> str:
    """What a field shows, as it was before it was escaped."""
    return "".join(pieces(template.get(name).value)).removesuffix(" ")


def pieces(code: mwparserfromhell.wikicode.Wikicode) -> Iterator[str]:
    """The text of nodes: pipes and equals signs from their templates, characters from their references."""
    for node in code.nodes:
        match node:
            case mwparserfromhell.nodes.Template():
                yield {"!": "|", "=": "="}[str(node.name)]
            case mwparserfromhell.nodes.HTMLEntity():
                yield node.normalize()
            case mwparserfromhell.nodes.Tag():
                assert str(node) == "<br />"
                yield "\n"
            case _:
                yield str(node)


def test_claim_review_has_the_claim_and_leaves_the_review_to_the_reviewer() -> None:
    assert json.loads(formatted(a_cited("Zinc\nis “up”."), "claimreview")) == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": None,
        "datePublished": None,
        "author": {"@type": "Organization", "name": None, "url": None},
        "claimReviewed": "Zinc\nis “up”.",
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "Minister Ada Brand"},
            "datePublished": "2024-05-06",
            "genre": "Speech",
            "appearance": {
                "@type": "CreativeWork",
                "name": "On the harbour",
                "url": "https://harbours.kelm.example/remarks/1",
                "publisher": {"@type": "Organization", "name": "Ministry of Harbours, Kelm"},
            },
        },
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": None,
            "bestRating": None,
            "worstRating": None,
            "alternateName": None,
        },
    }


@pytest.mark.parametrize(
    ("given", "author"),
    [
        ({"speaker": "Anna Varn"}, {"@type": "Person", "name": "Anna Varn"}),
        ({"speaker": "KELM"}, {"name": "KELM"}),
        ({"speaker": None}, None),
        ({"role": Role.QUESTION, "speaker": None}, None),
        ({"role": Role.INTRODUCTION, "issuer": "Kelm"}, {"@type": "Organization", "name": "Kelm"}),
    ],
)
def test_a_claims_author_is_whoever_said_it(given: dict[str, Any], author: dict[str, str] | None) -> None:
    claim = json.loads(formatted(a_cited(**given), "claimreview"))["itemReviewed"]
    assert claim.get("author") == author


@pytest.mark.parametrize("name", ["csl-json", "claimreview"])
def test_json_that_is_pasted_into_a_page_ends_no_script(name: str) -> None:
    title = "</script><script>alert(1)</script><!--"
    found = formatted(a_cited(title, title=title), name)
    assert "<" not in found
    assert title in str(json.loads(found))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "JavaScript://k.example/%0aalert(1)"])
def test_an_address_that_is_none_of_the_web_is_in_no_format(name: str, url: str) -> None:
    assert not re.search("(?i)javascript|data:|alert", formatted(a_cited(url=url, deep_link=url), name))
