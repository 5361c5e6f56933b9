"""Step 5: the loss, and the fold-change prior that it can lean on."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pathlore.graph.text_numeric_graph import TextNumericGraph


def path_prior(graph: TextNumericGraph, mode: str) -> np.ndarray:
    r"""How much the genes of each path change, from 0 to 1 over the paths.

    .. math:: w_p = \mathrm{minmax}_p\Big(\frac{1}{L_p} \sum_{g \in p} f(\mathrm{lfc}_g)\Big),\qquad
              f = |\cdot|\ (\text{deg}),\ \max(\cdot, 0)\ (\text{up}),\ \max(-\cdot, 0)\ (\text{down})

    The log fold changes are those of the training cells, as they stand on the graph's entities.

    Returns
    -------
    (P,) float64; all zero if no path differs from another.
    """
    change = graph.entities.set_index("gene")["log_fold_change"]
    strength = {"deg": change.abs(), "up": change.clip(lower=0), "down": (-change).clip(lower=0)}[mode].to_dict()
    means = np.array([np.nanmean([strength[gene] for gene in genes]) for genes in graph.path_genes])
    span = means.max() - means.min()
    differ = span > 1e-12 * means.max()  # not by rounding alone
    return (means - means.min()) / span if differ else np.zeros_like(means)


def total_loss(
    logits: Tensor,
    labels: Tensor,
    importance: Tensor,
    *,
    class_weights: Tensor | None,
    prior: Tensor,
    prior_weight: float,
    sparsity: float,
    total_weight: float | None = None,
    share: float = 1.0,
) -> Tensor:
    r"""Classification loss with what is asked of the path scores.

    .. math:: \mathrm{CE}_{w}(\mathrm{logits}, y) + \lambda\,\big[\mathrm{BCE}(I, 0) + \mathrm{BCE}(I, w)\big]
              + \gamma\, \overline{I},\qquad
              \mathrm{CE}_w = \frac{\sum_b \omega_{y_b} \mathrm{CE}_b}{\sum_b \omega_{y_b}}

    The loss of a batch that is computed in parts is the sum of the parts' losses, if each is given the whole batch's
    :math:`\sum_b \omega_{y_b}` and its share in the other two terms.

    Parameters
    ----------
    logits, labels
        (B, C) and (B,) int64.
    importance, prior
        I and w, (P,).
    class_weights
        :math:`\omega`, (C,), or None: all 1.
    prior_weight, sparsity
        :math:`\lambda` and :math:`\gamma`; 0 switches a term off.
    total_weight
        :math:`\sum_b \omega_{y_b}` over the cells of all parts; None: these cells are the whole batch.
    share
        What the terms of the path scores are multiplied by: 1 over the number of parts.
    """
    logits, scores = _at_least_single(logits), _at_least_single(importance)
    weights = None if class_weights is None else class_weights.to(logits)
    if total_weight is None:
        loss = functional.cross_entropy(logits, labels, weight=weights)
    else:
        loss = functional.cross_entropy(logits, labels, weight=weights, reduction="sum") / total_weight
    if prior_weight:
        with torch.autocast(scores.device.type, enabled=False):  # CUDA refuses this function under autocast
            some = scores.nan_to_num(0.5)  # the function stops at NaN, which is to be seen in the loss of all cells
            to_zero = functional.binary_cross_entropy(some, torch.zeros_like(some))
            to_prior = functional.binary_cross_entropy(some, prior.to(some))
        loss = loss + share * prior_weight * (to_zero + to_prior)
    return loss + share * sparsity * scores.mean() if sparsity else loss


def _at_least_single(values: Tensor) -> Tensor:
    """Half precision becomes single; single and double stay as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))
