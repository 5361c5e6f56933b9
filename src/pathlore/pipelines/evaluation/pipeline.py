"""The evaluation pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.evaluation import nodes


def create_pipeline() -> Pipeline:
    """Cells and knowledge -> repeated fits of every method -> tables, plots and a report."""
    return pipeline(
        "evaluation",
        [
            node(
                nodes.run_methods,
                ["cells", "signaling_network", "gene_annotations", "paths_raw", "parameters"],
                ["evaluation_runs", "evaluation_predictions", "evaluation_rankings", "evaluation_failures",
                 "evaluation_discovery", "evaluation_withheld"],
            ),
            node(nodes.summarise_methods, ["evaluation_runs", "evaluation_predictions"], "evaluation_summary"),
            node(
                nodes.judge_rankings,
                ["evaluation_rankings", "evaluation_runs", "signaling_network"],
                ["evaluation_recovery", "recovery", "evaluation_stability", "evaluation_significance",
                 "evaluation_shape"],
            ),
            node(
                nodes.judge_by_known_biology,
                ["evaluation_rankings", "gene_sets_raw", "params:evaluation"],
                "evaluation_known",
            ),
            node(
                nodes.judge_real_truth,
                ["truth_raw", "truth_cells_raw", "signaling_network", "gene_annotations", "params:evaluation",
                 "params:graph_construction.paths", "params:text_embedding.encoder"],
                ["real_truth", "real_truth_signatures"],
            ),
            node(
                nodes.compare_text_models,
                ["truth_raw", "truth_cells_raw", "signaling_network", "gene_annotations", "params:evaluation",
                 "params:text_embedding.encoder"],
                "real_truth_encoders",
            ),
            node(nodes.draw_real_truth, "real_truth", "real_truth_plots"),
            node(nodes.draw_methods, ["evaluation_summary", "evaluation_runs"], "method_plots"),
            node(nodes.draw_stability, "evaluation_stability", "stability_plots"),
            node(nodes.draw_significance, "evaluation_significance", "significance_plots"),
            node(nodes.draw_recovery, ["evaluation_recovery", "evaluation_rankings"], "recovery_figure"),
            node(
                nodes.draw_depth,
                ["evaluation_summary", "evaluation_runs", "params:evaluation", "params:modeling.model"],
                "depth_figure",
            ),
            node(
                nodes.write_report,
                ["evaluation_summary", "evaluation_recovery", "evaluation_stability", "evaluation_significance",
                 "evaluation_shape", "evaluation_discovery", "evaluation_withheld", "evaluation_known",
                 "params:evaluation"],
                ["evaluation_report", "evaluation_caveat"],
            ),
        ],
    )  # fmt: skip
