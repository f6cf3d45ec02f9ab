"""A cross-encoder by name, for those who have one: it reads question and passage together, and takes its time."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from embeddings.sentence_transformer import UnknownModel

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class NamedCrossEncoder:
    """The sentence-transformers cross-encoder of that name or in that folder, loaded when first needed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the question: higher is better, comparable within one question.

        Raises `UnknownModel`.
        """
        pairs = [(question, passage) for passage in passages]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)] if pairs else []

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(self.name)
        except (OSError, ValueError) as error:
            raise UnknownModel(self.name, str(error).splitlines()[0]) from None
        return model
