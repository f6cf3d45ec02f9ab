"""Requests of every kind that /openapi.json allows, and of those that it does not, put to the application in place.

`python -m tests.fuzz.api --cases 20000` goes on until so many were sent, says how they went, and fails when any of
them did. The bounds of every parameter are tried first; then, round by round, what chance gives, right and wrong, and
walks along the links of the description.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from service.web import create_app
from tests.service.small_collection import SmallCollection
from tests.service.web_fixtures import CORRECTED, STATEMENTS, briefing

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control")
"""Those that every response has, whatever was asked."""
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ensure_resource_availability",
    "unsupported_method",
    "allow_header_conformance",
    "only_503_of_the_5xx",
    "described_is_accepted",
    "says_how_browsers_must_treat_it",
    "quotes_stand_in_their_statements",
)
"""What every response is held to."""
_REFUSALS = ("400", "401", "403", "404", "405", "413", "415", "421", "422", "429", "503")
"""How a request that may not be is turned away."""
_SHOWN = 10
_LONGEST = 3_000


def application(folder: Path) -> Flask:
    """The whole application on a small collection of made-up statements, one of them in two versions."""
    collection = SmallCollection(folder).put(*STATEMENTS).put(briefing(CORRECTED))
    app = create_app(collection.opened())
    app.config["ARCHIVE"] = collection.archive
    return app


@dataclass(slots=True)
class Tally:
    """What was sent and what came back."""

    cases: Counter[str] = field(default_factory=Counter)
    """Requests, by operation."""
    statuses: Counter[int] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """What went wrong, each kind once, by what it is, with a way to see it again."""
    errors: list[str] = field(default_factory=list)
    """What kept cases from being made or sent."""

    @property
    def sent(self) -> int:
        """All requests."""
        return self.statuses.total()

    @property
    def server_errors(self) -> int:
        """Responses of 5xx but 503."""
        return sum(count for status, count in self.statuses.items() if status >= 500 and status != 503)

    @property
    def is_clean(self) -> bool:
        """Whether all went well."""
        return not (self.failures or self.errors or self.server_errors)

    def add(self, phase: str, recorder: ScenarioRecorder) -> None:
        """Count what a scenario sent, and keep what failed in it."""
        for name, interaction in recorder.interactions.items():
            case = recorder.cases[name].value
            self.cases[case.operation.label] += 1
            self.phases[phase] += 1
            self.statuses[interaction.response.status_code if interaction.response else 599] += 1
        for name, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info:
                    failure = check.failure_info.failure
                    kind = f"{recorder.cases[name].value.operation.label}: {check.name}: {failure.title}"
                    self.failures.setdefault(kind, f"{failure.message}\n{check.failure_info.code_sample}"[:_LONGEST])

    def told(self) -> str:
        """The figures, a line each."""
        lines = [
            f"operations  {len(self.cases)}",
            f"cases       {self.sent:,} ({', '.join(f'{name} {count:,}' for name, count in self.phases.items())})",
            f"statuses    {', '.join(f'{status}: {count:,}' for status, count in sorted(self.statuses.items()))}",
            f"failures    {len(self.failures)}",
            f"5xx but 503 {self.server_errors}",
            *(f"\n{kind}\n{how}" for kind, how in list(self.failures.items())[:_SHOWN]),
            *(f"\nnot sent: {error}" for error in self.errors[:_SHOWN]),
        ]
        return "\n".join(lines)


def fuzz(
    app: Flask, cases: int, seed: int, *, examples: int = 200, walks: int = 60, bounds: bool = True, only: str = ""
) -> Tally:
    """Rounds of requests, each of another seed, until `cases` were sent; at least one of them.

    The bounds, in which there is no chance, are tried in the first alone, if at all. `examples` are made of each
    operation, right and wrong; `walks` go along the links. `only` is the path of the only operations to try,
    without walks.
    """
    tally = Tally()
    while tally.sent < cases or not tally.sent:
        config = _config(seed, examples, 0 if only else walks, bounds=bounds and not tally.sent)
        whole = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
        schema = whole.include(path=only) if only else whole
        before = tally.sent
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                tally.add(event.phase.value, event.recorder)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                tally.errors.append(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
        if tally.sent == before:
            tally.errors.append(f"no case was sent with the seed {seed}")
            break
        print(f"{tally.sent:,} cases, {len(tally.failures)} failures", file=sys.stderr, flush=True)
        seed += 1
    return tally


def _config(seed: int, examples: int, walks: int, *, bounds: bool) -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "generation": {"mode": "all", "database": "none", "max-examples": examples},
            "phases": {
                "examples": {"enabled": bounds},
                "coverage": {"enabled": bounds, "unexpected-methods": ["DELETE", "PATCH", "PUT", "TRACE"]},
                "stateful": {"enabled": walks > 0, "max-steps": 8, "generation": {"max-examples": walks or 1}},
            },
            "checks": {
                "enabled": False,
                **{name: {"enabled": True} for name in CHECKS},
                "negative_data_rejection": {"enabled": True, "expected-statuses": [*_REFUSALS]},
            },
        }
    )


# What our own checks hold a response to: schemathesis calls them for every case.


@schemathesis.check
def only_503_of_the_5xx(_context: schemathesis.CheckContext, response: schemathesis.Response, _case: Any) -> None:
    """A server that cannot answer now says so with 503; everything else of 5xx is a defect."""
    assert response.status_code < 500 or response.status_code == 503, response.text[:500]


@schemathesis.check
def described_is_accepted(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """No request that the description allows is told that its parameters cannot be used, or that it is not JSON."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code < 400:
        return
    refused = response.json()["type"].removeprefix("/problems/")
    assert refused not in {"invalid-parameters", "malformed-json", "not-json", "bad-request"}, response.text[:500]


@schemathesis.check
def says_how_browsers_must_treat_it(
    _context: schemathesis.CheckContext, response: schemathesis.Response, _case: Any
) -> None:
    """Every response has the headers that keep a browser from obeying what is in it."""
    missing = [name for name in HEADERS if name.lower() not in response.headers]
    assert not missing, f"without {missing}"


@schemathesis.check
def quotes_stand_in_their_statements(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """What is quoted is, character for character, what the archive holds at the place that is cited."""
    if response.status_code != 200 or case.path != "/api/v1/ask":
        return
    archive = case.operation.schema.app.config["ARCHIVE"]
    answer = response.json()
    for quote in answer["quotes"] + answer["misses"]:
        cited = quote["citation"]
        version = archive.version_with_text(cited["statement_id"], cited["text_sha256"])
        held = archive.get(cited["statement_id"], version).statement
        assert held.slice(cited["start"], cited["end"]) == quote["text"], json.dumps(quote)


def main(arguments: Sequence[str] | None = None) -> int:
    """Send the requests, tell the figures, and give the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=20_000, help="how many requests to send, at least")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins; the same seed sends the same")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        tally = fuzz(application(Path(folder)), given.cases, given.seed)
    print(f"{tally.told()}\nseconds     {time.monotonic() - began:.0f}")
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
