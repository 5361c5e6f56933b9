"""What is run on a case: the model in any of its forms, a baseline, or the model where there is nothing to find."""

import numpy as np

from pathlore.config import Parameters
from pathlore.evaluation.baselines import BASELINES
from pathlore.evaluation.fitted import ALONE, STRENGTH, Fitted
from pathlore.evaluation.nulls import deterministic_case, permuted_case
from pathlore.evaluation.tasks import DETERMINISTIC, PERMUTED, START, Task
from pathlore.keys import Method, Split
from pathlore.model import TextNumericGraphTransformer
from pathlore.study.case import Case
from pathlore.study.fit import fit_case, importance_at_start
from pathlore.training.data import CellSet, blocks


def run_method(task: Task, case: Case, parameters: Parameters) -> tuple[Case, Fitted]:
    """Run a task's method.

    Returns
    -------
    case, fitted
        The case as the method saw it (labels may be permuted), and what it made of it.
    """
    if task.variant in BASELINES:
        return case, BASELINES[task.variant](case, task.seed)
    if task.kind == START:
        return case, Fitted(rankings={"importance": importance_at_start(case, parameters)})
    if task.variant == PERMUTED:
        case = permuted_case(case, task.seed)
    elif task.variant == DETERMINISTIC:
        case = deterministic_case(case, task.seed)
    return case, fit_model(case, parameters)


def fit_model(case: Case, parameters: Parameters) -> Fitted:
    """Fit the model, predict the held-out cells, rank the paths.

    The rankings are ``importance`` (the global score I; per cell: the mean attention over the test cells, which is
    ``attention`` too), ``activity_auroc`` (AUROC of the path's activity alone on the test cells, oriented by the
    training cells, so that a path that turns round there comes last), ``mean_rank`` of the two, and ``prior`` (fold
    changes).
    """
    import torch

    from pathlore.explain.importance import activity_auroc
    from pathlore.model import path_prior
    from pathlore.training.metrics import auroc
    from pathlore.training.trained_model import by_branch

    config, training = parameters.modeling.model, parameters.modeling.training
    model, history = fit_case(case, parameters)
    module = model.module()
    held = {split: by_branch(model, case.data[split], training.batch_size) for split in (Split.VALIDATION, Split.TEST)}
    probabilities = {split: answers[Method.MODEL] for split, answers in held.items()}
    rankings = {}
    if config.importance == "per_cell":
        rankings["importance"] = rankings["attention"] = mean_attention(
            module, case.data[Split.TEST], training.batch_size
        )
    elif config.importance == "global":
        rankings["importance"] = model.importance.astype(np.float64)
        rankings[STRENGTH] = model.strength
    rankings["activity_auroc"] = np.nan_to_num(activity_auroc(module, case.data[Split.TEST]), nan=0.5)
    if "importance" in rankings:
        rankings["mean_rank"] = mean_rank(rankings["importance"], rankings["activity_auroc"])
    rankings["prior"] = path_prior(case.graph, training.prior_mode)
    test = case.data[Split.TEST]
    notes = {
        f"{method}{ALONE}": auroc(test.labels, answers)
        for method, answers in held[Split.TEST].items()
        if method != Method.MODEL
    }
    with torch.no_grad():
        n_parameters = sum(parameter.numel() for parameter in module.parameters())
    notes |= {
        "epochs": float(len(history)),
        "best_epoch": float(model.best_epoch),
        "parameters": float(n_parameters),
        "mean_importance": float(np.mean(rankings.get("importance", np.nan))),
    }
    return Fitted(probabilities, rankings, notes)


def mean_attention(module: TextNumericGraphTransformer, cells: CellSet, batch_size: int) -> np.ndarray:
    """Mean weight of each path over the cells, (P,), of a model that weighs the paths of each cell."""
    import torch

    with torch.inference_mode():
        total = sum(
            module.path_weights(torch.from_numpy(batch).to(module.gene_mean.device))
            .sum(dim=0, dtype=torch.float64)
            .cpu()
            for batch in blocks(cells.x, batch_size)
        )
    return np.asarray(total) / len(cells)


def mean_rank(*scores: np.ndarray) -> np.ndarray:
    """Mean rank of the paths over several scores, between 0 and 1, the highest the most important; (P,).

    Examples
    --------
    >>> mean_rank(np.array([0.1, 0.9, 0.5]), np.array([0.6, 0.9, 0.6])).round(3).tolist()
    [0.417, 1.0, 0.583]
    """
    from scipy.stats import rankdata

    return np.mean([rankdata(score) for score in scores], axis=0) / len(scores[0])
