"""Where a statement is cut into passages: within one turn, at sentence ends, small enough for the encoder."""

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from operator import attrgetter

from corpus.sentences import (
    LIST_ITEM,
    Span,
    clause_spans,
    grapheme_spans,
    is_paragraph_break,
    sentence_spans,
    word_spans,
)
from corpus.statement import Passage, Role, Statement

CHUNKER = "sentences-1"
"""Changes whenever the same statement would be cut elsewhere."""

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""How many tokens the encoder makes of each of several strings, each on its own."""

# What is lost by ending a passage there; for comparison, a passage loses 1 by being empty, 1/4 by being half full.
_PARAGRAPH, _ITEM, _SENTENCE, _BROKEN, _HEADING, _WHOLE = 0.0, 0.25, 0.5, 2.0, 10.0, 20.0
_CLAUSE = dict.fromkeys(".!?…。！？", 2.5) | dict.fromkeys(";；", 3.0) | dict.fromkeys(":：", 3.5)
_CLAUSE |= dict.fromkeys(",，、", 4.0) | dict.fromkeys("—–-", 5.0)
_WORD, _GRAPHEME = 7.0, 12.0

_CHARACTERS_A_TOKEN = 16
"""More are not taken for one token: an encoder may call a line of 100 kB a single unknown word."""

_CLOSING = "\"'”’»›)]*_ "
_FULL_STOPS = ".!?…。！？؟।—"
_LINE_ENDS = "\n\r\x85\u2028\u2029"
_QUOTATION = re.compile(
    r"“[^“”]*+”|„[^„“”]*+[“”]|«[^«»]*+»|「[^「」]*+」|『[^『』]*+』"
    r"|(?<![^\s(\[])\"(?=\S)(?:[^\"\r\n]|\r?\n(?!\s*\n))*+\""
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut further: a sentence, or part of one that is longer than a passage may be."""

    turn: int
    start: int
    end: int
    size: int
    """In tokens."""
    loss: float = 0.0
    """What is lost by ending a passage after it."""


_Measure = Callable[[Sequence[Span]], list[int]]


def cut(statement: Statement, count_tokens: CountTokens, limit: int) -> tuple[Passage, ...]:
    """The passages of all turns, in order; together they hold everything that is not white space.

    No passage has more than `limit` tokens, unless it is a single character with more accents than that. They
    are divided as TeX divides a paragraph into lines: of all ways, the one that loses least by cuts in bad
    places and by passages half empty.
    """
    if limit < 1:
        raise ValueError(f"A passage of at most {limit} tokens cannot hold anything.")
    measure = partial(_sizes, statement.text, count_tokens)
    pieces = _small_enough(statement.text, _sentences(statement, measure, limit), measure, limit)
    turns = [list(turn) for _, turn in groupby(pieces, key=attrgetter("turn"))]
    runs = sorted(_packed(turns, measure, limit), key=lambda run: run[0].start)
    return tuple(Passage(run[0].start, run[-1].end, run[0].turn) for run in runs)


def _sizes(text: str, count_tokens: CountTokens, spans: Sequence[Span]) -> list[int]:
    counts = count_tokens([text[start:end] for start, end in spans]) if spans else ()
    return [
        max(1, count, (end - start) // _CHARACTERS_A_TOKEN) for count, (start, end) in zip(counts, spans, strict=True)
    ]


def _sentences(statement: Statement, measure: _Measure, limit: int) -> list[_Piece]:
    text = statement.text
    turns = [sentence_spans(text, turn.start, turn.end, statement.language) for turn in statement.turns]
    sizes = iter(measure([span for spans in turns for span in spans]))
    return [
        piece
        for number, spans in enumerate(turns)
        for piece in _weighed(
            text,
            [_Piece(number, *span, next(sizes)) for span in spans],
            limit,
            is_letter=statement.turns[number].role is Role.LETTER,
        )
    ]


def _weighed(text: str, sentences: list[_Piece], limit: int, *, is_letter: bool) -> Iterator[_Piece]:
    """The sentences of one turn, each with what is lost by ending a passage after it."""
    if not sentences:
        return
    items = [_is_item(text, sentence) for sentence in sentences]
    losses = [
        _loss_between(text, before, after, starts_item=starts_item)
        for before, after, starts_item in zip(sentences, sentences[1:], items[1:], strict=False)
    ]
    for at, sentence in enumerate(sentences[:-1]):
        if _leads_on(text, sentence, is_item=items[at]):
            losses[at] = _HEADING
    if is_letter:
        _keep_signature(text, sentences, losses)
    for first, last in [*_quotations(text, sentences), *_lists(text, sentences, items)]:
        if sum(sentence.size for sentence in sentences[first : last + 1]) <= limit:
            losses[first:last] = [_WHOLE] * (last - first)
    for piece, loss in zip(sentences, [*losses, _PARAGRAPH], strict=True):
        yield _Piece(piece.turn, piece.start, piece.end, piece.size, loss)


def _loss_between(text: str, before: _Piece, after: _Piece, *, starts_item: bool) -> float:
    if text[after.start].islower() and not _is_finished(text, before):
        return _BROKEN
    if is_paragraph_break(text, before.end, after.start):
        return _PARAGRAPH
    return _ITEM if starts_item else _SENTENCE


def _is_finished(text: str, sentence: _Piece) -> bool:
    return text[sentence.start : sentence.end].rstrip(_CLOSING)[-1:] in _FULL_STOPS


def _is_line(text: str, sentence: _Piece) -> bool:
    """Whether it looks like a heading, a salutation or a name: short, and not a sentence."""
    return sentence.end - sentence.start <= 80 and not _is_finished(text, sentence)


def _leads_on(text: str, sentence: _Piece, *, is_item: bool) -> bool:
    last = text[sentence.start : sentence.end].rstrip(_CLOSING)[-1:]
    return last in {":", "："} or (not is_item and _is_line(text, sentence))


def _keep_signature(text: str, sentences: list[_Piece], losses: list[float]) -> None:
    for at in range(len(sentences) - 1, 0, -1):
        if not _is_line(text, sentences[at]):
            return
        losses[at - 1] = _HEADING


def _is_item(text: str, sentence: _Piece) -> bool:
    line = text[max(0, sentence.start - 40) : sentence.start].rstrip(" \t\xa0")
    return line[-1:] in _LINE_ENDS and bool(LIST_ITEM.match(text, sentence.start, sentence.end))


def _quotations(text: str, sentences: list[_Piece]) -> Iterator[tuple[int, int]]:
    """First and last sentence of each quotation of more than one."""
    starts = [sentence.start for sentence in sentences]
    for quotation in _QUOTATION.finditer(text, sentences[0].start, sentences[-1].end):
        first = bisect_right(starts, quotation.start()) - 1
        last = bisect_left(starts, quotation.end()) - 1
        if first < last:
            yield first, last


def _lists(text: str, sentences: list[_Piece], items: list[bool]) -> Iterator[tuple[int, int]]:
    """First and last sentence of each list of more than one item."""
    at = 0
    while at < len(sentences):
        first, count = at, 0
        while at < len(sentences) and (items[at] or (count and not _breaks_before(text, sentences, at))):
            count += items[at]
            at += 1
        if count > 1:
            yield first, at - 1
        at = max(at, first + 1)


def _breaks_before(text: str, sentences: list[_Piece], at: int) -> bool:
    return is_paragraph_break(text, sentences[at - 1].end, sentences[at].start)


def _small_enough(text: str, pieces: list[_Piece], measure: _Measure, limit: int) -> list[_Piece]:
    """The pieces, those over the limit cut into clauses, where that is not enough into words, then characters."""
    for finer in (_clauses, _words, _characters):
        pieces = _refined(text, pieces, measure, limit, finer)
    while (finest := _refined(text, pieces, measure, limit, _characters)) != pieces:
        pieces = finest
    return pieces


_Finer = Callable[[str, _Piece, int], list[Span]]


def _refined(text: str, pieces: list[_Piece], measure: _Measure, limit: int, finer: _Finer) -> list[_Piece]:
    long = [piece for piece in pieces if piece.size > limit]
    parts = [finer(text, piece, limit) for piece in long]
    sizes = iter(measure([span for spans in parts for span in spans]))
    spans_of_long = iter(parts)
    refined: list[_Piece] = []
    for piece in pieces:
        if piece.size > limit:
            *heads, last = next(spans_of_long)
            refined += (_Piece(piece.turn, *span, next(sizes), _loss_inside(text, span[1])) for span in heads)
            refined.append(_Piece(piece.turn, *last, next(sizes), piece.loss))
        else:
            refined.append(piece)
    return refined


def _clauses(text: str, piece: _Piece, _limit: int) -> list[Span]:
    return clause_spans(text, piece.start, piece.end)


def _words(text: str, piece: _Piece, limit: int) -> list[Span]:
    # An eighth of a passage is fine enough, and keeps `_best` from trying every word of a very long line.
    length = (piece.end - piece.start) * limit // (piece.size * 8)
    return list(_joined(word_spans(text, piece.start, piece.end), length))


def _characters(text: str, piece: _Piece, limit: int) -> list[Span]:
    length = (piece.end - piece.start) * limit * 3 // (piece.size * 4)
    return list(_joined(grapheme_spans(text, piece.start, piece.end), length))


def _joined(spans: Iterable[Span], length: int) -> Iterator[Span]:
    """Consecutive spans put together as long as they have no more than `length` characters."""
    first, *rest = spans
    start, end = first
    for span in rest:
        if span[1] - start > length:
            yield start, end
            start = span[0]
        end = span[1]
    yield start, end


def _loss_inside(text: str, end: int) -> float:
    """What is lost by ending a passage at `end`, in the middle of a sentence."""
    mark = text[max(0, end - 4) : end].rstrip(_CLOSING)[-1:]
    return _CLAUSE.get(mark, _WORD if text[end : end + 1].isspace() else _GRAPHEME)


def _packed(turns: list[list[_Piece]], measure: _Measure, limit: int) -> Iterator[list[_Piece]]:
    """The pieces put together to passages; checked, as a whole may have more tokens than its parts."""
    open_runs, budget = turns, float(limit)
    while open_runs:
        runs = [run for pieces in open_runs for run in _best(pieces, budget)]
        sizes = measure([(run[0].start, run[-1].end) for run in runs])
        checked = [(run, size <= limit or len(run) == 1) for run, size in zip(runs, sizes, strict=True)]
        yield from (run for run, fits in checked if fits)
        open_runs, budget = [run for run, fits in checked if not fits], budget * 3 / 4


def _best(pieces: list[_Piece], budget: float) -> Iterator[list[_Piece]]:
    """The runs of pieces, none over the budget, that lose least; a piece over it stands alone."""
    sizes = [0, *accumulate(piece.size for piece in pieces)]
    least, starts = [0.0], [0]
    first = 0
    lowest: deque[int] = deque()  # starts with less to lose than any before them, the least of all in front
    for end, piece in enumerate(pieces, 1):
        while lowest and least[lowest[-1]] >= least[end - 1]:
            lowest.pop()
        lowest.append(end - 1)
        while first < end - 1 and sizes[end] - sizes[first] > budget:
            first += 1
        while lowest[0] < first:
            lowest.popleft()
        start, loss = _start(range(first, end), least, least[lowest[0]], sizes, budget)
        least.append(loss + piece.loss)
        starts.append(start)
    runs = []
    end = len(pieces)
    while end:
        runs.append(pieces[starts[end] : end])
        end = starts[end]
    return reversed(runs)


def _start(tried: range, least: list[float], lowest: float, sizes: list[int], budget: float) -> tuple[int, float]:
    """Where, of the starts to be `tried`, a run that ends where they end best starts, and what is lost then.

    The later it starts, the emptier the passage: once that alone loses too much, even if no more than `lowest`
    were lost before it, no later start is tried. A text of one-letter sentences is not tried at every letter.
    """
    first, size = tried.start, sizes[tried.stop]
    best, least_loss = first, least[first] + max(0.0, 1 - (size - sizes[first]) / budget) ** 2
    for start in tried[1:]:
        empty = (1 - (size - sizes[start]) / budget) ** 2
        if lowest + empty > least_loss:
            break
        if (loss := least[start] + empty) <= least_loss:
            best, least_loss = start, loss
    return best, least_loss
