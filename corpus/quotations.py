"""Which words of somebody's draft stand as quotations: between marks of any custom, or set apart as a block."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise

_INVISIBLE = "\xad\u200b\u2060\ufeff"
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BLANK = re.compile(rf"(?>\r\n|[\n\r\x85\u2028])[\s{_INVISIBLE}]*[\n\r\x85\u2028]|\u2029")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a draft's text: code points from `start`, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation of a draft, its marks left out."""

    stretches: tuple[Stretch, ...]
    """In order; several when it is interrupted (“We will,” she said, “fight on.”) or opens anew at each paragraph."""
    within: int | None
    """Position, among the quotations of the draft, of the one that this one stands in."""
    mark: str
    """The opening mark; ">" for a block quotation."""

    @property
    def start(self) -> int:
        """Where its first word begins."""
        return self.stretches[0].start

    @property
    def end(self) -> int:
        """Where its last word ends, exclusive."""
        return self.stretches[-1].end


def quotations(text: str, blocks: Sequence[Stretch] = ()) -> tuple[Quotation, ...]:
    """The quotations in a draft, in the order in which they begin; `blocks` are what stands as block quotations.

    A mark that nothing closes opens no quotation, unless the next paragraph opens with it anew. Two quotations with a
    short clause between are one where that clause says who speaks and neither it nor what stands before it ends a
    sentence. An apostrophe, a foot or an inch is no mark. What holds no letter and no digit is no quotation.

    >>> text = "“We will,” she said, “fight on.” The workers’ “‘90s” are over."
    >>> [[text[part.start : part.end] for part in found.stretches] for found in quotations(text)]
    [['We will,', 'fight on.'], ['‘90s']]
    """
    words = _Words.of(text)
    set_apart = _blocks(text, blocks)
    pieces = _paired(text, set_apart)
    marked = [quote for quote in pieces if any(words.between(*piece) for piece in quote.pieces)]
    whole = [_Quote(">", start, end, [(start, end)], -1) for start, end in set_apart if words.between(start, end)]
    return _arranged(text, sorted([*whole, *marked], key=lambda quote: (quote.opened, -quote.closed)))


@dataclass(frozen=True, slots=True)
class _Words:
    """Where the runs of letters and digits of a text begin and end."""

    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "_Words":
        spans = [match.span() for match in _WORDS.finditer(text)]
        return cls([start for start, _end in spans], [end for _start, end in spans])

    def between(self, start: int, end: int) -> bool:
        at = bisect_right(self.ends, start)
        return at < len(self.starts) and self.starts[at] < end


# -- block quotations

_ATTRIBUTION = re.compile(rf"[\s{_INVISIBLE}]*(?:[—–―~]|--?)[ \t]*[^\W\d_]")
_LONGEST_ATTRIBUTION = 120


def _blocks(text: str, blocks: Iterable[Stretch]) -> list[tuple[int, int]]:
    """The block quotations by their words, each inside another or apart from it; without a last line "— Ada Brand"."""
    found: list[tuple[int, int]] = []
    above: list[tuple[int, int]] = []
    spans = {_trimmed(text, max(0, block.start), min(len(text), block.end)) for block in blocks}
    for start, end in sorted((span for span in spans if span[0] < span[1]), key=lambda span: (span[0], -span[1])):
        while above and above[-1][1] <= start:
            above.pop()
        cut = _without_attribution(text, start, end)
        if not above or end <= above[-1][1]:
            above.append((start, cut))
            found.append((start, cut))
    return list(dict.fromkeys(found))


def _without_attribution(text: str, start: int, end: int) -> int:
    """Where a block ends without a last line that names who is quoted."""
    tail = max(start, end - _LONGEST_ATTRIBUTION)
    breaks = list(_LINE_END.finditer(text, tail, end))
    if not breaks or not _ATTRIBUTION.match(text, breaks[-1].end(), end):
        return end
    before = _LINE_END.split(text[tail : breaks[-1].start()])[-1]
    return end if _ATTRIBUTION.match(before) else _trimmed(text, start, breaks[-1].start())[1]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the white space and the invisible characters at its ends."""
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return start, end


# -- marks and which way they turn


class _Turn(Enum):
    OPENS = auto()
    CLOSES = auto()
    EITHER = auto()
    """Closes what is open, else opens."""
    MAY_OPEN = auto()
    """An apostrophe at the start of a word (’tis, ’90s), or an opening mark."""
    MAY_CLOSE = auto()
    """An apostrophe, a foot or an inch at the end of a word (workers’, 6', 5"), or a closing mark."""
    ENDS_SENTENCE = auto()
    """No mark at all."""


@dataclass(slots=True)
class _Mark:
    at: int
    character: str
    turn: _Turn
    rank: int | None = None
    """How many marks stand before it on its line, if nothing else does."""
    is_number: bool = False
    """Whether digits follow."""
    before_word: bool = False
    """Whether a space and a word follow, as after a possessive."""


_SINGLE = frozenset("'‘’‚‛")
_DOUBLE = frozenset('"“”„‟')
_MARKS = "\"'“”„‟‘’‚‛«»‹›「」『』＂"
_EVERY_MARK = frozenset(_MARKS)
_UNSEEN = _INVISIBLE + "*_"
_TOKEN = re.compile(
    rf"""
    (?: https?:// | \bwww\. ) (?: [^\s<>"“”„«»'‘’‚‹›「」『』＂，。] | ['’](?=[\w/=&%]) )+  # in an address
    | (?<![\d.,]) \d{{1,3}} (?:\.\d{{1,2}})? \s? ['’] \s? \d{{1,2}} (?:\.\d{{1,2}}|\s?[½¼¾])? \s? ["”]     # 6' 2"
    | (?<!\w) ['‘’] [nN] ['‘’] (?!\w)                                       # rock ’n’ roll
    | (?P<stop> [.!?](?=\s) )
    | (?P<run> [{re.escape(_MARKS + _UNSEEN)}]+ )
    """,
    re.VERBOSE,
)
_SURE = dict.fromkeys("「『„‟", _Turn.OPENS) | dict.fromkeys("」』", _Turn.CLOSES) | {"＂": _Turn.EITHER}
_DASHES = frozenset("-–—―‒−‐‑/~")
_STOPS = frozenset(".,;:!?…，。、；：！？．")
_OPENING = frozenset("([{<（［【〈《¿¡")
_CLOSING = frozenset(")]}>）］】〉》¹²³⁴⁵⁶⁷⁸⁹⁰†‡")
_KINDS = {
    character: kind
    for kind, those in (("open", _OPENING), ("close", _CLOSING), ("stop", _STOPS), ("dash", _DASHES))
    for character in those
}
_ELIDED_START = re.compile(
    r"(?:tis|twas|twere|twill|twould|em|til|till|cause|cos|coz|bout|round|neath|tween|gainst|ere|nother|n|s|sup|"
    r"ood|appen|ow|ere|im|er|e|ave|ad|as|ome|alf|specially|[0-9]0s|[0-9]{2}(?![%:.,]))(?!\w)",
    re.IGNORECASE,
)
_ELIDED_END = re.compile(r"(?:^|\W)(?:o|th|an|ol|wi|tha)$", re.IGNORECASE)
_DOUBTFUL_END = re.compile(
    r"""
    s$ | (?<!\d)\d{1,2}$                     # workers’, 5"
    | (?<=\w\w)(?<!a)(?<!\bbeg)(?<!with)(?<!\bbas)(?<!\bcab)(?<!\bmarg)(?<!\borig)in$     # goin’
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEFORE_WORD = re.compile(r"\s+\w")
_INDENT = 12


def _marks(text: str, start: int, end: int) -> list[_Mark]:
    """The marks of a paragraph, and where sentences end in it."""
    found: list[_Mark] = []
    for token in _TOKEN.finditer(text, start, end):
        if token["stop"]:
            found.append(_Mark(token.start(), ".", _Turn.ENDS_SENTENCE))
        elif token["run"] and not _EVERY_MARK.isdisjoint(token["run"]):
            found += _marks_of_run(text, token.start(), token.end(), start, end)
    return found


def _marks_of_run(text: str, first: int, last: int, start: int, end: int) -> Iterator[_Mark]:
    """The marks that stand side by side from `first` to `last`; what is beside them all tells how each turns."""
    places = [at for at in range(first, last) if text[at] in _MARKS]
    beside = _Beside.of(text, first, last, (start, end), alone=len(places) == 1)
    begins = _begins_line(text, first, start)
    followed = beside.right == "space" and _BEFORE_WORD.match(text, last, min(end, last + _INDENT)) is not None
    for rank, at in enumerate(places):
        turn = beside.turn(text[at])
        if turn is not None:
            possessive = followed and at == places[-1]
            yield _Mark(at, text[at], turn, rank if begins else None, beside.after.isdecimal(), possessive)


def _begins_line(text: str, at: int, start: int) -> bool:
    since = max(start, at - _INDENT)
    *breaks, line = _LINE_END.split(text[since:at])
    return (bool(breaks) or since == start) and not line.strip().strip(_INVISIBLE)


def _kind(character: str) -> str:
    """What a neighbour of a mark is to it: "space", "open", "close", "stop", "dash" or "word"."""
    return _KINDS.get(character) or ("space" if not character or character.isspace() else "word")


def _has_no_apostrophes(character: str) -> bool:
    """Whether it is Chinese, Japanese or Korean, where a mark between two letters is no apostrophe."""
    return "\u1100" <= character <= "\u11ff" or "\u2e80" <= character <= "\ud7ff" or "\uf900" <= character <= "\uffef"


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside a run of marks."""

    text: str
    first: int
    last: int
    before: str
    after: str
    left: str
    right: str
    since: int
    """Where the paragraph begins."""
    alone: bool

    @classmethod
    def of(cls, text: str, first: int, last: int, within: tuple[int, int], *, alone: bool) -> "_Beside":
        """What stands beside the run in a paragraph; nothing at its ends."""
        before = text[first - 1] if first > within[0] else ""
        after = text[last] if last < within[1] else ""
        return cls(text, first, last, before, after, _kind(before), _kind(after), within[0], alone)

    def turn(self, mark: str) -> _Turn | None:
        """Which way a mark of the run turns; nothing for an apostrophe."""
        if mark in _SURE:
            return _SURE[mark]
        match mark:
            case '"':
                turn = self._straight()
            case "“" | "«" | "‹":
                turn = _Turn.EITHER if self._attached_left() and self._free_right() else _Turn.OPENS
            case "”":
                looks_open = self._free_left() and (self.right in {"word", "open"} or self._begins_with_stop())
                turn = _Turn.EITHER if looks_open else self._or_inches(_Turn.CLOSES)
            case "»" | "›":
                looks_open = self._free_left() and (self.right not in {"space", "stop"} or self._begins_with_stop())
                turn = _Turn.EITHER if looks_open else _Turn.CLOSES
            case _:
                turn = self._single(mark)
        return turn

    def _free_left(self) -> bool:
        return self.left in {"space", "open"} or (self.left == "dash" and self.right in {"word", "open"})

    def _attached_left(self) -> bool:
        return not self._free_left()

    def _free_right(self) -> bool:
        return self.right in {"space", "stop", "close", "dash"}

    def _begins_with_stop(self) -> bool:
        """Whether what follows begins with a full stop, as “… and” and “.org” do."""
        follows = self.text[self.last + 1 : self.last + 2]
        return self.after == "…" or (self.after == "." and bool(follows) and not follows.isspace())

    def _or_inches(self, turn: _Turn) -> _Turn:
        inches = self.before.isdecimal() and _DOUBTFUL_END.search(self._word_before())
        return _Turn.MAY_CLOSE if inches else turn

    def _straight(self) -> _Turn | None:
        if self._free_left():
            sloppy = self.right in {"space", "close"} or (self.right == "stop" and not self._begins_with_stop())
            return _Turn.EITHER if sloppy else _Turn.OPENS
        if self.right == "word":
            is_hebrew = "\u05d0" <= self.before <= "\u05ea" and "\u05d0" <= self.after <= "\u05ea"
            return None if is_hebrew and self.alone else self._or_inches(_Turn.EITHER)
        if self.left == self.right == "dash":
            return _Turn.EITHER
        return self._or_inches(_Turn.CLOSES)

    def _single(self, mark: str) -> _Turn | None:
        if self._in_word():
            return None
        if mark in "‚‛":
            return None if self.right == "space" else _Turn.OPENS
        if mark == "’" or (self._attached_left() and (mark == "'" or self._free_right())):
            return self._closing_single(mark)
        if self.right in {"space", "stop", "close"} and not self._begins_with_stop():
            return _Turn.EITHER if mark == "‘" or not self.alone else None
        return _Turn.MAY_OPEN if self.alone and _ELIDED_START.match(self.text, self.last) else _Turn.OPENS

    def _in_word(self) -> bool:
        if not self.alone or not (self.before.isalnum() and self.after.isalnum()):
            return False
        return "word" == self.left == self.right and not (
            _has_no_apostrophes(self.before) or _has_no_apostrophes(self.after)
        )

    def _closing_single(self, mark: str) -> _Turn | None:
        if mark == "’" and self._free_left() and self.right in {"word", "open"}:
            return None  # ’tis
        if mark == "‘":
            return _Turn.EITHER
        ending = self._word_before()
        if self.right == "space" and self.alone and _ELIDED_END.search(ending):
            return None
        if mark == "'" and self.left == "stop" and self.right == "word":
            return _Turn.EITHER
        return _Turn.MAY_CLOSE if _DOUBTFUL_END.search(ending) else _Turn.CLOSES

    def _word_before(self) -> str:
        """The last characters before the run, enough to tell what kind of word they end."""
        return self.text[max(self.since, self.first - _INDENT) : self.first]


def _decided(marks: list[_Mark]) -> list[_Mark]:
    """The marks of a paragraph without what turns out to be an apostrophe, a foot or an inch by what comes after it.

    ‘The workers’ rights are gone’ has its end further on; a ‘house of cards’ and “a ‘den of thieves’ too” have not.
    """
    decided: list[_Mark] = []
    ahead: dict[bool, str] = {}
    for mark in reversed(marks):
        if mark.turn is _Turn.ENDS_SENTENCE:
            ahead = {kind: state for kind, state in ahead.items() if state != "likely end"}
            continue
        family = mark.character in _SINGLE
        if not family and mark.character not in _DOUBLE:
            decided.append(mark)
            continue
        state = _state(mark, ahead.get(family, ""))
        if state is not None:
            ahead[family] = state
            decided.append(mark)
    return decided[::-1]


def _state(mark: _Mark, ahead: str) -> str | None:
    """What a mark is for those before it, given what comes after it; nothing where it is no mark."""
    match mark.turn:
        case _Turn.OPENS:
            return "start"
        case _Turn.CLOSES:
            return "end"
        case _Turn.MAY_OPEN:
            return "start" if ahead == "end" or (ahead == "likely end" and mark.is_number) else None
        case _Turn.MAY_CLOSE if not mark.before_word:
            return "likely end"
        case _Turn.MAY_CLOSE:
            return None if ahead in {"end", "likely end"} else "possible end"
        case _:
            return ""


# -- marks in pairs

_ENDS_WHAT = {  # what a mark that closes may close: those of its own custom, then those that it is mixed up with
    '"': ('"', "“"),
    "“": ("„‟”“", ""),
    "”": ("“„‟”", '"'),
    "'": ("'", "‘"),
    "‘": ("‚‛‘", ""),
    "’": ("‘‚‛", "'"),
    "«": ("»", ""),
    "»": ("«»", ""),
    "‹": ("›", ""),
    "›": ("‹›", ""),
    "」": ("「", ""),
    "』": ("『", ""),
    "＂": ("＂", ""),
}


@dataclass(slots=True, eq=False)
class _Quote:
    """Two marks that belong together."""

    mark: str
    opened: int
    """Where the opening mark stands."""
    closed: int
    """After the closing mark."""
    pieces: list[tuple[int, int]]
    """What stands between, cut where a paragraph opens anew."""
    paragraph: int
    """The number of the paragraph in which it ends."""
    begun: int = 0
    """The number of the paragraph in which it begins."""


@dataclass(slots=True, eq=False)
class _Open:
    mark: str
    at: int
    since: int
    begun: int
    pieces: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Pairing:
    """One pass over the marks of a draft."""

    text: str
    open: list[_Open] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    quotes: list[_Quote] = field(default_factory=list)
    paragraph: int = 0

    def read(self, marks: list[_Mark], *, anew: bool) -> None:
        """Take in a paragraph; `anew` where no quotation runs on into it."""
        self.paragraph += 1
        at = self._resumed(marks, 0, [] if anew else self._carried())
        while at < len(marks):
            mark = marks[at]
            if self._resumes_in_line(marks, at):
                at = self._resumed(marks, at, self._carried())
            else:
                self._take(mark)
                at += 1

    def _resumes_in_line(self, marks: list[_Mark], at: int) -> bool:
        mark = marks[at]
        return mark.rank == 0 and mark.turn is _Turn.OPENS and self.counts[mark.character] > 0

    def _carried(self) -> list[_Open]:
        """What may run on into the next paragraph: of each mark the last that is open."""
        last = {opened.mark: opened for opened in self.open}
        return sorted((one for one in last.values() if self._may_run_on(one)), key=lambda one: one.at)

    def _may_run_on(self, opened: _Open) -> bool:
        """Whether it is no stray apostrophe: a single mark runs on only where it begins a sentence or a quotation."""
        before = self.text[max(0, opened.at - _INDENT) : opened.at].strip(" \t\xa0" + _UNSEEN)
        nested = self.open[0] is not opened
        return opened.mark not in _SINGLE or nested or not before or before[-1] in ",:.!?—–\n\r\u2029" + _MARKS

    def _resumed(self, marks: list[_Mark], at: int, carried: list[_Open]) -> int:
        """The position after the marks that only say that what is `carried` goes on; all else that is open is void."""
        self.open, self.counts = [], Counter()
        stop = marks[at].at if at < len(marks) else 0
        for opened in carried:
            mark = marks[at] if at < len(marks) else None
            if mark is None or mark.rank != len(self.open) or not _says_goes_on(mark, opened.mark):
                continue
            opened.pieces.append((opened.since, stop))
            opened.since = mark.at + 1
            self._push(opened)
            at += 1
        return at

    def _take(self, mark: _Mark) -> None:
        own, mixed = _ENDS_WHAT.get(mark.character, ("", ""))
        match mark.turn:
            case _Turn.OPENS:
                self._begin(mark)
            case _Turn.CLOSES:
                _ = self._end(mark, own) or self._end(mark, mixed)
            case _Turn.MAY_CLOSE:
                self._end(mark, own)
            case _Turn.MAY_OPEN if any(self.counts[single] for single in _SINGLE):
                pass
            case _Turn.MAY_OPEN:
                self._begin(mark)
            case _:
                # What looks as if it opened cannot close its like: ”a” ”b”, »a« »b«.
                other = own.replace(mark.character, "") if mark.character in "”»›" else own
                if not self._end(mark, other):
                    self._begin(mark)

    def _begin(self, mark: _Mark) -> None:
        self._push(_Open(mark.character, mark.at, mark.at + 1, self.paragraph))

    def _push(self, opened: _Open) -> None:
        self.open.append(opened)
        self.counts[opened.mark] += 1

    def _end(self, mark: _Mark, what: str) -> bool:
        """Close the last that is open of `what`, all that was opened since being void; whether there was one."""
        if not any(self.counts[one] for one in what):
            return False
        if mark.character in _SINGLE and self.open[-1].mark not in what:
            return False
        while True:
            opened = self.open.pop()
            self.counts[opened.mark] -= 1
            if opened.mark in what:
                break
        pieces = [*opened.pieces, (opened.since, mark.at)]
        self.quotes.append(_Quote(opened.mark, opened.at, mark.at + 1, pieces, self.paragraph, opened.begun))
        return True


def _says_goes_on(mark: _Mark, opened: str) -> bool:
    if opened == "«" and mark.character == "»":
        return True
    return mark.character == opened and (mark.turn is _Turn.OPENS or mark.character in "”»")


def _paired(text: str, blocks: list[tuple[int, int]]) -> list[_Quote]:
    pairing = _Pairing(text)
    for start, end, anew in _paragraphs(text, blocks):
        pairing.read(_decided(_marks(text, start, end)), anew=anew)
    return pairing.quotes


def _paragraphs(text: str, blocks: list[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each paragraph, and whether it stands apart from the one before it, as a block does."""
    edges = {edge for block in blocks for edge in block}
    blanks = {match.end() for match in _BLANK.finditer(text)}
    for start, end in pairwise(sorted({0, len(text), *edges, *blanks})):
        yield start, end, start in edges


# -- quotations from pairs

_SAYING = re.compile(
    r"""\b(?:
    sa(?:y|ys|id|ying) | tell(?:s|ing)? | told | ask(?:s|ed|ing)? | add(?:s|ed|ing)? | wr(?:ite|ites|ote|iting)
    | reply | replie[sd] | replying | answer(?:s|ed|ing)? | repl(?:y|ies|ied) | respond(?:s|ed|ing)?
    | continu(?:e|es|ed|ing) | (?:goes|went|going|go)\ on | conclud(?:e|es|ed|ing) | explain(?:s|ed|ing)?
    | insist(?:s|ed|ing)? | argu(?:e|es|ed|ing) | warn(?:s|ed|ing)? | not(?:es|ed|ing) | observ(?:e|es|ed|ing)
    | remark(?:s|ed|ing)? | claim(?:s|ed|ing)? | declar(?:e|es|ed|ing) | announc(?:e|es|ed|ing) | stat(?:ed|ing)
    | admit(?:s|ted|ting)? | acknowledg(?:e|es|ed|ing) | conced(?:e|es|ed|ing) | confirm(?:s|ed|ing)?
    | stress(?:es|ed|ing)? | emphasi[sz](?:e|es|ed|ing) | suggest(?:s|ed|ing)? | recall(?:s|ed|ing)?
    | promis(?:e|es|ed|ing) | vow(?:s|ed|ing)? | pledg(?:e|es|ed|ing) | urg(?:e|es|ed|ing) | complain(?:s|ed|ing)?
    | jok(?:es|ed|ing) | quip(?:s|ped|ping)? | cr(?:y|ies|ied|ying) | shout(?:s|ed|ing)? | whisper(?:s|ed|ing)?
    | mutter(?:s|ed|ing)? | tweet(?:s|ed|ing)? | post(?:s|ed|ing) | repeat(?:s|ed|ing)? | testif(?:y|ies|ied|ying)
    | point(?:s|ed|ing)?\ out | comment(?:s|ed|ing)? | maintain(?:s|ed|ing)? | assert(?:s|ed|ing)? | read(?:s|ing)?
    | laugh(?:s|ed|ing)? | smil(?:es|ed|ing) | sigh(?:s|ed|ing)? | paus(?:es|ed|ing) | shrug(?:s|ged|ging)?
    | according\ to | began | begins | ended | quot(?:es|ed|ing) | thought | thinks | believes | believed
    | sagt(?:e|en)? | meint(?:e|en)? | erklärt(?:e|en)? | betont(?:e|en)? | fragt(?:e|en)? | schr(?:ieb|eibt)
    | so\ (?:der|die|das) | dit | déclar(?:é|e|ait) | affirm(?:é|e|ait) | ajout(?:é|e|ait) | expliqu(?:é|e|ait) | selon
    | dijo | dice | afirmó | añadió | explicó | según | disse | diz | afirmou | ha\ detto | dichiarato | aggiunto
    | zei | zegt | aldus | säger | sade | sier
    )\b | 说 | 說 | 表示 | 指出 | 强调 | 強調 | 称 | 稱 | 道""",
    re.VERBOSE | re.IGNORECASE,
)
_PRONOUN_SAYS = re.compile(r"\s*(?:he|she|they|I|we|it|who)\s+\w+", re.IGNORECASE)
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|Maj|Capt|Sgt|Rev|Hon|St|Jr|Sr|Inc|Ltd|Co|Jan|Feb|Aug|Sept?|"
    r"Oct|Nov|Dec|a\.m|p\.m|[^\W\d_])\."
)
_ENDS = re.compile(r"[.!?;:。！？；：…]")
_GOES_ON = re.compile(r"(?:[,，、—–―]|--|(?<=\s)-)\s*\Z")
_DASH = re.compile(r"\s*(?:[—–―]|--|-(?=\s))")
_ENDS_SENTENCE = re.compile(r"[.!?。！？][\"'”’»)]*(?:\s|$)|\n")
_NOTHING = dict.fromkeys(map(ord, _UNSEEN))
_LONGEST_CLAUSE = 200
_MOST_WORDS = 12
_MOST_CHINESE = 30
_BEFORE = 60
_INTRODUCING_WORDS = 4


@dataclass(slots=True, eq=False)
class _Group:
    """What is one quotation: a pair of marks, or several that an interrupted quotation is written in."""

    quotes: list[_Quote]
    parent: "_Group | None"

    @property
    def mark(self) -> str:
        return self.quotes[0].mark

    def is_all_of(self, block: "_Group") -> bool:
        """Whether a block quotation is nothing but this quotation in its marks."""
        outer = block.quotes[0]
        return outer.mark == ">" and (outer.opened, outer.closed) == (self.quotes[0].opened, self.quotes[-1].closed)


def _arranged(text: str, quotes: list[_Quote]) -> tuple[Quotation, ...]:
    groups = _grouped(text, quotes)
    wrapped = {id(group.parent) for group in groups if group.parent is not None and group.is_all_of(group.parent)}
    kept = [group for group in groups if id(group) not in wrapped]
    spans = [_stretches(text, group) for group in kept]
    order = sorted(range(len(kept)), key=lambda at: (spans[at][0].start, -spans[at][-1].end))
    position = {id(kept[at]): number for number, at in enumerate(order)}
    found = []
    for at in order:
        parent = kept[at].parent
        while parent is not None and id(parent) in wrapped:
            parent = parent.parent
        found.append(Quotation(spans[at], None if parent is None else position[id(parent)], kept[at].mark))
    return tuple(found)


def _stretches(text: str, group: _Group) -> tuple[Stretch, ...]:
    spans = (_trimmed(text, *piece) for quote in group.quotes for piece in quote.pieces)
    return tuple(Stretch(start, end) for start, end in spans if start < end)


def _grouped(text: str, quotes: list[_Quote]) -> list[_Group]:
    """The quotations in the order in which they open, those joined that an attribution interrupts."""
    groups: list[_Group] = []
    group_of: dict[int, _Group] = {}
    last: dict[tuple[int, str], _Group] = {}
    above: list[tuple[int, _Group]] = []
    for start, end, quote in sorted(_pieces(quotes), key=lambda piece: (piece[0], -piece[1])):
        while above and above[-1][0] <= start:
            above.pop()
        if id(quote) not in group_of:
            parent = above[-1][1] if above else None
            group = last.get((id(parent), quote.mark))
            if group is None or not _goes_on(text, group, quote):
                group = _Group([], parent)
                groups.append(group)
            group.quotes.append(quote)
            group_of[id(quote)] = last[id(parent), quote.mark] = group
        above.append((end, group_of[id(quote)]))
    return groups


def _pieces(quotes: list[_Quote]) -> Iterator[tuple[int, int, _Quote]]:
    """Every quote, where it opens anew too, with its marks."""
    for quote in quotes:
        for number, (start, end) in enumerate(quote.pieces):
            first = quote.opened if number == 0 else start
            yield first, quote.closed if number == len(quote.pieces) - 1 else end, quote


def _goes_on(text: str, group: _Group, quote: _Quote) -> bool:
    """Whether what stands between two quotes only says who speaks, so that the second goes on with the first."""
    before = group.quotes[-1]
    gap = text[before.closed : quote.opened].translate(_NOTHING)
    if before.mark == ">" or before.paragraph != quote.begun or not _is_clause(gap):
        return False
    if len(group.quotes) == 1 and _introduced(text, before.opened):
        return False
    start, end = before.pieces[-1]
    cut = _trimmed(text, start, end)[1]
    ended = text[max(start, cut - 2) : cut]
    goes_on_small = text[quote.opened + 1 : quote.opened + 2].islower()
    by_dashes = _DASH.match(gap) is not None and gap.rstrip()[-1] in _DASHES
    said = len(_SAYING.findall(gap))
    if by_dashes:
        return said == 1 or (said == 0 and goes_on_small)
    if said != 1 or ended.endswith((".", "!", "?", "。", "！", "？", ";", ":")):
        return False
    if ended.endswith("…"):
        return goes_on_small
    comma = ended.endswith((",", "，", "、", "—", "–", "-")) or gap.lstrip().startswith((",", "，"))
    return comma or by_dashes or _DASH.match(gap) is not None or _PRONOUN_SAYS.match(gap) is not None


def _is_clause(gap: str) -> bool:
    """Whether a gap is a few words that end no sentence and end in a comma or a dash."""
    if len(gap) > _LONGEST_CLAUSE or not _GOES_ON.search(gap) or _BLANK.search(gap):
        return False
    words = len(_WORDS.findall(gap))
    chinese = sum(_has_no_apostrophes(character) for character in gap)
    return 0 < words <= _MOST_WORDS and chinese <= _MOST_CHINESE and not _ENDS.search(_ABBREVIATION.sub("", gap))


def _introduced(text: str, opened: int) -> bool:
    """Whether a quote is already said to be somebody's by what stands before it, as in: She said “no,” …."""
    before = _ENDS_SENTENCE.split(text[max(0, opened - _BEFORE) : opened])[-1]
    words = before.split()[-_INTRODUCING_WORDS:]
    return _SAYING.search(" ".join(words)) is not None
