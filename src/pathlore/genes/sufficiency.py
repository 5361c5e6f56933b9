"""Whether the tables suffice to understand the names of the measured genes."""

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.identifiers import PREDICTED, WORDS

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
    """Refuse where too few ids, or mouse genes, are understood.

    Parameters
    ----------
    genes
        Of `pathlore.genes.identifiers.describe`.
    mapping
        ``name`` and ``symbol``, null for names that are lost; rows as those of ``genes``.
    kind, species
        What most of the names are. Human symbols are never refused: unknown ones are kept as given.
    wanted
        Fraction; of mouse symbols, those of predicted genes and clones do not count.

    Raises
    ------
    PathloreError
        Fewer are understood.
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
