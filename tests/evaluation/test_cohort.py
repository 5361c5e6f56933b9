from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from blocks import built_in_network, path_block

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import SCENARIOS, scenario, simulated_cohort
from pathlore.expression.simulate import draw_truth, simulation_truth
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


@pytest.fixture(scope="module")
def paths(network):
    genes = set(network["source"]) | set(network["target"])
    return find_paths(network, genes, path_block(max_paths=shipped()["quick"]["max_paths"]), "receiver")[0]


def shipped():
    """The block `evaluation` of conf/simulated."""
    file = Path(__file__).parents[2] / "conf" / "simulated" / "parameters.yml"
    return yaml.safe_load(file.read_text())["evaluation"]


def test_every_shipped_scenario_can_be_made_with_the_shipped_network(network, paths):
    """All cohorts that the evaluation draws in full, at the list's length of both sizes."""
    for name in shipped()["scenarios"]:
        for seed in range(8):
            config = scenario(name, seed)
            truth = draw_truth(network, paths, config, np.random.default_rng(seed))
            assert len(truth.planted_paths) == config.n_planted
            assert len(truth.hubs) == config.n_hubs
            assert len(truth.decoy_edges) == config.n_decoy_edges
            planted = {gene for path in truth.planted_paths for gene in path.split(">")}
            assert len(truth.decoy_genes) >= 0.8 * config.decoy_genes_per_planted * len(planted), (name, seed)


def test_a_scenario_is_drawn_on_the_list_that_its_cells_give_again(network):
    config = scenario("theme", 1).model_copy(update={"cells_per_donor": 1})
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
