"""The inspection pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.inspection import nodes


def create_pipeline() -> Pipeline:
    """Cells as they were found -> findings, an environment, and a report."""
    return pipeline(
        "inspection",
        [
            node(
                nodes.inspect_cells,
                ["cells_raw", "gene_names_raw", "orthologs_raw", "network_raw", "gene_text_raw", "truth_raw",
                 "parameters", "params:inspection"],
                "inspection_findings",
            ),
            node(nodes.write_environment, ["inspection_findings", "params:inspection"], "written_environment"),
            node(nodes.report_inspection, ["inspection_findings", "written_environment"], "inspection_report"),
        ],
    )  # fmt: skip
