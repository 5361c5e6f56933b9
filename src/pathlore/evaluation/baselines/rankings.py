"""Orders of the paths that need no model: what any learned importance has to be better than."""

import numpy as np

from pathlore.evaluation.baselines.path_activity import path_activities
from pathlore.evaluation.fitted import Fitted
from pathlore.keys import Split
from pathlore.model import path_prior
from pathlore.study.case import Case


def prior(case: Case, seed: int) -> Fitted:
    """Mean absolute log fold change of the path's genes; see `pathlore.model.path_prior`, mode deg."""
    return _ranking(path_prior(case.graph, "deg"))


def activity(case: Case, seed: int) -> Fitted:
    """By how much the path's mean z-score differs between the classes; see `effect_size`."""
    return _by_activity(case, signed=False)


def activity_signed(case: Case, seed: int) -> Fitted:
    """The same, where genes behind an inhibiting step count the other way round."""
    return _by_activity(case, signed=True)


def random(case: Case, seed: int) -> Fitted:
    """Drawn from seed and fold, so that repeats do not agree."""
    return _ranking(np.random.default_rng([seed, case.fold]).random(len(case.graph.paths)))


def effect_size(values: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    r"""Size of Cohen's d of each column between the classes.

    .. math:: |d| = |\bar a_1 - \bar a_0|\ \Big/\ \sqrt{\frac{(n_1 - 1) s_1^2 + (n_0 - 1) s_0^2}{n_1 + n_0 - 2}}

    with means, variances and numbers of the cells inside and outside a class. With more than two classes the largest,
    each class against the rest. 0 where a column does not vary.

    Parameters
    ----------
    values
        (n, P).
    labels
        (n,) class indices.
    classes
        C.

    Returns
    -------
    (P,) float64.
    """
    sizes = []
    for label in [1] if classes == 2 else range(classes):
        inside, outside = values[labels == label], values[labels != label]
        squares = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in (inside, outside))
        pooled = np.sqrt(squares / (len(values) - 2))
        difference = np.abs(inside.mean(axis=0) - outside.mean(axis=0))
        sizes.append(np.divide(difference, pooled, out=np.zeros_like(difference), where=pooled > 1e-12))
    return np.max(sizes, axis=0)


def _by_activity(case: Case, *, signed: bool) -> Fitted:
    train = {Split.TRAIN: case.data[Split.TRAIN]}
    values = path_activities(case.graph, train, signed=signed)[Split.TRAIN]
    return _ranking(effect_size(values, train[Split.TRAIN].labels, len(case.class_names)))


def _ranking(scores: np.ndarray) -> Fitted:
    return Fitted(rankings={"importance": scores})
