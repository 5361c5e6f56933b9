"""The pipelines, by the names that `kedro run --pipeline` takes."""

from kedro.pipeline import Pipeline

from pathlore.pipelines import graph_construction, ingestion, interpretation, modeling, resources, text_embedding


def register_pipelines() -> dict[str, Pipeline]:
    """Return the five pipelines in the order of the work, the download, and the sum of the five as the default."""
    pipelines = {
        "ingestion": ingestion.create_pipeline(),
        "graph_construction": graph_construction.create_pipeline(),
        "text_embedding": text_embedding.create_pipeline(),
        "modeling": modeling.create_pipeline(),
        "interpretation": interpretation.create_pipeline(),
    }
    whole = sum(pipelines.values(), Pipeline([]))
    return {**pipelines, "resources": resources.create_pipeline(), "__default__": whole}
