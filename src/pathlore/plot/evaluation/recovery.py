"""How well each ranking finds the planted paths, scenario by scenario."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathlore.evaluation.recovery import ONE_COHORT
from pathlore.evaluation.scores import shown_scores
from pathlore.keys import Method
from pathlore.plot.evaluation.names import method_name
from pathlore.plot.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    TEXT,
    TITLE,
    house_style,
    note,
    readable_name,
    text_width,
)

CHANCE = {"auroc": 0.5}
TITLES = {"auroc": "AUROC", "aupr": "Average precision", "precision_at_10": "Precision at 10"}


def recovery_dots(
    summary: pd.DataFrame, recoveries: pd.DataFrame, metric: str = "auroc", reference: str = Method.MODEL
) -> Figure:
    """Draw the recovery of planted paths: a panel for each scenario, a row for each ranking, a dot for each simulation.

    Parameters
    ----------
    summary
        `pathlore.schemas.Recovery`.
    recoveries
        `pathlore.evaluation.recovery.recoveries`: the single simulations.
    metric
        auroc, aupr or precision_at_10.
    reference
        The default model; a line stands at its mean. Of it all scores are shown, of the others the one that they are
        judged by.
    """
    table = shown_scores(summary[summary["metric"] == metric], reference)
    if table.empty:
        return note("no ranking was judged against planted paths")
    single = recoveries[(recoveries["metric"] == metric)]
    table, single = (part.assign(ranking=_ranking(part)) for part in (table, single))
    scenarios = list(dict.fromkeys(table["scenario"]))
    order = table[table["scenario"] == scenarios[0]].sort_values("mean", ascending=False)["ranking"]
    order = list(dict.fromkeys([*order, *table["ranking"]]))
    labels = [method_name(name) for name in order]
    with house_style():
        width = max(map(text_width, labels)) + 0.5 + 1.75 * len(scenarios)
        figure = Figure(figsize=(max(width, 5), 1.35 + 0.23 * len(order)), layout="constrained")
        grid = figure.subplots(1, len(scenarios), sharex=True, sharey=True, squeeze=False)[0]
        for axes, scenario in zip(grid, scenarios, strict=True):
            rows = table[table["scenario"] == scenario]
            _panel(axes, rows, single[single["scenario"] == scenario], order, reference)
            name = "One cohort" if scenario == ONE_COHORT else readable_name(scenario)
            sizes = dict.fromkeys((rows["n"].min(), rows["n"].max()))
            axes.set_title(f"{name} (n = {' to '.join(map(str, sizes))})", size=TEXT, weight="bold")
            if metric in CHANCE:
                axes.axvline(CHANCE[metric], color=GREY, lw=0.9, ls=":", zorder=0)
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        grid[len(grid) // 2].set_xlabel(f"{TITLES[metric]} of the planted paths", size=TEXT)
        handles = [
            Line2D([], [], ls="", marker="o", ms=6, color=ORANGE, label="the default model, mean"),
            Line2D([], [], ls="", marker="o", ms=6, color=BLUE, label="another ranking, mean"),
            Line2D([], [], ls="", marker="o", ms=3, mfc=PALE, mec=GREY, mew=0.5, label=_single(scenarios)),
        ]
        if table["low"].notna().any():
            handles.append(Line2D([], [], color=GREY, lw=1.4, label="95 % interval"))
        figure.legend(handles=handles, loc="outside lower right", ncols=2 if len(scenarios) < 3 else 4)
        figure.suptitle("Planted paths found", x=0.01, ha="left", weight="bold", size=TITLE)
    return figure


def _single(scenarios: list[str]) -> str:
    """What one dot is."""
    if ONE_COHORT not in scenarios:
        return "one simulation"
    return "one repeat" if len(scenarios) == 1 else "one simulation or repeat"


def _ranking(table: pd.DataFrame) -> np.ndarray:
    """Name of a method's score; that by which it is judged by default goes without."""
    other = table["score"] != "importance"
    return np.where(other, table["variant"] + ", " + table["score"].str.replace("_", " "), table["variant"])


def _panel(axes: Axes, rows: pd.DataFrame, single: pd.DataFrame, order: list[str], reference: str) -> None:
    for row in rows.itertuples():
        place = order.index(row.ranking)
        colour = ORANGE if row.ranking == reference else BLUE
        values = single.loc[single["ranking"] == row.ranking, "value"]
        axes.plot(values, [place] * len(values), "o", ms=3, mfc=PALE, mec=GREY, mew=0.5, zorder=2)
        if np.isfinite(row.low):
            axes.plot([max(row.low, 0), min(row.high, 1)], [place, place], color=colour, lw=1.4, zorder=1)
        axes.plot(row.mean, place, "o", ms=6, color=colour, mec="white", mew=0.6, zorder=3)
        if row.ranking == reference:
            axes.axvline(row.mean, color=ORANGE, lw=0.9, zorder=0)
    axes.set_xlim(right=1.03)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
