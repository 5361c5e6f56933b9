"""LIANA: its consensus and the resources it collects, ligands and receptors by symbol.

Documentation: https://liana-py.readthedocs.io (resources; liana/resource/omni_resource.csv). Licence: GPL-3, and each
resource's own.

Complexes are written with underscores, ITGA1_ITGB1. ``resources`` are LIANA and the row's resource, if it is named.
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.fields import column
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import joined, records
from pathlore.resources.interactions.results import refuse_results
from pathlore.resources.raw import Raw, has_columns

MOUSE = "mouse"
COLUMNS = ("source_genesymbol", "target_genesymbol", "ligand", "receptor", "resource")
UNREAD = ("resources", "source", "target", "sources")


def recognises(raw: Raw) -> bool:
    """Whether the table holds pairs of symbols, or of a ligand and a receptor."""
    return has_columns(raw, "source_genesymbol", "target_genesymbol") or has_columns(raw, "ligand", "receptor")


def read(source: Source) -> pd.DataFrame:
    """Read ligands and receptors; complexes become their subunits, signs are not known, mouse resources are dropped."""
    table = source.table
    refuse_results(source.file, table, "ligands and receptors")
    table = source.counts.keep(table, ~column(table, "resource").str.lower().str.startswith(MOUSE), "other species")
    ligand, receptor = (
        ("source_genesymbol", "target_genesymbol") if "source_genesymbol" in table else ("ligand", "receptor")
    )
    found = pd.DataFrame({"kind": Kind.LIGAND_RECEPTOR, "resources": joined("LIANA", column(table, "resource"))})
    for end, name in (("source", ligand), ("target", receptor)):
        found[end] = complexes.split(complexes.without_prefix(column(table, name)), "_")
    return records(complexes.pairs(found), source.counts)


LIANA = Reader(
    "LIANA",
    "source_genesymbol, target_genesymbol; or ligand, receptor",
    recognises,
    read,
    columns=COLUMNS,
    unread=UNREAD,
)
