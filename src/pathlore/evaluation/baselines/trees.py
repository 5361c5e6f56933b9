"""Gradient boosting on genes: a method that finds thresholds and interactions by itself."""

from itertools import islice

import numpy as np

from pathlore.evaluation.baselines.choice import HELD_OUT, WORST, score, with_all_classes
from pathlore.evaluation.fitted import Fitted
from pathlore.keys import Split
from pathlore.study.case import Case
from pathlore.training.data import CellSet, dense

LEARNING_RATE = 0.05
LEAVES = (4, 16)
"""Leaves of a tree: settings that are tried."""
ROUNDS = 300
"""Trees of each class, at most."""
BINS = 64
"""Values that are told apart of each gene, at most."""
PATIENCE = 20
"""Rounds without a better validation AUROC after which a fit ends."""


def gradient_boosting(case: Case, seed: int) -> Fitted:
    """Boosted trees on histograms of the graph's genes, with balanced classes.

    Leaves and the number of rounds are those with the best score on the validation cells. Source:
    `sklearn.ensemble.HistGradientBoostingClassifier`, after LightGBM (Ke et al. 2017).
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    data = with_all_classes(case)
    x = binned(data)
    train, validation = data[Split.TRAIN], data[Split.VALIDATION]
    best, best_score = Fitted(), WORST
    for leaves in LEAVES:
        model = HistGradientBoostingClassifier(
            learning_rate=LEARNING_RATE,
            max_leaf_nodes=leaves,
            max_iter=ROUNDS,
            early_stopping=True,
            n_iter_no_change=PATIENCE,
            scoring="roc_auc_ovr",
            class_weight="balanced",
            random_state=seed,
        )
        model.fit(x[Split.TRAIN], train.labels, X_val=x[Split.VALIDATION], y_val=validation.labels)
        stages = model.staged_predict_proba(x[Split.VALIDATION])
        scores = [score(validation.labels, probabilities) for probabilities in stages]
        rounds = max(range(len(scores)), key=scores.__getitem__)
        if scores[rounds] > best_score:
            probabilities = {split: _stage(model, x[split], rounds) for split in HELD_OUT}
            notes = {"leaves": float(leaves), "rounds": float(rounds + 1)}
            best, best_score = Fitted(probabilities, notes=notes), scores[rounds]
    return best


def binned(data: dict[str, CellSet]) -> dict[str, np.ndarray]:
    """Expression as ordinal bins whose edges are quantiles of the training cells; (n, G) float32 by split.

    Trees see the order of values alone. scikit-learn bins by itself, but where classes are weighted it computes each
    edge of each gene for itself, which takes longer than all trees.
    """
    x = {split: dense(cells.x) for split, cells in data.items()}
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = np.quantile(x[Split.TRAIN], inner, axis=0)  # (BINS - 1, G)
    return {
        split: np.column_stack([np.searchsorted(e, v) for e, v in zip(edges.T, values.T, strict=True)]).astype("f4")
        for split, values in x.items()
    }


def _stage(model: object, x: np.ndarray, rounds: int) -> np.ndarray:
    """Probabilities after so many rounds and one, (n, C)."""
    return next(islice(model.staged_predict_proba(x), rounds, None))  # type: ignore[attr-defined]
