"""All given files, each by the reader that knows it, as one table of statements."""

import logging
from typing import TYPE_CHECKING

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.registry import READERS
from pathlore.resources.raw import Raw, RawTables

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames

logger = logging.getLogger(__name__)


def read_interactions(tables: RawTables, names: "GeneNames | None", config: NetworkConfig) -> pd.DataFrame:
    """Read associations between genes from files in any mixture of the known formats.

    Repeats are not merged and self loops are kept: the graph deals with both. Symbols that the table of gene names
    knows as former or alternative ones become the approved ones.

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
    One row per statement: ``source``, ``target`` (symbols), ``kind``, ``sign`` (1 activates, -1 inhibits, 0 not
    known), ``n_evidence`` (at least 1), ``resources``, ``references`` (``PMID:...``) and ``pathway``, the last three
    ``;``-joined; ``source_complex`` and ``target_complex``, the ``_``-joined subunits of the ligand and receptor that a
    row was read from, empty where they are one gene.

    Raises
    ------
    PathloreError
        A file is in no known format, or in a known one with values that cannot be understood; a table that a file
        needs beside it was not given; no file holds associations.
    """
    found = [
        _read_file(Source(file, raw, tables, names, config), reader)
        for file, raw in tables.items()
        if (reader := _reader_of(file, raw)) is not None
    ]
    if not found:
        raise PathloreError(
            f"no associations are in the {len(tables)} file(s) {shorten(tables)}; expected at least one of "
            f"{_formats()}: {_parameter()}"
        )
    return pd.concat(found, ignore_index=True)


def _read_file(source: Source, reader: Reader) -> pd.DataFrame:
    """Read one file, bring its symbols up to date, and say so in the log."""
    found = reader.read(source)
    n_renamed = 0
    if source.names is not None:
        for end in ("source", "target"):
            symbols = source.names.approved(found[end])
            n_renamed += int((symbols != found[end]).sum())
            known = dict(zip(found[end], symbols, strict=True))  # every member has a row of its own
            name = complexes.ENDS[end]
            found[name] = [_renamed(whole, known) for whole in found[name]]
            found[end] = symbols
    logger.info(
        "Network file %s (%s): %s, %d statements%s; dropped: %s",
        source.file,
        reader.name,
        f"{len(source.raw)} rows read" if isinstance(source.raw, pd.DataFrame) else "one pathway read",
        len(found),
        f" ({n_renamed} former symbols or aliases renamed)" if n_renamed else "",
        source.tally,
    )
    return found


def _renamed(whole: str, known: dict[str, str]) -> str:
    """The members of a complex by their approved symbols."""
    return complexes.JOIN.join(known.get(member, member) for member in whole.split(complexes.JOIN))


def _reader_of(file: str, raw: Raw) -> Reader | None:
    """The reader that knows a file; None for one that is only read beside another."""
    for reader in READERS:
        if reader.recognises(raw):
            return reader
    if any(reader.accompanies(raw) for reader in READERS):
        return None
    contents = f"the columns {', '.join(map(str, raw.columns))}" if isinstance(raw, pd.DataFrame) else "no <pathway>"
    raise PathloreError(
        f"the network file {file} has {contents}, which is no known format; understood are {_formats()}: {_parameter()}"
    )


def _formats() -> str:
    return "; ".join(f"{reader.name} ({reader.form})" for reader in READERS)


def _parameter() -> str:
    return "check the parameter `network` (globals.yml or --params network=...)"
