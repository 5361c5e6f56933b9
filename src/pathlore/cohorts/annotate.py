"""A type for every cell: the user's, else that of the series, else by markers, else ``unknown``."""

import logging

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.cohorts.clusters import UNKNOWN, cluster_cells, log_normalised, name_clusters
from pathlore.cohorts.markers import read_annotation, read_lineages, read_markers
from pathlore.config import CellAnnotationConfig
from pathlore.errors import shorten
from pathlore.keys import Obs
from pathlore.resources.raw import RawTables
from pathlore.schemas import CohortClusters

logger = logging.getLogger(__name__)

SOURCE, CONFIDENCE, CLUSTER = "cell_type_source", "cell_type_confidence", "cluster"
USER, SERIES, MARKERS, NOBODY = "user", "series", "markers", "nobody"


def annotate_cells(
    cells: AnnData, markers: RawTables, own: RawTables, config: CellAnnotationConfig
) -> tuple[AnnData, pd.DataFrame]:
    """Give every cell a type.

    A user's own annotation wins for the cells that it names; then what the series says; the others are clustered, and
    each cluster is named by its markers: `pathlore.cohorts.clusters`.

    Parameters
    ----------
    cells
        Counts, ``obs["cell_type"]`` with the empty text where the series says nothing, ``obs["sample"]``.
    markers, own
        Tables as for `pathlore.cohorts.markers.read_markers` and `read_annotation`; ``own`` may be empty.
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
