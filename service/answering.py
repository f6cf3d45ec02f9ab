"""Asking: from a question to the passages that answer it, cut from the archive at that moment."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from heapq import nlargest
from pathlib import Path
from time import perf_counter

from corpus.archive import Archive
from corpus.errors import OnRecordError
from corpus.filters import Filters
from corpus.keywords import KeywordIndex
from corpus.records import Archived, Located
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Statement
from embeddings.encoder import Encoder, Vectors
from service import evidence
from service.answer import Answer, IndexInfo, Place, Quote, Span
from service.citing import cite
from service.conversation import Utterance, standalone
from service.generations import Encoding, Generation, current_stamp, open_current
from service.ranking import Family, choose, fuse, is_crowded
from service.recent import RecentAnswers

DEFAULT_K = 5
MAX_K = 100
_DEPTH = 100
"""Passages that each search hands to the ranking, at least."""
_DEEPEST = 1600
"""Beyond it, one statement may crowd out others: to look further would cost more than it could find."""
_BESIDE = ThreadPoolExecutor(thread_name_prefix="words")
_CLOSEST = 10
"""Of so many nearest passages the archive is asked whether it holds them still; a retired one vouches for nothing."""
_WITNESSES = 3
"""How many of the best passages are asked for the question's words."""


class EmptyQuestion(OnRecordError):
    """The question has no words in it."""

    def __init__(self) -> None:
        super().__init__("The question is empty.", "Ask something in words.")


class NotText(OnRecordError):
    """The question has bytes in it that are no text, as a terminal in another encoding may send."""

    def __init__(self) -> None:
        super().__init__(
            "The question holds bytes that are not UTF-8 text.", "Type it again, or set the terminal to UTF-8."
        )


class BeingRebuilt(OnRecordError):
    """Every statement is being cut and encoded anew; what is searchable meanwhile is only a part."""

    def __init__(self) -> None:
        super().__init__("The collection is being encoded anew.", "Ask again when `onrecord reindex` is done.")


class TooMany(OnRecordError):
    """More or fewer passages were asked for than an answer can have."""

    def __init__(self, k: int) -> None:
        super().__init__(f"{k} passages cannot be given.", f"Ask for 1 to {MAX_K}.")


class EncodedAnew(OnRecordError):
    """The collection was encoded by another model after this one was opened to ask it."""

    def __init__(self, held: str, given: str) -> None:
        super().__init__(
            f"This collection has been encoded anew by {held}; questions are still encoded by {given}.",
            "Start this program again.",
        )


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the two searches found: passage keys with cosines, and with BM25 scores."""

    cosines: dict[int, float]
    words: dict[int, float]


@dataclass(frozen=True, slots=True)
class Found:
    """The best families, where their passages stand, and the cosine of the passage nearest to the question."""

    families: list[Family]
    places: dict[int, Located]
    nearest: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that was asked at once; of what was said before, what the question takes from it."""

    question: str
    standalone: str
    k: int
    filters: Filters


class Collection:
    """An archive and its index, open for questions from any number of threads."""

    def __init__(self, archive: Archive, encoder: Encoder, index_folder: Path) -> None:
        self.archive = archive
        self.encoder = encoder
        self._index_folder = index_folder
        self._recent = RecentAnswers()
        self._opening = threading.Lock()
        self._generation: Generation | None = None
        self._stamp: tuple[int, int] | None = None

    def ask(
        self,
        question: str,
        *,
        k: int = DEFAULT_K,
        filters: Filters | None = None,
        history: Sequence[Utterance] = (),
    ) -> Answer:
        """The at most `k` passages that answer best, or none when the evidence is too thin.

        Raises `EmptyQuestion`, `NotText`, `TooMany`, `NoIndex`, `DamagedIndex`, `BeingRebuilt`, `EncodedAnew` and
        `DamagedArchive`.
        """
        started = perf_counter()
        if not question.strip():
            raise EmptyQuestion
        if not _is_text(question):
            raise NotText
        if not 1 <= k <= MAX_K:
            raise TooMany(k)
        asked = _Asked(question, standalone(question, history), k, filters or Filters())
        generation = self._open_generation()
        # the generation that answers, which need not be the newest: another thread may be opening that
        state = (generation.manifest.generation, generation.manifest.position, self.archive.stamp)
        answer = self._recent.get(state, asked)
        if answer is None:
            answer = self._answer(asked, generation)
            self._recent.put(state, asked, answer)
        return replace(answer, took_ms=round((perf_counter() - started) * 1000, 1))

    def generation(self) -> IndexInfo:
        """What is being searched. Raises `NoIndex`, `DamagedIndex`, `EncodedAnew` and `BeingRebuilt`."""
        return _info(self._open_generation())

    def retrieve(self, question: str, filters: Filters, depth: int, vector: Vectors | None = None) -> Retrieved:
        """The `depth` passages nearest to the question and the `depth` best by its words, all with their cosines.

        `vector` is the question's, when it has been encoded already.
        """
        encoded = self._encoding(question) if vector is None else lambda: vector
        return _retrieve(self._open_generation(), question, filters, depth, encoded)

    def _answer(self, asked: _Asked, generation: Generation) -> Answer:
        found = self._found(generation, asked.standalone, asked.filters, max(asked.k, _WITNESSES))
        # cut from the archive now: one that was retired since it was found is not among them
        held = self.archive.passages(family.keys[0] for family in found.families)
        witnesses = [held[family.keys[0]] for family in found.families[:_WITNESSES] if family.keys[0] in held]
        confidence = _confidence(generation.words, asked.standalone, found.nearest, witnesses)
        abstained = confidence < evidence.THRESHOLD
        return Answer(
            question=asked.question,
            standalone_question=asked.standalone,
            abstained=abstained,
            confidence=round(confidence, 4),
            quotes=() if abstained else _quotes(found, asked, held, generation.words),
            index=_info(generation),
            took_ms=0.0,
        )

    def _open_generation(self) -> Generation:
        """The one in use; one that is open goes on being used while the folder names none or the next is opened."""
        if is_unfinished(self.archive):
            raise BeingRebuilt
        held = self._generation
        if held is not None and current_stamp(self._index_folder) in (None, self._stamp):
            return held
        if not self._opening.acquire(blocking=held is None) and held is not None:
            return held  # somebody else is opening the next one
        try:
            return self._opened()
        finally:
            self._opening.release()

    def _opened(self) -> Generation:
        stamp = current_stamp(self._index_folder)
        if self._generation is None or stamp not in (None, self._stamp):
            opened = open_current(self._index_folder)
            if opened.manifest.fingerprint != self.encoder.fingerprint:
                raise EncodedAnew(opened.manifest.encoder, self.encoder.name)
            self._generation, self._stamp = opened, stamp
        return self._generation

    def _found(self, generation: Generation, asked: str, filters: Filters, count: int) -> Found:
        """The `count` best families, looked for deeper where a few copies or statements fill all that was retrieved."""
        encoded = self._encoding(asked)
        depth = max(_DEPTH, 3 * count)
        while True:
            retrieved = _retrieve(generation, asked, filters, depth, encoded)
            found = self._chosen(generation, retrieved, count)
            filled = len(found.families) >= count
            if (filled and not is_crowded(found.families)) or len(retrieved.cosines) < depth:
                return found
            if depth >= _DEEPEST and filled:
                return found
            depth *= 4

    def _encoding(self, question: str) -> Callable[[], Vectors]:
        """The question's vector when it is called for; encoded once."""
        return cache(lambda: self.encoder.encode_questions([question])[0])

    def _chosen(self, generation: Generation, retrieved: Retrieved, count: int) -> Found:
        """The `count` best families of passages that the archive still holds."""
        ranked = fuse(retrieved.cosines, retrieved.words)
        standings = generation.columns.standings([found.key for found in ranked])
        closest = nlargest(_CLOSEST, retrieved.cosines, key=retrieved.cosines.__getitem__)
        while True:
            families = choose(ranked, standings, count)
            keys = {key for family in families for key in family.keys}
            places = self.archive.places(keys.union(closest))
            if keys <= places.keys():
                return Found(families, places, max((retrieved.cosines[key] for key in places), default=0.0))
            for retired in keys - places.keys():
                del standings[retired]


def is_unfinished(archive: Archive) -> bool:
    """Whether the archive's passages are being cut and encoded anew."""
    encoding = Encoding.of(archive)
    return encoding is not None and encoding.unfinished


def _is_text(question: str) -> bool:
    try:
        question.encode()
    except UnicodeEncodeError:
        return False
    return True


def _retrieve(
    generation: Generation, question: str, filters: Filters, depth: int, encoded: Callable[[], Vectors]
) -> Retrieved:
    """What both searches find; that of the words runs while the question is encoded."""
    scope = generation.columns.scope(filters)
    by_words = _BESIDE.submit(generation.words.search, question, depth, scope)
    within = None if scope.is_everything else generation.columns.keys_within(scope)
    vector = encoded()
    cosines = dict(generation.nearest(vector, depth, within))
    words = dict(by_words.result())
    by_words_alone = [key for key in words if key not in cosines]
    cosines.update(zip(by_words_alone, generation.cosines(vector, by_words_alone), strict=True))
    return Retrieved(cosines, words)


def _confidence(
    words: KeywordIndex, question: str, nearest: float, witnesses: Sequence[tuple[Archived, Passage]]
) -> float:
    if not witnesses:
        return 0.0
    texts = [archived.statement.slice(passage.start, passage.end) for archived, passage in witnesses]
    return evidence.confidence(nearest, max(words.coverage(question, texts)))


def _quotes(
    found: Found, asked: _Asked, held: Mapping[int, tuple[Archived, Passage]], words: KeywordIndex
) -> tuple[Quote, ...]:
    """A quote of each family, as far as its passage is held."""
    families = [family for family in found.families[: asked.k] if family.keys[0] in held]
    return tuple(
        Quote(
            rank=rank,
            text=archived.statement.slice(passage.start, passage.end),
            score=round(family.score, 4),
            highlight=_best_sentence(archived.statement, passage, words, asked.standalone),
            also=tuple(_place(found.places[key]) for key in family.keys[1:]),
            citation=cite(archived, passage),
        )
        for rank, family in enumerate(families, 1)
        for archived, passage in [held[family.keys[0]]]
    )


def _place(located: Located) -> Place:
    return Place(located.statement_id, located.start, located.end)


def _best_sentence(statement: Statement, passage: Passage, words: KeywordIndex, asked: str) -> Span | None:
    """The sentence with most of the question's words; `None` when none has any."""
    spans = sentence_spans(statement.text, passage.start, passage.end, statement.language)
    covered = words.coverage(asked, (statement.text[start:end] for start, end in spans))
    share, (start, end) = max(zip(covered, spans, strict=True), key=lambda sentence: sentence[0], default=(0.0, (0, 0)))
    return Span(start, end) if share > 0 else None


def _info(generation: Generation) -> IndexInfo:
    manifest = generation.manifest
    return IndexInfo(manifest.generation, manifest.passages, manifest.encoder)
