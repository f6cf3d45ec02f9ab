"""What a title or a date line states about a statement: its date, its speaker, its kind; never more than it states."""

import re
from datetime import date
from itertools import takewhile

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier januar jänner enero gennaio janeiro января январь",
            "february feb février fevrier februar feber febrero febbraio fevereiro февраля февраль",
            "march mar mars märz marzo março marco марта март",
            "april apr avril abril aprile апреля апрель",
            "may mai mayo maggio maio мая май",
            "june jun juin juni junio giugno junho июня июнь",
            "july jul juillet juli julio luglio julho июля июль",
            "august aug août aout agosto августа август",
            "september sept sep septembre septiembre setiembre settembre setembro сентября сентябрь",
            "october oct octobre oktober octubre ottobre outubro октября октябрь",
            "november nov novembre noviembre novembro ноября ноябрь",
            "december dec décembre decembre dezember diciembre dicembre dezembro декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
# "Mars 2020" is a spacecraft, "may 15 countries" a verb: such a word is a month only with both a day and a year.
_NOT_A_MONTH_ALONE = {"may", "march", "mar", "Mars", "MARS"}

_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?<![\d.,:/-])(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°)?\.?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)(?!\d)"
_SECOND_DAY = r"(?P<more>\s*(?:[-–—/&]|to|and|or|bis|und|oder|et|ou|y|au)\s*\d{1,2}(?:st|nd|rd|th)?\.?(?!\d))?"
_OF = r"[\s\-/]*(?:of\s+|de\s+|di\s+)?"
_DAY_FIRST = re.compile(rf"{_DAY}{_SECOND_DAY}{_OF}{_MONTH}(?:,?{_OF}{_YEAR})?", re.IGNORECASE)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}(?:\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]){_SECOND_DAY})?(?:\s*,?\s+(?:de\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?<!\d){_YEAR}(?:\s*[년年]\s*(?P<month>\d{{1,2}})\s*[월月](?:\s*(?P<day>\d{{1,2}})\s*[일日号])?"
    r"|(?P<mark>[-/.])(?P<month2>\d{1,2})(?P=mark)(?P<day2>\d{1,2})(?!\d))"
)
_YEAR_LAST = re.compile(rf"(?<![\d/.-])(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark){_YEAR}")

_BESIDE_A_DATE = re.compile(
    r"\b(?:issued|published|posted|released?|dated?|publication|on|of|the|at|time|for|immediate|[ap]\.?m|gmt|utc|e[sd]t|"
    r"c?et|bst|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b\.?|\W|\d",
    re.IGNORECASE,
)
_MONTH_NAME = re.compile(r"[^\W\d_]{3,}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}(?:st|nd|rd|th)?\.?\s+[^\W\d_]{3,}\.?,?\s+\d{4}")
_OFFICE = re.compile(
    r"""
    (?:administrator|admiral|adviser|advisor|ambassador|archbishop|attorney|captain|chair|chairman|
    chairperson|chairwoman|chancellor|chargé|chief|commander|commissioner|comptroller|congressman|
    congresswoman|consul|coordinator|counsellor|counselor|delegate|deputy|director|dr|economist|emir|
    envoy|excellency|general|governor|head|highness|hon|honorable|honourable|judge|justice|king|lady|
    lieutenant|lord|majesty|mayor|member|minister|mr|mrs|ms|officer|pope|premier|president|prime|
    prince|princess|prof|professor|queen|representative|secretary|senator|sir|speaker|spokesman|
    spokesperson|spokeswoman|sultan|superintendent|taoiseach|treasurer|undersecretary|vice)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BODY = re.compile(
    r"""
    (?:academy|administration|agency|alliance|army|assembly|association|authority|bank|board|bureau|cabinet|center|
    centre|chamber|church|commission|committee|commonwealth|company|conference|congress|consulate|corporation|council|
    court|delegation|department|directorate|embassy|federation|forum|foundation|fund|government|group|house|institute|
    institution|kingdom|league|ministry|mission|navy|network|office|organi[sz]ation|parliament|party|police|
    republic|secretariat|senate|service|society|state|states|team|treasury|trust|union|university)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SEVERAL = re.compile(
    r"""
    (?:agencies|ambassadors|associates|chairs|chiefs|commissioners|countries|delegates|directors|experts|
    governments|governors|heads|leaders|members|ministers|nations|officials|others|participants|partners|
    presidents|representatives|secretaries|spokespersons|staff)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HALF_AN_OFFICE = re.compile(r"(?:prime|vice)\.?", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"(?:answers?|excerpts?|highlights|minutes|news|notes?|notices?|questions?|readings?|records?|releases?|repl(?:y|ies)|"
    r"reports?|responses?|summary|texts?|transcripts?|video|\W*\w*\d.*)",
    re.IGNORECASE,
)
_ANSWERING = re.compile(  # "Embassy Rejects Minister Brand's Speech" is not hers
    r"(?:answer|condemn|counter|criticis|criticiz|correct|debunk|denounc|dismiss|expos|oppos|protest|quot|rebuff|rebut|"
    r"rebutt|refut|reject|slam|welcom)(?:e|s|es|ed|ing)|rebut|rebuttal|refute|reject|den(?:y|ies|ied|ying)|"
    r"repl(?:ies|ied|ying)|respond(?:s|ed|ing)?",
    re.IGNORECASE,
)
_ANSWERED = re.compile(  # "The Speech by Minister Brand: A Rebuttal"
    r"(?::|\s[-–—]+)\s*(?:[\w'’]+\s+){0,3}(?:rebuttal|refutation|reply|response|answer|correction|fact[\s-]?check)\b",
    re.IGNORECASE,
)
_LONGEST_NAME = 5
_LONGEST_OFFICE = 12
_OCCASION = re.compile(
    r"""
    (?:aboard|about|after|ahead|amid|announcing|around|as|at|before|celebrating|commemorating|concerning|during|en|
    following|for|honoring|in|introducing|marking|on|onboard|over|prior|re|regarding|to|towards|under|
    upon|via|video|virtually|welcoming|when|while|with)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PARTICLE = re.compile(
    r"""
    (?:al|bin|da|de|del|den|der|di|do|dos|el|ibn|la|le|of|ter|the|van|von|zu)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_UTTERANCES = (
    r"speech|speeches|remarks|address|lecture|keynote|statement|testimony|message|letter|comments?|"
    r"press\s+(?:conference|briefing|gaggle|call|statement)|briefing|toast|eulogy"
)
_PREPARED = r"(?:\s*\(?\s*as\s+(?:prepared(?:\s+for\s+delivery)?|delivered)\s*\)?)?"
_BY = re.compile(
    rf"\b(?:{_UTTERANCES}){_PREPARED}\s*,?\s*(?:(?:delivered|given|made)\s+)?(?P<by>by|of|from)(?::|\s)\s*",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"^(?:[\w. ]{1,30}:\s*)?(?:speech|speeches|remarks|testimony),\s*(?P<name>[^\W\d_][\w.'’ -]{1,60}?)\s*(?:--|–|—)",
    re.IGNORECASE,
)
_OWNED = re.compile(
    rf"^(?:(?:full\s+)?(?:text|transcript)\s+of\s+)?(?:the\s+)?(?P<name>[^:;,()]{{1,80}}?)(?:['’]s|(?<=s)['’])\s+"
    rf"(?:\w+\s+){{0,2}}?(?:{_UTTERANCES}|reply|response|answers?|interview)\b(?!\s+(?:is|are|was|were|has|have|ha[ds]|can(?:not)?|will|must|do|does|did|"
    r"amounts?|distorts?|ignores?|contradicts?|mislead\w*|refuted|rebutted|rejected|condemned|exposed)\b)",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\bjoint(?:ly)?\b(?!\s+(?:base|chiefs?)\b)", re.IGNORECASE)
_AND = re.compile(r"(?:and|und|et)\b|&", re.IGNORECASE)
_JUNIOR = re.compile(r"[JS]r\b")

_KINDS = (
    ("joint statement", r"joint\s+(?:press\s+)?(?:statement|communiqu[eé]|declaration)s?"),
    ("press conference", r"(?:joint\s+)?(?:press|news)\s+conferences?"),
    ("press briefing", r"(?:press\s+|news\s+|media\s+)briefings?"),
    ("press gaggle", r"(?:press\s+)?gaggles?"),
    ("press call", r"press\s+calls?"),
    ("press release", r"(?:press|news|media)[\s-]+(?:release|notice|communiqu[eé])s?"),
    ("press statement", r"press\s+statements?"),
    ("fact sheet", r"fact\s*sheets?"),
    ("executive order", r"executive\s+orders?"),
    ("letter", r"letters?"),
    ("interview", r"interviews?"),
    ("testimony", r"testimon(?:y|ies)"),
    ("speech", r"speech(?:es)?|address(?:es)?|keynote(?:\s+(?:speech|address))?|lectures?"),
    ("remarks", r"remarks?"),
    ("statement", r"statements?"),
    ("proclamation", r"proclamations?"),
    ("memorandum", r"memorand(?:um|a)"),
    ("readout", r"readouts?"),
    ("message", r"messages?"),
    ("communiqué", r"communiqu[eé]s?"),
)
_CHINESE_KINDS = (
    ("press release", "新闻稿|新闻公报"),
    ("notice", "公告|通告"),
    ("statement", "声明"),
    ("speech", "讲话|演讲|致辞"),
)
_KIND_WORD = re.compile(rf"\b(?:{'|'.join(pattern for _, pattern in _KINDS)})\b", re.IGNORECASE)
_DESCRIBING = r"""
    (?:(?:a|an|the|our|full|text|transcript|video|of|opening|closing|introductory|keynote|welcome|welcoming|prepared|
    written|oral|brief|regular|daily|weekly|virtual|background|official|public|open|special|presidential|ministerial|
    embassy|media|inaugural|commencement|acceptance|press|joint|foreign|ministry|latest|all|recent)\s+)*$"""
_BEGINS = r"^|^[\w. ]{1,30}:\s*|.*\s[-–—|]+\s*"
_BEFORE_KIND = re.compile(rf"(?:{_BEGINS}|.*['’]s\s+|.*s['’]\s+){_DESCRIBING}", re.IGNORECASE | re.VERBOSE | re.DOTALL)
# "Embassy Responds to Today's Speech by …": what a title owns or answers does not head it, but for the yearly message.
_BEFORE_BY = re.compile(
    rf"(?:{_BEGINS})(?:(?:happy\s+)?new\s+year(?:['’]s)?\s+)?{_DESCRIBING}", re.IGNORECASE | re.VERBOSE | re.DOTALL
)
_KIND_ALONE = re.compile(
    rf"{_DESCRIBING.removesuffix('$')}(?:{'|'.join(pattern.replace(' ', '[ ]') for _, pattern in _KINDS)})\W*",
    re.IGNORECASE | re.VERBOSE,
)
_SHARED_HEADING = re.compile(r"\s*(?:&|/|\band\b)\s*\w", re.IGNORECASE)


def find_date(text: str) -> str | None:
    """The one date that a short text states, as YYYY-MM-DD or YYYY-MM; `None` unless it is the only reading.

    >>> find_date("Berlin, 12 April 2019")
    '2019-04-12'
    >>> find_date("April 1997")
    '1997-04'
    >>> find_date("25/04/2021"), find_date("03/04/2021"), find_date("1st April")
    ('2021-04-25', None, None)
    """
    found = [*_written_dates(text), *_numeric_dates(text)]
    if not found or None in found:
        return None
    readings = {reading for reading in found if reading is not None}
    full = max(readings, key=len)
    agrees = all(full.startswith(reading) or full.endswith(reading.removeprefix("-")) for reading in readings)
    return full if agrees and full[0] != "-" else None


def is_date_line(line: str) -> bool:
    """Whether a line is a date and nothing else but a label, a weekday or a time.

    >>> is_date_line("Published on Monday, 4 May 2020 at 9:30"), is_date_line("Wool since 4 May 2020")
    (True, False)
    """
    return find_date(line) is not None and len(_BESIDE_A_DATE.sub("", _MONTH_NAME.sub("", line))) <= 3


def speaker_in_title(title: str) -> str | None:
    """The one person, or office, to whom a title gives the words, as the title prints them.

    >>> speaker_in_title("Speech by Governor Ada Brand on clearing")
    'Governor Ada Brand'
    >>> speaker_in_title("Joint Statement by Ada Brand and Bo Lin") is None
    True
    """
    title = " ".join(title.split())
    if _JOINT.search(title):
        return None
    if listed := _LISTED.match(title):
        name = listed["name"].strip()
        return name if _is_somebody(name.split()) else None
    for stated in _BY.finditer(title):
        if _BEFORE_BY.match(title[: stated.start()]) and not _ANSWERED.search(title, stated.end()):
            return _named_first(title[stated.end() :], needs_office=stated["by"].lower() != "by")
    if owned := _OWNED.match(title):
        name = _named_first(owned["name"], needs_office=True)
        whole = owned["name"].strip()
        return name if name is not None and whole.endswith(name) else None
    return None


def office_and_name(line: str) -> str | None:
    """The line itself, if it is nothing but one person's office and name, as under a headline.

    >>> office_and_name("Governor Ada Brand"), office_and_name("Governor Brand spoke"), office_and_name("Rose Garden")
    ('Governor Ada Brand', None, None)
    """
    words = line.split()
    named = 2 <= len(words) <= 10 and _named_first(line, needs_office=True) == " ".join(words)
    return line if named and _KIND_WORD.search(line) is None else None


def kind_of(text: str) -> str | None:
    """What sort of statement a title or breadcrumb says it is: "speech", "remarks", "letter" and the like.

    >>> kind_of("Home > Press > Letters"), kind_of("Remarks on the Letter of 4 May")
    ('letter', 'remarks')
    >>> kind_of("Minister welcomes statement on wool") is None
    True
    """
    for part in reversed(re.split(r"\s*[>»›]\s*", " ".join(text.split()))):
        if kind := _kind_of_heading(part):
            return kind
    return None


def is_kind_alone(text: str) -> bool:
    """Whether a heading says what sort of statement follows, and nothing of it: "Speech", "Press Releases".

    >>> is_kind_alone("Opening Remarks"), is_kind_alone("Statement on Wool")
    (True, False)
    """
    return _KIND_ALONE.fullmatch(text.strip()) is not None


def _written_dates(text: str) -> list[str | None]:
    found: list[str | None] = []
    taken = -1
    for match in sorted((*_DAY_FIRST.finditer(text), *_MONTH_FIRST.finditer(text)), key=_place):
        word, day, year = match["month"], match["day"], match["year"]
        month = _MONTHS.get(word.casefold())
        alone = not (day or year) or (word in _NOT_A_MONTH_ALONE and not (day and year))
        if month is None or alone or match.end("month") <= taken:
            continue
        found.append(None if match["more"] else _iso(year, month, day))
        taken = match.end()
    return found


def _place(match: re.Match[str]) -> tuple[int, int]:
    return match.start("month"), -len(match.group())


def _numeric_dates(text: str) -> list[str | None]:
    found = [
        _iso(match["year"], match["month"] or match["month2"], match["day"] or match["day2"])
        for match in _YEAR_FIRST.finditer(text)
    ]
    for match in _YEAR_LAST.finditer(text):
        either = {_iso(match["year"], match["one"], match["two"]), _iso(match["year"], match["two"], match["one"])}
        readings = either - {None}
        found.append(readings.pop() if len(readings) == 1 else None)
    return found


def _iso(year: str | None, month: str | int, day: str | None) -> str | None:
    """YYYY-MM-DD or YYYY-MM; "-MM-DD" where there is no year; `None` when the calendar has no such day."""
    try:
        stated = date(int(year) if year else 2000, int(month), int(day) if day else 1).isoformat()
    except ValueError:
        return None
    if not year:
        return stated[4:]
    return stated if day else stated[:7]


def _named_first(text: str, *, needs_office: bool) -> str | None:
    """The name or title that a text opens with; `None` when it goes on to a second one, or names a body."""
    words, rest = _leading_name(text)
    if words and words[0].lower() == "the":
        words = words[1:]
    while words and _PARTICLE.fullmatch(words[-1]):
        words = words[:-1]
    office = any(map(_is_full_office, words))
    if not _is_somebody(words) or (not office and (needs_office or len(words) < 2)):
        return None
    if any(_SEVERAL.fullmatch(word) for word in words) or _names_another(rest, office=office):
        return None
    return " ".join(words)


def _is_somebody(words: list[str]) -> bool:
    """Whether words can be a person's name, or an office with or without one, rather than a body or a document."""
    if not words or any(_AND.fullmatch(word) or _DOCUMENT.fullmatch(word) for word in words):
        return False
    if any(map(_ANSWERING.fullmatch, words)):
        return False
    if _KIND_WORD.search(" ".join(words)):
        return False
    place = next((at for at, word in enumerate(words) if _is_full_office(word)), None)
    if place is None:
        joined = any(word.lower() in {"of", "the"} for word in words)
        return len(words) <= _LONGEST_NAME and not joined and not any(map(_BODY.fullmatch, words))
    before, after = words[:place], words[place:]
    own = list(takewhile(lambda word: not _PARTICLE.fullmatch(word), after))
    of_a_body = any(map(_BODY.fullmatch, before))
    fits = len(words) <= _LONGEST_OFFICE and len(before) <= (5 if of_a_body else 2)
    return fits and not any(map(_PARTICLE.fullmatch, before)) and not any(map(_BODY.fullmatch, own))


def _is_office(word: str) -> bool:
    return all(map(_OFFICE.fullmatch, word.split("-")))


def _is_full_office(word: str) -> bool:
    return _is_office(word) and _HALF_AN_OFFICE.fullmatch(word) is None


def _leading_name(text: str) -> tuple[list[str], str]:
    words = text.split()
    for position, word in enumerate(words):
        after = words[position + 1] if position + 1 < len(words) else ""
        joins = _PARTICLE.fullmatch(word) and (after[:1].isupper() or after == "the")
        if _OCCASION.fullmatch(word) or _AND.fullmatch(word) or not (joins or word[:1].isupper()):
            return words[:position], " ".join(words[position:])
        if word[-1] in ",:;" and not _JUNIOR.match(after):
            return [*words[:position], word[:-1]], " ".join([word[-1], *words[position + 1 :]])
    return words, ""


def _names_another(rest: str, *, office: bool) -> bool:
    """Whether what follows a name adds a second speaker, rather than an occasion or the first one's office."""
    if not rest.startswith(","):
        return _AND.match(rest) is not None
    words = rest[1:].replace(",", " , ").split()
    stop = next((at for at, word in enumerate(words) if _OCCASION.fullmatch(word)), len(words))
    in_apposition = not office and bool(words) and _OFFICE.fullmatch(words[0]) is not None
    return not in_apposition and any(_AND.fullmatch(word) for word in words[:stop])


def _kind_of_heading(heading: str) -> str | None:
    if chinese := next((kind for kind, words in _CHINESE_KINDS if re.search(rf"(?:{words})\W*$", heading)), None):
        return chinese
    matches = (
        (match.start(), -match.end(), kind)
        for kind, pattern in _KINDS
        for match in re.finditer(rf"\b(?:{pattern})\b", heading, re.IGNORECASE)
        if _BEFORE_KIND.match(heading[: match.start()])
    )
    first = min(matches, default=None)
    if first is None:
        return None
    _start, end, kind = first
    shared = heading[-end - 1 : -end] == "s" and kind != "remarks" and _SHARED_HEADING.match(heading[-end:])
    return None if shared else kind
