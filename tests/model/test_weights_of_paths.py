"""What a path's weight is: one score for all cells, attention of each cell, or none; through the whole model."""

import pytest
import reference
import torch
from builders import build, clone, model_config, random_cells
from numpy.testing import assert_allclose

from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.transformer import TextNumericGraphTransformer

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
READOUTS = {"additive": 0.1, "paper": 1.0}
"""Read-out -> mean weight of a path where there is no global score."""


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("importance", ["global", "per_cell", "none"])
@pytest.mark.parametrize("classes", [2, 3])
def test_forward_agrees_with_numpy(
    tensors: GraphTensors, plain: reference.Graph, readout: str, importance: str, classes: int
) -> None:
    model = build(tensors, classes=classes, readout=readout, importance=importance)
    x = random_cells(3, 14)
    w = reference.weights(model)
    expected = reference.forward(w, plain, x.numpy(), zscore=True, heads=2, importance=importance)
    assert_allclose(model(x).detach().numpy(), expected, **CLOSE)


@pytest.mark.parametrize("readout", READOUTS)
def test_the_weights_that_are_told_are_those_that_are_used(
    tensors: GraphTensors, plain: reference.Graph, readout: str
) -> None:
    x, mean = random_cells(5, 14), READOUTS[readout]
    per_cell = build(tensors, readout=readout, importance="per_cell")
    found = per_cell.path_weights(x).detach().numpy()
    layers = reference.encode_paths(reference.weights(per_cell), plain, x.numpy(), zscore=True, heads=2)
    shares = reference.attention_over_paths(reference.part(reference.weights(per_cell), "path_attention"), layers)
    assert_allclose(found, mean * shares, **CLOSE)
    assert_allclose(found.mean(axis=1), mean)
    assert found.std(axis=0).min() > 1e-4 * mean  # cells differ
    none = build(tensors, readout=readout, importance="none").path_weights(x)
    assert_allclose(none.numpy(), mean)
    for_all = build(tensors, readout=readout)
    expected = for_all.importance().expand(5, -1)
    assert torch.equal(for_all.path_weights(x), expected)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("importance", ["global", "per_cell", "none"])
def test_contributions_add_up_to_the_logits_of_the_paths(tensors: GraphTensors, classes: int, importance: str) -> None:
    form = {"classes": classes, "importance": importance}
    model, x = build(tensors, branches=[], **form), random_cells(5, 14)
    total, logits = model.contributions(x).sum(dim=1) + model.readout.bias, model(x)
    torch.testing.assert_close(logits[:, 1:] - logits[:, :1] if classes == 2 else logits, total)


@pytest.mark.parametrize("readout", READOUTS)
def test_at_the_start_attention_weighs_all_paths_alike(tensors: GraphTensors, readout: str) -> None:
    def start(importance: str) -> TextNumericGraphTransformer:
        form = {"readout": readout, "importance": importance}
        return TextNumericGraphTransformer(model_config(**form), clone(tensors), 2).double().eval()

    x, per_cell, none = random_cells(4, 14), start("per_cell"), start("none")
    assert set(per_cell.state_dict()) - set(none.state_dict()) == {"path_attention.score.weight"}
    per_cell.load_state_dict(none.state_dict(), strict=False)
    torch.testing.assert_close(per_cell(x), none(x), **CLOSE)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("importance", ["per_cell", "none"])
def test_what_is_learned_without_a_global_score(tensors: GraphTensors, readout: str, importance: str) -> None:
    """The attention's score gets a gradient from the first step on; M has no part, and all else still learns.

    With one layer and equal weights the additive read-out does not see the bias of the last norm, see
    test_with_one_layer_the_read_out_ignores_the_bias_of_the_last_norm; dropout tells the layers apart.
    """
    torch.manual_seed(0)
    form = {"readout": readout, "importance": importance, "layers": 2, "dropout": 0.1}
    model = TextNumericGraphTransformer(model_config(**form), clone(tensors), 2).double().train()
    x, labels = random_cells(24, 14), torch.arange(24) % 2
    model.activity.fit([(model.path_activity(x), labels)])
    torch.nn.functional.cross_entropy(model(x), labels).backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    without = {name for name, grad in gradients.items() if grad is None or float(grad.abs().max()) < 1e-12}
    assert without == {"importance.logits"}
    assert ("path_attention.score.weight" in gradients) == (importance == "per_cell")
