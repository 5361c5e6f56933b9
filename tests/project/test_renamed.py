"""A name of an earlier version is refused, and the new name is told: parameters, values, variants, datasets, nodes."""

import pytest

from pathlore.config import Parameters, check
from pathlore.config.blocks import RENAMED, meant
from pathlore.errors import PathloreError
from pathlore.evaluation.tasks import plan
from pathlore.pipeline_registry import register_pipelines
from pathlore.session import check_names


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"interpretation": {"between_cells": {}}}, "between_cells: .*it is now called cell_communication"),
        ({"interpretation": {"cell_communication": {"max_lines": 3}}}, "it is now called max_interactions"),
        ({"modeling": {"model": {"ways": "auto"}}}, "modeling.model.ways: .*it is now called sign_model"),
        ({"modeling": {"model": {"evidence": 1.0}}}, "it is now called log_odds_weight"),
        ({"modeling": {"model": {"sign_model": "one_direction"}}}, "one_direction is now called coherent"),
        ({"modeling": {"model": {"sign_model": "each_its_own"}}}, "each_its_own is now called unconstrained"),
        ({"modeling": {"training": {"importance_pull": 0.0}}}, "it is now called score_init_penalty"),
        ({"modeling": {"model": {"kernel": "numba"}}}, "modeling.model.kernel: .*it is no longer needed"),
        ({"evaluation": {"workers": 2}}, "it is now called engine.workers"),
        ({"interpretation": {"refits": {"workers": 2}}}, "it is now called engine.workers"),
        (
            {"evaluation": {"variants": {"x": {"mine": {"modeling.training.importance_pull": 0.0}}}}},
            "it is now called modeling.training.score_init_penalty",
        ),
    ],
)
def test_old_parameters_name_the_new(tree, said):
    with pytest.raises(PathloreError, match=said):
        check(Parameters, tree, "parameters")


def test_old_variants_name_the_new(load):
    tree = load("simulated")["parameters"]
    tree["evaluation"]["scenario_extras"] = {"main": ["no_evidence"]}
    with pytest.raises(PathloreError, match="no_evidence, it is now called no_log_odds"):
        plan(check(Parameters, tree, "parameters"), ["pooled"], "pooled")


@pytest.mark.parametrize(
    ("option", "old", "new"),
    [
        ("from_inputs", "failure_signatures", "diagnostics"),
        ("to_outputs", "between_cells", "cell_communication"),
        ("to_outputs", "donor_figures", "donor_plots"),
        ("to_outputs", "importance_plot", "interactive_importance"),
        ("node_names", "interpretation.draw_between", "interpretation.draw_communication"),
    ],
)
def test_old_datasets_and_nodes_name_the_new(option, old, new):
    with pytest.raises(PathloreError, match=f"{old}`: there is no such name, it is now called {new};"):
        check_names(register_pipelines(), ["__default__"], {option: [old]})


def test_no_new_name_is_an_old_one_too():
    assert not set(RENAMED) & set(RENAMED.values())
    assert meant("between_cells", ["between_cell"]) == ", did you mean between_cell?"  # where the new one is unknown
