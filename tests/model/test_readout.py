import numpy as np
import pytest
import reference
import torch
from builders import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch import Tensor

from pathlore.model.path_activity import n_contrasts
from pathlore.model.path_encoder import PathLayer
from pathlore.model.readout import AdditiveReadout, PaperReadout, PathScores

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def random_layers(rng: np.random.Generator, K: int, B: int, P: int, D: int) -> list[np.ndarray]:
    """The paths of each layer before their last norm."""
    return [rng.normal(size=(B, P, D)) for _ in range(K)]


def affine(k: int, D: int) -> dict[str, np.ndarray]:
    """Weight and bias of the norm of layer k."""
    rng = np.random.default_rng(k)
    return {"norm.weight": 1 + 0.3 * rng.normal(size=D), "norm.bias": 0.3 * rng.normal(size=D)}


def with_norms(layers: list[np.ndarray]) -> list[PathLayer]:
    return [
        PathLayer(*(torch.from_numpy(part) for part in (y, *affine(k, y.shape[-1]).values())))
        for k, y in enumerate(layers)
    ]


def normalised(layers: list[np.ndarray]) -> list[np.ndarray]:
    """The same in NumPy, row by row."""
    return [
        np.array([[reference.layer_norm(affine(k, y.shape[-1]), "norm", row) for row in cell] for cell in y])
        for k, y in enumerate(layers)
    ]


def test_importance_is_the_sigmoid_of_M_and_starts_where_it_is_told() -> None:
    module = PathScores(4, start=-4.0)
    assert_allclose(module().detach().numpy(), reference.sigmoid(np.full(4, -4.0)), rtol=1e-6)
    randomise(module, 0)
    assert_allclose(module().detach().numpy(), reference.sigmoid(module.logits.detach().numpy()), **CLOSE)
    assert float(PathScores(4, start=-4.0).unit) == 1.0


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 5), st.integers(1, 5), st.integers(2, 4), st.integers(0, 999)
)
def test_paper_readout_agrees_with_numpy(K: int, B: int, P: int, D: int, C: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    module = randomise(PaperReadout(D, C, dropout=0.5), seed, spread=1.0)
    layers, importance = random_layers(rng, K, B, P, D), rng.random(P)
    found = module(torch.empty(0), with_norms(layers), torch.from_numpy(importance)).detach().numpy()
    expected = reference.paper_readout(reference.weights(module), normalised(layers), importance)
    assert_allclose(found, expected, **CLOSE)


def random_additive(
    classes: int, K: int, seed: int
) -> tuple[AdditiveReadout, np.ndarray, list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    B, P, D = 5, 4, 6
    module = randomise(AdditiveReadout(D, P, classes), seed)
    plain = random_layers(rng, K, B, P, D)
    assert isinstance(module, AdditiveReadout)
    return module, rng.normal(size=(B, P, n_contrasts(classes))), plain, rng.random(P)


def torched(
    activity: np.ndarray, plain: list[np.ndarray], importance: np.ndarray
) -> tuple[Tensor, list[PathLayer], Tensor]:
    return torch.from_numpy(activity), with_norms(plain), torch.from_numpy(importance)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("K", [1, 3])
def test_additive_readout_agrees_with_numpy(classes: int, K: int, training: bool) -> None:
    module, activity, plain, importance = random_additive(classes, K, seed=classes + K)
    w = reference.weights(module)  # before the running statistics move
    found = module.train(training)(*torched(activity, plain, importance)).detach().numpy()
    assert found.shape == (5, classes)
    expected = reference.additive_readout(w, activity, normalised(plain), importance, training=training)
    assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("classes", [2, 3])
def test_logits_are_the_bias_and_the_sum_of_the_contributions(classes: int) -> None:
    module, *inputs = random_additive(classes, 2, seed=0)
    parts, logits = module.contributions(*torched(*inputs)), module(*torched(*inputs))
    assert parts.shape == (5, 4, n_contrasts(classes))
    total = parts.sum(dim=1) + module.bias
    if classes == 2:
        torch.testing.assert_close(logits[:, 1] - logits[:, 0], total[:, 0])
        torch.testing.assert_close(logits.sum(dim=1), torch.zeros(5, dtype=torch.float64))
    else:
        torch.testing.assert_close(logits, total)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("training", [True, False])
def test_importance_of_a_path_scales_its_own_contribution_and_nothing_else(classes: int, training: bool) -> None:
    module, activity, plain, importance = random_additive(classes, 2, seed=1)
    module.train(training)
    before = module.contributions(*torched(activity, plain, importance))
    changed = importance.copy()
    changed[2] *= 0.25
    module, *_ = random_additive(classes, 2, seed=1)  # fresh running statistics
    after = module.train(training).contributions(*torched(activity, plain, changed))
    expected = before.clone()
    expected[:, 2] *= 0.25
    torch.testing.assert_close(after, expected)


@pytest.mark.parametrize("readout", ["additive", "paper"])
@pytest.mark.parametrize("training", [True, False])
def test_a_path_of_importance_zero_is_not_seen(readout: str, training: bool) -> None:
    additive, activity, plain, importance = random_additive(2, 2, seed=2)
    module = additive if readout == "additive" else randomise(PaperReadout(6, 2, dropout=0.0), 2)
    module.train(training)
    importance[1] = 0.0
    before = module(*torched(activity, plain, importance))
    activity[:, 1] += 3.0
    for layer in plain:
        layer[:, 1] = np.random.default_rng(9).normal(size=layer[:, 1].shape)
    if readout == "additive":
        module = random_additive(2, 2, seed=2)[0].train(training)
    torch.testing.assert_close(module(*torched(activity, plain, importance)), before)


def test_paper_pooling_is_linear_in_each_importance() -> None:
    """g(I + d e_p) - g(I) = d path_p / P, read through a head that does nothing."""
    module = PaperReadout(3, 3, dropout=0.0).double()
    module.head = torch.nn.Identity()  # type: ignore[assignment]
    paths = with_norms([np.random.default_rng(0).normal(size=(2, 4, 3))])
    importance = torch.rand(4, dtype=torch.float64)
    step = torch.zeros(4, dtype=torch.float64)
    step[2] = 0.1
    change = module(torch.empty(0), paths, importance + step) - module(torch.empty(0), paths, importance)
    torch.testing.assert_close(change, 0.1 * paths[0].normalised()[:, 2] / 4)


def test_residual_has_unit_scale_whatever_the_size_of_the_direction() -> None:
    """I_p is the only scale of a path: a direction v ten times as long changes (almost) nothing."""
    module, activity, plain, importance = random_additive(2, 2, seed=3)
    before = module.train().contributions(*torched(activity, plain, importance))
    with torch.no_grad():
        module.direction.weight *= 10
    after = module.contributions(*torched(activity, plain, importance))
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("readout", ["additive", "paper"])
@pytest.mark.parametrize("classes", [2, 3])
def test_each_cell_may_weigh_the_paths_for_itself(readout: str, classes: int) -> None:
    additive, activity, plain, _ = random_additive(classes, 2, seed=4)
    module = additive if readout == "additive" else randomise(PaperReadout(6, classes, dropout=0.0), 4, spread=1.0)
    weights = np.random.default_rng(7).random((5, 4))
    found = module(*torched(activity, plain, weights)).detach().numpy()
    w, layers = reference.weights(module), normalised(plain)
    if readout == "additive":
        expected = reference.additive_readout(w, activity, layers, weights, training=False)
    else:
        expected = reference.paper_readout(w, layers, weights)
    assert_allclose(found, expected, **CLOSE)
    one_at_a_time = [module(*torched(activity[[b]], [y[[b]] for y in plain], weights[b])) for b in range(5)]
    assert_allclose(found, torch.cat(one_at_a_time).detach().numpy(), **CLOSE)


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_weights_of_each_cell_get_a_gradient_of_their_own(readout: str) -> None:
    additive, activity, plain, _ = random_additive(2, 2, seed=4)
    module = additive if readout == "additive" else randomise(PaperReadout(6, 2, dropout=0.0), 4, spread=1.0)
    weights = torch.rand(5, 4, dtype=torch.float64, requires_grad=True)
    module(torch.from_numpy(activity), with_norms(plain), weights)[2, 1].backward()
    assert weights.grad is not None
    assert bool((weights.grad[2].abs() > 1e-9).all())
    assert not weights.grad[[0, 1, 3, 4]].any()
