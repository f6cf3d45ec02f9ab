"""Whether there is enough evidence to answer at all: one number from what the ranking found."""

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from math import exp, log
from typing import NamedTuple, Self

from corpus.errors import OnRecordError

_SENTENCE_END = re.compile(r"(?<=[.?!;。？！])[\"”’»)\]]*\s+|\n+")
_NAME = re.compile(r"(?<=[\w,;:’'”)(“] )[A-Z][\w’'-]+")
"""A capitalised word that does not begin a sentence."""
_NUMBER = re.compile(r"\d[\d,.]*")
_FIGURE = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|half|"
    r"third|quarter|first|second|once|twice|several)\b",
    re.IGNORECASE,
)
_ASKS_FIGURE = re.compile(
    r"\b(?:how (?:many|much|long|old|often|far|large|big|tall)|when|(?:what|which) "
    r"(?:percent\w*|number|amount|year|date|day|month|century|decade))\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:not|never|no|nor|neither|without|except|fail\w*|lack\w*)\b|n['’]t\b", re.IGNORECASE)
_SHORT = 8
"""Beyond so many words that are indexed a question is no longer short."""
_RARITY, _AMOUNT, _SENTENCE = 10.0, 24.0, 8.0
"""Inverse document frequencies: of a rare word, of much that is found, of a sentence that says anything."""
_GREATEST = 1e6
"""No weight or bias is greater."""
_SUREST = 30.0
"""The logit of a confidence that is still less than 1."""


_FITTED_ON = 38_749
"""Passages of the collection of press answers."""
_NEARER = 0.012
"""What the nearest of e times as many passages is nearer."""


class DamagedCalibration(OnRecordError):
    """A calibration from which no confidence can be computed."""

    def __init__(self, lack: str) -> None:
        super().__init__(f"The calibration is damaged: {lack}.", "Run `onrecord calibrate`, or delete the file.")


class Witness(NamedTuple):
    """One of the passages that rank first: its text, and its cosine with the question."""

    text: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer: for each more is better, and all but the cosines are 0 to 1."""

    nearest: float
    """Cosine of the nearest passage."""
    witnesses: float
    """Mean cosine of the passages that rank first."""
    together: float
    """Share of the question's words, weighed by rarity, that those passages have together."""
    amount: float
    """How much rarity the words make up that one of the passages has: 1 for very much."""
    asked: float
    """The share that a passage has of that sentence of the question of which it has most."""
    names: float
    """Share of the question's names and numbers that one passage has; 1 when it has none."""
    pairs: float
    """Share of the question's neighbouring words that are neighbours in one of the passages."""
    said: float
    """Less, the rarer the rarest word that the best sentence lacks. Of a short question, as all that follow."""
    named: float
    """Less, the more of the question are names that the best sentence lacks."""
    numbered: float
    """Less, the more of the question are numbers that the best sentence lacks."""
    denied: float
    """Less when the question denies something and the best sentence does not."""
    figure: float
    """Less when the question asks for a number or a time and the best sentence has none."""
    words: int
    """How many words of the question are indexed: how much there is to judge by."""


WEIGHED = tuple(field.name for field in fields(Signals) if field.name != "words")
"""The names of the signals that have a weight."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the signals are weighed: a logistic model, and the confidence from which on there is an answer."""

    weights: Mapping[str, float]
    """By the name of the signal; none is below 0, so that more evidence never means less confidence."""
    bias: float
    threshold: float = 0.5

    def __post_init__(self) -> None:
        if lack := _lack(self.weights, self.bias, self.threshold):
            raise DamagedCalibration(lack)

    def confidence(self, found: Signals) -> float:
        """How likely it is, 0 to 1, that the passages answer the question.

        The fewer words a question has, the less they prove, and the nearer it is to 1/2.
        """
        weighed = sum(weight * float(getattr(found, name)) for name, weight in self.weights.items())
        logit = (weighed + self.bias) * _sureness(found)
        return 1 / (1 + exp(-max(-_SUREST, min(_SUREST, logit))))

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return json.dumps(
            {"weights": dict(self.weights), "bias": self.bias, "threshold": self.threshold}, indent=2, allow_nan=False
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote. Raises `DamagedCalibration`."""
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            raise DamagedCalibration("it is not JSON") from None
        if not isinstance(held, dict) or held.keys() != {"weights", "bias", "threshold"}:
            raise DamagedCalibration("it has not the fields weights, bias and threshold")
        return cls(**held)


def _sureness(found: Signals) -> float:
    """How much the signals prove, 0 to 1, by the number of the question's words."""
    return (found.words + 1) / (found.words + 1 + _SHORT)


def _lack(weights: object, bias: object, threshold: object) -> str | None:
    """What is wrong with a calibration's fields."""
    if not isinstance(weights, Mapping) or set(weights) != set(WEIGHED):
        return "its weights are not those of the signals"
    if not all(_is_number(weight) and weight >= 0 for weight in weights.values()):
        return "a weight is no number from 0 up"
    if not _is_number(bias):
        return "its bias is no number"
    if not (isinstance(threshold, int | float) and _is_number(threshold) and 0 < threshold < 1):
        return "its threshold is not between 0 and 1"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _GREATEST


DEFAULT = Calibration(
    weights={
        "nearest": 13.12,
        "witnesses": 14.18,
        "together": 5.86,
        "amount": 2.53,
        "asked": 2.05,
        "names": 0.89,
        "pairs": 3.56,
        "said": 2.66,
        "named": 4.62,
        "numbered": 26.11,
        "denied": 7.6,
        "figure": 2.94,
    },
    bias=-63.09,
)
"""Logistic regression, no weight below 0, on half of the judged questions of four collections: a spokesperson's
answers, ministers' written answers, encyclopaedia paragraphs with adversarial questions, and conversations. Its level
and its scale serve the first two. It is made for the default model."""


def signals(
    question: str,
    rarity: Mapping[str, float],
    words: Callable[[str], Sequence[str]],
    nearest: float,
    witnesses: Sequence[Witness],
) -> Signals:
    """What the passages that rank first, and the nearest one's cosine, say for an answer to the question.

    `rarity` is the inverse document frequency of each of the question's words; `words` gives the words of a text as
    they are indexed, in order, repeated ones again.
    """
    passages = [_Sentences.of(witness.text, words) for witness in witnesses]
    texts = [set().union(*passage.words) for passage in passages]
    whole = sum(rarity.values()) or 1.0
    best = _best_sentence(passages, rarity)
    shortness = 1 / (1 + (len(rarity) / _SHORT) ** 3)
    names, numbers = _of(_NAME, question, words), _of(_NUMBER, question, words)
    lacking = {word: weight for word, weight in rarity.items() if word not in best.words}

    def unless(loss: float) -> float:
        return 1 - shortness * min(loss, 1.0)

    return Signals(
        nearest=nearest,
        witnesses=sum(witness.cosine for witness in witnesses) / max(len(witnesses), 1),
        together=_weight(rarity, set().union(*texts)) / whole,
        amount=1 - exp(-max((_weight(rarity, text) for text in texts), default=0.0) / _AMOUNT),
        asked=_best_asked(question, rarity, words, texts),
        names=_share(rarity, names | numbers, texts),
        pairs=_share_of_pairs(words(question), rarity, passages),
        said=unless(max(lacking.values(), default=0.0) / _RARITY),
        named=unless(_weight(lacking, names) / whole),
        numbered=unless(_weight(lacking, numbers) / whole),
        denied=unless(_denies(question) and not _NEGATION.search(best.text)),
        figure=unless(_ASKS_FIGURE.search(question) is not None and not _has_figure(best.text, question)),
        words=len(rarity),
    )


def names_in(question: str, words: Callable[[str], Sequence[str]]) -> set[str]:
    """The words of the names and numbers in a question, as `words` gives them.

    >>> sorted(names_in("And in Orm, in 2021?", lambda text: text.lower().split()))
    ['2021', 'orm']
    """
    return _of(_NAME, question, words) | _of(_NUMBER, question, words)


def as_among_many(cosine: float, passages: int) -> float:
    """What the cosine of the nearest of so many passages would be, about, among as many as `DEFAULT` was fitted on.

    The more passages, the nearer one of them comes to any question, also to one about other matters: of five
    collections the nearest to such questions had a median cosine of 0.22 (104 passages), 0.23 (846), 0.31 (3,487),
    0.30 (30,302) and 0.29 (38,749).
    """
    return cosine + _NEARER * max(0.0, log(_FITTED_ON / max(passages, 1)))


def sentences(text: str) -> list[str]:
    """A text cut, quickly and roughly, where its sentences and lines end: to compare them, not to quote them.

    >>> sentences("We came. “Is it true?” he asked.")
    ['We came.', '“Is it true?', 'he asked.']
    """
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence]


class _Sentence(NamedTuple):
    text: str
    words: frozenset[str]


class _Sentences(NamedTuple):
    """A passage's sentences: the text of each, its words, and its pairs of neighbouring words."""

    texts: list[str]
    words: list[set[str]]
    pairs: set[tuple[str, str]]

    @classmethod
    def of(cls, text: str, words: Callable[[str], Sequence[str]]) -> Self:
        texts = sentences(text)
        said = [words(sentence) for sentence in texts]
        return cls(
            texts, [set(sentence) for sentence in said], {pair for sentence in said for pair in pairwise(sentence)}
        )


def _best_sentence(passages: Iterable[_Sentences], rarity: Mapping[str, float]) -> _Sentence:
    """The sentence with most of the question's words, the first of equals."""
    each = (sentence for passage in passages for sentence in zip(passage.texts, passage.words, strict=True))
    text, words = max(each, key=lambda sentence: _weight(rarity, sentence[1]), default=("", set()))
    return _Sentence(text, frozenset(words))


def _of(pattern: re.Pattern[str], question: str, words: Callable[[str], Sequence[str]]) -> set[str]:
    return set(words(" ".join(pattern.findall(question))))


def _weight(rarity: Mapping[str, float], held: Container[str]) -> float:
    return sum(weight for word, weight in rarity.items() if word in held)


def _share(rarity: Mapping[str, float], asked: set[str], texts: Iterable[set[str]]) -> float:
    """The greatest share of the words asked for that a text has; 1 when none is asked for."""
    whole = _weight(rarity, asked)
    return max((_weight(rarity, asked & text) for text in texts), default=0.0) / whole if whole else 1.0


def _best_asked(
    question: str, rarity: Mapping[str, float], words: Callable[[str], Sequence[str]], texts: Sequence[set[str]]
) -> float:
    """A long question is answered by what answers one of its sentences, one that says anything."""
    asked = [set(words(sentence)) for sentence in sentences(question)]
    telling = [sentence for sentence in asked if _weight(rarity, sentence) >= _SENTENCE] or [set(rarity)]
    return max((_share(rarity, sentence, texts) for sentence in telling), default=0.0)


def _share_of_pairs(asked: Sequence[str], rarity: Mapping[str, float], passages: Iterable[_Sentences]) -> float:
    weights = {pair: min(rarity.get(word, 0.0) for word in pair) for pair in pairwise(asked)}
    whole = sum(weights.values())
    found = (sum(weight for pair, weight in weights.items() if pair in passage.pairs) for passage in passages)
    return max(found, default=0.0) / whole if whole else 0.0


def _denies(question: str) -> bool:
    """Whether it does behind its first word: "Isn't it so?" asks whether it is."""
    return _NEGATION.search(question.strip().partition(" ")[2]) is not None


def _has_figure(sentence: str, question: str) -> bool:
    """Whether the sentence has a figure that is not the question's own."""
    repeated = set(_NUMBER.findall(question))
    return any(found not in repeated for found in _NUMBER.findall(sentence)) or bool(
        _FIGURE.search(_NUMBER.sub("", sentence))
    )
