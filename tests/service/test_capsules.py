"""A capsule says whose words stand where, in the W3C's terms, and a check of it never says more than is so."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.archive import Archive
from corpus.errors import InvalidStatement, Unreadable
from corpus.readers import Found, read, statement_from
from corpus.reading import READERS
from corpus.records import Archived
from corpus.statement import Passage, Role, Statement, Turn
from service.answer import Place, Span
from service.capsule_check import (
    CapsuleReport,
    CapsuleVerdict,
    CitedVersion,
    NotTheOriginal,
    verify_in_archive,
    verify_with_original,
)
from service.capsules import Capsule, MalformedCapsule, NobodysWords, capsule, is_capsule, read_capsule, written
from tests.builders import a_source, a_statement, whole_turns
from tests.corpus.pdf_writer import pdf

TEXT = (
    "Varn, 6 May 🌍\n\nQuestion: Is zinc up? We shall see.\n\n"
    "MS. ADLER: Zinc is up. Tin is not, as far as we can tell today. We shall see."
)
QUOTE = "Tin is not, as far as we can tell today."
EXACT, MOVED, ALTERED, GONE = CapsuleVerdict


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive(tmp_path / "archive.db")
    yield opened
    opened.close()


def a_briefing(text: str = TEXT, **given: Any) -> Statement:
    """A question and, from the label of Ms. Adler to the end, her answer."""
    asked, label = text.index("Is zinc"), text.index("\n\nMS. ADLER: ")
    turns = (Turn(asked, label, None, Role.QUESTION), Turn(label + 13, len(text), "MS. ADLER", Role.ANSWER))
    return a_statement(text, **{"turns": turns, "speaker": "MS. ADLER"} | given)


@pytest.fixture(scope="module")
def well_used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    opened = Archive(tmp_path_factory.mktemp("archive") / "archive.db")
    yield opened
    opened.close()


def put(archive: Archive, statement: Statement, original: bytes | None = None) -> Archived:
    original = statement.text.encode() if original is None else original
    archive.put(statement, whole_turns(statement), a_source(original))
    return archive.get(statement.id)


def made(archived: Archived, quote: str = QUOTE, *, at: int | None = None, **given: Any) -> dict[str, Any]:
    """The capsule of the quote where it stands last, unless `at` says where."""
    start = archived.statement.text.rindex(quote) if at is None else at
    given = {"media_type": "text/plain", "reading": READERS, "chunker": "passages-1/256"} | given
    return capsule(archived, Span(start, start + len(quote)), **given)


def checked(made: dict[str, Any], archive: Archive) -> CapsuleReport:
    return verify_in_archive(read_capsule(written(made)), archive)


def sealed(made: dict[str, Any]) -> dict[str, Any]:
    """A forged capsule with the id that it must have to pass for an untouched one."""
    said = {key: value for key, value in made.items() if key not in {"id", "onrecord:permalink"}}
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return made | {"id": f"urn:sha256:{sha256(canonical.encode()).hexdigest()}"}


def untold(report: CapsuleReport) -> list[str]:
    return [one.name for one in report.said if one.agrees is None]


def disagreeing(report: CapsuleReport) -> list[str]:
    return [one.name for one in report.said if one.agrees is False]


def a_capsule_of(archive: Archive, quote: str = QUOTE, **given: Any) -> dict[str, Any]:
    return made(put(archive, a_briefing()), quote, **given)


def test_a_capsule_is_an_annotation_of_the_w3c_model() -> None:
    archived = Archived(a_briefing(), 3, 3, "ab" * 32, "2024-05-07T02:00:00+02:00")
    start = TEXT.index(QUOTE)
    found = made(archived, page=4, permalink="https://quotes.kelm.example/1")

    assert list(found) == ["@context", "id", "type", "motivation", "target", "onrecord:permalink"]
    assert found["@context"] == ["http://www.w3.org/ns/anno.jsonld", {"onrecord": "urn:onrecord:terms#"}]
    assert (found["type"], found["motivation"]) == ("Annotation", "highlighting")
    assert re.fullmatch(r"urn:sha256:[0-9a-f]{64}", found["id"])
    assert found["target"] == {
        "type": "SpecificResource",
        "source": "https://harbours.kelm.example/remarks/1",
        "state": {"type": "TimeState", "sourceDate": "2024-05-07T00:00:00Z"},
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": QUOTE,
                "prefix": TEXT[start - 32 : start],
                "suffix": " We shall see.",
                "onrecord:standsOnce": True,
            },
            {
                "type": "TextPositionSelector",
                "start": start,
                "end": start + len(QUOTE),
                "onrecord:utf16Start": start + 1,
                "onrecord:utf16End": start + 1 + len(QUOTE),
            },
            {
                "type": "FragmentSelector",
                "conformsTo": "http://tools.ietf.org/rfc/rfc3778",
                "value": "page=4",
            },
        ],
        "onrecord:statement": "kelm/harbour",
        "onrecord:version": 3,
        "onrecord:title": "On the harbour",
        "onrecord:issuer": "Ministry of Harbours, Kelm",
        "onrecord:speaker": "MS. ADLER",
        "onrecord:role": "answer",
        "onrecord:kind": "remarks",
        "onrecord:language": "en",
        "onrecord:published": "2024-05-06",
        "onrecord:retrieved": "2024-05-07T00:00:00Z",
        "onrecord:url": "https://harbours.kelm.example/remarks/1",
        "onrecord:originalSha256": "ab" * 32,
        "onrecord:textSha256": sha256(TEXT.encode()).hexdigest(),
        "onrecord:mediaType": "text/plain",
        "onrecord:reading": READERS,
        "onrecord:chunker": "passages-1/256",
    }


def test_the_id_of_a_capsule_is_the_sha256_of_all_else_but_the_permalink(archive: Archive) -> None:
    found = a_capsule_of(archive, permalink="https://quotes.kelm.example/1")
    said = {name: found[name] for name in ("@context", "type", "motivation", "target")}
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert found["id"] == f"urn:sha256:{sha256(canonical.encode()).hexdigest()}"
    assert read_capsule(written(found)).intact
    assert read_capsule(written(found | {"onrecord:permalink": "https://quotes.kelm.example/2"})).intact


@pytest.mark.parametrize(
    "added",
    [
        {"creator": "https://kelm.example"},
        {"body": {"type": "TextualBody", "value": "A lie."}},
        {"motivation": "commenting"},
        {"@context": ["http://www.w3.org/ns/anno.jsonld", {"onrecord": "urn:other#"}]},
    ],
)
def test_a_capsule_to_which_anything_was_added_does_not_hold(archive: Archive, added: dict[str, Any]) -> None:
    found = a_capsule_of(archive)
    assert checked(found, archive).holds
    report = checked(found | added, archive)
    assert (report.verdict, report.agrees, report.intact, report.holds) == (EXACT, True, False, False)
    assert report.why[-1] == "The capsule was changed since it was made: its id is not that of what it says."


def test_every_key_that_is_not_the_w3cs_is_in_our_own_namespace(archive: Archive) -> None:
    ours = {"@context", "id", "type", "motivation", "target", "source", "state", "sourceDate", "selector"}
    selectors = {"exact", "prefix", "suffix", "start", "end", "value", "conformsTo"}

    def keys(value: object) -> Iterator[str]:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from keys(inner)
        yield from value if isinstance(value, dict) else ()

    found = a_capsule_of(archive, page=1, permalink="https://quotes.kelm.example/1")
    assert {key for key in keys({**found, "@context": []}) if not key.startswith("onrecord:")} == ours | selectors


@pytest.mark.parametrize(
    "url",
    [
        None,
        "see the web site",
        "harbours.kelm.example/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@kelm.example",
    ],
)
def test_a_source_without_an_address_is_named_by_its_bytes(archive: Archive, url: str | None) -> None:
    archived = put(archive, a_briefing(url=url))
    found = made(archived)["target"]
    assert (found["source"], found["onrecord:url"]) == (f"urn:sha256:{archived.original_sha256}", url)


def test_a_passage_has_the_capsule_of_its_place(archive: Archive) -> None:
    archived = put(archive, a_briefing())
    start = TEXT.index(QUOTE)
    passage = Passage(start, start + len(QUOTE), 1)
    assert capsule(archived, passage, media_type="text/plain", reading=READERS, chunker="passages-1/256") == made(
        archived
    )


@pytest.mark.parametrize("place", [Span(0, 5), Span(TEXT.index("We shall"), TEXT.index("Zinc is up")), Span(80, 80)])
def test_words_that_nobody_alone_said_have_no_capsule(place: Span) -> None:
    archived = Archived(a_briefing(), 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00")
    with pytest.raises(NobodysWords, match="not within one speaker's words"):
        capsule(archived, place, media_type="text/plain", reading=READERS)


def test_the_same_archive_gives_the_same_bytes(archive: Archive) -> None:
    put(archive, a_briefing(title="🌍"))
    one, other = (written(made(archive.get("kelm/harbour"))) for _ in range(2))
    assert one == other
    assert one.decode().endswith("}\n")
    assert '"onrecord:title": "🌍"'.encode() in one


@pytest.mark.parametrize(
    ("data", "meant"),
    [
        (b'{"type": "Annotation"}', True),
        (b'\xef\xbb\xbf {"type": ["Annotation", "x:Other"]}', True),
        (b'{"type": "Note"}', False),
        (b'{"text": "Annotation"}', False),
        (b'["Annotation"]', False),
        (b'{"type": "Annotation"', False),
        (b"{" * 100_000, False),
        (b"Annotation", False),
        (b"", False),
        (b'{"type": "Annotation\xff"}', False),
    ],
)
def test_a_capsule_is_told_from_other_files_by_its_type(data: bytes, meant: bool) -> None:
    assert is_capsule(data) is meant


def test_a_capsule_reads_as_what_it_says(archive: Archive) -> None:
    found = a_capsule_of(archive, page=2, permalink="https://quotes.kelm.example/1")
    start = TEXT.index(QUOTE)
    target = found["target"]
    assert read_capsule(written(found)) == Capsule(
        id=found["id"],
        intact=True,
        source="https://harbours.kelm.example/remarks/1",
        exact=QUOTE,
        prefix=TEXT[start - 32 : start],
        suffix=" We shall see.",
        start=start,
        end=start + len(QUOTE),
        utf16_start=start + 1,
        page=2,
        statement_id="kelm/harbour",
        version=1,
        title="On the harbour",
        issuer="Ministry of Harbours, Kelm",
        speaker="MS. ADLER",
        role="answer",
        kind="remarks",
        language="en",
        published="2024-05-06",
        retrieved=target["onrecord:retrieved"],
        url="https://harbours.kelm.example/remarks/1",
        original_sha256=sha256(TEXT.encode()).hexdigest(),
        text_sha256=sha256(TEXT.encode()).hexdigest(),
        media_type="text/plain",
        reading=READERS,
        permalink="https://quotes.kelm.example/1",
    )


def test_what_later_releases_add_is_passed_over(archive: Archive) -> None:
    found = a_capsule_of(archive)
    expected = read_capsule(written(found))
    later = json.loads(written(found)) | {"creator": "https://kelm.example"}
    later["@context"].append("https://kelm.example/later.jsonld")
    later["target"]["selector"].append({"type": "LaterSelector", "value": 7})
    read = read_capsule(b"\xef\xbb\xbf" + json.dumps(later).encode())
    assert not read.intact
    assert read.exact == expected.exact


def _changed(path: str, value: object) -> dict[str, Any]:
    """A capsule with another value at `path`; `...` takes it out."""
    archived = Archived(a_briefing(), 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00")
    found: Any = json.loads(written(made(archived, page=3)))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    inner = found
    for part in parents:
        inner = inner[part]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return dict(found)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("@context", "http://www.w3.org/ns/other.jsonld", "its @context does not name http://www.w3.org/ns/anno"),
        ("target", ..., "target: Field required"),
        ("target", "https://kelm.example", "target: "),
        ("type", "Note", "type: Input should be 'Annotation'"),
        ("type", ["Annotation", "x:Other"], "type: Input should be 'Annotation'"),
        ("type", ..., "type: Field required"),
        ("target/type", "Image", "target → type: Input should be 'SpecificResource'"),
        ("target/selector/0/prefix", "p" * 1025, "prefix: String should have at most 1024 characters"),
        ("target/selector/0/suffix", "s" * 1025, "suffix: String should have at most 1024 characters"),
        ("target/selector/2/value", "page=0", "its FragmentSelector does not name a page of a PDF"),
        ("target/selector/2/value", 3, "its FragmentSelector does not name a page of a PDF"),
        ("target/selector/2/value", ..., "its FragmentSelector does not name a page of a PDF"),
        ("target/selector/2/conformsTo", "http://www.w3.org/TR/media-frags/", "its FragmentSelector does not name"),
        ("target/selector", [], "it has 0 selectors of the type TextQuoteSelector, and needs one"),
        ("target/selector/1/type", "TextQuoteSelector", "it has 2 selectors of the type TextQuoteSelector"),
        ("target/selector/0/exact", "", "exact: "),
        ("target/selector/0/exact", QUOTE + "!", "its place, 75–115, is not as long as the words it quotes"),
        ("target/selector/0/prefix", None, "prefix: "),
        ("target/selector/1/start", "7", "start: "),
        ("target/selector/1/start", -1, "start: "),
        ("target/selector/1/start", True, "start: "),
        ("target/selector/1/onrecord:utf16End", 7, "in UTF-16 code units is not as long"),
        ("target/state/sourceDate", "2024-05-08T00:00:00Z", "are two times"),
        ("target/state/sourceDate", "2024-05-07T00:00:00+00:00", "sourceDate: "),
        ("target/onrecord:statement", "k" * 201, "onrecord:statement: "),
        ("target/onrecord:version", 0, "onrecord:version: "),
        ("target/onrecord:speaker", ..., "onrecord:speaker: Field required"),
        ("target/onrecord:speaker", 7, "onrecord:speaker: "),
        ("target/onrecord:textSha256", "AB" * 32, "onrecord:textSha256: "),
        ("target/onrecord:title", "half \ud83c a pair", "half a surrogate pair"),
    ],
)
def test_a_capsule_that_lacks_something_or_contradicts_itself_is_refused(path: str, value: object, reason: str) -> None:
    with pytest.raises(MalformedCapsule) as raised:
        read_capsule(json.dumps(_changed(path, value)).encode())
    assert reason in raised.value.cause
    assert raised.value.cause.startswith("This is not a citation capsule: ")
    assert raised.value.cure == "Give the capsule as it was exported, unedited, in UTF-8."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe{", "it is not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": NaN}', "NaN is no number of JSON"),
        (b'{"target": {}, "target": {}}', "it names the same thing twice in one object"),
        (b"[]", "Input should be"),
        (b" " * (16 << 20) + b"{}", "it has 16,777,218 bytes, and none has more than 16,777,216"),
    ],
)
def test_bytes_that_are_no_capsule_are_refused_with_the_cause(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedCapsule, match=reason):
        read_capsule(data)


def test_the_same_words_at_the_same_place_are_exact(archive: Archive) -> None:
    report = checked(a_capsule_of(archive), archive)
    start = TEXT.index(QUOTE)
    assert (report.verdict, report.holds, report.agrees, report.intact) == (EXACT, True, True, True)
    assert (report.found, report.text) == (Place("kelm/harbour", start, start + len(QUOTE)), QUOTE)
    assert (report.current_version, report.cited_version) == (1, CitedVersion(1, has_words=True))
    assert (report.original_matches, report.text_matches, report.found_by) == (True, True, "id")
    assert report.why == (
        "The same words stand at the same place.",
        "The original's bytes have the SHA-256 that was cited.",
        "The text has the SHA-256 that was cited.",
    )


def test_words_with_new_words_before_them_have_moved_and_the_cited_version_is_still_held(archive: Archive) -> None:
    found = a_capsule_of(archive)
    put(archive, a_briefing(TEXT.replace("MS. ADLER: ", "MS. ADLER: Good morning. ")))
    report = checked(found, archive)
    start = TEXT.index(QUOTE) + 14
    assert (report.verdict, report.holds) == (MOVED, True)
    assert report.found == Place("kelm/harbour", start, start + len(QUOTE))
    assert (report.current_version, report.cited_version) == (2, CitedVersion(1, has_words=True))
    assert (report.original_matches, report.text_matches) == (True, False)
    assert f"The same words stand at {start}–{start + len(QUOTE)} and not at {start - 14}–" in report.why[0]
    assert "Version 1, which was cited, has the words at the cited place; it is not the current one." in report.why


def test_a_repeated_sentence_is_followed_to_its_own_place_and_not_to_its_like(archive: Archive) -> None:
    found = made(put(archive, a_briefing()), "We shall see.", at=TEXT.index("We shall see."))
    text = TEXT.replace("Is zinc up? We", "Is zinc up? And what of the price of lead in Varn? We")
    put(archive, a_briefing(text))
    report = checked(found, archive)
    assert report.verdict is MOVED
    assert report.found is not None
    assert report.found.start == text.index("We shall see.")
    assert report.holds


def test_words_said_now_by_another_are_warned_of(archive: Archive) -> None:
    found = made(put(archive, a_briefing()), "We shall see.")
    put(archive, a_briefing(TEXT.replace("today. We shall see.", "today.")))
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (MOVED, False)
    assert disagreeing(report) == ["speaker", "role"]
    assert report.why[0] == (
        "They were taken out where they were cited from; the text says the same at another place, as it did before."
    )
    assert (
        "The capsule says speaker “MS. ADLER”, and what is held says none; the version that was cited says as the "
        "capsule does." in report.why
    )


def test_altered_words_are_given_with_what_changed(archive: Archive) -> None:
    found = a_capsule_of(archive)
    text = TEXT.replace("Tin is not, as", "Tin is not up, as").replace("MS. ADLER: ", "MS. ADLER: Well. ")
    put(archive, a_briefing(text))
    report = checked(found, archive)
    start = text.index("Tin")
    assert (report.verdict, report.holds) == (ALTERED, False)
    assert report.found is not None
    assert (report.found.start, report.text) == (start, "Tin is not up, as far as we can tell today.")
    (change,) = report.changes
    assert (change.kind, change.quoted, change.source) == ("left out", "", "up")
    assert text[change.source_at.start : change.source_at.end] == "up"
    assert disagreeing(report) == []


def test_words_altered_at_their_place_are_not_called_right_by_their_like_elsewhere(archive: Archive) -> None:
    said = "We shall see zinc rise in the long run."
    text = TEXT.replace("Is zinc up? We shall see.", f"Is zinc up? {said}").replace(
        "today. We shall see.", f"today. {said}"
    )
    found = made(put(archive, a_briefing(text)), said)
    changed = text[: text.rindex(said)] + said.replace("rise", "fall")
    put(archive, a_briefing(changed))
    report = checked(found, archive)
    assert report.verdict is ALTERED
    assert report.found is not None
    assert report.found.start == text.rindex(said)
    assert [(change.quoted, change.source) for change in report.changes] == [("rise", "fall")]
    assert any("the cited words stand, where they stood before too." in sentence for sentence in report.why)


def test_words_that_stand_nowhere_any_more_are_gone(archive: Archive) -> None:
    found = a_capsule_of(archive)
    put(archive, a_briefing("Question: Is zinc up?\n\nMS. ADLER: Silver went by boat."))
    report = checked(found, archive)
    assert (report.verdict, report.holds, report.found, report.text) == (GONE, False, None, None)
    assert report.cited_version == CitedVersion(1, has_words=True)
    assert [one.agrees for one in report.said if one.name in {"speaker", "role"}] == [None, None]


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("onrecord:speaker", "MR. LIN", "speaker"),
        ("onrecord:speaker", None, "speaker"),
        ("onrecord:role", "question", "role"),
        ("onrecord:title", "On zinc", "title"),
        ("onrecord:issuer", "Board of Looms", "issuer"),
        ("onrecord:published", "2024-05-07", "published"),
        ("onrecord:kind", None, "kind"),
        ("onrecord:language", "fr", "language"),
        ("onrecord:url", "https://looms.kelm.example/", "url"),
        ("onrecord:mediaType", "text/html", "mediaType"),
        ("onrecord:reading", "readers-0", "reading"),
        ("source", "https://looms.kelm.example/", "source"),
    ],
)
def test_exact_words_with_a_false_word_beside_them_do_not_hold(
    archive: Archive, key: str, value: str | None, name: str
) -> None:
    found = a_capsule_of(archive)
    found["target"] |= {key: value}
    report = checked(found, archive)
    assert (report.verdict, report.agrees, report.holds, report.intact) == (EXACT, False, False, False)
    assert disagreeing(report) == [name]
    assert any(sentence.startswith(f"The capsule says {name} ") for sentence in report.why)
    assert report.why[-1] == "The capsule was changed since it was made: its id is not that of what it says."


def test_false_surroundings_and_a_page_of_what_has_no_pages_do_not_hold(archive: Archive) -> None:
    found = a_capsule_of(archive, page=1)
    found["target"]["selector"][0]["prefix"] = "He did not say: "
    report = checked(sealed(found), archive)
    assert (report.verdict, report.intact, report.holds) == (EXACT, True, False)
    assert disagreeing(report) == ["prefix", "page"]
    assert "The capsule says page “1”, and what is held says none." in report.why


def test_another_archive_of_the_same_bytes_may_have_received_them_at_another_time(archive: Archive) -> None:
    found = a_capsule_of(archive)
    held = found["target"]["onrecord:retrieved"]
    found["target"]["state"]["sourceDate"] = found["target"]["onrecord:retrieved"] = "1999-01-01T00:00:00Z"
    report = checked(sealed(found), archive)
    assert (report.verdict, report.holds, untold(report)) == (EXACT, True, ["retrieved"])
    assert (
        f"The capsule says retrieved “1999-01-01T00:00:00Z”, and here it is “{held}”: another archive of the same "
        "bytes may say otherwise." in report.why
    )


def test_another_archive_of_the_same_bytes_may_have_been_given_the_issuer(archive: Archive) -> None:
    found = a_capsule_of(archive, reading=f"{READERS} issued by Ministry of Harbours, Kelm")
    report = checked(found, archive)
    assert (report.verdict, report.holds, untold(report)) == (EXACT, True, ["reading"])


def test_an_issuer_that_the_archive_does_not_have_is_not_excused(archive: Archive) -> None:
    found = made(put(archive, a_briefing(issuer=None)), reading=f"{READERS} issued by Board of Looms")
    found["target"]["onrecord:issuer"] = "Board of Looms"
    report = checked(sealed(found), archive)
    assert (report.holds, disagreeing(report)) == (False, ["issuer"])
    assert "The capsule says issuer “Board of Looms”, and what is held says none" in "".join(report.why)


@pytest.mark.parametrize(
    ("forged", "verdict", "disagrees"),
    [
        ({"onrecord:textSha256": "ab" * 32}, EXACT, ["textSha256"]),
        ({"onrecord:originalSha256": "ab" * 32}, EXACT, ["originalSha256"]),
        ({"onrecord:originalSha256": "ab" * 32, "onrecord:textSha256": "cd" * 32}, EXACT, []),
    ],
)
def test_a_forged_sha256_does_not_hold(
    archive: Archive, forged: dict[str, str], verdict: CapsuleVerdict, disagrees: list[str]
) -> None:
    found = a_capsule_of(archive)
    found["target"] |= forged
    report = checked(sealed(found), archive)
    assert (report.verdict, report.intact, report.holds) == (verdict, True, False)
    assert disagreeing(report) == disagrees


def test_a_text_that_other_readers_may_have_read_is_said_not_to_have_been_checked(archive: Archive) -> None:
    found = a_capsule_of(archive)
    found["target"] |= {"onrecord:textSha256": "ab" * 32, "onrecord:reading": "readers-0 issued by Board of Looms"}
    report = checked(sealed(found), archive)
    assert (report.verdict, report.holds, report.cited_version) == (EXACT, True, None)
    assert untold(report) == ["version", "retrieved", "reading", "textSha256", "prefix", "suffix", "utf16Start"]
    assert (
        "These could not be checked: version, retrieved, reading, textSha256, prefix, suffix, utf16Start." in report.why
    )


def test_a_capsule_that_names_another_statement_that_is_held_does_not_hold(archive: Archive) -> None:
    found = a_capsule_of(archive)
    put(archive, a_statement("Wool is warm.", id="kelm/wool"))
    found["target"]["onrecord:statement"] = "kelm/wool"
    report = checked(sealed(found), archive)
    assert (report.found_by, report.verdict, report.holds) == ("original", EXACT, False)
    assert disagreeing(report) == ["statement"]
    assert "The capsule says statement “kelm/wool”, and what is held says “kelm/harbour”." in report.why


ANOTHER = "The same words stand there in other surroundings: look whether they still say the same."


def an_exchange(*pairs: tuple[str, str]) -> Statement:
    """Questions, each with its answer."""
    text, turns = "", []
    for question, answer in pairs:
        for label, words, role in (("Question: ", question, Role.QUESTION), ("MS. ADLER: ", answer, Role.ANSWER)):
            text += ("\n\n" if text else "") + label
            turns.append(Turn(len(text), len(text) + len(words), label[:-2] if role is Role.ANSWER else None, role))
            text += words
    return a_statement(text, turns=tuple(turns))


LOOMS, QUAYS, ROPES = "Will you close the looms?", "Are all of the quays to stay open?", "And what do ropes cost?"


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("answer", ["Never.", "Of course, as I have said."])
def test_words_that_answer_another_question_now_do_not_hold(archive: Archive, answer: str, forgotten: bool) -> None:
    others = {"Never.", "Of course, as I have said."} - {answer}
    other = others.pop()
    found = made(put(archive, an_exchange((LOOMS, answer), (QUAYS, other), (ROPES, "A lot."))), answer)
    if forgotten:
        archive.remove("kelm/harbour")
    put(archive, an_exchange((LOOMS, other), (QUAYS, answer), (ROPES, "A lot.")))
    report = checked(found, archive)
    assert (report.verdict, report.agrees, report.holds, report.text) == (MOVED, True, False, answer)
    assert ANOTHER in report.why


@pytest.mark.parametrize(
    "now",
    [
        [(ROPES, "A few."), (LOOMS, "Well. Never. Yes."), (QUAYS, "A lot.")],
        [(f"Good day. {LOOMS} Or not?", "Well. Never. Yes."), (QUAYS, "A lot.")],
        [(LOOMS, "Well. Never."), (ROPES, "A few.")],
    ],
)
def test_an_answer_with_more_said_around_it_and_around_its_question_holds(
    archive: Archive, now: list[tuple[str, str]]
) -> None:
    found = made(put(archive, an_exchange((LOOMS, "Never."), (QUAYS, "A lot."))), "Never.")
    put(archive, an_exchange(*now))
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (MOVED, True)
    assert ANOTHER not in report.why


def test_an_answer_before_which_another_question_was_put_does_not_hold(archive: Archive) -> None:
    found = made(put(archive, an_exchange((LOOMS, "Never."))), "Never.")
    put(archive, an_exchange((LOOMS, "Yes."), (QUAYS, "Never.")))
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (MOVED, False)
    assert ANOTHER in report.why


def test_words_that_were_put_elsewhere_in_a_text_without_questions_do_not_hold(archive: Archive) -> None:
    lead = "Lead is what it was."
    found = made(put(archive, a_statement(f"Zinc is up. Tin is not. {lead}")), lead)
    put(archive, a_statement(f"{lead} Zinc is up. Tin is not."))
    report = checked(found, archive)
    assert (report.verdict, report.agrees, report.holds) == (MOVED, True, False)
    assert ANOTHER in report.why


def test_words_taken_out_here_that_the_same_person_says_elsewhere_do_not_hold(archive: Archive) -> None:
    text = "Question: Is zinc up?\n\nMS. ADLER: Of zinc: We shall see. Of tin: We shall see."
    found = made(put(archive, a_briefing(text)), "We shall see.")
    put(archive, a_briefing(text.replace(" Of tin: We shall see.", "")))
    report = checked(found, archive)
    assert (report.verdict, report.agrees, report.holds) == (MOVED, True, False)
    assert ANOTHER in report.why


def test_words_that_were_never_said_are_not_found_in_the_text_that_is_cited_for_them(archive: Archive) -> None:
    found = a_capsule_of(archive)
    found["target"]["selector"][0]["exact"] = QUOTE.replace("not", "now")
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (ALTERED, False)
    assert report.cited_version == CitedVersion(1, has_words=False)
    assert "words" in disagreeing(report)
    assert any("Version 1, which was cited, has other words at" in sentence for sentence in report.why)


def test_a_false_place_does_not_hold(archive: Archive) -> None:
    found = a_capsule_of(archive)
    position = found["target"]["selector"][1]
    position |= {key: value - 7 for key, value in position.items() if key != "type"}
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (MOVED, False)
    assert "words" in disagreeing(report)


def test_a_statement_under_another_id_is_found_by_its_original_or_by_its_text(archive: Archive) -> None:
    found = a_capsule_of(archive)
    archive.remove("kelm/harbour")
    put(archive, a_briefing(id="varn/briefing"))
    report = checked(found, archive)
    assert (report.found_by, report.verdict, report.holds) == ("original", EXACT, True)
    assert disagreeing(report) == []
    assert "The statement was found by the SHA-256 of its original, as 'varn/briefing'." in report.why

    archive.remove("varn/briefing")
    put(archive, a_briefing(id="varn/other"), b"other bytes of the same text")
    report = checked(found, archive)
    assert (report.found_by, report.verdict, report.original_matches) == ("text", EXACT, None)
    assert disagreeing(report) == ["originalSha256"]


def test_another_statement_of_the_same_id_does_not_hide_the_one_that_was_cited(archive: Archive) -> None:
    found = a_capsule_of(archive)
    archive.remove("kelm/harbour")
    put(archive, a_statement("Wool is warm."))
    put(archive, a_briefing(id="varn/briefing"))
    assert checked(found, archive).found_by == "original"


def test_a_few_words_that_stand_in_any_text_are_not_taken_for_altered_ones(archive: Archive) -> None:
    found = made(put(archive, a_briefing()), "We shall see.")
    archive.remove("kelm/harbour")
    put(archive, a_briefing("Question: Is zinc up?\n\nMS. ADLER: We shall go by boat, and see."))
    assert checked(found, archive).verdict is GONE


def test_a_claim_is_shown_without_what_could_steer_a_terminal(archive: Archive) -> None:
    found = a_capsule_of(archive)
    found["target"]["onrecord:speaker"] = "\x1b[2JMR. LIN" + "n" * 500
    (warning,) = (one for one in checked(found, archive).why if one.startswith("The capsule says speaker"))
    assert warning.startswith("The capsule says speaker “\ufffd[2JMR. LINnnn")
    assert len(warning) < 400


def test_what_is_not_held_at_all_is_gone(archive: Archive) -> None:
    found = a_capsule_of(archive)
    archive.remove("kelm/harbour")
    report = checked(found, archive)
    assert (report.verdict, report.holds, report.found_by, report.current_version) == (GONE, False, None, None)
    assert report.why == (
        "No statement 'kelm/harbour' is held, and none from the same original or with the same text.",
    )


def test_without_the_cited_version_the_words_are_looked_for_by_their_surroundings(archive: Archive) -> None:
    found = made(put(archive, a_briefing()), "We shall see.")
    archive.remove("kelm/harbour")
    text = TEXT.replace("MS. ADLER: ", "MS. ADLER: Good morning to all of you. ")
    put(archive, a_briefing(text))
    report = checked(found, archive)
    assert (report.verdict, report.cited_version, report.original_matches) == (MOVED, None, None)
    assert report.found is not None
    assert report.found.start == text.rindex("We shall see.")
    assert "The version that was cited is not held." in report.why
    assert (report.agrees, report.holds, ANOTHER in report.why) == (True, False, False)


def test_of_two_versions_with_one_text_the_cited_one_is_named(archive: Archive) -> None:
    put(archive, a_briefing())
    put(archive, a_briefing(title="On zinc"), b"the same text in other bytes")
    found = made(archive.get("kelm/harbour", 1))
    report = checked(found, archive)
    assert report.cited_version == CitedVersion(1, has_words=True)
    assert disagreeing(report) == ["title"]
    assert any(
        "“On the harbour”" in one and "“On zinc”; the version that was cited says as" in one for one in report.why
    )


def test_of_one_text_read_twice_from_one_original_the_cited_version_is_named(archive: Archive) -> None:
    statement = a_briefing()
    for reading in (READERS, "readers-9"):
        archive.put(statement, whole_turns(statement), a_source(TEXT.encode(), reading=reading))
    found = made(archive.get("kelm/harbour", 1))
    report = checked(found, archive)
    assert (report.cited_version, report.holds) == (CitedVersion(1, has_words=True), True)
    assert archive.versions_with("kelm/harbour", statement.text_sha256) == [2, 1]
    assert [archive.reading_at("kelm/harbour", number) for number in (1, 2, 3)] == [READERS, "readers-9", None]


def test_words_that_two_speakers_are_now_said_to_share_do_not_hold(archive: Archive) -> None:
    found = a_capsule_of(archive)
    start, middle = TEXT.index("Zinc is up."), TEXT.index("as far")
    turns = (Turn(start, middle, "MS. ADLER", Role.ANSWER), Turn(middle, len(TEXT), "MS. ADLER", Role.ANSWER))
    put(archive, a_briefing(turns=turns), b"read otherwise")
    report = checked(found, archive)
    assert (report.verdict, report.holds) == (EXACT, False)
    assert disagreeing(report) == ["speaker", "role"]


def test_a_few_words_out_of_many_are_not_taken_for_altered_ones(archive: Archive) -> None:
    found = a_capsule_of(archive, "Zinc is up. Tin is not, as far as we can tell today. We shall see.")
    put(archive, a_briefing("Question: Is zinc up?\n\nMS. ADLER: The boats go as far as we can pay for their coal."))
    assert checked(found, archive).verdict is GONE


LINES = [
    "Zinc is up.",
    "Tin is not, as far as we can tell.",
    "We shall see.",
    "No.",
    "🌍 Lead fell by 3 %, to 7.",
    "Why?",
]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_after_any_edit_outside_the_quote_its_words_are_exact_or_moved_and_the_very_same_ones(
    well_used: Archive, data: st.DataObject
) -> None:
    lines = st.lists(st.sampled_from(LINES), max_size=6)
    before, after = data.draw(lines), data.draw(lines)
    new_before, new_after = data.draw(lines), data.draw(lines)
    quote = "In Varn, the price of tin is what it was."
    old, new = (" ".join([*some, quote, *rest]) for some, rest in ((before, after), (new_before, new_after)))
    found = made(put(well_used, a_statement(old)), quote)
    if data.draw(st.booleans()):
        well_used.remove("kelm/harbour")
    put(well_used, a_statement(new))

    report = checked(found, well_used)
    well_used.remove("kelm/harbour")

    assert report.verdict is (EXACT if old.index(quote) == new.index(quote) else MOVED)
    assert report.found == Place("kelm/harbour", new.index(quote), new.index(quote) + len(quote))
    assert report.text == quote
    assert report.holds is (report.cited_version is not None and ANOTHER not in report.why)
    if (before, after) == (new_before, new_after) or (report.cited_version and not [*new_before, *new_after]):
        assert ANOTHER not in report.why


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip), st.data()
)
def test_any_capsule_parses_back_to_its_words_and_is_byte_stable(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    statement = a_statement(text, turns=(Turn(0, len(text), text, Role.REMARKS),), title=text, url=text)
    archived = Archived(statement, 1, 1, "ab" * 32, "2024-05-07T00:00:00+00:00")
    one = made(archived, text[start:end], at=start)
    read = read_capsule(written(one))
    assert (read.exact, read.start, read.end, read.speaker, read.title) == (text[start:end], start, end, text, text)
    assert read.intact
    assert is_capsule(written(one))
    assert written(json.loads(written(one))) == written(one)


def of_file(data: bytes, name: str, quote: str, *, page: int | None = None, issuer: str | None = None) -> Capsule:
    """The capsule of the quote in the file, as an archive of it would give it."""
    (found,) = (one for one in read(data, name) if isinstance(one, Found) and quote in one.draft.text)
    reading = f"{READERS} issued by {issuer}" if issuer else READERS
    statement = statement_from(found, found.id or "kelm/file", issuer)
    archived = Archived(statement, 1, 1, sha256(found.original).hexdigest(), "2024-05-07T00:00:00+00:00")
    return read_capsule(written(made(archived, quote, media_type=found.media_type, reading=reading, page=page)))


def test_a_capsule_is_checked_against_the_file_alone() -> None:
    data = b"Zinc is up. Tin is not."
    report = verify_with_original(of_file(data, "metals.txt", "Tin is not."), data, "renamed.bin")
    assert (report.verdict, report.holds, report.original_matches, report.text_matches) == (EXACT, True, True, True)
    assert (report.found_by, report.current_version, report.cited_version) == ("file", None, None)
    assert report.why == (
        "The same words stand at the same place.",
        "The original's bytes have the SHA-256 that was cited.",
        "The text has the SHA-256 that was cited.",
    )


def test_the_right_words_in_another_file_do_not_hold() -> None:
    given = of_file(b"Zinc is up. Tin is not.", "metals.txt", "Tin is not.")
    report = verify_with_original(given, b"Zinc is up. Tin is not. Nor is lead.", "metals.txt")
    assert (report.verdict, disagreeing(report), report.holds) == (EXACT, ["originalSha256", "textSha256"], False)
    assert (report.original_matches, report.text_matches) == (False, False)
    assert any("it is not the file that was cited" in sentence for sentence in report.why)


def test_of_a_jsonl_file_the_line_that_was_cited_is_read() -> None:
    lines = [json.dumps({"id": name, "text": f"{name} is up."}).encode() for name in ("zinc", "tin", "lead")]
    whole = b"\n".join(lines)
    given = of_file(whole, "metals.jsonl", "tin is up.")
    for data in (whole, lines[1]):
        report = verify_with_original(given, data, "metals.jsonl")
        assert (report.verdict, report.holds, report.original_matches) == (EXACT, True, True)
    changed = whole.replace(b"tin is up.", b"So: tin is up.")
    report = verify_with_original(given, changed, "metals.jsonl")
    assert (report.verdict, report.holds, report.original_matches) == (MOVED, False, False)
    with pytest.raises(NotTheOriginal, match="holds 2 statements, none of them 'tin'"):
        verify_with_original(given, b"\n".join([lines[0], lines[2]]), "metals.jsonl")


def test_a_bad_line_alone_is_refused_with_its_cause() -> None:
    given = of_file(b'{"id": "tin", "text": "Tin is up."}', "tin.jsonl", "Tin is up.")
    with pytest.raises(InvalidStatement, match="NUL"):
        verify_with_original(given, b'{"id": "tin", "text": "Tin\\u0000 is up."}', "tin.jsonl")


def test_an_issuer_that_the_file_does_not_name_cannot_be_told_from_it() -> None:
    data = b"Zinc is up. Tin is not."
    report = verify_with_original(of_file(data, "metals.txt", "Tin is not.", issuer="Board of Looms"), data, "m.txt")
    assert [one.agrees for one in report.said if one.name == "issuer"] == [None]
    assert report.holds
    assert "The file names no issuer; “Board of Looms” was given by whoever archived it." in report.why


def test_the_page_of_a_pdf_is_checked_against_the_pdf() -> None:
    full = "The Board of Looms has looked at wool and at silk with much care in this long"
    data = pdf([(72, 700, f"{full} year.")], [(72, 700, f"{full} night.")])
    quote = f"{full} night."
    assert verify_with_original(of_file(data, "looms.pdf", quote, page=2), data, "looms.pdf").holds
    report = verify_with_original(of_file(data, "looms.pdf", quote, page=1), data, "looms.pdf")
    assert (report.verdict, disagreeing(report)) == (EXACT, ["page"])


def test_a_forged_sha256_of_the_text_is_told_from_the_file_alone() -> None:
    data = b"Zinc is up. Tin is not."
    given = of_file(data, "metals.txt", "Tin is not.")
    report = verify_with_original(replace(given, text_sha256="ab" * 32), data, "metals.txt")
    assert (report.verdict, disagreeing(report), report.holds) == (EXACT, ["textSha256"], False)
    report = verify_with_original(replace(given, text_sha256="ab" * 32, reading="readers-0"), data, "metals.txt")
    assert (report.verdict, untold(report), report.holds) == (EXACT, ["textSha256"], True)


def test_a_page_that_cannot_be_told_does_not_stop_the_check(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, text: str) -> None:
        raise Unreadable("This PDF is locked.", "Save it without a password.")

    archive.put(a_briefing(), whole_turns(a_briefing()), a_source(b"%PDF-", media_type="application/pdf"))
    monkeypatch.setattr("service.capsule_check.pages_of", refuse)
    report = checked(made(archive.get("kelm/harbour"), media_type="application/pdf", page=2), archive)
    assert (report.verdict, untold(report), report.holds) == (EXACT, ["page"], True)


def test_a_capsule_stays_inert_in_a_page(archive: Archive) -> None:
    found = made(put(archive, a_briefing(title="</script><script>alert(1)</script>")))
    assert b"<" not in written(found)
    assert json.loads(written(found)) == found
    assert read_capsule(written(found)).title == "</script><script>alert(1)</script>"
