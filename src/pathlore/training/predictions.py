"""Predictions on held-out cells, the model's beside the baselines'."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import BaselineConfig
from pathlore.keys import Method, Split
from pathlore.training.baselines import logistic_regression, majority
from pathlore.training.data import CellSet
from pathlore.training.trained_model import TrainedModel, by_branch

logger = logging.getLogger(__name__)


def predictions(
    model: TrainedModel, data: dict[str, CellSet], config: BaselineConfig, batch_size: int, population: str
) -> pd.DataFrame:
    """Predict the validation and test cells by the model, its branches alone, and each baseline.

    Returns
    -------
    `pathlore.schemas.Predictions`: one row per cell, split and method.
    """
    classes = model.class_names
    linear, _ = logistic_regression(data, config)
    frequencies = majority(data, len(classes))
    tables = []
    for split in (Split.VALIDATION, Split.TEST):
        cells = data[split]
        by_method = {
            **by_branch(model, cells, batch_size),
            Method.LOGISTIC_REGRESSION: linear.predict_proba(cells.x),  # type: ignore[attr-defined]
            Method.MAJORITY: np.tile(frequencies, (len(cells), 1)),
        }
        tables += [prediction_table(cells, split, method, values, classes) for method, values in by_method.items()]
    result = pd.concat(tables, ignore_index=True)
    answers = result.loc[result["method"] == Method.MODEL, "predicted"].unique()
    if len(answers) == 1:
        logger.warning(
            "%s: the model calls every held-out cell '%s'. Is the expression normalised (ingestion.quality.scale), do "
            "the gene names match the network, is modeling.training.epochs large enough?",
            population,
            classes[answers[0]],
        )
    return result


def prediction_table(
    cells: CellSet, split: str, method: str, probabilities: np.ndarray, classes: list[str]
) -> pd.DataFrame:
    """One row per cell: `pathlore.schemas.Predictions` of one method on one split; probabilities (n, C)."""
    table = pd.DataFrame({"cell": cells.cells, "donor": cells.donors, "split": split, "method": method})
    table["label"] = cells.labels
    table["predicted"] = probabilities.argmax(axis=1)
    for name, column in zip(classes, probabilities.T, strict=True):
        table[f"probability_of_{name}"] = column.astype(np.float64)
    return table
