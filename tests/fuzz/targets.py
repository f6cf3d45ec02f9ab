"""What is done with bytes that nobody wrote, and what must hold of all that comes of them, whatever they are.

Every reader of something from outside is a target: a function that takes bytes and returns, or raises `AssertionError`
or an error that nobody foresaw. Only errors that tell a person what to do, of `OnRecordError`, are foreseen.
"""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from corpus.archive_seal import kept_seal
from corpus.chunking import cut
from corpus.errors import OnRecordError
from corpus.filters import Filters
from corpus.keywords import KeywordIndex, KeywordWriter
from corpus.quotations import quotations
from corpus.quoted import Quoted
from corpus.readers import Found, read, statement_from
from corpus.readers.manuscript import read_manuscript
from corpus.records import SEAL, Searchable
from corpus.sealed import STAMPS, first_altered
from corpus.statement import Role, published_days
from corpus.turns import find_turns
from service.capsules import is_capsule, read_capsule
from service.conversation import Utterance, standalone
from service.generations import CURRENT, MANIFEST, Manifest, current_number, naming, open_current
from service.receipts import is_receipt, read_receipt, written
from service.web.conversation import address, in_address
from service.web.parameters import (
    AskBody,
    AskQuery,
    CiteQuery,
    ListQuery,
    StatementQuery,
    VerifyBody,
    from_json,
    from_query,
)
from service.wishes import wishes, without

Target = Callable[[bytes], None]

CORPUS = Path(__file__).parent / "corpus"
"""A folder a target, with inputs worth trying again."""
SAMPLES = Path(__file__).parents[2] / "samples" / "statements"
"""Files of every format, worth trying as well."""
ENDINGS = {"text": ".txt", "markdown": ".md", "html": ".html", "pdf": ".pdf", "docx": ".docx", "jsonl": ".jsonl"}
"""Of the names of files of statements, by the target that reads them."""
SECONDS = 5.0
"""Of processor time that one input may take, at most."""
TODAY = date(2024, 5, 31)
_LIMIT = 60
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = ("document.main", "styles", "numbering", "footnotes")
_BETWEEN_PARTS = b"\n----\n"


def tried(name: str, data: bytes) -> None:
    """Give the bytes to the target of that name, in the time that there is."""
    began = time.process_time()
    with suppress(OnRecordError):
        TARGETS[name](data)
    took = time.process_time() - began
    assert took < SECONDS, f"{name} took {took:.1f} seconds of processor time for {len(data):,} bytes"


def saved(name: str) -> list[Path]:
    """The files to try again with the target of that name: its own, and the samples that it reads."""
    samples = SAMPLES.glob(f"*{ENDINGS[name]}") if name in ENDINGS else ()
    return sorted([*(CORPUS / name).iterdir(), *samples])


def is_text(value: str | None) -> bool:
    r"""Whether it can be kept and shown: Unicode without half a surrogate pair and without NUL.

    >>> is_text("Zinc"), is_text("\ud800"), is_text("a\0"), is_text(None)
    (True, False, False, True)
    """
    return value is None or not re.search("[\0\ud800-\udfff]", value)


def words_in(texts: Sequence[str]) -> list[int]:
    """Tokens of each text, as a tokenizer would count them."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


# Files of statements


def _file(ending: str) -> Target:
    def target(data: bytes) -> None:
        for found in read(data, f"fuzzed{ending}"):
            if isinstance(found, Found):
                with suppress(OnRecordError):
                    _statement(found)

    return target


def _statement(found: Found) -> None:
    """Whatever was found in a file can be archived, cut and quoted, or is refused with its reason."""
    draft = found.draft
    assert all(
        map(is_text, (found.id, draft.title, draft.issuer, draft.speaker, draft.kind, draft.language, draft.url))
    )
    statement = statement_from(found, found.id or "fuzzed")
    assert is_text(statement.text)
    assert all(is_text(turn.speaker) for turn in statement.turns)
    assert statement.turns == find_turns(statement.text, title=statement.title, speaker=draft.speaker)
    assert statement.turns or not any(map(str.isalnum, statement.text))
    passages = cut(statement, words_in, _LIMIT)
    for passage in passages:
        statement.check(passage)
    held = ["".join(statement.slice(one.start, one.end).split()) for one in statement.turns]
    pieces = ["" for _ in held]
    for passage in passages:
        pieces[passage.turn] += "".join(statement.slice(passage.start, passage.end).split())
    assert pieces == held
    assert all(before.end <= after.start for before, after in pairwise(passages))
    json.dumps([statement.text_sha256, statement.record_sha256])


def _docx(data: bytes) -> None:
    """A Word document as it came or, so that chance gets past the checksums of the archive, its parts in one."""
    _file(".docx")(data if data.startswith(b"PK") else packed_document(*data.split(_BETWEEN_PARTS)))


def packed_document(*parts: bytes) -> bytes:
    """A Word document of these parts, in this order: its text, styles, numbering and footnotes."""
    given = dict(zip((one.partition(".")[0] for one in _PARTS), parts, strict=False))
    types = "".join(
        f'<Override PartName="/word/{one.partition(".")[0]}.xml" ContentType="{_OFFICE}.{one}+xml"/>' for one in _PARTS
    )
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{_RELATED}/{name}" Target="{name}.xml"/>' for name in [*given][1:]
    )
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{types}</Types>".encode(),
        "_rels/.rels": _relationships(
            f'<Relationship Id="r" Type="{_RELATED}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/_rels/document.xml.rels": _relationships(relations),
        **{f"word/{name}.xml": part for name, part in given.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _relationships(listed: str) -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    ).encode()


def _manuscript(data: bytes) -> None:
    """A draft: its first character says how its name ends."""
    endings = {b"m": ".md", b"h": ".html", b"d": ".docx", b"p": ".pdf"}
    given = data[1:]
    if data.startswith(b"d<"):
        given = packed_document(*given.split(_BETWEEN_PARTS))
    draft = read_manuscript(given, f"draft{endings.get(data[:1], '.txt')}")
    assert is_text(draft.text)
    for block in draft.blocks:
        assert 0 <= block.start < block.end <= len(draft.text)
    for at, link in draft.links:
        assert 0 <= at <= len(draft.text)
        assert is_text(link)
    for quotation in quotations(draft.text, draft.blocks):
        assert 0 <= quotation.start < quotation.end <= len(draft.text)
        Quoted.of(draft.text, [(one.start, one.end) for one in quotation.stretches])


# JSON that somebody hands in, or that lies beside the archive


def _capsule(data: bytes) -> None:
    is_capsule(data)
    given = read_capsule(data)
    assert is_capsule(data)
    assert given.end - given.start == len(given.exact) > 0
    json.dumps(asdict(given), ensure_ascii=False).encode()


def _receipt(data: bytes) -> None:
    """A receipt as it came and, so that chance gets past its sum, with a sum that is right."""
    is_receipt(data)
    for attempt in (data, _summed(data)):
        with suppress(OnRecordError):
            assert json.loads(written(read_receipt(attempt))) == json.loads(attempt.decode("utf-8-sig"))


def _summed(data: bytes) -> bytes:
    try:
        told = json.loads(data)
        told.pop("sha256", None)
        lines = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
        return json.dumps({**told, "sha256": sha256(lines).hexdigest()}).encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return data


@cache
def _folder() -> Path:
    """A folder of our own, with a generation that is not whole and an archive that is none."""
    folder = Path(mkdtemp(prefix="fuzzed-"))
    (folder / "1").mkdir()
    (folder / "archive.db").write_bytes(b"as it was sealed")
    return folder


def _manifest(data: bytes) -> None:
    """A manifest as it came and, so that chance gets past its sum, as it would be written."""
    generation = _folder() / "1"
    (_folder() / CURRENT).write_text(naming(1), encoding="ascii")
    for attempt in (data, _as_written(data)):
        (generation / MANIFEST).write_bytes(attempt)
        with suppress(OnRecordError):
            manifest = Manifest.read(generation)
            assert manifest._written().encode() == attempt
        with suppress(OnRecordError):
            open_current(_folder())


def _as_written(data: bytes) -> bytes:
    try:
        told = json.loads(data)
        told.pop("sha256", None)
        return Manifest(**told)._written().encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return data


def _current(data: bytes) -> None:
    (_folder() / CURRENT).write_bytes(data)
    number = current_number(_folder())
    assert number is None or data.decode() == naming(number)
    (_folder() / "1" / MANIFEST).unlink(missing_ok=True)
    open_current(_folder())


def _stamps(data: bytes) -> None:
    """What a folder keeps of its files: whatever is said of one that was altered, it is not believed."""
    folder = _folder() / "sealed"
    folder.mkdir(exist_ok=True)
    (folder / "a").write_bytes(b"as it was written")
    (folder / STAMPS).write_bytes(data)
    assert first_altered(folder, {"a": sha256(b"as it was meant").hexdigest()}) == "a"


def _seal(data: bytes) -> None:
    """What stands beside an archive: whatever it says, it is no seal of this one."""
    archive = _folder() / "archive.db"
    archive.touch()
    archive.with_name(SEAL).write_bytes(data)
    kept = kept_seal(archive)
    assert kept is None or not kept.names(archive)


# What an address or a body asks


def _address(data: bytes) -> None:
    query: MultiDict[str, str] = MultiDict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace"))
    asked = in_address(query)
    again: MultiDict[str, str] = MultiDict(parse_qsl(address(asked), keep_blank_values=True))
    assert in_address(again) == asked
    for one in asked:
        with suppress(OnRecordError):
            assert _is_in_order(one.filters())
        with suppress(OnRecordError):
            one.manner()


def _parameters(data: bytes) -> None:
    """A query and a body: what is taken has been seen in full, and gives filters and a manner or says why not."""
    query: MultiDict[str, str] = MultiDict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace"))
    asks: list[AskQuery] = []
    with suppress(OnRecordError):
        asks.append(from_query(AskQuery, query, {}))
    with suppress(OnRecordError):
        asks.append(from_json(AskBody, data))
    for model in (CiteQuery, ListQuery, StatementQuery):
        with suppress(OnRecordError):
            from_query(model, query, {})
    with suppress(OnRecordError):
        from_json(VerifyBody, data)
    for asked in asks:
        with suppress(OnRecordError):
            assert _is_in_order(asked.filters)
        with suppress(OnRecordError):
            assert asked.manner.order == asked.order


def _is_in_order(filters: Filters) -> bool:
    """Whether the period does not end before it begins."""
    return filters.since is None or filters.until is None or filters.since <= filters.until


@cache
def _words() -> KeywordIndex:
    folder = _folder() / "words"
    with KeywordWriter(folder) as writer:
        for key, text in enumerate(
            ("Zinc is up by a tenth.", "The river rose, and the bridge was closed.", "風暴潮"), 1
        ):
            writer.add(Searchable(key, key, text, None, None, None, None, None, Role.REMARKS))
    return KeywordIndex(folder)


def _question(data: bytes) -> None:
    question = data.decode(errors="replace")
    for wish in (found := wishes(question, TODAY)):
        assert question[wish.start : wish.end] == wish.words
        for bound in (wish.since, wish.until):
            assert bound is None or published_days(bound)
    assert without(question, found).strip() or not question.strip()
    first, _, rest = question.partition("\n")
    assert first.strip() in standalone(first, [Utterance("user", rest), Utterance("agent", rest)])


def _query(data: bytes) -> None:
    question, words = data.decode(errors="replace"), _words()
    ranked = words.search(question, 5)
    assert all(before[1] >= after[1] for before, after in pairwise(ranked))
    assert {key for key, _ in ranked} <= {1, 2, 3}
    assert list(words.rarities(question)) == list(dict.fromkeys(words.words(question)))
    assert set(words.holding(question, 5)) | set(words.like(question, 5)) <= {1, 2, 3}


TARGETS: dict[str, Target] = {
    **{name: _file(ending) for name, ending in ENDINGS.items()},
    "docx": _docx,
    "manuscript": _manuscript,
    "capsule": _capsule,
    "receipt": _receipt,
    "manifest": _manifest,
    "current": _current,
    "stamps": _stamps,
    "seal": _seal,
    "address": _address,
    "parameters": _parameters,
    "question": _question,
    "query": _query,
}
"""By name, which is also that of its folder in the corpus."""
