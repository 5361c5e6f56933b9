"""Plots to point at, for the preview in Kedro-Viz and for a browser."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import cycle
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.colors import LinearSegmentedColormap, to_hex

from pathlore.errors import PathloreError
from pathlore.explain.path_changes import direction_label
from pathlore.keys import Split
from pathlore.plot.cell_communication.matrix import FALSE_DISCOVERY, NO_INTERACTION, populations_of, wide
from pathlore.plot.donors import REACH, SIGN_MODELS, DonorTable, donor_table, reason
from pathlore.plot.metrics import CHANCE, method_order
from pathlore.plot.sentences import Projection, dot_size, placed_paths
from pathlore.plot.style import (
    AMOUNTS,
    GREY,
    INK,
    PALE,
    RELATIVE,
    amount,
    class_colours,
    method_colours,
    probability,
    readable_name,
    readable_path,
)

SYMBOLS = ("circle", "square", "line-ns-open", "triangle-up", "triangle-down", "cross", "x")
LINE_LENGTH = 70  # characters of a hover text
ROW, FIELD, HEIGHT = 22, 46, 640  # pixels: of a row, of a field between two populations, of the map of the sentences
PIXELS = 2.2  # of a point of type

DonorTables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""`pathlore.schemas.PathActivityByDonor`, `DonorTests` and `PathImportance` of a population."""

Sentences = tuple[Sequence[str], Projection, pd.DataFrame]
"""Paths in the order of the vectors, their places, and `pathlore.schemas.PathImportance`."""


class Choice(NamedTuple):
    """One entry of a drop-down: what it is called, the traces that it shows, and the layout that goes with them."""

    label: str
    traces: Sequence[go.Bar | go.Heatmap | go.Scatter]
    layout: dict[str, Any]


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
    choices = []
    for population, table in importances.items():
        top = table.sort_values(["rank", "path"]).head(n)
        layout = {
            "title.text": f"{escape(population)}: the top {len(top):,} of {amount(len(table), 'path')}",
            "yaxis.categoryarray": [readable_path(path) for path in top["path"]],
            "height": _height_of(len(top)),
        }
        choices.append(Choice(population, _bars(top, class_colours(classes)), layout))
    return _figure(
        choices,
        barmode="overlay",
        xaxis={"title": "path importance I, and the fold-change prior w", "range": [0, 1.02], "gridcolor": PALE},
        yaxis={"categoryorder": "array", "autorange": "reversed", "automargin": True},
    )


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
    shown = []
    for level, name in choices:
        rows = table[(table["level"] == level) & (table["metric"] == name)]
        dots = [
            _dots(rows[(rows["method"] == method) & rows["value"].notna()], method, level, symbol, colour)
            for (method, colour), symbol in zip(method_colours(methods).items(), cycle(SYMBOLS), strict=False)
        ]
        title = {"title.text": f"{readable_name(name)} on {level}s ({split} split)"}
        shown.append(Choice(f"{readable_name(name)}, {level}s", dots, title))
    return _figure(
        shown,
        title_text=f"no metric was computed on the {split} split",
        height=_height_of(2 * len(populations)),
        xaxis={"gridcolor": PALE, "zerolinecolor": PALE},
        yaxis={"categoryorder": "array", "categoryarray": populations, "autorange": "reversed", "automargin": True},
    )


def interactive_donors(tables: Mapping[str, DonorTables], n: int, classes: Sequence[str]) -> go.Figure:
    """Draw the activity of the top paths in each donor, one population at a time.

    Parameters
    ----------
    tables
        Population -> activity, tests and importance; the first is shown, a drop-down leads to the others.
    n
        Number of paths of each population, from the top.
    classes
        Names of the classes; the control's donors stand first.

    Raises
    ------
    PathloreError
        ``n`` is below 1, or there is no population.
    """
    if n < 1 or not tables:
        raise PathloreError(
            f"{n} paths of {len(tables)} populations to draw, at least 1 of each is needed: "
            "change `interpretation.report.bar_paths`"
        )
    choices = []
    for population, own in tables.items():
        table = donor_table(*own, n, classes)
        layout = {
            "title.text": _donor_title(population, table, own[1]),
            "xaxis.categoryarray": _donors(table),
            "yaxis.categoryarray": [readable_path(path) for path in table.paths["path"]],
            "height": _height_of(len(table.paths)) + 90,
        }
        choices.append(Choice(population, [_heat_map(table)], layout))
    axis = {"categoryorder": "array", "automargin": True, "showgrid": False}
    return _figure(choices, showlegend=False, xaxis=axis | {"tickangle": -90}, yaxis=axis | {"autorange": "reversed"})


def interactive_sentences(populations: Mapping[str, Sentences]) -> go.Figure:
    """Draw each path at the place of its sentence, one population at a time: colour is importance, size the effect.

    Parameters
    ----------
    populations
        Population -> paths, places and importance; the first is shown, a drop-down leads to the others.

    Raises
    ------
    PathloreError
        There is no population, or a ranked path has no vector.
    """
    if not populations:
        raise PathloreError("no population to draw, at least 1 is needed: run the pipeline `modeling` again")
    choices = []
    for population, (paths, projection, importance) in populations.items():
        table = placed_paths(paths, projection, importance).iloc[::-1]  # the first paths are drawn last
        title = f"{escape(population)}: the sentences of {amount(len(table), 'path')} ({projection.method})"
        title += "<br><sup>size: AUROC of the path alone on held-out cells, from 0.5 to 1</sup>"
        choices.append(Choice(population, [_points(table)], {"title.text": title}))
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "title": None}
    return _figure(choices, height=HEIGHT, showlegend=False, xaxis=bare, yaxis=bare)


def interactive_communication(interactions: pd.DataFrame, pairs: pd.DataFrame, n: int = 8) -> go.Figure:
    """Draw the summed score of each sender and receiver; the hover text lists its highest scores.

    Parameters
    ----------
    interactions
        `pathlore.schemas.CellCommunication`.
    pairs
        `pathlore.schemas.CommunicationPairs`.
    n
        Interactions under the pointer, at most.
    """
    figure = _figure([])
    if pairs.empty:
        figure.update_layout(
            title_text=NO_INTERACTION, height=_height_of(3), xaxis={"visible": False}, yaxis={"visible": False}
        )
        return figure
    names = populations_of(pairs)
    scores, counts = (wide(pairs, column, names) for column in ("score", "n_significant"))
    own = dict(list(interactions.sort_values("rank").groupby(["sender", "receiver"])))
    hover = [[_pair_told(sender, receiver, own.get((sender, receiver)), n) for receiver in names] for sender in names]
    texts = [["" if np.isnan(count) else f"{count:.0f}" for count in row] for row in counts]
    title = {"text": "score,<br>sum over<br>interactions"}
    figure.add_heatmap(
        z=[[None if np.isnan(value) else float(value) for value in row] for row in scores],
        x=names, y=names, text=texts, texttemplate="%{text}", hovertext=hover, hoverinfo="text", xgap=2, ygap=2,
        zmin=0, zmax=float(np.nanmax(scores)), colorscale=_plotly_colours(AMOUNTS), colorbar={"title": title},
    )  # fmt: skip
    found = f"{pairs['n_significant'].sum():,} with q < {FALSE_DISCOVERY}, numbers in the fields"
    figure.update_layout(
        title_text=f"Cell communication: {amount(int(pairs['n_interactions'].sum()), 'interaction')} ({escape(found)})",
        height=210 + FIELD * max(len(names), 3), showlegend=False,
        xaxis={"title": {"text": "receiver", "font": {"color": GREY}}, "automargin": True, "showgrid": False},
        yaxis={"title": {"text": "sender", "font": {"color": GREY}}, "automargin": True, "autorange": "reversed",
               "showgrid": False},
    )  # fmt: skip
    return figure


def _figure(choices: Sequence[Choice], **layout: Any) -> go.Figure:
    """A figure in the house's look that shows one choice at a time; a drop-down, where there are several, chooses."""
    owners = [place for place, choice in enumerate(choices) for _ in choice.traces]
    figure = go.Figure([trace for choice in choices for trace in choice.traces])
    for owner, trace in zip(owners, figure.data, strict=True):
        trace.visible = owner == 0
    figure.update_layout(
        template="plotly_white", font={"color": INK, "size": 12}, margin={"t": 100, "r": 30, "b": 60},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0}, showlegend=True,
        title={"x": 0.01, "xanchor": "left", "font": {"size": 16}}, hoverlabel={"align": "left"}, bargap=0.3,
    )  # fmt: skip
    figure.update_layout(layout)
    for choice in choices[:1]:
        figure.update_layout(choice.layout)
    if len(choices) > 1:
        buttons = [
            {"label": choice.label, "method": "update",
             "args": [{"visible": [owner == place for owner in owners]}, choice.layout]}
            for place, choice in enumerate(choices)
        ]  # fmt: skip
        menu = {"buttons": buttons, "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "pad": {"b": 28}}
        figure.update_layout(updatemenus=[menu])
    return figure


def _bars(top: pd.DataFrame, colours: Mapping[str, str]) -> list[go.Bar | go.Scatter]:
    """One bar trace for each direction (so that the legend names them), and the prior's diamonds."""
    traces: list[go.Bar | go.Scatter] = []
    labels = top["path"].map(readable_path)
    for direction in dict.fromkeys(top["direction"]):
        own = top[top["direction"] == direction] if direction == direction else top[top["direction"].isna()]
        colour = colours.get(str(direction), GREY)
        traces.append(
            go.Bar(
                x=own["importance"].tolist(), y=labels[own.index].tolist(), orientation="h", marker_color=colour,
                name=escape(direction_label(str(direction))), hoverinfo="text",
                hovertext=[_path_told(row) for row in own.to_dict("records")],
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


def _path_told(row: Mapping[str, object]) -> str:
    """What stands behind a path, as the lines of a hover text."""
    lines = [
        f"<b>{escape(readable_path(str(row['path'])))}</b>",
        f"rank {row['rank']} by importance ({row['importance']:.3f}), {_number(row['prior_rank'], '.0f')} by the prior "
        f"({_number(row['prior'], '.3f')})",
        f"{escape(direction_label(str(row['direction'])))}; alone on held-out cells: AUROC "
        f"{_number(row['activity_auroc'], '.3f')}",
        *_wrapped(f"moderated t of {row['comparison']}: {row['gene_effects']}"),
        *_wrapped(f"log2 fold changes: {row['log_fold_change']}"),
        *_wrapped(f"sources: {row['sources']}"),
        *_wrapped(str(row["sentence"])),
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


def _heat_map(table: DonorTable) -> go.Heatmap:
    return go.Heatmap(
        z=[[None if np.isnan(value) else float(value) for value in row] for row in table.z],
        x=_donors(table), y=[readable_path(path) for path in table.paths["path"]], xgap=1, ygap=1,
        zmin=-REACH, zmax=REACH, colorscale=_plotly_colours(RELATIVE),
        hoverinfo="text", colorbar={"title": {"text": "activity,<br>sd over<br>donors"}},
        hovertext=[
            [_donor_told(path, donor, z) for donor, z in zip(table.columns.to_dict("records"), row, strict=True)]
            for path, row in zip(table.paths.to_dict("records"), table.z, strict=True)
        ],
    )  # fmt: skip


def _donor_told(path: Mapping[str, object], donor: Mapping[str, object], value: float) -> str:
    """What stands under the pointer."""
    cells = amount(int(str(donor["n_cells"])), "cell")
    z = "not known" if np.isnan(value) else f"{value:+.2f} sd"
    p, q = (probability(float(str(path[name]))) for name in ("p", "q"))
    return "<br>".join([
        f"<b>{escape(readable_path(str(path['path'])))}</b> (rank {path['rank']})",
        f"{escape(str(donor['donor']))}, {escape(str(donor['condition']))} ({cells}): {z}",
        f"activity: {SIGN_MODELS[str(path['sign_model'])]}; over donors p {escape(p)}, q {escape(q)}",
    ])  # fmt: skip


def _donors(table: DonorTable) -> list[str]:
    return [f"{donor} ({condition})" for donor, condition in
            zip(table.columns["donor"], table.columns["condition"], strict=True)]  # fmt: skip


def _donor_title(population: str, table: DonorTable, tests: pd.DataFrame) -> str:
    if table.columns.empty:
        return f"{escape(population)}: no donor with enough cells, no activity by donor"
    donors = amount(table.columns["donor"].nunique(), "donor")
    told = "<br>".join(_wrapped(reason(tests)))
    return f"{escape(population)}: the top {amount(len(table.paths), 'path')} in {donors}<br><sup>{told}</sup>"


def _points(table: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=table["x"].tolist(), y=table["y"].tolist(), mode="markers", opacity=1, hoverinfo="text",
        marker={"color": table["importance"].tolist(), "colorscale": _plotly_colours(AMOUNTS), "cmin": 0, "cmax": 1,
                "size": (dot_size(table["activity_auroc"]) * PIXELS).tolist(), "line": {"color": GREY, "width": 0.8},
                "colorbar": {"title": {"text": "path<br>importance I"}}},
        hovertext=[_sentence_told(row) for row in table.to_dict("records")],
    )  # fmt: skip


def _sentence_told(row: Mapping[str, object]) -> str:
    """What stands under the pointer."""
    return "<br>".join([
        f"<b>{escape(readable_path(str(row['path'])))}</b>",
        f"rank {row['rank']}, importance {row['importance']:.3f}; alone on held-out cells: AUROC "
        f"{_number(row['activity_auroc'], '.3f')}",
        *([f"pathway: {escape(str(row['pathway']))}"] if pd.notna(row["pathway"]) else []),
        *_wrapped(str(row["sentence"])),
    ])  # fmt: skip


def _pair_told(sender: str, receiver: str, interactions: pd.DataFrame | None, n: int) -> str:
    """The interactions of one sender and receiver."""
    headline = f"<b>{escape(sender)} → {escape(receiver)}</b>"
    if interactions is None:
        return f"{headline}<br>no interaction"
    rows = [
        escape(f"{row['ligand']} → {row['receptor']} → {row['targets'].split(';')[0]}: score {row['score']:.2f}, "
               f"q {probability(row['q'])}")
        for row in interactions.head(n).to_dict("records")
    ]  # fmt: skip
    more = [f"and {len(interactions) - n:,} more"] if len(interactions) > n else []
    return "<br>".join([headline, *rows, *more])


def _height_of(rows: int) -> int:
    """Height in pixels of a figure with so many rows."""
    return 210 + ROW * max(rows, 3)


def _wrapped(text: str) -> list[str]:
    """Lines of a long text, safe to be shown under the pointer."""
    return [escape(line) for line in wrap(text, LINE_LENGTH)]


def _number(value: object, form: str) -> str:
    """A number, or that it is not known.

    Examples
    --------
    >>> _number(0.5, ".2f"), _number(None, ".2f")
    ('0.50', 'not known')
    """
    return "not known" if pd.isna(value) else format(value, form)


def _plotly_colours(colours: LinearSegmentedColormap, steps: int = 11) -> list[list[Any]]:
    """A scale of colours as Plotly wants it: pairs of a place from 0 to 1 and a colour."""
    return [[place / (steps - 1), to_hex(colours(place / (steps - 1)))] for place in range(steps)]
