"""How a baseline chooses among its settings: by the validation cells, each method by the same rule."""

import numpy as np

from pathlore.errors import PathloreError
from pathlore.keys import Split
from pathlore.study.case import Case
from pathlore.training.data import CellSet
from pathlore.training.metrics import auroc

Score = tuple[float, float]
"""Validation AUROC to three decimals, and minus the log loss, which decides where AUROC is the same."""

WORST: Score = (-1.0, float("-inf"))

HELD_OUT = (Split.VALIDATION, Split.TEST)
"""The splits that are predicted."""


def score(labels: np.ndarray, probabilities: np.ndarray) -> Score:
    """How good a setting is; labels (n,), probabilities (n, C).

    The same rule as for the epochs of the transformer: a few cells decide what lies behind the third decimal, and where
    the classes are easily told apart AUROC stands still at 1.

    Examples
    --------
    >>> labels = np.array([0, 1])
    >>> unsure, sure = np.array([[0.6, 0.4], [0.4, 0.6]]), np.array([[0.9, 0.1], [0.1, 0.9]])
    >>> score(labels, unsure) < score(labels, sure)
    True
    """
    of_the_label = np.take_along_axis(probabilities, labels[:, None], axis=1).clip(1e-12)
    return round(auroc(labels, probabilities), 3), float(np.log(of_the_label).mean())


def with_all_classes(case: Case, data: dict[str, CellSet] | None = None) -> dict[str, CellSet]:
    """The cells of a case (or others of it), after a look whether they suffice to fit and to choose.

    Raises
    ------
    PathloreError
        A class has no training or no validation cell.
    """
    data = case.data if data is None else data
    for split in (Split.TRAIN, Split.VALIDATION):
        sizes = np.bincount(data[split].labels, minlength=len(case.class_names))
        absent = [name for name, n in zip(case.class_names, sizes, strict=True) if n == 0]
        if absent:
            raise PathloreError(
                f"{case.population}, fold {case.fold}: {len(data[split])} {split} cells, none of class "
                f"{', '.join(absent)}; a baseline needs cells of every class to be fitted and chosen: lower the number "
                f"of folds, or raise ingestion.split.{split}"
            )
    return data
