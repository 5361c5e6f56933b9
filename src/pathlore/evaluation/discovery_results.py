"""The search for paths beyond the list as a task: on a population's own cells, or for a planted path taken off it."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from pathlore.config import Parameters
from pathlore.errors import PathloreError
from pathlore.evaluation.discovery import PROPOSED, RANDOM, Search, discover, withheld
from pathlore.evaluation.results import METRIC_COLUMNS, Result
from pathlore.evaluation.tasks import WITHHELD, Task
from pathlore.study.case import Case
from pathlore.study.prepare import prepare, training_fold, working_network
from pathlore.study.sources import Sources


def search_in(
    sources: Sources, parameters: Parameters, population: str, fold: int, n_folds: int, seed: int
) -> tuple[pd.DataFrame, Search]:
    """Prepare the search for new paths of one population, on one fold's training cells.

    Parameters
    ----------
    sources
        Cells and knowledge.
    parameters
        All of them; those of ``interpretation.discovery`` bound the search.
    population
        Its name.
    fold, n_folds
        Which fold is held out for the test, see `pathlore.expression.splits.fold_splits`.
    seed
        Of the fits and of the random paths.

    Returns
    -------
    paths, search
        The list, and what `pathlore.evaluation.discovery.discover` and ``withheld`` take beside it.
    """
    training = training_fold(sources, parameters, population, fold, n_folds)

    def rebuild(paths: pd.DataFrame) -> Case:
        given = replace(sources, given=paths[["path"]])
        return prepare(given, _as_given(parameters, len(paths)), fold, n_folds, seed, only=population)[population]

    listed = prepare(sources, parameters, fold, n_folds, seed, only=population)[population].graph.paths
    return listed.drop(columns="text"), Search(
        network=working_network(sources, parameters),
        statistics=training.statistics,
        bounds=parameters.graph_construction.paths,
        config=parameters.interpretation.discovery,
        model=parameters.modeling.model,
        training=parameters.modeling.training.model_copy(update={"seed": seed, "checkpoints": None}),
        rebuild=rebuild,
        split_by=training.split_by,
    )


def _as_given(parameters: Parameters, n_paths: int) -> Parameters:
    """The same, with the list of paths as it is given."""
    changes = {"mode": "file", "max_paths": n_paths, "max_per_receptor": None}
    no_filter: dict[str, list[str]] = {"receptors": [], "tfs": [], "genes": [], "pathways": []}
    construction = parameters.graph_construction
    paths = construction.paths.model_copy(update=changes | no_filter)
    return parameters.model_copy(update={"graph_construction": construction.model_copy(update={"paths": paths})})


def look_for_paths(task: Task, sources: Sources, parameters: Parameters) -> Result:
    """Search the network for paths beyond the list of one population.

    Parameters
    ----------
    task
        The variant `withheld` takes a planted path off the list first, drawn by the seed.
    sources, parameters
        Of the cells that are searched with.

    Returns
    -------
    A result without metrics, predictions and rankings; its numbers of paths are its notes.

    Raises
    ------
    PathloreError
        From preparation, fits and search; or no planted path is on the list.
    """
    folds = parameters.evaluation.chosen.folds
    paths, search = search_in(sources, parameters, task.population, task.fold, folds, task.seed)
    empty = pd.DataFrame(columns=METRIC_COLUMNS), pd.DataFrame(), pd.DataFrame()
    if task.variant == WITHHELD:
        truth = sources.truth.get(task.population, frozenset())
        row = asdict(withheld(paths, drawn_path(paths["path"], truth, task.seed), search))
        numbers = {name: float(value) for name, value in row.items() if name != "path" and value is not None}
        return Result(*empty, numbers, search.split_by, 0.0, withheld=pd.DataFrame([row]).astype({"rank": "Int64"}))
    table = discover(paths, search)
    numbers = {
        "proposed": float((table["origin"] == PROPOSED).sum()),
        "kept": float(table["kept"].sum()),
        "random": float((table["origin"] == RANDOM).sum()),
        "random_passed": float((table["passes"] & (table["origin"] == RANDOM)).sum()),
    }
    return Result(*empty, numbers, search.split_by, 0.0, discovered=table)


def drawn_path(listed: pd.Series, planted: frozenset[str], seed: int) -> str:
    """One of the planted paths that are on the list.

    Raises
    ------
    PathloreError
        None is.
    """
    known = sorted(planted & set(listed))
    if not known:
        raise PathloreError(
            f"none of the {len(planted)} planted paths is among the {len(listed)} listed ones, so that none can be "
            "withheld: raise `evaluation.*.max_paths`"
        )
    return str(np.random.default_rng(seed).choice(known))
