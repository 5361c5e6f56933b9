"""What is known of the paths already, what the model loses without them, and what passes between cells."""

from functools import partial
from typing import Any

from pathlore.config import (
    CellCommunicationConfig,
    CellMapConfig,
    CellsConfig,
    EngineConfig,
    KnownBiologyConfig,
    PathConfig,
    TrainingConfig,
)
from pathlore.pipelines.partitions import Each, Partitions, Population, by_name, on_workers, per_population
from pathlore.pipelines.types import AnnData, DataFrame, RawTables, TextNumericGraph, TrainedModel


def compare_known_biology(
    importance: Partitions[DataFrame],
    text_numeric_graphs: Partitions[TextNumericGraph],
    bridged_network: DataFrame,
    gene_sets_raw: RawTables,
    gene_lists_raw: RawTables,
    config: KnownBiologyConfig,
    bounds: PathConfig,
    engine: EngineConfig,
) -> tuple[dict[str, DataFrame], ...]:
    """Compare the top paths with gene sets and gene lists, beside the prior and random rankings."""
    from pathlore.resources.gene_sets import read_gene_lists, read_gene_sets

    def load(name: str) -> tuple[DataFrame, TextNumericGraph]:
        return importance[name](), text_numeric_graphs[name]()

    sets, lists = read_gene_sets(gene_sets_raw), read_gene_lists(gene_lists_raw)
    known = {"sets": sets, "lists": lists, "network": bridged_network, "config": config, "bounds": bounds}
    return on_workers(partial(_compared, **known), importance, load, engine)


def _compared(
    importance: DataFrame,
    graph: TextNumericGraph,
    sets: DataFrame,
    lists: DataFrame,
    network: DataFrame,
    config: KnownBiologyConfig,
    bounds: PathConfig,
) -> tuple[DataFrame, ...]:
    """One population."""
    from pathlore.explain.known_biology import enrichment, gene_list_overlap, path_coherence

    return (
        enrichment(importance, graph, sets, config),
        path_coherence(importance, graph, network, sets, config, bounds),
        gene_list_overlap(importance, graph, lists, config),
    )


def ablate_paths(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[DataFrame],
    importance: Partitions[DataFrame],
    config: TrainingConfig,
    engine: EngineConfig,
) -> tuple[dict[str, DataFrame], dict[str, dict[str, float]]]:
    """Take each path away from the prediction of the test cells, and follow its gradients to the genes."""
    from pathlore.keys import Split
    from pathlore.training.data import cell_sets
    from pathlore.training.machine import one_per_gpu

    def load(name: str) -> tuple[Any, ...]:
        model = models[name]()
        test = cell_sets(cells, splits[name](), model.genes, config.scratch)[Split.TEST]
        return model, text_numeric_graphs[name](), test, importance[name](), config.seed

    return on_workers(_ablated, models, load, one_per_gpu(engine, config))


def _ablated(
    model: TrainedModel, graph: TextNumericGraph, test: Any, importance: DataFrame, seed: int
) -> tuple[DataFrame, dict[str, float]]:
    """One population."""
    from pathlore.explain.ablation import path_ablation
    from pathlore.explain.integrated_gradients import gradient_agreement

    table, agreement = path_ablation(model, test, importance)
    return table, agreement | gradient_agreement(model, graph, test, importance, seed=seed)


@per_population
def map_cells(
    cells: AnnData,
    splits: Each[DataFrame],
    graph: Each[TextNumericGraph],
    importance: Each[DataFrame],
    held_out_predictions: Each[DataFrame],
    config: CellMapConfig,
) -> DataFrame:
    """Place a sample of each population's cells on a plane."""
    from pathlore.explain.cell_map import cell_map

    return cell_map(cells, splits, graph, importance, held_out_predictions, config)


def connect_cells(
    populations: Partitions[Population],
    cells: AnnData,
    ligand_receptor_pairs: DataFrame,
    importance: Partitions[DataFrame],
    config: CellCommunicationConfig,
    columns: CellsConfig,
) -> tuple[DataFrame, DataFrame]:
    """List the signals between cell types that may start their important paths."""
    from pathlore.explain.cell_communication import cell_communication, communication_pairs

    ranked, classes = by_name(populations, importance), list(columns.classes)
    interactions = cell_communication(
        cells, ligand_receptor_pairs, ranked, classes, config, paired_donors=columns.paired_donors
    )
    return interactions, communication_pairs(interactions)
