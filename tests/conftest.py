"""What many tests share. No test reaches for the network: the default model is installed with the project."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.answering import Collection
from service.config import Config
from service.wiring import collection, ingester
from tests.fakes import SilentProgress

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.pop("ONRECORD_DATA", None)
os.environ.pop("ONRECORD_MODEL", None)

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="session")
def samples_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The sample statements, ingested with the real default model."""
    config = Config(tmp_path_factory.mktemp("samples"))
    with ingester(config, SilentProgress(), "ingest") as work:
        report = work.ingest([str(SAMPLES / "statements")])
    assert (report.new, report.refused) == (20, [])
    return config


@pytest.fixture(scope="session")
def samples(samples_config: Config) -> Iterator[Collection]:
    """The sample statements, open for questions, with the real default model."""
    with collection(samples_config, SilentProgress()) as opened:
        yield opened
