"""Named sets of genes (any GMT file, or a long table), and lists of genes that a user looks for."""

import logging
import re
from collections.abc import Callable
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
    return _united(
        raw, lambda name, own: _gmt(name, own) if isinstance(own, str) else _long(name, own), "set", PARAMETER
    )


def _united(raw: RawTables, read: Callable[[str, Raw], pd.DataFrame], word: str, parameter: str) -> pd.DataFrame:
    """All tables as one, without what names no gene or no set (list), and without repeats."""
    parts = []
    for file, contents in raw.items():
        table = read(file, contents)
        table["gene"] = known_genes(table["gene"], file, parameter)
        named = table[(table["gene"] != "") & (table[f"{word}_name"] != "")]
        distinct = named.drop_duplicates()
        logger.info(
            "Gene %ss %s: %d rows read, %d genes in %d %ss; left out: %d without a gene or a %s, %d repeated",
            word, file, len(table), len(distinct), distinct[f"{word}_name"].nunique(), word, len(table) - len(named),
            word, len(named) - len(distinct),
        )  # fmt: skip
        parts.append(distinct)
    empty = pd.DataFrame(columns=COLUMNS if word == "set" else LIST_COLUMNS, dtype=object)
    return pd.concat([empty, *parts], ignore_index=True).drop_duplicates(ignore_index=True)


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
    return _united(raw, _list, "list", LISTS)


def _list(file: str, table: Raw) -> pd.DataFrame:
    if isinstance(table, str) or not has(table, "gene"):
        found = "text" if isinstance(table, str) else f"the columns {shorten(table.columns)}"
        raise PathloreError(f"{file} has {found}; expected a table with gene and list_name: change `{LISTS}`")
    refuse_misspelt(file, table.columns, LIST_COLUMNS, LISTS)
    names = text(table, "list_name") if has(table, "list_name") else file.split(".")[0]
    return pd.DataFrame({"gene": text(table, "gene")}, dtype=object).assign(list_name=names)[LIST_COLUMNS]
