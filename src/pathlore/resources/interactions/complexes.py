"""Complexes and families, which stand in the tables as one partner and in the network as their members.

An association of a complex is read as one association of each member: every subunit of the source with every subunit
of the target. Each of them carries the whole evidence of the statement.
"""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

Contents = Mapping[str, Sequence[str]]
"""Name of a complex or family -> its members, which may be complexes themselves."""


def members(name: str, contents: Contents) -> list[str]:
    """Members of a complex, of its complexes, and so on, each once; of what is no complex, itself.

    Examples
    --------
    >>> members("C", {"C": ["A", "D"], "D": ["B", "A", "C"]})
    ['A', 'B']
    """
    found: dict[str, None] = {}
    waiting, seen = [name], set()
    while waiting:
        entry = waiting.pop(0)
        if entry in seen:
            continue
        seen.add(entry)
        if entry in contents:
            waiting = [*contents[entry], *waiting]
        elif entry:
            found[entry] = None
    return list(found)


def split(names: pd.Series, pattern: str) -> pd.Series:
    """Names that hold a separator as lists of their parts, each once; other names as they are.

    Parameters
    ----------
    names
        For example ``ITGA1_ITGB1``.
    pattern
        Regular expression of the separator, without groups.
    """
    several = names.str.contains(pattern)
    found = names.astype(object)
    found[several] = pd.Series(
        [list(dict.fromkeys(filter(None, re.split(pattern, name)))) for name in names[several]],
        index=names.index[several],
        dtype=object,
    )
    return found


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each member of the source with each member of the target, where these are lists.

    Examples
    --------
    >>> pairs(pd.DataFrame({"source": [["A", "B"]], "target": ["C"]})).to_numpy().tolist()
    [['A', 'C'], ['B', 'C']]
    """
    return table.explode("source").explode("target").reset_index(drop=True)


def listed(table: pd.DataFrame, name: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """Contents from a table with one complex a row and one member a column.

    Parameters
    ----------
    table
        All cells text, with empty cells where a complex has fewer members than columns.
    name
        Column of the complexes' names.
    columns
        Columns of the members.
    """
    rows = zip(table[name], table[list(columns)].itertuples(index=False), strict=True)
    return {key.strip(): [cell.strip() for cell in cells if cell.strip()] for key, cells in rows}
