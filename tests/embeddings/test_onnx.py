"""The exported encoder: equal to its source, without torch, and known for what it is when it is not."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from embeddings import export as exporting
from embeddings.encoder import Vectors
from embeddings.export import Parity, export
from embeddings.onnx import AlteredEncoder, EncoderFacts, OnnxEncoder, is_usable
from embeddings.sentence_transformer import SentenceTransformerEncoder

ROOT = Path(__file__).parents[2]
PASSAGES = (
    "The Minister said that 2,147 households would receive the payment by 16 July 2020, and that none would wait.",
    "Q. Will you raise the rate? A. We take decisions meeting by meeting.",
    "We will dredge the harbour this year, because silt is heavy and boats wait. " * 9,
)
QUESTIONS = ("Who pays for the ferry?", "When will the harbour be dredged, and what does the Treasury give?", "Zinc?")
HARD_TEXTS = (
    "",
    " ",
    "Наступне засідання уряду відбудеться у четвер.",
    "部長會議將於週四舉行。",
    "قال الوزير إن السفن تنتظر",
    "naïve—co-operation’s (COVID-19); \u00ad\u200b \N{SMILING FACE WITH SUNGLASSES}",
    "Over the limit of the model by far. " * 90,
)


@pytest.fixture(scope="session")
def model() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


@pytest.fixture(scope="session")
def exported(model: SentenceTransformerEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in model, exported."""
    folder = tmp_path_factory.mktemp("encoders") / "model"
    export(model, folder, PASSAGES, QUESTIONS)
    return folder


@pytest.fixture(scope="session")
def encoder(exported: Path) -> OnnxEncoder:
    return OnnxEncoder(exported)


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    """An exported encoder that a test can spoil."""
    return Path(shutil.copytree(exported, tmp_path / "model"))


def cosines(given: Vectors, expected: Vectors) -> list[float]:
    return [float(one @ other) for one, other in zip(given, expected, strict=True)]


def report_in(folder: Path) -> Parity:
    return Parity(**json.loads((folder / "parity.json").read_text(encoding="utf-8")))


def test_it_says_the_same_of_itself_as_its_source(encoder: OnnxEncoder, model: SentenceTransformerEncoder) -> None:
    texts = [*PASSAGES, *HARD_TEXTS]
    assert (encoder.name, encoder.fingerprint) == ("all-MiniLM-L6-v2", model.fingerprint)
    assert (encoder.dimension, encoder.passage_limit) == (384, 190)
    assert encoder.count_tokens(texts) == model.count_tokens(texts)
    assert encoder.count_tokens(["zinc " * 1000]) == [1000]


def test_questions_get_the_vectors_of_sentence_transformers(
    encoder: OnnxEncoder, model: SentenceTransformerEncoder
) -> None:
    texts = [*QUESTIONS, *HARD_TEXTS]
    vectors = encoder.encode_questions(texts)
    assert (vectors.shape, vectors.dtype.name) == ((len(texts), 384), "float32")
    assert min(cosines(vectors, model.encode_questions(texts))) >= 0.999999
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-6)


def test_passages_get_the_vectors_of_sentence_transformers(
    encoder: OnnxEncoder, model: SentenceTransformerEncoder
) -> None:
    texts = [*PASSAGES, *HARD_TEXTS]
    assert min(cosines(encoder.encode_passages(texts), model.encode_passages(texts))) >= 0.9999


@pytest.mark.parametrize(("words", "counts"), [(253, True), (254, False)])
def test_a_text_is_cut_at_the_very_token_where_sentence_transformers_cuts(
    encoder: OnnxEncoder, model: SentenceTransformerEncoder, words: int, counts: bool
) -> None:
    tin, lead = encoder.encode_questions(["zinc " * words + "tin", "zinc " * words + "lead"])
    assert (float(np.abs(tin - lead).max()) > 1e-5) == counts
    assert min(cosines(tin[None], model.encode_questions(["zinc " * words + "tin"]))) >= 0.999999


def test_the_vectors_are_in_the_order_of_the_texts_whatever_lies_beside_them(encoder: OnnxEncoder) -> None:
    texts = [f"{'The ferry was late again. ' * (number * 7 % 40)} It was number {number}." for number in range(60)]
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)
    assert np.array_equal(encoder.encode_passages(texts), together)


def test_nothing_to_encode_gives_no_rows(encoder: OnnxEncoder) -> None:
    assert encoder.encode_questions([]).shape == encoder.encode_passages([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_many_threads_share_one_encoder_from_its_first_use_on(exported: Path, encoder: OnnxEncoder) -> None:
    fresh = OnnxEncoder(exported)
    texts = [f"Question {number} about the harbour?" for number in range(24)]
    expected = encoder.encode_questions(texts)
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda text: fresh.encode_questions([text])[0], texts * 3))
    assert np.array(given) == pytest.approx(np.tile(expected, (3, 1)), abs=1e-5)


def test_neither_torch_nor_what_needs_it_is_imported(exported: Path) -> None:
    asked = (
        "import sys\nfrom pathlib import Path\nfrom embeddings.onnx import OnnxEncoder, is_usable\n"
        "assert is_usable(Path(sys.argv[1]))\n"
        "print(OnnxEncoder(Path(sys.argv[1])).encode_questions(['Who pays?']).shape)\n"
        "print({'torch', 'transformers', 'sklearn', 'sentence_transformers'} & set(sys.modules))\n"
    )
    command = [sys.executable, "-c", asked, str(exported)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["(1, 384)", "set()"]


def test_the_report_tells_how_near_the_two_are_and_by_which_versions(exported: Path) -> None:
    report = json.loads((exported / "parity.json").read_text(encoding="utf-8"))
    assert is_usable(exported)
    assert report["used"] is True
    assert (report["passages"]["texts"], report["questions"]["texts"]) == (3, 3)
    assert 0.9999 <= report["passages"]["least_cosine"] <= report["passages"]["mean_cosine"] <= 1.00001
    assert report["questions"]["least_sha256"] in {sha256(text.encode()).hexdigest() for text in QUESTIONS}
    assert report["versions"]["torch"] == torch.__version__
    assert {"onnxruntime", "sentence_transformers"} < set(report["versions"])


def test_nothing_but_the_encoder_is_left_behind(exported: Path) -> None:
    assert [path.name for path in exported.parent.iterdir()] == ["model"]
    assert {path.name for path in exported.iterdir()} - {".checked"} == {
        "encoder.json",
        "model.onnx",
        "model.onnx.data",
        "parity.json",
        "tokenizer.json",
    }


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data", "tokenizer.json"])
def test_an_altered_file_is_refused_with_the_cure(copied: Path, name: str) -> None:
    with (copied / name).open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)[0]
        file.seek(1000)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(AlteredEncoder, match=rf"{name} is not as it was written\. Delete that folder; the encoder is"):
        OnnxEncoder(copied)


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"name": "zinc"}'])
def test_facts_that_cannot_be_read_are_an_altered_encoder(copied: Path, content: str | None) -> None:
    for name in ("encoder.json", "parity.json"):
        (copied / name).unlink()
        if content is not None:
            (copied / name).write_text(content)
    with pytest.raises(AlteredEncoder, match=r"encoder\.json is missing or cannot be read"):
        OnnxEncoder(copied)
    with pytest.raises(AlteredEncoder, match=r"parity\.json is missing or cannot be read"):
        is_usable(copied)


def test_a_folder_that_is_not_there_is_not_usable(tmp_path: Path) -> None:
    assert not is_usable(tmp_path / "nowhere")


def test_a_model_that_cannot_be_exported_is_known_for_it_and_leaves_no_graph(
    model: SentenceTransformerEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise torch.onnx.OnnxExporterError("No such operator.\nA long story.")

    monkeypatch.setattr(torch.onnx, "export", refused)
    parity = export(model, tmp_path / "model", PASSAGES, QUESTIONS)
    assert (parity.used, parity.reason) == (False, "It could not be exported: No such operator.")
    assert report_in(tmp_path / "model") == parity
    assert not is_usable(tmp_path / "model")
    assert not list((tmp_path / "model").glob("model.onnx*"))


class Branching(torch.nn.Module):
    """A model whose way depends on what it reads, which no graph can follow."""

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        words = features["input_ids"].float()
        return {"sentence_embedding": words if words.sum().item() > 50 else -words}


def test_torch_refuses_such_a_model_in_the_way_that_is_caught(
    model: SentenceTransformerEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branching = Branching()
    monkeypatch.setattr(branching, "tokenizer", model.model.tokenizer, raising=False)
    monkeypatch.setattr(branching, "device", torch.device("cpu"), raising=False)
    write: Callable[..., None] = exporting._write_graph
    with pytest.raises(exporting.NotExportable, match="It could not be exported: "):
        write(branching, 256, tmp_path)


class Shifted:
    """A source whose vectors are a little off those of the model that is exported."""

    def __init__(self, model: SentenceTransformerEncoder, cosine: float) -> None:
        self._model = model
        self._cosine = cosine

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode_questions(texts)
        aside = np.roll(vectors, 1, axis=1)
        aside -= np.einsum("ij,ij->i", aside, vectors)[:, None] * vectors
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        return np.asarray(self._cosine * vectors + (1 - self._cosine**2) ** 0.5 * aside, dtype=np.float32)


@pytest.mark.parametrize(("cosine", "used"), [(0.99985, False), (0.99995, True)])
def test_an_encoder_is_used_only_where_every_vector_is_the_same(
    model: SentenceTransformerEncoder, encoder: OnnxEncoder, cosine: float, used: bool
) -> None:
    shifted: object = Shifted(model, cosine)
    compare: Callable[..., Parity] = exporting._compared
    parity = compare(shifted, encoder, PASSAGES, QUESTIONS)
    assert parity.used == used
    assert parity.questions is not None
    assert parity.questions.least_cosine == pytest.approx(cosine, abs=1e-6)
    assert ("not below" in parity.reason) == used


def test_an_encoder_that_differs_is_written_without_its_graph(
    model: SentenceTransformerEncoder, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_before(_model: object, _tokens: int, folder: Path) -> None:
        for name in ("model.onnx", "model.onnx.data"):
            shutil.copy(exported / name, folder)

    monkeypatch.setattr(exporting, "_write_graph", as_before)
    monkeypatch.setattr(exporting, "_SAME", 1.1)
    parity = export(model, tmp_path / "model", PASSAGES, QUESTIONS)
    assert not parity.used
    assert not is_usable(tmp_path / "model")
    assert set(EncoderFacts.read(tmp_path / "model").files) == {"tokenizer.json"}


def test_what_a_model_wants_before_its_texts_is_put_there(
    model: SentenceTransformerEncoder, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_before(_model: object, _tokens: int, folder: Path) -> None:
        for name in ("model.onnx", "model.onnx.data"):
            shutil.copy(exported / name, folder)

    monkeypatch.setattr(exporting, "_write_graph", as_before)
    monkeypatch.setattr(model.model, "prompts", {"query": "a question about zinc: ", "passage": "a passage on tin: "})
    assert export(model, tmp_path / "model", PASSAGES, QUESTIONS).used
    prompted = OnnxEncoder(tmp_path / "model")
    plain = OnnxEncoder(exported)
    assert cosines(prompted.encode_questions(["Who?"]), plain.encode_questions(["a question about zinc: Who?"])) == [
        pytest.approx(1, abs=1e-6)
    ]
    assert cosines(prompted.encode_passages(["He."]), plain.encode_passages(["a passage on tin: He."])) == [
        pytest.approx(1, abs=1e-6)
    ]


def test_a_graph_that_does_not_run_is_not_used(
    model: SentenceTransformerEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbage(_model: object, _tokens: int, folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"no graph")

    monkeypatch.setattr(exporting, "_write_graph", garbage)
    parity = export(model, tmp_path / "model", PASSAGES, QUESTIONS)
    assert not parity.used
    assert parity.reason.startswith("ONNX Runtime cannot run it: ")


def test_an_export_that_is_interrupted_leaves_nothing_and_one_that_is_late_leaves_the_first(
    model: SentenceTransformerEncoder, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def refused(*_: object) -> None:
        raise exporting.NotExportable("late")

    monkeypatch.setattr(exporting, "_write_graph", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(model, tmp_path / "other", PASSAGES, QUESTIONS)
    monkeypatch.setattr(exporting, "_write_graph", refused)
    export(model, copied, PASSAGES, QUESTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert is_usable(copied)
