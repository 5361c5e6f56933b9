"""What is known of the paths already, what the model loses without them, and what passes between cells."""

from pathlore.config import (
    CellCommunicationConfig,
    CellMapConfig,
    CellsConfig,
    KnownBiologyConfig,
    PathConfig,
    TrainingConfig,
)
from pathlore.pipelines.partitions import Each, Partitions, Population, by_name, per_population
from pathlore.pipelines.types import AnnData, DataFrame, RawTables, TextNumericGraph, TrainedModel


def compare_known_biology(
    importance: Partitions[DataFrame],
    text_numeric_graphs: Partitions[TextNumericGraph],
    bridged_network: DataFrame,
    gene_sets_raw: RawTables,
    gene_lists_raw: RawTables,
    config: KnownBiologyConfig,
    bounds: PathConfig,
) -> tuple[dict[str, DataFrame], ...]:
    """Compare the top paths with gene sets and gene lists, beside the prior and random rankings."""
    from pathlore.explain.known_biology import enrichment, gene_list_overlap, path_coherence
    from pathlore.resources.gene_sets import read_gene_lists, read_gene_sets

    sets, lists = read_gene_sets(gene_sets_raw), read_gene_lists(gene_lists_raw)

    @per_population
    def compared(table: Each[DataFrame], graph: Each[TextNumericGraph]) -> tuple[DataFrame, ...]:
        return (
            enrichment(table, graph, sets, config),
            path_coherence(table, graph, bridged_network, sets, config, bounds),
            gene_list_overlap(table, graph, lists, config),
        )

    return compared(importance, text_numeric_graphs)


@per_population
def ablate_paths(
    model: Each[TrainedModel],
    graph: Each[TextNumericGraph],
    cells: AnnData,
    splits: Each[DataFrame],
    importance: Each[DataFrame],
    config: TrainingConfig,
) -> tuple[DataFrame, dict[str, float]]:
    """Take each path away from the prediction of the test cells, and follow its gradients to the genes."""
    from pathlore.explain.ablation import path_ablation
    from pathlore.explain.integrated_gradients import gradient_agreement
    from pathlore.keys import Split
    from pathlore.training.data import cell_sets

    data = cell_sets(cells, splits, model.genes, config.scratch)
    table, agreement = path_ablation(model, data[Split.TEST], importance)
    return table, agreement | gradient_agreement(model, graph, data, importance, seed=config.seed)


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
