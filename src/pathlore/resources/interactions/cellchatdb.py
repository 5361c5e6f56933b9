"""CellChatDB versions 1 and 2: the table of interactions, saved as text, with that of complexes beside it.

Documentation: https://github.com/jinworks/CellChat (tutorial "Update CellChatDB"). Licence: GPL-3.

A name such as TGFbR1_R2 may be a complex. Its subunits are taken from version 2's ligand.symbol and receptor.symbol
("TGFBR1, TGFBR2"), else from the table of complexes (subunit_1, subunit_2, ... after their names), else from
interaction_name_2 ("TGFB1 - (TGFBR1+TGFBR2)").
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.fields import column, pubmed
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import records
from pathlore.resources.interactions.results import refuse_results
from pathlore.resources.raw import Raw, has_columns

COLUMNS = (
    "pathway_name", "ligand", "receptor", "annotation", "evidence", "interaction_name_2", "ligand.symbol",
    "receptor.symbol", "subunit_1", "subunit_2", "cofactor1", "cofactor2",
)  # fmt: skip
UNREAD = (
    "interaction_name", "agonist", "antagonist", "co_A_receptor", "co_I_receptor", "ligand.keyword", "ligand.family",
    "ligand.location", "ligand.surfaceome", "ligand.transmembrane", "ligand.secreted_type", "receptor.keyword",
    "receptor.family", "receptor.location", "receptor.surfaceome_main", "receptor.surfaceome_sub", "receptor.adhesome",
    "receptor.secreted_type", "receptor.transmembrane", *(f"subunit_{i}" for i in range(3, 10)),
    *(f"cofactor{i}" for i in range(3, 20)), "version",
)  # fmt: skip
NOT_OF_PROTEINS = "non-protein signaling"


def recognises(raw: Raw) -> bool:
    """Whether the table holds named ligand-receptor interactions of a pathway."""
    return has_columns(raw, "pathway_name", "ligand", "receptor")


def accompanies(raw: Raw) -> bool:
    """Whether the table lists subunits of complexes, or cofactors (which are not read)."""
    return has_columns(raw, "subunit_1", "subunit_2") or has_columns(raw, "cofactor1", "cofactor2")


def read(source: Source) -> pd.DataFrame:
    """Read ligands and receptors; complexes become their subunits, and signs are not known.

    Non-protein signaling is dropped. ``pathway_name`` is the pathway, ``n_evidence`` the number of PubMed ids in
    ``evidence``, at least 1.
    """
    table = source.table
    refuse_results(source.file, table, "ligands and receptors")
    protein = column(table, "annotation").str.lower() != NOT_OF_PROTEINS
    table = source.counts.keep(table, protein, "of non-protein signaling")
    found = pubmed(column(table, "evidence"))
    found["kind"], found["resources"] = Kind.LIGAND_RECEPTOR, "CellChatDB"
    found["pathway"] = column(table, "pathway_name")
    contents = _contents(source)
    sides = column(table, "interaction_name_2").str.extract(r"^(?P<ligand>.+?)\s+-\s+(?P<receptor>.+)$").fillna("")
    for end, partner in (("source", "ligand"), ("target", "receptor")):
        rows = zip(column(table, f"{partner}.symbol"), column(table, partner), sides[partner], strict=True)
        found[end] = [_subunits(symbols, name, drawn, contents) for symbols, name, drawn in rows]
    return records(complexes.pairs(found), source.counts)


def _subunits(symbols: str, name: str, drawn: str, contents: complexes.Contents) -> list[str]:
    """Symbols of one partner, by the first of the three that says them; else its name."""
    if symbols:
        parts = symbols.split(",")
    elif name in contents:
        parts = complexes.members(name, contents)
    elif drawn.startswith("("):
        parts = drawn.strip("()").split("+")
    else:
        parts = [name]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _contents(source: Source) -> dict[str, list[str]]:
    """Name of a complex -> symbols of its subunits; the names stand in the first column that holds no subunits."""
    found: dict[str, list[str]] = {}
    for table in source.tables_beside(lambda raw: has_columns(raw, "subunit_1", "subunit_2")):
        subunits = [name for name in table if str(name).startswith("subunit_")]
        others = [name for name in table if name not in subunits]
        if others:
            found |= complexes.listed(table, others[0], subunits)
    return found


CELLCHATDB = Reader("CellChatDB", "pathway_name, ligand, receptor", recognises, read, accompanies, COLUMNS, UNREAD)
