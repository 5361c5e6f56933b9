"""Pandera models applied to every partition of a partitioned table."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from pathlore import schemas


class EachPartition:
    """A Kedro validator for a partitioned table.

    Parameters
    ----------
    schema
        Name of a model in `pathlore.schemas`.
    """

    def __init__(self, schema: str) -> None:
        self._schema = getattr(schemas, schema)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Check each table, those that are loaded later when they are loaded."""
        return {
            name: self._later(value) if callable(value) else self._schema.validate(value)
            for name, value in data.items()
        }

    def _later(self, load: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
        return lambda: self._schema.validate(load())
