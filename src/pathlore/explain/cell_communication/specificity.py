"""Whether a ligand and a receptor belong to just these two populations: the labels of populations permuted."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse

from pathlore.explain.cell_communication.partners import Partners

TOGETHER = 16
"""Permutations that go through the cells together."""

INTERACTION_VALUES = 2**25
"""Statistics of interactions that are held at once (128 MiB)."""


def specificity(
    x: sparse.csr_matrix,
    population: np.ndarray,
    ligands: Partners,
    receptors: Partners,
    interactions: np.ndarray,
    permutations: int,
    seed: int,
) -> np.ndarray:
    r"""P-value of each interaction by CellPhoneDB's null.

    .. math:: t = \tfrac12 (\bar x_{l,s} + \bar x_{r,t}), \qquad p = \frac{1 + \#\{b : t_b \ge t\}}{1 + B}

    with the mean log expression of the ligand in the sender and of the receptor in the receiver, that of a complex
    being the least of its members' means; in permutation b the populations' labels are permuted over all cells. A low p
    says that few other groups of cells of these sizes express the pair so much, not that anything changes.

    Parameters
    ----------
    x
        (n, g) log expression.
    population
        (n,) codes 0 .. S - 1.
    ligands, receptors
        On the g genes.
    interactions
        (4, N) codes of sender, receiver, ligand, receptor.
    permutations
        B.
    seed
        Of the permutations.

    Returns
    -------
    (N,).

    Source: Efremova 2020 (10.1038/s41596-020-0292-x); p by Phipson and Smyth 2010 (10.2202/1544-6115.1585).
    """
    sender, receiver, ligand, receptor = interactions
    asked = [partners.members[m] for partners, codes in ((ligands, ligand), (receptors, receptor)) for m in set(codes)]
    used = np.unique(np.concatenate(asked))
    columns = sparse.csc_matrix(x)
    columns.sort_indices()
    n_groups = int(population.max()) + 1
    size = np.bincount(population, minlength=n_groups)[None, :, None]
    kernel = _kernel()

    def statistics(labels: np.ndarray) -> np.ndarray:
        """(b, N) from labels (n, b)."""
        total = np.zeros((labels.shape[1], n_groups, x.shape[1]), dtype=np.float32)
        kernel(columns.indptr, columns.indices, columns.data, labels, used, total)
        means = total / size
        return ligands.least(means)[:, sender, ligand] + receptors.least(means)[:, receiver, receptor]

    codes = population.astype(np.uint16)
    observed = statistics(np.ascontiguousarray(codes[:, None]))[0]
    observed -= 1e-5 * np.abs(observed)  # sums of float32 in another order
    rng, reached = np.random.default_rng(seed), np.zeros(interactions.shape[1], dtype=np.int64)
    together = max(1, min(TOGETHER, INTERACTION_VALUES // max(1, interactions.shape[1])))
    for start in range(0, permutations, together):
        permuted = [rng.permutation(codes) for _ in range(min(together, permutations - start))]
        reached += (statistics(np.stack(permuted, axis=1)) >= observed).sum(axis=0)
    return np.asarray((1 + reached) / (1 + permutations))


@cache
def _kernel() -> Callable[..., None]:
    """Sums of each gene's values by group, for several labellings at once: ``total[b, labels[i, b], g] += x[i, g]``.

    A product with one indicator per labelling would do the same; here each value is read once for all of them.
    """
    import numba

    @numba.njit(nogil=True, error_model="numpy")  # type: ignore[untyped-decorator, unused-ignore]
    def add_up(indptr: Any, indices: Any, data: Any, labels: Any, used: Any, total: Any) -> None:
        n_labellings, n_groups = total.shape[0], total.shape[1]
        sums = np.zeros((n_labellings, n_groups), dtype=np.float64)
        for g in used:
            sums[:] = 0
            for place in range(indptr[g], indptr[g + 1]):
                value = data[place]
                row = labels[indices[place]]
                for b in range(n_labellings):
                    sums[b, row[b]] += value
            for b in range(n_labellings):
                for group in range(n_groups):
                    total[b, group, g] = sums[b, group]

    return add_up
