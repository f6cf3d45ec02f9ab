import pytest

from corpus.errors import Unreadable
from corpus.readers.pdf import read
from tests.corpus.pdf_writer import pdf

FULL = "The Board of Looms has looked at wool and at silk with much care in this long"
LOCKED = (
    "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt << /Filter /Standard /V 1 "
    f"/R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
)


def page(number: int, *lines: tuple[float, float, str]) -> list[tuple[float, float, str]]:
    return [(72, 800, "Board of Looms"), (250, 30, f"Page {number} of 3"), *lines]


def test_running_headers_and_page_numbers_are_left_out() -> None:
    pages = [page(number, (72, 700, f"{FULL} year {number}.")) for number in (1, 2, 3)]
    assert read(pdf(*pages)).text == "\n\n".join(f"{FULL} year {number}." for number in (1, 2, 3))


def test_title_and_date_come_from_the_first_lines_and_leave_the_text() -> None:
    head = [(180, 750, "Transcript of Chair Brand’s Press Conference"), (230, 736, "4 May 2020")]
    draft = read(pdf([*head, (108, 700, "CHAIR BRAND. Wool is warm."), (72, 686, "MR. LIN. Is it?")]))
    assert draft.title == "Transcript of Chair Brand’s Press Conference"
    assert (draft.published, draft.speaker, draft.kind) == ("2020-05-04", "Chair Brand", "press conference")
    assert draft.text == "CHAIR BRAND. Wool is warm.\n\nMR. LIN. Is it?"


def test_the_largest_type_of_the_first_page_is_the_title() -> None:
    head = [(72, 760, "The wool", 20.0), (72, 736, "of the north", 20.0), (72, 710, "Oslo, 4 May 2020", 12.0)]
    draft = read(pdf([*head, (72, 680, f"{FULL} year.", 12.0), (72, 666, "It found none.", 12.0)]))
    assert (draft.title, draft.published) == ("The wool of the north", "2020-05-04")
    assert draft.text == f"{FULL} year. It found none."


def test_the_day_a_file_was_made_is_not_when_it_was_published() -> None:
    made = pdf(
        [(72, 700, f"{FULL} year."), (72, 686, "It found none.")], trailer="/Info << /CreationDate (D:20200504) >>"
    )
    assert read(made).published is None


def test_an_indented_line_begins_a_paragraph() -> None:
    lines = [(108, 700, FULL), (72, 686, f"{FULL} day."), (108, 672, FULL), (72, 658, "spring.")]
    assert read(pdf([*lines])).text == f"{FULL} {FULL} day.\n\n{FULL} spring."


def test_a_wide_gap_begins_a_paragraph() -> None:
    lines = [(72, 700, FULL), (72, 686, FULL), (72, 672, f"{FULL} day."), (72, 640, FULL), (72, 626, "night.")]
    assert read(pdf([*lines])).text == f"{FULL} {FULL} {FULL} day.\n\n{FULL} night."


def test_a_paragraph_runs_on_over_the_page() -> None:
    first = page(1, (108, 700, FULL), (72, 686, FULL))
    draft = read(pdf(first, page(2, (72, 700, f"{FULL} night.")), page(3, (108, 700, "MR. LIN. Thanks."))))
    assert draft.text == f"{FULL} {FULL} {FULL} night.\n\nMR. LIN. Thanks."


def test_a_footnote_does_not_interrupt_the_paragraph_it_stands_under() -> None:
    note = (72.0, 60.0, "1 The Chair meant silk.", 8.0)
    first = [(108.0, 700.0, FULL, 12.0), (72.0, 686.0, FULL, 12.0), note]
    assert read(pdf(first, [(72, 700, "night.")])).text == f"{FULL} {FULL} night.\n\n1 The Chair meant silk."


def test_a_hyphen_at_the_end_of_a_line_is_kept_since_it_may_be_of_the_word() -> None:
    lines = [(72, 700, f"{FULL} long-"), (72, 686, "term plan and in the infla-"), (72, 672, "tion report.")]
    assert read(pdf([*lines])).text == f"{FULL} long-term plan and in the infla-tion report."


def test_a_soft_hyphen_at_the_end_of_a_line_is_left_out_or_shown_but_never_splits_the_word() -> None:
    text = read(pdf([(72, 700, f"{FULL} infla\xad"), (72, 686, "tion report.")])).text
    assert text in {f"{FULL} inflation report.", f"{FULL} infla-tion report."}


def test_a_raised_figure_does_not_become_part_of_a_number() -> None:
    raised = (72 + 12 * 0.556 * 4, 705, "3", 7.0)
    text = read(pdf([(72, 714, FULL, 12.0), (72, 700, "2019", 12.0), raised, (72, 686, f"{FULL}.", 12.0)])).text
    assert text == f"{FULL} 2019³ {FULL}."


def test_speakers_begin_paragraphs_where_lines_are_not_indented() -> None:
    lines = [
        (72, 700, "MS. BRAND: Wool is warm, and silk is too."),
        (72, 686, "Q Is it?"),
        (72, 672, "MS. BRAND: Yes."),
    ]
    assert read(pdf([*lines])).text == "MS. BRAND: Wool is warm, and silk is too.\n\nQ Is it?\n\nMS. BRAND: Yes."


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "broken"),
        (b"%PDF-1.4\n%%EOF", "broken"),
        (pdf([]), "only pictures"),
        (pdf([(72, 700, "Wool.")], trailer=LOCKED), "password"),
    ],
)
def test_a_pdf_without_readable_text_is_refused_with_the_cause(data: bytes, cause: str) -> None:
    with pytest.raises(Unreadable, match=cause):
        read(data)


def test_the_issuer_s_name_over_a_title_in_the_same_type_is_not_of_the_title() -> None:
    head = [
        (200, 764, "Board of Looms", 18.0),
        (150, 742, "Transcript of Chair Brand’s Press Conference", 18.0),
        (230, 720, "Tern, 4 May 2020", 12.0),
    ]
    draft = read(pdf([*head, (108, 690, "CHAIR BRAND. Wool is warm.", 12.0), (72, 676, "MR. LIN. Is it?", 12.0)]))
    assert (draft.title, draft.issuer) == ("Transcript of Chair Brand’s Press Conference", "Board of Looms")
    assert (draft.speaker, draft.published) == ("Chair Brand", "2020-05-04")
    assert draft.text == "CHAIR BRAND. Wool is warm.\n\nMR. LIN. Is it?"


def test_a_title_in_two_lines_that_opens_with_a_body_s_name_is_kept_whole() -> None:
    head = [(200, 764, "Board of Looms", 18.0), (200, 742, "Raises Its Prices", 18.0)]
    draft = read(pdf([*head, (72, 690, f"{FULL} year.", 12.0), (72, 676, "It found none.", 12.0)]))
    assert (draft.title, draft.issuer) == ("Board of Looms Raises Its Prices", None)
