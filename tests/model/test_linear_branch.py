import pytest
import reference
import torch
from builders import build, random_cells, randomise
from numpy.testing import assert_allclose

from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.linear_branch import LinearBranch

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@pytest.mark.parametrize("classes", [2, 3])
def test_it_agrees_with_numpy(classes: int) -> None:
    module = LinearBranch(14, classes).double()
    generator = torch.Generator().manual_seed(classes)
    for buffer in module.buffers():
        buffer.copy_(torch.randn(buffer.shape, generator=generator, dtype=torch.float64))
    logits, x = torch.randn(5, classes, dtype=torch.float64), random_cells(5, 14)
    expected = reference.linear_branch(reference.weights(module), logits.numpy(), x.numpy())
    assert_allclose(module(logits, x).numpy(), expected, **CLOSE)


def test_before_it_is_fitted_the_paths_alone_answer(tensors: GraphTensors) -> None:
    module = randomise(LinearBranch(14, 2), 0)
    logits = torch.randn(5, 2, dtype=torch.float64)
    fresh = LinearBranch(14, 2).double()
    assert torch.equal(fresh(logits, random_cells(5, 14)), logits)
    assert not list(module.parameters())  # nothing that is trained, so that it takes nothing from the path scores
    assert build(tensors, linear_branch=False).linear is None


def test_training_looks_at_the_paths_alone(tensors: GraphTensors) -> None:
    """The branch speaks in evaluation only; the contributions are those to the paths' logits."""
    model, x = build(tensors), random_cells(6, 14)
    without = build(tensors, linear_branch=False)
    shared = {name: value for name, value in model.state_dict().items() if not name.startswith("linear.")}
    without.load_state_dict(shared)
    torch.testing.assert_close(model.train()(x), without.train()(x))
    model.eval(), without.eval()
    assert not torch.allclose(model(x), without(x))
    torch.testing.assert_close(model(x), model.linear(without(x), x))
    torch.testing.assert_close(model.path_logits(x), without(x))
    torch.testing.assert_close(model.contributions(x), without.contributions(x))
