"""Names of earlier versions: what a parameter, one of its values, a dataset, or a node is called now."""

import re
from collections.abc import Iterable

from pathlore.errors import nearest

PARAMETERS = {
    "between_cells": "cell_communication",
    "max_lines": "max_interactions",
    "ways": "sign_model",
    "one_direction": "coherent",
    "each_its_own": "unconstrained",
    "evidence": "log_odds_weight",
    "importance_pull": "score_init_penalty",
    "no_evidence": "no_log_odds",
    "no_pull": "no_init_penalty",
    "linear_branch": "branches",
    "no_linear_branch": "no_branches",
}
"""Parameters, their values, and variants of the evaluation."""

DATASETS = {
    "failure_signatures": "diagnostics",
    "between_pairs": "communication_pairs",
    "between_figures": "communication_plots",
    "between_plot": "interactive_communication",
    "draw_between": "draw_communication",
    "importance_plot": "interactive_importance",
    "metrics_plot": "interactive_metrics",
    "donors_plot": "interactive_donors",
    "sentences_plot": "interactive_sentences",
}
"""Datasets and nodes; of the others, ``*_figures`` became ``*_plots``."""

RENAMED = PARAMETERS | DATASETS

REMOVED = {"kernel": "it is no longer needed, since attention always runs on torch's own kernels: leave it out"}
"""Parameters that are gone, and why."""

MOVED = {"evaluation.workers": "engine.workers", "interpretation.refits.workers": "engine.workers"}
"""Parameters that stand in another block now."""


def meant(name: str, known: Iterable[str]) -> str:
    """Write what an unknown name is called now, else the known names that are spelt alike, or nothing.

    Examples
    --------
    >>> meant("modeling.model.ways", []), meant("donor_figures", ["donor_plots"]), meant("modelling", ["modeling"])
    (', it is now called modeling.model.sign_model', ', it is now called donor_plots', ', did you mean modeling?')
    """
    if reason := REMOVED.get(name.rsplit(".", 1)[-1]):
        return f", {reason}"
    known = {str(one) for one in known}
    new = re.sub("_figures$", "_plots", ".".join(RENAMED.get(part, part) for part in name.split(".")))
    if new != name and (new in known or not known):
        return f", it is now called {new}"
    return nearest(name, known)
