"""The default model fitted again, for the finished table of path importance."""

import logging

import numpy as np
import pandas as pd
import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.evaluation.refits import BESIDE, refit, with_refits
from pathlore.schemas import EvaluationRankings, EvaluationSummary

OWN = "interpretation.refits"


def refits(tmp_path, **changes):
    block = {"folds": 2, "seeds": 1, "max_cells": 200, "epochs": 1}
    block |= {"store": str(tmp_path / "refits")} | changes
    return parameters_of().changed({f"{OWN}.{name}": value for name, value in block.items()})


@pytest.fixture(scope="module")
def parameters(tmp_path_factory):
    """Two folds and one more seed, in a store of their own."""
    return refits(tmp_path_factory.mktemp("refits"))


@pytest.fixture(scope="module")
def fitted(parameters):
    """Rankings and figures of the three fits."""
    return refit(small_sources(), parameters)


def test_fits_of_other_donors_and_other_seeds(fitted):
    rankings, _ = fitted
    EvaluationRankings.validate(rankings)
    fits = rankings[["variant", "fold", "seed"]].drop_duplicates().sort_values(["variant", "fold", "seed"])
    assert list(fits.itertuples(index=False, name=None)) == [
        ("pathlore", 0, 0), ("pathlore", 0, 2), ("pathlore", 1, 1),
    ]  # fmt: skip
    assert set(rankings["score"]) == {"importance"}


def test_a_second_start_fits_nothing_again(fitted, parameters, caplog):
    with caplog.at_level(logging.INFO):
        second = refit(small_sources(), parameters)[0]
    assert "Refits: 3 tasks, 3 of them finished before" in caplog.text
    pd.testing.assert_frame_equal(fitted[0], second)


def test_without_training_they_are_the_scores_as_they_begin(fitted, parameters, caplog):
    """Those of a fit that does not move, not those of one that does; seeds would change nothing, so there are none."""
    with caplog.at_level(logging.INFO):
        found, figures = refit(small_sources(), parameters.changed({f"{OWN}.epochs": 0, f"{OWN}.seeds": 3}))
    assert "Refits: 2 tasks, 0 of them finished before" in caplog.text, "trained ones lie in the same folder"
    assert figures.empty
    EvaluationRankings.validate(found)
    assert set(found[["fold", "seed"]].itertuples(index=False, name=None)) == {(0, 0), (1, 1)}
    still = {"learning_rate": 1e-30, "importance_learning_rate": 1e-30, "weight_decay": 0.0, "epochs": 1}
    unmoved = parameters.changed({f"modeling.training.{name}": value for name, value in still.items()})
    unmoved, _ = refit(small_sources(), unmoved.changed({f"{OWN}.folds": 1, f"{OWN}.seeds": 0}))
    keys = ["population", "fold", "seed", "path"]
    first = found[found["fold"] == 0]
    both = first.merge(unmoved, on=keys, suffixes=("", "_trained"))
    assert len(both) == len(first) > 0
    np.testing.assert_allclose(both["value"], both["value_trained"], rtol=1e-4)
    assert both["value"].std() > 0.01
    trained = first.merge(fitted[0], on=keys, suffixes=("", "_trained"))
    assert len(trained) > 0
    assert not np.allclose(trained["value"], trained["value_trained"])


def test_none_are_asked_for(tmp_path):
    assert all(table.empty for table in refit(small_sources(), refits(tmp_path, folds=0)))


def test_trained_refits_predict_every_donor_once(fitted):
    """The pooled figures are the means over folds; a further seed of the first fold does not count twice."""
    rankings, figures = fitted
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
