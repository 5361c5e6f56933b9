"""Who says how much to whom, to point at."""

from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pathlore.plot.cell_communication.matrix import FALSE_DISCOVERY, NO_INTERACTION, populations_of, wide
from pathlore.plot.interactive_style import height_of, house, plotly_colours
from pathlore.plot.style import AMOUNTS, GREY, amount, probability

FIELD = 46  # pixels


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
    figure = go.Figure()
    house(figure)
    if pairs.empty:
        figure.update_layout(
            title_text=NO_INTERACTION, height=height_of(3), xaxis={"visible": False}, yaxis={"visible": False}
        )
        return figure
    names = populations_of(pairs)
    scores, counts = (wide(pairs, column, names) for column in ("score", "n_significant"))
    own = dict(list(interactions.sort_values("rank").groupby(["sender", "receiver"])))
    hover = [[_told(sender, receiver, own.get((sender, receiver)), n) for receiver in names] for sender in names]
    texts = [["" if np.isnan(count) else f"{count:.0f}" for count in row] for row in counts]
    title = {"text": "score,<br>sum over<br>interactions"}
    figure.add_heatmap(
        z=[[None if np.isnan(value) else float(value) for value in row] for row in scores],
        x=names, y=names, text=texts, texttemplate="%{text}", hovertext=hover, hoverinfo="text", xgap=2, ygap=2,
        zmin=0, zmax=float(np.nanmax(scores)), colorscale=plotly_colours(AMOUNTS), colorbar={"title": title},
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


def _told(sender: str, receiver: str, interactions: pd.DataFrame | None, n: int) -> str:
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
