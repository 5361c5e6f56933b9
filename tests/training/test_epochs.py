"""A step of training gives the device its work and goes on: nothing in it waits for a number that is computed there."""

import pytest
import torch
from small_fits import model_config, training_config
from torch.utils._python_dispatch import TorchDispatchMode

from pathlore.errors import PathloreError
from pathlore.model import expander
from pathlore.model.attention import matrix
from pathlore.training.epochs import Epochs

READS = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "_unique2", "unique_dim", "unique_consecutive"}
"""Operations whose result, or the size of it, has to be known to the processor."""
MASKED = {"index", "index_put", "index_put_", "_index_put_impl_"}
"""Operations that look for the places of a mask if they are given one."""


class WaitError(AssertionError):
    """The processor would wait for the device."""


class NoWaiting(TorchDispatchMode):
    """Refuse what would make the processor wait for a GPU; count the operations."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):
        self.count += 1
        name = operation.overloadpacket.__name__
        indices = arguments[1] if name in MASKED else ()
        masked = any(one is not None and one.dtype in (torch.bool, torch.uint8) for one in indices)
        sized = name == "repeat_interleave" and (named or {}).get("output_size") is None
        if name in READS or masked or sized:
            raise WaitError(name)
        return operation(*arguments, **(named or {}))


@pytest.fixture
def steps(monkeypatch):
    """The steps that were taken: each is watched, and goes by the route of a GPU."""
    watched, step = [], Epochs._step

    def watch(self, batches, count, total_weight):
        drawn = iter(list(batches))  # the loader is no part of it
        with NoWaiting() as mode, monkeypatch.context() as patch:
            for method in ("cpu", "numpy", "tolist", "__array__"):  # which no operation shows on the processor

                def refuse(self, *given, method=method, **named):
                    raise WaitError(method)

                patch.setattr(torch.Tensor, method, refuse)
            value = step(self, drawn, count, total_weight)
        watched.append(mode.count)
        return value

    monkeypatch.setattr(matrix, "suits", lambda qkv: False)
    monkeypatch.setattr(expander, "shares_silent", lambda x: False)
    monkeypatch.setattr(Epochs, "_step", watch)
    return watched


@pytest.mark.parametrize(
    ("form", "changes"),
    [
        ({}, {}),
        ({"readout": "paper", "layers": 2}, {"optimizer": "adam", "sparsity": 0.0}),
        ({"attention": "graph", "importance": "per_cell"}, {"score_init_penalty": 0.1}),
        ({"checkpointing": True, "cross_attention": "expression"}, {"accumulate": 2, "class_weights": "none"}),
        ({"cross_attention": "text", "expression": "zscore"}, {"prior_weight": 0.0}),
    ],
    ids=["default", "paper", "graph", "accumulated", "text"],
)
def test_a_step_waits_for_nothing(run, data, steps, form, changes):
    _, history = run(data, training_config(epochs=2, **changes), model_config(**form))
    assert len(steps) == 2 * (2 if "accumulate" in changes else 3)
    assert history["train_loss"].notna().all()


@pytest.mark.parametrize(
    "look",
    [
        lambda loss, labels: float(loss),
        lambda loss, labels: loss if loss > 0 else -loss,
        lambda loss, labels: labels[labels > 0],
        lambda loss, labels: torch.isnan(loss).nonzero(),
        lambda loss, labels: labels.unique(),
        lambda loss, labels: loss.detach().cpu(),
    ],
    ids=["number", "condition", "mask", "places", "different", "copy"],
)
@pytest.mark.usefixtures("steps")
def test_what_would_wait_is_found(run, data, monkeypatch, look):
    loss_of = Epochs._loss

    def looking(self, logits, labels, *given):
        loss = loss_of(self, logits, labels, *given)
        look(loss, labels)
        return loss

    monkeypatch.setattr(Epochs, "_loss", looking)
    with pytest.raises(WaitError):
        run(data, training_config(epochs=1), model_config())


def test_a_loss_that_is_no_number_is_found_at_the_end_of_its_epoch(run, data, steps):
    """In the second of three steps; the prior's term must not stop at scores that are no numbers."""
    config = training_config(learning_rate=1e30, importance_learning_rate=1e38, prior_weight=0.3)
    with pytest.raises(PathloreError, match=r"the training loss is nan: lower modeling\.training\.learning_rate"):
        run(data, config, model_config(readout="paper"))
    assert len(steps) == 3
