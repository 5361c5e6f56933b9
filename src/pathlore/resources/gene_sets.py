"""Named sets of genes: any GMT file, or a long table."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.resources.raw import Raw, RawTables, has_columns

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
    Columns ``collection``, ``set_name``, ``gene``, each row once, in the order of the files.

    Raises
    ------
    PathloreError
        A table has other columns, or a text is no GMT.
    """
    parts = [_read(name, contents) for name, contents in raw.items()]
    if not parts:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    whole = pd.concat(parts, ignore_index=True)
    return whole[(whole["gene"] != "") & (whole["set_name"] != "")].drop_duplicates(ignore_index=True)


def gene_set_files(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Read gene sets from files: ``.gmt``, ``.csv``, ``.tsv``, compressed or not, or ``.parquet``.

    Raises
    ------
    PathloreError
        As for `read_gene_sets`.
    """
    return read_gene_sets({Path(path).name: _open(Path(path)) for path in paths})


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
    if isinstance(contents, str):
        return _gmt(name, contents)
    if not has_columns(contents, "set_name", "gene"):
        raise PathloreError(
            f"{name} has the columns {shorten(contents.columns)}; expected set_name and gene, or a GMT file: "
            "change `gene_sets`"
        )
    table = contents.assign(collection=contents.get("collection", UNNAMED))
    return table[COLUMNS].fillna("").astype(str)


def _gmt(name: str, text: str) -> pd.DataFrame:
    collection, rows = collection_of(name), []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < 3:
            raise PathloreError(
                f"line {number} of {name} has {len(fields)} field(s); expected the name, the description and the genes "
                "of a set with tabs between them (GMT): change `gene_sets`"
            )
        rows += [(collection, fields[0], gene.split(",")[0]) for gene in fields[2:]]  # a weight may follow the comma
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _open(path: Path) -> Raw:
    import fsspec

    if path.suffix in {".parquet", ".pq"}:
        return pd.read_parquet(path)
    if ".gmt" in path.suffixes:
        with fsspec.open(str(path), "rt", compression="infer", encoding="utf-8-sig") as file:
            return str(file.read())
    return pd.read_csv(path, sep=None, engine="python", dtype=str, keep_default_na=False, quoting=csv.QUOTE_MINIMAL)
