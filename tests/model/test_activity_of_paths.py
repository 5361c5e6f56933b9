import numpy as np
import pytest
import reference
import torch
from builders import build, clone, model_config, random_cells
from numpy.testing import assert_allclose

from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.path_activity import PathActivity, n_contrasts
from pathlore.model.transformer import TextNumericGraphTransformer

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def test_two_classes_share_one_contrast() -> None:
    assert [n_contrasts(C) for C in (2, 3, 5)] == [1, 3, 5]


def test_activity_begins_as_the_mean_signed_by_the_steps(tensors: GraphTensors, plain: reference.Graph) -> None:
    model = TextNumericGraphTransformer(model_config(), clone(tensors), 2).double()
    assert model.activity.sign_model_weights.tolist() == [0.0, 1.0, 0.0]
    x = random_cells(6, 14)
    factors = reference.edge_signed(plain.path_signs)
    expected = reference.path_activity(x.numpy(), plain.mean, plain.sd, plain.paths, factors)
    assert_allclose(model.path_activity(x).numpy(), expected, **CLOSE)


def test_activity_has_any_weights(tensors: GraphTensors, plain: reference.Graph) -> None:
    """Also where one gene stands for all of a path, and where a path has no weight at all."""
    model = build(tensors)
    model.activity.weights[0] = 0.0
    model.activity.weights[1] = torch.tensor([0.0, 0.0, -2.5, 0.0, 0.0, 0.0])
    x = random_cells(6, 14)
    factors = model.activity.weights.tolist()
    expected = reference.path_activity(x.numpy(), plain.mean, plain.sd, plain.paths, factors)
    found = model.path_activity(x).numpy()
    assert_allclose(found, expected, **CLOSE)
    assert not found[:, 0].any()
    node = plain.paths[1][2]
    assert_allclose(found[:, 1], -2.5 * (x[:, node].numpy() - plain.mean[node]) / plain.sd[node], **CLOSE)


@pytest.mark.parametrize("blocks", [[slice(0, 30)], [slice(0, 7), slice(7, 8), slice(8, 30)]], ids=["whole", "blocks"])
@pytest.mark.parametrize("classes", [2, 3])
def test_path_activity_is_fitted_and_applied_as_in_numpy(classes: int, blocks: list[slice]) -> None:
    rng = np.random.default_rng(classes)
    values, labels = rng.normal(size=(30, 5)), rng.integers(0, classes, 30)
    values[:, 3] = 0.0  # a path that does not vary
    module = PathActivity(torch.ones(5, 2), classes).double()
    module.fit((torch.from_numpy(values[rows]), torch.from_numpy(labels[rows])) for rows in blocks)
    fitted = reference.fitted_activity(values, labels, classes)
    for name, expected in fitted.items():
        assert_allclose(getattr(module, name).numpy(), expected, **CLOSE)
    other = rng.normal(size=(4, 5))
    found = module(torch.from_numpy(other)).numpy()
    assert found.shape == (4, 5, 1 if classes == 2 else 3)
    assert_allclose(found, reference.oriented_activity(fitted, other), **CLOSE)


def test_orientation_makes_every_path_higher_in_its_class() -> None:
    rng = np.random.default_rng(0)
    labels = torch.tensor([0, 1, 2] * 20)
    values = torch.from_numpy(rng.normal(size=(60, 4)) + 2 * np.asarray(labels)[:, None] * [1, -1, 1, -1])
    module = PathActivity(torch.ones(4, 2), 3).double()
    module.fit([(values, labels)])
    oriented = module(values)
    for c in range(3):
        assert bool((oriented[labels == c, :, c].mean(0) >= oriented[labels != c, :, c].mean(0)).all())
