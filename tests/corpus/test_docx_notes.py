"""Footnotes and endnotes of a Word document stand below its text, numbered as their marks are."""

from io import BytesIO

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from corpus.readers.docx import read

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def a_document(text: str, **notes: str) -> bytes:
    """A document of one paragraph, `text` in XML; `notes` are the parts "footnotes" and "endnotes", likewise."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for element in parse_xml(f"<w:p {W}>{text}</w:p>"):
        paragraph._p.append(element)
    for name, xml in notes.items():
        blob = f"<w:{name} {W}>{xml}</w:{name}>".encode()
        part = Part(PackURI(f"/word/{name}.xml"), f"application/vnd.{name}+xml", blob, document.part.package)
        document.part.relate_to(part, f"{RELATIONSHIPS}/{name}")
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def run(text: str) -> str:
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def mark(kind: str, number: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def note(kind: str, number: int, *paragraphs: str) -> str:
    inside = "".join(f"<w:p>{run(paragraph)}</w:p>" for paragraph in paragraphs)
    return f'<w:{kind} w:id="{number}">{inside}</w:{kind}>'


def test_notes_are_numbered_by_their_marks_and_stand_below_the_text() -> None:
    text = run("Wool") + mark("footnote", 2) + run(" is warm") + mark("endnote", 2) + run(".")
    footnotes = note("footnote", 1, "Of no mark.") + note("footnote", 2, "From Lyra.", "And dear.")
    draft = read(a_document(text, footnotes=footnotes, endnotes=note("endnote", 2, "In winter.")))
    assert draft.text == "Wool¹ is warm².\n\n¹ From Lyra.\n\nAnd dear.\n\n² In winter."


def test_a_mark_whose_note_is_not_there_is_only_a_mark() -> None:
    text = run("Wool") + mark("footnote", 7) + run(" is warm.")
    assert read(a_document(text, footnotes=note("footnote", 1, "Of no mark."))).text == "Wool¹ is warm."


def test_tabs_breaks_and_hyphens_that_do_not_break_are_printed() -> None:
    inside = "".join(f"<w:r><w:{name}/></w:r>{run(name)}" for name in ("tab", "br", "cr", "noBreakHyphen"))
    assert read(a_document(run("Wool") + inside)).text == "Wool\ttab\nbr\ncr\u2011noBreakHyphen"
