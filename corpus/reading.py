"""How a statement is read from its bytes, in one line that is kept with it: by which readers, and for which issuer."""

READERS = "readers-2"
"""Changes whenever the same bytes would be read to another statement; such bytes are then read anew."""
_ISSUED_BY = " issued by "


def reading(issuer: str | None) -> str:
    """What is kept of a reading by today's readers; `issuer` is the one that was given by hand.

    >>> reading("Board of Looms")
    'readers-2 issued by Board of Looms'
    """
    return f"{READERS}{_ISSUED_BY}{issuer}" if issuer else READERS


def readers_of(kept: str) -> str:
    """Which readers a reading that is kept was by."""
    return kept.partition(_ISSUED_BY)[0]


def issuer_given(kept: str) -> str | None:
    """The issuer that was given by hand for a reading that is kept; `None` when none was."""
    return kept.partition(_ISSUED_BY)[2] or None
