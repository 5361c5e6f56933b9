"""Complexes and families, which stand in the tables as one partner and in the network as their members.

An association of a complex is read as one association of each member: every subunit of the source with every subunit
of the target. Each of them carries the whole evidence of the record, and the names of all subunits, so that who
belongs together is not lost.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

Contents = Mapping[str, Sequence[str]]
"""Name of a complex or family -> its members, which may be complexes themselves."""

ENDS = {"source": "source_complex", "target": "target_complex"}
"""End of an association -> column of the members of the complex that it was read from."""

JOIN = "_"
"""Between the members of a complex, ITGAV_ITGB3."""


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


def without_prefix(names: pd.Series) -> pd.Series:
    """Names without the word COMPLEX by which OmniPath and others mark a complex.

    Examples
    --------
    >>> without_prefix(pd.Series(["COMPLEX:ITGAV_ITGB3", "complex: A_B", "TP53"])).tolist()
    ['ITGAV_ITGB3', 'A_B', 'TP53']
    """
    return names.str.replace(r"^complex:\s*", "", case=False, regex=True)


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

    ``source_complex`` and ``target_complex`` hold all members of the partner, none where it is one gene.

    Examples
    --------
    >>> pairs(pd.DataFrame({"source": [["A", "B"]], "target": ["C"]})).to_numpy().tolist()
    [['A', 'C', ('A', 'B'), ()], ['B', 'C', ('A', 'B'), ()]]
    """
    whole = {
        name: pd.Series(
            [tuple(partner) if isinstance(partner, list) else () for partner in table[end]], table.index, dtype=object
        )
        for end, name in ENDS.items()
    }
    return table.assign(**whole).explode("source").explode("target").reset_index(drop=True)


def translated(table: pd.DataFrame, symbols: Callable[[pd.Series], pd.Series]) -> pd.DataFrame:
    """Give both ends, and the members of their complexes, the names that a function has for them.

    A member without a name is left out of its complex, as its own row is left out later: a subunit that no table of
    genes knows cannot be measured.

    Parameters
    ----------
    table
        As `pairs` makes it.
    symbols
        Names of a column; empty or missing where there is none.
    """
    for end, name in ENDS.items():
        members = pd.Series(sorted({member for whole in table[name] for member in whole}), dtype=object)
        known = dict(zip(members, symbols(members).fillna(""), strict=True))
        table[name] = [tuple(known[member] for member in whole if known[member]) for whole in table[name]]
        table[end] = symbols(table[end])
    return table


def written(wholes: pd.Series) -> list[str]:
    """Members of each complex joined by `JOIN`, each once; empty where it has fewer than two.

    Examples
    --------
    >>> written(pd.Series([("ITGAV", "ITGB3"), ("A", "A"), ()]))
    ['ITGAV_ITGB3', '', '']
    """
    each = [list(dict.fromkeys(whole)) for whole in wholes]
    return [JOIN.join(whole) if len(whole) > 1 else "" for whole in each]


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
