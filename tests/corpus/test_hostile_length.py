"""What is read and cut at ingest grows with the length of a text and not with its square, whatever stands in it."""

import random
from collections.abc import Iterator

import pytest

from corpus import chunking, letters, sentences, turns
from corpus.chunking import _best, _Piece, cut
from corpus.labels import MOST_SPEAKERS, find_labels
from corpus.readers.furniture import crumbs, is_home
from corpus.statement import Role, Statement, Turn
from corpus.turns import NAMES_KNOWN, find_turns
from tests.counted import steps


def best_by_trying_all(pieces: list[_Piece], budget: float) -> list[list[_Piece]]:
    least, starts = [0.0], [0]
    for end in range(1, len(pieces) + 1):
        tried = []
        for start in range(end):
            size = sum(piece.size for piece in pieces[start:end])
            if size <= budget or start == end - 1:
                tried.append((least[start] + max(0.0, 1 - size / budget) ** 2, -start))
        loss, start = min(tried)
        least.append(loss + pieces[end - 1].loss)
        starts.append(-start)
    runs: list[list[_Piece]] = []
    end = len(pieces)
    while end:
        runs.insert(0, pieces[starts[end] : end])
        end = starts[end]
    return runs


def pieces_of(sizes: Iterator[int], losses: Iterator[float]) -> list[_Piece]:
    return [_Piece(0, at, at + 1, size, loss) for at, (size, loss) in enumerate(zip(sizes, losses, strict=True))]


@pytest.mark.parametrize("seed", range(40))
def test_the_passages_chosen_are_those_that_trying_every_start_would_choose(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    count, most = rng.randrange(1, 60), rng.choice([1, 3, 14])
    losses = rng.choice([[0.0], [0.5], [0.0, 0.25, 0.5, 10.0, 20.0]])
    pieces = pieces_of((rng.randint(1, most) for _ in range(count)), (rng.choice(losses) for _ in range(count)))
    assert list(_best(pieces, 12.0)) == best_by_trying_all(pieces, 12.0)


@pytest.mark.parametrize("loss", [0.0, 0.5, 5.0])
def test_a_text_of_one_letter_sentences_is_not_tried_at_every_letter(loss: float) -> None:
    pieces = pieces_of(iter([1] * 20_000), iter([loss] * 20_000))
    assert steps(chunking.__file__, lambda: list(_best(pieces, 200.0))) < 100 * len(pieces)


def test_sentencex_is_never_asked_about_more_than_the_widest_window(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = sentences._boundaries

    def counted(code: str, text: str) -> list[dict[str, int]]:
        asked.append(len(text))
        return ask(code, text)

    monkeypatch.setattr(sentences, "_boundaries", counted)
    text = "a" * 100_000
    assert sentences.sentence_spans(text)[-1][1] == len(text)
    assert max(asked) == 16_000
    assert sum(asked) < 3 * len(text)


def test_all_of_a_text_without_end_of_sentence_is_in_its_passages() -> None:
    text = "a" * 40_000
    turn = Turn(0, len(text), None, Role.REMARKS)
    statement = Statement("a", None, None, None, None, None, None, None, text, (turn,))
    passages = cut(statement, lambda texts: [len(each) for each in texts], 500)
    assert "".join(text[passage.start : passage.end] for passage in passages) == text


def test_a_number_alone_behind_a_few_marks_still_belongs_to_what_follows() -> None:
    assert sentences.sentence_spans("“4. Tin is up.") == [(0, 14)]


@pytest.mark.parametrize(
    "letter", ["Sir, I thank you.\n\nYours sincerely,\nJan Brand\n\n", "Dear Ann,\n\nTin.\n\nYours,\nJan Brand\n\n"]
)
def test_a_page_of_letters_is_gone_through_once(letter: str) -> None:
    once, twice = (steps(letters.__file__, lambda text=letter * n: letters.find_letters(text)) for n in (200, 400))  # type: ignore[misc]
    assert 0 < twice <= 2.1 * once


def test_names_are_looked_for_in_no_more_of_a_title_than_its_beginning() -> None:
    assert len(turns._known("a" * 5_000, "b" * 5_000)) == 2 * NAMES_KNOWN + 1


def test_of_very_many_speakers_the_first_are_still_found_without_their_colon() -> None:
    names = [
        f"MR. {chr(65 + n // 26 % 26)}{chr(65 + n % 26)}{chr(65 + n // 676)}LIND" for n in range(MOST_SPEAKERS + 1)
    ]
    page = "".join(f"{name}: Tin is up.\n\n{name}: So it is.\n\n" for name in names)
    first = find_labels(f"{page}{names[0]}  Zinc too.\n")
    last = find_labels(f"{page}{names[-1]}  Zinc too.\n")
    assert (len(first), len(last)) == (2 * len(names) + 1, 2 * len(names))


def test_a_text_between_rules_is_all_that_is_left_of_it() -> None:
    text = "---\n" * 50 + "Tin is up." + "\n---" * 50
    assert [(turn.start, turn.end) for turn in find_turns(text)] == [(200, 210)]


def test_the_space_before_a_crumb_mark_belongs_to_no_step() -> None:
    assert crumbs("Home   >  Press /  Remarks") == ["Home", "Press", "Remarks"]
    assert crumbs("Home > > Press") == []
    assert is_home("  You are here:  Home ")
