"""The README is true: its commands run, its answer is the one given, what it shows of the JSON is what there is."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import wiring
from service.answering import Collection
from service.cli import main
from service.config import Config
from service.evidence import DEFAULT
from service.web import create_app
from tests.conftest import SAMPLES
from tests.fakes import use_bag_of_words

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def commands(starting: str) -> list[list[str]]:
    lines = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith(f"{starting} ")]


def test_the_first_answer_is_the_one_that_the_samples_give(samples_config: Config) -> None:
    shown = next(block for language, block in BLOCKS if language == "console")
    command, _, expected = shown.partition("\n")
    done = CliRunner().invoke(main, [*shlex.split(command)[2:], "--data", str(samples_config.data)])

    assert done.output.rstrip("\n") == expected.rstrip("\n")


def test_make_demo_ingests_asks_cites_and_says_how_to_go_on(tmp_path: Path) -> None:
    ready = f"{sys.prefix}/.runs"
    done = subprocess.run(
        ["make", "-C", str(ROOT), "demo", f"VENV={sys.prefix}", f"DEMO={tmp_path / 'demo'}", "-o", ready],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "17 files read: 20 new" in done.stdout
    assert "The deck sank by 83 millimetres" in done.stdout
    assert "statements/bridge-reopened-ministry.txt" in done.stdout
    assert "make serve" in done.stdout


def test_every_make_target_shown_is_there() -> None:
    shown = [words[0] for words in commands("make")] + re.findall(r"`make (\w+)`", README)

    assert set(shown) >= {"demo", "test", "serve"}
    for target in shown:
        subprocess.run(["make", "-C", str(ROOT), "--dry-run", target], capture_output=True, check=True)


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the README's commands can be run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONRECORD_DATA", str(tmp_path / "collection"))
    use_bag_of_words(monkeypatch)
    shutil.copytree(SAMPLES / "statements", tmp_path / "statements")
    for name in ("letter.docx", "old-letter.docx"):
        shutil.copy(SAMPLES / "statements" / "lighthouse-letter.docx", tmp_path / "statements" / name)
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "question": "bridge deck loading tests"}\n', encoding="utf-8")
    (tmp_path / "draft.md").write_text("“No lamp will be put out,” he wrote.\n", encoding="utf-8")
    (tmp_path / "judged").mkdir()
    (tmp_path / "judged" / "corpus.jsonl").write_text('{"_id": "a", "text": "Zinc is up."}\n', encoding="utf-8")
    (tmp_path / "judged" / "queries.jsonl").write_text('{"_id": "q", "text": "zinc"}\n', encoding="utf-8")
    (tmp_path / "judged" / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", encoding="utf-8")
    return tmp_path


def test_every_command_shown_runs(statements: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "calibrate", lambda *_: DEFAULT)  # a bag of words tells no collection from another
    shown = [words for words in commands("onrecord") if words[0] != "serve"]

    assert {words[0] for words in shown} == set(main.commands) - {"serve"}
    for words in shown:
        done = CliRunner().invoke(main, words, input="")

        assert done.exit_code in (0, 1), (statements, words, done.output)
        assert "Error" not in done.output


def test_the_address_shown_answers_with_the_json_shown(samples: Collection) -> None:
    (address,) = re.findall(r'curl -s "http://127.0.0.1:8765([^"]*)"', README)
    answer = create_app(samples).test_client().get(address).get_json()
    shown = json.loads(next(block for language, block in BLOCKS if language == "json"))

    assert shape(shown) == shape(answer)
    assert shape(answer) == shape(json.loads(json.dumps(asdict(samples.ask("How far did the bridge deck sink", k=1)))))


def shape(value: object) -> object:
    """The keys of a JSON value, all the way down."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else None


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in main.commands if f"onrecord {name}" not in README] == []


def test_the_changelog_speaks_of_what_is_unreleased() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
