"""What a person can set, by flag or environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path


@dataclass(frozen=True, slots=True)
class Config:
    """What a person can set."""

    data: Path
    """The folder of the collection: `archive.db` and `index/` are in it."""
    model: str | None = None
    """A sentence-transformers name or folder; `None` is the collection's own, or the default for a new one."""

    @property
    def archive(self) -> Path:
        """Where the archive is."""
        return self.data / "archive.db"

    @property
    def index(self) -> Path:
        """Where the index generations are."""
        return self.data / "index"


def configure(data: str | None, model: str | None, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration from flags, then `ONRECORD_DATA` and `ONRECORD_MODEL`, then the platform's user folders."""
    folder = data or environment.get("ONRECORD_DATA") or user_data_path("onrecord")
    return Config(Path(folder).absolute(), model or environment.get("ONRECORD_MODEL") or None)
