"""What can be asked of every passage, in columns: derived from the archive and thrown away at will."""

import json
from array import array
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from corpus.filters import Filters, Scope, names_matching
from corpus.records import UNDATED, Extent, Searchable, Standing

Keys: TypeAlias = npt.NDArray[np.int64]

_TYPES = {
    "key": "<i8",
    "statement": "<i8",
    "family": "<i8",
    "first_day": "<i4",
    "last_day": "<i4",
    "speaker": "<i4",
    "issuer": "<i4",
    "role": "<i1",
}
_NAMES = "names.json"
_NAMED = ("speaker", "issuer", "role")
_UNKNOWN = -1


class Columns:
    """A folder written by `ColumnsWriter`, opened for asking; its columns are mapped, not read.

    Raises `OSError` and `ValueError` when the folder is not one.
    """

    def __init__(self, folder: Path) -> None:
        self._names: dict[str, list[str]] = json.loads((folder / _NAMES).read_bytes())
        self._columns = {name: _mapped(folder / f"{name}.npy") for name in _TYPES}
        self.keys: Keys = self._columns["key"]
        """The key of every passage, ascending; shape (n,)."""

    def __len__(self) -> int:
        return len(self.keys)

    def scope(self, filters: Filters) -> Scope:
        """The filters in this collection's terms: names are looked up among those that it holds."""
        return Scope(
            filters.since,
            filters.until,
            self._matching(filters.speaker, "speaker"),
            self._matching(filters.issuer, "issuer"),
            filters.role,
        )

    def keys_within(self, scope: Scope) -> Keys:
        """Keys of the passages inside `scope`, ascending."""
        return self.keys[self._inside(scope)]

    def extent(self, scope: Scope) -> Extent:
        """How much is inside `scope`, and of which days."""
        if scope.is_everything:
            return self._whole
        return self._extent(self._inside(scope))

    @cached_property
    def _whole(self) -> Extent:
        return self._extent(np.ones(len(self), dtype=bool))

    def _extent(self, inside: npt.NDArray[np.bool_]) -> Extent:
        statements, first, last = (self._columns[name][inside] for name in ("statement", "first_day", "last_day"))
        dated = first != UNDATED
        return Extent(
            statements=_runs(statements),
            passages=len(statements),
            first_day=int(first[dated].min()) if dated.any() else None,
            last_day=int(last[dated].max()) if dated.any() else None,
        )

    def _inside(self, scope: Scope) -> npt.NDArray[np.bool_]:
        inside = np.ones(len(self), dtype=bool)
        if scope.since:
            first = self._columns["first_day"]
            inside &= (first >= scope.since.toordinal()) & (first != UNDATED)
        if scope.until:
            last = self._columns["last_day"]
            inside &= (last <= scope.until.toordinal()) & (last != UNDATED)
        role = frozenset([str(scope.role)]) if scope.role else None
        for name, wanted in (("speaker", scope.speakers), ("issuer", scope.issuers), ("role", role)):
            if wanted is not None:
                inside &= self._named(name, wanted)
        return inside

    def held(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Whether each of `keys` is that of a passage here; shape as given."""
        if not len(self):
            return np.zeros(keys.shape, dtype=bool)
        rows = np.searchsorted(self.keys, keys)
        return np.asarray(self.keys[np.minimum(rows, len(self) - 1)] == keys)

    def standings(self, keys: Sequence[int]) -> dict[int, Standing]:
        """What the ranking must know of each of `keys`; those that are not held are left out."""
        wanted = np.asarray(keys, dtype=np.int64)
        wanted = wanted[self.held(wanted)]
        rows = np.searchsorted(self.keys, wanted)
        details = (self._columns[name][rows].tolist() for name in ("statement", "family", "first_day"))
        return {key: Standing(key, *detail) for key, *detail in zip(wanted.tolist(), *details, strict=True)}

    def _matching(self, wanted: str | None, name: str) -> frozenset[str] | None:
        return names_matching(wanted, self._names[name]) if wanted and wanted.strip() else None

    def _named(self, name: str, wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
        chosen = np.array([held in wanted for held in self._names[name]] + [False])  # the last is for the unknown
        return np.asarray(chosen[self._columns[name]])


class ColumnsWriter:
    """Columns in the making: those of `before` that are `kept`, then the passages that are added, by ascending key."""

    def __init__(self, before: Columns | None = None, kept: npt.NDArray[np.bool_] | None = None) -> None:
        self._kept = {name: before._columns[name][kept] for name in _TYPES} if before else {}
        self._added = {name: array("q") for name in _TYPES}
        self._numbers = {
            name: {held: number for number, held in enumerate(before._names[name] if before else ())} for name in _NAMED
        }

    def add(self, passage: Searchable) -> None:
        """Append a passage; its key is above all before it."""
        added = self._added
        added["key"].append(passage.key)
        added["statement"].append(passage.version)
        added["family"].append(_family(passage))
        added["first_day"].append(_day(passage.first_day))
        added["last_day"].append(_day(passage.last_day))
        added["speaker"].append(self._number("speaker", passage.speaker))
        added["issuer"].append(self._number("issuer", passage.issuer))
        added["role"].append(self._number("role", str(passage.role)))

    def write(self, folder: Path) -> int:
        """Write them into `folder`, which is made; returns how many passages there are."""
        folder.mkdir()
        for name, kind in _TYPES.items():
            added = np.array(self._added[name], dtype=kind)
            np.save(folder / f"{name}.npy", np.concatenate([self._kept[name], added]) if self._kept else added)
        names = {name: list(numbers) for name, numbers in self._numbers.items()}
        (folder / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        return len(self._added["key"]) + (len(self._kept["key"]) if self._kept else 0)

    def _number(self, name: str, held: str | None) -> int:
        numbers = self._numbers[name]
        return _UNKNOWN if held is None else numbers.setdefault(held, len(numbers))


def keys_of(keys: Iterable[int]) -> Keys:
    """Keys as an array; shape (n,)."""
    return np.fromiter(keys, dtype=np.int64)


def _runs(statements: npt.NDArray[np.int64]) -> int:
    """How many statements these rows are of: those of each follow each other."""
    return int(np.count_nonzero(np.diff(statements))) + 1 if len(statements) else 0


def _mapped(path: Path) -> npt.NDArray[np.int64]:
    # unlike `numpy.load`, this knows no pickles and no archives
    column: npt.NDArray[np.int64] = np.lib.format.open_memmap(path, mode="r")
    return column


def _day(day: str | None) -> int:
    return date.fromisoformat(day).toordinal() if day else UNDATED


def _family(passage: Searchable) -> int:
    """A number that passages share when the same speaker, or an unnamed one of the same issuer, says the same words."""
    bare = " ".join(passage.text.casefold().split())
    issuer = None if passage.speaker else passage.issuer
    told = json.dumps([bare, passage.speaker, issuer, passage.role])
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), signed=True)
