"""Pictures of a run: how figures grow with the collection, and how long clients wait."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import Figure
from benchmarks.load import Load
from benchmarks.measure import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OURS, _BASELINE, _GRID = "#1f4e79", "#b0632b", "#dddddd"
_PANELS = (
    ("warm", "", "a warm question, ms"),
    ("memory", "resident", "serving process, resident MB"),
    ("disk", "", "kB on disk a passage, beyond originals"),
    ("rebuild", "", "building the index, s"),
)


def draw(figures: Sequence[Figure], loads: Sequence[Load], folder: Path) -> list[Path]:
    """Write what can be drawn of these figures; which pictures there are now."""
    try:
        import matplotlib as mpl
    except ImportError:
        say("no pictures: matplotlib is not installed")
        return []
    mpl.use("Agg")
    drawn = []
    if any(figure.group == group for figure in figures for group, _, _ in _PANELS):
        drawn.append(_growth(figures, folder / "growth.png"))
    if loads:
        drawn.append(_latencies(loads, folder / "latencies.png"))
    return drawn


def _growth(figures: Sequence[Figure], path: Path) -> Path:
    from matplotlib import pyplot

    picture, panels = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for axes, (group, word, label) in zip(panels.flat, _PANELS, strict=True):
        _panel(axes, [figure for figure in figures if figure.group == group and word in figure.name], label)
    picture.suptitle("As the collection grows")
    picture.savefig(path, dpi=120)
    pyplot.close(picture)
    return path


def _panel(axes: "Axes", figures: Sequence[Figure], label: str) -> None:
    """One figure at every size, with what eight in ten of its rounds were between."""
    points = sorted((figure.size, place, figure) for place, figure in enumerate(figures) if figure.size is not None)
    if not points:
        axes.set_visible(False)
        return
    sizes = [size for size, _, _ in points]
    axes.plot(sizes, [figure.value for _, _, figure in points], "o-", color=_OURS, label="OnRecord")
    low, high = zip(*(figure.spread for _, _, figure in points), strict=True)
    axes.fill_between(sizes, low, high, color=_OURS, alpha=0.15)
    compared = [(size, figure.baseline_value) for size, _, figure in points if figure.baseline_value is not None]
    if compared:
        axes.plot(*zip(*compared, strict=True), "s--", color=_BASELINE, label=points[0][2].against)
        axes.legend(frameon=False)
    axes.set(xlabel="passages", ylabel=label, xscale="log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_ylim(0, 1.1 * max([*high, *(value for _, value in compared)]))
    _tidy(axes)


def _latencies(loads: Sequence[Load], path: Path) -> Path:
    """What share of questions was answered within how long, for each number of clients."""
    from matplotlib import pyplot

    picture, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for clients in sorted({one.clients for one in loads}):
        waits = np.sort([wait * 1000 for one in loads if one.clients == clients for wait in one.latencies])
        if len(waits):
            axes.step(waits, np.arange(1, len(waits) + 1) / len(waits), where="post", label=str(clients))
    axes.set(xlabel="milliseconds", ylabel="share of questions answered within", xscale="log", ylim=(0, 1))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter("{x:,.0f}")
    axes.legend(frameon=False, loc="lower right", title="clients")
    axes.set_title("Waiting for an answer over HTTP")
    _tidy(axes)
    picture.savefig(path, dpi=120)
    pyplot.close(picture)
    return path


def _tidy(axes: "Axes") -> None:
    axes.grid(color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
