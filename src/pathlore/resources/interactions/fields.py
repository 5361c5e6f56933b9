"""Cells of raw tables, which are all text, as columns that may be missing, truth values, numbers and references."""

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.missing import known_texts

TRUE = ("true", "t", "1", "1.0", "yes", "y")
FALSE = ("false", "f", "0", "0.0", "no", "n", "")

PUBMED = r"^(?!\s*PMC)(?:.*:)?\s*(\d{1,8})(?:\.0)?\s*$"
"""``123``, ``PMID: 123`` or ``SIGNOR:123``; numbers with letters, or of PubMed Central, are not read."""


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column without white space around its cells; empty where nothing is known (NA), or no such column exists."""
    if name in table:
        return known_texts(table[name])
    return pd.Series("", index=table.index, dtype=object)


def as_written(table: pd.DataFrame, name: str) -> pd.Series:
    """A column in which ``-`` has a meaning: without white space around its cells, and otherwise as it is written."""
    if name in table:
        return table[name].fillna("").str.strip()
    return pd.Series("", index=table.index, dtype=object)


def truth(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of truth values (`TRUE` and `FALSE`, in any case); false where the table does not have it.

    Raises
    ------
    PathloreError
        Other words.
    """
    words = column(table, name).str.lower()
    wrong = words[~words.isin(TRUE + FALSE)]
    if len(wrong):
        raise PathloreError(
            f"the column {name} of a network table has the value(s) {shorten(wrong.unique(), 3)}; expected true or "
            "false, 1 or 0: correct that column of the file behind `network`"
        )
    return words.isin(TRUE)


def sign_of(activates: pd.Series, inhibits: pd.Series) -> pd.Series:
    """1 where an effect only activates, -1 where it only inhibits, 0 where it does both or neither.

    Examples
    --------
    >>> sign_of(pd.Series([True, False, True, False]), pd.Series([False, True, True, False])).tolist()
    [1, -1, 0, 0]
    """
    return activates.astype(int) - inhibits.astype(int)


def numbers(table: pd.DataFrame, name: str, otherwise: float) -> pd.Series:
    """A column of numbers; ``otherwise`` where nothing is written.

    Raises
    ------
    PathloreError
        Something else is written, such as a number with a decimal comma.

    Examples
    --------
    >>> numbers(pd.DataFrame({"weight": ["0.5", "NA"]}), "weight", 0).tolist()
    [0.5, 0.0]
    """
    text = column(table, name)
    found = pd.to_numeric(text.where(text != "", str(otherwise)), errors="coerce")
    wrong = text[~np.isfinite(found)]
    if len(wrong):
        comma = wrong.str.fullmatch(r"[-+]?\d*,\d+").all()
        raise PathloreError(
            f"the column {name} of a network table has the value(s) {shorten(wrong.unique(), 3)}; expected are numbers "
            f"{'with a decimal point instead of a decimal comma' if comma else 'such as 1, -1 or 0.5'}: correct that "
            "column of the file behind `network`"
        )
    return found.astype(float)


def pubmed(text: pd.Series) -> pd.DataFrame:
    """PubMed ids in cells that list references, divided by ``;``, ``,`` or ``|``.

    Parameters
    ----------
    text
        For example ``SIGNOR:9405660;HPRD:9405660`` or ``PMID: 9405660; KEGG: hsa04350``.

    Returns
    -------
    ``references`` (each id once, ``PMID:9405660``, ``;``-joined) and ``n_evidence`` (how many they are, at least 1),
    on the index of ``text``.

    Examples
    --------
    >>> pubmed(pd.Series(["A:12;B:12;B:7", "Other"])).to_numpy().tolist()
    [['PMID:12;PMID:7', 2], ['', 1]]
    """
    tokens = text.reset_index(drop=True).str.split(r"[;,|]", regex=True).explode()
    ids = tokens.str.extract(PUBMED, expand=False).dropna().rename("id").rename_axis("row").reset_index()
    ids = ids.drop_duplicates()
    each = ("PMID:" + ids["id"]).groupby(ids["row"])
    rows = pd.RangeIndex(len(text))
    found = pd.DataFrame(
        {
            "references": each.agg(";".join).reindex(rows, fill_value=""),
            "n_evidence": each.size().reindex(rows, fill_value=1),
        }
    )
    return found.set_index(text.index)
