"""The two ends of interaction records as approved gene symbols; what is no gene is dropped, by its kind."""

import logging
import re

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.faults import DATES_ADVICE, SYMBOL, is_spreadsheet_date
from pathlore.genes.identifiers import ENSEMBL
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.identifiers import to_symbols, with_ids
from pathlore.resources.interactions.reader import Source

logger = logging.getLogger(__name__)

FEW = 0.05
"""Share of ids among the different names up to which they are dropped and counted instead of being refused."""
UNIPROT = re.compile(r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z0-9]{2}\d){1,2}")
"""Some symbols look like that too (H2AC11, P2RY10), so that only a majority of names counts."""
PRODUCT = re.compile(r"ENS[A-Z]{0,4}[PT]\d{6,}(?:\.\d+)?")
IDS = {"ensembl": "Ensembl ids", "entrez": "Entrez ids", "uniprot": "UniProt ids"}

DATE = "with a name that a spreadsheet made a date of"
OTHER_SPECIES = "of another species (Ensembl id)"
NO_GENE = "with a name that is no gene symbol"


def with_gene_symbols(found: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, int]:
    """Bring the ends and the members of complexes to approved symbols.

    Ensembl, Entrez and UniProt ids are translated by the table of gene names. A name that is a spreadsheet's date
    (``2-Sep``), an id of another species or no gene symbol at all (``A+B``, ``a text``) is dropped with its row.

    Parameters
    ----------
    found
        `pathlore.resources.interactions.records.COLUMNS`.
    source
        With the table of names, and the counts of dropped rows.

    Returns
    -------
    The records, and how many names were replaced by approved ones.

    Raises
    ------
    PathloreError
        More than a few names are ids, and no table of gene names knows any of them.
    """
    names = pd.Series(pd.unique(pd.concat([found["source"], found["target"]])), dtype=object)
    symbols, rules = _symbols(names, source)
    _warn_of_dates(names[rules == DATE], source.file)
    rule_of = dict(zip(names, rules, strict=True))
    for rule in dict.fromkeys(rule for rule in rules if rule):
        right = ~(found["source"].map(rule_of).eq(rule) | found["target"].map(rule_of).eq(rule))
        found = source.counts.keep(found, right, f"{rule} (such as {shorten(names[rules == rule], 3)})")
    if source.names is not None:
        symbols = symbols.where(rules != "", source.names.approved(symbols[rules == ""]))
    known = dict(zip(names, symbols, strict=True))
    n_renamed = 0
    for end, whole in complexes.ENDS.items():
        renamed = found[end].map(known).astype(object)
        n_renamed += int((renamed != found[end]).sum())
        found[end] = renamed
        members = [[known.get(name, "") for name in text.split(complexes.JOIN)] for text in found[whole]]
        found[whole] = complexes.written(pd.Series([list(filter(None, each)) for each in members], dtype=object))
    return found, n_renamed


def _symbols(names: pd.Series, source: Source) -> tuple[pd.Series, pd.Series]:
    """Symbol of each name, empty where it has none, and the rule by which it is dropped, empty where it is not."""
    rules = pd.Series("", index=names.index, dtype=object)
    symbols = names.copy()
    rules[names.map(is_spreadsheet_date)] = DATE
    ensembl = names.str.fullmatch(ENSEMBL) & ~names.str.startswith("ENSG")
    rules[ensembl] = OTHER_SPECIES
    for kind, those in _ids(names[rules == ""]).items():
        translated = _translated(names[those], kind, len(names), source)
        symbols[those] = translated
        lost = translated.index[translated == ""]
        rules[lost] = f"with {IDS[kind]} that `gene_names` does not know"
    rules[(rules == "") & ~symbols.str.fullmatch(SYMBOL)] = NO_GENE
    return symbols.where(rules == "", ""), rules


def _ids(names: pd.Series) -> dict[str, pd.Index]:
    """Kind of id -> where the names are such ids."""
    ensembl = names.str.fullmatch(ENSEMBL) | names.str.fullmatch(PRODUCT)
    uniprot = names.str.fullmatch(UNIPROT)
    found = {"ensembl": ensembl, "entrez": names.str.fullmatch(r"\d+(?:\.0)?")}
    if 2 * uniprot.sum() > len(names):
        found["uniprot"] = uniprot
    return {kind: names.index[those] for kind, those in found.items() if those.any()}


def _translated(ids: pd.Series, kind: str, n_names: int, source: Source) -> pd.Series:
    """Symbols of ids, empty where they are not known.

    Raises
    ------
    PathloreError
        They are more than a few, and none is known.
    """
    table = with_ids(source.names, kind)
    bare = ids.str.removesuffix(".0")
    symbols = to_symbols(bare, kind, table) if table is not None else pd.Series("", index=ids.index, dtype=object)
    if (symbols == "").all() and len(ids) > FEW * n_names:
        lacks = (
            f"none of them is in the table of gene names with {len(table)} genes"
            if table is not None
            else (f"no table of gene names that has {IDS[kind]} was given")
        )
        raise PathloreError(
            f"{len(ids)} of {n_names} gene names in the network file {source.file} are {IDS[kind]} (such as "
            f"{shorten(ids, 2)}), and {lacks}; expected the HGNC complete set: set the parameter `gene_names` "
            "(globals.yml or --params gene_names=...), or write symbols"
        )
    return symbols


def _warn_of_dates(dates: pd.Series, file: str) -> None:
    """Say what happened to names such as 2-Sep, and what helps."""
    if len(dates):
        logger.warning(
            "%s: %d gene name(s) were made dates by a spreadsheet (%s), and their rows are left out: %s",
            file, len(dates), shorten(dates, 4), DATES_ADVICE,
        )  # fmt: skip
