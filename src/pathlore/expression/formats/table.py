"""Expression as a plain table, with cells in rows or in columns."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.formats.delimited import (
    Decimal,
    DecimalSign,
    Layout,
    layout_of,
    looks_like_number,
    open_text,
    to_numbers,
)
from pathlore.expression.formats.notes import note
from pathlore.genes.features import strangers
from pathlore.genes.identifiers import builtin_symbols, describe
from pathlore.missing import is_missing, missing_labels

BLOCK_VALUES = 2**24
"""Entries that are held dense at a time (128 MiB in float64); a sixteenth of it where they are read as text."""
BARCODE = re.compile(r"(?:^|[^A-Za-z])[ACGTN]{8,}(?:$|[^A-Za-z])")
"""A cell's barcode somewhere in its name, which has the letters of a gene."""
ENSEMBL = re.compile(r"ENS[A-Z]{0,4}G\d{11}")
KNOWN = 0.01
"""Share of names that the built-in table has, above which an axis may be the genes'."""
LOOKS = 0.3
"""Difference between the shares of names like those of genes that is needed where the table knows none."""
FEWEST_VALUES, FEWEST_GENES = 10, 20
"""Values above zero by which a column is judged, and known genes that have so many."""
OF_GENES, RARELY = 0.01, 0.2
"""Fraction of the known genes that may have what tells other columns apart, and of all columns that may be such."""
NUMBER_WORDS = ["", "NA", "N/A", "n/a", "nan", "NaN", "-nan", "NULL", "null", "<NA>", "#N/A"]
"""What stands for a missing number; other words for missing may be labels."""
ABOUT_GENES = frozenset(
    [
        *("chr", "chrom", "chromosome", "seqname", "start", "end", "strand", "length", "width", "gene_length", "gc"),
        *("entrez", "entrezid", "entrezgene", "ncbi_id", "exons", "score"),
    ]
)
"""Columns of numbers beside cells, in small letters, that describe genes."""
NAMES = frozenset(
    [
        *("barcode", "barcodes", "cell", "cells", "cell_id", "cellid", "cell.id", "cell_barcode", "index"),
        *("gene", "genes", "gene_name", "gene_symbol", "gene_id", "geneid", "symbol", "hgnc_symbol", "feature"),
    ]
)
"""Columns that name the rows where the first column counts them, in small letters."""


class _OtherSignError(Exception):
    """A number is not written with a decimal point."""


@dataclass(frozen=True)
class _Plan:
    """What the columns are, by their places."""

    label: int | None  # names of the rows; None: they have none
    numbers: list[int]
    others: list[int]
    genes_in_rows: bool


def read_table(path: Path, decimal: Literal["auto", "point", "comma"] = "auto", encoding: str = "auto") -> AnnData:
    """Read a text table, gzip or not: numbers become ``X``, what is said of cells ``obs``, of genes ``var``.

    Which axis holds the genes is judged by the names: those of the built-in table of genes or Ensembl ids, else those
    that look like genes and not like barcodes. Numbers under a name that is no gene's (``nCount_RNA``, ``percent.mt``,
    ``patient``) are about cells. Rows or columns of one gene keep their names, so that they are added up later. Words
    for missing (`pathlore.missing`) are no labels.

    Parameters
    ----------
    path
        CSV, TSV or the like. The first column names the rows, unless its header is a gene; R may leave the corner out.
    decimal
        Sign before the fraction; ``"auto"``: judged by all numbers. Thousands may be set apart by the other sign, a
        space or an apostrophe.
    encoding
        See `pathlore.expression.formats.delimited.layout_of`.

    Raises
    ------
    PathloreError
        The names do not tell, no column has numbers, a text stands under the name of a gene, or the decimal sign is
        not clear.
    """
    layout = layout_of(path, encoding)
    sign: Decimal = "point" if decimal == "auto" else decimal
    try:
        cells = _assemble(path, layout, sign, as_texts=decimal != "auto")
        if decimal == "auto" and _may_be_thousands(cells.X.data):
            _decimal_sign(path, layout)
    except _OtherSignError:
        sign = _decimal_sign(path, layout)
        cells = _assemble(path, layout, sign, as_texts=True)
    if sign == "comma":
        note(cells, f"{path.name}: numbers are read with a decimal comma")
    if not layout.encoding.startswith("utf-8"):
        note(cells, f"{path.name} is read in the encoding {layout.encoding}")
    return cells


def known_share(names: Iterable[str]) -> float:
    """Share of names that are symbols of the built-in table, in any letters, or Ensembl ids of genes.

    Examples
    --------
    >>> known_share(["Stat1", "ENSG00000141510.18", "AAACCTGAGAAACCAT-1", "cell_1"])
    0.5
    """
    found = [_is_known(str(name).strip()) for name in names]
    return float(np.mean(found)) if found else 0.0


def _is_known(name: str) -> bool:
    return name.upper() in builtin_symbols() or bool(ENSEMBL.match(name))


def _assemble(path: Path, layout: Layout, decimal: Decimal, *, as_texts: bool) -> AnnData:
    """Read all pieces by the plan that the first one tells."""
    plan: _Plan | None = None
    blocks, tables, labels, said = [], [], [], {}
    for chunk in _chunks(path, layout, as_texts=as_texts):
        plan = plan or _plan(path, layout, chunk)
        names = _names(chunk, plan.label)
        values, wrong = _numbers(chunk[plan.numbers], decimal, sure=as_texts)
        if not plan.genes_in_rows and wrong.any():
            row, column = np.argwhere(wrong)[0]
            place = plan.numbers[column]
            _refuse(path, layout.columns[place], names[row], str(chunk[place].iloc[row]), sure=as_texts)
        keep = np.ones(len(chunk), dtype=bool)
        for row in map(int, np.flatnonzero(wrong.any(axis=1))):
            said[names[row]] = _row_of_text(path, layout, plan, chunk, names[row], row, wrong[row], sure=as_texts)
            keep[row] = False
        blocks.append(sparse.csr_matrix(values[keep].astype(np.float32)))
        tables.append(chunk.loc[keep, plan.others])
        labels += [name for name, kept in zip(names, keep, strict=True) if kept]
    if plan is None or not plan.numbers:
        raise PathloreError(
            f"{path} has no column of numbers (columns: {shorten(layout.columns)}): check the runtime parameter `cells`"
        )
    _check_rows(path, layout, len(labels) + len(said))
    rows = pd.concat(tables).set_axis([layout.columns[place] for place in plan.others], axis=1)
    rows = _clean(rows.set_axis(pd.Index(labels, dtype=object)))
    columns = pd.Index([layout.columns[place] for place in plan.numbers], dtype=object)
    X = sparse.vstack(blocks, format="csr")
    if not plan.genes_in_rows:
        cells = AnnData(X, obs=rows, var=pd.DataFrame(index=columns))
        moved = [str(name) for name in rows if pd.api.types.is_numeric_dtype(rows[name])]
    else:
        cells, moved = _turned(X, rows, columns, said)
    cells, unlike = _without_other_numbers(cells)
    moved += unlike
    if moved:
        note(cells, f"{path.name}: {shorten(moved, 20)} are no genes and become columns of obs")
    return cells


def _turned(
    X: sparse.csr_matrix, var: pd.DataFrame, cells: pd.Index, said: dict[str, list[Any]]
) -> tuple[AnnData, list[str]]:
    """Cells x genes from rows of genes; rows about cells become columns of ``obs``."""
    obs = _clean(pd.DataFrame({name: values for name, values in said.items() if name}, index=cells, dtype=object))
    odd = set(strangers(list(var.index)))
    strange = var.index.isin(odd)
    for name in dict.fromkeys(var.index[strange]):
        obs[name] = X[int(np.flatnonzero(var.index == name)[0])].toarray().ravel()
    return AnnData(X[~strange].T.tocsr(), obs=obs, var=var[~strange]), [*said, *map(str, odd)]


def _without_other_numbers(cells: AnnData) -> tuple[AnnData, list[str]]:
    """Move columns of ``X`` to ``obs`` that no name table knows and whose numbers are of another kind than the genes'.

    Fractions among whole numbers, whole numbers among fractions, or values below zero where no gene has any. What is no
    number at all, such as a spreadsheet's ``#REF!``, stays, and is refused with the other values.
    """
    X = cells.X.tocsc()
    known = np.array([_is_known(name) for name in cells.var_names], dtype=bool)
    starts, data = X.indptr[:-1], X.data
    filled = np.diff(X.indptr) > 0
    whole, negative = np.ones(len(known), dtype=bool), np.zeros(len(known), dtype=bool)
    whole[filled] = (
        np.logical_and.reduceat((data == np.rint(data)) | np.isnan(data), starts[filled]) if filled.any() else True
    )
    negative[filled] = np.logical_or.reduceat(data < 0, starts[filled]) if filled.any() else False
    judged = np.diff(X.indptr) >= FEWEST_VALUES
    odd = np.zeros(len(known), dtype=bool)
    for trait in (~whole, whole, negative):
        genes = trait[known & judged]
        if len(genes) >= FEWEST_GENES and genes.mean() < OF_GENES:
            odd |= trait & judged & ~known
    if not odd.any() or odd.mean() > RARELY:
        return cells, []
    moved = [str(name) for name in cells.var_names[odd]]
    for place, name in zip(np.flatnonzero(odd), moved, strict=True):
        cells.obs[name] = X[:, [place]].toarray().ravel()
    return cells[:, ~odd].copy(), moved


def _plan(path: Path, layout: Layout, chunk: pd.DataFrame) -> _Plan:
    label = _label(layout, chunk)
    counted = {0} if label not in (None, 0) else set()  # numbers of the rows
    places = [
        place for place in chunk
        if place != label and place not in counted and not (layout.columns[place] == "" and chunk[place].isna().all())
    ]  # fmt: skip
    names = [layout.columns[place] for place in places]
    likeness = {place: _number_share(chunk[place]) for place in places}
    genes_in_rows = label is not None and _genes_in_rows(path, _names(chunk, label), names)
    if genes_in_rows:
        numbers = [p for p in places if likeness[p] > 0.5 and layout.columns[p].lower() not in ABOUT_GENES]
    else:
        odd = set(strangers(names))
        numbers = [p for p in places if layout.columns[p] not in odd and _may_be_gene(layout.columns[p], likeness[p])]
    return _Plan(label, numbers, [place for place in places if place not in set(numbers)], genes_in_rows)


def _may_be_gene(name: str, likeness: float) -> bool:
    """Whether a column is a gene: by its numbers, or by a name that is known, which no text may stand under."""
    return likeness > 0.5 or (_is_known(name) and name == name.strip())


def _label(layout: Layout, chunk: pd.DataFrame) -> int | None:
    """Place of the names of the rows."""
    first = chunk[0].dropna().astype(str)
    are_numbers = bool(first.map(looks_like_number).all()) and len(first) > 0
    if are_numbers and (_is_known(layout.columns[0]) or (layout.columns[0] and first.duplicated().any())):
        return None
    if not (are_numbers and first.str.fullmatch(r"\d+").all() and (first.astype(int).diff().iloc[1:] == 1).all()):
        return 0
    for place in list(chunk)[1:]:
        texts = chunk[place]
        named = layout.columns[place].lower() in NAMES
        if texts.dtype == object and texts.is_unique and (named or known_share(texts) > LOOKS):
            return int(place)
    return 0


def _names(chunk: pd.DataFrame, label: int | None) -> list[str]:
    """Names of the rows of a piece; numbered where they have none."""
    if label is None:
        return [f"cell_{row + 1}" for row in chunk.index]
    names = chunk[label]
    if pd.api.types.is_float_dtype(names.dtype) and (names.dropna() % 1 == 0).all():
        names = names.astype("Int64")
    return ["" if gone else str(name).strip() for name, gone in zip(names, names.isna(), strict=True)]


def _number_share(column: pd.Series) -> float:
    """Share of the known values that are numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype != bool:
        return 1.0
    known = [value for value in column.unique() if not is_missing(value)]
    return float(np.mean([looks_like_number(value) for value in known])) if known else 0.0


def _numbers(table: pd.DataFrame, decimal: Decimal, *, sure: bool) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) float64, and which of the values are no numbers; a comma in one needs a sure decimal sign."""
    values = np.zeros(table.shape)
    wrong = np.zeros(table.shape, dtype=bool)
    for i, place in enumerate(table):
        column = table[place]
        if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype != bool:
            values[:, i] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            continue
        values[:, i], wrong[:, i] = to_numbers(column, decimal)
        if not sure and any("," in text and looks_like_number(text) for text in map(str, column.unique())):
            raise _OtherSignError
    return values, wrong


def _row_of_text(
    path: Path, layout: Layout, plan: _Plan, chunk: pd.DataFrame, name: str, row: int, wrong: np.ndarray, *, sure: bool
) -> list[Any]:
    """Values of a row among genes that is about the cells; a gene with texts is refused."""
    values = list(chunk[plan.numbers].iloc[row])
    texts = [value for value, is_wrong in zip(values, wrong, strict=True) if is_wrong]
    known = [value for value in values if not is_missing(value)]
    if _is_known(name) or len(texts) < len(known) / 2 or all(map(looks_like_number, texts)):
        place = plan.numbers[int(np.flatnonzero(wrong)[0])]
        _refuse(path, name, layout.columns[place], str(texts[0]), sure=sure)
    return values


def _refuse(path: Path, gene: str, cell: str, text: str, *, sure: bool) -> None:
    """Stop at a text where a number should be; look for another decimal sign first, if none is given."""
    if looks_like_number(text):
        if not sure:
            raise _OtherSignError
        raise PathloreError(
            f"{path} has '{text}' for {gene} in {cell}, which is no number with the decimal sign of the others or with "
            "the given one: change the runtime parameter `decimal` (comma or point), or repair the table of `cells`"
        )
    raise PathloreError(
        f"{path} has the text '{text}' for the gene {gene} in {cell}, numbers were expected under the name of a gene: "
        "repair or rename it in the table of `cells`"
    )


def _genes_in_rows(path: Path, rows: list[str], columns: list[str]) -> bool:
    for share, least in ((known_share, KNOWN), (_looks_share, LOOKS), (_id_share, LOOKS)):
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


def _id_share(names: list[str]) -> float:
    """Share of names that may be Entrez ids: numbers, each once, that do not count."""
    numbers = [int(name) for name in names if name.isdigit()]
    counts = len(numbers) > 1 and sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers)))
    return 0.0 if counts or len(set(numbers)) < len(numbers) else len(numbers) / max(len(names), 1)


def _chunks(path: Path, layout: Layout, *, as_texts: bool) -> Iterator[pd.DataFrame]:
    quoted = any(layout.quote in "".join(row) for row in _raw_rows(path, layout))
    return iter(
        pd.read_csv(
            path,
            sep=layout.separator,
            header=None,
            names=range(len(layout.columns)),
            skiprows=layout.skip,
            index_col=None,
            dtype=str if as_texts else {0: str},
            chunksize=max(1, BLOCK_VALUES // (16 if as_texts else 1) // len(layout.columns)),
            low_memory=False,
            encoding=layout.encoding,
            compression="infer",
            keep_default_na=False,
            na_values=NUMBER_WORDS,
            quotechar=layout.quote,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        )
    )


def _raw_rows(path: Path, layout: Layout) -> list[str]:
    with open_text(path, layout.encoding) as file:
        return [line for line, _ in zip(file, range(layout.skip + 60), strict=False)]


def _check_rows(path: Path, layout: Layout, n_rows: int) -> None:
    """Refuse a table in which a lone quotation mark has run rows together."""
    if not any(layout.quote in line for line in _raw_rows(path, layout)):
        return
    with open_text(path, layout.encoding) as file:
        n_lines = sum(bool(line.strip()) for i, line in enumerate(file) if i >= layout.skip)
    if n_lines != n_rows:
        raise PathloreError(
            f"{path} has {n_lines} lines below its header line and {n_rows} rows, equally many were expected: a lone "
            "quotation mark runs rows together, repair the table of `cells`"
        )


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """Labels as they stand, None where nothing is known; columns of numbers as numbers."""
    columns = {}
    for i, name in enumerate(table):
        column = table.iloc[:, i]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            words = missing_labels(column.unique())
            known = column.notna() & ~column.isin(words)
            column = column.where(known, None)
            numbers, wrong = to_numbers(column)
            if known.any() and not wrong.any():
                column = pd.Series(numbers, index=column.index)
        columns[str(name) if str(name) not in columns else f"{name}.{i}"] = column.to_numpy()
    return pd.DataFrame(columns, index=table.index)


def _decimal_sign(path: Path, layout: Layout) -> Decimal:
    """The decimal sign that fits all numbers of a table."""
    sign, plan = DecimalSign(path), None
    for chunk in _chunks(path, layout, as_texts=True):
        plan = plan or _plan(path, layout, chunk)
        for place in plan.numbers:
            sign.add(chunk[place].dropna().unique())
    return sign.decide()


def _may_be_thousands(data: np.ndarray) -> bool:
    """Whether numbers read as fractions may be thousands: 1.234 to 999.999 beside whole numbers below 1000."""
    fractions = data[data != np.rint(data)]
    if not len(fractions) or data.max() >= 1000 or fractions.min() < 1:
        return False
    scaled = fractions.astype(np.float64) * 1000
    return bool(np.allclose(scaled, np.rint(scaled), atol=0.05))
