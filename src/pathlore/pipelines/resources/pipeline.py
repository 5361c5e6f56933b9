"""The resources pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.resources import nodes


def create_pipeline() -> Pipeline:
    """Addresses -> files, and a report of them."""
    return Pipeline(
        [
            Node(
                func=nodes.download,
                inputs="params:resources",
                outputs="download_report",
                name="download",
            ),
        ],
        tags="resources",
        namespace="resources",
        prefix_datasets_with_namespace=False,
    )
