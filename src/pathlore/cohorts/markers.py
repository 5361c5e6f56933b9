"""Markers of cell types, and the annotation that a user has made."""

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs
from pathlore.resources.raw import RawTables, has_columns


def read_markers(raw: RawTables, tissue: str, measured: pd.Index, min_markers: int) -> dict[str, list[str]]:
    """Choose the measured markers of a tissue's cell types.

    Parameters
    ----------
    raw
        File name -> table with the columns ``tissue``, ``cell_type``, ``gene``; further ones are for the reader.
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
        if isinstance(table, str) or not has_columns(table, "tissue", Obs.CELL_TYPE, "gene"):
            found = "text" if isinstance(table, str) else shorten(table.columns)
            raise PathloreError(
                f"{file} has {found}, the columns tissue, cell_type, gene were expected: change `markers`"
            )
        tables.append(table[["tissue", Obs.CELL_TYPE, "gene"]])
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
        if isinstance(table, str) or not has_columns(table, Obs.CELL, Obs.CELL_TYPE):
            found = "text" if isinstance(table, str) else shorten(table.columns)
            raise PathloreError(f"{file} has {found}, the columns cell, cell_type were expected: change `cell_types`")
        types = table.set_index(Obs.CELL)[Obs.CELL_TYPE]
        types = types[(types != "") & types.index.isin(cells)]
        if types.empty:
            raise PathloreError(
                f"{file} names no cell of the cohort, but cells such as {shorten(table[Obs.CELL][:2])}; names such as "
                f"{shorten(cells[:2])} were expected: change `cell_types`"
            )
        told = pd.concat([told, types])
    if told.index.has_duplicates:
        twice = told.index[told.index.duplicated()].unique()
        raise PathloreError(f"{len(twice)} cells have two types, such as {shorten(twice, 3)}: correct `cell_types`")
    return told
