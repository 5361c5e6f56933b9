"""Kedro in the processes that torchrun starts beside the first one: they work along, and leave no trace."""

import logging
from collections.abc import Mapping
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, CatalogProtocol
from kedro.pipeline import Pipeline
from kedro_datasets.partitions import PartitionedDataset


class DistributedHooks:
    """Save nothing and log nothing: the first process does both.

    Every process of torchrun runs the same nodes; inside a fit they share the work. The outputs of the others stay in
    memory, so that two processes never write one file.
    """

    @hook_impl
    def after_context_created(self) -> None:
        """Be silent but for errors."""
        logging.disable(logging.WARNING)

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Keep in memory what the run would save."""
        for name in pipeline.all_outputs():
            catalog[name] = UnsavedDataset(catalog[name])


class UnsavedDataset(AbstractDataset[Any, Any]):
    """Another dataset that is read but never written: what is saved stays in memory.

    Parameters
    ----------
    original
        What it stands for.
    """

    def __init__(self, original: AbstractDataset[Any, Any]) -> None:
        self._original = original
        self._saved: list[Any] = []

    def load(self) -> Any:
        """Return what was saved in this process, else what the original holds."""
        if not self._saved:
            return self._original.load()
        data = self._saved[-1]
        if isinstance(data, Mapping) and isinstance(self._original, PartitionedDataset):
            return {name: lambda part=part: part for name, part in data.items()}
        return data

    def save(self, data: Any) -> None:
        """Keep it."""
        self._saved = [data]

    def _exists(self) -> bool:
        return bool(self._saved) or self._original.exists()

    def _describe(self) -> dict[str, Any]:
        return self._original._describe()
