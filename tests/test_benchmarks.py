"""The benchmarks run, and say what they measured; how fast anything is, no test decides."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import made_up, texts
from benchmarks.__main__ import FIGURES, main
from benchmarks.collections import Collections, KnownVectors, copies_of
from benchmarks.exact import Exact
from benchmarks.figures import Bar, Figure, as_markdown, as_text, bars_for, percentile
from benchmarks.load import Load, request
from benchmarks.measure import beside, bytes_under
from tests.builders import a_statement, whole_turns
from tests.fakes import BagOfWordsEncoder


def a_figure(*bars: Bar, ours: tuple[float, ...] = (3.0, 1.0, 2.0), baseline: tuple[float, ...] = (4.0, 0.5)) -> Figure:
    return Figure("help", "a figure", "s", ours, baseline, "another", bars)


def test_a_figure_is_its_median_beside_the_baselines_median() -> None:
    figure = a_figure()

    assert (figure.value, figure.baseline_value, figure.ratio) == (2.0, 2.25, 2.0 / 2.25)


def test_the_spread_leaves_out_a_tenth_on_either_side() -> None:
    assert a_figure(ours=tuple(map(float, range(11)))).spread == (1.0, 9.0)


@pytest.mark.parametrize(("percent", "value"), [(0, 10.0), (50, 25.0), (95, 38.5), (100, 40.0)])
def test_a_percentile_lies_between_two_values_in_proportion(percent: float, value: float) -> None:
    assert percentile([40.0, 10.0, 30.0, 20.0], percent) == value


def test_a_recall_is_a_mean() -> None:
    assert Figure("recall", "r", "", (1.0, 1.0, 0.4), middle="mean").value == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("value", 2.0), True),
        (Bar("value", 1.9), False),
        (Bar("value", 2.1, at_least=True), False),
        (Bar("ratio", 0.9), True),
        (Bar("ratio", 0.8), False),
        (Bar("ratio", 0.8, at_least=True), True),
    ],
)
def test_a_bar_is_met_or_missed(bar: Bar, *, met: bool) -> None:
    assert a_figure(bar).is_met is met


def test_all_bars_of_a_figure_have_to_be_met() -> None:
    assert a_figure(Bar("ratio", 5), Bar("value", 0.25)).is_met is False


def test_a_ratio_that_was_not_measured_is_missed() -> None:
    assert a_figure(Bar("ratio", 5), baseline=()).is_met is False


def test_a_figure_without_a_bar_is_neither_met_nor_missed() -> None:
    assert a_figure().is_met is None


def test_a_bar_is_that_of_the_next_larger_size() -> None:
    limits = {100_000: 1.5, 1_000_000: 3.0}

    assert bars_for(100_000, "ratio", limits) == (Bar("ratio", 1.5),)
    assert bars_for(100_001, "ratio", limits) == (Bar("ratio", 3.0),)
    assert bars_for(2_000_000, "ratio", limits) == ()


@pytest.mark.parametrize("table", [as_text, as_markdown])
def test_the_table_says_what_was_missed(table: Callable[[list[Figure]], str]) -> None:
    written = table([a_figure(Bar("value", 1.0)), a_figure(Bar("value", 9.0))])

    assert "≤ 1 s" in written
    assert (written.count("MISSED"), written.count("met")) == (1, 2)  # the heading, and the second figure


def test_each_is_first_every_other_time() -> None:
    called: list[str] = []
    ours, baseline = beside(lambda n: called.append(f"ours {n}"), lambda n: called.append(f"baseline {n}"), (1, 2))

    assert called == ["ours 1", "baseline 1", "baseline 2", "ours 2"]
    assert (len(ours), len(baseline)) == (2, 2)


def test_a_file_with_two_names_takes_its_place_once(tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "model").write_bytes(b"x" * 1000)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "one").write_bytes(b"x" * 10)
    (tmp_path / "index" / "two").hardlink_to(tmp_path / "index" / "one")
    (tmp_path / "archive.db").write_bytes(b"x" * 5)

    assert bytes_under(tmp_path, leaving_out="encoder") == 15


def test_recall_counts_what_exact_search_finds() -> None:
    vectors = np.eye(16, dtype=np.float16)
    asked = np.linspace(1, 0.1, 16, dtype=np.float32).reshape(1, -1)  # nearest to row 0, then row 1, …
    exact = Exact(np.arange(100, 116), vectors)

    assert exact.recalls(asked, [list(range(100, 110))]) == (1.0,)
    assert exact.recalls(asked, [[*range(100, 107), 113, 114, 115]]) == (0.7,)


def test_recall_within_a_filter_is_of_what_the_filter_leaves() -> None:
    within = np.arange(16) >= 12
    asked = np.linspace(1, 0.1, 16, dtype=np.float32).reshape(1, -1)
    exact = Exact(np.arange(100, 116), np.eye(16, dtype=np.float16))

    assert exact.recalls(asked, [[112, 113, 115]], within) == (0.75,)


def test_a_copy_of_a_vector_has_a_cosine_of_eight_tenths_with_it() -> None:
    original = np.zeros((1, 384), dtype=np.float16)
    original[0, 5] = 1
    copies = copies_of(original, 500, np.random.default_rng(1))

    assert np.linalg.norm(copies, axis=1) == pytest.approx(1, abs=1e-5)
    assert copies[:, 5].mean() == pytest.approx(0.8, abs=0.01)


def test_vectors_computed_once_are_not_computed_again(tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    known = KnownVectors(tmp_path / "vectors.npz")
    first = known.of(["zinc", "coal", "zinc"], encoder)
    known.save()
    again = KnownVectors(tmp_path / "vectors.npz").of(["coal", "zinc"], encoder)

    assert encoder.encoded == 2
    assert (again == first[[1, 2]]).all()


def test_made_up_statements_are_whole_and_none_is_like_another() -> None:
    making = made_up.MadeUp()
    statement = a_statement("The harbour opens on Monday. Boats may enter. The pilot waits at the mole.")
    making.learn(statement, whole_turns(statement))
    made = [found for found, _ in zip(making.statements(), range(50), strict=False)]
    cut_out = [found.statement.slice(passage.start, passage.end) for found in made for passage in found.passages or ()]

    assert len(set(cut_out)) == len(cut_out)
    assert all("The harbour opens on Monday." in text for text in cut_out)
    for found in made:
        assert json.loads(found.source.original)["text"] == found.statement.text
        for passage in found.passages or ():
            found.statement.check(passage)


def test_no_question_is_dealt_out_twice() -> None:
    questions = texts.Questions().take(300)

    assert len({question.casefold() for question in questions}) == 300


def test_a_rate_counts_answers_only() -> None:
    met = Load(8, (0.1, 0.2), {"200": 2, "503": 3}, 4.0, 0.1)

    assert (met.rate, met.refused) == (0.5, 3)


def test_a_request_says_how_long_it_is() -> None:
    head, _, body = request("Où est le port ?").partition(b"\r\n\r\n")

    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"question": "Où est le port ?"}


MEASURED = [name for name in FIGURES if name not in {"cold", "ingest"}]
"""Those two import sentence-transformers again and again, which takes half a minute."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a quick run on a few hundred passages of the samples writes."""
    folder = tmp_path_factory.mktemp("benchmarks")
    patch = pytest.MonkeyPatch()
    patch.setattr(texts, "SHARED", folder / "absent")
    sizes = ("--quick", "--sizes", "150,300", "--encode", "150")
    main([*sizes, "--keep", str(folder / "kept"), "--out", str(folder / "out"), "--only", *MEASURED])
    patch.undo()
    return folder / "out"


def test_a_run_measures_what_is_asked_for(written: Path) -> None:
    results = json.loads((written / "results.json").read_bytes())

    assert {figure["group"] for figure in results["figures"]} == set(MEASURED)
    assert all(figure["ours"] for figure in results["figures"])


def test_a_run_says_what_it_was_made_on(written: Path) -> None:
    table = (written / "results.md").read_text()

    assert "300 passages in" in table
    assert "from the samples, as ../shared/data is absent" in table
    assert "150 vectors from the encoder, 150 perturbed copies of them" in table


def test_a_run_finds_what_exact_search_finds(written: Path) -> None:
    results = json.loads((written / "results.json").read_bytes())
    recalls = [figure["value"] for figure in results["figures"] if figure["figure"].startswith("recall@10")]

    assert len(recalls) > 2
    assert min(recalls) > 0.9


def test_a_collection_that_is_whole_is_not_made_again(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SHARED", written.parent / "absent")
    archive = written.parent / "kept" / "300" / "archive.db"
    made = archive.stat().st_ino, archive.stat().st_mtime_ns
    again = Collections(written.parent / "kept", 150, None).of(300)

    assert (archive.stat().st_ino, archive.stat().st_mtime_ns) == made
    assert (again.made.passages, again.made.encoded) == (300, 150)


@pytest.mark.parametrize("name", ["growth.png", "latencies.png"])
def test_a_run_draws_pictures(written: Path, name: str) -> None:
    picture = (written / name).read_bytes()
    width, height = struct.unpack(">II", picture[16:24])

    assert picture.startswith(b"\x89PNG")
    assert min(width, height) > 500
