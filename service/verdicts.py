"""Decides what a quotation is: exact, elided, altered, spliced, somebody else's, or not to be found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice, pairwise, starmap

from corpus.agreements import Agreement, Said, date_agreement, document_agreement, speaker_agreement
from corpus.alignment import Folded, align, denies, matched_at, matched_runs, numbers
from corpus.claims import Claim
from corpus.filters import Filters, first_day, last_day
from corpus.quoted import MOST_PIECES, Quoted
from corpus.statement import Role
from service.findings import STANDING, Verdict
from service.spoken import LOOKED_AT, Match, Sources, Spoken, each_once, matches

_SHARE = 0.65
"""Share of a quotation's words that must stand in one place in the same order to call it altered."""
_SHARE_AROUND = 0.5
"""The same where all that differs is in one place."""
_FEW = 8
"""Words; a shorter quotation is called altered for a single word that differs only."""
_PART = 6
"""Words in a row that make a part of a spliced quotation, at least."""
_SENTENCE = 2
"""Words of a sentence that makes a part, at least."""
_EXCHANGED = 8
"""Words with words of the same source on both sides that are a part from elsewhere, at least: fewer are exchanged."""
_PARTS = 6
"""Parts that a quotation can be put together from, at most: words in smaller pieces stand anywhere."""
_BRACKETED = 15
"""Words that square brackets may stand for, at most."""
_DENYING_PREFIX = re.compile(r"\[(?:un|in|im|ir|dis|non|mis|de)-?\]", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？]")
_STANDING = 50
"""Places of its longest piece from which the others are looked for, at most."""
_SHORT = 4
"""Words; fewer stand in many places, and finding them proves little."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, with the places that it rests on."""

    verdict: Verdict
    matches: tuple[Match, ...] = ()
    """One for each part of the quotation."""
    others: tuple[Match, ...] = ()
    """Where the same words stand too."""
    warnings: tuple[str, ...] = ()


def judge(quoted: Quoted, claim: Claim, sources: Sources) -> Judged:
    """The verdict on a quotation of which its draft claims what `claim` says."""
    words = quoted.literal
    if not len(words):
        return Judged(Verdict.NOT_FOUND, warnings=("There are no words in it.",))
    whole = _fitting(sources, words, claim)
    near = [] if whole or quoted.marks_omission else sources.nearest(words)
    same = [match for match in whole or near if not match.found.changes]
    if same and not whole and contradictions(same[0], claim, sources):
        same = sorted(sources.across(words) or same, key=lambda match: _misfit(match.spoken, claim))
    if same:
        return _warned(_attributed(_standing(quoted, same), claim, sources), claim, sources)
    if quoted.marks_omission:
        judged = _with_omissions(quoted, claim, sources)
    elif whole:
        judged = Judged(Verdict.ALTERED, (min(whole, key=lambda match: len(match.found.changes)),))
    else:
        judged = _with_changes(words, near, sources)
    if judged.verdict in {Verdict.ALTERED, Verdict.SPLICED}:
        judged = _as_once_published(quoted, judged, claim, sources) or judged
    return _warned(judged, claim, sources)


def contradictions(match: Match, claim: Claim, sources: Sources) -> list[str]:
    """What the draft says of the words that the source plainly contradicts, a sentence each."""
    told, said = [], match.spoken.said
    other_speaker = claim.speaker and speaker_agreement(claim.speaker, said) is Agreement.CONTRADICTS
    if claim.speaker and other_speaker and not match.is_quoted and _is_plain(claim.speaker, said, sources):
        told.append(f"The draft gives these words to {claim.speaker}; the source gives them to {_whose(said)}.")
    if claim.published and date_agreement(claim.published, said) is Agreement.CONTRADICTS:
        told.append(_other_date(claim.published, said))
    other = claim.document and document_agreement(claim.document, said) is Agreement.CONTRADICTS
    if claim.document and other and sources.has_document(claim.document):  # else it may be a copy that is not held
        told.append(f"The draft refers to {claim.document}; the words stand in {said.url or said.statement_id}.")
    return told


def _is_plain(name: str, said: Said, sources: Sources) -> bool:
    """Whether a name that a draft gives is surely a speaker's: two words, or one that the collection knows.

    A question put in the mouth of whoever answers is never let pass.
    """
    return said.role is Role.QUESTION or len(name.split()) > 1 or sources.names(name)


def _other_date(claimed: str, said: Said) -> str:
    return f"The draft dates these words {claimed}; the source is dated {said.published}."


def _fitting(sources: Sources, words: Folded, claim: Claim) -> list[Match]:
    """The places where the words stand in a row: unchanged ones first, then those that fit what the draft claims."""
    found = sources.in_a_row(words)
    if len(found) >= LOOKED_AT and _misfit(found[0].spoken, claim) and contradictions(found[0], claim, sources):
        fitting = [match for filters in _claimed(claim) for match in sources.in_a_row(words, filters)]
        found = each_once([*found, *fitting])
    return sorted(found, key=lambda match: (len(match.found.changes), _misfit(match.spoken, claim)))


def _claimed(claim: Claim) -> Iterator[Filters]:
    """What a draft claims as filters: the speaker by each word of the name, and the day or period."""
    for word in (claim.speaker or "").split():
        yield Filters(speaker=word)
    if claim.published:
        yield Filters(since=first_day(claim.published), until=last_day(claim.published))


def _misfit(spoken: Spoken, claim: Claim) -> int:
    """How badly a source fits what a draft claims: 0 when it agrees in all that is claimed."""
    if claim == Claim(None, None, None):
        return 0
    said = spoken.said
    agreements = [
        agreement(claimed, said)
        for agreement, claimed in (
            (speaker_agreement, claim.speaker),
            (date_agreement, claim.published),
            (document_agreement, claim.document),
        )
        if claimed
    ]
    return sum({Agreement.AGREES: 0, Agreement.UNKNOWN: 1, Agreement.CONTRADICTS: 10}[one] for one in agreements)


def _standing(quoted: Quoted, same: Sequence[Match]) -> Judged:
    """All the words stand in a row: exactly so, or but for typography."""
    first, *others = same
    verdict = Verdict.EXACT if quoted.stands_as(first.source) else Verdict.TYPOGRAPHY
    return Judged(verdict, (first,), tuple(others))


def _attributed(judged: Judged, claim: Claim, sources: Sources) -> Judged:
    """The same verdict, or that the words are not from whom, when or where the draft says."""
    told = contradictions(judged.matches[0], claim, sources)
    if not told:
        return judged
    if len(judged.others) + 1 >= LOOKED_AT and not (claim.speaker and len(told) == _claims(claim)):
        return replace(judged, warnings=(*told, *judged.warnings))  # there are more places than were looked at
    return replace(judged, verdict=Verdict.MISATTRIBUTED, warnings=(*told, *judged.warnings))


def _claims(claim: Claim) -> int:
    """How many things a draft claims."""
    return sum(one is not None for one in (claim.speaker, claim.published, claim.document))


def _with_omissions(quoted: Quoted, claim: Claim, sources: Sources) -> Judged:
    """A quotation that marks what it leaves out: its pieces in order in one turn, or from different places."""
    if not quoted.pieces:
        return Judged(Verdict.NOT_FOUND, warnings=("There are no words in it but those in brackets.",))
    if len(quoted.pieces) > MOST_PIECES:
        return Judged(
            Verdict.NOT_FOUND, warnings=(f"It is in more than {MOST_PIECES} pieces, too many to be looked up.",)
        )
    longest = max(quoted.pieces, key=len)
    candidates = sources.with_all(longest, quoted.literal)
    in_order = [placed for spoken in candidates if (placed := _in_order(quoted, longest, spoken))]
    if in_order:
        placed = min(in_order, key=lambda one: (_changed(one), _misfit(one[0].spoken, claim), _breadth(one)))
        warnings = (*_inserted(quoted, placed), *_hidden(placed))
        if _changed(placed) or _turns_round(quoted, placed):
            return Judged(Verdict.ALTERED, placed, warnings=warnings)
        if any(len(piece) < _SHORT - 1 for piece in quoted.pieces):
            warnings = (*warnings, "Pieces so short can be put together to say anything: read what is left out.")
        return _attributed(Judged(Verdict.ELIDED, placed, warnings=warnings), claim, sources)
    scattered = [next(iter(_fitting(sources, piece, claim)), None) for piece in quoted.pieces]
    found = tuple(match for match in scattered if match is not None)
    if len(found) == len(scattered) and len(found) > 1:
        return Judged(Verdict.SPLICED, found, warnings=tuple(_inserted(quoted, ())))
    return _nearly(quoted.pieces, candidates)


def _in_order(quoted: Quoted, longest: Folded, spoken: Spoken) -> tuple[Match, ...] | None:
    """The pieces in their order in one turn, as near to each other as they stand there."""
    placed, pieces = [], quoted.pieces
    at = pieces.index(longest)
    for first in islice(spoken.folded.find(longest.words), _STANDING):
        before = _placed_before(pieces[:at], spoken.folded, first)
        after = _placed_after(pieces[at + 1 :], spoken.folded, first + len(longest))
        if before is not None and after is not None:
            firsts = [*before, first, *after]
            if any(map(_is_far, quoted.inserted[1:], pairwise(zip(firsts, pieces, strict=True)))):
                continue
            found = [matched_at(piece, spoken.folded, one) for piece, one in zip(pieces, firsts, strict=True)]
            placed.append(tuple(Match(spoken, piece, one) for piece, one in zip(pieces, found, strict=True)))
    return min(placed, key=lambda one: (_changed(one), _breadth(one)), default=None)


def _is_far(inserted: bool, between: tuple[tuple[int, Folded], tuple[int, Folded]]) -> bool:  # noqa: FBT001
    """Whether more words are left out between two pieces than square brackets can stand for."""
    (one, before), (other, _) = between
    return inserted and other - one - len(before) > _BRACKETED


def _placed_after(pieces: Sequence[Folded], source: Folded, bound: int) -> list[int] | None:
    firsts = []
    for piece in pieces:
        first = next(source.find(piece.words, bound), None)
        if first is None:
            return None
        firsts.append(first)
        bound = first + len(piece)
    return firsts


def _placed_before(pieces: Sequence[Folded], source: Folded, bound: int) -> list[int] | None:
    firsts: list[int] = []
    for piece in reversed(pieces):
        standing = source.find_last(piece.words, bound)
        if standing is None:
            return None
        firsts.append(bound := standing)
    return firsts[::-1]


def _inserted(quoted: Quoted, placed: Sequence[Match]) -> Iterator[str]:
    """The words that are the draft's own, beside what they stand for."""
    for number, own in enumerate(quoted.own):
        if own:
            stands_for = _stands_for(placed, number)
            instead = f" The source has “{stands_for}” there." if stands_for else ""
            yield f"In square brackets are the draft’s own words: “{own}”.{instead}"


def _stands_for(placed: Sequence[Match], number: int) -> str:
    """What the source has where the draft's own words stand before piece `number`."""
    return between(placed[number - 1], placed[number]) if 0 < number < len(placed) else ""


def _turns_round(quoted: Quoted, placed: Sequence[Match]) -> bool:
    """Whether the draft's own words in brackets deny, or number, what the source does not."""
    for number, own in enumerate(quoted.own):
        if not own:
            continue
        ours, theirs = Folded(own), Folded(_stands_for(placed, number))
        if denies(ours) != denies(theirs) or _DENYING_PREFIX.match(own):
            return True
        if numbers(ours) - numbers(theirs) and (numbers(theirs) or not len(theirs)):
            return True
    return False


def _nearly(pieces: Sequence[Folded], candidates: Sequence[Spoken]) -> Judged:
    """Pieces of which one or more stand nowhere as they are quoted."""
    best: tuple[Match, ...] = ()
    for spoken in candidates:
        near = ((piece, align(piece, spoken.folded)) for piece in pieces)
        found = tuple(Match(spoken, piece, one) for piece, one in near if one is not None and one.share >= _SHARE)
        if _matched(found) > _matched(best):
            best = found
    total = sum(map(len, pieces))
    if _matched(best) >= _SHARE * total and len(best) == len(pieces):
        return Judged(Verdict.ALTERED if _changed(best) else Verdict.SPLICED, best)
    return Judged(Verdict.NOT_FOUND)


def _with_changes(quoted: Folded, near: Sequence[Match], sources: Sources) -> Judged:
    """A quotation whose words stand nowhere in a row: altered, put together, or not to be found."""
    best = max(near, key=_closeness, default=None)
    like = best is not None and _is_like(quoted, best)
    if best is None or not like or any(_can_be_a_part(quoted, best, one) for one in best.found.unmatched(len(quoted))):
        judged = _put_together(quoted, sources)
        if judged is not None:
            return judged
    return Judged(Verdict.ALTERED, (best,)) if best is not None and like else Judged(Verdict.NOT_FOUND)


def _closeness(match: Match) -> float:
    return match.found.matched - len(match.found.changes) / 2


def _is_like(quoted: Folded, match: Match) -> bool:
    """Whether so much of a quotation stands in one place that it must have come from there."""
    found, count = match.found, len(quoted)
    in_runs = sum(length for _, _, length in found.runs if length > 1)
    if count > _SHORT and len(found.changes) == 1 and found.share >= _SHARE_AROUND:
        return True
    if count < _FEW:
        return found.matched >= max(count - 1, 2) and len(found.changes) <= 2
    return found.share >= _SHARE and in_runs >= count / 2


def _put_together(quoted: Folded, sources: Sources) -> Judged | None:
    """The parts of a quotation, when all of it is runs of words that stand somewhere, few and long."""
    parts: list[Match] = []
    start = 0
    while start < len(quoted):
        part = _longest_from(quoted, start, parts, sources)
        if part is None or len(parts) == _PARTS:
            return None
        parts.append(part)
        start += len(part.quoted)
    for part in parts:
        firsts = _placed_after([one.quoted for one in parts], part.spoken.folded, 0)
        if firsts is not None:  # all of it in one turn, in this order: words between are left out without a mark
            counts = [len(one.quoted) for one in parts]
            runs = list(zip(accumulate(counts, initial=0), firsts, counts, strict=False))
            return Judged(
                Verdict.ALTERED, (Match(part.spoken, quoted, matched_runs(quoted, part.spoken.folded, runs)),)
            )
    return Judged(Verdict.SPLICED, tuple(parts))


def _can_be_a_part(quoted: Folded, best: Match, block: tuple[int, int]) -> bool:
    """Whether words that do not stand with the rest may be a part from elsewhere, and not one word for another."""
    start, stop = block
    if start > 0 and stop < len(quoted):
        before = next(other + count for one, other, count in best.found.runs if one + count == start)
        after = next(other for one, other, _ in best.found.runs if one == stop)
        if max(stop - start, after - before) < _EXCHANGED:
            return False
    return _is_long(quoted, start, stop)


def _is_long(quoted: Folded, start: int, stop: int) -> bool:
    """Whether a run of quoted words is long enough to be known by, or a sentence of the draft's to itself."""
    opens = start == 0 or _SENTENCE_END.search(quoted.before(start)) is not None
    closes = stop == len(quoted) or _SENTENCE_END.search(quoted.before(stop)) is not None
    return stop - start >= (_SENTENCE if opens and closes else _PART)


def _longest_from(quoted: Folded, start: int, parts: Sequence[Match], sources: Sources) -> Match | None:
    """The longest run of words from word `start` on that stands in some turn, in one of an earlier part by choice."""
    rest = quoted.words[start:]
    turns = [*(part.spoken for part in parts), *sources.with_most(quoted, start)]
    longest, at = max(((turn.folded.longest(rest), -at) for at, turn in enumerate(turns)), default=(0, 0))
    if not longest or not _is_long(quoted, start, start + longest):
        return None
    return next(matches(_words(quoted, start, start + longest), [turns[-at]]), None)


def _words(quoted: Folded, start: int, stop: int) -> Folded:
    """Some of the quoted words, at their places."""
    first, last = quoted.starts[start], quoted.ends[stop - 1]
    return Folded(" " * first + quoted.text[first:last])


def _as_once_published(quoted: Quoted, judged: Judged, claim: Claim, sources: Sources) -> Judged | None:
    """The same words in an earlier version of the statement that they are nearest to now."""
    current = judged.matches[0].spoken.archived
    same = (match for match in matches(quoted.literal, sources.earlier(current)) if not match.found.changes)
    found = next(same, None)
    if found is None:
        return None
    number = found.spoken.archived.version
    told = f"So it stood in version {number} of {current.versions}; the current one has other words."
    return _attributed(replace(_standing(quoted, [found]), warnings=(told,)), claim, sources)


def _warned(judged: Judged, claim: Claim, sources: Sources) -> Judged:
    """The same, with what whoever prints it should know."""
    told = list(judged.warnings)
    if judged.verdict in {Verdict.ALTERED, Verdict.SPLICED}:
        told += [line for match in judged.matches for line in contradictions(match, claim, sources)]
    if judged.verdict is not Verdict.MISATTRIBUTED and any(match.is_quoted for match in judged.matches):
        told.append("The words stand in quotation marks in the source too: see there whose they are.")
    abouts = {change.about for match in judged.matches for change in match.found.changes}
    told += [_CHANGED[about] for about in ("negation", "number", "name") if about in abouts]
    roles = {match.spoken.said.role for match in judged.matches}
    if Role.QUESTION in roles:
        told.append("These are words of a question put to the speaker, not the speaker’s own.")
    if Role.INTRODUCTION in roles:
        told.append("These are words of the publisher’s introduction, not the speaker’s own.")
    if claim.published and judged.matches:
        said = judged.matches[0].spoken.said
        if date_agreement(claim.published, said) is Agreement.UNKNOWN and said.published:
            told.append(_other_date(claim.published, said))
    if claim.speaker and judged.verdict in STANDING and _is_unsure(claim.speaker, judged.matches[0].spoken.said):
        told.append(f"The source gives these words to {_whose(judged.matches[0].spoken.said)}.")
    if judged.matches and sum(len(match.quoted) for match in judged.matches) < _SHORT:
        told.append("So few words stand in many places: that they do proves little.")
    return replace(judged, warnings=tuple(dict.fromkeys(told)))


_CHANGED = {
    "negation": "A negation was added, left out or changed: it may mean the reverse.",
    "number": "A number was changed.",
    "name": "A name was changed.",
}


def between(before: Match, after: Match) -> str:
    """What the source says between two parts, without the mark that ends the first."""
    return before.spoken.statement.text[before.passage.end : after.passage.start].strip().lstrip(".,;:…").strip()


def _hidden(placed: Sequence[Match]) -> Iterator[str]:
    """What is left out between two pieces and would turn their meaning round."""
    for omitted in starmap(between, pairwise(placed)):
        if denies(Folded(omitted)):
            yield f"What is left out has a negation: “{' '.join(omitted.split())}”"


def _is_unsure(name: str, said: Said) -> bool:
    """Whether both name a speaker, and it cannot be told whether it is the same."""
    return bool(said.speaker) and speaker_agreement(name, said) is Agreement.UNKNOWN


def _whose(said: Said) -> str:
    who = said.speaker or said.statement_speaker or "somebody whom it does not name"
    return f"{who}, who puts a question" if said.role is Role.QUESTION else who


def _changed(placed: Sequence[Match]) -> int:
    return sum(len(match.found.changes) for match in placed)


def _matched(found: Sequence[Match]) -> int:
    return sum(match.found.matched for match in found)


def _breadth(placed: Sequence[Match]) -> int:
    return placed[-1].found.end - placed[0].found.start
