"""What the three operations share: checks of their tensors, and the division of the work among threads."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

Unit = tuple[int, ...]

INDICES = {"indptr", "columns", "index", "lengths"}
"""Names of the tensors that are int64."""


def check(dtype: torch.dtype, tensors: dict[str, tuple[Tensor, tuple[int, ...]]]) -> None:
    """Check that all tensors are contiguous, on the CPU, of one float type (indices: int64) and of the right shape.

    Raises
    ------
    TypeError
        If a tensor has another type.
    ValueError
        If a tensor has another shape, is not contiguous or not on the CPU.
    """
    if dtype not in (torch.float32, torch.float64):
        raise TypeError(f"The attention kernels compute in float32 or float64, not in {dtype}.")
    for name, (tensor, shape) in tensors.items():
        wanted = torch.int64 if name in INDICES else dtype
        if tensor.dtype != wanted:
            raise TypeError(f"{name} has type {tensor.dtype}, expected {wanted}.")
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}, expected {shape}.")
        if tensor.device.type != "cpu" or not tensor.is_contiguous():
            raise ValueError(f"{name} must be a contiguous tensor on the CPU: call .contiguous() on it.")


def check_pattern(indptr: Tensor, columns: Tensor, n: int) -> None:
    """Check that a CSR pattern stays within n columns and its own length: the kernels do not look.

    Raises
    ------
    ValueError
        If it does not.
    """
    pointers, found = indptr.numpy(), columns.numpy()
    if pointers[0] != 0 or pointers[-1] != len(columns) or (np.diff(pointers) < 0).any():
        raise ValueError(f"indptr must rise from 0 to the number of entries, {len(columns)}.")
    if len(found) and not 0 <= found.min() <= found.max() < n:
        raise ValueError(f"columns must lie in 0..{n - 1}, found {found.min()}..{found.max()}.")


def check_genes(qkv: Tensor, spatial: Tensor, indptr: Tensor, columns: Tensor, bias: Tensor) -> None:
    """Check what attention over genes is given; raises as `check` and `check_pattern`."""
    if qkv.dim() != 5 or qkv.shape[2] != 3:
        raise ValueError(f"qkv has shape {tuple(qkv.shape)}, expected (B, G, 3, H, d).")
    _, G, _, H, _ = qkv.shape
    N = len(columns)
    tensors = {"indptr": (indptr, (G + 1,)), "columns": (columns, (N,)), "bias": (bias, (N, H))}
    check(qkv.dtype, {"qkv": (qkv, tuple(qkv.shape)), "spatial": (spatial, (G, H)), **tensors})
    check_pattern(indptr, columns, G)


def flat(tensor: Tensor) -> np.ndarray[Any, Any]:
    """View a contiguous tensor as a flat array."""
    return tensor.detach().numpy().reshape(-1)


def by_head(tensor: Tensor) -> np.ndarray[Any, Any]:
    """Copy a tensor (n, H) to an array (H, n)."""
    return np.ascontiguousarray(tensor.detach().numpy().T)


def run(work: Callable[[Unit], None], units: Iterable[Unit]) -> None:
    """Do independent units of work on ``torch.get_num_threads()`` threads; what they compute does not depend on it.

    The threads live for one call, and torch computes nothing here: so neither can be broken by a fork.
    """
    todo = list(units)
    threads = min(torch.get_num_threads(), len(todo))
    if threads <= 1:
        for unit in todo:
            work(unit)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, todo):
            pass
