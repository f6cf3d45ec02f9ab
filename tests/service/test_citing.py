"""A citation says where the words stand and whose they are, and never more than the source does."""

from dataclasses import replace
from hashlib import sha256

import pytest

from corpus.records import Archived
from corpus.statement import Passage, Role, Statement, Turn
from service.answer import Citation
from service.citing import attribution, cite, reference
from tests.builders import a_statement

TEXT = (
    "Varn, 6 May 🌍 —\n\nQuestion: Is zinc up?\n\n"
    "MS. ADLER: It is up. Tin is not, as far as we can tell today; we shall see."
)


def a_briefing() -> Statement:
    question, answer = TEXT.index("Is zinc"), TEXT.index("It is up")
    turns = (Turn(question, question + 11, None, Role.QUESTION), Turn(answer, len(TEXT), "MS. ADLER", Role.ANSWER))
    return a_statement(TEXT, turns=turns, speaker="MS. ADLER")


def a_citation(turn: int, start: int, end: int) -> Citation:
    return cite(Archived(a_briefing(), 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00"), Passage(start, end, turn))


def test_a_citation_carries_all_that_is_needed_to_check_the_words() -> None:
    start = TEXT.index("It is up.")
    found = a_citation(1, start, start + 9)
    assert found == Citation(
        statement_id="kelm/harbour",
        title="On the harbour",
        issuer="Ministry of Harbours, Kelm",
        speaker="MS. ADLER",
        role=Role.ANSWER,
        published="2024-05-06",
        url="https://harbours.kelm.example/remarks/1",
        start=start,
        end=start + 9,
        prefix="estion: Is zinc up?\n\nMS. ADLER: ",
        suffix=" Tin is not, as far as we can te",
        original_sha256="ab" * 32,
        text_sha256=sha256(TEXT.encode()).hexdigest(),
        deep_link=None,
    )


def test_a_citation_leads_to_the_words_on_the_publishers_page_where_an_address_does() -> None:
    link = "https://harbours.kelm.example/remarks/1#:~:text=It%20is%20up."
    archived = Archived(a_briefing(), 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00")
    assert cite(archived, Passage(52, 61, 1), link) == replace(a_citation(1, 52, 61), deep_link=link)


def test_prefix_and_suffix_stop_at_the_ends_of_the_text() -> None:
    whole = a_citation(0, 2, len(TEXT) - 1)
    assert (whole.prefix, whole.suffix) == ("Va", ".")


def test_prefix_and_suffix_are_wider_where_the_same_words_stand_elsewhere_in_the_same_surroundings() -> None:
    again = "As I told the harbour board this spring: tin is up. It will stay up for as long as anybody sails."
    text = (
        f"In the morning, by the old quay. {again} In the evening, by the new lighthouse, he said so. {again} Thanks."
    )
    start = text.rindex("tin is up.")
    end = start + len("tin is up.")
    archived = Archived(a_statement(text), 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00")
    found = cite(archived, Passage(start, end, 0))
    assert (found.prefix, found.suffix) == (text[start - 64 : start], text[end:])
    assert (text.count("tin is up."), text.count(text[start - 32 : end + 32])) == (2, 2)
    assert text.count(f"{found.prefix}tin is up.{found.suffix}") == 1


def test_the_speaker_is_the_turns_and_never_the_statements() -> None:
    start = TEXT.index("Is zinc")
    assert (a_citation(0, start, start + 11).speaker, a_citation(0, start, start + 11).role) == (None, Role.QUESTION)


@pytest.mark.parametrize(
    ("speaker", "role", "line"),
    [
        (None, Role.QUESTION, "Question put by a questioner who is not named"),
        ("Q: Orm Herald", Role.QUESTION, "Question put by Q: Orm Herald"),
        ("MS. ADLER", Role.INTRODUCTION, "Introduction by the publisher"),
        ("embassy spokesperson", Role.ANSWER, "Embassy spokesperson (answer)"),
        (None, Role.LETTER, "Speaker unknown (letter)"),
        ("He Rulong", Role.LETTER, "He Rulong (letter)"),
    ],
)
def test_a_question_or_an_introduction_is_never_given_as_the_speakers_words(
    speaker: str | None, role: Role, line: str
) -> None:
    assert attribution(replace(a_citation(1, 0, 4), speaker=speaker, role=role)) == line


def test_a_reference_names_everything_in_one_line() -> None:
    assert reference(a_citation(1, 50, 59)) == (
        "MS. ADLER (answer), “On the harbour”, Ministry of Harbours, Kelm, 2024-05-06, "
        "kelm/harbour, characters 50–59, https://harbours.kelm.example/remarks/1"
    )


def test_a_reference_says_what_is_unknown() -> None:
    bare = replace(a_citation(1, 50, 59), title=None, issuer=None, published=None, url=None, speaker=None)
    assert reference(bare) == (
        "Speaker unknown (answer), untitled, issuer unknown, date unknown, kelm/harbour, characters 50–59"
    )
