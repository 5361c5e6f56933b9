"""Groups of alike cells, and how much each looks like a cell type by its markers."""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.compiled_files import name_compiled_files_apart
from pathlore.config import CellAnnotationConfig
from pathlore.expression.normalise import per_total
from pathlore.schemas import CohortClusters

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"
COUNTS_PER_CELL = 10_000
LEAST_PRESENCE = 0.25
"""What the highest presence of a marker is taken for at least: less may be stray counts, or few cells among others."""
LEAST_CELLS = 10
"""Cells of a cluster that may set the highest presence, where there are such clusters."""


def log_normalised(X: sparse.csr_matrix, genes: pd.Index) -> AnnData:
    """Counts as log(1 + counts per 10,000)."""
    return AnnData(per_total(X, COUNTS_PER_CELL).log1p(), var=pd.DataFrame(index=genes))


def cluster_cells(cells: AnnData, config: CellAnnotationConfig) -> np.ndarray:
    """Group cells by k-means on the principal components of their most variable genes.

    The clusters are many and small, several to a cell type: donors may form clusters of their own, since each gets its
    type by its markers.

    Parameters
    ----------
    cells
        Log-normalised.
    config
        Numbers of genes, components and clusters.

    Returns
    -------
    (cells,) int, the cluster of each, from 0.
    """
    import scanpy as sc
    from sklearn.cluster import KMeans

    name_compiled_files_apart()  # scanpy compiles what follows
    if cells.n_vars > config.variable_genes:
        sc.pp.highly_variable_genes(cells, n_top_genes=config.variable_genes)
        cells = cells[:, cells.var["highly_variable"]]
    components = min(config.components, cells.n_vars - 1, cells.n_obs - 1)
    n_clusters = min(max(2, cells.n_obs // config.cells_per_cluster), config.clusters, cells.n_obs)
    if components < 1 or n_clusters < 2:
        return np.zeros(cells.n_obs, dtype=int)
    place = sc.pp.pca(cells.X, n_comps=components, random_state=config.seed)
    return KMeans(n_clusters, n_init=4, random_state=config.seed).fit_predict(place)


def name_clusters(
    cells: AnnData,
    clusters: np.ndarray,
    samples: np.ndarray,
    markers: dict[str, list[str]],
    min_confidence: float,
    lineages: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    r"""Name each cluster by the cell type whose markers stand out most.

    .. math:: s_{kt} = \frac{1}{|M_t|} \sum_{g \in M_t}
              \min\Bigl(1, \frac{p_{kg}}{\max(0.25, \max_{k'} p_{k'g})}\Bigr), \quad
              p_{kg} = \frac{\bar x_{kg}}{\bar x_{g+}}

    x: log-normalised expression of gene g, its mean in the cluster k and over all cells that express it; M: measured
    markers of the cell type t. The presence p is about the share of the cluster's cells that express the gene. The
    score is 1 where each marker is as present as anywhere, and near 0 where none is; that a type makes up most of the
    cells has no say in it, and a few mast cells among T cells do not name them. The confidence is the lead of the best
    type over the best of another lineage: related types, such as monocytes and macrophages, share markers, and that
    both score high makes neither less likely. A cluster with a lead of less than ``min_confidence`` is ``unknown``;
    where a related type is as near, ``related`` names it. Clusters of fewer than ten cells set no maximum.

    Parameters
    ----------
    cells
        Log-normalised.
    clusters, samples
        (cells,)
    markers
        Cell type -> its measured markers, two types at least.
    min_confidence
        From 0 to 1.
    lineages
        Cell type -> its lineage; one that is not among them stands alone.

    Returns
    -------
    `pathlore.schemas.CohortClusters`.
    """
    genes = sorted({gene for names in markers.values() for gene in names})
    values = cells[:, genes].X.toarray()  # (cells, markers)
    means = pd.DataFrame(values, columns=genes).groupby(clusters).mean()  # (clusters, markers)
    large = np.bincount(clusters)[means.index] >= LEAST_CELLS
    presence = means / np.maximum(values.sum(axis=0) / np.maximum((values > 0).sum(axis=0), 1), 1e-9)
    highest = (presence[large] if large.any() else presence).max(axis=0).clip(lower=LEAST_PRESENCE)
    shares = (presence / highest).clip(upper=1.0)
    scores = pd.DataFrame({name: shares[list(of)].mean(axis=1) for name, of in markers.items()})
    rows = []
    for cluster, score in scores.iterrows():
        best, second, related = _ranked(score, lineages or {}, min_confidence)
        lead = float(score[best] - score[second]) if second else float(score[best])
        shown = shares.loc[cluster, list(markers[best])].sort_values(ascending=False, kind="stable").index
        members = clusters == cluster
        rows.append(
            (cluster, int(members.sum()), len(set(samples[members])), best if lead >= min_confidence else UNKNOWN, best,
             float(score[best]), second, lead, related, ";".join(shown))
        )  # fmt: skip
    return CohortClusters.validate(pd.DataFrame(rows, columns=list(CohortClusters.to_schema().columns)))


def _ranked(score: pd.Series, lineages: Mapping[str, str], close: float) -> tuple[str, str, str]:
    """The best type; the best of another lineage; and the next of the same lineage, if it is nearly as good.

    The last two are empty where there is none.
    """
    order = list(score.sort_values(ascending=False, kind="stable").index)
    best = order[0]
    lineage = lineages.get(best, best)
    kin = [name for name in order[1:] if lineages.get(name, name) == lineage]
    others = [name for name in order[1:] if name not in kin]
    near = kin[0] if kin and score[best] - score[kin[0]] < close else ""
    return best, others[0] if others else "", near
