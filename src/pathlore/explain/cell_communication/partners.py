"""Ligands and receptors, one gene or several."""

from collections.abc import Sequence

import numpy as np

from pathlore.graph.interactions import members


class Partners:
    """Ligands, or receptors, and the places of their genes.

    Parameters
    ----------
    names
        (m,) genes, or members of a complex joined by '_'.
    genes
        (g,) symbols, the members of all names among them.

    Examples
    --------
    >>> partners = Partners(["B", "A_C"], ["A", "B", "C"])
    >>> partners.least(np.array([[5.0, 1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """

    def __init__(self, names: Sequence[str], genes: Sequence[str]) -> None:
        place = {gene: i for i, gene in enumerate(genes)}
        self.names = list(names)
        self.members = [np.array([place[gene] for gene in members(name)]) for name in names]
        self._starts = np.cumsum([0, *map(len, self.members[:-1])])

    def __len__(self) -> int:
        return len(self.names)

    def least(self, values: np.ndarray) -> np.ndarray:
        r"""A complex is there as much as its rarest member: (..., g) to (..., m).

        .. math:: v_m = \min_{g \in m} v_g

        Source: CellPhoneDB, Efremova 2020 (10.1038/s41596-020-0292-x).
        """
        if not self.names:
            return np.zeros((*values.shape[:-1], 0))
        return np.asarray(np.minimum.reduceat(values[..., np.concatenate(self.members)], self._starts, axis=-1))

    def rarest(self, values: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As `least`, and another value of the rarest member."""
        least, other = self.least(values), self.least(others)
        for m, genes in enumerate(self.members):
            if len(genes) > 1:
                rarest = values[..., genes].argmin(axis=-1)[..., None]
                other[..., m] = np.take_along_axis(others[..., genes], rarest, axis=-1)[..., 0]
        return least, other
