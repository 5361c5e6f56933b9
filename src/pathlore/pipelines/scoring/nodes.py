"""Nodes of the scoring pipeline."""

from pathlore.config import CellsConfig, GenesConfig, QualityConfig, ScoreConfig
from pathlore.pipelines.types import AnnData, Bundle, DataFrame, RawTables

PLACES = {"layer", "gene_column"}
"""Of an environment that names no classes: where the numbers lie. Names of labels are then those of the training."""


def score_cells(
    bundle: Bundle,
    new_cells: AnnData,
    orthologs_raw: RawTables,
    cells: CellsConfig,
    quality: QualityConfig,
    genes: GenesConfig,
    config: ScoreConfig,
) -> tuple[DataFrame, DataFrame, str]:
    """Score every cell, take its logit apart, and say how far it is to be trusted."""
    from pathlore.genes.names import GeneNames
    from pathlore.resources.orthologs import read_orthologs
    from pathlore.scoring.report import scoring_report
    from pathlore.scoring.score import score

    scores = score(
        bundle,
        new_cells,
        cells if cells.classes else bundle.facts.cells.model_copy(update=cells.model_dump(include=PLACES)),
        scale=quality.scale,
        genes=genes,
        orthologs=read_orthologs(orthologs_raw, GeneNames(bundle.gene_names)),
        min_coverage=config.min_coverage,
        batch_size=config.batch_size,
        contributions=config.contributions,
    )
    return scores.table(), scores.contributions(), scoring_report(bundle, scores)
