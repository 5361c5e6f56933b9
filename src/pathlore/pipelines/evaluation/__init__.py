"""Cells and knowledge in; what each part of the method is worth, with its evidence, out. No part of the default run."""

from pathlore.pipelines.evaluation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
