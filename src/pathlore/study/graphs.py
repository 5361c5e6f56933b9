"""From a network and the genes of each population to its text-numeric graph and the vectors of its texts."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

import pandas as pd

from pathlore.config import EncoderConfig, GraphParameters, PathConfig, TextControlConfig, TextParameters, TuningConfig
from pathlore.graph.interactions import ligand_receptor_steps
from pathlore.graph.network import restrict
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.random_control import with_random_steps
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph, collect_sentences, graph_genes
from pathlore.text.controls import controlled
from pathlore.text.embedding import TextEmbedding, embed_sentences
from pathlore.text.sentences import association_sentences, gene_sentences, path_sentences


class FoundPaths(NamedTuple):
    """The typed paths of each population.

    Attributes
    ----------
    paths
        Population -> `pathlore.schemas.Paths`.
    report
        `pathlore.schemas.PathReport`: what each rule dropped.
    ligand_steps
        `pathlore.schemas.LigandSteps`: ligands that may start a path.
    """

    paths: dict[str, pd.DataFrame]
    report: pd.DataFrame
    ligand_steps: pd.DataFrame


def find_population_paths(
    network: pd.DataFrame, statistics: Mapping[str, pd.DataFrame], config: PathConfig, given: pd.DataFrame | None
) -> FoundPaths:
    """Find the typed paths among the genes that each population expresses, and the ligands that may start them.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, bridged where asked.
    statistics
        Population -> `pathlore.schemas.GeneStatistics` of its training cells.
    config
        Bounds and choice of the paths.
    given
        The user's own paths; None where there are none.

    Raises
    ------
    PathloreError
        No path is found in a population.
    """
    paths, reports, steps = {}, [], []
    for name, table in statistics.items():
        genes = set(table.loc[table["passes"], "gene"])
        paths[name], report = find_paths(network, genes, config, name, given)
        reports.append(report)
        steps.append(ligand_receptor_steps(network, paths[name], genes, name))
    return FoundPaths(paths, pd.concat(reports, ignore_index=True), pd.concat(steps, ignore_index=True))


def assemble_graph(
    network: pd.DataFrame,
    paths: pd.DataFrame,
    statistics: pd.DataFrame,
    annotations: pd.DataFrame,
    construction: GraphParameters,
) -> TextNumericGraph:
    """Join topology, texts and numbers to the graph of one population.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    paths
        `pathlore.schemas.Paths` of the population.
    statistics
        `pathlore.schemas.GeneStatistics` of its training cells.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    construction
        Of paths, graph and sentences.
    """
    network = with_random_steps(network, paths["path"], construction.paths)
    sentences = construction.sentences
    genes = graph_genes(paths, statistics, construction.graph)
    return build_graph(
        network,
        paths,
        statistics,
        gene_sentences(sorted(genes), annotations, sentences.gene),
        path_sentences(paths, restrict(network, genes), annotations, sentences),
        partial(association_sentences, config=sentences),
        construction.graph,
    )


def embed_graphs(graphs: Iterable[TextNumericGraph], config: TextParameters) -> tuple[TextEmbedding, TextEmbedding]:
    """Vectors of the genes' and of the paths' texts over all populations."""
    return embed_texts(*collect_sentences(graphs), config.encoder, config.tuning, config.control)


def embed_texts(
    gene_texts: pd.DataFrame,
    path_texts: pd.DataFrame,
    encoder: EncoderConfig,
    tuning: TuningConfig,
    control: TextControlConfig,
) -> tuple[TextEmbedding, TextEmbedding]:
    """Encode every text; tune the vectors to the paths' steps, or replace them by a control, where that is wanted."""
    genes, paths = embed_sentences(gene_texts, path_texts, encoder)
    if tuning.kind != "none":
        from pathlore.text.tuning import tune_embeddings

        genes, paths = tune_embeddings(genes, paths, encoder, tuning)
    return controlled(genes, control.genes, control.seed), controlled(paths, control.paths, control.seed)
