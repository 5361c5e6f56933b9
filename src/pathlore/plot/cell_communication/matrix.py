"""Who says how much to whom, as a heat map."""

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pathlore.plot.style import (
    AMOUNTS,
    GREY,
    INK,
    SMALL,
    TEXT,
    TITLE,
    amount,
    axes_at,
    headed,
    house_style,
    note,
    shortened,
    text_width,
)

CELL = 0.46  # inches
LONGEST = 2.6  # inches, of the name of a population
NO_INTERACTION = "no cell-cell interaction was found"
FALSE_DISCOVERY = 0.05  # a q below it is significant, as in `pathlore.schemas.CommunicationPairs`


def communication_matrix(pairs: pd.DataFrame) -> Figure:
    """Draw the summed score of the interactions of each sender (row) and receiver (column).

    The number in a field is that of the interactions with q < 0.05; a field without any interaction is empty. Fields
    with a frame are autocrine.

    Parameters
    ----------
    pairs
        `pathlore.schemas.CommunicationPairs`.
    """
    if pairs.empty:
        return note(NO_INTERACTION)
    names = populations_of(pairs)
    scores, counts = (wide(pairs, column, names) for column in ("score", "n_significant"))
    labels = [shortened(name, LONGEST) for name in names]
    side = max(map(text_width, labels)) + 0.15
    field = CELL * len(names)
    headline = f"Cell communication: {amount(int(pairs['n_interactions'].sum()), 'ligand-receptor interaction')}"
    found = f"{pairs['n_significant'].sum():,} in all"
    subtitle = f"colour: score, summed over interactions · number: interactions with q < {FALSE_DISCOVERY} ({found})"
    with house_style():
        left, bottom, above, right = side + 0.55, side * 0.78 + 0.45, 0.85, side * 0.62 + 1.0
        size = (left + field + right, bottom + field + above)
        least = max(text_width(headline, TITLE, bold=True), text_width(subtitle, SMALL)) + 0.4
        figure = Figure(figsize=(max(size[0], least), size[1]))
        axes = axes_at(figure, left, bottom, field, field)
        norm = Normalize(0, max(float(np.nanmax(scores)), 1e-9))
        axes.pcolormesh(np.ma.masked_invalid(scores), cmap=AMOUNTS, norm=norm, edgecolor="white", lw=1.5)
        for row, column in np.argwhere(np.isfinite(scores)):
            number = int(counts[row, column])
            colour = "white" if norm(scores[row, column]) > 0.5 else INK
            axes.text(
                column + 0.5, row + 0.5, f"{number:,}", ha="center", va="center_baseline", size=SMALL, color=colour,
                weight="bold" if number else "normal",
            )  # fmt: skip
        for place in range(len(names)):
            axes.add_patch(Rectangle((place + 0.03, place + 0.03), 0.94, 0.94, fill=False, ec=GREY, lw=0.9))
        axes.set_xlim(0, len(names))
        axes.set_ylim(len(names), 0)
        places = np.arange(len(names)) + 0.5
        axes.set_yticks(places, labels, size=TEXT)
        axes.set_xticks(places, labels, size=TEXT, rotation=-50, ha="left", rotation_mode="anchor")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_ylabel("sender", color=GREY)
        axes.yaxis.set_label_coords(-(side + 0.25) / field, 0.5)
        axes.set_xlabel("receiver", color=GREY)
        axes.xaxis.set_label_coords(0.5, -(bottom - 0.2) / field)
        bar = axes_at(figure, left + field + 0.25, bottom, 0.12, min(field, 1.6))
        scale = figure.colorbar(axes.collections[0], cax=bar)
        scale.outline.set_visible(False)
        scale.ax.tick_params(length=2)
        scale.ax.set_title("score", size=SMALL, weight="normal", pad=6, loc="left")
        headed(figure, headline, subtitle)
    return figure


def populations_of(pairs: pd.DataFrame) -> list[str]:
    """Senders and receivers, in the order of their names.

    Examples
    --------
    >>> populations_of(pd.DataFrame({"sender": ["T", "B"], "receiver": ["T", "NK"]}))
    ['B', 'NK', 'T']
    """
    return sorted({*pairs["sender"], *pairs["receiver"]})


def wide(pairs: pd.DataFrame, column: str, names: list[str]) -> np.ndarray:
    """One column as (senders, receivers); NaN where a pair has no interaction."""
    table = pairs.pivot_table(index="sender", columns="receiver", values=column, aggfunc="sum")
    return np.asarray(table.reindex(index=names, columns=names).to_numpy(float))
