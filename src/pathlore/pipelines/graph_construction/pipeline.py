"""The graph_construction pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.graph_construction import nodes


def create_pipeline() -> Pipeline:
    """Network, texts and training statistics -> signaling paths -> text-numeric graphs."""
    return pipeline(
        "graph_construction",
        [
            node(
                nodes.bridge_unmeasured,
                ["signaling_network", "gene_statistics", "params:graph_construction.paths"],
                "bridged_network",
            ),
            node(
                nodes.enumerate_paths,
                ["bridged_network", "gene_statistics", "paths_raw", "params:graph_construction.paths"],
                ["signaling_paths", "path_report", "ligand_receptor_steps"],
            ),
            node(
                nodes.assemble_graphs,
                ["bridged_network", "signaling_paths", "gene_statistics", "gene_annotations",
                 "params:graph_construction.paths", "params:graph_construction.graph",
                 "params:graph_construction.sentences"],
                "text_numeric_graphs",
            ),
        ],
    )  # fmt: skip
