"""The fits of cases, and what is read off them: predictions beside the baselines, and their metrics."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pathlore.config import EngineConfig, ModelConfig, Parameters, TrainingConfig
from pathlore.engine import Lost, Report, run_many
from pathlore.errors import PathloreError
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Split
from pathlore.progress import Progress
from pathlore.study.case import Case

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from pathlore.training.data import CellSet
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
    return Fitter(parameters.modeling.model, parameters.modeling.training)(FitInputs.of(case), on_epoch)


@dataclass(frozen=True)
class FitInputs:
    """What the model of one population is fitted from, see `pathlore.training.fit.fit`."""

    name: str
    graph: TextNumericGraph
    gene_vectors: np.ndarray
    path_vectors: np.ndarray
    data: dict[str, "CellSet"]
    class_names: list[str]

    @classmethod
    def of(cls, case: Case) -> "FitInputs":
        """Those of a case."""
        return cls(case.population, case.graph, case.gene_vectors, case.path_vectors, case.data, case.class_names)


@dataclass(frozen=True)
class Fitter:
    """Fit one population after the other, in one process."""

    model: ModelConfig
    training: TrainingConfig

    def __call__(self, inputs: FitInputs, report: Report = lambda row: None) -> tuple["TrainedModel", pd.DataFrame]:
        """Fit; each epoch's row is reported as plain numbers."""
        from pathlore.training.fit import fit

        def on_epoch(row: dict[str, float]) -> None:
            report({name: float(value) for name, value in row.items()})

        return fit(**vars(inputs), model_config=self.model, config=self.training, on_epoch=on_epoch)


def fit_populations(
    names: Sequence[str],
    load: Callable[[str], FitInputs],
    model: ModelConfig,
    training: TrainingConfig,
    engine: EngineConfig,
    on_epoch: Callable[[str, Any], None] = lambda name, row: None,
) -> dict[str, tuple["TrainedModel", pd.DataFrame]]:
    """Fit the model of each population, several at a time where the engine has workers.

    One population has all threads of this process. Several have ``modeling.training.threads`` each, or one, wherever
    they are fitted, so that the weights do not depend on the number of workers. Where several devices or processes of
    torchrun share each batch, populations are fitted one after the other.

    Parameters
    ----------
    names
        Of the populations.
    load
        Reads what one population is fitted from, when its turn comes.
    model, training, engine
        Form of the model, of the fit, and where it runs.
    on_epoch
        Called in this process with the population and each row of `pathlore.schemas.History`.

    Returns
    -------
    Population -> model and history, in the order of the names.

    Raises
    ------
    PathloreError
        A fit fails, or a worker was killed in the middle of one; the other fits are finished first.
    """
    from pathlore.training.machine import one_per_gpu
    from pathlore.training.process_rank import current_rank

    if len(names) == 1 or training.devices * training.nodes * current_rank().processes > 1:
        fitter = Fitter(model, training)
        return {name: fitter(load(name), partial(on_epoch, name)) for name in names}
    engine = one_per_gpu(engine, training)
    fits, lost = {}, {}
    make = partial(Fitter, model, training)
    with Progress("Fits", len(names), lines=False) as progress:
        for name, made in run_many(make, names, engine, load=load, on_report=on_epoch, at_once=True, logs=True):
            progress.advance(note=name)
            if isinstance(made, Lost):
                lost[name] = made.message
            else:
                fits[name] = made
            said = made.message if isinstance(made, Lost) else f"{len(made[1])} epochs"
            logger.info("Fits, %d of %d: %s: %s; %s left", progress.done, len(names), name, said, progress.left())
    if lost:
        name, why = next(iter(lost.items()))
        raise PathloreError(
            f"{len(lost)} of {len(names)} fits were lost, {name} first: {why}; the next start goes on from "
            "`modeling.training.checkpoints`"
        )
    return {name: fits[name] for name in names}


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
    types: dict[str, str | None] = {}
    for split, cells in case.data.items():
        types |= dict(zip(cells.cells, case.cell_types[split], strict=True))
    metrics = metrics_table(table, case.class_names, name, trained, table["cell"].map(types))
    return FittedCase(case, model, history, table, metrics)


def rank_case(fitted: FittedCase, receptors: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Rank the paths by their importance, and set the affinity of their receptors and the tests over donors beside it.

    Parameters
    ----------
    fitted
        A case with its model.
    receptors
        `pathlore.schemas.ActiveReceptors` of the population.
    parameters
        Of the interpretation.

    Returns
    -------
    `pathlore.schemas.PathImportance`.
    """
    from pathlore.explain.donor_tests import donor_tests, with_donor_tests
    from pathlore.explain.importance import path_importance, with_affinity

    case, model = fitted.case, fitted.model
    donors = parameters.interpretation.donors
    mode = parameters.modeling.training.prior_mode
    table = with_affinity(path_importance(model, case.graph, case.data, mode, donors.min_cells), receptors)
    return with_donor_tests(table, donor_tests(case.graph, case.data, case.class_names, donors))
