r"""What of a text is not obeyed but shown: characters that act on a screen or are not seen on it.

The rule, for pages, reports and terminals alike:

- Shown by its name wherever it stands is a character that commands a terminal (C0, but for tab and line feed, DEL and
  C1), that sets a direction for others (embeddings, overrides, isolates), that ends a line or paragraph unseen
  (U+2028, U+2029, a carriage return without a line feed), and half a surrogate pair, as in the name of a file.
- So is every other character that Unicode says may be left undrawn (`Default_Ignorable_Code_Point`) or that is no
  character: zero width spaces, fillers, tags, selectors; but for those that stand where writing needs them:
  a joiner after a letter of a script that joins its letters or stacks them, or between two emoji; a direction mark
  (U+200E, U+200F, U+061C) in a line with a letter that is written from right to left; a soft hyphen between two
  letters; one variation selector after a sign, a digit or an ideograph; the tags of a flag.
- Nothing else is changed. Look-alikes, as a Cyrillic а in a Latin word, are drawn as what they are.

A text is judged as far as it is given: a joiner at its very beginning is shown. What is copied by a button, sent by a
form, written to a pipe or given as JSON has the characters themselves.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex
from markupsafe import Markup, escape

_JOINING = (
    *("Arabic", "Syriac", "Mandaic", "Nko", "Mongolian", "Phags_Pa", "Adlam", "Hanifi_Rohingya", "Sogdian"),
    *("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    *("Khmer", "Myanmar", "Tibetan", "Balinese", "Javanese", "Sundanese", "Limbu", "Newa", "Tirhuta", "Grantha"),
)
"""Scripts whose letters take other forms, or stack, where a joiner stands."""
_JOINS = "".join(rf"\p{{Script={name}}}" for name in _JOINING)
_LEFTWARD = regex.compile(r"(?V1)[[\p{Bidi_Class=R}\p{Bidi_Class=AL}]&&\p{L}]")
_UNSEEN = regex.compile(
    r"(?V1)[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]--[\t\n]]"
)
_NEEDED = regex.compile(
    rf"""(?V1x)
    \r (?=\n)
  | [\u200C\u200D] (?<=[[{_JOINS}]&&[\p{{L}}\p{{M}}]]\p{{M}}{{0,8}}.)
  | \u200D (?<=\p{{Extended_Pictographic}}[\uFE0F\U0001F3FB-\U0001F3FF]?.) (?=\p{{Extended_Pictographic}})
  | \u00AD (?<=\p{{L}}\p{{M}}{{0,8}}.) (?=\p{{L}})
  | [\uFE00-\uFE0F\U000E0100-\U000E01EF] (?<=[\p{{S}}\p{{P}}\p{{N}}\p{{Emoji}}\p{{Han}}].)
  | [\u180B-\u180F] (?<=\p{{Mongolian}}.)
  | \uFE00 (?<=[\p{{Myanmar}}\p{{Phags_Pa}}].)
  | [\U000E0030-\U000E0039\U000E0061-\U000E007A]{{3,6}} \U000E007F (?<=\U0001F3F4.{{4,7}})
    """
)
_MARKS = "\u200e\u200f\u061c"
"""What has the characters beside it read from left to right or from right to left."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand together: all drawn as they are, or one that is shown by its name."""

    start: int
    """In code points of the text."""
    text: str
    control: bool


def runs(text: str) -> Iterator[Run]:
    r"""The text in order, every character of it, cut around those that are shown by their names.

    >>> [(run.text, run.control) for run in runs("a\u202eb")]
    [('a', False), ('\u202e', True), ('b', False)]
    """
    done = 0
    for start in _shown(text):
        if done < start:
            yield Run(done, text[done:start], control=False)
        yield Run(start, text[start], control=True)
        done = start + 1
    if done < len(text):
        yield Run(done, text[done:], control=False)


def symbol(character: str) -> str:
    r"""What stands for a character that is shown by its name, on a terminal.

    >>> symbol("\x1b"), symbol("\x7f"), symbol("\u202e")
    ('␛', '␡', '‹U+202E›')
    """
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else code_point(character)


def code_point(character: str) -> str:
    r"""What stands for it on a page: many browsers have no font with the symbols, and then all look the same.

    >>> code_point("\x1b"), code_point("\u202e")
    ('‹U+001B›', '‹U+202E›')
    """
    return f"‹U+{ord(character):04X}›"


def name(character: str) -> str:
    r"""A character's number and name.

    >>> name("\x1b"), name("\u202e"), name("\x9b")
    ('U+001B ESCAPE', 'U+202E RIGHT-TO-LEFT OVERRIDE', 'U+009B CONTROL CHARACTER')
    """
    code, kind = ord(character), unicodedata.category(character)
    if len(picture := symbol(character)) == 1:
        told = unicodedata.name(picture).removeprefix("SYMBOL FOR ")
    else:
        told = unicodedata.name(character, "CONTROL CHARACTER" if kind == "Cc" else "NO CHARACTER")
    return f"U+{code:04X} {told}"


def visible(text: str) -> str:
    r"""The text as plain characters that nothing obeys, for a terminal or a title; CR LF is one line end.

    >>> visible("a\x1b[31mb\r\n\u202ec")
    'a␛[31mb\n‹U+202E›c'
    """
    return "".join(symbol(run.text) if run.control else run.text for run in runs(text)).replace("\r\n", "\n")


def shown(text: str) -> Markup:
    r"""The text as HTML: what a browser would obey is a mark with a name, all else is read back as it is.

    >>> shown("<b>\u202e")
    Markup('&lt;b&gt;<span class="control" dir="ltr" title="U+202E RIGHT-TO-LEFT OVERRIDE">‹U+202E›</span>')
    """
    return Markup("").join(_marked(run.text) if run.control else exact(run.text) for run in runs(text))


def exact(text: str) -> Markup:
    r"""The text as HTML that a browser reads back character for character, for what it does not draw: an attribute.

    >>> exact("<b>\r\n")
    Markup('&lt;b&gt;&#13;\n')
    """
    return escape(text).replace("\r", Markup("&#13;"))


def in_json(written: str) -> str:
    r"""JSON of the same value in which nothing is left for a terminal to obey.

    >>> print(in_json('{"text": "a\u202eb"}'))
    {"text": "a\u202eb"}
    """
    return "".join(_escaped(run.text) if run.control else run.text for run in runs(written))


_MARK = Markup('<span class="control" dir="ltr" title="{}">{}</span>')


def _shown(text: str) -> Iterator[int]:
    """Where the characters stand that are shown by their names."""
    line_end, leftward, needed_until = -1, False, 0
    for found in _UNSEEN.finditer(text):
        at = found.start()
        if at < needed_until:
            continue
        if text[at] not in _MARKS:
            needed = _NEEDED.match(text, at)
            needed_until = needed.end() if needed else at
            if needed is None:
                yield at
            continue
        if at > line_end:  # each line is looked through once, however many marks it has
            line_end = text.find("\n", at)
            line_end = len(text) if line_end < 0 else line_end
            leftward = _LEFTWARD.search(text, text.rfind("\n", 0, at) + 1, line_end) is not None
        if not leftward:
            yield at


@lru_cache(maxsize=512)
def _marked(character: str) -> Markup:
    return _MARK.format(name(character), code_point(character))


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
