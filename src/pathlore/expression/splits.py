"""Training, validation and test cells, with no donor on two sides."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import SplitConfig
from pathlore.errors import PathloreError
from pathlore.keys import Obs, Split
from pathlore.schemas import Splits

logger = logging.getLogger(__name__)

CANDIDATES = 20
MIN_DONORS = 3
MAX_WITHOUT_DONOR = 0.1


def split_cells(obs: pd.DataFrame, config: SplitConfig, *, paired_donors: bool, population: str) -> pd.DataFrame:
    """Divide the cells of a population into training, validation and test set.

    The unit is the donor where donors allow it (each class has three or more, or three or more in all when they are
    paired; at most 10 % of the cells lack one, and those are left out), else the cell. Units are drawn with
    :func:`sklearn.model_selection.train_test_split` within each class, or among all donors when they are paired, so
    that each set holds each class. Of 20 draws, whose seeds follow from ``config.seed``, the one is taken that comes
    nearest to the wanted fractions of cells in each class.

    Parameters
    ----------
    obs
        One row per cell of the population, as :func:`~pathlore.expression.observations.label_cells` makes it.
    config
        Fractions of cells, unit, seed.
    paired_donors
        True: a donor may have cells of several classes.
    population
        Name of the population, written into the table.

    Returns
    -------
    Table :class:`~pathlore.schemas.Splits`.

    Raises
    ------
    PathloreError
        A class has fewer than three cells, or ``by`` is ``donor`` and the donors do not allow it.
    """
    table = observations(obs)
    sets, reason = (None, "") if config.by == "cell" else _by_donor(table, config, paired=paired_donors)
    if sets is None and config.by == "donor":
        raise no_donor_split(population, reason)
    by = "donor" if sets is not None else "cell"
    if sets is None:
        if reason or table[Obs.DONOR].notna().any():
            logger.warning(
                "%s: SPLIT BY CELL, %s. Cells of one donor may be in training and test set, so that metrics on the "
                "test set say nothing about new donors",
                population,
                reason or "as `ingestion.split.by` says",
            )
        sets = _by_cell(table, config, population)
    return assigned(table, sets, by, population)


def observations(obs: pd.DataFrame) -> pd.DataFrame:
    """The columns of the cells that a split needs, None for what is not known; indexed by cell."""
    table = obs[[Obs.CONDITION, Obs.LABEL, Obs.DONOR, Obs.CELL_TYPE]].astype(object)
    return table.where(table.notna(), None).astype({Obs.LABEL: np.int64})


def no_donor_split(population: str, reason: str) -> PathloreError:
    """The error for a split that was asked for by donor and is not possible."""
    return PathloreError(
        f"{population}: cells cannot be split by donor, {reason}: set `ingestion.split.by: cell`, or change "
        "`ingestion.cells.donor`"
    )


def assigned(table: pd.DataFrame, sets: pd.Series, by: str, population: str) -> pd.DataFrame:
    """Write the set of each unit, donors or cells, to its cells.

    Returns
    -------
    Table :class:`~pathlore.schemas.Splits`; cells of no unit are left out.
    """
    table = table.copy()
    table.insert(0, Obs.CELL, table.index.astype(str))
    table[Obs.POPULATION] = population
    table[Obs.SPLIT] = sets.reindex(table.index) if by == "cell" else table[Obs.DONOR].map(sets)
    without = int(table[Obs.SPLIT].isna().sum())
    table = table[table[Obs.SPLIT].notna()].reset_index(drop=True)
    logger.info(
        "%s: split by %s, %s%s",
        population,
        by,
        ", ".join(f"{(table[Obs.SPLIT] == name).sum()} {name}" for name in Split.ALL),
        f"; {without} cells without a donor left out" if without else "",
    )
    return Splits.validate(table)


def _by_donor(table: pd.DataFrame, config: SplitConfig, *, paired: bool) -> tuple[pd.Series | None, str]:
    """Set of each donor, or None and the reason why there is none."""
    strata, sizes, reason = donor_strata(table, paired=paired)
    if reason:
        return None, reason
    sets = _best_draw(strata, sizes, config)
    return sets, "" if sets is not None else f"in none of {CANDIDATES} draws did each set hold cells of each class"


def donor_strata(table: pd.DataFrame, *, paired: bool) -> tuple[pd.Series, pd.DataFrame, str]:
    """Find the groups of donors that each set must draw from.

    Returns
    -------
    strata, sizes, reason
        Group of each donor, the class of most of its cells or one group of all where donors are paired; its cells of
        each class; and why cells cannot be split by donor, empty where they can.
    """
    known = table.dropna(subset=[Obs.DONOR])
    nothing = pd.Series(dtype=int), pd.DataFrame()
    if known.empty:
        return *nothing, "no donor is known"
    without = 1 - len(known) / len(table)
    if without > MAX_WITHOUT_DONOR:
        return *nothing, f"{without:.0%} of the cells lack a donor (at most {MAX_WITHOUT_DONOR:.0%} allowed)"
    sizes = pd.crosstab(known[Obs.DONOR], known[Obs.LABEL]).reindex(
        columns=sorted(table[Obs.LABEL].unique()), fill_value=0
    )  # (donors, C) cells
    names = dict(zip(table[Obs.LABEL], table[Obs.CONDITION], strict=True))
    strata = pd.Series(0, index=sizes.index) if paired else sizes.idxmax(axis=1)
    donors = {"all classes": len(sizes)} if paired else {names[k]: int((strata == k).sum()) for k in sizes.columns}
    if min(donors.values()) < MIN_DONORS:
        found = ", ".join(f"{n} in {name}" for name, n in donors.items())
        confounded = "" if paired or min(donors.values()) > 1 else ", so that condition and batch cannot be told apart"
        return strata, sizes, f"too few donors ({found}; at least {MIN_DONORS} needed){confounded}"
    return strata, sizes, ""


def _by_cell(table: pd.DataFrame, config: SplitConfig, population: str) -> pd.Series:
    counts = table[Obs.CONDITION].value_counts()
    if counts.min() < MIN_DONORS:
        raise PathloreError(
            f"{population}: class '{counts.idxmin()}' has {counts.min()} cell(s), at least {MIN_DONORS} are needed for "
            "three sets: raise `ingestion.population.min_cells_per_class`, or change `ingestion.cells.classes`"
        )
    return _draw(table[Obs.LABEL], config, _seeds(config)[0])


def _best_draw(strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig) -> pd.Series | None:
    wanted = np.array([config.train, config.validation, config.test])[:, None]
    best, least = None, np.inf
    for seed in _seeds(config):
        sets = _draw(strata, config, seed)
        held = sizes.groupby(sets).sum().reindex(Split.ALL, fill_value=0).to_numpy()  # (3, C) cells
        if (held == 0).any():
            continue
        distance = np.abs(held / held.sum(axis=0) - wanted).sum()
        if distance < least:
            best, least = sets, distance
    return best


def _draw(strata: pd.Series, config: SplitConfig, seed: int) -> pd.Series:
    """Set of each unit: in each stratum first the test set, then the validation set from the rest, one unit or more."""
    from sklearn.model_selection import train_test_split

    sets = pd.Series(Split.TRAIN, index=strata.index, dtype=object)
    for _, units in strata.groupby(strata):
        n_test = min(max(1, round(config.test * len(units))), len(units) - 2)
        n_validation = min(max(1, round(config.validation * len(units))), len(units) - n_test - 1)
        rest, test = train_test_split(units.index, test_size=n_test, random_state=seed)
        _, validation = train_test_split(rest, test_size=n_validation, random_state=seed)
        sets[test], sets[validation] = Split.TEST, Split.VALIDATION
    return sets


def _seeds(config: SplitConfig) -> list[int]:
    return [int(seed) for seed in np.random.SeedSequence(config.seed).generate_state(CANDIDATES)]
