"""Nodes of the modeling pipeline."""

from pathlore.config import (
    BaselineConfig,
    BundleConfig,
    CellsConfig,
    EngineConfig,
    GenesConfig,
    ModelConfig,
    QualityConfig,
    TrainingConfig,
)
from pathlore.keys import Obs, Split
from pathlore.pipelines.partitions import Each, Partitions, Population, load_all, per_population
from pathlore.pipelines.types import (
    AnnData,
    Bundle,
    BundleKnowledge,
    BundleOrigin,
    DataFrame,
    RawTables,
    TextEmbedding,
    TextNumericGraph,
    TrainedModel,
)


def fit_models(
    cells: AnnData,
    splits: Partitions[DataFrame],
    text_numeric_graphs: Partitions[TextNumericGraph],
    gene_embeddings: TextEmbedding,
    path_embeddings: TextEmbedding,
    gene_statistics: Partitions[DataFrame],
    model_config: ModelConfig,
    config: TrainingConfig,
    engine: EngineConfig,
) -> tuple[dict[str, TrainedModel], dict[str, DataFrame]]:
    """Train one model per population; a killed run goes on at the epoch where it was."""
    from pathlore.study.fit import FitInputs, fit_populations
    from pathlore.tracking import log_epoch
    from pathlore.training.checkpoint import clear_checkpoints
    from pathlore.training.data import cell_sets, class_names, wide_genes

    def load(name: str) -> FitInputs:
        graph, table = text_numeric_graphs[name](), splits[name]()
        vectors = gene_embeddings.rows(graph.genes), path_embeddings.rows(graph.paths["path"])
        wide = wide_genes(graph.genes, gene_statistics[name](), model_config.wide_genes)
        data = cell_sets(cells, table, graph.genes, config.scratch, wide)
        return FitInputs(name, graph, *vectors, data, class_names(table))

    fits = fit_populations(sorted(text_numeric_graphs), load, model_config, config, engine, log_epoch)
    clear_checkpoints(config.checkpoints)
    return {name: model for name, (model, _) in fits.items()}, {name: table for name, (_, table) in fits.items()}


@per_population
def predict_held_out(
    population: Each[Population],
    model: Each[TrainedModel],
    cells: AnnData,
    splits: Each[DataFrame],
    baseline: BaselineConfig,
    config: TrainingConfig,
) -> DataFrame:
    """Predict the validation and test cells by the model and by its baselines."""
    from pathlore.training.data import cell_sets
    from pathlore.training.predictions import predictions

    data = cell_sets(cells, splits, model.genes, config.scratch, model.wide_genes)
    return predictions(model, data, baseline, config.batch_size, population["file"])


def score_predictions(
    populations: Partitions[Population],
    held_out_predictions: Partitions[DataFrame],
    splits: Partitions[DataFrame],
) -> DataFrame:
    """Judge every method on cells and on donors."""
    import pandas as pd

    from pathlore.training.data import class_names
    from pathlore.training.metrics import metrics_table

    @per_population
    def scored(population: Each[Population], table: Each[DataFrame], split: Each[DataFrame]) -> DataFrame:
        trained_donors = split.loc[split[Obs.SPLIT] == Split.TRAIN, Obs.DONOR].dropna()
        types = table["cell"].map(split.set_index(Obs.CELL)[Obs.CELL_TYPE])
        return metrics_table(table, class_names(split), population["file"], set(trained_donors), types)

    return pd.concat(scored(populations, held_out_predictions, splits).values(), ignore_index=True)


def describe_origins(
    gene_names: DataFrame,
    gene_mapping: DataFrame,
    orthologs_raw: RawTables,
    gene_embeddings: TextEmbedding,
    cells: AnnData,
    read: CellsConfig,
    quality: QualityConfig,
    genes: GenesConfig,
    bundle: BundleConfig,
) -> tuple[BundleKnowledge, BundleOrigin]:
    """Put together by which names and texts the genes were known, and how the training cells were read."""
    from pathlore.genes.names import GeneNames
    from pathlore.resources.orthologs import read_orthologs
    from pathlore.scoring.make import BundleKnowledge, Origin

    orthologs = read_orthologs(orthologs_raw, GeneNames(gene_names))
    return (
        BundleKnowledge(gene_names, orthologs, gene_mapping, gene_embeddings.encoder, gene_embeddings.model),
        Origin(bundle.cohort, str(cells.uns["pathlore"]["scale"]), read, quality, genes),
    )


def bundle_models(
    models: Partitions[TrainedModel],
    text_numeric_graphs: Partitions[TextNumericGraph],
    cells: AnnData,
    splits: Partitions[DataFrame],
    held_out_predictions: Partitions[DataFrame],
    metrics: DataFrame,
    origins: tuple[BundleKnowledge, BundleOrigin],
    training: TrainingConfig,
    config: BundleConfig,
) -> dict[str, Bundle]:
    """Put each model with all that new cells will need into one folder."""
    from pathlore.scoring.make import make_bundle
    from pathlore.training.data import cell_sets

    bundles = {}
    for name, model in load_all(models).items():
        table, graph = splits[name](), text_numeric_graphs[name]()
        data = cell_sets(cells, table, model.genes, training.scratch, model.wide_genes)
        own, held_out = metrics[metrics["population"] == name], held_out_predictions[name]()
        bundles[name] = make_bundle(model, graph, data, table, held_out, own, *origins, config, training.prior_mode)
    return bundles
