"""`python -m benchmarks.near_copies FILE…`: how well copies are told from statements that only sound alike."""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from corpus.chunking import cut
from corpus.copies import Wording
from corpus.errors import OnRecordError
from corpus.readers import read, statement_from
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Statement

LIMIT = 128
"""Words in a passage, at most."""
SHORTEST = 20
"""Words in a passage that is edited, at least."""
_SEED = 7
_SAME = {True: "same", False: "other", None: "either"}

One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Cut:
    """A passage, its sentences, and the sentences of the same statement before and after it."""

    text: str
    sentences: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What one edit makes of passages, and whether the words are still the same."""

    name: str
    is_same: bool | None
    """`None` where another word may change the meaning or not: neither precision nor recall counts it."""
    edit: Callable[[Cut, Generator], str | None]
    """The passage as edited; `None` where the edit does not apply."""


@dataclass(slots=True)
class Tally:
    """How many edited passages there are of a kind, and how many of them were called near-copies."""

    asked: int = 0
    near: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Edit the passages of the files, compare, and print the table; 1 when a changed meaning was called a copy."""
    given = _parser().parse_args(arguments)
    random = np.random.default_rng(_SEED)
    passages = list(chain.from_iterable(map(passages_of, chain.from_iterable(map(_statements, given.files)))))
    passages = [passages[number] for number in random.permutation(len(passages))[: given.sample]]
    tallies = edited(passages, random)
    rivals = nearest(passages)
    near = [pair for pair in rivals if Wording.of(pair[0]).is_near(Wording.of(pair[1]))]
    sys.stdout.write("\n".join(_lines(tallies, len(rivals), len(near), *_microseconds(passages, rivals))) + "\n")
    for one, other in near[: given.show]:
        sys.stdout.write(f"\n< {one}\n> {other}\n")
    return int(any(tallies[kind.name].near for kind in KINDS if kind.is_same is False))


def edited(passages: Sequence[Cut], random: Generator) -> dict[str, Tally]:
    """Every kind of edit of every passage, counted by the kind's name."""
    tallies: dict[str, Tally] = {kind.name: Tally() for kind in KINDS}
    for passage in passages:
        original = Wording.of(passage.text)
        for kind in KINDS:
            text = kind.edit(passage, random)
            if text is not None and text != passage.text:
                tallies[kind.name].asked += 1
                tallies[kind.name].near += original.is_near(Wording.of(text))
    return tallies


def nearest(passages: Sequence[Cut]) -> list[tuple[str, str]]:
    """Each passage with the other one that shares most pairs of words with it, where the bare texts differ."""
    wordings = [Wording.of(passage.text) for passage in passages]
    pairs = [set(zip(wording.words, wording.words[1:], strict=False)) for wording in wordings]
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, held in enumerate(pairs):
        for pair in held:
            holders[pair].append(number)
    found = []
    for number, held in enumerate(pairs):
        rare = sorted(held, key=lambda pair: len(holders[pair]))[:30]
        shared = Counter(other for pair in rare for other in holders[pair][:200] if other != number)
        for other, _ in shared.most_common(5):
            if wordings[other].bare != wordings[number].bare:
                found.append((passages[number].text, passages[other].text))
                break
    return found


def passages_of(statement: Statement) -> Iterator[Cut]:
    """The passages of a statement as the project's chunker cuts them, those long enough to be edited."""
    passages = cut(statement, lambda parts: [len(part.split()) for part in parts], LIMIT)
    sentences = [_sentences(statement, passage) for passage in passages]
    for number, passage in enumerate(passages):
        first = number == 0 or passages[number - 1].turn != passage.turn
        before = "" if first else sentences[number - 1][-1]
        last = number + 1 == len(passages) or passages[number + 1].turn != passage.turn
        after = "" if last else sentences[number + 1][0]
        said = statement.text[passage.start : passage.end]
        if len(said.split()) >= SHORTEST:
            yield Cut(said, sentences[number], before, after)


def _sentences(statement: Statement, passage: Passage) -> tuple[str, ...]:
    spans = sentence_spans(statement.text, passage.start, passage.end, statement.language)
    return tuple(statement.text[start:end] for start, end in spans)


def _statements(path: Path) -> Iterator[Statement]:
    for number, found in enumerate(read(path.read_bytes(), path.name)):
        if not isinstance(found, OnRecordError):
            yield statement_from(found, f"{path.name}/{number}")


def _one_of(those: Sequence[One], random: Generator) -> One:
    return those[int(random.integers(len(those)))]


def _typography(passage: Cut, _random: Generator) -> str:
    return passage.text.replace("’", "'").replace("“", '"').replace("”", '"').replace("‘", "'")


def _curly(passage: Cut, _random: Generator) -> str:
    return re.sub(r'"(?=\w)', "“", passage.text).replace('"', "”").replace("'", "’")


def _dashes(passage: Cut, _random: Generator) -> str:
    return re.sub(r"\s*(?:—|–|--)\s*", " - ", passage.text)


def _spaces(passage: Cut, _random: Generator) -> str:
    return re.sub(r"(?<=[.!?]) ", "  ", passage.text).replace(", ", " ,\xa0")


def _capitals(passage: Cut, _random: Generator) -> str:
    return passage.sentences[0].upper() + passage.text[len(passage.sentences[0]) :]


def _ligatures(passage: Cut, _random: Generator) -> str:
    return passage.text.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ")


def _spelling(passage: Cut, _random: Generator) -> str:
    text = passage.text
    for american, british in _SPELLINGS:
        text = re.sub(american, british, text) if re.search(american, text) else re.sub(british, american, text)
    return text


_SPELLINGS = (
    ("ization", "isation"),
    ("alizing", "alising"),
    ("avor", "avour"),
    ("abor\\b", "abour"),
    ("enter\\b", "entre"),
    ("efense", "efence"),
    ("rogram\\b", "rogramme"),
    ("ecogniz", "ecognis"),
    ("raveled", "ravelled"),
)


def _typo(passage: Cut, random: Generator) -> str | None:
    def misspell(word: str) -> str:
        at = int(random.integers(1, len(word) - 2))
        turned = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return _one_of([turned, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]], random)

    return _at_a_word(passage, random, misspell, r"\b[a-z]{5,}\b")


def _dropped(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(passage, random, lambda _: "")


def _replaced(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(passage, random, lambda word: _one_of([one for one in _WORDS if one != word], random))


def _added(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(passage, random, lambda word: f"{word} {_one_of(_WORDS, random)}")


_WORDS = (
    "also",
    "further",
    "certain",
    "broad",
    "important",
    "relevant",
    "the",
    "of",
    "clearly",
    "present",
    "recent",
    "public",
    "steady",
    "work",
    "matters",
)


def _retensed(passage: Cut, random: Generator) -> str | None:
    places = list(re.finditer(rf"\b(?:{'|'.join(_TENSES)})\b", passage.text))
    return _with(passage.text, _one_of(places, random), _TENSES) if places else None


_TENSES = {"is": "was", "are": "were", "has": "had", "have": "had", "will": "would", "continues": "continued"}


def _lacking_first(passage: Cut, _random: Generator) -> str | None:
    return _lacking(passage, 0)


def _lacking_last(passage: Cut, _random: Generator) -> str | None:
    return _lacking(passage, -1)


def _lacking_middle(passage: Cut, random: Generator) -> str | None:
    return (
        _lacking(passage, int(random.integers(1, len(passage.sentences) - 1))) if len(passage.sentences) > 2 else None
    )


def _lacking(passage: Cut, at: int) -> str | None:
    """Without a sentence, where that leaves most of it."""
    left = list(passage.sentences)
    left.pop(at)
    text = _joined(*left)
    return text if len(text) > 0.6 * len(passage.text) else None


def _joined(*parts: str) -> str:
    """The parts in one paragraph, but for those that end without a full stop: headings, addresses, items of lists."""
    return "".join(part + (" " if part[-1] in _CLOSES else "\n\n") for part in parts).strip()


_CLOSES = '.!?…”’")'


def _preceded(passage: Cut, _random: Generator) -> str | None:
    most = len(passage.before) < 0.6 * len(passage.text)
    return _joined(passage.before, passage.text) if passage.before and most else None


def _shifted(passage: Cut, random: Generator) -> str | None:
    """Cut a sentence later, or earlier, where at least three in four of the words stay."""
    if not passage.before or not passage.after:
        return None
    later = random.random() < 0.5
    left = _lacking(passage, 0 if later else -1)
    if left is None or len(left) < 0.75 * len(passage.text):
        return None
    text = _joined(left, passage.after) if later else _joined(passage.before, left)
    return text if len(left) > 0.75 * len(text) else None


_LEADS = ("KELM, 5 May (Orm News) — ", "ORM, May 5, 2031 – ", "Remarks as prepared: ")


def _datelined(passage: Cut, random: Generator) -> str:
    return _one_of(_LEADS, random) + passage.text


def _twice(passage: Cut, random: Generator) -> str | None:
    """A word dropped, and typographic quotes made straight."""
    text = _dropped(passage, random)
    return text and _dashes(Cut(_typography(Cut(text, (), "", ""), random), (), "", ""), random)


def _other_number(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(
        passage, random, lambda number: str(int(number) + _one_of((1, 2, 10), random)), r"(?<![\w,.])\d{1,6}\b"
    )


def _other_date(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(
        passage, random, lambda day: _one_of([one for one in _DAYS if one != day], random), "|".join(_DAYS)
    )


_DAYS = ("January", "April", "June", "July", "October", "December", "Monday", "Tuesday", "Thursday", "Friday", "Sunday")


def _other_name(passage: Cut, random: Generator) -> str | None:
    name = r"(?<=[a-z,] )(?!(?:I|It|The|A|We|But|And|This|That)\b)[A-Z][a-z]{2,}\b"
    return _at_a_word(passage, random, lambda _: _one_of(("Kelm", "Brand", "Zincland"), random), name)


def _negated(passage: Cut, random: Generator) -> str | None:
    verb = r"\b(?:is|are|was|were|will|would|can|could|should|have|has|had|do|does|did)\b(?!n| not| no\b)"
    return _at_a_word(passage, random, lambda word: f"{word} not", verb)


def _affirmed(passage: Cut, random: Generator) -> str | None:
    return _at_a_word(passage, random, lambda _: "", r"(?:\b(?:not|never|without)|(?<=\b(?:is|do))n['’]t)\b")


def _at_a_word(passage: Cut, random: Generator, change: Callable[[str], str], which: str = "") -> str | None:
    """The passage, one of its words changed; without `which` any that is no number, name, or negation."""
    places = list(re.finditer(which or r"(?<=[\w,] )[a-z]+(?= )", passage.text))
    places = [place for place in places if which or not _MEANS.fullmatch(place[0])]
    if not places:
        return None
    place = _one_of(places, random)
    return passage.text[: place.start()] + change(place[0]) + passage.text[place.end() :]


_MEANS = re.compile(
    r"n[o']t?|never|nothing|none|nor|neither|nobody|without|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|hundreds?|thousands?|[mbtr]+illions?|dozens?|half|first|second|third|last|next|today|tomorrow|yesterday|tonight"
    r"|percent|cannot|unless|except|once|twice|hardly|barely|\w+ty|\w+teen"
)


def _with(text: str, place: re.Match[str], instead: dict[str, str]) -> str:
    return text[: place.start()] + instead[place[0]] + text[place.end() :]


KINDS = (
    Kind("straight quotes", is_same=True, edit=_typography),
    Kind("curly quotes", is_same=True, edit=_curly),
    Kind("other dashes", is_same=True, edit=_dashes),
    Kind("other spaces", is_same=True, edit=_spaces),
    Kind("first sentence in capitals", is_same=True, edit=_capitals),
    Kind("ligatures", is_same=True, edit=_ligatures),
    Kind("British or American spelling", is_same=True, edit=_spelling),
    Kind("one typing error", is_same=True, edit=_typo),
    Kind("one word dropped", is_same=True, edit=_dropped),
    Kind("one word added", is_same=True, edit=_added),
    Kind("one word replaced", is_same=None, edit=_replaced),
    Kind("another tense", is_same=True, edit=_retensed),
    Kind("first sentence dropped", is_same=True, edit=_lacking_first),
    Kind("last sentence dropped", is_same=True, edit=_lacking_last),
    Kind("middle sentence dropped", is_same=True, edit=_lacking_middle),
    Kind("sentence before added", is_same=True, edit=_preceded),
    Kind("cut a sentence on", is_same=True, edit=_shifted),
    Kind("dateline added", is_same=True, edit=_datelined),
    Kind("one word dropped, other quotes and dashes", is_same=True, edit=_twice),
    Kind("another number", is_same=False, edit=_other_number),
    Kind("another month or day", is_same=False, edit=_other_date),
    Kind("another name", is_same=False, edit=_other_name),
    Kind("negation added", is_same=False, edit=_negated),
    Kind("negation dropped", is_same=False, edit=_affirmed),
)


def _lines(tallies: dict[str, Tally], rivals: int, near: int, making: float, comparing: float) -> Iterator[str]:
    for kind in KINDS:
        tally = tallies[kind.name]
        share = f"{tally.near / tally.asked:.4f}" if tally.asked else "–"
        yield f"{_SAME[kind.is_same]}  {kind.name:44}{tally.asked:7,}{tally.near:7,}  {share}"
    same = [tallies[kind.name] for kind in KINDS if kind.is_same]
    other = [tallies[kind.name] for kind in KINDS if kind.is_same is False]
    found, wrong = sum(tally.near for tally in same), sum(tally.near for tally in other)
    yield f"recall {found / max(1, sum(tally.asked for tally in same)):.4f}"
    yield f"precision, of edits alone {found / max(1, found + wrong):.4f}"
    yield f"of {rivals:,} passages and what is nearest to each, {near:,} are called near-copies: read them (--show)"
    yield f"{making:.0f} µs to read a passage, {comparing:.1f} µs to compare two"


def _microseconds(passages: Sequence[Cut], rivals: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """To make a wording; to compare a passage with the one nearest to it and with 99 others, each."""
    started = perf_counter()
    wordings = [Wording.of(passage.text) for passage in passages]
    made = perf_counter()
    by_text = {passage.text: wording for passage, wording in zip(passages, wordings, strict=True)}
    compared = 0
    begun = perf_counter()
    for number, (one, other) in enumerate(rivals[:200]):
        for candidate in (by_text[other], *wordings[number : number + 99]):
            by_text[one].is_near(candidate)
            compared += 1
    ended = perf_counter()
    return (made - started) / max(1, len(passages)) * 1e6, (ended - begun) / max(1, compared) * 1e6


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.near_copies", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help='JSONL, plain or gzip: {"text": …} a line')
    parser.add_argument("--sample", type=int, default=3_000, help="passages edited, drawn from all")
    parser.add_argument("--show", type=int, default=0, help="print so many pairs of the nearest called near-copies")
    return parser


if __name__ == "__main__":
    sys.exit(main())
