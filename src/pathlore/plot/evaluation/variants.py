"""Every method beside the default model, with its repeats and its interval."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathlore.evaluation.summary import common_repeats
from pathlore.keys import Method
from pathlore.plot.evaluation.names import method_name
from pathlore.plot.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    house_style,
    note,
    readable_name,
    text_width,
)

ROW = 0.22  # inches
GAP = 0.8  # rows between groups
COLOURS = {"model": ORANGE, "ablation": BLUE, "baseline": GREEN, "null": GREY}


def variant_dots(
    summary: pd.DataFrame,
    runs: pd.DataFrame,
    population: str,
    metric: str = "auroc",
    level: str = "cell",
    reference: str = Method.MODEL,
) -> Figure:
    """Draw a figure of each method: its mean over repeats, each repeat, and the 95 % interval where there is one.

    Parameters
    ----------
    summary
        `pathlore.schemas.EvaluationSummary`.
    runs
        `pathlore.schemas.EvaluationRuns`, for the repeats that are in the means.
    population, metric, level
        Which rows; simulated scenarios are left out.
    reference
        The default model; a line stands at its mean.

    Returns
    -------
    The default first, then the baselines, then the variants by what they change, then nulls.
    """
    wanted = (summary["population"] == population) & (summary["metric"] == metric) & (summary["level"] == level)
    table = summary[wanted & summary["scenario"].isna()]
    if table.empty:
        return note(f"{population}: no {readable_name(metric)} on level {level}")
    single = runs[(runs["population"] == population) & (runs["metric"] == metric) & (runs["level"] == level)]
    single = common_repeats(single[(single["split"] == "test") & single["scenario"].isna()].assign(scenario=""))
    groups = _groups(table, reference)
    names = {row.variant: f"{method_name(row.variant)} ({row.n})" for row in table.itertuples()}
    places, place = {}, 0.0
    for _, rows in groups:
        for name in rows["variant"]:
            places[name] = place
            place += 1
        place += GAP
    with house_style():
        width = max(text_width(name) for name in names.values()) + 4.6
        figure = Figure(figsize=(width, 1.3 + ROW * place), layout="constrained")
        axes = figure.add_subplot()
        default = table.loc[table["variant"] == reference, "mean"]
        if len(default):
            axes.axvline(default.iloc[0], color=ORANGE, lw=0.9, zorder=0)
        if metric in {"auroc", "balanced_accuracy"}:
            axes.axvline(0.5, color=GREY, lw=0.9, ls=":", zorder=0)
        for title, rows in groups:
            top = places[rows["variant"].iloc[0]]
            axes.text(1.01, top, title, transform=axes.get_yaxis_transform(), size=SMALL, color=GREY, va="center")
            for row in rows.itertuples():
                _method(axes, row, single.loc[single["variant"] == row.variant, "value"], places[row.variant])
        axes.set_yticks(list(places.values()), [names[name] for name in places], size=TEXT)
        axes.set_ylim(place - GAP - 0.3, -0.7)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        unit = {"cell": "test cells", "donor": "test donors", "cell_within_type": "test cells within type"}
        axes.set_xlabel(f"{readable_name(metric)}, {unit.get(level, level)} (number of repeats in brackets)")
        figure.legend(handles=_legend(table), loc="outside lower right", ncols=3)
        figure.suptitle(f"{population}: every method on the same splits", x=0.01, ha="left", weight="bold", size=TITLE)
    return figure


def _groups(table: pd.DataFrame, reference: str) -> list[tuple[str, pd.DataFrame]]:
    """Rows by axis; baselines from the best to the worst, all others in the order of the table."""
    table = table.assign(axis=table["axis"].fillna(""))
    default = table["variant"] == reference
    kinds = table["kind"].where(table["kind"].isin(["baseline", "ranking", "null"]), table["axis"]).mask(default, "")
    groups = [("", table[default])]
    for name in ["baseline", *[axis for axis in kinds.unique() if axis not in {"", "baseline", "null"}], "", "null"]:
        rows = table[(kinds == name) & ~default]
        if name == "baseline":
            rows = rows.sort_values("mean", ascending=False)
        groups.append(({"baseline": "baselines", "null": "nulls"}.get(name, name.replace("_", " ")), rows))
    return [(name, rows) for name, rows in groups if len(rows)]


def _method(axes: Axes, row: object, values: pd.Series, place: float) -> None:
    colour = COLOURS.get(row.kind, BLUE)  # type: ignore[attr-defined]
    axes.plot(values, [place] * len(values), "o", ms=3, mfc=PALE, mec=GREY, mew=0.5, zorder=2)
    if row.low == row.low:  # type: ignore[attr-defined]
        axes.plot([row.low, row.high], [place, place], color=colour, lw=1.4, zorder=1)  # type: ignore[attr-defined]
    axes.plot(row.mean, place, "o", ms=6, color=colour, mec="white", mew=0.6, zorder=3)  # type: ignore[attr-defined]


def _legend(table: pd.DataFrame) -> list[Line2D]:
    marks = [
        Line2D([], [], ls="", marker="o", ms=6, color=colour, label=f"{kind}, mean")
        for kind, colour in COLOURS.items()
        if kind in set(table["kind"])
    ]
    marks.append(Line2D([], [], ls="", marker="o", ms=3, mfc=PALE, mec=GREY, mew=0.5, label="one repeat"))
    drawn = table.loc[table["low"].notna(), "interval"]
    if len(drawn):
        marks.append(Line2D([], [], color=GREY, lw=1.4, label=f"95 % interval, {drawn.iloc[0]}"))
    return marks
