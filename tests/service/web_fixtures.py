"""A small archive of made-up statements and a collection that searches it by shared words."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from waitress.server import create_server

from corpus.archive import Archive
from corpus.columns import Columns, ColumnsWriter
from corpus.filters import Filters, names_matching
from corpus.keywords import KeywordIndex, KeywordWriter
from corpus.records import Archived, Source
from corpus.statement import Passage, Role, Statement, Turn
from service.answer import Answer, IndexInfo, Place, Quote, Searched, Span
from service.answering import MAX_K, Collection, EmptyQuestion, Manner, TooMany
from service.citing import cite
from service.conversation import Utterance, standalone
from service.generations import Generation, NoIndex
from service.web import create_app
from service.wishes import Order, wishes
from tests.fakes import BagOfWordsEncoder

BRIEFING = (
    "Press briefing, Varn\n\n"
    "Question: Minister, was the Kelm bridge closed because of cracks?\n\n"
    "MS. ADLER: No. The Kelm bridge was closed on 3 March because the river rose. "
    "It opens again when the water is below four metres.\n\n"
    "Question: And who pays for the repairs?\n\n"
    "MS. ADLER: The province pays two thirds, the towns the rest.\n\nCopyright Ministry of Works"
)
CORRECTED = "Corrected on 20 July.\n\n" + BRIEFING.replace("3 March", "4 March")
LETTER = (
    "Dear Sir,\r\n\r\nThe ferry tolls of 1946 were never raised, and the ledger shows 6,747 crossings.\r\n\r\nI. Brandt"
)
HOSTILE = (
    '<script>window.hacked = 1</script><b>Tariffs</b> & "duties" on copper \U0001f30d e\u0301 \u202eabc\u202c '
    "\u0645\u0631\u062d\u0628\u0627 fell.\tSo\u00a0it is."
)
TODAY = date(2024, 5, 31)
LONG_TAIL = "The harbour master thanked the crews of the northern dredgers. "


def turn(text: str, words: str, speaker: str | None, role: Role) -> Turn:
    """The turn that is exactly `words`, which stand once in `text`."""
    start = text.index(words)
    return Turn(start, start + len(words), speaker, role)


def briefing(text: str = BRIEFING) -> Statement:
    """Two questions and two answers, with their labels between the turns."""
    words = re.findall(r": (.*?)(?:\n|$)", text)
    speakers = [(None, Role.QUESTION), ("MS. ADLER", Role.ANSWER)] * 2
    turns = tuple(turn(text, said, *who) for said, who in zip(words, speakers, strict=True))
    return Statement(
        "briefing-varn",
        "Press briefing on the Kelm bridge",
        "Ministry of Works of Varn",
        "MS. ADLER",
        "2020-07-16",
        "press briefing",
        "en",
        "https://works.example/briefing",
        text,
        turns,
    )


def letter() -> Statement:
    """A letter with carriage returns and without a date."""
    turns = (turn(LETTER, LETTER, "I. Brandt", Role.LETTER),)
    return Statement("letters/1946/brandt", "On the ferry tolls", None, None, None, None, "en", None, LETTER, turns)


def hostile() -> Statement:
    """Words, names and an address that would be code if anything obeyed them."""
    return Statement(
        "hostile?x=1#<i>",
        "<img src=x onerror=alert(1)>",
        "<b>Bureau</b>",
        None,
        "2019",
        None,
        None,
        "javascript://alert.example/%0aalert(1)",
        HOSTILE,
        (Turn(0, len(HOSTILE), '"><script>alert(2)</script>', Role.REMARKS),),
    )


def long_speech() -> Statement:
    """A speech whose last sentence is far below the first screen."""
    text = LONG_TAIL * 200 + "The lighthouse at Orm is lit again."
    return Statement(
        "speech-orm",
        "Speech at Orm",
        "Port of Orm",
        "Harbour Master",
        "2021-05",
        "speech",
        "en",
        "https://orm.example/speech",
        text,
        (Turn(0, len(text), "Harbour Master", Role.REMARKS),),
    )


STATEMENTS = (briefing(), letter(), hostile(), long_speech())

DRAFT = (
    "Ms. Adler told reporters on 16 July 2020: “It opens again when the water is below four metres.”\n\n"
    "She said that “the province pays three thirds, the towns the rest” and that "
    "“copra yields a steady income to every household of the delta.”\n\n"
    "I. Brandt wrote: “The ferry tolls of 1946 were never raised, and the ledger shows 6,747 crossings.”\n"
)
"""Quotations that are exact, altered, not to be found, and exact."""


def fill(archive: Archive, statements: Sequence[Statement] = STATEMENTS) -> Archive:
    """Put the statements in, each turn one passage, and the long speech's last sentence one of its own."""
    for statement in statements:
        archive.put(statement, _passages(statement), Source(statement.id, statement.text.encode(), "text/plain", "1"))
    archive.keep_vectors(*zip(*[(key, b"\0") for key, _ in archive.pending()], strict=True))
    return archive


def _passages(statement: Statement) -> list[Passage]:
    if statement.id == "speech-orm":
        cut = statement.text.index("The lighthouse")
        return [Passage(0, len(LONG_TAIL), 0), Passage(cut, len(statement.text), 0)]
    return [Passage(one.start, one.end, position) for position, one in enumerate(statement.turns)]


class WordsCollection(Collection):
    """Finds the passages that share most long words with the question; behaves as the real one otherwise."""

    def __init__(self, archive: Archive, *, indexed: bool = True) -> None:
        super().__init__(archive, BagOfWordsEncoder(), archive.path.parent / "index")
        self.indexed = indexed
        self._index = cache(self._indexed_at)

    def generation(self) -> IndexInfo:
        if not self.indexed:
            raise NoIndex
        return IndexInfo(7, self.archive.counts().passages, "words")

    def searched(self) -> Searched:
        index = self.generation()
        return Searched(len(self.archive.summaries(limit=100)), index.passages, "2020-07-16", "2021-05-31")

    def in_use(self) -> Generation:
        self.generation()
        return self._index(self.archive.position)

    def _indexed_at(self, position: int) -> Generation:
        """What a check of quotations uses of a generation: the words and the columns, as they are in a real one."""
        folder = self.archive.path.parent / f"index-{position}"
        columns = ColumnsWriter()
        with KeywordWriter(folder / "words") as words:
            for passage in self.archive.searchable():
                words.add(passage)
                columns.add(passage)
        columns.write(folder / "columns")
        opened = SimpleNamespace(words=KeywordIndex(folder / "words"), columns=Columns(folder / "columns"))
        return cast("Generation", opened)

    def notice(self) -> str | None:
        return None

    def ask(
        self,
        question: str,
        *,
        k: int = 5,
        filters: Filters | None = None,
        history: Sequence[Utterance] = (),
        manner: Manner | None = None,
    ) -> Answer:
        if not question.strip():
            raise EmptyQuestion
        if not 1 <= k <= MAX_K:
            raise TooMany(k)
        index = self.generation()
        asked = standalone(question, history)
        found = sorted(self._scored(asked, filters or Filters()), key=lambda scored: -scored[0])[:k]
        quotes = tuple(_quote(rank, archived, passage) for rank, (_, archived, passage) in enumerate(found, 1))
        manner = manner or Manner()
        understood = tuple(wish for wish in wishes(question, TODAY) if wish.kind not in manner.ignore)
        return Answer(
            question=question,
            standalone_question=asked,
            abstained=not quotes,
            confidence=0.9 if quotes else 0.0,
            threshold=0.5,
            order=manner.order or Order.RELEVANCE,
            understood=understood,
            quotes=quotes,
            misses=() if quotes else self._any_quote(),
            searched=self.searched(),
            index=index,
            took_ms=1.5,
        )

    def _any_quote(self) -> tuple[Quote, ...]:
        held = self.archive.passages(range(1, 3)).values()
        return tuple(_quote(rank, archived, passage) for rank, (archived, passage) in enumerate(held, 1))

    def _scored(self, asked: str, filters: Filters) -> list[tuple[int, Archived, Passage]]:
        wanted = _words(asked)
        held = self.archive.passages(_keys_within(self.archive, filters)).values()
        scored = [
            (len(wanted & _words(archived.statement.slice(passage.start, passage.end))), archived, passage)
            for archived, passage in held
        ]
        return [found for found in scored if found[0]]


def _keys_within(archive: Archive, filters: Filters) -> list[int]:
    """Keys of the passages that the filters leave."""
    return [
        found.key
        for found in archive.searchable()
        if (not filters.speaker or names_matching(filters.speaker, [found.speaker or ""]))
        and (not filters.issuer or names_matching(filters.issuer, [found.issuer or ""]))
        and (not filters.since or (found.first_day or "") >= filters.since.isoformat())
        and (not filters.until or (found.last_day or "9999-99") <= filters.until.isoformat())
        and filters.role in (None, found.role)
    ]


def _quote(rank: int, archived: Archived, passage: Passage) -> Quote:
    text = archived.statement.slice(passage.start, passage.end)
    also = (Place("letters/1946/brandt", 0, 9),) if rank == 1 else ()
    return Quote(rank, text, 0.5, _first_sentence(archived, passage), also, cite(archived, passage))


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.casefold()) if len(word) > 4)


def _first_sentence(archived: Archived, passage: Passage) -> Span:
    stop = archived.statement.text.find(". ", passage.start, passage.end)
    return Span(passage.start, stop + 1 if stop > 0 else passage.end)


def delete(archive: Archive) -> None:
    """Take the archive's files away, as a thread finds it that has not read there yet."""
    archive.close()
    for file in archive.path.parent.glob(f"{archive.path.name}*"):
        file.unlink()


def overwrite(archive: Archive) -> None:
    """Leave nothing of the archive in its file."""
    archive.close()
    archive.path.write_bytes(b"\xff" * archive.path.stat().st_size)


def tear(archive: Archive) -> None:
    """Leave of the archive its first page only, which says that it is one and what tables it has."""
    archive.close()
    whole = archive.path.read_bytes()
    archive.path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))


def small_archive(folder: Path) -> Archive:
    """An archive in `folder` that holds the four statements."""
    return fill(Archive(folder / "archive.db"))


@contextmanager
def served(collection: Collection) -> Iterator[str]:
    """The address of a server in this process that answers from the collection."""
    server = create_server(create_app(collection), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
