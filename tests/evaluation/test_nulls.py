"""The nulls hold what they promise: no true label is left, and no path is better than another."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score
from small_fits import model_config, small_cells, training_config
from worlds import World

from pathlore.errors import PathloreError
from pathlore.evaluation.nulls import corrected, deterministic_case, permuted_case, permuted_labels
from pathlore.explain.importance import activity_auroc
from pathlore.expression.statistics import gene_statistics
from pathlore.model import TextNumericGraphTransformer, graph_tensors, path_prior
from pathlore.training.batches import path_activities
from pathlore.training.fit import fit


@pytest.fixture(scope="module")
def case():
    world = World(n_cells=160)
    return world.case(world.paths)


@pytest.fixture
def data(small_graph):
    return small_cells(small_graph.genes, classes=2)


def labels_by_donor(cells):
    return pd.Series(cells.labels).groupby(pd.Series(cells.donors, dtype=object))


def auroc_of_means(case):
    """What the difference between the training classes' means says of the test cells."""
    train, test = case.data["train"], case.data["test"]
    x = train.x.toarray()
    difference = x[train.labels == 1].mean(axis=0) - x[train.labels == 0].mean(axis=0)
    return roc_auc_score(test.labels, test.x @ difference)


# ------------------------------------------------------------------------------------------------ permuted


@pytest.mark.parametrize("by_donor", [True, False])
def test_test_labels_stay_and_nothing_but_labels_changes(case, by_donor):
    data = permuted_labels(case.data, 3, by_donor=by_donor)
    assert data["test"] is case.data["test"]
    for split in ("train", "validation"):
        assert data[split].x is case.data[split].x
        assert data[split].cells == case.data[split].cells
        np.testing.assert_array_equal(np.bincount(data[split].labels), np.bincount(case.data[split].labels))


def test_whole_donors_change_places(case):
    draws = [permuted_labels(case.data, seed, by_donor=True)["train"] for seed in range(12)]
    for drawn in draws:
        assert labels_by_donor(drawn).nunique().max() == 1
    assert len({tuple(drawn.labels) for drawn in draws}) > 3
    assert any((drawn.labels != case.data["train"].labels).any() for drawn in draws)


def test_cells_of_a_paired_donor_change_places_within_it(data):
    cells = replace(data["train"], donors=[("a", "b", "c")[i // 2 % 3] for i in range(48)])
    drawn = permuted_labels({**data, "train": cells}, 0, by_donor=True)["train"]
    assert (drawn.labels != cells.labels).any()
    assert labels_by_donor(drawn).sum().to_dict() == labels_by_donor(cells).sum().to_dict()


def test_cells_without_a_donor_change_places_among_themselves(data):
    donors = [None if i % 3 == 0 else f"{i % 2} donor" for i in range(48)]
    cells = replace(data["train"], donors=donors)
    drawn = permuted_labels({**data, "train": cells}, 1, by_donor=True)["train"]
    unknown = np.array([donor is None for donor in donors])
    assert (drawn.labels[unknown] != cells.labels[unknown]).any()
    assert drawn.labels[unknown].sum() == cells.labels[unknown].sum()


def test_one_seed_one_draw(case):
    first, again, other = (permuted_labels(case.data, seed, by_donor=False)["train"].labels for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_fold_changes_of_a_permuted_case_are_those_of_its_own_labels(case):
    null = permuted_case(case, 2)
    train = null.data["train"]
    expected = gene_statistics(train.x, null.graph.genes, train.labels, null.class_names, min_fraction=0.0)
    np.testing.assert_allclose(null.graph.entities["log_fold_change"], expected["log_fold_change"])
    np.testing.assert_allclose(null.graph.entities[["mean", "sd"]], case.graph.entities[["mean", "sd"]], atol=1e-6)
    for split in ("train", "validation", "test"):
        np.testing.assert_array_equal(null.wide[split].labels, null.data[split].labels)
    untouched = replace(null, data=case.data, graph=case.graph)
    assert untouched == case


def test_no_trace_of_the_true_labels_is_left(case):
    """The labels of the training cells and the prior know nothing of the truth, on average over draws."""
    change = case.graph.entities["log_fold_change"]
    alike, priors, areas = [], [], []
    for seed in range(40):
        cells = replace(case, data={k: replace(v, donors=[None] * len(v)) for k, v in case.data.items()})
        null = permuted_case(cells, seed)
        alike.append(np.corrcoef(change, null.graph.entities["log_fold_change"])[0, 1])
        priors.append(np.corrcoef(path_prior(case.graph, "deg"), path_prior(null.graph, "deg"))[0, 1])
        areas.append(auroc_of_means(null))
    assert abs(np.mean(alike)) < 0.15
    assert np.mean(priors) < 0.5
    assert abs(np.mean(areas) - 0.5) < 0.1
    assert auroc_of_means(case) > 0.8


# ------------------------------------------------------------------------------------------- deterministic


@pytest.fixture(scope="module")
def null(case):
    return deterministic_case(case, 5)


def test_every_gene_says_the_class_and_nothing_else(null):
    for part in (null.data, null.wide):
        for cells in part.values():
            x = cells.x.toarray()
            for label in (0, 1):
                inside = x[cells.labels == label]
                np.testing.assert_allclose(inside.mean(axis=0), 1 + label, atol=0.01)
                np.testing.assert_allclose(inside.std(), 0.01, rtol=0.1)


def test_every_path_predicts_alike(null):
    module = TextNumericGraphTransformer(
        model_config(), graph_tensors(null.graph, null.gene_vectors, null.path_vectors), 2
    )
    train = null.data["train"]
    activity = path_activities(module, train.x)
    module.activity.fit([(activity, torch.from_numpy(train.labels))])
    np.testing.assert_array_equal(activity_auroc(module, null.data["test"]), 1.0)
    means = module.activity(activity)[train.labels == 1].mean(dim=0).numpy()
    np.testing.assert_allclose(means, means[0, 0], rtol=1e-3)
    assert path_prior(null.graph, "deg").shape == (len(null.graph.paths),)
    assert np.ptp(null.graph.entities["log_fold_change"]) < 0.02


def test_the_graph_keeps_its_shape_and_loses_its_signs(case, null):
    assert (case.graph.path_signs() == -1).any()
    assert (null.graph.path_signs() >= 0).all()
    np.testing.assert_array_equal(null.graph.path_nodes(), case.graph.path_nodes())
    np.testing.assert_array_equal(null.graph.edge_type, case.graph.edge_type)
    np.testing.assert_array_equal(null.data["test"].labels, case.data["test"].labels)


def test_a_model_can_be_fitted_to_it_and_differs_by_shape_alone(null):
    config = training_config(epochs=2, batch_size=32, sparsity=0.0, prior_weight=0.0)
    scores = []
    for seed in (0, 1):
        model, history = fit(
            "null", null.graph, null.gene_vectors, null.path_vectors, null.data, null.class_names, model_config(),
            config.model_copy(update={"seed": seed}),
        )  # fmt: skip
        assert history["validation_auroc"].iloc[-1] == 1.0
        scores.append(model.importance)
    assert np.isfinite(corrected(scores[0], np.array(scores))).all()


# ----------------------------------------------------------------------------------------------- corrected


def test_corrected_takes_out_what_the_shape_gives():
    """Paths that the shape favours have a high importance everywhere; one has it in the real cells alone."""
    rng = np.random.default_rng(0)
    shape = rng.normal(-3, 1.5, 50)
    null = 1 / (1 + np.exp(-(shape + rng.normal(0, 0.2, (8, 50)))))
    real = shape + rng.normal(0, 0.2, 50)
    real[shape.argmin()] = shape.min() + 2.0
    importance = 1 / (1 + np.exp(-real))
    assert importance.argmax() == shape.argmax()
    result = corrected(importance, null)
    assert result.argmax() == shape.argmin()
    assert abs(np.corrcoef(np.delete(result, shape.argmin()), np.delete(shape, shape.argmin()))[0, 1]) < 0.4


def test_corrected_by_hand():
    null = np.array([[0.5, 0.2], [0.5, 0.8]])
    sd = np.log(4) * np.sqrt(2)
    expected = [np.log(9) / (0 + sd / 2), np.log(4) / (sd + sd / 2)]
    np.testing.assert_allclose(corrected(np.array([0.9, 0.8]), null), expected)
    np.testing.assert_array_equal(corrected(np.array([1.0, 0.0]), np.tile([1.0, 0.0], (3, 1))), [0.0, 0.0])


@pytest.mark.parametrize("shape", [(1, 4), (3, 5), (4,)])
def test_too_few_or_other_nulls_are_refused(shape):
    with pytest.raises(PathloreError, match="two fits or more"):
        corrected(np.full(4, 0.5), np.full(shape, 0.5))
