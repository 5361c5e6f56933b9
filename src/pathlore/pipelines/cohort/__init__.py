"""Files of a published series in; one AnnData file with donors, conditions and cell types out. Run by name alone."""

from pathlore.pipelines.cohort.pipeline import create_pipeline

__all__ = ["create_pipeline"]
