"""The cohort pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.cohort import nodes


def create_pipeline() -> Pipeline:
    """Recipe of a published series -> its files, its cells, their types."""
    return Pipeline(
        [
            Node(
                func=nodes.download_cohort,
                inputs="params:cohort",
                outputs="cohort_files",
                name="download_cohort",
            ),
            Node(
                func=nodes.assemble_cohort,
                inputs=["cohort_files", "gene_names_raw", "params:cohort"],
                outputs=["cohort_assembled", "cohort_report"],
                name="assemble_cohort",
            ),
            Node(
                func=nodes.annotate_cells,
                inputs=["cohort_assembled", "markers_raw", "cell_types_raw", "params:cohort"],
                outputs=["cohort_cells", "cohort_clusters"],
                name="annotate_cells",
            ),
        ],
        tags="cohort",
        namespace="cohort",
        prefix_datasets_with_namespace=False,
    )
