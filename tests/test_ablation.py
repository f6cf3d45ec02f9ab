"""The tables of ranking steps and of near-copies: they run, and say what they measured."""

import json
from pathlib import Path

import pytest

from benchmarks import ablation, near_copies
from tests.fakes import use_bag_of_words


@pytest.fixture(autouse=True)
def _without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    use_bag_of_words(monkeypatch)


def test_a_table_has_a_line_for_each_set_and_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "harbour"
    made.mkdir()
    rows = ({"_id": "zinc", "text": "Zinc is up in Orm."}, {"_id": "tin", "text": "Tin is down in Orm."})
    (made / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (made / "queries.jsonl").write_text('{"_id": "q", "text": "Is zinc up?"}')
    (made / "qrels.tsv").write_text("q\tzinc\t1\n")

    assert ablation.main([str(made), "--keep", str(tmp_path / "kept")]) == 0

    _, _, whole, *steps = capsys.readouterr().out.splitlines()
    assert whole == "| harbour | all, against dense | 1.0000 | 1.0000 | +0.0000 | 1.0000 | |"
    assert [step.split(" | ")[1] for step in steps] == [
        "rare words count more",
        "titles, speakers and questions are searched",
        "passages of the same days vouch for each other",
        "the question's words stand together",
    ]
    assert (tmp_path / "kept" / "harbour" / "archive.db").exists()


def test_near_copies_are_made_and_told_from_changed_meanings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = (
        "The port of Orm opens to all ships on the first of May. The tolls are not raised, says Ada Brand, and the "
        "{} crossings of last year were the most that the ledger has. Nobody complained about the ferry to Kelm."
    )
    lines = (json.dumps({"text": said.format(number)}) for number in range(300, 340))
    (tmp_path / "said.jsonl").write_text("\n".join(lines))

    assert near_copies.main([str(tmp_path / "said.jsonl"), "--sample", "40"]) == 0

    told = capsys.readouterr().out
    assert "precision" in told
    assert "recall" in told
