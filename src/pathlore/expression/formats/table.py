"""Expression as a plain table, with cells in rows or in columns."""

import gzip
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.genes.identifiers import describe

BLOCK_VALUES = 2**24
"""Entries that are held dense at a time (128 MiB in float64)."""
BARCODE = re.compile(r"(?:^|[^A-Za-z])[ACGTN]{8,}(?:$|[^A-Za-z])")
"""A cell's barcode somewhere in its name, which has the letters of a gene."""
KNOWN = 0.01
"""Share of names that the built-in table has, above which an axis may be the genes'."""
LOOKS = 0.3
"""Difference between the shares of names like those of genes that is needed where the table knows none."""


def read_table(path: Path) -> AnnData:
    """Read a CSV or TSV, gzip or not: numbers become ``X``, columns of text describe cells or genes.

    The first column names the rows, unless its own header is the name of a gene. The separator is that of the header
    line. Which axis holds the genes is judged by the names: those of the built-in table of genes or Ensembl ids, else
    those that look like genes and not like barcodes. Where cells are rows, columns of text become columns of ``obs``;
    where genes are, of ``var``.

    Raises
    ------
    PathloreError
        The names do not tell, no column has numbers, or a number cannot be read.
    """
    header, n_fields, separator = _header(path)
    columns = header if len(header) == n_fields else ["", *header]  # R leaves the corner out
    named_rows = not (known_share(columns[:1]) == 1 and len(header) == n_fields)
    blocks, tables, labels = [], [], []
    numbers: list[str] = []
    genes_in_rows = False
    for i, chunk in enumerate(_chunks(path, columns, separator, named_rows=named_rows)):
        if i == 0:
            numbers = [
                name for name in chunk if pd.api.types.is_numeric_dtype(chunk[name]) and chunk[name].dtype != bool
            ]
            genes_in_rows = named_rows and _genes_in_rows(path, list(chunk.index.astype(str)), numbers)
        blocks.append(_numbers(path, chunk[numbers]))
        tables.append(chunk.drop(columns=numbers))
        labels += list(chunk.index.astype(str)) if named_rows else [f"cell_{j + 1}" for j in chunk.index]
    if not numbers:
        raise PathloreError(
            f"{path} has no column of numbers (columns: {shorten(columns)}): check the runtime parameter `cells`"
        )
    X = sparse.vstack(blocks, format="csr")
    rows = pd.concat(tables).set_axis(pd.Index(labels, dtype=object))
    others = pd.DataFrame(index=pd.Index(numbers, dtype=object))
    return AnnData(X.T.tocsr(), obs=others, var=rows) if genes_in_rows else AnnData(X, obs=rows, var=others)


def known_share(names: Iterable[str]) -> float:
    """Share of names that are symbols of the built-in table, in any letters, or Ensembl ids of genes.

    Examples
    --------
    >>> known_share(["Stat1", "ENSG00000141510.18", "AAACCTGAGAAACCAT-1", "cell_1"])
    0.5
    """
    texts = [str(name).strip() for name in names]
    found = [text.upper() in _symbols() or bool(re.match(r"ENS[A-Z]{0,4}G\d{11}", text)) for text in texts]
    return float(np.mean(found)) if found else 0.0


@cache
def _symbols() -> frozenset[str]:
    """Symbols of the built-in table of genes."""
    table = pd.read_csv(str(files("pathlore") / "knowledge" / "genes.csv"), usecols=["symbol"], dtype=str)
    return frozenset(table["symbol"].str.upper())


def _genes_in_rows(path: Path, rows: list[str], columns: list[str]) -> bool:
    for share, least in ((known_share, KNOWN), (_looks_share, LOOKS)):
        of_rows, of_columns = share(rows), share(columns)
        if abs(of_rows - of_columns) > least:
            return of_rows > of_columns
    raise PathloreError(
        f"{path} does not tell whether genes are rows or columns: rows are called {shorten(rows, 3)}, columns "
        f"{shorten(columns, 3) or '(no column has numbers)'}, and gene symbols or Ensembl ids were expected on one "
        "side: name the genes, or convert the table to .h5ad, and set the runtime parameter `cells`"
    )


def _looks_share(names: list[str]) -> float:
    table = describe(pd.Series(names, dtype=object))
    barcode = table["id"].map(lambda name: bool(BARCODE.search(name)))
    return float(((table["species"] != "") & ~barcode).mean()) if names else 0.0


def _header(path: Path) -> tuple[list[str], int, str]:
    """Names in the header line, fields of the first row, and the separator."""
    with _open(path) as file:
        first, second = file.readline().rstrip("\r\n"), file.readline().rstrip("\r\n")
    if not first.strip() or not second.strip():
        raise PathloreError(
            f"{path} has no header line with a row below it, a table was expected: check the runtime parameter `cells`"
        )
    separator = "\t" if "\t" in first else max(",; ", key=first.count)
    header = [part.strip().strip('"') for part in first.split(separator)]
    return header, len(second.split(separator)), separator


def _chunks(path: Path, columns: list[str], separator: str, *, named_rows: bool) -> Iterator[pd.DataFrame]:
    return iter(
        pd.read_csv(
            path,
            sep=separator,
            header=0,
            names=_unique(columns),
            index_col=0 if named_rows else False,
            chunksize=max(1, BLOCK_VALUES // len(columns)),
            low_memory=False,
            encoding="utf-8-sig",
            compression="infer",
        )
    )


def _unique(names: list[str]) -> list[str]:
    """Names without repeats: pandas takes no header with a name twice; the second becomes NAME.1."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, -1) + 1
        result.append(f"{name}.{seen[name]}" if seen[name] else name)
    return result


def _numbers(path: Path, table: pd.DataFrame) -> sparse.csr_matrix:
    try:
        return sparse.csr_matrix(table.to_numpy(dtype=np.float32))
    except ValueError as error:
        raise PathloreError(
            f"{path}: {error} among the rows {shorten(table.index[:1])} and following, numbers were expected there: "
            "repair the table of `cells`"
        ) from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")
