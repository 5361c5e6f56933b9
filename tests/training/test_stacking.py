"""The branches beside the paths, and the weights by which all are joined."""

import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.special import log_softmax
from small_fits import model_config, training_config

from pathlore.training import stacking
from pathlore.training.data import CellSet, WideCells
from pathlore.training.metrics import auroc
from pathlore.training.regression import PENALTIES, donor_folds, ridge_regression
from pathlore.training.stacking import Stack, _HeldOut, _mixture, _shrunk_mixture, path_logits
from pathlore.training.trained_model import by_branch

BEYOND = 40


def made(n_donors, seed, informative=0.0, prefix="donor", genes=30, cells=8):
    """Donors of two classes in turn; each shifts all genes a little, the case shifts the first three."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(n_donors) % 2, cells)
    own = np.repeat(rng.normal(0, 0.3, (n_donors, genes)), cells, axis=0)
    x = 1.5 + own + rng.normal(0, 0.4, (len(label), genes))
    x[label == 1, :3] += informative
    donors = [f"{prefix} {i // cells}" for i in range(len(label))]
    return CellSet(sparse.csr_matrix(x, dtype=np.float32), label, [f"{prefix} cell {i}" for i in range(len(x))], donors)


def with_wide(cells, effect, seed):
    """The genes of the cells, and others of which the first five tell the classes apart."""
    rng = np.random.default_rng(seed)
    more = rng.normal(1.0, 0.5, (len(cells), BEYOND))
    more[cells.labels == 1, :5] += effect
    x = sparse.csr_matrix(sparse.hstack([cells.x, sparse.csr_matrix(more)]), dtype=np.float32)
    return replace(cells, wide=WideCells([f"g{i}" for i in range(x.shape[1])], x))


def test_the_regression_is_a_ridge_and_its_left_out_answers_are_of_regressions_without_the_group():
    from sklearn.linear_model import Ridge

    train = made(10, 0, 0.8)
    fold, unit = donor_folds(train)
    assert unit == "donor"
    found, left_out = ridge_regression(train.x, [f"g{i}" for i in range(30)], train, fold)
    x = train.x.toarray().astype(float)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    matches = []
    for penalty in PENALTIES:
        centred = z - z.mean(axis=0)
        size = (centred**2).sum() / min(z.shape)
        whole = Ridge(penalty * size).fit(z, train.labels)
        answers = np.zeros(len(train))
        for k in np.unique(fold):
            inside = fold != k
            own = z[inside] - z[inside].mean(axis=0)
            part = Ridge(penalty * (own**2).sum() / min(own.shape)).fit(z[inside], train.labels[inside])
            answers[~inside] = part.predict(z[~inside]) - 0.5
        matches.append(
            np.allclose(found.logits(train.x)[:, 1], whole.predict(z) - 0.5, atol=1e-8)
            and np.allclose(left_out[:, 1], answers, atol=1e-8)
        )
    assert sum(matches) == 1
    np.testing.assert_allclose(left_out.sum(axis=1), 0, atol=1e-9)


class Remembered(torch.nn.Module):
    """Logits that are the first gene and its negative; counts the results of earlier batches that are still there."""

    def __init__(self):
        super().__init__()
        self.activity = SimpleNamespace(contrasts=1)
        self.weight = torch.nn.Parameter(torch.ones(()))
        self.results, self.alive = [], 0

    def forward(self, x):
        self.alive = max(self.alive, sum(result() is not None for result in self.results))
        logits = torch.stack([-x[:, 0], x[:, 0]], dim=1)
        self.results.append(weakref.ref(logits))
        return logits


def test_no_result_of_an_earlier_batch_is_kept():
    """Small tensors between large ones that come and go made the memory of predictions grow with the cells."""
    module, cells = Remembered(), made(10, 0)
    logits = path_logits(module, cells.x, 8)
    assert (len(module.results), module.alive) == (10, 0)
    first = cells.x[:, 0].toarray().ravel().astype(float)
    np.testing.assert_array_equal(logits, np.stack([-first, first], axis=1))
    assert logits.dtype == np.float64
    assert path_logits(module, cells.x[:0], 8).shape == (0, 2)


@pytest.mark.parametrize("genes", [30, 200])
def test_either_system_of_equations_gives_the_same(genes):
    """More genes than cells, and fewer."""
    train = made(8, 1, 0.8, genes=genes)
    fold, _ = donor_folds(train)
    found, _ = ridge_regression(train.x, [str(i) for i in range(genes)], train, fold)
    doubled = sparse.csr_matrix(sparse.vstack([train.x] * 4))
    names = [f"{cell} {k}" for k in range(4) for cell in train.cells]
    four = CellSet(doubled, np.tile(train.labels, 4), names, train.donors * 4)
    again, _ = ridge_regression(doubled, [str(i) for i in range(genes)], four, np.tile(fold, 4))
    np.testing.assert_allclose(
        np.corrcoef(again.logits(train.x)[:, 1], found.logits(train.x)[:, 1])[0, 1], 1, atol=0.02
    )


def test_donors_are_left_out_whole_where_each_class_has_two():
    train = made(6, 0)
    fold, unit = donor_folds(train)
    assert (unit, fold.max() + 1) == ("donor", 3)
    assert all(len({fold[i] for i in range(len(train)) if train.donors[i] == d}) == 1 for d in set(train.donors))
    assert donor_folds(made(3, 0))[1] == "cell"  # one class has a single donor
    assert donor_folds(replace(train, donors=[None, *train.donors[1:]]))[1] == "cell"
    paired = replace(train, donors=[f"p{i % 3}" for i in range(len(train))])
    fold, unit = donor_folds(paired)
    assert (unit, fold.max() + 1) == ("donor", 3)


def test_the_order_of_cells_and_genes_changes_nothing():
    train = made(8, 3, 0.5)
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(len(train)), rng.permutation(30)
    shuffled = CellSet(
        train.x[rows][:, columns], train.labels[rows], [train.cells[i] for i in rows], [train.donors[i] for i in rows]
    )
    names = np.array([f"g{i}" for i in range(30)])
    one, left = ridge_regression(train.x, list(names), train, donor_folds(train)[0])
    other, left_other = ridge_regression(shuffled.x, list(names[columns]), shuffled, donor_folds(shuffled)[0])
    np.testing.assert_allclose(other.logits(train.x[:, columns]), one.logits(train.x), atol=1e-9)
    np.testing.assert_allclose(left_other, left[rows], atol=1e-9)
    by_cell = replace(train, donors=[None] * len(train))
    again = replace(shuffled, donors=[None] * len(train))
    np.testing.assert_array_equal(donor_folds(again)[0], donor_folds(by_cell)[0][rows])


def test_weights_are_the_best_that_are_not_negative():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 2
    good = (labels - 0.5)[:, None] * [-1, 1] + rng.normal(0, 1, (300, 1)) * [-1, 1]
    bad = rng.normal(0, 1, (300, 1)) * [-1, 1]
    harmful = -good + rng.normal(0, 0.3, (300, 1)) * [-1, 1]
    rows = {"good": good, "bad": bad, "harmful": harmful}
    found = _mixture(rows, labels, list(rows))
    assert found.weights["good"] > 0.5
    assert found.weights["harmful"] == 0.0
    assert found.weights["bad"] < 0.15 * found.weights["good"]

    def loss(weights):
        total = sum(weights[name] * rows[name] for name in rows) + found.bias
        return -log_softmax(total, axis=1)[np.arange(300), labels].mean()

    for name in rows:
        for step in (-0.05, 0.05):
            other = found.weights | {name: max(0.0, found.weights[name] + step)}
            assert loss(other) >= loss(found.weights) - 2e-4


def donor_rows(sizes, donors=12, cells=30, seed=0):
    """Answers of branches for donors of two classes, in three groups: size of the class, and of what donors shift."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(donors) % 2, cells)
    rows = {}
    for name, (size, shift) in sizes.items():
        x = size * (labels - 0.5) + np.repeat(rng.normal(0, shift, donors), cells) + rng.normal(0, 1, len(labels))
        rows[name] = np.stack([-x, x], axis=1) / x.std() / 2
    return rows, labels, np.repeat(np.arange(donors) // 2 % 3, cells)


def test_branches_that_donors_cannot_tell_apart_get_equal_weights_and_the_paths_none():
    rows, labels, groups = donor_rows({"paths": (0.3, 0.5), "graph_genes": (0.8, 0.5), "wide": (0.8, 0.5)})
    found, best = (_shrunk_mixture(_HeldOut(rows, labels, groups, ""), list(rows)), _mixture(rows, labels, list(rows)))
    assert found.weights["paths"] == 0.0
    assert found.weights["graph_genes"] == pytest.approx(found.weights["wide"])
    assert best.weights["graph_genes"] > 1.5 * best.weights["wide"]  # by chance


@pytest.mark.parametrize("better", ["paths", "wide"])
def test_a_branch_that_is_better_for_every_donor_gets_its_weight(better):
    sizes = {name: (2.0, 0.2) if name == better else (0.3, 0.2) for name in ("paths", "graph_genes", "wide")}
    rows, labels, groups = donor_rows(sizes)
    found, best = (_shrunk_mixture(_HeldOut(rows, labels, groups, ""), list(rows)), _mixture(rows, labels, list(rows)))
    assert found.weights[better] == pytest.approx(best.weights[better], rel=0.2)
    assert found.weights[better] > 0.7 * sum(found.weights.values())


def test_a_branch_that_sees_what_the_graph_does_not_takes_over(run, data):
    """The classes differ off the graph alone: the answer is the wide branch's, and never much below the best one."""
    rng = np.random.default_rng(0)
    drawn = {s: sparse.csr_matrix(rng.gamma(2.0, 0.5, cells.x.shape), dtype=np.float32) for s, cells in data.items()}
    noise = {s: with_wide(replace(cells, x=drawn[s]), 1.0, k) for k, (s, cells) in enumerate(data.items())}
    model, _ = run(noise, training_config(epochs=1), model_config())
    assert model.stack.shares["wide"] > 0.8
    areas = {name: auroc(noise["test"].labels, p) for name, p in by_branch(model, noise["test"], 24).items()}
    assert areas["wide"] > 0.9
    assert areas["pathlore"] > areas["wide"] - 0.03
    assert areas["paths"] < 0.8


def test_probabilities_of_the_answer_mean_what_they_say(run, data):
    """Branches fitted without a cell's donor say how sure the answer may be."""
    hard = {split: with_wide(made(12, k, 0.35, prefix=split, genes=14), 0.15, k) for k, split in enumerate(data)}
    model, _ = run(hard, training_config(epochs=1), model_config())
    test = by_branch(model, hard["test"], 24)["pathlore"]
    sure = test.max(axis=1).mean()
    right = (test.argmax(axis=1) == hard["test"].labels).mean()
    assert abs(sure - right) < 0.12


def test_test_cells_are_not_looked_at_and_the_fit_repeats(run, data):
    wide = {split: with_wide(cells, 0.3, k) for k, (split, cells) in enumerate(data.items())}
    model, _ = run(wide, training_config(epochs=1), model_config())
    spoiled = replace(wide["test"], labels=1 - wide["test"].labels)
    again, _ = run({**wide, "test": spoiled}, training_config(epochs=1), model_config())
    assert again.stack.card() == model.stack.card()
    for name, value in model.tensors().items():
        assert torch.equal(again.tensors()[name], value), name


def test_the_paths_are_trained_as_without_branches(run, data):
    model, history = run(data, training_config(), model_config())
    alone, other = run(data, training_config(), model_config(branches=[]))
    assert alone.stack is None
    assert set(model.state) == set(alone.state)
    for name, value in alone.state.items():
        assert torch.equal(model.state[name], value), name
    assert history["validation_auroc"].equals(other["validation_auroc"])


def test_three_classes(run, three_classes):
    wide = {split: with_wide(cells, 0.5, k) for k, (split, cells) in enumerate(three_classes.items())}
    model, _ = run(wide, training_config(), model_config())
    found = by_branch(model, wide["test"], 24)
    assert set(found) == {"pathlore", "paths", "graph_genes", "wide", "without_paths"}
    for probabilities in found.values():
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert auroc(wide["test"].labels, found["pathlore"]) > 0.9


def test_a_stack_is_read_as_it_was_written(run, data):
    wide = {split: with_wide(cells, 0.3, k) for k, (split, cells) in enumerate(data.items())}
    model, _ = run(wide, training_config(epochs=1), model_config())
    again = replace(model, stack=Stack.read(model.stack.card(), model.tensors()))
    for name, value in by_branch(model, wide["test"], 24).items():
        np.testing.assert_array_equal(by_branch(again, wide["test"], 24)[name], value)


def test_the_papers_readout_is_weighted_by_validation_cells(run, data):
    model, _ = run(data, training_config(epochs=1), model_config(readout="paper"))
    assert model.stack.chosen_on == f"{len(data['validation'])} validation cells"


def test_of_many_cells_a_sample_is_fitted_on(run, data, monkeypatch):
    """The answers on new cells hardly change, and no more cells than allowed are read."""
    whole, _ = run(data, training_config(epochs=1), model_config())
    sizes, regress = [], stacking.ridge_regression
    monkeypatch.setattr(stacking, "MOST_CELLS", 30)
    monkeypatch.setattr(stacking, "ridge_regression", lambda x, *rest: sizes.append(x.shape[0]) or regress(x, *rest))
    part, _ = run(data, training_config(epochs=1), model_config())
    assert sizes == [30]
    assert part.stack.chosen_on.startswith("30 training cells")
    answers = [by_branch(model, data["test"], 8)["graph_genes"][:, 1] for model in (whole, part)]
    assert np.corrcoef(*answers)[0, 1] > 0.9
