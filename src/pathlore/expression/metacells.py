"""Cells that are alike, of one donor, class and type, averaged to one: less noise, fewer rows."""

import logging
from typing import Literal

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

logger = logging.getLogger(__name__)

COMPONENTS = 20
"""Principal components by which cells are alike, at most."""
N_CELLS = "n_cells"


def metacells(cells: AnnData, size: int | Literal["donor"]) -> AnnData:
    r"""Average groups of cells, none of which holds cells of two donors, classes, types or values of a design's term.

    .. math:: x_m = \log\Bigl(1 + \tfrac{1}{|m|} \sum_{c \in m} (e^{x_c} - 1)\Bigr)

    Each cell has the same sum before the logarithm, so that this is the pseudobulk of cells that count alike. Within a
    donor, class and type the groups are clusters by expression (bisecting k-means on principal components).

    Parameters
    ----------
    cells
        Prepared cells, X (n, G) log(1 + normalised), sorted by name.
    size
        Cells of a metacell, on average; ``donor``: all cells of one donor, class and type are one (pseudobulk).

    Returns
    -------
    Metacells, each under the name of the first of its cells, with their number in ``obs["n_cells"]``.
    """
    obs = cells.obs
    groups = obs.groupby(list(obs.columns), observed=True, dropna=False, sort=True).indices
    means, first, counts = [], [], []
    for rows in groups.values():
        x = sparse.csr_matrix(cells.X[rows])
        member = _clusters(x, 1 if size == "donor" else max(1, round(len(rows) / size)))
        _, place, amount = np.unique(member, return_index=True, return_counts=True)
        sums = sparse.csr_matrix((np.ones(len(rows)), (member, np.arange(len(rows)))), shape=(len(place), len(rows)))
        means.append(sparse.diags(1 / amount) @ sums @ x.astype(np.float64).expm1())
        first.append(rows[place])
        counts.append(amount)
    places, n_cells = np.concatenate(first), np.concatenate(counts)
    order = np.argsort(places)  # by the name of their first cell
    logger.info(
        "%d cells averaged to %d metacells of %d cells in the median", cells.n_obs, len(places), np.median(n_cells)
    )
    return AnnData(
        X=sparse.csr_matrix(sparse.vstack(means, format="csr")[order].log1p(), dtype=np.float32),
        obs=obs.iloc[places[order]].assign(**{N_CELLS: n_cells[order]}),
        var=pd.DataFrame(index=cells.var_names),
        uns=dict(cells.uns),
    )


def _clusters(x: sparse.csr_matrix, number: int) -> np.ndarray:
    """Cluster of each row, 0 to number - 1."""
    from sklearn.cluster import BisectingKMeans
    from sklearn.decomposition import TruncatedSVD

    if number < 2 or number >= x.shape[0]:
        return np.zeros(x.shape[0], dtype=int) if number < 2 else np.arange(x.shape[0])
    components = min(COMPONENTS, x.shape[0] - 1, x.shape[1] - 1)
    places = TruncatedSVD(components, random_state=0).fit_transform(x) if components > 1 else x.toarray()
    model = BisectingKMeans(number, random_state=0, bisecting_strategy="largest_cluster")
    return np.unique(model.fit_predict(places), return_inverse=True)[1]
