"""Plots to point at, for reports and for the preview in Kedro-Viz."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle

import pandas as pd
import plotly.graph_objects as go

from pathlore.errors import PathloreError
from pathlore.explain.path_changes import direction_label
from pathlore.keys import Split
from pathlore.plot.interactive_style import Button, drop_down, height_of, house, number, wrapped
from pathlore.plot.metrics import CHANCE, method_order
from pathlore.plot.style import GREY, INK, PALE, amount, class_colours, method_colours, readable_name, readable_path

SYMBOLS = ("circle", "square", "line-ns-open", "triangle-up", "triangle-down", "cross", "x")


def interactive_importance(importances: Mapping[str, pd.DataFrame], n: int, classes: Sequence[str]) -> go.Figure:
    """Draw the top paths of each population, one population at a time, with their evidence under the pointer.

    Parameters
    ----------
    importances
        Population -> `pathlore.schemas.PathImportance`; the first population is shown, a drop-down leads to the others.
    n
        Number of paths of each population, from the top.
    classes
        Names of the classes, the control first.

    Raises
    ------
    PathloreError
        ``n`` is below 1, or there is no population.
    """
    if n < 1 or not importances:
        raise PathloreError(
            f"{n} paths of {len(importances)} populations to draw, at least 1 of each is needed: "
            "change `interpretation.report.bar_paths`"
        )
    tops = {name: table.sort_values(["rank", "path"]).head(n) for name, table in importances.items()}
    traces: list[tuple[str, go.Bar | go.Scatter]] = []
    for population, top in tops.items():
        traces += [(population, trace) for trace in _bars(top, class_colours(classes))]
    first = next(iter(tops))
    figure = go.Figure([trace for _, trace in traces])
    for owner, trace in zip((owner for owner, _ in traces), figure.data, strict=True):
        trace.visible = owner == first
    house(figure)
    buttons: list[Button] = []
    for population, top in tops.items():
        layout = {
            "title.text": _headline(population, len(top), len(importances[population])),
            "yaxis.categoryarray": _labels(top),
            "height": height_of(len(top)),
        }
        buttons.append({"label": population, "method": "update",
                        "args": [{"visible": [owner == population for owner, _ in traces]}, layout]})  # fmt: skip
    figure.update_layout(
        title_text=_headline(first, len(tops[first]), len(importances[first])),
        height=height_of(len(tops[first])),
        barmode="overlay",
        xaxis={"title": "path importance I, and the fold-change prior w", "range": [0, 1.02], "gridcolor": PALE},
        yaxis={"categoryorder": "array", "categoryarray": _labels(tops[first]), "autorange": "reversed",
               "automargin": True},
    )  # fmt: skip
    drop_down(figure, buttons)
    return figure


def interactive_metrics(metrics: pd.DataFrame, split: str = Split.TEST) -> go.Figure:
    """Draw each method's metrics for each population; a drop-down chooses the metric and cells or donors.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    split
        Which cells were predicted.
    """
    table = metrics[metrics["split"] == split]
    levels = [level for level in ("cell", "donor") if level in set(table["level"])]
    known = [name for name in CHANCE if name in set(table["metric"])]
    choices = [(level, name) for level in levels for name in [*known, *sorted(set(table["metric"]) - set(known))]]
    choices = [c for c in choices if ((table["level"] == c[0]) & (table["metric"] == c[1])).any()]
    methods = method_order(table["method"].unique())
    populations = sorted(table["population"].unique())
    figure = go.Figure()
    owners = []
    for choice in choices:
        rows = table[(table["level"] == choice[0]) & (table["metric"] == choice[1])]
        for (method, colour), symbol in zip(method_colours(methods).items(), cycle(SYMBOLS), strict=False):
            own = rows[(rows["method"] == method) & rows["value"].notna()]
            figure.add_trace(_dots(own, method, choice[0], symbol, colour).update(visible=choice == choices[0]))
            owners.append(choice)
    house(figure)
    titles = [f"{readable_name(name)} on {level}s ({split} split)" for level, name in choices]
    buttons: list[Button] = [
        {"label": f"{readable_name(choice[1])}, {choice[0]}s", "method": "update",
         "args": [{"visible": [owner == choice for owner in owners]}, {"title.text": title}]}
        for choice, title in zip(choices, titles, strict=True)
    ]  # fmt: skip
    figure.update_layout(
        title_text=titles[0] if titles else f"no metric was computed on the {split} split",
        height=height_of(2 * len(populations)),
        xaxis={"gridcolor": PALE, "zerolinecolor": PALE},
        yaxis={"categoryorder": "array", "categoryarray": populations, "autorange": "reversed", "automargin": True},
    )
    if buttons:
        drop_down(figure, buttons)
    return figure


def _bars(top: pd.DataFrame, colours: Mapping[str, str]) -> list[go.Bar | go.Scatter]:
    """One bar trace for each direction (so that the legend names them), and the prior's diamonds."""
    traces: list[go.Bar | go.Scatter] = []
    labels = pd.Series(_labels(top), index=top.index)
    for direction in dict.fromkeys(top["direction"]):
        own = top[top["direction"] == direction] if direction == direction else top[top["direction"].isna()]
        colour = colours.get(str(direction), GREY)
        traces.append(
            go.Bar(
                x=own["importance"].tolist(), y=labels[own.index].tolist(), orientation="h", marker_color=colour,
                name=escape(direction_label(str(direction))), hoverinfo="text",
                hovertext=[_details(row) for row in own.to_dict("records")],
            )
        )  # fmt: skip
    prior = top[top["prior"].notna()]
    traces.append(
        go.Scatter(
            x=prior["prior"].tolist(), y=labels[prior.index].tolist(), mode="markers", name="fold-change prior",
            marker={"symbol": "diamond", "color": "white", "size": 8, "line": {"color": INK, "width": 1.3}},
            hovertemplate="prior %{x:.3f}<extra></extra>",
        )
    )  # fmt: skip
    return traces


def _details(row: Mapping[str, object]) -> str:
    """What stands behind a path, as the lines of a hover text."""
    lines = [
        f"<b>{escape(readable_path(str(row['path'])))}</b>",
        f"rank {row['rank']} by importance ({row['importance']:.3f}), {number(row['prior_rank'], '.0f')} by the prior "
        f"({number(row['prior'], '.3f')})",
        f"{escape(direction_label(str(row['direction'])))}; alone on held-out cells: AUROC "
        f"{number(row['activity_auroc'], '.3f')}",
        *wrapped(f"moderated t: {row['gene_effects']}"),
        *wrapped(f"log2 fold changes: {row['log_fold_change']}"),
        *wrapped(f"sources: {row['sources']}"),
        *wrapped(str(row["sentence"])),
    ]
    return "<br>".join(lines)


def _dots(rows: pd.DataFrame, method: str, level: str, symbol: str, colour: str) -> go.Scatter:
    """The dots of one method."""
    return go.Scatter(
        x=rows["value"].tolist(), y=rows["population"].tolist(), mode="markers", name=readable_name(method),
        marker={"symbol": symbol, "color": colour, "size": 13, "line": {"width": 2 if "open" in symbol else 0}},
        hovertext=[
            f"<b>{escape(population)}</b><br>{escape(readable_name(method))}: {value:.3f}<br>n = {amount(n, level)}"
            for population, value, n in zip(rows["population"], rows["value"], rows["n"], strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _labels(top: pd.DataFrame) -> list[str]:
    return [readable_path(path) for path in top["path"]]


def _headline(population: str, shown: int, total: int) -> str:
    return f"{escape(population)}: the top {shown:,} of {amount(total, 'path')}"
