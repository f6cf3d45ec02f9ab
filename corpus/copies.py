"""Decides whether two passages are the same words: copies, or copies with a word or a sentence changed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import compress, takewhile
from operator import attrgetter

from corpus.voices import listed

SHORTEST = 8
"""Words; of fewer, none may differ."""
SHINGLE = 3
"""Words in a shingle."""
CONTAINED = 0.5
"""Share of the shingles that both hold, at least, of those of the passage that has fewer."""
OVERLAP = 0.7
"""Share of the shorter's words that both hold, at least, where each has a sentence that the other lacks."""
WITHIN = 0.6
"""Share of the longer's words that both hold, at least."""
REPLACED = 0
"""Words that may stand where the other passage has one of another meaning, at most: the riskiest of all changes."""


def are_near_copies(one: str, other: str) -> bool:
    """Whether somebody who quotes would call them the same words; the order makes no difference.

    Case, punctuation, spaces, accents and British or American spelling do not count. Beyond that a word or two may
    differ, and one passage may begin or end a sentence earlier, or lack a sentence. A number, a negation or a name
    that differs makes another statement; so does any word where there are fewer than `SHORTEST`.

    >>> said = "The port of Kelm opens to all ships on Monday."
    >>> are_near_copies(said, "The port of Kelm “opens” to ships on Monday")
    True
    >>> are_near_copies(said, "The port of Kelm opens to all ships on Friday.")
    False
    """
    return Wording.of(one).is_near(Wording.of(other))


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a passage, made once to be compared with those of many."""

    words: tuple[str, ...]
    """Without case, accents and punctuation, in one spelling."""
    marked: tuple[bool, ...]
    """Of each, whether it is a number, a negation or, as far as capitals tell, a name."""
    ends: frozenset[int]
    """How many words stand before each end of a sentence; 0 and all of them too."""
    lead: int
    """How many words stand before a dash or a colon near the beginning, as in "ORM, 5 May – "; 0 if there is none."""
    bare: str
    """The words without spaces, but for those around numbers and negations: "not able" is not "notable"."""
    shingles: frozenset[str]
    """Every `SHINGLE` words in a row."""

    @classmethod
    def of(cls, text: str) -> "Wording":
        """The wording of a text; one without words is no copy of anything."""
        text = _plain(text)
        words: list[str] = []
        marked: list[bool] = []
        ends, lead, before = {0}, 0, 0
        for token in _TOKEN.finditer(text):
            start, printed = token.start(), token[0]
            if start - before > 1 and words:
                gap = text[before:start]
                if _ENDS_LINE.search(gap) or (not printed[0].islower() and _ENDS_SENTENCE.search(gap)):
                    ends.add(len(words))
                if not lead and len(words) <= _LEAD and _ENDS_LEAD.search(gap):
                    lead = len(words)
            before = token.end()
            spelled, is_marked = _spelled(printed)
            words += spelled
            marked += [is_marked] * len(spelled)
        ends.add(len(words))
        rows = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
        return cls(tuple(words), tuple(marked), frozenset(ends), lead, _bare(words), frozenset(map(" ".join, rows)))

    def is_near(self, other: "Wording") -> bool:
        """Whether they are copies or near-copies, as `are_near_copies` says."""
        if self.bare == other.bare:
            return bool(self.bare)
        if len(self.words) > len(other.words):
            return other.is_near(self)
        if len(self.words) < max(SHORTEST, WITHIN * len(other.words)):
            return False
        return _containment(self, other) >= CONTAINED and _tell_the_same(self, other)


_RETORT = 8
"""Words in a sentence with a negation that may be the whole of an answer, at most."""
_TABLE = 1 / 3
"""Share of numbers that makes words a table; of a date, which has more, there are fewer words than in a retort."""
_LEAD = 15
"""Words before the dash or colon that leads into a passage, at most."""
_ALIKE = 0.75
"""Share of two words' letters that are the same, at least, where they are forms or misprints of one."""
_STEM = 3
"""Letters that forms of one word begin with, at least."""
_FORMS = frozenset(["", "s", "es", "e", "d", "ed", "ing", "y", "ies", "ied"])
_MISPRINTED = 6
"""Letters of a word that may be misprinted, at least; of one that lacks a letter, one more."""
_AT_ONCE = 4
"""Words that may differ in one place, at most."""


def _containment(one: Wording, other: Wording) -> float:
    """|S(A) ∩ S(B)| / |S(A)|, A the one with fewer shingles.

    Broder, "On the resemblance and containment of documents", 1997, section 2.
    """
    return len(one.shingles & other.shingles) / min(len(one.shingles), len(other.shingles))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words in a row of one passage, perhaps none, that stand where the other passage has others."""

    of: Wording
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def words(self) -> tuple[str, ...]:
        return self.of.words[self.start : self.end]

    @property
    def marked(self) -> list[str]:
        return list(compress(self.words, self.of.marked[self.start : self.end]))

    @property
    def denies(self) -> bool:
        return not _NEGATIONS.isdisjoint(self.words)

    @property
    def is_whole(self) -> bool:
        """Whether it is whole sentences, or what leads into the first.

        What may be the answer itself does not count: "No." at its head, or a table.
        """
        if self.denies if len(self) <= _RETORT else sum(map(_is_number, self.words)) > _TABLE * len(self):
            return False
        is_lead = self.start == 0 < self.of.lead == self.end
        return is_lead or (self.start in self.of.ends and self.end in self.of.ends)

    def moved(self) -> Iterator["_Stretch"]:
        """All stretches that could have been taken for the one that the other passage lacks, itself among them.

        Of "A b c. A d e." and "A d e." the alignment may say that "b c. A" was added.
        """
        words, start, end = self.of.words, self.start, self.end
        while end < len(words) and words[start] == words[end]:
            start, end = start + 1, end + 1
        yield _Stretch(self.of, start, end)
        while start and words[start - 1] == words[end - 1]:
            start, end = start - 1, end - 1
            yield _Stretch(self.of, start, end)


def _tell_the_same(one: Wording, other: Wording) -> bool:
    """Whether all that differs, word for word, is whole sentences and a few words that change nothing."""
    one, other = sorted((one, other), key=attrgetter("words"))  # or the alignment would depend on the order
    shared = len(one.words)
    added: list[_Stretch] = []
    changed: list[tuple[_Stretch, _Stretch]] = []
    for here, there in _differences(one, other):
        shared -= len(here)
        if whole := _whole(here, there):
            added.append(whole)
        elif _says_nothing_else(here, there):
            changed.append((here, there))
        else:
            return False
    shorter, longer = sorted((len(one.words), len(other.words)))
    if len({more.of.words for more in added}) > 1 and not (_is_cut_elsewhere(added) and shared >= OVERLAP * shorter):
        return False
    return shared >= WITHIN * longer and _are_few(changed, shared)


def _differences(one: Wording, other: Wording) -> Iterator[tuple[_Stretch, _Stretch]]:
    """Where the words differ; "well being" and "wellbeing" do not."""
    for kind, *ends in SequenceMatcher(None, one.words, other.words, autojunk=False).get_opcodes():
        here, there = _Stretch(one, *ends[:2]), _Stretch(other, *ends[2:])
        if kind != "equal" and _bare(here.words) != _bare(there.words):
            yield here, there


def _whole(here: _Stretch, there: _Stretch) -> _Stretch | None:
    """The whole sentences that one passage has and the other lacks, if that is the difference."""
    if here and there:
        return None
    return next((moved for moved in (here or there).moved() if moved.is_whole), None)


def _is_cut_elsewhere(added: Sequence[_Stretch]) -> bool:
    """Whether one passage begins earlier and the other ends later, and neither has a denial or a number there."""
    if len(added) != 2 or any(more.denies or any(map(_is_number, more.words)) for more in added):
        return False
    head, tail = sorted(added, key=lambda more: more.start)
    return head.start == 0 and tail.end == len(tail.of.words)


def _says_nothing_else(here: _Stretch, there: _Stretch) -> bool:
    """Whether the words in one place of one passage can stand for those of the other."""
    if max(len(here), len(there)) > _AT_ONCE or here.marked != there.marked:
        return False
    if here and there and here.start and _is_number(here.of.words[here.start - 1]) and _unlike(here, there):
        return False  # five days are not five weeks
    return not any(_exclude(word, instead) for word in here.words for instead in there.words)


def _are_few(changed: Sequence[tuple[_Stretch, _Stretch]], shared: int) -> bool:
    """Whether so many words may differ where `shared` are the same: of those that carry a meaning, one or two."""
    replaced = sum(_unlike(here, there) for here, there in changed if here and there)
    added = sum(_unlike(here, there) for here, there in changed if not (here and there))
    every = sum(max(map(len, both)) for both in changed)
    return replaced <= REPLACED and replaced + added <= 1 + (shared >= 50) and every <= 2 + shared // 25


def _unlike(here: _Stretch, there: _Stretch) -> int:
    """How many words carry a meaning and are not spelled much like any of the other passage, whichever has more."""
    return max(_foreign(here.words, there.words), _foreign(there.words, here.words))


def _foreign(words: Sequence[str], others: Sequence[str]) -> int:
    return sum(word not in _COMMON and not any(_are_alike(word, other) for other in others) for word in words)


def _are_alike(word: str, other: str) -> bool:
    """Whether they are forms or misprints of one word: "carries" and "carried", but not "hired" and "fired"."""
    first, second = sorted((word, other))  # the ratio is not symmetric
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    if word[0] != other[0] or ratio < _ALIKE:
        return False
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False)))
    is_form = same >= _STEM and {word[same:], other[same:]} <= _FORMS
    return is_form or _is_misprint(*sorted((word, other), key=len))


def _is_misprint(shorter: str, longer: str) -> bool:
    """Whether one has two letters exchanged or one doubled, or lacks one of many: "county" is not "country"."""
    if len(shorter) == len(longer):
        return len(shorter) >= _MISPRINTED and sorted(shorter) == sorted(longer)
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(shorter, longer, strict=False)))
    if len(shorter) + 1 != len(longer) or shorter[at:] != longer[at + 1 :]:
        return False
    doubled = longer[at] in {longer[at - 1], longer[at + 1 : at + 2]}
    return len(shorter) >= (_MISPRINTED if doubled else _MISPRINTED + 1)


def _exclude(word: str, instead: str) -> bool:
    """Whether one word rules the other out: "may" and "must", "legal" and "illegal"."""
    mine, its = _SIDES.get(word), _SIDES.get(instead)
    if mine and its and mine[0] == its[0] and mine[1] != its[1]:
        return True
    shorter, longer = sorted((word, instead), key=len)
    return len(shorter) > 3 and longer.endswith(shorter) and longer.removesuffix(shorter) in _REVERSING


def _is_number(word: str) -> bool:
    return any(map(str.isdigit, word)) or word in _NUMBERS


def _bare(words: Iterable[str]) -> str:
    return "".join(map(_set_apart, words))


@lru_cache(maxsize=1 << 14)
def _set_apart(word: str) -> str:
    return f" {word} " if _is_number(word) or word in _NEGATIONS else word


_TOKEN = re.compile(
    r"""
    per\ cent\b
    | [^\W\d_]\w* (?:['’ʼ‘`´]\w+)*
    | (?:(?<![^\s(])[-−])? \d+ (?:[.,]\d+)* \w*
    | [%&$€£¥₹₽₩₴₪₺]
    """,
    re.VERBOSE,
)
_ENDS_SENTENCE = re.compile(r"[.!?…。！？]|\n")
_ENDS_LINE = re.compile(r"\n\s*\n|[.!?:;]\s*\n|[.!?;:]\s+\(|\n\s*[(\[•*·–—-]")
_ENDS_LEAD = re.compile(r":|\s[-–—]+\s|[–—]")
_INVISIBLE = re.compile("[\xad\u200b-\u200d\u2060\ufeff]")
_ACCENTED = re.compile(r"(?<=[A-Za-z])[\u0300-\u036f]+")


def _plain(text: str) -> str:
    """The text without what cannot be seen and without the accents of Latin letters."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", _ACCENTED.sub("", apart))


@lru_cache(maxsize=1 << 14)
def _spelled(printed: str) -> tuple[tuple[str, ...], bool]:
    """The words of a token in one spelling, and whether they may not be exchanged for others.

    >>> _spelled("Won’t"), _spelled("colours"), _spelled("1,000"), _spelled("Kelm's")
    ((('will', 'not'), True), (('colors',), False), (('1000',), True), (('kelm', 's'), True))
    """
    word = printed.casefold()
    if printed[-1].isdigit() or _is_number(word):
        word = _ORDINAL.sub("", _THOUSANDS.sub("", word.replace("−", "-")))
        return (word,), True
    if word in _ONE_SPELLING:
        return _ONE_SPELLING[word], _is_number(_ONE_SPELLING[word][0])
    stem, *rest = _APOSTROPHE.split(word)
    if rest == ["t"] and stem.endswith("n"):
        return (_STEMS.get(stem, stem[:-1]), "not"), True
    parts = tuple(_ENDINGS.get(part, part) for part in rest)
    is_name = stem not in _COMMON and (printed[0].isupper() or stem == stem.upper())
    is_name = is_name or (printed.isupper() and len(printed) > 1)
    return (_american(stem), *parts), is_name or stem in _NEGATIONS


def _american(word: str) -> str:
    """One of two spellings.

    >>> _american("organisation"), _american("defence"), _american("travelled"), _american("programme")
    ('organization', 'defense', 'traveled', 'program')
    """
    if len(word) < 5:
        return word
    for british, american in _AMERICAN:
        word = british.sub(american, word)
    return word


_AMERICAN = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"(?<=[a-z]{2}[bdhlmnptv])our(?!n|t|c|s[aei])", "or"),
        (r"(?<=[a-z]{3})is(?=e$|ed$|es$|er$|ers$|ing$|ation|able$)", "iz"),
        (r"(?<=[a-z]{2}ly)s(?=e$|ed$|es$|ing$)", "z"),
        (r"(?<=[a-z]{2}[bt])re(?=s?$)", "er"),
        (r"(?<=def|off|ret)ence|(?<=lic)ence", "ense"),
        (r"(?<=[aeiou])ll(?=ed$|ing$|er$|ers$|or$|ors$|ment$)", "l"),
        (r"(?<=[a-z]{2})ogue(?=s?$)", "og"),
        (r"gramme(?=s?$)", "gram"),
        (r"ll(?=$)|(?<=fulfi)ll|(?<=enro)ll|(?<=ski)ll", "l"),
    )
)
_APOSTROPHE = re.compile(r"['’ʼ‘`´]")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_STEMS = {"won": "will", "can": "can", "shan": "shall"}
_ENDINGS = {"re": "are", "ve": "have", "ll": "will", "m": "am"}
_UP_TO_TWELVE = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ONE_SPELLING = {
    "cannot": ("can", "not"),
    "%": ("percent",),
    "per cent": ("percent",),
    "&": ("and",),
    "grey": ("gray",),
    "whilst": ("while",),
    "amongst": ("among",),
    "towards": ("toward",),
} | {word: (str(number),) for number, word in enumerate(_UP_TO_TWELVE, 2)}

_NUMBERS = listed("""
    zero one hundred hundreds thousand thousands million millions billion billions trillion trillions dozen dozens
    half quarter quarters third thirds first second fourth fifth sixth seventh eighth ninth tenth once twice double
    triple thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy
    eighty ninety percent today tonight yesterday tomorrow last next $ € £ ¥ ₹ ₽ ₩ ₴ ₪ ₺
""")
"""Numbers, dates and currencies in words."""
_NEGATIONS = listed("""
    not no never without neither nor none nothing nobody nowhere hardly barely scarcely except unless
    nicht kein keine keinen keinem keiner keines nie niemals nichts ohne weder ne pas jamais rien sans aucun aucune
    ni nunca sin nada nadie non senza mai nao nem sem niet geen не нет ни без никогда
""")
_COMMON = listed("""
    a an the this that these those and or but so as if then than because while when where who what which why how
    i me my we us our you your he him his she her it its they them their there here s d
    is are was were be been being am has have had having do does did done will would shall should can could may might
    must of in on at by for from to with into onto about over under after before since until between through during
    against upon within also just only even very too well now still yet again all some any both each more most such
    other many much let yes thank thanks good
""")
"""Words that are no names, even where they begin a sentence."""
_SIDES = {
    word: (line, side)
    for line, sides in enumerate(
        (
            "will would shall | may might | can could | must | should",
            "i me my | we us our | you your | he him his | she her | they them their",
            "more most increase increases increased increasing rise rose rising grow grew growing up higher highest"
            " above | less least fewer decrease decreases decreased decreasing fall fell falling down lower lowest"
            " below",
            "over | under",
            "before | after",
            "since | until",
            "all always every | some sometimes | few rarely",
            "support supports supported supporting | oppose opposes opposed opposing",
            "accept accepts accepted | reject rejects rejected refuse refuses refused",
            "confirm confirms confirmed | deny denies denied",
            "allow allows allowed permit permits | ban bans banned forbid forbids forbidden prevent prevents prevented",
            "win wins won | lose loses lost",
            "open opens opened | close closes closed",
            "begin begins began start starts started | end ends ended stop stops stopped",
            "import imports imported | export exports exported",
            "include includes included including | exclude excludes excluded excluding",
            "for | against",
            "true | false",
            "right | wrong | left",
            "strong stronger strengthen | weak weaker weaken",
            "better best | worse worst",
            "good | bad",
            "north northern | south southern | east eastern | west western",
            "man men | woman women",
            "male | female",
            "inside internal indoor | outside external outdoor",
            "underground | overhead",
            "domestic | foreign",
            "public | private",
            "civilian | military",
            "urban | rural",
            "current | former previous",
            "maximum | minimum | average mean median | total",
            "gross | net",
            "buy buys bought | sell sells sold",
        )
    )
    for side, words in enumerate(sides.split("|"))
    for word in words.split()
}
"""Of words that rule each other out, the line and the side of it."""
_REVERSING = listed("un in im il ir dis non mis de anti counter")
