"""The scoring pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.scoring import nodes


def create_pipeline() -> Pipeline:
    """A bundle and new cells -> scores, path contributions, a report."""
    return pipeline(
        "scoring",
        [
            node(
                nodes.score_cells,
                ["bundle", "new_cells", "orthologs_raw", "params:ingestion.cells", "params:ingestion.quality",
                 "params:ingestion.genes", "params:scoring.score"],
                ["cell_scores", "path_contributions", "scoring_report"],
            ),
        ],
    )  # fmt: skip
