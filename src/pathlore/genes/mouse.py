"""Human orthologs of mouse genes."""

from typing import NamedTuple

import pandas as pd

from pathlore.genes.columns import exploded
from pathlore.genes.human import map_human
from pathlore.genes.identifiers import describe
from pathlore.genes.names import GeneNames
from pathlore.keys import Mapped


def map_mouse(genes: pd.DataFrame, orthologs: pd.DataFrame, names: GeneNames) -> pd.DataFrame:
    """Say which human gene each mouse gene corresponds to.

    Of several human genes, the one with the symbol of the mouse gene in capitals is taken if it is among them;
    otherwise the gene is lost as ambiguous. Several mouse genes of one human gene are all mapped, to be added up.

    Parameters
    ----------
    genes
        Of `pathlore.genes.identifiers.describe`.
    orthologs
        ``mouse``, ``human`` (symbols), ``mouse_ensembl``, ``mouse_entrez`` (';'-joined, may be missing).
    names
        Table of human names, by which outdated symbols of the human genes become approved ones.

    Returns
    -------
    ``symbol`` (None: lost) and ``how`` (`pathlore.keys.Mapped`); same index.

    Examples
    --------
    >>> pairs = pd.DataFrame({"mouse": ["Trp53"], "human": ["TP53"]})
    >>> nothing = GeneNames(pd.DataFrame({"symbol": []}))
    >>> map_mouse(describe(pd.Series(["Trp53", "Gm1"])), pairs, nothing).to_numpy().tolist()
    [['TP53', 'ortholog'], [None, 'lost: no ortholog']]
    """
    pairs = orthologs.assign(human=_approved(orthologs["human"], names))
    result = pd.DataFrame({"symbol": None, "how": Mapped.NO_ORTHOLOG}, index=genes.index, dtype=object)
    for kind, column in (("symbol", "mouse"), ("ensembl", "mouse_ensembl"), ("entrez", "mouse_entrez")):
        ids = genes.loc[genes["kind"] == kind, "id"]
        if column not in pairs.columns or ids.empty:
            continue
        exact = _resolve(pairs, column, any_case=False)
        folded = _resolve(pairs, column, any_case=True)
        found = [exact.human.get(name) or folded.human.get(name.upper()) for name in ids]
        found = pd.Series(found, index=ids.index, dtype=object)
        unsure = found.isna() & (ids.isin(exact.ambiguous) | ids.str.upper().isin(folded.ambiguous))
        result.loc[ids.index, "symbol"] = found
        result.loc[ids.index[found.notna()], "how"] = Mapped.ORTHOLOG
        result.loc[ids.index[unsure], "how"] = Mapped.AMBIGUOUS
    shared = result["symbol"].notna() & result["symbol"].duplicated(keep=False)
    result.loc[shared, "how"] = Mapped.SHARED_ORTHOLOG
    return result


def _approved(human: pd.Series, names: GeneNames) -> pd.Series:
    """Human symbols as they are approved today; unclear ones as given."""
    distinct = pd.Series(human.unique(), dtype=object)
    approved = map_human(describe(distinct, "symbol"), names)["symbol"].fillna(distinct)
    return human.map(dict(zip(distinct, approved, strict=True)))


class _Orthologs(NamedTuple):
    human: dict[str, str]  # mouse name -> human symbol
    ambiguous: set[str]  # mouse names of several human genes


def _resolve(pairs: pd.DataFrame, column: str, *, any_case: bool) -> _Orthologs:
    """One human gene for each mouse name of a column."""
    table = exploded(pairs["human"], pairs[column].fillna(""), ";")
    if column != "mouse":
        mouse = exploded(pairs["mouse"], pairs[column].fillna(""), ";").rename(columns={"symbol": "mouse"})
        table = table.merge(mouse, on="value", how="left")
    else:
        table["mouse"] = table["value"]
    if any_case:
        table["value"] = table["value"].str.upper()
    same = table["symbol"].str.upper() == table["mouse"].str.upper()
    table = table.assign(same=same).sort_values("same", ascending=False, kind="stable")
    table = table.drop_duplicates(["value", "symbol"])
    single = ~table["value"].duplicated(keep=False)
    clear = table[single | table["same"]]
    clear = clear[~clear["value"].duplicated(keep=False)]
    human = dict(zip(clear["value"], clear["symbol"], strict=True))
    return _Orthologs(human, set(table["value"]) - set(human))
