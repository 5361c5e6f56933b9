"""The default model fitted again: to other donors, from other seeds, and to permuted labels."""

import pandas as pd

from pathlore.config import Parameters
from pathlore.evaluation.fitted import STRENGTH
from pathlore.evaluation.permutation import path_significance
from pathlore.evaluation.results import collect
from pathlore.evaluation.runner import run_tasks, smaller
from pathlore.evaluation.tasks import permuted, plan
from pathlore.evaluation.variants import sized
from pathlore.evaluation.workshop import scenario_population
from pathlore.keys import Method
from pathlore.schemas import EvaluationRankings
from pathlore.study.sources import Sources

BESIDE = {
    "importance": "importance_mean",
    "importance_sd": "importance_sd",
    "rank": "rank_mean",
    "rank_sd": "rank_sd",
    "selection_frequency": "selection_frequency",
    "repeats": "refits",
    "p": "p",
    "q": "q",
    "permutations": "permutations",
}
"""Column of `pathlore.schemas.PathSignificance` -> column of `pathlore.schemas.PathImportance`."""


def refit(sources: Sources, parameters: Parameters) -> pd.DataFrame:
    """Rank the paths of each population again and again, as `interpretation.refits` in the parameters asks for.

    Fit r of ``folds`` holds out fold r of the donors and draws from seed r; ``seeds`` further fits hold out fold 0 and
    draw from other seeds; ``permutations`` fits see permuted labels. Whatever is fitted, the list of paths included, is
    fitted anew on the training cells of each. Finished fits are kept in the folder ``store``.

    Parameters
    ----------
    sources
        Prepared cells and knowledge.
    parameters
        All of them.

    Returns
    -------
    `pathlore.schemas.EvaluationRankings`; without a row where no fit is asked for.

    Raises
    ------
    PathloreError
        All fits failed, or another process uses the store.
    """
    config = parameters.interpretation.refits
    if not config.folds:
        return EvaluationRankings.empty()
    base = sized(parameters.changed(_plan_of(parameters), "interpretation.refits"))
    small, names = smaller(sources, base)
    tasks = plan(base, names, scenario_population())
    tasks += [task for name in names for task in permuted(name, config.permutations, config.folds)]
    rankings = collect(run_tasks(small, base, tasks, name="Refits")).rankings
    return rankings[rankings["score"].isin(["importance", STRENGTH])].reset_index(drop=True)


def _plan_of(parameters: Parameters) -> dict[str, object]:
    """An evaluation of the default model alone."""
    config = parameters.interpretation.refits
    size = {
        "folds": max(2, config.folds),
        "repeats": config.folds,
        "seeds": config.seeds,
        "permutations": 0,
        "withheld": 0,
        "axes": [],
        "max_cells": config.max_cells,
        "epochs": config.epochs,
        "max_paths": parameters.graph_construction.paths.max_paths,
    }
    block = {
        "size": "full",
        "store": config.store,
        "workers": config.workers,
        "baselines": [],
        "stability": [Method.MODEL],
        "populations": [],
        "scenarios": [],
    }
    sizes = {f"evaluation.full.{key}": value for key, value in size.items()}
    return sizes | {f"evaluation.{key}": value for key, value in block.items()}


def with_refits(importance: pd.DataFrame, rankings: pd.DataFrame, population: str) -> pd.DataFrame:
    """Set what the refits say beside each path of a population.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance` of the population.
    rankings
        From `refit`.
    population
        Its name.

    Returns
    -------
    The table with the columns of `BESIDE`, see `pathlore.evaluation.permutation.path_significance`. A path that no
    refit listed has 0 of them, and no figures.
    """
    own = rankings[rankings["population"] == population]
    found = path_significance(own).set_index("path").rename(columns=BESIDE).reindex(importance["path"])
    counts = {name: found[name].fillna(0).astype(int).to_numpy() for name in ("refits", "permutations")}
    figures = {name: found[name].astype(float).to_numpy() for name in BESIDE.values() if name not in counts}
    return importance.assign(**figures, **counts)
