"""On which page of a PDF the parts of its statement stand: known without the library that reads PDFs."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """On which page of its PDF each part of a statement's text stands."""

    starts: tuple[int, ...]
    """Where each printed line begins in the text, in code points, ascending."""
    numbers: tuple[int, ...]
    """The page of each of these lines, 1 for the first; those of footnotes begin again at the end."""

    def page_at(self, offset: int) -> int:
        """The page on which the character at `offset` stands."""
        return self.numbers[max(0, bisect_right(self.starts, offset) - 1)]
