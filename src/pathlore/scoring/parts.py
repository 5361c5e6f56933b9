"""The logit of a cell, taken apart: paths, linear branch and bias, which add up to it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from pathlore.model import TextNumericGraphTransformer
from pathlore.model.readout import AdditiveReadout
from pathlore.progress import following
from pathlore.training.data import blocks


@dataclass(frozen=True)
class Parts:
    """What adds up to the logits; S is 1 for two classes, else C.

    Attributes
    ----------
    logits
        (n, C) float64, the model's own.
    paths
        (n, P, S) float32: the part of each path; None where the read-out has none or they are not wanted.
    linear_branch
        (n, S) float64: the part of the regression on single genes; 0 where there is none.
    bias
        (S,) float64.
    """

    logits: np.ndarray
    paths: np.ndarray | None
    linear_branch: np.ndarray | None
    bias: np.ndarray | None


@torch.inference_mode()
def logit_parts(
    module: TextNumericGraphTransformer, x: sparse.csr_matrix, missing: np.ndarray, batch_size: int, *, keep: bool
) -> Parts:
    r"""Take the logits of the additive read-out apart.

    .. math:: \ell = s_1 \Bigl( \frac{\tau}{\sqrt P} \sum_p I_p c_p + b \Bigr) + s_2 (x W + b')

    with the shares s of `pathlore.model.linear_branch.LinearBranch` (1 and 0 without one). With two classes
    :math:`\ell` is the logit of the case less that of the control; with more, each class has its own. The paper's
    read-out mixes the paths before it classifies: logits alone.

    Parameters
    ----------
    module
        In evaluation mode.
    x
        (n, G) log(1 + normalised).
    missing
        (G,) bool: genes that were not measured; the mean of the training cells takes their place.
    batch_size
        Cells at a time.
    keep
        Whether the parts of the paths are wanted; n x P numbers.
    """
    additive = isinstance(module.readout, AdditiveReadout)
    logits, paths, linear = [], [], []
    device, means = module.gene_mean.device, module.gene_mean.cpu().numpy()
    for block in following(blocks(x, batch_size), "Scoring cells", x.shape[0], sizes=True):
        block[:, missing] = means[missing]
        cells = torch.from_numpy(block).to(device)
        if not additive:
            logits.append(module(cells).double().cpu())
            continue
        own, others, bias = (part.cpu() for part in _parts(module, cells))
        total = own.double().sum(dim=1) + others + bias  # (B, S)
        logits.append(total if total.shape[1] > 1 else torch.cat([-total, total], dim=1) / 2)
        linear.append(others)
        if keep:
            paths.append(own)
    joined = torch.cat(logits).numpy() if logits else np.zeros((0, max(module.activity.contrasts, 2)))
    if not additive or not logits:
        return Parts(joined, None, None, None)
    kept = torch.cat(paths).numpy() if keep else None
    return Parts(joined, kept, torch.cat(linear).numpy(), bias.numpy())


def _parts(module: TextNumericGraphTransformer, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Parts of the paths (B, P, S), of the linear branch (B, S), and the bias (S,)."""
    paths = module.contributions(x)
    bias = cast("AdditiveReadout", module.readout).bias.double()
    branch = module.linear
    if branch is None:
        return paths, torch.zeros(len(x), len(bias), dtype=torch.float64, device=x.device), bias
    linear = branch.share[1].double() * (x @ branch.weights + branch.bias).double()
    return branch.share[0] * paths, linear, branch.share[0].double() * bias
