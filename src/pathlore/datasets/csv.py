"""Tables as CSV that a spreadsheet shows as they are."""

from typing import Any

import pandas as pd
from kedro_datasets import pandas as kedro_pandas

from pathlore.spreadsheet import escaped, quoting, unescaped


class CSVDataset(kedro_pandas.CSVDataset):
    """`kedro_datasets.pandas.CSVDataset` in which no text is a formula; loading gives what was saved.

    Names of genes, paths, donors and cell types come from files of other people's: ``=HYPERLINK(...)`` in one of them
    would be calculated by whoever opens the table; see `pathlore.spreadsheet.escaped`.
    """

    def load(self) -> pd.DataFrame:
        """Read the table."""
        return unescaped(super().load())

    def save(self, data: pd.DataFrame) -> None:
        """Write the table."""
        table = escaped(data)
        before: dict[str, Any] = vars(self)["_save_args"]
        self._save_args = {"quoting": quoting(table), **before}
        try:
            super().save(table)
        finally:
            self._save_args = before
