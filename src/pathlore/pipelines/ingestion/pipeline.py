"""The ingestion pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.ingestion import nodes


def create_pipeline() -> Pipeline:
    """Raw files -> cells, splits, gene statistics, network, annotations."""
    return pipeline(
        "ingestion",
        [
            node(nodes.unite_gene_names, "gene_names_raw", "gene_names"),
            node(
                nodes.read_network,
                ["network_raw", "gene_names", "params:ingestion.network"],
                ["signaling_network", "ligand_receptor_pairs"],
            ),
            node(nodes.annotate_genes, ["gene_text_raw", "gene_names"], "gene_annotations"),
            node(
                nodes.map_genes,
                ["cells_raw", "gene_names", "orthologs_raw", "params:ingestion.cells", "params:ingestion.genes"],
                "gene_mapping",
            ),
            node(
                nodes.prepare_cells,
                ["cells_raw", "gene_mapping", "params:ingestion.cells", "params:ingestion.quality",
                 "params:modeling.training.scratch"],
                "cells",
            ),
            node(
                nodes.judge_design,
                ["cells_raw", "cells", "params:ingestion.cells", "params:ingestion.gene_filter"],
                "design_findings",
            ),
            node(
                nodes.split_populations,
                ["cells", "splits_raw", "params:ingestion.cells", "params:ingestion.population",
                 "params:ingestion.split"],
                ["populations", "splits", "splits_published"],
            ),
            node(
                nodes.summarise_genes,
                ["cells", "splits", "params:ingestion.cells", "params:ingestion.gene_filter"],
                "gene_statistics",
            ),
            node(
                nodes.report_coverage,
                ["cells", "splits", "gene_annotations", "signaling_network", "gene_statistics"],
                "coverage_report",
            ),
        ],
    )  # fmt: skip
