"""Fabricated cells with planted paths, as raw data for tests."""

from typing import Any

import pandas as pd
from anndata import AnnData
from kedro.io import AbstractDataset

from pathlore.errors import PathloreError
from pathlore.expression.fabricate import fabricate_cells


class FabricatedCellsDataset(AbstractDataset[AnnData, AnnData]):
    """Draw counts on a network's genes; see `pathlore.expression.fabricate.fabricate_cells`.

    Parameters
    ----------
    network
        CSV file with source, target, kind and sign.
    n_cells
        Cells in all.
    seed
        Of every draw.
    pathways
        Named pathways whose associations and genes alone are used, where the file names pathways; None: all.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(
        self,
        *,
        network: str,
        n_cells: int,
        seed: int,
        pathways: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._network, self._n_cells, self._seed, self._pathways = network, n_cells, seed, pathways
        self.metadata = metadata

    def load(self) -> AnnData:
        """Draw the cells."""
        network = pd.read_csv(self._network)
        if self._pathways is not None:
            wanted = set(self._pathways)
            network = network[[bool(wanted & set(str(names).split(";"))) for names in network["pathway"]]]
        return fabricate_cells(network, n_cells=self._n_cells, seed=self._seed)

    def save(self, data: AnnData) -> None:
        """Refuse: fabricated cells are drawn, not kept."""
        raise PathloreError("fabricated cells are drawn anew on each load and are not written to")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"network": self._network, "n_cells": self._n_cells, "seed": self._seed, "pathways": self._pathways}
