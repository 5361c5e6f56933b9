"""The ranking of the paths, beside what the fold changes alone would have said."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pathlore.errors import PathloreError
from pathlore.plot.style import (
    GREY,
    INK,
    SMALL,
    TEXT,
    amount,
    class_colours,
    house_style,
    note,
    readable_path,
    text_width,
)

PLOT_WIDTH = 4.2  # inches, beside the labels
ROW_HEIGHT = 0.24  # inches


def importance_bars(importance: pd.DataFrame, n: int, population: str, control: str, case: str) -> Figure:
    """Draw the importance I_p of the top paths as bars, and the fold-change prior w_p as a diamond.

    A bar's colour is the class in whose training cells the path is more active. Where bars only follow the diamonds,
    the model has added little to the fold changes.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    n
        Number of paths, from the top.
    population, control, case
        Names for the title and the legend.

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
    colours = class_colours(control, case, top["direction"].dropna())
    rows = range(len(top))
    with house_style():
        width = max(map(text_width, labels)) + PLOT_WIDTH
        figure = Figure(figsize=(width, 1.5 + ROW_HEIGHT * len(top)), layout="constrained")
        axes = figure.add_subplot()
        axes.barh(rows, top["importance"], height=0.68, color=[colours.get(c, GREY) for c in top["direction"]])
        beside: Any = {"size": SMALL, "color": GREY}
        axes.plot(top["prior"], rows, "D", ms=4.5, mfc="white", mec=INK, mew=0.9, clip_on=False, zorder=3)
        for row, rank in enumerate(top["prior_rank"]):
            axes.text(1.06, row, f"{rank:.0f}" if rank == rank else "-", ha="center", va="center", **beside)
        axes.text(1.06, -0.75, "prior rank", ha="center", va="bottom", **beside)
        axes.set_yticks(rows, labels, size=TEXT)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("path importance I, and the fold-change prior w")
        shown = [name for name in colours if name in set(top["direction"])]
        handles: list[Patch | Line2D] = [Patch(color=colours[name], label=f"more active in {name}") for name in shown]
        handles.append(Line2D([], [], ls="", marker="D", ms=4.5, mfc="white", mec=INK, label="fold-change prior"))
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        figure.suptitle(
            f"{population}: the top {len(top):,} of {amount(len(importance), 'path')}",
            x=0.01, ha="left", weight="bold", size=11,
        )  # fmt: skip
    return figure
