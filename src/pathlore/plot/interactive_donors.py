"""Activity of the top paths in each donor, to point at."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pathlore.errors import PathloreError
from pathlore.plot.donor_heatmap import REACH, SIGN_MODELS, DonorTable, donor_table, reason
from pathlore.plot.interactive_style import Button, drop_down, height_of, house, plotly_colours, wrapped
from pathlore.plot.style import RELATIVE, amount, probability, readable_path

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""`pathlore.schemas.PathActivityByDonor`, `DonorTests` and `PathImportance` of a population."""


def interactive_donors(tables: Mapping[str, Tables], n: int, classes: Sequence[str]) -> go.Figure:
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
    figure, buttons = go.Figure(), []
    for place, (population, own) in enumerate(tables.items()):
        table = donor_table(*own, n, classes)
        figure.add_trace(_heat_map(table).update(visible=place == 0))
        layout = {
            "title.text": _headline(population, table, own[1]),
            "xaxis.categoryarray": _columns(table),
            "yaxis.categoryarray": _rows(table),
            "height": height_of(len(table.paths)) + 90,
        }
        shown = [other == place for other in range(len(tables))]
        buttons.append(Button(label=population, method="update", args=[{"visible": shown}, layout]))
    house(figure)
    axis = {"categoryorder": "array", "automargin": True, "showgrid": False}
    figure.update_layout(showlegend=False, xaxis=axis | {"tickangle": -90}, yaxis=axis | {"autorange": "reversed"})
    figure.update_layout(buttons[0]["args"][1], overwrite=False)
    drop_down(figure, buttons)
    return figure


def _heat_map(table: DonorTable) -> go.Heatmap:
    return go.Heatmap(
        z=[[None if np.isnan(value) else float(value) for value in row] for row in table.z],
        x=_columns(table), y=_rows(table), zmin=-REACH, zmax=REACH, colorscale=plotly_colours(RELATIVE), xgap=1, ygap=1,
        hoverinfo="text", colorbar={"title": {"text": "activity,<br>sd over<br>donors"}},
        hovertext=[
            [_told(path, donor, value) for donor, value in zip(table.columns.to_dict("records"), row, strict=True)]
            for path, row in zip(table.paths.to_dict("records"), table.z, strict=True)
        ],
    )  # fmt: skip


def _told(path: Mapping[str, object], donor: Mapping[str, object], value: float) -> str:
    """What stands under the pointer."""
    cells = amount(int(str(donor["n_cells"])), "cell")
    z = "not known" if np.isnan(value) else f"{value:+.2f} sd"
    p, q = (probability(float(str(path[name]))) for name in ("p", "q"))
    return "<br>".join([
        f"<b>{escape(readable_path(str(path['path'])))}</b> (rank {path['rank']})",
        f"{escape(str(donor['donor']))}, {escape(str(donor['condition']))} ({cells}): {z}",
        f"activity: {SIGN_MODELS[str(path['sign_model'])]}; over donors p {escape(p)}, q {escape(q)}",
    ])  # fmt: skip


def _columns(table: DonorTable) -> list[str]:
    return [f"{donor} ({condition})" for donor, condition in
            zip(table.columns["donor"], table.columns["condition"], strict=True)]  # fmt: skip


def _rows(table: DonorTable) -> list[str]:
    return [readable_path(path) for path in table.paths["path"]]


def _headline(population: str, table: DonorTable, tests: pd.DataFrame) -> str:
    if table.columns.empty:
        return f"{escape(population)}: no donor with enough cells, no activity by donor"
    donors = amount(table.columns["donor"].nunique(), "donor")
    told = "<br>".join(wrapped(reason(tests)))
    return f"{escape(population)}: the top {amount(len(table.paths), 'path')} in {donors}<br><sup>{told}</sup>"
