"""What a run of the benchmarks measures: which figures, on which sizes, how often."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.collections import Collections, Measured
from benchmarks.load import Load
from benchmarks.texts import Questions


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured for each figure: enough that medians hold still."""

    helps: int = 15
    colds: int = 5
    colds_not_counted: int = 1
    """The first finds its files on disk, not in the system's cache."""
    questions: int = 300
    narrowed: int = 40
    """Questions for each filter."""
    recalled: int = 200
    requests: int = 300
    """For each number of clients, in each round."""
    encoded: int = 96
    """Questions for each way to use the encoder alone, in each round."""
    rounds: int = 3
    served: int = 200
    ingested: int = 4000
    """Passages."""
    added: int = 100
    """Statements."""


QUICK = Amounts(
    helps=2,
    colds=1,
    colds_not_counted=0,
    questions=12,
    narrowed=3,
    recalled=12,
    requests=16,
    encoded=8,
    rounds=1,
    served=16,
    ingested=60,
    added=5,
)
"""To see that everything runs: no figures to be quoted."""


@dataclass
class Plan:
    """One run."""

    sizes: tuple[int, ...]
    collections: Collections
    amounts: Amounts
    questions: Questions = field(default_factory=Questions)
    loads: list[Load] = field(default_factory=list)
    """What the HTTP clients met, kept for the plot."""
    opened: dict[int, Measured] = field(default_factory=dict)
    """The collections used so far, by size."""

    @cached_property
    def samples(self) -> Path:
        """The data folder of the samples' collection."""
        return self.collections.samples()

    def every(self) -> Iterator[Measured]:
        """The collections, in the order of sizes given."""
        return map(self.collection, self.sizes)

    @property
    def smallest(self) -> Measured:
        """The one of fewest passages."""
        return self.collection(min(self.sizes))

    @property
    def largest(self) -> Measured:
        """The one of most passages."""
        return self.collection(max(self.sizes))

    @property
    def served(self) -> Measured:
        """The one that is asked over HTTP: the largest up to 100,000 passages."""
        return self.collection(max((size for size in self.sizes if size <= 100_000), default=min(self.sizes)))

    def collection(self, size: int) -> Measured:
        """The one of `size` passages, made when it is not kept."""
        if size not in self.opened:
            self.opened[size] = self.collections.of(size)
        return self.opened[size]
