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
        self._checked: dict[str, pd.Series] = {}

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Check each table, those that are loaded later when they are loaded.

        A table that was checked when it was saved, and comes back with the same types of columns, is not checked again:
        the catalogue compares checksums.
        """
        return {
            name: self._later(name, value) if callable(value) else self._checked_table(name, value)
            for name, value in data.items()
        }

    def _later(self, name: str, load: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
        def loaded() -> pd.DataFrame:
            table, known = load(), self._checked.get(name)
            return table if known is not None and known.equals(table.dtypes) else self._checked_table(name, table)

        return loaded

    def _checked_table(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        checked = self._schema.validate(table)
        self._checked[name] = checked.dtypes
        return checked
