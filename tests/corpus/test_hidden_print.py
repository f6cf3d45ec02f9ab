from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from corpus.readers import docx as docx_reader
from corpus.readers import pdf as pdf_reader
from corpus.readers.manuscript import read_manuscript
from tests.corpus.pdf_writer import _file

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PICTURE = "BI /W 1 /H 1 /BPC 8 /CS /G ID \x01 EI"


def painted(content: str) -> bytes:
    """A PDF of one page that shows "Zinc is up.", what `content` paints below it, and "Tin is down."."""
    stream = "\n".join(
        ["BT /F1 12 Tf 72 700 Td (Zinc is up today and) Tj ET", content, "0 g BT /F1 12 Tf 0 Tr 72 660 Td (tin.) Tj ET"]
    )
    return _file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources "
            "<< /Font << /F1 3 0 R >> /ExtGState << /G0 << /ca 0 >> >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ],
        "",
    )


def words(left: int, mode: str = "", size: float = 12) -> str:
    return f"q {mode} BT /F1 {size} Tf {left} 680 Td (not only) Tj ET Q"


@pytest.mark.parametrize(
    "content",
    [
        words(72, "3 Tr"),
        words(72, "1 g"),
        words(72, "0.97 0.98 0.97 rg"),
        words(72, "/G0 gs"),
        words(72, size=0.5),
        words(700),
        words(-300),
        f"1 g 60 670 100 40 re f {words(72, '1 g')}",
        f"{words(72, '1 g')} 0 g 60 670 200 25 re f",
        f"q 100 0 0 100 60 500 cm {PICTURE} Q {words(72, '3 Tr')}",
        f"0 0 0.5 RG 1 w 60 678 m 500 678 l S {words(72, '1 g')}",
    ],
)
def test_letters_that_nobody_sees_on_a_page_are_not_in_its_text(content: str) -> None:
    assert pdf_reader.read(painted(content)).text == "Zinc is up today and tin."


@pytest.mark.parametrize(
    "content",
    [
        words(72),
        words(72, "1 1 0 rg"),
        words(72, "1 g 2 Tr"),
        f"0 0 0.5 rg 60 670 200 40 re f {words(72, '1 g')}",
        f"q 200 0 0 100 60 650 cm {PICTURE} Q {words(72, '1 g')}",
        f"q 100 0 0 100 60 650 cm {PICTURE} Q {words(72, '3 Tr')}",
        f"0 0 0.5 RG 30 w 50 684 m 500 684 l S {words(72, '1 g')}",
        words(72, "7 Tr"),
        f"q 595 0 0 842 0 0 cm {PICTURE} Q {words(72, '3 Tr')}",
        f"q 595 0 0 421 0 0 cm {PICTURE} Q q 595 0 0 421 0 421 cm {PICTURE} Q {words(72, '3 Tr')}",
    ],
)
def test_letters_that_are_seen_or_recognised_in_a_scan_are_in_the_text(content: str) -> None:
    assert pdf_reader.read(painted(content)).text == "Zinc is up today and not only tin."


@pytest.mark.parametrize(
    ("box", "at"), [("[0 0 595 842]", (72, 820)), ("[595 842 0 0]", (72, 700)), ("[0 0 842 595]", (700, 500))]
)
def test_the_edges_of_a_page_may_be_those_of_all_pages(box: str, at: tuple[int, int]) -> None:
    stream = f"BT /F1 12 Tf {at[0]} {at[1]} Td (Zinc is up.) Tj ET"
    made = _file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [4 0 R] /Count 1 /MediaBox {box} >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ],
        "",
    )
    assert pdf_reader.read(made).text == "Zinc is up."


def typed(runs: str, styles: str = "", *, paragraph: str = "", document: Any = None) -> bytes:
    document = document or docx.Document()
    for style in parse_xml(f"<w:styles {W}>{styles}</w:styles>"):
        document.styles.element.append(style)
    made = parse_xml(
        f"<w:p {W}><w:pPr>{paragraph}</w:pPr><w:r><w:t>zap</w:t></w:r>{runs}<w:r><w:t>per</w:t></w:r></w:p>"
    )
    document.element.body.insert(0, made)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def run(properties: str) -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>no</w:t></w:r>"


STYLES = (
    '<w:style w:type="character" w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Gone"><w:basedOn w:val="Base"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Dark"><w:pPr><w:shd w:val="clear" w:fill="000080"/></w:pPr></w:style>'
)


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ("<w:vanish/>", "zapper"),
        ("<w:specVanish/>", "zapnoper"),
        ('<w:color w:val="FFFFFF" w:themeColor="text1"/>', "zapnoper"),
        ('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="FFFFFF" w:themeFill="accent1"/>', "zapnoper"),
        ('<w:outline/><w:color w:val="FFFFFF"/>', "zapnoper"),
        ('<w:rtl/><w:sz w:val="1"/>', "zapnoper"),
        ('<w:rStyle w:val="Gone"/>', "zapper"),
        ('<w:sz w:val="1"/>', "zapper"),
        ('<w:color w:val="FFFFFF"/>', "zap per"),
        ('<w:color w:val="000080"/><w:shd w:val="clear" w:fill="000080"/>', "zap per"),
        ('<w:vanish w:val="0"/>', "zapnoper"),
        ('<w:rStyle w:val="Gone"/><w:vanish w:val="false"/>', "zapnoper"),
        ("<w:webHidden/>", "zapnoper"),
        ('<w:sz w:val="12"/>', "zapnoper"),
        ('<w:color w:val="auto"/>', "zapnoper"),
        ('<w:color w:val="FFFF00"/>', "zapnoper"),
        ('<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>', "zapnoper"),
        ('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000080"/>', "zapnoper"),
    ],
)
def test_a_run_that_prints_unseen_is_not_in_the_text(properties: str, text: str) -> None:
    made = typed(run(properties), STYLES)
    assert docx_reader.read(made).text == text
    assert read_manuscript(made, "draft.docx").text == text


def test_white_letters_are_seen_on_a_dark_paragraph_and_in_a_table_of_unknown_colours() -> None:
    white = run('<w:color w:val="FFFFFF"/>')
    assert docx_reader.read(typed(white, STYLES, paragraph='<w:pStyle w:val="Dark"/>')).text == "zapnoper"
    shaded = '<w:shd w:val="clear" w:fill="000000"/>'
    assert docx_reader.read(typed(white, paragraph=shaded)).text == "zapnoper"
    document = docx.Document()
    cell = document.add_table(1, 1, style="Light List").cell(0, 0)
    cell._tc.append(parse_xml(f"<w:p {W}>{white}</w:p>"))
    assert docx_reader.read(typed("", document=document)).text == "zapper\n\nno"


def test_white_letters_are_seen_where_anything_floats_or_a_row_has_its_own_shading() -> None:
    white = run('<w:color w:val="FFFFFF"/>')
    shape = "<w:r><w:pict/></w:r>"
    assert docx_reader.read(typed(white + shape)).text == "zapnoper"
    document = docx.Document()
    row = document.add_table(1, 1).rows[0]._tr
    row.insert(0, parse_xml(f'<w:tblPrEx {W}><w:shd w:val="clear" w:fill="000000"/></w:tblPrEx>'))
    row.tc_lst[0].append(parse_xml(f"<w:p {W}>{white}</w:p>"))
    assert docx_reader.read(typed("", document=document)).text == "zapper\n\nno"


def test_styles_based_on_each_other_in_a_circle_end() -> None:
    circle = "".join(
        f'<w:style w:type="character" w:styleId="{one}"><w:basedOn w:val="{other}"/></w:style>'
        for one, other in ("AB", "BA")
    )
    assert docx_reader.read(typed(run('<w:rStyle w:val="A"/>'), circle)).text == "zapnoper"
