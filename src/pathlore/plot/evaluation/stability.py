"""How alike repeated rankings are, over seeds and over held-out donors."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathlore.evaluation.scores import shown_scores
from pathlore.plot.evaluation.names import method_name
from pathlore.plot.style import BLUE, ORANGE, TEXT, TITLE, house_style, note, text_width

SHOWN = {
    "spearman": "Spearman correlation",
    "overlap_top_10": "Overlap of the top 10",
    "coefficient_of_variation": "Coefficient of variation",
}
LOOKS = {"seeds": (BLUE, "o", -0.16), "donors": (ORANGE, "s", 0.16)}
SAID = {"seeds": "over seeds (same donors held out)", "donors": "over held-out donors"}


def stability_dots(stability: pd.DataFrame, population: str) -> Figure:
    """Draw how stable each method's scores of the paths are: a panel for each measure, bars of one sd over pairs.

    Of the default all scores are shown, of the other methods the one that they are judged by.

    Parameters
    ----------
    stability
        `pathlore.schemas.EvaluationStability`.
    population
        Which rows.
    """
    table = shown_scores(stability[(stability["population"] == population) & stability["mean"].notna()])
    if table.empty:
        return note(f"{population}: no ranking was repeated")
    names = np.where(table["score"] == "importance", table["variant"], table["variant"] + ", " + table["score"])
    table = table.assign(ranking=names)
    first = table[table["measure"] == "spearman"].groupby("ranking")["mean"].mean().sort_values(ascending=False)
    order = list(dict.fromkeys([*first.index, *table["ranking"]]))
    labels = [method_name(name) for name in order]
    with house_style():
        size = (max(map(text_width, labels)) + 0.4 + 2.2 * len(SHOWN), 1.35 + 0.32 * len(order))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(1, len(SHOWN), sharey=True)
        for axes, (measure, title) in zip(grid, SHOWN.items(), strict=True):
            rows = table[table["measure"] == measure]
            for over, (colour, marker, step) in LOOKS.items():
                own = rows[rows["over"] == over]
                places = own["ranking"].map(order.index) + step
                spread = own["sd"].fillna(0) if measure != "coefficient_of_variation" else own["sd"] * 0
                axes.errorbar(own["mean"], places, xerr=spread, fmt=marker, ms=5, color=colour, mec="white", lw=1.2)
            axes.set_title(title, size=TEXT, weight="bold")
            axes.set_xlim(left=min(0, axes.get_xlim()[0]))
            if measure != "coefficient_of_variation":
                axes.set_xlim(right=1.03)
            axes.grid(axis="x")
            axes.tick_params(axis="y", length=0)
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        handles = [
            Line2D([], [], ls="", marker=marker, ms=5, color=colour, label=f"{SAID[over]}, {_pairs(pairs)} at most")
            for over, (colour, marker, _) in LOOKS.items()
            if (pairs := table.loc[table["over"] == over, "pairs"].max()) == pairs
        ]
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        figure.suptitle(f"{population}: how alike repeated rankings are", x=0.01, ha="left", weight="bold", size=TITLE)
    return figure


def _pairs(number: int) -> str:
    return f"{number} pair{'' if number == 1 else 's'}"
