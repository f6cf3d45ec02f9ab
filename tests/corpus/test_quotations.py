from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.quotations import Quotation, Stretch, quotations
from tests.counted import steps

MARKS = "\"'“”„‘’‚«»‹›「」『』＂"


def words(text: str, *blocks: str) -> list[list[str]]:
    """The words of each quotation, a string for each stretch; `blocks` stand in the text as block quotations."""
    return [[text[part.start : part.end] for part in one.stretches] for one in found(text, *blocks)]


def found(text: str, *blocks: str) -> tuple[Quotation, ...]:
    return quotations(text, [Stretch(text.index(block), text.index(block) + len(block)) for block in blocks])


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('She said "we stay".', "we stay"),
        ("She said “we stay”.", "we stay"),
        ("She said ‘we stay’.", "we stay"),
        ("She said 'we stay'.", "we stay"),
        ("Elle a dit « nous restons ».", "nous restons"),
        ("Elle a dit «\u202fnous restons\u202f».", "nous restons"),
        ("Lei ha detto «restiamo».", "restiamo"),
        ("Elle a dit ‹ nous restons ›.", "nous restons"),
        ("Sie sagte: »Wir bleiben.«", "Wir bleiben."),
        ("Sie sagte ›wir bleiben‹.", "wir bleiben"),
        ("Hän sanoi: »Me jäämme.»", "Me jäämme."),
        ("Sie sagte: „Wir bleiben.“", "Wir bleiben."),
        ("Powiedziała: „Zostajemy”.", "Zostajemy"),
        ("Sie sagte ‚wir bleiben‘.", "wir bleiben"),
        ("Hon sade ”vi stannar” i går.", "vi stannar"),
        ("彼女は「残る」と述べた。", "残る"),
        ("彼女は『残る』と述べた。", "残る"),
        ("彼女は＂残る＂と述べた。", "残る"),
        ("她说：“我们留下。”", "我们留下。"),
        ("그는 ‘남는다’고 했다.", "남는다"),
        ("She said (“we stay”) again.", "we stay"),
        ("She said—“we stay”—again.", "we stay"),
        ('She said—"we stay"—again.', "we stay"),
        ("She said—'we stay'—again.", "we stay"),
        ("Loud-'we stay'", "we stay"),
        ('She said "... we stay".', "... we stay"),
        ('She said *"we stay"* again.', "we stay"),
        ('She said:"we stay".', "we stay"),
        ('She said "we stay"[1] again.', "we stay"),
        ("She said ‘we stay’¹ again.", "we stay"),
        ('Prices rose "5%" and fell.', "5%"),
        ("She said “we stay“ again.", "we stay"),
        ('She said “we stay" again.', "we stay"),
        ('She said "we stay” again.', "we stay"),
    ],
)
def test_the_words_between_a_pair_of_marks_are_a_quotation(text: str, quoted: str) -> None:
    assert words(text) == [[quoted]]


@pytest.mark.parametrize(
    "text",
    [
        "It’s the workers’ rights, ’tis said, since the 1990s’ rock ’n’ roll.",
        "It's the workers' rights, 'tis said, since the 1990s' rock 'n' roll.",
        "Get ’em to the ’60s party, James’ party; ’cause we’re goin’ in.",
        "Get 'em to the '60s party, James' party; 'cause we're goin' in.",
        "She sang of the ‘90s and told ‘em so; the dogs’ tails wagged, ‘tis true.",
        'He is 6\' 2" tall and holds a 5" pipe, a 6" pipe and a 10\' pole.',
        "He is 6’ 2” tall and holds a 5” pipe.",
        "The צה\"ל and the O'Briens of Hawai‘i.",
        "See https://looms.example/it's?q='wool' for more.",
        '“ ” "" ‘…’ “?!”',
        "She said “we stay. Then she left.",
        'She said "we stay. Then she left.',
        'We stay,” she said. We stay," he said.',
        "",
    ],
)
def test_apostrophes_measures_and_marks_without_a_partner_quote_nothing(text: str) -> None:
    assert quotations(text) == ()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("‘The workers’ rights are gone,’ she said.", ["The workers’ rights are gone,"]),
        ("'The workers' rights are gone,' she said.", ["The workers' rights are gone,"]),
        ("He called it a ‘house of cards’ and left.", ["house of cards"]),
        (
            "It is a ‘house of cards’ and the rights are the workers’.",
            ["house of cards’ and the rights are the workers"],
        ),
        ("It is a ‘house of cards’ and falls. It is the workers’.", ["house of cards"]),
        ("The ‘house of cards’ and the ‘den of thieves’ fell.", ["house of cards", "den of thieves"]),
        ("‘I back the workers’, he said. ‘I do.’", ["I back the workers", "I do."]),
        ("‘Tis the season,’ she sang.", ["Tis the season,"]),
        ("'We get 'em out in the '90s,' he said.", ["We get 'em out in the '90s,"]),
        ("‘It’s rock ’n’ roll o’ the north, goin’ on,’ he said.", ["It’s rock ’n’ roll o’ the north, goin’ on,"]),
        ('She said "the 5" pipe is 6\' 2" long" today.', ['the 5" pipe is 6\' 2" long']),
        ('"We grew by 5" and then "shrank" again.', ["We grew by 5", "shrank"]),
        ("“We grew by 5” and then “shrank” again.", ["We grew by 5", "shrank"]),
        ("The ‘Times’ ran it; the ‘Loom’s’ man did not.", ["Times", "Loom’s"]),
        ("“We stay, he wrote. “No,” she said.", ["No,"]),
        ('He said "yes"and left. "No."', ["yes", "No."]),
        ("She said.'We stay' and left.", ["We stay"]),
        ("He left.'No,' she said. 'Yes.'", ["No,", "Yes."]),
        ("On ‘can’t’ and ‘won’t’, the ‘T’ is left out.", ["can’t", "won’t", "T"]),
        ("The ‘Weavers’ Act of 2023’ and the ‘Cabin’ are gone.", ["Weavers’ Act of 2023", "Cabin"]),
        ("They back ‘20 looms for Spain’ — no more.", ["20 looms for Spain"]),
        ("They back ‘25% more’ and ‘.org’ names.", ["25% more", ".org"]),
        ("Read https://looms.example/a/it's, he wrote: 'wool'.", ["wool"]),
    ],
)
def test_an_apostrophe_or_a_measure_within_a_quotation_does_not_end_it(text: str, quoted: list[str]) -> None:
    assert words(text) == [[one] for one in quoted]


@pytest.mark.parametrize(
    ("text", "outer", "inner"),
    [
        ("“He said ‘we stay’ twice,” she said.", "He said ‘we stay’ twice,", "we stay"),
        ("‘He said “we stay” twice,’ she said.", "He said “we stay” twice,", "we stay"),
        ("\"He said 'we stay' twice,\" she said.", "He said 'we stay' twice,", "we stay"),
        ("'He said \"we stay\" twice,' she said.", 'He said "we stay" twice,', "we stay"),
        ("“‘We stay’ is what he said,” she said.", "‘We stay’ is what he said,", "We stay"),
        ("\"He said 'we stay'\"", "He said 'we stay'", "we stay"),
        ("“It is ‘the workers’”", "It is ‘the workers’", "the workers"),
        ("“He said “we stay” twice,” she said.", "He said “we stay” twice,", "we stay"),
        ('"He said "we stay" twice," she said.', 'He said "we stay" twice,', "we stay"),
        ("« Il a dit « je reste » hier. »", "Il a dit « je reste » hier.", "je reste"),
        ("„Er sagte ‚ich bleibe‘ dazu.“", "Er sagte ‚ich bleibe‘ dazu.", "ich bleibe"),
        ("»Er sagte ›ich bleibe‹ dazu.«", "Er sagte ›ich bleibe‹ dazu.", "ich bleibe"),
        ("「彼は『残る』と言った」", "彼は『残る』と言った", "残る"),
    ],
)
def test_a_quotation_within_another_is_given_too_and_says_so(text: str, outer: str, inner: str) -> None:
    assert words(text) == [[outer], [inner]]
    assert [one.within for one in quotations(text)] == [None, 0]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("“We stay,” she said, “and fight.”", ["We stay,", "and fight."]),
        ('"We stay," she said, "and fight."', ["We stay,", "and fight."]),
        ("‘We stay’, she said, ‘and fight.’", ["We stay", "and fight."]),
        ("“We stay” she said, “and fight.”", ["We stay", "and fight."]),
        ("“We stay,” Mr. J. Orr, of Looms Inc., told us, “and fight.”", ["We stay,", "and fight."]),
        ("“We stay—” she said—“and fight.”", ["We stay—", "and fight."]),
        ("“We stay” – here she smiled – “and fight.”", ["We stay", "and fight."]),
        ("“We stay” — a long silence — “and fight.”", ["We stay", "and fight."]),
        ("“We stay,” she said, “and fight,” she added, “and win.”", ["We stay,", "and fight,", "and win."]),
        ("„Wir bleiben“, sagte sie, „und kämpfen.“", ["Wir bleiben", "und kämpfen."]),
        ("“我们留下，”她说，“战斗。”", ["我们留下，", "战斗。"]),
        ("“We stay,” she\nsaid, “and fight.”", ["We stay,", "and fight."]),
        ("She left. “We stay,” she said, “and fight.”", ["We stay,", "and fight."]),
    ],
)
def test_a_quotation_that_an_attribution_interrupts_is_one(text: str, parts: list[str]) -> None:
    assert words(text) == [parts]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“We stay,” she said. “We fight.”", ["We stay,", "We fight."]),
        ("“We stay.” She said, “We fight.”", ["We stay.", "We fight."]),
        ("“We stay!” she said, “we fight.”", ["We stay!", "we fight."]),
        ("“Jobs,” “growth,” and “peace.”", ["Jobs,", "growth,", "peace."]),
        ("He called it “a farce” in Rome, “a tragedy” in Oslo.", ["a farce", "a tragedy"]),
        ("The “old guard” said, “no.”", ["old guard", "no."]),
        ("She said “we stay,” he said, “we go.”", ["we stay,", "we go."]),
        ("“We stay,” she said, and then added, “we fight.”", ["We stay,", "we fight."]),
        ("“We stay,” she said: “we fight.”", ["We stay,", "we fight."]),
        ("“We stay,” she said,\n\n“and fight.”", ["We stay,", "and fight."]),
        (
            "“We stay,” she said to the many people who had come to the old hall by the river, “and fight.”",
            ["We stay,", "and fight."],
        ),
        ("“We stay,” she said, ‘and fight.’", ["We stay,", "and fight."]),
    ],
)
def test_quotations_that_the_grammar_does_not_join_are_two(text: str, quoted: list[str]) -> None:
    assert words(text) == [[one] for one in quoted]


def test_a_quotation_within_either_part_of_an_interrupted_one_stands_in_it() -> None:
    text = "“The ‘house’ stays,” she said, “and the ‘garden’ too.”"
    assert words(text) == [["The ‘house’ stays,", "and the ‘garden’ too."], ["house"], ["garden"]]
    assert [one.within for one in quotations(text)] == [None, 0, 0]
    assert quotations(text)[0] == Quotation((Stretch(1, 19), Stretch(32, 53)), None, "“")
    assert (quotations(text)[0].start, quotations(text)[0].end) == (1, 53)


@pytest.mark.parametrize("between", ["\n\n", "\n", "\r\n\r\n", "\n \t\n    ", "\u2029"])
@pytest.mark.parametrize("marks", ["“”", '""', "‘’", "''", "«»"])
def test_paragraphs_that_each_open_with_a_mark_are_one_quotation(marks: str, between: str) -> None:
    opening, closing = marks[0], marks[1]
    text = f"{opening}We stay.{between}{opening}We fight.{between}{opening}We win,{closing} she said."
    assert words(text) == [["We stay.", "We fight.", "We win,"]]
    assert [one.mark for one in quotations(text)] == [opening]


def test_a_quotation_within_another_runs_over_paragraphs_with_it() -> None:
    text = "“He said, ‘We stay.\n\n“‘We fight,’ and left,” she said. “So he did.”"
    assert words(text) == [["He said, ‘We stay.", "‘We fight,’ and left,"], ["We stay.", "We fight,"], ["So he did."]]
    assert [one.within for one in quotations(text)] == [None, 0, None]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“We stay.\n\nShe left, “so to speak”.", ["so to speak"]),
        ("“We stay.\n\n“We fight.\n\nShe left.", []),
        ("“We stay.\n\nWe fight,” she said.", []),
        ("The ‘Iolani house is old.\n\n‘We stay,’ she said.", ["We stay,"]),
    ],
)
def test_what_no_next_paragraph_opens_anew_does_not_run_on(text: str, quoted: list[str]) -> None:
    assert words(text) == [[one] for one in quoted]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_one_paragraph_hold_one_quotation(end: str) -> None:
    text = f"“We stay, and the{end}‘good{end}wool’ too.”"
    assert words(text) == [[text[1:-1]], [f"good{end}wool"]]


def test_a_block_quotation_is_one_and_those_in_it_stand_in_it() -> None:
    text = "She wrote:\n\nWe stay “for good”.\n\nWe fight.\n\nThe end."
    assert words(text, "We stay “for good”.\n\nWe fight.\n\n") == [["We stay “for good”.\n\nWe fight."], ["for good"]]
    assert [(one.within, one.mark) for one in found(text, "We stay “for good”.\n\nWe fight.")] == [
        (None, ">"),
        (0, "“"),
    ]


@pytest.mark.parametrize(
    ("block", "quoted"),
    [
        ("“We stay.”", [["We stay."]]),
        ("“We stay.\n\n“We fight.”", [["We stay.", "We fight."]]),
        ("“We stay,” she said, “and fight.”", [["We stay,", "and fight."]]),
        ("“We stay.”\n— Ada Brand, weaver", [["We stay."]]),
        ("“We stay.” “We go.”", [["“We stay.” “We go.”"], ["We stay."], ["We go."]]),
    ],
)
def test_a_block_that_is_wrapped_in_marks_as_a_whole_is_one_quotation(block: str, quoted: list[list[str]]) -> None:
    assert words(f"She wrote:\n\n{block}\n\nThe end.", block) == quoted


def test_the_name_below_a_block_quotation_is_no_part_of_it() -> None:
    assert words("We stay.\n-- Ada Brand", "We stay.\n-- Ada Brand") == [["We stay."]]
    assert words("- We stay.\n- We go.", "- We stay.\n- We go.") == [["- We stay.\n- We go."]]
    assert words("— We stay.", "— We stay.") == [["— We stay."]]


def test_marks_do_not_pair_across_the_edge_of_a_block() -> None:
    assert words("She “wrote\nWe stay” now.\nThe end” came.", "We stay” now.") == [["We stay” now."]]


def test_blocks_that_overlap_or_lie_outside_the_text_do_no_harm() -> None:
    blocks = [Stretch(-3, 7), Stretch(3, 12), Stretch(20, 30), Stretch(5, 2), Stretch(0, 7)]
    assert quotations("We stay and go.", blocks) == (Quotation((Stretch(0, 7),), None, ">"),)


def test_what_cannot_be_seen_is_left_out_at_the_ends_of_a_quotation() -> None:
    assert words("She said “\u200b\u200bwe\u200b stay\u200b”\u200b, and") == [["we\u200b stay"]]
    assert words('She said \u200b"\u200bwe stay\u200b"\u200b.') == [["we stay"]]


PIECES = [
    *MARKS,
    *"\"'“”‘’",
    " ",
    "a",
    "s",
    "5",
    ".",
    ",",
    "\n",
    "\n\n",
    " she said, ",
    "—",
    "*",
    "\u200b",
    "> ",
    " b ",
    "残",
]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(),
    st.lists(st.tuples(st.integers(-3, 50), st.integers(-3, 50)).map(lambda ends: Stretch(*ends)), max_size=3),
)
def test_any_text_has_quotations_inside_it_in_order_and_inside_those_they_stand_in(
    text: str, blocks: list[Stretch]
) -> None:
    found = quotations(text, blocks)
    assert [one.start for one in found] == sorted(one.start for one in found)
    for number, one in enumerate(found):
        for part in one.stretches:
            assert 0 <= part.start < part.end <= len(text)
            assert text[part.start : part.end] == text[part.start : part.end].strip()
        assert all(first.end <= second.start for first, second in pairwise(one.stretches))
        if one.within is not None:
            assert one.within < number
            outer = found[one.within].stretches
            assert all(any(up.start <= part.start and part.end <= up.end for up in outer) for part in one.stretches)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["wool", "is", "warm", "Mr.", "and", "5", "It’s"]), min_size=1, max_size=12).map(" ".join)
)
def test_whatever_stands_between_two_curly_marks_comes_back_as_it_is(quoted: str) -> None:
    assert words(f"She said: “{quoted},” and left.") == [[f"{quoted},"]]


@pytest.mark.parametrize(
    "piece", ["“", '"', "'", "“‘a’", '"a', "‘s’ ", "“a\n\n", "「“」", "“a,” he said, ", "\n", "*", '5"', "“ "]
)
def test_the_steps_taken_grow_with_the_length_of_the_text_and_no_faster(piece: str) -> None:
    def taken(length: int) -> int:
        text = (piece * length)[:length]
        return steps(quotations.__code__.co_filename, lambda: quotations(text))

    assert taken(8_000) < 5 * max(taken(2_000), 500)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("She said (“we stay“) again.", "we stay"),
        ('She said ("we stay ") again.', "we stay"),
        ("Prices rose '5%'and fell.", "5%"),
        ("‘It’s the Top O’ the north,’ he said.", "It’s the Top O’ the north,"),
        ("‘It’s the Top TH’ ships,’ he said.", "It’s the Top TH’ ships,"),
    ],
)
def test_a_mark_is_told_from_its_like_by_what_stands_on_both_its_sides(text: str, quoted: str) -> None:
    assert words(text) == [[quoted]]


def test_a_mark_before_a_full_stop_that_begins_a_word_opens_a_quotation_within_another() -> None:
    text = '"We like ".org" names," she said.'
    assert words(text) == [['We like ".org" names,'], [".org"]]


@pytest.mark.parametrize("between", ["\n\n", "\u2029"])
def test_a_french_quotation_goes_on_where_a_paragraph_begins_with_its_closing_mark(between: str) -> None:
    assert words(f"« Nous restons.{between}» Nous gagnons. »") == [["Nous restons.", "Nous gagnons."]]


@pytest.mark.parametrize("stop", [".", "!", "?", "。", "！", "？", ";", ":"])
def test_words_that_end_a_sentence_are_not_gone_on_with_whoever_is_said_to_say_them(stop: str) -> None:
    assert words(f"“我们留下{stop}”，她说，“战斗。”") == [[f"我们留下{stop}"], ["战斗。"]]
    assert words(f"“We stay{stop}”, she said, “we fight.”") == [[f"We stay{stop}"], ["we fight."]]
