"""The planted paths of simulated cells, kept beside them through the preparation."""

import json

from anndata import AnnData

from pathlore.config import PopulationConfig
from pathlore.expression.populations import populations
from pathlore.keys import Obs

PATHS, CELL_TYPE = "planted_paths", "planted_in"


def planted_slots(raw: AnnData) -> dict[str, object]:
    """Read from raw cells what was planted, for ``uns["pathlore"]`` of the prepared ones; empty for real cells.

    Returns
    -------
    ``planted_paths``, genes joined by '>', and ``planted_in``, the cell type that carries them; empty: every type.
    """
    if PATHS not in raw.uns:
        return {}
    simulation = json.loads(str(raw.uns["simulation"])) if "simulation" in raw.uns else {}
    return {PATHS: [str(path) for path in raw.uns[PATHS]], CELL_TYPE: str((simulation.get("populations") or [""])[0])}


def planted_truth(cells: AnnData, config: PopulationConfig) -> dict[str, frozenset[str]]:
    """Name the planted paths of each population that holds cells with them.

    Parameters
    ----------
    cells
        As `pathlore.expression.prepare.prepare_cells` makes them.
    config
        Which populations there are.

    Returns
    -------
    Population -> planted paths; empty for real cells.
    """
    slots = cells.uns.get("pathlore", {})
    if PATHS not in slots:
        return {}
    truth = frozenset(str(path) for path in slots[PATHS])
    kind = str(slots[CELL_TYPE])
    types = cells.obs[Obs.CELL_TYPE]
    groups = populations(cells.obs, config)
    return {name: truth for name, members in groups.items() if not kind or (types.loc[members] == kind).any()}
