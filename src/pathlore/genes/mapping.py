"""From the names of measured genes to human gene symbols, with an account of every one."""

import logging
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pathlore.config import GenesConfig
from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import exploded
from pathlore.genes.faults import dates_sentence, is_spreadsheet_date
from pathlore.genes.identifiers import PREDICTED, WORDS, describe
from pathlore.genes.names import GeneNames
from pathlore.keys import Mapped
from pathlore.schemas import GeneMapping

logger = logging.getLogger(__name__)

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


MIXED = 0.05
"""Share of all names that speak for a species, above which it counts as present."""
MOUSE_SHARE = 0.2
"""Share of names like those of mouse genes that is needed, besides being the more frequent."""
SMALL = 0.5
"""Share of names without a capital letter above which they are those of no mammal."""
FEWEST_SMALL = 20
"""Names that are needed to see that."""
TELLING, OF_OTHERS = 3, 0.01
"""Names of another animal that are needed to tell it, and the share of Ensembl ids of one: genes without a symbol."""
ANIMALS = {
    "a zebrafish": re.compile(r"(?:si|zgc|zmp|im|wu):.+"),
    "a rat": re.compile(r"RT1-.+|AABR\d+.*|RGD\d{6,8}"),
    "a pig": re.compile(r"SLA-.+"),
    "a macaque": re.compile(r"MAMU-.+", re.IGNORECASE),
    "a dog": re.compile(r"DLA-.+"),
    "cattle": re.compile(r"BOLA-.+", re.IGNORECASE),
    "a fly": re.compile(r"FBgn\d{7}|CG\d{4,5}"),
    "a worm": re.compile(r"WBGene\d{8}"),
    "yeast": re.compile(r"Y[A-P][LR]\d{3}[WC](?:-[A-Z])?"),
    "a plant": re.compile(r"AT[1-5CM]G\d{5}(?:\.\d+)?"),
}
"""Names that only one of them has."""
OWN = re.compile(r"(?:HLA|H2)-.+")
ROW_NUMBERS = 20
"""So many consecutive numbers from 0 or 1 are row numbers, not Entrez ids."""


def judge_species(genes: pd.DataFrame, species: str) -> str:
    """Say which species the names of `describe` speak for: ``"human"`` or ``"mouse"``.

    Where ``species`` is known, letters of symbols do not contradict it, but Ensembl ids and prefixes do; ``"auto"`` is
    the one whose genes the names look like, and human where they do not tell.

    Raises
    ------
    PathloreError
        Genes of both species, of a third one, or row numbers instead of names; or, where the species is not said,
        names in small letters.

    Examples
    --------
    >>> judge_species(describe(pd.Series(["Trp53", "Myc", "H2-K1"])), "auto")
    'mouse'
    """
    _refuse_row_numbers(genes)
    certain = genes["prefixed"] | (genes["kind"] == "ensembl")
    told = genes if species == "auto" else genes[certain]
    groups = {name: told.loc[told["species"] == name, "id"] for name in ("human", "mouse", "other")}
    amounts = {name: len(ids) for name, ids in groups.items()}
    if amounts["other"] > len(genes) / 2:
        raise PathloreError(
            f"{amounts['other']} of {len(genes)} gene names are Ensembl ids of another species (such as "
            f"{shorten(groups['other'], 3)}), genes of human or mouse are expected: name a column of var with human "
            "gene symbols in `ingestion.cells.gene_column`"
        )
    if min(amounts["human"], amounts["mouse"]) > max(MIXED * len(genes), 1):
        examples = {name: ", ".join(ids.iloc[:3]) for name, ids in groups.items()}
        raise PathloreError(
            f"the {len(genes)} gene names are of two species: {amounts['human']} look human (such as "
            f"{examples['human']}) and {amounts['mouse']} look like mouse (such as {examples['mouse']}), one species "
            "is expected: keep the genes and cells of one of them, or, where all are of one, name it in "
            "`ingestion.genes.species`"
        )
    if species != "auto":
        return species
    _refuse_others(genes)
    is_mouse = amounts["mouse"] > amounts["human"] and amounts["mouse"] > MOUSE_SHARE * len(genes)
    return "mouse" if is_mouse else "human"


def _refuse_others(genes: pd.DataFrame) -> None:
    """Ask for the species where the names are those of neither human nor mouse."""
    symbols = genes.loc[genes["kind"] == "symbol", "id"]
    ask = (
        "genes of human (TP53) or mouse (Trp53) are expected: set `ingestion.genes.species` if they are of one of "
        "these, else name a column of var with the symbols of their human orthologs in `ingestion.cells.gene_column`"
    )
    others = genes.loc[genes["species"] == "other", "id"]
    if len(others) >= max(TELLING, OF_OTHERS * len(genes)):
        such = shorten(others, 3)
        raise PathloreError(
            f"{len(others)} of {len(genes)} gene names are Ensembl ids of another species (such as {such}), {ask}"
        )
    if not symbols.map(lambda name: bool(OWN.fullmatch(name))).any():
        for animal, pattern in ANIMALS.items():
            found = symbols[symbols.map(lambda name, pattern=pattern: bool(pattern.fullmatch(name)))]
            if len(found) >= TELLING:
                such = shorten(found, 3)
                raise PathloreError(f"{len(found)} of {len(genes)} gene names are of {animal} (such as {such}), {ask}")
    small = symbols[symbols.str.fullmatch(r"[a-z][a-z0-9:.()-]*")]  # not: probe_7, 1007_s_at
    if len(small) > max(SMALL * len(genes), FEWEST_SMALL):
        raise PathloreError(
            f"{len(small)} of {len(genes)} gene names are in small letters (such as {', '.join(small.iloc[:3])}), as "
            f"those of zebrafish and frog are, and {ask}"
        )


def _refuse_row_numbers(genes: pd.DataFrame) -> None:
    """Numbers that count the rows look like Entrez ids, and many of them are."""
    numbers = genes.loc[genes["kind"] == "entrez", "id"]
    if len(numbers) < ROW_NUMBERS or len(numbers) < len(genes) / 2 or not numbers.str.fullmatch(r"\d+").all():
        return
    values = sorted(map(int, numbers))
    if values[0] <= 1 and values == list(range(values[0], values[0] + len(values))):
        raise PathloreError(
            f"the names of the genes are the numbers {values[0]} to {values[-1]}, which count the rows: name the "
            "column of var with gene symbols or ids in `ingestion.cells.gene_column`"
        )


ORTHOLOGS = "`orthologs` (`--params orthologs=...`: MGI HOM_MouseHumanSequence.rpt, an Ensembl BioMart export or HCOP)"
NAMES = "`gene_names` (`--params gene_names=...`: the HGNC complete set or NCBI gene_info)"
COLUMN = "a column of var with human gene symbols in `ingestion.cells.gene_column`"


def check_orthologs(genes: pd.DataFrame, orthologs: pd.DataFrame) -> None:
    """Refuse mouse genes where no table of orthologs is given.

    Raises
    ------
    PathloreError
        It is empty.
    """
    if orthologs.empty:
        raise PathloreError(
            f"the {len(genes)} gene names (such as {', '.join(genes['id'].iloc[:3])}) are of the mouse, and no table "
            f"of orthologs is given: give pairs of mouse and human genes in {ORTHOLOGS}, or name {COLUMN}"
        )


def check_share(genes: pd.DataFrame, mapping: pd.DataFrame, *, kind: str, species: str, wanted: float) -> None:
    """Refuse where less than the wanted fraction of the ids, or of the mouse genes, is understood.

    Human symbols are never refused: unknown ones are kept as given. Predicted mouse genes and clones do not count.
    """
    if species == "human" and kind == "symbol":
        return
    known = mapping["symbol"].notna()
    counted = known | ~genes["id"].str.fullmatch(PREDICTED) if species == "mouse" else genes["kind"] == kind
    n, total = int((known & counted).sum()), int(counted.sum())
    if n >= wanted * total:
        return
    lost = ", ".join(mapping.loc[counted & ~known, "name"].astype(str).iloc[:3])
    table = "orthologs" if species == "mouse" else "gene names"
    found = (
        f"{n} of {total} {species} {WORDS[kind]} ({100 * n / total:.0f} %, at least {100 * wanted:.0f} % wanted) are "
        f"in the table of {table}, and such as {lost} are not"
    )
    ids = f" with mouse {WORDS[kind]}" if species == "mouse" and kind != "symbol" else ""
    remedy = f"a fuller table{ids} in {ORTHOLOGS}" if species == "mouse" else f"a fuller table in {NAMES}"
    raise PathloreError(f"{found}: give {remedy}, or name {COLUMN}, or lower `ingestion.genes.min_mapped`")


def map_genes(
    names: Sequence[str], gene_names: GeneNames, orthologs: pd.DataFrame, config: GenesConfig
) -> pd.DataFrame:
    """Say which human gene symbol each measured name means.

    Symbols and ids may be mixed: each name is read by itself. Human symbols that the table of names does not know are
    kept as given; ids without a symbol, and mouse genes without an ortholog, are lost.

    Parameters
    ----------
    names
        Names as measured, repeated ones once.
    gene_names
        Approved human symbols and their other names.
    orthologs
        Columns ``mouse``, ``human``, perhaps ``mouse_ensembl`` and ``mouse_entrez``; empty: none are known.
    config
        Species and kind of identifier, or ``"auto"``; fraction of ids or of mouse genes that must be understood.
        Predicted mouse genes and clones (Gm1234, 1700001C02Rik) do not count: orthologs of theirs are not expected.

    Returns
    -------
    Table :class:`~pathlore.schemas.GeneMapping`, one row per distinct name, in the order of the names.

    Raises
    ------
    PathloreError
        Genes of two species; mouse genes without a table of orthologs; too few names understood.

    Examples
    --------
    >>> table = GeneNames(pd.DataFrame({"symbol": ["TP53"], "ensembl": ["ENSG00000141510"]}))
    >>> config = GenesConfig(species="auto", identifier="auto", min_mapped=0.5)
    >>> map_genes(["ENSG00000141510.18"], table, pd.DataFrame(), config).to_numpy().tolist()
    [['ENSG00000141510.18', 'TP53', 'Ensembl id']]
    """
    distinct = pd.Series(list(dict.fromkeys(names)), dtype=object)
    genes = describe(distinct.fillna("").astype(str), config.identifier)
    species = _judge(genes, gene_names, orthologs, config)
    if species == "mouse":
        check_orthologs(genes, orthologs)
        mapped = map_mouse(genes, orthologs, gene_names)
    else:
        mapped = map_human(genes, gene_names)
    mapping = mapped.assign(name=distinct)[["name", "symbol", "how"]]
    kind = _main_kind(genes)
    amounts = mapping["how"].value_counts()
    logger.info(
        "%d gene names taken as %s %s, %d human symbols: %s",
        len(mapping),
        species,
        WORDS[kind],
        mapping["symbol"].nunique(),
        ", ".join(f"{amounts[how]} {how}" for how in Mapped.ALL if how in amounts.index),
    )
    _tell_spelling(genes, distinct)
    check_share(genes, mapping, kind=kind, species=species, wanted=config.min_mapped)
    return GeneMapping.validate(mapping)


def _tell_spelling(genes: pd.DataFrame, names: pd.Series) -> None:
    """Say how many symbols are read otherwise than they are written."""
    changed = (genes["kind"] == "symbol") & (genes["id"] != names.fillna("").astype(str).str.strip())
    if changed.any():
        first = names.index[changed][0]
        logger.info(
            "%d gene names are read without what a program added, such as %s as %s",
            int(changed.sum()), names[first], genes.loc[first, "id"],
        )  # fmt: skip
    dates = genes["id"][genes["id"].map(is_spreadsheet_date)]
    if len(dates):
        logger.warning("%s", dates_sentence(dates))


def _main_kind(genes: pd.DataFrame) -> str:
    """Kind of identifier of more than half of the names; symbols where there is none."""
    shares = genes["kind"].value_counts(normalize=True)
    return str(shares.index[0]) if len(shares) and shares.iloc[0] > 0.5 else "symbol"


def _judge(genes: pd.DataFrame, gene_names: GeneNames, orthologs: pd.DataFrame, config: GenesConfig) -> str:
    """Species; Entrez ids do not tell theirs, so that the tables are asked which of them they know."""
    species = judge_species(genes, config.species)
    if config.species == "auto" and _main_kind(genes) == "entrez" and "mouse_entrez" in orthologs.columns:
        as_human = map_human(genes, gene_names)["symbol"].notna().sum()
        as_mouse = map_mouse(genes, orthologs, gene_names)["symbol"].notna().sum()
        return "mouse" if as_mouse > as_human else "human"
    return species
