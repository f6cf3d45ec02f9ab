"""Evidence bundles: an answer, or whole statements, in one zip file that proves itself without us.

Nothing in it is compressed: one release of zlib packs otherwise than another, and the same generation is to give the
same bytes everywhere.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pydantic import TypeAdapter

from corpus.archive import Archive
from corpus.durable import replacing
from corpus.errors import OnRecordError
from corpus.filters import Filters
from corpus.readers import ENDINGS
from corpus.records import Archived, UnknownStatement
from corpus.statement import Passage
from service import saying, wording
from service.answer import Answer, Quote, Span
from service.answering import DEFAULT_K, Collection, Manner
from service.capsules import written as written_capsule
from service.citations import Citations
from service.citing import Cited
from service.conversation import Utterance
from service.formats import FORMATS, formatted
from service.receipts import Receipt, answered, encoder_name
from service.receipts import written as written_receipt
from service.source_view import Block, blocks, passage_at
from service.visible import shown, visible

SUMS = "SHA256SUMS"
PAGE = "index.html"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The first that a zip file can say."""
_MODE = 0o100644
_UNIX = 3
_ENDINGS = {**ENDINGS, "text/html": ".html.txt", "text/markdown": ".md.txt"}
"""What an original's name ends in, by its media type.

A web page that was received is stored as text: by any other name that is not known a browser looks into a file, and
shows as a page, with its scripts, what looks like one.
"""
_REFERENCES = {"citations.bib": "bibtex", "citations.ris": "ris", "citations.md": "markdown"}
_ON_PAGE = ("apa", "chicago", "mla", "bibtex", "wikipedia")
"""The formats in which the page shows a citation."""
_ANSWER = TypeAdapter(Answer)


class NotExportable(OnRecordError):
    """Several arguments, and not all of them are ids of statements that are held."""

    def __init__(self, unknown: Sequence[str]) -> None:
        super().__init__(
            f"No statement {unknown[0]!r} is in the archive{f', nor {len(unknown) - 1} more' if unknown[1:] else ''}.",
            "Give ids of statements that are held, or one question in quotation marks.",
        )


class BundleExists(OnRecordError):
    """There is a file where the bundle is to stand."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already.", "Name another file, or add --force to put the bundle in its place."
        )


class NoFolderForBundle(OnRecordError):
    """The bundle is to stand in a folder that is not there, or in the place of one."""

    def __init__(self, path: Path) -> None:
        is_folder = path.is_dir()
        super().__init__(
            f"A bundle cannot be written to {path}: {'it is a folder' if is_folder else f'no folder {path.parent}'}.",
            "Name a file in it." if is_folder else "Make the folder first, or name another.",
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle by name, but for the sums; all in memory."""

    files: Mapping[str, bytes]
    quotes: int
    misses: int


@dataclass(frozen=True, slots=True)
class _Exhibit:
    """One passage as the bundle has it."""

    archived: Archived
    passage: Passage
    cited: Cited
    quote: Quote | None
    """The quote of an answer; `None` for a passage of a whole statement."""
    capsule_name: str
    capsule: bytes
    is_miss: bool

    @property
    def formats(self) -> list[tuple[str, str]]:
        """What each format is for, and the citation in it; of a miss there is none."""
        return [] if self.is_miss else [(FORMATS[name].description, formatted(self.cited, name)) for name in _ON_PAGE]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A statement as the page shows it: whole, by turns."""

    archived: Archived
    blocks: list[Block]
    exhibits: list[_Exhibit]


def requested(archive: Archive, arguments: Sequence[str]) -> str | None:
    """The question, when the arguments are one; `None` when all are ids of statements that are held.

    Raises `NotExportable`.
    """
    unknown = [one for one in arguments if archive.origin_of(one) is None]
    if not unknown:
        return None
    if len(arguments) > 1:
        raise NotExportable(unknown)
    return arguments[0]


def bundle_of_statements(archive: Archive, statement_ids: Iterable[str]) -> Bundle:
    """Statements as they are now, whole: with a capsule and a citation of every passage.

    Raises `UnknownStatement` and `DamagedArchive`.
    """
    citations = Citations(archive)
    held = [(archive.get(one), archive.passages_of(one)) for one in dict.fromkeys(statement_ids)]
    places = [(archived, passage) for archived, passages in held for passage in passages]
    exhibits = _exhibits(citations, [(*place, None) for place in places])
    of_statement: dict[str, list[_Exhibit]] = {archived.statement.id: [] for archived, _ in held}
    for one in exhibits:
        of_statement[one.archived.statement.id].append(one)
    shown = [
        _Shown(archived, list(blocks(archived.statement, None)), of_statement[archived.statement.id])
        for archived, _ in held
    ]
    return _bundle(archive, [archived for archived, _ in held], exhibits, shown=shown)


def bundle_of_question(
    collection: Collection,
    question: str,
    *,
    k: int = DEFAULT_K,
    filters: Filters | None = None,
    history: Sequence[Utterance] = (),
    manner: Manner | None = None,
) -> Bundle:
    """What answers the question, or the nearest misses, with the answer and its receipt.

    Raises what `Collection.ask` raises.
    """
    answer, receipt = answered(collection, question, k=k, filters=filters, history=history, manner=manner)
    archive = collection.archive
    places = [(*_place_of(archive, quote), quote) for quote in answer.quotes or answer.misses]
    exhibits = _exhibits(collection.citations, places, are_misses=answer.abstained)
    held = {one.archived.statement.id: one.archived for one in exhibits}
    return _bundle(archive, held.values(), exhibits, answer=answer, receipt=receipt)


def check_bundle_path(path: Path, *, force: bool = False) -> None:
    """Nothing, if a bundle may go there: to be asked before the question is.

    Raises `NoFolderForBundle` and `BundleExists`.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise NoFolderForBundle(path)
    if path.exists() and not force:
        raise BundleExists(path)


def write_bundle(path: Path, bundle: Bundle, *, force: bool = False) -> None:
    """Write the bundle to `path`: whole, or what was there stays. The same bundle gives the same bytes.

    Raises `NoFolderForBundle`, `BundleExists` unless it is to be replaced by `force`, and `OSError`.
    """
    check_bundle_path(path, force=force)
    with replacing(path) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, content in sorted({**bundle.files, SUMS: sums(bundle.files)}.items()):
                archive.writestr(_entry(name), content)
        check_bundle_path(path, force=force)


def sums(files: Mapping[str, bytes]) -> bytes:
    """The SHA-256 of each file as `sha256sum` lists them, by name."""
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry


def _place_of(archive: Archive, quote: Quote) -> tuple[Archived, Passage]:
    """The version that a quote is from, even if it is no longer the current one, and its place there."""
    citation = quote.citation
    archived = archive.get(
        citation.statement_id, archive.version_with_text(citation.statement_id, citation.text_sha256)
    )
    passage = passage_at(archived.statement, Span(citation.start, citation.end))
    if archived.statement.text_sha256 != citation.text_sha256 or passage is None:
        raise UnknownStatement(citation.statement_id)  # replaced, history and all, since it was found
    return archived, passage


def _exhibits(
    citations: Citations, places: Sequence[tuple[Archived, Passage, Quote | None]], *, are_misses: bool = False
) -> list[_Exhibit]:
    width = max(3, len(str(len(places))))
    return [
        _Exhibit(
            archived=archived,
            passage=passage,
            cited=citations.cited(archived, passage),
            quote=quote,
            capsule_name=f"capsules/{'miss-' if are_misses else ''}{number:0{width}}.json",
            capsule=written_capsule(citations.capsule(archived, passage)),
            is_miss=are_misses,
        )
        for number, (archived, passage, quote) in enumerate(places, start=1)
    ]


def _bundle(
    archive: Archive,
    held: Iterable[Archived],
    exhibits: Sequence[_Exhibit],
    *,
    shown: Sequence[_Shown] = (),
    answer: Answer | None = None,
    receipt: Receipt | None = None,
) -> Bundle:
    held = list(held)
    originals = {one.original_sha256: _original(archive, one) for one in held}
    original_names = {digest: name for digest, (name, _) in originals.items()}
    cited = [one.cited for one in exhibits if not one.is_miss]
    files: dict[str, bytes] = dict(originals.values())
    files |= {text_name(one): one.statement.text.encode() for one in held}
    files |= {one.capsule_name: one.capsule for one in exhibits}
    files |= _references(cited)
    if answer is not None and receipt is not None:
        files |= {"answer.json": _written_answer(answer), "receipt.json": written_receipt(receipt)}
    environment = _environment()
    told = {
        "answer": answer,
        "receipt": receipt,
        "exhibits": exhibits,
        "shown": shown,
        "original_names": original_names,
        "references": [name for name in (*_REFERENCES, "citations.json") if name in files],
    }
    files[PAGE] = environment.get_template("bundle.html").render(told).encode()
    files["README.txt"] = environment.get_template("bundle.txt").render(told).encode()
    return Bundle(files, quotes=len(cited), misses=len(exhibits) - len(cited))


def text_name(archived: Archived) -> str:
    """The name of the file with a version's canonical text."""
    return f"texts/{archived.statement.text_sha256}.txt"


def _original(archive: Archive, archived: Archived) -> tuple[str, bytes]:
    """The name of the file with a version's original, and its bytes."""
    held = archive.original(archived.original_sha256)
    if held is None:
        raise UnknownStatement(archived.statement.id)  # removed since it was found
    original, media_type = held
    return f"originals/{archived.original_sha256}{_ENDINGS.get(media_type, '.bin')}", original


def _references(cited: Sequence[Cited]) -> dict[str, bytes]:
    """The citations as files that reference managers read; none when nothing is quoted."""
    if not cited:
        return {}
    files = {
        name: "\n\n".join(formatted(one, form) for one in cited).encode() + b"\n" for name, form in _REFERENCES.items()
    }
    items = list(chain.from_iterable(json.loads(formatted(one, "csl-json")) for one in cited))
    return {**files, "citations.json": _json(items)}


def _written_answer(answer: Answer) -> bytes:
    told: dict[str, Any] = _ANSWER.dump_python(answer, mode="json")
    del told["took_ms"]  # another one each time
    told["index"]["encoder"] = encoder_name(answer.index.encoder)
    return _json(told)


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        shown=shown,
        visible=visible,
        day=saying.day,
        speaker=saying.speaker,
        web_link=saying.web_link,
        marked=lambda exhibit: list(_marked(exhibit)),
        text_name=text_name,
        first_words=lambda text: re.sub(r"\s+", " ", text[:120]).strip() + ("…" if len(text) > 120 else ""),
    )
    environment.globals.update(saying=saying, wording=wording, json=lambda told: json.dumps(told, ensure_ascii=False))
    return environment


def _marked(exhibit: _Exhibit) -> Iterator[tuple[str, bool]]:
    """The words of an exhibit in pieces, and whether each is the sentence that seems to answer."""
    if exhibit.quote is None or exhibit.is_miss:
        yield exhibit.cited.text, False
        return
    before, highlight, after = wording.parts(exhibit.quote)
    yield from ((text, marked) for text, marked in ((before, False), (highlight, True), (after, False)) if text)
