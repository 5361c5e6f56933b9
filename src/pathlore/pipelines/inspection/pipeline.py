"""The inspection pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.inspection import nodes


def create_pipeline() -> Pipeline:
    """Cells as they were found -> findings, an environment, and a report."""
    return Pipeline(
        [
            Node(
                func=nodes.inspect_cells,
                inputs=[
                    "cells_raw",
                    "gene_names_raw",
                    "orthologs_raw",
                    "network_raw",
                    "gene_text_raw",
                    "truth_raw",
                    "parameters",
                    "params:inspection",
                ],
                outputs="inspection_findings",
                name="inspect_cells",
            ),
            Node(
                func=nodes.write_environment,
                inputs=["inspection_findings", "params:inspection"],
                outputs="written_environment",
                name="write_environment",
            ),
            Node(
                func=nodes.report_inspection,
                inputs=["inspection_findings", "written_environment"],
                outputs="inspection_report",
                name="report_inspection",
            ),
        ],
        tags="inspection",
        namespace="inspection",
        prefix_datasets_with_namespace=False,
    )
