"""The pipelines, by the names that `kedro run --pipeline` takes."""

from kedro.pipeline import Pipeline

from pathlore.pipelines import (
    evaluation,
    graph_construction,
    ingestion,
    interpretation,
    modeling,
    resources,
    text_embedding,
)


def register_pipelines() -> dict[str, Pipeline]:
    """Return the five pipelines in the order of the work and their sum as the default; evaluation and download.

    The evaluation prepares the cells itself, so that it can be run alone.
    """
    pipelines = {
        "ingestion": ingestion.create_pipeline(),
        "graph_construction": graph_construction.create_pipeline(),
        "text_embedding": text_embedding.create_pipeline(),
        "modeling": modeling.create_pipeline(),
        "interpretation": interpretation.create_pipeline(),
    }
    whole = sum(pipelines.values(), Pipeline([]))
    alone = pipelines["ingestion"] + evaluation.create_pipeline()
    return {**pipelines, "evaluation": alone, "resources": resources.create_pipeline(), "__default__": whole}
