"""The ranking made again: from other donors, and, where refits are trained, from other seeds."""

from dataclasses import replace

import numpy as np
import pandas as pd

from pathlore.config import Parameters
from pathlore.evaluation.execution import scenario_population
from pathlore.evaluation.permutation import in_top, path_significance
from pathlore.evaluation.results import collect
from pathlore.evaluation.runner import run_tasks, smaller
from pathlore.evaluation.summary import summarise
from pathlore.evaluation.tasks import START, plan
from pathlore.evaluation.variants import sized
from pathlore.keys import Method
from pathlore.schemas import EvaluationRankings, EvaluationSummary
from pathlore.study.sources import Sources

BESIDE = {
    "importance": "importance_mean",
    "importance_sd": "importance_sd",
    "rank": "rank_mean",
    "rank_sd": "rank_sd",
    "selection_frequency": "selection_frequency",
    "all_repeats": "refits",
}
"""Column of `pathlore.schemas.PathSignificance` -> column of `pathlore.schemas.PathImportance`."""


def refit(sources: Sources, parameters: Parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank the paths of each population again and again, as `interpretation.refits` in the parameters asks for.

    Refit r of ``folds`` holds out fold r of the donors. Whatever is fitted, the list of paths included, is fitted anew
    on the training cells of each. With ``epochs: 0`` the scores are those before the first step of training; else a
    model is trained, refit r draws from seed r, and ``seeds`` further ones hold out fold 0 and draw from other seeds.
    Finished refits are kept in the folder ``store``.

    Parameters
    ----------
    sources
        Prepared cells and knowledge.
    parameters
        All of them.

    Returns
    -------
    rankings, out_of_fold
        `pathlore.schemas.EvaluationRankings`, without a row where no fit is asked for; and, of trained refits,
        `pathlore.schemas.EvaluationSummary`: the metrics of all test cells, each predicted by the refit that its donor
        took no part in, with intervals over donors.

    Raises
    ------
    PathloreError
        All fits failed, or another process uses the store.
    """
    config = parameters.interpretation.refits
    if not config.folds:
        return EvaluationRankings.empty(), EvaluationSummary.empty()
    base = sized(parameters.changed(_plan_of(parameters), "interpretation.refits"))
    small, names = smaller(sources, base)
    tasks = plan(base, names, scenario_population())
    if not config.epochs:
        tasks = [replace(task, kind=START) for task in tasks]
    done = collect(run_tasks(small, base, tasks, name="Refits"))
    rankings = done.rankings[done.rankings["score"] == "importance"].reset_index(drop=True)
    if not len(done.predictions):
        return rankings, EvaluationSummary.empty()
    first = done.predictions.merge(_first_seeds(done.predictions), on=["population", "fold", "seed"])
    runs = done.runs.merge(_first_seeds(done.runs), on=["population", "fold", "seed"])
    metrics = summarise(runs, first)
    return rankings, EvaluationSummary.validate(metrics[metrics["metric"] == "auroc"].reset_index(drop=True))


def _first_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The first seed of each fold: further ones predict the same cells again."""
    return table.groupby(["population", "fold"], as_index=False)["seed"].min()


def _plan_of(parameters: Parameters) -> dict[str, object]:
    """An evaluation of the default model alone."""
    config = parameters.interpretation.refits
    size = {
        "folds": max(2, config.folds),
        "repeats": config.folds,
        "seeds": config.fits - config.folds,
        "permutations": 0,
        "withheld": 0,
        "axes": [],
        "max_cells": config.max_cells,
        "epochs": max(1, config.epochs),
        "max_paths": parameters.graph_construction.paths.max_paths,
    }
    block = {
        "size": "full",
        "store": config.store,
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
    The table with the columns of `BESIDE`, see `pathlore.evaluation.permutation.path_significance`, and ``in_top_10``
    in words. A refit that does not list a path counts as one in which it is not among the first ten; a path that no
    refit listed has no other metrics.
    """
    chosen = rankings[rankings["population"] == population]
    found = path_significance(chosen).set_index("path").rename(columns=BESIDE).reindex(importance["path"])
    refits = len(chosen[["fold", "seed"]].drop_duplicates())
    metrics = {name: found[name].astype(float).to_numpy() for name in BESIDE.values() if name != "refits"}
    if refits:
        metrics["selection_frequency"] = np.nan_to_num(metrics["selection_frequency"])
    words = [in_top(share, refits) for share in metrics["selection_frequency"]]
    return importance.assign(**metrics, refits=refits, in_top_10=words)
