"""PathFinder's ``from,to,edge_type`` tables, and NicheNet's ``from,to,source,database`` tables.

PathFinder: https://github.com/fuhaililab/PathFinder (data/network), MIT licence.
NicheNet: https://github.com/saeyslab/nichenetr and https://zenodo.org/records/7074291, GPL-3 and the licences of its
members. Its three networks come as R files and have the same columns once they are saved as text, so the kind is told
by the file's name: lr_network, signaling_network (or sig_network) or gr_network.
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions.fields import column
from pathlore.resources.interactions.plain import known_kinds
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import joined, records
from pathlore.resources.interactions.untyped import untyped_kind
from pathlore.resources.raw import Raw, has_columns

PREDECESSOR_KINDS = {
    "directional": Kind.LIGAND_RECEPTOR,
    "undirectional": Kind.LIGAND_RECEPTOR,
    "receptor_sig": Kind.SIGNALING,
    "receptor_tf": Kind.SIGNALING,
    "sig_sig": Kind.SIGNALING,
    "sig_tf": Kind.SIGNALING,
    "tf_regulation": Kind.TF_TARGET,
    "receptor_regulation": Kind.LIGAND_TARGET,
    "ligand_regulation": Kind.LIGAND_TARGET,
}
"""``edge_type`` of the predecessor's tables -> our kind. A receptor or ligand that regulates a gene without a known
transcription factor between them is the same, indirect kind of record."""

NICHENET_KINDS = {
    "lr_network": Kind.LIGAND_RECEPTOR,
    "signaling_network": Kind.SIGNALING,
    "sig_network": Kind.SIGNALING,
    "gr_network": Kind.TF_TARGET,
}
"""Part of the file's name -> our kind."""

PREDICTED = "ppi_prediction"
"""``database`` of the ligand-receptor pairs that NicheNet's first version predicted from protein interactions."""


def recognises_predecessor(raw: Raw) -> bool:
    """Whether the table names from, to and edge_type."""
    return has_columns(raw, "from", "to", "edge_type")


def recognises_nichenet(raw: Raw) -> bool:
    """Whether the table names from, to, source and database."""
    return has_columns(raw, "from", "to", "source", "database")


def read_predecessor(source: Source) -> pd.DataFrame:
    """Read a table of the predecessor; its signs are not known.

    Raises
    ------
    PathloreError
        An edge_type is neither the predecessor's nor one of our kinds.
    """
    table = source.table
    types = column(table, "edge_type")
    kinds = known_kinds(types.map(PREDECESSOR_KINDS).fillna(types), source.file)
    found = pd.DataFrame({"source": table["from"], "target": table["to"], "kind": kinds, "resources": "PathFinder"})
    return records(found, source.counts)


def read_nichenet(source: Source) -> pd.DataFrame:
    """Read one of NicheNet's networks; predicted ligand-receptor pairs are dropped, signs are not known.

    ``resources`` are NicheNet and the row's database.

    Raises
    ------
    PathloreError
        Neither the file's name nor ``untyped_kind`` tells which network it is.
    """
    kind = next((kind for part, kind in NICHENET_KINDS.items() if part in source.file.lower()), None)
    if kind is None:
        kind = untyped_kind(source, f"one of {', '.join(NICHENET_KINDS)} in its name, as NicheNet's networks need")
    table = source.table
    database = column(table, "database")
    table = source.counts.keep(table, ~database.str.startswith(PREDICTED), "predicted")
    found = pd.DataFrame(
        {
            "source": table["from"],
            "target": table["to"],
            "kind": kind,
            "resources": joined("NicheNet", column(table, "database")),
        }
    )
    return records(found, source.counts)


PREDECESSOR = Reader(
    "PathFinder", "from, to, edge_type", recognises_predecessor, read_predecessor, columns=("from", "to", "edge_type")
)
NICHENET = Reader(
    "NicheNet",
    "from, to, source, database, the network in the file's name",
    recognises_nichenet,
    read_nichenet,
    columns=("from", "to", "source", "database"),
)
