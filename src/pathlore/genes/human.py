"""Approved symbols of human genes."""

import numpy as np
import pandas as pd

from pathlore.genes.names import GeneNames
from pathlore.keys import Mapped

ID_KINDS = {"ensembl": Mapped.ENSEMBL, "entrez": Mapped.ENTREZ}


def map_human(genes: pd.DataFrame, names: GeneNames) -> pd.DataFrame:
    """Say which approved symbol each human name means.

    A symbol that is approved stays. What is spelt in other letters, was approved once, or is an alias, becomes the
    approved symbol, in this order of preference, unless a better name of the same gene is measured too: two columns of
    one annotation are two genes, and would be added up. Then, and where the table knows nothing of a symbol, it is
    kept as given. Aliases are left alone where the table knows less than half of the symbols: it cannot tell then
    whether an alias is the approved symbol of a gene that it lacks (MST1 is an alias of STK4).

    Parameters
    ----------
    genes
        Of `pathlore.genes.identifiers.describe`.
    names
        Table of names.

    Returns
    -------
    ``symbol`` (None: lost) and ``how`` (`pathlore.keys.Mapped`); same index.

    Examples
    --------
    >>> from pathlore.genes.identifiers import describe
    >>> names = GeneNames(pd.DataFrame({"symbol": ["TP53", "MYC"], "aliases": ["P53", ""]}))
    >>> map_human(describe(pd.Series(["P53", "myc", "ABC1"])), names).to_numpy().tolist()
    [['TP53', 'alias'], ['MYC', 'symbol in other letters'], ['ABC1', 'not in the table of names, kept as given']]
    """
    result = pd.DataFrame({"symbol": None, "how": Mapped.UNKNOWN}, index=genes.index, dtype=object)
    for kind, how in ID_KINDS.items():
        ids = genes.loc[genes["kind"] == kind, "id"]
        found = names.to_symbols(ids, kind)
        unsure = names.ambiguous(ids, kind)
        result.loc[ids.index, "symbol"] = found
        result.loc[ids.index, "how"] = np.where(found.notna(), how, np.where(unsure, Mapped.AMBIGUOUS, Mapped.UNKNOWN))
    symbols = genes.loc[(genes["kind"] == "symbol") & (genes["id"] != ""), "id"]
    result.loc[symbols.index] = _map_symbols(symbols, names, set(result["symbol"].dropna()))
    return result


def _map_symbols(symbols: pd.Series, names: GeneNames, measured: set[str]) -> pd.DataFrame:
    """Do so for symbols, where some genes are ``measured`` by their id."""
    by_letters, by_previous = (names.to_symbols(symbols, kind) for kind in ("symbol", "previous"))
    by_alias = names.to_symbols(symbols, "alias")
    unsure = names.ambiguous(symbols, "alias") & by_letters.isna()
    steps = [
        (Mapped.SYMBOL, by_letters.where(by_letters == symbols)),
        (Mapped.CASE, by_letters),
        (Mapped.PREVIOUS, by_previous),
        (Mapped.ALIAS, by_alias),
    ]
    if not names.covers(symbols):
        steps, unsure = steps[:-1], unsure & False
    result = pd.DataFrame({"symbol": symbols, "how": Mapped.AS_GIVEN}, dtype=object)
    result.loc[unsure, ["symbol", "how"]] = [None, Mapped.AMBIGUOUS]
    open_, claimed = ~unsure, set(measured)
    for how, found in steps:
        candidates = open_ & found.notna()
        free = candidates & ~(found.isin(claimed) & (how != Mapped.SYMBOL))
        if how == Mapped.ALIAS:
            free &= ~found.where(free).duplicated(keep=False)
        result.loc[free, "symbol"], result.loc[free, "how"] = found[free], how
        claimed |= set(found[free])
        open_ &= ~candidates
    return result
