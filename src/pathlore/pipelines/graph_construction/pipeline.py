"""The graph_construction pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.graph_construction import nodes


def create_pipeline() -> Pipeline:
    """Network, texts and training statistics -> signaling paths -> text-numeric graphs."""
    return Pipeline(
        [
            Node(
                func=nodes.bridge_unmeasured,
                inputs=["signaling_network", "gene_statistics", "params:graph_construction.paths"],
                outputs="bridged_network",
                name="bridge_unmeasured",
            ),
            Node(
                func=nodes.enumerate_paths,
                inputs=["bridged_network", "gene_statistics", "paths_raw", "params:graph_construction.paths"],
                outputs=["signaling_paths", "path_report", "ligand_receptor_steps"],
                name="enumerate_paths",
            ),
            Node(
                func=nodes.assemble_graphs,
                inputs=[
                    "bridged_network",
                    "signaling_paths",
                    "gene_statistics",
                    "gene_annotations",
                    "params:graph_construction.paths",
                    "params:graph_construction.graph",
                    "params:graph_construction.sentences",
                ],
                outputs="text_numeric_graphs",
                name="assemble_graphs",
            ),
        ],
        tags="graph_construction",
        namespace="graph_construction",
        prefix_datasets_with_namespace=False,
    )
