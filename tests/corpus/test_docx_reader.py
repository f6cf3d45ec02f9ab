import zipfile
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from corpus.errors import Unreadable
from corpus.readers.docx import _spelled, read

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def with_runs(xml: str) -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph("Wool ")
    for element in parse_xml(f"<w:p {W}>{xml}</w:p>"):
        paragraph._p.append(element)
    return saved(document)


def zipped(name: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "wool")
    return file.getvalue()


def test_title_speaker_and_date_come_from_the_first_paragraphs_and_the_rest_is_the_text() -> None:
    document = docx.Document()
    document.core_properties.author = "Cy Dow"
    document.sections[0].header.paragraphs[0].text = "Board of Looms"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("Remarks by Governor Ada Brand on wool", style="Title")
    for text in ("12 April 2019", "MS. BRAND: Wool is warm.", "Q: Is it?"):
        document.add_paragraph(text)
    draft = read(saved(document))
    assert (draft.title, draft.speaker) == ("Remarks by Governor Ada Brand on wool", "Governor Ada Brand")
    assert (draft.published, draft.kind, draft.issuer) == ("2019-04-12", "remarks", None)
    assert draft.text == "MS. BRAND: Wool is warm.\n\nQ: Is it?"


def test_a_stored_title_counts_only_where_it_is_printed() -> None:
    document = docx.Document()
    document.core_properties.title = "On wool"
    document.add_paragraph("Wool is warm.")
    assert read(saved(document)).title is None
    document.paragraphs[0].insert_paragraph_before("On wool")
    assert read(saved(document)).title == "On wool"
    assert read(saved(document)).text == "Wool is warm."


def test_lists_and_tables_stand_in_their_places_as_lines() -> None:
    document = docx.Document()
    for text, style in (("Both:", "Normal"), ("wool", "List Number"), ("silk", "List Number"), ("flax", "List Bullet")):
        document.add_paragraph(text, style=style)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Year", "Wool", "2019", "4 bales"), strict=True):
        cell.text = text
    document.add_paragraph("End.")
    assert read(saved(document)).text == "Both:\n\n1. wool\n2. silk\n- flax\n\nYear\tWool\n2019\t4 bales\n\nEnd."


def test_insertions_are_kept_and_deletions_left_out() -> None:
    deleted = "<w:del><w:r><w:delText>was</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>far</w:t></w:r></w:moveFrom>"
    assert read(with_runs(f"{deleted}<w:ins><w:r><w:t>is warm.</w:t></w:r></w:ins>")).text == "Wool is warm."


def test_the_words_of_a_link_are_kept_and_hidden_ones_and_fields_are_not() -> None:
    link = "<w:hyperlink><w:r><w:t>is</w:t></w:r></w:hyperlink>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
    shown = "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> warm</w:t><w:br/><w:t>too.</w:t></w:r>"
    assert read(with_runs(link + hidden + shown)).text == "Wool is warm\ntoo."


def test_one_document_of_two_dates_has_no_known_date() -> None:
    document = docx.Document()
    for text in ("4 May 2020", "5 May 2020", "Wool is warm."):
        document.add_paragraph(text)
    assert read(saved(document)).published is None


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty"),
        (b"wool", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .doc"),
        (saved(docx.Document())[:3000], "broken"),
        (zipped("wool.txt"), "not a Word document"),
        (saved(docx.Document()), "no text"),
    ],
)
def test_a_file_without_a_readable_document_is_refused_with_the_cause(data: bytes, cause: str) -> None:
    with pytest.raises(Unreadable, match=cause):
        read(data)


def test_the_lines_around_a_title_say_who_issues_and_who_speaks_and_leave_the_text() -> None:
    document = docx.Document()
    document.add_paragraph("Board of Looms")
    document.add_paragraph("A Coat for Every Child", style="Title")
    for text in ("Speech by Ada Brand, Minister of Wool, at the Fair", "Tern, 4 May 2020", "Friends,", "Wool is warm."):
        document.add_paragraph(text)
    draft = read(saved(document))
    assert (draft.title, draft.issuer, draft.speaker) == ("A Coat for Every Child", "Board of Looms", "Ada Brand")
    assert (draft.published, draft.kind) == ("2020-05-04", "speech")
    assert draft.text == "Friends,\n\nWool is warm."


def test_a_printed_letter_has_the_date_that_its_introduction_gives_with_a_year() -> None:
    document = docx.Document()
    document.add_paragraph("Wool stays warm", style="Heading 1")
    opening = "The following letter from Ada Brand was printed in the Tern Mercury on 4 May 2020."
    for text in (opening, "Sir,", "Wool is warm."):
        document.add_paragraph(text)
    draft = read(saved(document))
    assert (draft.published, draft.kind) == ("2020-05-04", "letter")
    assert draft.text == f"{opening}\n\nSir,\n\nWool is warm."


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        *[(7, "decimal", "7"), (1, "lowerLetter", "a"), (26, "upperLetter", "Z"), (27, "lowerLetter", None)],
        *[(4, "lowerRoman", "iv"), (10, "lowerRoman", "x"), (19, "upperRoman", "XIX"), (38, "lowerRoman", "xxxviii")],
        *[(39, "upperRoman", "XXXIX"), (40, "lowerRoman", None), (1, "bullet", None)],
    ],
)
def test_the_number_of_a_list_is_spelled_as_it_is_printed_or_not_at_all(
    number: int, kind: str, expected: str | None
) -> None:
    assert _spelled(number, kind) == expected
