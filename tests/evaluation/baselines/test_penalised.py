import numpy as np
import pytest
from blocks import base
from cases import with_labels

from pathlore.evaluation.baselines.linear import logistic_regression_l1, logistic_regression_wide
from pathlore.evaluation.baselines.penalised import L1_STEPS, L2, coefficients, l1, l2, l2_wide
from pathlore.keys import Split


def test_the_same_penalties_as_beside_the_model():
    assert L2.model_dump() == base("modeling", "baseline")


@pytest.mark.parametrize("kind", ["case", "three_classes"])
def test_many_features_have_the_same_optimum(kind, request):
    """Centred features, another solver: the same penalty and the same probabilities."""
    data = request.getfixturevalue(kind).data
    (first, strength), (second, other) = l2(data, 0), l2_wide(data, 0)
    assert strength == other
    x = data[Split.TEST].x
    np.testing.assert_allclose(first.predict_proba(x), second.predict_proba(x), atol=1e-4)


def test_the_wide_regression_reads_the_wide_cells(case):
    fitted = logistic_regression_wide(case, 0)
    genes = case.wide[Split.TRAIN].x.shape[1]
    assert len(case.graph.genes) < fitted.notes["features"] <= genes


@pytest.mark.parametrize("kind", ["case", "three_classes"])
def test_the_optimum_of_l1(kind, request):
    """Subgradient: C sum_i w_i (y_i - p_i) x_i is sign(w) where w is not zero, and at most 1 in size where it is."""
    data = request.getfixturevalue(kind).data
    model, strength = l1(data, 0)
    train = data[Split.TRAIN]
    x = model[0].transform(train.x).astype(np.float64)
    classes = [1] if kind == "case" else range(3)
    w = coefficients(model)
    parts = [model[-1]] if kind == "case" else model[-1].estimators_
    for label, row, part in zip(classes, w, parts, strict=True):
        inside = train.labels == label
        weight = np.where(inside, 0.5 / inside.mean(), 0.5 / (1 - inside.mean()))
        p = 1 / (1 + np.exp(-(x @ row + part.intercept_[0])))
        gradient = strength * (weight * (inside - p)) @ x
        used = row != 0
        assert 0 < used.sum() < len(row)
        np.testing.assert_allclose(gradient[used], np.sign(row[used]), atol=0.05)
        assert np.abs(gradient[~used]).max() < 1.05


def test_l1_uses_fewer_genes_than_there_are(case):
    assert 0 < logistic_regression_l1(case, 0).notes["features"] < len(case.graph.genes)


def test_the_strength_follows_the_validation_cells(case):
    """With validation labels turned round the worst of all fits wins, which is another one."""
    turned = with_labels(
        case, {split: cells.labels if split == Split.TRAIN else 1 - cells.labels for split, cells in case.data.items()}
    )
    assert l1(case.data, 0)[1] != l1(turned.data, 0)[1]
    assert len(set(L1_STEPS)) == len(L1_STEPS)
