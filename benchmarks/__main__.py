"""`python -m benchmarks`: what asking and ingesting cost beside the bare encoder, on this machine, in this run."""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from service.answering import Collection
from service.config import Config
from service.ingest import Ingester
from service.wiring import collection, ingester

ROUNDS = 5
SAMPLES = Path(__file__).parent.parent / "samples"
QUESTION = "How far did the bridge deck sink in the loading tests?"
BASELINE_IMPORT = "import sentence_transformers"


class Silent:
    """A progress that is not shown."""

    def reading(self, done: int, total: int) -> None:
        """Nothing."""

    def statement(self) -> None:
        """Nothing."""

    def encoding(self, done: int, total: int) -> None:
        """Nothing."""

    def indexing(self) -> None:
        """Nothing."""


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """How long each of `rounds` runs of `work` took."""
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return taken


def process(*arguments: str) -> Callable[[], object]:
    """A whole process of this Python."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def row(name: str, ours: list[float], baseline: list[float], against: str) -> dict[str, object]:
    """A line of the table: medians in seconds, their ratio, and the spread of ours."""
    return {
        "figure": name,
        "against": against,
        "seconds": median(ours),
        "from": min(ours),
        "to": max(ours),
        "baseline_seconds": median(baseline),
        "ratio": median(ours) / median(baseline),
    }


def ingest_of_samples(config: Config) -> dict[str, object]:
    """Reading, cutting, archiving, encoding and indexing, beside encoding the same passages alone."""
    texts: list[str] = []

    def ingest() -> None:
        with tempfile.TemporaryDirectory() as folder, ingester(Config(Path(folder)), Silent(), "ingest") as fresh:
            warm(fresh)
            started = perf_counter()
            fresh.ingest([str(SAMPLES / "statements")])
            taken.append(perf_counter() - started)

    taken: list[float] = []
    for _ in range(ROUNDS):
        ingest()
    with collection(config, Silent()) as opened:
        texts = [passage.text for passage in opened.archive.searchable()]
        opened.encoder.encode_passages(texts)
        alone = seconds(lambda: opened.encoder.encode_passages(texts))
    return row(f"ingest of {len(texts)} passages", taken, alone, "encoding them alone")


def warm(fresh: Ingester) -> None:
    """Load the model before the clock starts."""
    fresh.encoder.encode_questions(["warm"])


def asking(opened: Collection) -> dict[str, object]:
    """A question to an open collection, beside encoding it alone."""
    opened.ask(QUESTION)
    ours = seconds(lambda: opened.ask(QUESTION), 20 * ROUNDS)
    return row(
        "warm ask", ours, seconds(lambda: opened.encoder.encode_questions([QUESTION]), 20 * ROUNDS), "encoding it"
    )


def main() -> None:
    """Print the table, and the same as JSON on the last line."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(Path(folder))
        with ingester(config, Silent(), "ingest") as work:
            work.ingest([str(SAMPLES / "statements")])
        ask = ("-m", "service.cli", "ask", "--data", folder, QUESTION)
        rows = [
            row(
                "onrecord --help",
                seconds(process("-m", "service.cli", "--help")),
                seconds(process("-c", "pass")),
                "python -c pass",
            ),
            row("cold onrecord ask", seconds(process(*ask)), seconds(process("-c", BASELINE_IMPORT)), BASELINE_IMPORT),
            ingest_of_samples(config),
        ]
        with collection(config, Silent()) as opened:
            rows.append(asking(opened))
    for line in rows:
        sys.stdout.write(
            f"{line['figure']:<28} {line['seconds']:8.3f} s ({line['from']:.3f}–{line['to']:.3f})  "
            f"{line['ratio']:6.2f} × {line['against']}\n"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{'peak memory of this process':<28} {peak:8,} MB\n")
    sys.stdout.write(json.dumps({"rows": rows, "peak_mb": peak}) + "\n")


if __name__ == "__main__":
    main()
