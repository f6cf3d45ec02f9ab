"""Decides which words at the start of a line are a speaker's label."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from corpus.voices import Voice, in_capitals, is_outlet, voice_of

MASTHEAD_LINE = 200
"""Lines above a first label are this short at most: place, time, occasion."""


@dataclass(frozen=True, slots=True)
class Label:
    """A speaker's label: it stands at `start`, and what is said begins at `end`."""

    start: int
    end: int
    name: str | None
    """As printed, in single spaces; `None` when the label names nobody."""
    voice: Voice


def find_labels(text: str, known: str = "") -> list[Label]:
    r"""Labels of speakers in the order they stand; `known` is title and speaker, to recognise their names in.

    A line that looks like a label counts only where the whole document is a conversation or a transcript: a
    heading taken for a speaker would put words in a mouth, so a lone candidate is left alone.

    >>> [label.name for label in find_labels("Question: Will it rain?\n\nMinister Adler: No.")]
    [None, 'Minister Adler']
    >>> find_labels("But here is the deal: it rains.")
    []
    """
    accepted = _accepted(text, _candidates(text), known)
    return _in_order([*(candidate.label for candidate in accepted), *_displaced(text, accepted)])


def asks(said: str) -> bool:
    """Whether what is said comes to a question towards its end; a question mark in a web address is none.

    >>> asks("Will it rain? Thank you."), asks("See https://tin.example/?s=1")
    (True, False)
    """
    return _QUESTION_MARK.search(said, max(0, len(said) - 240)) is not None


class _Form(Enum):
    COLON = auto()
    STOP = auto()
    BARE = auto()


@dataclass(frozen=True, slots=True)
class _Candidate:
    label: Label
    printed: str
    form: _Form
    gap: int
    """Spaces between the label and what is said."""

    @property
    def voice(self) -> Voice:
        return self.label.voice

    @property
    def words(self) -> int:
        return len(self.printed.split())


_COLON = re.compile(
    r"^[^\S\n]*[*_]{0,3}(?P<name>[^\W\d_][^\n:：*]{0,89}?)[^\S\n]{0,4}[*_]{0,3}[^\S\n]{0,4}[:：][*_]{0,3}"
    r"(?=\s|\Z|[^\W\d_]|[\"'“‘«(\[{—–…$€£*-])",
    re.MULTILINE,
)
_STOP = re.compile(
    r"^[^\S\n]*[*_]{0,3}(?P<name>[QA](?=\.\s)|[^\W\d_](?:[^\n.:*]"
    r"|(?<=\b[^\W\d_a-z])\.|(?<=\bM[RS])\.|(?<=\b[DJS]R)\.|(?<=\bMRS)\.|(?<=\bHON)\.){0,59})\.[*_]{0,3}(?=\s|\Z)",
    re.MULTILINE,
)
_BARE = re.compile(r"^[^\S\n]*[*_]{0,3}(?P<name>Q|A(?=[^\S\n]{2}))[*_]{0,3}(?:[^\S\n]+|(?=[—–])|(?=\n))", re.MULTILINE)
_SHOUTED = re.compile(r"[^\W\d_a-z]{2}")
_QUESTION_MARK = re.compile(r"[?？](?![\w=&/%])")
_CLOSES = frozenset('.:!?…。！？："”’»)]*_—–-#')
_MEMORANDUM = re.compile(r"^\W*(?:MEMORANDUM|FROM|SUBJECT)\b", re.MULTILINE)
_GENERIC = frozenset({Voice.QUESTIONER, Voice.ANSWERER})
_UNSURE = _GENERIC | {Voice.NAME}
_TITLED = frozenset({Voice.OFFICE, Voice.COURTESY})


def _candidates(text: str) -> list[_Candidate]:
    forms = ((_COLON, _Form.COLON), (_STOP, _Form.STOP), (_BARE, _Form.BARE))
    found = (_candidate(text, match, form) for pattern, form in forms for match in pattern.finditer(text))
    return sorted(filter(None, found), key=lambda candidate: candidate.label.start)


def _candidate(text: str, match: re.Match[str], form: _Form) -> _Candidate | None:
    printed = " ".join(match["name"].split())
    shouted = in_capitals(printed)
    if (form is _Form.STOP and not shouted) or not (shouted or _opens(text, match.start())):
        return None
    voice = voice_of(printed)
    if voice is None:
        return None
    said = _said(text, match.end())
    return _Candidate(Label(match.start(), said, voice[1], voice[0]), printed, form, said - match.end())


def _opens(text: str, position: int) -> bool:
    """Whether a paragraph may begin there: a line set narrow may start in the middle of a sentence."""
    above = text[max(0, position - 200) : position]
    return not above.strip() or above.count("\n", len(above.rstrip())) > 1 or above.rstrip()[-1] in _CLOSES


def _said(text: str, position: int) -> int:
    """Where the words begin after a label."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _accepted(text: str, candidates: list[_Candidate], known: str) -> list[_Candidate]:
    colon = [candidate for candidate in candidates if candidate.form is _Form.COLON]
    chosen = _from_transcript(text, colon) or _from_questions(colon, known) or _from_dialogue(text, colon, known)
    chosen += _with_full_stops(text, candidates, chosen)
    chosen += _bare(candidates, chosen)
    if all(candidate.voice in _GENERIC for candidate in chosen):
        return _only_generic(chosen)
    return chosen


def _only_generic(chosen: list[_Candidate]) -> list[_Candidate]:
    """One "Question:" and nothing to answer it is a figure of speech, not a conversation."""
    asked = any(candidate.voice is Voice.QUESTIONER for candidate in chosen)
    return chosen if asked and len(chosen) > 1 else []


def _from_transcript(text: str, colon: list[_Candidate]) -> list[_Candidate]:
    """Labels of a transcript that prints its speakers in capitals.

    Once it is known to be one, a name in capitals is taken whoever it is: passed over, its words would be
    another's. Only where it stands closer to its words than the others do, or is a word of the text, is it part
    of a sentence.
    """
    capitals = {candidate for candidate in colon if in_capitals(candidate.printed)}
    strong = [candidate for candidate in colon if candidate in capitals and candidate.voice not in _UNSURE]
    if not _recurs(strong) and not (_heads(text, strong) and 2 * len(strong) > len(capitals)):
        return []
    printed = Counter(candidate.printed.casefold() for candidate in colon)
    shouted = {candidate.printed.casefold() for candidate in capitals}
    return [
        candidate
        for candidate in colon
        if candidate.voice in _GENERIC
        or (printed[candidate.printed.casefold()] > 1 and (candidate.voice is not Voice.NAME or candidate in capitals))
        or (candidate not in capitals and candidate.printed.casefold() in shouted)
        or (candidate in capitals and (candidate.voice is not Voice.NAME or _stands_out(text, candidate, strong)))
    ]


def _stands_out(text: str, candidate: _Candidate, strong: list[_Candidate]) -> bool:
    """Whether a name met once is set as the labels are: as far from its words, and no acronym that the text uses."""
    wide = sum(other.gap > 1 for other in strong) > 0.9 * len(strong)
    is_surname = any(candidate.printed in re.split(r"[\s,]+", other.printed) for other in strong)
    is_used = len(re.findall(rf"\b{re.escape(candidate.printed)}\b", text)) > 1
    return (candidate.gap > 1 or not wide) and (candidate.words > 1 or is_surname or not is_used)


def _recurs(candidates: list[_Candidate]) -> bool:
    return len({candidate.printed for candidate in candidates}) < len(candidates)


def _heads(text: str, candidates: list[_Candidate]) -> bool:
    """Whether the first of them opens the speech: only place, time and occasion stand above it."""
    if not candidates or candidates[0].words > 5:
        return False
    above = text[: candidates[0].label.start].strip()
    if len(above) >= 5 * MASTHEAD_LINE or _MEMORANDUM.search(above):
        return False
    return all(len(line) <= MASTHEAD_LINE for line in above.splitlines())


def _from_questions(colon: list[_Candidate], known: str) -> list[_Candidate]:
    """Labels of a page of questions and answers, its speakers named in ordinary letters."""
    if not any(candidate.voice is Voice.QUESTIONER for candidate in colon):
        return []
    counts = Counter(candidate.printed for candidate in colon)
    replying = {after.printed for before, after in pairwise(colon) if before.voice is Voice.QUESTIONER}
    certain = {
        candidate
        for candidate in colon
        if candidate.voice is not Voice.NAME
        or counts[candidate.printed] > 1
        or candidate.printed in replying
        or _is_known(candidate, known)
        or is_outlet(candidate.printed)
    }
    named = any(candidate.voice is Voice.NAME for candidate in certain)
    # Where those who answer go by bare names, another bare name is another of them.
    return [candidate for candidate in colon if candidate in certain or (named and 2 <= candidate.words <= 4)]


def _is_known(candidate: _Candidate, known: str) -> bool:
    return re.search(rf"\b{re.escape(candidate.printed)}\b", known, re.IGNORECASE) is not None


def _from_dialogue(text: str, colon: list[_Candidate], known: str) -> list[_Candidate]:
    """Labels of a conversation that has names only: whoever is asked, and those who ask.

    Most candidates must be one of them or come again: a page where they do not is a list of quotations.
    """
    exchanges = [
        (asker, answerer)
        for asker, answerer in pairwise(colon)
        if asker.printed != answerer.printed and asks(text[asker.label.end : answerer.label.start])
    ]
    asked = Counter(answerer.printed for _, answerer in exchanges)
    answering = {
        answerer.printed
        for asker, answerer in exchanges
        if asked[answerer.printed] > 1
        or (is_outlet(asker.printed) and (answerer.voice is Voice.OFFICE or _is_known(answerer, known)))
    }
    speaking = answering | {asker.printed for asker, answerer in exchanges if answerer.printed in answering}
    counts = Counter(candidate.printed for candidate in colon)
    taking_part = sum(candidate.printed in speaking or counts[candidate.printed] > 1 for candidate in colon)
    if answering and taking_part >= 0.8 * len(colon):
        return colon
    return _from_offices(text, colon, known)


def _from_offices(text: str, colon: list[_Candidate], known: str) -> list[_Candidate]:
    """Labels of speakers who ask nothing: statements made one after the other, or one that its label opens."""
    if not colon or any(candidate.voice not in _TITLED | {Voice.STEERING} for candidate in colon):
        return []
    in_turn = len({candidate.printed for candidate in colon}) > 1 and _recurs(colon)
    return colon if in_turn or (_heads(text, colon) and _is_known(colon[0], known)) else []


def _with_full_stops(text: str, candidates: list[_Candidate], chosen: list[_Candidate]) -> list[_Candidate]:
    """Labels that end in a full stop: the style of the whole document, or names known from elsewhere in it."""
    stops = [candidate for candidate in candidates if candidate.form is _Form.STOP]
    calm = [candidate for candidate in stops if not _SHOUTED.match(text, candidate.label.end)]
    titled = [candidate for candidate in calm if candidate.voice in _TITLED and candidate.words <= 6]
    questions = [candidate for candidate in calm if candidate.voice is Voice.QUESTIONER]
    in_style = _recurs(titled) or len(questions) > 1 or _heads(text, titled)
    if in_style and len(titled) + len(questions) > len(chosen):
        names = {candidate.printed for candidate in calm if candidate.words <= 6 and _is_full(candidate)}
    else:
        names = {candidate.printed for candidate in chosen if candidate.label.name}
    return [candidate for candidate in stops if candidate.printed in names]


def _is_full(candidate: _Candidate) -> bool:
    """More than a lone word that may be a place: "WASHINGTON." is no speaker's label."""
    return candidate.voice is not Voice.NAME or 2 <= candidate.words <= 4


def _bare(candidates: list[_Candidate], chosen: list[_Candidate]) -> list[_Candidate]:
    """Lines that open with a lone Q: beside other labels, or several with the gap that a label has."""
    bare = [candidate for candidate in candidates if candidate.form is _Form.BARE]
    questions = [candidate for candidate in bare if candidate.voice is Voice.QUESTIONER]
    wide = sum(candidate.label.end - candidate.label.start > len("Q ") for candidate in questions)
    return bare if wide > 1 or (questions and chosen) else []


def _displaced(text: str, accepted: list[_Candidate]) -> Iterator[Label]:
    """Labels of a transcript that lost their colon or their line break.

    A name met before, then the wide gap that follows a label; or a label right behind the end of a sentence:
    passed over, a question would be put in the mouth of whoever answers it.
    """
    by_name = {
        candidate.label.name: candidate.label
        for candidate in accepted
        if candidate.label.name and candidate.voice is not Voice.NAME and in_capitals(candidate.printed)
    }
    if not by_name:
        return
    names = "|".join(re.escape(name).replace(r"\ ", r"[^\S\n]+") for name in by_name if name)
    behind = r"(?<=[.?!)—”…\"])[^\S\n]+"
    for match in re.finditer(
        rf"(?:^[^\S\n]*|(?P<behind>{behind}))(?P<name>{names})(?(behind):|(?:;|(?=[^\S\n](?:[^\S\n]|[—–]))))(?=\s)",
        text,
        re.M,
    ):
        label = by_name[" ".join(match["name"].split())]
        yield replace(label, start=match.start("name"), end=_said(text, match.end()))
    if any(candidate.form is _Form.BARE for candidate in accepted):
        for match in re.finditer(rf"{behind}(?P<name>Q)[^\S\n]{{2,}}", text):
            yield Label(match.start("name"), match.end(), None, Voice.QUESTIONER)


def _in_order(labels: Iterable[Label]) -> list[Label]:
    """One label a place, each ending before the next: a label alone on its line may be followed by another."""
    ordered: list[Label] = []
    for label in sorted(labels, key=lambda label: (label.start, -label.end)):
        if ordered and label.start == ordered[-1].start:
            continue
        if ordered and label.start < ordered[-1].end:
            ordered[-1] = replace(ordered[-1], end=label.start)
        ordered.append(label)
    return ordered
