"""Names beside points, so that no two of them overlap."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from pathlore.plot.style import GREY, SMALL, text_width

DISTANCES = (3.0, 9.0, 18.0, 30.0, 44.0)  # points, between the rim of a point and its label
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
LINE_HEIGHT = 1.25  # of the type size
LEAD = 12.0  # points; a label further away has a line to its point


class Box(NamedTuple):
    """A rectangle in points, from the lower left of the figure."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Whether two boxes overlap."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def within(self, other: "Box") -> bool:
        """Whether the box lies in another one."""
        return (
            self.left >= other.left and self.right <= other.right
            and self.bottom >= other.bottom and self.top <= other.top
        )  # fmt: skip


def label_points(
    axes: Axes,
    points: np.ndarray,
    texts: Sequence[str],
    radii: Sequence[float],
    taken: list[Box] | None = None,
    size: float = SMALL,
    **look: Any,
) -> list[int]:
    """Write a label beside each point, the first points first, where there is room.

    A label stands at the nearest of eight sides and five distances where it meets no other label and no point, and does
    not leave the axes. Where there is none, it may cover points without a label; where there is none either, it is left
    out.

    Parameters
    ----------
    axes
        With its place and limits as they will be drawn: no automatic layout.
    points
        (n, 2) in the data's units.
    texts
        n labels; a point with an empty one is only kept clear of.
    radii
        n, of the points, in points of type (1/72 inch).
    taken
        Boxes to keep clear of; those of the labels are added.
    size
        Type size in points.
    look
        For the texts.

    Returns
    -------
    Places in ``texts`` of the labels that were written.
    """
    taken = [] if taken is None else taken
    scale = 72 / axes.figure.dpi
    centres = axes.transData.transform(np.asarray(points, float).reshape(-1, 2)) * scale
    room = Box(*(float(value) * scale for value in axes.get_window_extent().extents))
    dots = [Box(x - r, y - r, x + r, y + r) for (x, y), r in zip(centres, radii, strict=True)]
    named = {place for place, text in enumerate(texts) if text}
    written = []
    for place, text in enumerate(texts):
        if not text:
            continue
        width, height = text_width(text, size) * 72 + 2, size * LINE_HEIGHT
        boxes = [own for own in _places(centres[place], radii[place], width, height) if own[0].within(room)]
        boxes = [own for own in boxes if not any(own[0].meets(other) for other in taken)]
        strict = [[dot for other, dot in enumerate(dots) if other != place and (other in named or not loose)]
                  for loose in (False, True)]  # fmt: skip
        free = (own for points in strict for own in boxes if not any(own[0].meets(dot) for dot in points))
        box, offset = next(free, (None, 0.0))
        if box is None:
            continue
        taken.append(box)
        written.append(place)
        x, y = (box.left + box.right) / 2 - centres[place][0], (box.bottom + box.top) / 2 - centres[place][1]
        line = {"arrowstyle": "-", "color": GREY, "lw": 0.6, "shrinkA": 0, "shrinkB": radii[place]}
        axes.annotate(
            text, points[place], (float(x), float(y)), textcoords="offset points", ha="center", va="center", size=size,
            arrowprops=line if offset >= LEAD else None, zorder=6,
            bbox={"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.7}, **look,
        )  # fmt: skip
    return written


def _places(centre: np.ndarray, radius: float, width: float, height: float) -> list[tuple[Box, float]]:
    """Boxes to try, the nearest first, with their distance from the rim of the point."""
    boxes = []
    for distance in DISTANCES:
        for right, up in SIDES:
            reach = (radius + distance) * (0.75 if right and up else 1.0)
            x = centre[0] + right * (reach + width / 2)
            y = centre[1] + up * (reach + height / 2)
            boxes.append((Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2), distance))
    return boxes


def spread_apart(wanted: Sequence[float], pitch: float) -> np.ndarray:
    """Move heights as little as needed, so that neighbours stand ``pitch`` apart; their order stays.

    Examples
    --------
    >>> spread_apart([0.0, 0.0, 5.0], 1.0).tolist()
    [-0.5, 0.5, 5.0]
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(wanted, kind="stable")
    steps = np.arange(len(order)) * pitch
    heights = np.empty(len(order))
    if len(order):
        heights[order] = isotonic_regression(np.asarray(wanted, float)[order] - steps).x + steps
    return heights
