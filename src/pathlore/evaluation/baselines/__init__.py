"""Plain methods on the same splits and the same genes, by name.

Each takes a case and a seed. Everything that it fits, scalings included, comes from the training cells, and whatever it
has to choose (penalty, size, epoch) it chooses by the validation cells; test cells are only predicted.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlore.evaluation.fitted import Fitted
    from pathlore.study.case import Case

Baseline = Callable[["Case", int], "Fitted"]
"""Case and seed in, predictions or rankings or both out."""


def _load_and_run(module: str, function: str, case: "Case", seed: int) -> "Fitted":
    """Run a baseline whose module is imported now: each brings a library of its own."""
    return getattr(import_module(f"{__name__}.{module}"), function)(case, seed)


RANKINGS: dict[str, Baseline] = {
    name: partial(_load_and_run, "rankings", name) for name in ("prior", "activity", "activity_signed", "random")
}
"""Those that rank paths and predict nothing."""

BASELINES: dict[str, Baseline] = {
    "majority": partial(_load_and_run, "linear", "majority"),
    "logistic_regression": partial(_load_and_run, "linear", "logistic_regression"),
    "logistic_regression_l1": partial(_load_and_run, "linear", "logistic_regression_l1"),
    "logistic_regression_wide": partial(_load_and_run, "linear", "logistic_regression_wide"),
    "paths_l2": partial(_load_and_run, "path_regression", "paths_l2"),
    "paths_l1": partial(_load_and_run, "path_regression", "paths_l1"),
    "gradient_boosting": partial(_load_and_run, "trees", "gradient_boosting"),
    "perceptron": partial(_load_and_run, "perceptron", "perceptron"),
    "gcn": partial(_load_and_run, "graph_networks", "gcn"),
    "gat": partial(_load_and_run, "graph_networks", "gat"),
    "gin": partial(_load_and_run, "graph_networks", "gin"),
    **RANKINGS,
}
"""All of them."""
