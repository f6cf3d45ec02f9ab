"""A calibration of a collection's own, without labels: how near its own matters are for its encoder, and others not."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from corpus.archive_file import UnusableFolder
from corpus.durable import replacing
from corpus.errors import OnRecordError
from service.evidence import DEFAULT, Calibration, DamagedCalibration, sentences

FILE = "calibration.json"
FEWEST = 50
"""Passages from which a collection can be calibrated."""
MOST = 200
"""Questions that are made of a collection's passages."""
_INSIDE, _ELSEWHERE = 0.57, 0.29
"""The two medians where the default calibration was fitted, on 27,123 press answers with the default model."""
_USUAL = 0.1
"""By so much do collections differ that one model encodes: a difference of twice as much is another model's."""
_LEAST_SPREAD = 0.02
_FEWEST_WORDS, _KEPT = 6, 0.7
_WORD = re.compile(r"[\w’'-]+")


class TooFewPassages(OnRecordError):
    """The collection is too small to be calibrated."""

    def __init__(self, passages: int) -> None:
        super().__init__(
            f"{passages} passages with a whole sentence in them are too few to calibrate from.",
            f"Ingest more, at least {FEWEST}; until then the default calibration serves.",
        )


class NotTold(OnRecordError):
    """To the encoder, what the collection says is as far from a question about it as from any other."""

    def __init__(self) -> None:
        super().__init__(
            "The encoder does not tell questions about this collection from questions about other matters.",
            "Encode it with another one: `onrecord reindex --model NAME`.",
        )


class Origin(StrEnum):
    """Where the calibration in use comes from."""

    DEFAULT = "default"
    OWN = "calibrated"
    OTHER_ENCODER = "default, as calibration.json was made for another encoder"


class InUse(NamedTuple):
    """The calibration that serves a collection, and where it comes from."""

    calibration: Calibration
    origin: Origin


def calibrate(
    passages: Sequence[str], words: Callable[[str], Sequence[str]], nearest: Callable[[str], float], seed: int = 0
) -> Calibration:
    """The default calibration, its cosines fitted to the collection whose passages these are.

    `words` gives the words of a text as they are indexed; `nearest` the cosine of the passage nearest to a question.
    It is asked some that the passages answer, as they are made of their own words, and some about other matters. What
    lies between the medians of the two is stretched or shrunk to where the default model has them. Raises
    `TooFewPassages` and `NotTold`.
    """
    asked = made_questions(passages, words, seed)
    if len(asked) < FEWEST:
        raise TooFewPassages(len(asked))
    inside, elsewhere = median(map(nearest, asked)), median(map(nearest, OTHER_MATTERS))
    if inside - elsewhere < _LEAST_SPREAD:
        raise NotTold
    inside_at, elsewhere_at = _moved(inside, _INSIDE), _moved(elsewhere, _ELSEWHERE)
    scale = (inside_at - elsewhere_at) / (inside - elsewhere)
    return with_cosines(DEFAULT, scale, elsewhere_at - scale * elsewhere)


def made_questions(passages: Sequence[str], words: Callable[[str], Sequence[str]], seed: int = 0) -> list[str]:
    """Questions that the passages answer: of each of at most `MOST`, most telling words of one of its sentences.

    The same for the same passages and seed. A passage without a sentence that says enough gives none.
    """
    chance = Random(seed)  # noqa: S311, it draws samples
    drawn = chance.sample(passages, len(passages))
    asked: list[str] = []
    for passage in drawn:
        if len(asked) == MOST:
            break
        telling = [sentence for sentence in sentences(passage) if len(set(words(sentence))) >= _FEWEST_WORDS]
        if telling:
            asked.append(_some_words(chance.choice(telling), words, chance))
    return asked


def with_cosines(calibration: Calibration, scale: float, shift: float) -> Calibration:
    """The one that takes `scale` times a cosine, and `shift` more, for what `calibration` takes a cosine for.

    >>> with_cosines(DEFAULT, 1.0, 0.0) == DEFAULT
    True
    """
    near = {name: calibration.weights[name] for name in ("nearest", "witnesses")}
    scaled = {name: scale * weight for name, weight in near.items()}
    return replace(
        calibration,
        weights={**calibration.weights, **scaled},
        bias=calibration.bias + shift * sum(near.values()),
    )


def save(calibration: Calibration, data: Path, fingerprint: str) -> None:
    """Keep it in the data folder for the encoder of that fingerprint: whole, or what was there stays.

    Raises `UnusableFolder`.
    """
    held = {"encoder": fingerprint, "calibration": json.loads(calibration.to_json())}
    try:
        with replacing(data / FILE) as file:
            file.write(json.dumps(held, indent=2).encode())
    except OSError as error:
        raise UnusableFolder(data, error.strerror or str(error)) from None


def load(data: Path, fingerprint: str) -> InUse:
    """The calibration kept in the data folder, or the default where none is, or one made for another encoder.

    Raises `DamagedCalibration`.
    """
    try:
        text = (data / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return InUse(DEFAULT, Origin.DEFAULT)
    except (OSError, UnicodeDecodeError):
        raise DamagedCalibration(f"{data / FILE} cannot be read") from None
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedCalibration("it is not JSON") from None
    if not isinstance(held, dict) or held.keys() != {"encoder", "calibration"}:
        raise DamagedCalibration("it has not the fields encoder and calibration")
    calibration = Calibration.from_json(json.dumps(held["calibration"]))
    if held["encoder"] != fingerprint:
        return InUse(DEFAULT, Origin.OTHER_ENCODER)
    return InUse(calibration, Origin.OWN)


def _some_words(sentence: str, words: Callable[[str], Sequence[str]], chance: Random) -> str:
    """Most of its telling words, in their order: a question shares no more with what answers it."""
    telling = [word for word in _WORD.findall(sentence) if words(word)]
    kept = chance.sample(range(len(telling)), round(_KEPT * len(telling)))
    return " ".join(telling[place] for place in sorted(kept))


def _moved(found: float, usual: float) -> float:
    """Where a median is moved to: half the way to the usual one from near it, all the way from far."""
    difference = usual - found
    return found + difference * min(1.0, max(0.5, abs(difference) / (2 * _USUAL)))


OTHER_MATTERS = (
    "How long should sourdough dough rest in the fridge before it is baked?",
    "Which string of a ukulele is tuned to the highest note?",
    "Why does my bicycle chain skip when I pedal uphill in the smallest gear?",
    "What is the best way to get candle wax out of a wool carpet?",
    "How do I stop my cat from scratching the leather sofa?",
    "When should tulip bulbs be planted in a cold garden?",
    "What temperature is needed to glaze stoneware pottery in an electric kiln?",
    "How many stitches are cast on for a child's knitted mitten?",
    "Who wrote the lullaby about the seven sleepy hedgehogs?",
    "Can a chess game be won with only a bishop and a knight left?",
    "What makes the crust of a crème brûlée crack so evenly?",
    "How is the spare wheel released from under the boot of a small van?",
    "Which telescope eyepiece shows the rings of Saturn most clearly?",
    "Why do my tomato leaves curl and turn yellow at the edges in July?",
    "How far apart should the frets of a homemade guitar be?",
    "What is the rule for offside when the ball is thrown in?",
    "How do bees decide which of two hives to move into?",
    "At what age does a golden retriever stop growing?",
    "Why does a boomerang come back to the one who throws it?",
    "How can I remove the background of a photograph without special software?",
    "What is the difference between a minuet and a gavotte?",
    "How often does a leather saddle need to be oiled?",
    "Which knot holds best when two ropes of different thickness are tied together?",
    "What should I feed a hedgehog that I found in the garden at night?",
    "How many moons has the dwarf planet Haumea, and who found them?",
    "Why did the potters of Minoan Crete paint octopuses on their jars?",
    "How is the glue on the back of an old stamp kept from sticking?",
    "What does it mean when a dream about falling comes back every week?",
    "How do I teach my grandmother to use a touch screen?",
    "Which sauce goes with grilled swordfish and fennel?",
    "How was the vault of a Gothic cathedral held up while the mortar dried?",
    "What causes the hiccups and how can they be stopped at once?",
    "How long does it take to walk around the crater lake on the hiking trail?",
    "Does a violin sound better after it has been played for a hundred years?",
    "What do the dots on the back of a ladybird tell about its age?",
    "How do I get rid of the squeak in a wooden staircase?",
    "Why is the yolk of some boiled eggs green on the outside?",
    "Which poems did the ferryman's daughter write before she was twenty?",
    "How are the pedals of a harp used to change the key?",
    "What is a good name for a black and white rabbit?",
    "How do crossword setters choose the words for the long lights?",
    "Why does my coffee taste sour when I grind the beans coarsely?",
    "What was the favourite toy of children in ancient Babylon?",
    "How is a sailing dinghy righted after it has capsized?",
    "Which mushrooms grow under larch trees in late September?",
    "Can I wash a down jacket together with cotton towels?",
    "How does a pianist play a trill with the fourth and the fifth finger?",
    "What did the dragon guard in the tale of the glass mountain?",
    "How do I fold a paper crane from a square of foil?",
    "Why do geckos not fall off a ceiling made of glass?",
    "How thick is the ice of a pond before it carries a skater?",
    "Which brush is used for the fine hairs in a watercolour portrait?",
    "How do I find the derivative of the tangent function?",
    "What is the record for the longest underwater dive of a penguin?",
    "Why does the picture on my old television roll upwards?",
    "How much vinegar is put into pickled beetroot?",
    "Which dance steps come after the first turn in a Viennese waltz?",
    "How do locksmiths open a safe whose combination is forgotten?",
    "What is the plot of the opera about the miller and the three ravens?",
    "How are fossils of trilobites cleaned of the rock around them?",
)
"""Questions that official statements do not answer."""
