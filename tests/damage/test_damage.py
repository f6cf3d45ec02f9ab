"""Whatever is damaged in the archive or the index, it is noticed before anything is quoted."""

from pathlib import Path
from random import Random

import pytest

from tests.damage.trials import Damage, Kept, Target, Trials, answers, make, opened
from tests.fakes import BagOfWordsEncoder, use_bag_of_words

TRIALS = 12
"""Of each kind, here; a thousand of each by hand."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        use_bag_of_words(patch)
        return make(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def trials(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trials:
    use_bag_of_words(monkeypatch)
    return Trials(kept, tmp_path, BagOfWordsEncoder())


@pytest.mark.parametrize("kind", list(Damage))
@pytest.mark.parametrize("target", list(Target))
def test_damage_is_noticed_before_an_answer_is_given(trials: Trials, target: Target, kind: Damage) -> None:
    chance = Random(f"{target} {kind}")  # noqa: S311, it draws places to damage
    assert [found for _ in range(TRIALS) if (found := trials.one(chance, target, kind))] == []


@pytest.mark.parametrize("target", list(Target))
def test_the_trials_see_what_is_not_noticed(trials: Trials, monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    monkeypatch.setattr("corpus.archive_seal.check_seal", lambda *_, **__: None)
    monkeypatch.setattr("service.generations.first_altered", lambda *_: None)
    chance = Random(str(target))  # noqa: S311
    found = [found for _ in range(TRIALS) if (found := trials.one(chance, target, Damage.FLIPPED))]
    assert any("not noticed" in one for one in found)


def test_what_is_not_damaged_answers(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    use_bag_of_words(monkeypatch)
    with opened(kept.data, BagOfWordsEncoder()) as collection:
        assert answers(collection) == kept.answers
    assert all(kept.answers)
