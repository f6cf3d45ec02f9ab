"""An answer is given again as long as nothing has changed, and only so many are kept."""

from dataclasses import replace
from pathlib import Path

from service.answer import Answer, IndexInfo, Quote, Searched
from service.recent import RecentAnswers
from service.wishes import Order
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection

NOW, LATER = (7, 1000), (7, 1001)


def an_answer(question: str, quotes: tuple[Quote, ...] = ()) -> Answer:
    return Answer(
        question=question,
        standalone_question=question,
        abstained=not quotes,
        confidence=0.0,
        threshold=0.5,
        order=Order.RELEVANCE,
        understood=(),
        quotes=quotes,
        misses=(),
        searched=Searched(3, 8, None, None),
        index=IndexInfo(7, 8, "words"),
        took_ms=1.5,
    )


def test_an_answer_is_found_under_what_was_asked_and_nothing_else() -> None:
    recent = RecentAnswers()
    recent.put(NOW, ("zinc", 5), an_answer("zinc"))
    assert recent.get(NOW, ("zinc", 5)) == an_answer("zinc")
    assert recent.get(NOW, ("zinc", 6)) is None


def test_another_state_of_the_collection_has_none_of_the_answers() -> None:
    recent = RecentAnswers()
    recent.put(NOW, "zinc", an_answer("zinc"))
    assert recent.get(LATER, "zinc") is None
    assert recent.get(NOW, "zinc") is None


def test_an_answer_sought_in_an_earlier_state_is_not_given_in_a_later_one() -> None:
    recent = RecentAnswers()
    recent.put(LATER, "tin", an_answer("tin"))
    recent.put(NOW, "zinc", an_answer("zinc"))
    assert recent.get(LATER, "zinc") is None
    assert recent.get(LATER, "tin") is None


def test_the_answer_needed_longest_ago_makes_room() -> None:
    recent = RecentAnswers(size=2)
    recent.put(NOW, "zinc", an_answer("zinc"))
    recent.put(NOW, "tin", an_answer("tin"))
    recent.get(NOW, "zinc")
    recent.put(NOW, "coal", an_answer("coal"))
    assert [recent.get(NOW, asked) is not None for asked in ("zinc", "tin", "coal")] == [True, False, True]


def test_putting_an_answer_again_makes_it_the_latest() -> None:
    recent = RecentAnswers(size=2)
    for asked in ("zinc", "tin", "zinc", "coal"):
        recent.put(NOW, asked, an_answer(asked))
    assert [recent.get(NOW, asked) is not None for asked in ("zinc", "tin", "coal")] == [True, False, True]


def test_an_answer_of_very_many_quotes_is_not_kept(tmp_path: Path) -> None:
    answered = SmallCollection(tmp_path).put(a_statement("Zinc is dear.")).opened().ask("Is zinc dear?")
    (quote,) = answered.quotes
    recent = RecentAnswers()
    recent.put(NOW, 20, replace(answered, quotes=(quote,) * 20))
    recent.put(NOW, 21, replace(answered, quotes=(quote,) * 21))
    assert [recent.get(NOW, asked) is not None for asked in (20, 21)] == [True, False]
