import gzip
import io
import json
import lzma
import subprocess
import sys
import zipfile

import docx
import pytest

from corpus import readers
from corpus.errors import InvalidStatement, NoStatements, Unreadable
from corpus.readers import READABLE_SUFFIXES, Draft, Found, read, statement_from
from corpus.statement import Role

LINE = b'{"id": "t-1", "text": "The tide is in."}'
WEB_PAGE = b"<!-- saved -->\n<!DOCTYPE html><html><title>Tides</title><body><p>The tide is in today.</p></body></html>"


def only(data: bytes, name: str) -> Found:
    (found,) = read(data, name)
    assert isinstance(found, Found)
    return found


def zipped(**members: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return target.getvalue()


def found(text: str, **known: str) -> Found:
    return Found(None, text.encode(), "text/plain", Draft(text=text, **known))


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("tides.txt", b"The tide is in.", "text/plain"),
        ("TIDES.TEXT", b"The tide is in.", "text/plain"),
        ("tides.md", b"The tide *is* in.", "text/markdown"),
        ("tides.jsonl", LINE, "application/json"),
        ("tides.json", LINE, "application/json"),
        ("page", WEB_PAGE, "text/html"),
        ("page.txt", WEB_PAGE, "text/html"),
        ("lines.txt", LINE + b"\n" + LINE.replace(b"t-1", b"t-2"), "application/json"),
    ],
)
def test_the_content_decides_which_reader_reads_and_else_the_name(name: str, data: bytes, media_type: str) -> None:
    given, *_ = read(data, name)
    assert isinstance(given, Found)
    assert given.media_type == media_type


def test_the_original_of_a_document_is_the_whole_file_and_of_a_line_the_line() -> None:
    assert only(b"\n The tide is in.\n", "a.txt").original == b"\n The tide is in.\n"
    assert only(LINE + b"\n", "a.jsonl").original == LINE


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.xz", "a.jsonl", "a"])
def test_a_packed_file_is_unpacked_by_its_content(pack: object, name: str) -> None:
    assert callable(pack)
    assert only(pack(LINE), name).id == "t-1"


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_MOST_UNPACKED", len(LINE))
    assert only(gzip.compress(LINE), "a.jsonl.gz").id == "t-1"
    with pytest.raises(Unreadable, match=r"unpacks to more than 40 bytes\. Split it into smaller files\."):
        read(gzip.compress(LINE + b"\n"), "a.jsonl.gz")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"", "a.txt is empty."),
        ("minutes/a.docx", b"", "a.docx is empty."),
        ("a.txt", b" \r\n\t", "a.txt is empty."),
        ("a.txt", b"\x7fELF\x02\x01\x01\0\0\0", "This is a Linux program, not text."),
        ("a.txt", bytes(range(256)), "This is not text"),
        ("a.docx", b"PK\x03\x04broken", "This DOCX or ZIP file is damaged or cut short."),
        ("a.docx", b"The tide is in.", "This is not a DOCX, whatever its name says."),
        ("a.zip", zipped(a="b"), "This is a ZIP archive or an Office file other than DOCX."),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "This is an old or a locked Office document."),
        ("a.png", b"\x89PNG\r\n\x1a\n", "Files that end in .png cannot be read."),
        ("README", b"The tide is in.", "Files without an ending to their name cannot be read."),
        ("a.jsonl.gz", gzip.compress(LINE)[:-9], "This .gz file is damaged or cut short."),
        ("a.jsonl.xz", lzma.compress(LINE)[:-9], "This .xz file is damaged or cut short."),
        ("a.jsonl.gz", gzip.compress(gzip.compress(LINE)), "This was compressed twice."),
        ("a.jsonl.gz", gzip.compress(b""), "There is nothing in this .gz file."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence_with_a_cure(
    name: str, data: bytes, sentence: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data, name)
    assert refused.value.cause.startswith(sentence)
    assert refused.value.cure.endswith(".")


def test_a_file_of_questions_holds_no_statements() -> None:
    with pytest.raises(NoStatements):
        read(b'{"question": "Is the tide in?"}\n', "questions.jsonl")


def test_a_folder_walk_opens_what_can_be_read_and_packed_jsonl() -> None:
    assert {".txt", ".md", ".htm", ".pdf", ".docx", ".jsonl", ".jsonl.gz", ".ndjson.xz"} < READABLE_SUFFIXES
    assert {".gz", ".txt.gz", ".doc", ".png", ""}.isdisjoint(READABLE_SUFFIXES)


def test_reading_text_imports_no_other_reader() -> None:
    program = (
        "import sys; from corpus.readers import read; list(read(b'The tide is in.', 'a.txt'));"
        "print([name for name in ('lxml', 'pypdfium2', 'docx', 'markdown_it', 'trafilatura') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_page_of_remarks_becomes_a_question_and_an_answer() -> None:
    text = "Home > Press\nEmbassy's Remarks on Tides\n\nQuestion: Is it in?\n\nEmbassy Spokesperson: It is in.\n\nPrint"
    statement = statement_from(only(text.encode(), "a.txt"), "a", issuer="Embassy of Lyra")
    assert [(turn.role, turn.speaker, statement.slice(turn.start, turn.end)) for turn in statement.turns] == [
        (Role.QUESTION, None, "Is it in?"),
        (Role.ANSWER, "Embassy Spokesperson", "It is in."),
    ]
    assert (statement.id, statement.title, statement.issuer) == ("a", "Embassy's Remarks on Tides", "Embassy of Lyra")
    assert statement.speaker == "Embassy Spokesperson"


def test_the_only_speaker_of_a_statement_is_its_speaker_but_one_of_several_is_not() -> None:
    one = "Minister Tern: The tide is in.\n\nQuestion: Is it?\n\nMinister Tern: It is."
    two = f"{one}\n\nMinister Wren: It is not."
    assert statement_from(found(one), "a").speaker == "Minister Tern"
    assert statement_from(found(two), "a").speaker is None
    assert statement_from(found(two, speaker="Minister Auk"), "a").speaker == "Minister Auk"


def test_who_signs_a_letter_is_its_speaker_whoever_introduces_it() -> None:
    text = "The following is a letter from Mr. Bo Lin to a newspaper.\n\nSir, you err.\n\nBo Lin,\n\nSpokesman"
    statement = statement_from(found(text), "a")
    assert [turn.role for turn in statement.turns] == [Role.INTRODUCTION, Role.LETTER]
    assert statement.speaker == "Bo Lin"


def test_what_the_document_says_of_its_issuer_comes_before_what_we_are_told() -> None:
    assert (
        statement_from(found("The tide is in.", issuer="Ministry of Tides"), "a", "Lyra").issuer == "Ministry of Tides"
    )
    assert statement_from(found("The tide is in."), "a", "Lyra").issuer == "Lyra"
    assert statement_from(found("The tide is in."), "a").issuer is None


def test_a_document_without_text_makes_no_statement() -> None:
    with pytest.raises(InvalidStatement, match="has no text"):
        statement_from(only(b"Home > Press\nOn Tides\n\nPrint this page", "a.txt"), "a")


def test_a_bad_line_does_not_stop_the_lines_after_it() -> None:
    lines = [json.dumps({"id": str(number), "text": "x"}).encode() for number in range(3)]
    lines[1] = b"{"
    first, bad, last = read(b"\n".join(lines), "a.jsonl")
    assert isinstance(first, Found)
    assert isinstance(last, Found)
    assert isinstance(bad, Unreadable)
    assert (first.id, last.id) == ("0", "2")


def docx_of(text: str) -> bytes:
    made = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (LINE, "application/json"),
        (b"\n" + LINE, "application/json"),
        (b'{ "id": "t-1", "text": "The tide is in."}', "application/json"),
        (b'{\n  "id": "t-1",\n  "text": "The tide is in."\n}\n', "application/json"),
        (WEB_PAGE, "text/html"),
        (b"<head><title>Tides</title></head><body><p>The tide is in.</p></body>", "text/html"),
        (b"<body><p>The tide is in.</p></body>", "text/html"),
        (WEB_PAGE.decode().encode("utf-16"), "text/html"),
        (docx_of("The tide is in."), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"{tides} are <b>high</b>.", "text/plain"),
    ],
)
def test_what_comes_without_a_name_of_its_own_is_known_by_its_content(data: bytes, media_type: str) -> None:
    given, *_ = read(data, "standard-input.txt")
    assert isinstance(given, Found)
    assert given.media_type == media_type


def test_an_array_of_statements_is_refused_under_any_name() -> None:
    with pytest.raises(Unreadable, match="JSON array"):
        read(b"[" + LINE + b"]", "standard-input.txt")
