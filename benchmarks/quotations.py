"""`python -m benchmarks.quotations --data DIR`: how well the check tells changed quotations from true ones.

True quotations are drawn from a collection and edited; what the check has to say of each edit is decided here, without
regard to how the check works. Each stands in a text of its own, or, with `--drafts`, among others in invented drafts.
"""

import argparse
import atexit
import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cache, partial
from math import sqrt
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from numpy.random import Generator

from benchmarks.figures import percentile
from benchmarks.measure import Meter, Told, beside, onrecord, python, say
from corpus.archive import Archive
from corpus.sentences import LIST_ITEM, Span, sentence_spans
from corpus.statement import Passage, Statement
from service.config import configure
from service.findings import Check, Verdict
from service.wiring import collection

SHORTEST, LONGEST = 6, 80
"""Words in a quotation."""
A_DRAFT = 40
"""Quotations in a draft."""
DRAFT_WORDS = 2_000
"""Words in a draft, about, its quotations not counted."""
_FRAGMENTS = 0.15
"""The share of quotations that begin or end in mid-sentence."""
_AHEAD = 1_000
"""How far behind the drawn passage neighbouring sentences are looked for, in characters."""
_AT_ONCE = 4
"""Tries of one statement whenever it is drawn and read: any passage is as likely as before."""
_ANCHOR = 5
"""Words by which a row of words is looked up before it is compared whole."""

Words = tuple[str, ...]
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of one turn as they stand in a statement, character for character."""

    text: str
    sentences: tuple[Span, ...]
    """Where its sentences stand in `text`; one for a fragment."""
    statement_id: str
    start: int
    """Where it begins in the statement's text."""
    speaker: str | None
    """As the source prints it."""
    is_fragment: bool


@dataclass(slots=True)
class Others:
    """What other statements lend to an edit: names, sentences, speakers."""

    speakers: Sequence[str]
    """As a draft names them, plainly personal ones only."""
    names: list[tuple[str, str]] = field(default_factory=list)
    """Each with the id of the statement it is from."""
    sentences: list[tuple[str, str]] = field(default_factory=list)
    """The same."""

    def add(self, quotation: Quotation) -> None:
        """Keep what this one can lend; the earliest are forgotten."""
        for name in _NAME.finditer(quotation.text):
            self.names.append((name[0], quotation.statement_id))
        if is_bare(quotation.text) and not quotation.is_fragment:
            sentences = (quotation.text[start:end] for start, end in quotation.sentences)
            self.sentences += [(said, quotation.statement_id) for said in sentences if _count(said) >= SHORTEST]
        del self.names[:-1000], self.sentences[:-1000]


@dataclass(frozen=True, slots=True)
class Edit:
    """A quotation as a draft has it."""

    text: str
    parts: tuple[str, ...] = ()
    """Of a splice: the sentences of the two statements."""
    speaker: str | None = None
    """Whom the draft names instead of the speaker."""


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of edit, and the only right verdict on it."""

    name: str
    expected: Verdict
    edit: Callable[[Quotation, Others, Generator], Edit | None]
    """`None` where it cannot be made."""
    changes_case: bool = False
    """Whether nothing but capitals is changed: then case counts when the words are looked for elsewhere."""
    is_rare: bool = False
    """Whether as many are taken as come along: nothing more is drawn only for it."""

    @property
    def is_of_wording(self) -> bool:
        """Whether the words are no longer those of any statement: to call that exact is the worst mistake."""
        return self.expected in {Verdict.ALTERED, Verdict.SPLICED}

    @property
    def keeps_words(self) -> bool:
        """Whether the words stay as they are, to the character."""
        return self.expected in {Verdict.EXACT, Verdict.MISATTRIBUTED}


@dataclass(frozen=True, slots=True)
class Case:
    """One edit of one quotation, to be checked."""

    series: Series
    quotation: Quotation
    text: str
    """The words as the draft has them, without outer marks."""
    parts: tuple[str, ...]
    speaker: str | None
    """Whom the draft names; `None` for nobody."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a case stands in a draft, in code points, marks left out."""

    case: Case
    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and the quotations in it."""

    text: str
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a finding says, as far as it is counted."""

    start: int
    end: int
    verdict: Verdict
    is_nested: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What the check found in a draft, and how long it took."""

    findings: tuple[Found, ...]
    seconds: float


Asking = Callable[[Path, Sequence[str], int], Iterator[Answered]]
"""Checks texts against the collection in a folder, in so many processes; in the order of the texts."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A planted quotation and the verdict on it; `None` where the check saw no quotation there."""

    planted: Planted
    verdict: Verdict | None

    @property
    def is_right(self) -> bool:
        """Whether the verdict is the expected one; where the form itself adds marks, those may be called typography."""
        expected = self.planted.case.series.expected
        if self.planted.form in _WITH_MARKS_WITHIN and expected is Verdict.EXACT:
            return self.verdict in _UNHARMED
        return self.verdict is expected


_UNHARMED = (Verdict.EXACT, Verdict.TYPOGRAPHY)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one series."""

    series: Series
    left_out: int
    """Cases that turned out to stand in the collection some other way, so that nobody can expect a verdict."""
    judged: tuple[Judged, ...]

    @property
    def right(self) -> int:
        """How many verdicts are right."""
        return sum(one.is_right for one in self.judged)

    @property
    def wrong(self) -> Counter[str]:
        """How often each wrong verdict was given."""
        return Counter(_named(one.verdict) for one in self.judged if not one.is_right)

    @property
    def unharmed(self) -> int:
        """How many were called exact, or exact but for typography."""
        return sum(one.verdict in _UNHARMED for one in self.judged)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run measured."""

    lines: tuple[Line, ...]
    elsewhere: int
    """Findings where no quotation was planted."""
    seconds: tuple[float, ...]
    """What each draft took."""

    @property
    def wording_called_right(self) -> int:
        """Edits of wording called exact or exact but for typography: has to be 0."""
        return sum(line.unharmed for line in self.lines if line.series.is_of_wording)

    @property
    def false_alarms(self) -> tuple[int, int]:
        """How many untouched quotations were called anything but exact or exact but for typography, and of how many."""
        untouched = [one for line in self.lines if line.series is UNTOUCHED for one in line.judged]
        return sum(one.verdict not in _UNHARMED for one in untouched), len(untouched)


def asked_here(data: Path, texts: Sequence[str], workers: int) -> Iterator[Answered]:
    """What the project's own check finds."""
    if workers == 1:
        yield from map(partial(_asked, data), texts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(_asked, data), texts)


def main(arguments: Sequence[str] | None = None, asking: Asking = asked_here) -> int:
    """Draw, edit, check, and print the table; 1 when an edit of wording was called exact."""
    given = _parser().parse_args(arguments)
    random = np.random.default_rng(given.seed)
    with closing(Archive(configure(str(given.data), None).archive)) as archive:
        cases = drawn_cases(archive, given.quotations, random)
        kept, left_out = without_doubtful(cases, archive)
        if given.speed:
            sys.stdout.write("\n".join(_speed(given.data, speed_draft(kept, random), archive)) + "\n")
            return 0
    drafts = drafts_of(kept, random) if given.drafts else [alone(case) for case in kept]
    result = measured(drafts, left_out, asking(given.data, [draft.text for draft in drafts], given.workers))
    sys.stdout.write("\n".join(_lines(result, given.show, in_drafts=given.drafts)) + "\n")
    if given.out:
        about = {"seed": given.seed, "quotations": given.quotations, "in_drafts": given.drafts}
        given.out.write_text(json.dumps(about | as_json(result), indent=1), encoding="utf-8")
    return int(result.wording_called_right > 0)


def measured(drafts: Sequence[Draft], left_out: Counter[str], answers: Iterable[Answered]) -> Result:
    """The verdicts on all that is planted, one answer a draft."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    elsewhere, seconds, meter = 0, [], Meter("drafts checked")
    for number, (draft, answer) in enumerate(zip(drafts, answers, strict=True)):
        meter.at(number, len(drafts))
        seconds.append(answer.seconds)
        elsewhere += sum(_is_elsewhere(found, draft) for found in answer.findings)
        for planted in draft.planted:
            judged[planted.case.series.name].append(Judged(planted, verdict_on(planted, answer.findings)))
    lines = (Line(series, left_out[series.name], tuple(judged[series.name])) for series in SERIES)
    return Result(tuple(lines), elsewhere, tuple(seconds))


def verdict_on(planted: Planted, findings: Iterable[Found]) -> Verdict | None:
    """The verdict of the finding that covers most of it and stands in no other; `None` where none touches it."""
    covering = [(_shared(planted, found), found) for found in findings if not found.is_nested]
    most, best = max(covering, key=lambda one: one[0], default=(0, None))
    return best.verdict if best and most > 0 else None


def _shared(planted: Planted, found: Found) -> int:
    return min(planted.end, found.end) - max(planted.start, found.start)


def _is_elsewhere(found: Found, draft: Draft) -> bool:
    return all(_shared(planted, found) <= 0 for planted in draft.planted)


def answered(check: Callable[[str], Check], text: str) -> Answered:
    """What a check finds in a text, timed."""
    started = perf_counter()
    done = check(text)
    taken = perf_counter() - started
    return Answered(
        tuple(Found(one.at.start, one.at.end, one.verdict, one.within is not None) for one in done.findings), taken
    )


def _asked(data: Path, text: str) -> Answered:
    return answered(_opened(data), text)


@cache
def _opened(data: Path) -> Callable[[str], Check]:
    """The check of a collection that is opened once a process, and closed with it."""
    from corpus.readers.manuscript import read_manuscript
    from service.quote_check import QuoteCheck

    held = ExitStack()
    atexit.register(held.close)
    quote_check = QuoteCheck(held.enter_context(collection(configure(str(data), None), Told())))

    def check(draft: str) -> Check:
        read = read_manuscript(draft.encode(), "draft.md")
        return quote_check.check(read.text, "draft.md", read.blocks, read.links)

    check("One line: “It is only here to have everything read once.”")
    return check


# Drawing


def drawn_cases(archive: Archive, number: int, random: Generator) -> list[Case]:
    """So many cases of every series, as far as the collection has quotations for them."""
    others = Others(sorted({name for label in archive.speakers() if (name := named_in_drafts(label))}))
    wanted = {series.name: number for series in SERIES}
    cases: list[Case] = []
    meter = Meter("cases drawn")
    for quotation in drawn(archive, random, tries=60 * number + 2_000):
        meter.at(len(cases), number * len(SERIES))
        for series in SERIES:
            edit = series.edit(quotation, others, random) if wanted[series.name] else None
            if edit is not None and (edit.text != quotation.text or series.keeps_words):
                wanted[series.name] -= 1
                cases.append(_case(series, quotation, edit))
        others.add(quotation)
        if not any(wanted[series.name] for series in SERIES if not series.is_rare):
            break
    for name, lacking in wanted.items():
        if lacking:
            say(f"  {name}: {lacking:,} of {number:,} could not be drawn")
    return cases


def _case(series: Series, quotation: Quotation, edit: Edit) -> Case:
    speaker = None if edit.parts else edit.speaker or named_in_drafts(quotation.speaker)
    return Case(series, quotation, edit.text, edit.parts, speaker)


def drawn(archive: Archive, random: Generator, tries: int) -> Iterator[Quotation]:
    """Quotations drawn by passage, none twice, until so many tries are made; those that are unfit are passed over."""
    held = [(summary.id, summary.passages) for summary in archive.every_summary() if summary.passages]
    ends = np.cumsum([passages for _, passages in held])
    seen: set[tuple[str, int, int]] = set()
    for _ in range(tries // _AT_ONCE if held else 0):
        place = int(np.searchsorted(ends, int(random.integers(ends[-1])), side="right"))
        statement, passages = archive.get(held[place][0]).statement, archive.passages_of(held[place][0])
        for _ in range(_AT_ONCE):
            quotation = quoted(statement, _one_of(passages, random), random)
            if quotation and (statement.id, quotation.start, len(quotation.text)) not in seen:
                seen.add((statement.id, quotation.start, len(quotation.text)))
                yield quotation


def quoted(statement: Statement, passage: Passage, random: Generator) -> Quotation | None:
    """One to three neighbouring sentences that begin in the passage, or a piece of one; `None` when they are unfit."""
    turn = statement.turns[passage.turn]
    end = min(turn.end, passage.end + _AHEAD)
    spans = sentence_spans(statement.text, passage.start, end, statement.language)
    spans = spans if end == turn.end else spans[:-1]  # which the end of the window may have cut
    first = int(random.integers(max(1, sum(start < passage.end for start, _ in spans))))
    chosen = spans[first : first + int(random.integers(1, 4))]
    if not chosen:
        return None
    is_fragment = random.random() < _FRAGMENTS
    start, stop = _piece(statement.text, chosen[0], random) if is_fragment else (chosen[0][0], chosen[-1][1])
    text = statement.text[start:stop]
    if not SHORTEST <= _count(text) <= LONGEST or _UNFIT.search(text) or LIST_ITEM.match(text):
        return None
    within = ((start, stop),) if is_fragment else chosen
    sentences = tuple((begin - start, finish - start) for begin, finish in within)
    return Quotation(text, sentences, statement.id, start, turn.speaker, is_fragment)


_UNFIT = re.compile(r"[\n\r\t\xad*_\[\]{}<>|#`\\]|://|^\W*$")
"""What nobody sets in running text as it stands: line breaks, what Markdown reads as marks, addresses."""


def _piece(text: str, sentence: Span, random: Generator) -> Span:
    """From one word of a sentence to another, at least six; all of a sentence that has too few."""
    words = [word.span() for word in re.finditer(r"\w(?:\S*\w)?", text[slice(*sentence)])]
    if len(words) <= SHORTEST + 1:
        return sentence
    length = int(random.integers(SHORTEST, len(words)))
    first = int(random.integers(len(words) - length + 1))
    return sentence[0] + words[first][0], sentence[0] + words[first + length - 1][1]


def named_in_drafts(label: str | None) -> str | None:
    """How a draft names the speaker, when the label is plainly that of a person: "MR. X", or a given name and another.

    >>> named_in_drafts("MS. BRAND-ORR"), named_in_drafts("Minister Ada Brand"), named_in_drafts("THE MINISTER")
    ('Ms. Brand-Orr', 'Minister Ada Brand', None)
    """
    label = (label or "").strip()
    if match := re.fullmatch(r"(MR|MS|MRS|DR)\.[ \xa0]([^\W\d_][\w’'-]+)", label, re.IGNORECASE):
        return f"{match[1].title()}. {match[2].title() if match[2].isupper() else match[2]}"
    if _PERSON.fullmatch(label) and not _OFFICE.search(label.removeprefix(_title(label))):
        return label
    return None


_TITLES = r"(?:President|Vice President|Prime Minister|Minister|Secretary|Senator|Governor|Ambassador|Chancellor) "
_PERSON = re.compile(rf"(?:{_TITLES})?[A-Z][a-z]{{2,}} (?:[A-Z]\. )?[A-Z][a-zé]{{2,}}(?:-[A-Z][a-zé]+)?")
_OFFICE = re.compile(
    r"(?:President|Minister|Secretary|Senator|Governor|Ambassador|Chancellor|Official|Officer|Member|Lady|House|Audience"
    r"|Press|Staff|Moderator|Speaker|Reporter|Question|General|Director|Department|Office|Council|Committee|Statement"
    r"|White|Senior|Chair\w*|Justice|King|Queen|First|United|States|Spokes\w+|Participants?)\b"
)


def _title(label: str) -> str:
    match = re.match(_TITLES, label)
    return match[0] if match else ""


# What must not be expected


def words_of(text: str) -> Words:
    """The words in a row, without case, marks or the spaces between them.

    >>> words_of("It’s 1,000—no, “Ten”.")
    ('it', 's', '1', '000', 'no', 'ten')
    """
    return tuple(_cased_words(text.casefold()))


def _cased_words(text: str) -> list[str]:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return re.findall(r"\w+", plain.translate(_INVISIBLE) if not plain.isascii() else plain)


_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


def without_doubtful(cases: Sequence[Case], archive: Archive) -> tuple[list[Case], Counter[str]]:
    """The cases on which only one verdict is right, and how many of each series are left out.

    Looked for in every statement: changed words that stand somewhere as they are; two sentences that are spliced here
    and stand in one statement elsewhere; words given to another speaker that stand in more than one place.
    """
    folded = {row for case in cases if _is_doubted(case) for row in _rows(case)}
    cased = {_cased_row(case) for case in cases if case.series.changes_case}
    by_words, by_cased = Rows(folded), Rows(cased)
    meter, total = Meter("statements searched"), archive.counts().statements
    for number, summary in enumerate(archive.every_summary()):
        meter.at(number, total)
        text = archive.get(summary.id).statement.text
        by_words.search(summary.id, _cased_words(text.casefold()))
        if cased:
            by_cased.search(summary.id, _cased_words(text))
    kept = [case for case in cases if not is_doubtful(case, by_words, by_cased)]
    return kept, Counter(case.series.name for case in cases) - Counter(case.series.name for case in kept)


class Rows:
    """Rows of words, and how often each stands in each text that is searched."""

    def __init__(self, rows: Iterable[Words]) -> None:
        self.places: dict[Words, Counter[str]] = {row: Counter() for row in rows}
        self._by_anchor: dict[int, dict[Words, list[Words]]] = defaultdict(lambda: defaultdict(list))
        for row in self.places:
            anchor = row[:_ANCHOR]
            self._by_anchor[len(anchor)][anchor].append(row)

    def search(self, name: str, words: Sequence[str]) -> None:
        """Count the rows in the words of a text: every place of it is looked at."""
        for length, anchors in self._by_anchor.items():
            windows = zip(*(words[shift:] for shift in range(length)), strict=False)
            for at, window in enumerate(windows):
                if window in anchors:
                    for row in anchors[window]:
                        if row == tuple(words[at : at + len(row)]):
                            self.places[row][name] += 1

    def count(self, row: Words) -> int:
        """In how many places it stands."""
        return self.places[row].total()


def is_doubtful(case: Case, by_words: Rows, by_cased: Rows) -> bool:
    """Whether another verdict than the expected one could be right, going by where the words stand."""
    if case.series.changes_case:
        return by_cased.count(_cased_row(case)) > 0
    if not _is_doubted(case):
        return False
    whole, *parts = (by_words.places[row] for row in _rows(case))
    if case.series.expected is Verdict.MISATTRIBUTED:
        return whole.total() != 1
    return bool(whole) or (len(parts) == 2 and bool(parts[0].keys() & parts[1].keys()))


def _is_doubted(case: Case) -> bool:
    of_words = case.series.is_of_wording and not case.series.changes_case
    return of_words or case.series.expected is Verdict.MISATTRIBUTED


def _rows(case: Case) -> list[Words]:
    return [words_of(case.text), *map(words_of, case.parts)]


def _cased_row(case: Case) -> Words:
    """All words but the first, whose case is typography."""
    return tuple(_cased_words(case.text)[1:])


# Edits


def is_bare(text: str) -> bool:
    """Whether no quotation mark and no ellipsis stands in a text: it can be set in any marks, and nothing is left out.

    >>> is_bare("It’s the workers’ day."), is_bare("He said “no”."), is_bare("Well … no.")
    (True, False, False)
    """
    return not _INNER.search(text) and not re.search(r"…|\.\s*\.", text)


_INNER = re.compile(r"[\"“”„«»‹›‘]|(?<!\w)['’]")


def _worded(
    change: Callable[[str, Generator], str | None],
) -> Callable[[Quotation, Others, Generator], Edit | None]:
    """An edit that needs only the words; none of what has marks or an ellipsis in it already."""

    def edit(quotation: Quotation, _others: Others, random: Generator) -> Edit | None:
        text = change(quotation.text, random) if is_bare(quotation.text) else None
        return None if text is None else Edit(text)

    return edit


def untouched(quotation: Quotation, _others: Others, _random: Generator) -> Edit | None:
    """The words as they are; none that have quotation marks among them."""
    return None if _INNER.search(quotation.text) else Edit(quotation.text)


def inner_marks(quotation: Quotation, _others: Others, _random: Generator) -> Edit | None:
    """Words that quote somebody, set as writers set them within double marks: with single ones."""
    text = quotation.text.strip()
    if re.fullmatch(r"\w[^\"“”„«»‹›‘]+“[^\"“”„«»‹›‘]+”[^\"“”„«»‹›‘]+\w\W?", text):
        return Edit(text.replace("“", "‘").replace("”", "’"))
    if re.fullmatch(r"\w[^\"“”„«»‹›‘]+ \"\w[^\"“”„«»‹›‘]+\"[^\"“”„«»‹›‘]+\w\W?", text):
        return Edit(text.replace('"', "‘", 1).replace('"', "’", 1))
    return None


def negation_dropped(text: str, random: Generator) -> str | None:
    """Without a "not", "n’t", "never" or "no"."""
    return _changed(text, _NEGATION, lambda said: _AFFIRMED.get(said.casefold().replace("’", "'"), ""), random)


_NEGATION = re.compile(
    r"\b(?:can[’']t|won[’']t|shan[’']t|cannot)\b|(?<=[a-z])n[’']t\b|\b(?:not|never|no) | (?:not|never)\b", re.IGNORECASE
)
_AFFIRMED = {"can't": "can", "won't": "will", "shan't": "shall", "cannot": "can"}


def number_changed(text: str, random: Generator) -> str | None:
    """With another number, in digits or words."""

    def other(number: str) -> str:
        if number.isalpha():
            alike = _LARGE if number.casefold() in _LARGE else _SMALL
            another = _one_of([word for word in alike if word != number.casefold()], random)
            return another.capitalize() if number[0].isupper() else another
        at = _one_of([place for place, sign in enumerate(number) if sign.isdigit()], random)
        return number[:at] + _one_of([digit for digit in "123456789" if digit != number[at]], random) + number[at + 1 :]

    return _changed(text, _NUMBER, other, random)


_SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty", "thirty", "fifty")
_LARGE = ("hundred", "thousand", "million", "billion", "trillion")
_NUMBER = re.compile(rf"\d+(?:[.,]\d+)*|\b(?:{'|'.join(_SMALL + _LARGE)})\b", re.IGNORECASE)


def name_swapped(quotation: Quotation, others: Others, random: Generator) -> Edit | None:
    """With a name that another statement has."""
    if not is_bare(quotation.text):
        return None

    def other(name: str) -> str | None:
        words = set(words_of(name))
        others_names = [one for one, place in others.names if place != quotation.statement_id]
        strange = [one for one in others_names if not words & set(words_of(one))]
        return _one_of(strange, random) if strange else None

    text = _changed(quotation.text, _NAME, other, random)
    return None if text is None else Edit(text)


_NAME = re.compile(
    r"(?<=[a-z,] )(?!(?:The|And|But|That|This|These|Those|They|There|Then|What|When|Where|Who|Why|How|You|Your|She|His"
    r"|Her|Our|Its|Not|Yes|Well|Mrs|Let|For|With|From|Are|Was|Did|Does|Has|Have|Can)\b)"
    r"[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*\b(?![’'])"
)


def elided(text: str, random: Generator) -> str | None:
    """With some words left out in the middle, and a mark that says so."""
    words = [word.span() for word in re.finditer(r"\S*\w\S*", text)]
    if len(words) < 11:
        return None
    lost = int(random.integers(1, min(12, len(words) - 9)))
    first = int(random.integers(5, len(words) - lost - 3))
    mark = _one_of(("…", "...", "[...]", "[…]", ". . ."), random)
    return f"{text[: words[first - 1][1]]} {mark} {text[words[first + lost][0] :]}"


def spliced(mark: str) -> Callable[[Quotation, Others, Generator], Edit | None]:
    """A sentence with one of another statement behind it, `mark` between them."""

    def edit(quotation: Quotation, others: Others, random: Generator) -> Edit | None:
        if quotation.is_fragment or not is_bare(quotation.text):
            return None
        said = quotation.text[slice(*_one_of(quotation.sentences, random))]
        rest = [other for other, place in others.sentences if place != quotation.statement_id]
        rest = [other for other in rest if words_of(other) != words_of(said)]
        if not rest or _count(said) < SHORTEST:
            return None
        other = _one_of(rest, random)
        return Edit(f"{said}{mark}{other}", (said, other)) if _count(said) + _count(other) <= LONGEST else None

    return edit


def first_letter(text: str, _random: Generator) -> str | None:
    """With a capital at the beginning, or without."""
    if not text[0].isalpha() or re.match(r"I\b|\w*[A-Z]{2}|[A-Z]\.", text):
        return None
    return text[0].swapcase() + text[1:]


def capitals_within(text: str, random: Generator) -> str | None:
    """With a capital more, or less, at a word in the middle."""
    return _changed(text, re.compile(r"(?<=[a-z] )[A-Za-z](?=[a-z]{3,}\b)"), str.swapcase, random)


def typography(text: str, random: Generator) -> str | None:
    """With other apostrophes, dashes or spaces."""
    ways: list[tuple[str, str]] = [
        (r"’", "'"),
        (r"'", "’"),
        (r"(?<=\w)(?:\s*—\s*|\s+–\s+|\s*--\s*|\s+-\s+)(?=\w)", _one_of((" – ", " — ", "—", " - ", "--"), random)),
        (r"\s*\xa0\s*", " "),
        (r"(?<=[.?!]) (?=\w)", _one_of(("  ", "\xa0", " \xa0"), random)),
    ]
    fitting = [way for way in ways if re.sub(*way, text) != text]
    return re.sub(*_one_of(fitting, random), text) if fitting else None


def tense_changed(text: str, random: Generator) -> str | None:
    """With a verb in another tense."""
    return _changed(text, _VERB, lambda verb: _TENSES.get(verb) or _present(verb), random)


_TENSES = {
    "is": "was",
    "are": "were",
    "was": "is",
    "were": "are",
    "will": "would",
    "would": "will",
    "can": "could",
    "has": "had",
    "have": "had",
    "does": "did",
    "says": "said",
    "makes": "made",
    "goes": "went",
    "comes": "came",
}
_VERB = re.compile(rf"(?<=[a-z,] )(?:(?:{'|'.join(_TENSES)})\b(?![’'])|(?!(?:hundr|inde)ed)[a-z]{{3,}}[^\We]ed\b)")


def _present(verb: str) -> str:
    """The third person of what ends in -ed, near enough.

    >>> [_present(verb) for verb in ("worked", "announced", "carried")]
    ['works', 'announces', 'carries']
    """
    stem = verb[:-2]
    if stem.endswith("i"):
        return f"{stem[:-1]}ies"
    return f"{stem}es" if stem[-1] in "cgsvzuhx" else f"{stem}s"


def misspelt(text: str, random: Generator) -> str | None:
    """In the other English spelling, where there is one, or with one letter of a long word wrong."""
    for spelling, other in _SPELLINGS:
        if re.search(spelling, text):
            return re.sub(spelling, other, text, count=1)

    def wrong(word: str) -> str | None:
        at = int(random.integers(1, len(word) - 2))
        turned = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        ways = [turned, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
        return _one_of([way for way in ways if way != word], random)

    return _changed(text, re.compile(r"\b[A-Za-z][a-z]{5,}\b(?![’'])"), wrong, random)


_SPELLINGS = (
    (r"(?<=[a-z])ization", "isation"),
    (r"(?<=[a-z])isation", "ization"),
    (r"\b(fav|hon|lab|neighb|harb)or", r"\1our"),
    (r"\b(fav|hon|lab|neighb|harb)our", r"\1or"),
    (r"\b([Dd])efense", r"\1efence"),
    (r"\b([Dd])efence", r"\1efense"),
    (r"\b([Rr])ecogniz", r"\1ecognis"),
    (r"\b([Pp])rogram\b", r"\1rogramme"),
)


def word_added(text: str, random: Generator) -> str | None:
    """With a word more in the middle."""
    return _changed(text, re.compile(r"(?<=[a-z]) (?=[a-z])"), lambda _: f" {_one_of(_FILLING, random)} ", random)


_FILLING = (
    "also",
    "clearly",
    "very",
    "largely",
    "often",
    "only",
    "really",
    "perhaps",
    "just",
    "indeed",
    "fully",
    "most",
)


def order_changed(text: str, random: Generator) -> str | None:
    """With two neighbouring words in each other's place."""

    def exchanged(pair: str) -> str | None:
        one, other = pair.split(" ")
        return f"{other} {one}" if one != other and not any(map(_BETWEEN.fullmatch, (one, other))) else None

    return _changed(text, re.compile(r"\b[a-z]{4,}(?= ([a-z]{4,})\b) \1(?![’'\w-])"), exchanged, random)


_BETWEEN = re.compile(
    "that|this|these|those|then?|than|with|from|into|over|upon|have|been|were|will|would|they|them|their|there|what|when"
    "|which|about|also|your|more|most|some|such|only|very|just|both|each"
)


def middle_dropped(quotation: Quotation, _others: Others, _random: Generator) -> Edit | None:
    """Three sentences without the second, and no mark where it stood."""
    if len(quotation.sentences) != 3 or not is_bare(quotation.text):
        return None
    first, second, third = quotation.sentences
    lost = quotation.text[slice(*second)]
    if min(_count(quotation.text[slice(*span)]) for span in quotation.sentences) < 4 or re.search(r"[()]", lost):
        return None
    return Edit(quotation.text[: first[1]] + quotation.text[second[1] : third[1]])


def other_speaker(quotation: Quotation, others: Others, random: Generator) -> Edit | None:
    """The same words, given to another person."""
    name = named_in_drafts(quotation.speaker)
    if name is None or _INNER.search(quotation.text):
        return None
    # Whoever shares any part of the name, a title too, may be the same person.
    strangers = [one for one in others.speakers if not (_own_names(one) & _own_names(name))]
    return Edit(quotation.text, speaker=_one_of(strangers, random)) if strangers else None


def _own_names(name: str) -> set[str]:
    return set(words_of(name)) - {"mr", "ms", "mrs", "dr"}


def _changed(text: str, pattern: re.Pattern[str], change: Callable[[str], str | None], random: Generator) -> str | None:
    """The text, one of the places that fit changed; `None` where none is, or too little is left."""
    places = list(pattern.finditer(text))
    if not places:
        return None
    place = _one_of(places, random)
    instead = change(place[0])
    if instead is None or instead == place[0]:
        return None
    edited = text[: place.start()] + instead + text[place.end() :]
    return edited if len(words_of(edited)) >= SHORTEST - 1 else None


UNTOUCHED = Series("untouched", Verdict.EXACT, untouched)
SERIES = (
    UNTOUCHED,
    Series("inner marks as writers set them", Verdict.TYPOGRAPHY, inner_marks, is_rare=True),
    Series("first letter's case", Verdict.TYPOGRAPHY, _worded(first_letter)),
    Series("other apostrophes, dashes, spaces", Verdict.TYPOGRAPHY, _worded(typography)),
    Series("ellipsis, marked", Verdict.ELIDED, _worded(elided)),
    Series("negation dropped", Verdict.ALTERED, _worded(negation_dropped)),
    Series("another number", Verdict.ALTERED, _worded(number_changed)),
    Series("another name", Verdict.ALTERED, name_swapped),
    Series("another tense", Verdict.ALTERED, _worded(tense_changed)),
    Series("another spelling", Verdict.ALTERED, _worded(misspelt)),
    Series("a word added", Verdict.ALTERED, _worded(word_added)),
    Series("two words exchanged", Verdict.ALTERED, _worded(order_changed)),
    Series("capitals inside", Verdict.ALTERED, _worded(capitals_within), changes_case=True),
    Series("middle sentence dropped", Verdict.ALTERED, middle_dropped),
    Series("spliced", Verdict.SPLICED, spliced(" ")),
    Series("spliced, with an ellipsis", Verdict.SPLICED, spliced(" … ")),
    Series("another speaker named", Verdict.MISATTRIBUTED, other_speaker),
)


# Drafts

_FORMS = {
    "curly": ("“", "”"),
    "straight": ('"', '"'),
    "single": ("‘", "’"),
    "single in double": ("“‘", "’”"),
    "guillemets": ("«", "»"),
    "low and high": ("„", "“"),
    "block": ("\n\n> ", "\n\n"),
    "interrupted": ("“", "”"),
}
_WITH_MARKS_WITHIN = frozenset({"interrupted", "single in double"})
"""Forms whose outermost marks have others within, which are no words of the source."""
_CLAUSES = (",” she said, “", ",” he said, “", ",” she added, “")
_INTERRUPTIBLE = re.compile(r"(?<=\w), (?=\w)")


def drafts_of(cases: Sequence[Case], random: Generator) -> list[Draft]:
    """All cases, shuffled, forty to a draft."""
    shuffled = [cases[place] for place in random.permutation(len(cases))]
    return [drafted(shuffled[start : start + A_DRAFT], random) for start in range(0, len(shuffled), A_DRAFT)]


def alone(case: Case) -> Draft:
    """A draft of one line."""
    before, after = _sentence_around(case)
    return Draft(f"{before}“{case.text}”{after}\n", (Planted(case, "curly", *_within(f"{before}“", case.text)),))


def drafted(cases: Sequence[Case], random: Generator) -> Draft:
    """Invented prose with the quotations in it, each in a paragraph of its own, in marks of any form."""
    text, planted = "", []
    for case in cases:
        form = _one_of(forms_for(case), random)
        opening, closing_mark = _FORMS[form]
        said = _interrupted(case.text, random) if form == "interrupted" else case.text
        before, after = _sentence_around(case)
        after = "" if form == "block" else after
        text += (
            f"{filler(DRAFT_WORDS // A_DRAFT // 2, random)} {before.rstrip() if form == 'block' else before}{opening}"
        )
        planted.append(Planted(case, form, *_within(text, said)))
        text += f"{said}{closing_mark}{after} {filler(DRAFT_WORDS // A_DRAFT // 2, random)}\n\n".replace(
            "\n\n ", "\n\n"
        )
    return Draft(text, tuple(planted))


def forms_for(case: Case) -> tuple[str, ...]:
    """The marks that a case can be set in without anything becoming ambiguous that is not so for every reader."""
    if _INNER.search(case.text):
        return ("curly",)
    forms = ["curly", "straight", "guillemets", "low and high", "block"]
    if not re.search(r"['’](?!\w)", case.text):
        forms += ["single", "single in double"]
    if case.series is UNTOUCHED and len(_halves(case.text)) > 0:
        forms.append("interrupted")
    return tuple(forms)


def _halves(text: str) -> list[Span]:
    """The commas that have at least four words on either side."""
    commas = (comma.span() for comma in _INTERRUPTIBLE.finditer(text))
    return [(start, end) for start, end in commas if min(_count(text[:start]), _count(text[end:])) > 3]


def _interrupted(text: str, random: Generator) -> str:
    start, end = _one_of(_halves(text), random)
    return text[:start] + _one_of(_CLAUSES, random) + text[end:]


def _sentence_around(case: Case) -> tuple[str, str]:
    """What the draft says before and after a quotation: who said it, when the draft is to say so."""
    ends_itself = case.text[-1] in ".?!…"
    if case.speaker is None:
        return "One line of the record reads: ", "" if ends_itself else "."
    if case.text[-1] in "?!" or (case.quotation.is_fragment and case.text[-1].isalnum() and len(case.text) % 2):
        return "", f"{' ' if ends_itself else ', '}{case.speaker} said."
    said = f"{case.speaker} said that " if case.quotation.is_fragment else f"{case.speaker} said: "
    return said, "" if ends_itself else "."


def _within(before: str, said: str) -> Span:
    return len(before), len(before) + len(said)


def filler(words: int, random: Generator) -> str:
    """Sentences of at least so many words: no names, no marks, nobody who says anything."""
    sentences: list[str] = []
    while sum(map(_count, sentences)) < words:
        who, did, when = (_one_of(choices, random) for choices in (_WHO, _DID, _WHEN))
        sentences.append(f"{who} {did} {when}.")
    return " ".join(sentences)


_WHO = ("The harbour clerk", "An old ferry", "The rope cart", "A grey cat", "The lamp boat", "A crate of pears")
_DID = ("crossed the square", "waited by the mole", "drifted past the ropewalk", "stood under the linden trees")
_WHEN = ("before the tide turned", "as the lamps were lit", "while rain fell on the slates", "without any hurry at all")


def _count(text: str) -> int:
    """Words, as people count them: with a letter or a digit in them."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _one_of(those: Sequence[One], random: Generator) -> One:
    return those[int(random.integers(len(those)))]


# The report


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share: Wilson, "Probable inference", JASA 22 (1927).

    >>> low, high = wilson(10, 10)
    >>> round(low, 4), round(high, 4)
    (0.7225, 1.0)
    """
    if total == 0:
        return 0.0, 1.0
    z = 1.959964
    share, width = right / total, z * z / total
    middle, half = share + width / 2, z * sqrt(share * (1 - share) / total + width / (4 * total))
    return max(0.0, (middle - half) / (1 + width)), min(1.0, (middle + half) / (1 + width))


def as_json(result: Result) -> dict[str, Any]:
    """The figures of the table."""
    alarms, true = result.false_alarms
    return {
        "series": [_line_as_json(line) for line in result.lines],
        "forms_of_untouched": _by_form(result),
        "wording_called_right": result.wording_called_right,
        "false_alarms": alarms,
        "false_alarm_share": alarms / max(1, true),
        "findings_elsewhere": result.elsewhere,
        "left_out": sum(line.left_out for line in result.lines),
        "ms_per_draft": {"median": median(_ms(result)), "p95": percentile(_ms(result), 95)} if result.seconds else None,
    }


def _line_as_json(line: Line) -> dict[str, Any]:
    low, high = wilson(line.right, len(line.judged))
    return {
        "edit": line.series.name,
        "expected": str(line.series.expected),
        "cases": len(line.judged),
        "right": line.right,
        "share": line.right / max(1, len(line.judged)),
        "low": low,
        "high": high,
        "wrong": dict(line.wrong.most_common()),
        "left_out": line.left_out,
    }


def _by_form(result: Result) -> dict[str, dict[str, int]]:
    """What untouched quotations were called, by the marks they were set in."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for line in result.lines:
        for one in line.judged if line.series is UNTOUCHED else ():
            forms[one.planted.form][_named(one.verdict)] += 1
    return {form: dict(called.most_common()) for form, called in sorted(forms.items())}


def _lines(result: Result, show: int, *, in_drafts: bool) -> Iterator[str]:
    yield f"{'edit':36}{'expected':26}{'cases':>7}{'right':>8}  {'95 % interval':17}{'left out':>8}  called instead"
    for line in result.lines:
        told = _line_as_json(line)
        wrong = ", ".join(f"{verdict} {number:,}" for verdict, number in told["wrong"].items())
        share = (
            f"{told['share']:8.2%}  {told['low']:7.2%}–{told['high']:7.2%}" if told["cases"] else f"{'–':>8}  {'':15}"
        )
        kind = f"{told['edit']:36}{told['expected']:26}"
        yield f"{kind}{told['cases']:7,}{share}  {told['left_out']:8,}  {wrong}".rstrip()
    yield ""
    yield f"edits of wording called exact or exact but for typography: {result.wording_called_right:,} (must be 0)"
    alarms, true = result.false_alarms
    yield f"false alarms on untouched quotations: {alarms:,} of {true:,} ({alarms / max(1, true):.2%})"
    yield f"findings where nothing was planted: {result.elsewhere:,}"
    if result.seconds:
        what = f"draft of {A_DRAFT} quotations" if in_drafts else "text of one quotation"
        yield f"ms a {what}: median {median(_ms(result)):.1f}, 95th percentile {percentile(_ms(result), 95):.1f}"
    for form, called in _by_form(result).items() if in_drafts else ():
        yield f"untouched, {form}: " + ", ".join(f"{verdict} {number:,}" for verdict, number in called.items())
    for line in result.lines:
        for one in [one for one in line.judged if not one.is_right][:show]:
            yield from _shown(one)


def _shown(one: Judged) -> Iterator[str]:
    case = one.planted.case
    named = f", said to be by {case.speaker}" if case.speaker else ""
    yield f"\n{case.series.name}, {one.planted.form}{named}: {_named(one.verdict)}, {case.quotation.statement_id}"
    yield f"< {case.quotation.text}"
    yield f"> {case.text}"


def _named(verdict: Verdict | None) -> str:
    return "no quotation seen" if verdict is None else str(verdict)


def _ms(result: Result) -> list[float]:
    return [taken * 1000 for taken in result.seconds]


# Speed

_ROUNDS_COLD, _ROUNDS_WARM = 3, 10
_IMPORT = "import numpy, faiss, onnxruntime"


def speed_draft(cases: Sequence[Case], random: Generator) -> Draft:
    """One draft of forty quotations of every kind, as many as there are."""
    return drafted([cases[place] for place in random.permutation(len(cases))[:A_DRAFT]], random)


def _speed(data: Path, draft: Draft, archive: Archive) -> Iterator[str]:
    """Seconds of checking a draft in a process of its own, and with the collection open, beside the baselines."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draft.md"
        file.write_text(draft.text, encoding="utf-8")
        command = partial(onrecord, "verify", str(file), "--data", str(data))
        command()
        python("-c", _IMPORT)
        cold, imported = beside(lambda _: command(), lambda _: python("-c", _IMPORT), range(_ROUNDS_COLD))
    words = f"{_count(draft.text):,} words, {len(draft.planted)} quotations"
    yield f"cold onrecord verify, {words}: {_beside(min(cold), min(imported), f'python -c {_IMPORT!r}')}, best of 3"
    texts = [_line_of_words(archive.get(summary.id).statement.text) for summary in archive.every_summary()]
    rows = [_line_of_words(planted.case.text) for planted in draft.planted]
    check = _opened(data)
    warm, scanned = beside(lambda _: check(draft.text), lambda _: scan(rows, texts), range(_ROUNDS_WARM))
    yield f"warm check, {words}: {_beside(median(warm), median(scanned), 'a plain scan')}, median of {_ROUNDS_WARM}"


def scan(rows: Iterable[str], texts: Sequence[str]) -> list[int]:
    """In how many texts each row of words stands: the baseline, which tells true from changed and nothing more."""
    return [sum(row in text for text in texts) for row in rows]


def _line_of_words(text: str) -> str:
    return f" {' '.join(words_of(text))} "


def _beside(ours: float, baseline: float, what: str) -> str:
    return f"{ours:.3f} s, {what} {baseline:.3f} s, ratio {ours / baseline:.3f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quotations", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the collection")
    parser.add_argument("--quotations", type=int, default=2_000, help="cases of each edit")
    parser.add_argument("--drafts", action="store_true", help=f"plant them in invented drafts, {A_DRAFT} to each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that check, each with the collection open")
    parser.add_argument("--show", type=int, default=0, help="print so many wrong verdicts of each edit")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the figures there too")
    parser.add_argument("--speed", action="store_true", help="only time the check of one draft, beside baselines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
