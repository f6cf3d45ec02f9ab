"""Whether a collection is whole after a crash: held against what it was before and what it was to become."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
import numpy.ma
import pytest

from corpus.archive import Archive
from corpus.columns import Columns
from corpus.records import UnknownStatement
from service import encoders, integrity, wiring
from service.answer import Answer
from service.answering import BeingRebuilt, Collection, EncodedAnew, Manner
from service.building import build
from service.generations import COLUMNS, DamagedIndex, Encoding, NoIndex, current_number, open_current
from service.wiring import NoArchive
from tests.crash.operations import Place
from tests.fakes import SilentProgress

State: TypeAlias = Mapping[str, Any]
"""Of every statement, by id: its versions, its passages and their vectors, as JSON has them."""
_READ_AGAIN = 0.05
"""Share of the checks in which every original is read again."""
_BUILT_ANEW = 0.15
"""Share of the checks in which the index is held against one built anew."""
_ANY_CONFIDENCE = Manner(threshold=0.0)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of an operation that was cut short."""

    before: State
    after: State
    kept: frozenset[str]
    """The ids of the statements that were acknowledged, as ingested or as removed."""
    done: bool
    """Whether the operation as a whole was."""
    alone: bool
    """Whether each statement has a transaction of its own: at most one may be kept and not acknowledged."""
    indexed: bool
    """Whether there was an index before."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is not whole: `kind` is "lost", "doubled", "altered", "unopened", "index" or "answer"."""

    kind: str
    what: str


def state_of(archive: Archive) -> dict[str, Any]:
    """All that is held of every statement and must not depend on how often a run was cut short."""
    vectors = dict(archive.vectors())
    held: dict[str, Any] = {}
    for line in archive.every_summary():
        current = archive.get(line.id)
        versions = [archive.get(line.id, number) for number in range(1, current.versions + 1)]
        held[line.id] = {
            "versions": [
                [one.version, one.statement.text, one.statement.record_sha256, one.original_sha256] for one in versions
            ],
            "originals": [_digest(archive, one.original_sha256) for one in versions],
            "from": [archive.origin_of(line.id), archive.reading_of(line.id)],
            "current": current.version,
            "passages": [],
        }
    keys = [key for key, _ in archive.pending(limit=1 << 20)] + list(vectors)
    for key, (archived, passage) in sorted(archive.passages(keys).items()):
        vector = sha256(vectors[key]).hexdigest()[:16] if key in vectors else None
        held[archived.statement.id]["passages"].append([passage.start, passage.end, passage.turn, vector])
    return held


def look_before_repair(place: Place, expected: Expected) -> Iterator[Failure]:
    """What somebody meets who asks before anything is mended: a whole generation, or none yet."""
    if not place.config.archive.exists():
        if expected.kept or expected.before:
            yield Failure("lost", "archive.db is gone")
        return
    try:
        generation = open_current(place.config.index)
    except NoIndex:
        if expected.indexed or expected.done:
            yield Failure("index", "there was a generation in use and is none any more")
        return
    except DamagedIndex as error:
        yield Failure("index", f"before the repair: {error}")
        return
    if len(generation.columns) != generation.manifest.passages or len(generation.words) != len(generation.columns):
        yield Failure("index", "before the repair: its parts do not hold the same number of passages")
    with closing(Archive(place.config.archive)) as archive:
        encoder = encoders.for_questions(archive, place.config)
        question = _sentences(expected.before or expected.after)[0]
        try:
            answer = Collection(archive, encoder, place.config.index).ask(question, manner=_ANY_CONFIDENCE)
        except (BeingRebuilt, EncodedAnew):
            return
        yield from _misquoted(archive, answer)


def check(place: Place, expected: Expected, chance: random.Random) -> tuple[list[Failure], float]:
    """Open the collection as people do and hold all of it against what is expected.

    Returns what is wrong, and how many seconds it took until it could be asked.
    """
    failures = list(look_before_repair(place, expected))
    started = perf_counter()
    try:
        with wiring.collection(place.config, SilentProgress()) as opened:
            opened.generation()
            seconds = perf_counter() - started
            failures += _wrong(opened, place, expected, chance)
    except NoArchive:
        seconds = perf_counter() - started
        if expected.kept or expected.before or expected.done:
            failures.append(Failure("lost", "there is no collection any more"))
    return failures, seconds


def _wrong(opened: Collection, place: Place, expected: Expected, chance: random.Random) -> Iterator[Failure]:
    archive = opened.archive
    now = state_of(archive)
    yield from judged(now, expected)
    yield from _unsound(archive, place, chance)
    yield from _out_of_step(opened, place, chance)
    yield from _misanswered(opened, now, expected, chance)


def judged(now: State, expected: Expected) -> Iterator[Failure]:
    """Whether each statement is what it was, or what it was to become; and this one where that was acknowledged."""
    ahead, behind = [], []
    for statement_id in sorted({*expected.before, *expected.after, *now}):
        held, before = now.get(statement_id), expected.before.get(statement_id)
        after = expected.after.get(statement_id)
        acknowledged = expected.done or statement_id in expected.kept
        if held == after:
            if before != after and not acknowledged:
                ahead.append(statement_id)
        elif held == before and not acknowledged:
            behind.append(statement_id)
        else:
            yield _failure(statement_id, held, before, after, acknowledged=acknowledged)
    if expected.alone and len(ahead) > 1:
        yield Failure("altered", f"{len(ahead)} statements are kept that were not acknowledged: {ahead[:3]}")
    if not expected.alone and ahead and behind:
        yield Failure("altered", f"{ahead[:3]} are encoded anew and {behind[:3]} are not")


def _failure(statement_id: str, held: Any, before: Any, after: Any, *, acknowledged: bool) -> Failure:
    told = "acknowledged" if acknowledged else "unacknowledged"
    if held is None or (acknowledged and held == before):
        return Failure("lost", f"{told} {statement_id!r} is not what it was to become")
    for known in (before, after):
        if known is not None and (
            len(held["versions"]) > max(len(one["versions"]) for one in (before, after) if one)
            or len(held["passages"]) > max(len(one["passages"]) for one in (before, after) if one)
        ):
            return Failure("doubled", f"{told} {statement_id!r} has more versions or passages than it can have")
    if held is not None and after is None:
        return Failure("doubled" if before is None else "lost", f"{told} {statement_id!r} should not be there")
    return Failure("altered", f"{told} {statement_id!r} is neither what it was nor what it was to become")


def _unsound(archive: Archive, place: Place, chance: random.Random) -> Iterator[Failure]:
    """What the collection's own check finds; mostly without reading all originals again, as the texts were compared."""
    with pytest.MonkeyPatch.context() as patch:
        if chance.random() > _READ_AGAIN:
            patch.setattr(integrity._Check, "_read_again", lambda *_: None)
        report = integrity.check_archive(archive, place.config.index)
    for problem in report.problems[:5]:
        yield Failure("altered", f"{problem.where}: {problem.what}")


def _out_of_step(opened: Collection, place: Place, chance: random.Random) -> Iterator[Failure]:
    """Whether every passage has one vector and stands once in the index, and the index is what a new one would be."""
    archive = opened.archive
    embedded = archive.embedded()
    if archive.counts().pending or len(embedded) != archive.counts().passages:
        yield Failure("index", "there are passages without a vector, or vectors without a passage")
    if opened.keys().tolist() != list(embedded):
        yield Failure("index", "the passages in the index are not those of the archive")
    if len(opened.words()) != len(embedded):
        yield Failure("index", "the words in the index are not those of the archive's passages")
    litter = [path.name for path in place.config.index.iterdir() if path.name.startswith("building-")]
    if litter and current_number(place.config.index) is None:
        yield Failure("index", f"{litter} is left and nothing is in use")
    encoding = Encoding.of(archive)
    if encoding is not None and chance.random() < _BUILT_ANEW:
        anew = place.folder / "anew"
        manifest = build(archive, anew, encoding, anew=True)
        yield from _differing(place.config.index, anew, manifest.generation)


def _differing(index: Path, anew: Path, number: int) -> Iterator[Failure]:
    held = Columns(index / str(current_number(index)) / COLUMNS)
    made = Columns(anew / str(number) / COLUMNS)
    if not np.array_equal(held.keys, made.keys):
        yield Failure("index", "an index made anew has other passages")
    vector = np.random.default_rng(0).standard_normal(open_current(index).manifest.dimension).astype(np.float32)
    keys = made.keys.tolist()
    if open_current(index).cosines(vector, keys) != open_current(anew).cosines(vector, keys):
        yield Failure("index", "an index made anew has other vectors")


def _misanswered(opened: Collection, now: State, expected: Expected, chance: random.Random) -> Iterator[Failure]:
    """Whether known sentences are quoted from where they stand, and what is gone is quoted no more."""
    drawn = sorted(now)
    chance.shuffle(drawn)
    moved = [one for one in drawn if now[one] != expected.before.get(one)]
    for statement_id in [*drawn[:2], *moved[:2]]:
        said = chance.choice(_said(now[statement_id]))
        answer = opened.ask(said, manner=_ANY_CONFIDENCE)
        yield from _misquoted(opened.archive, answer)
        if not any(said in quote.text and quote.citation.statement_id == statement_id for quote in answer.quotes):
            yield Failure("answer", f"{said!r} is not quoted from {statement_id!r}")
    for statement_id in sorted(expected.before):
        gone = set(_said(expected.before[statement_id])) - set(_said(now.get(statement_id)))
        if gone:
            said = min(gone)
            answer = opened.ask(said, manner=_ANY_CONFIDENCE)
            yield from _misquoted(opened.archive, answer)
            if any(said in quote.text for quote in answer.quotes):
                yield Failure("answer", f"{said!r} of {statement_id!r} is gone and still quoted")


def _misquoted(archive: Archive, answer: Answer) -> Iterator[Failure]:
    """Whether every quote is, character for character, what stands where its citation says."""
    for quote in answer.quotes:
        cited = quote.citation
        try:
            statement = archive.get(cited.statement_id).statement
        except UnknownStatement:
            yield Failure("answer", f"a quote from {cited.statement_id!r}, which is not held")
            continue
        if statement.slice(cited.start, cited.end) != quote.text or statement.text_sha256 != cited.text_sha256:
            yield Failure("answer", f"a quote that is not what {cited.statement_id!r} says there")


def _said(held: Any) -> list[str]:
    """The sentences of a statement's current version that have a figure of their own."""
    if held is None:
        return []
    text = held["versions"][-1][1]
    return [f"{part.strip()}." for part in text.split(".") if any(sign.isdigit() for sign in part) and " of " in part]


def _sentences(state: State) -> Sequence[str]:
    return [said for held in state.values() for said in _said(held)]


def _digest(archive: Archive, named: str) -> list[str] | None:
    found = archive.original(named)
    return None if found is None else [sha256(found[0]).hexdigest(), found[1]]
