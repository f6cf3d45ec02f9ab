"""What is installed to run OnRecord, as a bill of materials (CycloneDX 1.6): `python -m tests.supply FILE`."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
_IN_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}
"""Licences that a package's metadata gives in words alone, which no tool takes for what they are."""


def needed(requirements: Iterable[str]) -> set[str]:
    """The names of all that is installed because of `requirements`, these and theirs."""
    waiting, seen = [Requirement(line) for line in requirements], set()
    while waiting:
        wanted = waiting.pop()
        known = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if known in seen or not _applies(wanted, ""):
            continue
        seen.add(known)
        for line in distribution(wanted.name).requires or ():
            inner = Requirement(line)
            if any(_applies(inner, extra) for extra in ("", *wanted.extras)):
                inner.marker = None
                waiting.append(inner)
    return {name for name, _ in seen}


def runtime() -> set[str]:
    """What is installed to run OnRecord: no test tools, no benchmarks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return needed(project["dependencies"])


def sbom() -> dict[str, Any]:
    """The bill of materials of what is installed to run OnRecord."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml")]
    options = ["--spec-version", "1.6", "--output-reproducible", "--no-validate", "--output-file", "-", sys.executable]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    return _only(json.loads(done.stdout), runtime())


def _only(bill: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The bill with the components called `names` alone."""
    kept = [part for part in bill["components"] if canonicalize_name(part["name"]) in names]
    refs = {part["bom-ref"] for part in kept} | {bill["metadata"]["component"]["bom-ref"]}
    for part in kept:
        said = distribution(part["name"]).metadata.get_all("License") or [""]
        if not part.get("licenses") and said[0] in _IN_WORDS:
            part["licenses"] = [{"expression": _IN_WORDS[said[0]]}]
    tree = [
        node | {"dependsOn": [ref for ref in node.get("dependsOn", []) if ref in refs]}
        for node in bill["dependencies"]
        if node["ref"] in refs
    ]
    return bill | {"components": kept, "dependencies": tree}


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sbom(), indent=2, ensure_ascii=False), encoding="utf-8")
