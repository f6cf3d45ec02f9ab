"""What is found by its words, with scores worked out by hand from the BM25 formula."""

from collections.abc import Sequence
from datetime import date
from math import log, sqrt
from pathlib import Path
from typing import Any

import pytest

from corpus.filters import Scope
from corpus.keywords import KeywordIndex, KeywordWriter
from corpus.records import Searchable
from corpus.statement import Role


def a_passage(key: int, text: str, **given: Any) -> Searchable:
    fields: dict[str, Any] = {
        "title": None,
        "issuer": "Port of Orm",
        "first_day": "2024-05-06",
        "last_day": "2024-05-06",
        "speaker": "Ada Brand",
        "role": Role.REMARKS,
    }
    return Searchable(key=key, version=key, text=text, **(fields | given))


def an_index(folder: Path, passages: Sequence[Searchable], removed: Sequence[int] = ()) -> KeywordIndex:
    with KeywordWriter(folder / "words") as writer:
        for key in removed:
            writer.remove(key)
        for passage in passages:
            writer.add(passage)
    return KeywordIndex(folder / "words")


def keys(found: list[tuple[int, float]]) -> list[int]:
    return [key for key, _ in found]


def bm25(frequency: int, length: int, mean: float, holding: int, passages: int) -> float:
    """Robertson and Zaragoza (2009), k1 = 1.2 and b = 0.75."""
    rarity = log(1 + (passages - holding + 0.5) / (holding + 0.5))
    return rarity * frequency * 2.2 / (frequency + 1.2 * (1 - 0.75 + 0.75 * length / mean))


def test_scores_are_bm25_and_the_best_comes_first(tmp_path: Path) -> None:
    index = an_index(
        tmp_path,
        [
            a_passage(7, "harbour ferry lantern", issuer=None, speaker=None),
            a_passage(3, "harbour harbour", issuer=None, speaker=None),
            a_passage(9, "ferry anchor compass rope", issuer=None, speaker=None),
            a_passage(4, "rope", issuer=None, speaker=None),
        ],
    )

    found = index.emphasising(0).search("harbour ferry", 10)

    mean = 10 / 4
    expected = {
        7: bm25(1, 3, mean, 2, 4) + bm25(1, 3, mean, 2, 4),
        3: bm25(2, 2, mean, 2, 4),
        9: bm25(1, 4, mean, 2, 4),
    }
    assert keys(found) == [7, 3, 9]
    assert dict(found) == pytest.approx(expected, rel=1e-5)


def test_rare_words_count_more_than_in_bm25_by_the_root_of_their_rarity(tmp_path: Path) -> None:
    passages = [a_passage(1, "harbour"), a_passage(2, "harbour"), a_passage(3, "harbour"), a_passage(4, "ferry")]
    index = an_index(tmp_path, passages)
    plain = index.emphasising(0)

    rarities = index.rarities("harbour ferry")
    assert rarities == pytest.approx({"harbour": log(1 + 1.5 / 3.5), "ferri": log(1 + 3.5 / 1.5)})
    for word, stem in (("harbour", "harbour"), ("ferry", "ferri")):
        expected = {key: score * sqrt(rarities[stem]) for key, score in plain.search(word, 9)}
        assert dict(index.search(word, 9)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("asked", "around"),
    [
        ("dredgers", {"title": "Dredgers of the north"}),
        ("Sandhaven", {"issuer": "Sandhaven Council"}),
        ("Okonedo", {"speaker": "MS. OKONEDO"}),
        ("tariffs", {"asked": "Will you raise the tariffs?", "role": Role.ANSWER}),
    ],
)
def test_a_passage_is_found_by_what_stands_around_it(tmp_path: Path, asked: str, around: dict[str, Any]) -> None:
    index = an_index(tmp_path, [a_passage(1, "With what we know now, yes.", **around), a_passage(2, "Zinc is up.")])
    assert keys(index.search(asked, 10)) == [1]


def test_words_of_a_script_without_spaces_are_found_within_a_sentence(tmp_path: Path) -> None:
    index = an_index(tmp_path, [a_passage(1, "码头今日起停航，恢复时间另行通知。"), a_passage(2, "市场明日开放。")])
    assert keys(index.search("何时恢复？", 10)) == [1]
    assert index.words("停航") == ["停航"]


def test_equal_scores_come_in_the_order_of_keys(tmp_path: Path) -> None:
    index = an_index(tmp_path, [a_passage(key, "Zinc is up.") for key in (2, 5, 8, 13)])
    assert keys(index.search("zinc", 10)) == [2, 5, 8, 13]
    assert keys(index.search("zinc", 2)) == [2, 5]


def test_words_are_found_in_any_form_case_and_accent_but_not_inside_others(tmp_path: Path) -> None:
    index = an_index(tmp_path, [a_passage(1, "The CAFÉS were opening."), a_passage(2, "A decafeinated day.")])
    assert keys(index.search("cafe", 5)) == [1]
    assert keys(index.search("opened", 5)) == [1]


@pytest.mark.parametrize("question", ["", "the of and", "?!", "x" * 100])
def test_a_question_without_a_word_to_look_for_finds_nothing(tmp_path: Path, question: str) -> None:
    assert an_index(tmp_path, [a_passage(1, "The price of the zinc.")]).search(question, 5) == []


@pytest.mark.parametrize("question", ['title:zinc AND "', "zinc) OR (", "+zinc -zinc", "zinc*~^"])
def test_a_question_is_words_and_never_a_query_language(tmp_path: Path, question: str) -> None:
    assert keys(an_index(tmp_path, [a_passage(1, "Zinc is up.")]).search(question, 5)) == [1]


SCOPES: list[tuple[Scope, list[int]]] = [
    (Scope(), [1, 2, 3, 4]),
    (Scope(speakers=frozenset({"Ada Brand"})), [1, 3]),
    (Scope(speakers=frozenset({"Ada"})), []),
    (Scope(speakers=frozenset()), []),
    (Scope(speakers=frozenset({"Ada Brand", "Bo Lund"})), [1, 2, 3]),
    (Scope(issuers=frozenset({'Ministry, of: "Works"'})), [3]),
    (Scope(role=Role.QUESTION), [2]),
    (Scope(since=date(2024, 5, 6)), [1]),
    (Scope(until=date(2024, 5, 5)), [2, 3]),
    (Scope(since=date(1946, 1, 1), until=date(1946, 12, 31)), [3]),
    (Scope(since=date(1946, 1, 2), until=date(1946, 12, 31)), []),
    (Scope(since=date(1946, 1, 1), until=date(1946, 12, 30)), []),
    (Scope(speakers=frozenset({"Ada Brand"}), role=Role.REMARKS, since=date(2024, 1, 1)), [1]),
]


@pytest.mark.parametrize(("scope", "found"), SCOPES)
def test_only_passages_inside_the_scope_are_found_with_the_scores_they_have_without_it(
    tmp_path: Path, scope: Scope, found: list[int]
) -> None:
    passages = [
        a_passage(1, "Zinc is up."),
        a_passage(
            2, "Is zinc up today?", speaker="Bo Lund", role=Role.QUESTION, first_day="2024-05-05", last_day="2024-05-05"
        ),
        a_passage(
            3,
            "Zinc was up then, and tin.",
            issuer='Ministry, of: "Works"',
            first_day="1946-01-01",
            last_day="1946-12-31",
        ),
        a_passage(4, "Zinc.", speaker=None, issuer=None, first_day=None, last_day=None, role=Role.INTRODUCTION),
    ]
    index = an_index(tmp_path, passages)
    everywhere = dict(index.search("zinc", 9))

    within = index.search("zinc", 9, scope)

    assert sorted(keys(within)) == found
    assert dict(within) == pytest.approx({key: everywhere[key] for key in found}, abs=1e-6)


def test_a_filtered_search_gives_as_many_as_exist_however_few_they_are_among_all(tmp_path: Path) -> None:
    passages = [a_passage(key, "zinc zinc zinc") for key in range(1, 2001)]
    rare = [a_passage(key, "one word of zinc among many others here", speaker="Bo Lund") for key in (2001, 2002, 2003)]
    index = an_index(tmp_path, [*passages, *rare])
    assert keys(index.search("zinc", 3, Scope(speakers=frozenset({"Bo Lund"})))) == [2001, 2002, 2003]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = an_index(tmp_path, [])
    assert len(index) == 0
    assert index.search("zinc", 5) == []
    assert index.search("zinc", 0) == []


def test_an_index_takes_more_passages_and_loses_others(tmp_path: Path) -> None:
    an_index(tmp_path, [a_passage(1, "zinc"), a_passage(2, "zinc tin"), a_passage(3, "lead")])
    index = an_index(tmp_path, [a_passage(4, "tin"), a_passage(5, "lead lead")], removed=[2, 99])
    assert len(index) == 4
    assert (keys(index.search("zinc", 9)), keys(index.search("tin", 9))) == ([1], [4])
    assert keys(index.search("lead", 9)) == [5, 3]


def broken_off(folder: Path) -> None:
    with KeywordWriter(folder / "words") as writer:
        writer.remove(1)
        writer.add(a_passage(2, "zinc"))
        raise KeyboardInterrupt


def test_changes_that_were_broken_off_are_none(tmp_path: Path) -> None:
    an_index(tmp_path, [a_passage(1, "zinc")])
    with pytest.raises(KeyboardInterrupt):
        broken_off(tmp_path)
    assert keys(KeywordIndex(tmp_path / "words").search("zinc", 9)) == [1]
