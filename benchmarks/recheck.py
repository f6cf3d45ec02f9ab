"""`python -m benchmarks.recheck --data DIR`: whether capsules say what is true once a collection was cut and edited."""

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.random import Generator

from corpus.archive import Archive
from corpus.chunking import cut
from corpus.records import Archived, Source
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Statement
from service.capsule_check import CapsuleReport, verify_in_archive
from service.capsules import read_capsule, written
from service.citations import Citations

_SEED = 7
_EVERY = 200
"""Statements between two lines of progress."""
_OTHER_LIMIT = 90
"""Words in a passage when the statements are cut anew; the model's own limit is some 190."""
_SHOWN = 10
_INSERTED = "As was said on that day, the matter of the harbour of Kelm was looked at once more, and it was well. "
_MOST_EDITS = 6
"""Of one statement."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A statement after an edit, and where its characters went."""

    statement: Statement
    kept: tuple[tuple[int, int, int], ...]
    """Stretches that were left as they were: start and end before, and start now."""

    def truth(self, passage: Passage, words: str) -> str:
        """What a capsule of that place must be called."""
        for start, end, now in self.kept:
            if start <= passage.start and passage.end <= end:
                return "exact" if now == start else "moved"
        if self.statement.text.startswith(words, passage.start):
            return "exact"
        if words in self.statement.text:
            return "moved"
        left = sum(max(0, min(end, passage.end) - max(start, passage.start)) for start, end, _ in self.kept)
        return "altered" if left >= (passage.end - passage.start) / 2 else "altered or gone" if left else "gone"


@dataclass(slots=True)
class Tally:
    """What became of the capsules."""

    statements: int = 0
    edited: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By what is true and what was said."""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """Spent verifying."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make every capsule, cut and edit the statements, verify every capsule; 1 when one is called what it is not."""
    given = _parser().parse_args(arguments)
    path = Path(given.data, "archive.db")
    if not path.is_file():
        _parser().error(f"There is no archive in {given.data}.")
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        copy = Path(scratch, "archive.db")
        with closing(Archive(path)) as archive:
            archive.flush()
        shutil.copy(path, copy)
        with closing(Archive(copy)) as archive:
            tally = recheck(archive, np.random.default_rng(_SEED), given.edit, given.statements)
    sys.stdout.write("\n".join(_lines(tally)) + "\n")
    return int(bool(tally.wrong))


def recheck(archive: Archive, chance: Generator, edit: int, most: int | None) -> Tally:
    """Go through the statements one by one; `edit` of them are edited, all are cut anew."""
    tally = Tally()
    ids = [summary.id for summary in archive.every_summary()][:most]
    chosen = set(chance.choice(len(ids), min(edit, len(ids)), replace=False).tolist())
    for number, statement_id in enumerate(ids):
        _recheck(archive, statement_id, chance if number in chosen else None, tally)
        if number % _EVERY == 0 or number == len(ids) - 1:
            total = sum(tally.verdicts.values())
            sys.stderr.write(
                f"\r{number + 1:,} of {len(ids):,} statements, {total:,} capsules, {len(tally.wrong)} wrong"
            )
            sys.stderr.flush()
    sys.stderr.write("\n")
    return tally


def edited(statement: Statement, chance: Generator) -> Edited:
    """The statement with a few sentences taken out, put in, said otherwise or changed in one word."""
    text, pieces, kept, shift, last = statement.text, [], [], 0, 0
    places = [
        span
        for turn in statement.turns
        for span in sentence_spans(text, turn.start, turn.end)
        if turn.start < span[0] and span[1] < turn.end
    ]
    moved: list[tuple[int, int]] = []
    count = min(int(chance.integers(1, _MOST_EDITS)), len(places))
    for at in sorted(chance.choice(len(places), count, replace=False).tolist()) if count else ():
        start, end = places[at]
        for left, right, new in _edits(text, start, end, int(chance.integers(4))):
            kept.append((last, left, last + shift))
            pieces += [text[last:left], new]
            shift += len(new) - (right - left)
            moved.append((right, shift))
            last = right
    kept.append((last, len(text), last + shift))
    pieces.append(text[last:])
    turns = tuple(
        replace(turn, start=_shifted(turn.start, moved), end=_shifted(turn.end, moved)) for turn in statement.turns
    )
    return Edited(replace(statement, text="".join(pieces), turns=turns), tuple(kept))


def _edits(text: str, start: int, end: int, kind: int) -> Iterator[tuple[int, int, str]]:
    """What is put for the characters from where to where, to edit the sentence that stands there."""
    match kind:
        case 0:
            yield start, end, ""
        case 1:
            yield start, start, _INSERTED
        case 2:
            at = text.find(" ", start + (end - start) // 2, end)
            stop = text.find(" ", at + 1, end)
            if 0 <= at < stop:
                yield at + 1, stop, "quartz"
        case _:
            yield end, end, f" {_INSERTED}".rstrip()


def _shifted(place: int, moved: Sequence[tuple[int, int]]) -> int:
    shift = 0
    for end, now in moved:
        if end <= place:
            shift = now
    return place + shift


def _recheck(archive: Archive, statement_id: str, chance: Generator | None, tally: Tally) -> None:
    before = archive.get(statement_id)
    passages = archive.passages_of(statement_id)
    citations = Citations(archive)
    capsules = [written(citations.capsule(before, passage)) for passage in passages]
    tally.statements += 1
    archive.replace_passages(statement_id, _cut_otherwise(before.statement))
    change = Edited(before.statement, ((0, len(before.statement.text), 0),))
    if chance is not None:
        change = edited(before.statement, chance)
        if change.statement.text != before.statement.text:
            tally.edited += 1
            _put(archive, change.statement, before)
    started = perf_counter()
    for passage, capsule in zip(passages, capsules, strict=True):
        report = verify_in_archive(read_capsule(capsule), archive)
        _count(change, passage, report, tally, before)
    tally.seconds += perf_counter() - started


def _cut_otherwise(statement: Statement) -> tuple[Passage, ...]:
    return cut(statement, lambda texts: [len(text.split()) for text in texts], _OTHER_LIMIT)


def _put(archive: Archive, statement: Statement, before: Archived) -> None:
    held = archive.original(before.original_sha256)
    media_type = held[1] if held else "text/plain"
    original = json.dumps({"id": statement.id, "text": statement.text}).encode()
    archive.put(statement, _cut_otherwise(statement), Source("-", original, media_type, "edited"))


def _count(change: Edited, passage: Passage, report: CapsuleReport, tally: Tally, before: Archived) -> None:
    words = before.statement.slice(passage.start, passage.end)
    truth, said = change.truth(passage, words), str(report.verdict)
    tally.verdicts[truth, said] += 1
    placed = said in {"altered", "gone"} or report.text == words
    if said not in truth.split(" or ") or not placed:
        tally.wrong.append(f"{before.statement.id} {passage.start}–{passage.end}: {said}, but it is {truth}")


def _lines(tally: Tally) -> Iterator[str]:
    total = sum(tally.verdicts.values())
    yield f"{total:,} capsules of {tally.statements:,} statements, all cut anew, {tally.edited:,} edited"
    for (truth, said), count in sorted(tally.verdicts.items()):
        yield f"  {truth:<16} called {said:<8} {count:>9,}"
    yield f"called what they are not: {len(tally.wrong):,}"
    yield from (f"  {line}" for line in tally.wrong[:_SHOWN])
    yield f"{1000 * tally.seconds / max(total, 1):.1f} ms to verify one"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recheck", description=__doc__)
    parser.add_argument("--data", required=True, help="the collection; it is copied, and left as it is")
    parser.add_argument("--edit", type=int, default=500, help="how many statements to edit")
    parser.add_argument("--statements", type=int, help="look at so many only")
    parser.add_argument("--scratch", help="where the copy is made")
    return parser


if __name__ == "__main__":
    sys.exit(main())
