"""From the AnnData object as it was found to cells that every later step can rely on."""

import logging
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, QualityConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.matrix import block_size, read_rows, sample_rows, select_matrix
from pathlore.expression.metacells import metacells
from pathlore.expression.observations import label_cells
from pathlore.expression.planting import planted_slots
from pathlore.expression.scale import (
    Scale,
    cell_values,
    check_one_scale,
    check_values,
    refuse_mixed,
    resolve_scale,
    united,
)
from pathlore.expression.streaming import SortedRows, scratch_folder
from pathlore.genes.features import gene_features
from pathlore.keys import Obs
from pathlore.missing import known_texts

logger = logging.getLogger(__name__)

BUCKET_VALUES = 2**24
"""Values above zero of the cells that are sorted in memory at a time: 128 MiB."""
MEMORY_VALUES = 2**25
"""Values above zero up to which all cells are held in memory, where a folder for files is given: 256 MiB."""

MITOCHONDRIAL = r"(?:^|[_|:-])MT[-.]"
"""In a name in capital letters."""


class GeneColumns(NamedTuple):
    """Which measured columns make up each gene."""

    symbols: pd.Index  # (G,) unique, sorted
    collapse: sparse.csr_matrix  # (columns, G) of 0 and 1; a column without a symbol has no entry
    mitochondrial: np.ndarray  # (columns,) bool
    n_nameless: int  # columns without a symbol
    n_merged: int  # columns added to another of the same symbol


def gene_labels(var: pd.DataFrame, gene_column: str | None) -> pd.Series:
    """Read what the measured columns are called; the empty text for a column without a name, or that is no gene.

    Parameters
    ----------
    var
        One row per measured column.
    gene_column
        Column of ``var`` that holds the name; None: the index.

    Raises
    ------
    PathloreError
        The column is not there, or holds no name at all.
    """
    if gene_column is not None and gene_column not in var.columns:
        raise PathloreError(
            f"column '{gene_column}' not found in var, which has {shorten(var.columns, 20) or 'none'}: change "
            "`ingestion.cells.gene_column` (null: the index)"
        )
    names = known_texts(pd.Series(var.index if gene_column is None else var[gene_column].to_numpy(), dtype=object))
    names = names.where(gene_features(var, list(names)), "")
    if not (names != "").any():
        raise PathloreError(
            f"none of {len(names)} genes has a symbol in {gene_column or 'the index of var'}: change "
            "`ingestion.cells.gene_column`"
        )
    return names


def gene_columns(var: pd.DataFrame, gene_column: str | None, mapping: pd.DataFrame | None = None) -> GeneColumns:
    """Find the measured columns of each gene.

    Parameters
    ----------
    var, gene_column
        As in `gene_labels`.
    mapping
        `pathlore.schemas.GeneMapping` of the names; a name that it has no symbol for is dropped. None: the names are
        symbols.

    Raises
    ------
    PathloreError
        From `gene_labels`.

    Examples
    --------
    >>> genes = gene_columns(pd.DataFrame(index=["TP53", "MYC", "TP53", ""]), None)
    >>> list(genes.symbols), genes.n_nameless, genes.n_merged
    (['MYC', 'TP53'], 1, 1)
    """
    names = gene_labels(var, gene_column)
    if mapping is None:
        symbols = names
    else:
        symbols = names.map(dict(zip(mapping["name"], mapping["symbol"], strict=True))).fillna("")
    named = symbols != ""
    codes, unique = pd.factorize(symbols[named], sort=True)
    rows = np.flatnonzero(named)
    collapse = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, codes)), shape=(len(names), len(unique)))
    mitochondrial = names.str.upper().str.contains(MITOCHONDRIAL, regex=True) | symbols.str.startswith("MT-")
    return GeneColumns(
        symbols=pd.Index(unique, name="symbol"),
        collapse=collapse,
        mitochondrial=mitochondrial.to_numpy(dtype=bool),
        n_nameless=int((~named).sum()),
        n_merged=len(rows) - len(unique),
    )


PASSES = ""
MIN_GENES = "min_genes"
MITOCHONDRIAL_RULE = "max_mitochondrial_percent"


def judge_cells(X: sparse.csr_matrix, mitochondrial: np.ndarray, quality: QualityConfig, scale: Scale) -> np.ndarray:
    """Name the rule of :class:`~pathlore.config.QualityConfig` by which each cell is dropped.

    A cell is judged by its own values alone, so that nothing is fitted.

    Parameters
    ----------
    X
        (n, columns), values as measured.
    mitochondrial
        (columns,) bool, the mitochondrial genes. Their share, in percent of the cell's counts, is judged for
        counts only.
    quality
        The bounds.
    scale
        What the values are.

    Returns
    -------
    (n,) object: ``"min_genes"``, ``"max_mitochondrial_percent"``, or ``""`` for a cell that is kept. The first rule
    that applies is named.
    """
    reasons = np.full(X.shape[0], PASSES, dtype=object)
    if scale == "counts":
        totals = X @ np.ones(X.shape[1])
        percent = 100 * (X @ mitochondrial.astype(np.float64)) / np.where(totals > 0, totals, 1.0)
        reasons[percent > quality.max_mitochondrial_percent] = MITOCHONDRIAL_RULE
    reasons[X.count_nonzero(axis=1) < quality.min_genes] = MIN_GENES
    return reasons


def normalise(X: sparse.csr_matrix, genes: GeneColumns, *, scale: Scale, target_sum: float) -> sparse.csr_matrix:
    r"""Bring cells to log(1 + normalised) and genes to one column per symbol.

    .. math:: x_{cg} = \log\Bigl(1 + \sum_{j \in g} \frac{s\, k_{cj}}{\sum_{j'} k_{cj'}}\Bigr)

    k: counts of cell c in measured column j; s: ``target_sum``; the inner sum runs over **all** measured columns,
    nameless ones too. ``normalised`` values skip the division, ``log`` values are left as they are save where several
    columns share a symbol (log1p of the sum of expm1). Each cell is treated by itself: nothing is fitted.

    Parameters
    ----------
    X
        (n, columns), values as measured.
    genes
        Which columns make up each gene.
    scale
        What the values are.
    target_sum
        Counts per cell after normalisation.

    Returns
    -------
    (n, G) float32.
    """
    if X.shape[0] == 0:
        return sparse.csr_matrix((0, len(genes.symbols)), dtype=np.float32)
    if scale == "log" and not genes.n_merged:
        values = X @ genes.collapse
    else:
        linear = X.astype(np.float64).expm1() if scale == "log" else X
        linear = per_total(X, target_sum) if scale == "counts" else linear
        values = (linear @ genes.collapse).log1p()
    prepared = sparse.csr_matrix(values, dtype=np.float32)
    prepared.sort_indices()
    return prepared


def per_total(X: sparse.csr_matrix, target_sum: float) -> sparse.csr_matrix:
    """Divide counts by their sum in each cell; cells without counts are left as they are.

    Plain array operations, and none that is compiled at first use and kept on disk: processes that compile for
    different types at the same time can overwrite each other's files there, and then read the wrong ones.

    Parameters
    ----------
    X
        (n, columns), counts.
    target_sum
        Counts per cell in the result.

    Returns
    -------
    (n, columns), float32 for integers and in the type of ``X`` otherwise.
    """
    values = X.astype(np.float32) if X.dtype.kind in "iub" else X.copy()
    totals = (values @ np.ones(X.shape[1])).astype(values.dtype)
    factors = np.where(totals == 0, 1, totals / target_sum).astype(values.dtype)
    values.data /= np.repeat(factors, np.diff(values.indptr))
    return values


def prepare_cells(
    adata: AnnData,
    cells: CellsConfig,
    quality: QualityConfig,
    mapping: pd.DataFrame | None = None,
    scratch: str | None = None,
) -> AnnData:
    """Label the cells, drop the poor ones, normalise, and keep one column per gene symbol.

    Works through the rows by blocks, from memory or from a backed file. With a folder for files, many cells are written
    there as they are prepared, and memory holds one block; a second pass over these files, by buckets, brings them
    in the order of their names. Every step looks at one cell at a time; nothing is fitted.

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
    scratch
        Folder for files, which are removed with the result; None: all cells are held in memory.

    Returns
    -------
    Cells sorted by name and genes by symbol, so that the order of the file decides nothing. ``X`` (cells, G) CSR
    float32, log(1 + normalised), mapped from a file where it is large and ``scratch`` is given; ``obs`` the columns of
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
    sample = sample_rows(matrix)
    scale = resolve_scale(sample, quality.scale)
    wanted = adata.obs_names.astype(str).isin(labels.index)
    order = np.argsort(labels.index.to_numpy(dtype=object), kind="stable")
    places = np.empty(len(labels), dtype=int)
    places[order] = np.arange(len(labels))
    store = _row_store(places, sample.nnz / sample.shape[0], len(genes.symbols), scratch)
    reasons, values, step, done = [], [], block_size(matrix), 0
    for start in range(0, adata.n_obs, step):
        rows = np.flatnonzero(wanted[start : start + step])
        if rows.size:
            block = read_rows(matrix, start, min(start + step, adata.n_obs))[rows]
            check_values(block)
            values.append(cell_values(block))
            reasons.append(judge_cells(block, genes.mitochondrial, quality, scale))
            good = np.flatnonzero(reasons[-1] == PASSES)
            prepared = normalise(block[good], genes, scale=scale, target_sum=quality.target_sum)
            store.add(prepared, places[done + good])
            done += len(rows)
    groups = {key: labels[key].astype(object).fillna("").to_numpy() for key in (Obs.CONDITION, Obs.DONOR)}
    refuse_mixed(check_one_scale(united(values), groups), quality.scale)
    reason = pd.Series(np.concatenate(reasons), index=labels.index)
    _check_classes(labels, reason, cells, quality)
    counts = Counter(reason)
    dropped = {
        "cells_other_condition": adata.n_obs - len(labels),
        "cells_min_genes": counts[MIN_GENES],
        "cells_max_mitochondrial_percent": counts[MITOCHONDRIAL_RULE],
        "genes_without_symbol": genes.n_nameless,
        "genes_merged_by_symbol": genes.n_merged,
    }
    logger.info(
        "%d of %d cells and %d of %d genes kept, values taken as %s; dropped: %s",
        counts[PASSES],
        adata.n_obs,
        len(genes.symbols),
        len(matrix.var),
        scale,
        ", ".join(f"{n} {rule}" for rule, n in dropped.items()),
    )
    said = {"scale": scale, "layer": cells.layer, "contrast": cells.contrast, "dropped": dropped}
    kept = labels.iloc[order[(reason == PASSES).to_numpy()[order]]]
    prepared = AnnData(
        X=store.close(),
        obs=_categories(kept, list(cells.classes)),
        var=pd.DataFrame(index=genes.symbols),
        uns={"pathlore": said | planted_slots(adata)},
    )
    return metacells(prepared, quality.metacells) if quality.metacells else prepared


def _row_store(
    places: np.ndarray, values_per_row: float, columns: int, scratch: str | None
) -> "SortedRows | _MemoryRows":
    """Where the prepared rows go: memory, or files if they are many and a folder is given."""
    if scratch is None or values_per_row * len(places) <= MEMORY_VALUES:
        return _MemoryRows()
    in_order = bool((np.diff(places) == 1).all())
    per_bucket = len(places) if in_order else int(BUCKET_VALUES / values_per_row)
    return SortedRows(scratch_folder(scratch), len(places), columns, per_bucket)


class _MemoryRows:
    """`SortedRows` in memory."""

    def __init__(self) -> None:
        self._blocks: list[sparse.csr_matrix] = []
        self._places: list[np.ndarray] = []

    def add(self, rows: sparse.csr_matrix, places: np.ndarray) -> None:
        self._blocks.append(rows)
        self._places.append(places)

    def close(self) -> sparse.csr_matrix:
        rows, self._blocks = sparse.vstack(self._blocks, format="csr"), []
        order = np.argsort(np.concatenate(self._places), kind="stable")
        return rows if (np.diff(order) == 1).all() else rows[order]


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
