"""Nodes of the graph_construction pipeline."""

import pandas as pd

from pathlore.config import GraphConfig, PathConfig, SentenceConfig
from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.ligands import ligand_receptor_steps
from pathlore.graph.paths.random_control import with_random_steps
from pathlore.graph.paths.user_file import given_paths
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.resources.raw import RawTables
from pathlore.text.sentences import association_sentences, gene_sentences, path_sentences


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
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """Find the typed paths among the genes that each population expresses, and the ligands that may start them."""
    given = given_paths(paths_raw)
    paths, reports, steps = {}, [], []
    for name, statistics in load_all(gene_statistics).items():
        genes = set(statistics.loc[statistics["passes"], "gene"])
        paths[name], report = find_paths(bridged_network, genes, config, name, given)
        reports.append(report)
        steps.append(ligand_receptor_steps(bridged_network, paths[name], genes, name))
    return paths, pd.concat(reports, ignore_index=True), pd.concat(steps, ignore_index=True)


def assemble_graphs(
    bridged_network: pd.DataFrame,
    signaling_paths: Partitions[pd.DataFrame],
    gene_statistics: Partitions[pd.DataFrame],
    gene_annotations: pd.DataFrame,
    path_config: PathConfig,
    config: GraphConfig,
    sentences: SentenceConfig,
) -> dict[str, TextNumericGraph]:
    """Join topology, texts and numbers into one graph per population."""
    populations = load_all(signaling_paths)
    network = with_random_steps(
        bridged_network, [p for table in populations.values() for p in table["path"]], path_config
    )
    genes = sorted(set(network["source"]) | set(network["target"]))
    gene_texts = gene_sentences(genes, gene_annotations, sentences.gene)
    edge_texts = association_sentences(network, sentences)
    return {
        name: build_graph(
            network,
            paths,
            gene_statistics[name](),
            gene_texts,
            path_sentences(paths, network, gene_annotations, sentences),
            edge_texts,
            config,
        )
        for name, paths in populations.items()
    }
