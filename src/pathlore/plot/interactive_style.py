"""What all plots to point at share: type, colours, the drop-down, lines of a hover text."""

from html import escape
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from matplotlib.colors import LinearSegmentedColormap, to_hex

from pathlore.plot.style import INK

LINE_LENGTH = 70  # characters of a hover text
ROW = 22  # pixels

Button = dict[str, Any]


def house(figure: go.Figure) -> None:
    """Set the house's type, margins and legend."""
    figure.update_layout(
        template="plotly_white", font={"color": INK, "size": 12}, margin={"t": 100, "r": 30, "b": 60},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0}, showlegend=True,
        title={"x": 0.01, "xanchor": "left", "font": {"size": 16}}, hoverlabel={"align": "left"}, bargap=0.3,
    )  # fmt: skip


def drop_down(figure: go.Figure, buttons: list[Button]) -> None:
    """Add a drop-down at the upper right, where there is a choice."""
    if len(buttons) > 1:
        menu = {"buttons": buttons, "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "pad": {"b": 28}}
        figure.update_layout(updatemenus=[menu])


def height_of(rows: int) -> int:
    """Height in pixels of a figure with so many rows."""
    return 210 + ROW * max(rows, 3)


def wrapped(text: str) -> list[str]:
    """Lines of a long text, safe to be shown under the pointer."""
    return [escape(line) for line in wrap(text, LINE_LENGTH)]


def number(value: object, form: str) -> str:
    """A number, or that it is not known.

    Examples
    --------
    >>> number(0.5, ".2f"), number(None, ".2f")
    ('0.50', 'not known')
    """
    return "not known" if pd.isna(value) else format(value, form)


def plotly_colours(colours: LinearSegmentedColormap, steps: int = 11) -> list[list[Any]]:
    """A scale of colours as Plotly wants it: pairs of a place from 0 to 1 and a colour."""
    return [[place / (steps - 1), to_hex(colours(place / (steps - 1)))] for place in range(steps)]
