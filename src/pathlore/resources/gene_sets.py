"""Named sets of genes (any GMT file, or a long table), and lists of genes that a user looks for."""

import logging
import re
from pathlib import Path

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import find, has, text
from pathlore.missing import is_missing, known_texts
from pathlore.resources.raw import Raw, RawTables, known_genes, refuse_misspelt

logger = logging.getLogger(__name__)

PARAMETER = "gene_sets"
WEIGHT = re.compile(r",\s*[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?$")
"""A weight may follow a gene and a comma."""
COLUMNS = ["collection", "set_name", "gene"]
UNNAMED = "gene sets"
"""Collection of a long table that names none."""


def read_gene_sets(raw: RawTables) -> pd.DataFrame:
    """Bring gene sets to one long table.

    Parameters
    ----------
    raw
        File name -> its text in GMT (name, description and genes of a set in each line, tabs between them), or a table
        with the columns ``set_name``, ``gene`` and perhaps ``collection``. The collection of a GMT file is its name up
        to the first suffix, without a version: ``hallmark_v7.0.gmt.gz`` is ``hallmark``.

    Returns
    -------
    Columns ``collection``, ``set_name``, ``gene``, each row once, in the order of the files. What is no gene is left
    out and counted in the log.

    Raises
    ------
    PathloreError
        A table has other columns, a text is no GMT, or genes are named by ids.
    """
    parts = [_read(name, contents) for name, contents in raw.items()]
    if not parts:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def collection_of(file: str) -> str:
    """Name of the collection in a GMT file.

    Examples
    --------
    >>> [collection_of(name) for name in ("hallmark_v7.0.gmt.gz", "c2.all.v2023.1.Hs.symbols.gmt", "mine.gmt")]
    ['hallmark', 'c2', 'mine']
    """
    stem = Path(file).name.split(".")[0]
    head, _, version = stem.rpartition("_v")
    return head if head and version.isdigit() else stem


def _read(name: str, contents: Raw) -> pd.DataFrame:
    table = _gmt(name, contents) if isinstance(contents, str) else _long(name, contents)
    table["gene"] = known_genes(table["gene"], name, PARAMETER)
    named = table[(table["gene"] != "") & (table["set_name"] != "")]
    distinct = named.drop_duplicates()
    logger.info(
        "Gene sets %s: %d rows read, %d genes in %d sets; left out: %d without a gene or a set, %d repeated",
        name, len(table), len(distinct), distinct["set_name"].nunique(), len(table) - len(named),
        len(named) - len(distinct),
    )  # fmt: skip
    return distinct


def _long(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table with a gene of a set in each row."""
    if not has(table, "set_name", "gene"):
        raise PathloreError(
            f"{name} has the columns {shorten(table.columns)}; expected set_name and gene, or a GMT file: "
            f"change `{PARAMETER}`"
        )
    refuse_misspelt(name, table.columns, COLUMNS, PARAMETER)
    places = {column: find(table, column) for column in COLUMNS}
    found = {name: known_texts(table.iloc[:, at]) for name, at in places.items() if at is not None}
    found["collection"] = found["collection"].replace("", UNNAMED) if "collection" in found else UNNAMED
    return pd.DataFrame(found, columns=COLUMNS, dtype=object)


def _gmt(name: str, text: str) -> pd.DataFrame:
    collection, rows = collection_of(name), []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < 3:
            raise PathloreError(
                f"line {number} of {name} has {len(fields)} field(s); expected the name, the description and the genes "
                f"of a set with tabs between them (GMT): change `{PARAMETER}`"
            )
        genes = [WEIGHT.sub("", field) for field in fields[2:]]
        several = [gene for gene in genes if re.search(r"[,;]", gene) or (len(genes) == 1 and " " in gene)]
        if several:
            raise PathloreError(
                f"line {number} of {name} has several genes in one field ({shorten(several, 1)}); expected are tabs "
                f"between the genes of a set (GMT): correct the file behind `{PARAMETER}`"
            )
        rows += [(collection, "" if is_missing(fields[0]) else fields[0], gene) for gene in genes]
    rows = [row for row in rows if row[2]]  # a tab at the end of a line is no gene
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


LISTS = "gene_lists"
LIST_COLUMNS = ["list_name", "gene"]


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
    parts = [_read_list(file, table) for file, table in raw.items()]
    if not parts:
        return pd.DataFrame(columns=LIST_COLUMNS, dtype=object)
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def _read_list(file: str, table: Raw) -> pd.DataFrame:
    if isinstance(table, str) or not has(table, "gene"):
        found = "text" if isinstance(table, str) else f"the columns {shorten(table.columns)}"
        raise PathloreError(f"{file} has {found}; expected a table with gene and list_name: change `{LISTS}`")
    refuse_misspelt(file, table.columns, LIST_COLUMNS, LISTS)
    names = text(table, "list_name") if has(table, "list_name") else file.split(".")[0]
    genes = known_genes(text(table, "gene"), file, LISTS)
    found = pd.DataFrame({"gene": genes}, dtype=object).assign(list_name=names)[LIST_COLUMNS]
    named = found[(found["gene"] != "") & (found["list_name"] != "")]
    distinct = named.drop_duplicates()
    logger.info(
        "Gene lists %s: %d rows read, %d genes in %d lists; left out: %d without a gene or a list, %d repeated",
        file, len(table), len(distinct), distinct["list_name"].nunique(), len(table) - len(named),
        len(named) - len(distinct),
    )  # fmt: skip
    return distinct
