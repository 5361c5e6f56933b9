"""The majority, and logistic regression on genes."""

import numpy as np

from pathlore.evaluation.baselines.choice import HELD_OUT, with_all_classes
from pathlore.evaluation.baselines.penalised import Fit, coefficients, l1, l2, l2_wide, predictions
from pathlore.evaluation.fitted import Fitted
from pathlore.study.case import Case
from pathlore.training import baselines
from pathlore.training.data import CellSet


def majority(case: Case, seed: int) -> Fitted:
    """Frequencies of the classes among the training cells, the same for every cell."""
    frequencies = baselines.majority(case.data, len(case.class_names))
    return Fitted({split: np.tile(frequencies, (len(case.data[split]), 1)) for split in HELD_OUT})


def logistic_regression(case: Case, seed: int) -> Fitted:
    """L2-penalised logistic regression on the graph's genes; see `pathlore.training.baselines`."""
    return _regression(with_all_classes(case), seed, l2)


def logistic_regression_l1(case: Case, seed: int) -> Fitted:
    """L1-penalised logistic regression on the graph's genes: it uses few of them."""
    return _regression(with_all_classes(case), seed, l1)


def logistic_regression_wide(case: Case, seed: int) -> Fitted:
    """L2-penalised logistic regression on the graph's genes and the most variable genes beside them."""
    return _regression(with_all_classes(case, case.wide), seed, l2_wide)


def _regression(data: dict[str, CellSet], seed: int, fit: Fit) -> Fitted:
    model, strength = fit(data, seed)
    used = (coefficients(model) != 0).any(axis=0).sum()
    return Fitted(predictions(model, data), notes={"strength": strength, "features": float(used)})
