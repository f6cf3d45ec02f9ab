"""Decides whether a text is a letter, where it begins and ends, and who signed it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import takewhile

from corpus.statement import Role, Turn
from corpus.voices import listed

INTRODUCTION_LENGTH = 1_500
"""What stands above a salutation is no longer than this: a letter quoted further down does not make the page one."""
SIGNATURE_LINE = 100
"""Characters in a line of a signature, at most."""
SIGNATURE_LINES = 8


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    words: str
    opens: bool
    """Whether a paragraph may begin with it: a line set narrow may start in the middle of a sentence."""


def find_letters(text: str, *, title: str | None = None, speaker: str | None = None) -> tuple[Turn, ...]:
    r"""Letters in a text, salutation to signature, and what the publisher says around them; nothing if it has none.

    The speaker is whoever signed; failing that, whoever the introduction says wrote it; failing that, `speaker`.

    >>> page = "A letter from Mr. Jan Brand to The Tin Post.\n\nSir, tin is dear.\n\nJan Brand\n\nMiner"
    >>> [(turn.role.value, turn.speaker) for turn in find_letters(page)]
    [('introduction', None), ('letter', 'Jan Brand')]
    """
    lines = _lines(text)
    first = _salutation(lines)
    if first is None or not _is_letter(lines, first, title):
        return ()
    turns = _turn(lines[:first], None, Role.INTRODUCTION)
    introduced = _introduced(" ".join(line.words for line in lines[:first]))
    alone = [number for number, line in enumerate(lines) if number > first and _is_salutation_alone(line)]
    # Of several letters an unsigned one may be anybody's.
    unsigned = None if alone else (introduced or speaker)
    start = first
    while start < len(lines):
        next_letter = bisect_right(alone, start)
        stop = alone[next_letter] if next_letter < len(alone) else len(lines)
        end, signers = _letter(lines, start, stop, introduced)
        writer = signers[0] if len(signers) == 1 else unsigned if not signers else None
        turns += _turn(lines[start:end], writer, Role.LETTER)
        after = _salutation(lines, end)
        turns += _turn(lines[end:after], None, Role.INTRODUCTION)
        start = len(lines) if after is None else after
    return tuple(turns)


_COLUMNS = "  "
"""What stands in a line's words for a wide gap: between two signatures, side by side."""
_CLOSES = '.:!?…"”’)]'
_SALUTATION = re.compile(
    r"(?:(?:Dear )?Sirs?|(?:Dear )?Madam|Sir or Madam|Sir/Madam"
    r"|Dear (?:[^,:.!?]|(?<=\b[DM]r)\.|(?<=\bMs)\.|(?<=\bMrs)\.|(?<=\bSen)\.|(?<=\bProf)\.){1,100}"
    r"|(?:Your )?Excellenc(?:y|ies)|Gentlemen|To the [Ee]ditors?|Editor|Sehr geehrte[^,:.!?]{1,80}"
    r"|Monsieur[^,:.!?]{0,60}|Madame[^,:.!?]{0,60}|Estimad[oa]s?[^,:.!?]{1,60})\s*(?:[,:，：—–]|$)"
)
_DOUBTFUL = re.compile(r"(?:Dear )?(?:Sirs?|Madam|Editor)\b|Sir or Madam")
"""Salutations of letters to the press, and of speeches: a name must stand below."""
_CLOSING = re.compile(
    r"(?:(?:I am|I remain|We remain)\b[^.]{0,60})?(?:Yours\b[^.]{0,30}|(?:Very |Most )?(?:Sincerely|Respectfully"
    r"|Cordially|Faithfully)(?: yours| submitted)?|(?:With )?(?:kind|best|warm(?:est)?) (?:regards|wishes)"
    r"|Mit freundlichen Grüßen|Hochachtungsvoll|Atentamente|Cordialement)[,.:]?(?:\s+(?P<name>[^\W\d_].*))?$",
    re.IGNORECASE,
)
_SAYS_LETTER = re.compile(r"\bletters?\b|\blettre\b|\bcarta\b|\b[Bb]rief (?:von|des|der)\b|信", re.IGNORECASE)
_ANSWERED = re.compile(
    r"\b(?:repl(?:y|ies|ied|ying)|respon[ds]\w*|answer\w*|rejoinder|rebut\w*|refut\w*|receiv\w*|read)\b", re.IGNORECASE
)
_REPLY = re.compile(r"[a-z]{3}[.:;]\s.*\b(?:reply|replies|replied|response|responded|answer|answered)\b", re.IGNORECASE)
_COURTESY = re.compile(r"(?:(?:Mr|Ms|Mrs|Miss|Mx|H\.\s?E)\b\.?\s*|\(?[Ss]igned\)?:?\s*|/s/\s*)+")
_NAME_WORD = r"[^\W\d_a-z][\w’'.-]*"
_NAME = re.compile(
    rf"{_NAME_WORD}(?: (?:(?:de|la|von|van|der|bin|al|of)\b ?)*{_NAME_WORD}){{1,5}}(?:,? (?:Jr|JR|Sr|SR)\.?)?"
)
_LETTER_FROM = re.compile(
    rf"""
    \b[Ll]etter\s+(?:(?:written|signed)\s+)?(?:from|by|of)\s+
    (?:
        (?:(?!(?:to|in|on|for|at|by|from|delivered|sent)\b)[^\s,.;:(]+\s+)*?
        (?:H\.\s?E\.\s+)?\b(?:Mr|Ms|Mrs|Miss)\b\.?\s+(?P<titled>{_NAME.pattern.replace(" ", "[ ]")})
        | (?P<rest>[^,;:(]+)
    )
    """,
    re.VERBOSE,
)
_NOT_SIGNED = re.compile(rf"#|<|\*\*<|[-–—_=*]{{3}}|{_SALUTATION.pattern}")
_BESIDE = re.compile(
    r"\W*(?:b?cc|enc|encls?|enclosures?|attachments?|photos?|photograph|picture|image)\b", re.IGNORECASE
)
_ENDS_A_SENTENCE = re.compile(r"[a-z]{3}\.$")
_OF_AN_OFFICE = listed("""
    ambassador spokesman spokesperson spokeswoman minister secretary president chancellor director chair chairman
    commissioner governor mayor consul counsellor attaché embassy consulate mission ministry office department
    council commission committee government house bureau agency union university press association republic
    kingdom states nations editor general affairs senator representative member congress parliament envoy chief
    executive officer deputy head manager professor founder attorney counsel section division town city street road
    avenue
""")


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    for match in re.finditer(r"\S(?:[^\n]*\S)?", text):
        blank_above = not lines or text.count("\n", lines[-1].end, match.start()) > 1
        opens = blank_above or lines[-1].words[-1] in _CLOSES
        words = _COLUMNS.join(" ".join(column.split()) for column in re.split(r"\s{3,}|\t", match[0]))
        lines.append(_Line(match.start(), match.end(), words, opens))
    return lines


def _salutation(lines: list[_Line], start: int = 0) -> int | None:
    """The first line, from `start` on, that greets the reader of a letter."""
    numbers = range(start, len(lines))
    return next((number for number in numbers if lines[number].opens and _SALUTATION.match(lines[number].words)), None)


def _is_salutation_alone(line: _Line) -> bool:
    """Whether the next letter begins there, below a salutation: "Sir, I thank you" may be part of a letter."""
    return line.opens and len(line.words) <= SIGNATURE_LINE and _SALUTATION.fullmatch(line.words) is not None


def _turn(lines: list[_Line], speaker: str | None, role: Role) -> list[Turn]:
    return [Turn(lines[0].start, lines[-1].end, speaker, role)] if lines else []


def _is_letter(lines: list[_Line], first: int, title: str | None) -> bool:
    """A salutation opens it, and something else says that it is a letter: "Sir," alone may open a speech."""
    above, greeting = lines[:first], lines[first].words
    doubtful = _DOUBTFUL.match(greeting) is not None
    if above and above[-1].end - above[0].start > INTRODUCTION_LENGTH:
        return False
    if doubtful and above and above[-1].words[-1] not in _CLOSES + "0123456789":
        return False
    if any(_SAYS_LETTER.search(line.words) for line in above) or _closing(lines, 0, len(lines)) is not None:
        return True
    if any(len(line.words) > SIGNATURE_LINE for line in above):
        return False
    titled = greeting.startswith("To the ") or _SAYS_LETTER.search(title or "") is not None
    return titled or (doubtful and _unclosed_signature(lines[first:], None) is not None)


def _letter(lines: list[_Line], start: int, stop: int, introduced: str | None) -> tuple[int, list[str]]:
    """Where, before `stop`, the letter that begins at `start` ends, and the names below it."""
    closing = _closing(lines, start, stop)
    if closing is not None:
        below = _signature(lines, closing + 1, stop)
        return closing + 1 + len(below), _signers([_name_beside(lines[closing]), *(line.words for line in below)])
    signature = _unclosed_signature(lines[start:stop], introduced)
    if signature is None:
        return stop, []
    below = _signature(lines, start + signature + 1, stop)
    signers = _signers([line.words for line in [lines[start + signature], *below]])
    return start + signature + 1 + len(below), signers


def _closing(lines: list[_Line], start: int, stop: int) -> int | None:
    """Where "Yours sincerely" stands: with a name, above a signature, or at the very end."""
    for number in range(start, stop):
        line = lines[number]
        if _CLOSING.match(line.words) and (
            number + 1 == stop or _person(_name_beside(line)) or _signature(lines, number + 1, stop)
        ):
            return number
    return None


def _name_beside(closing: _Line) -> str:
    match = _CLOSING.match(closing.words)
    return (match["name"] or "") if match else ""


def _signers(signature: list[str]) -> list[str]:
    """The names in a signature, if its first line is one: what is copied, enclosed or pictured signs nothing."""
    lines = list(takewhile(lambda words: not _BESIDE.match(words), filter(None, signature)))
    first = _person(lines[0]) if lines else None
    return list(dict.fromkeys([first, *filter(None, map(_another, lines[1:]))])) if first else []


def _another(words: str) -> str | None:
    """Whom a further line names: "Envoy of Zincland" is the first one's office."""
    return None if words.split(maxsplit=1)[0].casefold() in _OF_AN_OFFICE else _person(words)


def _signature(lines: list[_Line], start: int, stop: int) -> list[_Line]:
    """The short lines below a closing or a name; a sentence, or the next letter, ends them."""
    below = lines[start : min(stop, start + SIGNATURE_LINES)]
    return list(takewhile(lambda line: _is_short(line.words) and not _NOT_SIGNED.match(line.words), below))


def _is_short(words: str) -> bool:
    return len(words) <= SIGNATURE_LINE and not (len(words.split()) > 6 and words[-1] in ".!?)]")


def _unclosed_signature(lines: list[_Line], introduced: str | None) -> int | None:
    """Where a name stands by itself below a letter that ends without "Yours sincerely"."""
    for number in range(len(lines) - 1, 0, -1):
        if introduced and lines[number].opens and _person(lines[number].words) == introduced:
            return number
    if any(_BESIDE.match(line.words) for line in lines[-SIGNATURE_LINES:]):
        return None
    last = len(lines)
    while last > 1 and len(lines) - last < 5 and _is_short(lines[last - 1].words):
        last -= 1
    return next((number for number in range(last, len(lines)) if _signs(lines[number])), None)


def _signs(line: _Line) -> bool:
    return line.opens and _person(line.words) is not None


def _person(words: str) -> str | None:
    """The name in a line of a signature, without Mr. or Ms.; `None` where the line has an office or a sentence."""
    if _COLUMNS in words or _SALUTATION.match(words):
        return None
    name = _COURTESY.sub("", words.strip("*_ "), count=1).rstrip(",; ").strip()
    if not _NAME.fullmatch(name):
        name, *offices = (part.strip() for part in name.split(","))
        if any(_another(office) for office in offices if office):
            return None
    parts = name.split()
    if not _NAME.fullmatch(name) or _ENDS_A_SENTENCE.search(name) or parts[-1].casefold() in _OF_AN_OFFICE:
        return None
    is_office = parts[0].casefold() in _OF_AN_OFFICE and parts[1] == "of"
    return None if is_office or any(part.casefold() in _OF_AN_OFFICE for part in parts[1:]) else name


def _introduced(introduction: str) -> str | None:
    """Whom an introduction names as the writer: "a letter from Mr. Jan Brand, Spokesman of …", no letter answered."""
    match = _LETTER_FROM.search(introduction)
    if match is None or _ANSWERED.search(introduction[: match.start()]) or _REPLY.search(introduction, match.start()):
        return None
    writer = match["titled"] or re.split(r"\s[a-z]", match["rest"])[0]
    return _person(re.split(r"(?<=[a-z]{2})\.\s", writer)[0])
