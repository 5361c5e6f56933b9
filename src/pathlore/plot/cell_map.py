"""Maps of cells, coloured by class, donor, the model's score and the activity of the first paths."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from pathlore.plot.style import (
    AMOUNTS,
    CONTRAST,
    GREY,
    PALE,
    RELATIVE,
    SMALL,
    TITLE,
    class_colours,
    house_style,
    note,
    readable_path,
    shortened,
)

SIDE, GAP, HEAD = 2.5, 0.35, 0.75  # inches
COLUMNS = 4
REACH = 1.5  # mean z, at which the colours end
MOST_DONORS = 12  # in the legend; of more no name is written


def cell_map_figure(
    table: pd.DataFrame, importance: pd.DataFrame, population: str, classes: Sequence[str], of: int
) -> Figure:
    """Draw the same cells once for each property.

    Parameters
    ----------
    table
        `pathlore.schemas.CellMap`.
    importance
        `pathlore.schemas.PathImportance`, for the names of the paths.
    population
        Name for the title.
    classes
        Names of the classes, the control first.
    of
        Cells of the population, of which the table holds all or a sample.

    Returns
    -------
    Figure; points are drawn in random order, as pixels, so that the file stays small.
    """
    if table.empty:
        return note(f"{population}: no map of cells (interpretation.cell_map.cells is 0, or too few cells)")
    table = table.sample(frac=1, random_state=0)
    activities = [name for name in table.columns if name.startswith("activity_")]
    panels = ["condition", *(["donor"] if len(table["donor"].dropna().unique()) > 1 else []), "score", *activities]
    paths = importance.sort_values("rank")["path"].tolist()
    across = min(COLUMNS, len(panels))
    down = -(-len(panels) // across)
    width, height = across * (SIDE + GAP) + GAP, down * (SIDE + HEAD) + 0.45
    with house_style():
        figure = Figure(figsize=(width, height))
        shown = f"{len(table):,} cells"
        if len(table) < of:
            shown = f"{len(table):,} of {of:,} cells, drawn evenly over donors, classes and splits"
        figure.text(GAP / width, 1 - 0.1 / height, f"{population}: {shown}", size=TITLE, weight="bold", va="top")
        for place, name in enumerate(panels):
            row, column = divmod(place, across)
            left = (GAP + column * (SIDE + GAP)) / width
            bottom = 1 - (0.45 + (row + 1) * (SIDE + HEAD) - 0.35) / height
            axes = figure.add_axes((left, bottom, SIDE / width, SIDE / height))
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
            axes.set_aspect("equal", adjustable="datalim")
            if name == "condition":
                _groups(axes, table, name, class_colours(classes), "Class")
            elif name == "donor":
                _donors(axes, table)
            elif name == "score":
                what = f"Score of {classes[1]}" if len(classes) == 2 else "Score of the cell's own class"
                _amount(
                    axes,
                    table,
                    table[name],
                    Normalize(0, 1),
                    f"{what}, held-out cells",
                    CONTRAST if len(classes) == 2 else AMOUNTS,
                )
            else:
                rank = int(name.removeprefix("activity_"))
                title = f"{rank}. {readable_path(paths[rank - 1])}"
                _amount(axes, table, table[name], Normalize(-REACH, REACH), shortened(title, SIDE, SMALL), RELATIVE)
    return figure


def _points(axes: Axes, table: pd.DataFrame, **look: Any) -> Any:
    size = float(np.clip(3000 / max(len(table), 1), 2, 12))
    return axes.scatter(table["tsne_1"], table["tsne_2"], s=size, lw=0, rasterized=True, **look)


def _groups(axes: Axes, table: pd.DataFrame, column: str, colours: dict[str, Any], title: str) -> None:
    _points(axes, table, c=[colours.get(name, GREY) for name in table[column]])
    axes.set_title(title, size=SMALL, pad=4)
    handles = [axes.scatter([], [], s=16, color=colour, label=name) for name, colour in colours.items()]
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=3 if len(handles) > 4 else 2, borderaxespad=0,
        handletextpad=0.2, columnspacing=0.8, fontsize=SMALL - 1.5,
    )  # fmt: skip


def _donors(axes: Axes, table: pd.DataFrame) -> None:
    """Donors by colours of a wheel, for they have no order."""
    import matplotlib

    names = sorted(table["donor"].dropna().unique())
    wheel = matplotlib.colormaps["tab20b" if len(names) <= 20 else "gist_rainbow"]
    colours = {name: wheel(place if len(names) <= 20 else place / len(names)) for place, name in enumerate(names)}
    if len(names) > MOST_DONORS:
        _points(axes, table, c=[colours.get(name, GREY) for name in table["donor"]])
        axes.set_title(f"Donor ({len(names)} donors)", size=SMALL, pad=4)
    else:
        _groups(axes, table, "donor", colours, "Donor")


def _amount(axes: Axes, table: pd.DataFrame, values: pd.Series, norm: Normalize, title: str, colours: Any) -> None:
    known = values.notna()
    _points(axes, table[~known], color=PALE)
    points = _points(axes, table[known], c=values[known], cmap=colours, norm=norm)
    axes.set_title(title, size=SMALL, pad=4)
    bar = axes.inset_axes((0, -0.07, 0.5, 0.03))
    scale = axes.figure.colorbar(points, cax=bar, orientation="horizontal")
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=2, pad=1, labelsize=SMALL - 1.5)
