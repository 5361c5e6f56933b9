import math

import numpy as np
import torch
from builders import randomise
from numpy.testing import assert_allclose
from reference import softmax

from pathlore.model.path_encoder import PathLayer
from pathlore.model.readout import PathAttention


def test_weights_agree_with_numpy_and_have_mean_one() -> None:
    module = randomise(PathAttention(4), 0, spread=1.0)
    paths = np.random.default_rng(0).normal(size=(3, 5, 4))
    found = module(torch.from_numpy(paths)).detach().numpy()
    w = module.score.weight.detach().numpy()[0]
    expected = [[5 * share for share in softmax([float(w @ path) for path in cell])] for cell in paths]
    assert_allclose(found, expected, rtol=1e-12)
    assert_allclose(found.mean(axis=1), 1.0)
    assert found.std() > 0.1


def test_at_the_start_all_paths_are_alike() -> None:
    module = PathAttention(4)
    paths = torch.randn(2, 6, 4)
    assert torch.equal(module(paths), torch.ones(2, 6))
    (module(paths) * torch.arange(6.0)).sum().backward()
    assert module.score.weight.grad is not None
    assert module.score.weight.grad.abs().min() > 0


def test_of_several_layers_the_greatest_counts() -> None:
    module = randomise(PathAttention(4), 0)
    draw = torch.Generator().manual_seed(1)
    layers = [
        PathLayer(*(torch.randn(size, generator=draw, dtype=torch.float64) for size in ((2, 5, 4), (4,), (4,))))
        for _ in range(3)
    ]
    greatest = torch.stack([layer.normalised() for layer in layers]).amax(dim=0)
    torch.testing.assert_close(module.over_layers(layers), module(greatest))


def test_half_precision_keeps_the_mean() -> None:
    module = PathAttention(4)
    torch.nn.init.normal_(module.score.weight, std=3.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        weights = module(torch.randn(2, 700, 4))
    assert weights.dtype == torch.float32
    assert math.isclose(float(weights.detach().mean()), 1.0, abs_tol=1e-4)
