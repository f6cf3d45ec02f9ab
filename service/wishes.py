"""What a question asks for beside its subject: the newest or the oldest first, or what was said in a period.

Most dates, and most "latest" and "first", belong to the subject of a question ("the 2020 election", "the latest
sanctions", "how many died in March 2022"), and a wish read where none is hides the right answer. So one is read only
in one short sentence, in English, and only where it can bound nothing but what was *said*: the sentence hangs on a
word of saying, and the period opens it, or follows that word at once, or closes it after a subject that a date does
not restrict ("about rice in May 2022", but not "about the flood in May 2022").

Dates are read by a few lines of our own. A general parser of dates also takes "may", "second" and bare numbers for
dates, and guesses which of two numbers is the month. Here a date names its year and is written out, or is YYYY-MM-DD.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from corpus.errors import InvalidStatement
from corpus.filters import first_day, last_day


class Order(StrEnum):
    """Which of the passages found comes first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


WishKind: TypeAlias = Literal["order", "period"]


@dataclass(frozen=True, slots=True)
class Wish:
    """An order or a period asked for, and the words of the question that ask for it.

    `start` and `end` are code points of the question, end exclusive: `question[start:end] == words`. An order has
    `order` and no bounds; a period has `since`, `until` or both, inclusive, each YYYY, YYYY-MM or YYYY-MM-DD.
    """

    kind: WishKind
    words: str
    start: int
    end: int
    order: Order | None
    since: str | None
    until: str | None


MAX_WORDS = 20
"""A longer question tells a story, and its dates are the story's."""
MAX_CHARACTERS = 400
"""Nothing longer is looked into, which bounds the work that any input can cause."""


def wishes(question: str, today: date) -> tuple[Wish, ...]:
    """At most one order and one period, as they follow each other in the question. `today` dates "last year".

    >>> asked = "What is the latest statement about rice since 2020?"
    >>> [(wish.words, wish.order, wish.since) for wish in wishes(asked, date(2024, 5, 31))]
    [('latest', <Order.NEWEST: 'newest'>, None), ('since 2020', None, '2020')]
    >>> wishes("How much rice was sold in March 2022?", date(2024, 5, 31))
    ()
    """
    asked = _read(question)
    if asked is None:
        return ()
    found = [wish for wish in (_order_wish(asked), _period_wish(asked, today)) if wish]
    return tuple(sorted(found, key=lambda wish: wish.start))


def without(question: str, found: Iterable[Wish]) -> str:
    """The question without the words of its wishes, for the search alone; as it stands where no word would be left.

    >>> asked = "In March 2022, what did she say about rice?"
    >>> without(asked, wishes(asked, date(2024, 5, 31)))
    'what did she say about rice?'
    """
    cut = sorted(found, key=lambda wish: wish.start, reverse=True)
    rest = question
    for wish in cut:
        rest = f"{rest[: wish.start]} {rest[wish.end :]}"
    tidy = re.sub(r" ([,.;:?!])", r"\1", " ".join(rest.split())).lstrip(" ,.;:?!")
    return tidy if cut and _WORD.search(tidy) else question


class _Asked(NamedTuple):
    """A question of one short sentence: as it stands, its words, and where each of them stands."""

    text: str
    plain: str
    """The words in lower case, with one space between them."""
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def word_at(self, plain: int) -> int:
        """Which word stands at a place of `plain`, or begins after it."""
        return self.plain.count(" ", 0, plain)

    def wish(self, said: tuple[int, int], order: Order | None, since: str | None, until: str | None) -> Wish | None:
        """What the words at `said`, a span of `plain`, ask for; nothing when they stand in quotation marks."""
        start, stop = self.spans[self.word_at(said[0])][0], self.spans[self.word_at(said[1])][1]
        before = self.text[:start]
        opened = before.count('"') % 2 or before.count("“") + before.count("„") > before.count("”")
        if opened or _OPEN_QUOTE.search(before):
            return None
        return Wish("order" if order else "period", self.text[start:stop], start, stop, order, since, until)


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_OPEN_QUOTE = re.compile(r"(?:^|\s)['‘](?!.*['’](?:\s|$))")
_NEGATED = re.compile(r"\b(?:not|never|except|excluding|but|without|before the last|than)\b|n['’]t\b")
_BETWEEN_WORDS = re.compile(r"[\s\"“”„'‘’(),.&-]*")
"""Any other mark between two words begins another sentence or belongs to a formula."""
_ABBREVIATED = _set("mr mrs ms dr st gov sen rep gen prof u.s u.k u.n jan feb mar apr jun jul aug sep sept oct nov dec")

_BE = _any("is are was were")
_DID = _any("did has have had does do")
_VERB = _any(
    "say said saying tell told comment commented remark remarked stated announce announced promise promised pledge "
    "pledged mention mentioned speak spoke spoken talk talked answer answered reply replied respond responded explain "
    "explained warn warned argue argued confirm confirmed deny denied insist insisted"
)
_TALK = _any("speak spoke spoken talk talked")
_STATEMENT = _any(
    "statements? comments? remarks? answers? replies reply speech(?:es)? announcements? testimony briefings? promises? "
    "press.releases?"
)
_STATEMENTS = _any("statements comments remarks announcements speeches press.releases")
_VIEW = _any("positions? stance views?")
_NOUN = f"(?:{_STATEMENT}|{_VIEW})"
_MADE = _any("make made give gave given issued? published? released?")
_ASIDE = _any("publicly officially exactly ever else again actually")
_REQUESTED = _any("please can could you show find list give get tell search me us for all any every")
_AND = "(?:(?:and|but|or|so) )?"
_REQUEST, _REQUEST_MADE = rf"(?:{_REQUESTED} )*", rf"(?:{_REQUESTED} )+"
_ABOUT = _any("about on regarding concerning")
_SUBORDINATE = _any(
    "about on regarding concerning after before since until because if whether while than who whom whose which that "
    "what when where why how is are was were be being will would can could should must might to"
)
"""Before a word of saying, these begin a part of the question that is not its main sentence."""
_SOMEBODY = rf"(?:(?!{_SUBORDINATE} )\S+ ){{1,8}}?"

_SAYING_FORMS = (
    rf"{_REQUEST}(?:what|how|when)(?: {_ASIDE})? {_DID} {_SOMEBODY}(?:have to )?{_VERB}",
    rf"(?:what|who) (?:has|have|had) (?:been )?(?:{_ASIDE} )?{_VERB}",
    rf"who {_any('said spoke talked commented told mentioned')}",
    rf"what {_BE} (?:{_ASIDE} )?{_any('said stated announced promised pledged mentioned confirmed')}",
    rf"what(?:'s| {_BE}) (?:(?!{_SUBORDINATE} |of )\S+ ){{1,5}}?{_NOUN}",
    rf"{_DID} {_SOMEBODY}(?:{_MADE} (?:\S+ ){{0,3}}?{_NOUN}|{_VERB})",
    rf"{_BE} (?:anything|something) (?:{_ASIDE} )?{_VERB}",
    rf"{_BE} there (?:anything|(?:(?:an?|any|official|public) )*{_NOUN})",
    rf"(?:what|which) {_STATEMENTS} (?:were |(?:did|has|have) {_SOMEBODY}){_MADE}",
    rf"{_REQUEST_MADE}what {_SOMEBODY}{_VERB}",
    rf"{_REQUEST}(?:(?!{_SUBORDINATE} |{_DID} |of )\S+ ){{0,3}}?{_STATEMENTS}",
)
_SAYING = re.compile(rf"{_AND}(?P<said>{'|'.join(_SAYING_FORMS)})(?: {_ASIDE})?(?!\S)")
"""The beginning of a question that hangs on a word of saying, to the end of that word."""

_WHOSE = rf"(?:(?:the|his|her|their) |(?:(?!{_SUBORDINATE} )\S+ ){{0,4}}\S+(?:'s|s') )?"
_ASKED_FOR = rf"(?:(?:i want|i need|do you have) )?{_REQUEST}(?:what(?:'s|s| {_BE}) )?"
_MORE = _any("about on regarding concerning against by from of in at to for made since before after between during")
_NEWS = rf"(?:{_VIEW}|{_any('news words? line updates?')})"
_DESCRIBED = (
    rf"(?:(?:official|public) )?(?:(?:{_STATEMENT}|mentions?)(?= {_MORE} |$)"
    rf"|{_NEWS}(?= (?:(?:of|by|from) .*)?{_ABOUT} ))"
)
"""Whoever wants the latest speech recognition, or the latest update of a program, does not want a statement."""
_ITS_SAYING = rf"(?!{_TALK} (?!about|of|against))(?!\S+ (?:to|with)(?!\S)){_VERB}(?!\S)"
"""Who spoke to whom, or on the telephone, is an event; only speaking *of* something is a statement on it."""
_ORDERS = [
    (order, re.compile(_AND + pattern))
    for order, pattern in (
        (Order.NEWEST, rf"{_ASKED_FOR}{_WHOSE}(?P<words>latest|newest|most recent) {_DESCRIBED}"),
        (Order.NEWEST, rf"{_ASKED_FOR}(?P<words>(?:the )?(?:latest|newest)) (?:{_ABOUT}|from) "),
        (Order.NEWEST, rf"(?:what|when) {_DID} {_SOMEBODY}(?<!and )(?P<words>most recently|last) {_ITS_SAYING}"),
        (Order.NEWEST, rf"what {_DID} {_SOMEBODY}{_VERB} (?:.* )?(?P<words>most recently)$"),
        (Order.NEWEST, rf"what {_DID} {_SOMEBODY}{_VERB} (?P<words>most recently) {_ABOUT} "),
        (Order.OLDEST, rf"{_ASKED_FOR}{_WHOSE}(?P<words>earliest) {_DESCRIBED}"),
        (Order.OLDEST, rf"(?:what|when) {_DID} {_SOMEBODY}(?P<words>first) {_ITS_SAYING}"),
        (Order.OLDEST, rf"when (?:was|is) (?P<words>the first time) {_SOMEBODY}{_VERB}(?!\S)"),
    )
]

_NAMES_OF_MONTHS = (
    ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
    ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"), ("october", "oct"), ("november", "nov"),
    ("december", "dec"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES_OF_MONTHS, start=1) for name in names}
_MONTH = "(?:" + "|".join(_MONTHS) + ")"
_DATE = (
    rf"(?:[12][0-9]{{3}}-[0-9]{{2}}(?:-[0-9]{{2}})?|(?:{_MONTH} (?:of )?)?[12][0-9]{{3}}"
    rf"|(?:the )?[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH} [12][0-9]{{3}}"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)? [12][0-9]{{3}})"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?")
_RELATIVE = "(?:last year|last month|this year|this month|yesterday)"
_PERIOD = re.compile(
    rf"(?<!\S)(?:(?P<how>in|during|on|since|before|after) (?P<date>{_DATE}|{_RELATIVE})"
    rf"|(?:between (?P<low>{_DATE}|{_MONTH}) and|from (?P<first>{_DATE}|{_MONTH}) (?:to|until|till)) (?P<last>{_DATE})"
    rf"|(?P<relative>{_RELATIVE}))(?!\S)"
)

_MATTER = _set("about on regarding concerning against")
_AUDIENCE = _set("to by from in at reporters journalists parliament congress farmers voters")
_MENTIONS = _set("mention mentioned")
_INTENDS = _set("promise promised pledge pledged said say tell told")
_OF_SOMETHING = _set("speak spoke spoken talk talked position positions stance view views anything")
"""These are statements only where they are on something: a position may also be a place."""
_SENTENCE_BEGINS = _set("to i he she it we they you")
_GOES_ON = re.compile(rf"(?: {_ABOUT}| against| that| to| of| in)(?!\S)")
_CLAUSE = _set(
    "who whom whose which that what how why when where while because if whether after before since until as than is "
    "are was were be been being has have had do does did will would can could should might must held made built sent "
    "taken given shot lost born sold paid won found done seen left began came went took gave fell rose became set hit "
    "led met fought broke broken"
)
_NO_PARTICIPLE = _set(
    "united need speed seed feed limited unlimited housing fishing farming mining funding banking training shipping "
    "policing lending wellbeing anything something nothing king spring wing ring thing beijing"
)
_DEFINITE = _set("the a an this that these those his her its their our your my last next first second third")
_EVENTS = _set(
    "attack strike airstrike election vote referendum war invasion crisis flood storm hurricane earthquake fire "
    "wildfire riot protest coup death killing murder shooting explosion crash accident incident meeting summit "
    "conference visit trip tour speech debate budget outbreak pandemic lockdown withdrawal collapse fall rise "
    "increase decline drop growth inflation figure number result rate level price sale export import deficit profit "
    "loss losses casualty casualties arrest case game olympic cup championship season drought famine eruption launch "
    "merger purchase share percentage amount cost event massacre genocide test deal harvest crop yield output "
    "unemployment poverty gdp emission temperature population crime spending revenue income debt turnout wage life "
    "history situation condition violence clash unrest annexation mobilisation mobilization talk agreement ceasefire "
    "employment arrival rainfall evacuation treaty truce battle siege"
)


def _read(question: str) -> _Asked | None:
    """The question's words, when they are one short sentence."""
    if _NEGATED.search(question[:MAX_CHARACTERS].lower().strip().partition(" ")[2]):
        return None
    if len(question) > MAX_CHARACTERS:
        return None
    found = list(_WORD.finditer(question))
    if not 0 < len(found) <= MAX_WORDS:
        return None
    words = tuple(match.group().replace("’", "'") for match in found)
    for word, this, following in zip(words, found, found[1:], strict=False):
        gap = question[this.end() : following.start()]
        ends = "." in gap and len(word) > 1 and word.lower() not in _ABBREVIATED
        if ends or not _BETWEEN_WORDS.fullmatch(gap):
            return None
    if re.search(r"[%$€£/+*=–—]", question[found[-1].end() :]):
        return None
    return _Asked(question, " ".join(words).lower(), words, tuple(match.span() for match in found))


def _order_wish(asked: _Asked) -> Wish | None:
    opening = _PERIOD.match(asked.plain)
    begin = opening.end() + 1 if opening else 0
    found = [(order, match) for order, pattern in _ORDERS if (match := pattern.match(asked.plain, begin))]
    if len({order for order, _ in found}) != 1:
        return None
    order, match = found[0]
    return asked.wish(match.span("words"), order, None, None)


def _period_wish(asked: _Asked, today: date) -> Wish | None:
    for match in _PERIOD.finditer(asked.plain):
        bounds = _bounds(match, today)
        if bounds and _bounds_what_was_said(asked, match):
            return asked.wish(match.span(), None, *bounds)
    return None


def _bounds(period: re.Match[str], today: date) -> tuple[str | None, str | None] | None:
    """Since and until when; nothing for dates that do not exist, that are still to come, or in the wrong order."""
    try:
        last = _date(period["last"] or period["date"] or period["relative"], today)
        first = _date(period["low"] or period["first"], today, year=last[:4]) if period["last"] else last
        if first_day(last) > today or first_day(first) > last_day(last):
            return None
        return _sides(period["how"], first, last, today)
    except InvalidStatement:
        return None


def _sides(how: str | None, first: str, last: str, today: date) -> tuple[str | None, str | None] | None:
    """What the word before a date makes of it: "on" goes with a day, "in" with what is longer."""
    match how:
        case "since":
            return first, None
        case "after":
            following = last_day(last) + timedelta(days=1)
            return (following.isoformat()[: len(last)], None) if following <= today else None
        case "before":
            return None, (first_day(first) - timedelta(days=1)).isoformat()[: len(first)]
        case "on":
            return (first, last) if len(first) == len("2020-07-16") else None
        case "in" | "during":
            return (first, last) if len(first) < len("2020-07-16") else None
        case _:
            return first, last


def _date(said: str, today: date, *, year: str = "") -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD for a date in words; a month alone is one of `year`. Raises `InvalidStatement`."""
    match said:
        case "this year":
            named = today.isoformat()[:4]
        case "last year":
            named = f"{today.year - 1:04}"
        case "this month":
            named = today.isoformat()[:7]
        case "last month":
            named = (today.replace(day=1) - timedelta(days=1)).isoformat()[:7]
        case "yesterday":
            named = (today - timedelta(days=1)).isoformat()
        case _ if _ISO.fullmatch(said):
            named = said
        case _:
            month = next((_MONTHS[word] for word in said.split() if word in _MONTHS), None)
            numbers = [int(number) for number in re.findall(r"[0-9]+", said)]
            day = next((number for number in numbers if number < 1000), None)
            named = next((f"{number}" for number in numbers if number >= 1000), year)
            named += f"-{month:02}" if month else ""
            named += f"-{day:02}" if day is not None else ""
    first_day(named)
    return named


def _bounds_what_was_said(asked: _Asked, period: re.Match[str]) -> bool:
    """Whether the period stands where it can belong to nothing but the saying that the sentence hangs on."""
    before, after = asked.plain[: period.start()].rstrip(), asked.plain[period.end() :]
    if not before:
        return bool(_SAYING.match(after.lstrip()))
    since = period["how"] == "since"
    said = _SAYING.match(before)
    if said is None:
        return since and not after and _is_title(before.split())
    topic = asked.words[asked.word_at(said.end()) + 1 : asked.word_at(period.start())]
    word = said["said"].split()[-1]
    if not topic:
        return word not in _OF_SOMETHING and (not after or bool(_GOES_ON.match(after)))
    return not after and _is_unrestricted(topic, word, since=since)


def _is_unrestricted(topic: Sequence[str], word: str, *, since: bool) -> bool:
    """Whether a date after `topic` says when the `word` was said, and not which war, law or price is meant.

    What began at a date can only be spoken of after it: "since" hides nothing even where it restricts the topic.
    """
    small = [part.lower() for part in topic]
    if not _is_plain(small, most=10) or _is_a_state(small):
        return False
    of = next((at for at, part in enumerate(small) if part in _MATTER), None)
    if of is None:
        if word in _MENTIONS:
            return since or _is_bare(topic)
        addressed = small[0] in _AUDIENCE and len(small) <= 3 and not (small[0] == "to" and word in _INTENDS)
        return addressed and word not in _OF_SOMETHING and not any(_is_event(part) for part in small)
    return of + 1 < len(topic) and (since or _is_bare(topic[of + 1 :]))


def _is_plain(words: Sequence[str], *, most: int) -> bool:
    """Whether the words name something, as far as can be seen without a grammar, and tell nothing of it."""
    return len(words) <= most and not any(
        word in _CLAUSE or word[0].isdigit() or (word.endswith(("ed", "ing")) and word not in _NO_PARTICIPLE)
        for word in words
    )


def _is_title(words: Sequence[str]) -> bool:
    """Whether the words could stand over a text: a few of them, and not the beginning of a sentence."""
    return _is_plain(words, most=6) and words[0] not in _SENTENCE_BEGINS and not _is_a_state(words)


def _is_a_state(words: Sequence[str]) -> bool:
    """Whether they end by "in force" or the like: that is what has been so since a day, not the saying."""
    return len(words) > 1 and words[-2] == "in" and words[-1] in {"force", "place", "office", "power", "effect"}


def _is_bare(matter: Sequence[str]) -> bool:
    """Whether no article or owner makes the matter one that a date could tell from others, and it is no event."""
    for word, following in zip(matter, (*matter[1:], ""), strict=True):
        small = word.lower()
        definite = small in _DEFINITE and not (small == "the" and following[:1].isupper())
        if definite or small.endswith(("'s", "s'")) or _is_event(small):
            return False
    return True


def _is_event(word: str) -> bool:
    return not _EVENTS.isdisjoint({word, word.removesuffix("s"), word.removesuffix("es")})
