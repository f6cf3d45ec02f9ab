"""Files that somebody made to break whoever reads them, each small on disk and written when it is needed."""

import gzip
import io
import lzma
import os
import socket
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from random import Random

SECRET = "the-harbour-key-is-under-the-third-stone"  # noqa: S105
"""Stands in a file beside the hostile ones: no document may bring it in."""
Kind = Callable[[], bytes]
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINE = b'{"text": "Zinc is up in Orm, and tin is not."}\n'
MILLION = 1_000_000


def _types(main: str = "word/document.xml") -> str:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{kind}"/></Types>'
    )


_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def word(document: str | bytes, **others: bytes) -> bytes:
    """A Word document whose main part is `document`; `others` are more members, by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.writestr("[Content_Types].xml", _types())
        made.writestr("_rels/.rels", _RELS)
        made.writestr("word/document.xml", document)
        for name, data in others.items():
            made.writestr(name, data)
    return packed.getvalue()


def _body(inside: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<w:document xmlns:w="{_W}"><w:body>{inside}</w:body></w:document>'


def _said(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def _dtd(declared: str, used: str) -> bytes:
    return word(_body(_said(f"Tin is up. {used}"), f"<!DOCTYPE w:document [{declared}]>"))


def _laughs() -> bytes:
    declared = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return _dtd(declared, "&a11;")


def _patched(data: bytes, mark: bytes, at: int, value: bytes) -> bytes:
    """A zip with bytes of every header that begins with `mark` replaced, `at` bytes behind it."""
    made, start = bytearray(data), 0
    while (start := data.find(mark, start)) >= 0:
        made[start + at : start + at + len(value)] = value
        start += 4
    return bytes(made)


def _many_members() -> bytes:
    """A hundred thousand names for one empty member."""
    name = b"word/document.xml"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    directory = entry * 100_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(local), 0)
    return local + directory + end


def _overlapping() -> bytes:
    """One bomb under a hundred names."""
    packed = zlib.compress(bytes(MILLION), 9)[2:-4]
    head = (8, 0, 0, zlib.crc32(bytes(MILLION)), len(packed), MILLION)
    names = [b"word/document.xml", *(b"word/%03d.xml" % n for n in range(100))]
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, *head, len(names[0]), 0) + names[0] + packed
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, *head, len(name), 0, 0, 0, 0, 0, 0) + name for name in names
    )
    return local + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 101, 101, len(directory), len(local), 0)


def _nested_zip() -> bytes:
    inner = bytes(MILLION)
    for level in range(6):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
            for copy in range(8):
                made.writestr(f"{level}-{copy}.zip", inner)
        inner = packed.getvalue()
    return inner


def _plain() -> bytes:
    return word(_body(_said("Tin is up in Kelm.")))


ZIPPED: dict[str, Kind] = {
    "bomb.docx": lambda: word(_body(_said(" " * 40 * MILLION))),
    "beside.docx": lambda: word(_body(_said("Tin is up.")), **{"word/media/a.png": bytes(60 * MILLION)}),
    "nested.zip.docx": _nested_zip,
    "members.docx": _many_members,
    "overlapping.docx": _overlapping,
    "wrong-crc.docx": lambda: _patched(_plain(), b"PK\1\2", 16, b"\0\1\2\3"),
    "encrypted.docx": lambda: _patched(_patched(_plain(), b"PK\1\2", 8, b"\1\0"), b"PK\3\4", 6, b"\1\0"),
    "declares-4gb.docx": lambda: _patched(_plain(), b"PK\1\2", 24, b"\xfe\xff\xff\xff"),
    "cut.docx": lambda: _plain()[:-60],
    "slip.docx": lambda: word(_body(_said("Tin is up.")), **{"../../../tmp/slipped": b"x", "/etc/slipped": b"x"}),
    "laughs.docx": _laughs,
    "quadratic.docx": lambda: _dtd(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 50_000),
    "external.docx": lambda: _dtd('<!ENTITY a SYSTEM "secret.txt">', "&a;"),
    "file-url.docx": lambda: _dtd('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "dtd.docx": lambda: word(_body(_said("Tin is up."), '<!DOCTYPE w:document SYSTEM "http://127.0.0.1:9/a.dtd">')),
    "deep.docx": lambda: word(_body("<w:sdt>" * 200_000)),
    "deep-runs.docx": lambda: word(_body("<w:p>" + "<w:r>" * 250 + "x" + "</w:r>" * 250 + "</w:p>")),
    "no-body.docx": lambda: word(f'<w:document xmlns:w="{_W}"/>'),
    "not-xml.docx": lambda: word(b"\0\1\2\3"),
    "table.docx": lambda: word(_body("<w:tbl>" + f"<w:tr><w:tc>{_said('1')}</w:tc></w:tr>" * 30_000 + "</w:tbl>")),
    "runs.docx": lambda: word(_body("<w:p>" + "<w:r><w:t>a</w:t></w:r>" * 60_000 + "</w:p>")),
}


def pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R", end: bytes | None = None) -> bytes:
    """A PDF of these objects, numbered from 1, with its table."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(data) if end is None else 0
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return data + (end or b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, start))


def _stream(data: bytes, about: bytes = b"/Filter /FlateDecode") -> bytes:
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (about, len(data), data)


_CATALOG = b"<</Type /Catalog /Pages 2 0 R>>"
_FONT = b"/Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>"


def _page(content: bytes, box: bytes = b"[0 0 600 800]", more: bytes = b"") -> bytes:
    """A PDF of one page, whose content is a stream object."""
    page = b"<</Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R %s %s>>" % (box, _FONT, more)
    return pdf(_CATALOG, b"<</Type /Pages /Kids [3 0 R] /Count 1>>", page, content)


_SHOWN = b"BT /F 12 Tf 50 700 Td (Tin is up in Kelm, and zinc is not.) Tj ET"


def _pages(kids: bytes, count: int) -> bytes:
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R %s>>" % _FONT
    return pdf(_CATALOG, b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count), page, _stream(_SHOWN, b""))


PDFS: dict[str, Kind] = {
    "flate.pdf": lambda: _page(_stream(zlib.compress(b" " * 100 * MILLION, 9))),
    "flate-of-flate.pdf": lambda: _page(
        _stream(zlib.compress(zlib.compress(bytes(200 * MILLION), 1), 9), b"/Filter [/FlateDecode /FlateDecode]")
    ),
    "shown-often.pdf": lambda: _page(_stream(zlib.compress(_SHOWN * 10_000, 9))),
    "objects.pdf": lambda: pdf(
        _CATALOG,
        b"<</Type /Pages /Kids [] /Count 0>>",
        _stream(zlib.compress(b"1 0 " * 10 * MILLION, 9), b"/Type /ObjStm /N 10000000 /First 9 /Filter /FlateDecode"),
    ),
    "million-declared.pdf": lambda: _pages(b"3 0 R", MILLION),
    "million-kids.pdf": lambda: _pages(b"3 0 R " * 4_000, 4_000),
    "cyclic-pages.pdf": lambda: _pages(b"2 0 R 2 0 R 3 0 R", 3),
    "cyclic-xref.pdf": lambda: pdf(_CATALOG, b"<<>>", trailer=b"/Root 1 0 R /Prev 9"),
    "self-prev.pdf": lambda: b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Root 1 0 R /Prev 9>>\nstartxref\n9\n%%EOF",
    "encrypted.pdf": lambda: pdf(
        _CATALOG,
        b"<<>>",
        trailer=b"/Root 1 0 R /ID [<00> <00>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -1 /O <%s> /U <%s>>>"
        % (b"11" * 32, b"22" * 32),
    ),
    "no-xref.pdf": lambda: pdf(_CATALOG, b"<</Type /Pages /Kids [] /Count 0>>", end=b"%%EOF"),
    "cut.pdf": lambda: _page(_stream(_SHOWN, b""))[:300],
    "jbig2.pdf": lambda: _page(_stream(Random(1).randbytes(5_000), b"/Filter /JBIG2Decode")),  # noqa: S311
    "dct.pdf": lambda: _page(_stream(b"\xff\xd8" + Random(2).randbytes(5_000), b"/Filter /DCTDecode")),  # noqa: S311
    "deep-arrays.pdf": lambda: pdf(_CATALOG, b"[" * 200_000),
    "wide.pdf": lambda: _page(_stream(_SHOWN, b""), b"[0 0 1000000000 1000000000]"),
    "font.pdf": lambda: _page(
        _stream(_SHOWN, b""), more=b"/Resources <</Font <</F <</Type /Font /Subtype /TrueType /FontFile2 4 0 R>>>>>>"
    ),
    "annotations.pdf": lambda: _page(_stream(_SHOWN, b""), more=b"/Annots [%s]" % (b"3 0 R " * 50_000)),
    "length-10gb.pdf": lambda: _page(b"<</Length 10000000000>>\nstream\n%s\nendstream" % _SHOWN),
    "own-form.pdf": lambda: _page(
        _stream(b"/X Do", b"/Type /XObject /Subtype /Form /Resources <</XObject <</X 4 0 R>>>>")
    ),
    "noise.pdf": lambda: b"%PDF-1.7\n" + Random(3).randbytes(20_000),  # noqa: S311
}


def _html(inside: str) -> bytes:
    return f"<!DOCTYPE html><html><body>{inside}</body></html>".encode()


PAGES: dict[str, Kind] = {
    "deep.html": lambda: _html("<div>" * MILLION),
    "deep-inline.html": lambda: _html("<b><i>" * 100_000 + "Tin is up."),
    "attributes.html": lambda: _html("<p " + " ".join(f"a{n}=1" for n in range(10_000)) + ">Tin is up in Orm.</p>"),
    "attribute.html": lambda: _html(f'<p title="{"a" * 8 * MILLION}">Tin is up in Orm.</p>'),
    "comment.html": lambda: _html("<p>Tin is up in Orm.</p><!--" + "a" * MILLION),
    "entities.html": lambda: _html("<p>" + "&amp;" * 200_000 + "</p>"),
    "nul.html": lambda: _html("<p>Tin\0is up in\0Orm.</p>" * 100),
    "mixed.html": lambda: _html("<meta charset=utf-8><p>Tin is up.") + b"\xff\xfe\x93" + "é".encode("utf-16"),
    "utf-16.html": lambda: _html("<p>Tin is up in Orm.</p>").decode().encode("utf-16-be"),
    "utf-7.html": lambda: b"<html><meta charset=utf-7><body>+ADw-script+AD4-alert(1)+ADw-/script+AD4- Tin is up.",
    "refresh.html": lambda: _html('<meta http-equiv=refresh content="0;url=file:///etc/passwd"><p>Tin is up.</p>'),
    "base.html": lambda: _html('<base href="javascript:alert(1)//"><p>Tin is up in Orm.</p>'),
    "soup.html": lambda: _html("<script><style></script><p>Tin<script>up</style>is</p>" * 3_000),
    "line.html": lambda: _html("Tin is up in Orm. " * 6_000),
    "paragraphs.html": lambda: _html("<p>Tin" * 5_000),
    "entity.xhtml": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "secret.txt">]><html><body><p>Tin is up. &a;</p>'
    ),
    "links.md": lambda: b"[" * 50_000,
    "quotes.md": lambda: b"> " * 50_000 + b"Tin is up.",
}
TEXTS: dict[str, Kind] = {
    "surrogates.txt": lambda: b"Tin is \xed\xa0\x80\xed\xb0\x80 up.",
    "nuls.txt": lambda: b"Tin is\0up." * 1_000,
    "line.txt": lambda: b"a" * 20 * MILLION,
    "controls.txt": lambda: bytes(range(1, 32)) * 1_000,
    "invalid.txt": lambda: b"Tin is up. \xc3\x28\xa0\xa1\xe2\x28\xa1\xf0\x28\x8c\x28 \xfe\xff",
    "random.txt": lambda: Random(4).randbytes(100_000),  # noqa: S311
    "bidi.txt": "Tin is \u202eup\u202c, \u2066zinc\u2069 is not.".encode,
    "zalgo.txt": lambda: ("e" + "\u0301" * 500).encode() * 100,
    "blank-lines.txt": lambda: b"Tin" + b"\n" * 50_000 + b"is up.",
    "spaces.txt": lambda: b"Tin" + b" " * 400_000 + b"is up.",
    "hard-spaces.txt": ("Tin" + "\u00a0" * 8_000 + "is up.").encode,
    "short-lines.txt": lambda: b"a\n" * 15_000,
    "labels.txt": lambda: b"Q: a\n\nMR. ADLER: b\n\n" * 1_500,
    "letters.txt": lambda: b"Dear Sir,\n\n" * 3_000,
    "initials.txt": lambda: b"A. B. " * 3_000,
    "quotation-marks.txt": lambda: "“a ".encode() * 10_000,
}
LINES: dict[str, Kind] = {
    "deep.jsonl": lambda: _LINE + b"[" * MILLION,
    "numbers.jsonl": lambda: (
        b'{"text": "Zinc.", "id": 1e308}\n{"text": NaN}\n{"text": Infinity, "x": 1e999999}\n' + _LINE
    ),
    "digits.jsonl": lambda: b'{"text": "Zinc.", "id": %s}\n' % (b"9" * MILLION) + _LINE,
    "same-key.jsonl": lambda: b'{"text": "Zinc is up.", "text": "Zinc is down."}\n',
    "long-line.jsonl": lambda: b'{"text": "%s"}\n' % (b"a" * 60 * MILLION) + _LINE,
    "blank.jsonl": lambda: b"\n" * MILLION + _LINE,
    "bad.jsonl": lambda: b'{"text": 1}\n' * 30_000,
    "long-id.jsonl": lambda: b'{"id": "%s", "text": "Zinc is up."}\n' % (b"a" * 100_000),
    "up.jsonl": lambda: b'{"id": "../../etc/passwd", "text": "Zinc is up."}\n',
    "half.jsonl": lambda: b'{"text": "Zinc \\ud800 is up."}\n{"text": "Zinc.", "title": "\\udfff"}\n',
    "types.jsonl": lambda: b'{"text": ["Zinc"]}\n{"text": {}}\n{"text": "Zinc", "title": 1}\nnull\n"text"\n[]\n',
    "bomb.jsonl.gz": lambda: gzip.compress(b" " * 40 * MILLION),
    "bomb.jsonl.xz": lambda: lzma.compress(_LINE + b" " * 50 * MILLION, preset=0),
    "garbage.jsonl.gz": lambda: gzip.compress(_LINE) + b"garbage",
    "cut.jsonl.gz": lambda: gzip.compress(_LINE * 100)[:-9],
    "twice.jsonl.gz": lambda: gzip.compress(gzip.compress(_LINE)),
    "bomb-of-lines.jsonl.gz": lambda: gzip.compress(b'{"text": 1}\n' * 2 * MILLION),
}
BY_CONTENT = ZIPPED | PDFS | PAGES | TEXTS | LINES
"""What each hostile file holds, by its name."""


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may have no more than 100 characters
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def _folder_loop(path: Path) -> None:
    path.mkdir()
    (path / "again").symlink_to(path)


def _named_as_pdf(path: Path) -> None:
    path.mkdir()
    (path / "inside.pdf").mkdir()


BY_NATURE: dict[str, Callable[[Path], object]] = {
    "pipe.txt": os.mkfifo,
    "socket.txt": _socket,
    "leads-out.txt": lambda path: path.symlink_to(path.parent.parent / "secret.txt"),
    "leads-to-device.txt": lambda path: path.symlink_to("/dev/zero"),
    "loop.txt": lambda path: path.symlink_to(path),
    "broken.txt": lambda path: path.symlink_to(path.parent / "nowhere.txt"),
    "loop": _folder_loop,
    "folder.pdf": _named_as_pdf,
    "10gb.txt": partial(_sparse, size=10 << 30),
    "10gb.jsonl": partial(_sparse, size=10 << 30),
    "zeros.txt": partial(_sparse, size=200 << 20),
    "empty.txt": Path.touch,
    "escape\x1b[2J.txt": lambda path: path.write_bytes(b"Tin is up in Orm."),
    "two\nlines.txt": lambda path: path.write_bytes(b"Tin is up in Orm."),
    "bidi\u202etxt.exe.txt": lambda path: path.write_bytes(b"Tin is up in Orm."),
    "not-utf8-\udcff.txt": lambda path: path.write_bytes(b"Tin is up in Orm."),
    "vanishing.txt": lambda path: path.write_bytes(b"Tin is up in Orm."),
}
"""How what is no ordinary file is made, by its name."""
KINDS = (*BY_CONTENT, *BY_NATURE)


def written(folder: Path, only: Iterable[str] | None = None) -> list[Path]:
    """The hostile files, all of them unless some are named, in a folder beside which the secret stands."""
    folder.mkdir(exist_ok=True)
    (folder.parent / "secret.txt").write_text(SECRET)
    made = []
    for name in only or KINDS:
        made.append(path := folder / name)
        if name in BY_CONTENT:
            path.write_bytes(BY_CONTENT[name]())
        else:
            BY_NATURE[name](path)
    return made
