"""Which of the lines above a statement's body are its masthead, and what these state; in doubt a line is none."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.readers.metadata import find_date, is_date_line, kind_of, office_and_name, speaker_in_title

_MOST_LINES = 12
_LONGEST_LINE = 150
_LONGEST_TITLE = 200
_LONG_ENOUGH_FOR_PROSE = 80
_LINE_END = re.compile(r"[.!?:;,。！？：；，…][\"'’”»)」』]*$")
_PROSE_END = re.compile(r"[.!?:。！？：…][\"'’”»)」』]*$")
_NO_TITLE = re.compile(
    r"(?i:question|answer|q|a)\s*[:.)]|(?i:dear|ladies and|distinguished|excellenc(?:y|ies)|sir|madam)\b|[-*•#>]|"
    r"\d{1,2}[:.]\d\d\b|[A-Z][A-Z .'’-]{1,40}:"
)
_BETWEEN = re.compile(r"\s+[|·•–—]\s+|\s*[|·•]\s*")
_SALUTATION = re.compile(r"(?:dear|sirs?|madam|mr|mrs|ms|your|excellency)\b.{0,60}[,:]", re.IGNORECASE)
_VENUE = re.compile(r"(?:at|before|delivered|given|held|hosted)\s", re.IGNORECASE)
_TIME_TO_READ = re.compile(r"\d{1,3}[- ]min(?:ute)?s? read", re.IGNORECASE)
_NAME_PART = r"(?:[^\W\d_a-z][\w.'’-]*|(?:al|bin|da|de|den|der|di|la|le|van|von)\b)"
_BYLINE = re.compile(rf"By (?P<name>{_NAME_PART}(?: {_NAME_PART}){{1,4}})(?:, [^\W\d_a-z][^\d|·•]{{1,80}})?")
_NUMBERED = r"(?:\W*\b(?:no\.?|nr\.?|n[°º]\.?|ref\.?)?\W*[\w./-]*\d[\w./-]*)?"
_PLACED = re.compile(r"(?P<place>[^\d,|·•]{2,40}(?:, [^\d,|·•]{2,30})?),\s+(?:(?:le|el|il|den|am|a) )?(?P<date>.+)")
_RELEASE = re.compile(
    rf"(?:for (?:immediate )?release|(?:press|news|media)[ -](?:release|notice|statement|communiqu[eé]){_NUMBERED}|"
    rf"(?:pressemitteilung|medienmitteilung|communiqu[eé] de presse|comunicado de prensa|nota de prensa|"
    rf"comunicato stampa|nota à imprensa|пресс-релиз){_NUMBERED}|新闻稿|新闻公报)",
    re.IGNORECASE,
)
_NEWSLETTER = re.compile(r"news for \w[\w ,&-]{2,60}", re.IGNORECASE)

# Words that head the name of a public body and of hardly anything else; the others head titles of speeches too.
_BODY = (
    r"ministry|department|embassy|consulate(?:-general)?|high commission|government|commission|authority|agency|"
    r"secretariat|parliament|chancellery|directorate|\w*ministerium|bundes\w+|minist[èe]re|ambassade|gouvernement|"
    r"ministerio|embajada|gobierno|ministero|ministério|governo|министерство|посольство|правительство"
)
_PERHAPS_BODY = (
    r"office|bank|republic|council|service|house|assembly|senate|board|bureau|cabinet|treasury|committee|institute|"
    r"union|kingdom|commonwealth|state|states|federation|administration|court|organi[sz]ation|delegation|mission|"
    r"presidency|registry|inspectorate|united nations|\w*amt"
)
_JOINING = r"of|for|the|and|in|to|on|at|de|du|des|la|le|les|et|von|vom|der|die|für|und|zu|del|y|di|e|do|da"
_BODY_NAMED = re.compile(rf"\b(?:{_BODY})\b", re.IGNORECASE)
_HEADS_A_NAME = re.compile(
    rf"\b(?:{_BODY}|{_PERHAPS_BODY})(?:$|[,&(]|\s+(?:[-–—(&]|(?:{_JOINING})\b|d['’]))", re.IGNORECASE
)
# "Bank of Lyra" can issue; of "Republic of Lyra" and "Union of Hearts" the one needs its ministry beside it.
_CAN_ISSUE = re.compile(
    r".*\b(?:office|bank|council|board|bureau|cabinet|committee|institute|court|treasury|inspectorate|registry)\b"
    rf"(?:$|[,&(]|\s+(?:[-–—(&]|(?:{_JOINING})\b|d['’])).*|"
    rf"(?:the\s+)?(?:(?!(?:{_JOINING})\b)[\w'’.-]+\s+){{1,3}}(?:{_PERHAPS_BODY})(?:\s*\(.*|,.*)?|\w*amt",
    re.IGNORECASE,
)
_JOINS = re.compile(rf"(?:{_JOINING})", re.IGNORECASE)
_CHINESE_BODY = re.compile(r"[\u3400-\u9fff]{2,25}(?:部|局|馆|署|厅|院|处|政府|银行|委员会|办公室|代表团)")
# Only what was itself printed, in the same clause: an answer is not of the day of what it answers.
_PRINTED = re.compile(
    r"the following (?:is (?:the )?(?:full )?(?:text of )?(?:an? |the )?)?"
    r"(?:(?!\b(?:that|which|who|to|on|about|against|regarding|concerning)\b)[^.:;])*?"
    r"\b(?:letter|reply|response|statement|article|notice|release|interview)\b"
    r"(?P<of>(?:(?!\b(?:that|which|who)\b)(?:\b[^\W\d_]{1,4}\.|[^.:;]))*?)"
    r"(?P<which>\b(?:that|which)\s+)?\b(?:was|were|has been)\s+(?:first\s+)?"
    r"(?:printed|published|carried|issued|released)\b(?P<when>.{0,160}?)(?:$|[.;:]\s+(?-i:[^\W\d_a-z]))",
    re.IGNORECASE | re.DOTALL,
)
_ANSWERS = re.compile(r"\b(?:reply|repl(?:ies|ied|ying)|respon\w+|answer\w*|rebut\w*|reaction)\b", re.IGNORECASE)
_OF_ANOTHER = re.compile(r"\b(?:to|on|about|against|regarding|concerning|over|after|following)\b", re.IGNORECASE)
_FOLLOWING = re.compile(
    r"the following (?:is (?:the )?(?:full )?(?:text of )?(?:an? |the )?)?(?P<what>[^.]{1,60})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What one line of a masthead states; `None` where it does not."""

    issuer: str | None = None
    kind: str | None = None
    published: str | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Masthead:
    """The masthead of a document: which of its lines belong to it, the title's among them, and what they state."""

    lines: frozenset[int]
    title: str | None
    issuer: str | None
    kind: str | None
    published: str | None
    speaker: str | None


def read_masthead(lines: Sequence[str], title_at: int | None = None) -> Masthead | None:
    """The masthead that a document's `lines`, blank ones included, open with; `None` where none shows beyond doubt.

    `title_at` is the line that is the title, where the document's form tells. Some line must remain as the body.

    >>> found = read_masthead(["Ministry of Wool", "4 May 2020", "", "Wool is warm", "", "It is also dry."])
    >>> sorted(found.lines), found.title, found.issuer, found.published
    ([0, 1, 3], 'Wool is warm', 'Ministry of Wool', '2020-05-04')
    """
    read, title = _leading(lines, title_at)
    if not any(_can_issue(lines[at]) for at, each in read.items() if each.issuer):
        read = {at: each for at, each in read.items() if each != Stated(issuer=each.issuer) or each == Stated()}
    stated = list(read.values())
    issuers = [each.issuer for each in stated if each.issuer]
    taken = frozenset(read) if title is None else frozenset({*read, title})
    printed = None if title is None else " ".join(lines[title].split())
    rest = [line.strip() for at, line in enumerate(lines) if at not in taken and line.strip()]
    sure = title_at is not None or (rest and _SALUTATION.fullmatch(rest[0]) is not None)
    if not taken or not _is_prose(rest) or not (sure or _is_evident(stated, printed)):
        return None
    dates = {each.published for each in stated if each.published}
    speakers = [each.speaker for each in stated if each.speaker]
    return Masthead(
        lines=taken,
        title=printed,
        issuer=", ".join(issuers) or None,
        kind=(kind_of(printed) if printed else None) or _first(each.kind for each in stated),
        published=dates.pop() if len(dates) == 1 else None,
        speaker=speakers[0] if len(set(speakers)) == 1 else None,
    )


def stated_by(line: str) -> Stated | None:
    """What a line states when all of it is of a masthead: a body, a kind, a date, a byline, or several of these.

    >>> stated_by("By Ada Brand, Director · 4 May 2020 · 3 minute read")
    Stated(issuer=None, kind=None, published='2020-05-04', speaker='Ada Brand')
    >>> stated_by("The Ministry of Wool opens a mill") is None
    True
    """
    line = " ".join(line.split())
    if not line or len(line) > _LONGEST_LINE:
        return None
    if (whole := _stated_by_part(line)) is not None:
        return whole
    parts = [_stated_by_part(part) for part in _BETWEEN.split(line)]
    known = [part for part in parts if part is not None]
    if len(parts) < 2 or len(known) < len(parts) or not any(part.published or part.kind for part in known):
        return None
    return Stated(*(_first(getattr(part, name) for part in known) for name in Stated.__slots__))


def is_institution(line: str) -> bool:
    """Whether a line is the name of a public body, or of a state, and nothing else; capitals alone prove nothing.

    >>> is_institution("OFFICE FOR LOOMS AND WHEELS"), is_institution("Ministry Bans Looms"), is_institution("LOOMS")
    (True, False, False)
    """
    line = " ".join(line.split())
    if _CHINESE_BODY.fullmatch(line):
        return True
    words = line.rstrip(")").replace("(", " ").replace(",", " ").split()
    if not 2 <= len(words) <= 14 or len(line) > 120 or re.search(r"[.!?:;\d\"“”]", line) or _JOINS.fullmatch(words[-1]):
        return False
    return (
        is_name(line) and words[0][0].isupper() and _HEADS_A_NAME.search(line) is not None and not _is_utterance(line)
    )


def is_public_body(line: str) -> bool:
    """Whether a line names what can be nothing else, as a ministry can and the "State of the Union" cannot."""
    return is_institution(line) and (_BODY_NAMED.search(line) or _CHINESE_BODY.fullmatch(line.strip())) is not None


def is_spoken(kind: str | None) -> bool:
    """Whether a statement of this kind is somebody's own words, so that a name alone under its title is who speaks."""
    return kind in {"speech", "remarks", "statement", "press statement", "testimony"}


def _can_issue(line: str) -> bool:
    """Whether a line that names an institution says by itself who issued what stands below it."""
    names = [line, *_BETWEEN.split(line)]
    return any(is_public_body(name) or _CAN_ISSUE.fullmatch(" ".join(name.split())) for name in names)


def introduced(paragraph: str) -> Stated:
    """What a publisher's sentence, "The following letter … was printed on 4 May 2020.", states of what it introduces.

    >>> introduced("The following letter from Ada Brand was printed in the Loom on 4 May 2020.")
    Stated(issuer=None, kind='letter', published='2020-05-04', speaker=None)
    """
    following = _FOLLOWING.match(paragraph)
    if following is None:
        return Stated()
    return Stated(kind=kind_of(following["what"]), published=_printed_on(paragraph))


def _printed_on(paragraph: str) -> str | None:
    """The day on which what follows was itself printed; `None` where another text may have been."""
    printed = _PRINTED.match(paragraph)
    if printed is None or re.search(r"\b(?:reply|response)\s+to\b", printed.group(), re.IGNORECASE):
        return None
    between = printed["of"]
    if _ANSWERS.search(between) or (printed["which"] and _OF_ANOTHER.search(between)):
        return None
    return find_date(printed["when"])


def _leading(lines: Sequence[str], title_at: int | None) -> tuple[dict[int, Stated], int | None]:
    """What each leading line of a masthead states, by its place, and the place of the title among them."""
    read: dict[int, Stated] = {}
    title: int | None = None
    for at in [at for at, line in enumerate(lines) if line.strip()][:_MOST_LINES]:
        below_title = title is not None
        says = None if at == title_at else _stated_at(lines[at], read, None if title is None else lines[title])
        if says is not None:
            read[at] = says
        elif at == title_at or (title_at is None and not below_title and _may_be_title(lines, at, under=bool(read))):
            title = at
        elif not (below_title and _is_venue(lines[at])):
            break
    return read, title


def _stated_at(line: str, above: dict[int, Stated], title: str | None) -> Stated | None:
    """What a line states in its place: the issuer stands over the title, the speaker's line under it."""
    says = stated_by(line)
    if title is not None:
        if says is not None:
            return None if says == Stated(issuer=says.issuer) else says
        return _utterance_line(line, title)
    if says is None and any(each.issuer for each in above.values()) and _NEWSLETTER.fullmatch(line.strip()):
        return Stated(kind="news")
    return None if says is not None and says == Stated(speaker=says.speaker) else says


def _stated_by_part(part: str) -> Stated | None:
    if _TIME_TO_READ.fullmatch(part):
        return Stated()
    if _RELEASE.fullmatch(part):
        named = kind_of(part) or ""
        return Stated(kind=named if named.startswith("press") else "press release")
    if (published := _dated(part)) is not None:
        return Stated(published=published)
    if is_institution(part):
        return Stated(issuer=part)
    byline = _BYLINE.fullmatch(part)
    return Stated(speaker=byline["name"]) if byline and not is_institution(byline["name"]) else None


def _dated(part: str) -> str | None:
    """The full date of a line that is nothing else, but for a place and a comma before it."""
    stated = find_date(part)
    if stated is None or len(stated) < len("2020-05-04"):
        return None
    placed = _PLACED.fullmatch(part)
    return (
        stated if is_date_line(part) or (placed and is_date_line(placed["date"]) and is_name(placed["place"])) else None
    )


def _utterance_line(line: str, title: str) -> Stated | None:
    """What "Speech by Ada Brand, Minister of Wool, at the Fair" or "Governor Ada Brand" under a title states.

    A bare name tells who speaks only under "Remarks on Wool": under "Meeting with the Governor" it is whom one met.
    """
    line = " ".join(line.split())
    if len(line) > _LONGEST_LINE or _LINE_END.search(line):
        return None
    kind, speaker = kind_of(line), speaker_in_title(line)
    if kind is not None and speaker is not None:
        return Stated(kind=kind, speaker=speaker)
    name = office_and_name(line) if is_spoken(kind_of(title)) else None
    return Stated(speaker=name) if name else None


def _may_be_title(lines: Sequence[str], at: int, *, under: bool) -> bool:
    """Whether a line stands by itself or over other lines of a masthead, or `under` some and says what it heads."""
    line = lines[at].strip()
    if len(line) > _LONGEST_TITLE or _LINE_END.search(line) or _NO_TITLE.match(line):
        return False
    if at + 1 >= len(lines):
        return False
    below = lines[at + 1]
    alone = not below.strip() or _stated_at(below, {}, line) is not None or _is_venue(below)
    return alone or (under and _is_utterance(line))


def _is_venue(line: str) -> bool:
    """Whether a line says at what occasion: it stays in the text, but what stands below it may be of the masthead."""
    line = line.strip()
    return len(line) <= _LONGEST_LINE and _VENUE.match(line) is not None and _LINE_END.search(line) is None


def _is_evident(stated: list[Stated], title: str | None) -> bool:
    """Whether this can be nothing but a masthead: dated, called a release, or a body's name over a telling title."""
    dated = any(each.published for each in stated)
    released = any(each.kind and not each.speaker for each in stated)
    issuers = [each.issuer for each in stated if each.issuer]
    if title is None:
        sure = len(issuers) > 1 or any(map(is_public_body, issuers))
        return released or (dated and sure)
    return dated or released or (bool(issuers) and _is_utterance(title))


def _is_prose(rest: list[str]) -> bool:
    return any(len(line) >= _LONG_ENOUGH_FOR_PROSE or _PROSE_END.search(line) for line in rest)


def _is_utterance(line: str) -> bool:
    return kind_of(line) is not None or speaker_in_title(line) is not None


def is_name(text: str) -> bool:
    """Whether all words are capitalised but those that join them, as in a name and in no sentence."""
    words = re.findall(r"[^\s,()]+", text)
    return all(not word[0].isalpha() or not word[0].islower() or _is_joining(word) for word in words)


def _is_joining(word: str) -> bool:
    return _JOINS.fullmatch(word) is not None or re.match(r"(?:d|l)['’]\w", word) is not None


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
