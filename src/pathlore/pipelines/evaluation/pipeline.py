"""The evaluation pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.evaluation import nodes


def create_pipeline() -> Pipeline:
    """Cells and knowledge -> repeated fits of every method -> tables, plots and a report."""
    return Pipeline(
        [
            Node(
                func=nodes.run_methods,
                inputs=["cells", "signaling_network", "gene_annotations", "paths_raw", "parameters"],
                outputs=[
                    "evaluation_runs",
                    "evaluation_predictions",
                    "evaluation_rankings",
                    "evaluation_failures",
                    "evaluation_discovery",
                    "evaluation_withheld",
                ],
                name="run_methods",
            ),
            Node(
                func=nodes.summarise_methods,
                inputs=["evaluation_runs", "evaluation_predictions"],
                outputs="evaluation_summary",
                name="summarise_methods",
            ),
            Node(
                func=nodes.judge_rankings,
                inputs=["evaluation_rankings", "evaluation_runs", "signaling_network"],
                outputs=[
                    "evaluation_recovery",
                    "recovery",
                    "evaluation_stability",
                    "evaluation_significance",
                    "evaluation_shape",
                ],
                name="judge_rankings",
            ),
            Node(
                func=nodes.judge_by_known_biology,
                inputs=["evaluation_rankings", "gene_sets_raw", "params:evaluation"],
                outputs="evaluation_known",
                name="judge_by_known_biology",
            ),
            Node(
                func=nodes.judge_real_truth,
                inputs=[
                    "truth_raw",
                    "truth_cells_raw",
                    "signaling_network",
                    "gene_annotations",
                    "params:evaluation",
                    "params:graph_construction.paths",
                    "params:text_embedding.encoder",
                ],
                outputs=["real_truth", "real_truth_signatures"],
                name="judge_real_truth",
            ),
            Node(
                func=nodes.compare_text_models,
                inputs=[
                    "truth_raw",
                    "truth_cells_raw",
                    "signaling_network",
                    "gene_annotations",
                    "params:evaluation",
                    "params:text_embedding.encoder",
                ],
                outputs="real_truth_encoders",
                name="compare_text_models",
            ),
            Node(
                func=nodes.draw_real_truth,
                inputs="real_truth",
                outputs="real_truth_plots",
                name="draw_real_truth",
            ),
            Node(
                func=nodes.draw_methods,
                inputs=["evaluation_summary", "evaluation_runs"],
                outputs="method_plots",
                name="draw_methods",
            ),
            Node(
                func=nodes.draw_stability,
                inputs="evaluation_stability",
                outputs="stability_plots",
                name="draw_stability",
            ),
            Node(
                func=nodes.draw_significance,
                inputs="evaluation_significance",
                outputs="significance_plots",
                name="draw_significance",
            ),
            Node(
                func=nodes.draw_recovery,
                inputs=["evaluation_recovery", "evaluation_rankings"],
                outputs="recovery_figure",
                name="draw_recovery",
            ),
            Node(
                func=nodes.draw_depth,
                inputs=["evaluation_summary", "evaluation_runs", "params:evaluation", "params:modeling.model"],
                outputs="depth_figure",
                name="draw_depth",
            ),
            Node(
                func=nodes.write_report,
                inputs=[
                    "evaluation_summary",
                    "evaluation_recovery",
                    "evaluation_stability",
                    "evaluation_significance",
                    "evaluation_shape",
                    "evaluation_discovery",
                    "evaluation_withheld",
                    "evaluation_known",
                    "params:evaluation",
                ],
                outputs=["evaluation_report", "evaluation_caveat"],
                name="write_report",
            ),
        ],
        tags="evaluation",
        namespace="evaluation",
        prefix_datasets_with_namespace=False,
    )
