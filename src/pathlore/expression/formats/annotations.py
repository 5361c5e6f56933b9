"""A table about the cells, joined to a matrix that came without one."""

import logging
import re

import pandas as pd
from anndata import AnnData

from pathlore.errors import PathloreError
from pathlore.missing import known_texts, missing_labels

logger = logging.getLogger(__name__)

ENOUGH = 0.5
"""Share of the cells that a table is expected to know; with fewer the log warns."""
SUFFIX = re.compile(r"[-.]\d+$")
"""What Cell Ranger and R write behind a barcode."""


def join_annotations(cells: AnnData, table: pd.DataFrame, name: str = "cell_annotations") -> AnnData:
    """Set the columns of a table beside those of ``obs``; the first column has the names of the cells.

    Names are compared as they are; where none fits, without the ``-1`` that Cell Ranger writes behind a barcode, if
    they stay unique then. Cells that the table does not know have no value; columns that ``obs`` has too are replaced.

    Parameters
    ----------
    cells
        In memory or backed; changed in place.
    table
        One row per cell, all texts; words for missing (`pathlore.missing`) say that nothing is known. Names of rows
        in the index are the names of the cells.
    name
        What messages call the table.

    Returns
    -------
    ``cells``.

    Raises
    ------
    PathloreError
        The table has one column only, names a cell twice, or knows none of the cells.
    """
    if isinstance(table.index, pd.MultiIndex):
        raise PathloreError(
            f"{name} has {table.shape[1]} names of columns and rows of {table.shape[1] + table.index.nlevels} fields; "
            "as many, or one more for the names of the cells, were expected: change `cell_annotations`"
        )
    if not pd.api.types.is_integer_dtype(table.index.dtype):  # R writes no name above those of the rows
        table = table.reset_index(names="(names of the rows)")
    if table.shape[1] < 2:
        raise PathloreError(
            f"{name} has the column(s) {', '.join(map(str, table.columns)) or 'none'}; a first column with the names "
            "of the cells and at least one other were expected: change `cell_annotations`"
        )
    keyed = table.set_index(known_texts(table.iloc[:, 0])).iloc[:, 1:]
    keyed = keyed[keyed.index != ""]
    names = pd.Index(cells.obs_names.astype(str))
    if not names.isin(keyed.index).any():
        keyed, names = _without_suffix(keyed, names)
    twice = keyed.index[keyed.index.duplicated() & keyed.index.isin(names)]
    if len(twice):
        raise PathloreError(
            f"{name} names {len(twice)} cells more than once (such as {twice[0]}), one row for each cell was expected: "
            "change `cell_annotations`"
        )
    known = int(names.isin(keyed.index).sum())
    if not known:
        raise PathloreError(
            f"{name} knows none of the {cells.n_obs} cells: they are called such as {', '.join(cells.obs_names[:2])}, "
            f"its first column '{table.columns[0]}' has such as {', '.join(map(str, table.iloc[:2, 0]))}: the names of "
            "the cells were expected there, change `cell_annotations`"
        )
    say = logger.info if known >= ENOUGH * cells.n_obs else logger.warning
    say("%s: %d of %d cells known, columns %s", name, known, cells.n_obs, ", ".join(map(str, keyed.columns)))
    joined = keyed[~keyed.index.duplicated()].reindex(names).set_axis(cells.obs_names)
    for column in joined:
        values = joined[column]
        known = values.notna() & ~values.isin(missing_labels(values.unique()))
        cells.obs[str(column)] = values.where(known, None).astype("category")
    return cells


def _without_suffix(table: pd.DataFrame, names: pd.Index) -> tuple[pd.DataFrame, pd.Index]:
    """Both without what stands behind the barcode, unless that makes two cells one."""
    bare = names.map(lambda cell: SUFFIX.sub("", cell))
    if bare.has_duplicates:
        return table, names
    return table.set_axis(table.index.map(lambda cell: SUFFIX.sub("", str(cell)))), bare
