"""What the training cells fix of the paths before the first step: their activity, and where their scores begin."""

import logging
from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import expit
from torch import Tensor

from pathlore.config import ModelConfig
from pathlore.model import TextNumericGraphTransformer
from pathlore.training.batches import labelled_activities
from pathlore.training.data import CellSet, class_ranks
from pathlore.training.effects import effects
from pathlore.training.path_log_odds import SIGN_MODELS, explain_changes, likelihoods, weigh_sign_models
from pathlore.training.path_statistics import contrasts
from pathlore.training.replicates import DonorMeans, training_replicates
from pathlore.training.text_sharing import shared_parts

logger = logging.getLogger(__name__)

LEFT_OUT = 10
"""Groups of replicates that are left out in turn, at most."""


def fit_paths(module: TextNumericGraphTransformer, train: CellSet, config: ModelConfig, *, stable: bool = True) -> None:
    r"""Fit the paths' activity, and let their scores begin at their log odds.

    .. math:: W_{pl} \propto \sum_h \omega_h\, o^h_p\, \frac{s^h_{pl}}{\mathrm{sd}(a^h_p)},\qquad
              M_p = M_0 + \eta\, \hat e_p

    with the weights :math:`\omega` of the sign models in which changes travel and the log odds e of each path
    (standardised by median and sd over the paths), see `pathlore.training.path_log_odds` and `stable_log_odds`.
    :math:`s^h` are the directions of sign model h, :math:`o^h_p` its orientation. With more than two classes, whose
    directions differ, W takes the likelier of the two sign models with directions alone, and a path's log odds are
    those of its best contrast. Training moves M from there, and ``score_init_penalty`` pulls it back; `share_scores`
    follows.

    Parameters
    ----------
    module
        Changed in place.
    train
        The training cells, all that is looked at.
    config
        :math:`M_0` is ``importance_start``, :math:`\eta` ``log_odds_weight``.
    stable
        False: log odds of all replicates at once, and no word in the log.
    """
    nodes = torch.where(module.path_mask, module.path_nodes, -1).numpy()
    signs = np.sign(module.path_signs.numpy())
    replicates = training_replicates(train)
    compared = contrasts(len(np.unique(replicates.classes)), replicates.contrast)
    changes = [effects(replicates.log_means, replicates.classes, c.weights, replicates.nuisance) for c in compared]
    weights = np.mean([_weighed(change, nodes, signs)[0] for change in changes], axis=0)
    if config.sign_model != "auto":
        weights = np.array([float(sign_model == config.sign_model) for sign_model in SIGN_MODELS])
    elif len(changes) > 1:
        weights = np.eye(len(SIGN_MODELS))[np.argmax(weights[:2])]
    _fit_activity(module, train, weights, changes[0])
    log_odds = path_log_odds(replicates, nodes, signs, stable=stable)
    said = ", ".join(f"{w} {x:.2f}" for w, x in zip(SIGN_MODELS, weights, strict=True))
    logger.log(logging.INFO if stable else logging.DEBUG, "How changes travel: %s", said)
    if config.log_odds_weight and log_odds.std() > 0:
        standardised = (log_odds - np.median(log_odds)) / log_odds.std()
        start = config.importance_start + config.log_odds_weight * standardised
        with torch.no_grad():
            module.importance.logits.copy_(torch.from_numpy(start))
            module.importance.unit.fill_(log_odds.std() / config.log_odds_weight)


def path_log_odds(replicates: DonorMeans, nodes: np.ndarray, signs: np.ndarray, *, stable: bool = True) -> np.ndarray:
    """Log odds that each path changes as a whole, (P,), in its best contrast; arguments as for `stable_log_odds`.

    Without ``stable``, of all replicates at once: a tenth of the time.
    """
    compared = contrasts(len(np.unique(replicates.classes)), replicates.contrast)
    if stable:
        return np.asarray(np.max([stable_log_odds(replicates, c.weights, nodes, signs) for c in compared], axis=0))
    means, classes, blocks = replicates.log_means, replicates.classes, replicates.nuisance
    return np.asarray(
        np.max([_weighed(effects(means, classes, c.weights, blocks), nodes, signs)[1] for c in compared], axis=0)
    )


def stable_log_odds(
    replicates: DonorMeans, inside: int | np.ndarray, nodes: np.ndarray, signs: np.ndarray
) -> np.ndarray:
    r"""Log odds of each path, class ``inside`` against the others, as the mean over replicates left out in turn.

    .. math:: e_p = \frac1K \sum_{k=1}^K e_p^{(-k)}

    One donor must not decide which of two siblings explains a change: competing paths make the log odds jump, and the
    mean is steadier than the log odds of all replicates at once, and finds more planted paths. A paired donor is left
    out with all of its replicates.

    Parameters
    ----------
    replicates
        Of the training cells, see `pathlore.training.replicates.training_replicates`.
    inside
        Class or contrast, see `pathlore.training.effects.effects`.
    nodes, signs
        (P, L), see `pathlore.training.path_log_odds.explain_changes`.

    Returns
    -------
    (P,). Where a class would be left with a single replicate, the log odds of all.
    """
    classes = replicates.classes
    ranks = class_ranks(classes, int(classes.max()) + 1)
    order = np.argsort(ranks[classes], kind="stable")
    names = [replicates.donors[i] for i in order]
    unit = {name: place for place, name in enumerate(dict.fromkeys(names))}
    group = np.array([unit[name] for name in replicates.donors]) % min(LEFT_OUT, len(unit))
    parts = [replicates.without(group == k) for k in range(group.max() + 1)]
    kinds = np.unique(classes)
    if min(np.bincount(part.classes, minlength=classes.max() + 1)[kinds].min() for part in parts) < 2:
        parts = [replicates]
    changes = [effects(part.log_means, part.classes, inside, part.nuisance) for part in parts]
    return np.asarray(np.mean([_weighed(change, nodes, signs)[1] for change in changes], axis=0))


def _weighed(change: np.ndarray, nodes: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the sign models (3,), and the paths' log odds over them (P,)."""
    genes = likelihoods(change)
    return weigh_sign_models([explain_changes(genes, nodes, signs, sign_model) for sign_model in SIGN_MODELS])


def share_scores(
    logits: Tensor, path_vectors: np.ndarray, nodes: np.ndarray, pathways: Sequence[str | None] | None, weight: float
) -> Tensor:
    r"""Let paths of one named pathway, or with similar sentences, share what was learned of them.

    .. math:: M_p \leftarrow a\,\big(M_p + \theta\, \mathrm{sd}(M)\, (l_p + f_p)\big) - \delta

    with the part l of the standardised scores that the pathways explain, and the part f that the sentences add to it,
    see `pathlore.training.text_sharing.shared_parts`, and with a and :math:`\delta` such that the spread of the scores
    and the mean importance stay what they were. Of several paths that carry one signal, training needs only a few; the
    others get a part of their score back.

    Parameters
    ----------
    logits
        (P,) scores M after training.
    path_vectors
        (P, T) sentence vectors.
    nodes
        (P, L) gene at each place, -1 behind the end of a path.
    pathways
        (P,) named pathway of each path, None where it has none; None: no path has one.
    weight
        :math:`\theta`, ``shared_importance``.
    """
    scores = logits.double().numpy()
    spread = scores.std()
    if not weight or spread == 0:
        return logits
    shared = shared_parts((scores - scores.mean()) / spread, path_vectors, nodes, pathways)
    logger.info(
        "Shared scores, weights from 0 to 1: named pathways %.2f, sentences beyond them %.2f",
        shared.pathway_weight,
        shared.text_weight,
    )
    moved = scores + weight * spread * (shared.pathway + shared.text)
    moved = (moved - moved.mean()) * spread / moved.std() + scores.mean()
    mean, farthest = expit(scores).mean(), float(np.abs(moved - scores).max()) + 1.0
    delta = brentq(lambda shift: expit(moved - shift).mean() - mean, -farthest, farthest)
    return torch.from_numpy(moved - delta).to(logits)


def _fit_activity(module: TextNumericGraphTransformer, train: CellSet, weights: np.ndarray, change: np.ndarray) -> None:
    """Mix the sign models, each standardised and, with two classes, oriented; then standardise the mixture."""
    activity = module.activity
    shares = module.path_signs.abs()
    directions = torch.from_numpy(np.where(change < 0, -1.0, 1.0)).float()[module.path_nodes]
    mixed = torch.zeros_like(shares)
    for weight, directed in zip(weights, (shares, module.path_signs, shares * directions), strict=True):
        if weight > 0:
            activity.weights.copy_(directed)
            activity.fit(labelled_activities(module, train))
            orientation = activity.orientation[:, 0] if activity.contrasts == 1 else torch.ones(len(shares))
            varies = activity.sd > 0
            mixed += (weight * orientation * varies / activity.sd.where(varies, 1)).unsqueeze(1) * directed
    activity.weights.copy_(mixed)
    activity.sign_model_weights.copy_(torch.from_numpy(weights))
    activity.fit(labelled_activities(module, train))
