"""How well the receptors of known ligands are found, source by source."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pathlore.plot.style import BLUE, GREY, ORANGE, TEXT, TITLE, house_style, readable_name, text_width

MAIN = "pathlore"
UNIT = "receptor"
BETWEEN = " minus "


def truth_dots(results: pd.DataFrame, unit: str = UNIT) -> Figure:
    """Draw the AUROC of the true receptors: a panel for each source, a row for each scorer, intervals over families.

    Parameters
    ----------
    results
        `pathlore.schemas.RealTruth`; differences are left out.
    unit
        Which rows are drawn.
    """
    table = results[(results["unit"] == unit) & ~results["scorer"].str.contains(BETWEEN, regex=False)]
    sources = list(dict.fromkeys(table["data"]))
    mean = table.groupby("scorer")["auroc"].mean().sort_values(ascending=False)
    order = [MAIN, *(name for name in mean.index if name != MAIN)]
    labels = [readable_name(name) for name in order]
    with house_style():
        width = max(map(text_width, labels)) + 0.5 + 1.7 * len(sources)
        figure = Figure(figsize=(max(width, 5), 1.2 + 0.23 * len(order)), layout="constrained")
        grid = figure.subplots(1, len(sources), sharex=True, sharey=True, squeeze=False)[0]
        for axes, source in zip(grid, sources, strict=True):
            rows = table[table["data"] == source]
            _panel(axes, rows, order)
            n = rows["n"].max()
            title = f"{readable_name(source)}\n({n} ligand{'' if n == 1 else 's'})"
            axes.set_title(title, size=TEXT, weight="bold")
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        grid[len(grid) // 2].set_xlabel("AUROC of the true receptors, 95 % interval over families", size=TEXT)
        figure.suptitle("Receptors of the ligand that was given", x=0.01, ha="left", weight="bold", size=TITLE)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, order: list[str]) -> None:
    axes.axvline(0.5, color=GREY, lw=0.9, ls=":", zorder=0)
    for row in rows.itertuples():
        place = order.index(row.scorer)
        colour = ORANGE if row.scorer == MAIN else BLUE
        if np.isfinite(row.low):
            axes.plot([row.low, row.high], [place, place], color=colour, lw=1.4, zorder=1)
        axes.plot(row.auroc, place, "o", ms=5, color=colour, mec="white", mew=0.6, zorder=3)
        if row.scorer == MAIN:
            axes.axvline(row.auroc, color=ORANGE, lw=0.9, zorder=0)
    axes.set_xlim(0.3, 1.03)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
