"""Nodes of the cohort pipeline."""

from pathlore.config import CohortConfig
from pathlore.pipelines.types import AnnData, DataFrame, RawTables


def download_cohort(config: CohortConfig) -> DataFrame:
    """Fetch the files of the series, and report what is there."""
    from pathlore.cohorts.download import fetch_series

    return fetch_series(config)


def assemble_cohort(
    cohort_files: DataFrame, gene_names_raw: RawTables, config: CohortConfig
) -> tuple[AnnData, DataFrame]:
    """Read the samples and put their cells together."""
    from pathlore.cohorts.assemble import assemble_series
    from pathlore.resources.names import read_gene_names

    return assemble_series(cohort_files, config, read_gene_names(gene_names_raw))


def annotate_cells(
    cohort_assembled: AnnData, markers_raw: RawTables, cell_types_raw: RawTables, config: CohortConfig
) -> tuple[AnnData, DataFrame]:
    """Give every cell a type."""
    from pathlore.cohorts import annotate

    return annotate.annotate_cells(cohort_assembled, markers_raw, cell_types_raw, config.annotation)
