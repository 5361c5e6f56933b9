"""The integer type of an association, from its kind and its sign."""

import pandas as pd

from pathlore.keys import Kind

NO_EDGE = 0
"""Reserved: two genes without an association. No association ever has this type."""

SIGN_ORDER = (0, 1, -1)

N_EDGE_TYPES = 1 + len(Kind.ALL) * len(SIGN_ORDER)
"""Rows of an edge-type table, 'no edge' included."""


def edge_type(kind: str, sign: int) -> int:
    """Number the kinds and signs from 1 on.

    ``type = 1 + 3 * index(kind) + index(sign)``, with the kinds in the order of ``Kind.ALL`` and the signs in the
    order unknown, activates, inhibits.

    Examples
    --------
    >>> edge_type("ligand_receptor", 0), edge_type("signaling", 1), edge_type("ligand_target", -1)
    (1, 5, 12)
    """
    return 1 + len(SIGN_ORDER) * Kind.ALL.index(kind) + SIGN_ORDER.index(sign)


def edge_types(kinds: pd.Series, signs: pd.Series) -> pd.Series:
    """Number whole columns at once; see `edge_type`."""
    kind_index = kinds.map({kind: i for i, kind in enumerate(Kind.ALL)})
    sign_index = signs.map({sign: i for i, sign in enumerate(SIGN_ORDER)})
    return (1 + len(SIGN_ORDER) * kind_index + sign_index).astype(int)


def edge_type_name(number: int) -> str:
    """Name a type for a reader.

    Examples
    --------
    >>> edge_type_name(0), edge_type_name(5)
    ('no edge', 'signaling, activates')
    """
    if number == NO_EDGE:
        return "no edge"
    kind, sign = divmod(number - 1, len(SIGN_ORDER))
    return f"{Kind.ALL[kind]}, {('sign not known', 'activates', 'inhibits')[sign]}"
