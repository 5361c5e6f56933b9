"""The cohort pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.cohort import nodes


def create_pipeline() -> Pipeline:
    """Recipe of a published series -> its files, its cells, their types."""
    return pipeline(
        "cohort",
        [
            node(nodes.download_cohort, "params:cohort", "cohort_files"),
            node(
                nodes.assemble_cohort,
                ["cohort_files", "gene_names_raw", "params:cohort"],
                ["cohort_assembled", "cohort_report"],
            ),
            node(
                nodes.annotate_cells,
                ["cohort_assembled", "markers_raw", "cell_types_raw", "params:cohort"],
                ["cohort_cells", "cohort_clusters"],
            ),
        ],
    )
