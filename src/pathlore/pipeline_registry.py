"""The pipelines, by the names that `kedro run --pipeline` takes."""

from functools import cache

from kedro.pipeline import Pipeline

from pathlore.pipelines import (
    cohort,
    evaluation,
    graph_construction,
    ingestion,
    inspection,
    interpretation,
    modeling,
    resources,
    scoring,
    text_embedding,
)


def register_pipelines() -> dict[str, Pipeline]:
    """Return the five pipelines in the order of the work, their sum as the default, and those that run by name alone.

    The evaluation prepares the cells itself, so that it can be run alone.
    """
    return dict(_registered())


@cache
def _registered() -> dict[str, Pipeline]:
    """They are put together once: session and hooks ask for them again and again."""
    pipelines = {
        "ingestion": ingestion.create_pipeline(),
        "graph_construction": graph_construction.create_pipeline(),
        "text_embedding": text_embedding.create_pipeline(),
        "modeling": modeling.create_pipeline(),
        "interpretation": interpretation.create_pipeline(),
    }
    whole = Pipeline([node for one in pipelines.values() for node in one.nodes])
    alone = pipelines["ingestion"] + evaluation.create_pipeline()
    return {
        **pipelines,
        "evaluation": alone,
        "resources": resources.create_pipeline(),
        "inspection": inspection.create_pipeline(),
        "cohort": cohort.create_pipeline(),
        "scoring": scoring.create_pipeline(),
        "__default__": whole,
    }
