"""Who says how much to whom, as a circle with ribbons."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Wedge
from matplotlib.path import Path

from pathlore.plot.cell_communication.matrix import FALSE_DISCOVERY, NO_INTERACTION, populations_of
from pathlore.plot.labels import Box, spread_apart
from pathlore.plot.style import (
    GREY,
    INK,
    PALETTE,
    SMALL,
    TEXT,
    amount,
    headed,
    house_style,
    note,
    shortened,
    text_width,
)

COLOURS = (*PALETTE[:6], "#332288", "#117733", "#882255", "#999933", "#44AA99", "#AA4499")
"""Of the senders: Okabe and Ito's, then Tol's muted ones (https://personal.sron.nl/~pault/); the arcs have names."""

RADIUS = 1.75  # inches, of the circle's outer rim
RIM = 0.13  # inches
GAP = 3.0  # degrees between two arcs
LONGEST = 1.9  # inches, of a name
ROW = 0.42  # inches, of the list of interactions
BEHIND = 0.13  # opacity of a ribbon without a listed interaction


class Ribbon(NamedTuple):
    """What one population says to another: score, and the angles in degrees at which it leaves and arrives."""

    sender: str
    receiver: str
    score: float
    leaves: tuple[float, float]
    arrives: tuple[float, float]


def communication_circle(interactions: pd.DataFrame, pairs: pd.DataFrame, n: int = 12) -> Figure:
    """Draw the populations as arcs, and a ribbon from each sender to each receiver as wide as their summed score.

    A ribbon has its sender's colour; it begins at the arc and ends in a point before the receiver's. The interactions
    with the highest scores stand in a list, and their numbers on their ribbons; ribbons without a listed interaction
    are pale.

    Parameters
    ----------
    interactions
        `pathlore.schemas.CellCommunication`.
    pairs
        `pathlore.schemas.CommunicationPairs`.
    n
        Interactions in the list, at most.
    """
    if pairs.empty or pairs["score"].sum() <= 0:
        return note(NO_INTERACTION)
    names = populations_of(pairs)
    if len(names) == 1:
        return note(f"{names[0]} is the only population with interactions: a circle needs two")
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    arcs, ribbons = arrange(pairs, names)
    top = interactions.sort_values(["rank", "ligand", "receptor"]).head(n)
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, ends in enumerate(zip(top["sender"], top["receiver"], strict=True), start=1):
        numbers[ends].append(number)
    listed = [_listed(row) for row in top.to_dict("records")]
    with house_style():
        left, right = _sides(arcs)
        reach = left + right
        list_width = max([text_width(text, SMALL, bold=True) for pair in listed for text in pair] or [0]) + 0.75
        height = max(2 * RADIUS + 1.3, 1.1 + ROW * len(top))
        width = reach + list_width
        figure = Figure(figsize=(max(width, 5.6), height))
        width = figure.get_size_inches()[0]
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-left, width - left)
        axes.set_ylim(0.25 - height / 2, height / 2 + 0.25)  # the circle's centre is in the middle below the title
        axes.set_axis_off()
        for ribbon in sorted(ribbons, key=lambda own: ((own.sender, own.receiver) in numbers, own.score)):
            strong = (ribbon.sender, ribbon.receiver) in numbers
            patch = PathPatch(
                ribbon_path(ribbon), fc=colours[ribbon.sender], ec="white", lw=0.4, zorder=2 if strong else 1,
                alpha=0.62 if strong else BEHIND, gid=f"ribbon {ribbon.sender} > {ribbon.receiver}",
            )  # fmt: skip
            axes.add_patch(patch)
        for name, (start, stop) in arcs.items():
            axes.add_patch(Wedge((0, 0), RADIUS, start, stop, width=RIM, color=colours[name], lw=0, gid=f"arc {name}"))
        _names(axes, arcs)
        _numbers(axes, ribbons, numbers)
        _list(axes, right + 0.1, top, listed, colours)
        told = f"width: score, summed over {amount(int(pairs['n_interactions'].sum()), 'interaction')} · colour: sender"
        headed(figure, "Signals between cell populations", told)
    return figure


def arrange(pairs: pd.DataFrame, names: Sequence[str]) -> tuple[dict[str, tuple[float, float]], list[Ribbon]]:
    """Divide the circle among the populations, and each arc among the ribbons that leave and arrive.

    Returns
    -------
    Angles in degrees of each arc, from the top against the clock; and the ribbons. A degree means the same score
    everywhere. On an arc the ribbons stand in the order of their other ends, so that few of them cross.
    """
    table = pairs[pairs["score"] > 0]
    totals = table.groupby("sender")["score"].sum().add(table.groupby("receiver")["score"].sum(), fill_value=0)
    totals = totals.reindex(list(names), fill_value=0.0)
    gap = min(GAP, 120 / len(names))
    degree = (360 - gap * len(names)) / totals.sum()
    arcs, at = {}, 90.0 + gap / 2
    for name in names:
        arcs[name] = (at, at + totals[name] * degree)
        at = arcs[name][1] + gap
    middle = {name: sum(arc) / 2 for name, arc in arcs.items()}
    ends: dict[str, list[tuple[float, bool, int]]] = defaultdict(list)
    records = table.sort_values(["sender", "receiver"]).to_dict("records")
    for place, row in enumerate(records):
        for own, other, leaves in ((row["sender"], row["receiver"], True), (row["receiver"], row["sender"], False)):
            ends[own].append(((middle[own] - middle[other]) % 360 or 180.0, leaves, place))
    angles: dict[tuple[int, bool], tuple[float, float]] = {}
    for name, own in ends.items():
        scores = [records[place]["score"] for *_, place in sorted(own)]
        borders = arcs[name][0] + np.concatenate([[0.0], np.cumsum(scores)]) * degree
        for (_, leaves, place), (start, stop) in zip(sorted(own), pairwise(borders), strict=True):
            angles[place, leaves] = (float(start), float(stop))
    ribbons = [
        Ribbon(row["sender"], row["receiver"], row["score"], angles[place, True], angles[place, False])
        for place, row in enumerate(records)
    ]
    return arcs, ribbons


def ribbon_path(ribbon: Ribbon) -> Path:
    """Outline of a ribbon: along the sender's arc, over the middle, to a point before the receiver's arc, and back."""
    inner, shoulder, tip = RADIUS - RIM - 0.03, RADIUS - RIM - 0.2, RADIUS - RIM - 0.05
    (a, b), (c, d) = ribbon.leaves, ribbon.arrives
    arc = Path.arc(a, b)
    vertices = [(float(x), float(y)) for x, y in np.asarray(arc.vertices) * inner]
    codes = list(np.asarray(arc.codes))
    for point in (_at(c, shoulder), _at((c + d) / 2, tip), _at(d, shoulder), _at(a, inner)):
        last = vertices[-1]
        if point in (_at(c, shoulder), _at(a, inner)):
            bend = 0.25 if ribbon.sender != ribbon.receiver else 0.55
            vertices += [(last[0] * bend, last[1] * bend), (point[0] * bend, point[1] * bend), point]
            codes += [Path.CURVE4] * 3
        else:
            vertices.append(point)
            codes.append(Path.LINETO)
    return Path([*vertices, vertices[0]], [*codes, Path.CLOSEPOLY])


def _at(angle: float, radius: float) -> tuple[float, float]:
    return float(np.cos(np.radians(angle)) * radius), float(np.sin(np.radians(angle)) * radius)


def _sides(arcs: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Inches from the circle's centre to the ends of the names at its left and at its right."""
    widths = {name: text_width(shortened(name, LONGEST), TEXT) for name in arcs}
    right = {name for name, arc in arcs.items() if _at(sum(arc) / 2, 1)[0] >= 0}
    ends = [max((widths[name] for name in own), default=0.0) for own in (arcs.keys() - right, right)]
    return RADIUS + ends[0] + 0.45, RADIUS + ends[1] + 0.45


def _names(axes: Axes, arcs: dict[str, tuple[float, float]]) -> None:
    """The name of each population, level, beside its arc; a line leads to a name that had to move."""
    rims = {name: _at(sum(arc) / 2, RADIUS + 0.06) for name, arc in arcs.items()}
    for right in (False, True):
        own = [name for name, (x, _) in rims.items() if (x >= 0) == right]
        heights = spread_apart([rims[name][1] * 1.08 for name in own], 0.2)
        for name, height in zip(own, heights, strict=True):
            x, y = rims[name]
            curve = np.sqrt(max(0.0, (RADIUS + 0.14) ** 2 - min(abs(height), RADIUS + 0.14) ** 2))
            stand = max(abs(x) + 0.1, float(curve) + 0.02) * (1 if right else -1)
            axes.plot([x, stand], [y, height], color=GREY, lw=0.6, zorder=1)
            axes.text(
                stand + (0.05 if right else -0.05), height, shortened(name, LONGEST), size=TEXT, va="center_baseline",
                ha="left" if right else "right", gid=f"name {name}",
            )  # fmt: skip


def _numbers(axes: Axes, ribbons: Sequence[Ribbon], numbers: dict[tuple[str, str], list[int]]) -> None:
    """Numbers of the listed interactions on their ribbons, each where it meets no other."""
    taken: list[Box] = []
    for ribbon in sorted(ribbons, key=lambda own: -own.score):
        own = numbers.get((ribbon.sender, ribbon.receiver), [])
        if not own:
            continue
        text = ", ".join(map(str, own))
        width, height = text_width(text, SMALL, bold=True) + 0.09, 0.16
        ends = _at(sum(ribbon.leaves) / 2, RADIUS - RIM), _at(sum(ribbon.arrives) / 2, RADIUS - RIM)
        bend = 0.25 if ribbon.sender != ribbon.receiver else 0.55
        boxes = []
        for t in (0.1, 0.14, 0.18, 0.22, 0.27, 0.32, 0.38, 0.07, 0.45, 0.55, 0.65):
            u = 1 - t
            weights = np.array([u**3 + 3 * u * u * t * bend, t**3 + 3 * u * t * t * bend])
            x, y = weights @ np.array(ends)
            boxes.append(Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        box = next((box for box in boxes if not any(box.meets(other) for other in taken)), boxes[0])
        taken.append(box)
        axes.text(
            (box.left + box.right) / 2, (box.bottom + box.top) / 2, text, size=SMALL, weight="bold", ha="center",
            va="center_baseline", zorder=4, gid="number",
            bbox={"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none", "alpha": 0.85},
        )  # fmt: skip


def _listed(row: dict[Any, Any]) -> tuple[str, str]:
    """The two lines of text of one line between cells."""
    mark = "*" if row["q"] < FALSE_DISCOVERY else ""
    ends = " → ".join(shortened(row[name], LONGEST, SMALL) for name in ("sender", "receiver"))
    return f"{row['ligand']} → {row['receptor']}  {row['score']:.2f}{mark}", ends


def _list(axes: Axes, left: float, top: pd.DataFrame, listed: list[tuple[str, str]], colours: dict[str, str]) -> None:
    """The interactions with the highest scores, at the right."""
    y = axes.get_ylim()[1] - 0.62
    told = f"highest scores (0 to 1){', * q < 0.05' if any(row[0].endswith('*') for row in listed) else ''}"
    axes.text(left, y, told, size=SMALL, color=GREY)
    for number, (sender, (first, second)) in enumerate(zip(top["sender"], listed, strict=True), start=1):
        y -= ROW * (0.8 if number == 1 else 1.0)
        axes.plot(left + 0.05, y + 0.045, "s", ms=6, color=colours[sender], mec="none")
        axes.text(left + 0.3, y, str(number), size=SMALL, weight="bold", ha="right")
        axes.text(left + 0.4, y, first, size=SMALL, weight="bold", color=INK)
        axes.text(left + 0.4, y - 0.16, second, size=SMALL, color=GREY)
