"""Every figure by which a classification is judged, on cells and on donors."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from pathlore.keys import Split


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
    from sklearn import metrics as sk

    if probabilities.shape[1] == 2:
        area = sk.roc_auc_score(labels, probabilities[:, 1])
    else:
        area = sk.roc_auc_score(labels, probabilities, multi_class="ovr", labels=range(probabilities.shape[1]))
    return round(float(area), 12)


def metrics_table(
    predictions: pd.DataFrame, class_names: list[str], population: str, trained_donors: Collection[str]
) -> pd.DataFrame:
    """Judge every method on every held-out split, on cells and, where whole donors were held out, on donors.

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

    Returns
    -------
    `pathlore.schemas.Metrics`.
    """
    columns = [f"probability_of_{name}" for name in class_names]
    rows = []
    for (method, split), group in predictions.groupby(["method", "split"], sort=False):
        levels = {"cell": group}
        donors = group.dropna(subset=["donor"])
        if len(donors) and not set(donors["donor"]) & set(trained_donors):
            levels["donor"] = donors.groupby(["donor", "label"], as_index=False)[columns].mean()
        for level, table in levels.items():
            metrics = classification_metrics(table["label"].to_numpy(), table[columns].to_numpy(), class_names)
            rows += [(population, level, split, method, name, value, len(table)) for name, value in metrics.items()]
    names = ["population", "level", "split", "method", "metric", "value", "n"]
    return pd.DataFrame(rows, columns=names).sort_values(
        by=["level", "split"],
        key=lambda column: column.map({s: i for i, s in enumerate(("cell", "donor", *Split.ALL))}),
        kind="stable",
        ignore_index=True,
    )
