"""Texts of genes and paths in; their vectors out."""

from pathlore.pipelines.text_embedding.pipeline import create_pipeline

__all__ = ["create_pipeline"]
