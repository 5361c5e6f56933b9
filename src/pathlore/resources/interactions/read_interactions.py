"""All given files, each by the reader that knows it, as one table of interaction records of approved gene symbols."""

import logging
import re
from typing import TYPE_CHECKING

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.genes.faults import DATES_ADVICE, SYMBOL, is_spreadsheet_date
from pathlore.genes.identifiers import ENSEMBL
from pathlore.resources.interactions import records as complexes
from pathlore.resources.interactions.formats import READERS, Reader, Source
from pathlore.resources.interactions.records import to_symbols, with_ids
from pathlore.resources.raw import Raw, RawTables, refuse_misspelt

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames

logger = logging.getLogger(__name__)


def read_interactions(tables: RawTables, names: "GeneNames | None", config: NetworkConfig) -> pd.DataFrame:
    """Read associations between genes from files in any mixture of the known formats.

    Repeats are not merged and self loops are kept: the graph deals with both. Symbols that the table of gene names
    knows as former or alternative ones become the approved ones, and so do Ensembl, Entrez and UniProt ids.

    Parameters
    ----------
    tables
        File name -> table with all cells as text, or the text of an XML file. Files that hold no associations but
        are needed beside one that does, such as the members of complexes, belong among them.
    names
        Symbols of Ensembl, Entrez and UniProt ids; None: files that hold nothing but ids cannot be read.
    config
        What to do with STRING's scores, the levels of regulons and associations without a direction.

    Returns
    -------
    One row per record: ``source``, ``target`` (symbols), ``kind``, ``sign`` (1 activates, -1 inhibits, 0 not
    known), ``n_evidence`` (at least 1), ``resources``, ``references`` (``PMID:...``) and ``pathway``, the last three
    ``;``-joined; ``source_complex`` and ``target_complex``, the ``_``-joined subunits of the ligand and receptor that a
    row was read from, empty where they are one gene.

    Raises
    ------
    PathloreError
        A file is in no known format, or in a known one with values or columns that cannot be understood; a table that
        a file needs beside it was not given; no file holds associations.
    """
    known = {file: _reader_of(file, raw) for file, raw in tables.items()}
    adapted = {file: reader.adapted(tables[file]) for file, (reader, _) in known.items()}
    for file, (reader, _) in known.items():
        raw = adapted[file]
        if isinstance(raw, pd.DataFrame) and set(raw.columns) & set(reader.columns):  # SIGNOR may come without a header
            refuse_misspelt(f"the network table {file}", raw.columns, reader.columns, "network", reader.unread)
    found = [
        _read_file(Source(file, adapted[file], adapted, names, config), reader)
        for file, (reader, holds_associations) in known.items()
        if holds_associations
    ]
    if not found:
        raise PathloreError(
            f"no associations are in the {len(tables)} file(s) {shorten(tables)}; expected at least one of "
            f"{_formats()}: {_parameter()}"
        )
    return pd.concat(found, ignore_index=True)


def _read_file(source: Source, reader: Reader) -> pd.DataFrame:
    """Read one file, bring its genes to approved symbols, and say so in the log."""
    found, n_renamed = with_gene_symbols(reader.read(source), source)
    n_repeats = int(found.duplicated().sum())
    amounts = [f"{n_renamed} former symbols, aliases or ids renamed"] if n_renamed else []
    amounts += [f"{n_repeats} of them repeats, whose evidence is added up"] if n_repeats else []
    columns = source.raw.columns if isinstance(source.raw, pd.DataFrame) else []
    unread = [str(name) for name in columns if name not in reader.columns]
    logger.info(
        "Network file %s (%s): %s, %d interaction records%s%s; dropped: %s",
        source.file,
        reader.name,
        f"{len(source.raw)} rows read" if isinstance(source.raw, pd.DataFrame) else "one pathway read",
        len(found),
        f" ({'; '.join(amounts)})" if amounts else "",
        f"; columns not read: {shorten(unread, 12)}" if unread else "",
        source.counts,
    )
    if len(source.raw) and found.empty:
        logger.warning("Network file %s gives no interaction record; dropped: %s", source.file, source.counts)
    return found


def _reader_of(file: str, raw: Raw) -> tuple[Reader, bool]:
    """The reader that knows a file, and whether the file holds associations or is only read beside one that does.

    Names of columns that are right as they are come before those that differ by capital letters or blanks.
    """
    for adapt in (lambda reader: raw, lambda reader: reader.adapted(raw)):
        for reader in READERS:
            if reader.recognises(adapt(reader)):
                return reader, True
        for reader in READERS:
            if reader.accompanies(adapt(reader)):
                return reader, False
    contents = f"the columns {', '.join(map(str, raw.columns))}" if isinstance(raw, pd.DataFrame) else "no <pathway>"
    raise PathloreError(
        f"the network file {file} has {contents}, which is no known format; understood are {_formats()}: {_parameter()}"
    )


def _formats() -> str:
    return "; ".join(f"{reader.name} ({reader.form})" for reader in READERS)


def _parameter() -> str:
    return "check the parameter `network` (globals.yml or --params network=...)"


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
    """Bring the ends and the members of complexes to approved symbols; tell how many names were replaced.

    Ensembl, Entrez and UniProt ids are translated by the table of gene names. A name that is a spreadsheet's date
    (``2-Sep``), an id of another species or no gene symbol at all (``A+B``, ``a text``) is dropped with its row.

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
    """Symbols of ids, empty where they are not known."""
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
