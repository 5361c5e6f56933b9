"""What the answer of the paths loses on held-out cells when one of them is taken away."""

import logging
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pathlore.config import ModelConfig
from pathlore.errors import PathloreError
from pathlore.explain.significance import spearman
from pathlore.model import TextNumericGraphTransformer
from pathlore.model.readout import AdditiveReadout
from pathlore.schemas import Ablation
from pathlore.training.data import CellSet, blocks
from pathlore.training.sampling import sampled
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

MOST_CELLS = 20_000
"""Held-out cells that paths are taken away on; of more, a sample that is even over donors."""

MOST_VALUES = 2**23
"""Logits without each path, cells x paths x classes, that are held at a time (32 MiB)."""


def path_ablation(
    model: TrainedModel, cells: CellSet, importance: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, float]]:
    r"""Take away each path in turn, and see what the log loss of held-out cells becomes.

    The additive read-out is a sum over paths, so that a path is taken away exactly, without a new fit:

    .. math:: \ell^{(-p)} = \ell_{paths} - I_p c_p, \qquad
              \Delta_p = -\frac{1}{n} \sum_i \bigl[ \log \mathrm{softmax}(\ell_i^{(-p)})_{y_i}
              - \log \mathrm{softmax}(\ell_i)_{y_i} \bigr]

    with :math:`I_p c_p` as `pathlore.model.readout.AdditiveReadout` scales it. The branches on genes are left out of
    both: they answer the same question, so that a path could be missed in neither, and together they may be too sure,
    so that whatever is taken away helps. A path whose genes others share can be replaced by them and loses little,
    however strongly it changes.

    Parameters
    ----------
    model
        A fit with global importance and the additive read-out.
    cells
        Held-out cells, with labels; of more than `MOST_CELLS` a sample is taken.
    importance
        `pathlore.schemas.PathImportance` of the fit.

    Returns
    -------
    table, metrics
        `pathlore.schemas.Ablation`, the largest loss first; and ``spearman_importance_contribution``,
        ``spearman_importance_loss`` (NaN where one of them does not vary), ``log_loss`` (of the paths, nats),
        ``n_cells``. Where a model has no such score for each path, an empty table and no metrics: `why_no_ablation`
        has the reason, which is logged.

    Raises
    ------
    PathloreError
        There are no cells, or a path of the model has no importance.
    """
    reason = why_no_ablation(model.config)
    if reason:
        logger.info("Ablation: none, %s", reason)
        return Ablation.empty(), {}
    scores = importance.set_index("path")["importance"].reindex(model.paths)
    if not len(cells) or scores.isna().any():
        raise PathloreError(
            f"{len(cells)} held-out cells and {int(scores.notna().sum())} importances were found, at least one cell "
            f"and {len(scores)} importances were expected: path_importance, models and splits must be of one run"
        )
    cells = sampled(cells, MOST_CELLS)
    contribution, increase, whole = _ablated(model.module(), cells)
    table = pd.DataFrame(
        {
            "path": model.paths,
            "importance": scores.to_numpy(dtype=float),
            "contribution": contribution,
            "loss_increase": increase,
        }
    ).sort_values(["loss_increase", "path"], ascending=[False, True], ignore_index=True)
    table["rank_ablation"] = range(1, len(table) + 1)
    metrics = {
        "spearman_importance_contribution": spearman(table["importance"], table["contribution"]),
        "spearman_importance_loss": spearman(table["importance"], table["loss_increase"]),
        "log_loss": whole,
        "n_cells": float(len(cells)),
    }
    logger.info(
        "Ablation on %d cells: Spearman of importance with the loss %.2f, with the part of the logit %.2f",
        len(cells),
        metrics["spearman_importance_loss"],
        metrics["spearman_importance_contribution"],
    )
    return Ablation.validate(table), metrics


def why_no_ablation(config: ModelConfig) -> str:
    """The reason why a model's paths cannot be taken away one by one, in words; empty where they can."""
    if config.readout != "additive":
        return (
            "the paper's read-out mixes the paths before it classifies, so that no path has a part of its own "
            "(modeling.model.readout: additive)"
        )
    if config.importance != "global":
        weights = (
            "weights the paths in each cell separately"
            if config.importance == "per_cell"
            else "weights all paths equally"
        )
        return f"the model {weights}, so that no path has one importance to compare (modeling.model.importance: global)"
    return ""


@torch.inference_mode()
def _ablated(module: TextNumericGraphTransformer, cells: CellSet) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean absolute part of the logit (P,), increase of the log loss (P,), log loss of all paths together."""
    n_paths = len(module.path_nodes)
    classes = max(module.activity.contrasts, 2)
    device = module.gene_mean.device
    labels = torch.from_numpy(cells.labels).to(device)
    part_sum, loss_sum = torch.zeros(2, n_paths, dtype=torch.float64, device=device)
    bias = _of_classes(cast("AdditiveReadout", module.readout).bias.view(1, 1, -1)).double().flatten()  # (C,)
    whole, start = torch.zeros((), dtype=torch.float64, device=device), 0
    for block in blocks(cells.x, max(1, min(256, MOST_VALUES // (n_paths * classes)))):
        x = torch.from_numpy(block).to(device)
        truth = labels[start : start + len(x)]
        start += len(x)
        parts = _of_classes(module.contributions(x)).double()  # (B, P, C)
        logits = parts.sum(dim=1) + bias  # (B, C)
        without = logits.unsqueeze(1) - parts
        loss = -logits.log_softmax(dim=-1).gather(1, truth[:, None]).squeeze(1)
        ablated = -without.log_softmax(dim=-1).gather(2, truth[:, None, None].expand(-1, n_paths, 1)).squeeze(2)
        whole += loss.sum()
        loss_sum += (ablated - loss[:, None]).sum(dim=0)
        part_sum += parts.abs().mean(dim=2).sum(dim=0)
    n = len(cells)
    return (part_sum / n).cpu().numpy(), (loss_sum / n).cpu().numpy(), float(whole.cpu()) / n


def _of_classes(contributions: Tensor) -> Tensor:
    """Parts of the logits of all classes; (B, P, contrasts) -> (B, P, C)."""
    return contributions if contributions.shape[2] > 1 else torch.cat([-contributions, contributions], dim=2) / 2
