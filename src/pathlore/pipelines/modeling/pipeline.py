"""The modeling pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.modeling import nodes


def create_pipeline() -> Pipeline:
    """Cells, text-numeric graphs and embeddings -> models -> predictions -> metrics; bundles for use elsewhere."""
    return pipeline(
        "modeling",
        [
            node(
                nodes.fit_models,
                ["cells", "splits", "text_numeric_graphs", "gene_embeddings", "path_embeddings", "gene_statistics",
                 "params:modeling.model", "params:modeling.training", "params:engine"],
                ["models", "training_history"],
            ),
            node(
                nodes.predict_held_out,
                ["populations", "models", "cells", "splits", "params:modeling.baseline", "params:modeling.training"],
                "held_out_predictions",
            ),
            node(nodes.score_predictions, ["populations", "held_out_predictions", "splits"], "metrics"),
            node(
                nodes.describe_origins,
                ["gene_names", "gene_mapping", "orthologs_raw", "gene_embeddings", "cells", "params:ingestion.cells",
                 "params:ingestion.quality", "params:ingestion.genes", "params:scoring.bundle"],
                "bundle_origins",
            ),
            node(
                nodes.bundle_models,
                ["models", "text_numeric_graphs", "cells", "splits", "held_out_predictions", "metrics",
                 "bundle_origins", "params:modeling.training", "params:scoring.bundle"],
                "bundles",
            ),
        ],
    )  # fmt: skip
