"""What is known about genes and their interactions, for a study that is made in Python."""

from dataclasses import dataclass

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.genes.names import GeneNames
from pathlore.graph.network import build_network
from pathlore.resources.annotations import read_annotations
from pathlore.resources.given import GENES, NETWORK, GivenTable, given_tables
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names
from pathlore.resources.orthologs import read_orthologs


@dataclass(frozen=True)
class Knowledge:
    """Names, orthologs, interactions and descriptions of genes.

    Attributes
    ----------
    names
        Approved symbols, former ones, aliases and ids.
    orthologs
        Pairs of mouse and human genes; without a row where none were given.
    network
        `pathlore.schemas.Network`.
    interactions
        Interaction records as read, complexes whole.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    """

    names: GeneNames
    orthologs: pd.DataFrame
    network: pd.DataFrame
    interactions: pd.DataFrame
    annotations: pd.DataFrame


def load_knowledge(
    network: GivenTable,
    texts: GivenTable,
    gene_names: GivenTable,
    orthologs: GivenTable | None,
    config: NetworkConfig,
) -> Knowledge:
    """Read the four kinds of table; see `pathlore.resources.given.given_tables`.

    Raises
    ------
    PathloreError
        A table cannot be read or is in no known format.
    """
    names = read_gene_names(given_tables(gene_names, GENES, "gene_names"))
    interactions = read_interactions(given_tables(network, NETWORK, "network"), names, config)
    return Knowledge(
        names,
        read_orthologs(given_tables(orthologs, "", "orthologs"), names),
        build_network(interactions, config),
        interactions,
        read_annotations(given_tables(texts, GENES, "texts"), names),
    )
