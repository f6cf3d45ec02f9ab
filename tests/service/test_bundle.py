"""A bundle proves itself: to `sha256sum`, to a few lines of Python, and to a browser that is told nothing else."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from corpus.archive import Archive
from corpus.filters import Filters
from corpus.records import UnknownStatement
from corpus.statement import Passage, Role, Turn
from service import bundle as bundles
from service import receipts
from service.answering import Manner
from service.building import build
from service.bundle import (
    Bundle,
    BundleExists,
    NoFolderForBundle,
    NotExportable,
    bundle_of_question,
    bundle_of_statements,
    requested,
    write_bundle,
)
from service.generations import Encoding
from service.receipts import read_receipt, receipt, written
from service.visible import visible
from tests.builders import a_source, a_statement, whole_turns
from tests.service.small_collection import SmallCollection
from tests.service.test_browser import CONTRASTS
from tests.service.web_fixtures import BRIEFING, HOSTILE, LETTER, briefing, hostile, letter

BRIDGE = "Was the Kelm bridge closed because of cracks?"
ANYTHING, NOTHING = Manner(threshold=0.0), Manner(threshold=1.0)
PAGE = b"<!doctype html><html><body><script>document.title = 'hacked'</script><p>Tin is dear."


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallCollection]:
    """A briefing, a letter, words that would be code if anything obeyed them, and a web page with a script."""
    made = SmallCollection(tmp_path / "data")
    made.put(briefing(), letter(), hostile())
    tin = a_statement("Tin is dear.", id="tin")
    made.archive.put(tin, whole_turns(tin), a_source(PAGE, media_type="text/html"))
    made.ingest()
    yield made
    made.archive.close()


def digest(text: str | bytes) -> str:
    return sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def unzipped(bundle: Bundle, tmp_path: Path) -> Path:
    """The folder that somebody who received the bundle has."""
    write_bundle(tmp_path / "bundle.zip", bundle, force=True)
    with zipfile.ZipFile(tmp_path / "bundle.zip") as opened:
        opened.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def test_a_statement_is_bundled_whole(small: SmallCollection) -> None:
    made = bundle_of_statements(small.archive, ["briefing-varn"])
    name = digest(BRIEFING)
    assert sorted(made.files) == [
        "README.txt",
        "capsules/001.json",
        "capsules/002.json",
        "capsules/003.json",
        "capsules/004.json",
        "citations.bib",
        "citations.json",
        "citations.md",
        "citations.ris",
        "index.html",
        f"originals/{name}.txt",
        f"texts/{name}.txt",
    ]
    assert made.files[f"texts/{name}.txt"].decode() == BRIEFING
    assert (made.quotes, made.misses) == (4, 0)
    places = [
        json.loads(made.files[f"capsules/00{number}.json"])["target"]["selector"][0]["exact"] for number in "1234"
    ]
    assert places == [BRIEFING[turn.start : turn.end] for turn in briefing().turns]
    authors = [item.get("author") for item in json.loads(made.files["citations.json"])]
    assert [author is None for author in authors] == [True, False, True, False]  # nobody is named who asks
    assert made.files["citations.bib"].count(b"@") == made.files["citations.ris"].count(b"TY  - ") == 4


def test_texts_and_originals_are_as_they_were_received(small: SmallCollection) -> None:
    made = bundle_of_statements(small.archive, ["letters/1946/brandt", "tin", "tin"])
    assert made.files[f"texts/{digest(LETTER)}.txt"] == LETTER.encode()
    assert made.files[f"originals/{digest(PAGE)}.html.txt"] == PAGE
    assert made.files[f"texts/{digest('Tin is dear.')}.txt"] == b"Tin is dear."
    assert made.quotes == 2


def test_a_question_is_bundled_with_its_answer_and_its_receipt(small: SmallCollection) -> None:
    made = bundle_of_question(small.opened(), BRIDGE, k=2, manner=ANYTHING)
    answer = small.opened().ask(BRIDGE, k=2, manner=ANYTHING)
    told = json.loads(made.files["answer.json"])
    assert [quote["text"] for quote in told["quotes"]] == [quote.text for quote in answer.quotes]
    assert "took_ms" not in told
    assert made.files["receipt.json"] == written(receipt(small.opened(), BRIDGE, k=2, manner=ANYTHING))
    assert read_receipt(made.files["receipt.json"]).found.abstained is False
    quoted = [json.loads(made.files[f"capsules/00{number}.json"])["target"]["selector"][0]["exact"] for number in "12"]
    assert quoted == [quote.text for quote in answer.quotes]


def test_misses_are_called_misses_and_are_no_references(small: SmallCollection) -> None:
    made = bundle_of_question(small.opened(), BRIDGE, manner=NOTHING)
    assert (made.quotes, made.misses) == (0, 3)
    assert [name for name in sorted(made.files) if name.startswith(("capsules", "citations"))] == [
        "capsules/miss-001.json",
        "capsules/miss-002.json",
        "capsules/miss-003.json",
    ]
    page = made.files["index.html"].decode()
    assert page.count("Near miss — does not answer the question, as far as can be told") == 3
    assert "<strong>Nothing found.</strong> Of 7 passages searched" in page
    assert "<mark>" not in page
    assert b"is not to be quoted as if it did" in made.files["README.txt"]


def test_every_sum_is_right_and_sha256sum_agrees(small: SmallCollection, tmp_path: Path) -> None:
    folder = unzipped(bundle_of_question(small.opened(), BRIDGE, manner=ANYTHING), tmp_path)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = {name: found for found, name in (line.split("  ") for line in lines)}
    assert listed == {name: digest((folder / name).read_bytes()) for name in files - {"SHA256SUMS"}}
    subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    (folder / "answer.json").write_bytes(b"{}")
    found = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=False, capture_output=True, text=True)
    assert (found.returncode, "answer.json: FAILED" in found.stdout) == (1, True)


def test_the_readme_s_python_checks_every_place_without_us(small: SmallCollection, tmp_path: Path) -> None:
    ids = ["letters/1946/brandt", "hostile?x=1#<i>"]
    folder = unzipped(bundle_of_statements(small.archive, ids), tmp_path)
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    block = re.search(r"(?:^ {7}.*\n)+", readme[readme.index("In Python:\n") + 11 :].lstrip("\n"), re.MULTILINE)
    assert block is not None
    code = dedent(block[0])
    assert code.startswith("import json, pathlib\nfor path")
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    assert ran.stdout == "001.json stands there\n002.json stands there\n"
    capsule = folder / "capsules" / "001.json"
    capsule.write_text(capsule.read_text(encoding="utf-8").replace("6,747", "6,748"), encoding="utf-8")
    ran = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, check=True, capture_output=True, text=True)
    assert ran.stdout == "001.json DOES NOT STAND THERE\n002.json stands there\n"


def test_the_same_generation_gives_the_same_bytes(small: SmallCollection, tmp_path: Path) -> None:
    made = []
    for name in ("once.zip", "again.zip"):
        with closing(Archive(small.data / "archive.db")):
            write_bundle(tmp_path / name, bundle_of_question(small.opened(), BRIDGE, manner=ANYTHING))
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "once.zip") as opened:
        entries = opened.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.external_attr >> 16, entry.create_system, entry.compress_type) for entry in entries} == {
        (0o100644, 3, zipfile.ZIP_STORED)
    }


def test_an_index_built_anew_changes_nothing_but_receipt_answer_and_page(
    small: SmallCollection, tmp_path: Path
) -> None:
    before = bundle_of_question(small.opened(), BRIDGE, manner=ANYTHING)
    encoding = Encoding.of(small.archive)
    assert encoding is not None
    build(small.archive, small.index, encoding, anew=True)
    after = bundle_of_question(small.opened(), BRIDGE, manner=ANYTHING)
    differing = {name for name in {*before.files, *after.files} if before.files.get(name) != after.files.get(name)}
    assert differing == {"answer.json", "receipt.json", "index.html"}


def test_no_name_in_the_zip_comes_from_an_id_or_a_title(small: SmallCollection) -> None:
    climbing = a_statement("Copper is dear.", id="..\\..\\etc/x", title="../../up")
    small.put(climbing)
    ids = [line.id for line in small.archive.every_summary()]
    names = bundle_of_statements(small.archive, ids).files
    assert len(ids) == 5
    for name in names:
        assert re.fullmatch(r"[a-z]+/[a-z0-9-]+(\.[a-z]+){1,2}|[A-Za-z]+\.[a-z]+", name), name


def test_a_replaced_statement_is_bundled_as_it_was_quoted(
    small: SmallCollection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = receipts.answered

    def and_then_replaced(*given: object, **named: object) -> object:
        found = asked(*given, **named)  # type: ignore[arg-type]
        small.archive_only(a_statement("Nothing of the kind was said.", id="briefing-varn"))
        return found

    monkeypatch.setattr(bundles, "answered", and_then_replaced)
    made = bundle_of_question(small.opened(), BRIDGE, k=1, manner=ANYTHING)
    assert made.files[f"texts/{digest(BRIEFING)}.txt"].decode() == BRIEFING


def test_arguments_are_ids_or_one_question(small: SmallCollection) -> None:
    assert requested(small.archive, ["tin", "briefing-varn"]) is None
    assert requested(small.archive, ["What of tin?"]) == "What of tin?"
    with pytest.raises(NotExportable, match=r"No statement 'zinc' is in the archive, nor 1 more\. Give ids"):
        requested(small.archive, ["tin", "zinc", "lead"])
    with pytest.raises(UnknownStatement):
        bundle_of_statements(small.archive, ["zinc"])


def test_a_file_that_is_there_is_not_replaced_unless_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"mine")
    with pytest.raises(BundleExists, match=r"bundle\.zip is there already\. .*--force"):
        write_bundle(path, Bundle({}, 0, 0))
    assert path.read_bytes() == b"mine"
    write_bundle(path, Bundle({}, 0, 0), force=True)
    assert zipfile.ZipFile(path).namelist() == ["SHA256SUMS"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NoFolderForBundle, match=r"no folder .*nowhere\. Make the folder first"):
        write_bundle(tmp_path / "nowhere" / "bundle.zip", Bundle({}, 0, 0))
    with pytest.raises(NoFolderForBundle, match="it is a folder"):
        write_bundle(tmp_path, Bundle({}, 0, 0), force=True)


def test_what_fails_on_the_way_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"mine")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(path, Bundle({}, 0, 0), force=True)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"mine", [path])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network; at the end nothing may have complained, or asked for anything but files."""
    complaints: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    opened.on("request", lambda one: None if urlsplit(one.url).scheme == "file" else complaints.append(one.url))
    yield opened
    context.close()
    assert complaints == []


def test_the_page_opens_from_the_disk_and_every_link_in_the_bundle_leads_to_a_file(
    small: SmallCollection, tmp_path: Path, page: Page
) -> None:
    folder = unzipped(bundle_of_question(small.opened(), BRIDGE, manner=ANYTHING), tmp_path)
    page.goto((folder / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(BRIDGE)
    links = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    own = [link for link in links if urlsplit(link).scheme == ""]
    assert len(own) > 10
    assert {urlsplit(link).netloc for link in links} == {"", "works.example", "harbours.kelm.example"}
    assert [link for link in own if not (folder / link).is_file()] == []
    texts = page.locator("blockquote .text").evaluate_all("all => all.map(one => one.textContent)")
    told = json.loads((folder / "answer.json").read_bytes())
    assert texts == [quote["text"] for quote in told["quotes"]]


def test_words_that_are_not_the_speaker_s_are_labelled(small: SmallCollection, tmp_path: Path, page: Page) -> None:
    opened = "Given at Orm.\n\nTin is dear."
    turns = (Turn(0, 13, None, Role.INTRODUCTION), Turn(15, 27, "Bo Lund", Role.REMARKS))
    small.put(a_statement(opened, id="orm", turns=turns))
    folder = unzipped(bundle_of_statements(small.archive, ["briefing-varn", "orm"]), tmp_path)
    page.goto((folder / "index.html").as_uri())
    labels = page.locator(".turn").evaluate_all(
        "all => all.map(one => ['.warning', '.who'].map(part => one.querySelector(part)?.textContent ?? null))"
    )
    question = "Question put to the speaker — not the speaker’s words"
    assert labels == [
        [question, "Asked by somebody the source does not name · Question"],
        [None, "MS. ADLER · Answer"],
        [question, "Asked by somebody the source does not name · Question"],
        [None, "MS. ADLER · Answer"],
        ["Publisher’s introduction — not the speaker’s words", "The publisher · Introduction"],
        [None, "Bo Lund · Remarks"],
    ]


def test_what_would_be_code_is_shown_as_text(small: SmallCollection, tmp_path: Path, page: Page) -> None:
    folder = unzipped(bundle_of_statements(small.archive, ["hostile?x=1#<i>", "letters/1946/brandt"]), tmp_path)
    page.goto((folder / "index.html").as_uri())
    expect(page.get_by_role("heading", level=2).first).to_have_text("<img src=x onerror=alert(1)>")
    texts = page.locator(".script .text").evaluate_all("all => all.map(one => one.textContent)")
    assert texts == [visible(HOSTILE), LETTER]
    assert page.evaluate("window.hacked") is None
    assert page.locator("script, img, iframe, object, embed, link, base, form").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_a_question_that_would_be_code_is_shown_as_text(small: SmallCollection, tmp_path: Path, page: Page) -> None:
    question = "</title><script>window.hacked = 1</script> Kelm bridge?"
    folder = unzipped(bundle_of_question(small.opened(), question, manner=ANYTHING), tmp_path)
    page.goto((folder / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text(question)
    assert page.title() == f"{question} — OnRecord evidence bundle"
    assert page.evaluate("window.hacked") is None


def test_the_original_of_a_web_page_is_shown_as_text_and_never_runs(
    small: SmallCollection, tmp_path: Path, page: Page
) -> None:
    folder = unzipped(bundle_of_statements(small.archive, ["tin"]), tmp_path)
    page.goto((folder / "originals" / f"{digest(PAGE)}.html.txt").as_uri())
    assert page.evaluate("[document.contentType, document.body.textContent]") == ["text/plain", PAGE.decode()]
    assert page.title() == ""


@pytest.mark.parametrize("manner", [ANYTHING, NOTHING])
def test_the_page_is_narrow_enough_for_a_telephone_and_has_the_contrast_of_wcag_aa(
    small: SmallCollection, tmp_path: Path, page: Page, manner: Manner
) -> None:
    folder = unzipped(bundle_of_question(small.opened(), BRIDGE, manner=manner), tmp_path)
    page.goto((folder / "index.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width in (1280, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRASTS) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(CONTRASTS) == []


def test_where_nothing_is_searched_there_is_nothing_near(small: SmallCollection, tmp_path: Path, page: Page) -> None:
    folder = unzipped(bundle_of_question(small.opened(), BRIDGE, filters=Filters(speaker="nobody")), tmp_path)
    files = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert files == ["README.txt", "SHA256SUMS", "answer.json", "index.html", "receipt.json"]
    assert "What came nearest" not in (folder / "README.txt").read_text(encoding="utf-8")
    page.goto((folder / "index.html").as_uri())
    expect(page.locator(".lead")).to_have_text(
        "Nothing found. Of 0 passages searched, none answers the question as far as can be told."
    )


def test_a_passage_cut_from_a_turn_has_its_own_capsule(small: SmallCollection) -> None:
    text = "Zinc is up. Tin is down."
    small.archive_only(a_statement(text, id="zinc"), [Passage(0, 11, 0), Passage(12, 24, 0)])
    made = bundle_of_statements(small.archive, ["zinc"])
    exact = [json.loads(made.files[f"capsules/00{one}.json"])["target"]["selector"][0]["exact"] for one in "12"]
    assert exact == ["Zinc is up.", "Tin is down."]
