"""Nodes of the ingestion pipeline."""

from pathlore.config import (
    CellsConfig,
    GeneFilterConfig,
    GenesConfig,
    NetworkConfig,
    PopulationConfig,
    QualityConfig,
    SplitConfig,
)
from pathlore.pipelines.partitions import Each, Partitions, Population, load_all, per_population
from pathlore.pipelines.types import AnnData, DataFrame, RawTables


def unite_gene_names(gene_names_raw: RawTables) -> DataFrame:
    """Bring the tables of gene names to one."""
    from pathlore.resources.names import read_gene_names

    return read_gene_names(gene_names_raw).table


def read_network(network_raw: RawTables, gene_names: DataFrame, config: NetworkConfig) -> tuple[DataFrame, DataFrame]:
    """Merge the interaction records of all tables to associations, rewired if asked, and to pairs of complexes."""
    from pathlore.genes.names import GeneNames
    from pathlore.graph.interactions import ligand_receptor_pairs
    from pathlore.graph.network import build_network
    from pathlore.graph.rewire import rewire
    from pathlore.resources.interactions import read_interactions

    records = read_interactions(network_raw, GeneNames(gene_names), config)
    return rewire(build_network(records, config), config), ligand_receptor_pairs(records, config)


def annotate_genes(gene_text_raw: RawTables, gene_names: DataFrame) -> DataFrame:
    """Bring the tables of gene texts to symbol, name, description."""
    from pathlore.genes.names import GeneNames
    from pathlore.resources.annotations import read_annotations

    return read_annotations(gene_text_raw, GeneNames(gene_names))


def map_genes(
    cells_raw: AnnData, gene_names: DataFrame, orthologs_raw: RawTables, cells: CellsConfig, config: GenesConfig
) -> DataFrame:
    """Find the human symbol that each measured gene is known by."""
    from pathlore.expression.matrix import select_matrix
    from pathlore.expression.prepare import gene_labels
    from pathlore.genes import mapping
    from pathlore.genes.names import GeneNames
    from pathlore.resources.orthologs import read_orthologs

    measured = gene_labels(select_matrix(cells_raw, cells.layer).var, cells.gene_column)
    names = GeneNames(gene_names)
    orthologs = read_orthologs(orthologs_raw, names)
    return mapping.map_genes(measured[measured != ""].unique(), names, orthologs, config)


def prepare_cells(
    cells_raw: AnnData, gene_mapping: DataFrame, config: CellsConfig, quality: QualityConfig, scratch: str | None = None
) -> AnnData:
    """Label, filter and normalise the cells."""
    from pathlore.expression import prepare

    return prepare.prepare_cells(cells_raw, config, quality, gene_mapping, scratch)


def judge_design(cells_raw: AnnData, cells: AnnData, config: CellsConfig, gene_filter: GeneFilterConfig) -> DataFrame:
    """Say what makes a result doubtful, whatever the model finds."""
    from pathlore.inspection.design import design_findings

    return design_findings(cells_raw.obs, cells, config, gene_filter)


def split_populations(
    cells: AnnData, splits_raw: RawTables, config: CellsConfig, population: PopulationConfig, split: SplitConfig
) -> tuple[dict[str, Population], dict[str, DataFrame], DataFrame]:
    """Divide each population into training, validation and test cells, or as the user's table does."""
    import pandas as pd

    from pathlore.expression import populations
    from pathlore.expression import splits as splitting

    divided = splitting.divided(
        cells.obs, population, split, splitting.given_splits(splits_raw), paired_donors=config.paired_donors
    )
    files = populations.partition_names(divided)
    named = {file: Population(name=name, file=file, classes=list(config.classes)) for name, file in files.items()}
    whole = splitting.published(pd.concat(divided.values(), ignore_index=True))
    return named, {files[name]: table for name, table in divided.items()}, whole


def summarise_genes(
    cells: AnnData, splits: Partitions[DataFrame], config: CellsConfig, gene_filter: GeneFilterConfig
) -> dict[str, DataFrame]:
    """Describe each gene's expression in the training cells of each population."""
    from pathlore.expression import statistics

    return statistics.population_statistics(cells, load_all(splits), gene_filter, list(config.classes))


def report_coverage(
    cells: AnnData,
    splits: Partitions[DataFrame],
    gene_annotations: DataFrame,
    signaling_network: DataFrame,
    gene_statistics: Partitions[DataFrame],
) -> DataFrame:
    """Count how much of the data the knowledge reaches."""
    import pandas as pd

    from pathlore.expression import coverage

    @per_population
    def counted(split: Each[DataFrame], statistics: Each[DataFrame]) -> DataFrame:
        return coverage.coverage(cells, split, gene_annotations, signaling_network, statistics)

    return pd.concat(counted(splits, gene_statistics).values(), ignore_index=True)
