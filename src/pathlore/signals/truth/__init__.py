"""Experiments with a known ligand, and how well a network finds its receptors in them."""

from pathlore.signals.truth.experiments import Experiments, read_experiments
from pathlore.signals.truth.meter import network_quality

__all__ = ["Experiments", "network_quality", "read_experiments"]
