"""Which words of a passage are marked: those of the sentence that seems to answer best."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import log

from corpus import sentences
from service.answer import Span

LONGEST = 45
"""Of a sentence of more words only the clauses are marked that have something of the question."""

Words = Callable[[str], Iterable[str]]
"""The words of a text as the keyword index holds them: forms of one word alike, stop words left out."""

_FLATTENED = 0.7
"""Power of the weights: a name alone should not outweigh all else that is asked."""
_AKIN = 0.3
"""What a word of the same family counts, "Norsemen" for "Norse": one that begins with the same letters."""
_SAME_LETTERS = 4
_LEANING = 0.3
"""What the sentence before counts where a pronoun takes up what it is about."""
_DATED, _COUNTED = 0.25, 0.17
"""What a date counts when the question is when, and a number when it is how many, beside 1 for all its words."""
_FEWEST = 8
"""Clauses of fewer words are not told apart from the one before."""

_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|long|old|far|large|big|often|high|tall|fast)\b"
    r"|\bwhat (?:percent|percentage|share|number|amount|proportion)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:(?:1\d|20)\d\d|\d+(?:st|nd|rd|th)"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
    r"|yesterday|today|tomorrow|tonight|century|centuries|(?:next|last) (?:week|month|year))\b"
)
_NUMBER = re.compile(
    r"\b(?:\d(?:[\d.,]*\d)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty"
    r"|half|none|zero|(?:hundred|thousand|million|billion|dozen)s?)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"[“\"'‘]?(?:he|she|it|they|this|these|those|that|his|her|its|their|such)\b", re.IGNORECASE)
_JOINS = re.compile(r"(?:and|but|or|so|yet|because|which|while|although|whereas)\b", re.IGNORECASE)
_DIVIDES = (";", ":", "；", "：")
_CLOSES = '"”’»)]'


@dataclass(frozen=True, slots=True)
class _Sought:
    """A kind of thing that is asked for, and what a sentence gains by having one that the question has not."""

    pattern: re.Pattern[str]
    known: frozenset[str]
    gain: float

    def stands_in(self, text: str) -> bool:
        return any(found[0].lower() not in self.known for found in self.pattern.finditer(text))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question looks for in the sentences of a passage: made once, for all the passages of an answer.

    >>> def words(text):
    ...     return text.lower().strip(".?").split()
    >>> wanted = Wanted.of("When did zinc rise?", {"zinc": 3.0, "rise": 1.0}, words)
    >>> text = "Zinc is a metal. Zinc did rise in May."
    >>> wanted.best(text, [(0, 16), (17, 38)])
    Span(start=17, end=38)
    """

    weights: Mapping[str, float]
    """What each word of the question weighs in any passage, above 0."""
    words: Words
    sought: tuple[_Sought, ...] = ()

    @classmethod
    def of(cls, question: str, rarity: Mapping[str, float], words: Words) -> "Wanted":
        """Look for the words of `rarity`, which are the question's, each with its inverse document frequency.

        A preamble counts as the question itself does: answers take up its subject.
        """
        weights = {word: rare**_FLATTENED for word, rare in rarity.items() if rare > 0}
        return cls(weights, words, _sought(question))

    def best(self, text: str, spans: Sequence[sentences.Span]) -> Span | None:
        """The best of a passage's sentences, given in order as spans of `text`; `None` when none has a word asked for.

        Of equals the first. Of a sentence of more than `LONGEST` words it is the shortest run of clauses that has all
        that the sentence has of the question.
        """
        texts = [text[start:end] for start, end in spans]
        held = [set(self.words(sentence)) for sentence in texts]
        scores = self._scores(texts, held)
        if not any(scores):
            return None
        best = max(range(len(spans)), key=scores.__getitem__)
        needed = self.weights.keys() & held[best]
        if needed and len(texts[best].split()) > LONGEST:
            return Span(*self._run(text, spans[best], needed))
        return Span(*spans[best])

    def _scores(self, texts: Sequence[str], held: Sequence[Set[str]]) -> list[float]:
        """What each sentence has of what is wanted; 0 where it has no word and leans on no sentence that has one."""
        weights = self._weights_among(held)
        shares = [_covered(weights, words) for words in held]
        leaning = [
            _LEANING * before if before and _PRONOUN.match(text) else 0.0
            for text, before in zip(texts, [0.0, *shares], strict=False)
        ]
        scores = [share + lent for share, lent in zip(shares, leaning, strict=True)]
        return [score and score + sum(self._gains(text)) for score, text in zip(scores, texts, strict=True)]

    def _weights_among(self, held: Sequence[Set[str]]) -> dict[str, float]:
        """What each word weighs in one passage, 1 together.

        A word is weighed as rare in the collection and, by the same formula, as rare among the passage's sentences:
        what stands in all of them tells none from the others.
        """
        standing = Counter(word for words in held for word in self.weights.keys() & words)
        weights = {
            word: weight * log(1 + (len(held) - standing[word] + 0.5) / (standing[word] + 0.5)) ** _FLATTENED
            for word, weight in self.weights.items()
        }
        whole = sum(weights.values())
        return {word: weight / whole for word, weight in weights.items()}

    def _gains(self, text: str) -> list[float]:
        return [sought.gain for sought in self.sought if sought.stands_in(text)]

    def _run(self, text: str, sentence: sentences.Span, needed: Set[str]) -> sentences.Span:
        """The shortest run of clauses with all the words that are needed, and with the date or number asked for."""
        clauses = _clauses(text, *sentence)
        held = [needed & set(self.words(text[start:end])) for start, end in clauses]
        gains = self._gains(text[slice(*sentence)])
        runs = [
            (clauses[first][0], clauses[last][1])
            for first in range(len(clauses))
            for last in range(first, len(clauses))
            if needed <= set().union(*held[first : last + 1])
        ]
        return min(
            (run for run in runs if self._gains(text[slice(*run)]) == gains),
            key=lambda run: run[1] - run[0],
            default=sentence,
        )


def _sought(question: str) -> tuple[_Sought, ...]:
    kinds = ((_WHEN, _DATE, _DATED), (_HOW_MANY, _NUMBER, _COUNTED))
    return tuple(
        _Sought(pattern, frozenset(found[0].lower() for found in pattern.finditer(question)), gain)
        for cue, pattern, gain in kinds
        if cue.search(question)
    )


def _covered(weights: Mapping[str, float], words: Set[str]) -> float:
    """The weights of the words that a sentence has, with something for their kin; 0 where it has no word itself."""
    exact = weights.keys() & words
    if not exact:
        return 0.0
    starts = {word[:_SAME_LETTERS] for word in words}
    akin = [word for word in weights.keys() - words if word[:_SAME_LETTERS] in starts and len(word) >= _SAME_LETTERS]
    return sum([weights[word] for word in exact]) + _AKIN * sum([weights[word] for word in akin])


def _clauses(text: str, start: int, end: int) -> list[sentences.Span]:
    """Clauses that could stand alone: cut at semicolons and colons, and before "and", "because" and their like.

    Not at dashes: where speech is written down they mark what was broken off as often as what was put in.
    """
    clauses: list[sentences.Span] = []
    for begin, stop in sentences.clause_spans(text, start, end):
        if clauses and not _is_cut(text, clauses[-1], (begin, stop), end):
            clauses[-1] = (clauses[-1][0], stop)
        else:
            clauses.append((begin, stop))
    return clauses


def _is_cut(text: str, before: sentences.Span, after: sentences.Span, end: int) -> bool:
    divided = text[slice(*before)].rstrip(_CLOSES).endswith(_DIVIDES) or _JOINS.match(text, *after) is not None
    return divided and min(len(text[slice(*before)].split()), len(text[after[0] : end].split())) >= _FEWEST
