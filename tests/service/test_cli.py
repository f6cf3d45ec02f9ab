"""The command line as a person meets it: whole processes for what depends on one, the click runner for the rest."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from service import encoders, wiring
from service.cli import main
from service.evidence import DEFAULT, Calibration
from tests.fakes import use_bag_of_words

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "statements"


@pytest.fixture(autouse=True)
def _without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_bag_of_words(monkeypatch)


@pytest.fixture
def data(tmp_path: Path) -> str:
    folder = tmp_path / "collection"
    assert run("ingest", "--data", str(folder), str(SAMPLES)).exit_code == 0
    return str(folder)


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def test_help_imports_neither_torch_nor_numpy() -> None:
    code = (
        "import sys\nfrom service.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "assert not {'torch', 'numpy', 'faiss', 'flask', 'pydantic', 'rich'} & set(sys.modules), sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help(command: str) -> None:
    done = run(command, "--help")

    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_ingest_says_what_it_did(tmp_path: Path) -> None:
    done = run("ingest", "--data", str(tmp_path / "new"), str(SAMPLES))

    assert "17 files read: 20 new, 0 changed, 0 unchanged, 0 refused" in done.output


def test_ingesting_again_does_nothing(data: str) -> None:
    done = run("ingest", "--data", data, str(SAMPLES))

    assert done.exit_code == 0
    assert "17 files read: 0 new, 0 changed, 20 unchanged, 0 refused" in done.output


def test_an_answer_gives_the_exact_words_then_whose_they_are_and_where_they_stand(data: str) -> None:
    done = run("ask", "--data", data, "-k", "3", "How far did the bridge deck sink in the loading tests?")

    assert done.exit_code == 0
    assert "The deck sank by 83 millimetres" in done.output
    assert "statements/bridge-reopened-ministry.txt" in done.output


def test_nothing_found_is_said_and_exits_with_1(data: str) -> None:
    done = run("ask", "--data", data, "xylophone quux zeppelin")

    assert done.exit_code == 1
    assert done.output.startswith("Nothing found: 205 passages searched, of 20 statements from 2018-10-02 to")


def test_the_nearest_misses_are_shown_as_such(data: str) -> None:
    done = run("ask", "--data", data, "What does the bridge say of xylophones, quux and zeppelins?")
    assert done.exit_code == 1
    assert "The nearest misses, which do not answer it as far as can be told:\n[miss 1] " in done.output
    assert "\n[1] " not in done.output


def test_order_threshold_and_what_is_ignored_are_flags(data: str) -> None:
    question = "What was said in 2022 about the bridge?"
    flags = ("--threshold", "0", "--order", "oldest", "--json")
    answer = json.loads(run("ask", "--data", data, *flags, question).output)
    assert (answer["threshold"], answer["order"], answer["abstained"]) == (0.0, "oldest", False)
    assert [wish["words"] for wish in answer["understood"]] == ["in 2022"]
    dates = [quote["citation"]["published"] for quote in answer["quotes"]]
    assert dates == sorted(dates)
    assert {day[:4] for day in dates} == {"2022"}

    literal = json.loads(run("ask", "--data", data, *flags, "--ignore", "period", question).output)
    assert literal["understood"] == []


def test_what_was_read_in_the_question_is_said_with_how_to_leave_it_out(data: str) -> None:
    done = run("ask", "--data", data, "--threshold", "0", "What was said in 2022 about the bridge?")
    assert "“in 2022” in the question: only 2022; --ignore period leaves that out\n" in done.output


def test_an_evaluation_can_be_written_as_a_report(tmp_path: Path) -> None:
    made = tmp_path / "harbour"
    made.mkdir()
    (made / "corpus.jsonl").write_text('{"_id": "zinc", "text": "Zinc is up."}\n{"_id": "tin", "text": "Tin is down."}')
    (made / "queries.jsonl").write_text('{"_id": "q", "text": "Is zinc up?"}')
    (made / "qrels.tsv").write_text("q\tzinc\t1\n")
    (made / "unanswerable.jsonl").write_text('{"_id": "u", "text": "Who built the Kelm bridge?"}')
    done = run("evaluate", str(made), "--report", str(tmp_path / "report.html"))
    assert done.exit_code == 0
    assert "AUROC" in done.output
    assert "harbour" in (tmp_path / "report.html").read_text()


def test_a_report_that_cannot_be_written_is_refused_before_the_evaluation(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text("not even read")
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "Is zinc up?"}')
    (tmp_path / "qrels.tsv").write_text("q\tzinc\t1\n")
    done = run("evaluate", str(tmp_path), "--report", "report.pdf")
    assert done.exit_code == 2
    assert "ends neither in .html nor in .md" in done.output


def test_calibrating_is_said_used_and_shown(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "calibrated"
    copytree(data, copied)
    monkeypatch.setattr(wiring, "calibrate", lambda passages, _words, nearest: _stricter(passages, nearest))
    done = run("calibrate", "--data", str(copied), "--threshold", "0.75")
    assert done.exit_code == 0
    assert "answers are given from a confidence of 0.75 on" in done.output
    assert "from a confidence of 0.75 on; calibration: calibrated" in run("status", "--data", str(copied)).output

    question = "How far did the bridge deck sink in the loading tests?"
    answers = [json.loads(run("ask", "--data", one, "--json", question).output) for one in (data, str(copied))]
    assert [answer["threshold"] for answer in answers] == [0.5, 0.75]
    assert answers[1]["confidence"] < answers[0]["confidence"]


def _stricter(passages: list[str], nearest: Callable[[str], float]) -> Calibration:
    assert len(passages) > 100
    assert nearest(passages[0]) > 0.99
    return replace(DEFAULT, bias=DEFAULT.bias - 20)


def test_a_collection_that_its_encoder_does_not_tell_from_others_is_not_calibrated(data: str) -> None:
    done = run("calibrate", "--data", data)
    assert done.exit_code == 2
    assert (
        "The encoder does not tell questions about this collection from questions about other matters." in done.output
    )
    assert not (Path(data) / "calibration.json").exists()


def test_a_damaged_calibration_is_an_error_with_its_cure(data: str, tmp_path: Path) -> None:
    copied = tmp_path / "damaged"
    copytree(data, copied)
    (copied / "calibration.json").write_text("{}")
    done = run("ask", "--data", str(copied), "zinc")
    assert done.exit_code == 2
    assert "Run `onrecord calibrate`, or delete the file." in done.output


def test_json_has_the_keys_of_the_contract(data: str) -> None:
    done = run("ask", "--data", data, "-k", "1", "--json", "How far did the bridge deck sink in the loading tests?")
    answer = json.loads(done.output)

    assert list(answer) == [
        "question", "standalone_question", "abstained", "confidence", "quotes", "index", "took_ms",
        "threshold", "order", "understood", "misses", "searched",
    ]  # fmt: skip
    assert list(answer["quotes"][0]) == ["rank", "text", "score", "highlight", "also", "citation"]
    assert list(answer["quotes"][0]["citation"]) == [
        "statement_id", "title", "issuer", "speaker", "role", "published", "url", "start", "end", "prefix", "suffix",
        "original_sha256", "text_sha256", "deep_link",
    ]  # fmt: skip
    assert list(answer["index"]) == ["generation", "passages", "encoder"]


def test_a_batch_answers_in_order_with_the_same_ids(data: str) -> None:
    lines = b'{"id": "b", "question": "bridge deck loading tests"}\n{"id": 7, "question": "lighthouse lamp", "k": 1}\n'
    done = run("ask", "--data", data, "--threshold", "0.1", "--batch", "-", stdin=lines)
    answers = [json.loads(line) for line in done.output.splitlines()]

    assert done.exit_code == 0
    assert [answer["id"] for answer in answers] == ["b", 7]
    assert len(answers[1]["quotes"]) == 1


def test_a_bad_line_of_a_batch_is_answered_with_its_error_and_the_rest_goes_on(data: str) -> None:
    done = run("ask", "--data", data, "--batch", "-", stdin=b'{"id": 1}\n{"id": 2, "question": "bridge deck"}\n')
    first, second = (json.loads(line) for line in done.output.splitlines())

    assert done.exit_code == 2
    assert first["error"].startswith("Line 1 cannot be asked: question: Field required.")
    assert second["id"] == 2


def test_chat_lets_a_follow_up_lean_on_the_question_before(data: str) -> None:
    done = run("chat", "--data", data, "-k", "1", stdin=b"How far did the bridge deck sink?\nAnd when was that?\n")

    assert done.exit_code == 0
    assert "Understood as: And when was that? (bridge deck sink" in done.output


def test_show_gives_the_words_at_a_place(data: str) -> None:
    asked = json.loads(
        run("ask", "--data", data, "-k", "1", "--json", "How far did the bridge deck sink in the loading tests?").output
    )
    quote = asked["quotes"][0]
    place = [str(quote["citation"][key]) for key in ("statement_id", "start", "end")]
    done = json.loads(run("show", "--data", data, "--json", *place).output)

    assert done["quote"] == quote["text"]
    assert done["text"][quote["citation"]["start"] : quote["citation"]["end"]] == quote["text"]


def test_show_marks_a_question_as_asked_by_somebody_else(data: str) -> None:
    done = run("show", "--data", data, "statements/harbour-fees-remarks.txt")

    assert "Question, by somebody who is not named" in done.output
    assert "Ministry Spokesperson (answer)" in done.output


def test_removed_statements_are_no_longer_found(data: str) -> None:
    removed = run("remove", "--data", data, "statements/bridge-reopened-ministry.txt")
    asked = run("ask", "--data", data, "--json", "bridge deck loading tests")

    assert removed.output == "1 removed\n"
    assert "bridge-reopened-ministry" not in asked.output


def test_reindex_needs_no_model(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "SentenceTransformerEncoder", None)
    done = run("reindex", "--data", data)

    assert done.exit_code == 0
    assert done.output.startswith("index generation 2: ")


def test_reindex_with_a_model_encodes_everything_anew(data: str) -> None:
    refused = run("ask", "--data", data, "--model", "other", "bridge deck")
    done = run("reindex", "--data", data, "--model", "other")
    asked = run("ask", "--data", data, "--json", "bridge deck loading tests")

    assert refused.exit_code == 2
    assert "onrecord reindex --model other" in refused.output
    assert done.exit_code == 0
    assert json.loads(asked.output)["index"]["encoder"] == "other"


def test_status_says_what_is_there(data: str) -> None:
    done = run("status", "--data", data)

    assert "statements  20 (20 versions)" in done.output
    assert "period      2018-" in done.output
    assert "current" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ask", "--data", "nowhere", "bridge"), "There is no collection in "),
        (("ask", "--data", "nowhere"), "Give either a QUESTION or --batch FILE."),
        (("ask", "--since", "1st April", "bridge"), "'1st April' is not a date. Write it as YYYY-MM-DD"),
        (("show", "--data", "nowhere", "x"), "There is no collection in "),
        (("remove", "--data", "nowhere", "x"), "There is no collection in "),
        (("status", "--data", "nowhere"), "There is no collection in "),
        (("evaluate", "nowhere"), "nowhere is not an evaluation set: "),
    ],
)
def test_wrong_input_gets_one_clear_sentence_and_exit_code_2(arguments: tuple[str, ...], sentence: str) -> None:
    done = run(*arguments)

    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_a_missing_file_is_refused_and_the_good_ones_go_in(tmp_path: Path) -> None:
    good = SAMPLES / "lighthouse-letter.docx"
    done = run("ingest", "--data", str(tmp_path / "c"), str(tmp_path / "gone.txt"), str(good))

    assert done.exit_code == 2
    assert "1 new" in done.output
    assert "gone.txt. Check the spelling." in done.output


def test_an_archive_of_another_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    other = tmp_path / "archive.db"
    subprocess.run(
        [sys.executable, "-c", f"import sqlite3; sqlite3.connect({str(other)!r}).execute('create table t(x)')"],
        check=True,
    )
    before = other.read_bytes()
    done = run("ingest", "--data", str(tmp_path), str(SAMPLES))

    assert done.exit_code == 2
    assert "another program made it" in done.output
    assert other.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run("ingest", "--data", str(tmp_path / "file" / "collection"), str(SAMPLES))

    assert done.exit_code == 2
    assert "cannot be used" in done.output


def test_an_interruption_exits_with_130_and_says_how_to_go_on(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.ingest.Ingester.ingest", interrupted)
    done = run("ingest", "--data", data, str(SAMPLES))

    assert done.exit_code == 130
    assert "run the command again" in done.output


def test_an_unknown_model_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "ingest", "--data", str(tmp_path), "--model", "no/such", str(SAMPLES)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )

    assert done.returncode == 2
    assert done.stderr.startswith("Error: The model 'no/such' could not be loaded: ")
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in done.stderr


def test_a_statement_shown_to_a_pipe_is_exact(tmp_path: Path) -> None:
    text = "We\tpay  in full. \u202eThe\x1b[31m rest\tis a very long line" + " of words" * 40
    statement = json.dumps({"id": "exact", "text": text}).encode()
    run("ingest", "--data", str(tmp_path / "c"), "-", stdin=statement)

    assert text in run("show", "--data", str(tmp_path / "c"), "exact").output
    assert text[3:20] in run("show", "--data", str(tmp_path / "c"), "exact", "3", "20").output.splitlines()


def test_words_that_run_from_a_question_into_its_answer_are_shown_as_nobodys(tmp_path: Path) -> None:
    text = "Question: Will the weir open?\n\nMinistry Spokesperson: It opens on Monday."
    data = str(tmp_path / "c")
    run("ingest", "--data", data, "-", stdin=json.dumps({"id": "weir", "text": text}).encode())
    across = run("show", "--data", data, "weir", "10", str(len(text))).output
    within = run("show", "--data", data, "weir", str(text.index("It opens")), str(len(text))).output

    assert "Not within one turn" in across
    assert "Ministry Spokesperson (answer)" not in across
    assert "Ministry Spokesperson (answer)" in within


def test_a_terminal_is_shown_control_characters_instead_of_obeying_them() -> None:
    from service.visible import visible

    assert visible("plain — “words”\n\tand more") == "plain — “words”\n\tand more"
    assert visible("\x1b[2J\u202e") == "␛[2J‹U+202E›"
