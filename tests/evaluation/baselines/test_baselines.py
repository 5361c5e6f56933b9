"""What holds for every baseline alike."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import with_labels

from pathlore.errors import PathloreError
from pathlore.evaluation.baselines import BASELINES, RANKINGS
from pathlore.keys import Split
from pathlore.training.metrics import auroc

PREDICTORS = sorted(set(BASELINES) - set(RANKINGS))
LEARNERS = sorted(set(PREDICTORS) - {"majority"})


@pytest.fixture(scope="module")
def fitted(case):
    """Each baseline on the easy case, fitted once."""
    done = {}

    def fit(name):
        if name not in done:
            done[name] = BASELINES[name](case, 3)
        return done[name]

    return fit


def assert_probabilities(fitted, case):
    assert set(fitted.probabilities) == {Split.VALIDATION, Split.TEST}
    for split, probabilities in fitted.probabilities.items():
        assert probabilities.shape == (len(case.data[split]), len(case.class_names))
        assert (probabilities >= 0).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("name", PREDICTORS)
def test_probabilities_of_every_held_out_cell(fitted, case, name):
    assert_probabilities(fitted(name), case)


@pytest.mark.parametrize("name", LEARNERS)
def test_easy_cells_are_told_apart(fitted, case, name):
    assert auroc(case.data[Split.TEST].labels, fitted(name).probabilities[Split.TEST]) > 0.9


@pytest.mark.parametrize("name", LEARNERS)
def test_labels_that_mean_nothing_are_not_found_again(permuted, name):
    found = auroc(permuted.data[Split.TEST].labels, BASELINES[name](permuted, 3).probabilities[Split.TEST])
    assert 0.3 < found < 0.7


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_test_cells_change_nothing_that_is_fitted_and_a_seed_gives_one_result(fitted, other_test_cells, name):
    state = torch.random.get_rng_state()
    other = BASELINES[name](other_test_cells, 3)
    assert torch.equal(torch.random.get_rng_state(), state), "the caller's generator was used"
    for split in set(fitted(name).probabilities) - {Split.TEST}:
        np.testing.assert_array_equal(other.probabilities[split], fitted(name).probabilities[split])
    for score, values in fitted(name).rankings.items():
        np.testing.assert_array_equal(other.rankings[score], values)
    assert other.notes == fitted(name).notes


@pytest.mark.parametrize("name", PREDICTORS)
def test_three_classes(three_classes, name):
    fitted = BASELINES[name](three_classes, 3)
    assert_probabilities(fitted, three_classes)
    if name != "majority":
        assert auroc(three_classes.data[Split.TEST].labels, fitted.probabilities[Split.TEST]) > 0.8


@pytest.mark.parametrize("name", ["perceptron", "gin", "random"])
def test_another_seed_gives_another_result(fitted, case, name):
    first, second = fitted(name), BASELINES[name](case, 4)
    values = [f.probabilities.get(Split.TEST, f.rankings.get("importance")) for f in (first, second)]
    assert not np.array_equal(*values)


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("split", [Split.TRAIN, Split.VALIDATION])
def test_a_class_without_cells_is_named(case, name, split):
    labels = {s: np.zeros_like(cells.labels) if s == split else cells.labels for s, cells in case.data.items()}
    with pytest.raises(PathloreError, match=f"{split} cells, none of class case.*ingestion.split.{split}"):
        BASELINES[name](with_labels(case, labels), 0)


def test_the_majority_is_the_frequency_in_the_training_cells(case):
    few = np.arange(40)
    cells = case.data[Split.TRAIN]
    labels = np.array([0] * 30 + [1] * 10)
    train = replace(cells, x=cells.x[few], labels=labels, cells=cells.cells[:40], donors=cells.donors[:40])
    fitted = BASELINES["majority"](replace(case, data=case.data | {Split.TRAIN: train}), 0)
    np.testing.assert_allclose(fitted.probabilities[Split.TEST], np.tile([0.75, 0.25], (80, 1)))


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_a_baseline_can_be_sent_to_another_process(name):
    assert pickle.loads(pickle.dumps(BASELINES[name])).args == BASELINES[name].args
