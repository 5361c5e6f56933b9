"""Nodes of the graph_construction pipeline."""

from pathlore.config import GraphConfig, GraphParameters, PathConfig, SentenceConfig
from pathlore.pipelines.partitions import Each, Partitions, load_all, per_population
from pathlore.pipelines.types import DataFrame, FoundPaths, RawTables, TextNumericGraph


def bridge_unmeasured(
    signaling_network: DataFrame, gene_statistics: Partitions[DataFrame], config: PathConfig
) -> DataFrame:
    """Add steps over genes that were not measured, if asked for."""
    from pathlore.graph.bridge import bridge_network

    measured = {gene for statistics in load_all(gene_statistics).values() for gene in statistics["gene"]}
    return bridge_network(signaling_network, measured, config)


def enumerate_paths(
    bridged_network: DataFrame,
    gene_statistics: Partitions[DataFrame],
    paths_raw: RawTables,
    config: PathConfig,
) -> FoundPaths:
    """Find the typed paths among the genes that each population expresses, and the ligands that may start them."""
    from pathlore.graph.paths.user_file import given_paths
    from pathlore.study.graphs import find_population_paths

    return find_population_paths(bridged_network, load_all(gene_statistics), config, given_paths(paths_raw))


@per_population
def assemble_graphs(
    bridged_network: DataFrame,
    paths: Each[DataFrame],
    gene_statistics: Each[DataFrame],
    gene_annotations: DataFrame,
    path_config: PathConfig,
    config: GraphConfig,
    sentences: SentenceConfig,
) -> TextNumericGraph:
    """Join topology, texts and numbers into one graph per population."""
    from pathlore.study.graphs import assemble_graph

    construction = GraphParameters(paths=path_config, graph=config, sentences=sentences)
    return assemble_graph(bridged_network, paths, gene_statistics, gene_annotations, construction)
