"""A type for every cell: the user's, else that of the series, else by markers, else ``unknown``."""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.compiled_files import name_compiled_files_apart
from pathlore.config import CellAnnotationConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.prepare import per_total
from pathlore.genes.columns import has, text
from pathlore.keys import Obs
from pathlore.resources.raw import RawTables, known_genes, refuse_misspelt
from pathlore.schemas import CohortClusters

logger = logging.getLogger(__name__)

LINEAGE = "lineage"


def read_lineages(raw: RawTables, tissue: str) -> dict[str, str]:
    """Cell type -> lineage of a tissue's cell types, where it is told: those of one lineage share markers."""
    found: dict[str, str] = {}
    for table in raw.values():
        if has(table, "tissue", Obs.CELL_TYPE, LINEAGE):
            columns = {name: text(table, name) for name in ("tissue", Obs.CELL_TYPE, LINEAGE)}
            rows = pd.DataFrame(columns)
            rows = rows[(rows["tissue"] == tissue) & (rows[LINEAGE] != "")]
            found |= dict(zip(rows[Obs.CELL_TYPE], rows[LINEAGE], strict=True))
    return found


def read_markers(raw: RawTables, tissue: str, measured: pd.Index, min_markers: int) -> dict[str, list[str]]:
    """Choose the measured markers of a tissue's cell types, of those that have ``min_markers`` among them at least.

    A table has the columns ``tissue``, ``cell_type``, ``gene``, perhaps ``lineage``; further ones are for the reader.

    Raises
    ------
    PathloreError
        A table lacks a column, the tissue is not there, or fewer than two cell types have enough markers.
    """
    tables = []
    for file, table in raw.items():
        if isinstance(table, str) or not has(table, "tissue", Obs.CELL_TYPE, "gene"):
            found = "text" if isinstance(table, str) else shorten(table.columns)
            raise PathloreError(
                f"{file} has {found}, the columns tissue, cell_type, gene were expected: change `markers`"
            )
        refuse_misspelt(file, table.columns, ("tissue", Obs.CELL_TYPE, LINEAGE, "gene"), "markers")
        genes = known_genes(text(table, "gene"), file, "markers")
        columns = {"tissue": text(table, "tissue"), Obs.CELL_TYPE: text(table, Obs.CELL_TYPE), "gene": genes}
        tables.append(pd.DataFrame(columns)[(genes != "") & (columns[Obs.CELL_TYPE] != "")])
    every = pd.concat(tables) if tables else pd.DataFrame(columns=["tissue", Obs.CELL_TYPE, "gene"])
    chosen = every[every["tissue"] == tissue]
    if chosen.empty:
        raise PathloreError(
            f"the table of markers has no tissue '{tissue}', but {shorten(every['tissue'].unique()) or 'none'}: change "
            "`cohort.annotation.tissue`, or give a table of your own by `markers`"
        )
    markers = {
        str(name): [gene for gene in dict.fromkeys(rows["gene"]) if gene in measured]
        for name, rows in chosen.groupby(Obs.CELL_TYPE, sort=False)
    }
    enough = {name: genes for name, genes in markers.items() if len(genes) >= min_markers}
    if len(enough) < 2:
        raise PathloreError(
            f"of {len(markers)} cell types of {tissue}, {shorten(enough) or 'none'} has {min_markers} measured markers "
            f"(measured genes are such as {shorten(measured[:3])}), two at least were expected: genes have to be "
            "symbols; or lower `cohort.annotation.min_markers`, or give a table of your own by `markers`"
        )
    return enough


def read_annotation(raw: RawTables, cells: pd.Index) -> pd.Series:
    """Read a user's own annotation: cell (``sample:barcode``) -> cell type, for the cells that are told.

    Raises
    ------
    PathloreError
        A table lacks the column ``cell`` or ``cell_type``, names no cell of the cohort, or one cell twice.
    """
    told = pd.Series(dtype=object)
    for file, table in raw.items():
        if isinstance(table, str) or not has(table, Obs.CELL, Obs.CELL_TYPE):
            found = "text" if isinstance(table, str) else shorten(table.columns)
            raise PathloreError(f"{file} has {found}, the columns cell, cell_type were expected: change `cell_types`")
        types = text(table, Obs.CELL_TYPE).set_axis(text(table, Obs.CELL))
        n_untold = int((types == "").sum())
        types = types[(types != "") & types.index.isin(cells)]
        if types.empty:
            raise PathloreError(
                f"{file} names no cell of the cohort, but cells such as {shorten(text(table, Obs.CELL)[:2])}; names "
                f"such as {shorten(cells[:2])} were expected: change `cell_types`"
            )
        logger.info(
            "Cell types %s: %d rows read, %d cells assigned; left out: %d without a type, %d of other cells",
            file, len(table), len(types), n_untold, len(table) - n_untold - len(types),
        )  # fmt: skip
        told = pd.concat([told, types])
    if told.index.has_duplicates:
        twice = told.index[told.index.duplicated()].unique()
        raise PathloreError(f"{len(twice)} cells have two types, such as {shorten(twice, 3)}: correct `cell_types`")
    return told


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
    """Group log-normalised cells by k-means on the principal components of their most variable genes.

    The clusters are many and small, several to a cell type: donors may form clusters of their own, since each gets its
    type by its markers. Returns the cluster of each cell, from 0.
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


SOURCE, CONFIDENCE, CLUSTER = "cell_type_source", "cell_type_confidence", "cluster"
USER, SERIES, MARKERS, NOBODY = "user", "series", "markers", "nobody"


def annotate_cells(
    cells: AnnData, markers: RawTables, own: RawTables, config: CellAnnotationConfig
) -> tuple[AnnData, pd.DataFrame]:
    """Give every cell a type.

    A user's own annotation wins for the cells that it names; then what the series says; the others are clustered, and
    each cluster is named by its markers: `pathlore.cohorts.annotate`.

    Parameters
    ----------
    cells
        Counts, ``obs["cell_type"]`` with the empty text where the series says nothing, ``obs["sample"]``.
    markers, own
        Tables as for `pathlore.cohorts.annotate.read_markers` and `read_annotation`; ``own`` may be empty.
    config
        ``tissue`` None: what neither the user nor the series tells stays ``unknown``.

    Returns
    -------
    The cells with ``obs`` cell_type, cell_type_source (user, series, markers, nobody), cell_type_confidence (lead of
    the best score over that of another lineage; NaN where it was told) and cluster (-1: not clustered); and the
    clusters, `pathlore.schemas.CohortClusters`.

    Raises
    ------
    PathloreError
        A table is not as expected, or too few markers are measured.
    """
    types = cells.obs[Obs.CELL_TYPE].astype(str).to_numpy(dtype=object)
    source = np.where(types == "", NOBODY, SERIES).astype(object)
    told = read_annotation(own, cells.obs_names)
    at = cells.obs_names.get_indexer(told.index)
    types[at], source[at] = told.to_numpy(), USER
    confidence, cluster = np.full(cells.n_obs, np.nan), np.full(cells.n_obs, -1)
    table = CohortClusters.empty()
    untold = np.flatnonzero(types == "")
    if len(untold) and config.tissue is not None:
        known = read_markers(markers, config.tissue, cells.var_names, config.min_markers)
        part = log_normalised(cells.X[untold], cells.var_names)
        groups = cluster_cells(part, config)
        samples = cells.obs["sample"].to_numpy()[untold]
        lineages = read_lineages(markers, config.tissue)
        table = name_clusters(part, groups, samples, known, config.min_confidence, lineages)
        by_cluster = table.set_index("cluster")
        types[untold] = by_cluster["cell_type"].loc[groups].to_numpy()
        confidence[untold] = by_cluster["confidence"].loc[groups].to_numpy()
        cluster[untold], source[untold] = groups, MARKERS
    types[types == ""] = UNKNOWN
    result = AnnData(cells.X, obs=cells.obs.copy(), var=cells.var, uns=dict(cells.uns))
    result.obs[Obs.CELL_TYPE] = pd.Categorical(types)
    result.obs[SOURCE] = pd.Categorical(source)
    result.obs[CONFIDENCE], result.obs[CLUSTER] = confidence, cluster
    _log(result, table)
    return result, table


def _log(cells: AnnData, table: pd.DataFrame) -> None:
    by_source = cells.obs[SOURCE].value_counts()
    counts = cells.obs[Obs.CELL_TYPE].value_counts()
    logger.info(
        "Cell types: %s; %s; %d clusters, %d of them unknown",
        ", ".join(f"{n} cells by {name}" for name, n in by_source.items() if n),
        ", ".join(f"{name} {n}" for name, n in counts.items() if n),
        len(table),
        int((table["cell_type"] == UNKNOWN).sum()),
    )
    between = table[(table["related"] != "") & (table["cell_type"] != UNKNOWN)]
    if len(between):
        pairs = (between["cell_type"] + " or " + between["related"]).unique()
        logger.info("%d of %d clusters lie between related types: %s", len(between), len(table), shorten(pairs))
    alone = table[table["samples"] == 1]
    if len(alone):
        logger.warning("%d of %d clusters hold the cells of one sample alone", len(alone), len(table))
