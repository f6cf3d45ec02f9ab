"""What in a document no reader of it sees, whatever its format: characters that carry text unseen, faint colours."""

from collections.abc import Sequence

import regex

LEAST_CONTRAST = 1.2
"""The least ratio of luminance, as `contrast` gives it, at which words can be made out by it alone."""
LEAST_DIFFERENCE = 0.12
"""The least difference in red, green or blue, of 1, at which words can be made out, as yellow ones on white can."""
SMALLEST_TYPE = 1.0
"""The height in points below which printed type is not seen."""

_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
_VARIATIONS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SMUGGLED = regex.compile(
    rf"(?P<flag>{_FLAG})|[\U000e0000-\U000e007f]+"
    rf"|(?<=[{_VARIATIONS}])[{_VARIATIONS}]+|(?<!\p{{Unified_Ideograph}})[\U000e0100-\U000e01ef]+"
)
_CARRIES = regex.compile(r"[\U000e0000-\U000e01ef]|[\ufe00-\ufe0f]{2}")


def without_smuggled(text: str) -> str:
    r"""The text without the characters that are shown as nothing and can spell out another text.

    They are the tag characters, but for those of a flag, and the variation selectors, but for one after what it varies:
    any of the 256 may follow an ideograph, the first 16 anything. Joiners, soft hyphens and direction marks are part of
    how many languages are written, and stay.

    >>> without_smuggled("Zinc \U000e006e\U000e006f\U000e0074is up\u200b.")
    'Zinc is up\u200b.'
    >>> england = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    >>> without_smuggled(england) == england
    True
    """
    if not _CARRIES.search(text):
        return text
    return str(_SMUGGLED.sub(lambda found: found["flag"] or "", text))


def is_faint(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether words of one colour on the other cannot be made out; colours are red, green and blue from 0 to 1.

    >>> is_faint((0.95, 0.95, 0.95), (1, 1, 1)), is_faint((0.8, 0.8, 0.8), (1, 1, 1)), is_faint((1, 1, 0), (1, 1, 1))
    (True, False, False)
    """
    near = all(abs(part - its) < LEAST_DIFFERENCE for part, its in zip(one, other, strict=True))
    return near and contrast(one, other) < LEAST_CONTRAST


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """The contrast of two colours, each red, green and blue from 0 to 1: 1 for the same, 21 for black and white.

    The formula is that of the Web Content Accessibility Guidelines 2.2, "contrast ratio".

    >>> contrast((0, 0, 0), (1, 1, 1)), round(contrast((1, 1, 1), (0.93, 0.93, 0.93)), 2)
    (21.0, 1.17)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Sequence[float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
