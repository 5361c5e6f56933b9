"""What is changed in a simulated cohort, in memory, in a file of cells and as JSON."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
from anndata import AnnData

from pathlore.errors import PathloreError

AXIS_COLUMNS = ["ligand", "receptor", "sender", "receiver", "path"]


@dataclass(frozen=True)
class Truth:
    """The changes of a simulated cohort; paths and edges are genes joined by '>'.

    Attributes
    ----------
    planted_paths
        Paths of the list all of whose genes are shifted in the cases of the receiving population.
    decoy_genes, decoy_edges, hubs
        Single genes, connected pairs, and the genes of the most listed paths that are shifted as much; no listed path
        but a planted one lies wholly on shifted genes.
    unexpressed_path
        A listed path whose genes are silent in both classes.
    axes
        Table ligand, receptor, sender, receiver, path: the ligand goes up in the cases of the sending population alone.
    shift
        Population -> gene -> log2 fold change of cases against controls.
    """

    planted_paths: list[str]
    decoy_genes: list[str]
    decoy_edges: list[str]
    hubs: list[str]
    unexpressed_path: str
    axes: pd.DataFrame
    shift: dict[str, dict[str, float]]

    def to_uns(self) -> dict[str, Any]:
        """Slots of ``AnnData.uns`` that an h5ad file can hold."""
        rows = [(population, gene, fold) for population, folds in self.shift.items() for gene, fold in folds.items()]
        shift = pd.DataFrame(rows, columns=["population", "gene", "log2_fold_change"])
        return vars(self) | {"shift": shift.astype({"log2_fold_change": float})}


def simulation_truth(cells: AnnData) -> dict[str, Any]:
    """Read the truth of simulated cells, drawn or read from a file, as plain lists, texts and numbers for JSON.

    Returns
    -------
    The slots of `Truth`, ``axes`` as a list of mappings, and ``simulation``, the parameters.

    Raises
    ------
    PathloreError
        The cells hold no truth.
    """
    if "planted_paths" not in cells.uns or "simulation" not in cells.uns:
        raise PathloreError(
            f"the truth of a simulation was expected in uns, which holds {sorted(cells.uns)}: the cells must come from "
            "`simulate_cells` (environment `simulated`)"
        )
    shift: dict[str, dict[str, float]] = {}
    for row in cells.uns["shift"].itertuples():
        shift.setdefault(str(row.population), {})[str(row.gene)] = float(row.log2_fold_change)
    names = ("planted_paths", "decoy_genes", "decoy_edges", "hubs")
    return {
        **{name: [str(value) for value in cells.uns[name]] for name in names},
        "unexpressed_path": str(cells.uns["unexpressed_path"]),
        "axes": [{name: str(row[name]) for name in AXIS_COLUMNS} for _, row in cells.uns["axes"].iterrows()],
        "shift": shift,
        "simulation": json.loads(str(cells.uns["simulation"])),
    }
