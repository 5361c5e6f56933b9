"""Tables of knowledge as a caller in Python gives them: built in, a file, or a DataFrame."""

from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.resources.raw import RawTables
from pathlore.resources.tables import read_raw

BUILTIN = "builtin"

GivenTable: TypeAlias = str | Path | pd.DataFrame
"""``"builtin"``, the path of a file, or a table."""

NETWORK, GENES = "interactions.csv", "genes.csv"
"""The built-in atlas, and the names and descriptions of its genes."""


def given_tables(table: GivenTable | None, builtin: str, parameter: str) -> RawTables:
    """Bring one given table to the form that the readers of `pathlore.resources` take.

    Parameters
    ----------
    table
        ``"builtin"``; a CSV, TSV or parquet file in any format of docs/resources.md; a DataFrame of the same; or None:
        no table.
    builtin
        The file of the built-in knowledge that ``"builtin"`` stands for.
    parameter
        Name of the argument, for messages.

    Returns
    -------
    Name -> table with all cells as text.

    Raises
    ------
    PathloreError
        The file is not there or cannot be read.
    """
    if table is None:
        return {}
    if isinstance(table, pd.DataFrame):
        frame = table if isinstance(table.index, pd.RangeIndex) or table.index.name is None else table.reset_index()
        return {"the table given": frame.astype(object).where(frame.notna(), "").astype(str)}
    path = Path(str(files("pathlore") / "knowledge" / builtin)) if str(table) == BUILTIN else Path(table).expanduser()
    if not path.exists():
        raise PathloreError(
            f"there is no file {path}; '{BUILTIN}', a DataFrame or a CSV, TSV or parquet file was expected: change "
            f"`{parameter}`"
        )
    return {path.name: read_raw(path, parameter)}
