"""Passages by their words: a Tantivy index, derived from the archive and thrown away at will."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import log
from pathlib import Path
from threading import Lock
from typing import Self

import regex
import tantivy
from cachetools import LRUCache

from corpus.filters import Scope
from corpus.invisible import INVISIBLE
from corpus.records import Searchable

_ANALYZER = "onrecord"
_LONGEST_WORD = 60
_WRITER_BYTES = 64_000_000
_INVISIBLE = regex.compile(f"[{INVISIBLE}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]{2,}")
_TOKEN = regex.compile(r"[\p{Alphabetic}\p{N}]+")
_FEW = 12
"""Words of which the first ones, the last ones, and all but one in the middle, are looked for in a row as well."""
_LONGEST_ROW = 64
"""Words that are looked for in a row, at most."""
_SLACK = 4
"""Places by which those around a word in the middle may stand nearer or farther."""
_ROW = 3
"""Words in a row that make a passage likelier to be the one looked for."""
_ROWS = 12
"""Such rows looked for, about."""
_WEIGHED = 16
"""Questions whose words' weights are kept."""
EMPHASIS = 0.5
"""How much more a rare word counts than in plain BM25: its share is multiplied by its rarity to this power. A question
that is spoken aloud has many words that are not about its subject; at 0.5 the fused ranking of 1,000 such questions
rose from an nDCG@10 of 0.281 to 0.292, of written and encyclopaedic ones by 0.001 to 0.003."""


class KeywordIndex:
    """An index folder written by `KeywordWriter`, opened for searching."""

    def __init__(self, folder: Path, *, emphasis: float = EMPHASIS) -> None:
        self._folder = folder
        self._emphasis = emphasis
        self._index = tantivy.Index.open(str(folder))
        self._index.register_tokenizer(_ANALYZER, _analyzer())
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._analyzer = _analyzer()
        # No cache around a method: that refers back to it, and keeps an index in memory long after its generation.
        self._known: LRUCache[str, dict[str, float]] = LRUCache(_WEIGHED)
        self._knowing = Lock()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def emphasising(self, emphasis: float) -> "KeywordIndex":
        """The same index with another emphasis on rare words; 0 is plain BM25."""
        return KeywordIndex(self._folder, emphasis=emphasis)

    def search(self, question: str, count: int, scope: Scope | None = None) -> list[tuple[int, float]]:
        """Key and score of the `count` best passages inside `scope`, best first, ties by key: BM25, with `EMPHASIS`.

        A passage is found when it, its title, its speaker or the question it answers has any word of the question.
        """
        weights = self._weights(question)
        if not weights or count < 1:
            return []
        any_word = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._weighed(word, rarity)) for word, rarity in weights.items()]
        )
        query = any_word
        if parts := self._within(scope or Scope()):
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in (any_word, *parts)])
        hits = self._searcher.search(query, count, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        found = [(int(key or 0), float(score)) for key, (score, _) in zip(keys, hits, strict=True)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def holding(self, words: str, count: int, scope: Scope | None = None) -> list[int]:
        """The keys of the first `count` passages inside `scope` that have these words, or the first 64, in a row.

        The most common words count by their number only, and inflected forms are the same: look what stands there.
        A passage is given too when its title or the question it answers has them.
        """
        placed = self._placed(words)[:_LONGEST_ROW]
        if not placed or count < 1:
            return []
        query = self._in_a_row(placed)
        if parts := self._within(scope or Scope()):
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in (query, *parts)])
        found = self._searcher.search(query, count, count=False, order_by_field="key", order=tantivy.Order.Asc).hits
        return [int(key) for key, _ in found]

    def like(self, words: str, count: int) -> list[int]:
        """The keys of the `count` passages with most of these words, and most of them in a row, best first."""
        placed = self._placed(words)
        if not placed or count < 1:
            return []
        weights = {word: self._rarity(word) for _, word in placed}
        parts = [self._weighed(word, rarity) for word, rarity in weights.items()]
        stride = 1 + len(placed) // _ROWS
        parts += [self._in_a_row(placed[at : at + _ROW]) for at in range(0, len(placed) - _ROW + 1, stride)]
        if len(placed) <= _FEW:  # so few stand together in any order in many places
            parts += [self._in_a_row(placed[:end]) for end in range(2, len(placed) + 1)]
            parts += [self._in_a_row(placed[start:]) for start in range(1, len(placed) - 1)]
            parts += [self._in_a_row([*placed[:at], *placed[at + 1 :]], _SLACK) for at in range(1, len(placed) - 1)]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        hits = self._searcher.search(query, count, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        return [int(key or 0) for key in keys]

    def rarities(self, question: str) -> Mapping[str, float]:
        """Each word of the question, as `words` gives it, with its inverse document frequency; in its order."""
        return self._weights(question)

    def words(self, text: str) -> list[str]:
        """The words of the text as they are compared: in lower case, stemmed, without the most common ones."""
        return list(self._analyzer.analyze(_spaced(text)))

    def _placed(self, text: str) -> list[tuple[int, str]]:
        """The words of the text as they are compared, each with its number among all of them."""
        tokens = _TOKEN.findall(_spaced(text))
        return [(at, word) for at, token in enumerate(tokens) for word in self._analyzer.analyze(token)]

    def _in_a_row(self, placed: Sequence[tuple[int, str]], slop: int = 0) -> tantivy.Query:
        if len(placed) == 1:
            return tantivy.Query.term_query(self._schema, "text", placed[0][1])
        first = placed[0][0]
        return tantivy.Query.phrase_query(self._schema, "text", [(at - first, word) for at, word in placed], slop)

    def _weighed(self, word: str, rarity: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, "text", word)
        return tantivy.Query.boost_query(query, rarity**self._emphasis) if self._emphasis else query

    def _weights(self, question: str) -> dict[str, float]:
        """The rarity of each of its words; an answer needs them for each of its quotes."""
        with self._knowing:
            known = self._known.get(question)
        if known is None:
            known = {word: self._rarity(word) for word in dict.fromkeys(self.words(question))}
            with self._knowing:
                self._known[question] = known
        return known

    def _rarity(self, word: str) -> float:
        """Inverse document frequency as in BM25 (Robertson and Zaragoza, 2009)."""
        holding = min(self._searcher.doc_freq("text", word), len(self))  # it counts passages that were removed too
        return log(1 + (len(self) - holding + 0.5) / (holding + 0.5))

    def _within(self, scope: Scope) -> list[tantivy.Query]:
        parts = []
        if scope.since:
            parts.append(self._days("first_day", scope.since, date.max))
        if scope.until:
            parts.append(self._days("last_day", date.min, scope.until))
        for field, names in (("speaker", scope.speakers), ("issuer", scope.issuers)):
            if names is not None:
                parts.append(tantivy.Query.term_set_query(self._schema, field, sorted(names)))
        if scope.role:
            parts.append(tantivy.Query.term_query(self._schema, "role", str(scope.role)))
        return [tantivy.Query.const_score_query(part, 0.0) for part in parts]

    def _days(self, field: str, first: date, last: date) -> tantivy.Query:
        return tantivy.Query.range_query(
            self._schema, field, tantivy.FieldType.Integer, first.toordinal(), last.toordinal()
        )


class KeywordWriter:
    """Changes to the index in `folder`, which is made when absent: all of them when the `with` ends well, or none."""

    def __init__(self, folder: Path) -> None:
        if folder.exists():
            index = tantivy.Index.open(str(folder))
        else:
            folder.mkdir(parents=True)
            index = tantivy.Index(_schema(), str(folder))
        index.register_tokenizer(_ANALYZER, _analyzer())
        self._writer = index.writer(_WRITER_BYTES, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            del self._writer  # ends its threads, which write into the folder

    def add(self, passage: Searchable) -> None:
        """Add a passage."""
        self._writer.add_document(_document(passage))

    def remove(self, key: int) -> None:
        """Remove the passage of that key."""
        self._writer.delete_documents_by_term("key", key)

    def commit(self) -> None:
        """Have every change in the folder's files; the writer is of no use afterwards."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def _spaced(text: str) -> str:
    """The text with runs of Chinese and Japanese, which have no spaces, as all pairs of neighbouring characters.

    >>> _spaced("\u98a8\u66b4\u6f6e rose").split()
    ['\u98a8\u66b4', '\u66b4\u6f6e', 'rose']
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _UNSPACED.sub(lambda run: f" {' '.join(map(''.join, pairwise(run[0])))} ", text)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="position")
    for name in ("speaker", "issuer", "role"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("first_day", "last_day"):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST_WORD))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _document(passage: Searchable) -> tantivy.Document:
    document = tantivy.Document()
    document.add_integer("key", passage.key)
    for part in (passage.context, passage.text):  # two values: no row of words goes from one into the other
        document.add_text("text", _spaced(part))
    document.add_text("role", str(passage.role))
    for field, name in (("speaker", passage.speaker), ("issuer", passage.issuer)):
        if name is not None:
            document.add_text(field, name)
    for field, day in (("first_day", passage.first_day), ("last_day", passage.last_day)):
        if day is not None:
            document.add_integer(field, date.fromisoformat(day).toordinal())
    return document
