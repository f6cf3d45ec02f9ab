"""One trial: a file of a collection is damaged, and the collection must notice before it answers."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeAlias

from corpus.errors import OnRecordError
from corpus.sealed import STAMPS
from corpus.statement import Statement
from embeddings.encoder import Encoder
from service import wiring
from service.answering import Collection
from service.config import Config
from service.generations import CURRENT, DamagedIndex, open_current
from tests.builders import a_statement
from tests.fakes import SilentProgress
from tests.service.small_collection import SmallCollection

PAGE = 4096
METALS = ["zinc", "lead", "copper", "tin", "nickel", "iron", "gold", "silver", "cobalt", "mercury", "tungsten"]
TOWNS = ["Kelm", "Varn", "Oster", "Brill", "Dunmor", "Halvik", "Sorne", "Tresk"]
QUESTIONS = [f"price of {metal} in {TOWNS[place % len(TOWNS)]}" for place, metal in enumerate(METALS)]
"""What every trial asks."""
Answers: TypeAlias = tuple[tuple[str, ...], ...]
"""What is quoted to each question."""


class Damage(StrEnum):
    """What is done to a file."""

    FLIPPED = "one bit flipped"
    ZEROED = "a page zeroed"
    CUT = "cut short"
    SWAPPED = "another file in its place"


class Target(StrEnum):
    """Which files of the collection are damaged."""

    INDEX = "index"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Kept:
    """A collection at rest, what it answers, and an earlier one whose files can be put in place of its own."""

    data: Path
    earlier: Path
    answers: Answers


def make(folder: Path) -> Kept:
    """The collections of the trials, written as commands write them: sealed, the second generation upon the first."""
    for place, numbers in (("earlier", [range(5)]), ("data", [range(40), range(40, 42)])):
        small = SmallCollection(folder / place)
        with small.archive.writing():
            for group in numbers:
                small.put(*map(_prices, group))
        small.archive.close()
    with opened(folder / "data", small.encoder) as collection:
        return Kept(folder / "data", folder / "earlier", answers(collection))


def _prices(number: int) -> Statement:
    towns = TOWNS[number % len(TOWNS) :] + TOWNS
    told = [f"The price of {metal} in {town} was {number} marks." for metal, town in zip(METALS, towns, strict=False)]
    return a_statement(" ".join(told), id=f"prices/{number}")


_SAID = [_prices(number).text for number in range(42)]


@contextmanager
def opened(data: Path, encoder: Encoder) -> Iterator[Collection]:
    """The collection as the commands open it. The caller has seen to it that every model is `encoder`."""
    with wiring.collection(Config(data, encoder.name), SilentProgress()) as collection:
        yield collection


def answers(collection: Collection) -> Answers:
    """What is quoted to each question."""
    return tuple(tuple(quote.text for quote in collection.ask(question).quotes) for question in QUESTIONS)


@dataclass(frozen=True, slots=True)
class Trials:
    """Damages copies of a collection, in a folder of its own, and looks what they answer."""

    kept: Kept
    scratch: Path
    encoder: Encoder

    def one(self, chance: Random, target: Target, kind: Damage) -> str | None:
        """What went wrong: damage that nobody noticed, or a wrong answer; `None` when nothing did.

        Half of the trials damage a collection at rest, which is then opened; the others one that answers already.
        """
        data = self.scratch / "damaged"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.kept.data, data)
        if chance.random() < 0.5:
            how = self._damage(chance, data, target, kind)
            found = self._at_rest(data, target)
        else:
            with opened(data, self.encoder) as collection:
                collection.ask(QUESTIONS[0])
                how = self._damage(chance, data, target, kind)
                found = self._in_use(collection, target)
        return f"{how}: {found}" if found else None

    def _at_rest(self, data: Path, target: Target) -> str | None:
        if target is Target.INDEX:
            with suppress(DamagedIndex):
                open_current(data / "index")
                return "not noticed"
        try:
            with opened(data, self.encoder) as collection:
                found = answers(collection)
        except OnRecordError:
            return None
        if target is Target.ARCHIVE:
            return "not noticed"
        return None if found == self.kept.answers else "a wrong answer of what was built anew"

    def _in_use(self, collection: Collection, target: Target) -> str | None:
        try:
            found = answers(collection)
            notice = collection.notice()
        except OnRecordError:
            return None
        if target is Target.ARCHIVE or notice is None:
            return "not noticed"
        quoted = {text for texts in found for text in texts}
        if quoted and all(any(text in said for said in _SAID) for text in quoted):
            return None
        return "a wrong answer of the generation before"

    def _damage(self, chance: Random, data: Path, target: Target, kind: Damage) -> str:
        """Damage a file, the larger the likelier, in place, as a disk does it; the answer says which and how."""
        while True:
            held = _files(data, target)
            path = chance.choices(held, [file.stat().st_size for file in held])[0]
            before = path.read_bytes()
            if kind is Damage.SWAPPED:
                after, how = self._other(chance, data, path)
            else:
                after, how = _damaged(chance, before, kind)
            if after != before:
                with path.open("r+b") as file:
                    file.write(after)
                    file.truncate()
                return f"{path.relative_to(data)}: {how}"

    def _other(self, chance: Random, data: Path, path: Path) -> tuple[bytes, str]:
        """What may be put there by mistake: the same file of another collection or generation, or another file."""
        name = path.relative_to(data).as_posix()
        before = name.replace("index/2/", "index/1/")
        others = [self.kept.earlier / before, data / before, *_files(data, Target.INDEX)]
        other = chance.choice([file for file in others if file.is_file()])
        return other.read_bytes(), f"replaced by {other.name}"


def _files(data: Path, target: Target) -> list[Path]:
    """The files that a trial may damage: all that is in use, but for caches that are believed only when right."""
    if target is Target.ARCHIVE:
        return [data / "archive.db"]
    in_use = sorted(path for path in (data / "index" / "2").rglob("*") if path.is_file())
    return [data / "index" / CURRENT, *(path for path in in_use if path.suffix != ".lock" and path.name != STAMPS)]


def _damaged(chance: Random, before: bytes, kind: Damage) -> tuple[bytes, str]:
    place = chance.randrange(len(before))
    match kind:
        case Damage.FLIPPED:
            bit = chance.randrange(8)
            return before[:place] + bytes([before[place] ^ 1 << bit]) + before[
                place + 1 :
            ], f"bit {bit} of byte {place}"
        case Damage.ZEROED:
            start = place - place % PAGE
            end = min(start + PAGE, len(before))
            return before[:start] + bytes(end - start) + before[end:], f"bytes {start} to {end} zeroed"
        case _:
            return before[:place], f"cut to {place} bytes"
