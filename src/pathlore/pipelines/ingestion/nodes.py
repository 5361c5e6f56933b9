"""Nodes of the ingestion pipeline."""

import pandas as pd
from anndata import AnnData

from pathlore.config import CellsConfig, GeneFilterConfig, NetworkConfig, PopulationConfig, QualityConfig, SplitConfig
from pathlore.expression import coverage, populations, prepare, splits, statistics
from pathlore.graph import network
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.text import annotations


def read_network(network_raw: pd.DataFrame, config: NetworkConfig) -> pd.DataFrame:
    """Bring the network table to typed, directed associations."""
    return network.read_network(network_raw, config)


def annotate_genes(gene_text_raw: pd.DataFrame) -> pd.DataFrame:
    """Bring the table of gene texts to symbol, name, description."""
    return annotations.gene_annotations(gene_text_raw)


def prepare_cells(cells_raw: AnnData, config: CellsConfig, quality: QualityConfig) -> AnnData:
    """Label, filter and normalise the cells."""
    return prepare.prepare_cells(cells_raw, config, quality)


def split_populations(
    cells: AnnData, config: CellsConfig, population: PopulationConfig, split: SplitConfig
) -> dict[str, pd.DataFrame]:
    """Divide each population into training, validation and test cells."""
    members = populations.populations(cells.obs, population)
    names = populations.partition_names(members)
    return {
        names[name]: splits.split_cells(
            cells.obs.loc[index], split, paired_donors=config.paired_donors, population=name
        )
        for name, index in members.items()
    }


def summarise_genes(
    cells: AnnData, splits: Partitions[pd.DataFrame], config: CellsConfig, gene_filter: GeneFilterConfig
) -> dict[str, pd.DataFrame]:
    """Describe each gene's expression in the training cells of each population."""
    return {
        name: statistics.training_statistics(cells, table, gene_filter, list(config.classes))
        for name, table in load_all(splits).items()
    }


def report_coverage(
    cells: AnnData,
    splits: Partitions[pd.DataFrame],
    gene_annotations: pd.DataFrame,
    signaling_network: pd.DataFrame,
    gene_statistics: Partitions[pd.DataFrame],
) -> pd.DataFrame:
    """Count how much of the data the knowledge reaches."""
    tables = [
        coverage.coverage(cells, table, gene_annotations, signaling_network, gene_statistics[name]())
        for name, table in load_all(splits).items()
    ]
    return pd.concat(tables, ignore_index=True)
