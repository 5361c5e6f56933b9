"""Cells of raw tables, which are all text, as columns that may be missing, truth values, signs and references."""

import numpy as np
import pandas as pd

TRUE = ("true", "t", "1", "yes")

PUBMED = r"^(?!\s*PMC)(?:.*:)?\s*(\d{1,8})\s*$"
"""``123``, ``PMID: 123`` or ``SIGNOR:123``; numbers with letters, or of PubMed Central, are not read."""


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column without white space around its cells; empty cells where the table does not have it."""
    if name in table:
        return table[name].str.strip()
    return pd.Series("", index=table.index, dtype=object)


def truth(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of true, t, 1 or yes (in any case) as booleans; false where the table does not have it."""
    return column(table, name).str.lower().isin(TRUE)


def sign_of(activates: pd.Series, inhibits: pd.Series) -> pd.Series:
    """1 where an effect only activates, -1 where it only inhibits, 0 where it does both or neither.

    Examples
    --------
    >>> sign_of(pd.Series([True, False, True, False]), pd.Series([False, True, True, False])).tolist()
    [1, -1, 0, 0]
    """
    return activates.astype(int) - inhibits.astype(int)


def sign_of_number(values: pd.Series) -> pd.Series:
    """Signs of numbers written as text; 0 for what is no number."""
    return np.sign(pd.to_numeric(values, errors="coerce").fillna(0)).astype(int)


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
