"""Networks between cells: which population's ligands reach the receptors at the heads of another's important paths."""

from pathlore.explain.cell_communication.interactions import cell_communication
from pathlore.explain.cell_communication.pairs import communication_pairs

__all__ = ["cell_communication", "communication_pairs"]
