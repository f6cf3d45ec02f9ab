"""Figures of what a collection costs to fill, to keep, to open and to change."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import texts
from benchmarks.collections import Measured, copies_of, kept, lend_encoder
from benchmarks.figures import Bar, Figure, bars_for
from benchmarks.fresh import timed
from benchmarks.made_up import MadeUp, as_line
from benchmarks.measure import Told, bytes_under, copy_of, say, seconds
from benchmarks.plan import Plan
from corpus.archive import Archive
from corpus.chunking import cut
from corpus.statement import Passage
from embeddings.encoder import Encoder, Vectors
from service.config import Config
from service.wiring import collection, ingester, reindex

_ORIGINALS = 2_000
"""Vectors that those of added passages are copies of."""
_LEARNT = 300
"""Real statements that added ones are put together from."""


def ingesting(plan: Plan) -> Iterator[Figure]:
    """Ingesting a file end to end beside encoding its passages, each round in fresh processes, in turn."""
    ours, baseline, passages = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        lines, alone = Path(folder, "statements.jsonl"), Path(folder, "passages.json")
        with collection(Config(plan.samples), Told()) as opened:
            lines.write_bytes(b"\n".join(_lines(opened.encoder, plan.amounts.ingested)))
        for turn in range(plan.amounts.rounds):
            say(f"  ingest, round {turn + 1} of {plan.amounts.rounds}")
            data = Path(folder, str(turn))
            lend_encoder(plan.samples, data)
            told = timed("ingesting", lines, data)
            passages = int(told["passages"])
            ours.append(passages / told["seconds"])
            with closing(Archive(Config(data).archive)) as archive:
                alone.write_text(json.dumps([passage.text for passage in archive.searchable()]), encoding="utf-8")
            told = timed("encoding", alone)
            baseline.append(told["passages"] / told["seconds"])
    yield Figure(
        "ingest",
        f"ingest of {passages:,} passages",
        "passages/s",
        tuple(ours),
        tuple(baseline),
        "SentenceTransformer.encode of the same",
        (Bar("ratio", 1.3, at_least=True),),
        "fresh processes and collections, model loaded and used before the clock starts; ours is in bfloat16 where the "
        "processor multiplies it, the baseline in float32 as it comes",
    )


def _lines(encoder: Encoder, passages: int) -> Iterator[bytes]:
    """Statements of about so many passages, as they stand in the collections: real ones, made-up ones after them."""
    made_up, done = MadeUp(), 0
    for found in texts.statements():
        pieces = cut(found.statement, encoder.count_tokens, encoder.passage_limit)
        made_up.learn(found.statement, pieces)
        done += len(pieces)
        yield as_line(found.statement)
        if done >= passages:
            return
    for found in made_up.statements():
        done += len(found.passages or ())
        yield found.source.original
        if done >= passages:
            return


def disk(plan: Plan) -> Iterator[Figure]:
    """Bytes on disk for each passage, beyond the documents as they were received."""
    for measured in plan.every():
        with closing(sqlite3.connect(f"{measured.config.archive.as_uri()}?mode=ro", uri=True)) as archive:
            (originals,) = archive.execute("SELECT sum(length(bytes)) FROM originals").fetchone()
        whole = bytes_under(measured.data, leaving_out="encoder")
        note = (
            f"the whole data folder, {whole / 1e6:,.0f} MB, "
            f"without encoder/ and {originals / 1e6:,.0f} MB of originals; "
            "after the index was written anew, the generation before is kept beside it"
        )
        yield Figure(
            "disk",
            f"disk for each of {measured.size:,} passages",
            "kB",
            ((whole - originals) / 1000 / measured.size,),
            bars=(Bar("value", 2.5),),
            note=note,
            size=measured.size,
        )


def opening(plan: Plan) -> Iterator[Figure]:
    """From nothing but imports to ready, in fresh processes."""
    for measured in plan.every():
        told = [timed("opening", plan.samples, measured.data) for _ in range(plan.amounts.rounds)]
        first = max(one["first"] for one in told)
        yield Figure(
            "opening",
            f"opening {measured.size:,} passages",
            "s",
            tuple(one["seconds"] for one in told),
            note=f"without imports; the first question then takes up to {first:.2f} s, the model's loading included",
            size=measured.size,
        )


def rebuilding(plan: Plan) -> Iterator[Figure]:
    """Building the index anew from the archive, on a copy of the collection."""
    for measured in plan.every():
        say(f"  rebuilding the index of {measured.size:,} passages")
        rounds = plan.amounts.rounds if measured.size <= 100_000 else 1
        with copy_of(measured.data) as copy:
            taken = tuple(seconds(partial(reindex, Config(copy), Told())) for _ in range(rounds))
        bars = bars_for(measured.size, "value", {100_000: 30})
        yield Figure("rebuild", f"rebuilding the index of {measured.size:,}", "s", taken, bars=bars, size=measured.size)


def adding(plan: Plan) -> Iterator[Figure]:
    """Ingesting some statements into the largest collection, without the encoding, on a copy of it."""
    measured, number = plan.largest, plan.amounts.added
    taken, passages = [], []
    with copy_of(measured.data) as copy, ingester(Config(copy), Told(), "ingest") as work:
        work.encoder.count_tokens(["loaded"])
        work.encoder = _Given(work.encoder, _vectors(measured))
        for turn, lines in enumerate(_more(plan.amounts.rounds, number)):
            say(f"  adding, round {turn + 1} of {plan.amounts.rounds}")
            file = copy.parent / f"{turn}.jsonl"
            file.write_bytes(b"\n".join(lines))
            started = perf_counter()
            passages.append(work.ingest([str(file)]).passages)
            taken.append(perf_counter() - started)
    yield Figure(
        "adding",
        f"adding {number} statements to {measured.size:,} passages",
        "s",
        tuple(taken),
        bars=bars_for(measured.size, "value", {1_000_000: 5}),
        note=f"{min(passages)} to {max(passages)} passages a round; vectors are given, not encoded",
        size=measured.size,
    )


def _more(rounds: int, number: int) -> Iterator[list[bytes]]:
    """For each round as many new statements, as lines of JSONL."""
    made_up = MadeUp("added", seed=3, parts=(2, 4))
    for found in islice(texts.statements(), _LEARNT):
        turns = enumerate(found.statement.turns)
        made_up.learn(found.statement, tuple(Passage(turn.start, turn.end, place) for place, turn in turns))
    new = made_up.statements()
    for _ in range(rounds):
        yield [found.source.original for found in islice(new, number)]


def _vectors(measured: Measured) -> Vectors:
    """Vectors like those that the collection has."""
    with closing(Archive(measured.config.archive)) as archive:
        vectors = kept(archive)[1]
    chance = np.random.default_rng(3)
    return copies_of(vectors[:_ORIGINALS], _ORIGINALS, chance)


class _Given:
    """An encoder that takes no time: passages get the next of the vectors that it was given."""

    def __init__(self, encoder: Encoder, vectors: Vectors) -> None:
        self._vectors = vectors
        self._at = 0
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.passage_limit = encoder.passage_limit
        self.count_tokens = encoder.count_tokens
        self.encode_questions = encoder.encode_questions

    def encode_passages(self, passages: Sequence[str]) -> Vectors:
        """See `Encoder.encode_passages`."""
        places = np.arange(self._at, self._at + len(passages)) % len(self._vectors)
        self._at += len(passages)
        return self._vectors[places]
