"""Strips over donors: the activity of the first paths, and the scores of the first receptors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pathlore.plot.donor_heatmap import DEFAULT_SIGN_MODEL, donor_table
from pathlore.plot.style import (
    GREY,
    PALE,
    SMALL,
    TITLE,
    class_colours,
    house_style,
    note,
    probability,
    readable_path,
    shortened,
)

ROW, FIELD, SIDE, BETWEEN = 0.36, 2.9, 2.6, 0.5  # inches


def donor_strips(
    activity: pd.DataFrame,
    tests: pd.DataFrame,
    importance: pd.DataFrame,
    receptors: pd.DataFrame,
    n: int,
    population: str,
    classes: Sequence[str],
) -> Figure:
    """Draw a point for each donor and class: one row for each of the first paths, and one for each receptor.

    Parameters
    ----------
    activity
        `pathlore.schemas.PathActivityByDonor`.
    tests
        `pathlore.schemas.DonorTests`; may be empty.
    importance
        `pathlore.schemas.PathImportance`, for the order.
    receptors
        `pathlore.schemas.ReceptorScoresByDonor`; may be empty.
    n
        Number of paths, from the top.
    population
        Name for the title.
    classes
        Names of the classes, the control first.
    """
    table = donor_table(activity, tests, importance, n, classes)
    if table.columns.empty:
        return note(f"{population}: no donor with enough cells, no activity by donor")
    left = []
    for path, model, q in zip(table.paths["path"], table.paths["sign_model"], table.paths["q"], strict=True):
        own = activity[activity["path"] == path]
        told = "" if q != q else f"q {probability(q)}"
        left.append((readable_path(path), own.assign(value=own[model or DEFAULT_SIGN_MODEL]), told))
    right = [(str(name), own.assign(value=own["score"]), "") for name, own in receptors.groupby("receptor", sort=False)]
    rows = max(len(left), len(right))
    width = SIDE + FIELD + BETWEEN + (1.1 + FIELD if right else 0) + 0.4
    height = rows * ROW + 1.5
    with house_style():
        figure = Figure(figsize=(width, height))
        title = f"{population}: {table.columns['donor'].nunique()} donors"
        figure.text(0.15 / width, 1 - 0.12 / height, title, size=TITLE, weight="bold", va="top")
        top = height - 0.75
        axes = figure.add_axes(
            (SIDE / width, (top - ROW * len(left)) / height, FIELD / width, ROW * len(left) / height)
        )
        _strips(axes, left, classes, SIDE - 0.3, "Path activity, mean z over donors")
        if right:
            start = SIDE + FIELD + BETWEEN + 1.1
            bottom = (top - ROW * len(right)) / height
            axes = figure.add_axes((start / width, bottom, FIELD / width, ROW * len(right) / height))
            _strips(axes, right, classes, 1.0, "Receptor score, sd over receptors")
        colours = class_colours(classes)
        for place, name in enumerate(classes):
            at = (SIDE + place * 1.5) / width
            figure.text(at, 0.12 / height, f"● {name}", color=colours[name], size=SMALL, va="bottom")
    return figure


def _strips(
    axes: Axes, rows: list[tuple[str, pd.DataFrame, str]], classes: Sequence[str], room: float, title: str
) -> None:
    """A row for each, within it a lane for each class; the bar is the median."""
    colours = class_colours(classes)
    lanes = np.linspace(-0.24, 0.24, len(classes)) if len(classes) > 1 else np.zeros(1)
    for place, (_, table, told) in enumerate(rows):
        for lane, name in zip(lanes, classes, strict=True):
            values = table.loc[table["condition"] == name, "value"].to_numpy(dtype=float)
            if not len(values):
                continue
            axes.scatter(
                values, np.full(len(values), place + lane), s=16, color=colours[name], alpha=0.75, lw=0, zorder=3
            )
            middle = float(np.median(values))
            axes.plot([middle, middle], [place + lane - 0.13, place + lane + 0.13], color=colours[name], lw=2, zorder=4)
        if told:
            at: Any = {"xycoords": ("axes fraction", "data"), "xytext": (3, 0), "textcoords": "offset points"}
            axes.annotate(told, (1, place), va="center", size=SMALL - 1, color=GREY, annotation_clip=False, **at)
    axes.axvline(0, color=GREY, lw=0.6, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [shortened(name, room, SMALL) for name, *_ in rows], size=SMALL)
    axes.hlines(np.arange(len(rows) - 1) + 0.5, *axes.get_xlim(), color=PALE, lw=0.6, zorder=0)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, size=SMALL, pad=6)
