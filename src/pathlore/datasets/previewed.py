"""Partitioned datasets that Kedro-Viz can show: the table or figure of one population."""

from typing import Any

from kedro_datasets._typing import ImagePreview, TablePreview
from kedro_datasets.partitions import PartitionedDataset

from pathlore.keys import POOLED


class _Previewed(PartitionedDataset):
    """`kedro_datasets.partitions.PartitionedDataset` of which one is shown: the pooled one, else the first."""

    def _shown(self) -> Any:
        """The dataset of that partition."""
        loads = self.load()
        return loads[POOLED if POOLED in loads else min(loads)].__self__


class PartitionedTables(_Previewed):
    """One table per population."""

    def preview(self, nrows: int = 40, columns: list[str] | None = None) -> TablePreview:
        """Rows of the table for Kedro-Viz, numbers with three significant digits.

        Parameters
        ----------
        nrows
            How many.
        columns
            These columns first; None: as they are.
        """
        table = self._shown().load().head(nrows)
        first = [name for name in columns or [] if name in table]
        table = table[[*first, *(name for name in table if name not in first)]]
        floats = list(table.select_dtypes("float"))
        table[floats] = table[floats].map(lambda value: float(f"{value:.3g}"))
        filled = table.astype(object).where(table.notna(), None)
        return TablePreview(filled.to_dict(orient="split"))


class PartitionedFigures(_Previewed):
    """One figure per population."""

    def preview(self) -> ImagePreview:
        """The figure for Kedro-Viz, PNG in base 64."""
        return ImagePreview(self._shown().preview())
