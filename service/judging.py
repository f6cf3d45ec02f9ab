"""How sure it is that passages answer a question: what speaks for them is gathered, and weighed as calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.keywords import KeywordIndex
from corpus.records import Archived, context_of
from corpus.statement import Passage
from service.evidence import Calibration, Witness, as_among_many, names_in, signals


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what was found among so many `passages`, by the `words` of their index."""

    calibration: Calibration
    words: KeywordIndex
    passages: int

    def confidence(
        self, question: str, held: Sequence[tuple[Archived, Passage]], cosines: Sequence[float], nearest: float
    ) -> float:
        """How likely it is, 0 to 1, that these passages answer it; `nearest` is the greatest cosine of any passage."""
        witnesses = [
            Witness(_with_context(*one), as_among_many(cosine, self.passages))
            for one, cosine in zip(held, cosines, strict=True)
        ]
        rarities = self.words.rarities(question)
        among_many = as_among_many(nearest, self.passages)
        return self.calibration.confidence(signals(question, rarities, self.words.words, among_many, witnesses))

    def names_another(self, question: str, held: Sequence[tuple[Archived, Passage]]) -> bool:
        """Whether the question names somebody or something of which none of the passages has a word."""
        names = names_in(question, self.words.words)
        return bool(names) and all(names.isdisjoint(self.words.words(_with_context(*one))) for one in held)


def _with_context(archived: Archived, passage: Passage) -> str:
    statement = archived.statement
    return f"{context_of(statement, passage)}\n{statement.slice(passage.start, passage.end)}"
