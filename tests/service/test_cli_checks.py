"""Citing, verifying and exporting as a person does it in a terminal, wrong input included."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests.fakes import use_bag_of_words

LETTER = json.dumps(
    {
        "id": "kelm/letter",
        "title": "On the levy",
        "text": "We will not raise the levy of 3,000 crowns this year. It pays for the dredging of the channel.",
        "speaker": "Ada Brand",
        "published": "2024-05-06",
        "issuer": "Ministry of Harbours, Kelm",
    }
)
EXACT = "“We will not raise the levy of 3,000 crowns this year.”"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A collection of one statement; the test runs in the folder beside it."""
    use_bag_of_words(monkeypatch)
    monkeypatch.chdir(tmp_path)
    Path("letter.jsonl").write_text(LETTER, encoding="utf-8")
    assert run("ingest", "--data", "collection", "letter.jsonl").exit_code == 0
    return "collection"


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def verify(data: str, *arguments: str, stdin: str | None = None) -> Result:
    return run("verify", "--data", data, *arguments, stdin=stdin)


def test_a_draft_whose_quotations_all_stand_exits_with_0(data: str) -> None:
    done = verify(data, "-", stdin=f"She wrote: {EXACT}")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "[1] exact: “We will not raise the levy of 3,000 crowns this year.”",
        "    — Ada Brand (remarks), “On the levy”, Ministry of Harbours, Kelm, 2024-05-06, "
        "kelm/letter, characters 0–53",
        "1 quotation: 1 exact",
        "1 passage searched, of 1 statement from 2024-05-06 to 2024-05-06",
    ]


def test_an_altered_quotation_is_told_with_its_difference_and_exits_with_1(data: str) -> None:
    done = verify(data, "-", stdin=EXACT.replace("not ", ""))
    assert done.exit_code == 1
    assert "[1] altered: “We will raise the levy" in done.output
    assert "    left out: “not” (negation)\n" in done.output
    assert "    ! A negation was added, left out or changed: it may mean the reverse.\n" in done.output


def test_what_is_not_found_is_not_called_invented(data: str) -> None:
    done = verify(data, "-", stdin="“Quartz is what the mountains of the south are made of.”")
    assert done.exit_code == 1
    assert "Not found does not mean invented: these statements do not have it.\n" in done.output


def test_a_check_can_be_had_as_json_and_as_a_page(data: str) -> None:
    Path("draft.md").write_text(f"> {EXACT[1:-1]}\n", encoding="utf-8")
    found = json.loads(verify(data, "draft.md", "--json", "--report", "check.html").output)
    assert [(one["verdict"], one["parts"][0]["capsule"]["type"]) for one in found["findings"]] == [
        ("exact", "Annotation")
    ]
    assert "We will not raise the levy" in Path("check.html").read_text(encoding="utf-8")


def test_a_draft_without_quotations_holds(data: str) -> None:
    done = verify(data, "-", stdin="Nothing is quoted here.")
    assert (done.exit_code, done.output.splitlines()[0]) == (0, "0 quotations")


def test_a_capsule_is_made_verified_and_verified_without_the_collection(data: str) -> None:
    made = run("cite", "--data", data, "kelm/letter", "0", "53", "--format", "capsule", "-o", "capsule.json")
    assert (made.exit_code, made.output) == (0, "")
    assert verify(data, "capsule.json").output.splitlines()[0] == "exact"
    alone = verify("nowhere", "capsule.json", "--original", "letter.jsonl")
    assert (alone.exit_code, alone.output.splitlines()[0]) == (0, "exact")


def test_a_capsule_of_words_that_were_changed_since_is_altered_and_exits_with_1(data: str) -> None:
    run("cite", "--data", data, "kelm/letter", "0", "53", "--format", "capsule", "-o", "capsule.json")
    Path("letter.jsonl").write_text(LETTER.replace("3,000", "4,000"), encoding="utf-8")
    run("ingest", "--data", data, "letter.jsonl")
    done = verify(data, "capsule.json")
    assert (done.exit_code, done.output.splitlines()[0]) == (1, "altered")
    assert "“4,000”" in done.output


def test_a_capsule_that_somebody_edited_does_not_hold(data: str) -> None:
    run("cite", "--data", data, "kelm/letter", "0", "53", "--format", "capsule", "-o", "capsule.json")
    edited = Path("capsule.json").read_text(encoding="utf-8").replace("Ada Brand", "Bo Lund")
    Path("capsule.json").write_text(edited, encoding="utf-8")
    done = verify(data, "capsule.json")
    assert done.exit_code == 1
    assert "Bo Lund" in done.output


def test_a_receipt_is_written_and_reproduced_until_the_collection_changes(data: str) -> None:
    asked = run("ask", "--data", data, "Who sang of quartz?", "--receipt", "receipt.json")
    assert asked.exit_code == 1
    again = verify(data, "receipt.json")
    assert (again.exit_code, again.output.splitlines()[0]) == (0, "reproduced")
    run("ingest", "--data", data, "-", stdin="Tin is down, and nobody knows why.")
    later = verify(data, "receipt.json")
    assert (later.exit_code, later.output.splitlines()[0]) == (1, "other generation")


def test_a_collection_is_sound_until_a_byte_of_it_is_altered(data: str) -> None:
    sound = verify(data)
    assert (sound.exit_code, "sound: everything is what was written" in sound.output) == (0, True)
    vectors = next(Path(data, "index", "1").glob("*.faiss*"))
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    damaged = verify(data)
    assert damaged.exit_code == 1
    assert "damaged: 1 problem (1 index file)" in damaged.output


@pytest.mark.parametrize("wanted", ["Will the levy be raised this year?", "kelm/letter"])
def test_evidence_is_exported_by_question_and_by_id_and_never_over_a_file(data: str, wanted: str) -> None:
    first = run("export", "--data", data, wanted, "-o", "evidence.zip", "--threshold", "0")
    assert first.exit_code == 0
    with zipfile.ZipFile("evidence.zip") as bundle:
        assert {"SHA256SUMS", "index.html", "capsules/001.json"} <= set(bundle.namelist())
    assert "is there already" in run("export", "--data", data, wanted, "-o", "evidence.zip").output
    assert run("export", "--data", data, wanted, "-o", "evidence.zip", "--force").exit_code in (0, 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "absent.md"), "absent.md cannot be read: No such file or directory. Name a draft"),
        (("verify", "."), "cannot be read: Is a directory"),
        (("verify", "letter.jsonl", "--original", "letter.jsonl"), "--original is for a citation capsule"),
        (("verify", "letter.jsonl", "--report", "check.pdf"), "--report is for a draft, and its FILE ends in .html"),
        (("verify", "draft.txt", "--report", "no/check.html"), "there is no folder no"),
        (("verify", "--original", "letter.jsonl"), "--original and --report need a FILE"),
        (("verify", "malformed.json"), "This is not a citation capsule"),
        (("cite", "nobody", "0", "5"), "No statement 'nobody' is in the archive"),
        (("cite", "kelm/letter", "0", "5000"), "0–5000 is not a place in it"),
        (("cite", "kelm/letter", "0", "5", "--format", "harvard"), "There is no citation format 'harvard'. Use one of"),
        (("cite", "kelm/letter", "0", "5", "-o", "no/cited.json"), "no/cited.json cannot be used"),
        (("export", "kelm/letter", "-o", "no/evidence.zip"), "no folder no"),
        (("export", "nobody", "noone", "-o", "evidence.zip"), "No statement 'nobody' is in the archive, nor 1 more"),
        (("ask", "--batch", "letter.jsonl", "--receipt", "r.json"), "--receipt is for one QUESTION"),
    ],
)
def test_wrong_input_is_told_with_its_cause_and_exits_with_2(data: str, arguments: tuple[str, ...], told: str) -> None:
    Path("malformed.json").write_text('{"type": "Annotation"}', encoding="utf-8")
    Path("draft.txt").write_text(EXACT, encoding="utf-8")
    done = run(arguments[0], "--data", data, *arguments[1:])
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_a_citation_shows_a_terminal_what_it_would_obey_and_gives_others_the_exact_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_bag_of_words(monkeypatch)
    monkeypatch.chdir(tmp_path)
    text = "The levy is \x1b[31mpaid\x1b[0m by \u202eships."
    Path("levy.jsonl").write_text(json.dumps({"id": "levy", "text": text}), encoding="utf-8")
    run("ingest", "--data", "collection", "levy.jsonl")
    cited = ("cite", "--data", "collection", "levy", "0", str(len(text)), "--format", "markdown")
    assert "\x1b" in run(*cited).output
    assert "\u202e" in run(*cited).output
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _self: True)
    shown = run(*cited, "-o", "cited.md").output + run(*cited).output
    assert "␛" in shown
    assert "by ‹U+202E›ships" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "\u202e" in Path("cited.md").read_text(encoding="utf-8")
