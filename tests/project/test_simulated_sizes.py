"""The environment `simulated` as it is configured: each of its scenarios finds paths enough, in the quick look too."""

import functools

import pytest
from blocks import built_in_network

from pathlore.config import Parameters
from pathlore.evaluation.cohort import SCENARIOS, scenario
from pathlore.evaluation.execution import scenario_population
from pathlore.expression.simulate import simulate_cells
from pathlore.graph.paths import find_paths
from pathlore.hooks import check


@pytest.fixture(scope="module")
def parameters(load):
    return check(Parameters, load("simulated")["parameters"], "parameters")


@pytest.fixture(scope="module")
def network():
    return built_in_network()


def test_each_scenario_is_run(parameters):
    assert set(parameters.evaluation.scenarios) == set(SCENARIOS)
    assert set(parameters.evaluation.confirmed) <= set(SCENARIOS)


@pytest.fixture(scope="module")
def listed(parameters, network):
    """The paths that an evaluation of that size simulates on."""

    @functools.cache
    def find(max_paths):
        genes = set(network["source"]) | set(network["target"])
        config = parameters.graph_construction.paths.model_copy(update={"max_paths": max_paths})
        return find_paths(network, genes, config, scenario_population())[0]

    return lambda size: find(getattr(parameters.evaluation, size).max_paths)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("size", ["full", "quick"])
def test_each_scenario_can_be_drawn_at_each_size(network, listed, size, name):
    for seed in range(2):
        config = scenario(name, seed).model_copy(update={"cells_per_donor": 1})
        assert simulate_cells(network, listed(size), config).n_obs
