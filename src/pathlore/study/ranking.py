"""The paths of a fitted case, ranked, with what speaks for each."""

import pandas as pd

from pathlore.config import Parameters
from pathlore.study.fit import FittedCase


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
