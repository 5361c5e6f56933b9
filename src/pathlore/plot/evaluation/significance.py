"""The importance of the top paths beside what permuted labels make of them."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pathlore.errors import PathloreError
from pathlore.plot.style import (
    GREY,
    ORANGE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    amount,
    house_style,
    note,
    readable_path,
    text_width,
)

ROW_HEIGHT = 0.25  # inches


def significance_bars(
    significance: pd.DataFrame, population: str, n: int = 20, false_discovery: float = 0.05
) -> Figure:
    """Draw the top paths: mean importance with one sd over repeats, and the importances under permuted labels.

    Parameters
    ----------
    significance
        `pathlore.schemas.PathSignificance`.
    population
        Which rows.
    n
        Number of paths, from the top.
    false_discovery
        Paths with a q below it are filled.

    Raises
    ------
    PathloreError
        ``n`` is below 1.
    """
    if n < 1:
        raise PathloreError(f"{n} paths to draw, at least 1 is needed")
    table = significance[significance["population"] == population]
    if table.empty:
        return note(f"{population}: no path was ranked")
    top = table.sort_values(["importance", "path"], ascending=[False, True]).head(n)
    labels = [readable_path(path) for path in top["path"]]
    rows = np.arange(len(top))
    permuted = top["null_mean"].notna().any()
    with house_style():
        size = (max(map(text_width, labels)) + 4.6, 1.5 + ROW_HEIGHT * len(top))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        spread = top["null_sd"].fillna(0)
        left = (top["null_mean"] - 2 * spread).clip(lower=0)
        most = max(1.0, top["importance"].max())  # what an importance can be
        right = (top["null_mean"] + 2 * spread).clip(upper=most)
        axes.barh(rows, right - left, left=left, height=0.6, color=PALE)
        axes.plot(top["null_mean"], rows, "|", ms=9, color=GREY, mew=1.2)
        error = top["importance_sd"].fillna(0)
        below, above = error.clip(upper=top["importance"].clip(lower=0)), error.clip(upper=most - top["importance"])
        axes.errorbar(top["importance"], rows, xerr=[below, above], fmt="none", color=ORANGE, lw=1.3)
        found = (top["q"] < false_discovery).to_numpy()
        look: Any = {"ls": "", "marker": "o", "ms": 6, "mec": ORANGE, "mew": 1.1}
        axes.plot(top["importance"][found], rows[found], mfc=ORANGE, **look)
        axes.plot(top["importance"][~found], rows[~found], mfc="white", **look)
        for row, q in enumerate(top["q"]):
            text = "-" if np.isnan(q) else f"{q:.3f}" if q >= 0.001 else "< 0.001"
            axes.annotate(text, (1.02, row), xycoords=("axes fraction", "data"), size=SMALL, color=GREY, va="center")
        axes.annotate("q", (1.02, -0.9), xycoords=("axes fraction", "data"), size=SMALL, color=GREY, va="center")
        axes.set_yticks(rows, labels, size=TEXT)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("path importance I, mean and one sd over repeats")
        handles: list[Line2D | Patch] = [Line2D([], [], mfc=ORANGE, label=f"q < {false_discovery:g}", **look)]
        handles.append(Line2D([], [], mfc="white", label="not below", **look))
        if permuted:
            count = amount(int(top["permutations"].max()), "permutation")
            handles.append(Patch(color=PALE, label=f"labels permuted: mean and two sd ({count})"))
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        figure.suptitle(
            f"{population}: the top {len(top)} of {amount(len(table), 'path')}",
            x=0.01, ha="left", weight="bold", size=TITLE,
        )  # fmt: skip
    return figure
