"""Plots of the signals between cell populations."""

from pathlore.plot.cell_communication.circle import communication_circle
from pathlore.plot.cell_communication.interactions import communication_interactions
from pathlore.plot.cell_communication.matrix import communication_matrix

__all__ = ["communication_circle", "communication_interactions", "communication_matrix"]
