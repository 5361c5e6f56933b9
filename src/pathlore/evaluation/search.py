"""What a search for new paths needs, from the cells and the knowledge of a cohort."""

from dataclasses import replace

import pandas as pd

from pathlore.config import Parameters
from pathlore.evaluation.case import Case
from pathlore.evaluation.discovery import Search
from pathlore.evaluation.prepare import prepare
from pathlore.evaluation.sources import Sources
from pathlore.expression.folds import fold_splits
from pathlore.expression.populations import populations
from pathlore.expression.statistics import training_statistics
from pathlore.graph.bridge import bridge_network
from pathlore.graph.rewire import rewire


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
        Which fold is held out for the test, see `pathlore.expression.folds.fold_splits`.
    seed
        Of the fits and of the random paths.

    Returns
    -------
    paths, search
        The list, and what `pathlore.evaluation.discovery.discover` and ``withheld`` take beside it.
    """
    ingestion, bounds = parameters.ingestion, parameters.graph_construction.paths
    cells = sources.cells
    members = populations(cells.obs, ingestion.population)[population]
    splits, split_by = fold_splits(
        cells.obs.loc[members],
        ingestion.split,
        fold,
        n_folds,
        paired_donors=ingestion.cells.paired_donors,
        population=population,
    )

    def rebuild(paths: pd.DataFrame) -> Case:
        given = replace(sources, given=paths[["path"]])
        return prepare(given, _as_given(parameters, len(paths)), fold, n_folds, seed, only=population)[population]

    listed = prepare(sources, parameters, fold, n_folds, seed, only=population)[population].graph.paths
    return listed.drop(columns="text"), Search(
        network=bridge_network(rewire(sources.network, ingestion.network), set(cells.var_names), bounds),
        statistics=training_statistics(cells, splits, ingestion.gene_filter, list(ingestion.cells.classes)),
        bounds=bounds,
        config=parameters.interpretation.discovery,
        model=parameters.modeling.model,
        training=parameters.modeling.training.model_copy(update={"seed": seed, "checkpoints": None}),
        rebuild=rebuild,
        split_by=split_by,
    )


def _as_given(parameters: Parameters, n_paths: int) -> Parameters:
    """The same, with the list of paths as it is given."""
    changes = {"mode": "file", "max_paths": n_paths, "max_per_receptor": None}
    no_filter: dict[str, list[str]] = {"receptors": [], "tfs": [], "genes": [], "pathways": []}
    construction = parameters.graph_construction
    paths = construction.paths.model_copy(update=changes | no_filter)
    return parameters.model_copy(update={"graph_construction": construction.model_copy(update={"paths": paths})})
