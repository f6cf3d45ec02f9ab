"""Decides who says what in a statement: its turns, their speakers and roles."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.labels import Label, asks, find_labels, seems_labelled
from corpus.letters import find_letters
from corpus.statement import Role, Turn
from corpus.voices import Voice, is_outlet

SHORT = 8
"""Words in a turn that tells nothing of what its speaker does: "Thank you, Chair."."""
NOTE_LENGTH = 1_000
"""Text below the one rule line of a transcript is the publisher's note when it is no longer than this."""

NAMES_KNOWN = 1_000
"""Characters of a title, and of a speaker, in which names are looked for."""


def find_turns(text: str, *, title: str | None = None, speaker: str | None = None) -> tuple[Turn, ...]:
    r"""Turns of a statement's text, in order, none overlapping; `speaker` is its own, when the source names one.

    >>> page = "Question: Will it rain?\n\nMinister Adler: No."
    >>> [(page[turn.start:turn.end], turn.speaker, turn.role.value) for turn in find_turns(page)]
    [('Will it rain?', None, 'question'), ('No.', 'Minister Adler', 'answer')]
    """
    text = _in_lines(text)
    return (
        tuple(_transcribed(text, title or "", speaker))
        or find_letters(text, title=title, speaker=speaker)
        or tuple(_unmarked(text, speaker))
    )


_BREAK = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN_AT_AN_EDGE = re.compile(
    r"""
    ^ [\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+           # where a line begins
    | (?<![\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])
      [\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]++ (?=[\s:：]|\Z)  # where a word ends
    """,
    re.MULTILINE | re.VERBOSE,
)


def _in_lines(text: str) -> str:
    r"""The text, each character in its place, but with one kind of line break and spaces for what nobody sees.

    >>> _in_lines("Tin.\u2028\u200bQ: Why?\r\nA: So.")
    'Tin.\n Q: Why? \nA: So.'
    """
    broken = _BREAK.sub("\n", text.replace("\r\n", " \n"))
    return _UNSEEN_AT_AN_EDGE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), broken)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What stands between one label and the next; without a label it is the publisher's."""

    start: int
    end: int
    label: Label | None


_QUOTATION = re.compile(r"""\s*(?:"[^"\n]*"|“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]|「[^」\n]*」)[.,]?[^\S\n]*(?=\n|\Z)""")
"""A paragraph that is one quotation: where most labels stand above one, what comes below it is the page's own."""
_SPACE = r"[^\S\n]{0,40}"
_RULE = re.compile(
    rf"^{_SPACE}(?:_{{3,}}|[-–—=]{{3,}}|(?:[*·•]{_SPACE}){{3,}}|(?:[–—-][^\S\n]){{2,}}[–—-]){_SPACE}$", re.MULTILINE
)
_TIME = rf"\d{{1,2}}[:.]\d{{2}}{_SPACE}[AaPp]\.?[^\S\n]?[Mm]\.?(?:{_SPACE}\(?[A-Za-z]{{1,5}}\)?\.?)?"
_END_MARK = re.compile(
    rf"^{_SPACE}[*_]{{0,2}}(?:(?:#{_SPACE}){{3,}}|[-–—(\[*]*{_SPACE}(?:ENDS?|Ends?|30-|(?:END|End) (?:OF|of) [Tt]\w+)"
    rf"{_SPACE}[-–—)\]*]*(?:{_SPACE}{_TIME})?)[*_]{{0,2}}{_SPACE}$",
    re.MULTILINE,
)
_CLOCK = re.compile(rf"^{_SPACE}{_TIME}{_SPACE}$", re.MULTILINE)


def _unmarked(text: str, speaker: str | None) -> Iterator[Turn]:
    """One turn, nobody's where others may speak in it too, and what the publisher adds below the end mark."""
    mark = _END_MARK.search(text)
    end = mark.start() if mark and len(text) - mark.end() < mark.start() else len(text)
    for start, stop in _trimmed(text, 0, end):
        yield Turn(start, stop, None if seems_labelled(text) else speaker, Role.REMARKS)
    for note in _published(text, end, len(text)):
        yield Turn(note.start, note.end, None, Role.INTRODUCTION)


def _transcribed(text: str, title: str, speaker: str | None) -> Iterator[Turn]:
    labels = find_labels(text, _known(title, speaker))
    stretches = list(_stretches(text, labels)) if labels else []
    for stretch, role in zip(stretches, _roles(text, stretches, title, speaker), strict=True):
        yield Turn(stretch.start, stretch.end, _speaker(stretch.label, speaker), role)


def _known(title: str, speaker: str | None) -> str:
    """Where names are recognised: each is looked for in it, so a title without end is read no further."""
    return f"{title[:NAMES_KNOWN]}\n{(speaker or '')[:NAMES_KNOWN]}"


def _speaker(label: Label | None, speaker: str | None) -> str | None:
    if label and label.voice is Voice.ANSWERER:
        return label.name or speaker
    return label.name if label else None


def _stretches(text: str, labels: list[Label]) -> Iterator[_Stretch]:
    for start, end in _trimmed(text, 0, labels[0].start):
        yield _Stretch(start, end, None)
    ends = [label.start for label in labels[1:]] + [len(text)]
    quotations = [_QUOTATION.match(text, label.end, end) for label, end in zip(labels, ends, strict=True)]
    is_list = 2 * sum(quotation is not None for quotation in quotations) > len(labels)
    for label, end, quotation in zip(labels, ends, quotations, strict=True):
        stop = _stop(text, label.end, end, is_last=end == len(text))
        stop = min(stop, quotation.end()) if is_list and quotation else stop
        for start, trimmed in _trimmed(text, label.end, stop):
            yield _Stretch(start, trimmed, label)
        yield from _published(text, stop, end)


def _stop(text: str, start: int, end: int, *, is_last: bool) -> int:
    """Where a labelled turn stops short of the next label: at an end mark, or at the rule above a last note."""
    marks = [mark.start() for pattern in (_END_MARK, _CLOCK) if (mark := pattern.search(text, start, end))]
    stop = min(marks, default=end)
    rules = [rule.start() for rule in _RULE.finditer(text, start, stop)]
    if is_last and len(rules) == 1 and len(text) - rules[0] <= NOTE_LENGTH:
        return rules[0]
    return stop


def _published(text: str, start: int, end: int) -> Iterator[_Stretch]:
    """What stands below an end mark, the marks themselves left out."""
    marks = [mark.span() for pattern in (_END_MARK, _CLOCK, _RULE) for mark in pattern.finditer(text, start, end)]
    for mark_start, mark_end in [*sorted(marks), (end, end)]:
        for note_start, note_end in _trimmed(text, start, mark_start):
            yield _Stretch(note_start, note_end, None)
        start = mark_end


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without space and rule lines at its ends; nothing when nothing else is there."""
    rules = deque(rule.span() for rule in _RULE.finditer(text, start, end))
    while start < end and (text[start].isspace() or (rules and rules[0][0] == start)):
        start = rules.popleft()[1] if rules and rules[0][0] == start else start + 1
    while start < end and (text[end - 1].isspace() or (rules and rules[-1][1] == end)):
        end = rules.pop()[0] if rules and rules[-1][1] == end else end - 1
    if start < end:
        yield start, end


def _roles(text: str, stretches: list[_Stretch], title: str, speaker: str | None) -> Iterator[Role]:
    """Roles in order: an official's words are answers once somebody has asked a question."""
    askers = _askers(text, stretches, title, speaker)
    answering = _answering(text, stretches, askers)
    opened = asked_from_the_floor = False
    for stretch in stretches:
        role = _role(text, stretch, askers)
        if role is None:
            official = stretch.label and (stretch.label.voice is not Voice.NAME or stretch.label.name in answering)
            role = Role.ANSWER if official and (opened or asked_from_the_floor) else Role.REMARKS
        crowd = stretch.label is not None and stretch.label.voice is Voice.CROWD
        opened = opened or (role is Role.QUESTION and not crowd)
        asked_from_the_floor = role is Role.QUESTION
        yield role


def _role(text: str, stretch: _Stretch, askers: set[str | None]) -> Role | None:
    """The role that the label alone decides; `None` for those who may answer."""
    if stretch.label is None:
        return Role.INTRODUCTION
    if stretch.label.voice in {Voice.HOST, Voice.CROWD}:
        return Role.QUESTION if asks(text[stretch.start : stretch.end]) else Role.REMARKS
    return Role.QUESTION if stretch.label.name in askers else _ROLES.get(stretch.label.voice)


_NAMED = frozenset({Voice.NAME, Voice.COURTESY, Voice.OFFICE})
_ROLES = {Voice.QUESTIONER: Role.QUESTION, Voice.ANSWERER: Role.ANSWER, Voice.STEERING: Role.REMARKS}


def _askers(text: str, stretches: list[_Stretch], title: str, speaker: str | None) -> set[str | None]:
    """Named speakers who mostly ask, none of them being one who is asked.

    Where journalists go unnamed, "Mr. Adler" beside them is an official, however many questions he puts. Where
    they are named, what comes before an answer is a question even if it has no question mark; a moderator is
    followed by the next to ask.
    """
    unnamed = any(stretch.label and stretch.label.voice is Voice.QUESTIONER for stretch in stretches)
    voices = {Voice.NAME} if unnamed else {Voice.NAME, Voice.COURTESY}
    asked = _asked(text, stretches, title, speaker)
    questions: Counter[str | None] = Counter()
    others: Counter[str | None] = Counter()
    question_before = False
    names = [*map(_name, stretches), None]
    for stretch, name, name_after in zip(stretches, names, names[1:], strict=False):
        said = text[stretch.start : stretch.end]
        question = asks(said)
        if stretch.label and stretch.label.voice in voices and name not in asked:
            steers = bool(name_after) and name_after not in asked and not is_outlet(name or "")
            answered = not unnamed and not question_before and name_after in asked
            if not steers and (question or answered or is_outlet(name or "")):
                questions[name] += 1
            elif steers or len(said.split()) > SHORT:
                others[name] += 1
        question_before = question and name not in asked and len(said.split()) > SHORT
    return {name for name, count in questions.items() if count >= others[name]}


def _name(stretch: _Stretch) -> str | None:
    return stretch.label.name if stretch.label else None


def _asked(text: str, stretches: list[_Stretch], title: str, speaker: str | None) -> set[str | None]:
    """Whom the questions are put to: officials, the statement's own speakers, and whoever most follows a question."""
    names = {label.name for stretch in stretches if (label := stretch.label) and label.voice in _NAMED and label.name}
    followed: Counter[str | None] = Counter()
    for before, after in pairwise(stretches):
        name = _name(after)
        if name in names and name != _name(before) and not is_outlet(name) and asks(text[before.start : before.end]):
            followed[name] += 1
    offices = {_name(stretch) for stretch in stretches if stretch.label and stretch.label.voice is Voice.OFFICE}
    known = _known(title, speaker)
    own = {
        name
        for name in names
        if not is_outlet(name) and re.search(rf"(?<!with )\b{re.escape(name)}\b", known, re.IGNORECASE)
    }
    return offices | own | {name for name, _ in followed.most_common(1)}


def _answering(text: str, stretches: list[_Stretch], askers: set[str | None]) -> set[str | None]:
    """Bare names that answer: they mostly speak right after a question; a moderator mostly does not."""
    after: Counter[str | None] = Counter()
    elsewhere: Counter[str | None] = Counter()
    asked = opened = False
    for stretch in stretches:
        label = stretch.label
        if opened and label and label.voice is Voice.NAME and label.name not in askers:
            (after if asked else elsewhere)[label.name] += 1
        asks_now = label is not None and (
            label.name in askers or label.voice in {Voice.QUESTIONER, Voice.HOST, Voice.CROWD}
        )
        opened = opened or asks_now
        asked = asks_now and (is_outlet(_name(stretch) or "") or asks(text[stretch.start : stretch.end]))
    return {name for name, count in after.items() if count > elsewhere[name]}
