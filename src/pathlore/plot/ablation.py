"""Whether the paths that the model calls important are those that it needs."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from pathlore.explain.significance import spearman
from pathlore.plot.labels import label_points
from pathlore.plot.style import BLUE, GREY, SMALL, TITLE, amount, house_style, note, readable_path

LABELLED = 6  # paths
RADIUS = 2.6  # points


def ablation_dots(ablation: pd.DataFrame, population: str) -> Figure:
    """Draw the increase of the held-out loss without each path against its importance.

    Parameters
    ----------
    ablation
        `pathlore.schemas.Ablation`.
    population
        Name for the title.
    """
    table = ablation.dropna(subset=["importance", "loss_increase"])
    if table.empty:
        return note(f"{population}: no path was taken away")
    correlation = spearman(table["importance"], table["loss_increase"])
    table = table.sort_values(["loss_increase", "path"], ascending=[False, True])
    points = table[["importance", "loss_increase"]].to_numpy(float) * [1.0, 1000.0]
    with house_style():
        figure = Figure(figsize=(6.2, 4.6))
        axes = figure.add_axes((0.13, 0.12, 0.84, 0.73))
        axes.axhline(0, color=GREY, lw=0.9, ls=":", zorder=1)
        axes.plot(*points.T, "o", ms=2 * RADIUS, color=BLUE, mec="white", mew=0.5, alpha=0.85, zorder=3)
        low, high = min(points[:, 1].min(), 0.0), max(points[:, 1].max(), 0.0)
        room = (high - low or 1.0) * 0.12
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(low - room, high + room)
        axes.grid()
        axes.set_xlabel("path importance I")
        axes.set_ylabel("increase of the held-out log loss\nwithout the path (0.001 nats)")
        top = table.sort_values(["importance", "path"], ascending=[False, True]).head(LABELLED // 2)["path"]
        named = dict.fromkeys([*table["path"].head(LABELLED // 2), *top])
        order = np.array([*(list(table["path"]).index(path) for path in named)])
        rest = np.setdiff1d(np.arange(len(table)), order)
        texts = [readable_path(path) for path in named] + [""] * len(rest)
        label_points(axes, points[np.concatenate([order, rest]).astype(int)], texts, [RADIUS] * len(table))
        figure.text(0.02, 0.955, f"{population}: importance and need", weight="bold", size=TITLE, va="center")
        rho = "not defined" if np.isnan(correlation) else f"{correlation:.2f}"
        told = f"Spearman's rho {rho} over {amount(len(table), 'path')}"
        figure.text(0.02, 0.9, told, size=SMALL, color=GREY, va="center")
    return figure
