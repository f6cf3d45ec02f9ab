"""The benchmark of the quote check edits, plants and counts as it says; what the check is worth, no test decides."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quotations
from benchmarks.quotations import (
    SERIES,
    UNTOUCHED,
    Answered,
    Case,
    Found,
    Others,
    Planted,
    Quotation,
    Rows,
    Series,
    alone,
    answered,
    drafted,
    drawn_cases,
    forms_for,
    main,
    measured,
    named_in_drafts,
    quoted,
    verdict_on,
    without_doubtful,
    words_of,
)
from corpus.archive import Archive
from corpus.claims import Claim
from corpus.sentences import Span, sentence_spans
from corpus.statement import Passage, Role, Turn
from service.answer import IndexInfo, Searched
from service.answer import Span as Place
from service.findings import Check, Finding, Verdict
from tests.builders import a_source, a_statement, whole_turns

BY_NAME = {series.name: series for series in SERIES}
SAID = "We do not fear the tide, and Kelm has paid 40 clerks since Monday."


def a_quotation(text: str = SAID, speaker: str | None = "MS. ORR", *, is_fragment: bool = False) -> Quotation:
    sentences: tuple[Span, ...] = tuple(sentence_spans(text))
    return Quotation(text, sentences, "kelm/1", 10, speaker, is_fragment)


def some_others() -> Others:
    lent = [("The old mole was built of pears and rope.", "brand/2")]
    return Others(["Mr. Zinc", "Ms. Orr"], [("Zincland", "brand/2"), ("Kelm", "kelm/1")], lent)


def edited(name: str, text: str = SAID, seed: int = 0, speaker: str | None = "MS. ORR") -> str | None:
    edit = BY_NAME[name].edit(a_quotation(text, speaker), some_others(), np.random.default_rng(seed))
    return edit.text if edit else None


def a_case(text: str = SAID, series: Series = UNTOUCHED, parts: tuple[str, ...] = ()) -> Case:
    return Case(series, a_quotation(text), text, parts, None)


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("untouched", SAID, SAID),
        ("first letter's case", SAID, SAID.replace("We", "we", 1)),
        ("negation dropped", SAID, "We do fear the tide, and Kelm has paid 40 clerks since Monday."),
        ("negation dropped", "The ferry won’t leave the old mole today.", "The ferry will leave the old mole today."),
        ("negation dropped", "The ferry didn’t leave the old mole today.", "The ferry did leave the old mole today."),
        ("another tense", "The ferry at the old mole is late again.", "The ferry at the old mole was late again."),
        ("another spelling", "The ferry honored the lights at the mole.", "The ferry honoured the lights at the mole."),
        ("two words exchanged", "We saw heavy boats by the mole.", "We saw boats heavy by the mole."),
        ("inner marks as writers set them", "They call it “the mole” in Kelm.", "They call it ‘the mole’ in Kelm."),
        ("inner marks as writers set them", 'They call it "the mole" in Kelm.', "They call it ‘the mole’ in Kelm."),
        ("another speaker named", SAID, SAID),
    ],
)
def test_an_edit_is_what_its_name_says(name: str, text: str, made: str) -> None:
    assert edited(name, text) == made


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("another number", r"We do not fear the tide, and Kelm has paid (?!40)\d\d clerks since Monday\."),
        ("another name", r"We do not fear the tide, and (?:Zincland has .* Monday|Kelm has .* Zincland)\."),
        ("a word added", r"We (?:[\w,]+ )+(?:also|\w+ly|very|often|perhaps|just|indeed|most) .+ Monday\."),
        ("capitals inside", r"(?!We do not fear the tide, and Kelm has paid 40 clerks since Monday\.)We .*"),
    ],
)
def test_an_edit_changes_one_place_and_keeps_the_rest(name: str, pattern: str, seed: int) -> None:
    made = edited(name, seed=seed) or ""
    before, after = Counter(SAID.split()), Counter(made.split())

    assert re.fullmatch(pattern, made)
    assert (before - after).total() <= 1
    assert (after - before).total() == 1


@pytest.mark.parametrize("seed", range(20))
def test_an_ellipsis_stands_for_the_words_left_out_in_the_middle(seed: int) -> None:
    made = edited("ellipsis, marked", seed=seed) or ""
    parts = re.split(r" (?:…|\.\.\.|\[\.\.\.\]|\[…\]|\. \. \.) ", made)

    assert len(parts) == 2
    assert SAID.startswith(parts[0])
    assert SAID.endswith(parts[1])
    assert len(parts[0].split()) >= 5
    assert len(parts[1].split()) >= 3
    assert len(SAID) > sum(map(len, parts)) + 1


@pytest.mark.parametrize("seed", range(8))
def test_other_marks_dashes_and_spaces_leave_the_words(seed: int) -> None:
    text = "It’s late — the ferry’s gone.\xa0 Nobody saw it."
    made = edited("other apostrophes, dashes, spaces", text, seed) or ""

    assert made != text
    assert words_of(made) == words_of(text)
    assert re.sub(r"\W", "", made) == re.sub(r"\W", "", text)


def test_the_middle_one_of_three_sentences_goes_and_nothing_says_so() -> None:
    text = "The mole was built well.  It sank in the spring.  Nobody was there that night."

    assert edited("middle sentence dropped", text) == "The mole was built well.  Nobody was there that night."
    assert edited("middle sentence dropped", "The mole was built well. It sank in the spring.") is None


def test_a_splice_joins_sentences_of_two_statements() -> None:
    series = BY_NAME["spliced, with an ellipsis"]
    edit = series.edit(a_quotation(), some_others(), np.random.default_rng(0))

    assert edit is not None
    assert edit.text == f"{SAID} … The old mole was built of pears and rope."
    assert edit.parts == (SAID, "The old mole was built of pears and rope.")
    assert series.expected is Verdict.SPLICED


@pytest.mark.parametrize("name", [series.name for series in SERIES if series.name != "untouched"])
def test_an_edit_that_cannot_be_made_is_not_made(name: str) -> None:
    assert edited(name, "… 7!", speaker="THE CLERK") is None


@pytest.mark.parametrize(
    "text", ["They said “no” to the ferry, I do not know why.", "Well … we do not know why it left."]
)
def test_nothing_is_reworded_where_marks_or_an_ellipsis_stand_already(text: str) -> None:
    of_wording = [series.name for series in SERIES if series.is_of_wording]

    assert len(of_wording) == 11
    assert [name for name in of_wording if edited(name, text) is not None] == []


@pytest.mark.parametrize("seed", range(6))
def test_words_are_given_to_nobody_who_shares_a_name(seed: int) -> None:
    others = Others(["Ada Brand-Orr", "Mr. Orr", "Mr. Zinc"])
    edit = BY_NAME["another speaker named"].edit(a_quotation(), others, np.random.default_rng(seed))

    assert edit is not None
    assert edit.speaker == "Mr. Zinc"


@pytest.mark.parametrize(
    "label", ["THE MINISTER", "Press Secretary", "AUDIENCE MEMBER", "Minister Ada Brand Speech", "Q", None]
)
def test_only_a_person_is_named_in_drafts(label: str | None) -> None:
    assert named_in_drafts(label) is None


@pytest.mark.parametrize("seed", range(40))
def test_a_quotation_stands_in_its_turn_as_it_is(seed: int) -> None:
    text = (
        "Q: Is it late? MS. ORR: The ferry is late, and so is the boat to Brand. We will wait by the old mole.\n\nOut."
    )
    start, end = text.index("The ferry"), text.index("\n\nOut.")
    turns = (Turn(3, 14, None, Role.QUESTION), Turn(start, end, "MS. ORR", Role.ANSWER))
    found = quoted(a_statement(text, turns=turns), Passage(start, end, 1), np.random.default_rng(seed))

    assert found is not None
    assert text[found.start : found.start + len(found.text)] == found.text
    assert start <= found.start < found.start + len(found.text) <= end
    assert 6 <= len(found.text.split()) <= 80
    assert found.speaker == "MS. ORR"
    assert found.is_fragment or found.text.endswith(("Brand.", "mole."))


@pytest.mark.parametrize("seed", range(30))
def test_a_fragment_is_six_words_or_more_from_word_to_word(seed: int) -> None:
    text = "“The ferry is late” (again), and so is the boat to Brand, they said; we will wait by the mole."
    words = re.findall(r"\w+", text)
    start, end = quotations._piece(text, (0, len(text)), np.random.default_rng(seed))
    said = re.findall(r"\w+", text[start:end])

    assert 6 <= len(said) < len(words)
    assert any(words[first : first + len(said)] == said for first in range(len(words)))
    assert (text[start].isalnum(), text[end - 1].isalnum()) == (True, True)


def test_a_sentence_too_short_to_be_cut_stays_whole() -> None:
    assert quotations._piece("Boats came. It is late.", (12, 23), np.random.default_rng(0)) == (12, 23)


@pytest.mark.parametrize(
    "text",
    ["The ferry\nis late, and so is the boat.", "Too short a line.", "See https://kelm.example for all of it now."],
)
def test_what_cannot_be_quoted_in_a_line_is_not_drawn(text: str) -> None:
    statement = a_statement(text)
    found = [quoted(statement, whole_turns(statement)[0], np.random.default_rng(seed)) for seed in range(9)]

    assert [one for one in found if one and not one.is_fragment] == []


def test_rows_of_words_are_counted_wherever_they_stand() -> None:
    rows = [words_of("a b c d e f"), words_of("a b c d e g"), words_of("b c"), words_of("e f a")]
    found = Rows(rows)
    found.search("one", words_of("A b, c d: e f! A b c d e f g."))
    found.search("two", words_of("x b c"))

    assert [dict(found.places[row]) for row in rows] == [{"one": 2}, {}, {"one": 2, "two": 1}, {"one": 1}]
    assert found.count(rows[2]) == 3


TEXTS = (
    "The ferry is not late tonight in Kelm. The old mole was built of pears. The ferry is late tonight in Kelm!",
    "The clerk counted 40 ropes by the mole. The old mole was built of pears.",
    "Nobody in Brand saw the ferry leave at all. The lamps were lit by seven clerks.",
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with closing(Archive(tmp_path / "archive.db")) as opened:
        for number, text in enumerate(TEXTS):
            statement = a_statement(text, id=f"kelm/{number}")
            opened.put(statement, whole_turns(statement), a_source(text.encode()))
        yield opened


@pytest.mark.parametrize(
    ("name", "text", "parts", "kept"),
    [
        ("negation dropped", "the ferry is late tonight in Kelm", (), 0),
        ("negation dropped", "the ferry is late tonight in Brand", (), 1),
        ("capitals inside", "The ferry is not late tonight in Kelm", (), 0),
        ("capitals inside", "The ferry is not Late tonight in Kelm", (), 1),
        ("spliced", "A joined B", (TEXTS[0][:38], "The old mole was built of pears."), 0),
        ("spliced", "A joined B", (TEXTS[1][:39], TEXTS[2][:43]), 1),
        ("another speaker named", "The old mole was built of pears.", (), 0),
        ("another speaker named", "The clerk counted 40 ropes by the mole.", (), 1),
        ("untouched", "The old mole was built of pears.", (), 1),
    ],
)
def test_what_could_be_right_is_left_out(
    archive: Archive, name: str, text: str, parts: tuple[str, ...], kept: int
) -> None:
    left, out = without_doubtful([a_case(text, BY_NAME[name], parts)], archive)

    assert (len(left), out.total(), out[name]) == (kept, 1 - kept, 1 - kept)


def test_every_planted_quotation_stands_where_the_draft_says() -> None:
    many = [a_case("The ferry, as they say in Kelm, will not wait for the tide, or so I heard.")] * 60
    draft = drafted(many, np.random.default_rng(0))

    assert {planted.form for planted in draft.planted} == set(quotations._FORMS)
    for planted in draft.planted:
        stands = draft.text[planted.start : planted.end]
        opening, closing_mark = quotations._FORMS[planted.form]
        assert draft.text[: planted.start].endswith(opening)
        assert draft.text[planted.end :].startswith(closing_mark)
        assert re.sub(r",” s?he \w+, “", ", ", stands) == planted.case.text
        assert (stands != planted.case.text) is (planted.form == "interrupted")


def test_a_draft_of_forty_has_about_two_thousand_words_around_them() -> None:
    draft = drafted([a_case()] * 40, np.random.default_rng(0))
    own = 40 * len(SAID.split())

    assert 2_000 <= len(draft.text.split()) - own <= 3_000


def test_single_marks_are_used_only_where_no_apostrophe_could_close_them() -> None:
    assert "single" in forms_for(a_case("The clerk’s ropes were by the old mole."))
    assert "single" not in forms_for(a_case("The clerks’ ropes were by the old mole."))
    assert forms_for(a_case("They call it ‘the mole’ in Kelm.")) == ("curly",)


def test_only_untouched_quotations_are_interrupted() -> None:
    text = "The ferry as they say, will not wait for the tide."

    assert "interrupted" in forms_for(a_case(text))
    assert "interrupted" not in forms_for(a_case(text, BY_NAME["a word added"]))


def test_the_verdict_is_of_the_finding_that_covers_most_and_stands_in_no_other() -> None:
    planted = Planted(a_case(), "curly", 10, 50)
    found = [
        Found(0, 15, Verdict.NOT_FOUND, is_nested=False),
        Found(10, 50, Verdict.EXACT, is_nested=True),
        Found(20, 60, Verdict.ALTERED, is_nested=False),
    ]

    assert verdict_on(planted, found) is Verdict.ALTERED
    assert verdict_on(planted, found[1:2]) is None
    assert verdict_on(planted, [Found(50, 90, Verdict.EXACT, is_nested=False)]) is None


def test_verdicts_are_counted_by_edit() -> None:
    changed = BY_NAME["a word added"]
    drafts = [alone(a_case()), alone(a_case()), alone(a_case(series=changed)), alone(a_case(series=changed))]
    verdicts = (Verdict.EXACT, Verdict.NOT_FOUND, Verdict.TYPOGRAPHY, Verdict.ALTERED)
    answers = [
        Answered((Found(draft.planted[0].start, draft.planted[0].end, verdict, is_nested=False),), 0.5)
        for draft, verdict in zip(drafts, verdicts, strict=True)
    ]
    answers[0] = Answered((*answers[0].findings, Found(0, 3, Verdict.NOT_FOUND, is_nested=False)), 0.5)
    result = measured(drafts, Counter({changed.name: 3}), answers)
    lines = {line.series.name: line for line in result.lines}

    assert (lines["untouched"].right, dict(lines["untouched"].wrong)) == (1, {"not found": 1})
    assert (lines[changed.name].right, lines[changed.name].left_out) == (1, 3)
    assert dict(lines[changed.name].wrong) == {"exact but for typography": 1}
    assert (result.wording_called_right, result.false_alarms, result.elsewhere) == (1, (1, 2), 1)


class BruteForce:
    """A check that knows two verdicts: exact, when the very characters stand in a text, and not found."""

    def __init__(self, texts: Sequence[str], otherwise: Verdict = Verdict.NOT_FOUND) -> None:
        self._texts = texts
        self._otherwise = otherwise

    def check(self, text: str) -> Check:
        places = re.finditer(r"“‘(.+?)’”|“([^“”„]+)”|\"([^\"]+)\"|«(.+?)»|„(.+?)“|‘(.+?)’(?!\w)|(?m:^> (.+)$)", text)
        spans = [match.span(match.lastindex or 0) for match in places]
        findings = tuple(self._finding(number, text, span) for number, span in enumerate(spans, start=1))
        return Check("draft", text, findings, (), Searched(1, 1, None, None), IndexInfo(1, 1, "none"), 0.0)

    def _finding(self, number: int, text: str, span: Span) -> Finding:
        said = text[slice(*span)]
        verdict = Verdict.EXACT if any(said in one for one in self._texts) else self._otherwise
        return Finding(number, said, Place(*span), None, verdict, (), (), (), Claim(None, None, None), (), 1)


def a_collection(folder: Path) -> list[str]:
    """Sixty statements of a few invented sentences, two speakers; their texts."""
    random = np.random.default_rng(5)
    texts = []
    with closing(Archive(folder / "archive.db")) as archive:
        for number in range(60):
            said = [
                f"We do not expect {number + 20} boats, and Kelm{chr(97 + number % 26)} has waited since May{number}.",
                f"The clerk’s ferry number {number * 7 + 100} is not steady tonight — it was heavy water, they said.",
                f"Nobody in Brand{chr(98 + number % 20)} counted {number + 300} ropes when Zincland{number} was late.",
                f"They call mole {number} “the long one” in our harbour town.",
            ]
            text = " ".join(said[place] for place in random.permutation(4))
            statement = a_statement(text, id=f"kelm/{number}", speaker=("MS. ORR", "MR. ZINC")[number % 2])
            archive.put(statement, whole_turns(statement), a_source(text.encode()))
            texts.append(text)
    return texts


@pytest.mark.parametrize("drafts", [[], ["--drafts"]])
def test_a_run_counts_what_a_brute_force_check_gets_right(tmp_path: Path, drafts: list[str]) -> None:
    texts = a_collection(tmp_path)
    check = BruteForce(texts).check
    given = ["--data", str(tmp_path), "--quotations", "20", "--out", str(tmp_path / "out.json"), *drafts]
    code = main(given, lambda _data, asked, _workers: (answered(check, text) for text in asked))
    told = json.loads((tmp_path / "out.json").read_text())
    series = {line["edit"]: line for line in told["series"]}

    assert code == 0
    assert (told["wording_called_right"], told["false_alarms"], told["findings_elsewhere"] > 2) == (0, 0, False)
    assert (series["untouched"]["cases"], series["untouched"]["share"]) == (20, 1.0)
    assert series["a word added"]["wrong"] == {"not found": series["a word added"]["cases"]}
    assert series["another speaker named"]["wrong"] == {"exact": 20 - series["another speaker named"]["left_out"]}
    assert min(line["cases"] + line["left_out"] for line in told["series"]) == 20
    assert told["ms_per_draft"]["median"] > 0


def test_a_check_that_believes_everything_fails_and_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = BruteForce(a_collection(tmp_path), Verdict.TYPOGRAPHY).check
    given = ["--data", str(tmp_path), "--quotations", "3", "--show", "1"]
    code = main(given, lambda _data, asked, _workers: (answered(check, text) for text in asked))
    printed = capsys.readouterr().out
    called = re.search(r"edits of wording called exact or exact but for typography: (\d+)", printed)

    assert code == 1
    assert called is not None
    assert 11 * 3 >= int(called[1]) >= 11 * 2
    assert "\nnegation dropped, curly, said to be by " in printed


def test_the_same_seed_draws_the_same_cases(tmp_path: Path) -> None:
    a_collection(tmp_path)
    with closing(Archive(tmp_path / "archive.db")) as archive:
        once, again, other = (drawn_cases(archive, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert [case.text for case in once] == [case.text for case in again]
    assert [case.text for case in once] != [case.text for case in other]


def test_speed_is_told_beside_the_baselines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check = BruteForce(a_collection(tmp_path)).check
    called: list[tuple[str, ...]] = []
    monkeypatch.setattr(quotations, "onrecord", lambda *given: called.append(given))
    monkeypatch.setattr(quotations, "python", lambda *given: called.append(given))
    monkeypatch.setattr(quotations, "_opened", lambda _data: check)
    code = main(["--data", str(tmp_path), "--quotations", "5", "--speed"])
    cold, warm = capsys.readouterr().out.splitlines()

    assert code == 0
    assert Counter(given[0] for given in called) == {"verify": 4, "-c": 4}
    assert re.search(r"40 quotations: [\d.]+ s, .* [\d.]+ s, ratio [\d.]+, best of 3$", cold)
    assert re.search(r"40 quotations: [\d.]+ s, a plain scan [\d.]+ s, ratio [\d.]+, median of 10$", warm)


def test_a_scan_counts_the_texts_that_hold_the_words() -> None:
    assert quotations.scan([" b c ", " c "], [" a b c ", " b cc ", " b c b c "]) == [2, 2]
