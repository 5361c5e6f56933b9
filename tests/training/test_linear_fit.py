"""The fit of the linear branch, when the paths are trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from small_fits import model_config, tensor, training_config

from pathlore.errors import PathloreError
from pathlore.training.linear_branch import STRENGTHS, _donors, fit_linear_branch
from pathlore.training.metrics import auroc
from pathlore.training.trained_model import predict


@pytest.fixture(params=["data", "three_classes"])
def cells(request):
    return request.getfixturevalue(request.param)


def test_the_rest_of_the_model_is_left_as_it_is(run, cells):
    with_branch, history = run(cells, training_config(), model_config())
    without, alone = run(cells, training_config(), model_config(linear_branch=False))
    added = set(with_branch.state) - set(without.state)
    assert added == {"linear.weights", "linear.bias", "linear.share"}
    for name, value in without.state.items():
        assert torch.equal(with_branch.state[name], value), name
    assert history["validation_auroc"].equals(alone["validation_auroc"])


def test_weights_are_those_of_a_ridge_regression(run, cells):
    """On genes divided by their standard deviation, of one of the strengths that are tried."""
    model, _ = run(cells, training_config(epochs=1), model_config())
    train = cells["train"]
    x = train.x.toarray().astype(np.float64)
    sd = x.std(axis=0)
    found = model.state["linear.weights"].numpy()
    distances = []
    for strength in STRENGTHS:
        regression = LogisticRegression(C=strength, class_weight="balanced", max_iter=5000, tol=1e-8)
        expected = regression.fit(x / sd, train.labels).coef_.T / sd[:, None]
        assert found.shape == expected.shape
        distances.append(np.abs(found - expected).max() / np.abs(expected).max())
    assert min(distances) < 1e-2


def test_both_parts_have_the_same_size_and_the_temperature_is_the_best(run, cells):
    """Of the validation cells, each class counting alike."""
    model, _ = run(cells, training_config(), model_config())
    module, validation = model.module(), cells["validation"]
    x = tensor(validation)
    with torch.no_grad():
        both, of_genes = module(x), module.linear.of_genes(x)
        of_paths = (both - module.linear.share[1] * of_genes) / module.linear.share[0]
    parts = [share * part for share, part in zip(module.linear.share, (of_paths, of_genes), strict=True)]
    spreads = [float((part - part.mean(dim=1, keepdim=True)).std(correction=0)) for part in parts]
    assert_allclose(spreads[0], spreads[1], rtol=1e-3)
    weights = torch.bincount(torch.from_numpy(validation.labels)).float().reciprocal()

    def loss(factor: float) -> float:
        return float(torch.nn.functional.cross_entropy(factor * both, torch.from_numpy(validation.labels), weights))

    assert loss(1.0) <= min(loss(0.9), loss(1.1)) + 1e-6


def test_it_answers_better_where_single_genes_decide(run, data):
    """Genes off every path, too: the regression reads all genes of the graph."""
    answers = {}
    for wanted in (True, False):
        model, _ = run(data, training_config(epochs=1), model_config(linear_branch=wanted))
        answers[wanted] = auroc(data["test"].labels, predict(model.module(), data["test"].x, 24))
    assert answers[True] > 0.9
    assert answers[True] > answers[False]


def test_test_cells_are_not_looked_at_and_the_fit_repeats(run, data):
    model, _ = run(data, training_config(epochs=1), model_config())
    spoiled = replace(data["test"], labels=1 - data["test"].labels)
    again, _ = run({**data, "test": spoiled}, training_config(epochs=1), model_config())
    module = again.module()
    fit_linear_branch(module, data["train"], data["validation"], 24)  # a second time: nothing is built upon the first
    for name, value in model.state.items():
        assert torch.equal(again.state[name], value), name
        torch.testing.assert_close(module.state_dict()[name], value, msg=name)


def test_a_model_without_the_branch_is_refused(run, data):
    model, _ = run(data, training_config(epochs=1), model_config(linear_branch=False))
    with pytest.raises(PathloreError, match=r"modeling\.model\.linear_branch: true"):
        fit_linear_branch(model.module(), data["train"], data["validation"], 24)


def test_donors_are_left_out_together_where_there_are_enough(data):
    train = data["train"]
    assert _donors(train) is None  # two of each class
    many = [f"donor {label} {i // 2 % 5}" for i, label in enumerate(train.labels)]
    assert _donors(replace(train, donors=many)) == many
    assert _donors(replace(train, donors=[None, *many[1:]])) is None
