"""From the AnnData object as it was found to cells that every later step can rely on."""

import logging
from collections import Counter

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, QualityConfig
from pathlore.errors import PathloreError
from pathlore.expression.matrix import block_size, read_rows, sample_rows, select_matrix
from pathlore.expression.metacells import metacells
from pathlore.expression.normalise import normalise
from pathlore.expression.observations import label_cells
from pathlore.expression.planted import planted_slots
from pathlore.expression.quality import MIN_GENES, MITOCHONDRIAL, PASSES, judge_cells
from pathlore.expression.scale import cell_values, check_one_scale, check_values, refuse_mixed, resolve_scale, united
from pathlore.expression.symbols import gene_columns
from pathlore.keys import Obs

logger = logging.getLogger(__name__)


def prepare_cells(
    adata: AnnData, cells: CellsConfig, quality: QualityConfig, mapping: pd.DataFrame | None = None
) -> AnnData:
    """Label the cells, drop the poor ones, normalise, and keep one column per gene symbol.

    Works through the rows by blocks, from memory or from a backed file, so that no more than the sparse result and
    one block is held. Every step looks at one cell at a time; nothing is fitted.

    Parameters
    ----------
    adata
        Cells as found; opened with ``backed="r"`` where the file is large.
    cells
        Where matrix and labels lie.
    quality
        Which cells are kept, and what the numbers are.
    mapping
        `pathlore.schemas.GeneMapping`: the human symbol of each measured name; None: the names are symbols.

    Returns
    -------
    Cells sorted by name and genes by symbol, so that the order of the file decides nothing. ``X`` (cells, G) CSR
    float32, log(1 + normalised); ``obs`` the columns of
    :func:`~pathlore.expression.observations.label_cells`, texts as categories (those of ``condition`` in the order of
    the labels); ``var`` indexed by symbol; ``uns["pathlore"]`` the verdict on the scale, what each rule dropped, and
    the paths that simulated cells were given. With ``quality.metacells`` the rows are metacells.

    Raises
    ------
    PathloreError
        From labels, matrix or symbols; or a class has no cell left.
    """
    labels = label_cells(adata.obs, cells)
    matrix = select_matrix(adata, cells.layer)
    genes = gene_columns(matrix.var, cells.gene_column, mapping)
    scale = resolve_scale(sample_rows(matrix), quality.scale)
    wanted = adata.obs_names.astype(str).isin(labels.index)
    blocks, reasons, values = [], [], []
    step = block_size(matrix)
    for start in range(0, adata.n_obs, step):
        rows = np.flatnonzero(wanted[start : start + step])
        if rows.size:
            block = read_rows(matrix, start, min(start + step, adata.n_obs))[rows]
            check_values(block)
            values.append(cell_values(block))
            reasons.append(judge_cells(block, genes.mitochondrial, quality, scale))
            good = block[np.flatnonzero(reasons[-1] == PASSES)]
            blocks.append(normalise(good, genes, scale=scale, target_sum=quality.target_sum))
    groups = {key: labels[key].astype(object).fillna("").to_numpy() for key in (Obs.CONDITION, Obs.DONOR)}
    refuse_mixed(check_one_scale(united(values), groups), quality.scale)
    reason = pd.Series(np.concatenate(reasons), index=labels.index)
    kept = labels[reason == PASSES]
    _check_classes(labels, reason, cells, quality)
    counts = Counter(reason)
    dropped = {
        "cells_other_condition": adata.n_obs - len(labels),
        "cells_min_genes": counts[MIN_GENES],
        "cells_max_mitochondrial_percent": counts[MITOCHONDRIAL],
        "genes_without_symbol": genes.n_nameless,
        "genes_merged_by_symbol": genes.n_merged,
    }
    logger.info(
        "%d of %d cells and %d of %d genes kept, values taken as %s; dropped: %s",
        len(kept),
        adata.n_obs,
        len(genes.symbols),
        len(matrix.var),
        scale,
        ", ".join(f"{n} {rule}" for rule, n in dropped.items()),
    )
    said = {"scale": scale, "layer": cells.layer, "contrast": cells.contrast, "dropped": dropped}
    order = np.argsort(kept.index.to_numpy(dtype=object), kind="stable")
    X = sparse.vstack(blocks, format="csr")
    prepared = AnnData(
        X=X if (np.diff(order) == 1).all() else X[order],
        obs=_categories(kept.iloc[order], list(cells.classes)),
        var=pd.DataFrame(index=genes.symbols),
        uns={"pathlore": said | planted_slots(adata)},
    )
    return metacells(prepared, quality.metacells) if quality.metacells else prepared


def _categories(labels: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    obs = labels.copy()
    obs[Obs.CONDITION] = pd.Categorical(obs[Obs.CONDITION], categories=classes)
    for key in (Obs.DONOR, Obs.CELL_TYPE):
        obs[key] = pd.Categorical(obs[key], categories=sorted(obs[key].dropna().unique()))
    return obs


def _check_classes(labels: pd.DataFrame, reason: pd.Series, cells: CellsConfig, quality: QualityConfig) -> None:
    """Say which rule emptied a class, if one did."""
    for name in cells.classes:
        verdicts = Counter(reason[labels[Obs.CONDITION] == name])
        if verdicts[PASSES]:
            continue
        rule, n = verdicts.most_common(1)[0]
        raise PathloreError(
            f"no cell of class '{name}' is left: {n} of {verdicts.total()} fall to {rule} = "
            f"{getattr(quality, rule):g}: change `ingestion.quality.{rule}`"
        )
