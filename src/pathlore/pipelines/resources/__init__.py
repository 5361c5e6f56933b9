"""Servers of the field in; the files of its resources out. Run by name alone, once, while there is a network."""

from pathlore.pipelines.resources.pipeline import create_pipeline

__all__ = ["create_pipeline"]
