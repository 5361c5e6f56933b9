"""Which kind of gene identifier a list of names holds."""

import re
from collections.abc import Iterable

ENSEMBL = re.compile(r"^ENS[A-Z]{0,4}G\d{11}")
MOUSE = re.compile(r"^[A-Z][a-z0-9-]*[a-z][a-z0-9-]*$")
NUMBER = re.compile(r"^\d+$")


def identifier_kind(names: Iterable[str]) -> str:
    """Say what most of the names look like.

    Returns
    -------
    ``"Ensembl ids"``, ``"mouse symbols"`` (one capital, then lower case), ``"Entrez ids"``, or ``"human symbols"``
    where none of these holds for more than half.

    Examples
    --------
    >>> identifier_kind(["ENSG00000141510.18", "ENSG00000136997"])
    'Ensembl ids'
    >>> identifier_kind(["Trp53", "Myc", "H2-K1"])
    'mouse symbols'
    >>> identifier_kind(["TP53", "C1orf112", "HLA-A"])
    'human symbols'
    """
    items = list(names)
    for kind, pattern in (("Ensembl ids", ENSEMBL), ("mouse symbols", MOUSE), ("Entrez ids", NUMBER)):
        if sum(bool(pattern.match(item)) for item in items) > len(items) / 2:
            return kind
    return "human symbols"


def identifier_advice(kind: str) -> str:
    """What to do about identifiers that the network does not know."""
    if kind == "mouse symbols":
        return "map them to human symbols in a column of var and name it in `ingestion.cells.gene_column`"
    if kind == "human symbols":
        return "check species and gene identifiers, and `ingestion.cells.gene_column`"
    return "name the column of var that holds human gene symbols in `ingestion.cells.gene_column`"
