"""Cells as a served model wants them."""

import pandas as pd
from anndata import AnnData

from pathlore.config import CellsConfig
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.new_cells import new_cells


def request_table(bundle: Bundle, adata: AnnData, cells: CellsConfig | None = None) -> pd.DataFrame:
    """Prepare cells for a model that is served elsewhere, to be sent with the parameter ``scale: log``.

    Names of genes are understood and values normalised here, by the bundle's own tables, so that the server, which
    knows the model's symbols alone, gives the numbers that `pathlore.scoring.score` gives.

    Parameters
    ----------
    bundle
        The one that is served.
    adata
        Cells as found.
    cells
        Where the matrix lies; None: where it lay in training.

    Returns
    -------
    One row per cell, one column per gene of the model that was measured: log(1 + counts per target sum).

    Raises
    ------
    PathloreError
        The cells cannot be read, see `pathlore.scoring.new_cells.new_cells`.
    """
    prepared = new_cells(bundle, adata, cells)
    parts = []
    for genes, x, found in (
        (bundle.model.genes, prepared.x, prepared.found),
        (bundle.model.wide_genes, prepared.wide, prepared.wide_found),
    ):
        if x is not None and found is not None:
            names = [gene for gene, there in zip(genes, found, strict=True) if there]
            parts.append(pd.DataFrame(x[:, found].toarray().astype(float), columns=names, index=prepared.names))
    table = pd.concat(parts, axis=1)
    return table.loc[:, ~table.columns.duplicated()]
