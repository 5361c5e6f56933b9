import numpy as np
import pandas as pd
import pytest
from cases import fabricated_case

from pathlore.evaluation.fitted import Fitted
from pathlore.evaluation.results import Failure, collect, judged, recorded
from pathlore.evaluation.tasks import Task
from pathlore.schemas import EvaluationFailures, EvaluationPredictions, EvaluationRankings, EvaluationRuns
from pathlore.training.metrics import auroc, within_types


@pytest.fixture(scope="module")
def case():
    return fabricated_case(cells=240, paths=30)


@pytest.fixture(scope="module")
def fitted(case):
    rng = np.random.default_rng(0)
    probabilities = {split: rng.dirichlet([1, 1], len(case.data[split])) for split in ("validation", "test")}
    planted = np.array([path in case.truth for path in case.graph.paths["path"]])
    return Fitted(probabilities, {"importance": planted + 0.0, "prior": rng.random(len(planted))}, {"epochs": 3.0})


def tasks(kind="model"):
    return Task(None, "pooled", 0, 3, "pathlore", kind, "")


def test_within_types_by_hand():
    rng = np.random.default_rng(1)
    labels = np.array([0, 1] * 30)
    types = ["a"] * 20 + ["b"] * 30 + ["c"] * 6 + [None] * 4
    probabilities = rng.dirichlet([1, 1], 60)
    a, b = (auroc(labels[part], probabilities[part]) for part in (slice(0, 20), slice(20, 50)))
    value, n = within_types(labels, probabilities, types)
    assert n == 50, "three cells of each class are too few"
    assert value == pytest.approx((20 * a + 30 * b) / 50)
    value, n = within_types(labels, probabilities, [None] * 60)
    assert np.isnan(value)
    assert n == 0


def test_the_three_tables(case, fitted):
    result = judged(case, fitted, 2.0)
    made = collect({tasks(): result})
    EvaluationRuns.validate(made.runs)
    EvaluationPredictions.validate(made.predictions)
    EvaluationRankings.validate(made.rankings)
    test = case.data["test"]
    assert list(made.predictions["cell"]) == test.cells
    assert list(made.predictions["donor"]) == test.donors
    value = made.runs.query("split == 'test' and level == 'cell' and metric == 'auroc'")["value"]
    assert value.item() == pytest.approx(auroc(test.labels, fitted.probabilities["test"]))
    notes = made.runs[made.runs["level"] == "fit"].set_index("metric")["value"]
    assert notes.to_dict() == {"epochs": 3.0, "seconds": 2.0}
    assert set(made.runs["level"]) == {"cell", "donor", "cell_within_type", "path", "fit"}


def test_recovery_counts_a_planted_path_that_is_not_listed(case, fitted):
    paths = set(case.graph.paths["path"])
    result = judged(case, fitted, 0.0)
    missing = len(case.truth - paths)
    assert result.rankings["value"].isna().sum() == 2 * missing
    assert result.rankings.groupby("score")["planted"].sum().tolist() == [len(case.truth)] * 2
    found = result.metrics[(result.metrics["level"] == "path") & (result.metrics["metric"] == "auroc")]
    listed, others = len(case.truth) - missing, len(paths) - (len(case.truth) - missing)
    expected = (listed * 1.0 + missing * 0.0) / len(case.truth) if others else np.nan
    assert found["value"].item() == pytest.approx(expected)


def test_a_failed_task_is_a_row_and_the_others_stay(case, fitted):
    other = Task("main", "receiver", 0, 1, "prior", "ranking", "baselines")
    made = collect({tasks(): judged(case, fitted, 0.0), other: Failure("no path")})
    failures = EvaluationFailures.validate(made.failures)
    assert failures[["scenario", "variant", "message"]].to_numpy().tolist() == [["main", "prior", "no path"]]
    assert set(made.runs["variant"]) == {"pathlore"}


def test_a_method_that_ranks_alone(case, fitted):
    made = collect({tasks("ranking"): judged(case, Fitted(rankings=dict(fitted.rankings)), 0.0)})
    assert made.predictions.empty
    assert set(made.runs["level"]) == {"path", "fit"}
    EvaluationRuns.validate(made.runs)
    EvaluationPredictions.validate(made.predictions)


def test_what_is_recorded(case, fitted):
    name, tags, params, metrics, error = recorded(tasks(), judged(case, fitted, 2.0))
    assert name == "pathlore: pooled, fold 0, seed 3"
    assert tags["seed"] == "3"
    assert tags["split_by"] == "donor"
    assert params == {}
    assert metrics["epochs"] == 3.0
    assert 0 <= metrics["test/cell/auroc"] <= 1
    assert error is None
    assert recorded(tasks(), Failure("why"))[-1] == "why"


def test_nothing_at_all():
    made = collect({tasks(): Failure("why")})
    for table in (made.runs, made.predictions, made.rankings):
        assert isinstance(table, pd.DataFrame)
        assert table.empty
