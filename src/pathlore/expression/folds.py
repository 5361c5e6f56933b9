"""Test sets in turn: each donor is held out once, and the rest is divided into training and validation cells."""

import numpy as np
import pandas as pd

from pathlore.config import SplitConfig
from pathlore.errors import PathloreError
from pathlore.expression.design import check_design
from pathlore.expression.splits import (
    CANDIDATES,
    MIN_DONORS,
    assigned,
    donor_strata,
    no_donor_split,
    observations,
    pair_sets,
    wants_pairs,
)
from pathlore.keys import Obs, Split


def fold_splits(
    obs: pd.DataFrame, config: SplitConfig, fold: int, n_folds: int, *, paired_donors: bool, population: str
) -> tuple[pd.DataFrame, str]:
    """Hold out one of the folds that the units of a population are dealt to.

    The unit is the donor where donors allow it, by the rules of :func:`~pathlore.expression.splits.split_cells`, else
    the cell. Units are dealt to the folds by :class:`sklearn.model_selection.StratifiedKFold` within each class, donors
    that are paired all together, so that over ``n_folds`` folds each is tested once. Where a class has fewer units
    than folds are asked for, there are as many folds as it has units. A fold beyond the last is one of another deal.
    Where a class has two donors, one pair after the other is tested, see `pathlore.expression.splits.pair_sets`.
    The validation set is drawn from the other units, so many as ``config.validation`` says of all; of 20 draws the one
    is taken that comes nearest to that fraction of the cells of each class.

    Parameters
    ----------
    obs
        One row per cell of the population, as :func:`~pathlore.expression.observations.label_cells` makes it.
    config
        Unit, fraction of the validation set, and seed of the deal.
    fold, n_folds
        Which fold is the test set, from 0, and how many there are.
    paired_donors
        True: a donor may have cells of several classes.
    population
        Name of the population, written into the table.

    Returns
    -------
    table, by
        `pathlore.schemas.Splits`, and ``donor`` or ``cell``.

    Raises
    ------
    PathloreError
        A class has fewer than three cells, or ``by`` is ``donor`` and the donors do not allow it.
    """
    table = observations(obs)
    check_design(table, population)
    if config.by != "cell" and wants_pairs(table, config, paired=paired_donors):
        return assigned(table, pair_sets(table, config, fold, paired=paired_donors), "donor pair", population), "donor"
    strata, sizes, reason = donor_strata(table, paired=paired_donors)
    sets = None
    if config.by != "cell" and not reason:
        sets = _sets(strata, sizes, config, fold, n_folds)
        reason = "" if sets is not None else f"in none of {CANDIDATES} draws did each set hold cells of each class"
    if sets is not None:
        return assigned(table, sets, "donor", population), "donor"
    if config.by == "donor":
        raise no_donor_split(population, reason)
    counts = table[Obs.CONDITION].value_counts()
    if counts.min() < MIN_DONORS:
        raise PathloreError(
            f"{population}: class '{counts.idxmin()}' has {counts.min()} cell(s), at least {MIN_DONORS} are needed for "
            "three sets: raise `ingestion.population.min_cells_per_class`, or change `ingestion.cells.classes`"
        )
    labels = table[Obs.LABEL]
    sets = _sets(labels, pd.get_dummies(labels).astype(int), config, fold, n_folds)
    if sets is None:
        raise PathloreError(f"{population}: no division of {len(table)} cells holds each class: lower the folds")
    return assigned(table, sets, "cell", population), "cell"


def _sets(strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig, fold: int, n_folds: int) -> pd.Series | None:
    """Set of each unit; None where no draw has cells of each class in each set."""
    from sklearn.model_selection import StratifiedKFold

    counts = strata.value_counts()
    folds = min(n_folds, int(counts.min()))
    while folds < counts.min() and (np.ceil(counts / folds) > counts - 2).any():  # two of a class must be left
        folds += 1
    deal, place = divmod(fold, folds)
    for seed in np.random.SeedSequence([config.seed, deal]).generate_state(CANDIDATES):
        cut = StratifiedKFold(folds, shuffle=True, random_state=int(seed)).split(strata, strata)
        tests = [strata.index[test] for _, test in cut]
        if all(sizes.loc[test].sum().all() for test in tests):  # a deal counts for all of its folds
            return _with_validation(strata, sizes, config, tests[place], int(seed))
    return None


def _with_validation(
    strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig, test: pd.Index, seed: int
) -> pd.Series | None:
    from sklearn.model_selection import train_test_split

    best, least = None, np.inf
    rest = strata.drop(test)
    for draw in np.random.SeedSequence(seed).generate_state(CANDIDATES):
        sets = pd.Series(Split.TRAIN, index=strata.index, dtype=object)
        sets[test] = Split.TEST
        for group, units in rest.groupby(rest):
            wanted = round(config.validation * int((strata == group).sum()))
            n = min(max(1, wanted), len(units) - 1)
            sets[train_test_split(units.index, test_size=n, random_state=int(draw))[1]] = Split.VALIDATION
        held = sizes.groupby(sets).sum().reindex(Split.ALL, fill_value=0).to_numpy()  # (3, C) cells
        if (held == 0).any():
            continue
        distance = np.abs(held[1] / held.sum(axis=0) - config.validation).sum()
        if distance < least:
            best, least = sets, distance
    return best
