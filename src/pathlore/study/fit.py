"""The fit of a case, and what is read off it: predictions beside the baselines, and their metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pathlore.config import Parameters
from pathlore.keys import Split
from pathlore.study.case import Case

if TYPE_CHECKING:
    from pathlore.training.trained_model import TrainedModel


@dataclass(frozen=True)
class FittedCase:
    """A case with its model.

    Attributes
    ----------
    case
        What was fitted.
    model
        Weights and their meaning.
    history
        `pathlore.schemas.History`, one row per epoch.
    predictions
        `pathlore.schemas.Predictions` of the validation and test cells, the baselines' beside the model's.
    metrics
        `pathlore.schemas.Metrics`.
    """

    case: Case
    model: "TrainedModel"
    history: pd.DataFrame
    predictions: pd.DataFrame
    metrics: pd.DataFrame


def fit_case(
    case: Case, parameters: Parameters, on_epoch: Callable[[dict[str, float]], None] = lambda row: None
) -> tuple["TrainedModel", pd.DataFrame]:
    """Fit the model of a case on its training cells.

    Parameters
    ----------
    case
        One population, its graph, vectors and cells.
    parameters
        Of the model and the fit.
    on_epoch
        Called after every epoch.

    Returns
    -------
    model, history
        See `pathlore.training.fit.fit`.
    """
    from pathlore.training.fit import fit

    modeling = parameters.modeling
    return fit(
        case.population,
        case.graph,
        case.gene_vectors,
        case.path_vectors,
        case.data,
        case.class_names,
        modeling.model,
        modeling.training,
        on_epoch=on_epoch,
    )


def importance_at_start(case: Case, parameters: Parameters) -> np.ndarray:
    """Importance of the paths of a case before any training, see `pathlore.training.fit.importance_at_start`."""
    from pathlore.training.fit import FitTask, importance_at_start

    train, model, classes = case.data[Split.TRAIN], parameters.modeling.model, len(case.class_names)
    task = FitTask(case.population, case.graph, case.gene_vectors, case.path_vectors, train, train, classes, model)
    return importance_at_start(task, parameters.modeling.training)


def fitted_case(
    case: Case, parameters: Parameters, on_epoch: Callable[[dict[str, float]], None] = lambda row: None
) -> FittedCase:
    """Fit a case, predict its held-out cells by the model and the baselines, and judge all of them."""
    from pathlore.training.metrics import metrics_table
    from pathlore.training.predictions import predictions

    model, history = fit_case(case, parameters, on_epoch)
    modeling, name = parameters.modeling, case.population
    table = predictions(model, case.data, modeling.baseline, modeling.training.batch_size, name)
    trained = {donor for donor in case.data[Split.TRAIN].donors if donor is not None}
    return FittedCase(case, model, history, table, metrics_table(table, case.class_names, name, trained))
