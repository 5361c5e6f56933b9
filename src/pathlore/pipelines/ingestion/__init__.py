"""Raw files in; labelled, normalised cells, their splits, and clean knowledge tables out."""

from pathlore.pipelines.ingestion.pipeline import create_pipeline

__all__ = ["create_pipeline"]
