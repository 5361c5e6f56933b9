"""Nodes of the graph_construction pipeline."""

import pandas as pd

from pathlore.config import GraphConfig, GraphParameters, PathConfig, SentenceConfig
from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths.user_file import given_paths
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.partitions import Each, Partitions, load_all, per_population
from pathlore.resources.raw import RawTables
from pathlore.study.graphs import FoundPaths, assemble_graph, find_population_paths


def bridge_unmeasured(
    signaling_network: pd.DataFrame, gene_statistics: Partitions[pd.DataFrame], config: PathConfig
) -> pd.DataFrame:
    """Add steps over genes that were not measured, if asked for."""
    measured = {gene for statistics in load_all(gene_statistics).values() for gene in statistics["gene"]}
    return bridge_network(signaling_network, measured, config)


def enumerate_paths(
    bridged_network: pd.DataFrame,
    gene_statistics: Partitions[pd.DataFrame],
    paths_raw: RawTables,
    config: PathConfig,
) -> FoundPaths:
    """Find the typed paths among the genes that each population expresses, and the ligands that may start them."""
    return find_population_paths(bridged_network, load_all(gene_statistics), config, given_paths(paths_raw))


@per_population
def assemble_graphs(
    bridged_network: pd.DataFrame,
    paths: Each[pd.DataFrame],
    gene_statistics: Each[pd.DataFrame],
    gene_annotations: pd.DataFrame,
    path_config: PathConfig,
    config: GraphConfig,
    sentences: SentenceConfig,
) -> TextNumericGraph:
    """Join topology, texts and numbers into one graph per population."""
    construction = GraphParameters(paths=path_config, graph=config, sentences=sentences)
    return assemble_graph(bridged_network, paths, gene_statistics, gene_annotations, construction)
