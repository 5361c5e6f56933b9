"""Logistic regression under a penalty, whose strength the validation cells choose."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import sparse

from pathlore.config import BaselineConfig
from pathlore.evaluation.baselines.choice import HELD_OUT
from pathlore.keys import Split
from pathlore.training import baselines
from pathlore.training.data import CellSet, dense
from pathlore.training.metrics import auroc

Fit = Callable[[dict[str, CellSet], int], tuple[object, float]]
"""Cells and seed -> a fitted scikit-learn pipeline and its inverse penalty."""

L2 = BaselineConfig(strengths=[0.0001, 0.001, 0.01, 0.1, 1.0], max_iterations=2000)
"""Inverse penalties that are tried, and iterations of the solver."""

L1_STEPS = (1.5, 2, 3, 5, 8, 13, 21, 34, 89)
"""Inverse L1 penalties that are tried, in multiples of the one at which the first coefficient leaves zero."""


def l2(data: dict[str, CellSet], seed: int) -> tuple[object, float]:
    """Fit with an L2 penalty; the optimum is one, whatever the seed.

    Returns
    -------
    model, C
        A fitted scikit-learn pipeline, and its inverse penalty.
    """
    return baselines.logistic_regression(data, L2)


def l2_wide(data: dict[str, CellSet], seed: int) -> tuple[object, float]:
    """As `l2`, by a method whose cost does not grow with the square of the number of features.

    Features are centred, which the intercept makes up for: the optimum is the same.
    """

    def regression(strength: float) -> Any:
        return _regression(C=strength, solver="lbfgs", max_iter=L2.max_iterations, tol=1e-6)

    return _best(data, regression, L2.strengths)


def l1(data: dict[str, CellSet], seed: int) -> tuple[object, float]:
    r"""Fit with an L1 penalty, whose strength is the one with the best AUROC on the validation cells.

    .. math:: \min_{w, b}\ \lVert w \rVert_1 + C \sum_i \omega_{y_i} \log\big(1 + e^{-y_i (w \cdot \hat x_i + b)}\big)

    on features standardised by the training cells, with :math:`\omega` balancing the classes. With more than two
    classes each has its own regression against the rest. Source of the solver: LIBLINEAR (Fan et al. 2008). It
    penalises b too, which matters little where features are centred and classes balanced.

    Returns
    -------
    model, C
        A fitted scikit-learn pipeline, and its inverse penalty.
    """
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import l1_min_c

    several = len(np.unique(data[Split.TRAIN].labels)) > 2

    def regression(strength: float) -> Any:
        model = _regression(C=strength, l1_ratio=1, solver="liblinear", max_iter=1000, random_state=seed)
        return OneVsRestClassifier(model) if several else model

    least = l1_min_c(_scaler().fit_transform(data[Split.TRAIN].x), data[Split.TRAIN].labels, loss="log")
    return _best(data, regression, least * np.array(L1_STEPS))


def _best(
    data: dict[str, CellSet], regression: Callable[[float], Any], strengths: Iterable[float]
) -> tuple[object, float]:
    """Fit with each strength, the strongest penalty first, and keep the one with the best AUROC on validation cells."""
    from sklearn.pipeline import make_pipeline

    train, validation = data[Split.TRAIN], data[Split.VALIDATION]
    scaler = _scaler().fit(train.x)
    x, x_validation = scaler.transform(train.x), scaler.transform(validation.x)
    best, best_auroc, best_strength = None, -1.0, 0.0
    for strength in strengths:
        model = regression(strength).fit(x, train.labels)
        found = auroc(validation.labels, model.predict_proba(x_validation))
        if found > best_auroc:
            best, best_auroc, best_strength = model, found, strength
    return make_pipeline(scaler, best), float(best_strength)


def _scaler() -> Any:
    """Mean 0 and variance 1 in double precision; sparse rows become dense."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    return make_pipeline(FunctionTransformer(_double, accept_sparse=True), StandardScaler())


def _double(rows: sparse.csr_matrix) -> np.ndarray:
    return dense(rows).astype(np.float64)


def _regression(**options: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(class_weight="balanced", **options)


def coefficients(model: object) -> np.ndarray:
    """Coefficients of a pipeline that `l1` or `l2` has fitted, (1, features) or (C, features)."""
    last = model[-1]  # type: ignore[index]
    return last.coef_ if hasattr(last, "coef_") else np.concatenate([each.coef_ for each in last.estimators_])


def predictions(model: object, data: dict[str, CellSet]) -> dict[str, np.ndarray]:
    """Class probabilities of the held-out cells, (n, C) by split."""
    return {split: model.predict_proba(data[split].x) for split in HELD_OUT}  # type: ignore[attr-defined]
