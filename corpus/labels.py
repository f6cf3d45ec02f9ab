"""Decides which words at the start of a line are a speaker's label."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import islice, pairwise

from corpus.voices import HEAD, Voice, announces, in_capitals, is_outlet, voice_of

MASTHEAD_LINE = 200
"""Lines above a first label are this short at most: place, time, occasion."""

MOST_SPEAKERS = 500
"""Of more names than these the others are not looked for where they lost their colon: every line is held to each."""


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
    labels = _in_order([*(candidate.label for candidate in accepted), *_displaced(text, accepted)])
    return _in_order([*labels, *_interrupting(text, labels)])


def asks(said: str) -> bool:
    """Whether what is said comes to a question towards its end; a question mark in a web address is none.

    >>> asks("Will it rain? Thank you."), asks("See https://tin.example/?s=1")
    (True, False)
    """
    return _QUESTION_MARK.search(said, max(0, len(said) - 240)) is not None


def seems_labelled(text: str) -> bool:
    r"""Whether lines begin as with speakers' labels, one of them more than once, whoever speaks.

    >>> seems_labelled("Tin Post: You lie.\n\nLind: No.\n\nTin Post: You do.")
    True
    >>> seems_labelled("Note: Tin.\n\nNote: Zinc.")
    False
    """
    heads = Counter(
        " ".join(match["name"].split())
        for pattern in (_COLON, _LOOSE, _STOP)
        for match in pattern.finditer(text)
        if pattern is _COLON or match.groupdict().get("dash") or _is_generic(match["name"])
    )
    return any(count > 1 and head not in {"P", "R"} and announces(head) for head, count in heads.items())


def _is_generic(printed: str) -> bool:
    return len(printed) <= 24 and (voice := voice_of(printed)) is not None and voice[0] in _GENERIC


class _Form(Enum):
    COLON = auto()
    LOOSE = auto()
    """A dash behind it, or nothing: it stands alone on its line."""
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


_LINE_START = r"^[^\S\n]*(?:(?:[-–—•◦▪‣·>]|[#*]{1,6}[^\S\n]|\d{1,3}[.)][^\S\n])[^\S\n]*){0,2}[*_]{0,3}"
"""What may stand before a label on its line: space, the mark of a list or of a reply, bold type."""
_COLON = re.compile(
    rf"""
    {_LINE_START}
    (?P<name>[^\W\d_][^\n:：*]{{0,89}}?)
    [^\S\n]{{0,4}}[*_]{{0,3}}[^\S\n]{{0,4}} [:：] [*_]{{0,3}}
    (?=\s|\Z|[^\W\d_]|[\"'“‘«(\[{{—–…$€£*-])
    """,
    re.MULTILINE | re.VERBOSE,
)
_BEHIND = r"(?<=[?？.!])[^\S\n]+"
_INLINE = re.compile(rf"{_BEHIND}(?P<name>(?<=[?？]\s)(?:A|R|Answer|ANSWER)|[QAR]\d{{1,3}})[:：](?=\s)")
_INLINE_STOP = re.compile(rf"{_BEHIND}(?P<name>[QA]\d{{1,3}})\.(?=\s)")
"""Behind a sentence on the same line: a numbered label, or the answer to a question."""
_LOOSE = re.compile(
    rf"""
    {_LINE_START}
    (?P<name>[^\W\d_][^\n:：*.?!–—]{{0,59}}?) [*_]{{0,3}}
    (?:(?P<dash>[^\S\n]+[-–—][^\S\n]+) | [^\S\n]*$)
    """,
    re.MULTILINE | re.VERBOSE,
)
_STOP = re.compile(
    rf"""
    {_LINE_START}
    (?P<name>
        [QA](?=\.\s)
        | [^\W\d_]
        (?:
            [^\n.:*]
            | (?<=\b[^\W\d_a-z])\. | (?<=\bM[RS])\. | (?<=\b[DJS]R)\. | (?<=\bMRS)\. | (?<=\bHON)\.
        ){{0,59}}
    )
    \.[*_]{{0,3}}(?=\s|\Z)
    """,
    re.MULTILINE | re.VERBOSE,
)
_BARE = re.compile(rf"{_LINE_START}(?P<name>Q|A(?=[^\S\n]{{2}}))[*_]{{0,3}}(?:[^\S\n]+|(?=[—–])|(?=\n))", re.MULTILINE)
_ONLY_A_NAME = re.compile(
    r"[^\S\n]+[^\W\d_a-z][\w’'-]+(?:[^\S\n]+[^\W\d_a-z][\w.’'-]*){1,3}[^\S\n]*(?<![.])$", re.MULTILINE
)
"""All that stands behind "AMBASSADOR:" where a list tells who holds which office."""
_INITIAL = re.compile(r"[QAPR]\.?(?: ?\d{1,3})?")
_NUMBERED = re.compile(r"[QA] ?\d{1,3}")
_SHOUTED = re.compile(r"[^\W\d_a-z]{2}")
_QUESTION_MARK = re.compile(r"[?？](?![\w=&/%])")
_CLOSES = frozenset('.:!?…。！？："”’»)]*_—–-#')
_MEMORANDUM = re.compile(r"^\W*(?:MEMORANDUM|FROM|SUBJECT)\b", re.MULTILINE)
_GENERIC = frozenset({Voice.QUESTIONER, Voice.ANSWERER})
_UNSURE = _GENERIC | {Voice.NAME}
_TITLED = frozenset({Voice.OFFICE, Voice.COURTESY})


_FORMS = (
    (_COLON, _Form.COLON),
    (_INLINE, _Form.COLON),
    (_STOP, _Form.STOP),
    (_INLINE_STOP, _Form.STOP),
    (_BARE, _Form.BARE),
)


def _candidates(text: str, forms: tuple[tuple[re.Pattern[str], _Form], ...] = _FORMS) -> list[_Candidate]:
    found = (_candidate(text, match, form) for pattern, form in forms for match in pattern.finditer(text))
    return _paired(sorted(filter(None, found), key=lambda candidate: candidate.label.start))


def _paired(candidates: list[_Candidate]) -> list[_Candidate]:
    """Without an R that has neither Q nor P beside it, or a P without R: a party, a telephone."""
    initials = {candidate.printed[0] for candidate in candidates if _INITIAL.fullmatch(candidate.printed)}
    alone = {letter for letter, others in (("P", "R"), ("R", "PQ")) if initials.isdisjoint(others)}
    return [
        candidate
        for candidate in candidates
        if not (_INITIAL.fullmatch(candidate.printed) and candidate.printed[0] in alone)
    ]


def _candidate(text: str, match: re.Match[str], form: _Form) -> _Candidate | None:
    printed = " ".join(match["name"].split())
    shouted = in_capitals(printed)
    if (form is _Form.STOP and not shouted) or not (shouted or _opens(text, match.start())):
        return None
    voice = voice_of(printed)
    if voice is None:
        return None
    if voice[0] is Voice.OFFICE and _ONLY_A_NAME.match(text, match.end()):
        return None
    said = _said(text, match.end())
    return _Candidate(Label(match.start(), said, voice[1], voice[0]), printed, form, said - match.end())


def _opens(text: str, position: int) -> bool:
    """Whether a paragraph may begin there: a line set narrow may start in the middle of a sentence."""
    above = text[max(0, position - 200) : position]
    return not above.strip() or _starts_paragraph(text, position) or above.rstrip()[-1] in _CLOSES


def _said(text: str, position: int) -> int:
    """Where the words begin after a label."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _accepted(text: str, candidates: list[_Candidate], known: str) -> list[_Candidate]:
    colon = [candidate for candidate in candidates if candidate.form is _Form.COLON]
    chosen = (
        _from_transcript(text, colon)
        or _from_questions(colon, known)
        or _from_dialogue(text, colon, known)
        or _from_questions(_loosely_set(text, colon), known)
    )
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
    stands_out = _set_as(text, strong)
    return [
        candidate
        for candidate in colon
        if candidate.voice in _GENERIC
        or (printed[candidate.printed.casefold()] > 1 and (candidate.voice is not Voice.NAME or candidate in capitals))
        or (candidate not in capitals and candidate.printed.casefold() in shouted)
        or (candidate in capitals and (candidate.voice is not Voice.NAME or stands_out(candidate)))
    ]


def _set_as(text: str, strong: list[_Candidate]) -> Callable[[_Candidate], bool]:
    """A test of a name met once: as far from its words as the labels are, and no acronym that the text uses."""
    wide = sum(other.gap > 1 for other in strong) > 0.9 * len(strong)
    surnames = {word for other in strong for word in re.split(r"[\s,]+", other.printed)}
    used = Counter(re.findall(r"\w+", text))

    def stands_out(candidate: _Candidate) -> bool:
        is_used = all(used[word] > 1 for word in re.findall(r"\w+", candidate.printed))
        known = candidate.words > 1 or candidate.printed in surnames or not is_used
        return (candidate.gap > 1 or not wide) and known

    return stands_out


def _recurs(candidates: list[_Candidate]) -> bool:
    return _repeats(candidate.printed for candidate in candidates)


def _repeats(names: Iterable[str]) -> bool:
    return any(count > 1 for count in Counter(names).values())


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


def _loosely_set(text: str, colon: list[_Candidate]) -> list[_Candidate]:
    """Labels with a dash or alone on their lines, beside those with a colon: "Question", or a name that recurs."""
    if not any(_is_generic(match["name"]) for match in _LOOSE.finditer(text)):
        return []
    loose = _candidates(text, ((_LOOSE, _Form.LOOSE),))
    counts = Counter(candidate.printed for candidate in loose)
    sure = [candidate for candidate in loose if candidate.voice in _GENERIC or counts[candidate.printed] > 1]
    return sorted([*colon, *sure], key=lambda candidate: candidate.label.start)


def _is_known(candidate: _Candidate, known: str) -> bool:
    return re.search(rf"\b{re.escape(candidate.printed)}\b", known, re.IGNORECASE) is not None


def _from_dialogue(text: str, colon: list[_Candidate], known: str) -> list[_Candidate]:
    """Labels of a conversation that has names only: whoever is asked, and those who ask.

    Most candidates must be one of them or come again: a page where they do not is a list of quotations.
    """
    exchanges = [
        (asker, answerer)
        for asker, answerer in pairwise(colon)
        if asker.printed != answerer.printed
        and (
            asks(text[asker.label.end : answerer.label.start])
            or (is_outlet(asker.printed) and not is_outlet(answerer.printed) and _is_known(answerer, known))
        )
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
    return [candidate for candidate in stops if candidate.printed in names or _NUMBERED.fullmatch(candidate.printed)]


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
    names = "|".join(re.escape(name).replace(r"\ ", r"[^\S\n]+") for name in islice(by_name, MOST_SPEAKERS) if name)
    behind = r"(?<=[.?!)—”…\"])[^\S\n]+"
    for match in re.finditer(
        rf"(?:{_LINE_START}|(?P<behind>{behind}))(?P<name>{names})(?(behind):|(?:;|(?=[^\S\n](?:[^\S\n]|[—–]))))(?=\s)",
        text,
        re.M,
    ):
        label = by_name[" ".join(match["name"].split())]
        yield replace(label, start=match.start("name"), end=_said(text, match.end()))
    if any(candidate.form is _Form.BARE for candidate in accepted):
        for match in re.finditer(rf"{behind}(?P<name>Q)[^\S\n]{{2,}}", text):
            yield Label(match.start("name"), match.end(), None, Voice.QUESTIONER)


def _interrupting(text: str, labels: list[Label]) -> Iterator[Label]:
    """Labels that are not understood, between two of one speaker's: he does not announce himself twice running."""
    for before, after in pairwise(labels):
        if (before.name, before.voice) != (after.name, after.voice) or before.voice is Voice.QUESTIONER:
            continue
        for match in _COLON.finditer(text, before.end, after.start):
            head = " ".join(match["name"].split())
            if len(head) <= HEAD and _starts_paragraph(text, match.start()) and (announces(head) or is_outlet(head)):
                is_name = (found := voice_of(head)) is not None and found[0] is not Voice.CROWD
                yield Label(match.start(), _said(text, match.end()), head if is_name else None, Voice.CROWD)


def _starts_paragraph(text: str, position: int) -> bool:
    above = text[max(0, position - 200) : position]
    return above.count("\n", len(above.rstrip())) > 1


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
