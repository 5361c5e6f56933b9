"""A bundle and new cells in; probabilities and the part of each path in each cell out. Run by name alone."""

from pathlore.pipelines.scoring.pipeline import create_pipeline

__all__ = ["create_pipeline"]
