"""Signals: which receptor and which ligand were really active, from the changes of genes and the text-numeric graph.

No model is trained. The vectors of the graph, by network and by text, place the genes that rose near the receptor that
was active; see `pathlore.signals.scores` for the formulas and docs/real-truth.md for what was measured.
"""

from pathlore.signals.inputs import load_profiles
from pathlore.signals.paths import path_affinity
from pathlore.signals.rank import rank_ligands, rank_receptors

__all__ = ["load_profiles", "path_affinity", "rank_ligands", "rank_receptors"]
