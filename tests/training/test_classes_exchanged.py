"""A fit does not know which class is called the control."""

from dataclasses import replace

import numpy as np
import pytest
from small_fits import model_config, small_cells, training_config

from pathlore.training.data import class_ranks
from pathlore.training.replicates import log_means
from pathlore.training.trained_model import predict


def relabelled(data, order):
    """The same cells with label ``order[k]`` for k."""
    return {split: replace(cells, labels=np.array(order)[cells.labels]) for split, cells in data.items()}


FORMS = [{}, {"readout": "paper"}, {"branches": ["graph_genes", "wide"]}, {"importance": "per_cell"}]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("order", [(1, 0), (2, 0, 1)], ids=str)
def test_classes_in_another_order_mirror_the_prediction(run, small_graph, form, order):
    data = small_cells(small_graph.genes, classes=len(order))
    first, history = run(data, training_config(), model_config(**form))
    second, other = run(relabelled(data, order), training_config(), model_config(**form))
    x = data["test"].x
    expected = predict(first.module(), x, 16)
    found = predict(second.module(), x, 16)[:, list(order)]
    np.testing.assert_allclose(found, expected, atol=2e-4)
    np.testing.assert_allclose(other["train_loss"], history["train_loss"], rtol=1e-3)
    np.testing.assert_allclose(second.importance, first.importance, atol=1e-4)


@pytest.mark.parametrize("donors", [True, False])
def test_replicates_are_the_same_whatever_the_classes_are_called(small_graph, donors):
    train = small_cells(small_graph.genes, classes=2)["train"]
    names = [f"d{i % 8}" for i in range(len(train))] if donors else [None] * len(train)
    train = replace(train, donors=names)
    means, classes = log_means(train)
    other, turned = log_means(replace(train, labels=1 - train.labels))
    np.testing.assert_array_equal(other, means)
    np.testing.assert_array_equal(turned, 1 - classes)


def test_ranks_follow_the_first_cell_of_each_class():
    assert class_ranks(np.array([2, 0, 0, 1]), 4).tolist() == [1, 2, 0, 3]
