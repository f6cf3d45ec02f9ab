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
    """The folder of the collection: `archive.db`, `index/` and `encoder/` are in it."""
    model: str | None = None
    """A sentence-transformers name or folder; `None` is the collection's own, or the default for a new one."""
    encoder_folder: Path | None = None
    """Where exported encoders are kept, when that is not with the collection: collections can share them."""
    cross_encoder: str | None = None
    """A sentence-transformers cross-encoder's name or folder, to put the best passages in order; `None` for none."""

    @property
    def archive(self) -> Path:
        """Where the archive is."""
        return self.data / "archive.db"

    @property
    def index(self) -> Path:
        """Where the index generations are."""
        return self.data / "index"

    @property
    def encoders(self) -> Path:
        """Where exported encoders are, each in a folder named by its fingerprint."""
        return self.encoder_folder or self.data / "encoder"


def configure(data: str | None, model: str | None, environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration from flags, then the environment, then the platform's user folders.

    The environment's names are `ONRECORD_DATA`, `ONRECORD_MODEL`, `ONRECORD_ENCODERS` and `ONRECORD_CROSS_ENCODER`.
    """
    folder = data or environment.get("ONRECORD_DATA") or user_data_path("onrecord")
    encoders = environment.get("ONRECORD_ENCODERS")
    return Config(
        Path(folder).absolute(),
        model or environment.get("ONRECORD_MODEL") or None,
        Path(encoders).absolute() if encoders else None,
        environment.get("ONRECORD_CROSS_ENCODER") or None,
    )
