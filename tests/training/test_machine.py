import os

import pytest
import torch
from small_fits import training_config

from pathlore.errors import PathloreError
from pathlore.training.machine import CUBLAS, deterministic, precision, threads, uses_cuda


@pytest.mark.parametrize("available", [True, False])
def test_precision_is_chosen_by_the_device(monkeypatch, available):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    auto = training_config(accelerator="auto")
    assert uses_cuda(auto) == available
    assert precision(auto) == ("bf16-mixed" if available else "32-true")
    assert precision(training_config(accelerator="cpu")) == "32-true"
    assert precision(training_config(accelerator="cpu", precision="bf16-mixed")) == "bf16-mixed"


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), threads(before + 1):
        1 / (torch.get_num_threads() - before - 1)
    assert torch.get_num_threads() == before
    with threads(0):
        assert torch.get_num_threads() == before


def test_determinism_is_switched_off_again(monkeypatch):
    monkeypatch.delenv(CUBLAS, raising=False)
    with deterministic(wanted=False):
        assert not torch.are_deterministic_algorithms_enabled()
    with deterministic(wanted=True):
        assert torch.are_deterministic_algorithms_enabled()
        assert os.environ[CUBLAS]
    assert not torch.are_deterministic_algorithms_enabled()
    assert CUBLAS not in os.environ


def test_an_operation_without_a_deterministic_form():
    with pytest.raises(PathloreError, match=r"modeling\.training\.deterministic: false"), deterministic(wanted=True):
        torch.ones(3).put_(torch.tensor([0, 0]), torch.ones(2), accumulate=False)
    assert not torch.are_deterministic_algorithms_enabled()
    with pytest.raises(RuntimeError, match="something else"), deterministic(wanted=True):
        raise RuntimeError("something else")
