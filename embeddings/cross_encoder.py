"""A cross-encoder by name, for those who have one: it reads question and passage together, and takes its time."""

from collections.abc import Sequence

from corpus.errors import first_line
from embeddings.sentence_transformer import UnknownModel, folder_of


class NamedCrossEncoder:
    """The sentence-transformers cross-encoder of that name or in that folder. Raises `UnknownModel`."""

    def __init__(self, name: str) -> None:
        folder = folder_of(name)
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(
                str(folder), model_kwargs={"use_safetensors": True}, trust_remote_code=False, local_files_only=True
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise UnknownModel(name, first_line(error)) from None

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the question: higher is better, comparable within one question."""
        pairs = [(question, passage) for passage in passages]
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)] if pairs else []
