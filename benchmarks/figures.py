"""What a figure is: what was measured, beside what, the bar set for it, and whether the bar is met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Literal

COLUMNS = ("figure", "ours", "spread", "baseline", "ratio", "bar", "met")


@dataclass(frozen=True, slots=True)
class Bar:
    """How much our value, or its ratio to the baseline, may be; or has to be, where more is better."""

    of: Literal["value", "ratio"]
    limit: float
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    >>> quick = Figure("help", "onrecord --help", "s", (0.2, 0.1, 0.3), (0.1, 0.1), "pass", (Bar("ratio", 1.5),))
    >>> quick.value, quick.ratio, quick.is_met
    (0.2, 2.0, False)
    """

    group: str
    """The name that `--only` knows it by."""
    name: str
    unit: str
    ours: tuple[float, ...]
    """One number a round or a question, at least one."""
    baseline: tuple[float, ...] = ()
    """The same of what we are compared with, measured in the same run."""
    against: str = ""
    """What the baseline is."""
    bars: tuple[Bar, ...] = ()
    """All of them have to be met; none: the figure is only reported."""
    note: str = ""
    size: int | None = None
    """Passages in the collection, where the figure belongs to one."""
    middle: Literal["median", "mean"] = "median"
    """A recall is a mean over questions: its median would be 1 long before it is good."""

    @property
    def value(self) -> float:
        """Our median, or mean."""
        return self._middle(self.ours)

    @property
    def spread(self) -> tuple[float, float]:
        """Between which values eight in ten of ours lie: the 10th and the 90th percentile."""
        return percentile(self.ours, 10), percentile(self.ours, 90)

    @property
    def baseline_value(self) -> float | None:
        """The baseline's median, or mean."""
        return self._middle(self.baseline) if self.baseline else None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the baseline's."""
        return self.value / self.baseline_value if self.baseline_value else None

    @property
    def is_met(self) -> bool | None:
        """Whether every bar is met; `None` where none is set. A ratio that could not be measured is not met."""
        return all(self._meets(bar) for bar in self.bars) if self.bars else None

    def as_json(self) -> dict[str, Any]:
        """All of it, every single number included."""
        return {
            "group": self.group,
            "figure": self.name,
            "size": self.size,
            "unit": self.unit,
            "middle": self.middle,
            "value": self.value,
            "spread": self.spread,
            "baseline": self.baseline_value,
            "against": self.against,
            "ratio": self.ratio,
            "bars": [{"of": bar.of, "limit": bar.limit, "at_least": bar.at_least} for bar in self.bars],
            "met": self.is_met,
            "note": self.note,
            "ours": self.ours,
            "baselines": self.baseline,
        }

    def cells(self) -> tuple[str, ...]:
        """Its line of the table, in the order of `COLUMNS`."""
        low, high = self.spread
        against = f"{shown(self.baseline_value)} {self.unit} ({self.against})" if self.baseline_value else "–"
        return (
            self.name,
            f"{shown(self.value)} {self.unit}",
            f"{shown(low)}–{shown(high)}",
            against,
            f"{shown(self.ratio)} ×" if self.ratio is not None else "–",
            " and ".join(self._said(bar) for bar in self.bars) or "–",
            {True: "met", False: "MISSED", None: "–"}[self.is_met],
        )

    def _middle(self, values: Sequence[float]) -> float:
        return fmean(values) if self.middle == "mean" else median(values)

    def _meets(self, bar: Bar) -> bool:
        value = self.ratio if bar.of == "ratio" else self.value
        if value is None:
            return False
        return value >= bar.limit if bar.at_least else value <= bar.limit

    def _said(self, bar: Bar) -> str:
        unit = "×" if bar.of == "ratio" else self.unit
        return f"{'≥' if bar.at_least else '≤'} {shown(bar.limit)} {unit}"


def bars_for(size: int, of: Literal["value", "ratio"], limits: Mapping[int, float]) -> tuple[Bar, ...]:
    """The bar of the smallest size in `limits` that is no smaller than `size`; none beyond the largest.

    >>> bars_for(12_000, "ratio", {100_000: 1.5, 1_000_000: 3.0})
    (Bar(of='ratio', limit=1.5, at_least=False),)
    """
    fitting = min((known for known in limits if known >= size), default=None)
    return () if fitting is None else (Bar(of, limits[fitting]),)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` in a hundred lie, between two values in proportion, as numpy's default.

    >>> percentile([10.0, 20.0, 30.0, 40.0, 50.0], 90)
    46.0
    """
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def shown(number: float | None) -> str:
    """A number with three digits that count.

    >>> shown(0.12345), shown(12.345), shown(1234.5), shown(0.0), shown(None)
    ('0.123', '12.3', '1,234', '0', '–')
    """
    if number is None:
        return "–"
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def as_text(figures: Iterable[Figure]) -> str:
    """The table for a terminal, each note below its line."""
    figures = list(figures)
    lines = [COLUMNS, *(figure.cells() for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    notes = ["", *(f"    {figure.note}" if figure.note else "" for figure in figures)]
    return "\n".join(part for both in zip(padded, notes, strict=True) for part in both if part)


def as_markdown(figures: Iterable[Figure]) -> str:
    """The table for a README or a report, the notes below it."""
    figures = list(figures)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(figure.cells() for figure in figures)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "\n".join(f"- {figure.name}: {figure.note}" for figure in figures if figure.note)
    return f"{table}\n\n{notes}\n" if notes else f"{table}\n"
