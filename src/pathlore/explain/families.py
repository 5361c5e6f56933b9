"""Siblings: paths that share most of their genes are one finding, of which the best path is shown."""

from collections.abc import Sequence

import numpy as np

SHARED = 0.5
"""Share of a path's genes that lie on the best path of a family from which on it belongs to that family."""


def families(paths: Sequence[Sequence[str]], order: np.ndarray) -> np.ndarray:
    """Number of each path's family, (P,), 1 for that of the best path.

    In the order given, a path joins the first family with whose best path it shares at least half of its own genes, or
    begins one.

    Parameters
    ----------
    paths
        P lists of genes.
    order
        (P,) positions of the paths, the best first.

    Examples
    --------
    >>> families([["A", "B", "C"], ["A", "B", "D"], ["X", "Y", "C"]], np.array([1, 0, 2])).tolist()
    [1, 1, 2]
    """
    best: list[set[str]] = []
    found = np.zeros(len(paths), dtype=int)
    for place in order:
        genes = set(paths[place])
        alike = (number for number, other in enumerate(best, start=1) if len(genes & other) >= SHARED * len(genes))
        found[place] = next(alike, len(best) + 1)
        if found[place] > len(best):
            best.append(genes)
    return found
