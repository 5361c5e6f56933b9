"""Columns of a table found by any of their names, their cells as clean text."""

import pandas as pd

from pathlore.missing import known_texts


def canonical(column: object) -> str:
    """Name of a column in small letters, without surrounding white space and the '#' of some header lines.

    Examples
    --------
    >>> canonical("#tax_id"), canonical(" Gene Name ")
    ('tax_id', 'gene name')
    """
    return " ".join(str(column).lstrip("\ufeff#").split()).lower()


def find(table: pd.DataFrame, *names: str) -> int | None:
    """Position of the first column that has one of these names, tried in this order.

    Examples
    --------
    >>> find(pd.DataFrame(columns=["Symbol", "Text"]), "summary", "text")
    1
    """
    present = [canonical(column) for column in table.columns]
    return next((present.index(name) for name in names if name in present), None)


def has(table: object, *names: str) -> bool:
    """Whether this is a table with all of these columns.

    Examples
    --------
    >>> has(pd.DataFrame(columns=["Symbol"]), "symbol"), has("<pathway/>", "symbol")
    (True, False)
    """
    return isinstance(table, pd.DataFrame) and all(find(table, name) is not None for name in names)


def has_any(table: object, *names: str) -> bool:
    """Whether this is a table with at least one of these columns.

    Examples
    --------
    >>> has_any(pd.DataFrame(columns=["Symbol"]), "gene", "symbol")
    True
    """
    return isinstance(table, pd.DataFrame) and find(table, *names) is not None


def text(table: pd.DataFrame, *names: str) -> pd.Series:
    """Cells of the first column with one of these names; all empty where there is no such column.

    Parameters
    ----------
    table
        Any table.
    names
        Names of a column in small letters.

    Returns
    -------
    Texts without surrounding, repeated or broken white space; '' for None, NaN and the words of
    `pathlore.missing`, such as NA or '-'.

    Examples
    --------
    >>> text(pd.DataFrame({"GeneID": [7157.0, None]}), "geneid").tolist()
    ['7157', '']
    >>> text(pd.DataFrame({"Symbol": ["TP53", "NA", "-"]}), "symbol").tolist()
    ['TP53', '', '']
    """
    position = find(table, *names)
    if position is None:
        return pd.Series("", index=table.index, dtype=object)
    column = table.iloc[:, position]
    if pd.api.types.is_float_dtype(column.dtype):
        whole = bool((column.dropna() % 1 == 0).all())
        column = column.map("{:.0f}".format if whole else "{:g}".format, na_action="ignore")
    known = known_texts(column.astype(object))
    return known.map({cell: " ".join(cell.split()) for cell in known.unique()}).astype(object)


def exploded(symbols: pd.Series, values: pd.Series, separators: str = r"[;|]") -> pd.DataFrame:
    """One row for each value of a list of values.

    Parameters
    ----------
    symbols, values
        Of the same length; each value a list such as ``"P53;TRP53"``.
    separators
        Regular expression of what stands between two values.

    Returns
    -------
    Columns ``symbol`` and ``value``, distinct pairs, neither of them empty.

    Examples
    --------
    >>> exploded(pd.Series(["TP53"]), pd.Series(["P53|TRP53"])).to_numpy().tolist()
    [['TP53', 'P53'], ['TP53', 'TRP53']]
    """
    filled = (values.to_numpy() != "") & (symbols.to_numpy() != "")
    pairs = pd.DataFrame({"symbol": symbols.to_numpy()[filled], "value": values.to_numpy()[filled]}, dtype=object)
    pairs = pairs.assign(value=pairs["value"].str.split(separators, regex=True)).explode("value", ignore_index=True)
    pairs["value"] = pairs["value"].str.strip(' "')
    pairs["value"] = known_texts(pairs["value"])
    return pairs[pairs["value"] != ""].drop_duplicates(ignore_index=True)
