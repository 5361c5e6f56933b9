"""Network, texts and training statistics in; typed paths and text-numeric graphs out."""

from pathlore.pipelines.graph_construction.pipeline import create_pipeline

__all__ = ["create_pipeline"]
