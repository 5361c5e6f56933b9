"""What a plain method makes of the same genes and the same split."""

import logging
from dataclasses import replace

import numpy as np

from pathlore.config import BaselineConfig
from pathlore.keys import Split
from pathlore.training.data import CellSet
from pathlore.training.metrics import auroc
from pathlore.training.sampling import sampled

logger = logging.getLogger(__name__)

MOST_CELLS = 100_000
"""Training cells that the regression is fitted on, at most, and validation cells that its penalty is chosen by: more of
the same donors add little."""

MOST_COEFFICIENTS = 8000
"""Up to so many, Newton's method is used, whose matrix has the square of that number of entries (512 MiB)."""


def majority(data: dict[str, CellSet], classes: int) -> np.ndarray:
    """Frequencies of the classes among the training cells, (C,): the same answer for every cell."""
    return np.bincount(data[Split.TRAIN].labels, minlength=classes) / len(data[Split.TRAIN])


def logistic_regression(data: dict[str, CellSet], config: BaselineConfig) -> tuple[object, float]:
    """Fit L2-penalised logistic regression on standardised expression of the graph's genes.

    Standardisation and coefficients come from the training cells; the strength of the penalty is the one with the best
    AUROC on the validation cells. Cells stay sparse: genes are divided by their standard deviation and not centred,
    which the intercept, that no penalty acts on, makes up for. Newton's method finds the optimum all the same. Of more
    than `MOST_CELLS` cells a sample is taken that is even over donors (`pathlore.training.sampling`).

    Returns
    -------
    model, C
        A fitted scikit-learn pipeline with ``predict_proba``, and its inverse penalty.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, validation = (
        sampled(replace(data[split], wide=None), MOST_CELLS) for split in (Split.TRAIN, Split.VALIDATION)
    )
    x, classes = train.x.astype(np.float64), len(np.unique(train.labels))
    coefficients = x.shape[1] * (1 if classes == 2 else classes)
    solver = "newton-cholesky" if coefficients <= MOST_COEFFICIENTS else "lbfgs"
    best, best_auroc, best_strength = None, -1.0, 0.0
    for strength in sorted(config.strengths):
        model = make_pipeline(
            StandardScaler(with_mean=False),
            LogisticRegression(
                C=strength, max_iter=config.max_iterations, class_weight="balanced", solver=solver, tol=1e-6
            ),
        )
        model.fit(x, train.labels)
        score = auroc(validation.labels, model.predict_proba(validation.x))
        if score > best_auroc:
            best, best_auroc, best_strength = model, score, strength
    logger.info("Logistic regression: C = %g, validation AUROC %.3f", best_strength, best_auroc)
    return best, best_strength
