"""Figures of the signals between cell populations."""

from pathlore.plot.between.circle import between_circle
from pathlore.plot.between.lines import between_lines
from pathlore.plot.between.matrix import between_matrix

__all__ = ["between_circle", "between_lines", "between_matrix"]
