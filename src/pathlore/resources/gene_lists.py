"""Lists of genes that a user has reasons to look for, such as those of a disease."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import has, text
from pathlore.resources.gene_column import known_genes
from pathlore.resources.near_names import refuse_misspelt
from pathlore.resources.raw import Raw, RawTables

logger = logging.getLogger(__name__)

PARAMETER = "gene_lists"
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
        A table has no column ``gene``, or names its genes by ids.

    Examples
    --------
    >>> read_gene_lists({"mine.csv": pd.DataFrame({"gene": ["APOE", "TREM2"]})}).to_numpy().tolist()
    [['mine', 'APOE'], ['mine', 'TREM2']]
    """
    parts = [_read(file, table) for file, table in raw.items()]
    if not parts:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def _read(file: str, table: Raw) -> pd.DataFrame:
    if isinstance(table, str) or not has(table, "gene"):
        found = "text" if isinstance(table, str) else f"the columns {shorten(table.columns)}"
        raise PathloreError(f"{file} has {found}; expected a table with gene and list_name: change `{PARAMETER}`")
    refuse_misspelt(file, table.columns, COLUMNS, PARAMETER)
    names = text(table, "list_name") if has(table, "list_name") else file.split(".")[0]
    genes = known_genes(text(table, "gene"), file, PARAMETER)
    found = pd.DataFrame({"gene": genes}, dtype=object).assign(list_name=names)[COLUMNS]
    named = found[(found["gene"] != "") & (found["list_name"] != "")]
    distinct = named.drop_duplicates()
    logger.info(
        "Gene lists %s: %d rows read, %d genes in %d lists; left out: %d without a gene or a list, %d repeated",
        file, len(table), len(distinct), distinct["list_name"].nunique(), len(table) - len(named),
        len(named) - len(distinct),
    )  # fmt: skip
    return distinct
