"""The ranking of the paths, beside what the fold changes alone would have said."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pathlore.errors import PathloreError
from pathlore.explain.path_changes import direction_label
from pathlore.keys import MIXED
from pathlore.plot.style import (
    GREY,
    INK,
    SMALL,
    TEXT,
    TIP,
    amount,
    class_colours,
    house_style,
    note,
    probability,
    readable_path,
    text_width,
    titled,
)

PLOT_WIDTH = 4.2  # inches, beside the labels
ROW_HEIGHT = 0.24  # inches
COLUMN_WIDTH = 0.78  # inches, of each column beside the prior rank
FALSE_DISCOVERY = 0.05  # a q below it is dark

Column = tuple[str, list[str], list[bool]]
"""Heading, texts and which of them are dark."""


def importance_bars(importance: pd.DataFrame, n: int, population: str, classes: Sequence[str]) -> Figure:
    """Draw the importance I_p of the top paths as bars, and the fold-change prior w_p as a diamond.

    A bar's colour is the class in which the path is more active, grey where its genes disagree. Where bars only follow
    the diamonds, the model has added little to the fold changes. Where there were refits, a dot and a whisker give the
    mean importance over them and one sd to either side, and a column the number of refits with the path in their top
    10; where there was a test over donors, a column gives q, dark below 0.05.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    n
        Number of paths, from the top.
    population
        Name for the title.
    classes
        Names of the classes, the control first.

    Raises
    ------
    PathloreError
        ``n`` is below 1.
    """
    if n < 1:
        raise PathloreError(f"{n} paths to draw, at least 1 is needed: change `interpretation.report.bar_paths`")
    top = importance.sort_values(["rank", "path"]).head(n)
    if top.empty:
        return note(f"{population}: no path was ranked")
    labels = [readable_path(path) for path in top["path"]]
    colours = class_colours(classes)
    rows = range(len(top))
    with house_style():
        columns = _columns(top)
        width = max(map(text_width, labels)) + PLOT_WIDTH + COLUMN_WIDTH * len(columns)
        figure = Figure(figsize=(width, 1.5 + ROW_HEIGHT * len(top)), layout="constrained")
        axes = figure.add_subplot()
        bars = axes.barh(rows, top["importance"], height=0.68, color=[colours.get(c, GREY) for c in top["direction"]])
        for bar, told in zip(bars, _told(top), strict=True):
            bar.set_gid(f"{TIP}{told}")
        beside: Any = {"size": SMALL, "color": GREY}
        axes.plot(top["prior"], rows, "D", ms=4.5, mfc="white", mec=INK, mew=0.9, clip_on=False, zorder=3)
        for row, rank in enumerate(top["prior_rank"]):
            axes.text(1.06, row, f"{rank:.0f}" if rank == rank else "-", ha="center", va="center", **beside)
        axes.text(1.06, -0.75, "prior rank", ha="center", va="bottom", **beside)
        spread = _spread(axes, top)
        for place, (heading, texts, strong) in enumerate(columns, start=1):
            at: Any = {"textcoords": "offset points", "ha": "center", "annotation_clip": False}
            right = place * COLUMN_WIDTH * 72
            axes.annotate(heading, (1.06, -0.75), (right, 0), va="bottom", **at, **beside)
            for row, (text, dark) in enumerate(zip(texts, strong, strict=True)):
                look = beside | ({"color": INK, "weight": "bold"} if dark else {})
                axes.annotate(text, (1.06, row), (right, 0), va="center", **at, **look)
        axes.set_yticks(rows, labels, size=TEXT)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("path importance I, and the fold-change prior w")
        shown = [name for name in [*colours, MIXED] if name in set(top["direction"])]
        handles: list[Patch | Line2D] = [
            Patch(color=colours.get(name, GREY), label=direction_label(name)) for name in shown
        ]
        handles.append(Line2D([], [], ls="", marker="D", ms=4.5, mfc="white", mec=INK, label="fold-change prior"))
        if spread:
            refits = int(top["refits"].max()) if "refits" in top and top["refits"].notna().any() else 0
            over = f" over {amount(refits, 'refit')}" if refits else ""
            handles.append(Line2D([], [], color=INK, lw=1.1, marker="o", ms=3, label=f"mean and one sd{over}"))
        figure.legend(handles=handles, loc="outside lower right", ncols=2 if spread else len(handles))
        titled(figure, f"{population}: the top {len(top):,} of {amount(len(importance), 'path')}")
    return figure


def _told(top: pd.DataFrame) -> list[str]:
    """What a bar says under the pointer, in the report."""
    return [
        f"{row.rank}. {readable_path(row.path)}: importance {row.importance:.3f}, {direction_label(row.direction)}, "
        f"rank by fold change {row.prior_rank:.0f}"
        for row in top.itertuples()
    ]


def _spread(axes: Axes, top: pd.DataFrame) -> bool:
    """A dot at the mean importance over refits, and one sd to either side; says whether there was any."""
    if not {"importance_mean", "importance_sd"} <= set(top):
        return False
    known = (top["importance_mean"].notna() & top["importance_sd"].notna()).to_numpy()
    if not known.any():
        return False
    mean, sd = (top[name].to_numpy(float)[known] for name in ("importance_mean", "importance_sd"))
    rows = np.flatnonzero(known)
    ends = np.clip(mean - sd, 0, 1), np.clip(mean + sd, 0, 1)
    for colour, width in (("white", 3.0), (INK, 1.1)):  # a white rim, to be seen on every bar
        axes.hlines(rows, *ends, color=colour, lw=width, zorder=2.5)
    axes.plot(mean, rows, "o", ms=4, color=INK, mec="white", mew=0.7, clip_on=False, zorder=2.6, gid="mean of refits")
    return True


def _columns(top: pd.DataFrame) -> list[Column]:
    """What stands beside the prior rank: only what the table knows."""
    columns: list[Column] = []
    if "in_top_10" in top and top["in_top_10"].fillna("").any():
        columns.append(("in top 10", list(top["in_top_10"].fillna("-")), [False] * len(top)))
    if "q" in top and top["q"].notna().any():
        columns.append(("q", [probability(q) for q in top["q"]], list(top["q"] < FALSE_DISCOVERY)))
    return columns
