"""Cells and graphs in; trained models, their predictions, the metrics beside the baselines', and bundles out."""

from pathlore.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
