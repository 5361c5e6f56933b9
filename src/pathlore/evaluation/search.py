"""What a search for new paths needs, from the cells and the knowledge of a cohort."""

from dataclasses import replace

import pandas as pd

from pathlore.config import Parameters
from pathlore.evaluation.discovery import Search
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
    own = training_fold(sources, parameters, population, fold, n_folds)

    def rebuild(paths: pd.DataFrame) -> Case:
        given = replace(sources, given=paths[["path"]])
        return prepare(given, _as_given(parameters, len(paths)), fold, n_folds, seed, only=population)[population]

    listed = prepare(sources, parameters, fold, n_folds, seed, only=population)[population].graph.paths
    return listed.drop(columns="text"), Search(
        network=working_network(sources, parameters),
        statistics=own.statistics,
        bounds=parameters.graph_construction.paths,
        config=parameters.interpretation.discovery,
        model=parameters.modeling.model,
        training=parameters.modeling.training.model_copy(update={"seed": seed, "checkpoints": None}),
        rebuild=rebuild,
        split_by=own.split_by,
    )


def _as_given(parameters: Parameters, n_paths: int) -> Parameters:
    """The same, with the list of paths as it is given."""
    changes = {"mode": "file", "max_paths": n_paths, "max_per_receptor": None}
    no_filter: dict[str, list[str]] = {"receptors": [], "tfs": [], "genes": [], "pathways": []}
    construction = parameters.graph_construction
    paths = construction.paths.model_copy(update=changes | no_filter)
    return parameters.model_copy(update={"graph_construction": construction.model_copy(update={"paths": paths})})
