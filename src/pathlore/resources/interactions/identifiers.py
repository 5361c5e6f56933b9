"""Identifiers of genes and proteins as symbols."""

from typing import TYPE_CHECKING

import pandas as pd

from pathlore.errors import PathloreError

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames


def to_symbols(identifiers: pd.Series, kind: str, names: "GeneNames") -> pd.Series:
    """Translate a column of identifiers, each different one once; empty where it is not known.

    Parameters
    ----------
    identifiers
        Text.
    kind
        What they are: "ensembl", "entrez" or "uniprot".
    names
        The table of gene names.
    """
    different = pd.Series(identifiers.unique(), dtype=object)
    known = dict(zip(different, names.to_symbols(different, kind).fillna(""), strict=True))
    return identifiers.map(known).astype(object)


def with_ids(names: "GeneNames | None", kind: str) -> "GeneNames | None":
    """The table of gene names if it has ids of a kind; the built-in one has none."""
    return names if names is not None and names.knows(kind) else None


def required(names: "GeneNames | None", kind: str, file: str, identifiers: str) -> "GeneNames":
    """The table of gene names.

    Raises
    ------
    PathloreError
        It has no ids of this kind, and the file cannot be read without them.
    """
    found = with_ids(names, kind)
    if found is None:
        raise PathloreError(
            f"{file} names its genes by {identifiers} alone, and no table of gene names that has them was given; "
            "expected the HGNC complete set: set the parameter `gene_names` (globals.yml or --params gene_names=...)"
        )
    return found
