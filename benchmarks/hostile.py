"""`python -m benchmarks.hostile`: what each kind of hostile file costs to be read, and what becomes of it."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from corpus.errors import OnRecordError
from corpus.readers import confined
from service.ingest import Report, _files
from tests.hostile.kinds import KINDS, written
from tests.hostile.measured import measured


def main() -> int:
    """Print a line for each kind; 1 when one takes more than 5 seconds of computing or 500 MB."""
    over = 0
    sys.stdout.write("| kind | seconds of computing | seconds | MB | outcome |\n|---|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in KINDS:
            place = Path(folder, "papers")
            (path,) = written(place, [name])
            with measured() as cost:
                outcome = _outcome(place)
            over += cost.computing > 5 or cost.megabytes > 500
            shown = name.encode("unicode_escape", "backslashreplace").decode()
            figures = f"{cost.computing:.2f} | {cost.seconds:.2f} | {cost.megabytes:.0f}"
            sys.stdout.write(f"| {shown} | {figures} | {outcome} |\n")
            sys.stdout.flush()
            place.rename(Path(folder, f"done-{path.name}"))
    sys.stdout.write(f"{len(KINDS)} kinds, {over} over 5 s or 500 MB\n")
    return int(over > 0)


def _outcome(folder: Path) -> str:
    report = Report()
    said: Counter[str] = Counter()
    for file in _files([str(folder)], report):
        try:
            with file.opened() as opened:
                for one in confined.read(opened, file.reads_as):
                    said["lines refused" if isinstance(one, OnRecordError) else "read"] += 1
        except OnRecordError as error:
            said[error.cause] += 1
    said.update(skipped.reason for skipped in report.skipped)
    return "; ".join(f"{what} ({count})" if count > 1 else what for what, count in said.items()) or "nothing to read"


if __name__ == "__main__":
    sys.exit(main())
