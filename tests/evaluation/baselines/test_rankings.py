from dataclasses import replace

import numpy as np
import pytest
from cases import fabricated_case
from sklearn.metrics import roc_auc_score

from pathlore.evaluation.baselines import BASELINES, RANKINGS
from pathlore.evaluation.baselines.path_activity import path_activities
from pathlore.evaluation.baselines.rankings import effect_size
from pathlore.keys import Split
from pathlore.model import path_prior


@pytest.fixture(scope="module")
def recovery():
    """Mean AUROC of planted against other paths over four cases, by baseline."""
    cases = [fabricated_case(cells=320, effect=2.0, paths=150, seed=seed) for seed in range(4)]
    found = {}
    for name in [*RANKINGS, "paths_l1", "paths_l2"]:
        scores = []
        for case in cases:
            planted = case.graph.paths["path"].isin(case.truth)
            scores.append(roc_auc_score(planted, BASELINES[name](case, 1).rankings["importance"]))
        found[name] = np.mean(scores)
    return found


@pytest.mark.parametrize("name", ["prior", "activity", "activity_signed", "paths_l1", "paths_l2"])
def test_planted_paths_come_before_others(recovery, name):
    assert recovery[name] > 0.8 > recovery["random"]


def test_every_ranking_scores_each_path_and_predicts_nothing(case):
    for name, ranking in RANKINGS.items():
        fitted = ranking(case, 0)
        assert fitted.rankings["importance"].shape == (30,), name
        assert not fitted.probabilities


def test_the_prior_is_that_of_the_loss(case):
    np.testing.assert_array_equal(BASELINES["prior"](case, 0).rankings["importance"], path_prior(case.graph, "deg"))


def test_random_orders_of_two_folds_have_nothing_in_common(case):
    first, second = (RANKINGS["random"](replace(case, fold=fold), 0).rankings["importance"] for fold in (0, 1))
    assert not np.isin(first, second).any()


def test_activity_is_the_effect_size_of_the_training_cells(case):
    for name, signed in (("activity", False), ("activity_signed", True)):
        values = path_activities(case.graph, case.data, signed=signed)[Split.TRAIN]
        labels = case.data[Split.TRAIN].labels
        expected = []
        for column in values.T:
            a, b = column[labels == 1], column[labels == 0]
            pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(column) - 2)
            expected.append(abs(a.mean() - b.mean()) / pooled**0.5)
        np.testing.assert_allclose(BASELINES[name](case, 0).rankings["importance"], expected)


def test_of_several_classes_the_one_that_differs_most_counts():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    values = rng.normal(size=(90, 2))
    values[labels == 2, 0] += 4
    by_class = [effect_size(values, (labels == c).astype(int), 2) for c in range(3)]
    np.testing.assert_allclose(effect_size(values, labels, 3), np.max(by_class, axis=0))
    assert np.argmax([d[0] for d in by_class]) == 2


def test_a_path_that_does_not_vary_has_no_effect():
    assert effect_size(np.zeros((10, 1)), np.arange(10) % 2, 2) == 0
