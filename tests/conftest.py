"""What many tests share. No test reaches for the network: the default model is installed with the project."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.answering import Collection
from service.config import Config
from service.wiring import collection, ingester
from tests.fakes import SilentProgress

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Real Chromium, without a window; what it needs is imported by those who ask for it alone."""
    from benchmarks.deep_links import CHROMIUM, chromium

    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is not there. Install it: apt-get install chromium", pytrace=False)
    with chromium() as started:
        yield started
