"""Which genes a prediction rests on, by the gradients of the model: a check on the importance of genes."""

import logging

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pathlore.explain.core_network import gene_importance
from pathlore.explain.significance import spearman
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model import TextNumericGraphTransformer
from pathlore.training.data import CellSet, blocks
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

TOP = 10
"""Genes whose overlap is counted."""
CELLS_AT_A_TIME = 64


def gene_attributions(
    module: TextNumericGraphTransformer,
    x: np.ndarray,
    labels: np.ndarray,
    baseline: np.ndarray,
    steps: int,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Attribute the margin for each cell's own class to its genes, by Integrated Gradients.

    .. math:: \mathrm{IG}_g(x) = (x_g - \bar x_g)\, \sum_{s=1}^{S}
              w_s \frac{\partial F}{\partial x_g}\bigl(\bar x + a_s (x - \bar x)\bigr)

    F is the logit of the cell's class less the mean of the other classes'; a and w are points and weights of
    Gauss-Legendre quadrature on [0, 1], of which 4 leave about 2 in 10,000 of the difference. The parts add up to
    :math:`F(x) - F(\bar x)` as S grows (completeness).

    Parameters
    ----------
    module
        In evaluation mode.
    x
        (n, G) log(1 + normalised) expression.
    labels
        (n,) int64.
    baseline
        (G,), where the way begins: the mean training cell.
    steps
        S.

    Returns
    -------
    attributions, gap
        (n, G); and (n,) what is missing to completeness, :math:`F(x) - F(\bar x) - \sum_g \mathrm{IG}_g`.

    Source: arXiv 1703.01365.
    """
    module.eval()
    device = module.gene_mean.device
    start = torch.from_numpy(np.asarray(baseline, dtype=np.float32)).to(device)
    places, weights = (np.polynomial.legendre.leggauss(steps)[i] / 2 for i in (0, 1))
    found, gaps, done = [], [], 0
    for block in blocks(x, CELLS_AT_A_TIME):
        cells = torch.from_numpy(block).to(device)
        truth = torch.from_numpy(labels[done : done + len(cells)]).to(device)
        done += len(cells)
        difference, total = cells - start, torch.zeros_like(cells, dtype=torch.float64)
        for place, weight in zip((places + 0.5).tolist(), weights.tolist(), strict=True):
            point = (start + place * difference).requires_grad_()
            (gradient,) = torch.autograd.grad(_margin(module(point), truth).sum(), point)
            total += weight * gradient.double()
        parts = difference.double() * total
        with torch.no_grad():
            ends = _margin(module(cells), truth) - _margin(module(start.expand_as(cells)), truth)
        found.append(parts.cpu())
        gaps.append((ends.double() - parts.sum(dim=1)).cpu())
    return torch.cat(found).numpy(), torch.cat(gaps).numpy()


def gradient_agreement(
    model: TrainedModel,
    graph: TextNumericGraph,
    cells: CellSet,
    importance: pd.DataFrame,
    *,
    steps: int = 4,
    max_cells: int = 100,
    seed: int = 0,
) -> dict[str, float]:
    r"""Compare the importance of genes with their mean absolute Integrated Gradients on test cells.

    Parameters
    ----------
    model
        The fit; the branches on genes stay outside, since importance speaks of the paths.
    graph
        The graph it was fitted on; the baseline is its mean training cell.
    cells
        Test cells.
    importance
        `pathlore.schemas.PathImportance`; a gene's importance is the sum over the paths through it.
    steps
        Points on the way from the baseline to the cell.
    max_cells
        Test cells, drawn where there are more.
    seed
        Of the draw.

    Returns
    -------
    ``spearman`` over all genes of the graph, ``top_10_overlap`` (share of the first ten genes that both have),
    ``completeness_gap`` (mean absolute gap over the mean absolute difference of the margin), ``n_cells``, ``n_genes``
    and ``steps``. Metrics are NaN where there is no test cell or nothing varies.
    """
    chosen = np.arange(len(cells))
    if len(chosen) > max_cells:
        chosen = np.sort(np.random.default_rng(seed).choice(len(cells), max_cells, replace=False))
    counts = {"n_cells": float(len(chosen)), "n_genes": float(len(graph.genes)), "steps": float(steps)}
    if not len(chosen):
        return {name: float("nan") for name in ("spearman", f"top_{TOP}_overlap", "completeness_gap")} | counts
    baseline = graph.entities["mean"].to_numpy()
    parts, gap = gene_attributions(model.module(), cells.x[chosen], cells.labels[chosen], baseline, steps)
    sums = gene_importance(importance, graph).set_index("gene")["importance"].reindex(graph.genes, fill_value=0.0)
    strength = pd.Series(np.abs(parts).mean(axis=0), index=graph.genes)
    first = [set(values.sort_values(ascending=False, kind="stable").index[:TOP]) for values in (sums, strength)]
    margin = np.abs(parts.sum(axis=1) + gap).mean()
    metrics = {
        "spearman": spearman(sums, strength),
        f"top_{TOP}_overlap": len(first[0] & first[1]) / min(TOP, len(sums)),
        "completeness_gap": float(np.abs(gap).mean() / margin) if margin > 0 else float("nan"),
    }
    logger.info(
        "Integrated Gradients on %d cells: Spearman with the genes' importance %.2f, completeness gap %.1e",
        len(chosen),
        metrics["spearman"],
        metrics["completeness_gap"],
    )
    return metrics | counts


def _margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Logit of each cell's class less the mean of the others'; (n, C), (n,) -> (n,)."""
    chosen = logits.gather(1, labels[:, None]).squeeze(1)
    return chosen - (logits.sum(dim=1) - chosen) / (logits.shape[1] - 1)
