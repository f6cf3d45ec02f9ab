"""Whom a printed name or an office means, and whether two names may mean one person."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise, product, starmap
from unicodedata import combining, normalize

import regex

from corpus.voices import is_outlet, listed


class Kind(Enum):
    """What a printed name means."""

    PERSON = auto()
    OFFICE = auto()
    BODY = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a printed name or office means."""

    kind: Kind
    name: tuple[str, ...] = ()
    """Of a person: the words of the name, folded, without initials and particles."""
    office: str | None = None
    courteous: bool = False
    """Whether the name stands after Mr., Ms. and the like alone."""
    words: frozenset[str] = frozenset()


class Match(Enum):
    """Whether two names mean one person."""

    SAME = auto()
    MAYBE = auto()
    OTHER = auto()


@lru_cache(maxsize=8192)
def who_is(printed: str) -> Who:
    """Whom a printed name or office means.

    >>> who_is("Press Secretary Jane Poe").name, who_is("THE PRESIDENT").office, who_is("the embassy").kind.name
    (('jane', 'poe'), 'president', 'BODY')
    """
    segments = regex.split(r"[,(（\[;|]", printed[:200])
    known = [_who_in(segment) for segment in segments[:2]]
    if len(known) == 2 and known[0].kind is Kind.OFFICE and known[1].kind is Kind.PERSON:
        return Who(Kind.PERSON, known[1].name, known[0].office, words=known[0].words | known[1].words)
    return known[0]


def key_of(printed: str) -> tuple[str, ...]:
    """What two prints of one speaker within a sentence have in common."""
    who = who_is(printed)
    return who.name[-1:] or tuple(sorted(who.words))


def match_names(one: tuple[str, ...], two: tuple[str, ...]) -> Match:
    """How two names compare: one within the other is the same person, no surname in common is another.

    >>> [match_names(name, ("jane", "poe")).name for name in (("poe", "jane"), ("joe", "poe"), ("jane", "orr"))]
    ['SAME', 'MAYBE', 'OTHER']
    """
    mine, yours = set(one), set(two)
    if mine <= yours or yours <= mine:
        return Match.SAME
    # Li and Lee: names this short are spelt in many ways.
    short = max(len(one[-1]), len(two[-1])) <= 3 and one[-1][0] == two[-1][0]
    if short or "".join(one) == "".join(two) or not _in_one_script(one, two):
        return Match.MAYBE
    return Match.MAYBE if any(starmap(_are_alike, _surnames(one, two))) else Match.OTHER


def match_claimed(who: Who, name: tuple[str, ...]) -> Match:
    """How the name that a draft gives compares: many share the first name that "Ada said" has alone."""
    match = match_names(who.name, name)
    alone = len(who.name) == 1 < len(name) and who.name[0] == name[0] != name[-1]
    return Match.MAYBE if alone and not who.courteous and who.office is None else match


def fold(word: str) -> str:
    """A word as names are compared: without case, accents, full stops, apostrophes and a possessive."""
    plain = word.casefold().translate(_UNLIKE_LATIN)
    bare = "".join(char for char in normalize("NFKD", plain) if not combining(char))
    return bare.removesuffix("'s").replace("'", "").replace(".", "")


OFFICES = listed("""
    administrator admiral adviser advisor ambassador archbishop attorney bishop captain cardinal chair chairman
    chairperson chairwoman chancellor chief coach colonel commander commissioner comptroller congressman congresswoman
    consul coordinator counsel counsellor counselor delegate deputy director economist emir envoy general governor
    head imam inspector judge justice king lady leader lieutenant mayor member minister mp officer pastor pope premier
    president prime prince princess professor queen rabbi rapporteur representative reverend secretary senator sergeant
    ceo sheriff speaker spokesman spokesperson spokeswoman sultan superintendent surgeon taoiseach treasurer
    undersecretary vice amb gen gov rep rev sen lt col sgt adm capt
    bundeskanzler bundeskanzlerin ministre président ministro ministra presidente
""")
"""What one person is: words that stand before a name, or for it."""
_COURTESIES = listed("""
    mr ms mrs miss mx dr sir dame lord baroness prof hon honorable honourable rt right excellency majesty highness
    herr frau
""")
QUALIFIERS = listed("""
    acting affairs agriculture assistant attorney cabinet climate commerce culture defence defense deputy development
    economic economy education energy environment executive exterior finance first foreign former general health home
    homeland housing information interim interior joint justice labor labour managing national permanent press prime
    principal security senior special state trade transport transportation treasury under vice war white
""")
"""Words that belong to the office behind them, or behind its "of"."""
BODIES = listed("""
    academy administration agency army assembly association authority bank board bureau cabinet campaign center centre
    chamber commission committee company congress consulate corporation council court delegation department embassy
    federation foundation fund government house institute kremlin league ministry mission navy office organisation
    organization parliament party pentagon police republic secretariat senate staff team treasury union university
""")
"""What many people are, and speak as."""
_ANYBODY = listed("""
    official officials reporter reporters journalist journalists questioner question q a answer correspondent audience
    participant participants crowd protester protestor moderator interpreter translator operator aide member members
    child unidentified source sources critics analysts experts lawmakers diplomats officers host interviewer
""")
_TITLED = OFFICES | BODIES | _ANYBODY
NO_NAMES = listed("""
    he she it they we you i who whom whose which what that this these those there here one some many others another
    both neither nobody someone everyone people yesterday today tomorrow later then now meanwhile but and or so
    yet when while as if because although though since after before until once in on at by for from with during to of
    about under over earlier still also even monday tuesday wednesday thursday friday saturday sunday january february
    march april june july august september october november december note emphasis translation source critics
    supporters opponents allies friends voters residents workers doctors lawyers parents activists ministers
    senators researchers investors prosecutors speaking addressing writing asked responding according where
    why how not never his her its their our my your a an however instead indeed again finally
""")
"""Words that begin with a capital at times and name nobody."""
_PLACES = frozenset(
    regex.split(
        r";\s*",
        """afghanistan;albania;algeria;angola;argentina;armenia;australia;austria;azerbaijan;bahrain;bangladesh;belarus;
    belgium;bolivia;bosnia;botswana;brazil;britain;bulgaria;burma;cambodia;cameroon;canada;chile;china;colombia;
    costa rica;croatia;cuba;cyprus;czechia;denmark;ecuador;egypt;england;eritrea;estonia;ethiopia;fiji;finland;france;
    georgia;germany;ghana;greece;guatemala;guyana;haiti;honduras;hungary;iceland;india;indonesia;iran;iraq;ireland;
    israel;italy;jamaica;japan;jordan;kazakhstan;kenya;kosovo;kuwait;laos;latvia;lebanon;liberia;libya;lithuania;
    luxembourg;malaysia;mali;malta;mexico;moldova;mongolia;montenegro;morocco;mozambique;myanmar;namibia;nepal;
    netherlands;holland;new zealand;nicaragua;niger;nigeria;north korea;norway;oman;pakistan;palestine;panama;paraguay;
    peru;philippines;poland;portugal;qatar;romania;russia;rwanda;saudi arabia;scotland;senegal;serbia;singapore;
    slovakia;slovenia;somalia;south africa;south korea;south sudan;spain;sri lanka;sudan;sweden;switzerland;syria;
    taiwan;tanzania;thailand;tunisia;turkey;türkiye;turkiye;uganda;ukraine;united kingdom;united states;uruguay;
    uzbekistan;venezuela;vietnam;wales;yemen;zambia;zimbabwe;america;europe;abuja;ankara;athens;baghdad;bangkok;
    beijing;berlin;bern;brasilia;bratislava;brussels;bucharest;budapest;cairo;canberra;caracas;copenhagen;damascus;
    delhi;new delhi;dhaka;doha;dublin;geneva;hanoi;havana;helsinki;hong kong;islamabad;jakarta;jerusalem;kabul;
    khartoum;kyiv;kiev;lisbon;london;luanda;madrid;manila;minsk;moscow;nairobi;oslo;ottawa;paris;prague;pretoria;
    pyongyang;riyadh;rome;seoul;sofia;stockholm;taipei;tallinn;tbilisi;tehran;tel aviv;the hague;tokyo;tripoli;
    tunis;vatican;vienna;vilnius;warsaw;washington;yerevan;zagreb;hamas;hezbollah;taliban;kremlin;nato;eu;un;us;uk;
    usa;uae;prc;dprk;imf;who;opec;wto;asean;fbi;cia;nsc;cdc;fda;epa;nasa;unesco;unicef;gop;xinhua;
    white house;whitehall;downing street;capitol hill;european union;united nations;world bank;state department""",
    )
)
"""Countries, capitals and bodies in whose name others speak."""
_SURNAMES_TOO = listed("king pope prince bishop judge dean")
_PARTICLES = listed(
    "al bin bint da das de del della den der di do dos du e el ibn la le ter van von y zu und jr sr ii iii iv"
)
_OCCASIONS = listed("""
    aboard about after ahead amid around as at before during en following in introducing marking on onboard prior
    regarding to via when while with
""")
DISTINCT = frozenset({"president", "vice president", "prime minister", "first lady", "press secretary"})
"""Offices of which nobody holds two."""
SPOKEN_FOR = listed("spokesman spokesperson spokeswoman")
"""Offices of those who speak for another, of which there are too many for one to be meant."""
_UNLIKE_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "'"})
NAME_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’.][\p{L}\p{M}\p{N}]+)*[.]?")
_GROUP = regex.compile(r"(?:ists|crats|icans|ians|tives|ators|isters)$")
"""How names of groups end: Republicans, economists, ministers."""
_NO_OUTLET = regex.compile(r"(?<=\w\.?\s)Bloomberg\s*$")
"""Michael Bloomberg is no newspaper."""
_ALMOST = 0.75
"""Similarity above which two names may be spellings of one: Zelensky, Zelenskyy."""


def _who_in(segment: str) -> Who:
    words, definite = _words_of(segment)
    whole = frozenset(words)
    if not words or "and" in words or (len(words) == 1 and (words[0] in NO_NAMES or _GROUP.search(words[0]))):
        return Who(Kind.NOBODY)
    outlet = is_outlet(_NO_OUTLET.sub("", segment))
    if " ".join(words) in _PLACES or (outlet and _office(words) is None):
        return Who(Kind.BODY, words=whole)
    last = _last_of_office(words, definite=definite)
    before, name = words[: last + 1], _bare_name(words[last + 1 :])
    if name and (before or not definite):
        courteous = bool(before) and _COURTESIES.issuperset(before)
        return Who(Kind.PERSON, name, _office(before), courteous=courteous, words=whole)
    if (office := _office(before)) and _ANYBODY.isdisjoint(before):
        return Who(Kind.OFFICE, office=office, words=whole)
    # "The Kremlin" is a body; "THE PRESIDNET" is a misprint, and "the plan" is nobody.
    named = bool(before) or (segment.strip()[4:5].isupper() and not segment.isupper())
    return Who(Kind.BODY if named and _ANYBODY.isdisjoint(words) else Kind.NOBODY, words=whole)


def _words_of(segment: str) -> tuple[list[str], bool]:
    """The words up to an occasion ("President Orr Before Train Departure"), and whether "the" stands before them."""
    words = [folded for word in NAME_WORD.findall(segment) if (folded := fold(word))]
    occasion = next((at for at, word in enumerate(words) if at and word in _OCCASIONS), len(words))
    if occasion < len(words) - 1:
        words = words[:occasion]
    return (words[1:], True) if words[:1] == ["the"] else (words, False)


def _last_of_office(words: list[str], *, definite: bool) -> int:
    """Where the last word of office, body or courtesy stands; -1 when there is none."""
    last = -1
    for at, word in enumerate(words):
        is_last = at == len(words) - 1
        if is_last and at and (words[at - 1] in _COURTESIES or (word in _SURNAMES_TOO and not definite)):
            break
        of_office = word in QUALIFIERS and 0 <= last == at - 2 and words[at - 1] in {"of", "for"}
        is_initial = at > 0 and len(word) == 1 and not is_last  # the "A." of "Jane A. Poe", not the "A" of "Speaker A"
        if of_office or (word in _TITLED and not is_initial) or (word in _COURTESIES and not is_last):
            last = at
    return last


def _bare_name(words: list[str]) -> tuple[str, ...]:
    end = next((at for at, word in enumerate(words) if word in {"of", "for"}), len(words))
    name = [word for word in words[:end] if word not in _PARTICLES and not word.isdigit()]
    whole = tuple(word for word in name if len(word) > 1 or not word.isascii())
    return () if NO_NAMES.issuperset(whole) else whole


def _office(words: list[str]) -> str | None:
    for pair in pairwise(words):
        if " ".join(pair) in DISTINCT:
            return " ".join(pair)
    heads = [word for word in words if word in OFFICES]
    if not heads:
        return None
    return "spokesperson" if heads[-1] in SPOKEN_FOR else heads[-1]


def _surnames(one: tuple[str, ...], two: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What may be the surname in both names: two first words are not, but the first may be where it stands in front."""
    yield from product(one[-1:], two[-3:])
    yield from product(one[-3:], two[-1:])
    yield from product(one[1:][-3:], two[1:][-3:])
    # Of "Lin Yi-wen" and "Lin Yiwen" all behind the first word is one.
    yield "".join(one[1:]), "".join(two[1:])


def _are_alike(word: str, other: str) -> bool:
    if word == other:
        return bool(word)
    return min(len(word), len(other)) >= 4 and SequenceMatcher(None, word, other).ratio() >= _ALMOST


def _in_one_script(*names: tuple[str, ...]) -> bool:
    return all(regex.fullmatch(r"[\p{Latin}\p{N}']+", word) for name in names for word in name)
