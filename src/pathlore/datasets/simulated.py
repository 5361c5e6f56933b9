"""Simulated cells with planted paths, as raw data, and their truth beside them."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from anndata import AnnData
from kedro.io import AbstractDataset

from pathlore.config import NetworkConfig, PathConfig, SimulationConfig, check
from pathlore.datasets.anndata import AnnDataDataset
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import simulated_cohort
from pathlore.expression.simulate import simulation_truth
from pathlore.files import atomic_file
from pathlore.genes.names import GeneNames
from pathlore.graph.network import build_network
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names


class SimulatedCellsDataset(AbstractDataset[AnnData, AnnData]):
    """Simulate a cohort on the network; see `pathlore.evaluation.cohort.simulated_cohort`.

    The list that paths are planted from is given here and not by the parameters of the run, so that another search, or
    a network that is rewired as a control, is tried on the same cells.

    Parameters
    ----------
    network, gene_names
        Files, as in `pathlore.datasets.raw_tables.RawTablesDataset`.
    network_options, path_options
        `pathlore.config.NetworkConfig` and `pathlore.config.PathConfig`.
    simulation
        `pathlore.config.SimulationConfig`; what is left out is as in the main scenario.
    truth_path
        JSON file that the truth is written to whenever the cells are drawn; None: it is only in ``uns``.
    background
        AnnData file of control cells with raw counts; None: counts are drawn.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(
        self,
        *,
        network: str,
        gene_names: str,
        network_options: dict[str, Any],
        path_options: dict[str, Any],
        simulation: dict[str, Any],
        truth_path: str | None = None,
        background: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._network = RawTablesDataset(files=network, parameter="network")
        self._gene_names = RawTablesDataset(files=gene_names, parameter="gene_names")
        self._network_config = check(NetworkConfig, network_options, "cells_raw.network_options")
        self._path_config = check(PathConfig, path_options, "cells_raw.path_options")
        self._config = check(SimulationConfig, simulation, "cells_raw.simulation")
        self._truth_path = Path(truth_path) if truth_path else None
        self._background = background
        self.metadata = metadata

    def load(self) -> AnnData:
        """Draw the cells and write their truth."""
        background = AnnDataDataset(filepath=self._background).load() if self._background else None
        cells = simulated_cohort(self._read_network(), self._path_config, self._config, background)
        if self._truth_path:
            with atomic_file(self._truth_path) as partial:
                partial.write_text(json.dumps(simulation_truth(cells), indent=2), encoding="utf8")
        return cells

    def save(self, data: AnnData) -> None:
        """Refuse: simulated cells are drawn, not kept."""
        raise PathloreError("simulated cells are drawn anew on each load and are not written to")

    def _read_network(self) -> pd.DataFrame:
        names = GeneNames(read_gene_names(self._gene_names.load()).table)
        records = read_interactions(self._network.load(), names, self._network_config)
        return build_network(records, self._network_config)

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {
            "simulation": self._config.model_dump(),
            "truth_path": str(self._truth_path) if self._truth_path else None,
            "background": self._background,
        }
