"""What is known of the paths already, what the model loses without them, and what passes between cells."""

import pandas as pd

from pathlore.config import (
    CellCommunicationConfig,
    CellMapConfig,
    CellsConfig,
    KnownBiologyConfig,
    PathConfig,
    TrainingConfig,
)
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.interpretation.nodes.names import population_names
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import AnnData, TrainedModel
from pathlore.resources.gene_sets import read_gene_lists, read_gene_sets
from pathlore.resources.raw import RawTables

Tables = dict[str, pd.DataFrame]


def compare_known_biology(
    importance: Partitions[pd.DataFrame],
    text_numeric_graphs: Partitions[TextNumericGraph],
    bridged_network: pd.DataFrame,
    gene_sets_raw: RawTables,
    gene_lists_raw: RawTables,
    config: KnownBiologyConfig,
    bounds: PathConfig,
) -> tuple[Tables, Tables, Tables]:
    """Hold the top paths against gene sets and gene lists, beside the prior and random rankings."""
    from pathlore.explain.known_biology import enrichment, gene_list_overlap, path_coherence

    sets, lists = read_gene_sets(gene_sets_raw), read_gene_lists(gene_lists_raw)
    enriched, coherent, overlaps = {}, {}, {}
    for name, table in load_all(importance).items():
        graph = text_numeric_graphs[name]()
        enriched[name] = enrichment(table, graph, sets, config)
        coherent[name] = path_coherence(table, graph, bridged_network, sets, config, bounds)
        overlaps[name] = gene_list_overlap(table, graph, lists, config)
    return enriched, coherent, overlaps


def ablate_paths(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    importance: Partitions[pd.DataFrame],
    config: TrainingConfig,
) -> tuple[Tables, dict[str, dict[str, float]]]:
    """Take each path away from the prediction of the test cells, and follow its gradients to the genes."""
    from pathlore.explain.ablation import path_ablation
    from pathlore.explain.integrated_gradients import gradient_agreement
    from pathlore.keys import Split
    from pathlore.training.data import cell_sets

    tables, metrics = {}, {}
    for name, model in load_all(models).items():
        graph, ranked = text_numeric_graphs[name](), importance[name]()
        data = cell_sets(cells, splits[name](), model.genes, config.scratch)
        tables[name], agreement = path_ablation(model, data[Split.TEST], ranked)
        metrics[name] = agreement | gradient_agreement(model, graph, data, ranked, seed=config.seed)
    return tables, metrics


def map_cells(
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    text_numeric_graphs: Partitions[TextNumericGraph],
    importance: Partitions[pd.DataFrame],
    held_out_predictions: Partitions[pd.DataFrame],
    config: CellMapConfig,
) -> Tables:
    """Place a sample of each population's cells on a plane."""
    from pathlore.explain.cell_map import cell_map

    return {
        name: cell_map(cells, splits[name](), text_numeric_graphs[name](), table, held_out_predictions[name](), config)
        for name, table in load_all(importance).items()
    }


def connect_cells(
    cells: AnnData,
    ligand_receptor_pairs: pd.DataFrame,
    importance: Partitions[pd.DataFrame],
    coverage_report: pd.DataFrame,
    config: CellCommunicationConfig,
    columns: CellsConfig,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the signals between cell types that may start their important paths."""
    from pathlore.explain.cell_communication import cell_communication, communication_pairs

    names = population_names(coverage_report)
    interactions = cell_communication(
        cells,
        ligand_receptor_pairs,
        {names[name]: table for name, table in load_all(importance).items()},
        list(columns.classes),
        config,
        paired_donors=columns.paired_donors,
    )
    return interactions, communication_pairs(interactions)
