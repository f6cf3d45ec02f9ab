"""`python -m benchmarks.capsules --data DIR`: whether every passage of a collection can be found by its capsule."""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.random import Generator

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.selectors import CONTEXT, context, follow, locate, stands_once, utf16
from corpus.statement import Passage

_SEED = 7
_EVERY = 200
"""Statements between two lines of progress."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|\s+")


@dataclass(slots=True)
class Selected:
    """What became of the selectors of a collection's passages."""

    passages: int = 0
    widened: int = 0
    """Those for which 32 characters of prefix and suffix are not enough."""
    by_position: int = 0
    """Those that no prefix and suffix of up to 1,024 characters tell from the same words elsewhere."""
    wrong: list[str] = field(default_factory=list)
    """Where position and quote disagree, or lead elsewhere."""
    seconds: float = 0.0
    """Spent making prefix, suffix and UTF-16 offsets."""


@dataclass(slots=True)
class Edited:
    """What became of passages whose statements were edited around them."""

    found: Counter[str] = field(default_factory=Counter)
    """By way of looking and outcome: "followed: right", "located: elsewhere" and the like."""
    seconds: float = 0.0
    """Spent following them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make and resolve the selectors, edit a sample of the statements, and print the table; 1 when any is wrong."""
    given = _parser().parse_args(arguments)
    path = Path(given.data, "archive.db")
    if not path.is_file():
        _parser().error(f"There is no archive in {given.data}.")
    archive = Archive(path)
    try:
        selected = select(_texts(archive), archive.counts().statements)
        edited = edit(_texts(archive), np.random.default_rng(_SEED), given.edit, archive.counts().passages)
    except OnRecordError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        archive.close()
    sys.stdout.write("\n".join(_lines(selected, edited)) + "\n")
    return int(bool(selected.wrong))


def select(texts: Iterator[tuple[str, str, list[Passage]]], count: int) -> Selected:
    """Make the selectors of every passage and resolve each in its own text; with progress on standard error."""
    tally = Selected()
    for number, (name, text, passages) in enumerate(texts, 1):
        for passage in passages:
            _select(name, text, passage, tally)
        if number % _EVERY == 0 or number == count:
            sys.stderr.write(f"\r{number:,} of {count:,} statements, {tally.passages:,} passages")
    sys.stderr.write("\n")
    return tally


def edit(texts: Iterator[tuple[str, str, list[Passage]]], chance: Generator, sample: int, count: int) -> Edited:
    """Edit the statements of a sample of passages around them, and look for each passage in both ways."""
    tally = Edited()
    if not sample:
        return tally
    wanted = set(chance.permutation(count)[:sample].tolist())
    number = 0
    for _, text, passages in texts:
        for passage in passages:
            if number in wanted:
                _look(text, passage, chance, tally)
            number += 1
    return tally


def changed(text: str, start: int, end: int, chance: Generator) -> tuple[str, int]:
    """The text after one to five edits of sentences outside the place, and where the place begins then.

    A sentence is taken out, said again elsewhere, or loses a word; sometimes the passage's own words are said a second
    time, which is the hardest to follow.
    """
    before, after = _SENTENCE.findall(text[:start]), _SENTENCE.findall(text[end:])
    for _ in range(int(chance.integers(1, 6))):
        part = before if chance.random() < 0.5 else after
        _EDITS[chance.integers(len(_EDITS))](part, text[start:end], chance)
    head = "".join(before)
    return head + text[start:end] + "".join(after), len(head)


def _take_out(part: list[str], _quote: str, chance: Generator) -> None:
    if part:
        del part[chance.integers(len(part))]


def _say_again(part: list[str], _quote: str, chance: Generator) -> None:
    if part:
        part.insert(int(chance.integers(len(part))), part[chance.integers(len(part))])


def _lose_a_word(part: list[str], _quote: str, chance: Generator) -> None:
    if part:
        at = chance.integers(len(part))
        words = re.findall(r"\S+\s*|\s+", part[at])
        lost = chance.integers(len(words) or 1)
        part[at] = "".join([*words[:lost], *words[lost + 1 :]])


def _say_the_quote_again(part: list[str], quote: str, chance: Generator) -> None:
    part.insert(int(chance.integers(len(part) + 1)), f"{quote} ")


_EDITS: tuple[Callable[[list[str], str, Generator], None], ...] = (
    _take_out,
    _say_again,
    _lose_a_word,
    _say_the_quote_again,
)


def _texts(archive: Archive) -> Iterator[tuple[str, str, list[Passage]]]:
    for summary in archive.every_summary():
        yield summary.id, archive.get(summary.id).statement.text, archive.passages_of(summary.id)


def _select(name: str, text: str, passage: Passage, tally: Selected) -> None:
    start, end = passage.start, passage.end
    begun = perf_counter()
    prefix, suffix = context(text, start, end)
    once = stands_once(text, text[start:end], prefix, suffix)
    first, last = utf16(text, start, end)
    tally.seconds += perf_counter() - begun
    tally.passages += 1
    tally.widened += max(len(prefix), len(suffix)) > CONTEXT
    tally.by_position += not once
    whole = text[start - len(prefix) : end + len(suffix)] == prefix + text[start:end] + suffix
    # without the position where the surroundings are said to be enough, else with it
    found = locate(text, text[start:end], prefix, suffix, 0 if once else start)
    if not whole or found != start or last - first != len(text[start:end].encode("utf-16-le")) // 2:
        tally.wrong.append(f"{name} {start}–{end}")


def _look(text: str, passage: Passage, chance: Generator, tally: Edited) -> None:
    start, end = passage.start, passage.end
    exact = text[start:end]
    prefix, suffix = context(text, start, end)
    new, right = changed(text, start, end, chance)
    begun = perf_counter()
    followed = follow(text, new, (prefix, exact, suffix), start)
    tally.seconds += perf_counter() - begun
    for way, at in (("followed", followed.at), ("located", locate(new, exact, prefix, suffix, start))):
        tally.found[f"{way}: {'lost' if at is None else 'right' if at == right else 'elsewhere'}"] += 1


def _lines(selected: Selected, edited: Edited) -> Iterator[str]:
    count = max(1, selected.passages)
    yield f"{'passages':<44}{selected.passages:>10,}"
    yield f"{'surroundings widened beyond 32 characters':<44}{selected.widened:>10,}  {selected.widened / count:8.3%}"
    yield f"{'told apart by position alone':<44}{selected.by_position:>10,}  {selected.by_position / count:8.3%}"
    yield f"{'position and quote lead elsewhere':<44}{len(selected.wrong):>10,}  {len(selected.wrong) / count:8.3%}"
    yield f"{'microseconds a passage, making':<44}{1e6 * selected.seconds / count:>10,.0f}"
    for way in ("followed", "located"):
        total = sum(number for name, number in edited.found.items() if name.startswith(way))
        for outcome in ("right", "elsewhere", "lost") if total else ():
            number = edited.found[f"{way}: {outcome}"]
            yield f"{f'after edits, {way}: {outcome}':<44}{number:>10,}  {number / total:8.3%}"
    if edited.found:
        yield f"{'milliseconds a passage, following':<44}{2e3 * edited.seconds / edited.found.total():>10,.1f}"
    yield from (f"wrong: {place}" for place in islice(selected.wrong, 20))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capsules", description=__doc__)
    parser.add_argument("--data", required=True, help="the folder of a collection")
    parser.add_argument("--edit", type=int, default=500, help="passages whose statements are edited around them")
    return parser


if __name__ == "__main__":
    sys.exit(main())
