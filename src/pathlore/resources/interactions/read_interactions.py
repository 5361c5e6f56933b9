"""All given files, each by the reader that knows it, as one table of interaction records."""

import logging
from typing import TYPE_CHECKING

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.resources.interactions.gene_ends import with_gene_symbols
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.registry import READERS
from pathlore.resources.near_names import refuse_misspelt
from pathlore.resources.raw import Raw, RawTables

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
        _check_columns(file, adapted[file], reader)
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
    unread = _unread(source.raw, reader)
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


def _unread(raw: Raw, reader: Reader) -> list[str]:
    return [str(name) for name in raw.columns if name not in reader.columns] if isinstance(raw, pd.DataFrame) else []


def _check_columns(file: str, raw: Raw, reader: Reader) -> None:
    """Refuse a column that is nearly called like one that would be read."""
    if isinstance(raw, pd.DataFrame) and set(raw.columns) & set(reader.columns):  # SIGNOR may come without a header
        refuse_misspelt(f"the network table {file}", raw.columns, reader.columns, "network", reader.unread)


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
