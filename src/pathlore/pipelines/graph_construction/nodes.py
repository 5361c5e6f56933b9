"""Nodes of the graph_construction pipeline."""

import pandas as pd

from pathlore.config import GraphConfig, PathConfig, SentenceConfig
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.text.sentences import association_sentences, gene_sentences, path_sentences


def enumerate_paths(
    signaling_network: pd.DataFrame, gene_statistics: Partitions[pd.DataFrame], config: PathConfig
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Find the typed paths among the genes that each population expresses."""
    paths, reports = {}, []
    for name, statistics in load_all(gene_statistics).items():
        genes = statistics.loc[statistics["passes"], "gene"]
        paths[name], report = find_paths(signaling_network, genes, config, name)
        reports.append(report)
    return paths, pd.concat(reports, ignore_index=True)


def assemble_graphs(
    signaling_network: pd.DataFrame,
    signaling_paths: Partitions[pd.DataFrame],
    gene_statistics: Partitions[pd.DataFrame],
    gene_annotations: pd.DataFrame,
    config: GraphConfig,
    sentences: SentenceConfig,
) -> dict[str, TextNumericGraph]:
    """Join topology, texts and numbers into one graph per population."""
    genes = sorted(set(signaling_network["source"]) | set(signaling_network["target"]))
    gene_texts = gene_sentences(genes, gene_annotations, sentences.gene)
    edge_texts = association_sentences(signaling_network, sentences)
    return {
        name: build_graph(
            signaling_network,
            paths,
            gene_statistics[name](),
            gene_texts,
            path_sentences(paths, signaling_network, gene_annotations, sentences),
            edge_texts,
            config,
        )
        for name, paths in load_all(signaling_paths).items()
    }
