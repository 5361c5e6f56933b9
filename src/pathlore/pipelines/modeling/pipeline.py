"""The modeling pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.modeling import nodes


def create_pipeline() -> Pipeline:
    """Cells, text-numeric graphs and embeddings -> models -> predictions -> metrics; bundles for use elsewhere."""
    return Pipeline(
        [
            Node(
                func=nodes.fit_models,
                inputs=[
                    "cells",
                    "splits",
                    "text_numeric_graphs",
                    "gene_embeddings",
                    "path_embeddings",
                    "gene_statistics",
                    "params:modeling.model",
                    "params:modeling.training",
                    "params:engine",
                ],
                outputs=["models", "training_history"],
                name="fit_models",
            ),
            Node(
                func=nodes.predict_held_out,
                inputs=["models", "cells", "splits", "params:modeling.baseline", "params:modeling.training"],
                outputs="held_out_predictions",
                name="predict_held_out",
            ),
            Node(
                func=nodes.score_predictions,
                inputs=["held_out_predictions", "splits"],
                outputs="metrics",
                name="score_predictions",
            ),
            Node(
                func=nodes.bundle_models,
                inputs=[
                    "models",
                    "text_numeric_graphs",
                    "cells",
                    "splits",
                    "held_out_predictions",
                    "metrics",
                    "gene_names",
                    "gene_mapping",
                    "orthologs_raw",
                    "gene_embeddings",
                    "params:ingestion.cells",
                    "params:ingestion.quality",
                    "params:ingestion.genes",
                    "params:modeling.training",
                    "params:scoring.bundle",
                ],
                outputs="bundles",
                name="bundle_models",
            ),
        ],
        tags="modeling",
        namespace="modeling",
        prefix_datasets_with_namespace=False,
    )
