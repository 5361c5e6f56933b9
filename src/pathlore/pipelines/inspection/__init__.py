"""Any file of cells in; a report of what it is, and an environment for it. Run by name alone, before anything else."""

from pathlore.pipelines.inspection.pipeline import create_pipeline

__all__ = ["create_pipeline"]
