"""The ingestion pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.ingestion import nodes


def create_pipeline() -> Pipeline:
    """Raw files -> cells, splits, gene statistics, network, annotations."""
    return Pipeline(
        [
            Node(
                func=nodes.unite_gene_names,
                inputs="gene_names_raw",
                outputs="gene_names",
                name="unite_gene_names",
            ),
            Node(
                func=nodes.read_network,
                inputs=["network_raw", "gene_names", "params:ingestion.network"],
                outputs=["signaling_network", "ligand_receptor_pairs"],
                name="read_network",
            ),
            Node(
                func=nodes.annotate_genes,
                inputs=["gene_text_raw", "gene_names"],
                outputs="gene_annotations",
                name="annotate_genes",
            ),
            Node(
                func=nodes.map_genes,
                inputs=[
                    "cells_raw",
                    "gene_names",
                    "orthologs_raw",
                    "params:ingestion.cells",
                    "params:ingestion.genes",
                ],
                outputs="gene_mapping",
                name="map_genes",
            ),
            Node(
                func=nodes.prepare_cells,
                inputs=["cells_raw", "gene_mapping", "params:ingestion.cells", "params:ingestion.quality"],
                outputs="cells",
                name="prepare_cells",
            ),
            Node(
                func=nodes.judge_design,
                inputs=["cells_raw", "cells", "params:ingestion.cells", "params:ingestion.gene_filter"],
                outputs="design_findings",
                name="judge_design",
            ),
            Node(
                func=nodes.split_populations,
                inputs=[
                    "cells",
                    "splits_raw",
                    "params:ingestion.cells",
                    "params:ingestion.population",
                    "params:ingestion.split",
                ],
                outputs=["splits", "splits_published"],
                name="split_populations",
            ),
            Node(
                func=nodes.summarise_genes,
                inputs=["cells", "splits", "params:ingestion.cells", "params:ingestion.gene_filter"],
                outputs="gene_statistics",
                name="summarise_genes",
            ),
            Node(
                func=nodes.report_coverage,
                inputs=["cells", "splits", "gene_annotations", "signaling_network", "gene_statistics"],
                outputs="coverage_report",
                name="report_coverage",
            ),
        ],
        tags="ingestion",
        namespace="ingestion",
        prefix_datasets_with_namespace=False,
    )
