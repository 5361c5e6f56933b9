"""The default model fitted again, for the finished table of path importance."""

import logging

import numpy as np
import pandas as pd
import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.evaluation.refits import BESIDE, refit, with_refits
from pathlore.schemas import EvaluationRankings, EvaluationSummary


def refits(tmp_path, **changes):
    block = {"folds": 2, "seeds": 1, "max_cells": 200, "epochs": 1}
    block |= {"store": str(tmp_path / "refits")} | changes
    return parameters_of().changed({f"interpretation.refits.{name}": value for name, value in block.items()})


@pytest.fixture(scope="module")
def rankings(tmp_path_factory):
    return refit(small_sources(), refits(tmp_path_factory.mktemp("refits")))[0]


def test_fits_of_other_donors_and_other_seeds(rankings):
    EvaluationRankings.validate(rankings)
    fits = rankings[["variant", "fold", "seed"]].drop_duplicates().sort_values(["variant", "fold", "seed"])
    assert list(fits.itertuples(index=False, name=None)) == [
        ("pathlore", 0, 0), ("pathlore", 0, 2), ("pathlore", 1, 1),
    ]  # fmt: skip
    assert set(rankings["score"]) == {"importance"}


def test_a_second_start_fits_nothing_again(tmp_path, caplog):
    parameters = refits(tmp_path, folds=1, seeds=1)
    first = refit(small_sources(), parameters)[0]
    with caplog.at_level(logging.INFO):
        second = refit(small_sources(), parameters)[0]
    assert "Refits: 2 tasks, 2 of them finished before" in caplog.text
    pd.testing.assert_frame_equal(first, second)


def test_without_training_they_are_the_scores_as_they_begin(tmp_path):
    """Those of a real fit that does not move; seeds would change nothing, so there are none."""
    parameters = refits(tmp_path, epochs=0, folds=2, seeds=3)
    found, figures = refit(small_sources(), parameters)
    assert figures.empty
    EvaluationRankings.validate(found)
    assert set(found[["fold", "seed"]].itertuples(index=False, name=None)) == {(0, 0), (1, 1)}
    still = {"learning_rate": 1e-30, "importance_learning_rate": 1e-30, "weight_decay": 0.0, "epochs": 1}
    unmoved = parameters.changed({f"modeling.training.{name}": value for name, value in still.items()})
    trained, _ = refit(small_sources(), unmoved.changed({"interpretation.refits.epochs": 1}))
    keys = ["population", "fold", "seed", "path"]
    both = found.merge(trained[trained["seed"] < 2], on=keys, suffixes=("", "_trained"))
    assert len(both) == len(found) > 0
    np.testing.assert_allclose(both["value"], both["value_trained"], rtol=1e-4)
    assert both["value"].std() > 0.01


def test_results_with_and_without_training_are_kept_apart(tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        first = refit(small_sources(), refits(tmp_path, folds=1, seeds=0))[0]
        second = refit(small_sources(), refits(tmp_path, folds=1, seeds=0, epochs=0))[0]
    assert "Refits: 1 tasks, 1 of them finished before" not in caplog.text
    assert not np.allclose(first["value"], second["value"])


def test_none_are_asked_for(tmp_path):
    assert all(table.empty for table in refit(small_sources(), refits(tmp_path, folds=0)))


def test_trained_refits_predict_every_donor_once(tmp_path):
    """The pooled figures are the means over folds; a further seed of the first fold does not count twice."""
    rankings, figures = refit(small_sources(), refits(tmp_path))
    EvaluationSummary.validate(figures)
    cell = figures[(figures["level"] == "cell") & (figures["variant"] == "pathlore")].iloc[0]
    assert (cell["n"], cell["split_by"]) == (2, "donor")
    assert cell["interval"].endswith("draws of 8 donors")
    assert cell["low"] < cell["mean"] < cell["high"]
    assert cell["mean"] > 0.6
    assert {"paths_alone", "without_paths_alone", "donor"} <= set(figures["level"])
    assert len(rankings)


def test_the_columns_beside_a_path():
    """By hand: of two refits both list A, one lists B, none lists C."""
    rows = [("pathlore", 0, 0, "A", 0.9), ("pathlore", 1, 1, "A", 0.7), ("pathlore", 0, 0, "B", 0.3)]
    rankings = pd.DataFrame(rows, columns=["variant", "fold", "seed", "path", "value"]).assign(
        scenario=None, population="pooled", score="importance", planted=None
    )
    table = pd.DataFrame({"path": ["C", "A", "B"], "importance": [0.5, 0.8, 0.2]})
    done = with_refits(table, rankings, "pooled").set_index("path")
    assert list(done.index) == ["C", "A", "B"]
    assert done.loc["A", "importance_mean"] == pytest.approx(0.8)
    assert done.loc["A", "importance_sd"] == pytest.approx(np.std([0.9, 0.7], ddof=1))
    assert list(done["refits"]) == [2, 2, 2]
    assert list(done["in_top_10"]) == ["0 of 2", "2 of 2", "1 of 2"], "a refit that does not list a path counts"
    assert list(done["selection_frequency"]) == [0, 1, 0.5]
    assert done.loc["C", ["importance_mean", "rank_mean"]].isna().all()
    assert done.loc["A", "rank_mean"] == 1
    other = with_refits(table, rankings, "another")
    assert (other["refits"] == 0).all()
    assert other[[name for name in BESIDE.values() if name != "refits"]].isna().all().all()
    assert (other["in_top_10"] == "").all()
