import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import Unreadable
from corpus.readers.encoding import decode

QUOTED = "The Minister of Tides said: “It’s not so” – and left…"
FRENCH = "Le gouvernement de Lyre a rejeté les accusations. « Nous n’avons rien à cacher », a déclaré la porte‑parole."
CHINESE = "莱拉大使馆发言人表示，我们坚决反对任何形式的网络攻击，并将依法予以打击。"
printable = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(printable)
def test_utf_8_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@given(printable, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(text: str, encoding: str) -> None:
    assert decode("\ufeff".encode(encoding) + text.encode(encoding)) == text


def test_the_mark_with_which_dos_ended_a_text_is_no_part_of_it() -> None:
    assert decode(b"It ended.\r\n\x1a") == "It ended.\r\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["The tide is in.", QUOTED, QUOTED * 50, f"{CHINESE}\n第二段。", f"Question: {CHINESE}\n" * 20]
)
def test_utf_16_is_read_without_its_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "text",
    ["He said “no”.", "‘Never’", "It’s", "The café’s “no” — naïve.", "DECLARAÇÃO", "Zoë’s", QUOTED, QUOTED * 100],
)
def test_windows_1252_keeps_its_curly_quotes_however_short(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_windows_1252_keeps_french_german_and_spanish() -> None:
    for text in (FRENCH.replace("‑", "-"), "Äußerungen über Österreich für größere Höfe", "¿Qué dijo el señor Núñez?"):
        assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize("text", ["声明", "我们反对。", CHINESE, CHINESE * 100, f"Q: {CHINESE}\nA: No."])
def test_gb18030_is_told_from_western_text_however_short(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


def test_english_typed_on_a_chinese_keyboard_keeps_its_quotes_and_spaces() -> None:
    for text in ("The Embassy’s view: “talks”…", "It’s ours.\xa0© Embassy of Lyra", "Ambassador 刘 said: no."):
        assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Посольство решительно отвергает эти обвинения и призывает к переговорам."),
        ("koi8_r", "Посольство решительно отвергает эти обвинения и призывает к переговорам."),
        ("cp1250", "Rząd Lyry stanowczo sprzeciwia się atakom i będzie działać zgodnie z prawem."),
        ("cp1254", "Bakanlık sözcüsü saldırıların kınandığını ve soruşturmanın sürdüğünü açıkladı."),
        ("cp949", "정부는 이번 공격을 강력히 규탄하며 국제사회와 긴밀히 협력할 것이다."),
        ("cp932", "政府はこの攻撃を強く非難し、国際社会と連携して対応していく。"),
        ("big5", "我們堅決反對網路攻擊，並將與國際社會合作。"),
    ],
)
def test_other_encodings_are_found_when_there_is_a_sentence_of_them(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_windows_1252_keeps_icelandic_which_looks_like_turkish() -> None:
    text = "Stjórnvöld fordæma árásina og það er þeirra skoðun."
    assert decode(text.encode("cp1252")) == text


def test_iso_8859_1_is_declared_where_windows_1252_is_meant() -> None:
    assert decode("“Talks” –".encode("cp1252"), "ISO-8859-1") == "“Talks” –"
    assert decode(b"\x93Talks\x94", "us-ascii") == "“Talks”"
    assert decode(QUOTED.encode("cp1252") + b" and so on" * 200, "latin1") == QUOTED + " and so on" * 200
    assert decode(QUOTED.encode("cp1252") + b" and so on" * 200, "iso-8859-2") == QUOTED + " and so on" * 200


def test_a_declared_encoding_is_believed_only_where_the_bytes_bear_it_out() -> None:
    assert decode("Größe".encode("iso8859-2"), "iso-8859-2") == "Größe"
    assert decode("Größe".encode(), "ascii") == "Größe"
    assert decode("声明".encode("gb18030"), "gb2312") == "声明"
    assert decode("Größe".encode(), "no-such-encoding") == "Größe"
    assert decode("Größe".encode(), "base64") == "Größe"


def test_utf_8_is_read_as_such_though_a_single_byte_encoding_is_declared() -> None:
    assert decode(QUOTED.encode(), "windows-1252") == QUOTED


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\x7fELF\x02\x01\x01\0",
        b"PK\x03\x04 what follows does not matter",
        bytes(range(256)) * 4,
        b"Ministry of Tides\0 said no",
        b"a\x01\x02\x03b",
        b"One NUL in a long text is one too many. " * 50 + b"\0",
    ],
)
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="not text"):
        decode(data)


def test_a_text_that_breaks_the_promise_of_its_mark_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"begins as UTF-8 .* Save it again as UTF-8"):
        decode(codecs.BOM_UTF8 + b"caf\xe9")


@given(st.binary(max_size=200))
def test_no_character_is_replaced_by_a_stand_in(data: bytes) -> None:
    try:
        text = decode(data)
    except Unreadable:
        return
    already_there = ["\ufffd".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    assert "\ufffd" not in text or any(stand_in in data for stand_in in already_there)
