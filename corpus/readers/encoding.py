"""Which characters the bytes of a document stand for, without losing or replacing one; or that they are not text."""

import codecs
import re
import unicodedata

from corpus.errors import Unreadable

_NOT_TEXT = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a sound, film or WebP image"),
    (b"\x7fELF", "a Linux program"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\xfd7zXZ\0", "xz-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MEANT = {  # what a document that declares the left is written in (WHATWG Encoding Standard)
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SINGLE_BYTE = re.compile(r"cp125\d|cp874|iso8859-.*|koi8.*|mac.*")
_RIVALS = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "mac_roman", "cp850"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
)
_RESAVE = "Save it again as UTF-8 and ingest that."
_ALLOWED_CONTROLS = frozenset("\t\n\v\f\r\x85")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")  # where windows-1252 and its like have their quotes
_MOST_CONTROLS = 1 / 200
_CHINESE_QUOTES = frozenset("“”‘’—…·、。《》\u3000")
# What windows-1252 shows where a word of another encoding had a letter: "¿" in Polish, "ð" in Turkish, "‚" from DOS.
_FOREIGN_LETTER = re.compile(
    r"[^\W\d_][‚ƒ„†‡ˆ‰‹•˜™›¡¢£¤¥¦§¨ª¬¯±²³´µ¶¸¹º¼½¾¿×÷][^\W\d_]|[a-zß-ÿ][À-ÞŠŒŽŸ][a-zß-ÿ]|[ðÐþÞýÝ]"
)
_ICELANDIC = re.compile(r"(?s)(?=.*[ðþ])(?=.*[áí])")  # Turkish and Croatian, the other readings, lack "á" and "í"


def decode(data: bytes, declared: str | None = None) -> str:
    r"""The text that `data` holds, every character of it; a byte order mark is not part of it.

    `declared` is the encoding the document or its server names; it is believed where the bytes bear it out.

    >>> decode(b"He said \x93no\x94.")
    'He said “no”.'
    >>> decode("声明".encode("gb18030"))
    '声明'

    Raises `Unreadable` when the bytes are not text or their encoding cannot be told.
    """
    for magic, what in _NOT_TEXT:
        if data.startswith(magic):
            raise Unreadable(f"This is {what}, not text.", "Give a text, Markdown, HTML, PDF, DOCX or JSONL file.")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _marked(data, bom, encoding)
    data = data.removesuffix(b"\x1a")  # how DOS ended a text
    for text in (_declared(data, declared), _utf8(data), _unmarked_utf16(data)):
        if text is not None:
            return text
    if _binary(data):
        raise Unreadable("This is not text: it holds bytes that no text has.", "Give the file with the text itself.")
    text = _chinese(data) or _western(data) or _detected(data)
    if text is None:
        raise Unreadable("The encoding of this text cannot be told.", _RESAVE)
    return text


def _marked(data: bytes, bom: bytes, encoding: str) -> str:
    text = _strict(data.removeprefix(bom), encoding)
    if text is None:
        raise Unreadable(f"This begins as {encoding.upper()} text but does not go on as such.", _RESAVE)
    return text


def _declared(data: bytes, declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip()).name
    except LookupError:
        return None
    meant = _MEANT.get(name, name)
    text = _strict(data, meant)
    if not _SINGLE_BYTE.fullmatch(meant):
        return text
    # Whoever declares windows-1252 may still write UTF-8, never by chance the other way round.
    return _utf8(data) or (None if text is None or _C1.search(text) else text)


def _utf8(data: bytes) -> str | None:
    return _strict(data, "utf-8")


def _strict(data: bytes, encoding: str) -> str | None:
    """The text, if every byte has its meaning in `encoding` and what comes out is text."""
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):  # LookupError: the name is that of a codec from bytes to bytes
        return None
    if "\0" in text:
        return None
    controls = sum(text.count(control) for control in set(text) if _is_control(control))
    return text if controls <= len(text) * _MOST_CONTROLS else None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" and character not in _ALLOWED_CONTROLS


def _binary(data: bytes) -> bool:
    controls = sum(data.count(byte) for byte in range(0x20) if _is_control(chr(byte)))
    return b"\0" in data or controls > len(data) * _MOST_CONTROLS


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: NULs or control bytes that make sense when read in pairs, in one order only."""
    few_nuls = data.count(0) * 4 < len(data)
    if not _binary(data) or (few_nuls and _utf8(data.replace(b"\0", b"")) is not None):
        return None  # ASCII with a stray NUL also reads as Chinese, and is not
    readings = [_strict(data, encoding) for encoding in ("utf-16-le", "utf-16-be")]
    likely = [text for text in readings if text is not None and _all_assigned(text)]
    if len(likely) == 2:
        likely = sorted(likely, key=_plain_spaces)[1:] if _plain_spaces(likely[0]) != _plain_spaces(likely[1]) else []
    return likely[0] if likely else None


def _all_assigned(text: str) -> bool:
    return all(unicodedata.category(character) not in {"Cn", "Co", "Cs"} for character in set(text))


def _plain_spaces(text: str) -> int:
    return text.count(" ") + text.count("\n")


def _chinese(data: bytes) -> str | None:
    """GB18030, if it comes out as the everyday characters and punctuation of Chinese."""
    text = _strict(data, "gb18030")
    if text is None:
        return None
    pairs = [character for character in text if len(character.encode("gb18030")) == 2]
    if set(pairs) <= _CHINESE_QUOTES:  # English typed on a Chinese keyboard
        return text
    rows = [_gb2312_row(character) for character in pairs]
    everyday = sum(row in range(0xA1, 0xA4) or row in range(0xB0, 0xD8) for row in rows)
    between_letters = len(re.findall(r"(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])", text))  # "DECLARAÇÃO"
    hanzi = [row for row in rows if row >= 0xB0]
    korean = len(hanzi) >= 8 and max(hanzi) <= 0xC8  # Hangul fill just these rows
    return text if hanzi and not korean and everyday - between_letters >= 0.8 * len(rows) else None


def _gb2312_row(character: str) -> int:
    try:
        return character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0


def _western(data: bytes) -> str | None:
    """windows-1252, if it comes out as words of mostly plain letters with nothing in them that Western words lack."""
    text = _strict(data, "cp1252")
    if text is None or (_FOREIGN_LETTER.search(text) and not _ICELANDIC.match(text)):
        return None
    letters = [character for character in text if character.isalpha()]
    accented = sum(not letter.isascii() for letter in letters)
    return text if accented * 2 <= len(letters) else None


def _detected(data: bytes) -> str | None:
    """What charset-normalizer makes of it; it knows languages, which needs more text than our own two tests."""
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=list(_RIVALS)).best()
    return None if best is None else _strict(data, best.encoding)
