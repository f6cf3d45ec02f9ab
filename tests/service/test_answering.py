"""What a question gets: passages of the archive, character for character, or an honest nothing."""

import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event

import pytest

from corpus.archive import Archive
from corpus.filters import Filters
from corpus.records import Located, UnknownStatement
from corpus.statement import Passage, Role, Statement, Turn
from embeddings.cross_encoder import NamedCrossEncoder
from embeddings.sentence_transformer import UnknownModel
from service import answering, encoders, generations, wiring
from service.answer import Answer, Place, Searched
from service.answering import Collection, EmptyQuestion, EncodedAnew, InvalidThreshold, Manner, NotText, TooMany
from service.config import Config
from service.conversation import Utterance
from service.generations import Generation, OtherEncoder
from service.locking import AnotherWriter, writing
from service.ranking import RECIPE
from service.wishes import Order
from tests.builders import a_statement
from tests.fakes import BagOfWordsEncoder, SilentProgress, use_bag_of_words
from tests.service.small_collection import SmallCollection

ANYTHING = Manner(threshold=0.0)
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
NASTY = "\ufeffNée 🌍:\r\n\tThe price of zinc rose e\u0301\u00a0today.\u2028 \u202eשלום\u202c The ferry is late 👨‍👩‍👧."


@pytest.fixture
def small(tmp_path: Path) -> SmallCollection:
    return SmallCollection(tmp_path / "data")


def on_zinc(number: int, text: str | None = None, **given: object) -> Statement:
    return a_statement(text or f"The price of zinc rose, says report {number}.", id=f"zinc-{number}", **given)


def in_sentences(text: str, statement_id: str) -> tuple[Statement, list[Passage]]:
    """A statement of one turn with a passage for each line."""
    statement = a_statement(text, id=statement_id)
    starts = [0, *(place + 1 for place, character in enumerate(text) if character == "\n")]
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    return statement, [Passage(start, end, 0) for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    ("filters", "rare"),
    [
        (Filters(speaker="lund"), {"speaker": "Bo Lund"}),
        (Filters(issuer="orm"), {"issuer": "Port of Orm"}),
        (Filters(since=date(2025, 1, 1)), {"published": "2025-03"}),
        (Filters(until=date(2000, 1, 1)), {"published": "1999"}),
        (Filters(speaker="lund", since=date(2025, 1, 1)), {"speaker": "Bo Lund", "published": "2025-03"}),
    ],
)
def test_a_filtered_question_gets_k_passages_when_k_exist_however_few_they_are(
    small: SmallCollection, filters: Filters, rare: dict[str, str]
) -> None:
    few = [f"Among ferries and tolls, the price of zinc came up {number}." for number in NUMBERS[:5]]
    small.put(
        *(on_zinc(number, f"Price of zinc {number}.") for number in range(250)),
        *(on_zinc(1000 + number, text, **rare) for number, text in enumerate(few)),
    )

    found = small.quoted("price of zinc", k=5, filters=filters)

    assert sorted(found) == sorted(few)


def test_a_role_is_a_filter_too(small: SmallCollection) -> None:
    text = "Is the price of zinc up? The price of zinc is up."
    turns = (Turn(0, 24, None, Role.QUESTION), Turn(25, len(text), "MS. ADLER", Role.ANSWER))
    small.put(a_statement(text, turns=turns))
    assert small.quoted("price of zinc", filters=Filters(role=Role.QUESTION)) == [text[:24]]
    assert small.quoted("price of zinc", filters=Filters(role=Role.ANSWER)) == [text[25:]]
    assert small.quoted("price of zinc", filters=Filters(role=Role.LETTER)) == []


def test_k_passages_come_even_when_the_nearest_are_all_copies_of_one(small: SmallCollection) -> None:
    copies = [on_zinc(number, "The price of zinc rose.") for number in range(350)]
    others = [on_zinc(1000 + number, f"The price of zinc rose in {word} towns.") for number, word in enumerate(NUMBERS)]
    small.put(*copies, *others)
    found = small.opened().ask("The price of zinc rose", k=4).quotes
    assert len({quote.text for quote in found}) == 4
    assert len(found[0].also) == 349


def test_a_statement_gives_three_quotes_while_others_can_fill_the_answer(small: SmallCollection) -> None:
    statement, passages = in_sentences("\n".join(f"The price of zinc rose {word}." for word in NUMBERS), "long")
    small.put(statement, passages=passages)
    small.put(on_zinc(1, "In Orm, too, zinc was dearer."), on_zinc(2, "We ship zinc and tin and lead."))

    ids = [quote.citation.statement_id for quote in small.opened().ask("price of zinc rose", k=5).quotes]

    assert ids[:3] == ["long"] * 3
    assert sorted(ids[3:]) == ["zinc-1", "zinc-2"]


def test_a_statement_gives_more_when_nothing_else_is_there(small: SmallCollection) -> None:
    statement, passages = in_sentences("\n".join(f"The price of zinc rose {word}." for word in NUMBERS), "long")
    small.put(statement, passages=passages)
    assert len(small.quoted("price of zinc", k=5)) == 5
    assert len(small.quoted("price of zinc", k=50)) == 8


def test_the_same_words_of_the_same_speaker_are_quoted_once_with_the_other_places(small: SmallCollection) -> None:
    small.put(
        on_zinc(1, "The price of zinc rose.", published="2024-06-01"),
        on_zinc(2, "The price of zinc rose.", published="2024-05-01"),
        on_zinc(3, "The price of zinc rose.", speaker="Bo Lund"),
    )
    quotes = small.opened().ask("price of zinc").quotes
    found = {(quote.citation.statement_id, quote.citation.speaker, quote.also) for quote in quotes}
    assert found == {("zinc-2", "Minister Ada Brand", (Place("zinc-1", 0, 23),)), ("zinc-3", "Bo Lund", ())}


def test_every_quote_is_the_archived_text_from_start_to_end(small: SmallCollection) -> None:
    statement, passages = in_sentences("\n".join([NASTY, "x\u0301 The price of tin. Zinc!", NASTY * 3]), "nasty")
    small.put(statement, passages=passages).put(on_zinc(1))

    quotes = small.opened().ask("The price of zinc rose today", k=10).quotes

    assert {quote.citation.statement_id for quote in quotes} == {"nasty", "zinc-1"}
    for quote in quotes:
        text = small.archive.get(quote.citation.statement_id).statement.text
        assert quote.text == text[quote.citation.start : quote.citation.end]
        if quote.highlight is not None:
            marked = text[quote.highlight.start : quote.highlight.end]
            assert marked in quote.text
            assert {"zinc", "price", "ferry"} & set(marked.casefold().replace(".", " ").split())
    assert sum(quote.highlight is not None for quote in quotes) >= 3


def test_the_sentence_with_most_of_the_questions_words_is_marked(small: SmallCollection) -> None:
    text = "The ferry is late. The price of zinc rose in Orm. Zinc is a metal."
    small.put(a_statement(text))
    (quote,) = small.opened().ask("Did the price of zinc rise?").quotes
    assert quote.highlight is not None
    assert text[quote.highlight.start : quote.highlight.end] == "The price of zinc rose in Orm."


def test_a_question_that_nothing_answers_gets_nothing_and_is_told_so(small: SmallCollection) -> None:
    small.put(on_zinc(1), on_zinc(2))
    answer = small.opened().ask("Who commands northern dredgers?")
    assert (answer.abstained, answer.quotes) == (True, ())
    assert 0 <= answer.confidence < 0.5
    assert (answer.index.passages, answer.index.encoder) == (2, "bag-of-words")


def test_an_empty_collection_answers_nothing(small: SmallCollection) -> None:
    answer = small.put().opened().ask("price of zinc")
    assert (answer.abstained, answer.quotes, answer.confidence) == (True, (), 0.0)


def test_quotes_are_ranked_from_one_with_falling_scores_between_nothing_and_one(small: SmallCollection) -> None:
    small.put(*(on_zinc(number, f"Zinc, says {word}.") for number, word in enumerate(NUMBERS)))
    quotes = small.opened().ask("zinc says four", k=4).quotes
    scores = [quote.score for quote in quotes]
    assert [quote.rank for quote in quotes] == [1, 2, 3, 4]
    assert quotes[0].text == "Zinc, says four."
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_follow_up_is_asked_with_the_question_before_it(small: SmallCollection) -> None:
    small.put(on_zinc(1))
    history = [Utterance("user", "The price of zinc rose, says report?")]
    answer = small.opened().ask("And why?", history=history, manner=ANYTHING)
    assert answer.question == "And why?"
    assert answer.standalone_question == "And why? (price, zinc rose)"
    assert [quote.citation.statement_id for quote in answer.quotes] == ["zinc-1"]


def test_a_question_needs_words_and_a_sound_count(small: SmallCollection) -> None:
    opened = small.put(on_zinc(1)).opened()
    with pytest.raises(EmptyQuestion, match="Ask something in words"):
        opened.ask(" \n")
    for k in (0, -1, 101):
        with pytest.raises(TooMany, match=f"{k} passages cannot be given. Ask for 1 to 100"):
            opened.ask("zinc", k=k)


def test_words_that_were_retired_are_not_quoted_even_from_an_older_index(small: SmallCollection) -> None:
    opened = small.put(on_zinc(1), on_zinc(2)).opened()
    assert len(opened.ask("price of zinc").quotes) == 2

    small.archive_only(on_zinc(1, "The price of zinc never rose; we were wrong."))

    assert [quote.citation.statement_id for quote in opened.ask("price of zinc").quotes] == ["zinc-2"]
    assert opened.generation().generation == 1


def test_a_removed_statement_is_not_quoted_even_from_an_older_index(small: SmallCollection) -> None:
    opened = small.put(on_zinc(1), on_zinc(2, "The price of zinc rose.")).opened()
    small.archive.remove("zinc-1")
    quotes = opened.ask("price of zinc").quotes
    assert [(quote.citation.statement_id, quote.also) for quote in quotes] == [("zinc-2", ())]
    small.archive.remove("zinc-2")
    assert opened.ask("price of zinc").quotes == ()


def test_a_passage_retired_between_ranking_and_quoting_is_left_out(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = small.put(on_zinc(1), on_zinc(2)).opened()
    places = Archive.places

    def then_remove(self: Archive, keys: Iterable[int]) -> dict[int, Located]:
        found = places(self, keys)
        with suppress(UnknownStatement):
            self.remove("zinc-1")
        return found

    monkeypatch.setattr(Archive, "places", then_remove)
    assert [(quote.rank, quote.citation.statement_id) for quote in opened.ask("price of zinc").quotes] == [
        (1, "zinc-2")
    ]


def test_a_passage_that_was_removed_vouches_for_no_other(small: SmallCollection) -> None:
    others = [a_statement(f"The school in ward {number} opens.", id=f"school-{number}") for number in range(30)]
    opened = small.put(on_zinc(1, "Zinc mines close in the north."), *others).opened()
    sure = opened.ask("Do zinc mines close in the north?").confidence
    small.archive.remove("zinc-1")
    stale = opened.ask("Do zinc mines close in the north?")
    small.ingest()
    fresh = opened.ask("Do zinc mines close in the north?")
    assert stale.abstained
    assert stale.confidence == pytest.approx(fresh.confidence, abs=0.005)
    assert sure > 0.5


def test_while_one_thread_opens_the_next_generation_the_others_go_on_with_this_one(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = small.put(on_zinc(1)).opened()
    opened.ask("price of zinc")
    small.put(a_statement("The price of tin fell.", id="tin"))
    begun, done = Event(), Event()
    open_usable = generations.open_usable

    def slowly(folder: Path, archive: Archive) -> Generation:
        begun.set()
        assert done.wait(20)
        return open_usable(folder, archive)

    monkeypatch.setattr(answering, "open_usable", slowly)
    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(opened.generation)
        assert begun.wait(20)
        assert opened.ask("price of lead").index.generation == 1
        done.set()
        assert first.result().generation == 2
    assert opened.ask("price of lead").index.generation == 2


def test_a_new_generation_is_picked_up_without_opening_again(small: SmallCollection) -> None:
    opened = small.put(on_zinc(1)).opened()
    assert opened.ask("price of tin").index.generation == 1
    small.put(a_statement("The price of tin fell.", id="tin"))
    answer = opened.ask("price of tin")
    assert (answer.index.generation, answer.quotes[0].text) == (2, "The price of tin fell.")


def test_a_generation_of_another_encoder_is_refused_and_not_searched_with_this_one(small: SmallCollection) -> None:
    opened = small.put(on_zinc(1)).opened()
    small.encoder = BagOfWordsEncoder("another model")
    small.ingester().reencode()
    with pytest.raises(EncodedAnew, match="encoded anew by another model; questions are still encoded by bag-of-words"):
        opened.ask("price of zinc")


def test_many_threads_get_the_same_answer(small: SmallCollection) -> None:
    opened = small.put(*(on_zinc(number) for number in range(20))).opened()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: opened.ask("price of zinc").quotes, range(24)))
    assert len(answers[0]) == 5
    assert all(quotes == answers[0] for quotes in answers)


# Through the composition root


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A collection of one file, whose model is a bag of words."""
    use_bag_of_words(monkeypatch)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "zinc.txt").write_text("The price of zinc rose. The ferry is late.")
    made = Config(tmp_path / "data", "bag-of-words")
    with wiring.ingester(made, SilentProgress(), "ingest") as work:
        work.ingest([str(tmp_path / "papers")])
    return made


def quoted(config: Config) -> list[str]:
    with wiring.collection(config, SilentProgress()) as opened:
        return [quote.text for quote in opened.ask("price of zinc").quotes]


def test_an_index_that_was_deleted_is_built_again_and_nothing_is_lost(config: Config) -> None:
    before = quoted(config)
    shutil.rmtree(config.index)
    assert quoted(config) == before == ["The price of zinc rose. The ferry is late."]


def test_a_damaged_index_is_built_again(config: Config) -> None:
    (config.index / "1" / "vectors.faiss").write_bytes(b"not an index")
    assert quoted(config) == ["The price of zinc rose. The ferry is late."]
    with wiring.collection(config, SilentProgress()) as opened:
        assert opened.generation().generation == 2


def test_an_index_is_not_built_again_without_need(config: Config) -> None:
    quoted(config)
    with wiring.collection(config, SilentProgress()) as opened:
        assert opened.generation().generation == 1


def test_the_index_of_another_archive_is_not_taken_for_this_ones(config: Config, tmp_path: Path) -> None:
    config.archive.unlink()
    (tmp_path / "papers" / "zinc.txt").write_text("The harbour is shut. Nobody knows the price of zinc.")
    with wiring.ingester(config, SilentProgress(), "ingest") as work:
        work.ingest([str(tmp_path / "papers")])
    with wiring.collection(config, SilentProgress()) as opened:
        assert opened.generation().generation == 2


def test_while_somebody_writes_the_generation_in_use_answers(config: Config) -> None:
    before = quoted(config)
    with wiring.existing_archive(config) as archive:
        archive.adopt({"touched": "yes"}, forgetting_vectors=False)
    with writing(config.data, "ingest"):
        assert quoted(config) == before
        shutil.rmtree(config.index)
        with pytest.raises(AnotherWriter, match="Wait until it is done"):
            quoted(config)


def test_a_folder_without_an_archive_is_no_collection_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(wiring.NoArchive, match="Make one with `onrecord ingest PATH…`"):
        quoted(Config(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_removing_removes_all_named_or_none(config: Config) -> None:
    with pytest.raises(UnknownStatement, match="No statement 'other' is in the archive"):
        wiring.remove(config, ("papers/zinc.txt", "other"))
    assert len(quoted(config)) == 1
    wiring.remove(config, ("papers/zinc.txt",))
    assert quoted(config) == []


def test_reindexing_needs_no_model(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_model(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as without:
        without.setattr(encoders, "SentenceTransformerEncoder", no_model)
        assert wiring.reindex(config, SilentProgress()).generation == 2
    assert len(quoted(config)) == 1


def test_another_model_is_refused_until_all_is_encoded_anew(config: Config) -> None:
    other = Config(config.data, "another model")
    with pytest.raises(OtherEncoder, match="encoded by bag-of-words, not by this another model"):
        quoted(other)
    assert wiring.reencode(other, SilentProgress()).encoder == "another model"
    assert len(quoted(other)) == 1


def dated(*published: str | None) -> list[Statement]:
    return [on_zinc(number, published=day) for number, day in enumerate(published, 1)]


def ids(answer: Answer) -> list[str]:
    return [quote.citation.statement_id for quote in answer.quotes]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEWEST, ["zinc-3", "zinc-1", "zinc-2", "zinc-4"]),
        (Order.OLDEST, ["zinc-2", "zinc-1", "zinc-3", "zinc-4"]),
    ],
)
def test_what_is_on_the_subject_comes_by_date_and_the_undated_last(
    small: SmallCollection, order: Order, expected: list[str]
) -> None:
    small.put(*dated("2021-03-01", "2019", "2023-07", None), a_statement("A ferry is late.", id="ferry"))
    answer = small.opened().ask("The price of zinc rose, says report", manner=Manner(order=order))
    assert (ids(answer), answer.order) == (expected, order)
    assert [quote.rank for quote in answer.quotes] == [1, 2, 3, 4]


def test_an_order_in_the_question_is_followed_said_and_can_be_left_out(small: SmallCollection) -> None:
    small.put(*dated("2021-03-01", "2019-01-01", "2023-07-01"))
    question = "What is the latest on the price of zinc?"
    understood = small.opened().ask(question, manner=ANYTHING)
    assert [(wish.kind, wish.words, wish.order) for wish in understood.understood] == [
        ("order", "the latest", Order.NEWEST)
    ]
    assert (ids(understood), understood.order) == (["zinc-3", "zinc-1", "zinc-2"], Order.NEWEST)

    literal = small.opened().ask(question, manner=Manner(threshold=0.0, ignore=frozenset({"order"})))
    assert (literal.understood, literal.order) == ((), Order.RELEVANCE)


def test_a_period_in_the_question_is_a_filter_that_is_said_and_can_be_left_out(small: SmallCollection) -> None:
    small.put(*dated("2021-03-01", "2019-01-01", "2023-07-01"))
    question = "In March 2021, what did the report say about the price of zinc?"
    answer = small.opened().ask(question, manner=ANYTHING)
    assert [(wish.words, wish.since, wish.until) for wish in answer.understood] == [
        ("In March 2021", "2021-03", "2021-03")
    ]
    assert answer.standalone_question == "what did the report say about the price of zinc?"
    assert ids(answer) == ["zinc-1"]
    assert answer.searched == Searched(1, 1, "2021-03-01", "2021-03-01")

    literal = small.opened().ask(question, manner=Manner(threshold=0.0, ignore=frozenset({"period"})))
    assert len(literal.quotes) == 3


def test_a_period_that_was_given_counts_and_not_the_one_in_the_question(small: SmallCollection) -> None:
    small.put(*dated("2021-03-01", "2019-01-01"))
    question = "In March 2021, what did the report say about the price of zinc?"
    answer = small.opened().ask(question, filters=Filters(until=date(2020, 1, 1)), manner=ANYTHING)
    assert (answer.understood, ids(answer)) == ((), ["zinc-2"])


def test_an_answer_says_how_much_was_searched_and_of_which_period(small: SmallCollection) -> None:
    small.put(*dated("2021-03", "2019-05-06", None))
    assert small.opened().ask("The price of zinc").searched == Searched(3, 3, "2019-05-06", "2021-03-31")
    nobody = small.opened().ask("The price of zinc", filters=Filters(speaker="nobody"))
    assert (nobody.searched, nobody.abstained, nobody.misses) == (Searched(0, 0, None, None), True, ())


def test_what_came_nearest_is_shown_apart_when_nothing_is_quoted(small: SmallCollection) -> None:
    small.put(*dated("2021", "2019", "2018", "2017"))
    answer = small.opened().ask("Zinc and tariffs, lanterns, quotas, dredgers, anchors and the harbour of Orm?")
    assert (answer.abstained, answer.quotes) == (True, ())
    assert len({miss.text for miss in answer.misses}) == len(answer.misses) == 3
    assert all(miss.text.startswith("The price of zinc rose, says report ") for miss in answer.misses)


def test_the_threshold_decides_what_is_quoted_and_is_said(small: SmallCollection) -> None:
    small.put(*dated("2021"))
    strict = small.opened().ask("Are lanterns dear?", manner=Manner(threshold=0.9))
    lenient = small.opened().ask("Are lanterns dear?", manner=ANYTHING)
    assert strict.confidence == lenient.confidence < 0.9
    assert (strict.abstained, strict.threshold, len(strict.quotes)) == (True, 0.9, 0)
    assert (lenient.abstained, lenient.threshold, len(lenient.quotes)) == (False, 0.0, 1)


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_confidence(threshold: float) -> None:
    with pytest.raises(InvalidThreshold, match="Give a threshold from 0 to 1"):
        Manner(threshold=threshold)


RELEASE = "The port of Orm opens to all ships on the first of May, and the tolls are those of the year before."


def test_near_copies_are_one_quote_under_the_earliest_with_the_others_beside_it(small: SmallCollection) -> None:
    small.put(
        a_statement(f"“{RELEASE}”", id="site", published="2021-05-03"),
        a_statement(RELEASE.replace("to all ships", "to ships"), id="agency", published="2021-05-04"),
        a_statement(RELEASE, id="port", published="2021-05-02"),
        a_statement(RELEASE.replace("May", "June"), id="later", published="2021-06-01"),
    )
    answer = small.opened().ask("When does the port of Orm open?", manner=ANYTHING)
    assert ids(answer) == ["port", "later"]
    assert sorted(place.statement_id for place in answer.quotes[0].also) == ["agency", "site"]


def test_near_copies_are_not_chained(small: SmallCollection) -> None:
    small.put(
        a_statement(f"{RELEASE} Six ships were lost.", id="six", published="2021-01-01"),
        a_statement(RELEASE, id="none", published="2021-02-01"),
        a_statement(f"{RELEASE} Five ships were lost.", id="five", published="2021-03-01"),
    )
    answer = small.opened().ask("When does the port of Orm open to all ships?", manner=ANYTHING)
    told = [{quote.citation.statement_id, *(place.statement_id for place in quote.also)} for quote in answer.quotes]
    assert not [together for together in told if {"six", "five"} <= together]


def test_the_newest_of_copies_stands_for_them_when_the_newest_is_asked_for(small: SmallCollection) -> None:
    small.put(
        on_zinc(1, "The price of zinc is frozen now.", published="2020"),
        on_zinc(2, "The price of zinc is floating now.", published="2022"),
        on_zinc(3, "The price of zinc is frozen now.", published="2024"),
    )
    answer = small.opened().ask("price of zinc", manner=Manner(order=Order.NEWEST, threshold=0.0))
    assert ids(answer) == ["zinc-3", "zinc-2"]
    assert [place.statement_id for place in answer.quotes[0].also] == ["zinc-1"]


def test_unnamed_speakers_of_two_issuers_are_two(small: SmallCollection) -> None:
    for issuer in ("Ministry of Kelm", "Ministry of Orm"):
        small.put(a_statement(RELEASE, id=issuer, issuer=issuer, speaker=None))
    assert sorted(ids(small.opened().ask(RELEASE))) == ["Ministry of Kelm", "Ministry of Orm"]


def test_nothing_that_can_be_quoted_is_nothing_found_at_any_threshold(small: SmallCollection) -> None:
    small.put(on_zinc(1))
    answer = small.opened().ask("zinc", filters=Filters(speaker="nobody"), manner=ANYTHING)
    assert (answer.abstained, answer.quotes, answer.misses) == (True, (), ())


def test_a_question_of_its_own_is_not_answered_by_what_was_asked_before(small: SmallCollection) -> None:
    small.put(on_zinc(1, "Zinc mines close in the north of Orm."), *(on_zinc(number) for number in range(2, 9)))
    history = [
        Utterance("user", "Do zinc mines close in the north of Orm?"),
        Utterance("agent", "Zinc mines close in the north of Orm."),
    ]
    opened = small.opened()
    same, other = (opened.ask(f"And in {place}?", history=history).confidence for place in ("Orm", "Liechtenstein"))
    assert same > 2 * other
    assert opened.ask("And in Liechtenstein?", history=history).abstained


def test_a_follow_up_is_looked_for_by_its_own_meaning_and_by_that_of_what_it_takes_along(
    small: SmallCollection,
) -> None:
    small.put(a_statement("Kelm bridge.", id="bridge"), a_statement("Zinc is up.", id="zinc"))
    history = [Utterance("user", "Who built the Kelm bridge?")]
    first = small.opened().ask("And when?", history=history, manner=ANYTHING).quotes[0]
    assert first.citation.statement_id == "bridge"
    assert first.score > RECIPE.words + RECIPE.pairs + 0.05


def test_the_question_that_a_turn_answers_is_evidence_for_it(small: SmallCollection) -> None:
    asked, told = "Will the Kelm bridge be closed to lorries?", "With what we know now, yes."
    text = f"{asked} {told}"
    turns = (
        Turn(0, len(asked), None, Role.QUESTION),
        Turn(len(asked) + 1, len(text), "Ada Brand", Role.ANSWER),
    )
    answered = Passage(len(asked) + 1, len(text), 1)
    small.put(replace(a_statement(text, id="asked"), turns=turns), passages=[answered])
    small.put(*(on_zinc(number) for number in range(1, 9)))
    with_question = small.opened().ask("Is the Kelm bridge closed to lorries?", manner=ANYTHING)
    assert with_question.quotes[0].text == told

    small.archive.remove("asked")
    small.put(a_statement(told, id="told"))
    assert with_question.confidence > 2 * small.opened().ask("Is the Kelm bridge closed to lorries?").confidence


class LongestFirst(NamedCrossEncoder):
    """A cross-encoder to which the longest passage is the best."""

    def __init__(self) -> None:
        """It has no model."""

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        assert question
        return [float(len(passage)) for passage in passages]


def test_a_cross_encoder_puts_the_best_passages_in_its_own_order(small: SmallCollection) -> None:
    small.put(
        on_zinc(1, "The price of zinc rose."),
        on_zinc(2, "The price of zinc rose, say those who sell it and those who buy it."),
        on_zinc(3, "The price of zinc rose, they say."),
    )
    plain = small.opened().ask("price of zinc rose", manner=ANYTHING)
    opened = Collection(small.archive, small.encoder, small.index, cross_encoder=LongestFirst())
    judged = opened.ask("price of zinc rose", manner=ANYTHING)
    assert (ids(plain)[0], ids(judged)) == ("zinc-1", ["zinc-2", "zinc-3", "zinc-1"])
    assert [quote.score for quote in judged.quotes] == [quote.score for quote in plain.quotes]


def test_a_cross_encoder_that_is_not_there_is_said_before_anything_is_asked(config: Config, tmp_path: Path) -> None:
    missing = replace(config, cross_encoder=str(tmp_path / "nowhere"))
    with pytest.raises(UnknownModel, match="nowhere"), wiring.collection(missing, SilentProgress()):
        pass


def test_history_that_is_no_text_is_refused(small: SmallCollection) -> None:
    small.put(on_zinc(1))
    with pytest.raises(NotText):
        small.opened().ask("And why?", history=[Utterance("agent", "\ud800")])


def test_near_copies_of_another_speaker_are_another_quote(small: SmallCollection) -> None:
    small.put(
        a_statement(RELEASE, id="brand", speaker="Ada Brand"),
        a_statement(RELEASE.replace("to all ships", "to ships"), id="lund", speaker="Bo Lund"),
    )
    assert sorted(ids(small.opened().ask(RELEASE))) == ["brand", "lund"]


def test_a_follow_up_is_looked_for_first_where_the_last_answer_stood(small: SmallCollection) -> None:
    small.put(
        a_statement("The bridge is closed.", id="bridge", published="2021-03-01"),
        a_statement("It opens in May, says the ministry.", id="may", published="2021-03-01"),
        a_statement("It opens in June, says the ministry.", id="june", published="2023-03-01"),
    )
    history = [Utterance("user", "Is the bridge closed?"), Utterance("agent", "The bridge is closed.")]
    followed = small.opened().ask("And when does it open, says the ministry?", history=history)
    assert ids(followed).index("may") < ids(followed).index("june")

    history[1] = Utterance("agent", "Nobody said this.")
    alone = small.opened().ask("And when does it open, says the ministry?", history=history)
    assert {quote.citation.statement_id: quote.score for quote in alone.quotes}["may"] == pytest.approx(
        {quote.citation.statement_id: quote.score for quote in alone.quotes}["june"], abs=0.05
    )
