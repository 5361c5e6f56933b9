"""Cells and graphs in; trained models, their predictions and the figures beside the baselines' out."""

from pathlore.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
