"""How high the scores of the paths may stand: above one half only where the training donors support a path."""

import logging

import numpy as np
import torch
from torch import Tensor

from pathlore.training.data import CellSet
from pathlore.training.path_statistics import contrasts, path_statistics
from pathlore.training.relabelling import LEVEL, family_p, relabellings
from pathlore.training.replicates import donor_means

logger = logging.getLogger(__name__)

MOST = 1_000
"""Relabellings of the training donors, at most: enough to tell p from `LEVEL`."""


def run_p(train: CellSet, nodes: np.ndarray, signs: np.ndarray) -> float:
    """P of the run's best path over the training donors (max-T over all their relabellings).

    See `pathlore.training.path_statistics.path_statistics` and `pathlore.training.relabelling.family_p`.

    Parameters
    ----------
    train
        The training cells.
    nodes, signs
        (P, L) gene at each place, -1 behind the end; product of the steps' signs to each place, 0 behind the end.

    Returns
    -------
    NaN where donors are not known, or so few that no p below `LEVEL` is possible.
    """
    donors = donor_means([train])
    kinds, classes = np.unique(donors.classes, return_inverse=True)
    if len(kinds) < len(np.unique(train.labels)) or len(classes) <= len(kinds):
        return float("nan")
    groups = donors.exchanged
    drawn = relabellings(classes, groups, MOST)
    if drawn.least_p > LEVEL:
        return float("nan")
    statistic = path_statistics(donors, drawn, groups, nodes, signs, contrasts(len(kinds), donors.contrast))[0]
    return float(family_p(statistic).min())


def calibrated(scores: Tensor, start: float, p: float) -> tuple[Tensor, float]:
    r"""Bring the highest score down to where p allows it to be, the order of the paths unchanged.

    .. math:: M_p \leftarrow M_0 + k\,(M_p - M_0),\qquad
              k = \min\Big(1, \frac{h - M_0}{\max_p M_p - M_0}\Big),\qquad
              h = \max\big(\log \tfrac{0.05}{p}, \tfrac{M_0}{2}\big)

    where :math:`p \ge 0.05`, so that :math:`h \le 0` and no importance is above one half; else k = 1. Of runs in which
    the classes mean nothing, 5 % at most show a path above one half.

    Parameters
    ----------
    scores
        (P,) M.
    start
        :math:`M_0`; where it is not below 0, an importance of one half means nothing, and k = 1.
    p
        From `run_p`; NaN: k = 1.

    Returns
    -------
    scores, k
    """
    highest, top = max(float(np.log(LEVEL / p)), start / 2), float(scores.max())
    if not (p >= LEVEL and start < 0 and top > highest):
        return scores, 1.0
    k = (highest - start) / (top - start)
    logger.info(
        "Importance: the best path has p %.2g over the training donors, so none exceeds 0.5 (the first one has %.2f, "
        "%.2f before)",
        p,
        torch.sigmoid(torch.tensor(highest)),
        scores.max().sigmoid(),
    )
    return start + k * (scores - start), k
