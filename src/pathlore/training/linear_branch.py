"""The linear branch is fitted when the paths are: strength by donors left out, sizes by the validation cells."""

import logging
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from pathlore.errors import PathloreError
from pathlore.model import TextNumericGraphTransformer
from pathlore.training.data import CellSet, blocks
from pathlore.training.metrics import auroc

logger = logging.getLogger(__name__)

STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Inverse penalties that are tried."""

FOLDS = 4
MOST_ITERATIONS = 2000
LOG_TEMPERATURE = (-4.0, 4.0)


@torch.no_grad()
def fit_linear_branch(
    module: TextNumericGraphTransformer, train: CellSet, validation: CellSet, batch_size: int
) -> None:
    """Fit the branch of a module whose paths are trained; changed in place.

    The strength of the penalty is the one whose predictions for left-out training donors (training cells, where fewer
    than four donors of each class are known) have the best AUROC. Each part's logits are divided by their standard
    deviation over the validation cells, and their mean is multiplied by the temperature of least loss there.

    Parameters
    ----------
    module
        Trained.
    train, validation
        Cells.
    batch_size
        Cells at a time.

    Raises
    ------
    PathloreError
        The module has no such branch.
    """
    branch = module.linear
    if branch is None:
        raise PathloreError("the model has no linear branch to fit: set modeling.model.linear_branch: true")
    model = _regression(train)
    scale, coefficients = model[0].scale_, model[1].coef_
    branch.weights.copy_(torch.from_numpy((coefficients / scale).T))
    branch.bias.copy_(torch.from_numpy(model[1].intercept_))
    module.eval()
    batches = [torch.from_numpy(block) for block in blocks(validation.x, batch_size)]
    parts = [
        torch.cat([part(x) for x in batches]).double().numpy() for part in (module.path_logits, branch.of_genes)
    ]  # (n, C)
    sizes = [max(float(np.std(part - part.mean(axis=1, keepdims=True))), 1e-6) for part in parts]
    mean = parts[0] / (2 * sizes[0]) + parts[1] / (2 * sizes[1])
    temperature = _temperature(mean, validation.labels)
    branch.share.copy_(torch.tensor([temperature / (2 * size) for size in sizes]))
    scores = {"paths": parts[0], "genes": parts[1], "both": mean}
    metrics = (f"{name} {auroc(validation.labels, np.exp(log_softmax(s, axis=1))):.3f}" for name, s in scores.items())
    logger.info("Linear branch, validation AUROC: %s", ", ".join(metrics))


def _regression(train: CellSet) -> Any:
    """Ridge logistic regression on genes divided by their standard deviation, of the best strength."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def model(strength: float) -> Any:
        regression = LogisticRegression(C=strength, max_iter=MOST_ITERATIONS, class_weight="balanced", tol=1e-5)
        return make_pipeline(StandardScaler(with_mean=False), regression)

    x, donors = train.x.astype(np.float64), _donors(train)
    if donors is None:
        cut = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    else:
        cut = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    scores = []
    for strength in STRENGTHS:
        answers = cross_val_predict(model(strength), x, train.labels, groups=donors, cv=cut, method="predict_proba")
        scores.append(auroc(train.labels, answers))
    return model(STRENGTHS[int(np.argmax(scores))]).fit(x, train.labels)


def _donors(train: CellSet) -> list[str] | None:
    """Donor of each cell, if every cell has one and each class has enough of them."""
    if any(donor is None for donor in train.donors):
        return None
    pairs = {(donor, label) for donor, label in zip(train.donors, train.labels.tolist(), strict=True)}
    per_class = np.bincount([label for _, label in pairs])
    return [str(donor) for donor in train.donors] if per_class.min() >= FOLDS else None


def _temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Factor of least class-balanced cross-entropy."""
    counts = np.bincount(labels, minlength=logits.shape[1])
    weights = (1 / np.maximum(counts, 1))[labels]

    def loss(log_factor: float) -> float:
        likelihood = log_softmax(np.exp(log_factor) * logits, axis=1)[np.arange(len(labels)), labels]
        return float(-(weights * likelihood).sum() / weights.sum())

    return float(np.exp(minimize_scalar(loss, bounds=LOG_TEMPERATURE, method="bounded").x))
