r"""What of a text is not obeyed but shown: characters that act on a screen or are not seen on it.

The rule, for pages, reports and terminals alike:

- Shown by its name wherever it stands is a character that commands a terminal (C0, but for tab and line feed, DEL and
  C1), that sets a direction for others (embeddings, overrides, isolates), that ends a line or paragraph unseen
  (U+2028, U+2029, a carriage return without a line feed), and half a surrogate pair, as in the name of a file.
- So is every other character that Unicode says may be left undrawn (`Default_Ignorable_Code_Point`) or that is no
  character: zero width spaces, fillers, tags, selectors; but for those that stand where writing needs them:

  - a joiner or non-joiner beside a letter or digit of a script that joins its letters or stacks them (with the marks
    of the letter between), or between two emoji;
  - a zero width space beside a character of a script that is written without spaces;
  - a direction mark (U+200E, U+200F, U+061C) in a text with a letter or digit that is written from right to left, but
    not between two letters that are written from left to right;
  - a soft hyphen after a letter, a digit, a dash or an apostrophe, before a letter or the end of the line;
  - one variation selector after a sign, a digit or an ideograph; the tags of a flag; a grapheme joiner between a
    Hebrew letter and its points; a filler that holds the place of a letter in a Hangul syllable.

  Of two of these in a row, one is shown. Between letters of Latin, Cyrillic or Greek only the soft hyphen stays.
- Nothing else is changed. Look-alikes, as a Cyrillic а in a Latin word, are drawn as what they are.

A text is judged as far as it is given: a soft hyphen at its very beginning is shown, and a direction mark beside
digits is shown where all else that is written from right to left stands in another text. One character many times in
a row is told once with the number of times. What is copied by a button, sent by a form, written to a pipe or given as
JSON has the characters themselves.
"""

import unicodedata
from functools import lru_cache

import regex
from markupsafe import Markup, escape

_JOINING = (
    *("Arabic", "Syriac", "Mandaic", "Nko", "Mongolian", "Phags_Pa", "Adlam", "Hanifi_Rohingya", "Sogdian"),
    *("Manichaean", "Psalter_Pahlavi", "Chorasmian", "Old_Uyghur"),
    *("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    *("Khmer", "Myanmar", "Tibetan", "Balinese", "Javanese", "Sundanese", "Limbu", "Newa", "Tirhuta", "Grantha"),
    *("Chakma", "Meetei_Mayek", "Saurashtra", "Kaithi", "Gunjala_Gondi", "Masaram_Gondi", "Brahmi", "Kharoshthi"),
    *("Tai_Tham", "Khojki", "Khudawadi", "Sharada", "Siddham", "Modi", "Takri", "Dogra", "Mahajani", "Multani"),
    *("Nandinagari", "Bhaiksuki", "Zanabazar_Square", "Soyombo", "Marchen", "Ahom", "Kawi", "Dives_Akuru"),
    *("Syloti_Nagri", "Lepcha", "Rejang", "Batak", "Buginese", "Cham"),
)
"""Scripts whose letters take other forms, or stack, where a joiner stands."""
_SPACELESS = (
    *("Khmer", "Thai", "Lao", "Myanmar", "Tibetan", "Han", "Hiragana", "Katakana", "Bopomofo", "Yi"),
    *("Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Cham", "Balinese", "Javanese"),
)
"""Scripts that put no space between words, so that a line breaks at a zero width space."""


def _any_of(scripts: tuple[str, ...]) -> str:
    return "".join(rf"\p{{Script={name}}}" for name in scripts)


_UNDRAWN = r"[\p{Default_Ignorable_Code_Point}]"
_JOINS = rf"[[{_any_of(_JOINING)}\u0640]&&[\p{{L}}\p{{N}}]]"
_JOINED_MARK = rf"[[{_any_of(_JOINING)}]&&\p{{M}}]"
_UNSPACED = rf"[[{_any_of(_SPACELESS)}]--{_UNDRAWN}]"
_RIGHTWARD = r"[\p{Bidi_Class=L}&&\p{L}]"
_LEFTWARD = regex.compile(r"(?V1)[[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}\p{Script=Arabic}]&&[\p{L}\p{N}]]")
_MARKS = "\u200e\u200f\u061c"
"""What has the characters beside it read from left to right or from right to left."""
_UNSEEN = (
    r"[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]--[\t\n]]"
)
_NEEDED = rf"""
    \r (?=\n)
  | [\u200C\u200D] (?: (?<={_JOINS}\p{{M}}{{0,8}}.) | (?<!{_UNDRAWN}.) (?={_JOINS}|{_JOINED_MARK}) )
  | \u200D (?<=\p{{Extended_Pictographic}}[\uFE0F\U0001F3FB-\U0001F3FF]?.) (?=\p{{Extended_Pictographic}})
  | \u200B (?: (?<={_UNSPACED}.) | (?<!{_UNDRAWN}.) (?={_UNSPACED}) )
  | \u00AD (?<=[\p{{L}}\p{{N}}\p{{Pd}}'’]\p{{M}}{{0,8}}.) (?=\p{{L}}|\r?\n|\Z)
  | \u034F (?<=[\p{{Hebrew}}&&\p{{L}}]\p{{M}}{{0,8}}.) (?=[\p{{Hebrew}}\p{{M}}]) (?!{_UNDRAWN})
  | \u115F (?=[\u1161-\u11A7\uD7B0-\uD7C6] | \u1160[\u11A8-\u11FF\uD7CB-\uD7FB])
  | \u1160 (?: (?<=[\u1100-\u115E\uA960-\uA97C].) | (?<=\u115F.) (?=[\u11A8-\u11FF\uD7CB-\uD7FB]) )
  | [\uFE00-\uFE0F\U000E0100-\U000E01EF] (?<=[\p{{S}}\p{{P}}\p{{N}}\p{{Emoji}}\p{{Han}}].)
  | [\u180B-\u180F] (?<=\p{{Mongolian}}.)
  | \uFE00 (?<=[\p{{Myanmar}}\p{{Phags_Pa}}].)
  | (?<=\U0001F3F4) [\U000E0030-\U000E0039\U000E0061-\U000E007A]{{3,6}} \U000E007F
"""
_NEEDED_LEFTWARD = rf"""
    [{_MARKS}] (?: (?<!(?:{_RIGHTWARD}\p{{M}}{{0,8}}|{_UNDRAWN}).) | (?!{_RIGHTWARD}|{_UNDRAWN}) )
"""


def _cut(needed: str) -> regex.Pattern[str]:
    """Finds what is needed, and in group 1 what is not: one character as often as it stands there in a row."""
    # Each look behind or ahead is of few characters: a text takes time by its length, whatever it holds.
    return regex.compile(rf"(?V1xs)(?={_UNSEEN})(?:{needed}|((.)\2*)(?<!\r(?=\n)))")


_CUT = _cut(_NEEDED)
_CUT_LEFTWARD = _cut(f"{_NEEDED}|{_NEEDED_LEFTWARD}")
_ANY_UNSEEN = regex.compile(f"(?V1){_UNSEEN}")


def symbol(character: str, times: int = 1) -> str:
    r"""What stands on a terminal for a character that is shown by its name, or for `times` of it in a row.

    >>> symbol("\x1b"), symbol("\x7f"), symbol("\u202e"), symbol("\0", 3)
    ('␛', '␡', '‹U+202E›', '‹U+0000 × 3›')
    """
    code = ord(character)
    if times > 1:
        return code_point(character, times)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else code_point(character)


def code_point(character: str, times: int = 1) -> str:
    r"""What stands for it on a page: many browsers have no font with the symbols, and then all look the same.

    >>> code_point("\x1b"), code_point("\u202e", 2)
    ('‹U+001B›', '‹U+202E × 2›')
    """
    counted = f" × {times}" if times > 1 else ""
    return f"‹U+{ord(character):04X}{counted}›"


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
    drawn, controls = _divided(text)
    return _woven(drawn, [symbol(run[0], len(run)) for run in controls]).replace("\r\n", "\n")


def shown(text: str) -> Markup:
    r"""The text as HTML: what a browser would obey is a mark with a name, all else is read back as it is.

    Where marks stand thick, in a text made to be a burden, those past a number that grows with the text are told by
    number alone.

    >>> shown("<b>\u202e")
    Markup('&lt;b&gt;<span class="control" dir="ltr" title="U+202E RIGHT-TO-LEFT OVERRIDE">‹U+202E›</span>')
    """
    drawn, controls = _divided(text)
    if not controls:
        return exact(text)
    marks, named, at = [], 0, 0
    for before, run in zip(drawn, controls, strict=False):
        if named < _NAMED + at // _NAMED_EVERY:
            marks.append(_named(run[0], len(run)))
            named += 1
        else:
            marks.append(_numbered(run[0], len(run)))
        at += len(before) + len(run)
    # Escaped once, not piece by piece. NUL divides, as none is left in what is drawn.
    escaped = str(exact("\0".join(drawn))).split("\0")
    return Markup(_woven(escaped, marks).replace(_CLOSE + _OPEN, ""))  # noqa: S704 - all of it is escaped or ours


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
    drawn, controls = _divided(written)
    return _woven(drawn, [_escaped(run[0]) * len(run) for run in controls])


_MARK = Markup('<span class="control" dir="ltr" title="{}">{}</span>')
_OPEN, _CLOSE = "<b dir=ltr>", "</b>"
_NAMED, _NAMED_EVERY = 20, 64
"""So many marks of a text are told by name, and one more for each so many characters."""
# The caches below hold a mark for each of the 6,356 characters that can be shown: a text of all of them misses none.


def _divided(text: str) -> tuple[list[str], list[str]]:
    """What is drawn as it is, and between each two of these one character to be shown, as often as it stands there."""
    first = _ANY_UNSEEN.search(text)
    if first is None:
        return [text], []
    marked = any(mark in text for mark in _MARKS) and _LEFTWARD.search(text) is not None
    drawn: list[str] = []
    controls: list[str] = []
    done = 0
    for found in (_CUT_LEFTWARD if marked else _CUT).finditer(text, first.start()):
        if found.lastindex:
            start, end = found.span()
            drawn.append(text[done:start])
            controls.append(text[start:end])
            done = end
    drawn.append(text[done:])
    return drawn, controls


def _woven(drawn: list[str], marks: list[str]) -> str:
    return "".join([piece + mark for piece, mark in zip(drawn, marks, strict=False)]) + drawn[-1]


@lru_cache(maxsize=512)
def _named(character: str, times: int) -> str:
    told = name(character) if times == 1 else f"{name(character)}, {times} times"
    return str(_MARK.format(told, code_point(character, times)))


@lru_cache(maxsize=8192)
def _numbered(character: str, times: int) -> str:
    return f"{_OPEN}{code_point(character, times)}{_CLOSE}"


@lru_cache(maxsize=8192)
def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
