"""Asking: from a question to the passages that answer it, cut from the archive at that moment."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from heapq import nlargest
from pathlib import Path

import numpy as np

from corpus.archive import Archive
from corpus.columns import Keys
from corpus.errors import OnRecordError
from corpus.filters import Filters, Scope, first_day, last_day
from corpus.keywords import KeywordIndex
from corpus.records import UNDATED, Archived, Located, Standing
from corpus.sentences import sentence_spans
from corpus.statement import Passage, Role
from embeddings.cross_encoder import NamedCrossEncoder
from embeddings.encoder import Encoder, Vectors
from service.answer import Answer, IndexInfo, Place, Quote, Searched
from service.citations import Citations
from service.conversation import Utterance, standalone
from service.evidence import DEFAULT, Calibration
from service.folding import Folding
from service.generations import Encoding, Generation, current_stamp, open_usable
from service.highlighting import Wanted
from service.judging import Judge
from service.nearness import nearness, pairs_of
from service.ranking import LOOKED_AT, RECIPE, Family, Ranked, Recipe, choose, fuse, is_crowded, reordered, second_look
from service.recent import RecentAnswers
from service.stopwatch import Asking, Outcome, Stopwatch, Watcher
from service.wishes import Order, Wish, wishes, without

DEFAULT_K = 5
MAX_K = 100
DEPTH = 100
"""Passages that each search hands to the ranking, at least."""
_DEEPEST = 1600
"""Beyond it, one statement may crowd out others: to look further would cost more than it could find."""
_BESIDE = ThreadPoolExecutor(thread_name_prefix="words")
_CLOSEST = 10
"""Of so many nearest passages the archive is asked whether it holds them still; a retired one vouches for nothing."""
_WITNESSES = 3
"""How many of the best passages are asked for the question's words."""
_MISSES = 3
"""How many of the nearest misses are shown."""
_OWN = 0.7
"""Share of a follow-up's own vector in what is searched for."""
_OF_OTHERS = 0.5
"""What is left of a confidence that rests on what was talked about before, when the question names another."""
_REMEMBERED = 1000
"""Characters of what was said last that are looked at."""
_ELLIPTICAL = frozenset(
    [
        *("who", "whom", "whose", "what", "when", "where", "why", "how", "which"),
        *("long", "much", "mani", "often", "far", "els", "else", "more", "exact", "exactli"),
    ]
)
"""A question with no other words than these to search for, such as "And when was that?", says nothing by itself."""
_OPENING = 200
"""Characters by which a passage is known that was quoted before."""
_ON_THE_SUBJECT = 0.85
"""Share of the best passage's score that one must have to be put in its place by date."""


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


class InvalidThreshold(OnRecordError):
    """A confidence that no answer can have."""

    def __init__(self, threshold: float) -> None:
        super().__init__(f"{threshold:g} is no confidence.", "Give a threshold from 0 to 1.")


class EncodedAnew(OnRecordError):
    """The collection was encoded by another model after this one was opened to ask it."""

    def __init__(self, held: str, given: str) -> None:
        super().__init__(
            f"This collection has been encoded anew by {held}; questions are still encoded by {given}.",
            "Start this program again.",
        )


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is to be given. Raises `InvalidThreshold`."""

    order: Order | None = None
    """`None` leaves it to the question, which is answered by relevance when it does not say."""
    threshold: float | None = None
    """The confidence, 0 to 1, below which nothing is quoted; `None` for the collection's own."""
    ignore: frozenset[str] = frozenset()
    """Kinds of wishes not to be read out of the question: its words for them are then words like others."""
    today: date | None = None
    """The day from which "last month" is counted; `None` for the collection's own."""

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise InvalidThreshold(self.threshold)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the two searches found: passage keys with cosines, and with BM25 scores."""

    cosines: dict[int, float]
    words: dict[int, float]


@dataclass(frozen=True, slots=True)
class Found:
    """The best families, the passages that stand for them, where their copies stand, all cosines and the greatest."""

    families: list[Family]
    held: Mapping[int, tuple[Archived, Passage]]
    places: Mapping[int, Located]
    cosines: Mapping[int, float]
    nearest: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that was asked at once; of what was said before, what the question takes from it."""

    question: str
    plain: str
    """The question without the words for what is understood."""
    standalone: str
    before: str | None
    """The question before it, when it leans on what was said."""
    said: str | None
    """What we said last, when it does."""
    k: int
    filters: Filters
    order: Order
    threshold: float
    understood: tuple[Wish, ...]


class Collection:
    """An archive and its index, open for questions from any number of threads."""

    def __init__(
        self,
        archive: Archive,
        encoder: Encoder,
        index_folder: Path,
        *,
        calibration: Calibration = DEFAULT,
        cross_encoder: NamedCrossEncoder | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.archive = archive
        self.citations = Citations(archive)
        self.encoder = encoder
        self._index_folder = index_folder
        self.calibration = calibration
        self._cross_encoder = cross_encoder
        self.today = today
        self._recent = RecentAnswers()
        self._opening = threading.Lock()
        self._watchers: tuple[Watcher, ...] = ()
        self._generation: Generation | None = None
        self._stamp: tuple[int, int] | None = None

    def ask(
        self,
        question: str,
        *,
        k: int = DEFAULT_K,
        filters: Filters | None = None,
        history: Sequence[Utterance] = (),
        manner: Manner | None = None,
    ) -> Answer:
        """The at most `k` passages that answer best, or none when the evidence is too thin.

        What the question says of a period or an order counts where `filters` and `manner` leave them open.

        Raises `EmptyQuestion`, `NotText`, `TooMany`, `NoIndex`, `DamagedIndex`, `BeingRebuilt`, `EncodedAnew` and
        `DamagedArchive`.
        """
        watch = Stopwatch()
        if not question.strip():
            raise EmptyQuestion
        if not all(map(_is_text, (question, *(said.text for said in history)))):
            raise NotText
        if not 1 <= k <= MAX_K:
            raise TooMany(k)
        asked = self._read(question, k, filters or Filters(), history, manner or Manner())
        watch.lap("understand")
        answer = None
        try:
            answer = self._remembered_or_new(asked, watch)
        finally:
            self._tell(asked, answer, watch)
        return replace(answer, took_ms=round(watch.seconds * 1000, 1))

    def watched_by(self, watcher: Watcher) -> None:
        """Tell `watcher` of every question that can be read, once it is answered or has failed."""
        self._watchers = (*self._watchers, watcher)

    def in_use(self) -> Generation:
        """The index generation that is searched now.

        One that is open goes on being used while the folder names none or the next is opened. Where the one that the
        folder names is damaged, one before it answers. Raises `NoIndex`, `DamagedIndex`, `AlteredArchive`,
        `EncodedAnew` and `BeingRebuilt`.
        """
        self.archive.see_unaltered()
        if is_unfinished(self.archive):
            raise BeingRebuilt
        held = self._generation
        is_current = held is not None and current_stamp(self._index_folder) in (None, self._stamp)
        is_whole = held is not None and held.is_untouched()
        if held is not None and is_current and is_whole:
            return held
        if not self._opening.acquire(blocking=not is_whole) and held is not None:
            return held  # somebody else is opening the next one
        try:
            return self._opened()
        finally:
            self._opening.release()

    def opened(self) -> IndexInfo | None:
        """What was searched last; `None` before the first question. Nothing is opened, and nothing can fail."""
        return None if self._generation is None else _info(self._generation)

    def generation(self) -> IndexInfo:
        """What is being searched. Raises `NoIndex`, `DamagedIndex`, `EncodedAnew` and `BeingRebuilt`."""
        return _info(self.in_use())

    def notice(self) -> str | None:
        """What is wrong though questions are answered, and its cure; `None` when all is well. Raises as `in_use`."""
        generation = self.in_use()
        if generation.instead_of is None:
            return None
        return (
            f"{generation.instead_of} Generation {generation.manifest.generation} answers instead; "
            "what was ingested since is not found. Run `onrecord reindex`; it builds the index anew from the archive."
        )

    def searched(self) -> Searched:
        """All that there is to be searched. Raises what `in_use` raises."""
        return _searched(self.in_use(), Scope())

    def retrieve(
        self,
        question: str,
        filters: Filters,
        depth: int,
        vector: Vectors | None = None,
        words: KeywordIndex | None = None,
    ) -> Retrieved:
        """The `depth` passages nearest to the question and the `depth` best by its words, all with their cosines.

        `vector` is the question's, when it has been encoded already; `words` is asked in place of the index's own.
        """
        encoded = cache(lambda: self.encoder.encode_questions([question])[0]) if vector is None else lambda: vector
        generation = self.in_use()
        searched = replace(generation, words=words) if words else generation
        return _retrieve(searched, question, generation.columns.scope(filters), depth, encoded, watch=Stopwatch())

    def words(self) -> KeywordIndex:
        """The index by words that is in use."""
        return self.in_use().words

    def keys(self) -> Keys:
        """The keys of the passages that are searched, ascending; shape (n,)."""
        return self.in_use().columns.keys

    @property
    def threshold(self) -> float:
        """The confidence from which on an answer is given, when the asker sets none."""
        return self.calibration.threshold

    @property
    def reads_pairs(self) -> bool:
        """Whether a cross-encoder has the last word on the order of what is found."""
        return self._cross_encoder is not None

    def rank(self, question: str, retrieved: Retrieved, recipe: Recipe = RECIPE) -> list[Ranked]:
        """All that was retrieved in the order in which `ask` considers it."""
        generation = self.in_use()
        standings = generation.columns.standings(list(retrieved.cosines))
        return self._ranked(generation, question, retrieved, standings, recipe=recipe)

    def _read(self, question: str, k: int, filters: Filters, history: Sequence[Utterance], manner: Manner) -> _Asked:
        """All that was asked, with what the question itself says of period and order."""
        settled = {"order": manner.order is not None, "period": filters.since is not None or filters.until is not None}
        today = manner.today or self.today()
        found = wishes(question, today)
        understood = tuple(wish for wish in found if not settled[wish.kind] and wish.kind not in manner.ignore)
        order = manner.order or Order.RELEVANCE
        for wish in understood:
            if wish.order is not None:
                order = wish.order
            else:
                since, until = wish.since and first_day(wish.since), wish.until and last_day(wish.until)
                filters = replace(filters, since=since or None, until=until or None)
        plain = without(question, understood)
        history = [replace(said, text=without(said.text, wishes(said.text, today))) for said in history]
        alone = standalone(plain, history)
        return _Asked(
            question=question,
            plain=plain,
            standalone=alone,
            before=_last(history, "user") if alone != plain.strip() else None,
            said=_last(history, "agent") if alone != plain.strip() else None,
            k=k,
            filters=filters,
            order=order,
            threshold=self.threshold if manner.threshold is None else manner.threshold,
            understood=understood,
        )

    def _remembered_or_new(self, asked: _Asked, watch: Stopwatch) -> Answer:
        """The answer as it was given before, when nothing has changed since, or else a new one."""
        generation = self.in_use()
        # the generation that answers, which need not be the newest: another thread may be opening that
        state = (generation.manifest.generation, generation.manifest.position, self.archive.stamp)
        answer = self._recent.get(state, asked)
        watch.lap("open")
        if answer is None:
            answer = self._answer(asked, generation, watch)
            self._recent.put(state, asked, answer)
        return answer

    def _tell(self, asked: _Asked, answer: Answer | None, watch: Stopwatch) -> None:
        if self._watchers:
            outcome: Outcome = "error" if answer is None else "abstained" if answer.abstained else "answered"
            remembered = answer is not None and "cite" not in watch.steps
            asking = Asking(asked.question, outcome, remembered, watch.seconds, watch.steps)
            for watcher in self._watchers:
                watcher(asking)

    def _answer(self, asked: _Asked, generation: Generation, watch: Stopwatch) -> Answer:
        scope = generation.columns.scope(asked.filters)
        watch.lap("filter")
        found = self._found(generation, asked, scope, watch)
        searched = _searched(generation, scope)
        judge = Judge(self.calibration, generation.words, searched.passages)
        confidence = self._confidence(generation, asked, found, judge)
        watch.lap("judge")
        abstained = not found.families or confidence < asked.threshold
        count = min(asked.k, _MISSES) if abstained else asked.k
        shown = (found.families if abstained else _in_order(asked, found, judge))[:count]
        quotes = _quotes(found, shown, asked.standalone, generation.words, self.citations)
        watch.lap("cite")
        return Answer(
            question=asked.question,
            standalone_question=asked.standalone,
            abstained=abstained,
            confidence=round(confidence, 4),
            threshold=asked.threshold,
            order=asked.order,
            understood=asked.understood,
            quotes=() if abstained else quotes,
            misses=quotes if abstained else (),
            searched=searched,
            index=_info(generation),
            took_ms=0.0,
        )

    def _confidence(self, generation: Generation, asked: _Asked, found: Found, judge: Judge) -> float:
        """How likely it is that the best passages answer the question: a follow-up as typed, or as it stands alone.

        One that has hardly a word of its own is judged together with the question before it.
        """
        keys = [family.keys[0] for family in found.families[:_WITNESSES]]
        if not keys:
            return 0.0
        cosines = [found.cosines[key] for key in keys]
        judged = dict.fromkeys((asked.standalone, asked.plain.strip()), (found.nearest, cosines))
        if asked.before and _ELLIPTICAL.issuperset(generation.words.rarities(asked.plain)):
            together = f"{asked.before} {asked.plain}"
            cosines = generation.cosines(self.encoder.encode_questions([together])[0], keys)
            judged[together] = (max(cosines), cosines)
        held = [found.held[key] for key in keys]
        confidence = max(
            judge.confidence(question, held, near, nearest) for question, (nearest, near) in judged.items()
        )
        if asked.before and judge.names_another(asked.plain, held):
            return confidence * _OF_OTHERS
        return confidence

    def _opened(self) -> Generation:
        stamp = current_stamp(self._index_folder)
        held = self._generation
        if held is None or stamp not in (None, self._stamp) or not held.is_untouched():
            opened = open_usable(self._index_folder, self.archive)
            if opened.manifest.fingerprint != self.encoder.fingerprint:
                raise EncodedAnew(opened.manifest.encoder, self.encoder.name)
            self._generation, self._stamp = opened, stamp
            return opened
        return held

    def _found(self, generation: Generation, asked: _Asked, scope: Scope, watch: Stopwatch) -> Found:
        """The best families, looked for deeper where a few copies or statements fill all that was retrieved."""
        encoded = self._encoding(asked)
        topic = self._topic(generation, asked.said) if asked.said else None
        watch.lap("understand")
        talked_about = topic.statement if topic else None
        least = max(asked.k, _WITNESSES)
        count = least if asked.order is Order.RELEVANCE else max(least, LOOKED_AT)
        depth = max(DEPTH, 3 * count)
        while True:
            retrieved = _retrieve(generation, asked.standalone, scope, depth, encoded, watch=watch)
            found = self._chosen(generation, asked, retrieved, count, topic, watch=watch)
            filled = len(found.families) >= least
            if (filled and not is_crowded(found.families, talked_about)) or len(retrieved.cosines) < depth:
                return found
            if depth >= _DEEPEST and filled:
                return found
            depth *= 4

    def _encoding(self, asked: _Asked) -> Callable[[], Vectors]:
        """The question's vector when it is called for; encoded once.

        That of a follow-up is mostly its own, and for the rest that of the question made to stand alone: the words
        that it takes from the history find its subject, but they are not what is asked.
        """
        if asked.standalone == asked.plain.strip():
            return cache(lambda: self.encoder.encode_questions([asked.standalone])[0])

        def mixed() -> Vectors:
            own, alone = self.encoder.encode_questions([asked.plain, asked.standalone])
            vector: Vectors = _OWN * own + (1 - _OWN) * alone
            return vector / np.linalg.norm(vector)

        return cache(mixed)

    def _topic(self, generation: Generation, said: str) -> Standing | None:
        """The passage that was quoted before the question, when it is one of the collection's."""
        opening = said.strip()[:_OPENING]
        for key, (archived, _) in self.archive.passages(key for key, _ in generation.words.search(opening, 1)).items():
            if " ".join(opening.split()) in " ".join(archived.statement.text.split()):
                return generation.columns.standings([key]).get(key)
        return None

    def _ranked(
        self,
        generation: Generation,
        question: str,
        retrieved: Retrieved,
        standings: Mapping[int, Standing],
        *,
        recipe: Recipe = RECIPE,
        topic: Standing | None = None,
    ) -> list[Ranked]:
        ranked = fuse(retrieved.cosines, retrieved.words, standings, recipe, topic)
        if not recipe.pairs and self._cross_encoder is None:
            return ranked
        looked_at = self.archive.passages(found.key for found in ranked[:LOOKED_AT])
        texts = {key: archived.statement.slice(one.start, one.end) for key, (archived, one) in looked_at.items()}
        if recipe.pairs:
            pairs = pairs_of(generation.words.words(question), generation.words.rarities(question))
            near = {key: nearness(pairs, generation.words.words(text)) for key, text in texts.items()}
            ranked = second_look(ranked, near, recipe)
        if self._cross_encoder is not None:
            scores = self._cross_encoder.scores(question, list(texts.values()))
            ranked = reordered(ranked, dict(zip(texts, scores, strict=True)))
        return ranked

    def _chosen(
        self,
        generation: Generation,
        asked: _Asked,
        retrieved: Retrieved,
        count: int,
        topic: Standing | None,
        *,
        watch: Stopwatch,
    ) -> Found:
        """The `count` best families of passages that the archive still holds."""
        standings = generation.columns.standings(list(retrieved.cosines))
        ranked = self._ranked(generation, asked.standalone, retrieved, standings, topic=topic)
        watch.lap("rank")
        closest = nlargest(_CLOSEST, retrieved.cosines, key=retrieved.cosines.__getitem__)
        folding = Folding()
        while True:
            families = choose(
                ranked,
                standings,
                count,
                topic=topic.statement if topic else None,
                newest=asked.order is Order.NEWEST,
            )
            keys = {key for family in families for key in family.keys}
            places = self.archive.places(keys.union(closest))
            for retired in keys - places.keys():
                del standings[retired]
            if not keys <= places.keys():
                continue
            # cut from the archive now: one that was retired since it was found is not among them
            held = self.archive.passages(family.keys[0] for family in families)
            folded = folding.fold(families, held, standings)
            if folded == standings:
                families = [family for family in families if family.keys[0] in held]
                nearest = max((retrieved.cosines[key] for key in places), default=0.0)
                watch.lap("fold")
                return Found(families, held, places, retrieved.cosines, nearest)
            standings = folded


def is_unfinished(archive: Archive) -> bool:
    """Whether the archive's passages are being cut and encoded anew."""
    encoding = Encoding.of(archive)
    return encoding is not None and encoding.unfinished


def _last(history: Sequence[Utterance], speaker: str) -> str | None:
    """What that side said last; of us, only if it answers the last question."""
    for said in reversed(history):
        if said.speaker == speaker and said.text.strip():
            return said.text.strip()[:_REMEMBERED]
        if said.speaker == "user":
            return None
    return None


def _is_text(question: str) -> bool:
    try:
        question.encode()
    except UnicodeEncodeError:
        return False
    return True


def _retrieve(
    generation: Generation,
    question: str,
    scope: Scope,
    depth: int,
    encoded: Callable[[], Vectors],
    *,
    watch: Stopwatch,
) -> Retrieved:
    """What both searches find; that of the words runs while the question is encoded."""
    by_words = _BESIDE.submit(generation.words.search, question, depth, scope)
    within = None if scope.is_everything else generation.columns.keys_within(scope)
    watch.lap("filter")
    vector = encoded()
    watch.lap("encode")
    cosines = dict(generation.nearest(vector, depth, within))
    watch.lap("nearest")
    words = dict(by_words.result())
    watch.lap("words")
    by_words_alone = [key for key in words if key not in cosines]
    cosines.update(zip(by_words_alone, generation.cosines(vector, by_words_alone), strict=True))
    watch.lap("nearest")
    return Retrieved(cosines, words)


def _in_order(asked: _Asked, found: Found, judge: Judge) -> list[Family]:
    """The families as they rank, or by date those that answer as the best does, the undated last.

    Only what would be an answer by itself is put before it, and no question that was put to somebody.
    """
    if asked.order is Order.RELEVANCE or not found.families:
        return found.families
    least = _ON_THE_SUBJECT * found.families[0].score
    leading, *others = found.families
    answering = [leading]
    for family in others:
        archived, passage = found.held[family.keys[0]]
        cosine = found.cosines[family.keys[0]]
        if family.score >= least and asked.threshold <= judge.confidence(
            asked.standalone, [(archived, passage)], [cosine], cosine
        ):
            answering.append(family)
    if asked.filters.role is not Role.QUESTION:
        answering = [family for family in answering if not _is_question(found, family)] or answering
    direction = -1 if asked.order is Order.NEWEST else 1
    return sorted(answering, key=lambda family: (family.first_day == UNDATED, direction * family.first_day))


def _is_question(found: Found, family: Family) -> bool:
    archived, passage = found.held[family.keys[0]]
    return archived.statement.turns[passage.turn].role is Role.QUESTION


def _quotes(
    found: Found, shown: Sequence[Family], question: str, words: KeywordIndex, citations: Citations
) -> tuple[Quote, ...]:
    """A quote of each family, in that order."""
    wanted = Wanted.of(question, words.rarities(question), words.words)
    return tuple(
        Quote(
            rank=rank,
            text=archived.statement.slice(passage.start, passage.end),
            score=round(family.score, 4),
            highlight=wanted.best(
                archived.statement.text,
                sentence_spans(archived.statement.text, passage.start, passage.end, archived.statement.language),
            ),
            also=tuple(_place(found.places[key]) for key in family.keys[1:]),
            citation=citations.citation(archived, passage),
        )
        for rank, family in enumerate(shown, 1)
        for archived, passage in [found.held[family.keys[0]]]
    )


def _place(located: Located) -> Place:
    return Place(located.statement_id, located.start, located.end)


def _searched(generation: Generation, scope: Scope) -> Searched:
    extent = generation.columns.extent(scope)
    return Searched(
        extent.statements,
        extent.passages,
        *(date.fromordinal(day).isoformat() if day else None for day in (extent.first_day, extent.last_day)),
    )


def _info(generation: Generation) -> IndexInfo:
    manifest = generation.manifest
    return IndexInfo(manifest.generation, manifest.passages, manifest.encoder)
