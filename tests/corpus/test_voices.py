"""What the words of a label say about whoever speaks, by exact values."""

import pytest

from corpus.voices import Voice, announces, in_capitals, is_outlet, voice_of


@pytest.mark.parametrize(
    ("printed", "voice", "name"),
    [
        ("Questions", Voice.QUESTIONER, None),
        ("Q 12", Voice.QUESTIONER, None),
        ("Reporter – Ada Brand", Voice.QUESTIONER, "Ada Brand"),
        ("Answer 3", Voice.ANSWERER, None),
        ("Moderator Brand", Voice.STEERING, "Moderator Brand"),
        ("The Host", Voice.HOST, "The Host"),
        ("AUDIENCE MEMBER", Voice.CROWD, "AUDIENCE MEMBER"),
        ("Second Secretary Brand", Voice.OFFICE, "Second Secretary Brand"),
        ("FIRST LADY BRAND", Voice.OFFICE, "FIRST LADY BRAND"),
        ("Brand (Minister of Tin)", Voice.OFFICE, "Brand (Minister of Tin)"),
        ("The Right Hon. Ada Brand", Voice.COURTESY, "The Right Hon. Ada Brand"),
        ("Mr. Brand", Voice.COURTESY, "Mr. Brand"),
        ("Sterling Brand", Voice.NAME, "Sterling Brand"),
        ("Speaker 12", Voice.NAME, "Speaker 12"),
        ("Ada Brand (Tin Post)", Voice.NAME, "Ada Brand (Tin Post)"),
        ("Ada Brand (inaudible)", Voice.NAME, "Ada Brand"),
        ("M. Brand", Voice.NAME, "M. Brand"),
        ("McADLER", Voice.NAME, "McADLER"),
    ],
)
def test_a_label_announces_a_voice_and_perhaps_a_name(printed: str, voice: Voice, name: str | None) -> None:
    assert voice_of(printed) == (voice, name)
    assert announces(printed)


@pytest.mark.parametrize(
    "printed",
    [
        *("Adler 1990", "Adler 7 Brand", "Second Brand", "Raising Trade Standards", "Opening Statement"),
        *("He", "Will", "Brand &", "x.y", "de la Brand", "Tin Or Zinc Brand", "A B C D E F G H Brand Blau Lund"),
    ],
)
def test_other_words_announce_nobody(printed: str) -> None:
    assert voice_of(printed) is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        *[("a question", True), ("A voice from the floor", True), ("Tin Post reporter", True)],
        *[("article 1", False), ("an answer", False), ("a question " + "of the reporter " * 5, False)],
    ],
)
def test_a_label_may_announce_somebody_without_being_understood(printed: str, *, expected: bool) -> None:
    assert (voice_of(printed), announces(printed)) == (None, expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[("MR. McADLER", True), ("MR. VON BRAND", True), ("CHAIR OF THE BOARD", True), ("CHAIR of the BOARD", True)],
        *[("MR. BRAND (as interpreted)", True), ("Mr. Adler", False), ("MR. Adler", False), ("12 – 14", False)],
    ],
)
def test_a_name_is_in_capitals_but_for_its_small_words_and_what_is_in_brackets(name: str, *, expected: bool) -> None:
    assert in_capitals(name) is expected


@pytest.mark.parametrize(("name", "expected"), [("Tin Post", True), ("AP", True), ("Posten", False), ("Apt", False)])
def test_an_outlet_is_known_by_a_word_of_its_name(name: str, *, expected: bool) -> None:
    assert is_outlet(name) is expected
