"""Whatever the bytes: a reader gives text that can be quoted, or says what is wrong with the file."""

import gzip
import io
import json
from collections.abc import Callable

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import OnRecordError
from corpus.readers import Draft, Found, read, statement_from
from tests.corpus.pdf_writer import pdf


def a_docx() -> bytes:
    made = io.BytesIO()
    document = docx.Document()
    document.add_heading("On tides", level=1)
    document.add_paragraph("Question: Is the tide in?")
    document.add_paragraph("Minister Tern: The tide is in.")
    document.save(made)
    return made.getvalue()


def a_page() -> bytes:
    return (
        b"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>On tides</title>"
        b'<meta name="date" content="2024-05-07"></head><body><main><h1>On tides</h1><p>Question: Is it in?</p>'
        b"<p>Minister Tern: It is&nbsp;in, &#x1F30A; all of it.</p>"
        b"<table><tr><td>1</td></tr></table></main></body></html>"
    )


LINE = json.dumps({"id": "t-1", "text": "The tide is in.", "published": "2024-05-07", "speaker": "Bo Tern"}).encode()
WHOLE: dict[str, bytes] = {
    "a.txt": "Remarks on Tides\n\n7 May 2024\n\nQuestion: Is it in?\n\nMs. Tern: It is “in”.\n".encode(),
    "a.md": b"---\ntitle: Tides\n---\n# On *tides*\n\n> It is in.\n\n- One\n- Two\n\n[1]: https://a.example\n",
    "a.html": a_page(),
    "a.pdf": pdf([(72, 700, "The tide is in."), (72, 680, "It will go out again.")]),
    "a.docx": a_docx(),
    "a.jsonl": LINE + b"\n" + LINE.replace(b"t-1", b"t-2"),
    "a.jsonl.gz": gzip.compress(LINE),
}
"""One sound file of each kind."""


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The file with some stretches of it overwritten, taken out, doubled, or filled with what is hard to read."""
    data = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 40)))
        hard = st.sampled_from(["\ud83d".encode("utf-8", "surrogatepass"), b"\0", b"\\ud83d", b"&#xD83D;", b"\xff\xfe"])
        data = data[:start] + draw(st.binary(max_size=12) | hard | st.just(data[start:stop] * 2)) + data[stop:]
    return data


def assert_sound(data: bytes, name: str) -> None:
    """Each thing found can be made a statement of, whose text and facts are Unicode that can be written down."""
    try:
        for found in read(data, name):
            if isinstance(found, Found):
                statement = statement_from(found, "t-1")
                said = [statement.title, statement.issuer, statement.speaker, statement.kind, statement.url]
                said += [turn.speaker for turn in statement.turns]
                assert "\0" not in statement.text
                assert "\n".join([statement.text, *filter(None, said)]).encode()
    except OnRecordError as refused:
        cause, cure = refused.cause, refused.cure
        assert cause.endswith(".") and cure.endswith(".")  # noqa: PT018


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.parametrize("name", list(WHOLE))
@given(st.data())
def test_a_damaged_file_is_read_to_sound_text_or_refused_with_a_cure(name: str, data: st.DataObject) -> None:
    assert_sound(data.draw(damaged(WHOLE[name])), name)


@settings(deadline=None)
@pytest.mark.parametrize("name", [*WHOLE, "a", "a.bin"])
@given(st.binary(max_size=200) | st.text().map(str.encode) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes_under_any_name_are_read_to_sound_text_or_refused_with_a_cure(name: str, data: bytes) -> None:
    assert_sound(data, name)


BEGINNINGS: dict[str, Callable[[bytes], bytes]] = {
    "a PDF": lambda data: b"%PDF-1.4\n" + data,
    "a ZIP": lambda data: b"PK\x03\x04" + data,
    "gzip": lambda data: b"\x1f\x8b" + data,
    "xz": lambda data: b"\xfd7zXZ\0" + data,
    "an old Office file": lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data,
    "a page": lambda data: b"<!doctype html><html>" + data,
    "an object": lambda data: b'{"id": "a", "text": "' + data + b'"}',
}


@settings(deadline=None)
@pytest.mark.parametrize("begins", list(BEGINNINGS))
@given(st.binary(max_size=200))
def test_what_only_begins_like_a_file_of_some_kind_is_read_to_sound_text_or_refused(begins: str, data: bytes) -> None:
    assert_sound(BEGINNINGS[begins](data), "a.txt")


def test_the_sound_files_themselves_are_read() -> None:
    found = {name: [type(one).__name__ for one in read(data, name)] for name, data in WHOLE.items()}
    assert found == {name: ["Found"] * (2 if name == "a.jsonl" else 1) for name in WHOLE}


PLAIN = b"<p>The tide is in today, and it will be so until noon.</p>"


@pytest.mark.parametrize(
    ("names", "data", "media_type"),
    [
        (["a.txt", "a.text", "A.TXT"], PLAIN, "text/plain"),
        (["a.md", "a.markdown"], PLAIN, "text/markdown"),
        (["a.html", "a.htm", "a.xhtml"], PLAIN, "text/html"),
        (["a.jsonl", "a.ndjson", "a.json", "a.jsonl.gz"], LINE, "application/json"),
    ],
)
def test_the_end_of_a_name_decides_what_the_content_leaves_open(names: list[str], data: bytes, media_type: str) -> None:
    found = [next(read(data, name)) for name in names]
    assert [one.media_type for one in found if isinstance(one, Found)] == [media_type] * len(names)


def test_what_a_reader_did_not_find_is_none() -> None:
    assert Draft("Zinc is up.") == Draft("Zinc is up.", None, None, None, None, None, None, None)
