"""Which collections are measured, and how they are made once and kept."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

from benchmarks import texts
from benchmarks.made_up import MadeUp
from benchmarks.measure import Meter, Told, say
from corpus.archive import Archive
from corpus.chunking import cut
from corpus.statement import Passage
from embeddings.encoder import Encoder, Vectors
from service.config import Config
from service.wiring import collection, ingester, reindex

_RECIPE = 1
"""Raise it when collections would now be made otherwise: those kept are then made anew."""
_VECTOR = "<f2"
"""How the archive keeps a number of a vector."""
_COSINE = 0.8
"""Of a perturbed vector with the real one that it is a copy of."""
_SEED = 7
_AT_ONCE = 256
"""Passages encoded at once."""
_IN_ONE_TRANSACTION = 4096
"""Vectors kept at once."""

Kept = npt.NDArray[np.float16]
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Made:
    """What a collection was made of."""

    recipe: int
    real: bool
    """Whether from the public collections, not from the samples."""
    passages: int
    encode: int
    """The most passages that were to be encoded."""
    statements: int
    passages_of_real_text: int
    encoded: int
    """Passages whose vectors are the encoder's; the others are perturbed copies of those."""
    seconds: float

    def said(self) -> str:
        """In a sentence."""
        origin = "public collections" if self.real else "the samples, as ../shared/data is absent"
        return (
            f"{self.passages:,} passages in {self.statements:,} statements, from {origin}: "
            f"{self.passages_of_real_text:,} of real text, {self.passages - self.passages_of_real_text:,} made up from "
            f"its sentences; {self.encoded:,} vectors from the encoder, {self.passages - self.encoded:,} perturbed "
            f"copies of them (cosine {_COSINE})"
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A collection that is ready to be measured."""

    size: int
    data: Path
    made: Made

    @property
    def config(self) -> Config:
        """To open it with."""
        return Config(self.data)


class KnownVectors:
    """Vectors of texts that were encoded once, in a file: by the SHA-256 of the text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._vectors: dict[bytes, Kept] = {}
        if path.exists():
            with np.load(path) as held:
                rows = zip(held["digests"], held["vectors"], strict=True)
                self._vectors = {digest.tobytes(): vector for digest, vector in rows}

    def of(self, passages: Sequence[str], encoder: Encoder) -> Kept:
        """One row a passage, those not known encoded now."""
        digests = [sha256(text.encode()).digest() for text in passages]
        unknown = {digest: text for digest, text in zip(digests, passages, strict=True) if digest not in self._vectors}
        if unknown:
            vectors = encoder.encode_passages(list(unknown.values())).astype(np.float16)
            self._vectors.update(zip(unknown, vectors, strict=True))
        return np.stack([self._vectors[digest] for digest in digests])

    def save(self) -> None:
        """Write what is known, beside and then over what was there."""
        beside = self._path.with_suffix(".new.npz")
        digests = np.frombuffer(b"".join(self._vectors), dtype=np.uint8).reshape(-1, 32)
        np.savez(beside, digests=digests, vectors=np.stack(list(self._vectors.values())))
        beside.replace(self._path)


class Collections:
    """The collections kept in a folder, by size; one that is not there yet, or not whole, is made."""

    def __init__(self, keep: Path, encode: int, vectors: Path | None) -> None:
        self._keep = keep.absolute()
        self._encode = encode
        self._keep.mkdir(parents=True, exist_ok=True)
        self._known = vectors or self._keep / "vectors.npz"

    def samples(self) -> Path:
        """The sample statements, ingested as anyone would: what is loaded before a clock starts is loaded from it."""
        data = self._keep / "samples"
        with ingester(Config(data), Told(), "ingest") as work:
            work.ingest([str(texts.SAMPLES / "statements")])
        _get_ready(data)
        return data

    def of(self, size: int) -> Measured:
        """The collection of `size` passages."""
        data, about = self._keep / str(size), self._keep / f"{size}.json"
        made = Made(**json.loads(about.read_bytes())) if about.exists() else None
        wanted = (_RECIPE, texts.are_public(), size, self._encode)
        if made is None or (made.recipe, made.real, made.passages, made.encode) != wanted:
            about.unlink(missing_ok=True)
            shutil.rmtree(data, ignore_errors=True)
            made = self._make(data, size)
            about.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
        say(made.said())
        return Measured(size, data, made)

    def _make(self, data: Path, size: int) -> Made:
        say(f"making a collection of {size:,} passages")
        started = perf_counter()
        lend_encoder(self.samples(), data)
        config = Config(data)
        with ingester(config, Told(), "ingest") as work, closing(Archive(config.archive)) as archive:
            work.ingest([])  # an empty run: the archive now says which encoder its vectors are from
            statements, real = _put(archive, work.encoder, size)
            say(f"  texts archived after {perf_counter() - started:.0f} s")
            encoded = self._give_vectors(archive, work.encoder, size)
        say(f"  vectors archived after {perf_counter() - started:.0f} s")
        reindex(config, Told())
        say(f"  indexed after {perf_counter() - started:.0f} s")
        _get_ready(data)
        taken = perf_counter() - started
        return Made(_RECIPE, texts.are_public(), size, self._encode, statements, real, encoded, taken)

    def _give_vectors(self, archive: Archive, encoder: Encoder, size: int) -> int:
        """The first passages get the encoder's vectors, the others copies of those; how many the encoder gave."""
        known, meter = KnownVectors(self._known), Meter("vectors")
        originals = np.empty((min(size, self._encode), encoder.dimension), dtype=np.float16)
        done = last = 0
        while done < len(originals) and (batch := archive.pending(after=last, limit=_AT_ONCE)):
            batch = batch[: len(originals) - done]
            vectors = known.of([text for _, text in batch], encoder)
            keep(archive, [key for key, _ in batch], vectors)
            originals[done : done + len(batch)] = vectors
            done, last = done + len(batch), batch[-1][0]
            meter.at(done, size)
        known.save()
        _perturb(archive, originals, last, size)
        return done


def keep(archive: Archive, keys: Sequence[int], vectors: npt.NDArray[np.floating]) -> None:
    """Give the archive its vectors, one row a key, in the form that it keeps."""
    archive.keep_vectors(keys, (row.tobytes() for row in vectors.astype(_VECTOR)))


def kept(archive: Archive) -> tuple[Keys, Kept]:
    """Every key and vector of the archive, in the order of keys."""
    keys, rows = [], []
    for key, vector in archive.vectors():
        keys.append(key)
        rows.append(vector)
    return np.array(keys, dtype=np.int64), np.frombuffer(b"".join(rows), dtype=_VECTOR).reshape(len(keys), -1)


def copies_of(originals: Kept, number: int, chance: np.random.Generator) -> Vectors:
    """Unit vectors, each with a cosine of about 0.8 with one of `originals`, drawn at random."""
    picked = originals[chance.integers(len(originals), size=number)].astype(np.float32)
    noise = chance.standard_normal(picked.shape, dtype=np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    copies: Vectors = _COSINE * picked + (1 - _COSINE**2) ** 0.5 * noise
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    return copies


def lend_encoder(lender: Path, data: Path) -> None:
    """Give a new collection what another has made of the model, so that making it is not measured."""
    if (lender / "encoder").is_dir():
        shutil.copytree(lender / "encoder", data / "encoder", dirs_exist_ok=True)


def _put(archive: Archive, encoder: Encoder, size: int) -> tuple[int, int]:
    """Archive `size` passages; in how many statements, and how many of them are real text."""
    meter, number, done, real = Meter("passages archived"), 0, 0, 0
    for found, every in _cut(encoder):
        passages = every[: size - done]
        archive.put(found.statement, passages, found.source)
        number, done = number + 1, done + len(passages)
        real += len(passages) if found.is_real else 0
        meter.at(done, size)
        if done == size:
            break
    return number, real


def _cut(encoder: Encoder) -> Iterator[tuple[texts.Read, tuple[Passage, ...]]]:
    """Real statements cut as `ingest` cuts them, then made-up ones, which know where they are cut."""
    made_up = MadeUp()
    for found in chain(texts.statements(), made_up.statements()):
        if found.passages is not None:
            yield found, found.passages
        else:
            passages = cut(found.statement, encoder.count_tokens, encoder.passage_limit)
            made_up.learn(found.statement, passages)
            yield found, passages


def _perturb(archive: Archive, originals: Kept, last: int, size: int) -> None:
    """Give every passage after the key `last` a perturbed copy of one of `originals`."""
    chance, meter, done = np.random.default_rng(_SEED), Meter("vectors"), len(originals)
    while batch := archive.pending(after=last, limit=_IN_ONE_TRANSACTION):
        keep(archive, [key for key, _ in batch], copies_of(originals, len(batch), chance))
        done, last = done + len(batch), batch[-1][0]
        meter.at(done, size)


def _get_ready(data: Path) -> None:
    """Have whatever is made on first opening made now."""
    with collection(Config(data), Told()) as opened:
        opened.ask("Is everything ready?")
