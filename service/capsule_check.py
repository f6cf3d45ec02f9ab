"""What a check of a citation capsule finds: whether the words still stand, and whether all else it says is so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import PurePath
from typing import Literal

from corpus.alignment import align
from corpus.archive import Archive
from corpus.errors import OnRecordError, Unreadable
from corpus.readers import ENDINGS, Found, statement_from
from corpus.readers.confined import pages_of, read
from corpus.reading import READERS, issuer_given, readers_of
from corpus.records import Archived
from corpus.selectors import Kept, agreement, follow, kept, locate, utf16
from corpus.statement import Role, Statement, Turn
from service.answer import Place, Span
from service.capsules import Capsule, source_iri, utc
from service.findings import Change
from service.source_view import passage_at

LIKE = 0.5
"""Share of the words that agree, at least, where words are called altered and not gone."""
LIKE_THERE = 0.4
"""The same of what took the place of the words that were cited."""
FEWEST = 4
"""Words that agree, at least, where they are not in the place of those cited: fewer stand in any text."""
SURROUNDINGS = 0.5
"""Share of what stood around the words that still does, at least, where nothing else leads to them; and of a question
that is still the one before the answer, at least."""
_OTHERWISE = "The same words stand there in other surroundings: look whether they still say the same."
_PDF = "application/pdf"
_UNCHECKED = {
    *("version", "retrieved", "reading", "originalSha256", "textSha256"),
    *("prefix", "suffix", "utf16Start", "page"),
}
"""What a capsule says of the version that was cited and cannot be told where that is not at hand."""
_SHOWN = 200
"""Characters of a claim that a sentence shows, at most."""

FoundBy = Literal["id", "original", "text", "file"]
"""What led to a statement: its id, the SHA-256 of its original or of its text, or the file that was given."""


class NotTheOriginal(OnRecordError):
    """A file in which several statements stand, and none of them is the one that was cited."""

    def __init__(self, name: str, statement_id: str, found: int) -> None:
        super().__init__(
            f"{name} holds {found:,} statements, none of them {statement_id!r} or with the SHA-256 that was cited.",
            "Give the file that was cited, or its line alone.",
        )


class CapsuleVerdict(StrEnum):
    """How cited words stand to the text that is held now."""

    EXACT = "exact"
    """The same words at the same place."""
    MOVED = "moved"
    """The same words at another place."""
    ALTERED = "altered"
    """Not these words, but words like them."""
    GONE = "gone"
    """Nothing like them."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a capsule says beside the words, and what is held of it."""

    name: str
    """As the capsule has it: "speaker", "title", "published" and the like."""
    claimed: str | None
    held: str | None
    """What is held now."""
    agrees: bool | None
    """Whether both are the same; `None` where it cannot be told from what was looked at."""
    agreed: bool | None = None
    """Whether the version that was cited says as the capsule does; `None` where that version is not held."""


@dataclass(frozen=True, slots=True)
class CitedVersion:
    """The version of the statement that was cited, found in the archive by the SHA-256 of its text."""

    number: int
    has_words: bool
    """Whether the cited words stand in it at the cited place."""


@dataclass(frozen=True, slots=True)
class CapsuleReport:
    """What a check of a capsule found. The verdict speaks of the words in the text that is held now, of nothing else.

    Whoever relies on a capsule looks at `holds`: words can be exact and given to the wrong person.
    """

    verdict: CapsuleVerdict
    holds: bool
    """Whether the words stand there and all that can be told of what the capsule says of them agrees.

    Never where they stand in other surroundings only, where the capsule was changed since it was made, nor where
    neither original nor text is held that it was made from.
    """
    agrees: bool
    """Whether nothing that the capsule says beside the words is otherwise than what is held."""
    said: tuple[Said, ...]
    found: Place | None
    """Where the words stand now, or those like them."""
    text: str | None
    """The characters there."""
    changes: tuple[Change, ...]
    """Of altered words, how they differ: `quoted_at` counts in the cited words, `source_at` in the canonical text."""
    found_by: FoundBy | None
    current_version: int | None
    cited_version: CitedVersion | None
    """`None` where that version is not held."""
    original_matches: bool | None
    """Whether the original's bytes have the SHA-256 that was cited; `None` where there are no bytes to look at."""
    text_matches: bool | None
    """Whether the canonical text that was cited is the one held now; `None` where no statement was found."""
    intact: bool
    """Whether the capsule is as it was made."""
    why: tuple[str, ...]
    """A sentence each."""


def verify_in_archive(given: Capsule, archive: Archive) -> CapsuleReport:
    """How the cited words stand to what the archive holds now.

    The statement is found by its id, else by the SHA-256 of its original, else of its text. Where the version that was
    cited is still held, its words are followed from there to the current text; else they are looked for by their
    surroundings. Raises `DamagedArchive` where the archive's own hashes contradict it.
    """
    found_by, statement_id = _held_as(given, archive)
    if found_by is None:
        return _nothing_held(given)
    current = archive.get(statement_id)
    cited = _cited(given, archive, statement_id)
    original = archive.original(given.original_sha256)
    return _report(
        given,
        _LookedAt(
            statement=current.statement,
            found_by=found_by,
            current=current.version,
            cited=cited,
            original=original[0] if original else None,
            media_type=original[1] if original else None,
            reading=archive.reading_at(statement_id, cited.version) if cited else None,
            read_from_it=() if cited else tuple(_read_from_it(given, archive, current)),
            is_another=found_by != "id" and archive.origin_of(given.statement_id) is not None,
        ),
    )


def verify_with_original(given: Capsule, original: bytes, name: str) -> CapsuleReport:
    """How the cited words stand to a file, read as this release reads it; no archive is needed.

    Of a file with many statements, such as JSONL, the one with the cited SHA-256 is taken, else the one of that id.
    Raises `Unreadable` when no reader reads it, `InvalidStatement` when nothing in it could be cited, and
    `NotTheOriginal` when it holds other statements only.
    """
    found = _cited_in(given, original, name)
    return _report(
        given,
        _LookedAt(
            statement=statement_from(found, given.statement_id),
            found_by="file",
            current=None,
            cited=None,
            original=found.original,
            media_type=found.media_type,
            reading=READERS,
        ),
    )


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """What a capsule is checked against; `None` for what is not at hand."""

    statement: Statement
    """As it is now."""
    found_by: FoundBy
    current: int | None
    """The number of its version in the archive."""
    cited: Archived | None
    """The version that was cited, where it is held."""
    original: bytes | None
    """What is held or given as the original that was cited."""
    media_type: str | None
    reading: str | None
    """How the version that was cited was read, or the file that was given."""
    read_from_it: tuple[tuple[str, str], ...] = ()
    """Where that version is not held: how each version from the cited original was read, and its text's SHA-256."""
    is_another: bool = False
    """Whether the id that the capsule gives is held, and is that of another statement."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where cited words, or words like them, stand now."""

    verdict: CapsuleVerdict
    at: Span | None
    changes: tuple[Change, ...] = ()
    why: tuple[str, ...] = ()
    otherwise: bool = False
    """Whether these words, though the same, stand in other surroundings than those that were cited."""


def _held_as(given: Capsule, archive: Archive) -> tuple[FoundBy | None, str]:
    """What leads to the statement in the archive, and its id there."""
    same_original = archive.statements_from(given.original_sha256)
    known = archive.origin_of(given.statement_id) is not None
    if given.statement_id in same_original or archive.versions_with(given.statement_id, given.text_sha256):
        return "id", given.statement_id
    if same_original:
        return "original", same_original[0]
    if same_text := archive.statements_saying(given.text_sha256):
        return "text", same_text[0]
    return ("id" if known else None), given.statement_id


def _cited(given: Capsule, archive: Archive, statement_id: str) -> Archived | None:
    """The version with the text that was cited; of several, the one of that original and number, else the latest."""
    held = (archive.get(statement_id, number) for number in archive.versions_with(statement_id, given.text_sha256))
    return max(
        held,
        key=lambda one: (one.original_sha256 == given.original_sha256, one.version == given.version, one.version),
        default=None,
    )


def _read_from_it(given: Capsule, archive: Archive, current: Archived) -> Iterator[tuple[str, str]]:
    """How each version from the original that was cited was read, and its text's SHA-256; the latest first."""
    statement_id = current.statement.id
    for number in range(current.versions, 0, -1):
        one = archive.get(statement_id, number)
        if one.original_sha256 == given.original_sha256:
            yield archive.reading_at(statement_id, number) or "", one.statement.text_sha256


def _cited_in(given: Capsule, original: bytes, name: str) -> Found:
    """The statement in a file that was cited."""
    if sha256(original).hexdigest() == given.original_sha256:
        name = f"original{ENDINGS.get(given.media_type, PurePath(name).suffix)}"  # whatever it is called by now
    same_id = last = refused = None
    count = 0
    for found in read(original, name):
        if isinstance(found, OnRecordError):
            refused = refused or found
            continue
        if sha256(found.original).hexdigest() == given.original_sha256:
            return found
        count, last = count + 1, found
        if same_id is None and found.id == given.statement_id:
            same_id = found
    if last is None:
        raise refused or NotTheOriginal(name, given.statement_id, 0)
    if same_id is None and count > 1:
        raise NotTheOriginal(name, given.statement_id, count)
    return same_id or last


def _nothing_held(given: Capsule) -> CapsuleReport:
    return CapsuleReport(
        verdict=CapsuleVerdict.GONE,
        holds=False,
        agrees=True,
        said=(),
        found=None,
        text=None,
        changes=(),
        found_by=None,
        current_version=None,
        cited_version=None,
        original_matches=None,
        text_matches=None,
        intact=given.intact,
        why=(
            f"No statement {given.statement_id!r} is held, and none from the same original or with the same text.",
            *_tampering(given),
        ),
    )


def _report(given: Capsule, looked: _LookedAt) -> CapsuleReport:
    statement, cited = looked.statement, looked.cited
    standing = _standing(given, statement, cited.statement if cited else None)
    original = None if looked.original is None else sha256(looked.original).hexdigest() == given.original_sha256
    text = statement.text_sha256 == given.text_sha256
    said = tuple(_said(given, looked, standing))
    agrees = all(one.agrees is not False for one in said)
    version = None if cited is None else CitedVersion(cited.version, _has_words(given, cited.statement.text))
    same_words = standing.verdict in {CapsuleVerdict.EXACT, CapsuleVerdict.MOVED} and not standing.otherwise
    known = bool(looked.found_by == "file" or cited or looked.read_from_it)
    at = standing.at
    return CapsuleReport(
        verdict=standing.verdict,
        holds=same_words and agrees and known and given.intact and original is not False,
        agrees=agrees,
        said=said,
        found=Place(statement.id, at.start, at.end) if at else None,
        text=statement.text[at.start : at.end] if at else None,
        changes=standing.changes,
        found_by=looked.found_by,
        current_version=looked.current,
        cited_version=version,
        original_matches=original,
        text_matches=text,
        intact=given.intact,
        why=(
            *standing.why,
            *([_OTHERWISE] if standing.otherwise else []),
            *_warnings(said),
            *_of_version(given, looked, version),
            *_of_hashes(given, looked, original_matches=original, text_matches=text),
            *_tampering(given),
        ),
    )


def _has_words(given: Capsule, text: str) -> bool:
    return text[given.start : given.end] == given.exact


def _standing(given: Capsule, now: Statement, cited: Statement | None) -> _Standing:
    """Where the cited words stand in the text: followed there from the old one where that has them, else looked for."""
    text, quote = now.text, (given.prefix, given.exact, given.suffix)
    if cited is None or cited.text == text or not _has_words(given, cited.text):
        at = locate(text, given.exact, given.prefix, given.suffix, given.start)
        if at is None:
            return _altered(given, text, [(0, len(text), FEWEST, LIKE)])
        as_cited = now.text_sha256 == given.text_sha256 and at == given.start
        otherwise = not as_cited and agreement(text, at, quote) < SURROUNDINGS
        return replace(_same_words(given, text, at), otherwise=otherwise)
    followed = follow(cited.text, text, quote, given.start)
    if followed.at is not None:
        same_question = followed.carried and _answers_the_same(given, cited, now, followed.at)
        return replace(_same_words(given, text, followed.at), otherwise=not same_question)
    elsewhere = [(*new, FEWEST, LIKE) for new in followed.new]
    altered = _altered(given, text, [(*followed.instead, 1, LIKE_THERE), *elsewhere])
    if followed.like is None:
        return altered
    if altered.verdict is CapsuleVerdict.ALTERED:
        place = f"{followed.like}–{followed.like + len(given.exact)}"
        return replace(altered, why=(*altered.why, f"At {place} the cited words stand, where they stood before too."))
    note = "They were taken out where they were cited from; the text says the same at another place, as it did before."
    return replace(_same_words(given, text, followed.like), why=(note,), otherwise=True)


def _answers_the_same(given: Capsule, cited: Statement, now: Statement, at: int) -> bool:
    """Whether an answer's question is, at least for the greater part, the one it was; true of what is no answer."""
    before = _question(cited, Span(given.start, given.end))
    if before is None:
        return True
    after = _question(now, Span(at, at + len(given.exact)))
    if after is None:
        return False
    if cited.slice(before.start, before.end) == now.slice(after.start, after.end):
        return True
    left = sum(_kept_within(one, before, after) for one in kept(cited.text, now.text))
    return left >= SURROUNDINGS * (before.end - before.start)


def _question(statement: Statement, at: Span) -> Turn | None:
    """The last question before an answer; `None` of what is no answer, or answers none."""
    passage = passage_at(statement, at)
    if passage is None or statement.turns[passage.turn].role is not Role.ANSWER:
        return None
    return next((turn for turn in statement.turns[passage.turn :: -1] if turn.role is Role.QUESTION), None)


def _kept_within(one: Kept, before: Turn, after: Turn) -> int:
    """How many characters of the old turn a stretch carries into the new one."""
    first = max(0, before.start - one.old, after.start - one.new)
    last = min(one.length, before.end - one.old, after.end - one.new)
    return max(0, last - first)


def _same_words(given: Capsule, text: str, at: int) -> _Standing:
    end = at + len(given.exact)
    around = text[max(0, at - len(given.prefix)) : at], text[end : end + len(given.suffix)]
    changed = [] if around == (given.prefix, given.suffix) else ["What stands around the words is not what was cited."]
    if at == given.start:
        return _Standing(CapsuleVerdict.EXACT, Span(at, end), why=("The same words stand at the same place.", *changed))
    moved = f"The same words stand at {at}–{end} and not at {given.start}–{given.end}."
    return _Standing(CapsuleVerdict.MOVED, Span(at, end), why=(moved, *changed))


def _altered(given: Capsule, text: str, searched: Sequence[tuple[int, int, int, float]]) -> _Standing:
    """Words like those cited: in the first stretch of text in which so many, and such a share, of them stand."""
    for left, right, fewest, share in searched:
        found = align(given.exact, text[left:right])
        if found is None or found.share < share or found.matched < fewest:
            continue
        at = Span(left + found.start, left + found.end)
        if text[at.start : at.end] == given.exact:
            continue
        changes = tuple(
            Change(
                one.kind,
                one.quoted,
                one.source,
                Span(one.quoted_start, one.quoted_end),
                Span(left + one.source_start, left + one.source_end),
                one.about,
            )
            for one in found.changes
        )
        like = f"{found.share:.0%} agree" if changes else "all agree but for typography"
        why = f"The cited words do not stand there, but words like them, of which {like}."
        return _Standing(CapsuleVerdict.ALTERED, at, changes, (why,))
    return _Standing(CapsuleVerdict.GONE, None, why=("Neither the cited words nor words like them stand in the text.",))


def _said(given: Capsule, looked: _LookedAt, standing: _Standing) -> Iterator[Said]:
    """What the capsule says beside the words, beside what is held of it."""
    statement, cited = looked.statement, looked.cited
    for name in ("title", "issuer", "kind", "language", "published", "url"):
        claimed, held = getattr(given, name), getattr(statement, name)
        given_by_hand = (
            name == "issuer"
            and looked.found_by == "file"
            and held is None
            and claimed is not None
            and issuer_given(given.reading) == claimed
        )
        agreed = getattr(cited.statement, name) == claimed if cited else None
        yield Said(name, claimed, held, None if given_by_hand else claimed == held, agreed)
    turn = _turn_at(statement, standing.at)
    before = _turn_at(cited.statement, Span(given.start, given.end)) if cited else None
    for name in ("speaker", "role"):
        claimed, held = getattr(given, name), getattr(turn, name, None)
        agreed = before is not None and getattr(before, name) == claimed if cited else None
        agrees = None if standing.at is None else claimed == held
        yield Said(name, claimed, held, agrees, agreed)
    if looked.media_type:
        yield _compared("mediaType", given.media_type, looked.media_type)
    yield _compared("source", given.source, source_iri(statement.url, given.original_sha256))
    if looked.is_another:
        yield Said("statement", given.statement_id, statement.id, agrees=False)
    text = cited.statement.text if cited else statement.text
    if cited:
        yield from _said_of_version(given, cited, looked.reading)
    elif looked.found_by == "file":
        yield from _said_of_file(given, looked)
    else:
        yield from _said_of_none(given, looked)
    if given.text_sha256 == sha256(text.encode()).hexdigest():
        yield from _said_of_place(given, text)
    elif looked.found_by != "file":
        for name, claim in (("prefix", given.prefix), ("suffix", given.suffix), ("utf16Start", str(given.utf16_start))):
            yield Said(name, claim, None, agrees=None)
    if given.page is not None:
        yield _said_of_page(given, text, looked)


def _said_of_version(given: Capsule, cited: Archived, reading: str | None) -> Iterator[Said]:
    """What the capsule says of how the cited version was archived; of when and by whom each archive has its own."""
    retrieved = utc(cited.ingested_at)
    yield Said("retrieved", given.retrieved, retrieved, True if given.retrieved == retrieved else None)
    yield _compared("originalSha256", given.original_sha256, cited.original_sha256)
    if reading:
        same_readers = None if readers_of(given.reading) == readers_of(reading) else False
        yield Said("reading", given.reading, reading, True if given.reading == reading else same_readers)


def _said_of_file(given: Capsule, looked: _LookedAt) -> Iterator[Said]:
    """What the capsule says of the bytes of the file, and of the text that they are read to."""
    if looked.original is not None:
        yield _compared("originalSha256", given.original_sha256, sha256(looked.original).hexdigest())
    text = looked.statement.text_sha256
    differs = None if readers_of(given.reading) != looked.reading else False
    yield Said("textSha256", given.text_sha256, text, True if given.text_sha256 == text else differs)


def _said_of_none(given: Capsule, looked: _LookedAt) -> Iterator[Said]:
    """What the capsule says of a version that is not held: the same bytes read the same way have one text only."""
    yield Said("version", str(given.version), None, agrees=None)
    yield Said("retrieved", given.retrieved, None, agrees=None)
    yield Said("reading", given.reading, None, agrees=None)
    came = bool(looked.read_from_it)
    yield Said("originalSha256", given.original_sha256, given.original_sha256 if came else None, came or None)
    read_so = (text for reading, text in looked.read_from_it if readers_of(reading) == readers_of(given.reading))
    text = next(read_so, None)
    yield Said("textSha256", given.text_sha256, text, None if text is None else False)


def _said_of_place(given: Capsule, text: str) -> Iterator[Said]:
    """What the capsule says of the place in the very text that it was cut from."""
    start, end = given.start, given.end
    yield _compared("words", given.exact, text[start:end])
    yield _compared("prefix", given.prefix, text[max(0, start - len(given.prefix)) : start])
    yield _compared("suffix", given.suffix, text[end : end + len(given.suffix)])
    yield _compared("utf16Start", str(given.utf16_start), str(utf16(text, start, end)[0]))


def _said_of_page(given: Capsule, text: str, looked: _LookedAt) -> Said:
    """What the capsule says of the page, beside that on which its place is; only a PDF has pages."""
    if (looked.media_type or given.media_type) != _PDF:
        return Said("page", str(given.page), None, agrees=False)
    as_cited = given.text_sha256 == sha256(text.encode()).hexdigest()
    page = _page_of(looked.original, text, given.start) if as_cited else None
    return Said("page", str(given.page), page, None if page is None else page == str(given.page))


def _compared(name: str, claimed: str, held: str) -> Said:
    return Said(name, claimed, held, claimed == held)


def _page_of(original: bytes | None, text: str, offset: int) -> str | None:
    if original is None:
        return None
    try:
        pages = pages_of(original, text)
    except Unreadable:  # by this release; it was read by the one that received it
        return None
    return str(pages.page_at(offset)) if pages else None


def _turn_at(statement: Statement, at: Span | None) -> Turn | None:
    passage = passage_at(statement, at) if at else None
    return statement.turns[passage.turn] if passage else None


def _warnings(said: Sequence[Said]) -> Iterator[str]:
    for one in said:
        if one.agrees is False:
            then = "; the version that was cited says as the capsule does" if one.agreed else ""
            yield f"The capsule says {one.name} {_shown(one.claimed)}, and what is held says {_shown(one.held)}{then}."
        elif one.agrees is None and one.name == "issuer":
            yield f"The file names no issuer; {_shown(one.claimed)} was given by whoever archived it."
        elif one.agrees is None and one.name in {"retrieved", "reading"} and one.held is not None:
            told = f"The capsule says {one.name} {_shown(one.claimed)}, and here it is {_shown(one.held)}"
            yield f"{told}: another archive of the same bytes may say otherwise."
    unchecked = [one.name for one in said if one.agrees is None and one.name in _UNCHECKED and one.held is None]
    if unchecked:
        yield f"These could not be checked: {', '.join(unchecked)}."


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in value[:_SHOWN])
    return f"“{shown}”" if len(value) <= _SHOWN else f"“{shown}…”"


def _of_version(given: Capsule, looked: _LookedAt, version: CitedVersion | None) -> Iterator[str]:
    if looked.current is None:
        return
    if version is None:
        yield "The version that was cited is not held."
    elif not version.has_words:
        yield f"Version {version.number}, which was cited, has other words at {given.start}–{given.end}."
    elif version.number != looked.current:
        yield f"Version {version.number}, which was cited, has the words at the cited place; it is not the current one."
    if version and version.number != given.version:
        yield f"The capsule says version {given.version}; the text that it cites is held as version {version.number}."
    if looked.found_by != "id":
        yield f"The statement was found by the SHA-256 of its {looked.found_by}, as {looked.statement.id!r}."


def _of_hashes(
    given: Capsule, looked: _LookedAt, *, original_matches: bool | None, text_matches: bool
) -> Iterator[str]:
    match original_matches:
        case True:
            yield "The original's bytes have the SHA-256 that was cited."
        case False:
            yield "The original's bytes do not have the SHA-256 that was cited: it is not the file that was cited."
        case None:
            yield "The original that was cited is not held."
    if text_matches:
        yield "The text has the SHA-256 that was cited."
    elif original_matches and looked.found_by == "file" and readers_of(given.reading) != looked.reading:
        yield "Its text has another SHA-256 than was cited, as a release that reads files otherwise gives it."
    else:
        yield "The text is not the one that was cited: its SHA-256 is another."


def _tampering(given: Capsule) -> tuple[str, ...]:
    return () if given.intact else ("The capsule was changed since it was made: its id is not that of what it says.",)
