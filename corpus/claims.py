"""What a draft says of where a quotation is from."""

from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, takewhile

import regex

from corpus.persons import BODIES, NO_NAMES, OFFICES, QUALIFIERS, SPOKEN_FOR, Kind, fold, key_of, who_is
from corpus.readers.metadata import find_date
from corpus.sentences import is_paragraph_break, sentence_spans
from corpus.voices import Voice, in_capitals, listed, voice_of


@dataclass(frozen=True, slots=True)
class Claim:
    """What a draft says of where a quotation is from; `None` where it says nothing, or nothing plainly."""

    speaker: str | None
    """As the draft prints it, with the office where it stands before the name."""
    published: str | None
    """The day, month or year of the act of saying: YYYY-MM-DD, YYYY-MM or YYYY."""
    document: str | None
    """A statement's id, or a URL."""


def claim(
    text: str,
    stretches: Sequence[tuple[int, int]],
    links: Sequence[tuple[int, str]] = (),
    ids: Container[str] = frozenset(),
) -> Claim:
    """What the draft `text` plainly says of the quotation whose words stand at `stretches`.

    Stretches are code points, in order, without the marks around them: several where the draft interrupts. `links`
    are the draft's, (offset of the first linked character, URL) in order; `ids` are the ids of known statements.
    What only hints at somebody (a pronoun, "an official", two names, a neighbour's quotation) claims nobody.

    >>> draft = "“We sail,” Governor Ada Brand said in Aldford on 4 May 2020."
    >>> claim(draft, [(1, 9)])
    Claim(speaker='Governor Ada Brand', published='2020-05-04', document=None)
    """
    stretches = [(start, end) for start, end in stretches if 0 <= start < end <= len(text)]
    if not stretches:
        return Claim(None, None, None)
    around = _around(text, stretches)
    found = [*_introductions(around), *_conclusions(around)]
    names = {key_of(attribution.speaker) for attribution in found}
    # Two names, as in "According to Lin, Brand said", leave open whose words they are.
    speaker = found[0].speaker if len(names) == 1 else None
    dates = {attribution.published for attribution in found} - {None}
    published = dates.pop() if len(dates) == 1 and speaker else None
    return Claim(speaker, published, _document(text, around, links, ids))


_REACH = 600
"""How far from a quotation its attribution is sought, in code points."""
_OPENING = " \t\n\r\xa0“\"„«»‹›‘'「『>*_(["
_QUOTES = frozenset("“”\"„«»‹›‘’'「」『』")
_CLOSING = regex.compile(r"[,.!?…;]{0,3}(?:[ \xa0](?=»))?[”\"“»«’‘'」』*_)\]]{0,4}[,.!?…;]?")
_MARKED = regex.compile(r"“[^“”]*”|\"[^\"]*\"|«[^«»]*»|„[^„“”]*[“”]|「[^「」]*」|『[^『』]*』")
_LONE = regex.compile(r"[“”\"„«»「」『』]")


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a quotation, in sentences of its own, other quotations blanked."""

    before: str
    """From the start of its sentence to its opening mark; a lead that ends in a colon may be the line above."""
    before_start: int
    words: int
    """How many the quotation has."""
    behind: tuple["_Behind", ...]
    """What follows each stretch: up to the next one, or to the end of the sentence."""
    below: str
    """What follows the last stretch, with the lines below."""


@dataclass(frozen=True, slots=True)
class _Behind:
    region: str
    start: int
    signs: str
    """The last character of the words before it, with the marks and stops that part it from them."""


def _around(text: str, stretches: Sequence[tuple[int, int]]) -> _Around:
    lead_start, lead = _lead(text, stretches[0][0])
    gaps = [_gap(text, one[1], two[0]) for one, two in pairwise(stretches)]
    tail = _gap(text, stretches[-1][1], len(text))
    words = sum(len(text[start:end].split()) for start, end in stretches)
    sentence = _first_sentence(_first_paragraph(tail.region))
    return _Around(lead, lead_start, words, (*gaps, replace(tail, region=sentence)), tail.region)


def _gap(text: str, end: int, stop: int) -> _Behind:
    """What stands between the end of a stretch and `stop`, closing and opening marks left out."""
    closing = _CLOSING.match(text, end, max(end, stop))
    start = closing.end() if closing else end
    region = text[start : min(stop, end + _REACH)]
    region = region if stop == len(text) else region.rstrip(_OPENING)
    if _is_nested(text[end:start]):
        region = ""
    return _Behind(_blanked(region, from_left=True), start, text[end - 1 : start])


def _lead(text: str, start: int) -> tuple[int, str]:
    """Where the sentence that leads to a quotation begins, and its text up to the opening mark."""
    floor = max(0, start - _REACH)
    before = text[floor:start]
    stop = len(before.rstrip(_OPENING))
    own = before[:stop]
    space = before[stop:]
    above = is_paragraph_break(space, 0, len(space)) or "\n" in space
    if _is_nested(space) or (above and not own.endswith(":")):
        return start, ""
    own = _blanked(own, from_left=False)
    spans = sentence_spans(own)
    if not spans:
        return start, ""
    begin, finish = spans[-1]
    last = own[begin:finish]
    if regex.search(r"[.!?][”\"“»’']*$", last) and not regex.search(r"\b(?:Mr|Ms|Dr|No)\.$", last):
        return start, ""
    return floor + begin + (len(before[:stop]) - len(own)), last


def _is_nested(marks: str) -> bool:
    """Whether two kinds of quotation mark stand side by side: the words are quoted within a quotation."""
    return len(_QUOTES.intersection(marks)) > 1


def _blanked(region: str, *, from_left: bool) -> str:
    """The region with other quotations blanked, and cut where a lone mark shows that it leaves its own quotation."""
    blank = _MARKED.sub(_blank, region)
    whole = [match.span() for match in _MARKED.finditer(region)]
    lone = [mark.start() for mark in _LONE.finditer(region) if not any(one <= mark.start() < two for one, two in whole)]
    if not lone:
        return blank
    return blank[: lone[0]] if from_left else blank[lone[-1] + 1 :]


def _blank(quotation: "regex.Match[str]") -> str:
    words = quotation[0]
    return words[0] + "x" * (len(words) - 3) + words[-2:] if len(words) > 2 else words


def _first_paragraph(region: str) -> str:
    blank_line = regex.search(r"\n[^\S\n]*\n", region)
    return region[: blank_line.start()] if blank_line else region


def _first_sentence(region: str) -> str:
    shift = len(region) - len(region.lstrip())
    spans = sentence_spans(region[shift:])
    return region[: shift + spans[0][1]] if spans else region


_LOW_TITLE = "|".join(sorted(OFFICES | (QUALIFIERS - {"under", "war", "white"}) | BODIES, key=len, reverse=True))
_CAPITALISED = (
    r"(?:(?:(?i:Mr|Ms|Mrs|Dr)|Sen|Rep|Gov|Gen|Prof|Amb|St|Lt|Col|Sgt|Adm|Hon|Rev|Jr|Sr|\p{Lu})\."
    r"|\p{Lu}[\p{L}\p{M}]*(?:[’'-](?![sS]\b)[\p{L}\p{M}]+)*(?:\.\p{Lu}\.?)*)"
)
_TOKEN = rf"(?:{_CAPITALISED}|(?:{_LOW_TITLE})\b)"
_LINK = r"(?:(?:of|for)\s+(?:the\s+)?|(?:de|la|van|von|der|den|bin|al|el|da|dos|di|du)[\s-]+){0,2}"
_NP = rf"(?:[Tt]he\s+)?{_TOKEN}(?:\s+{_LINK}{_TOKEN}){{0,9}}+"
_SAYING = listed("""
    said says wrote writes added adds noted notes insisted insists declared declares announced announces stated
    explained explains argued argues claimed warned warns replied replies answered answers responded responds
    remarked remarks observed observes stressed stresses emphasized emphasizes emphasised emphasises reiterated
    reiterates recalled recalls repeated repeats continued continues concluded concludes tweeted posted testified
    vowed vows pledged promised joked quipped acknowledged acknowledges admitted admits conceded concedes confirmed
    confirms commented cautioned complained urged exclaimed affirmed asserted asserts maintained maintains predicted
    suggested asked asks told tells
""")
_NOT_BEHIND = listed("told tells called calls described describes posted")
_SPOKE = rf"(?:{'|'.join(sorted(_SAYING, key=len, reverse=True))})"
_ADVERB = (
    r"(?:(?:has|had|have|also|later|then|once|again|further|first|famously|(?!reported|alleged|supposed|purported|"
    r"apparent|false|wrong)\p{Ll}{3,}ly)\s+){0,3}+"
)
_ASIDE = r"(?:,\s[^,:;“”]{1,90},|\s\([^()]{1,60}\))?"
_SUBJECT = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}’'-])(?P<who>{_NP})(?![’'\p{{L}}\p{{N}}-])(?P<aside>{_ASIDE})\s+{_ADVERB}"
    rf"(?P<verb>{_SPOKE}|went\s+on\s+to\s+say|(?:is|was)\s+quoted\s+as\s+saying|put\s+it|puts\s+it|call(?:ed|s)"
    r"|describe[ds])\b"
)
_ACCORDING = regex.compile(rf"\b(?:[Aa]ccording\s+to|[Ii]n\s+the\s+words\s+of)\s+(?P<who>{_NP})(?![’'\p{{L}}-])")
_INVERTED = regex.compile(
    rf"(?:{'|'.join(sorted(_SAYING - _NOT_BEHIND, key=len, reverse=True))})\s+(?P<who>{_NP})(?![’'\p{{L}}-])"
)
_APPOSITION = regex.compile(rf",\s(?P<who>{_NP})(?=[,.;:]|\s*$)")
_DASHED = regex.compile(
    rf"[.,]?[>\s]*+(?P<dash>[—–―~]|--?)[ \t\xa0]*[*_]{{0,2}}(?P<who>{_NP})(?![’'\p{{L}}-])[*_]{{0,2}}(?=[,(\n.]|\s*$)"
)
_AS = regex.compile(r"as\s+")
_BRACKETED = regex.compile(rf"[(\[](?P<who>{_NP}),(?P<rest>[^()\[\]]{{4,80}})[)\]]")
_LABEL = regex.compile(rf"(?:^|\n)[\s*_#>-]*(?P<who>{_NP})[*_]{{0,2}}\s*(?P<aside>\([^()]{{1,60}}\))?:[*_]{{0,2}}\s*$")
_HEADINGS = listed("""
    quote quotes quotation context verdict said headline excerpt excerpts extract analysis true false correct incorrect
    misleading original page slide budget brexit twitter facebook speech claim source note fact check rating example
    update summary caption transcript statement background conclusion ruling answer question response reply translation
    video post tweet title text letter email press release interview key full our the
""")
"""Words before a colon that name what follows, not who says it."""
_PARTICIPLE = regex.compile(
    r",\s(?:saying|adding|arguing|insisting|warning|noting|explaining|stressing|declaring|telling\s[^,:]{1,40}),?"
    r"(?:\sthat)?[:,]?$"
)
_BEGINNING = regex.compile(rf"(?P<who>{_NP})\s+\p{{Ll}}{{3,}}")
_ANOTHER_CLAUSE = regex.compile(r"\b(?:who|which|whose|while|when|after|because|but|and)\b")
_SAID = regex.compile(
    rf"\b(?:{'|'.join(sorted(_SAYING - {'notes', 'remarks'}, key=len, reverse=True))}"
    r"|saying|called|calls|quoting|citing|whose)\b"
)
_REPORTED = r"(?:words|(?:pledge|promise|vow|statement|line|phrase|sentence|clip|claim|remark|slogan|assertion)s?)"
_OF_OTHERS = regex.compile(
    rf"\b(?!(?:it|that|he|she|there|here|what|let)[’'])\p{{L}}+(?:[’']s\b|s[’'](?=\s))|\b{_REPORTED}\b",
    regex.IGNORECASE,
)
"""Words that somebody only repeats: "recalled Brand’s words", "complained about the phrase"."""
_MEDIUM = regex.compile(
    r"\b(?:in|via|through|with)\s+(?:an?|the|his|her|its|their|this|other|another|(?:\p{L}+day|yesterday)[’']s)\s+"
    rf"(?:(?!(?:to|of|on|about|for)\b)[\p{{L}}-]+\s+){{0,3}}?{_REPORTED}\b",
    regex.IGNORECASE,
)
"""In what somebody said it: "in a written statement"."""
_RELAYED = regex.compile(
    rf"\s+(?:that\s+)?(?:she|he|they|{_NP})\s+{_ADVERB}(?:{'|'.join(sorted(_SAYING, key=len, reverse=True))})\b"
)
"""A further clause behind "Bo Lin said": "she told him"."""
_HEARD_BEFORE = listed("""
    for of to with by from about against than like and or between if whether a an another not in at near on through
    under during since
""")
_DOUBTED = regex.compile(
    r"\b(?:falsely|wrongly|mis(?:quot|attribut)\w+|alleged(?:ly)?|reportedly|supposedly|purported(?:ly)?"
    r"|den(?:y|ied|ies|ying)\s+(?:that|having|saying)|so-called|fabricated|invented|fake)\b",
    regex.IGNORECASE,
)
_APART = regex.compile(r"[;”\"»]|,\s+(?:and|but|while|then)\b|\bwhile\b")
"""What parts two clauses of equal rank: without it, "Brand said Lin promised" is one within the other."""
_LEADS_ON = listed("was is were are be been it him them had has would will could can must should to not that and")
_DETERMINERS = listed("the a an its his her their our my your this these those no any every each some")


@dataclass(frozen=True, slots=True)
class _Attribution:
    speaker: str
    published: str | None


def _attributed(name: str | None, published: str | None) -> Iterator[_Attribution]:
    if name is not None:
        yield _Attribution(name, published)


def _introductions(around: _Around) -> Iterator[_Attribution]:
    """Who is said to say it in what leads to the quotation: at most one."""
    lead = around.before
    if not lead or _DOUBTED.search(lead):
        return
    if label := _LABEL.search(lead):
        if _is_speakers(" ".join(label["who"].split())):
            yield from _attributed(_claimed(label["who"], ""), None)
        return
    yield from _by_subject(around)
    according = _ACCORDING.search(lead)
    if according and lead.endswith((",", ":")):
        yield from _attributed(_claimed(according["who"], ""), None)


def _is_speakers(label: str) -> bool:
    """Whether the words before a colon name who speaks: one word alone may as well be a heading.

    >>> [_is_speakers(label) for label in ("Ada Brand", "BRAND", "Mr. Brand", "Brand", "VERDICT", "Speech Extract")]
    [True, True, True, False, False, False]
    """
    voice = voice_of(label)
    words = label.split()
    if voice is None or _HEADINGS.issuperset(map(fold, words)):
        return False
    return voice[0] in {Voice.COURTESY, Voice.OFFICE} or (
        voice[0] is Voice.NAME and (len(words) > 1 or in_capitals(label))
    )


def _by_subject(around: _Around) -> Iterator[_Attribution]:
    lead = around.before
    *earlier, subject = [*_SUBJECT.finditer(lead)] or [None]
    if subject is None:
        yield from _by_participle(lead)
    elif any(before and not _APART.search(lead, before.end(), subject.start()) for before in earlier[-1:]):
        return
    elif not _is_repeated(tail := lead[subject.end() :]) and _reaches(subject, tail, around.words):
        yield from _attributed(_subject_name(subject, lead), _date_of_saying(lead, subject))


def _is_repeated(tail: str) -> bool:
    """Whether the verb of saying leads to words that were somebody's before: "recalled Brand’s words"."""
    return _OF_OTHERS.search(_MEDIUM.sub("", tail)) is not None


def _reaches(subject: "regex.Match[str]", tail: str, words: int) -> bool:
    """Whether what stands between the verb of saying and the quotation lets it be the speaker's own words."""
    last = regex.search(r"([\p{L}’'-]+)\s*$", tail)
    inner = max(tail.rfind("”"), tail.rfind('"'), tail.rfind("»"))
    if inner >= 0:
        return regex.fullmatch(r"[\s,.;]*(?:and|but|or|then)?[\s,]*(?:that)?[\s,:]*", tail[inner + 1 :]) is not None
    if _SAID.search(tail) or regex.search(r"\b(?:who|which|while|whereas)\b", tail):
        return False
    if tail.rstrip().endswith((":", ",")):
        return not (subject["verb"].startswith("call") or subject["verb"].startswith("describ"))
    if last is None:
        return words >= 4 or subject["verb"] in {"said", "says"}
    if last[1] == "that":
        return not subject["verb"].startswith("ask")
    return words >= 4 and last[1] in _LEADS_ON and not subject["verb"].startswith("ask")


def _by_participle(lead: str) -> Iterator[_Attribution]:
    """The subject of "Ada Brand welcomed the levy, saying that": the sentence begins with it."""
    saying, first = _PARTICIPLE.search(lead), _BEGINNING.match(lead)
    if saying and first and not _ANOTHER_CLAUSE.search(lead, 0, saying.start()):
        yield from _attributed(_claimed(first["who"], ""), None)


def _conclusions(around: _Around) -> Iterator[_Attribution]:
    """Who is said to say it in what interrupts or follows the quotation."""
    for behind in around.behind:
        if not _DOUBTED.search(behind.region):
            yield from _following(around, behind, is_last=behind is around.behind[-1])


def _following(around: _Around, behind: _Behind, *, is_last: bool) -> Iterator[_Attribution]:
    region = behind.region
    begin = len(region) - len(region.lstrip(" \t\r\n\xa0*_["))
    fragment = bool(around.before) and not around.before.endswith((":", ",", "that"))
    if is_last and (dashed := _DASHED.match(around.below)):
        yield from _dashed(around.below, dashed)
        return
    if bracketed := _BRACKETED.match(region, begin):
        published = _date_at(bracketed["rest"], 0)
        yield from _attributed(_claimed(bracketed["who"], "") if published else None, published)
    elif not fragment or (around.words >= 4 and _last_word(around.before) not in _DETERMINERS):
        yield from _by_clause(behind, begin)


def _by_clause(behind: _Behind, begin: int) -> Iterator[_Attribution]:
    """Who is named in the clause that begins right behind the words: "said Ada Brand", "Ada Brand said"."""
    region = behind.region
    if inverted := _INVERTED.match(region, begin) or _ACCORDING.match(region, begin):
        if not _is_joined(region[inverted.end() :]):
            apposition = _APPOSITION.match(region, inverted.end())
            name = _claimed(inverted["who"], apposition["who"] if apposition else "")
            yield from _attributed(name, _date_behind(region, inverted.end()))
        return
    as_put = _AS.match(region, begin)
    subject = _SUBJECT.match(region, as_put.end() if as_put else begin)
    if subject and _belongs(behind, subject) and not _RELAYED.match(region, subject.end()):
        yield from _attributed(_subject_name(subject, region), _date_behind(region, subject.end()))


def _belongs(behind: _Behind, subject: "regex.Match[str]") -> bool:
    """Whether "Brand said" after a quotation is of it, and does not lead to the next or begin another sentence."""
    if "," in behind.signs:
        return True
    if ("." in behind.signs and "..." not in behind.signs) or subject["who"].startswith("The "):
        return False
    return not regex.match(r"[^“”\"]{0,120}[:,]?\s*[“\"«„]", behind.region[subject.end() :])


def _dashed(below: str, dashed: "regex.Match[str]") -> Iterator[_Attribution]:
    rest = below[dashed.end() :].partition("\n")[0]
    sentence = regex.search(r"\b(?:is|are|was|were|has|had|have|did|does|will|said|says)\b", rest)
    who = who_is(dashed["who"])
    listed_below = dashed["dash"] == "-" and "\n" in dashed.group() and rest.strip(" .*_")
    led = fold(dashed["who"].split()[0]) in NO_NAMES
    if sentence or listed_below or led or len(rest) > 160 or who.kind not in {Kind.PERSON, Kind.OFFICE}:
        return
    yield from _attributed(_claimed(dashed["who"], ""), _date_at(rest, 0))


def _is_joined(rest: str) -> bool:
    """Whether a second name is joined to the one before: "said Ada Brand and Bo Lin"."""
    joined = regex.match(r"\s*,?\s+(?:[^,.“”]{1,40},\s+)?(?:and|or|&)\s+(?=(?:the\s+)?\p{Lu})", rest)
    return joined is not None and _SUBJECT.match(rest, joined.end()) is None


def _last_word(text: str) -> str:
    last = regex.search(r"([\p{L}’'-]+)\s*$", text)
    return last[1].casefold() if last else ""


def _subject_name(subject: "regex.Match[str]", region: str) -> str | None:
    """The name that a subject gives, unless somebody else's is hidden in it: "a friend of Ada Brand said"."""
    before = _last_word(region[: subject.start()])
    aside = subject["aside"].strip(" ,()")
    if regex.match(r"(?:and|together|along|with|like|joined|as\s+well)\b", aside):
        return None
    ahead = region[: subject.start()]
    if before in _HEARD_BEFORE and not (regex.search(r"[,;”\"]\s+and\s*$", ahead) and _SAID.search(ahead)):
        return None
    return _claimed(subject["who"], aside)


def _claimed(printed: str, aside: str) -> str | None:
    """The speaker whom words name, as they are printed; `None` when they name nobody in particular.

    >>> _claimed("Yesterday Governor Ada Brand", ""), _claimed("spokesman", ""), _claimed("He", "")
    ('Governor Ada Brand', None, None)
    """
    words = _own_name(printed.split())
    while words and fold(words[0]) in NO_NAMES and (len(words) > 1 or words[0] != "May"):
        words = words[1:]
    name = " ".join(words).strip()
    who = who_is(name)
    other = who_is(aside)
    if other.kind is Kind.PERSON and len(other.name) > 1 and regex.fullmatch(_NP, aside):
        return aside if who.kind is Kind.OFFICE or len(who.name) == 1 else None
    definite = name[:1].isupper() or name.startswith("the ")
    bare = who.words <= SPOKEN_FOR or not definite
    if who.kind is Kind.NOBODY or (who.kind is not Kind.PERSON and bare):
        return None
    return name.removesuffix(".") if not regex.search(r"\b(?:Jr|Sr|\p{Lu})\.$", name) else name


def _own_name(words: list[str]) -> list[str]:
    """The words up to "of" or "for" where a person's name stands before it; none for "Friends of Ada Brand"."""
    at = next((at for at, word in enumerate(words) if at and word in {"of", "for"}), None)
    if at is None or who_is(" ".join(words[:at])).kind in {Kind.OFFICE, Kind.BODY}:
        return words
    return words[:at] if at > 1 else []


_MONTH_WORD = r"\p{Lu}\p{Ll}{2,9}\.?"
_A_DATE = regex.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:[-–/&]|to|and)\s*\d{{1,2}})?\s+(?:of\s+)?{_MONTH_WORD},?\s+\d{{4}}(?!\d)"
    rf"|{_MONTH_WORD}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:[-–/&]|to|and)\s*\d{{1,2}})?,?\s+\d{{4}}(?!\d)"
    rf"|{_MONTH_WORD},?\s+\d{{4}}(?!\d)|\d{{4}}-\d\d-\d\d(?!\d)|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}(?!\d)"
)
_SPEECH = (
    r"(?:speech|address|statement|remarks|letter|interview|lecture|testimony|briefing|conference|tweet|post|message"
    r"|hearing|press\s+release|memo|essay|article|op-ed|report|meeting|summit|debate|sermon|eulogy|talk)"
)
_A_YEAR = regex.compile(
    rf"(?:a|an|the|his|her|their|its)\s+((?:19|20)\d\d)\s+(?:\p{{L}}+\s+){{0,2}}?{_SPEECH}\b", regex.IGNORECASE
)
_IN_A_YEAR = regex.compile(r"\s*in\s+((?:19|20)\d\d)(?=\s*(?:$|[,:;.)“\"]|that\b))")
_ON_THE_WAY = regex.compile(
    rf"(?:\s+|,\s*|^|\()(?:(?:{_SPEECH}|in|at|to|during|on|of|from|via|the|a|an|his|her|their|its|dated|issued|published"
    r"|delivered|given|by|for|and|reporters|journalists|parliament|lawmakers|mps|senators|deputies|delegates|students"
    r"|listeners|viewers|members|press|news|media|joint|radio|television|tv|phone|online|call|audience|session|visit"
    r"|rally|opening|closing|keynote|annual|council|assembly|committee|event|ceremony|dinner|forum|late|early"
    r"|afternoon|morning|evening|night|speaking|addressing|writing|it)(?![\p{L}-])"
    rf"|(?:{_LOW_TITLE})(?![\p{{L}}-])|{_CAPITALISED})"
)
_AFTER_A_DATE = regex.compile(
    rf"\s*(?:$|[,:;.)\]—–“\"«”’(]|(?:that|in|at|to|during|after|as|when|while|(?:\p{{L}}+\s)?{_SPEECH})\b)"
)
_STEPS = 24
"""Words between the verb and the date at most."""


def _date_of_saying(lead: str, subject: "regex.Match[str]") -> str | None:
    """The date between the verb and the quotation, or of the phrase right before the subject."""
    behind = _date_behind(lead, subject.end())
    opening = regex.match(r"(?:On|In|At|During|Speaking|Addressing|Writing)\b", lead)
    if not opening:
        return behind
    found = _scan(lead, 0, subject.start())
    if found is None or regex.fullmatch(r"\s*,?\s*", lead[found[1] : subject.start()]) is None:
        return behind
    return found[0] if behind in {None, found[0]} else None


def _date_behind(region: str, start: int) -> str | None:
    return year[1] if (year := _IN_A_YEAR.match(region, start)) else _date_at(region, start)


def _date_at(region: str, start: int) -> str | None:
    found = _scan(region, start, len(region))
    return found[0] if found and _AFTER_A_DATE.match(region, found[1]) else None


def _scan(region: str, start: int, stop: int) -> tuple[str, int] | None:
    """The first date that only words of place and occasion part from `start`, and where it ends."""
    at = start
    for _ in range(_STEPS):
        place = at + len(region[at:stop]) - len(region[at:stop].lstrip(" \t\n\xa0,("))
        if year := _A_YEAR.match(region, place, stop):
            return year[1], year.end()
        if written := _A_DATE.match(region, place, stop):
            day = find_date(written.group())
            return (day, written.end()) if day else None
        step = _ON_THE_WAY.match(region, at, stop)
        if step is None or step.end() == at:
            return None
        at = step.end()
    return None


_ADDRESS = regex.compile(r"https?://[^\s<>\"“”’»）)\]]+")
_ID = regex.compile(r"[^\s()\[\]{}“”\"'’,;]{3,200}")
_SOURCE = regex.compile(r"[\s>(\[*_—–-]*(?:[Ss]ource:?\s*|[Ss]ee:?\s*|[Ll]ink:?\s*|[Ff]rom:?\s*)?[(\[<]*")
_LINK_OF_SOURCE = regex.compile(r"[^\p{Lu}]|(?:Source|Link|Transcript|Video|Full|Read|Here|Text|See)\b|https?:")
_LINKED = regex.compile(
    rf"(?:(?:a|an|the|his|her|their|its)\s+)?(?:\p{{Ll}}+\s+){{0,2}}?(?:{_SPOKE}|{_SPEECH}|transcript|source"
    r"|here|text|full)\b",
    regex.IGNORECASE,
)


def _document(text: str, around: _Around, links: Sequence[tuple[int, str]], ids: Container[str]) -> str | None:
    """The one address or id that stands in the sentence, or right behind the quotation."""
    tail = around.behind[-1].start
    end = tail + len(around.behind[-1].region)
    behind = _SOURCE.match(text, tail, tail + 80)
    reach = max(end, behind.end() + 1 if behind else end)
    begin = around.before_start
    own_start = begin + len(around.before)
    found = {
        _trimmed(match.group())
        for match in _ADDRESS.finditer(text, begin, min(len(text), reach + 500))
        if match.start() < reach and not own_start <= match.start() < tail
    }
    first = bisect_left(links, begin, key=lambda link: link[0])
    for offset, url in takewhile(lambda link: link[0] < reach, islice(links, first, None)):
        direct = behind is not None and tail <= offset <= behind.end() and _LINK_OF_SOURCE.match(text, offset)
        if url.startswith(("http://", "https://")) and (direct or _names_a_document(text, offset, around)):
            found.add(_trimmed(url))
    named = {word for word in _ids_in(text, begin, end) if word in ids}
    return (named or found).pop() if len(named or found) == 1 else None


def _names_a_document(text: str, offset: int, around: _Around) -> bool:
    """Whether the linked words are the quotation's own or those of the act of saying: not a name, not a place."""
    own = around.before_start + len(around.before) <= offset < around.behind[-1].start
    linked = text[offset : offset + 60]
    return own or (not linked[:1].isupper() and _LINKED.match(linked) is not None)


def _trimmed(url: str) -> str:
    return url.rstrip(".,;:!?*_")


def _ids_in(text: str, start: int, end: int) -> Iterator[str]:
    for word in _ID.findall(text[start:end]):
        bare = word.strip(".,:;!?*_")
        if regex.search(r"[\d/_-]", bare):
            yield bare
