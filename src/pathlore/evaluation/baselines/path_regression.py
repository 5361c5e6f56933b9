"""Logistic regression on path activities: each path is one feature, its coefficient its importance."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from pathlore.evaluation.baselines.choice import WORST, score, with_all_classes
from pathlore.evaluation.baselines.path_activity import path_activities
from pathlore.evaluation.baselines.penalised import Fit, coefficients, l1, l2, predictions
from pathlore.evaluation.fitted import Fitted
from pathlore.keys import Split
from pathlore.study.case import Case


def paths_l2(case: Case, seed: int) -> Fitted:
    """With an L2 penalty, under which paths that share genes share their weight."""
    return _regression(case, seed, l2)


def paths_l1(case: Case, seed: int) -> Fitted:
    """With an L1 penalty, under which a few paths speak for those that resemble them."""
    return _regression(case, seed, l1)


def _regression(case: Case, seed: int, fit: Fit) -> Fitted:
    """Fit on activities with and without the signs of the steps, and keep what the validation cells prefer.

    The importance of a path is the size of its coefficient, with more than two classes the largest of them; activities
    are standardised by the training cells, so that coefficients are in one unit.
    """
    cells = with_all_classes(case)
    best, best_score = Fitted(), WORST
    for signed in (False, True):
        activities = path_activities(case.graph, cells, signed=signed)
        data = {split: replace(cells[split], x=sparse.csr_matrix(a), stored=None) for split, a in activities.items()}
        model, strength = fit(data, seed)
        probabilities = predictions(model, data)
        found = score(data[Split.VALIDATION].labels, probabilities[Split.VALIDATION])
        if found > best_score:
            importance = np.abs(coefficients(model)).max(axis=0)
            notes = {"strength": strength, "signed": float(signed), "features": float((importance > 0).sum())}
            best, best_score = Fitted(probabilities, {"importance": importance}, notes), found
    return best
