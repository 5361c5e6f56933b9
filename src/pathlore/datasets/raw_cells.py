"""Cells as a user has them: any format, perhaps with a table of annotations beside it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from kedro.io import AbstractDataset

from pathlore.datasets.anndata import AnnDataDataset
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.errors import PathloreError
from pathlore.expression.formats import join_annotations, read_cells


class RawCellsDataset(AbstractDataset[AnnData, AnnData]):
    """Read-only cells in any format of `pathlore.expression.formats.read_cells.read_cells`.

    Parameters
    ----------
    filepath
        File, zarr store, or folder of a 10x sample.
    annotations
        Tables about the cells, the first column the cell's name, as in `RawTablesDataset`; empty: none.
    backed
        True: the matrices of ``.h5ad`` and ``.zarr`` stay on disk; other formats are read whole.
    decimal, encoding
        Of text tables, see `pathlore.expression.formats.table.read_table`.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        annotations: str = "",
        backed: bool = True,
        decimal: str = "auto",
        encoding: str = "auto",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = Path(filepath)
        self._annotations = RawTablesDataset(files=annotations, parameter="cell_annotations")
        self._backed = backed
        if decimal not in ("auto", "point", "comma"):
            raise PathloreError(f"decimal is {decimal!r}, one of auto, point, comma was expected: change `decimal`")
        self.decimal: Any = decimal
        self.encoding = encoding
        self.metadata = metadata

    def load(self) -> AnnData:
        """Read the cells, and join what is known about them.

        Raises
        ------
        PathloreError
            The file is not there or not readable, its matrix holds text, or the annotations are of other cells.
        """
        if self._filepath.suffix.lower() in (".h5ad", ".zarr"):
            cells = AnnDataDataset(filepath=self._filepath, backed=self._backed).load()
        else:
            cells = read_cells(self._filepath, self.decimal, self.encoding)
        for name, table in self._annotations.load().items():
            if not isinstance(table, pd.DataFrame):
                raise PathloreError(f"{name} is no table, CSV, TSV or parquet was expected: change `cell_annotations`")
            cells = join_annotations(cells, table, name)
        kind = getattr(cells.X, "dtype", np.dtype(float))
        if kind.kind not in "biuf":
            raise PathloreError(
                f"X in {self._filepath} holds {kind}, numbers were expected: write the counts as numbers, or change "
                "the runtime parameter `cells`"
            )
        return cells

    def save(self, data: AnnData) -> None:
        """Refuse: raw files are never written."""
        raise PathloreError(f"{self._filepath} is a raw file and is not written to")

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "annotations": self._annotations._describe()["filepath"]}
