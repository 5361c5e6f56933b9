"""Trained models in; ranked paths with their evidence, core networks and plots out."""

from pathlore.pipelines.interpretation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
