import numpy as np
import pandas as pd
import pytest
from blocks import built_in_network, path_block

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import SCENARIOS, scenario, simulated_cohort
from pathlore.expression.simulation_truth import simulation_truth
from pathlore.graph.paths import find_paths


@pytest.fixture(scope="module")
def network():
    return built_in_network()


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_are_differences_to_the_main_one(name):
    main = SimulationConfig().model_dump()
    changed = {key for key, value in scenario(name, 7).model_dump().items() if value != main[key]}
    assert changed == {*SCENARIOS[name], "seed"}
    assert scenario(name, 7).seed == 7
    assert scenario(name, 0, SimulationConfig(n_planted=6)).n_planted == 6


def test_unknown_scenario():
    with pytest.raises(PathloreError, match="'mane' is no scenario, there are main, weak"):
        scenario("mane", 0)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_drawn_on_the_built_in_network(network, name):
    config = scenario(name, 1).model_copy(update={"cells_per_donor": 1})
    cells = simulated_cohort(network, path_block(max_paths=240), config)
    truth = simulation_truth(cells)
    assert len(set(truth["planted_paths"])) == 10
    sizes = pd.Series(truth["shift"]["receiver"]).abs()
    assert sizes.between(0.6 * config.effect, 1.4 * config.effect).all()
    found, _ = find_paths(network, cells.var_names, path_block(max_paths=240), "receiver")
    assert {*truth["planted_paths"], truth["unexpressed_path"]} <= set(found["path"])


def test_the_list_is_made_of_what_the_background_expresses(network):
    wide = {"n_planted": 4, "n_axes": 0, "n_decoy_edges": 1, "cells_per_donor": 5, "min_fraction": 0.3}
    drawn = simulated_cohort(network, path_block(max_paths=240), SimulationConfig(cells_per_donor=5))
    background = drawn[:, np.arange(drawn.n_vars) % 6 > 0].copy()
    cells = simulated_cohort(network, path_block(max_paths=240), SimulationConfig(**wide), background)
    assert set(cells.var_names) < set(background.var_names)
    assert len(simulation_truth(cells)["planted_paths"]) == 4
