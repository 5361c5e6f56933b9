"""The resources pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.resources import nodes


def create_pipeline() -> Pipeline:
    """Addresses -> files, and a report of them."""
    return pipeline(
        "resources",
        [
            node(nodes.download, "params:resources", "download_report"),
        ],
    )
