"""Every figure by which a classification is judged, on cells and on donors."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from pathlore.keys import Method, Split
from pathlore.training.intervals import LEVELS, MIN_CELLS, WITHIN_TYPES, paths_add


def classification_metrics(labels: np.ndarray, probabilities: np.ndarray, class_names: list[str]) -> dict[str, float]:
    """Judge one set of predictions.

    Parameters
    ----------
    labels
        (n,) true class indices.
    probabilities
        (n, C).
    class_names
        C names; each class has an F1 of its own, named ``f1_<class>``.

    Returns
    -------
    accuracy, balanced_accuracy, auroc, auprc, mcc, f1_<class>. ``auroc`` and ``auprc`` speak of the case (more than two
    classes: the mean over classes against the rest); NaN where only one class is present.
    """
    from sklearn import metrics as sk

    predicted = probabilities.argmax(axis=1)
    classes = range(len(class_names))
    present = np.unique(labels)
    result = {
        "accuracy": float(sk.accuracy_score(labels, predicted)),
        "balanced_accuracy": float(np.mean([(predicted[labels == c] == c).mean() for c in present])),
        "auroc": float("nan"),
        "auprc": float("nan"),
        "mcc": float(sk.matthews_corrcoef(labels, predicted)),
    }
    if len(present) == len(class_names):
        cases = [1] if len(class_names) == 2 else classes
        result["auroc"] = float(np.mean([sk.roc_auc_score(labels == c, probabilities[:, c]) for c in cases]))
        result["auprc"] = float(np.mean([sk.average_precision_score(labels == c, probabilities[:, c]) for c in cases]))
    scores = sk.f1_score(labels, predicted, labels=list(classes), average=None, zero_division=0.0)
    return result | {f"f1_{name}": float(score) for name, score in zip(class_names, scores, strict=True)}


def auroc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Area under the ROC curve; with more than two classes the mean over classes against the rest.

    Rounded to 12 decimals, so that equal areas are equal whichever class is counted: a choice by the best one must not
    hang on rounding.
    """
    cases = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    return round(float(np.mean([_area(labels == c, probabilities[:, c]) for c in cases])), 12)


def _area(inside: np.ndarray, scores: np.ndarray) -> float:
    r"""AUROC by the sum of the ranks of the n cells inside, :math:`(R - n(n+1)/2) / (n\,m)`, m the others; NaN without.

    scikit-learn's function gives the same and spends most of its time on checks: it is called hundreds of times.
    """
    n, m = int(inside.sum()), int((~inside).sum())
    return float((rankdata(scores)[inside].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def within_types(
    labels: np.ndarray, probabilities: np.ndarray, types: Sequence[str | None] | pd.Series
) -> tuple[float, int]:
    """AUROC within the cell types: the mean over those with five or more cells of each class, weighted by cells.

    Returns
    -------
    value, n
        NaN and 0 where no type has enough cells; else n is the number of their cells.
    """
    values, sizes = [], []
    for name in sorted({kind for kind in types if isinstance(kind, str)}):
        inside = np.array([kind == name for kind in types])
        counts = np.bincount(labels[inside], minlength=probabilities.shape[1])
        if counts.min() >= MIN_CELLS:
            values.append(auroc(labels[inside], probabilities[inside]))
            sizes.append(int(inside.sum()))
    return (float(np.average(values, weights=sizes)), sum(sizes)) if sizes else (float("nan"), 0)


def metrics_table(
    predictions: pd.DataFrame,
    class_names: list[str],
    population: str,
    trained_donors: Collection[str],
    cell_types: Sequence[str | None] | pd.Series | None = None,
) -> pd.DataFrame:
    """Judge every method on every held-out split, on cells and, where whole donors were held out, on donors.

    Where cells of several types are pooled, the AUROC of cells has a twin within types (`within_types`): the types of
    cells that a condition has more of tell the classes apart too. The model also has the difference that its paths
    make, see `pathlore.training.intervals.paths_add`.

    A donor's probability is the mean over its cells; a donor with cells of several classes counts once per class.
    Donors with cells in the training set have no donor level: a figure for them would look like one for new donors.

    Parameters
    ----------
    predictions
        `pathlore.schemas.Predictions` of one population.
    class_names
        C names, the control first.
    population
        Its name.
    trained_donors
        Donors with cells in the training set.
    cell_types
        Type of the cell of each row, None where not known; None: none is known.

    Returns
    -------
    `pathlore.schemas.Metrics`.
    """
    if cell_types is not None:
        predictions = predictions.assign(cell_type=list(cell_types))
    columns = [f"probability_of_{name}" for name in class_names]
    rows: list[tuple[object, ...]] = []
    for (method, split), group in predictions.groupby(["method", "split"], sort=False):
        levels = {"cell": group}
        donors = group.dropna(subset=["donor"])
        if len(donors) and not set(donors["donor"]) & set(trained_donors):
            levels["donor"] = donors.groupby(["donor", "label"], as_index=False)[columns].mean()
        for level, table in levels.items():
            metrics = classification_metrics(table["label"].to_numpy(), table[columns].to_numpy(), class_names)
            rows += [(population, level, split, method, name, value, len(table)) for name, value in metrics.items()]
        if cell_types is not None and len(group["cell_type"].dropna().unique()) > 1:
            value, n = within_types(group["label"].to_numpy(), group[columns].to_numpy(), group["cell_type"])
            rows += [(population, WITHIN_TYPES, split, method, "auroc", value, n)] if n else []
    rows += [(population, level, Split.TEST, Method.MODEL, *row) for level, *row in paths_add(predictions)]
    names = ["population", "level", "split", "method", "metric", "value", "n"]
    return pd.DataFrame(rows, columns=names).sort_values(
        by=["level", "split"],
        key=lambda column: column.map({s: i for i, s in enumerate((*LEVELS, *Split.ALL))}),
        kind="stable",
        ignore_index=True,
    )
