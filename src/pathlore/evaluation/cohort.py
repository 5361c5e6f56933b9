"""Simulated cohorts on the built-in or the user's network, and the scenarios that methods are judged in."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from anndata import AnnData

from pathlore.config import PathConfig, SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.simulate import expressed_genes, simulate_cells
from pathlore.graph.paths import find_paths

SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = {
    "main": {},
    "weak": {"effect": 0.5},
    "decoys": {"decoy_genes_per_planted": 2.0, "n_decoy_edges": 16, "n_hubs": 9},
    "edge_signs": {"signs": "edges"},
    "random_signs": {"signs": "random"},
    "theme": {"theme": 1.0, "max_shared_genes": 2, "effect": 0.6},
    "theme_unnamed": {"theme": 1.0, "max_shared_genes": 2, "effect": 0.6},
}
"""Scenario -> what differs from the main one."""

SCENARIO_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "theme_unnamed": {"graph_construction.sentences.path": "{steps}."},
}
"""Scenario -> dotted parameters of the run that belong to it: the sentences do not name the pathway of the theme."""


def scenario(name: str, seed: int, base: SimulationConfig | None = None) -> SimulationConfig:
    """The parameters of one simulation of a scenario.

    Parameters
    ----------
    name
        A key of `SCENARIOS`.
    seed
        Of every draw.
    base
        The main scenario; None: the defaults.

    Raises
    ------
    PathloreError
        There is no such scenario.
    """
    if name not in SCENARIOS:
        raise PathloreError(f"'{name}' is no scenario, there are {', '.join(SCENARIOS)}: change `evaluation.scenarios`")
    main = (base or SimulationConfig()).model_dump()
    return SimulationConfig.model_validate(main | dict(SCENARIOS[name]) | {"seed": seed})


def simulated_cohort(
    network: pd.DataFrame, path_config: PathConfig, config: SimulationConfig, background: AnnData | None = None
) -> AnnData:
    """List the paths of the network, or of those of its genes that the background expresses, and simulate a cohort.

    The cells hold the genes of the listed paths, so that the same search finds the same list in them.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    path_config
        How the list is made; ``max_paths`` decides how many genes are simulated.
    config
        See `pathlore.expression.simulate.simulate_cells`.
    background
        Control cells with raw counts; None: counts are drawn.

    Raises
    ------
    PathloreError
        From the search or the simulation.
    """
    genes = set(network["source"]) | set(network["target"])
    if background is not None:
        genes &= set(expressed_genes(background, config))
    paths, _ = find_paths(network, genes, path_config, config.populations[0])
    return simulate_cells(network, paths, config, background)
