"""Cells of one population as dense arrays over the graph's genes, one bundle per split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs, Split


@dataclass(frozen=True)
class CellSet:
    """The cells of one split.

    Attributes
    ----------
    x
        (n, G) float32 log1p-normalised expression, genes in the order of the graph.
    labels
        (n,) int64 class indices.
    cells
        n cell names.
    donors
        n donor names, None where not known.
    """

    x: np.ndarray
    labels: np.ndarray
    cells: list[str]
    donors: list[str | None]

    def __len__(self) -> int:
        return len(self.cells)


def cell_sets(cells: AnnData, splits: pd.DataFrame, genes: Sequence[str]) -> dict[str, CellSet]:
    """Cut a population's cells into its splits, dense over the graph's genes alone.

    Parameters
    ----------
    cells
        Log1p-normalised, sparse.
    splits
        `pathlore.schemas.Splits` of one population.
    genes
        The G genes of its graph.

    Returns
    -------
    One `CellSet` for each of train, validation and test.

    Raises
    ------
    PathloreError
        A gene of the graph or a cell of the splits is not in ``cells``: the inputs belong to different runs.
    """
    columns = cells.var_names.get_indexer(list(genes))
    if (columns < 0).any():
        absent = [gene for gene, column in zip(genes, columns, strict=True) if column < 0]
        raise PathloreError(f"{len(absent)} gene(s) of the graph are not in `cells` ({shorten(absent)}): run ingestion")
    result = {}
    for split in Split.ALL:
        members = splits[splits[Obs.SPLIT] == split]
        rows = cells.obs_names.get_indexer(members[Obs.CELL])
        if (rows < 0).any():
            raise PathloreError(f"{(rows < 0).sum()} cell(s) of `splits` are not in `cells`: run ingestion again")
        dense = cells.X[rows][:, columns].toarray().astype(np.float32)
        donors = [donor if isinstance(donor, str) else None for donor in members[Obs.DONOR]]
        labels = members[Obs.LABEL].to_numpy(dtype=np.int64)
        result[split] = CellSet(dense, labels, list(members[Obs.CELL]), donors)
    return result


def class_names(splits: pd.DataFrame) -> list[str]:
    """Names of the classes, by label."""
    pairs = splits[[Obs.LABEL, Obs.CONDITION]].drop_duplicates().sort_values(Obs.LABEL)
    return list(pairs[Obs.CONDITION])
