"""Every quotation in a draft gets one verdict, read from the archive's own texts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cachetools import LRUCache
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.quotations import Stretch
from corpus.statement import Passage, Role, Statement, Turn
from service import spoken
from service.answer import Place
from service.findings import STANDING, Check, Finding, Part, Verdict
from service.quote_check import QuoteCheck, TooManyQuotations
from tests.builders import a_statement
from tests.service.small_collection import SmallCollection

LEVY = (
    "Question: Will the harbour levy of Kelm ever be raised again?\n\n"
    "Minister Brand: We will not raise the levy of 3,000 crowns this year. It pays for the dredging of the northern "
    "channel, and nothing else. “No ship” has ever been turned away for it. The council of Orm agreed with us in May."
)
FERRY = "The ferry to Varn sails at dawn and returns at dusk, as it always has. No fare will be charged on feast days."
EXACT, TYPOGRAPHY, ELIDED, ALTERED, SPLICED, MISATTRIBUTED, NOT_FOUND = Verdict


def a_briefing(text: str = LEVY, **given: Any) -> Statement:
    """A question by somebody who is not named, and what Minister Brand answers."""
    asked, answered = text.index("Will"), text.index("Minister Brand:") + 16
    turns = (
        Turn(asked, text.index("\n\n"), None, Role.QUESTION),
        Turn(answered, len(text), "Minister Ada Brand", Role.ANSWER),
    )
    return a_statement(text, **({"id": "kelm/levy", "turns": turns} | given))


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuoteCheck]:
    small = SmallCollection(tmp_path_factory.mktemp("collection"))
    small.put(a_briefing(), a_statement(FERRY, id="varn/ferry", speaker="Bo Lund", published="2023-02-01", url=None))
    small.put(*(a_statement(f"Report {number} is on zinc and tin.", id=f"zinc-{number}") for number in range(9)))
    yield QuoteCheck(small.opened())
    small.archive.close()


def only(check: Check) -> Finding:
    """The finding of the one quotation that stands in no other."""
    (finding,) = [one for one in check.findings if one.within is None]
    return finding


def verdict(check: QuoteCheck, draft: str) -> Verdict:
    return only(check.check(draft)).verdict


@pytest.mark.parametrize(
    ("quotation", "expected"),
    [
        ("We will not raise the levy of 3,000 crowns this year.", EXACT),
        ("will not raise the levy of 3,000 crowns", EXACT),
        ("the dredging of the northern channel, and nothing else. “No ship” has ever been turned away", EXACT),
        ("we will not raise the levy of 3,000 crowns this year", TYPOGRAPHY),
        ("[w]e will not raise the levy of 3,000 crowns", TYPOGRAPHY),
        ("'No ship' has ever been turned away for it", TYPOGRAPHY),
        ("We will not raise the levy of 3,000 crowns this year,", TYPOGRAPHY),
        ("We will not raise the levy … this year", ELIDED),
        ("We will not raise the levy [...] this year", ELIDED),
        ("We will not raise [it] this year. It pays for the dredging", ELIDED),
        ("We will raise the levy of 3,000 crowns this year.", ALTERED),
        ("We will not raise the levy of 5,000 crowns this year.", ALTERED),
        ("The council of Varn agreed with us in May.", ALTERED),
        ("We will not ever raise the levy of 3,000 crowns this year.", ALTERED),
        ("We would not raise the levy of 3,000 crowns this year.", ALTERED),
        ("We not will raise the levy of 3,000 crowns this year.", ALTERED),
        ("We will not raise the Levy of 3,000 crowns this year.", ALTERED),
        ("We will not raise the levy of 3,000 crowns this year. “No ship” has ever been turned away for it.", ALTERED),
        ("We will not raise the … of 5,000 crowns this year.", ALTERED),
        ("We will not raise the levy of 3,000 crowns this year. The ferry to Varn sails at dawn.", SPLICED),
        ("We will not raise the levy of 3,000 crowns … No fare will be charged on feast days", SPLICED),
        ("The council of Orm agreed with us in May. We will not raise the levy of 3,000 crowns this year.", SPLICED),
        ("The council of Orm agreed … We will not raise the levy", SPLICED),
        ("Will the harbour levy of Kelm ever be raised again? We will not raise the levy of 3,000 crowns", SPLICED),
        ("Quartz is what the mountains of the south are made of, as every child knows.", NOT_FOUND),
        ("Quartz is what the mountains … are made of, as every child knows.", NOT_FOUND),
    ],
)
def test_each_kind_of_quotation_has_its_verdict(check: QuoteCheck, quotation: str, expected: Verdict) -> None:
    assert verdict(check, f"They said so: “{quotation}” Nobody answered.") == expected


LITTLE = "So few words stand in many places: that they do proves little."
SHORT = "Pieces so short can be put together to say anything: read what is left out."


@pytest.mark.parametrize(
    ("quotation", "expected", "sources", "told"),
    [
        ("The ferry to quartz glimmers underfoot", ALTERED, ["The ferry to Varn sails at"], ["A name was changed."]),
        ("The ferry to quartz glimmers underfoot there", NOT_FOUND, [], []),
        ("The ferry from Varn sails at dawn", ALTERED, ["The ferry to Varn sails at dawn"], []),
        ("The ferry from Varn sails at noon", NOT_FOUND, [], []),
        (
            "The ferry to Varn sails at dawn and returns at noon, as it always had.",
            ALTERED,
            ["The ferry to Varn sails at dawn and returns at dusk, as it always has"],
            [],
        ),
        (
            "The ferry to Varn sails and returns at dusk",
            ALTERED,
            ["The ferry to Varn sails at dawn and returns at dusk"],
            [],
        ),
        (
            "The ferry to Varn sails at we will not raise the levy of 3,000 crowns",
            SPLICED,
            ["The ferry to Varn sails at", "We will not raise the levy of 3,000 crowns"],
            [],
        ),
        ("sails at dawn and returns we will not raise the levy of 3,000 crowns", NOT_FOUND, [], []),
        (
            "No fare. We will not raise the levy of 3,000 crowns",
            SPLICED,
            ["No fare", "We will not raise the levy of 3,000 crowns"],
            [],
        ),
        (
            "No. We will not raise the levy of 3,000 crowns this year.",
            ALTERED,
            ["We will not raise the levy of 3,000 crowns this year."],
            ["A negation was added, left out or changed: it may mean the reverse."],
        ),
        ("returns at dusk … sails at dawn", SPLICED, ["returns at dusk", "sails at dawn"], []),
        ("sails at dawn … returns at dusk", ELIDED, ["sails at dawn", "returns at dusk"], []),
        ("sails … dusk", ELIDED, ["sails", "dusk"], [SHORT, LITTLE]),
        ("sails at dawn … quartz in May", NOT_FOUND, [], []),
        ("at dawn and", EXACT, ["at dawn and"], [LITTLE]),
        ("sails at dawn and", EXACT, ["sails at dawn and"], []),
        ("quartz ferry", NOT_FOUND, [], []),
        ("Report 11 is on zinc and tin.", ALTERED, ["Report 0 is on zinc and tin."], ["A number was changed."]),
        (
            "We will not [un]raise the levy",
            ALTERED,
            ["We will not", "the levy"],
            ["In square brackets are the draft’s own words: “[un]raise”. The source has “raise” there."],
        ),
        (
            "We will [never] raise the levy of 3,000 crowns",
            ELIDED,
            ["We will", "raise the levy of 3,000 crowns"],
            [
                "In square brackets are the draft’s own words: “[never]”. The source has “not” there.",
                "What is left out has a negation: “not”",
                SHORT,
            ],
        ),
    ],
)
def test_a_quotation_is_told_with_its_sources_and_what_to_beware_of(
    check: QuoteCheck, quotation: str, expected: Verdict, sources: list[str], told: list[str]
) -> None:
    found = only(check.check(f"They said: “{quotation}” So."))
    assert (found.verdict, [part.source for part in found.parts], list(found.warnings)) == (expected, sources, told)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("“The ferry to Varn sails at dawn,” said Bo Lund.", TYPOGRAPHY),
        ("“The ferry to Varn sails at dawn,” said Ada Brand.", MISATTRIBUTED),
        ("“We will not raise the levy of 3,000 crowns,” Brand said.", TYPOGRAPHY),
        ("Ada Brand said: “Will the harbour levy of Kelm ever be raised again?”", MISATTRIBUTED),
        ("“The ferry to Varn sails at dawn,” Bo Lund said on 4 May 2019.", MISATTRIBUTED),
        ("“The ferry to Varn sails at dawn,” Bo Lund said in February 2023.", TYPOGRAPHY),
        ("“We will not … this year,” said Bo Lund.", MISATTRIBUTED),
        ("“The ferry to Varn sails at dawn,” said Brand.", MISATTRIBUTED),
        ("“The ferry to Varn sails at dawn,” said Quartz.", TYPOGRAPHY),
    ],
)
def test_words_given_to_somebody_else_are_misattributed(check: QuoteCheck, draft: str, expected: Verdict) -> None:
    assert verdict(check, draft) == expected


@pytest.mark.parametrize(
    ("quotation", "expected", "told"),
    [
        (
            "We will not raise the levy [of 5,000 crowns] this year",
            ALTERED,
            "the draft’s own words: “[of 5,000 crowns]”",
        ),
        ("[It is false that] it pays for the dredging", ALTERED, "the draft’s own words: “[It is false that]”"),
        ("It pays for the [re]dredging of the northern channel", ELIDED, "The source has “dredging” there."),
        ("The council of Orm [dis]agreed with us in May", ALTERED, "the draft’s own words: “[dis]agreed”"),
        ("The council of Orm [now] agreed with us", ELIDED, "the draft’s own words: “[now]”"),
        ("We will not raise the levy[1] of 3,000 crowns", TYPOGRAPHY, ""),
        ("[…] will not raise the levy of 3,000 crowns", TYPOGRAPHY, ""),
    ],
)
def test_square_brackets_hide_nothing(check: QuoteCheck, quotation: str, expected: Verdict, told: str) -> None:
    found = only(check.check(f"“{quotation}”"))
    assert (found.verdict, any(told in warning for warning in found.warnings) or not told) == (expected, True)


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("我们不会提高港口税。渡轮每天开。", "我们不会提高港口税"),
        ("Their pro\u00adtec\u00adtion of fish\u00aderies holds.", "protection of fisheries"),
        ("Un hiver tre\u0300s se\u0301ve\u0300re.", "très sévère"),
        ("They came with \u00ad3,000 towns.", "with 3,000 towns"),
    ],
)
def test_scripts_without_spaces_and_odd_spellings_are_found(tmp_path: Path, text: str, quotation: str) -> None:
    small = SmallCollection(tmp_path).put(a_statement(text))
    assert verdict(QuoteCheck(small.opened()), f"“{quotation}”") in {EXACT, TYPOGRAPHY}


def test_a_changed_or_put_together_quotation_is_warned_of_its_wrong_speaker_too(check: QuoteCheck) -> None:
    found = only(check.check("“The ferry to Varn sails at noon and returns at dusk,” said Ada Brand."))
    assert found.verdict == ALTERED
    assert "The draft gives these words to Ada Brand; the source gives them to Bo Lund." in found.warnings


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        (LEVY, "“No ship”"),
        ("He told us: “The levy\nof Kelm falls\nby half,” and left.", "“of Kelm falls”"),
        ("He told us: “The levy falls.\n\n“It falls by half in every port.”", "“It falls by half in every port”"),
    ],
)
def test_words_that_the_source_quotes_itself_are_said_to_be(tmp_path: Path, text: str, quotation: str) -> None:
    small = SmallCollection(tmp_path).put(a_statement(text))
    found = only(QuoteCheck(small.opened()).check(f"He wrote: {quotation}"))
    assert any("quotation marks in the source too" in warning for warning in found.warnings)


def test_words_beside_a_quotation_in_the_source_are_not_said_to_be_quoted(check: QuoteCheck) -> None:
    assert only(check.check("“has ever been turned away for it”")).warnings == ()


def test_a_draft_of_too_many_quotations_is_refused(check: QuoteCheck) -> None:
    with pytest.raises(TooManyQuotations, match=r"has 1,001 quotations\. Split it"):
        check.check("“Zinc.” " * 1001)


def test_quotations_in_quotations_are_looked_up_so_deep_and_no_deeper(check: QuoteCheck) -> None:
    draft = "“a ‘b “c ‘d “e ‘f g’ e” d’ c” b’ a”"
    assert [one.within for one in check.check(draft).findings] == [None, 1, 2, 3]


def test_a_finding_tells_its_place_in_draft_and_source(check: QuoteCheck) -> None:
    draft = "He noted: “The ferry to Varn sails at noon.”"
    found = only(check.check(draft))
    (part,), (change,) = found.parts, found.changes

    assert draft[found.at.start : found.at.end] == found.text == "The ferry to Varn sails at noon."
    assert part.source == FERRY[part.citation.start : part.citation.end] == "The ferry to Varn sails at dawn"
    assert (part.citation.statement_id, part.citation.speaker) == ("varn/ferry", "Bo Lund")
    assert draft[part.quoted_at.start : part.quoted_at.end] == part.quoted == "The ferry to Varn sails at noon"
    assert (change.kind, change.about) == ("replaced", "wording")
    assert draft[change.quoted_at.start : change.quoted_at.end] == change.quoted == "noon"
    assert FERRY[change.source_at.start : change.source_at.end] == change.source == "dawn"
    assert part.capsule["type"] == "Annotation"


def test_a_change_tells_its_place_in_the_whole_statement(check: QuoteCheck) -> None:
    (change,) = only(check.check("“We will not raise the levy of 9,000 crowns”")).changes
    assert LEVY[change.source_at.start : change.source_at.end] == change.source == "3,000"


@pytest.mark.parametrize(("filler", "expected"), [("grain and " * 4, ELIDED), ("grain and " * 20, NOT_FOUND)])
def test_square_brackets_stand_for_a_few_words_only(tmp_path: Path, filler: str, expected: Verdict) -> None:
    small = SmallCollection(tmp_path).put(a_statement(f"The harbour of Kelm ships {filler}salt to all the islands."))
    quotation = "The harbour of Kelm ships [goods] salt to all the islands"
    assert (verdict(QuoteCheck(small.opened()), f"“{quotation}”") == ELIDED) is (expected == ELIDED)


def test_a_question_is_found_though_its_answer_is_what_the_index_knows_it_by(tmp_path: Path) -> None:
    asked, answered = "Will the levy of Kelm rise again? And will the one of Varn?", "Neither of them will."
    text = f"{asked}\n\n{answered}"
    turns = (Turn(0, len(asked), None, Role.QUESTION), Turn(len(asked) + 2, len(text), "Ada Brand", Role.ANSWER))
    cut = text.index("And will")
    passages = [Passage(0, cut - 1, 0), Passage(cut, len(asked), 0), Passage(len(asked) + 2, len(text), 1)]
    small = SmallCollection(tmp_path).put(a_statement(text, turns=turns), passages=passages)
    small.put(a_statement(FERRY, id="varn/ferry"))
    check = QuoteCheck(small.opened())
    assert verdict(check, f"“{asked}” said Ada Brand.") == MISATTRIBUTED
    assert verdict(check, f"“{asked} {FERRY.partition('. ')[0]}.”") == SPLICED


def test_what_is_left_out_is_shown_and_a_negation_in_it_is_warned_of(check: QuoteCheck) -> None:
    found = only(check.check("“We will … raise the levy of 3,000 crowns this year.”"))
    assert (found.verdict, [part.omitted for part in found.parts]) == (ELIDED, [None, "not"])
    assert "What is left out has a negation: “not”" in found.warnings


@pytest.mark.parametrize(
    ("quotation", "warning"),
    [
        (
            "We will raise the levy of 3,000 crowns",
            "A negation was added, left out or changed: it may mean the reverse.",
        ),
        ("We will not raise the levy of 9,000 crowns", "A number was changed."),
        ("The council of Varn agreed with us in May", "A name was changed."),
    ],
)
def test_a_change_that_may_turn_the_meaning_is_warned_of(check: QuoteCheck, quotation: str, warning: str) -> None:
    assert warning in only(check.check(f"“{quotation}”")).warnings


def test_a_question_is_never_passed_off_as_the_answer(check: QuoteCheck) -> None:
    found = only(check.check("“Will the harbour levy of Kelm ever be raised again?”"))
    assert found.verdict == EXACT
    assert found.warnings == ("These are words of a question put to the speaker, not the speaker’s own.",)


def test_an_interrupted_quotation_is_one(check: QuoteCheck) -> None:
    found = only(check.check("“It pays for the dredging of the northern channel,” she said, “and nothing else.”"))
    assert found.verdict == EXACT


def test_nested_quotations_and_block_quotations_are_checked_too(check: QuoteCheck) -> None:
    draft = f"{FERRY}\n\nHe asked: “Was it ‘The ferry to Varn sails at dawn’ or not?”"
    found = check.check(draft, blocks=[Stretch(0, len(FERRY))]).findings
    assert [(one.verdict, one.within) for one in found] == [(EXACT, None), (NOT_FOUND, None), (EXACT, 2)]


def test_words_that_stand_in_many_places_name_the_others(check: QuoteCheck) -> None:
    found = only(check.check("“is on zinc and tin”"))
    assert (found.verdict, found.places) == (EXACT, 9)
    assert found.also[0] == Place("zinc-1", 9, 27)


def test_of_places_with_the_same_words_the_one_that_the_draft_names_is_taken(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path)
    for number, name in enumerate(("Ada Brand", "Bo Lund")):
        small.put(a_statement("The toll is gone for good.", id=f"toll-{number}", speaker=name))
    found = only(QuoteCheck(small.opened()).check("“The toll is gone for good,” said Bo Lund."))
    assert (found.verdict, found.parts[0].citation.speaker) == (TYPOGRAPHY, "Bo Lund")


@pytest.fixture(scope="module")
def thanked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuoteCheck]:
    """Seventy times the same words of one speaker, and after them those of another."""
    small = SmallCollection(tmp_path_factory.mktemp("thanks"))
    words = "Thank you all for coming to Orm."
    often = (a_statement(words, id=f"thanks-{number}", speaker="Ada Brand", published="2023") for number in range(70))
    small.put(*often, a_statement(words, id="last", speaker="Bo Lund", published="2024-05-06"))
    yield QuoteCheck(small.opened())
    small.archive.close()


@pytest.mark.parametrize(
    ("said", "expected", "speaker", "places", "told"),
    [
        ("said Ada Brand", TYPOGRAPHY, "Ada Brand", 64, ()),
        ("said Bo Lund", TYPOGRAPHY, "Bo Lund", 65, ()),
        ("Bo Lund said on 6 May 2024", TYPOGRAPHY, "Bo Lund", 65, ()),
        (
            "said Cy Moor",
            MISATTRIBUTED,
            "Ada Brand",
            64,
            ("The draft gives these words to Cy Moor; the source gives them to Ada Brand.",),
        ),
        (
            "Ada Brand said in 2019",
            TYPOGRAPHY,
            "Ada Brand",
            64,
            ("The draft dates these words 2019; the source is dated 2023.",),
        ),
    ],
)
def test_of_words_that_stand_in_more_places_than_are_looked_at_those_that_the_draft_names_are_found(
    thanked: QuoteCheck, said: str, expected: Verdict, speaker: str, *, places: int, told: tuple[str, ...]
) -> None:
    found = only(thanked.check(f"“Thank you all for coming to Orm,” {said}."))
    assert (found.verdict, found.parts[0].citation.speaker, found.warnings) == (expected, speaker, told)
    assert (found.places, len(found.also), len(set(found.also))) == (places, 20, 20)
    assert found.parts[0].citation.statement_id not in {place.statement_id for place in found.also}


def test_a_date_a_few_days_before_the_source_s_is_told_and_decides_nothing(check: QuoteCheck) -> None:
    found = only(check.check("“The ferry to Varn sails at dawn,” Bo Lund said on 28 January 2023."))
    assert (found.verdict, found.warnings) == (
        TYPOGRAPHY,
        ("The draft dates these words 2023-01-28; the source is dated 2023-02-01.",),
    )


def test_a_quotation_that_runs_over_passages_is_found(tmp_path: Path) -> None:
    first, second = "The northern channel is dredged twice.", "The southern one is left to the tide."
    text = f"{first} {second}"
    passages = [Passage(0, len(first), 0), Passage(len(first) + 1, len(text), 0)]
    small = SmallCollection(tmp_path).put(a_statement(text), passages=passages)
    assert verdict(QuoteCheck(small.opened()), f"“{text}”") == EXACT


def test_words_of_an_earlier_version_are_exact_and_it_is_said(tmp_path: Path) -> None:
    small = SmallCollection(tmp_path).put(a_statement("The levy of Kelm falls by a half in May."))
    small.put(a_statement("The levy of Kelm falls by a third in May."))
    found = only(QuoteCheck(small.opened()).check("“The levy of Kelm falls by a half in May.”"))
    assert found.verdict == EXACT
    assert found.warnings == ("So it stood in version 1 of 2; the current one has other words.",)
    assert found.parts[0].source == "The levy of Kelm falls by a half in May."
    other = only(QuoteCheck(small.opened()).check("“The levy of Kelm falls by a half in May,” said Bo Lund."))
    assert other.verdict == MISATTRIBUTED


def test_a_check_says_what_was_searched_and_by_which_rules(check: QuoteCheck) -> None:
    found = check.check("Nothing is quoted here.", "note.md")
    assert (found.draft, found.findings, found.stands) == ("note.md", (), True)
    assert (found.searched.statements, found.searched.passages, found.index.passages) == (11, 12, 12)
    assert any("quote marks" in rule for rule in found.rules)


def test_a_check_tells_the_milliseconds_it_took(check: QuoteCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.25048])
    monkeypatch.setattr("service.quote_check.perf_counter", lambda: next(times))
    assert check.check("Nothing is quoted here.").took_ms == 250.5


@pytest.mark.parametrize(
    ("draft", "stands"),
    [
        ("“The ferry to Varn sails at dawn” and “no fare will be charged”", True),
        ("“The ferry to Varn sails at dawn” and “no fare was charged on feast days”", False),
        ("“Quartz is what the mountains are made of”", False),
    ],
)
def test_a_draft_stands_when_every_quotation_may_be_printed(check: QuoteCheck, draft: str, *, stands: bool) -> None:
    found = check.check(draft)
    assert (found.stands, [one.number for one in found.findings]) == (stands, [1, 2][: len(found.findings)])


def test_it_is_said_that_there_are_no_words_but_those_in_brackets(check: QuoteCheck) -> None:
    found = only(check.check("She wrote: “[it] …”"))
    assert (found.verdict, found.warnings) == (NOT_FOUND, ("There are no words in it but those in brackets.",))


def test_it_is_said_that_so_many_pieces_cannot_be_looked_up(check: QuoteCheck) -> None:
    found = only(check.check("“" + "zinc … " * 60 + "tin”"))
    assert (found.verdict, found.warnings) == (NOT_FOUND, ("It is in more than 40 pieces, too many to be looked up.",))


@pytest.mark.parametrize("draft", ["“the of and”", "“[it]”", "“" + "word " * 3000 + "”", "“" + "a … " * 60 + "b”"])
def test_a_quotation_without_words_to_find_is_not_found_and_nothing_breaks(check: QuoteCheck, draft: str) -> None:
    assert {one.verdict for one in check.check(draft).findings} == {NOT_FOUND}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_stretch_of_a_turn_is_exact_and_with_another_word_in_it_never(
    check: QuoteCheck, data: st.DataObject
) -> None:
    words = FERRY.split()
    start = data.draw(st.integers(0, 15))
    stop = data.draw(st.integers(start + 4, len(words)))
    quoted = words[start:stop]
    assert verdict(check, f"“{' '.join(quoted)}”") == EXACT
    at = data.draw(st.integers(0, len(quoted) - 1))
    assert verdict(check, f"“{' '.join([*quoted[:at], 'quartz', *quoted[at + 1 :]])}”") in {ALTERED, NOT_FOUND}


WORDS = ["zinc", "will", "not", "be", "sold", "to", "Varn", "in", "May,", "we", "say:", "3,000", "boats", "“no”", "Orm"]


@st.composite
def sayings(draw: st.DrawFn) -> tuple[str, list[str], int]:
    """A text, a stretch of its words, eight or more, and which of them is changed."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=8, max_size=60))
    start = draw(st.integers(0, len(words) - 8))
    stretch = words[start : draw(st.integers(start + 8, len(words)))]
    return " ".join(words), stretch, draw(st.integers(0, len(stretch) - 1))


@settings(deadline=None, max_examples=20)
@given(sayings(), st.sampled_from(["exchanged", "added", "left out"]))
def test_eight_words_of_any_statement_are_exact_and_never_with_one_of_them_changed(
    tmp_path_factory: pytest.TempPathFactory, saying: tuple[str, list[str], int], how: str
) -> None:
    text, quoted, at = saying
    changed = [*quoted[:at], *([] if how == "left out" else ["quartz"]), *quoted[at + (how != "added") :]]
    drafts = [" ".join(quoted), " ".join(changed)]

    small = SmallCollection(tmp_path_factory.mktemp("one")).put(a_statement(text))
    check = QuoteCheck(small.opened())
    right, wrong = (only(check.check(draft, blocks=[Stretch(0, len(draft))])) for draft in drafts)
    small.archive.close()

    assert (right.verdict, right.parts[0].source) == (EXACT, drafts[0])
    assert wrong.verdict is not EXACT or drafts[1] in text


def test_verdicts_are_the_words_that_json_and_the_pages_have_and_three_of_them_stand() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        *("exact", "exact but for typography", "elided", "altered", "spliced", "misattributed", "not found"),
    ]
    assert {EXACT, TYPOGRAPHY, ELIDED} == STANDING


@pytest.mark.parametrize(("verdict", "stands"), list(zip(Verdict, [True] * 3 + [False] * 4, strict=True)))
def test_a_check_stands_on_its_verdicts_alone(check: QuoteCheck, verdict: Verdict, *, stands: bool) -> None:
    found = check.check("“The ferry to Varn sails at dawn”")
    assert replace(found, findings=(replace(found.findings[0], verdict=verdict),)).stands is stands


def test_a_part_has_nothing_left_out_before_it_unless_that_is_told(check: QuoteCheck) -> None:
    part = only(check.check("“The ferry to Varn sails at dawn”")).parts[0]
    assert Part(part.quoted, part.quoted_at, part.source, part.citation, part.capsule) == part


@pytest.mark.parametrize("draft", ["She wrote: “[sic]” there.", "She wrote: “[12]” there."])
def test_it_is_said_that_there_are_no_words(check: QuoteCheck, draft: str) -> None:
    found = only(check.check(draft))
    assert (found.verdict, found.warnings) == (NOT_FOUND, ("There are no words in it.",))


def test_of_places_over_the_end_of_a_passage_the_one_that_the_draft_names_is_taken(tmp_path: Path) -> None:
    first, second = "The northern channel is dredged twice.", "The southern one is left to the tide."
    text = f"{first} {second}"
    passages = [Passage(0, len(first), 0), Passage(len(first) + 1, len(text), 0)]
    small = SmallCollection(tmp_path)
    for number in range(6):
        small.archive_only(a_statement(text, id=f"tide-{number}", speaker="Ada Brand"), passages)
    small.put(a_statement(text, id="last", speaker="Bo Lund"), passages=passages)
    found = only(QuoteCheck(small.opened()).check(f"“{text}” said Bo Lund."))
    assert (found.verdict, found.parts[0].citation.statement_id, found.places) == (EXACT, "last", 7)


SITE = "https://harbours.kelm.example/remarks"


@pytest.mark.parametrize(
    ("named", "expected", "told"),
    [
        ("toll-1", TYPOGRAPHY, ()),
        (f"{SITE}/1", TYPOGRAPHY, ()),
        (f"{SITE}/3", TYPOGRAPHY, ()),
        (
            f"{SITE}/2",
            MISATTRIBUTED,
            (f"The draft refers to {SITE}/2; the words stand in {SITE}/1.",),
        ),
    ],
)
def test_words_of_another_document_than_the_draft_names_are_misattributed_where_that_one_is_held(
    tmp_path: Path, named: str, expected: Verdict, told: tuple[str, ...]
) -> None:
    small = SmallCollection(tmp_path).put(
        a_statement("The toll is gone for good.", id="toll-1", url=f"{SITE}/1"),
        a_statement("Zinc is dug in the hills.", id="toll-2", url=f"{SITE}/2"),
    )
    found = only(QuoteCheck(small.opened()).check(f"“The toll is gone for good,” said Ada Brand ({named})."))
    assert (found.claim.document, found.verdict, found.warnings) == (named, expected, told)


@pytest.fixture(scope="module")
def greeted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuoteCheck]:
    """The same words in 69 places; the second and the last are Bo Lund's, and two of Ada Brand's are of later years."""
    small = SmallCollection(tmp_path_factory.mktemp("greetings"))
    told = [("Ada Brand", "2019-01-01"), ("Bo Lund", "2019-01-01"), *[("Ada Brand", "2019-01-01")] * 64]
    told += [("Ada Brand", "2024-05-06"), ("Ada Brand", "2021-03-04"), ("Bo Lund", "2019-01-01")]
    for number, (speaker, day) in enumerate(told):
        small.archive_only(
            a_statement("Welcome all of you to Orm.", id=f"{number:02}", speaker=speaker, published=day, url=None)
        )
    small.ingest()
    yield QuoteCheck(small.opened())
    small.archive.close()


@pytest.mark.parametrize(
    ("said", "statement", "places"),
    [("said Bo Lund", "01", 65), ("Cy Moor said in March 2021", "67", 65), ("Cy Moor said in May 2024", "66", 65)],
)
def test_beyond_the_places_that_are_looked_at_only_those_of_the_named_speaker_and_day_are(
    greeted: QuoteCheck, said: str, statement: str, *, places: int
) -> None:
    found = only(greeted.check(f"“Welcome all of you to Orm,” {said}."))
    assert (found.parts[0].citation.statement_id, found.places) == (statement, places)


def test_pieces_before_the_longest_one_are_all_told_in_their_order(check: QuoteCheck) -> None:
    found = only(check.check("“The ferry … to Varn … sails at dawn and returns at dusk … as it always has”"))
    assert found.verdict == ELIDED
    assert [part.source for part in found.parts] == [
        *("The ferry", "to Varn", "sails at dawn and returns at dusk", "as it always has")
    ]


def test_pieces_of_one_turn_in_another_order_are_spliced_though_one_runs_over_the_end_of_a_passage(
    tmp_path: Path,
) -> None:
    first, second = "Zinc is dug in the hills.", "Tin is dug by the sea and in the old mines of Orm."
    text = f"{first} {second}"
    passages = [Passage(0, len(first), 0), Passage(len(first) + 1, len(text), 0)]
    small = SmallCollection(tmp_path).put(a_statement(text), passages=passages)
    draft = "“Tin is dug by the sea and in the old mines … dug in the hills. Tin is”"
    found = only(QuoteCheck(small.opened()).check(draft))
    assert found.verdict == SPLICED
    assert [part.source for part in found.parts] == [
        *("Tin is dug by the sea and in the old mines", "dug in the hills. Tin is")
    ]


def test_sentences_far_apart_in_one_turn_without_a_mark_between_them_are_altered_and_it_is_told_what_is_left_out(
    tmp_path: Path,
) -> None:
    first, last = "The northern channel is dredged twice a year.", "All ships of Orm will wait for the high tide."
    between = " ".join(["Grain and salt are weighed by the clerks at noon."] * 20)
    small = SmallCollection(tmp_path).put(a_statement(f"{first} {between} {last}"))
    found = only(QuoteCheck(small.opened()).check(f"“{first} {last}”"))
    assert (found.verdict, [part.source for part in found.parts]) == (ALTERED, [f"{first} {between} {last}"])
    assert [(one.kind, one.quoted, one.source) for one in found.changes] == [("left out", "", between.rstrip("."))]


def test_words_of_the_publisher_s_introduction_are_said_to_be(tmp_path: Path) -> None:
    text = "The minister spoke at the old quay.\n\nThe toll is gone for good."
    cut = text.index("\n\n")
    turns = (Turn(0, cut, None, Role.INTRODUCTION), Turn(cut + 2, len(text), "Ada Brand", Role.REMARKS))
    check = QuoteCheck(SmallCollection(tmp_path).put(a_statement(text, turns=turns)).opened())
    found = only(check.check("“The minister spoke at the old quay.”"))
    assert (found.verdict, found.warnings) == (
        EXACT,
        ("These are words of the publisher’s introduction, not the speaker’s own.",),
    )
    assert only(check.check("“The toll is gone for good.”")).warnings == ()


def test_the_place_with_most_of_the_words_is_nearest_though_others_differ_in_fewer_ways(tmp_path: Path) -> None:
    said = "Each autumn our old ships carry grain from Kelm across eleven bays toward the Varn before storms come back"
    other = "Each autumn our old ships carry grain from Kelm across while nobody pays tolls or taxes"
    near = "Each summer our old boats carry grain from Orm across eleven bays toward big Varn before storms come back"
    small = SmallCollection(tmp_path)
    small.put(*(a_statement(f"{other} in {port}.", id=port, url=None) for port in ("Ald", "Bor", "Cal", "Dun", "Eld")))
    small.put(a_statement(f"{near}.", id="near", url=None))
    found = only(QuoteCheck(small.opened()).check(f"“{said}”"))
    assert (found.verdict, [part.citation.statement_id for part in found.parts]) == (ALTERED, ["near"])
    assert [(one.quoted, one.source) for one in found.changes] == [
        *[("autumn", "summer"), ("ships", "boats"), ("Kelm", "Orm"), ("the", "big")]
    ]


def test_turns_are_kept_in_memory_up_to_a_number_of_bytes_however_long_or_many_they_are() -> None:
    kept = spoken._folded.cache
    assert isinstance(kept, LRUCache)
    kept.clear()

    for number in range(20):
        assert spoken._folded(f"{number}{'x' * 400_000}").words == [f"{number}{'x' * 400_000}"]
    assert 22_000_000 < kept.currsize <= 24_000_000

    assert len(spoken._folded("y" * 6_000_001)) == 1
    assert 22_000_000 < kept.currsize <= 24_000_000

    for number in range(12_000):
        spoken._folded(f"Zinc {number}")
    assert len(kept) < 12_000
