"""The application that is asked, and what the tests here do not collect."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.fuzz.api import application

collect_ignore = ["one_reader.py"]
"""It needs the fuzzer, and runs in a process of its own."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a small collection, for the tests of one module."""
    app = application(tmp_path_factory.mktemp("fuzzed"))
    yield app
    app.config["ARCHIVE"].close()
