"""Markers of cell types, and the annotation that a user has made."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import has, text
from pathlore.keys import Obs
from pathlore.resources.gene_column import known_genes
from pathlore.resources.near_names import refuse_misspelt
from pathlore.resources.raw import RawTables

logger = logging.getLogger(__name__)


LINEAGE = "lineage"


def read_lineages(raw: RawTables, tissue: str) -> dict[str, str]:
    """Lineages of a tissue's cell types: those of one lineage are related and share markers.

    Parameters
    ----------
    raw
        As for `read_markers`, with the column ``lineage`` or without it.
    tissue
        One of the table's.

    Returns
    -------
    Cell type -> lineage; where none is told, the cell type stands alone and is not among them.
    """
    found: dict[str, str] = {}
    for table in raw.values():
        if has(table, "tissue", Obs.CELL_TYPE, LINEAGE):
            columns = {name: text(table, name) for name in ("tissue", Obs.CELL_TYPE, LINEAGE)}
            rows = pd.DataFrame(columns)
            rows = rows[(rows["tissue"] == tissue) & (rows[LINEAGE] != "")]
            found |= dict(zip(rows[Obs.CELL_TYPE], rows[LINEAGE], strict=True))
    return found


def read_markers(raw: RawTables, tissue: str, measured: pd.Index, min_markers: int) -> dict[str, list[str]]:
    """Choose the measured markers of a tissue's cell types.

    Parameters
    ----------
    raw
        File name -> table with the columns ``tissue``, ``cell_type``, ``gene``, perhaps ``lineage``; further ones are
        for the reader.
    tissue
        One of the table's.
    measured
        Symbols.
    min_markers
        That a cell type must have among them.

    Returns
    -------
    Cell type -> markers, in the order of the table.

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
    """Read a user's own annotation.

    Parameters
    ----------
    raw
        File name -> table with the columns ``cell`` and ``cell_type``.
    cells
        Names of the cells, ``sample:barcode``.

    Returns
    -------
    Cell -> cell type, for the cells that are told.

    Raises
    ------
    PathloreError
        A table lacks a column, names no cell of the cohort, or one cell twice.
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
