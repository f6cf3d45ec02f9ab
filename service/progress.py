"""What long work tells whoever watches it."""

from typing import Protocol


class Progress(Protocol):
    """Told how the work goes."""

    def reading(self, done: int, total: int) -> None:
        """So many files of so many are read."""

    def statement(self) -> None:
        """Another statement is dealt with."""

    def encoding(self, done: int, total: int) -> None:
        """So many passages of so many are encoded."""

    def indexing(self) -> None:
        """The index is being built."""

    def exporting(self) -> None:
        """The encoder is being exported, so that questions are answered quickly from now on."""
