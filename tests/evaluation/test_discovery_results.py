"""The search for new paths as a task of the evaluation, on fabricated cells whose truth is known."""

from dataclasses import replace

import pandas as pd
import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.errors import PathloreError
from pathlore.evaluation.discovery_results import drawn_path
from pathlore.evaluation.execution import Execution
from pathlore.evaluation.results import Failure, Result, collect, recorded
from pathlore.evaluation.tasks import Task
from pathlore.evaluation.variants import sized
from pathlore.schemas import EvaluationDiscovery, EvaluationRuns, EvaluationWithheld


@pytest.fixture(scope="module")
def execution():
    parameters = sized(parameters_of(quick={"axes": ["discovery"], "max_paths": 30}))
    parameters = parameters.changed({"interpretation.discovery.new_paths": 8})
    return Execution(small_sources(), parameters)


def task(variant, seed=0):
    return Task(None, "pooled", 0, seed, variant, "discovery", "discovery")


@pytest.fixture(scope="module")
def found(execution):
    result = execution(task("discovery"))
    assert isinstance(result, Result), result.message
    return result


def test_new_paths_of_a_population(found):
    made = collect({task("discovery"): found})
    EvaluationDiscovery.validate(made.discovered)
    EvaluationRuns.validate(made.runs)
    EvaluationWithheld.validate(made.withheld)
    counts = made.discovered["origin"].value_counts().to_dict()
    assert counts == {"proposed": 8, "random": 8}
    assert set(made.discovered["population"]) == {"pooled"}
    assert made.withheld.empty
    assert made.predictions.empty
    notes = made.runs.set_index("metric")["value"]
    assert notes["kept"] == made.discovered["kept"].sum()
    assert notes["random_passed"] == (made.discovered["passes"] & (made.discovered["origin"] == "random")).sum()
    _, tags, _, metrics, error = recorded(task("discovery"), found)
    assert (tags["split_by"], metrics["proposed"], error) == ("donor", 8.0, None)
    assert found.seconds > 0


def test_a_planted_path_is_withheld(execution):
    truth = execution.sources.truth["pooled"]
    at = Task(None, "pooled", 0, 1, "withheld", "discovery", "discovery")
    result = execution(at)
    assert isinstance(result, Result), result.message
    row = result.withheld.iloc[0]
    assert row["path"] in truth
    assert (row["proposed"], row["random"]) == (8, 8)
    table = collect({replace(at, scenario="main"): result}).withheld
    EvaluationWithheld.validate(table)
    assert table.loc[0, ["scenario", "simulation"]].tolist() == ["main", 1]
    assert result.notes["nearest"] == row["nearest"]


def test_which_path_is_withheld_follows_the_seed():
    listed = pd.Series([f"R>F{i}>T" for i in range(20)])
    truth = frozenset({*listed[3:9], "Z>Z>Z"})
    drawn = {seed: drawn_path(listed, truth, seed) for seed in range(20)}
    assert drawn == {seed: drawn_path(listed, truth, seed) for seed in range(20)}
    assert set(drawn.values()) <= set(listed[3:9])
    assert len(set(drawn.values())) > 2


def test_without_a_planted_path_on_the_list_the_task_fails(execution):
    with pytest.raises(PathloreError, match="none of the 1 planted paths is among the 2 listed"):
        drawn_path(pd.Series(["A>B>C", "A>B>D"]), frozenset({"X>Y>Z"}), 0)
    blind = Execution(replace(execution.sources, truth={}), execution.parameters)
    failure = blind(task("withheld"))
    assert isinstance(failure, Failure)
    assert "none of the 0 planted paths" in failure.message
