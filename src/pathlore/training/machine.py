"""What a fit asks of the machine: precision, threads, deterministic operations, compilation."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from pathlore.config import EngineConfig, TrainingConfig
from pathlore.errors import PathloreError

CUBLAS = "CUBLAS_WORKSPACE_CONFIG"


def uses_cuda(config: TrainingConfig) -> bool:
    """Whether the fit runs on GPUs of NVIDIA (or AMD, which PyTorch calls by the same name)."""
    return config.accelerator == "cuda" or (config.accelerator == "auto" and torch.cuda.is_available())


def accelerator_found() -> bool:
    """Whether ``accelerator: auto`` would take anything but the processor."""
    return torch.cuda.is_available() or torch.backends.mps.is_available()


def one_per_gpu(engine: EngineConfig, config: TrainingConfig) -> EngineConfig:
    """The engine with as many workers as there are GPUs, where fits run on them and nothing else is asked for."""
    if engine.workers or not uses_cuda(config):
        return engine
    return engine.model_copy(update={"workers": max(1, torch.cuda.device_count())})


def precision(config: TrainingConfig) -> str:
    """Precision in the words of Fabric."""
    if config.precision != "auto":
        return config.precision
    return "bf16-mixed" if uses_cuda(config) and torch.cuda.is_bf16_supported() else "32-true"


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Let torch use so many processor threads for the length of the block; 0: as many as it likes."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def deterministic(*, wanted: bool) -> Iterator[None]:
    """Allow only operations that give the same bits each time, for the length of the block."""
    if not wanted:
        yield
        return
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    workspace = os.environ.get(CUBLAS)
    os.environ.setdefault(CUBLAS, ":4096:8")  # cuBLAS asks for it
    torch.use_deterministic_algorithms(mode=True)
    try:
        yield
    except RuntimeError as error:
        if "deterministic" not in str(error):
            raise
        raise PathloreError(
            f"an operation has no deterministic form on this device ({str(error).splitlines()[0]}): set "
            "modeling.training.deterministic: false"
        ) from error
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        if workspace is None:
            os.environ.pop(CUBLAS, None)


def compiled(module: nn.Module, config: TrainingConfig) -> Any:
    """The module as it is run: compiled if that is asked for, with CUDA graphs where all steps have one shape.

    Raises
    ------
    PathloreError
        A CUDA graph writes its gradients to one place, where accumulated batches would overwrite each other.
    """
    if config.compile != "reduce-overhead":
        return torch.compile(module) if config.compile else module
    if config.accumulate > 1:
        raise PathloreError(
            f"modeling.training.compile is reduce-overhead, which takes one batch for each step, but accumulate is "
            f"{config.accumulate}: set compile: true, or accumulate: 1"
        )
    return torch.compile(module, mode="reduce-overhead")


@contextmanager
def compilation() -> Iterator[None]:
    """Say in one line that the model cannot be compiled here."""
    from torch._dynamo.exc import TorchDynamoException

    try:
        yield
    except TorchDynamoException as error:
        reason = " ".join(str(error).split())[:300]
        raise PathloreError(
            f"the model cannot be compiled on this machine ({reason}): set modeling.training.compile: false"
        ) from error
