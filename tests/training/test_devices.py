"""What is worked out from a model is worked out where the model lies.

There is no GPU on most machines that run these tests. Torch's device "meta" stands for one: it computes shapes alone,
and refuses, as a GPU does, an operation between a tensor there and one on the processor. That the values are the same
on a GPU is a test of its own, which needs one.
"""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_fits import model_config, training_config

from pathlore.evaluation.methods import mean_attention
from pathlore.explain.ablation import _ablated
from pathlore.explain.importance import activity_auroc
from pathlore.explain.integrated_gradients import gene_attributions
from pathlore.scoring.score import logit_parts
from pathlore.training.batches import path_activities
from pathlore.training.trained_model import predict


def everything(model, data):
    """Each way by which pipelines ask a model, and the shapes of the answers."""
    cells, module = data["test"], model.module()
    n, genes = cells.x.shape
    labels, baseline = cells.labels, np.zeros(genes, dtype=np.float32)
    parts = logit_parts(model, cells, 7, keep=True)
    attributions, gap = gene_attributions(module, cells.x, labels, baseline, 2)
    contribution, increase, _ = _ablated(module, cells)
    found = {
        "predict": predict(module, cells.x, 7),
        "activities": path_activities(module, cells.x).numpy(),
        "effect": activity_auroc(module, cells),
        "logits": parts.logits,
        "paths": parts.paths,
        "graph genes": parts.branches["graph_genes"],
        "attributions": attributions,
        "gap": gap,
        "contribution": contribution,
        "increase": increase,
        "attention": mean_attention(module, cells, 7),
    }
    assert found["predict"].shape[0] == found["attributions"].shape[0] == n
    return found


@pytest.fixture
def model(run, data):
    return run(data, training_config(epochs=1), model_config())[0]


def test_nothing_mixes_two_devices(model, data, monkeypatch):
    expected = everything(model, data)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # which "meta" does not know
    real = torch.Tensor.cpu
    monkeypatch.setattr(
        torch.Tensor, "cpu", lambda self: torch.zeros(self.shape, dtype=self.dtype) if self.is_meta else real(self)
    )
    found = everything(replace(model, device="meta"), data)
    assert {name: value.shape for name, value in found.items()} == {n: v.shape for n, v in expected.items()}


def test_the_stand_in_refuses_a_mixture(model, data):
    """Cells that were left on the processor would be noticed."""
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        model.module("meta")(torch.from_numpy(data["test"].x[:2].toarray()))


def test_the_device_of_the_fit_is_kept_and_taken_where_it_is_there(model, monkeypatch):
    assert model.device == ("cuda" if torch.cuda.is_available() else "cpu")
    asked = []
    monkeypatch.setattr(torch.nn.Module, "to", lambda self, device: asked.append(device) or self)
    fitted = replace(model, device="cuda")
    for there in (True, False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        fitted.module()
    model = replace(model, device="cpu")
    model.module()
    assert asked == ["cuda", "cpu", "cpu"]


@pytest.mark.gpu
def test_a_gpu_gives_the_same(model, data):
    expected = everything(replace(model, device="cpu"), data)
    found = everything(replace(model, device="cuda"), data)
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-3, atol=1e-4, err_msg=name)
