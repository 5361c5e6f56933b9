"""New cells over the genes of a bundle, prepared as the training cells were."""

import logging
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, GenesConfig, QualityConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.labels import label_texts
from pathlore.expression.matrix import block_size, read_rows, sample_rows, select_matrix
from pathlore.expression.prepare import PASSES, gene_columns, gene_labels, judge_cells, normalise
from pathlore.expression.scale import cell_values, check_one_scale, check_values, refuse_mixed, resolve_scale, united
from pathlore.genes.mapping import map_genes
from pathlore.genes.names import GeneNames
from pathlore.scoring.bundle import Bundle

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewCells:
    """Cells as the model reads them.

    Attributes
    ----------
    x
        (n, G) CSR float32 log(1 + normalised), genes in the order of the bundle; empty columns where not found.
    found
        (G,) bool: the bundle's genes that were measured.
    names
        n cell names.
    quality
        (n,) the rule of `pathlore.config.QualityConfig` by which training would have dropped the cell, or "".
    scale
        What the values were taken as.
    symbols
        Human symbols of the measured genes.
    wide, wide_found
        The same over the W genes of the wide branch; None: there is none.
    """

    x: sparse.csr_matrix
    found: np.ndarray
    names: list[str]
    quality: np.ndarray
    scale: str
    symbols: list[str]
    wide: sparse.csr_matrix | None = None
    wide_found: np.ndarray | None = None


def new_cells(
    bundle: Bundle,
    adata: AnnData,
    cells: CellsConfig | None = None,
    scale: str = "auto",
    genes: GenesConfig | None = None,
    orthologs: pd.DataFrame | None = None,
) -> NewCells:
    """Read the matrix, understand the names of its genes, and normalise: by the code that prepared the training cells.

    Each cell is treated by itself and nothing is fitted. No cell is dropped.

    Parameters
    ----------
    bundle
        Whose genes, tables of names, quality rules and target sum are used.
    adata
        Cells as found, in memory or backed.
    cells
        Where the matrix lies (``layer``, ``gene_column``); None: as in training, or in ``X`` if that is the only one.
    scale
        ``auto`` (judged), ``counts``, ``normalised`` or ``log``.
    genes
        Species and kind of identifier; None: as in training, and judged anew where training did.
    orthologs
        Pairs of mouse and human genes; None: those of the bundle.

    Raises
    ------
    PathloreError
        From matrix, values or names; or cell names repeat.
    """
    if cells is None:
        cells = bundle.facts.cells
        if cells.layer != "X" and adata.X is not None and adata.raw is None and not adata.layers:
            logger.warning("there is no matrix '%s' as in training: X, the only one, is taken", cells.layer)
            cells = cells.model_copy(update={"layer": "X"})
    labels = gene_labels(select_matrix(adata, cells.layer).var, cells.gene_column)
    pairs = bundle.orthologs if orthologs is None or orthologs.empty else orthologs
    measured = labels[labels != ""].unique()
    mapping = map_genes(measured, GeneNames(bundle.gene_names), pairs, genes or bundle.facts.genes)
    return on_genes_of(bundle, adata, cells, scale, mapping)


def on_genes_of(
    bundle: Bundle, adata: AnnData, cells: CellsConfig, scale: str, mapping: pd.DataFrame | None
) -> NewCells:
    """Read and normalise cells whose gene names are understood; see `new_cells`.

    Parameters
    ----------
    mapping
        `pathlore.schemas.GeneMapping` of the measured names; None: they are symbols as the bundle has them, perhaps
        no others, so that the quality of a cell cannot be judged.
    """
    quality = bundle.facts.quality.model_copy(update={"scale": scale})
    repeated = adata.obs_names[adata.obs_names.duplicated()].unique()
    if len(repeated):
        raise PathloreError(
            f"{len(repeated)} cell names occur more than once ({shorten(repeated, 3)}), unique names were expected: "
            "call obs_names_make_unique() on the file of the runtime parameter `cells`"
        )
    matrix = select_matrix(adata, cells.layer)
    columns = gene_columns(matrix.var, cells.gene_column, mapping)
    verdict = resolve_scale(sample_rows(matrix), quality.scale)
    found, pick = _picked(columns.symbols, bundle.model.genes)
    wide_found, wide_pick = _picked(columns.symbols, bundle.model.wide_genes)
    parts, wide, reasons, values, step = [], [], [], [], block_size(matrix)
    for start in range(0, adata.n_obs, step):
        block = read_rows(matrix, start, min(start + step, adata.n_obs))
        check_values(block)
        values.append(cell_values(block))
        if mapping is None:
            reasons.append(np.full(block.shape[0], PASSES, dtype=object))
        else:
            reasons.append(judge_cells(block, columns.mitochondrial, quality, verdict))
        normalised = normalise(block, columns, scale=verdict, target_sum=quality.target_sum)
        parts.append(normalised @ pick)
        wide.append(normalised @ wide_pick)
    if mapping is not None:  # else the columns are the model's genes alone, whose sums say nothing
        names = (cells.condition, cells.donor)
        groups = {name: label_texts(adata.obs[name]) for name in names if name is not None and name in adata.obs}
        refuse_mixed(check_one_scale(united(values), groups), quality.scale)
    result = NewCells(
        x=sparse.csr_matrix(sparse.vstack(parts, format="csr"), dtype=np.float32),
        found=found,
        names=[str(name) for name in adata.obs_names],
        quality=np.concatenate(reasons),
        scale=verdict,
        symbols=list(columns.symbols),
        wide=sparse.csr_matrix(sparse.vstack(wide, format="csr"), dtype=np.float32) if len(wide_found) else None,
        wide_found=wide_found if len(wide_found) else None,
    )
    _tell(result, quality)
    return result


def filled(x: sparse.csr_matrix, found: np.ndarray, mean: np.ndarray) -> sparse.csr_matrix:
    """Put the mean (G,) into the columns of genes that were not found (G,); x (n, G), returned as it is if all were."""
    if found.all():
        return x
    absent = sparse.csr_matrix(np.where(found, 0.0, mean).astype(np.float32)[None])
    return sparse.csr_matrix(x + sparse.vstack([absent] * x.shape[0], format="csr") if x.shape[0] else x)


def _picked(symbols: pd.Index, genes: list[str]) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Which genes are measured, (G,) bool; and the matrix (measured, G) that brings their columns into this order."""
    places = symbols.get_indexer(genes)
    found = places >= 0
    pick = sparse.csr_matrix(
        (np.ones(int(found.sum()), dtype=np.float32), (places[found], np.flatnonzero(found))),
        shape=(len(symbols), len(found)),
    )
    return found, pick


def _tell(cells: NewCells, quality: QualityConfig) -> None:
    poor = Counter(reason for reason in cells.quality if reason != PASSES)
    logger.info(
        "%d cells, values taken as %s; %d of the model's %d genes found%s",
        len(cells.names),
        cells.scale,
        int(cells.found.sum()),
        len(cells.found),
        "".join(f"; {n} cells fall to {rule} = {getattr(quality, rule):g}" for rule, n in poor.items()),
    )
