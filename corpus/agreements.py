"""Whether a source agrees with what a draft says of where a quotation is from: the speaker, the date, the document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

import regex

from corpus.errors import InvalidStatement
from corpus.persons import DISTINCT, NAME_WORD, Kind, Match, Who, fold, match_claimed, match_names, who_is
from corpus.readers.metadata import find_date
from corpus.statement import Role, published_days
from corpus.voices import Voice, voice_of


@dataclass(frozen=True, slots=True)
class Said:
    """What a source says of the words that a quotation was found to be."""

    speaker: str | None
    """The turn's, as the source prints it."""
    role: Role
    statement_speaker: str | None
    others: tuple[str, ...]
    """The speakers of the statement's other turns."""
    issuer: str | None
    title: str | None
    published: str | None
    statement_id: str
    url: str | None


class Agreement(StrEnum):
    """How what a draft claims stands to what the source says."""

    AGREES = "agrees"
    UNKNOWN = "unknown"
    """One of them does not say, or not plainly: never held against a draft."""
    CONTRADICTS = "contradicts"
    """The source plainly says otherwise."""


def speaker_agreement(claimed: str, said: Said) -> Agreement:
    """Whether the source gives the words to whom the draft gives them.

    >>> said = Said("MS. POE", Role.ANSWER, "Press Secretary Jane Poe", ("MR. SNOW",), None, None, None, "n", None)
    >>> [speaker_agreement(name, said).value for name in ("Jane Poe", "the press secretary", "Snow", "the embassy")]
    ['agrees', 'agrees', 'contradicts', 'unknown']
    """
    who = who_is(claimed)
    if who.kind is Kind.NOBODY:
        return Agreement.UNKNOWN
    if who.kind is Kind.BODY:
        return _body_agreement(who, said)
    agreement = _label_agreement(who, said)
    excused = who.name and set(who.name) <= _publisher(said)
    return Agreement.UNKNOWN if excused and agreement is Agreement.CONTRADICTS else agreement


def date_agreement(claimed: str, said: Said) -> Agreement:
    """Whether the source is of the period that the draft names; a day either way is left to time zones.

    What was published up to a week after the day named may have been said on it: that is unknown. A date in the
    source's title or address counts as well as the one it was published on.

    >>> said = Said(None, Role.REMARKS, None, (), None, None, "2020-05-04", "n", None)
    >>> [date_agreement(day, said).value for day in ("2020", "2020-05-05", "2020-05-06")]
    ['agrees', 'agrees', 'contradicts']
    """
    try:
        wanted = published_days(claimed)
        given = [published_days(period) for period in _periods(said)]
    except InvalidStatement:
        return Agreement.UNKNOWN
    if not given:
        return Agreement.UNKNOWN
    if any(_days_apart(wanted, period) <= _SAME_DAY for period in given):
        return Agreement.AGREES
    late = any(timedelta() < first - wanted[1] <= _LATE for first, _ in given)
    return Agreement.UNKNOWN if late else Agreement.CONTRADICTS


def document_agreement(claimed: str, said: Said) -> Agreement:
    """Whether the source is the document that the draft names.

    Only another page of the source's own site contradicts: anything else may be a copy of it.

    >>> said = Said(None, Role.REMARKS, None, (), None, None, None, "n", "https://www.a.example/speech/?utm_source=x")
    >>> [document_agreement(url, said).value for url in ("http://a.example/speech#2", "https://a.example/levy", "n")]
    ['agrees', 'contradicts', 'agrees']
    """
    if claimed == said.statement_id:
        return Agreement.AGREES
    wanted, given = _page(claimed), _page(said.url or "")
    if wanted is None or given is None or wanted[0] != given[0]:
        return Agreement.UNKNOWN
    if wanted == given:
        return Agreement.AGREES
    if not wanted[1] or wanted[1].rpartition(".")[0] == given[1] or _is_file(wanted[1]) != _is_file(given[1]):
        return Agreement.UNKNOWN
    return Agreement.CONTRADICTS


_SAME_DAY = timedelta(days=1)
"""What time zones may make of a day."""
_LATE = timedelta(days=7)
"""How long after it was said a statement may well be published."""


def _publisher(said: Said) -> set[str]:
    """The words of the issuer and of its site: a company that speaks through its people."""
    host = urlsplit(said.url).hostname if said.url and _page(said.url) else None
    return {fold(word) for word in regex.findall(r"[\p{L}\p{M}]+", f"{said.issuer or ''} {(host or '')}")}


def _body_agreement(who: Who, said: Said) -> Agreement:
    named = {fold(word) for told in (said.speaker, said.issuer, said.title) for word in NAME_WORD.findall(told or "")}
    return Agreement.AGREES if who.words and who.words <= named else Agreement.UNKNOWN


def _label_agreement(who: Who, said: Said) -> Agreement:
    if said.speaker is None:
        return _unlabelled(who, said)
    label = who_is(said.speaker)
    match label.kind:
        case Kind.PERSON if who.kind is Kind.PERSON:
            return _person_and_person(who, label, said)
        case Kind.PERSON:
            return _office_and_person(who, label, said)
        case Kind.OFFICE if who.kind is Kind.PERSON:
            return _person_and_office(who, label, said)
        case Kind.OFFICE:
            return _office_and_office(who, label)
        case _:
            return _asked_by_another(who, said) if _is_asker(said) else Agreement.UNKNOWN


def _unlabelled(who: Who, said: Said) -> Agreement:
    """Words under nobody's name: only a question, or what the publisher adds, is certainly not the speaker's."""
    if said.role in {Role.QUESTION, Role.INTRODUCTION}:
        return _asked_by_another(who, said) if said.role is Role.QUESTION else _introduced(who, said)
    speaker = who_is(said.statement_speaker or "")
    if speaker.kind is Kind.NOBODY or not _is_named(who, speaker):
        return Agreement.UNKNOWN
    return Agreement.AGREES


def _is_asker(said: Said) -> bool:
    voice = voice_of(said.speaker or "")
    return said.role is Role.QUESTION or (voice is not None and voice[0] in {Voice.QUESTIONER, Voice.CROWD})


def _asked_by_another(who: Who, said: Said) -> Agreement:
    """A question in the mouth of somebody who speaks elsewhere in the statement is a wrong attribution."""
    speakers = [who_is(name) for name in (said.statement_speaker, *said.others) if name]
    return Agreement.CONTRADICTS if any(_is_named(who, speaker) for speaker in speakers) else Agreement.UNKNOWN


def _introduced(who: Who, said: Said) -> Agreement:
    others = (who_is(name) for name in said.others)
    person = who.kind is Kind.PERSON and any(_is_named(who, other) for other in others)
    return Agreement.CONTRADICTS if person else Agreement.UNKNOWN


def _is_named(who: Who, speaker: Who) -> bool:
    if who.kind is Kind.PERSON and speaker.kind is Kind.PERSON:
        return match_claimed(who, speaker.name) is Match.SAME
    return who.kind is not Kind.BODY and who.office is not None and who.office == speaker.office


def _person_and_person(who: Who, label: Who, said: Said) -> Agreement:
    full = _in_full(label, said)
    match Match.SAME if who.name == label.name else match_claimed(who, full.name):
        case Match.SAME:
            sure = not label.courteous or set(who.name) <= set(label.name) or len(full.name) > len(label.name)
            return Agreement.AGREES if sure else Agreement.UNKNOWN
        case Match.MAYBE:
            return Agreement.UNKNOWN
        case _:
            return Agreement.CONTRADICTS


def _in_full(label: Who, said: Said) -> Who:
    """The label, with what the statement's own speaker or its title adds to the name: MS. POE is Jane Poe."""
    for other in _told(said):
        if set(label.name) < set(other.name):
            return Who(Kind.PERSON, other.name, label.office or other.office, label.courteous)
    return label


_IN_TITLE = regex.compile(
    r"(?:\p{Lu}[\p{L}’'.-]*\s+){0,3}\p{Lu}[\p{L}\p{M}’'-]*(?:\s+(?:\p{Lu}\.|\p{Lu}[\p{L}\p{M}’'-]*)){0,4}"
)


def _told(said: Said) -> Iterator[Who]:
    """The people whom the statement names as its speaker, or whom its title names with an office."""
    named = who_is(said.statement_speaker or "")
    if named.kind is Kind.PERSON:
        yield named
    for run in _IN_TITLE.finditer((said.title or "")[:500]):
        in_title = who_is(run.group())
        if in_title.kind is Kind.PERSON and in_title.office:
            yield in_title


def _office_and_person(who: Who, label: Who, said: Said) -> Agreement:
    held = {label.office} | {other.office for other in _told(said) if match_names(label.name, other.name) is Match.SAME}
    if who.office in held:
        return Agreement.AGREES
    if not _is_plain(who):
        return Agreement.UNKNOWN
    if held & DISTINCT:
        return Agreement.CONTRADICTS
    elsewhere = any(who_is(other).kind is Kind.OFFICE and who_is(other).office == who.office for other in said.others)
    return Agreement.CONTRADICTS if elsewhere else Agreement.UNKNOWN


def _is_plain(who: Who) -> bool:
    """Whether the office is one of state that nobody shares: not "the company president", "the former president"."""
    return who.office in DISTINCT and who.words <= {*who.office.split(), "us", "white", "house"}


def _person_and_office(who: Who, label: Who, said: Said) -> Agreement:
    holders = [other for other in _told(said) if other.office == label.office]
    matches = {match_claimed(who, holder.name) for holder in holders}
    if Match.SAME in matches:
        return Agreement.AGREES
    if matches == {Match.OTHER} and len({holder.name[-1] for holder in holders}) == 1:
        return Agreement.CONTRADICTS
    labelled = [other for other in map(who_is, said.others) if _is_named(who, other) and other.kind is Kind.PERSON]
    if not labelled or Match.MAYBE in matches or any(other.office == label.office for other in labelled):
        return Agreement.UNKNOWN
    distinct = label.office in DISTINCT or label.office == "spokesperson"
    return Agreement.CONTRADICTS if distinct and who.office != label.office else Agreement.UNKNOWN


def _office_and_office(who: Who, label: Who) -> Agreement:
    if who.office == label.office:
        return Agreement.AGREES
    both = _is_plain(who) and label.office in DISTINCT
    return Agreement.CONTRADICTS if both else Agreement.UNKNOWN


_DAY_IN_ADDRESS = regex.compile(r"(?<!\d)((?:19|20)\d\d)[/-]([01]\d)(?:[/-]([0-3]\d))?(?!\d)")


def _periods(said: Said) -> list[str]:
    in_title = find_date(said.title[:500]) if said.title else None
    in_address = ["-".join(filter(None, match.groups())) for match in _DAY_IN_ADDRESS.finditer((said.url or "")[:500])]
    return [period for period in (said.published, in_title, *in_address) if period and _is_period(period)]


def _is_period(period: str) -> bool:
    try:
        published_days(period)
    except InvalidStatement:
        return False
    return True


def _days_apart(one: tuple[date, date], two: tuple[date, date]) -> timedelta:
    return max(one[0] - two[1], two[0] - one[1], timedelta())


_TRACKING = regex.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|ref|ref_src|share|cmpid|ocid|igshid")
_FILE = regex.compile(r"\.(?:pdf|docx?|odt|rtf|txt|json|xml|mp[34])$", regex.IGNORECASE)
_VARIANT = regex.compile(r"/(?:amp|print|index\.\w{3,5})$|\.(?:x?html?|s?html|php|aspx?)$", regex.IGNORECASE)


def _page(url: str) -> tuple[str, str, frozenset[tuple[str, str]]] | None:
    """Host, path and query that tell one page from another; `None` when it is no web address."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    query = frozenset((key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(key.lower()))
    return host, _VARIANT.sub("", parts.path.rstrip("/")), query


def _is_file(path: str) -> bool:
    return _FILE.search(path) is not None
