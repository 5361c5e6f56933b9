"""The sentences of the paths as points, with the sentence under the pointer."""

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from pathlore.errors import PathloreError
from pathlore.plot.interactive_style import Button, drop_down, house, number, plotly_colours, wrapped
from pathlore.plot.sentences import Projection, dot_size, placed_paths
from pathlore.plot.style import AMOUNTS, GREY, amount, readable_path

PIXELS = 2.2  # of a point of type
HEIGHT = 640  # pixels

Sentences = tuple[Sequence[str], Projection, pd.DataFrame]
"""Paths in the order of the vectors, their places, and `pathlore.schemas.PathImportance`."""


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
    figure, buttons = go.Figure(), []
    for place, (population, (paths, projection, importance)) in enumerate(populations.items()):
        table = placed_paths(paths, projection, importance).iloc[::-1]  # the first paths are drawn last
        figure.add_trace(_points(table).update(visible=place == 0))
        title = f"{escape(population)}: the sentences of {amount(len(table), 'path')} ({projection.method})"
        title += "<br><sup>size: AUROC of the path alone on held-out cells, from 0.5 to 1</sup>"
        shown = [other == place for other in range(len(populations))]
        buttons.append(Button(label=population, method="update", args=[{"visible": shown}, {"title.text": title}]))
    house(figure)
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "title": None}
    figure.update_layout(
        height=HEIGHT, showlegend=False, xaxis=bare, yaxis=bare, title_text=buttons[0]["args"][1]["title.text"]
    )
    drop_down(figure, buttons)
    return figure


def _points(table: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=table["x"].tolist(), y=table["y"].tolist(), mode="markers", opacity=1, hoverinfo="text",
        marker={"color": table["importance"].tolist(), "colorscale": plotly_colours(AMOUNTS), "cmin": 0, "cmax": 1,
                "size": (dot_size(table["activity_auroc"]) * PIXELS).tolist(), "line": {"color": GREY, "width": 0.8},
                "colorbar": {"title": {"text": "path<br>importance I"}}},
        hovertext=[_told(row) for row in table.to_dict("records")],
    )  # fmt: skip


def _told(row: Mapping[str, object]) -> str:
    """What stands under the pointer."""
    return "<br>".join([
        f"<b>{escape(readable_path(str(row['path'])))}</b>",
        f"rank {row['rank']}, importance {row['importance']:.3f}; alone on held-out cells: AUROC "
        f"{number(row['activity_auroc'], '.3f')}",
        *([f"pathway: {escape(str(row['pathway']))}"] if pd.notna(row["pathway"]) else []),
        *wrapped(str(row["sentence"])),
    ])  # fmt: skip
