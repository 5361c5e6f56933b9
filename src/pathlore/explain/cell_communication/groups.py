"""Cells by population, class and donor, and what each group of them expresses."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.keys import Obs

logger = logging.getLogger(__name__)

ROWS = 20_000
"""Cells that are read at a time."""


@dataclass(frozen=True)
class Groups:
    """The cells of all populations that are large enough, n of them, on g genes.

    Attributes
    ----------
    x
        (n, g) log(1 + normalised) expression, float32.
    genes
        (g,) symbols.
    names
        (S,) populations.
    population, label
        (n,) codes of ``names`` and of the classes.
    donor
        (n,) codes, -1 where not known.
    n_classes
        C.
    """

    x: sparse.csr_matrix
    genes: list[str]
    names: list[str]
    population: np.ndarray
    label: np.ndarray
    donor: np.ndarray
    n_classes: int


def large_populations(obs: pd.DataFrame, class_names: Sequence[str], min_cells: int) -> list[str]:
    """Cell types with at least so many cells of each class, by name; the others are named in the log."""
    known = obs[obs[Obs.CELL_TYPE].notna() & obs[Obs.CONDITION].isin(list(class_names))]
    if known.empty:
        return []
    counts = pd.crosstab(known[Obs.CELL_TYPE].astype(str), known[Obs.CONDITION].astype(str))
    least = counts.reindex(columns=list(class_names), fill_value=0).min(axis=1)
    if (least < min_cells).any():
        logger.info(
            "Cell communication: %d of %d cell types left out, fewer than %d cells of a class (%s)",
            int((least < min_cells).sum()),
            len(least),
            min_cells,
            ", ".join(f"{name}: {n}" for name, n in least[least < min_cells].items()),
        )
    return sorted(least.index[least >= min_cells])


def group_cells(cells: AnnData, names: Sequence[str], class_names: Sequence[str], genes: Sequence[str]) -> Groups:
    """Take the cells of some populations, and some of their genes.

    Parameters
    ----------
    cells
        ``X`` log(1 + normalised), in memory or on disk; ``obs`` with cell type, condition and donor.
    names, class_names
        Populations, and classes with the control first; other cells are left out.
    genes
        All of them in ``var_names``.
    """
    obs = cells.obs
    population = pd.Index(names).get_indexer(obs[Obs.CELL_TYPE].astype(object))
    label = pd.Index(class_names).get_indexer(obs[Obs.CONDITION].astype(object))
    donors = obs[Obs.DONOR].astype(object) if Obs.DONOR in obs else pd.Series(None, obs.index, dtype=object)
    donor = pd.factorize(donors)[0]
    kept = (population >= 0) & (label >= 0)
    columns = cells.var_names.get_indexer(list(genes))
    parts = []
    for start in range(0, cells.n_obs, ROWS):
        rows = sparse.csr_matrix(cells.X[start : start + ROWS])
        parts.append(rows[kept[start : start + ROWS]][:, columns].astype(np.float32))
    x = sparse.vstack(parts, format="csr")
    x.eliminate_zeros()
    return Groups(x, list(genes), list(names), population[kept], label[kept], donor[kept], len(class_names))


def sums(x: sparse.csr_matrix, codes: np.ndarray, n_groups: int) -> np.ndarray:
    """Sum over the cells of each group, (n_groups, g); cells with code -1 are in none."""
    total = np.zeros((n_groups, x.shape[1]))
    for start in range(0, x.shape[0], ROWS):
        block = codes[start : start + ROWS]
        rows = np.flatnonzero(block >= 0)
        member = sparse.csr_matrix((np.ones(len(rows)), (block[rows], rows)), (n_groups, len(block)))
        total += (member @ x[start : start + ROWS]).toarray()
    return total


def population_means(groups: Groups) -> np.ndarray:
    """Mean log expression of each population, (S, g)."""
    size = np.bincount(groups.population, minlength=len(groups.names))
    return sums(groups.x, groups.population, len(groups.names)) / size[:, None]


def class_fractions(groups: Groups) -> np.ndarray:
    """Share of expressing cells by population and class, (S, C, g)."""
    shape = len(groups.names), groups.n_classes
    codes = groups.population * groups.n_classes + groups.label
    size = np.bincount(codes, minlength=shape[0] * shape[1])
    x = groups.x  # without stored zeros
    expressed = sparse.csr_matrix((np.ones_like(x.data), x.indices, x.indptr), x.shape)
    return (sums(expressed, codes, len(size)) / size[:, None]).reshape(*shape, -1)
