"""The model beside its baselines, on cells and on donors."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathlore.keys import Method, Split
from pathlore.plot.style import (
    GREY,
    TEXT,
    amount,
    house_style,
    method_colours,
    note,
    readable_name,
    text_width,
    titled,
)

DRAWN = ("auroc", "balanced_accuracy", "mcc")
"""Metrics of which a constant prediction reaches the chance level alone."""

MARKERS = ("o", "s", "|", "^", "v", "P", "X")
CHANCE = {"auroc": 0.5, "balanced_accuracy": 0.5, "mcc": 0.0}


def method_order(methods: Sequence[str]) -> list[str]:
    """The model first, then its baselines, then any other by name.

    Examples
    --------
    >>> method_order(["majority", "another", "pathlore"])
    ['pathlore', 'majority', 'another']
    """
    known = [name for name in Method.ALL if name in set(methods)]
    return known + sorted(set(methods) - set(Method.ALL))


def metrics_dots(metrics: pd.DataFrame, names: Sequence[str] = DRAWN, split: str = Split.TEST) -> Figure:
    """Draw one dot for each method: a row for each population, a panel for each level and metric.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    names
        Metrics to draw, from left to right; those that the table does not hold are left out.
    split
        Which cells were predicted.

    Returns
    -------
    The rows' labels give the number of cells or donors. A value that is not defined (no AUROC for one class) has no
    dot. A dotted line is what guessing reaches.
    """
    table = metrics[(metrics["split"] == split) & metrics["metric"].isin(names)]
    if table.empty:
        return note(f"no {', '.join(map(readable_name, names))} was computed on the {split} split")
    shown = [name for name in names if name in set(table["metric"])]
    methods = method_order(table["method"].unique())
    populations = sorted(table["population"].unique())
    levels = [level for level in ("cell", "donor") if level in set(table["level"])]
    looks = dict(zip(methods, zip(method_colours(methods).values(), cycle(MARKERS), strict=False), strict=True))
    with house_style():
        side = max(text_width(f"{name} (n = 10,000 donors)") for name in populations)
        size = (side + 0.4 + 2.1 * len(shown), 1.1 + len(levels) * (0.55 + 0.34 * len(populations)))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(levels), len(shown), sharex="col", sharey="row", squeeze=False)
        for line, level in zip(grid, levels, strict=True):
            rows = table[table["level"] == level]
            for axes, name in zip(line, shown, strict=True):
                _panel(axes, rows[rows["metric"] == name], name, populations, looks)
            counts = rows.groupby("population")["n"].max()
            labels = [_label(name, int(counts.get(name, 0)), level) for name in populations]
            line[0].set_yticks(range(len(populations)), labels, size=TEXT)
            line[0].set_ylim(len(populations) - 0.4, -0.6)
        for axes, name in zip(grid[0], shown, strict=True):
            axes.set_title(readable_name(name), size=TEXT, weight="bold")
        handles = [
            Line2D([], [], ls="", marker=marker, ms=7, color=colour, mew=2 if marker == "|" else 0.6,
                   label=readable_name(method))
            for method, (colour, marker) in looks.items()
        ]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        titled(figure, f"Held-out {' and '.join(level + 's' for level in levels)} ({split} split)")
    return figure


def _panel(
    axes: Axes, rows: pd.DataFrame, name: str, populations: list[str], looks: dict[str, tuple[str, str]]
) -> None:
    """One metric on one level."""
    if name in CHANCE:
        axes.axvline(CHANCE[name], color=GREY, lw=0.9, ls=":", zorder=0)
    places = {population: i for i, population in enumerate(populations)}
    steps = np.linspace(-1, 1, len(looks)) * min(0.07 * (len(looks) - 1), 0.2)  # equal values stay visible
    for step, (method, (colour, marker)) in zip(steps[::-1], reversed(looks.items()), strict=True):
        own = rows[(rows["method"] == method) & rows["value"].notna()]
        stroke = {"mew": 2.2} if marker == "|" else {"mew": 0.6, "mec": "white"}
        axes.plot(
            own["value"], own["population"].map(places) + step, marker, ms=7, color=colour, label=method, **stroke
        )
    floor = min([CHANCE.get(name, 0.0), *rows["value"].dropna()])
    axes.set_xlim(floor - 0.07, 1.04)
    axes.grid(axis="both")
    axes.tick_params(axis="y", length=0)


def _label(population: str, count: int, level: str) -> str:
    return f"{population} (n = {amount(count, level)})" if count else population
