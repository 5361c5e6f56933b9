"""Lists of genes that a user has reasons to look for, such as those of a disease."""

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.resources.raw import RawTables, has_columns

COLUMNS = ["list_name", "gene"]


def read_gene_lists(raw: RawTables) -> pd.DataFrame:
    """Bring tables of gene lists to one.

    Parameters
    ----------
    raw
        File name -> table with the column ``gene``, and ``list_name`` where it holds several lists; without it, the
        list is named after its file.

    Returns
    -------
    Columns ``list_name`` and ``gene``, each row once.

    Raises
    ------
    PathloreError
        A table has no column ``gene``.

    Examples
    --------
    >>> read_gene_lists({"mine.csv": pd.DataFrame({"gene": ["APOE", "TREM2"]})}).to_numpy().tolist()
    [['mine', 'APOE'], ['mine', 'TREM2']]
    """
    parts = []
    for file, table in raw.items():
        if isinstance(table, str) or not has_columns(table, "gene"):
            found = "text" if isinstance(table, str) else f"the columns {shorten(table.columns)}"
            raise PathloreError(f"{file} has {found}; expected a table with gene and list_name: change `gene_lists`")
        named = table if "list_name" in table else table.assign(list_name=file.split(".")[0])
        parts.append(named[COLUMNS].fillna("").astype(str))
    if not parts:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    whole = pd.concat(parts, ignore_index=True)
    return whole[(whole["gene"] != "") & (whole["list_name"] != "")].drop_duplicates(ignore_index=True)
