"""Networks between cells: which population's ligands reach the receptors at the heads of another's important paths."""

from pathlore.explain.between_cells.lines import between_cells
from pathlore.explain.between_cells.pairs import between_pairs

__all__ = ["between_cells", "between_pairs"]
