"""How near each other a passage has the words that stand side by side in the question."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

_EMPHASIS = 1.5
"""The power of a word's rarity, as in the search by words."""

Pairs = Mapping[tuple[str, str], float]
"""Words that follow each other in the question, and what they weigh: the lesser of the two."""


def pairs_of(words: Sequence[str], rarities: Mapping[str, float]) -> Pairs:
    """The pairs of a question's words, given in order as the keyword index compares them, and how rare each is.

    >>> pairs_of(["kelm", "bridge", "open"], {"kelm": 4.0, "bridge": 1.0, "open": 1.0})
    {('kelm', 'bridge'): 1.0, ('bridge', 'open'): 1.0}
    """
    weighed = {word: rarity**_EMPHASIS for word, rarity in rarities.items()}
    return {
        (one, other): min(weighed.get(one, 0.0), weighed.get(other, 0.0))
        for one, other in pairwise(words)
        if one != other
    }


def nearness(pairs: Pairs, words: Sequence[str]) -> float:
    """The share of the pairs, by weight, that a passage has, each divided by the distance in words: 0 to 1.

    Term proximity as in Metzler and Croft (2005, "A Markov Random Field Model for Term Dependencies"), in either order,
    with the distance in place of a window's width. `words` are the passage's, in order.

    >>> nearness({("kelm", "bridge"): 1.0, ("bridge", "open"): 1.0}, ["kelm", "bridge", "will", "open"])
    0.75
    """
    whole = sum(pairs.values())
    if not whole:
        return 0.0
    wanted = {word for pair in pairs for word in pair}
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        if word in wanted:
            places.setdefault(word, []).append(place)
    found = sum(
        weight / _distance(places[one], places[other])
        for (one, other), weight in pairs.items()
        if one in places and other in places
    )
    return found / whole


def _distance(some: Sequence[int], others: Sequence[int]) -> int:
    """The least between any of both; each ascending."""
    least, i, j = abs(some[0] - others[0]), 0, 0
    while i < len(some) and j < len(others):
        least = min(least, abs(some[i] - others[j]))
        if some[i] < others[j]:
            i += 1
        else:
            j += 1
    return least
