"""The table of the security standard leaves no item out, and every test that it names is there."""

import ast
import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import docx
import pytest

from corpus.errors import OnRecordError
from corpus.readers import read
from corpus.readers.draft import Draft

ROOT = Path(__file__).parent.parent
PACKAGES = ("corpus", "embeddings", "service")
PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
POLICY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ITEMS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
"""How many items of levels 1 and 2 each section of ASVS 5.0.0 has: in every section, those of level 3 come last."""


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first two lines."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def listed(cell: str) -> list[str]:
    """The items that a cell lists, `3.3.1-3.3.4` being four."""
    found = []
    for given in cell.split(", "):
        first, _, last = given.partition("-")
        section, _, number = first.rpartition(".")
        end = int(last.rpartition(".")[2]) if last else int(number)
        found += [f"{section}.{count}" for count in range(int(number), end + 1)]
    return found


def named_tests() -> list[str]:
    return sorted({test for *_, cell in rows("Met") for test in cell.split(", ")})


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.FunctionDef)}


def test_every_item_of_levels_1_and_2_stands_in_one_table_once() -> None:
    tables = ("Met", "Left to whoever runs a server", "Not met", "Does not apply")
    found = Counter(item for heading in tables for row in rows(heading) for item in listed(row[0]))

    assert sum(ITEMS.values()) == 253
    assert found == Counter(f"{section}.{number + 1}" for section, count in ITEMS.items() for number in range(count))


def test_every_row_says_what_is_asked_how_it_is_met_and_what_holds_it() -> None:
    assert [row for row in rows("Met") if len(row) != 4 or not all(row)] == []
    assert [row for row in rows("Not met") + rows("Does not apply") if len(row) != 2 or not all(row)] == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", row[0]) for row in rows("Met"))


@pytest.mark.parametrize("test", named_tests())
def test_a_test_that_is_named_is_there(test: str) -> None:
    path, _, name = test.partition("::")

    assert (ROOT / path).exists()
    assert not name or name in functions(ROOT / path)
    assert name.startswith("test_") or (ROOT / path).is_dir() or any(map(is_test, functions(ROOT / path)))


def is_test(name: str) -> bool:
    return name.startswith("test_")


@pytest.mark.parametrize(("cell", "items"), [("1.2.6", ["1.2.6"]), ("3.3.1-3.3.3", ["3.3.1", "3.3.2", "3.3.3"])])
def test_a_range_lists_all_between_its_ends(cell: str, items: list[str]) -> None:
    assert listed(cell) == items


def test_the_security_policy_says_what_it_has_to() -> None:
    headings = re.findall(r"^## (.+)$", POLICY, re.MULTILINE)

    assert headings == [
        "Versions", "Report a weakness", "What is protected, and from whom", "Who may do what", "Limits",
        "What is kept, logged and sent", "Cryptography", "Dependencies", "What is not defended",
    ]  # fmt: skip
    assert "within 7 days" in POLICY
    assert {"questions", "drafts", "keys"} <= set(re.findall(r"\w+", POLICY))


def test_every_test_that_the_security_policy_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?/?)(?:::(\w+))?`", POLICY)

    assert len(named) >= 8
    assert [(path, name) for path, name in named if not (ROOT / path).exists()] == []
    assert [name for path, name in named if name and name not in functions(ROOT / path)] == []


def test_the_security_policy_invents_no_address() -> None:
    assert re.findall(r"[\w.]+@[\w.]+|mailto:", POLICY) == []


SOURCES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}


def holding(pattern: str) -> set[str]:
    """The sources in which the pattern is found."""
    return {path for path, source in SOURCES.items() if re.search(pattern, source, re.MULTILINE)}


def test_no_cryptography_is_our_own_or_weak() -> None:
    assert holding(r"\b(md5|sha1|sha224|crypt|Crypto|cryptography)\b") == set()
    assert holding(r"\bblake2b\b") == {"corpus/columns.py"}  # it numbers families of equal words, and protects nothing
    assert holding(r"^(import random|from random)\b") == {"service/calibration.py"}  # which passages are tried


def test_nothing_redirects() -> None:
    assert holding(r"\bredirect\(|\bLocation\b") == set()


def test_nothing_is_kept_in_a_browser() -> None:
    script = (ROOT / "service" / "web" / "static" / "onrecord.js").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "service").rglob("*.py")]

    assert re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie", script) == []
    assert [
        word for source in sources for word in re.findall(r"set_cookie|flask\.session|import session", source)
    ] == []


ENTITY = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY outside SYSTEM "file://{secret}">]>'


def test_an_external_entity_in_a_document_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("never to be quoted", encoding="utf-8")
    plain, hostile = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_paragraph("The harbour of Kelm opens on Monday. MARK")
    document.save(plain)
    with zipfile.ZipFile(plain) as held, zipfile.ZipFile(hostile, "w") as made:
        for name in held.namelist():
            part = held.read(name)
            if name == "word/document.xml":
                body = part.decode().partition("?>")[2].replace("MARK", "&outside;")
                part = (ENTITY.format(secret=tmp_path / "secret") + body).encode()
            made.writestr(name, part)

    try:
        found = list(read(hostile.getvalue(), "letter.docx"))
    except OnRecordError:
        found = []

    assert "never to be quoted" not in repr(found)
    assert not any(isinstance(one, Draft) and "never" in one.text for one in found)
