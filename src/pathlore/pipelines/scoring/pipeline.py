"""The scoring pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.scoring import nodes


def create_pipeline() -> Pipeline:
    """A bundle and new cells -> scores, path contributions, a report."""
    return Pipeline(
        [
            Node(
                func=nodes.score_cells,
                inputs=[
                    "bundle",
                    "new_cells",
                    "orthologs_raw",
                    "params:ingestion.cells",
                    "params:ingestion.quality",
                    "params:ingestion.genes",
                    "params:scoring.score",
                ],
                outputs=["cell_scores", "path_contributions", "scoring_report"],
                name="score_cells",
            ),
        ],
        tags="scoring",
        namespace="scoring",
        prefix_datasets_with_namespace=False,
    )
