"""Standardisation over the cells of a batch, also where the batch is divided among processes."""

from typing import Any

import torch
from torch import Tensor, distributed, nn


class StandardiseOverCells(nn.BatchNorm1d):
    r"""Standardise each feature over the cells of the whole batch; no affine part.

    .. math:: \hat x_{bf} = \frac{x_{bf} - \mu_f}{\sqrt{\sigma_f^2 + \epsilon}},\qquad
              \mu_f = \frac{1}{B} \sum_b x_{bf},\qquad \sigma_f^2 = \frac{1}{B} \sum_b (x_{bf} - \mu_f)^2

    In one process this is `torch.nn.BatchNorm1d` without its affine part. Where training runs in several processes,
    B counts the cells of all of them, which may hold different numbers of cells: sums are added up over the processes,
    forward and backward, so that every process sees the statistics of one large batch, on any device
    (`torch.nn.SyncBatchNorm` is for GPUs alone). In evaluation the running statistics are used.

    Parameters
    ----------
    features
        Number of features; the input is (B, features).

    Source: arXiv 1502.03167.
    """

    def __init__(self, features: int) -> None:
        super().__init__(features, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        """Standardise; x (B, features) -> the same shape."""
        if not (self.training and in_several_processes()):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            values = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
            cells = values.new_full((1,), float(len(values)))
            sums = sum_over_processes(torch.cat([values.sum(dim=0), cells]))
            n = sums[-1].detach()  # B
            mean = sums[:-1] / n
            centred = values - mean
            variance = sum_over_processes(centred.square().sum(dim=0)) / n
            self._track(mean.detach(), variance.detach(), n)
            return (centred * torch.rsqrt(variance + self.eps)).to(x.dtype)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor, n: Tensor) -> None:
        """Update the running statistics as `torch.nn.BatchNorm1d` does."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        weight = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean), weight)
        self.running_var.lerp_((variance * n / (n - 1)).to(self.running_var), weight)


def in_several_processes() -> bool:
    """Whether this process is one of several that train together."""
    return distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1


def sum_over_processes(x: Tensor) -> Tensor:
    """Add up a tensor over the processes; the gradient is added up likewise."""
    return _Sum.apply(x)


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        distributed.all_reduce(total)
        return total
