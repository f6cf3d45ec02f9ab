"""Texts of like length go together, so that little of a batch is padding."""

from collections.abc import Iterator, Sequence


def by_length(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """The positions of `lengths`, longest first, in batches of at most `tokens` tokens once padded to their longest.

    A text that is longer than that is a batch of its own.

    >>> list(by_length([3, 9, 1, 4], 9))
    [[1], [3, 0], [2]]
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > tokens:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
