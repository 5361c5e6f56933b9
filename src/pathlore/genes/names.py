"""Approved human gene symbols, and every other name by which a gene may be called."""

from typing import Final

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import exploded

COLUMNS: Final = ("symbol", "previous", "aliases", "ensembl", "entrez", "uniprot")
"""Columns of the table of names: an approved symbol, and ';'-joined lists."""
KINDS: Final = ("symbol", "alias", "previous", "ensembl", "entrez", "uniprot")

COVERED = 0.5
"""Share of symbols that a table must know by some name for its aliases to be used."""


class GeneNames:
    """A table of gene names, to be looked up by any of them.

    A name that could mean several genes is never used, and neither is an alias or previous symbol of one gene that is
    the approved symbol of another. Letters are compared as they are; where that finds nothing, small and capital
    letters are taken as the same, provided that this leaves one gene.

    Parameters
    ----------
    table
        One row per gene with `COLUMNS`; missing columns are empty, rows of one symbol are united.

    Raises
    ------
    PathloreError
        The table has no column ``symbol``.

    Examples
    --------
    >>> genes = pd.DataFrame({"symbol": ["TP53"], "aliases": ["P53;LFS1"], "ensembl": ["ENSG00000141510"]})
    >>> names = GeneNames(genes)
    >>> names.to_symbol("p53", "alias"), names.to_symbol("ENSG00000141510.18", "ensembl"), names.to_symbol("A", "alias")
    ('TP53', 'TP53', None)
    """

    def __init__(self, table: pd.DataFrame) -> None:
        if "symbol" not in table.columns:
            raise PathloreError(f"the table of gene names has the columns {', '.join(table)}; `symbol` is expected")
        self.table = table.reindex(columns=list(COLUMNS)).fillna("").astype(object)
        self.symbols = pd.Index(self.table["symbol"].drop_duplicates())
        self._lookups: dict[str, _Lookup] = {}

    def __len__(self) -> int:
        return len(self.symbols)

    def knows(self, kind: str) -> bool:
        """Whether the table has any identifier of a kind."""
        return bool(self._lookup(kind))

    def covers(self, symbols: pd.Series) -> bool:
        """Whether the table knows at least half of these symbols by some name.

        If not, its aliases are not to be trusted: it cannot tell whether an alias is the approved symbol of a gene that
        it lacks (MST1 is an alias of STK4).
        """
        known = self.to_symbols(symbols, "symbol").notna() | self.to_symbols(symbols, "alias").notna()
        return bool((known | self.ambiguous(symbols, "alias")).mean() >= COVERED)

    def approved(self, symbols: pd.Series) -> pd.Series:
        """Bring symbols to the approved ones: as they are, else as a former symbol or alias, else kept as given.

        Aliases are used only where the table `covers` the symbols. Same index.
        """
        different = pd.Series(symbols.unique(), dtype=object)
        found = self.to_symbols(different, "symbol").fillna(self.to_symbols(different, "previous"))
        if self.covers(different):
            found = found.fillna(self.to_symbols(different, "alias"))
        return symbols.map(dict(zip(different, found.fillna(different), strict=True)))

    def _pairs(self, column: str) -> pd.DataFrame:
        return exploded(self.table["symbol"], self.table[column], ";")

    def to_symbol(self, identifier: str, kind: str) -> str | None:
        """Approved symbol that an identifier stands for; None if there is none, or more than one.

        Parameters
        ----------
        identifier
            Such as ``"TP53"`` or ``"ENSG00000141510.18"``; versions and ``_PAR_Y`` of Ensembl ids are cut.
        kind
            ``"symbol"``, ``"alias"`` (previous symbols and aliases), ``"previous"``, ``"ensembl"``, ``"entrez"`` or
            ``"uniprot"``.

        Raises
        ------
        PathloreError
            Another kind.
        """
        return self.to_symbols(pd.Series([identifier], dtype=object), kind).iloc[0]

    def to_symbols(self, identifiers: pd.Series, kind: str) -> pd.Series:
        """Do as `to_symbol` does, for many identifiers at once; same index, None where there is no symbol."""
        return self._lookup(kind).find(_bare(identifiers, kind))

    def ambiguous(self, identifiers: pd.Series, kind: str) -> pd.Series:
        """Whether each identifier could mean several genes (or, an alias, another gene's approved symbol)."""
        return self._lookup(kind).unsure(_bare(identifiers, kind))

    def _lookup(self, kind: str) -> "_Lookup":
        if kind not in KINDS:
            raise PathloreError(f"kind '{kind}' of a gene name is not known: expected is one of {', '.join(KINDS)}")
        if kind not in self._lookups:
            self._lookups[kind] = self._made(kind)
        return self._lookups[kind]

    def _made(self, kind: str) -> "_Lookup":
        if kind in ("ensembl", "entrez", "uniprot"):
            return _Lookup(self._pairs(kind))
        approved = pd.DataFrame({"symbol": self.symbols, "value": self.symbols}, dtype=object)
        if kind == "symbol":
            return _Lookup(approved, any_case=True)
        previous, aliases = (self._pairs(column) for column in ("previous", "aliases"))
        others = pd.concat([previous, aliases], ignore_index=True).drop_duplicates()
        others = others[others["value"] != others["symbol"]]
        old = set(previous["value"]) if kind == "previous" else None
        return _Lookup(others, any_case=True, taken=approved["value"], only=old)


class _Lookup:
    """From names of one kind to symbols, as far as that is clear."""

    def __init__(
        self,
        pairs: pd.DataFrame,
        *,
        any_case: bool = False,
        taken: pd.Series | None = None,
        only: set[str] | None = None,
    ) -> None:
        taken = pd.Series(dtype=object) if taken is None else taken
        self._exact, self._unsure = _clear(pairs, set(taken))
        self._folded: dict[str, str] = {}
        self._unsure_folded: set[str] = set()
        if any_case:
            folded = pairs.assign(value=pairs["value"].str.upper()).drop_duplicates()
            self._folded, self._unsure_folded = _clear(folded, set(taken.str.upper()))
        if only is not None:
            self._exact = {name: symbol for name, symbol in self._exact.items() if name in only}
            self._folded = {name: self._folded[name] for name in map(str.upper, only) if name in self._folded}

    def __len__(self) -> int:
        return len(self._exact)

    def find(self, names: pd.Series) -> pd.Series:
        found = [self._exact.get(name) or self._folded.get(name.upper()) for name in names]
        return pd.Series(found, index=names.index, dtype=object)

    def unsure(self, names: pd.Series) -> pd.Series:
        either = [name in self._unsure or name.upper() in self._unsure_folded for name in names]
        return pd.Series(either, index=names.index, dtype=bool) & self.find(names).isna()


def _clear(pairs: pd.DataFrame, taken: set[str]) -> tuple[dict[str, str], set[str]]:
    """Names of one gene with its symbol, and names of several genes or of one that they do not belong to."""
    several = pairs["value"].duplicated(keep=False) | pairs["value"].isin(taken)
    clear = pairs[~several]
    return dict(zip(clear["value"], clear["symbol"], strict=True)), set(pairs["value"][several])


def _bare(identifiers: pd.Series, kind: str) -> pd.Series:
    """Identifiers without white space, and without what an Ensembl or UniProt id may carry at its end."""
    names = identifiers.map(lambda name: "" if pd.isna(name) else str(name).strip())
    if kind == "ensembl":
        return names.map(lambda name: name.split(".")[0].removesuffix("_PAR_Y").upper())
    return names.map(lambda name: name.split("-")[0].upper()) if kind == "uniprot" else names
